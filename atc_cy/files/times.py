"""The one reader of times; `atc_cy.files.order` has the rule for their order.

A time is

- ISO 8601: ``2026-10-30``, ``2026-10-30T16:00:00.5+01:00``, ``20261030``; also ``2026/10/30``, ``2026.10.30``
  and ``2026-10``; or one of the other forms in `atc_cy.files.dates`, such as ``Oct 30, 2026 4:00 PM``;
- a number since 1970 (UTC): seconds, milliseconds, microseconds or nanoseconds, whichever puts it between
  1973 and 2261; smaller ones are seconds. It may have a fraction: ``1735689600.123``. A whole number that is
  written like a date is that date: 2026, 20261030, 202610301600 and 20261030160000. A number is refused if it
  may be a spreadsheet's day number, or has a year of two digits or at its end (31012024); so is a column of
  numbers that could all be dates in another order, such as 310120241600, or of which only some are dates.
  So is a file whose numbers all look like dates that do not exist, such as 20241302.

Numbers stay integers or text until they are times: a double could not hold nanoseconds. A time without an
offset is taken as it is written, and compared as UTC. `atc_cy.files.time_columns` reads whole columns by the
same rules.
"""

import math
import re
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np

from ..text import shown
from .dates import is_other_date, iso_text

SECOND = 1_000_000_000
"""A second in nanoseconds, the unit of instants."""
UNITS = ((10**11, SECOND), (10**14, 1_000_000), (10**17, 1_000))
"""Limits, and the nanoseconds of a unit: a number since 1970 below a limit is in that unit."""
NANOSECONDS = {"ns": 1, "us": 1_000, "ms": 1_000_000, "s": SECOND}
"""How many nanoseconds the units of NumPy's and pandas' times have."""
DAY = 86_400 * SECOND
"""A day in nanoseconds."""
_LEAST_WITH_FRACTION = 10**8
_MOST_EXACT = 2.0**53
MOST_NANOSECONDS = 9_200_000_000_000_000_000
"""The last instant that a number since 1970 may mean, in the year 2261: 64 bits hold it."""
_EPOCH = datetime(1970, 1, 1)
_DATES_IN_DIGITS = (4, 8, 12, 14)
"""How many digits a year, a date, and a date with minutes or seconds have."""
_OTHER_ORDERS = {
    7: ("%Y%j",),
    10: ("%y%m%d%H%M",),
    12: ("%d%m%Y%H%M", "%m%d%Y%H%M", "%y%m%d%H%M%S", "%d%m%y%H%M%S", "%m%d%y%H%M%S"),
    14: ("%d%m%Y%H%M%S", "%m%d%Y%H%M%S"),
}
"""The formats in which digits could be dates that are not read as such, by the number of digits."""
_LEAST_SHORT_YEAR = "2000000000"
"""Ten digits from this number on are dates of 2020 and later, rather than seconds of 2033 and later."""
DAY_NUMBERS = (20_000, 80_000)
"""Whole numbers that spreadsheets write for the days from 1954 to 2119."""
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?", re.ASCII)
_MOMENT = re.compile(
    r"(?P<year>\d{4})(?:-(?P<only_month>\d{1,2})|(?P<mark>[-/.]?)(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2}))"
    r"(?:[Tt ]+(?P<hour>\d{1,2})(?::?(?P<minute>\d{2})(?::?(?P<second>\d{2})(?:[.,](?P<fraction>\d+))?)?)?"
    r"\ ?(?P<offset>[Zz]|UTC|[+-]\d{2}(?::?\d{2})?)?)?",
    re.ASCII,
)


class UnknownTimeError(ValueError):
    """A value that is not written in any known form."""


class Moment(NamedTuple):
    """A time that was read."""

    instant: int
    """Nanoseconds since 1970; a time without an offset is taken as UTC."""
    offset: int | None
    """The offset that the time was written with, in seconds; None if it has none."""
    epoch: bool = False
    """Whether it was a number since 1970, which needs no offset."""
    digits: bool = False
    """Whether it was a whole number that is written like a date, such as 20261030."""


