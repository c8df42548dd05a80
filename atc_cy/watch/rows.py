"""What the rows of a feed say: CSV with a header, or JSON lines.

A row has a time, a close, and optionally a symbol and a src, which the moving averages run on. Names of
columns are compared without regard to letter case; others are ignored. Where columns ``date`` and ``time``
have the date and the time of day, the two are one time. Times, numbers and missing values are read as
everywhere in atc_cy (`atc_cy.files.times`, `atc_cy.files.numbers`).
"""

import csv
import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from copy import copy, deepcopy
from typing import Any, NamedTuple

from ..errors import HeaderError
from ..files import json_lines
from ..files.clock import REMEDY, digits_of, is_another_day, is_whole, of_digits, time_of_day
from ..files.columns import DATE_COLUMNS, SRC, find_clock, find_named, find_symbol, find_time, tells_symbols
from ..files.numbers import is_missing, number
from ..files.symbols import OneSymbol, is_no_symbol
from ..files.times import read_time
from .bars import Bar

_BEFORE_2262 = 1 << 63
"""So many nanoseconds since 1970 are too many to count."""


class _Columns(NamedTuple):
    """The columns that matter, as the feed spells them; None: there is none."""

    time: str | None
    clock: str | None
    """Of times of day, beside one of dates."""
    close: str | None
    src: str | None
    symbol: str | None

    @classmethod
    def of(cls, names: Sequence[str]) -> "_Columns":
        time = find_time(names)
        close, src = (find_named(names, name) for name in ("close", SRC))
        return cls(time, find_clock(names, time), close, src, find_symbol(names))

    def late(self, before: "_Columns") -> str | None:
        """A column that rows before, which had those columns, would have needed."""
        pairs = zip(self, before, strict=True)
        return next((name for name, earlier in pairs if name != earlier and name != self.close), None)


class _Written(NamedTuple):
    """A time that was read before."""

    has_offset: bool
    time: Any
    line: int


