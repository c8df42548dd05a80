"""The bars of a higher timeframe, made from those of a lower one."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from .columns import folded
from .timeframes import Timeframe, common_step, openings

if TYPE_CHECKING:
    import pandas as pd

_RULES = {"open": "first", "high": "max", "low": "min", "volume": "sum"}
"""What a higher bar takes of its lower ones; of every other column, the last value."""


def resample_rows(
    rows: "pd.DataFrame", timeframe: Timeframe, price: Any = "close", origin: timedelta = timedelta(0)
) -> "pd.DataFrame":
    """One symbol's rows as bars of a higher timeframe, each labelled by its opening.

    Parameters
    ----------
    rows
        On a DatetimeIndex that increases. Columns named open, high, low and volume are taken for these.
    timeframe
        Of the bars that are made.
    price
        The column of prices: where it is missing in all rows of a bar, there was no trade, and no bar.
    origin
        How long after midnight a day begins.

    Raises
    ------
    ValueError
        The rows are further apart than the timeframe, or do not divide it.
    """
    import pandas as pd

    times = pd.DatetimeIndex(rows.index)
    check_divides(times, timeframe)
    traded = rows[rows[price].notna()]
    opened = openings(pd.DatetimeIndex(traded.index), timeframe, origin)
    groups = traded.groupby(opened, sort=False)
    columns = {
        name: getattr(groups[name], _RULES.get(folded(name), "last"))(
            **({"min_count": 1} if _RULES.get(folded(name)) == "sum" else {})
        )
        for name in rows
    }
    return pd.DataFrame(columns).rename_axis(rows.index.name)


def check_divides(times: "pd.DatetimeIndex", timeframe: Timeframe) -> None:
    """Refuse rows that do not make whole bars of the timeframe.

    Raises
    ------
    ValueError
        They are further apart, or a bar would end within a row.
    """
    step, seconds = common_step(times), timeframe.seconds
    if step is None:
        return
    apart = step.total_seconds()
    longest = {"D": 86_400.0, "W": 7 * 86_400.0, "M": 31 * 86_400.0}
    length = seconds if seconds is not None else longest[timeframe.unit] * timeframe.count
    if apart > length:
        raise ValueError(
            f"timeframe={str(timeframe)!r} is lower than that of the rows, {step} apart: give a higher one"
        )
    if (seconds is not None and seconds % apart) or (seconds is None and (86_400 % apart and apart % 86_400)):
        raise ValueError(f"timeframe={str(timeframe)!r} is not a multiple of that of the rows, {step} apart")
