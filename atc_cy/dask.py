"""Datasets and frames on a cluster: the same steps as Dask tasks (extra ``dask``)."""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future
from typing import Any, NamedTuple, Unpack

import numpy as np
import pandas as pd

from . import dataset
from .config import ATCConfig, ConfigFields, resolve
from .engine.bars import Bars, as_bars
from .engine.resume import Series, State, resume
from .engine.run import price_error
from .errors import PriceError
from .files.columns import SYMBOL, find_named, find_parts, is_the_price
from .files.symbols import symbol_codes
from .frames.order import find_times
from .frames.sources import src_column
from .frames.tables import adapter_of
from .text import find_column

try:
    import dask.dataframe
    import distributed
    from dask.delayed import delayed
    from distributed.comm.core import CommClosedError
    from distributed.scheduler import KilledWorker
except ImportError as error:
    raise ImportError(f"clusters need Dask ({error}): pip install 'atc_cy[dask]'") from None

__all__ = ["atc", "scan"]

STEPS_OF_THREAD = 2
"""Steps that a cluster is given at a time, for each of its threads: the next one is there when one ends."""


def scan(
    source: str | os.PathLike[str],
    destination: str | os.PathLike[str],
    config: ATCConfig | str = "default",
    *,
    client: "distributed.Client | None" = None,
    retries: int = 3,
    **arguments: Any,
) -> dataset.Report:
    """`atc_cy.dataset.scan` on a cluster.

    The workers read the source and write the destination themselves, at the same paths as this process. If a
    worker is lost, another one repeats its step, from the states that are saved with the output.

    Parameters
    ----------
    source, destination, config, **arguments
        As in `atc_cy.dataset.scan`, except `threads` and `executor`.
    client
        The client of the cluster; by default the current one, or else a new local cluster for this call.
    retries
        How often to try a step again that fails, for example because a file system is not reachable.

    Returns
    -------
    Report

    Raises
    ------
    TypeError, ValueError, OSError, KernelError
        As from `atc_cy.dataset.scan`.
    ConnectionError
        The scheduler was lost, or a step has lost several workers, one after the other. The run can be
        resumed.

    See Also
    --------
    atc_cy.dataset.scan : The same on this machine alone.

    Examples
    --------
    >>> import distributed
    >>> import atc_cy.dask
    >>> atc_cy.datasets.load_stocks().to_csv("prices.csv", index=False)
    >>> with distributed.Client(processes=False, dashboard_address=None) as client:
    ...     atc_cy.dask.scan("prices.csv", "signals", client=client)
    Report(rows=12154, symbols=5, failures=())
    """
    if client is None:
        try:
            client = distributed.get_client()
        except ValueError:  # there is none
            with distributed.Client() as local:
                return scan(source, destination, config, client=local, retries=retries, **arguments)
    threads = max(sum(client.nthreads().values()), 1)
    try:
        return dataset.scan(
            source,
            destination,
            config,
            executor=_Workers(client, retries),
            threads=STEPS_OF_THREAD * threads,
            **arguments,
        )
    except (CancelledError, CommClosedError, KilledWorker) as error:
        problem = " ".join(str(error).split()).rstrip(".")
        raise ConnectionError(f"{problem}; {destination} keeps what is written: resume it") from error


class _Workers(Executor):
    """The workers of a cluster.

    Each of its futures ends. Those of `Client.get_executor` need not if the scheduler is lost, or if one is
    cancelled while its result comes in.
    """

    def __init__(self, client: "distributed.Client", retries: int) -> None:
        async def loop() -> asyncio.AbstractEventLoop:
            return asyncio.get_running_loop()

        self._client, self._retries, self._loop = client, retries, client.sync(loop)

    def submit(self, function: "Callable[..., Any]", /, *args: Any, **kwargs: Any) -> "Future[Any]":
        future = self._client.submit(function, *args, **kwargs, retries=self._retries, pure=False)

        async def result() -> Any:
            coming = asyncio.ensure_future(future)
            try:
                return await asyncio.shield(coming)  # the client brings many results in at once
            except asyncio.CancelledError:
                coming.add_done_callback(asyncio.Task.exception)  # else asyncio logs it
                await future.cancel()
                raise

        return asyncio.run_coroutine_threadsafe(result(), self._loop)


