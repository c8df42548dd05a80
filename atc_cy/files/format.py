"""What the user says about how a file is written; docs/files.md has the rules for the rest."""

import re
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

SEPARATORS = {"tab": "\t", "semicolon": ";", "pipe": "|", "comma": ","}
"""The separators of cells, by name."""


@dataclass(frozen=True)
class Format:
    """How a file of prices is written. The reader finds out what is None.

    Parameters
    ----------
    time_column, symbol_column
        Names of columns; in a file without a header, their numbers from 1.
    separator
        The sign between the cells of a row: a character, or a name in `SEPARATORS`.
    decimal
        The decimal mark, a point or a comma.
    date_format
        How times are written, in the notation of `datetime.strptime`: ``%d/%m/%Y``.
    header
        False if the file has no header.
    time_zone
        The zone of times without an offset; the other ones are converted to it.
    sheet
        The sheet of an Excel file to read: its name or, if no sheet has this name, its number from 1.
    skip_lines
        How many lines, or rows of a sheet, to leave out before the header.

    Raises
    ------
    ValueError
        A value is not allowed; the message names it.

    Examples
    --------
    >>> Format(separator="semicolon", decimal=",").separator
    ';'
    """

    time_column: str | None = None
    symbol_column: str | None = None
    separator: str | None = None
    decimal: str | None = None
    date_format: str | None = None
    header: bool | None = None
    time_zone: str | None = None
    sheet: str | None = None
    skip_lines: int = 0

    def __post_init__(self) -> None:
        separator = self.separator
        if separator is not None:
            separator = SEPARATORS.get(separator.lower(), "\t" if separator == "\\t" else separator)
            if len(separator) != 1 or separator.isalnum() or separator in "\"\r\n.-+:'":
                raise ValueError(
                    f"separator={self.separator!r} must be one character, or {', '.join(SEPARATORS)}"
                )
            object.__setattr__(self, "separator", separator)
        if self.decimal not in (None, ".", ","):
            raise ValueError(f"decimal={self.decimal!r} must be a point or a comma: '.' or ','")
        if self.date_format is not None:
            _check_date_format(self.date_format)
        if self.time_zone is not None:
            try:
                ZoneInfo(self.time_zone)
            except (KeyError, ValueError, OSError):  # an unknown name is a KeyError of its own kind
                raise _unknown_zone(self.time_zone) from None


FOUND_OUT = Format()
"""The reader finds out all of it."""


def _check_date_format(text: str) -> None:
    sample = datetime(2026, 10, 30, 16, tzinfo=UTC)
    try:
        # Python warns about a day without a year; such a format is refused below.
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            read = datetime.strptime(sample.strftime(text), text)
    except (ValueError, KeyError, re.error) as error:  # the last one of a part that is there twice
        raise ValueError(f"date_format={text!r} is not one that datetime.strptime reads: {error}") from None
    if read.date() != sample.date():
        raise ValueError(f"date_format={text!r} has no day, month and year: give all parts, as in %d/%m/%Y")
    if ("%I" in text) != ("%p" in text):
        raise ValueError(f"date_format={text!r}: %I (hours from 1 to 12) and %p (AM or PM) need each other")


def _unknown_zone(name: str) -> ValueError:
    from difflib import get_close_matches
    from zoneinfo import available_timezones

    near = get_close_matches(name, available_timezones(), n=1)
    meant = f"did you mean {near[0]!r}? " if near else ""
    return ValueError(f"time_zone={name!r} is unknown; {meant}give a name such as Europe/Berlin or UTC")
