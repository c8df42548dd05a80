"""Whole columns of times, read at once; each instant is the one that `atc_cy.files.times` reads."""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, timedelta, timezone
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .columns import folded
from .dates import iso_column
from .numbers import is_missing
from .times import (
    DAY_NUMBERS,
    MOST_NANOSECONDS,
    UNITS,
    check_digits,
    is_time_text,
    mixed_numbers,
    offset_seconds,
    read_time,
)

if TYPE_CHECKING:
    import pandas as pd

_DAY = r"\d{4}-\d\d-\d\d"
_CLOCK = r"[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?"
# Columns, joined with one cell per line, that pandas reads at once to the same instants as `read_time`.
_PLAIN_COLUMN = re.compile(rf"(?:{_DAY}(?:{_CLOCK})?\n)*+", re.ASCII)
_OFFSET_COLUMN = re.compile(rf"(?:{_DAY}{_CLOCK}(?:Z|[+-]\d\d:\d\d)\n)*+", re.ASCII)
_WHOLE_COLUMN = re.compile(r"(?:-?(?:0|[1-9]\d{0,17})\n)*+", re.ASCII)
_NAMED_FOR_TIMES = re.compile(
    r"(?:^|[^a-z])(?:date|datetime|epoch|time|timestamp|ts|unix|when)(?:[^a-z]|$)|time$"
)
_LEAST_NUMBER = 16_000_000
"""In a column named for times, numbers from this one on are times: dates such as 20261030, or epochs."""
_MAYBE_DATES = (
    *((1_000, 9_999), DAY_NUMBERS, (100_000, 991_231), (1_011_600, 31_122_200)),
    *((160_000_000_000, 220_099_999_999), (16_000_000_000_000, 22_009_999_999_999)),
)
"""Ranges of whole numbers that may be dates: `read_time` looks at each such number."""


def read_times(
    values: "pd.Series[Any]", place: Callable[[int], str], *, epochs_in_utc: bool = False
) -> "pd.DatetimeIndex":
    """A column's times.

    Parameters
    ----------
    values
        Times of any type: datetimes (NumPy, pandas, Arrow, Python), periods, dates, text, numbers.
    place
        How a message calls the row of this position, such as "line 7".
    epochs_in_utc
        Whether numbers since 1970 count as times with the offset of UTC.

    Returns
    -------
    pandas.DatetimeIndex
        In microseconds, or in nanoseconds if they are needed. It has the offset that all rows have; it is in
        UTC if the offsets differ, as with daylight saving time, and has no zone if the rows have no offset.

    Raises
    ------
    ValueError
        A row has no time, a value that is not a time, or an offset while another row has none.
    """
    import pandas as pd

    times: pd.DatetimeIndex
    values = _plain(values)
    check_digits(values, place)
    if isinstance(values.dtype, pd.PeriodDtype):
        times = pd.PeriodIndex(values).to_timestamp()
    elif values.dtype.kind == "M":
        times = pd.DatetimeIndex(values)
    elif values.dtype.kind in "iu" and not values.hasnans:
        times = _of_integers(values.to_numpy(), place, epochs_in_utc)
    elif values.dtype.kind == "f":
        times = _of_floats(values.to_numpy(np.float64, na_value=np.nan), place, epochs_in_utc)
    else:
        times = _of_column(values.to_numpy(object), place, epochs_in_utc)
    if times.hasnans:
        raise ValueError(f"{place(int(np.argmax(times.isna())))}: there is no time")
    return _shortest(times)


def _plain(values: "pd.Series[Any]") -> "pd.Series[Any]":
    """The column with the type of its categories, if it has some."""
    import pandas as pd

    plain: Any = values
    if isinstance(values.dtype, pd.CategoricalDtype):
        plain = plain.astype(values.dtype.categories.dtype)
    series: pd.Series[Any] = plain
    return series


def _of_integers(whole: NDArray[Any], place: Callable[[int], str], utc: bool) -> "pd.DatetimeIndex":
    zone = UTC if utc else None
    if (unit := _only_unit(whole)) is not None:
        return _of_instants(whole.astype(np.int64) * unit, zone)
    size = np.abs(whole.astype(np.float64))  # for the comparisons alone
    scale = np.select([size < limit for limit, _ in UNITS], [unit for _, unit in UNITS], 1)
    singly = size * scale > MOST_NANOSECONDS
    for least, most in _MAYBE_DATES:
        singly |= (whole >= least) & (whole <= most)
    if singly.any():
        return _of_each(whole, place, utc)
    return _of_instants(whole.astype(np.int64) * scale, zone)


def _only_unit(whole: NDArray[Any]) -> int | None:
    """The unit of all of a column's numbers, if none may be a date; None if each must be looked at."""
    least, most = (int(whole.min()), int(whole.max())) if whole.size else (0, 0)
    unit = next((unit for limit, unit in UNITS if least < limit), 1)
    if least < 0 or most * unit > MOST_NANOSECONDS:  # as is a number that is in a smaller unit
        return None
    return None if any(first <= most and least <= last for first, last in _MAYBE_DATES) else unit


def _of_floats(given: NDArray[np.float64], place: Callable[[int], str], utc: bool) -> "pd.DatetimeIndex":
    size = np.abs(given)
    if (size < 2.0**53).all() and (given == np.floor(given)).all():
        return _of_integers(given.astype(np.int64), place, utc)
    # Below 2**33, doubles are less than a microsecond apart: each whole number of microseconds is nearest to
    # a different double, so a double that is nearest to one is written with at most these six decimals.
    if ((size >= 1e8) & (size < 2.0**33)).all():
        microseconds = np.rint(given * 1e6)
        if (microseconds / 1e6 == given).all():
            return _of_instants(microseconds.astype(np.int64) * 1_000, UTC if utc else None)
    return _of_each(given, place, utc)


