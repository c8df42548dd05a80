"""Write docs/performance.md, and the figures of README.md's table "How fast", from figures.json.

python asv_benchmarks/sidebyside.py --json asv_benchmarks/figures.json measures; python asv_benchmarks/page.py
writes. A test compares both files with what this makes of the JSON.
"""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FIGURES, TEXT = HERE / "figures.json", HERE / "performance.md.in"
PAGE, README = HERE.parent / "docs" / "performance.md", HERE.parent / "README.md"

README_ROWS = {
    "TA-Lib: only the 54 moving averages": "TA-Lib: the 54 moving averages alone",
    "one series of 10,000 bars": "one series",
    "the next bar of a live feed (`Stream`)": "Stream.update",
    "a sweep, for each combination of settings": "sweep, 64 configs, 1 thread",
    "the same indicator as one Numba function": "Numba: one fused function, steady state",
    "PyneCore running the original script": "PyneCore: the script, one bar after the other",
}
"""The rows of README.md's table, and the measurement that each shows, on the best CPU level."""


def table(title: str, unit: str, rows: dict[str, float], decimals: int) -> Iterable[str]:
    yield f"\n{title:<62}{unit:>10}"
    for name, value in rows.items():
        yield f"{name:<62}{value:>10.{decimals}f}"


def tables(figures: dict[str, Any]) -> str:
    """All figures as text."""
    lines: list[str] = []
    for level, rows in figures["levels"].items():
        lines.append(f"\n{f'{level}: CPU time a symbol and bar':<62}{'ns':>10}{'x TA-Lib':>10}")
        lines += [f"{name:<62}{time:>10.1f}{ratio:>10.2f}" for name, (time, ratio) in rows.items()]
    lines += table("medians of the ratios in each round", "ratio", figures["ratios"], 2)
    lines += table("a call on 64 bars, without the kernel's time", "us", figures["microseconds"], 2)
    if figures["sweep"]:
        lines += table("a sweep over 256 configs of 7,000 bars, a config", "ms", figures["sweep"], 2)
    lines += table("first result of 1,500 bars in a fresh process", "seconds", figures["first"], 4)
    lines += table("memory above the input", "kB", figures["kilobytes"], 1)
    return "\n".join(lines).strip("\n")


def page(figures: dict[str, Any]) -> str:
    """docs/performance.md: the text of performance.md.in, filled."""
    machine = figures["machine"]
    before, after = machine["load"]
    return TEXT.read_text("utf-8").format(
        **{key: machine[key] for key in ("name", "cpu", "cpus", "system", "python", "compiler", "date")},
        versions=", ".join(f"{name} {number}" for name, number in machine["versions"].items()),
        load_before=before,
        load_after=after,
        rounds=figures["rounds"],
        tables=tables(figures),
    )


def three_digits(text: str) -> str:
    """A figure of the page as the README shows it.

    >>> three_digits("98084.0"), three_digits("53.6"), three_digits("1.00")
    ('98,100', '53.6', '1')
    """
    return f"{float(f'{float(text):.3g}'):,g}"


def readme(text: str, figures: dict[str, Any]) -> str:
    """README.md with these figures in its table "How fast".

    Raises
    ------
    ValueError
        There is no such table, or it has a row or a column that `README_ROWS` and this function do not know.
    """
    found = re.search(r"^## How fast\n.*?\n((?:\|[^\n]*\n)+)", text, re.MULTILINE | re.DOTALL)
    if found is None:
        raise ValueError("README.md has no table under '## How fast'")
    first, *rows = found[1].splitlines()
    columns = [_column(cell) for cell in _cells(first)[1:]]
    lines = [first, rows[0]]
    for row in rows[1:]:
        label = _cells(row)[0]
        if label not in README_ROWS:
            raise ValueError(
                f"README.md, 'How fast': no figure is known for the row {label!r}; add it to README_ROWS"
            )
        time, ratio = next(iter(figures["levels"].values()))[README_ROWS[label]]
        shown = {"ns": three_digits(f"{time:.1f}"), "ratio": three_digits(f"{ratio:.2f}")}
        lines.append("| " + " | ".join([label, *(shown[column] for column in columns)]) + " |")
    return text[: found.start(1)] + "\n".join(lines) + "\n" + text[found.end(1) :]


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip("|").split("|")]


def _column(head: str) -> str:
    if "TA-Lib" in head:
        return "ratio"
    if head.split()[:1] == ["ns"]:
        return "ns"
    raise ValueError(f"README.md, 'How fast': no figure is known for the column {head!r}")


def main() -> None:
    figures = json.loads(FIGURES.read_text("utf-8"))
    PAGE.write_text(page(figures), encoding="utf-8", newline="\n")
    README.write_text(readme(README.read_text("utf-8"), figures), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
