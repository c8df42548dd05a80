"""Many symbols: each thread computes one after the other, and threads share nothing."""

import os
import queue
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, MutableMapping
from threading import Event
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..config import ATCConfig, checked_integer
from ..dispatch import Kernel, best_kernel
from ..errors import PriceError
from ..files.columns import SYMBOL, candle_columns, find_named
from ..files.symbols import check_names
from ..files.time_columns import holds_times
from .bars import Bars, bars_of
from .crossing import Turns
from .pool import Inline, pool
from .recording import measured
from .run import advance, new_symbol, price_error

if TYPE_CHECKING:
    import pandas as pd

ROWS_BETWEEN_LOOKS = 100_000
"""Rows between two checks whether to stop: some hundredths of a second."""
ROWS_OF_SCRATCH = 4_096
"""Rows whose outputs are all computed at once, before the wanted ones are copied."""


class Job(NamedTuple):
    """One symbol: its bars, and the array for its outputs."""

    name: Hashable
    bars: Bars
    out: NDArray[Any]
    turns: Turns | None = None
    """Follows the direction, if only the outputs of the last bar are kept."""


def thread_count(threads: int | None) -> int:
    """How many threads to use: the number that was asked for, or one for each CPU of this process."""
    if threads is None:
        # Windows and macOS cannot say which CPUs this process may use.
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if checked_integer("threads", threads) < 1:
        raise ValueError(f"threads={threads} is out of range: give at least 1")
    return threads


def symbols_of(data: Any) -> Iterator[tuple[Hashable, Any]]:
    """Each symbol's name and prices."""
    if isinstance(data, np.ndarray):
        if data.ndim != 2:
            raise ValueError(f"data must have the shape (symbols, bars), not {data.shape}")
        yield from enumerate(data)
    elif isinstance(data, Mapping):
        check_columns(data)
        yield from _without_times(data.items())
    elif hasattr(data, "columns") and hasattr(data, "iloc"):
        check_columns(data.columns)
        yield from _without_times((name, data.iloc[:, i]) for i, name in enumerate(data.columns))
    else:
        raise TypeError(f"data must be an array, a DataFrame or a mapping, not {type(data).__name__}")


def check_columns(names: Iterable[Hashable]) -> None:
    """Refuse the columns of one symbol's candles, a long table, and a symbol that is missing or doubled."""
    names = list(names)
    candle = candle_columns(names)
    if candle:
        shown = ", ".join(map(str, candle))
        raise ValueError(
            f"data has the columns {shown} of one symbol, not one column per symbol: give only the prices, "
            "such as {'BTC': data['close']}, or give the table to atc"
        )
    column = find_named((name for name in names if isinstance(name, str)), SYMBOL)
    if column is not None:
        raise ValueError(
            f"data is a long table, with a column {column!r}: give it to scan or atc with by={column!r}, or "
            f"make each symbol a column, as in data.pivot(index='date', columns={column!r}, values='close')"
        )
    check_names(names, "data")


def _without_times(symbols: Iterable[tuple[Hashable, Any]]) -> Iterator[tuple[Hashable, Any]]:
    """Yield the symbols; refuse one that holds times."""
    for name, prices in symbols:
        if hasattr(prices, "iloc") and prices.ndim == 1 and holds_times(name, prices):
            raise ValueError(
                f"data: {name!r} holds times, which are not prices: make them the index, as in "
                f"data.set_index({name!r})"
            )
        yield name, prices


def jobs_of(
    symbols: list[tuple[Hashable, Any, Any]],
    names: int,
    last: bool = False,
    out: NDArray[Any] | None = None,
    failed: MutableMapping[Hashable, PriceError] | None = None,
) -> tuple[list[Job], NDArray[Any]]:
    """The jobs, and the array that takes all outputs, if the symbols have the same number of bars.

    symbols: the name, prices and src of each (None for the prices). names: how many outputs. failed: the
    symbols that cannot be computed, to which those with bad prices are added; None to raise the errors.
    """
    bars: list[Bars] = []
    checked = None
    for symbol in symbols:
        bars.append(_bars_or_none(symbol, failed, checked))
        if not failed or symbol[0] not in failed:
            checked = bars[-1].labels  # a frame's columns have one index
    dtype = np.result_type(*(each.close.dtype for each in bars)) if bars else np.dtype(np.float64)
    sizes = {each.close.size for each in bars}
    outs: Iterable[NDArray[Any]]
    if last or len(sizes) == 1:
        shape = (len(bars), names) if last else (len(bars), names, sizes.pop())
        values = outs = np.empty(shape, dtype) if out is None else _checked(out, shape, dtype)
        if last:
            values.fill(np.nan)  # a symbol may have no bar
    else:
        values, outs = np.empty((0, names, 0)), [np.empty((names, each.close.size), dtype) for each in bars]
    jobs = []
    for (name, _, _), (close, src, labels), values_of_symbol in zip(symbols, bars, outs, strict=True):
        typed = Bars(close.astype(dtype, copy=False), src.astype(dtype, copy=False), labels)
        jobs.append(Job(name, typed, values_of_symbol))
    return jobs, values