def _of_column(given: NDArray[Any], place: Callable[[int], str], utc: bool) -> "pd.DatetimeIndex":
    """Text, or objects of several types."""
    import pandas as pd

    text = ""
    with suppress(TypeError):  # not all of it is text
        text = "\n".join([*given, ""])
    if text and _WHOLE_COLUMN.fullmatch(text):
        return _of_integers(np.array(given.tolist()).astype(np.int64), place, utc)
    times: pd.DatetimeIndex
    try:
        if text and _PLAIN_COLUMN.fullmatch(text):
            times = pd.to_datetime(pd.Index(given), format="ISO8601")
            return times
        if text and _OFFSET_COLUMN.fullmatch(text):
            offsets = {row[-6:] for row in given} if "Z\n" not in text else {"Z"}
            times = pd.to_datetime(pd.Index(given), format="ISO8601", utc=True)
            return times.tz_convert(_zone(offset_seconds(offsets.pop())) if len(offsets) == 1 else UTC)
    except ValueError:  # a date is not in the calendar; its row is found below
        pass
    return _of_each(iso_column(given, place), place, utc)


def _of_each(given: NDArray[Any], place: Callable[[int], str], utc: bool) -> "pd.DatetimeIndex":
    moments = []
    for row, value in enumerate(given):
        if is_missing(value):
            raise ValueError(f"{place(row)}: there is no time")
        try:
            moment = read_time(value)
        except ValueError as error:
            raise type(error)(f"{place(row)}: {error}") from None
        moments.append(moment)
    of_1970 = next((row for row, moment in enumerate(moments) if moment.epoch), None)
    in_digits = next((row for row, moment in enumerate(moments) if moment.digits), None)
    if of_1970 is not None and in_digits is not None:
        raise ValueError(
            f"{place(of_1970)}: {mixed_numbers(given[of_1970], given[in_digits], place(in_digits))}"
        )
    if utc:
        moments = [moment._replace(offset=0, epoch=False) if moment.epoch else moment for moment in moments]
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
        whole = all(instant % 1_000 == 0 for instant in instants)
        try:
            numbers = np.array([instant // 1_000 for instant in instants] if whole else instants, np.int64)
        except OverflowError:
            raise ValueError("times with nanoseconds must be between the years 1678 and 2261") from None
        times = pd.DatetimeIndex(numbers.view(f"datetime64[{'us' if whole else 'ns'}]"))
    else:
        times = pd.DatetimeIndex(instants.view("datetime64[ns]"))
    return times if zone is None else times.tz_localize("UTC").tz_convert(zone)


def _shortest(times: "pd.DatetimeIndex") -> "pd.DatetimeIndex":
    """The times in microseconds, if that is exact, whichever version of pandas has read them."""
    if times.unit == "ns" and (times.asi8 % 1_000).any():
        return times
    return times.as_unit("us")


def check_one_clock(
    times: "pd.DatetimeIndex", values: "pd.Series[Any]", place: Callable[[int], str], remedy: str
) -> None:
    """Refuse times whose offsets differ, if days begin at the midnight of the clock that wrote the times.

    Parameters
    ----------
    times
        What `read_times` has read.
    values
        The values before they were read.
    place
        How a message calls the row of this position, such as "line 7".
    remedy
        How the user can name the zone.

    Raises
    ------
    ValueError
        The offsets differ, as with daylight saving time; the message names two rows.
    """
    if str(times.tz) != "UTC" or values.dtype.kind not in "OUS":
        return
    if all(isinstance(value, str) and value.endswith("Z") for value in values):
        return
    first: tuple[int, int] | None = None
    for row, value in enumerate(values):
        offset = read_time(value).offset
        if offset is None:
            continue
        if first is not None and offset != first[1]:
            raise ValueError(
                f"{place(row)}: the time {value!r} has another offset than {values.iloc[first[0]]!r} "
                f"({place(first[0])}), so the zone in which days begin is unknown: {remedy}"
            )
        first = first or (row, offset)


def nanoseconds(times: "pd.DatetimeIndex") -> NDArray[np.int64]:
    """Instants of whole microseconds in nanoseconds, as `atc_cy.files.times.instant` returns them."""
    instants: NDArray[np.int64] = times.as_unit("us").asi8 * 1_000
    return instants


def is_time_like(values: "pd.Series[Any]") -> bool:
    """Whether a column, or an index's labels, are times by their type or by how the first one is written.

    Numbers are not time-like: only a column's name can show that they are times.
    """
    import pandas as pd

    if isinstance(values.dtype, pd.CategoricalDtype):
        return is_time_like(pd.Series(values.dtype.categories))
    if values.dtype.kind == "M" or isinstance(values.dtype, pd.PeriodDtype):
        return True
    if values.dtype.kind not in "OUS":
        return False
    first = next((value for value in values if not is_missing(value)), None)
    return is_time_text(first) if isinstance(first, str) else isinstance(first, date | np.datetime64)


def holds_times(name: Any, values: "pd.Series[Any]") -> bool:
    """Whether a column holds times: by its type, as text, or as numbers if its name says so."""
    if is_time_like(values):
        return True
    if values.dtype.kind not in "iuf" or not _NAMED_FOR_TIMES.search(folded(name)):
        return False
    return len(values) > 0 and bool((values >= _LEAST_NUMBER).all())
