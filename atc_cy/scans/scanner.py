"""`scan`, which computes many symbols in one call."""

from collections.abc import Hashable, Mapping, MutableMapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Unpack, overload

import numpy as np
from numpy.typing import NDArray

from ..config import ATCConfig, ConfigFields, public, resolve, unknown
from ..engine.crossing import Turns
from ..engine.many import jobs_of, run, thread_count
from ..errors import PriceError
from ..progress import ProgressOption, check_progress, reporting
from ..text import shown
from .standings import standings
from .symbols import Computed, Reading, data_of

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl


class Options(ConfigFields, total=False):
    """The keyword arguments of `scan` for data of any kind."""

    threads: int | None
    progress: ProgressOption
    failures: MutableMapping[Hashable, PriceError] | None


class TableOptions(Options, total=False):
    """The keyword arguments of `scan` for tables and mappings."""

    close: str
    src: Any
    by: str | list[str] | None
    time: str | None
    sort: bool


@overload
def scan(
    data: NDArray[Any],
    config: ATCConfig | str = ...,
    *,
    outputs: str | Sequence[str] = ...,
    out: NDArray[Any] | None = ...,
    **options: Unpack[Options],
) -> NDArray[Any]: ...
@overload
def scan(
    data: "pd.DataFrame",
    config: ATCConfig | str = ...,
    *,
    outputs: str | Sequence[str] = ...,
    **options: Unpack[TableOptions],
) -> "pd.DataFrame": ...
@overload
def scan(
    data: "pl.DataFrame",
    config: ATCConfig | str = ...,
    *,
    outputs: str | Sequence[str] = ...,
    **options: Unpack[TableOptions],
) -> "pl.DataFrame": ...
@overload
def scan(
    data: Mapping[Any, Any],
    config: ATCConfig | str = ...,
    *,
    outputs: Literal["last"],
    **options: Unpack[TableOptions],
) -> "pd.DataFrame": ...
@overload
def scan(
    data: Mapping[Any, Any],
    config: ATCConfig | str = ...,
    *,
    outputs: Literal["all"] | tuple[str, ...] | list[str] = ...,
    **options: Unpack[TableOptions],
) -> "dict[Any, pd.DataFrame]": ...
@overload
def scan(
    data: Any,
    config: ATCConfig | str = ...,
    *,
    outputs: str | Sequence[str] = ...,
    **options: Unpack[TableOptions],
) -> Any: ...
@public
def scan(
    data: Any,
    config: ATCConfig | str = "default",
    *,
    outputs: str | Sequence[str] = "all",
    threads: int | None = None,
    progress: ProgressOption = None,
    failures: MutableMapping[Hashable, PriceError] | None = None,
    out: NDArray[Any] | None = None,
    close: str = "close",
    src: Any = None,
    by: str | list[str] | None = None,
    time: str | None = None,
    sort: bool = False,
    **overrides: Unpack[ConfigFields],
) -> Any:
    """Adaptive Trend Classification of many symbols, on all CPUs, with the numbers of `compute_atc_signals`.

    Parameters
    ----------
    data
        Closing prices, with NaN where a symbol has no bar: an array (symbols, bars); a table of pandas,
        polars or pyarrow with one column per symbol, or a long one, with `by`; or a mapping of symbols to
        Series, arrays, lists or tables of candles, of any lengths. Times must increase; without
        times, rows are taken in their order.
    config
        A config, or a preset's name.
    outputs
        "all"; "last" for the last bar of each symbol, which `rank` sorts; or some names, such as
        ("Average_Signal",). Other outputs take no memory.
    threads
        How many threads; by default one for each CPU of this process. The numbers do not depend on it.
    progress
        True shows a bar, in a terminal and in a notebook (extra ``cli``). A function is called in this thread
        from time to time, with the number of bars done and of all bars.
    failures
        A mapping that receives, for each symbol with a row that is not a valid price, the error; its outputs
        are NaN from this row on. A symbol without any series of prices (it is empty, None or text, or not in
        the order of time) gets an error with the row -1. Without a mapping, the first error is raised.
    out
        For an array: where to write the outputs, an array that an earlier call returned. Using memory again
        can save as much time as the computation takes.
    close, time, sort
        For a long table, and tables in a mapping: as in `atc`. `time` and `sort` also for a table of polars
        or pyarrow with one column per symbol.
    src
        What the moving averages run on, if not the price. For a long table: as in `atc`, such as "hl2". For a
        mapping: the same for each of its tables, or a mapping by symbol.
    by
        For a long table: the column, or a list of columns, that has the symbol of each row, as in `atc`.
    **overrides
        Fields of `ATCConfig` that replace the config's.

    Returns
    -------
    numpy.ndarray
        For an array: (symbols, outputs, bars), or with "last" (symbols, outputs). float32 for float32 prices.
    DataFrame or Table
        For a table: one of the same library, with the same rows. Its columns are the outputs for a long
        table; otherwise (symbol, output) in pandas and `<symbol>_<output>` in the other libraries.
    dict of pandas.DataFrame
        For a mapping: a DataFrame for each symbol.
    DataFrame or Table, with "last"
        One row for each symbol; in pandas for a mapping. The index of pandas is `symbol`, or the columns of
        `by`; other libraries have it as first columns. The columns are all outputs, and of the last bar:
        `date` (missing without times), `close`, `direction` (1, -1, or missing before the first crossing),
        `bars_since_event` (0 on the bar of an event; missing before the first one), `mean_equity` (the mean
        of the types' equities), and `stale`: whether this bar is older than the newest bar of all symbols by
        more than five times the symbol's typical time between bars, see `rank` (missing without times).

    Raises
    ------
    TypeError, ValueError
        A bad argument.
    PriceError
        A row is not a valid price, and `failures` is not given.
    KernelError
        No kernel can be loaded.

    See Also
    --------
    rank : Sorts and filters the last bars.
    screener : The same as a page.
    atc : One table in, one table with the same rows out.

    Examples
    --------
    >>> fx = atc_cy.datasets.load_ecb_fx()
    >>> last = atc_cy.scan(fx, by="symbol", outputs="last")
    >>> last.loc["USD", ["close", "Average_Signal", "direction"]].astype(float).round(2).tolist()
    [1.12, -0.33, -1.0]
    """
    config = resolve(config, overrides, function=scan)
    last = isinstance(outputs, str) and outputs == "last"
    names = _chosen(outputs, config)
    threads = thread_count(threads)
    _check(data, out, progress, failures)
    failed: dict[Hashable, PriceError] = {}
    kept = None if failures is None else failed
    found = data_of(data, Reading(close, src, by, time, sort), kept)
    jobs, values = jobs_of(found.symbols, len(names), last, out, kept)
    table = last and not isinstance(data, np.ndarray)
    if table:
        jobs = [job._replace(turns=Turns(config)) for job in jobs]
    with reporting(progress, "bars") as report:
        run(jobs, config, names, threads, report, failed)
    failed |= {name: found.located(name, error) for name, error in failed.items()}
    if failures is not None:
        failures.update(failed)
    for symbol, error in failed.items() if failures is None else ():
        raise PriceError(f"{symbol}: {error}", error.row)
    if table:
        return found.last(standings(jobs, values, names, failed))
    return values if last else found.every(Computed(jobs, values, names, config))


