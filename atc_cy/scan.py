"""Many symbols at once: side by side in one kernel, groups of them on threads that share nothing."""

import os
import queue
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from . import hotpaths
from .api import PriceError, price_error
from .config import ATCConfig, checked_integer, suggestion
from .dispatch import Kernel, best_kernel
from .frames import Bars, bars_of

if TYPE_CHECKING:
    import pandas as pd

BARS_BETWEEN_LOOKS = 20_000
"""Bars of a group between two looks at whether to stop: some hundredths of a second."""


class Job(NamedTuple):
    """One symbol: its bars and where its outputs go."""

    name: Hashable
    bars: Bars
    out: NDArray[Any]


@overload
def scan(
    data: NDArray[Any],
    config: ATCConfig | str = ...,
    *,
    outputs: str | Sequence[str] = ...,
    threads: int | None = ...,
    progress: Callable[[int, int], None] | None = ...,
    failures: MutableMapping[Hashable, PriceError] | None = ...,
    out: NDArray[Any] | None = ...,
) -> NDArray[Any]: ...
@overload
def scan(
    data: "pd.DataFrame",
    config: ATCConfig | str = ...,
    *,
    outputs: str | Sequence[str] = ...,
    threads: int | None = ...,
    progress: Callable[[int, int], None] | None = ...,
    failures: MutableMapping[Hashable, PriceError] | None = ...,
) -> "pd.DataFrame": ...
@overload
def scan(
    data: Mapping[Any, Any],
    config: ATCConfig | str = ...,
    *,
    outputs: Literal["last"],
    threads: int | None = ...,
    progress: Callable[[int, int], None] | None = ...,
    failures: MutableMapping[Hashable, PriceError] | None = ...,
) -> "pd.DataFrame": ...
@overload
def scan(
    data: Mapping[Any, Any],
    config: ATCConfig | str = ...,
    *,
    outputs: Literal["all"] | tuple[str, ...] | list[str] = ...,
    threads: int | None = ...,
    progress: Callable[[int, int], None] | None = ...,
    failures: MutableMapping[Hashable, PriceError] | None = ...,
) -> "dict[Any, pd.DataFrame]": ...
def scan(
    data: Any,
    config: ATCConfig | str = "default",
    *,
    outputs: str | Sequence[str] = "all",
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    failures: MutableMapping[Hashable, PriceError] | None = None,
    out: NDArray[Any] | None = None,
) -> Any:
    """Adaptive Trend Classification of many symbols: the numbers of `compute_atc_signals`, faster.

    Parameters
    ----------
    data
        Closing prices: an array (symbols, bars), a DataFrame with one column a symbol, or a mapping of
        symbols to Series, arrays or lists, each of its own length. NaN where a symbol has no bar.
    config
        A config, or the name of a preset.
    outputs
        "all"; "last" for those of each symbol's last bar alone; or some names, such as
        ("Average_Signal",). What is not asked for takes no memory.
    threads
        How many threads; by default as many as there are CPUs for this process. The numbers are the same.
    progress
        Called in this thread, now and then, with the bars done and the bars in all.
    failures
        A mapping that takes, for each symbol that has a row that can be no bar, the reason; the symbol's
        outputs are NaN from there on. Without it, the first such reason is raised after all are done.
    out
        Where to write the outputs of an array: what is returned below, to be used again. Memory that is new
        to a process can cost as much as the computation.

    Returns
    -------
    numpy.ndarray
        Of an array: (symbols, outputs, bars), or with "last" (symbols, outputs). float32 of float32.
    pandas.DataFrame
        Of a DataFrame: its index, columns (symbol, output). With "last": one row a symbol.
    dict of pandas.DataFrame
        Of a mapping: a DataFrame a symbol. With "last": one DataFrame, one row a symbol.

    Raises
    ------
    TypeError, ValueError
        A bad argument.
    PriceError
        A row that can be no bar, without `failures`.
    KernelError
        No kernel can be loaded.
    """
    config = ATCConfig.from_preset(config) if isinstance(config, str) else config
    last = isinstance(outputs, str) and outputs == "last"
    names = _chosen(outputs, config)
    threads = thread_count(threads)
    failed: MutableMapping[Hashable, PriceError] = {} if failures is None else failures
    if out is not None and not isinstance(data, np.ndarray):
        raise TypeError("out is for an array: leave it out, or give data.to_numpy().T")
    jobs, values = jobs_of([(name, prices, None) for name, prices in symbols_of(data)], len(names), last, out)
    run(jobs, config, names, threads, progress, failed)
    if failures is None and failed:
        symbol, error = next(iter(failed.items()))
        raise PriceError(f"{symbol}: {error}", error.row)

    if isinstance(data, np.ndarray):
        return values
    import pandas as pd

    if last:
        return pd.DataFrame(values, pd.Index([job.name for job in jobs], name="symbol"), list(names))
    if isinstance(data, pd.DataFrame):
        columns = pd.MultiIndex.from_product([data.columns, names], names=["symbol", "output"])
        return pd.DataFrame(values.reshape(len(columns), len(data)).T, data.index, columns)
    return {job.name: pd.DataFrame(job.out.T, job.bars.labels, list(names)) for job in jobs}


def thread_count(threads: int | None) -> int:
    """How many to use: what was asked for, checked, or as many as there are CPUs for this process."""
    if threads is None:
        return len(os.sched_getaffinity(0))
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
        yield from data.items()
    elif hasattr(data, "columns") and hasattr(data, "iloc"):
        for i, name in enumerate(data.columns):
            yield name, data.iloc[:, i]
    else:
        raise TypeError(f"data must be an array, a DataFrame or a mapping, not {type(data).__name__}")