def atc(
    frame: "dask.dataframe.DataFrame",
    config: ATCConfig | str = "default",
    *,
    by: str,
    close: str = "close",
    src: str | None = None,
    **overrides: Unpack[ConfigFields],
) -> "dask.dataframe.DataFrame":
    """Adaptive Trend Classification of a Dask DataFrame, computed lazily.

    Parameters
    ----------
    frame
        A long table. The rows of a symbol must follow each other in the order of time. They may continue from
        one partition to the next; only these symbols wait for the partition before.
    config, close, src, by, **overrides
        As in `atc_cy.atc`.

    Returns
    -------
    dask.dataframe.DataFrame
        With the same partitions and index, and the columns that `atc_cy.atc` returns.

    Raises
    ------
    TypeError, ValueError, PriceError
        As from `atc_cy.atc`; errors about rows are raised when they are computed. Also if a symbol occurs
        again after another one.

    See Also
    --------
    atc_cy.atc : A table in memory.

    Examples
    --------
    >>> import dask.dataframe as dd
    >>> import atc_cy.dask
    >>> fx = dd.from_pandas(atc_cy.datasets.load_ecb_fx(), npartitions=4)
    >>> signals = atc_cy.dask.atc(fx, by="symbol")
    >>> signals.compute()["direction"].iloc[-1].item()
    1.0
    """
    config = resolve(config, overrides, function=atc)
    names = list(frame.columns)
    by, close = find_column("by", by, names), find_column("close", close, names)
    computed = bool(find_parts(names, src, close))
    if src is not None and not computed:
        src = close if is_the_price(src, names) else find_column("src", src, names)
    prices = [frame.dtypes[name] for name in ([close] if src is None or computed else [close, src])]
    single = not computed and all(price.kind == "f" and price.itemsize == 4 for price in prices)
    number = np.float32 if single else np.float64
    kinds = {**dict.fromkeys(config.output_names, number), "direction": np.float64, "event": np.int8}
    meta = pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in kinds.items()}, frame._meta.index)
    before, parts = None, []
    for rows in frame.to_delayed():
        partition = delayed(_partition)(rows, config, by, close, src)
        first = delayed(_first, nout=2)(partition, config, by, before)
        before = first[1]
        parts.append(delayed(_joined)(partition, first[0], meta))
    joined: dask.dataframe.DataFrame = dask.dataframe.from_delayed(
        parts, meta, frame.divisions, verify_meta=False
    )
    return joined


class _Partition(NamedTuple):
    """What can be computed of a partition without the one before."""

    labels: "pd.Index[Any]"
    symbols: list[Any]
    """By value: the number 1 and the text "1" are two."""
    kept: list[Any]
    """Each one's value in the column named symbol, where another one was given as `by`."""
    first: Series | None
    """Its first symbol, which may go on from the partition before; None: it is empty."""
    columns: dict[str, Any]
    """Of the rows of the others."""
    last: State | None
    """Of the last symbol, if that is not the first one."""
    dated: bool = False
    """Whether the rows have times."""


class _Before(NamedTuple):
    """What a partition hands on to the next one."""

    symbol: Any
    kept: Any
    state: State | None
    seen: frozenset[Any]
    """All symbols so far."""


def _partition(rows: "pd.DataFrame", config: ATCConfig, by: str, close: str, src: str | None) -> _Partition:
    """Compute all symbols of a partition but the first."""
    names, begins = _symbols(rows, by)
    kept = _kept_apart(rows, by, names, begins)
    if not begins:
        return _Partition(rows.index, [], [], None, {}, None)
    plain = rows.reset_index(drop=True)
    bars = as_bars(plain[close], None if src is None else src_column(adapter_of(plain), src, plain[close]))
    _, times = find_times(adapter_of(rows), others=[close, by])
    time = np.arange(len(rows)) if times is None else times.as_unit("ns").asi8
    ends = [*begins[1:], len(rows)]
    series = []
    for name, begin, end in zip(names, begins, ends, strict=True):
        part, place = slice(begin, end), max(begin - ends[0], 0)
        series.append(Series(str(name), place, time[part], bars.close[part], bars.src[part], None))
    columns, states = _resume(config, series[1:], len(rows) - ends[0], bars.close.dtype)
    last = states[-1] if states else None
    return _Partition(rows.index, names, kept, series[0], columns, last, times is not None)


