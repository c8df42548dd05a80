"""Which structures a workload runs, and for how long: recorded by the calls themselves, or read from a log.

A record is a line of JSON: a config's structure as keyword arguments of `ATCConfig`, then `kernel` (a preset,
or "generic"), `cpu_level`, and what was counted since the line before: `calls`, `bars`, `symbols` and
`seconds`, the wall-clock time in the kernel. Who appends locks the file: many processes can share it.
"""

import csv
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Self

from .config import ATCConfig, Structure
from .config.preset_file import GENERIC
from .engine.recording import COUNTED, Recorder, record, record_process
from .files import json_lines
from .text import value_from_text

__all__ = ["Recorder", "Usage", "read", "record", "record_process"]

_METADATA = ("kernel", "cpu_level")


class Usage(NamedTuple):
    """What one kernel did for one structure.

    See Also
    --------
    atc_cy.hotpaths.read : Returns a list of them.

    Examples
    --------
    >>> from atc_cy import hotpaths
    >>> with hotpaths.record("calls.jsonl"):
    ...     result = atc_cy.compute_atc_signals([1.0, 1.1, 1.2], ema_len=20)
    >>> [usage] = hotpaths.read("calls.jsonl")
    >>> usage.kernel, usage.calls, usage.bars
    ('generic', 1, 3)
    """

    structure: Structure
    kernel: str | None
    """A preset's name, or "generic"; None if a log does not say."""
    calls: int
    bars: int
    """Rows of all symbols."""
    symbols: int
    """Summed over the calls."""
    seconds: float
    """In the kernel; 0 if a log does not say."""

    def __add__(self, other: Any) -> Self:
        counted = (a + b for a, b in zip(self[2:], other[2:], strict=True))
        return type(self)(self.structure, self.kernel, *counted)


def read(path: str | os.PathLike[str]) -> list[Usage]:
    """Read which structures a workload ran, and for how long.

    Parameters
    ----------
    path
        A file that `record` wrote; or any log of configs: lines of JSON, or CSV with a header if the name
        ends with .csv. Each line has keyword arguments of `ATCConfig` and counts as one call; it may have
        `calls`, `bars`, `symbols` and `seconds`, which count more.

    Returns
    -------
    list of Usage
        One for each structure and kernel, the longest time first, then the most calls.

    Raises
    ------
    OSError
        The file cannot be read.
    ValueError
        A line is not a config; the message names it. A line that is not JSON, because a process was killed
        while it wrote, is logged and skipped.

    See Also
    --------
    atc_cy.hotpaths.record, atc_cy.hotpaths.record_process : Write the file.

    Examples
    --------
    >>> from pathlib import Path
    >>> from atc_cy import hotpaths
    >>> _ = Path("calls.csv").write_text("ema_len,calls\\n20,7\\n28,3\\n")
    >>> [(usage.structure.lengths[0], usage.calls) for usage in hotpaths.read("calls.csv")]
    [(20, 7), (28, 3)]
    """
    path = Path(path)
    rows = _csv_rows(path) if path.suffix.lower() == ".csv" else json_lines.read(path)
    total: dict[tuple[Structure, str | None], Usage] = {}
    for line, row in rows:
        try:
            usage = _usage(row)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{path}, line {line}: {error}") from None
        key = usage.structure, usage.kernel
        total[key] = total[key] + usage if key in total else usage
    return sorted(total.values(), key=lambda usage: (-usage.seconds, -usage.calls, usage.structure))


def _csv_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        for row in reader:
            if None in row or None in row.values():
                raise ValueError(
                    f"{path}, line {reader.line_num}: the header has {len(reader.fieldnames or ())} columns"
                )
            yield (
                reader.line_num,
                {name: value_from_text(name, text) for name, text in row.items() if text.strip()},
            )


def _usage(row: Mapping[str, Any]) -> Usage:
    arguments = {name: value for name, value in row.items() if name not in (*COUNTED, *_METADATA)}
    structure = ATCConfig().override(**arguments).structure
    counted = [row.get(name, default) for name, default in zip(COUNTED, (1, 0, 1, 0.0), strict=True)]
    for name, value in zip(COUNTED, counted, strict=True):
        whole = name != "seconds"
        if (
            isinstance(value, bool)
            or not isinstance(value, int if whole else (int, float))
            or not 0 <= value < 2**63
        ):
            raise ValueError(f"{name}={value!r} must be a {'whole ' if whole else ''}number, at least 0")
    kernel = row.get("kernel")
    if kernel is not None and not isinstance(kernel, str):
        raise TypeError(f"kernel={kernel!r} must be a preset's name or {GENERIC!r}")
    return Usage(structure, kernel, *counted)
