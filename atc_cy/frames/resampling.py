"""`resample`, which makes bars of a higher timeframe from the rows of a table."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np

from ..config import public
from ..engine.index import index_times
from ..files.columns import find_clock
from ..files.resample import resample_rows
from ..files.timeframes import Timeframe, read_origin, read_timeframe
from .adapter import Adapter
from .groups import groups_of, named_after
from .layout import keys_of, layout
from .order import check_clock, rows_in_order
from .tables import adapter_of

if TYPE_CHECKING:
    import pandas as pd

Data = TypeVar("Data")


@public
def resample(
    data: Data,
    timeframe: str,
    *,
    close: str = "close",
    by: str | list[str] | None = None,
    time: str | None = None,
    sort: bool = False,
    origin: str = "00:00",
) -> Data:
    """Make bars of a higher timeframe; the result is a container of the same library.

    A bar has the rows from its opening up to the next opening, and its time is that of its opening, as on
    exchanges. Hours are counted from midnight, in the time zone of the times, and weeks begin on Monday.
    There is no bar where no row has a price. The last bar may still be open.

    Parameters
    ----------
    data
        A Series of prices (pandas), or a table (pandas, polars, pyarrow) of one symbol or, with `by`, of
        many.
    timeframe
        Such as "15m", "4h", "1D", "1W" or "1M" (a month; "1m" is a minute): a multiple of that of the rows.
    close
        The column of the price.
    by, time, sort
        As in `atc`. In the result, the symbols come one after the other.
    origin
        The time of day at which a day begins, such as "09:30".

    Returns
    -------
    Series, DataFrame or Table
        The same columns: the first open, the greatest high, the least low, the sum of a volume or a count
        (`volume`, `Volume BTC`, `tick_volume`, `tradecount`), and of all others the last value that is not
        missing. The times are when bars open.

    Raises
    ------
    TypeError, ValueError
        A bad argument; times that are missing or not in order; or rows that do not make whole bars.

    See Also
    --------
    atc : Joins a higher timeframe's outputs to the rows, with ``higher``.
    Resampler : The same for rows that come one by one.

    Examples
    --------
    >>> import pandas as pd
    >>> hours = pd.Series(range(8), pd.date_range("2026-10-30", periods=8, freq="h"))
    >>> atc_cy.resample(hours, "4h").tolist()
    [3, 7]
    """
    wanted, begins = read_timeframe(timeframe), read_origin(origin)
    table = adapter_of(data)
    if hasattr(data, "iloc"):
        return cast(Data, _of_pandas(data, wanted, close, by, time, sort, begins))
    if not table.table:
        raise TypeError(f"data must be a table, or a Series of pandas: {type(data).__name__} has no times")
    return cast(Data, table.of_rows(_resampled(table, wanted, close, by, time, sort, begins)))


def _of_pandas(
    data: Any, timeframe: Timeframe, close: str, by: Any, time: Any, sort: bool, origin: timedelta
) -> Any:
    """Resample a Series or a DataFrame of pandas, whose index may hold times and symbols."""
    from .of_pandas import OfPandas

    if data.ndim == 1:
        bars = _of_pandas(data.to_frame(close), timeframe, close, by, time, sort, origin)[close]
        return bars.rename(data.name)
    OfPandas(data).check_index(keys_of(by))
    levels = list(data.index.names)
    timed = [index_times(data.index.get_level_values(place)) is not None for place in range(len(levels))]
    if not any(timed) and by not in levels:
        return _resampled(OfPandas(data), timeframe, close, by, time, sort, origin)
    names = [f"level {place}" if name is None else name for place, name in enumerate(levels)]
    flat = data.rename_axis(index=names).reset_index()
    found = time if time is not None else names[timed.index(True)] if any(timed) else None
    bars = _resampled(OfPandas(flat), timeframe, close, by, found, sort, origin)
    return bars.set_index(names).rename_axis(index=levels)


def _resampled(
    table: Adapter, timeframe: Timeframe, close: str, by: Any, time: Any, sort: bool, origin: timedelta
) -> "pd.DataFrame":
    """Resample one symbol after the other; the result has the columns of the table."""
    import pandas as pd

    found = layout(table, close, by, time)
    if found.times is None:
        raise ValueError("data has no times: name the column that has them with time=")
    check_clock(table, found.time, found.times)
    order = rows_in_order(found.times, found.symbols, sort)
    rows = table.rows().set_axis(found.times)
    clock = find_clock(table.names(), found.time)
    names = [name for name in rows if name != found.time and name != clock]
    parts = []
    for group in groups_of(np.arange(len(rows)) if order is None else order, found.symbols):
        with named_after(group):
            parts.append(resample_rows(rows[names].iloc[group.rows], timeframe, found.price, origin))
    bars = pd.concat(parts)
    columns = {name: bars.index if name == found.time else bars[name] for name in rows if name != clock}
    return pd.DataFrame({name: values.array for name, values in columns.items()})
