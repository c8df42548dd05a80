"""Files without a header: the columns are recognised by their content.

A time comes first, in one or two columns, then open, high, low and close: in all rows the high is the
greatest of the four and the low the least. Binance's klines, Kraken's OHLCVT, the files of MetaTrader and
HistData, and freqtrade's JSON look like this. The next column is the volume; further columns are named by
their numbers.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .clock import time_of_day
from .dialect import is_value
from .format import Format
from .marks import Marks
from .numbers import is_missing, numbers
from .times import is_time_text, read_time

if TYPE_CHECKING:
    import pandas as pd

_CANDLE = ("open", "high", "low", "close")
_ADVICE = "give --no-header, with --time-column and --column as their numbers from 1"


def names_of(columns: Sequence["pd.Series[Any]"], form: Format, place: Callable[[int], str]) -> list[str]:
    """The names of the columns of a file without a header.

    place: how a message calls the row of this position, such as "line 7".

    Raises
    ------
    ValueError
        The columns are not recognised, and the user does not name them by their numbers.
    """
    by_number = [str(number) for number in range(1, len(columns) + 1)]
    if form.time_column is not None and form.header is False:
        return by_number
    times = _times(columns, form)
    numbered = [*zip(by_number, columns, strict=True)]
    # These columns are prices if a candle follows one or two columns of times.
    marks = Marks(form.decimal, lambda: (numbered[times:5], numbered[5:]), place)
    for begin in range(1, times + 1):
        if len(columns) >= begin + 4 and _candles(columns[begin : begin + 4], place, marks) is not None:
            before = ["time"] if begin == 1 else ["date", "time"]
            return [*before, *_CANDLE, "volume", *by_number[begin + 5 :]][: len(columns)]
    if form.header is False and len(columns) == 2 and times:
        return ["time", "close"]
    raise ValueError(
        f"{place(0)}: there is no header, such as date,close, and the columns are not a time and then open, "
        f"high, low and close: {_ADVICE}"
    )


def _times(columns: Sequence["pd.Series[Any]"], form: Format) -> int:
    """How many of the first columns may have the time: none, one, or two (dates and times of day)."""
    if not columns or not (form.date_format is not None or _is_time(columns[0].iloc[0])):
        return 0
    second = columns[1].iloc[0] if len(columns) > 1 else None
    digits = isinstance(second, str) and second.isdecimal() and len(second) in (4, 6)
    return 2 if time_of_day(second) is not None or digits else 1


def _is_time(cell: Any) -> bool:
    if isinstance(cell, str) and is_time_text(cell):
        return True
    with suppress(ValueError):
        read_time(cell)
        return True
    return False


def is_candle(columns: Sequence["pd.Series[Any]"], place: Callable[[int], str], decimal: str | None) -> bool:
    """Whether four columns of numbers are open, high, low and close of one symbol, of similar size."""
    rows = _candles(columns, place, Marks(decimal, lambda: ([*enumerate(columns)], ()), place))
    return rows is not None and bool((rows.max(axis=0) < 2 * rows.min(axis=0)).all())


def _candles(
    columns: Sequence["pd.Series[Any]"], place: Callable[[int], str], marks: Marks
) -> NDArray[np.float64] | None:
    """Four columns without missing rows, if the second is always greatest and the third least; else None."""
    firsts = [column.iloc[0] for column in columns if len(column)]
    if not all(is_value(first) or is_missing(first) for first in firsts):
        return None
    marks.mark()  # a decimal mark that could be either is an error; it does not mean another shape
    try:
        rows = np.array([numbers(column, place, "", marks) for column in columns])
    except ValueError:
        return None
    rows = rows[:, ~np.isnan(rows).any(axis=0)]
    fits = rows.size and (rows[1] == rows.max(axis=0)).all() and (rows[2] == rows.min(axis=0)).all()
    return rows if fits else None
