"""The time of day in a column next to one of dates: how it is read and joined to the date.

A time of day is ``9:30``, ``09:30:15.5``, ``09:30 PM``, each also with an offset such as ``Z`` or ``+01:00``;
`datetime.time`; a duration since midnight; or digits, ``0930`` and ``093000``. Numbers lose leading zeros
(``93000``): they are filled up to the length of the longest in their column.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .columns import folded
from .numbers import is_missing
from .time_columns import read_times
from .times import instant

if TYPE_CHECKING:
    import pandas as pd

_CLOCK = re.compile(
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d+))?)?"
    r"(?: ?(?P<half>[AaPp])[Mm])?(?: ?(?P<offset>[Zz]|UTC|[+-]\d{2}(?::?\d{2})?))?",
    re.ASCII,
)
_OFFSET = re.compile(r"(?:[Zz]|UTC|[+-][\d:]+)\Z", re.ASCII)
_DIGITS = re.compile(r"(\d{1,6})(?:\.0*)?", re.ASCII)
_DAY = timedelta(days=1)
_ROWS_SEEN = 100
"""How many rows are looked at to see whether a column has times of day or whole times."""
REMEDY = "write it as 21:30 or 21:30:00+01:00, or rename the column if it does not have the time of day"
"""What to do about a time of day that cannot be read."""
_TWO_DAYS = 2 * 86_400 * 10**9


def time_of_day(value: Any) -> str | None:
    """A time of day as ISO 8601 writes it; None if the value is not one, or is digits alone.

    Examples
    --------
    >>> time_of_day("9:30 pm"), time_of_day("09:30Z"), time_of_day("0930")
    ('21:30:00', '09:30:00Z', None)
    """
    if isinstance(value, time):
        known = value.tzinfo is None or value.utcoffset() is not None
        return value.isoformat() if known else None
    if isinstance(value, timedelta) and timedelta(0) <= value < _DAY and not getattr(value, "nanoseconds", 0):
        return (datetime.min + value).time().isoformat()
    found = _CLOCK.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        return None
    part = found.groupdict("")
    hour = int(part["hour"])
    if part["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + 12 * (part["half"] in "Pp")
    fraction = f".{part['fraction']}" if part["fraction"] else ""
    return _checked(hour, int(part["minute"]), int(part["second"] or 0), fraction + part["offset"])


def digits_of(value: Any) -> str | None:
    """The digits of a time of day without colons, such as ``093000`` or 93000; None for anything else."""
    if isinstance(value, Decimal) and not value.is_finite():
        return None
    if isinstance(value, float | np.floating | Decimal) and value % 1 == 0:
        value = int(value)
    if isinstance(value, int | np.integer):
        value = str(value)
    found = _DIGITS.fullmatch(value.strip()) if isinstance(value, str) else None
    return None if found is None else found[1]


def of_digits(digits: str, width: int) -> str | None:
    """The time of day of digits that are filled up with zeros to `width` (4 or 6); None if there is none."""
    full = digits.zfill(width)
    if len(full) != width:
        return None
    return _checked(int(full[:2]), int(full[2:4]), int(full[4:] or 0), "")


def _checked(hour: int, minute: int, second: int, rest: str) -> str | None:
    return f"{hour:02}:{minute:02}:{second:02}{rest}" if hour < 24 and minute < 60 and second < 60 else None


def with_clock(
    dates: "pd.Series[Any]", clocks: "pd.Series[Any]", place: Callable[[int], str], name: Any
) -> "pd.Series[Any]":
    """The times of rows that have the date in one column and the time of day in another one.

    Parameters
    ----------
    dates, clocks
        The two columns, of any type. If `clocks` is empty or has whole times, `dates` is returned as it is.
    place
        How a message calls the row of this position, such as "line 7".
    name
        The name of the second column, for messages.

    Raises
    ------
    ValueError
        A row has no time of day, or its date has a different one; the message names the row.
    """
    given = clocks.to_numpy(object)
    seen = [row for row, value in enumerate(given[:_ROWS_SEEN]) if not is_missing(value)]
    if not seen:
        seen = [row for row, value in enumerate(given) if not is_missing(value)][:_ROWS_SEEN]
    if is_timestamp(name) and not any(time_of_day(given[row]) for row in seen):
        return dates
    if all(is_whole(given[row]) for row in seen):  # also if there is none
        wrong = next((row for row in seen if is_another_day(dates.iloc[row], given[row])), None)
        if wrong is None:
            return dates
        raise ValueError(
            f"{place(wrong)}: {given[wrong]!r} is not a time of day in column {name!r}: {REMEDY}"
        )
    return with_time_of_day(dates, clocks, place, name)


def with_time_of_day(
    dates: "pd.Series[Any]", clocks: "pd.Series[Any]", place: Callable[[int], str], name: Any
) -> "pd.Series[Any]":
    """Join dates and times of day as `with_clock` does, where every row must have a time of day."""
    return _joined(dates, _clock_texts(clocks.to_numpy(object), place, name), place, name)


def is_timestamp(name: Any) -> bool:
    """Whether a column is named timestamp: in such a column only values with colons are times of day."""
    return folded(name) == "timestamp"


def is_whole(value: Any) -> bool:
    """Whether a value is a time with its date."""
    if digits_of(value) is not None or time_of_day(value) is not None:
        return False
    with suppress(ValueError):
        instant(value)
        return True
    return False


def is_another_day(date: Any, whole: Any) -> bool:
    """Whether a whole time is of another day than the date: then it was meant as a time of day."""
    with suppress(ValueError):  # a date that cannot be read: its reader names the row
        return abs(instant(whole) - instant(date)) >= _TWO_DAYS
    return False


def _clock_texts(given: NDArray[Any], place: Callable[[int], str], name: Any) -> NDArray[Any]:
    """Each row's time of day, as ISO 8601 writes it."""
    import pandas as pd

    try:
        codes, distinct = pd.factorize(given)
    except TypeError:  # lists, which the message below shows
        codes, distinct = np.arange(len(given)), given
    written = [digits_of(value) for value in distinct]
    longest = max((len(digits) for digits in written if digits is not None and digits != "0"), default=4)
    width = 6 if longest > 4 else 4 if longest > 2 else 0  # 9 may be an hour or a minute
    padded = any(digits is not None and len(digits) > 1 and digits[0] == "0" for digits in written)
    texts: list[str | None] = []
    for value, digits in zip(distinct, written, strict=True):
        if digits is None:
            texts.append(time_of_day(value))
        else:
            texts.append(None if padded and len(digits) != width else of_digits(digits, width))
    rows = np.array([*texts, None], object)[codes]  # a missing value has the code -1: the None at the end
    wrong = np.flatnonzero(rows == None)  # noqa: E711 - of each element
    if wrong.size:
        row = int(wrong[0])
        what = "there is no time of day" if is_missing(given[row]) else f"{given[row]!r} is not a time of day"
        raise ValueError(f"{place(row)}: {what} in column {name!r}: {REMEDY}")
    return rows


