"""Counts the calls of kernels; `atc_cy.hotpaths` reads the counts and ranks them."""

import atexit
import os
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from threading import Lock
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, Any

from ..config import LENGTH_FIELDS, Structure
from ..config.preset_file import GENERIC
from ..files import json_lines
from ..text import problem_of

if TYPE_CHECKING:
    from ..dispatch import Kernel

COUNTED = ("calls", "bars", "symbols", "seconds")
_SECONDS_BETWEEN_WRITES = 1.0

recorders: "tuple[Recorder, ...]" = ()
"""The active recorders. A call of a kernel checks this first, and records nothing if it is empty."""
_changing = Lock()


class Recorder:
    """Counts the calls of kernels, and appends the counts to a file about once a second."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._lock = Lock()
        self._counts: dict[tuple[Structure, str, str], list[float]] = {}
        self._written = monotonic()
        json_lines.append(self.path, [])  # a file that cannot be written fails now

    def add(self, kernel: "Kernel", structure: Structure, bars: int, symbols: int, seconds: float) -> None:
        with self._lock:
            key = (structure, kernel.PRESET or GENERIC, kernel.CPU_LEVEL)
            counts = self._counts.setdefault(key, [0, 0, 0, 0.0])
            for i, more in enumerate((1, bars, symbols, seconds)):
                counts[i] += more
            if monotonic() - self._written > _SECONDS_BETWEEN_WRITES:
                with suppress(OSError):  # the caller's result is not lost; `flush` tries again, and raises
                    self._write()

    def flush(self) -> None:
        """Write what was counted since the last time."""
        with self._lock:
            self._write()

    def forget(self) -> None:
        """Drop the counts that were not written yet: in a forked process they belong to the parent."""
        self._lock, self._counts = Lock(), {}

    def _write(self) -> None:
        self._written = monotonic()
        rows = []
        for (structure, kernel, level), counts in self._counts.items():
            metadata = {"kernel": kernel, "cpu_level": level, **dict(zip(COUNTED, counts, strict=True))}
            rows.append({**_arguments(structure), **metadata})
        if rows:
            json_lines.append(self.path, rows)
        self._counts = {}


@contextmanager
def record(path: str | os.PathLike[str]) -> Iterator[Recorder]:
    """Record what kernels do, in all threads, until the ``with`` block ends.

    Parameters
    ----------
    path
        The file to append to; other processes may append to it at the same time.

    Yields
    ------
    Recorder
        Its `flush` writes what was counted since the last time, about a second ago at most.

    Raises
    ------
    OSError
        The file cannot be written.

    See Also
    --------
    atc_cy.hotpaths.record_process : The same until the process ends.
    atc_cy.hotpaths.read : Ranks what was recorded.

    Examples
    --------
    >>> from atc_cy import hotpaths
    >>> with hotpaths.record("calls.jsonl"):
    ...     result = atc_cy.compute_atc_signals([1.0, 1.1, 1.2])
    >>> hotpaths.read("calls.jsonl")[0].kernel
    'default'
    """
    recorder = Recorder(path)
    _start(recorder)
    try:
        yield recorder
    finally:
        _stop(recorder)
        recorder.flush()


def record_process(path: str | os.PathLike[str]) -> None:
    """Record what kernels do until the process ends. Setting ``ATC_CY_RECORD`` to a path does the same.

    A file that cannot be written is reported as a warning, so that recording never ends a program.

    Parameters
    ----------
    path
        As in `record`.
    """
    try:
        recorder = Recorder(path)
    except OSError as error:
        _warn_of(error, "nothing is recorded")
        return
    _start(recorder)
    atexit.register(_flush, recorder)


def _flush(recorder: Recorder) -> None:
    try:
        recorder.flush()
    except OSError as error:
        _warn_of(error, "what was counted since the last write is not recorded")


def _warn_of(error: OSError, lost: str) -> None:
    warnings.warn(f"ATC_CY_RECORD: {problem_of(error)}: {lost}", RuntimeWarning, stacklevel=2)


def _start(recorder: Recorder) -> None:
    global recorders
    from multiprocessing import util

    # A child of multiprocessing does not call atexit functions.
    util.register_after_fork(recorder, lambda child: util.Finalize(child, child.flush, exitpriority=0))
    with _changing:
        recorders = (*recorders, recorder)


def _stop(recorder: Recorder) -> None:
    global recorders
    with _changing:
        recorders = tuple(other for other in recorders if other is not recorder)


def _forget() -> None:
    for recorder in recorders:
        recorder.forget()


if hasattr(os, "register_at_fork"):  # not on Windows, which cannot fork
    os.register_at_fork(after_in_child=_forget)


def measured(
    kernel: "Kernel", structure: Structure, bars: int, symbols: int
) -> "AbstractContextManager[None]":
    """Count a call with every active recorder, unless it fails."""
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


def _arguments(structure: Structure) -> dict[str, Any]:
    """The keyword arguments that make this structure."""
    fields = (LENGTH_FIELDS[name] for name in structure.moving_averages)
    lengths = dict(zip(fields, structure.lengths, strict=True))
    return {"moving_averages": structure.moving_averages, "robustness": structure.robustness, **lengths}