def instant(value: Any) -> int:
    """A time in nanoseconds since 1970; a time without an offset is taken as UTC.

    Raises
    ------
    ValueError
        The value is not a time.

    Examples
    --------
    >>> instant("2025-01-01T00:00:00.123Z") == instant("1735689600.123") == instant(1735689600123)
    True
    """
    return read_time(value).instant


def read_time(value: Any) -> Moment:
    """Read a time: text, a number, or a datetime or date of Python, NumPy or pandas.

    Raises
    ------
    ValueError
        The value is not a time; the message shows it.
    """
    moment = None
    if isinstance(value, str):
        moment = _of_text(value.strip()) if value.isprintable() else None
    elif isinstance(value, datetime):
        moment = _of_datetime(value)
    elif isinstance(value, date):
        moment = Moment((value.toordinal() - _EPOCH.toordinal()) * 86_400 * SECOND, None)
    elif isinstance(value, np.datetime64) and not np.isnat(value):
        moment = Moment(_of_datetime64(value), None)
    elif isinstance(value, int | np.integer) and not isinstance(value, bool):
        moment = _of_number(Decimal(int(value)))
    elif isinstance(value, float | np.floating):
        number = float(value)
        if _MOST_EXACT <= abs(number) < math.inf:
            raise ValueError(
                f"time={shown(value)} is a float, which cannot hold it exactly: give integers or text"
            )
        moment = _of_number(Decimal(repr(number)))
    elif isinstance(value, Decimal):
        moment = _of_number(value)
    if moment is None:
        raise UnknownTimeError(
            f"time={shown(value)} must be ISO 8601, such as 2026-10-30T16:00, or a number of seconds, "
            "milliseconds, microseconds or nanoseconds since 1970, before the year 2262"
        )
    return moment


def _of_text(text: str) -> Moment | None:
    if len(text) == 6 and text.isdecimal() and text.startswith("0"):
        raise ValueError(_two_digits(text))
    if _NUMBER.fullmatch(text):
        return _of_number(Decimal(text))
    found = _MOMENT.fullmatch(text)
    moment = None if found is None else _of_match(found)
    return moment or _of_other_text(text)


def _of_match(found: "re.Match[str]") -> Moment | None:
    part = found.groupdict()
    if part["mark"] == "" and len(part["month"] + part["day"]) < 4:
        return None  # 2026115 could be a day of January or of November, and 301026 has a year of two digits
    try:
        month, day = part["month"] or part["only_month"], part["day"] or 1
        hour, minute, second = (int(part[name] or 0) for name in ("hour", "minute", "second"))
        whole = datetime(int(part["year"]), int(month), int(day), hour, minute, second)
    except ValueError:  # such as 31 February
        return None
    fraction = int((part["fraction"] or "")[:9].ljust(9, "0"))
    offset = offset_seconds(part["offset"])
    return Moment(_seconds(whole) * SECOND + fraction - (offset or 0) * SECOND, offset)


def _of_other_text(text: str) -> Moment | None:
    """Other forms of ISO 8601, such as 2026-W44-5, and of dates."""
    try:
        return _of_datetime(datetime.fromisoformat(text))
    except ValueError:
        found = _MOMENT.fullmatch(iso_text(text) or "")
        return None if found is None else _of_match(found)


def offset_seconds(text: str | None) -> int | None:
    """The seconds of an offset that is written as Z, UTC or +01:00."""
    if text is None:
        return None
    if not text.startswith(("+", "-")):
        return 0
    digits = text[1:].replace(":", "").ljust(4, "0")
    seconds = int(digits[:2]) * 3600 + int(digits[2:]) * 60
    return seconds if text[0] == "+" else -seconds


