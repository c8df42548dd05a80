"""Dates in other forms than ISO 8601, rewritten as ISO 8601.

- ``30.10.2026``, ``30/10/2026``, ``10/30/2026``: a row with a part above 12 shows which part is the day in
  the whole column; a column without such a row is refused. In ``30.10.2026 00:00:00.000 GMT-0500``, as
  Dukascopy writes it, the day comes first.
- ``Oct 30, 2026``, ``30-Oct-2026``, ``30 October 2026``, ``2026-Oct-30``, with or without the weekday.
- Each of these, and ISO dates, also with ``4:30 PM`` or ``04-PM``, and with an offset: ``Z``, ``GMT-0500``.

Years of two digits are refused; with a `date_format` they can be read.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .numbers import is_missing

if TYPE_CHECKING:
    import pandas as pd

_NAMES_OF_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september", "october"),
    *("november", "december"),
)
_MONTHS = {
    name[:letters]: number
    for number, name in enumerate(_NAMES_OF_MONTHS, 1)
    for letters in (3, 4 if name == "september" else 3, len(name))
}
_WEEKDAY = r"(?:(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?\.?,? +)?"
_NAME = r"(?P<name>[A-Za-z]{3,9})\.?"
_YEAR = r"(?P<year>\d{4})"
_REST = (
    r"(?:(?:[Tt]|,? +)(?P<hour>\d{1,2})"
    r"(?::(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?)?"
    r"(?:[ -]?(?P<half>[AaPp])\.?[Mm]\.?)?"
    r"(?: ?(?P<zone>Z|UTC|GMT)?(?P<offset>[+-]\d{1,2}(?::?\d{2})?)?)?)?"
)
_FORMS = [
    re.compile(_WEEKDAY + date + _REST, re.ASCII)
    for date in (
        rf"(?P<day>\d{{1,2}})(?P<mark>[-/. ]|\. )?{_NAME}(?:[-/. ]|, ?)?{_YEAR}",
        rf"{_NAME} +(?P<day>\d{{1,2}})(?:,? +){_YEAR}",
        rf"{_YEAR}(?P<mark>[-/. ]){_NAME}(?P=mark)(?P<day>\d{{1,2}})",
        rf"{_YEAR}(?P<mark>[-/.])(?P<month>\d{{1,2}})(?P=mark)(?P<day>\d{{1,2}})",
    )
]
_TWO_PARTS = re.compile(
    rf"{_WEEKDAY}(?P<first>\d{{1,2}})(?P<mark>[-/.])(?P<other>\d{{1,2}})(?P=mark){_YEAR}{_REST}", re.ASCII
)
_SHORT_YEAR = re.compile(
    r"(?:\d{1,2}([-/.])(?:\d{1,2}|[A-Za-z]{3,9})\1\d{2}|[A-Za-z]{3,9} +\d{1,2}, *\d{2})(?:[ T,].*)?"
    r"|\d{6}[T ].*",
    re.ASCII,
)
_SAMPLE = datetime(2026, 10, 30, 16)
_ROWS_SEEN = 100
"""How many rows are looked at to see whether a column has dates in other forms."""


class UnclearDateError(ValueError):
    """A date whose day could be its month."""


class _Order(NamedTuple):
    """Whether the day comes first in a column's dates, and the row that shows it."""

    day_first: bool
    row: int


def iso_text(text: str, day_first: bool | None = None) -> str | None:
    """A date in one of these forms as ISO 8601 writes it; None if the text is not one.

    day_first: whether the day comes first in dates such as ``03/04/2024``; None if that is not known.

    Raises
    ------
    UnclearDateError
        Its day could be its month.
    ValueError
        Its year has two digits.

    Examples
    --------
    >>> iso_text("Oct 30, 2026 4:05 PM"), iso_text("30.10.2026 00:00:00.000 GMT-0500")
    ('2026-10-30T16:05:00', '2026-10-30T00:00:00.000-05:00')
    """
    found = _TWO_PARTS.fullmatch(text)
    if found is not None:
        first, other = int(found["first"]), int(found["other"])
        if day_first is None:
            day_first = _day_first(found)
        if day_first is None and first != other and max(first, other) <= 12:
            raise UnclearDateError(
                f"the day of {text!r} could be its month: give {_formats(text, found)}, or write 2026-10-30"
            )
        day, month = (first, other) if day_first else (other, first)
        return _iso(found, month, day)
    for form in _FORMS:
        found = form.fullmatch(text)
        if found is not None:
            parts = found.groupdict()
            month = int(parts["month"]) if "month" in parts else _MONTHS.get(parts["name"].lower(), 0)
            return _iso(found, month, int(parts["day"]))  # None if the month is 0
    if _SHORT_YEAR.fullmatch(text):
        raise ValueError(f"the year of {text!r} has two digits: give --date-format, such as %d/%m/%y")
    return None


def _formats(text: str, found: "re.Match[str]") -> str:
    """The two options that read a date whose day could be its month."""
    clock, last = "", found.end("year")
    hour = "%I" if found["half"] else "%H"
    parts = {"hour": hour, "minute": "%M", "second": "%S", "fraction": "%f", "half": "%p", "offset": "%z"}
    for part, directive in parts.items():
        if found[part] is not None:
            clock += text[last : found.start(part)] + directive
            last = found.start(part) + 2 if part == "half" else found.end(part)
    quote = '"' if " " in clock else ""
    mark = found["mark"]
    orders = (f"{mark.join(order)}{mark}%Y{clock}" for order in (("%d", "%m"), ("%m", "%d")))
    return " or ".join(f"--date-format {quote}{order}{quote}" for order in orders)