def jobs_of(
    symbols: list[tuple[Hashable, Any, Any]], names: int, last: bool = False, out: NDArray[Any] | None = None
) -> tuple[list[Job], NDArray[Any]]:
    """What to compute, and the one array that takes all outputs if the symbols have equally many bars.

    symbols: a name, prices and src (None: the prices) each. names: how many outputs.
    """
    bars = [bars_of(*symbol) for symbol in symbols]
    dtype = np.result_type(*(own.close.dtype for own in bars)) if bars else np.dtype(np.float64)
    sizes = {own.close.size for own in bars}
    outs: Iterable[NDArray[Any]]
    if last or len(sizes) == 1:
        shape = (len(bars), names) if last else (len(bars), names, sizes.pop())
        values = outs = np.empty(shape, dtype) if out is None else _checked(out, shape, dtype)
        if last:
            values.fill(np.nan)  # a symbol may have no bar
    else:
        values, outs = np.empty((0, names, 0)), [np.empty((names, own.close.size), dtype) for own in bars]
    jobs = []
    for (name, _, _), own, own_out in zip(symbols, bars, outs, strict=True):
        close, x = own.close.astype(dtype, copy=False), own.src.astype(dtype, copy=False)
        jobs.append(Job(name, Bars(close, x, own.labels), own_out))
    return jobs, values


def _checked(out: NDArray[Any], shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
    if out.shape != shape or out.dtype != dtype or not out.flags.writeable:
        raise ValueError(
            f"out must be a writeable array of the shape {shape} and {dtype}, not {out.shape} and {out.dtype}"
        )
    return out


def _chosen(outputs: str | Sequence[str], config: ATCConfig) -> tuple[str, ...]:
    if isinstance(outputs, str):
        if outputs not in ("all", "last"):
            raise ValueError(f"outputs={outputs!r} must be 'all', 'last' or a sequence of names")
        return config.output_names
    for name in outputs:
        if name not in config.output_names:
            raise ValueError(f"outputs has {name!r}; {suggestion(name, config.output_names)}")
    if not outputs or len(set(outputs)) < len(outputs):
        raise ValueError(f"outputs={outputs!r} must name at least one output, each once")
    return tuple(outputs)


def run(
    jobs: list[Job],
    config: ATCConfig,
    names: tuple[str, ...],
    threads: int,
    progress: Callable[[int, int], None] | None,
    failed: MutableMapping[Hashable, PriceError],
) -> None:
    """Run all jobs; `failed` takes what keeps one from being done."""
    kernel, bars = best_kernel(config.structure), sum(job.bars.close.size for job in jobs)
    with hotpaths.measured(kernel, config.structure, bars, len(jobs)):
        _run(kernel, jobs, config, names, threads, progress, failed)


def _run(
    kernel: Kernel,
    jobs: list[Job],
    config: ATCConfig,
    names: tuple[str, ...],
    threads: int,
    progress: Callable[[int, int], None] | None,
    failed: MutableMapping[Hashable, PriceError],
) -> None:
    """The groups are the same whatever the number of threads."""
    places = tuple(names.index(name) if name in names else -1 for name in config.output_names)
    stop, done = Event(), queue.SimpleQueue[int]()
    total = sum(job.bars.close.size for job in jobs)
    finished = 0
    if progress:
        progress(0, total)
    pool = ThreadPoolExecutor(threads)
    try:
        work = [
            pool.submit(_run_group, kernel, group, config, places, stop, done)
            for group in _groups(jobs, kernel.PANEL_WIDTH)
        ]
        while finished < total and not stop.is_set():
            try:
                finished += done.get(timeout=0.1)
            except queue.Empty:
                continue
            if progress:
                progress(finished, total)
        for group in work:
            for job, row in group.result():
                failed[job.name] = price_error(job.bars, row, config)
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)


def _groups(jobs: list[Job], width: int) -> Iterator[list[Job]]:
    """Symbols of like length together: the shorter ones of a group wait for the longest."""
    ordered = sorted(jobs, key=lambda job: -job.bars.close.size)
    for first in range(0, len(ordered), width):
        yield ordered[first : first + width]


def _run_group(
    kernel: Kernel,
    group: list[Job],
    config: ATCConfig,
    places: tuple[int, ...],
    stop: Event,
    done: "queue.SimpleQueue[int]",
) -> list[tuple[Job, int]]:
    """Run one group side by side; returns the jobs that stopped early, with their rows."""
    try:
        return _advance_group(kernel, group, config, places, stop, done)
    except BaseException:
        stop.set()
        raise


def _advance_group(
    kernel: Kernel,
    group: list[Job],
    config: ATCConfig,
    places: tuple[int, ...],
    stop: Event,
    done: "queue.SimpleQueue[int]",
) -> list[tuple[Job, int]]:
    panel = kernel.Panel(*config.kernel_arguments)
    closes, srcs = tuple(job.bars.close for job in group), tuple(job.bars.src for job in group)
    outs = tuple(job.out for job in group)
    before = 0
    while not panel.finished and not stop.is_set():
        taken = panel.advance(closes, srcs, outs, places, BARS_BETWEEN_LOOKS)
        done.put(sum(taken) - before)
        before = sum(taken)
    if not panel.finished:  # stopped by another group's error, or by Ctrl-C: no row is to blame
        return []
    spoilt = [(job, row) for job, row in zip(group, taken, strict=True) if row < job.bars.close.size]
    for job, row in spoilt:
        job.out[..., row if job.out.ndim == 2 else 0 :] = np.nan
    done.put(sum(job.bars.close.size for job in group) - before)
    return spoilt
