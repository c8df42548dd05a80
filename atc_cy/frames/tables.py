"""`atc`, which takes a container of any supported library and returns one of the same library.

Each library has a module with its adapter. A library is looked up among the loaded modules, so that `atc`
never imports a library that the user does not use.
"""

import sys
from collections.abc import Sized
from datetime import datetime, timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, Unpack, overload

import numpy as np
from numpy.typing import NDArray

from ..config import ATCConfig, ConfigFields, public, resolve
from ..engine.bars import Bars, as_array, as_bars, first_difference
from ..engine.direction import with_config
from ..errors import PriceError
from ..files.columns import candle_columns
from ..files.symbols import Codes, check_names
from ..files.timeframes import Timeframe, read_origin, read_timeframe
from ..text import shown
from .adapter import Adapter, Columns
from .groups import Group, compute_groups, compute_many, compute_one, groups_of
from .layout import WIDE, layout
from .order import check_clock, rows_in_order, table_times, wide_time
from .sources import src_column
from .timeframes import higher_columns

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl


class Options(ConfigFields, total=False):
    """The keyword arguments of `atc`."""

    close: str | None
    src: Sized | None
    by: str | list[str] | None
    time: str | None
    sort: bool
    higher: str | None
    origin: str
    append: bool


@overload
def atc(
    data: "pd.Series[Any] | pd.DataFrame", config: ATCConfig | str = ..., **options: Unpack[Options]
) -> "pd.DataFrame": ...
@overload
def atc(
    data: "pl.Series | pl.DataFrame", config: ATCConfig | str = ..., **options: Unpack[Options]
) -> "pl.DataFrame": ...
@overload
def atc(
    data: "pl.LazyFrame", config: ATCConfig | str = ..., **options: Unpack[Options]
) -> "pl.LazyFrame": ...
@overload
def atc(
    data: NDArray[Any], config: ATCConfig | str = ..., **options: Unpack[Options]
) -> NDArray[np.void]: ...
@overload
def atc(data: Any, config: ATCConfig | str = ..., **options: Unpack[Options]) -> Any: ...
@public
def atc(
    data: Any,
    config: ATCConfig | str = "default",
    *,
    close: str | None = "close",
    src: Sized | None = None,
    by: str | list[str] | None = None,
    time: str | None = None,
    sort: bool = False,
    higher: str | None = None,
    origin: str = "00:00",
    append: bool = False,
    **overrides: Unpack[ConfigFields],
) -> Any:
    """Adaptive Trend Classification of any container of prices; the result is one of the same library.

    Parameters
    ----------
    data
        One symbol: a Series (pandas, polars), an Array or ChunkedArray (pyarrow), or a 1-D NumPy array. A
        table: a DataFrame (pandas, polars), a LazyFrame, or a pyarrow Table. Rows without a price are not
        bars.
    config
        A config, or a preset's name.
    close
        The column of the price, in a table; letter case does not matter if no column has exactly this name.
        None: the table is wide, and each column is a symbol, except one with times.
    src
        What the moving averages run on, if not the price: the name of a column; hl2, hlc3, ohlc4 or hlcc4,
        the mean of the columns high, low, close and open as Pine computes it, unless a column has this name;
        or a value for each row.
    by
        The column, or the level of a pandas index, that has the symbol of each row; or a list of them, such
        as ["exchange", "symbol"]. The rows of the symbols may be mixed. A table of several symbols needs it.
    time
        The column, or the level of a pandas index, that has the times. By default the index if it holds times
        (of any type, also ISO 8601 text), or else the column named date, datetime, timestamp or time, or else
        the only column of times: by its type, as text, or as numbers with a name such as open_time. Without
        times, rows are taken in their order.
    sort
        Whether to accept rows that are not in the order of time, and compute them in that order; the result
        keeps the order of `data`. By default they are an error. A time that occurs twice always is.
    higher
        A higher timeframe, such as "4h", "1D" or "1W". Its bars are made from the rows of each symbol, and
        each row gets, in more columns such as `Average_Signal_4h`, the outputs of the last bar that has
        closed when the row closes. Times are when rows open. No row looks into its future.
    origin
        The time of day at which a day begins, for `higher`, such as "09:30".
    append
        Whether to return the table with the new columns, instead of the new columns alone.
    **overrides
        Fields of `ATCConfig` that replace the config's.

    Returns
    -------
    DataFrame, LazyFrame, Table or structured array
        Of the same library, with the same rows, order and index; for a NumPy array, an array with named
        fields. Columns: `EMA_Signal` … `KAMA_Signal`, `EMA_S` … `KAMA_S`, `Average_Signal` (as in
        `compute_atc_signals`; float32 for float32 prices), `direction` (1, -1, NaN), `event` (1, -1, 0). For
        a wide table, columns of two levels (symbol, output) in pandas, and `<symbol>_<output>` in the others.

    Raises
    ------
    TypeError, ValueError
        A bad argument; a missing column; rows of a symbol that are not in the order of time; or several
        symbols without `by`.
    PriceError
        A row is not a valid price; the message names the symbol and the row.
    KernelError
        No kernel can be loaded.

    See Also
    --------
    scan : Arrays and mappings of symbols; the last bars alone.
    compute_atc_signals : One Series, as a dict.

    Examples
    --------
    >>> fx = atc_cy.datasets.load_ecb_fx()
    >>> table = atc_cy.atc(fx, by="symbol", append=True)
    >>> table[["close", "Average_Signal", "direction"]].iloc[-1].astype(float).round(2).tolist()
    [18.65, 0.67, 1.0]
    """
    config = resolve(config, overrides, function=atc)
    timeframe = _higher(higher, origin)
    if is_lazy(data):
        return _lazy(
            data, config, {"close": close, "src": src, "by": by, "time": time}, sort, append, timeframe
        )
    table = adapter_of(data)
    if not table.table:
        if append:
            raise ValueError(f"append=True is for a table, which {type(data).__name__} is not")
        for argument, given in (("by", by), ("time", time)):
            if given is not None:
                raise ValueError(f"{argument}={given!r} is for a table, which {type(data).__name__} is not")
        return _known(table.build(_series(table, src, config, sort, timeframe)), config)
    if close is None:
        if by is not None or src is not None or append or higher:
            raise ValueError("close=None says that the table is wide: leave by, src, higher and append out")
        return _wide(table, config, time, sort)
    rows = rows_of(table, close, src, by, time, sort, one_clock=timeframe is not None)
    columns = _computed(table, rows, src, timeframe, config)
    if not append:
        return _known(table.build(columns), config)
    there = [name for name in columns if name in table.names()]
    if there:
        raise ValueError(f"data has a column {there[0]!r} already: drop or rename it, or leave append out")
    return _known(table.append(columns), config)