def _of_number(value: Decimal) -> Moment | None:
    if not value.is_finite() or abs(value) >= 10**19:
        return None
    whole = int(value)
    if whole == value:
        found = _of_digits(str(whole))
        if found is not None:
            return found
    if DAY_NUMBERS[0] <= value <= DAY_NUMBERS[1]:
        raise ValueError(
            f"time={value} may be a spreadsheet's day number: write dates, such as 2026-10-30, as "
            "pandas.to_datetime(days, unit='D', origin='1899-12-30') makes them"
        )
    if whole != value and abs(value) < _LEAST_WITH_FRACTION:
        return None
    scale = next((scale for limit, scale in UNITS if abs(value) < limit), 1)
    instant = int(value * scale)
    return Moment(instant, None, epoch=True) if abs(instant) <= MOST_NANOSECONDS else None


def _of_digits(digits: str) -> Moment | None:
    """The date that a whole number is written as, if any."""
    if len(digits) == 6:
        first, second, third = digits[:2], digits[2:4], digits[4:]
        orders = (first + second + third, third + second + first, third + first + second)
        if any(_in_calendar(f"20{order}") for order in orders):
            raise ValueError(_two_digits(digits))
    _check_order(digits)
    moment = _in_calendar(digits) if len(digits) in _DATES_IN_DIGITS else None
    if moment is None or (len(digits) != 4 and not 1600 <= moment.year <= 2200):
        return None
    return Moment(_seconds(moment) * SECOND, None, digits=True)


def _check_order(digits: str) -> None:
    """Refuse a date that has its year at the end, such as 31012024; as a number it lacks a leading zero."""
    full = digits.zfill(8)
    year = full[4:]
    if len(digits) in (7, 8) and "1900" <= year <= "2200":  # no month has such a number
        orders = {"%d%m%Y": year + full[2:4] + full[:2], "%m%d%Y": year + full[:4]}
        fitting = [form for form, order in orders.items() if _in_calendar(order)]
        if fitting:
            raise ValueError(
                f"time={full} may be a date with its year at the end: write 20261030, say, or give "
                f"--date-format {' or '.join(fitting)}"
            )


def check_digits(values: Iterable[Any], place: Callable[[int], str]) -> None:
    """Refuse a column of numbers that could all be dates in another order, such as 310120241600.

    A single such number is not refused: it can look like such a date by chance.

    Parameters
    ----------
    values
        The times of a column, or those of the first rows of a feed.
    place
        How a message calls the row of this position, such as "line 7".

    Raises
    ------
    ValueError
        All could be such dates; the message names the formats.
    """
    first: Any = None
    differ = False
    fitting: set[str] = set()
    for row, value in enumerate(values):
        first, fitting = (value, date_orders(value)) if row == 0 else (first, fitting & date_orders(value))
        if not fitting:
            return
        differ = differ or value != first
    if differ:
        raise ValueError(
            f"{place(0)}: time={_digits(first)} may be a date in another order: write 202610301600, say, or "
            f"give --date-format {' or '.join(sorted(fitting))}"
        )


def mixed_numbers(since_1970: Any, in_digits: Any, place: str) -> str:
    """The message about a column of dates in digits with a number that is no date, such as 20241302.

    A single number is not refused: 20217600 may be seconds of 1970.

    Parameters
    ----------
    since_1970, in_digits
        The two numbers.
    place
        Where the date is, such as "line 7".
    """
    return (
        f"time={shown(since_1970)} is a number since 1970 or a date that does not exist, but "
        f"{shown(in_digits)} ({place}) is a date: write all times like 2026-10-30T16:00"
    )


def check_dates_exist(values: Collection[Any], place: Callable[[int], str]) -> None:
    """Refuse a file whose times all look like dates that do not exist, such as 20241302.

    Parameters
    ----------
    values
        The times of the whole file, at least one.
    place
        How a message calls the row of this position, such as "line 7".

    Raises
    ------
    ValueError
        All look like such dates; the message has the first one.
    """
    if all(map(is_no_date, values)):
        raise ValueError(
            f"{place(0)}: time={shown(next(iter(values)))} is not a date that exists: write it like "
            "2026-10-30T16:00, even if it is a number since 1970"
        )


