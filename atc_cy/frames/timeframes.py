"""Joins the outputs of a higher timeframe to the rows of a lower one, without a look at the future."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..config import ATCConfig
from ..engine.bars import Bars
from ..errors import PriceError
from ..files.columns import CANDLE, folded
from ..files.resample import resample_rows
from ..files.sources import source
from ..files.timeframes import Timeframe, openings, row_ends
from .adapter import Adapter, Columns
from .groups import Group, compute_many, named_after, put_back
from .sources import candle, is_computed

if TYPE_CHECKING:
    import pandas as pd


class Higher(NamedTuple):
    """One symbol's bars of a higher timeframe, and which of these bars each row sees."""

    bars: "pd.DataFrame"
    seen: NDArray[np.intp]
    """For each row, the position of the last bar that has closed when the row closes; -1 if there is none."""


def higher_bars(
    rows: "pd.DataFrame", timeframe: Timeframe, price: Any, origin: timedelta = timedelta(0)
) -> Higher:
    """The higher bars of one symbol's rows, and which of these bars each row sees.

    A row closes one step of its timeframe after it opens, or when the next row opens if that is earlier. An
    hourly row of 03:00 closes at 04:00, and then sees the bar from 00:00 to 04:00. No row sees a bar that
    closes after the row.

    Parameters
    ----------
    rows
        The rows, on a DatetimeIndex that increases.
    timeframe
        The timeframe of the bars.
    price
        The column of the price.
    origin
        The time from midnight to the beginning of a day.
    """
    import pandas as pd

    times = pd.DatetimeIndex(rows.index)
    bars = resample_rows(rows, timeframe, price, origin)
    ends = openings(pd.DatetimeIndex(bars.index), timeframe, origin, later=1)
    closed = row_ends(times)
    return Higher(bars, np.searchsorted(ends.asi8, closed.as_unit(ends.unit).asi8, side="right") - 1)


def higher_columns(
    table: Adapter,
    bars: Bars,
    src: Any,
    groups: list[Group],
    times: "pd.DatetimeIndex | None",
    timeframe: Timeframe,
    origin: timedelta,
    config: ATCConfig,
) -> Columns:
    """The outputs of a higher timeframe for each row; columns are named like ``Average_Signal_4h``.

    Raises
    ------
    ValueError
        There are no times, or the rows do not divide the timeframe.
    PriceError
        A price of a higher bar is not valid.
    """
    import pandas as pd

    if times is None:
        raise ValueError(f"higher={str(timeframe)!r} needs times: give time=, the column that has them")
    columns = {"price": bars.close}
    computed = isinstance(src, str) and is_computed(table, src)
    if computed:
        columns |= candle(table, src, bars.close)
    elif src is not None:
        columns[folded(src) if isinstance(src, str) and folded(src) in CANDLE else "src"] = bars.src
    rows = pd.DataFrame(columns, times)
    found = []
    for group in groups:
        with named_after(group):
            found.append(higher_bars(rows.iloc[group.rows], timeframe, "price", origin))
    symbols = [
        (group.name, higher.bars["price"].to_numpy(), _source(higher.bars, src if computed else None))
        for group, higher in zip(groups, found, strict=True)
    ]
    results, failed = compute_many(symbols, config)
    for group, higher in zip(groups, found, strict=True):
        if group.name in failed:
            who, why = "" if group.name is None else f"{group.name}, ", failed[group.name]
            raise PriceError(f"{who}the bar of {higher.bars.index[why.row]}: {why}", why.row)
    joined = [_joined(result, higher.seen) for result, higher in zip(results, found, strict=True)]
    return {f"{name}_{timeframe}": values for name, values in put_back(groups, joined, len(rows)).items()}


def _source(bars: "pd.DataFrame", name: str | None) -> NDArray[Any]:
    """The values that the averages run on: the source `name`, or else the src column or the price."""
    if name is not None:
        return source(name, lambda part: bars[part].to_numpy())
    values: NDArray[Any] = bars.iloc[:, -1].to_numpy()
    return values


def _joined(result: Columns, seen: NDArray[np.intp]) -> Columns:
    """The outputs of the bar that each row sees; NaN, and no event, if the row sees no bar."""
    columns: Columns = {}
    for name, values in result.items():
        nothing = np.zeros(1, values.dtype) if values.dtype.kind == "i" else np.full(1, np.nan, values.dtype)
        columns[name] = np.append(values, nothing)[seen]
    return columns