def _joined(
    dates: "pd.Series[Any]", clocks: NDArray[Any], place: Callable[[int], str], name: Any
) -> "pd.Series[Any]":
    import pandas as pd

    if dates.dtype.kind != "M":
        days = [_date_text(value) for value in dates.to_numpy(object)]
        if not any(":" in day for day in days):  # nothing but dates
            both = [f"{day}T{clock}" if day else None for day, clock in zip(days, clocks, strict=True)]
            return pd.Series(both, dtype=object)
    return _beside(read_times(dates, place), clocks, place, name)


def _date_text(value: Any) -> str:
    """A date as text, a number without its fraction; empty if the date is missing."""
    if is_missing(value):
        return ""
    whole = isinstance(value, float | np.floating | Decimal) and value % 1 == 0
    return str(int(value) if whole else value).strip()


def _beside(
    dates: "pd.DatetimeIndex", clocks: NDArray[Any], place: Callable[[int], str], name: Any
) -> "pd.Series[Any]":
    """Join times of day to dates that were read; these are at midnight, or have the same time of day."""
    import pandas as pd

    local = dates.tz_localize(None)
    codes, midnights = pd.factorize(local.normalize())
    days = pd.DatetimeIndex(midnights).strftime("%Y-%m-%d").to_numpy(object)[codes]
    both = pd.Series(days + "T" + clocks, dtype=object)
    at_midnight = bool((local == local.normalize()).all())
    if dates.tz is None and at_midnight:
        return both
    walls = pd.Series([_OFFSET.sub("", text) for text in both], dtype=object)
    if dates.tz is not None and not walls.equals(both):
        raise ValueError(
            f"{place(0)}: the date and the time of day both have an offset: remove it from the date"
        )
    times = read_times(walls, place)
    if at_midnight:
        times = times.tz_localize(dates.tz, ambiguous="NaT", nonexistent="NaT")
        wrong = np.asarray(times.isna())
        problem = (
            "occurs twice or never, because clocks were changed: write date and time together, with an offset"
        )
    else:
        wrong = np.asarray(times != local)
        problem = (
            f"differs from {{}}, the time in the other column: remove one, or rename the column {name!r}"
        )
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ValueError(f"{place(row)}: {both[row]} {problem.format(dates[row])}")
    return both if dates.tz is None else pd.Series(times if at_midnight else dates)