def is_other_date(text: str) -> bool:
    """Whether text is written in one of these forms, those of refused dates included."""
    return any(form.fullmatch(text) for form in (_TWO_PARTS, *_FORMS, _SHORT_YEAR))


def has_day_and_month(text: str) -> bool:
    """Whether a date is written like ``03/04/2024``, so that it may not show which part is the day."""
    return _TWO_PARTS.fullmatch(text) is not None


def says_day_first(text: str) -> bool | None:
    """Whether a date like ``30/10/2026`` has its day first; None if it does not show, or is no such date."""
    found = _TWO_PARTS.fullmatch(text)
    return None if found is None else _day_first(found)


def _day_first(found: "re.Match[str]") -> bool | None:
    first, other = int(found["first"]), int(found["other"])
    if (first > 12) != (other > 12):
        return first > 12
    return True if found["mark"] == "." and found["zone"] == "GMT" and found["fraction"] else None


def _iso(found: "re.Match[str]", month: int, day: int) -> str | None:
    date = f"{found['year']}-{month:02}-{day:02}"
    hour = int(found["hour"] or 0)
    try:
        datetime(int(found["year"]), month, day, hour, int(found["minute"] or 0), int(found["second"] or 0))
    except ValueError:  # such as 31 February: the reader's message shows it as it is written
        return None
    if found["hour"] is None:
        return date
    if found["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + 12 * (found["half"] in "Pp")
    elif found["minute"] is None:
        return None
    clock = f"{hour:02}:{found['minute'] or '00'}:{found['second'] or '00'}"
    fraction = f".{found['fraction']}" if found["fraction"] else ""
    offset = found["offset"]
    if offset is not None:
        digits = offset[1:].replace(":", "")
        digits = digits.zfill(2).ljust(4, "0") if len(digits) < 3 else digits.zfill(4)
        offset = f"{offset[0]}{digits[:2]}:{digits[2:]}"
    return f"{date}T{clock}{fraction}{offset or ('Z' if found['zone'] else '')}"


def iso_column(given: NDArray[Any], place: Callable[[int], str]) -> NDArray[Any]:
    """Rewrite the dates of a column of text that are in other forms; all other values stay as they are.

    place: how a message calls the row of this position, such as "line 7".

    Raises
    ------
    ValueError
        No row shows which part is the day, two rows contradict each other, or a year has two digits.
    """
    if not any(isinstance(value, str) and is_other_date(value.strip()) for value in given[:_ROWS_SEEN]):
        return given
    order = _order_of(given, place)
    texts = []
    for row, value in enumerate(given):
        try:
            text = iso_text(value.strip(), order and order.day_first) if isinstance(value, str) else None
        except ValueError as error:
            raise ValueError(f"{place(row)}: {error}") from None
        texts.append(value if text is None else text)
    return np.array(texts, object)


def _check_no_dates(given: Any, place: Callable[[int], str]) -> None:
    """Refuse dates mixed with text such as 13.04.2024: a spreadsheet may have mistaken the day for the month.

    It turns the text 03.04.2024 into the 4th of March, and leaves 13.04.2024 as text.
    """
    for row, value in enumerate(given):
        if isinstance(value, date) and not is_missing(value):
            raise ValueError(
                f"{place(row)}: {value} is a date, but other rows are text: a spreadsheet may have taken the "
                "day for the month. Write all times as text"
            )


def _order_of(given: Any, place: Callable[[int], str]) -> _Order | None:
    found: _Order | None = None
    for row, value in enumerate(given):
        day_first = says_day_first(value.strip()) if isinstance(value, str) else None
        if day_first is None:
            continue
        if found is None:
            _check_no_dates(given, place)
            found = _Order(day_first, row)
        elif found.day_first != day_first:
            raise ValueError(
                f"{place(row)}: in {value!r} the {'day' if day_first else 'month'} comes first, and not in "
                f"{given[found.row]!r} ({place(found.row)}): give --date-format, or write all dates alike"
            )
    return found


def order_text(values: "pd.Series[Any]") -> str:
    """The note about which part comes first in a column's dates, if they are written like 03/04/2024."""
    first = values.iloc[0]
    if not isinstance(first, str) or not has_day_and_month(first.strip()):
        return ""
    said = (says_day_first(value.strip()) for value in values if isinstance(value, str))
    day_first = next((known for known in said if known is not None), None)
    return "" if day_first is None else f" ({'day' if day_first else 'month'} first)"


def formatted(values: "pd.Series[Any]", date_format: str, place: Callable[[int], str]) -> "pd.Series[Any]":
    """A column of text as datetimes, as `datetime.strptime` reads it; a missing value stays as it is.

    Raises
    ------
    ValueError
        A row does not match the format.
    """
    import pandas as pd

    read: list[Any] = []
    for row, value in enumerate(values.to_numpy(object)):
        try:
            missing = is_missing(value) or isinstance(value, datetime)
            read.append(value if missing else in_format(str(value).strip(), date_format).isoformat())
        except ValueError as error:
            raise ValueError(f"{place(row)}: {error}") from None
    return pd.Series(read, dtype=object)


def in_format(text: str, date_format: str) -> datetime:
    """A time as `datetime.strptime` reads it, also a number that lost its leading zero: 1022024 is 01022024.

    Raises
    ------
    ValueError
        It does not match the format.
    """
    sample = _SAMPLE.strftime(date_format)
    of_digits = text.isdecimal() and sample.isdecimal() and "%f" not in date_format
    lost = of_digits and len(text) == len(sample) - 1 and not date_format.startswith("%Y")
    whole = f"0{text}" if lost else text
    with suppress(ValueError):
        if not of_digits or len(whole) == len(sample):  # strptime takes 1022024 for the 10th of February
            return datetime.strptime(whole, date_format)
    raise ValueError(f"the time {text!r} does not match --date-format {date_format}")
