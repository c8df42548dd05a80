"""The one reading of times; `atc_cy.files.order` has the rule for their order.

A time is

- ISO 8601: ``2026-10-30``, ``2026-10-30T16:00:00.5+01:00``, ``20261030``; also ``2026/10/30``, ``2026.10.30``
  and ``2026-10``;
- a number since 1970 (UTC): seconds, milliseconds, microseconds or nanoseconds, whichever puts it between
  1973 and 5138; smaller ones are seconds. A whole number of eight digits that is a calendar date is that
  date, and one of four digits is a year. A number may have a fraction: ``1735689600.123``.

Numbers stay integers or text until they are times: none goes through a double, which cannot hold nanoseconds.
Without an offset a time is taken as it is written, and compared as UTC.
"""

import math
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .numbers import is_missing

if TYPE_CHECKING:
    import pandas as pd

SECOND = 1_000_000_000
"""In nanoseconds, in which instants are."""
_UNITS = ((10**11, SECOND), (10**14, 1_000_000), (10**17, 1_000))
"""Below the first number, a number since 1970 is in the unit that has so many nanoseconds."""
_LEAST_WITH_FRACTION = 10**8
_MOST_EXACT = 2.0**53
_MOST_NANOSECONDS = 9.2e18
"""In 64 bits: until the year 2261."""
_EPOCH = datetime(1970, 1, 1)
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?", re.ASCII)
_MOMENT = re.compile(
    r"(?P<year>\d{4})(?:-(?P<only_month>\d{1,2})|(?P<mark>[-/.]?)(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2}))"
    r"(?:[Tt ]+(?P<hour>\d{1,2})(?::?(?P<minute>\d{2})(?::?(?P<second>\d{2})(?:[.,](?P<fraction>\d+))?)?)?"
    r"\ ?(?P<offset>[Zz]|UTC|[+-]\d{2}(?::?\d{2})?)?)?",
    re.ASCII,
)
_DAY = r"\d{4}-\d\d-\d\d"
_CLOCK = r"[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?"
# Whole columns, a line each: what pandas reads at once, and to the same instants as `read_time`.
_PLAIN_COLUMN = re.compile(rf"(?:{_DAY}(?:{_CLOCK})?\n)*+", re.ASCII)
_OFFSET_COLUMN = re.compile(rf"(?:{_DAY}{_CLOCK}(?:Z|[+-]\d\d:\d\d)\n)*+", re.ASCII)
_WHOLE_COLUMN = re.compile(r"(?:-?\d{1,18}\n)*+", re.ASCII)
_CLOCK_ONLY = re.compile(r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?|\d{6}|\d{4}", re.ASCII)


class Moment(NamedTuple):
    """A time that was read."""

    instant: int
    """Nanoseconds since 1970, in UTC if there is no offset."""
    offset: int | None
    """Of the clock that it was written by, in seconds; None: it names none."""
    epoch: bool = False
    """Whether it was a number since 1970, which needs no offset."""


def instant(value: Any) -> int:
    """A time in nanoseconds since 1970; UTC if it names no offset.

    Raises
    ------
    ValueError
        It is not a time.

    Examples
    --------
    >>> instant("2025-01-01T00:00:00.123Z") == instant("1735689600.123") == instant(1735689600123)
    True
    """
    return read_time(value).instant


def read_time(value: Any) -> Moment:
    """A time: text, a number, a datetime or date of Python, NumPy or pandas.

    Raises
    ------
    ValueError
        It is not a time; the message shows it.
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
                f"time={value!r} is a float, which cannot hold it exactly: give integers or text"
            )
        moment = _of_number(Decimal(repr(number))) if math.isfinite(number) else None
    elif isinstance(value, Decimal) and value.is_finite():
        moment = _of_number(value)
    if moment is None:
        raise ValueError(
            f"time={value!r} must be ISO 8601, such as 2026-10-30T16:00, or a number of seconds, "
            "milliseconds, microseconds or nanoseconds since 1970"
        )
    return moment


def _of_text(text: str) -> Moment | None:
    if _NUMBER.fullmatch(text):
        return _of_number(Decimal(text))
    found = _MOMENT.fullmatch(text)
    if found is None:
        return _of_other_text(text)
    part = found.groupdict()
    try:
        month, day = part["month"] or part["only_month"], part["day"] or 1
        hour, minute, second = (int(part[name] or 0) for name in ("hour", "minute", "second"))
        whole = datetime(int(part["year"]), int(month), int(day), hour, minute, second)
    except ValueError:  # such as the 31st of a February
        return None
    fraction = int((part["fraction"] or "")[:9].ljust(9, "0"))
    offset = _offset(part["offset"])
    return Moment(_seconds(whole) * SECOND + fraction - (offset or 0) * SECOND, offset)


def _of_other_text(text: str) -> Moment | None:
    """Other forms of ISO 8601, such as 2026-W44-5."""
    try:
        return _of_datetime(datetime.fromisoformat(text))
    except ValueError:
        return None


def _offset(text: str | None) -> int | None:
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
        digits = str(whole)
        if len(digits) == 4 and digits.isdigit():
            return Moment(_seconds(datetime(whole, 1, 1)) * SECOND, None)
        if len(digits) == 8 and digits.isdigit():
            moment = _calendar_date(digits)
            if moment is not None:
                return moment
    elif abs(value) < _LEAST_WITH_FRACTION:
        return None
    scale = next((scale for limit, scale in _UNITS if abs(value) < limit), 1)
    return Moment(int(value * scale), None, epoch=True)


def _calendar_date(digits: str) -> Moment | None:
    try:
        day = datetime(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
    return Moment(_seconds(day) * SECOND, None) if 1600 <= day.year <= 2200 else None


def _seconds(naive: datetime) -> int:
    return (naive - _EPOCH) // timedelta(seconds=1)


def _of_datetime(value: datetime) -> Moment | None:
    if value != value:  # NaT
        return None
    offset = value.utcoffset()
    naive = value.replace(tzinfo=None)
    own = (naive - _EPOCH) // timedelta(microseconds=1) * 1_000 + int(getattr(value, "nanosecond", 0))
    if offset is None:
        return Moment(own, None)
    return Moment(own - offset // timedelta(microseconds=1) * 1_000, int(offset.total_seconds()))


def _of_datetime64(value: np.datetime64) -> int:
    unit, count = np.datetime_data(value.dtype)
    if unit in ("ns", "us", "ms", "s"):
        scale = {"ns": 1, "us": 1_000, "ms": 1_000_000, "s": SECOND}[unit]
        return int(value.astype(np.int64)) * count * scale
    return int(value.astype("datetime64[s]").astype(np.int64)) * SECOND


def read_times(values: "pd.Series[Any]", place: Callable[[int], str]) -> "pd.DatetimeIndex":
    """A column's times.

    Parameters
    ----------
    values
        Times of any type: datetimes (NumPy, pandas, Arrow, Python), periods, dates, text, numbers.
    place
        How a message calls the row of this position, such as "line 7".

    Returns
    -------
    pandas.DatetimeIndex
        In microseconds, or in nanoseconds where they are needed. With the offset where all rows have the same
        one, in UTC where the offsets differ, as with daylight saving; without one where the rows have none.

    Raises
    ------
    ValueError
        A row is not a time, has none, or has an offset while another one has none.
    """
    import pandas as pd

    times: pd.DatetimeIndex
    values = _plain(values)
    if isinstance(values.dtype, pd.PeriodDtype):
        times = pd.PeriodIndex(values).to_timestamp()
    elif values.dtype.kind == "M":
        times = pd.DatetimeIndex(values)
    elif values.dtype.kind in "iu" and not values.hasnans:
        times = _of_integers(values.to_numpy(), place)
    else:
        times = _of_column(values.to_numpy(object), place)
    if times.hasnans:
        raise ValueError(f"{place(int(np.argmax(times.isna())))}: there is no time")
    return _shortest(times)


def _plain(values: "pd.Series[Any]") -> "pd.Series[Any]":
    """The same in a type of NumPy's, where the type is a category's or Arrow's."""
    import pandas as pd

    plain: Any = values
    if isinstance(values.dtype, pd.CategoricalDtype):
        plain = plain.astype(values.dtype.categories.dtype)
    if isinstance(plain.dtype, pd.ArrowDtype) and plain.dtype.kind == "M":
        arrow: Any = plain.dtype.pyarrow_dtype
        zone, unit = getattr(arrow, "tz", None), getattr(arrow, "unit", "s")
        plain = plain.astype(f"datetime64[{unit}, {zone}]" if zone else f"datetime64[{unit}]")
    series: pd.Series[Any] = plain
    return series


def _of_integers(whole: NDArray[Any], place: Callable[[int], str]) -> "pd.DatetimeIndex":
    size = np.abs(whole.astype(np.float64))  # for the comparisons alone
    scale = np.select([size < limit for limit, _ in _UNITS], [own for _, own in _UNITS], 1)
    if (size * scale > _MOST_NANOSECONDS).any():
        return _of_each(whole, place)
    instants = whole.astype(np.int64) * scale
    digits = (whole >= 1_000) & (whole <= 9_999) | (whole >= 16_000_000) & (whole <= 22_009_999)
    for row in np.flatnonzero(digits).tolist():
        instants[row] = instant(whole[row])
    return _of_instants(instants, None)


def _of_column(given: NDArray[Any], place: Callable[[int], str]) -> "pd.DatetimeIndex":
    """Text, or objects of several types."""
    import pandas as pd

    text = ""
    with suppress(TypeError):  # not all of it is text
        text = "\n".join([*given, ""]) if len(given) else ""
    if text and _WHOLE_COLUMN.fullmatch(text):
        return _of_integers(np.array(given.tolist()).astype(np.int64), place)
    times: pd.DatetimeIndex
    try:
        if text and _PLAIN_COLUMN.fullmatch(text):
            times = pd.to_datetime(pd.Index(given), format="ISO8601")
            return times
        if text and _OFFSET_COLUMN.fullmatch(text):
            offsets = {row[-6:] for row in given} if "Z\n" not in text else {"Z"}
            times = pd.to_datetime(pd.Index(given), format="ISO8601", utc=True)
            return times.tz_convert(_zone(_offset(offsets.pop())) if len(offsets) == 1 else UTC)
    except ValueError:  # one of them is not in the calendar; the row is found below
        pass
    return _of_each(given, place)


def _of_each(given: NDArray[Any], place: Callable[[int], str]) -> "pd.DatetimeIndex":
    moments = []
    for row, value in enumerate(given):
        if is_missing(value):
            raise ValueError(f"{place(row)}: there is no time")
        try:
            moments.append(read_time(value))
        except ValueError as error:
            raise ValueError(f"{place(row)}: {error}") from None
    offsets = {moment.offset for moment in moments if not moment.epoch}
    if None in offsets and len(offsets) > 1:
        written = [row for row, moment in enumerate(moments) if not moment.epoch]
        without = next(row for row in written if moments[row].offset is None)
        with_one = next(row for row in written if moments[row].offset is not None)
        raise ValueError(
            f"{place(without)}: the time {given[without]!r} has no offset, but {given[with_one]!r} "
            f"({place(with_one)}) has one: give all of them one"
        )
    offsets.discard(None)
    zone = None if not offsets else UTC if len(offsets) > 1 else _zone(offsets.pop())
    return _of_instants([moment.instant for moment in moments], zone)


def _zone(offset: int | None) -> timezone:
    return timezone(timedelta(seconds=offset)) if offset else UTC


def _of_instants(instants: "NDArray[np.int64] | list[int]", zone: timezone | None) -> "pd.DatetimeIndex":
    import pandas as pd

    if isinstance(instants, list):
        whole = all(own % 1_000 == 0 for own in instants)
        try:
            numbers = np.array([own // 1_000 for own in instants] if whole else instants, np.int64)
        except OverflowError:
            raise ValueError("times with nanoseconds must be between the years 1678 and 2261") from None
        times = pd.DatetimeIndex(numbers.view(f"datetime64[{'us' if whole else 'ns'}]"))
    else:
        times = pd.DatetimeIndex(instants.view("datetime64[ns]"))
    return times if zone is None else times.tz_localize("UTC").tz_convert(zone)


def _shortest(times: "pd.DatetimeIndex") -> "pd.DatetimeIndex":
    """In microseconds, if that is exact: the same, whatever version of pandas has read them."""
    if times.unit == "ns" and (times.asi8 % 1_000).any():
        return times
    return times.as_unit("us")


def is_time_like(values: "pd.Series[Any]") -> bool:
    """Whether a column, or an index's labels, are times by their type, or by how the first is written.

    Numbers are not: only a name can say that they are times. Text is, where it is ISO 8601.
    """
    import pandas as pd

    if isinstance(values.dtype, pd.CategoricalDtype):
        return is_time_like(pd.Series(values.dtype.categories))
    if values.dtype.kind == "M" or isinstance(values.dtype, pd.PeriodDtype):
        return True
    if values.dtype.kind != "O" and not isinstance(values.dtype, pd.StringDtype):
        return False
    first = next((value for value in values if not is_missing(value)), None)
    if isinstance(first, str):
        text = first.strip()
        found = _MOMENT.fullmatch(text)
        return found is not None and (not text.isdigit() or _of_text(text) == _calendar_date(text))
    return isinstance(first, date | np.datetime64)


def is_time_of_day(value: Any) -> bool:
    """Whether it is a clock's time without a date, such as 09:30, 093000 or `datetime.time`."""
    from datetime import time

    if isinstance(value, str):
        return _CLOCK_ONLY.fullmatch(value.strip()) is not None
    return isinstance(value, time)


def joined(dates: "pd.Series[Any]", clocks: "pd.Series[Any]") -> "pd.Series[Any]":
    """The times of which one column has the dates and another one the time of day, as text."""
    import pandas as pd

    days = dates.dt.strftime("%Y-%m-%d") if dates.dtype.kind == "M" else dates.astype(str).str.strip()
    return pd.Series(days + "T" + clocks.astype(str).str.strip(), dates.index)