class Wanted(NamedTuple):
    """The higher timeframe that the user asked for."""

    timeframe: Timeframe
    origin: timedelta
    """The time from midnight to the beginning of a day."""


def _higher(higher: Any, origin: Any) -> Wanted | None:
    for name, given in (("higher", "" if higher is None else higher), ("origin", origin)):
        if not isinstance(given, str):
            raise TypeError(f"{name} must be text, such as '4h' or '09:30', not {type(given).__name__}")
    begins = read_origin(origin)
    if higher is None and begins:
        raise ValueError(f"origin={origin!r} is the time at which days begin, for higher: give that too")
    return None if higher is None else Wanted(read_timeframe(higher, "higher"), begins)


def _known(built: Any, config: ATCConfig) -> Any:
    """The result; a pandas frame also stores its config, for `direction`, `events` and `chart`."""
    return with_config(built, config) if hasattr(built, "attrs") else built


def adapter_of(data: Any, argument: str = "data") -> Adapter:
    """The adapter of an object; an error names the argument.

    Raises
    ------
    TypeError
        No supported library has objects of this type.
    """
    adapter = adapter_or_none(data)
    if adapter is None:
        raise TypeError(
            f"{argument} must be a Series, a frame, a Table or an array of pandas, polars, pyarrow or NumPy, "
            f"not {type(data).__name__} ({shown(data)})"
        )
    return adapter


def adapter_or_none(data: Any) -> Adapter | None:
    """The adapter of an object; None if no supported library has objects of this type."""
    kinds: dict[str, tuple[str, str, tuple[str, ...]]] = {
        "pandas": (".of_pandas", "OfPandas", ("Series", "DataFrame")),
        "polars": (".of_polars", "OfPolars", ("Series", "DataFrame")),
        "pyarrow": (".of_arrow", "OfArrow", ("Array", "ChunkedArray", "Table")),
        "numpy": (".of_numpy", "OfNumpy", ("ndarray",)),
    }
    for name, (room, kind, types) in kinds.items():
        module: Any = sys.modules.get(name)
        if module is not None and isinstance(data, tuple(getattr(module, type_) for type_ in types)):
            adapter: Adapter = getattr(import_module(room, __package__), kind)(data)
            return adapter
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(data, pandas.api.extensions.ExtensionArray):
        return adapter_or_none(pandas.Series(data))
    return None


def is_lazy(data: Any) -> bool:
    polars = sys.modules.get("polars")
    return polars is not None and isinstance(data, polars.LazyFrame)


def _lazy(
    frame: Any,
    config: ATCConfig,
    columns: dict[str, Any],
    sort: bool,
    append: bool,
    higher: Wanted | None,
) -> Any:
    from .of_polars import OfPolars, lazily

    empty = OfPolars(frame.collect_schema().to_frame())
    close, wide = columns["close"], columns["close"] is None
    if wide:
        timed = columns["time"] if columns["time"] is not None else wide_time(empty)
        prices = [name for name in empty.names() if timed is None or name != timed]
    else:
        prices = [empty.find("close", close, WIDE)]
    timeframe = None if higher is None else str(higher.timeframe)
    origin = "00:00" if higher is None else str(datetime.min + higher.origin)[11:]
    return lazily(
        frame,
        lambda rows: atc(rows, config, **columns, sort=sort, append=append, higher=timeframe, origin=origin),
        config,
        prices,
        wide,
        append,
        timeframe,
    )


