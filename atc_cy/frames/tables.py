"""Any frame in, the same kind out: `atc`.

What a library's objects need is in a module each; the libraries are found among the modules that are loaded,
and so never imported for those who do not use them.
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
    """Adaptive Trend Classification of whatever holds prices; the same kind of container comes back.

    Parameters
    ----------
    data
        One symbol: a Series (pandas, polars), an Array or ChunkedArray (pyarrow), a 1-D NumPy array. A table:
        a DataFrame (pandas, polars), a LazyFrame, a pyarrow Table. Missing prices are no bars.
    config
        A config, or a preset's name.
    close
        The price's column, of a table; where there is none of just this name, letter case does not count.
        None: the table is wide, each column a symbol, but for a column of times.
    src
        What the averages run on, if not the price: a column's name of a table; hl2, hlc3, ohlc4 or hlcc4, the
        mean of its columns high, low, close and open as Pine computes it, if no column has this name; or a
        value for each row.
    by
        The column, or the level of a pandas index, that tells the symbol of each row; or a list of them, such
        as ["exchange", "symbol"]. The rows of several symbols may be mixed. A table of several symbols is
        refused without it.
    time
        The column, or the level of a pandas index, that has the times. By default it is the index, if that
        holds times (of any type, ISO 8601 text included), else the column named date, datetime, timestamp or
        time, else the only column that holds times: by its type, as text, or as numbers with a name such as
        open_time. Without any time the rows are taken as they come.
    sort
        Whether rows that are not in the order of time may be computed in that order; the result keeps the
        order of `data`. Without it, such rows are refused. Twice the same time is always refused.
    higher
        A higher timeframe, such as "4h", "1D" or "1W": its bars are made from the rows of each symbol, and
        each row gets the outputs of the last one that has closed when the row itself closes, in more columns
        such as `Average_Signal_4h`. Times are when rows open. No row looks into its future.
    origin
        The time of day at which a day begins, for `higher`, such as "09:30".
    append
        Whether to return the table itself with its new columns, rather than the new columns alone.
    **overrides
        Fields of `ATCConfig` that replace the config's.

    Returns
    -------
    DataFrame, LazyFrame, Table or structured array
        Of the same library, with a row for each row, in the same order and with the same index; a NumPy array
        gives one with named fields. Columns: `EMA_Signal` … `KAMA_Signal`, `EMA_S` … `KAMA_S`,
        `Average_Signal` (as in `compute_atc_signals`; float32 of float32), `direction` (1, -1, NaN), `event`
        (1, -1, 0). Of a wide table, pandas has columns of two levels (symbol, output), the others
        `<symbol>_<output>`.

    Raises
    ------
    TypeError, ValueError
        A bad argument; there is no such column; the rows of a symbol are not in the order of time; there are
        several symbols, and `by` is not given.
    PriceError
        A row that cannot be a bar; it names the symbol and the row.
    KernelError
        No kernel can be loaded.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"symbol": ["A", "B"] * 50, "close": range(1, 101)})
    >>> list(atc(frame, by="symbol", append=True).columns[:3])
    ['symbol', 'close', 'EMA_Signal']
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
    """The bars of a higher timeframe that are wanted."""

    timeframe: Timeframe
    origin: timedelta
    """How long after midnight a day begins."""


def _higher(higher: Any, origin: Any) -> Wanted | None:
    for name, given in (("higher", "" if higher is None else higher), ("origin", origin)):
        if not isinstance(given, str):
            raise TypeError(f"{name} must be text, such as '4h' or '09:30', not {type(given).__name__}")
    begins = read_origin(origin)
    if higher is None and begins:
        raise ValueError(f"origin={origin!r} needs higher: it is the time at which the days of higher begin")
    return None if higher is None else Wanted(read_timeframe(higher, "higher"), begins)


def _known(built: Any, config: ATCConfig) -> Any:
    """What was built; a pandas frame knows its config, for `direction`, `events` and `chart`."""
    return with_config(built, config) if hasattr(built, "attrs") else built


def adapter_of(data: Any, argument: str = "data") -> Adapter:
    """What `atc` needs of an object of a library that is loaded; an error names the argument.

    Raises
    ------
    TypeError
        It is of none of the libraries.
    """
    adapter = adapter_or_none(data)
    if adapter is None:
        raise TypeError(
            f"{argument} must be a Series, a frame, a Table or an array of pandas, polars, pyarrow or NumPy, "
            f"not {type(data).__name__} ({shown(data)})"
        )
    return adapter


def adapter_or_none(data: Any) -> Adapter | None:
    """The same; None: it is of none of the libraries."""
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
    """The rows of a table of which one column has the prices."""

    bars: Bars
    times: "pd.DatetimeIndex | None"
    order: NDArray[np.intp] | None
    """As from `rows_in_order`."""
    symbols: Codes | None

    @property
    def groups(self) -> list[Group]:
        """The rows of each symbol."""
        order = np.arange(self.bars.close.size) if self.order is None else self.order
        return groups_of(order, self.symbols)


def rows_of(
    table: Adapter, close: str, src: Any, by: Any, time: Any, sort: bool, *, one_clock: bool = False
) -> Rows:
    """The rows of a table, checked; arguments and errors are those of `atc`.

    one_clock: whether text times with several offsets are refused, because days are to be cut.
    """
    found = layout(table, close, by, time)
    if one_clock and found.times is not None:
        check_clock(table, found.time, found.times)
    prices = table.column(found.price)
    bars = as_bars_of_rows(prices, src_values(table, src, prices))
    order = rows_in_order(found.times, found.symbols, sort)
    return Rows(bars, found.times, order, found.symbols)


def _computed(table: Adapter, rows: Rows, src: Any, higher: Wanted | None, config: ATCConfig) -> Columns:
    """The columns of the rows, and those of a higher timeframe."""
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
    """What the averages run on: a column, a source that is computed, or values that were given."""
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
    """Values that have an index are those of the rows that have the same."""
    if not hasattr(data, "iloc"):
        if type(src.index).__name__ != "RangeIndex":
            raise ValueError("src has an index, and data has none: give src.to_numpy(), a value for each row")
    elif len(src) != len(data) or first_difference(data.index, src.index) is not None:
        raise ValueError("src has another index than data: align them, as in src.reindex(data.index)")


def as_bars_of_rows(close: Any, src: Any) -> Bars:
    """A table's prices, whose order is the table's affair, not that of the column's index."""
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
    """The columns of a table of which each column is a symbol."""

    bars: dict[Any, Bars]
    """By symbol."""
    times: "pd.DatetimeIndex | None"
    order: NDArray[np.intp] | None
    """As from `rows_in_order`."""


def wide_of(table: Adapter, time: Any, sort: bool) -> Wide:
    """The symbols of a wide table, checked; arguments and errors are those of `atc`."""
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
    """The columns of a table of which each column is a symbol."""
    bars, _, order = wide_of(table, time, sort)
    if sort and order is not None:
        results = [compute_groups(each, groups_of(order, None, name), config) for name, each in bars.items()]
        return table.build_wide([*bars], results)
    results, failed = compute_many([(name, each.close, each.src) for name, each in bars.items()], config)
    for name, error in failed.items():
        raise PriceError(f"{name}: {error}", error.row)
    return table.build_wide([*bars], results)