def _symbols(rows: "pd.DataFrame", by: str) -> tuple[list[Any], list[int]]:
    """The symbols of a partition, and the row at which each begins."""
    codes, names = symbol_codes(rows[by], _place)
    begins = np.flatnonzero(np.diff(codes, prepend=-1)).tolist()
    if len(begins) > len(names):
        again = next(names[codes[row]] for i, row in enumerate(begins) if codes[row] != i)
        raise ValueError(f"{again} occurs again after another symbol: sort the rows by {by!r}")
    return names, begins


def _place(row: int) -> str:
    return f"row {row} of a partition"


def _kept_apart(rows: "pd.DataFrame", by: str, names: list[Any], begins: list[int]) -> list[Any]:
    """The value of each symbol in the column of symbols, if that is another than `by`."""
    column = find_named(rows.columns, SYMBOL)
    if column is None or column == by:
        return [None] * len(names)
    codes, values = symbol_codes(rows[column], _place)
    changes = np.setdiff1d(np.flatnonzero(np.diff(codes)) + 1, begins)
    if changes.size:
        row = int(changes[0])
        name = names[int(np.searchsorted(begins, row, "right")) - 1]
        raise _put_together(by, name, values[codes[row - 1]], values[codes[row]])
    return [values[codes[row]] for row in begins]


def _put_together(by: str, name: Any, one: Any, other: Any) -> ValueError:
    return ValueError(
        f"by={by!r}: {name!r} has several symbols, such as {one!r} and {other!r}: give by={SYMBOL!r}"
    )


def _first(
    partition: _Partition, config: ATCConfig, by: str, before: _Before | None
) -> tuple[dict[str, Any], _Before | None]:
    """Compute the first symbol, which may have begun in a partition before."""
    first, symbols = partition.first, partition.symbols
    if first is None:
        return {}, before
    seen = frozenset(symbols)
    if before is not None:
        again = seen & before.seen - {before.symbol} | frozenset(symbols[1:]) & before.seen
        if again:
            raise ValueError(
                f"{min(again, key=str)} occurs again after another symbol: sort the rows by symbol"
            )
        seen |= before.seen
        if before.symbol == symbols[0]:
            if before.kept != partition.kept[0]:
                raise _put_together(by, before.symbol, before.kept, partition.kept[0])
            first = first._replace(state=before.state)
            if partition.dated and before.state is not None and first.time[0] <= before.state.time:
                raise ValueError(f"{first.symbol}: the rows are not in the order of time")
    columns, states = _resume(config, [first], first.close.size, first.close.dtype)
    state = states[0] if partition.last is None else partition.last
    return columns, _Before(symbols[-1], partition.kept[-1], state, seen)


def _resume(
    config: ATCConfig, series: list[Series], rows: int, kind: Any
) -> tuple[dict[str, Any], list[State | None]]:
    """Call `resume`; raise for a row that is not a valid bar, and for rows out of order."""
    for each in series:
        if not (np.diff(each.time) > 0).all():
            raise ValueError(f"{each.symbol}: the rows are not in the order of time")
    columns, results = resume(config, series, rows, kind)
    for each, (_, accepted) in zip(series, results, strict=True):
        if accepted < each.close.size:
            error = price_error(Bars(each.close, each.src, None), accepted, config)
            raise PriceError(f"{each.symbol}: {error}", error.row)
    return columns, [state for state, _ in results]


def _joined(partition: _Partition, first: dict[str, Any], empty: "pd.DataFrame") -> "pd.DataFrame":
    """The output of a partition: its first symbol, then the others."""
    if partition.first is None:
        return empty
    columns = {name: np.concatenate([first[name], partition.columns[name]]) for name in first}
    return pd.DataFrame(columns, partition.labels)
