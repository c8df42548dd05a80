"""docs/performance.md and the README's table show the figures of asv_benchmarks/figures.json."""

import copy
import json
import math
from collections.abc import Iterator
from datetime import date
from typing import Any

import page
import pytest

FIGURES = json.loads(page.FIGURES.read_text("utf-8"))


def test_the_page_is_made_of_the_figures() -> None:
    """After a change of either: python asv_benchmarks/page.py."""
    assert page.PAGE.read_text("utf-8") == page.page(FIGURES)


def test_the_readme_shows_the_figures() -> None:
    text = page.README.read_text("utf-8")
    assert page.readme(text, FIGURES) == text


def test_another_figure_is_seen() -> None:
    changed = copy.deepcopy(FIGURES)
    level = next(iter(changed["levels"].values()))
    level["one series"][0] *= 1.1
    assert page.PAGE.read_text("utf-8") != page.page(changed)
    assert page.README.read_text("utf-8") != page.readme(page.README.read_text("utf-8"), changed)


TABLE = """## How fast

| | ns | \N{MULTIPLICATION SIGN} TA-Lib |
|---|---|---|
| one series of 10,000 bars | 0 | 0 |

End.
"""


def test_only_figures_are_written() -> None:
    figures = {"levels": {"v4": {"one series": [98_084.0, 0.577]}}}
    assert page.readme(TABLE, figures) == TABLE.replace("| 0 | 0 |", "| 98,100 | 0.58 |")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("one series of", "two series of", "the row 'two series of 10,000 bars'"),
        ("| ns |", "| µs |", "the column 'µs'"),
        ("## How fast", "## How slow", "no table under '## How fast'"),
    ],
)
def test_a_row_or_a_column_without_figures_is_refused(old: str, new: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        page.readme(TABLE.replace(old, new), FIGURES)


def test_where_and_when_it_was_measured() -> None:
    machine = FIGURES["machine"]
    assert {"name", "cpu", "system", "python", "compiler"} <= {key for key in machine if machine[key]}
    assert date(2026, 1, 1) <= date.fromisoformat(machine["date"]) <= date.today()
    assert machine["cpus"] >= 1
    assert len(machine["load"]) == 2
    assert {"NumPy", "pandas", "TA-Lib", "Numba"} <= set(machine["versions"])


def numbers(value: Any) -> Iterator[float]:
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from numbers(each)
    else:
        yield value


def test_the_figures_are_numbers() -> None:
    parts = {key: value for key, value in FIGURES.items() if key != "machine"}
    assert parts.keys() == {
        *("rounds", "levels", "ratios", "microseconds", "sweep", "first", "kilobytes"),
    }
    assert all(math.isfinite(number) and number > 0 for number in numbers(parts))
    assert {len(figure) for rows in parts["levels"].values() for figure in rows.values()} == {2}