def _check(data: Any, out: Any, progress: Any, failures: Any) -> None:
    """Refuse arguments of a wrong type, and `out` if the data is not an array."""
    if out is not None and not isinstance(out, np.ndarray):
        raise TypeError(f"out={shown(out)} must be a NumPy array, not {type(out).__name__}")
    if out is not None and not isinstance(data, np.ndarray):
        raise TypeError("out is for an array: leave it out, or give data.to_numpy().T")
    check_progress(progress)
    if failures is not None and not isinstance(failures, MutableMapping):
        raise TypeError(f"failures={shown(failures)} must be a dict, or None, not {type(failures).__name__}")


def _chosen(outputs: str | Sequence[str], config: ATCConfig) -> tuple[str, ...]:
    if isinstance(outputs, str):
        if outputs not in ("all", "last"):
            raise ValueError(f"outputs={outputs!r} must be 'all', 'last' or a sequence of names")
        return config.output_names
    if not isinstance(outputs, Sequence):
        raise TypeError(f"outputs={shown(outputs)} must be 'all', 'last' or a sequence of names")
    for name in outputs:
        if name not in config.output_names:
            raise ValueError(f"outputs has {shown(name)}; {unknown(name, config.output_names)}")
    if not outputs or len(set(outputs)) < len(outputs):
        raise ValueError(f"outputs={shown(outputs)} must name at least one output, each once")
    return tuple(outputs)