def is_no_date(value: Any) -> bool:
    """Whether a number looks like a date that does not exist.

    Since 1970, it would be seconds in August or September of that year, or milliseconds in 1976; a midnight
    in these months is taken as such.
    """
    digits = _digits(value)
    unit = {8: SECOND, 12: 1_000_000}.get(len(digits))
    return unit is not None and "1900" <= digits[:4] <= "2200" and int(digits) * unit % DAY != 0


def date_orders(value: Any) -> set[str]:
    """The formats of a number that could be a date in another order than 20261030.

    >>> date_orders(310120241600), date_orders(202601311600)
    ({'%d%m%Y%H%M'}, set())
    """
    digits = _digits(value)
    return {order for order in _OTHER_ORDERS.get(len(digits), ()) if _is_in_order(digits, order)}


def _digits(value: Any) -> str:
    """The digits of a number that could be a date, with the leading zero that a number lacks; else empty."""
    if isinstance(value, float | np.floating | Decimal) and math.isfinite(value) and value % 1 == 0:
        value = int(value)
    text = value.strip() if isinstance(value, str) else str(value)
    if not (text.isdecimal() and text.isascii()):
        return ""
    digits = text.zfill(len(text) + (len(text) in (11, 13)))
    is_read = len(digits) in _DATES_IN_DIGITS and "1600" <= digits[:4] <= "2200" and _in_calendar(digits)
    return "" if is_read or (len(digits) == 10 and digits < _LEAST_SHORT_YEAR) else digits


def _is_in_order(digits: str, order: str) -> bool:
    with suppress(ValueError):
        return 1900 <= datetime.strptime(digits, order).year <= 2200
    return False


def _two_digits(digits: str) -> str:
    return (
        f"time={digits} has a year of two digits: write 20261030, say, or give --date-format, such as %d%m%y"
    )


def _in_calendar(digits: str) -> datetime | None:
    try:
        parts = [int(digits[place : place + 2]) for place in range(4, len(digits), 2)] or [1, 1]
        month, day, hour, minute, second = [*parts, 0, 0, 0][:5]
        return datetime(int(digits[:4]), month, day, hour, minute, second)
    except ValueError:
        return None


def _seconds(naive: datetime) -> int:
    return (naive - _EPOCH) // timedelta(seconds=1)


def _of_datetime(value: datetime) -> Moment | None:
    if value != value:  # NaT
        return None
    offset = value.utcoffset()
    naive = value.replace(tzinfo=None)
    written = (naive - _EPOCH) // timedelta(microseconds=1) * 1_000 + int(getattr(value, "nanosecond", 0))
    if offset is None:
        return Moment(written, None)
    return Moment(written - offset // timedelta(microseconds=1) * 1_000, int(offset.total_seconds()))


def _of_datetime64(value: np.datetime64) -> int:
    unit, count = np.datetime_data(value.dtype)
    if unit in NANOSECONDS:
        return int(value.astype(np.int64)) * count * NANOSECONDS[unit]
    return int(value.astype("datetime64[s]").astype(np.int64)) * SECOND


def is_date(text: str) -> bool:
    """Whether a time that can be read is a date without a time of day."""
    text = text.strip()
    if text.isdigit():
        return len(text) == 8
    found = _MOMENT.fullmatch(iso_text(text) or text)
    if found is not None:
        return found["hour"] is None and found["only_month"] is None
    with suppress(ValueError):
        return date.fromisoformat(text) is not None  # 2026-W44-5
    return False


def is_time_text(text: str) -> bool:
    """Whether text looks like a time, even one that is refused because its day may be its month."""
    text = text.strip()
    if text.isdigit():
        return len(text) != 4 and len(text) in _DATES_IN_DIGITS and _in_calendar(text) is not None
    if _MOMENT.fullmatch(text) or is_other_date(text):
        return True
    return _of_other_text(text) is not None
