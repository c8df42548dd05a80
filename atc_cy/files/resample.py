"""The bars of a higher timeframe, made from those of a lower one."""

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from .columns import folded
from .timeframes import Timeframe, common_step, openings, row_ends

if TYPE_CHECKING:
    import pandas as pd

RULES = {"open": "first", "high": "max", "low": "min", "volume": "sum"}
"""How a higher bar combines its lower ones; every other column takes the last value."""
_COUNTS = frozenset({"vol", "tickvol", "volume", "tickvolume", "trades", "tradecount", "count"})
_UNITS = re.compile(r"[ _(\[]*(?:\(?[A-Z]{3,5}|[Cc]urrency|[Bb]ase|[Qq]uote)\W*$")
_KINDS = frozenset(
    [
        "tick",
        "real",
        "base",
        "quote",
        "asset",
        "total",
        "taker",
        "buy",
        "sell",
        "num",
        "number",
        "of",
        "trade",
    ]
)


def rule_of(name: Any) -> str:
    """How a higher bar combines the values of a column: first, max, min, sum or last.

    Columns that are plainly a volume or a count are added. Their name ends with a word such as volume; the
    words before it may say which one, such as tick, quote or taker buy, and a currency may follow, as in
    ``Volume BTC``. ``volume_sma`` is not such a name.

    Examples
    --------
    >>> rule_of("High"), rule_of("Volume BTC"), rule_of("quote_volume"), rule_of("implied vol")
    ('max', 'sum', 'sum', 'last')
    """
    rule = RULES.get(folded(name))
    if rule is not None:
        return rule
    text = str(name)
    for written in (text, _UNITS.sub("", text)):
        *before, last = re.findall("[a-z]+", written.lower()) or [""]
        if last in _COUNTS and _KINDS.issuperset(before):
            return "sum"
    return "last"


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
        The column of prices: if it is missing in all rows of a bar, there was no trade, and no bar is made.
    origin
        How long after midnight a day begins.

    Raises
    ------
    ValueError
        The rows are further apart than the timeframe, or do not divide it.
    """
    import pandas as pd

    times = pd.DatetimeIndex(rows.index)
    check_divides(times, timeframe, origin)
    _check_numbers(rows, price)
    traded = rows[rows[price].notna()]
    opened = openings(pd.DatetimeIndex(traded.index), timeframe, origin)
    groups = traded.groupby(opened, sort=False)
    bars = pd.DataFrame({name: _taken(groups[name], rule_of(name)) for name in rows})
    bars.index.name = rows.index.name
    return bars


def _check_numbers(rows: "pd.DataFrame", price: Any) -> None:
    """Refuse text where numbers are compared or added: "9" is above "10", and "1" and "2" are "12"."""
    for name in rows:
        if rows[name].dtype.kind in "OUS" and (name == price or rule_of(name) != "last"):
            row = next((row for row, value in enumerate(rows[name]) if isinstance(value, str)), None)
            if row is not None:
                text = rows[name].iloc[row]
                raise ValueError(
                    f"column {name!r}: {text!r} in the row of {rows.index[row]} is text: convert the column "
                    "to numbers first, for example with pandas.to_numeric"
                )


def _taken(column: Any, rule: str) -> "pd.Series[Any]":
    """The values of the bars, from a column's groups."""
    taken: pd.Series[Any] = column.sum(min_count=1) if rule == "sum" else getattr(column, rule)()
    return taken


def check_divides(times: "pd.DatetimeIndex", timeframe: Timeframe, origin: timedelta = timedelta(0)) -> None:
    """Refuse rows that do not make whole bars of the timeframe.

    Raises
    ------
    ValueError
        The rows are further apart than the timeframe, or a bar would end within a row.
    """
    step, seconds = common_step(times), timeframe.seconds
    if step is None:
        return
    apart = step.total_seconds()
    shown = str(step).removesuffix(" 00:00:00").removeprefix("0 days ")
    if apart > timeframe.longest:
        raise ValueError(
            f"timeframe={str(timeframe)!r} is lower than that of the rows, which are {shown} apart: "
            "give a higher one"
        )
    if apart < 86_400 and (seconds or 86_400) % apart:
        raise ValueError(
            f"timeframe={str(timeframe)!r} is not a multiple of that of the rows, which are {shown} apart: "
            "give a multiple, since a bar cannot end within a row"
        )
    bar_ends = openings(times, timeframe, origin, later=1)
    within = np.flatnonzero((row_ends(times) > bar_ends)[:-1])  # the length of the last row is unknown
    if within.size:
        day = min(times.time)
        begins = f", or when they begin (--origin {day:%H:%M})" if day.hour or day.minute else ""
        raise ValueError(
            f"timeframe={str(timeframe)!r}: the row of {times[within[0]]} ends after its bar, which ends at "
            f"{bar_ends[within[0]]}, but a bar cannot end within a row: give another timeframe, or the zone "
            f"of the days (--time-zone){begins}"
        )