class Rows:
    """The rows of a feed.

    Parameters
    ----------
    first
        The feed's first line: a JSON object, or the header of a CSV table.
    symbol
        The symbol of rows that name none.

    Raises
    ------
    HeaderError
        It is neither.

    Examples
    --------
    >>> Rows("date,close", "USD").bar("2026-10-30,1.1", line=2)
    Bar(symbol='USD', time='2026-10-30', instant=1793318400000000000, close=1.1, src=None, line=2)
    """

    def __init__(self, first: str, symbol: str) -> None:
        self._symbol = symbol
        self.is_json = _is_json(first)
        self._first = first.strip()
        self._names: Sequence[str] = ()
        """Of the header, or of the last JSON object."""
        self._known: dict[Any, Mapping[str, Any]] = {}
        """JSON objects by their lines, as a message calls them, that have all names between them."""
        self._columns = _Columns(None, None, None, None, None)
        self._others: Sequence[str] = ()
        """Columns that would tell symbols if they were text with several values."""
        self._one = OneSymbol()
        self._has_rows = False
        self._written: _Written | None = None
        self._digits: int | None = None
        """Of a time of day without colons."""
        if not self.is_json:
            self._names, self._columns = _header(first)
            self._others = self._other_columns(self._names)

    def begin_anew(self) -> None:
        """Another file goes on with JSON objects: its lines are counted anew."""
        self._known = {
            f"{line} of the file before" if isinstance(line, int) else line: row
            for line, row in self._known.items()
        }

    def is_no_row(self, text: str) -> bool:
        """Whether a line repeats the header, as where files were joined, or has no cell with a value."""
        return not self.is_json and (text.strip() == self._first or not text.strip(","))

    def tried(self, text: str) -> Bar | None:
        """The bar of a line, which is not taken; None if it is no valid row."""
        tried = copy(self)
        tried._one = deepcopy(self._one)
        with suppress(ValueError):
            return tried.bar(text, line=0)
        return None

    def bar(self, text: str, *, line: int) -> Bar:
        """The bar of a row; its close or src is NaN where the row has none.

        Raises
        ------
        HeaderError
            The row shows that a column has symbols that is not taken for one of symbols.
        ValueError
            The row cannot be read; the message says which value is wrong.
        """
        row = self._json_row(text, line) if self.is_json else self._csv_row(text)
        columns = self._columns
        if columns.time is None or columns.time not in row or columns.close is None:
            wanted = "close" if columns.time in row else columns.time or "time"
            raise ValueError(f"there is no {wanted!r}; there are: {', '.join(row)}")
        symbol = self._symbol_of(row)
        moment = self._time(row)
        close = number(row.get(columns.close), "close")
        src = None if columns.src is None else number(row.get(columns.src), "src")
        if not 0 < close < math.inf and not math.isnan(close):
            raise ValueError(f"close={close} must be above 0 and finite, or empty where there is none")
        if src is not None and math.isinf(src):
            raise ValueError(f"src={src} must be finite, or empty where there is none")
        bar = Bar(symbol, moment, self._instant(moment, line), close, src, line)
        self._has_rows = True
        return bar

    def _symbol_of(self, row: Mapping[str, Any]) -> str:
        for name in self._others:
            try:
                self._one.check(name, row.get(name))
            except ValueError as error:
                raise HeaderError(str(error)) from None
        symbol = self._symbol if self._columns.symbol is None else row.get(self._columns.symbol)
        if not isinstance(symbol, list | dict) and is_no_symbol(symbol):
            raise ValueError(f"the symbol is missing ({symbol!r})")
        if isinstance(symbol, bool) or not isinstance(symbol, str | int | float):
            raise ValueError(f"the symbol {symbol!r} is no name: give text or a number")
        name = str(symbol).strip()
        if not name.isprintable():
            raise ValueError(f"symbol={symbol!r} must be a name")
        return name

    def _other_columns(self, names: Sequence[str]) -> Sequence[str]:
        if self._columns.symbol is not None:
            return ()
        return [name for name in names if tells_symbols(name, text=True)]

    def _time(self, row: Mapping[str, Any]) -> Any:
        moment = row.get(self._columns.time or "")
        moment = moment.strip() if isinstance(moment, str) else moment
        clock = None if self._columns.clock is None else self._clock(moment, row.get(self._columns.clock))
        return moment if clock is None else f"{moment}T{clock}"

    def _clock(self, date: Any, value: Any) -> str | None:
        """The time of day; None: there is none, or a whole time. Digits have as many in all rows."""
        if is_missing(value) or (is_whole(value) and not is_another_day(date, value)):
            return None
        text, digits = time_of_day(value), digits_of(value)
        if digits is not None and len(digits) == (self._digits or len(digits)) and len(digits) in (4, 6):
            self._digits = len(digits)
            text = of_digits(digits, len(digits))
        if text is None:
            raise ValueError(f"{value!r} is no time of day in column {self._columns.clock!r}: {REMEDY}")
        return text

    def _instant(self, moment: Any, line: int) -> int:
        read = read_time(moment)
        if not -_BEFORE_2262 <= read.instant < _BEFORE_2262:
            raise ValueError(f"the time {moment!r} is not between 1678 and 2261")
        if not read.epoch:
            has_offset = read.offset is not None
            if self._written is None:
                self._written = _Written(has_offset, moment, line)
            elif self._written.has_offset != has_offset:
                before = f"{self._written.time!r} (line {self._written.line})"
                raise ValueError(
                    f"the time {moment!r} has {'an' if has_offset else 'no'} offset, but {before} has "
                    f"{'none' if has_offset else 'one'}: give all of them one"
                )
        return read.instant

    def _json_row(self, text: str, line: int) -> Mapping[str, Any]:
        row = json_lines.loads(text)
        if not isinstance(row, dict):
            raise ValueError(f"{text:.80} is no JSON object with time and close")
        names = [*row]
        if names != self._names:
            self._learn(row, line)
            self._names = names
        return row

    def _learn(self, row: Mapping[str, Any], line: int) -> None:
        """Take note of the names of a JSON object: the columns are those of all objects so far."""
        known = {**self._known, line: row}
        try:
            names = json_lines.names_of(known)
        except ValueError as error:
            raise ValueError(str(error).removeprefix(f"line {line}: ")) from None
        columns = _Columns.of(names)
        late = columns.late(self._columns) if self._has_rows else None
        if late is not None:
            raise ValueError(
                f"it has {late!r}, and the rows before it have none: give it in all rows, or in none"
            )
        if len(names) > len({name for earlier in self._known.values() for name in earlier}):
            self._known = known
        self._columns = columns
        self._others = self._other_columns(names)

    def _csv_row(self, text: str) -> Mapping[str, Any]:
        cells = _cells(text)
        if len(cells) != len(self._names):
            raise ValueError(f"there are {len(cells)} columns, but {len(self._names)} in the header")
        return dict(zip(self._names, cells, strict=True))


def has_price(bar: Bar) -> bool:
    """Whether a row has all prices that it should have."""
    return not math.isnan(bar.close) and (bar.src is None or not math.isnan(bar.src))


def is_header(text: str) -> bool:
    """Whether a line begins a feed: a JSON object, or a CSV header."""
    if _is_json(text):
        return True
    with suppress(HeaderError):
        _header(text)
        return True
    return False


def is_whole_json(text: str) -> bool:
    """Whether it is a JSON object to its closing brace, so that nothing of it can be missing."""
    with suppress(ValueError):
        return isinstance(json_lines.loads(text), dict)
    return False


def _is_json(text: str) -> bool:
    return text.lstrip().startswith("{")


def _header(text: str) -> tuple[list[str], _Columns]:
    try:
        names = _cells(text)
        columns = _Columns.of(names)
    except ValueError as error:
        raise HeaderError(f"{error}; the header is: {text:.200}") from None
    for name, column in ((" or ".join(DATE_COLUMNS), columns.time), ("close", columns.close)):
        if column is None:
            raise HeaderError(f"no column is named {name}; the header is: {text:.200}")
    return names, columns


def _cells(text: str) -> list[str]:
    try:
        return next(csv.reader([text], strict=True))
    except csv.Error as error:
        raise ValueError(f"no valid CSV: {error}") from None