class Rows(NamedTuple):
    """The rows of a table that has its prices in one column."""

    bars: Bars
    times: "pd.DatetimeIndex | None"
    order: NDArray[np.intp] | None
    """What `rows_in_order` returned."""
    symbols: Codes | None

    @property
    def groups(self) -> list[Group]:
        """The rows of each symbol."""
        order = np.arange(self.bars.close.size) if self.order is None else self.order
        return groups_of(order, self.symbols)


def rows_of(
    table: Adapter, close: str, src: Any, by: Any, time: Any, sort: bool, *, one_clock: bool = False
) -> Rows:
    """Check the rows of a table; arguments and errors are those of `atc`.

    If `one_clock` is true, times that are text with different offsets are refused (see `check_clock`).
    """
    found = layout(table, close, by, time)
    if one_clock and found.times is not None:
        check_clock(table, found.time, found.times)
    prices = table.column(found.price)
    bars = as_bars_of_rows(prices, src_values(table, src, prices))
    order = rows_in_order(found.times, found.symbols, sort)
    return Rows(bars, found.times, order, found.symbols)


def _computed(table: Adapter, rows: Rows, src: Any, higher: Wanted | None, config: ATCConfig) -> Columns:
    """The outputs of the rows, and those of a higher timeframe if one is given."""
    if rows.order is None and higher is None:
        return compute_one(rows.bars, config)
    columns = (
        compute_one(rows.bars, config)
        if rows.order is None
        else compute_groups(rows.bars, rows.groups, config)
    )
    if higher is not None:
        columns |= higher_columns(table, rows.bars, src, rows.groups, rows.times, *higher, config)
    return columns


def src_values(table: Adapter, src: Any, prices: Any) -> Any:
    """The values that the averages run on: a column, a computed source, or values that the user gave."""
    if src is None:
        return None
    if isinstance(src, str | int | tuple):
        if not table.table:
            raise TypeError(
                f"src={shown(src)} is not a column, since data is not a table: give a value for each row"
            )
        return src_column(table, src, prices)
    if hasattr(src, "iloc"):
        _check_index_of(src, table.data)
    return adapter_of(src, "src").values(src) if not isinstance(src, list) else src


def _check_index_of(src: Any, data: Any) -> None:
    """Refuse values whose index differs from the index of the data."""
    if not hasattr(data, "iloc"):
        if type(src.index).__name__ != "RangeIndex":
            raise ValueError("src has an index, and data has none: give src.to_numpy(), a value for each row")
    elif len(src) != len(data) or first_difference(data.index, src.index) is not None:
        raise ValueError("src has another index than data: align them, as in src.reindex(data.index)")


def as_bars_of_rows(close: Any, src: Any) -> Bars:
    """The bars of a table's rows; `rows_in_order` checks their order, so the index is not checked here."""
    array = as_array(close, "prices")
    return as_bars(array, None if src is None else as_array(src, "src"))._replace(
        labels=getattr(close, "index", None)
    )


def _series(table: Adapter, src: Any, config: ATCConfig, sort: bool, higher: Wanted | None) -> Columns:
    close = table.values(table.data)
    x = src_values(table, src, close)
    if not sort and higher is None:
        return compute_one(as_bars(close, x), config)
    table.check_index()
    times = table.index_times()
    if higher is not None and times is not None:
        check_clock(table, None, times)
    order = rows_in_order(times, None, sort)
    return _computed(table, Rows(as_bars_of_rows(close, x), times, order, None), src, higher, config)


class Wide(NamedTuple):
    """The symbols of a wide table, in which each column has the prices of one symbol."""

    bars: dict[Any, Bars]
    """The bars of each symbol, by name."""
    times: "pd.DatetimeIndex | None"
    order: NDArray[np.intp] | None
    """What `rows_in_order` returned."""


def wide_of(table: Adapter, time: Any, sort: bool) -> Wide:
    """Check the columns of a wide table; arguments and errors are those of `atc`."""
    candle = candle_columns(table.names())
    if candle:
        columns = ", ".join(map(str, candle))
        raise ValueError(f"the columns {columns} are of one symbol: give close='close', the price's column")
    table.check_index()
    timed = table.find("time", time) if time is not None else wide_time(table)
    times = table.index_times() if timed is None else table_times(table, timed)
    order = rows_in_order(times, None, sort)
    names = [name for name in table.names() if timed is None or name != timed]
    check_names(names, "data")
    return Wide({name: as_bars_of_rows(table.column(name), None) for name in names}, times, order)


def _wide(table: Adapter, config: ATCConfig, time: Any, sort: bool) -> Any:
    """The outputs of a wide table."""
    bars, _, order = wide_of(table, time, sort)
    if sort and order is not None:
        results = [compute_groups(each, groups_of(order, None, name), config) for name, each in bars.items()]
        return table.build_wide([*bars], results)
    results, failed = compute_many([(name, each.close, each.src) for name, each in bars.items()], config)
    for name, error in failed.items():
        raise PriceError(f"{name}: {error}", error.row)
    return table.build_wide([*bars], results)
