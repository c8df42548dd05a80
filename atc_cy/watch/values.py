"""The numbers and times of a feed: its rows show the decimal mark, and the order of day and month."""

import re
from collections.abc import Mapping
from contextlib import suppress
from copy import copy, deepcopy
from datetime import UTC, datetime, time, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from ..errors import HeaderError
from ..files.dates import UnclearDateError, in_format, is_other_date, iso_text, says_day_first
from ..files.format import Format
from ..files.marks import Evidence, Seen, plain, says, unclear
from ..files.numbers import is_missing, number

_PLAIN_TIME = re.compile(r"\d{4}-\d\d-\d\d(?:[T ][\d:.]+(?:Z|[+-][\d:]+)?)?|\d+", re.ASCII)
"""Times that are ISO 8601 or digits, so that they need not be rewritten."""
_EPOCH = datetime(1970, 1, 1)


class UndecidedError(ValueError):
    """A value that could be read in two ways; a later row may decide."""


def _called(mark: str) -> str:
    return "comma" if mark == "," else "point"


def _unclear(doubt: Evidence) -> str:
    return unclear(doubt.text, doubt.column)


class Values:
    """How the numbers and times of a feed are written, as far as its rows have shown.

    form: what the user says about it.
    """

    def __init__(self, form: Format) -> None:
        self._form = form
        self._mark = form.decimal
        self._seen = Seen()
        self._took = ("", "")
        """A number that was read, and the decimal mark that was used."""
        self._day_first: bool | None = None
        self._day_seen = ""
        self._guessed: set[int] = set()
        """Instants of times that clocks showed twice and that were taken as the first of the two."""
        self._zone = None if form.time_zone is None else ZoneInfo(form.time_zone)

    def copy(self) -> Self:
        """A copy, to go back to."""
        other = copy(self)
        other._seen = deepcopy(self._seen)
        return other

    def learn(self, prices: Mapping[Any, Any], others: Mapping[Any, Any], moment: Any) -> None:
        """Learn from a row's cells, by the names of their columns.

        Raises
        ------
        HeaderError
            Earlier numbers were read with another decimal mark.
        """
        if self._mark is None:
            self._learn_mark(prices, others)
        if self._day_first is None and isinstance(moment, str) and not _PLAIN_TIME.fullmatch(moment):
            self._day_first = says_day_first(moment.strip())
            self._day_seen = moment

    def _learn_mark(self, prices: Mapping[Any, Any], others: Mapping[Any, Any]) -> None:
        decided = False
        for name, value in prices.items():
            decided = self._seen.price(value, 0, name) or decided
        for name, value in others.items():
            self._seen.other(value, 0, name)
        found, doubt = self._seen.decided(), self._seen.doubt()
        text, mark = self._took
        if text and doubt is not None:
            raise HeaderError(
                f"{text!r} in an earlier row was read with a decimal {_called(mark)}, but {_unclear(doubt)}"
            )
        if text and found is not None and found.mark != mark:
            raise HeaderError(
                f"{found.text!r} has a decimal {_called(found.mark)}, but {text!r} in an earlier row was "
                f"read with a decimal {_called(mark)}: give --decimal"
            )
        if decided and found is not None:  # a price has decided: later numbers cannot change it
            self._mark = found.mark

    def number(self, value: Any, name: str) -> float:
        """A number; NaN if it is missing.

        Raises
        ------
        UndecidedError
            Its comma or point could be a decimal mark as well as a thousands separator.
        ValueError
            The value is not a number, or has another decimal mark than earlier rows.
        """
        if not isinstance(value, str) or is_missing(value):
            return number(value, name)
        if self._mark == "." and "," not in value:
            with suppress(ValueError):  # it may have a currency sign
                return number(value, name)
        said, found, doubt = says(value), self._seen.decided(), self._seen.doubt()
        if self._mark is None and doubt is not None and said:
            raise UndecidedError(_unclear(doubt))
        mark = self._mark or ("." if found is None else found.mark)
        if said:
            self._took = (value, mark)
        written = plain(value, mark)
        if written is None and (said or (mark == "," and "." in value)):
            before = f", which {found.text!r} shows: give --decimal" if found is not None else ""
            raise ValueError(f"{name}={value!r} is not a number with the decimal mark '{mark}'{before}")
        return number(value if written is None else written, name)

    def date(self, value: Any) -> Any:
        """A time as ISO 8601 writes it, if it is written in another form; otherwise as it is.

        Raises
        ------
        UndecidedError
            Its day could be its month.
        ValueError
            The time does not match the user's format, or has its day where earlier rows have the month.
        """
        if not isinstance(value, str) or (self._form.date_format is None and _PLAIN_TIME.fullmatch(value)):
            return value
        if self._form.date_format is not None:
            read = in_format(value, self._form.date_format)
            # If it is a date alone, another column may have the time of day.
            return (read if read.tzinfo or read.time() != time() else read.date()).isoformat()
        said = says_day_first(value)
        if said is not None and self._day_first is not None and said != self._day_first:
            raise ValueError(
                f"in {value!r} the {'day' if said else 'month'} comes first, and not in {self._day_seen!r}: "
                "give --date-format, or write all dates alike"
            )
        try:
            text = iso_text(value, self._day_first) if is_other_date(value) else None
        except UnclearDateError as error:
            raise UndecidedError(str(error)) from None
        return value if text is None else text

    def shown(self, moment: Any, instant: int) -> Any:
        """A time as the watch reports it: as the feed has it, or in the user's zone."""
        if self._zone is None:
            return moment
        whole, rest = divmod(instant, 1_000)
        local = (_EPOCH + timedelta(microseconds=whole)).replace(tzinfo=UTC).astimezone(self._zone)
        return moment if rest else local.isoformat()

    def _is_twice(self, naive: datetime) -> bool:
        offsets = [naive.replace(tzinfo=self._zone, fold=fold).utcoffset() for fold in (0, 1)]
        return offsets[0] != offsets[1]

    def _check_guess(self, naive: datetime, fold: int, last: int | None) -> None:
        if last in self._guessed and fold == 0 and not self._is_twice(naive):
            raise HeaderError(
                f"clocks of {self._zone} showed the time of the row before twice, when they were set back, "
                "but the feed has it once: write times with their offset, as in 2024-10-27T02:00+01:00"
            )

    def in_zone(self, instant: int, last: int | None) -> int:
        """The instant of a time without an offset, in the user's zone.

        instant: the time as if it were UTC. last: the instant of the symbol's row before, which decides if
        clocks show an hour twice.

        Raises
        ------
        ValueError
            Clocks of the zone never showed the time.
        HeaderError
            Clocks showed the time of the row before twice, but it came only once: it is not known which.
        """
        if self._zone is None:
            return instant
        naive = _EPOCH + timedelta(microseconds=instant // 1_000)
        for fold in (0, 1):
            aware = naive.replace(tzinfo=self._zone, fold=fold)
            if aware.astimezone(UTC).astimezone(self._zone).replace(tzinfo=None) != naive:
                raise ValueError(
                    f"clocks of {self._zone} never showed {naive}: they were set forward then. "
                    "Give another --time-zone"
                )
            offset = aware.utcoffset() or timedelta()
            shifted = instant - offset // timedelta(microseconds=1) * 1_000
            if last is None or shifted > last:
                self._check_guess(naive, fold, last)
                if fold == 0 and self._is_twice(naive) and naive.time() != time():
                    self._guessed.add(shifted)
                return shifted
        return shifted