def _bars_or_none(
    symbol: tuple[Hashable, Any, Any],
    failed: MutableMapping[Hashable, PriceError] | None,
    checked: "pd.Index[Any] | None",
) -> Bars:
    """A symbol's bars; missing ones if it has failed."""
    if failed is None:
        return bars_of(*symbol, checked)
    name, prices, src = symbol
    try:
        if name not in failed:
            return bars_of(None, prices, src, checked)
    except (TypeError, ValueError) as error:
        failed[name] = PriceError(str(error), -1)
    index = getattr(prices, "index", None)
    labels = None if callable(index) else index
    missing = np.full(0 if labels is None else len(labels), np.nan)
    return Bars(missing, missing, labels)


def _checked(out: NDArray[Any], shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
    if out.shape != shape or out.dtype != dtype or not out.flags.writeable:
        raise ValueError(
            f"out must be a writeable array of the shape {shape} and {dtype}, not {out.shape} and {out.dtype}"
        )
    return out


def run(
    jobs: list[Job],
    config: ATCConfig,
    names: tuple[str, ...],
    threads: int,
    progress: Callable[[int, int], None] | None,
    failed: MutableMapping[Hashable, PriceError],
) -> None:
    """Run all jobs. failed: takes the error of each symbol that cannot be computed to its end."""
    kernel, total = best_kernel(config.structure), sum(job.bars.close.size for job in jobs)
    # The long ones come first, so that no thread begins a long one when the others have finished.
    left = deque(sorted(range(len(jobs)), key=lambda number: -jobs[number].bars.close.size))
    failed_rows: dict[int, int] = {}
    finished = 0

    def work() -> Iterator[int]:
        return _do(kernel, jobs, config, names, left, failed_rows)

    def report(rows: int) -> None:
        nonlocal finished
        finished += rows
        if progress:
            progress(finished, total)

    report(0)
    threads = min(threads, len(jobs))
    with measured(kernel, config.structure, total, len(jobs)):
        _on_threads(threads, work, total, report)
    for number, row in sorted(failed_rows.items()):
        job = jobs[number]
        failed[job.name] = price_error(job.bars, row, config)


def _on_threads(
    threads: int, work: Callable[[], Iterator[int]], total: int, report: Callable[[int], None]
) -> None:
    """Share the work between threads; this thread reports the progress, and notices Ctrl-C."""
    stop, done = Event(), queue.SimpleQueue[int]()

    def run() -> None:
        try:
            for rows in work():
                done.put(rows)
                if stop.is_set():
                    return
        except BaseException:
            stop.set()
            raise

    with pool(threads) as executor:
        if isinstance(executor, Inline):
            for rows in work():
                report(rows)
            return
        try:
            running = [executor.submit(run) for _ in range(threads)]
            while total and not stop.is_set():
                try:
                    rows = done.get(timeout=0.1)
                except queue.Empty:
                    continue
                total -= rows
                report(rows)
            for thread in running:
                thread.result()
        finally:
            stop.set()


def _do(
    kernel: Kernel,
    jobs: list[Job],
    config: ATCConfig,
    names: tuple[str, ...],
    left: deque[int],
    failed_rows: dict[int, int],
) -> Iterator[int]:
    """Do one job after the other until none is left; yields now and then how many rows were done.

    left: the numbers of the jobs, shared by all threads. failed_rows: takes the numbers of the jobs that end
    early, each with its row.
    """
    fresh, scratch = new_symbol(kernel, config), None
    symbol, step = fresh.copy(), ROWS_BETWEEN_LOOKS
    chosen = [config.output_names.index(name) for name in names]
    average = config.output_names.index("Average_Signal")
    while left:
        try:
            number = left.popleft()
        except IndexError:  # another thread has taken the last one
            return
        job = jobs[number]
        close, src, out = job.bars.close, job.bars.src, job.out
        if scratch is None and (names != config.output_names or job.turns is not None):
            scratch, step = np.empty((len(config.output_names), ROWS_OF_SCRATCH), out.dtype), ROWS_OF_SCRATCH
        symbol.assign(fresh)
        for first in range(0, close.size, step):
            rows = slice(first, min(first + step, close.size))
            size = rows.stop - first
            if out.ndim == 1:
                kept = None if job.turns is None or scratch is None else scratch[:, :size]
                accepted = advance(symbol, close[rows], src[rows], kept)
                if job.turns is not None and kept is not None:
                    job.turns.follow(close[rows][:accepted], kept[average, :accepted])
                with np.errstate(over="ignore"):  # in float32
                    out[:] = symbol.values
            elif scratch is None:
                accepted = advance(symbol, close[rows], src[rows], out[:, rows])
            else:
                accepted = advance(symbol, close[rows], src[rows], scratch[:, :size])
                out[:, rows] = scratch[chosen, :size]
            if accepted < size:
                failed_rows[number] = first + accepted
                out[..., 0 if out.ndim == 1 else first + accepted :] = np.nan
                yield close.size - first
                break
            yield size
