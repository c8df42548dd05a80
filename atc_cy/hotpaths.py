"""Which structures a workload runs, and for how long: recorded by the calls themselves, or read from a log.

A record is a line of JSON: a config's structure as keyword arguments of `ATCConfig`, then `kernel` (a preset,
or "generic"), `cpu_level`, and what was counted since the line before: `calls`, `bars`, `symbols` and
`seconds`, the wall-clock time in the kernel. Whoever appends locks the file: many processes can share it.
"""

import atexit
import csv
import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from threading import Lock
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from .config import LENGTH_FIELDS, ATCConfig, Structure
from .config.preset_file import GENERIC
from .files import json_lines
from .text import value_from_text

if TYPE_CHECKING:
    from .dispatch import Kernel

_COUNTED = ("calls", "bars", "symbols", "seconds")
_TOLD = ("kernel", "cpu_level")
_SECONDS_BETWEEN_WRITES = 1.0

recorders: "tuple[Recorder, ...]" = ()
"""Those that are at work. Whoever runs a kernel looks here first; where there are none, that is all."""
_changing = Lock()


class Usage(NamedTuple):
    """What one kernel did for one structure."""

    structure: Structure
    kernel: str | None
    """A preset's name, or "generic"; None if a log does not tell."""
    calls: int
    bars: int
    """Rows of all symbols."""
    symbols: int
    """Summed over the calls."""
    seconds: float
    """In the kernel; 0 if a log does not tell."""

    def __add__(self, other: Any) -> Self:
        counted = (a + b for a, b in zip(self[2:], other[2:], strict=True))
        return type(self)(self.structure, self.kernel, *counted)


class Recorder:
    """Counts what kernels do, and appends it to a file about once a second."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._lock = Lock()
        self._counts: dict[tuple[Structure, str, str], list[float]] = {}
        self._written = monotonic()
        json_lines.append(self.path, [])  # a file that cannot be written is told now

    def add(self, kernel: "Kernel", structure: Structure, bars: int, symbols: int, seconds: float) -> None:
        with self._lock:
            key = (structure, kernel.PRESET or GENERIC, kernel.CPU_LEVEL)
            counts = self._counts.setdefault(key, [0, 0, 0, 0.0])
            for i, more in enumerate((1, bars, symbols, seconds)):
                counts[i] += more
            if monotonic() - self._written > _SECONDS_BETWEEN_WRITES:
                self._write()

    def flush(self) -> None:
        """Write what was counted since the last time."""
        with self._lock:
            self._write()

    def forget(self) -> None:
        """Drop what was not written yet: in a process that was forked it is its parent's."""
        self._lock, self._counts = Lock(), {}

    def _write(self) -> None:
        rows = []
        for (structure, kernel, level), counts in self._counts.items():
            told = {"kernel": kernel, "cpu_level": level, **dict(zip(_COUNTED, counts, strict=True))}
            rows.append({**_arguments(structure), **told})
        self._counts, self._written = {}, monotonic()
        if rows:
            json_lines.append(self.path, rows)


@contextmanager
def record(path: str | os.PathLike[str]) -> Iterator[Recorder]:
    """Record what kernels do, in all threads, until the block ends.

    Parameters
    ----------
    path
        A file that is appended to; other processes may do so at the same time.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    recorder = Recorder(path)
    _start(recorder)
    try:
        yield recorder
    finally:
        _stop(recorder)
        recorder.flush()


def record_process(path: str | os.PathLike[str]) -> None:
    """Record what kernels do until the process ends; `ATC_CY_RECORD` asks for it.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    recorder = Recorder(path)
    _start(recorder)
    atexit.register(recorder.flush)


def _start(recorder: Recorder) -> None:
    global recorders
    from multiprocessing import util

    # A child of multiprocessing ends without atexit.
    util.register_after_fork(recorder, lambda own: util.Finalize(own, own.flush, exitpriority=0))
    with _changing:
        recorders = (*recorders, recorder)


def _stop(recorder: Recorder) -> None:
    global recorders
    with _changing:
        recorders = tuple(other for other in recorders if other is not recorder)


def _forget() -> None:
    for recorder in recorders:
        recorder.forget()


os.register_at_fork(after_in_child=_forget)


def measured(
    kernel: "Kernel", structure: Structure, bars: int, symbols: int
) -> "AbstractContextManager[None]":
    """Count a call, if it does not fail, with all recorders that are at work."""
    return _measured(recorders, kernel, structure, bars, symbols) if recorders else _UNMEASURED


_UNMEASURED = nullcontext()


@contextmanager
def _measured(
    working: tuple[Recorder, ...], kernel: "Kernel", structure: Structure, bars: int, symbols: int
) -> Iterator[None]:
    start = perf_counter()
    yield
    for recorder in working:
        recorder.add(kernel, structure, bars, symbols, perf_counter() - start)


def read(path: str | os.PathLike[str]) -> list[Usage]:
    """What a file tells, an entry for each structure and kernel, the longest time first, then the most calls.

    Parameters
    ----------
    path
        Records; or any log of configs: lines of JSON, or CSV (its name ends with .csv) with a header. A line
        has keyword arguments of `ATCConfig` and counts as one call; `calls`, `bars`, `symbols` and `seconds`
        may tell more.

    Raises
    ------
    OSError
        The file cannot be read.
    ValueError
        A line is no config; the message names it. One that is no JSON, because a process was killed while it
        wrote, is logged and skipped.
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
    with path.open(newline="") as file:
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
    arguments = {name: value for name, value in row.items() if name not in (*_COUNTED, *_TOLD)}
    structure = ATCConfig().override(**arguments).structure
    counted = [row.get(name, default) for name, default in zip(_COUNTED, (1, 0, 1, 0.0), strict=True)]
    for name, value in zip(_COUNTED, counted, strict=True):
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


def _arguments(structure: Structure) -> dict[str, Any]:
    """The keyword arguments that make this structure."""
    fields = (LENGTH_FIELDS[name] for name in structure.moving_averages)
    lengths = dict(zip(fields, structure.lengths, strict=True))
    return {"moving_averages": structure.moving_averages, "robustness": structure.robustness, **lengths}
