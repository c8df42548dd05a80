"""Reads the rows of a feed: CSV in any form, or JSON lines.

A row has a time, a close, and optionally a symbol and a src, which the moving averages run on; or a time and
the closes of several symbols, one column each. Names of columns are compared without regard to letter case;
other columns are ignored. If a column ``date`` has the date and a column ``time`` the time of day, they are
joined. Columns, times, numbers and missing values are found and read as in files (docs/files.md).
"""

import csv
import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from copy import copy, deepcopy
from typing import Any, NamedTuple

from ..errors import HeaderError
from ..files import json_lines
from ..files.clock import REMEDY, digits_of, is_another_day, is_timestamp, is_whole, of_digits, time_of_day
from ..files.columns import CLOSE, DATE_COLUMNS, Columns, names_symbols, prices_and_others
from ..files.csv_cells import unescaped
from ..files.format import FOUND_OUT, Format
from ..files.numbers import is_missing
from ..files.symbols import OneSymbol, is_no_symbol
from ..files.times import UnknownTimeError, check_digits, mixed_numbers, read_time
from .bars import Bar
from .layout import Layout, Wanted, of_header
from .objects import Objects
from .sources import averaged, source_of
from .values import Values

_DAY = 86_400_000_000_000
_FIRST, _AFTER = -106_650 * _DAY, 106_651 * _DAY
"""When 1678 begins, and 2262: the years between fit into 64 bits of nanoseconds, in any time zone."""


FOUND_BY_NAME = Wanted()
"""A column named close, and one named src if there is one."""


class _Written(NamedTuple):
    """The first time of the feed that was read."""

    has_offset: bool
    time: Any
    line: int


class _Number(NamedTuple):
    """The first time of the feed that was a number."""

    in_digits: bool
    """Whether it is a date in digits, rather than a number since 1970."""
    time: Any
    line: int


class Rows:
    """The rows of a feed.

    Parameters
    ----------
    first
        The feed's first line: a JSON object, or the header of a CSV table; with a layout, all lines before
        the first row.
    symbol
        The symbol of rows that do not name one.
    form, wanted
        What the user says about how the feed is written, and the columns of prices.
    layout
        The layout of a CSV table, if its first line alone does not show it.

    Raises
    ------
    HeaderError
        The first line is neither an object nor a header, and there is no layout.

    Examples
    --------
    >>> Rows("date,close", "USD").bar("2026-10-30,1.1", line=2)
    Bar(symbol='USD', time='2026-10-30', instant=1793318400000000000, close=1.1, src=None, line=2)
    """

    def __init__(
        self,
        first: str,
        symbol: str,
        form: Format = FOUND_OUT,
        wanted: Wanted = FOUND_BY_NAME,
        layout: Layout | None = None,
    ) -> None:
        self._symbol = symbol
        self._above = frozenset(line.strip() for line in first.split("\n"))
        self._wanted = wanted
        self._objects = Objects(form, wanted) if layout is None and _is_json(first) else None
        self._names: Sequence[Any] = ()
        self._columns: dict[str | None, Columns] = {}
        self._candle: dict[str, Any] = {}
        self._separator = ","
        self._values = Values(form)
        self._one = OneSymbol()
        self._last: dict[str, int] = {}
        self._written: _Written | None = None
        self._number: _Number | None = None
        self._first: list[Any] = []
        """The first two different times, which show whether numbers are dates in another order."""
        self._digits: int | None = None
        """How many digits a time of day without colons has."""
        if self._objects is None:
            layout = layout or _header(first, form, wanted)
            self._separator, self._names, self._columns, _, self._candle = layout

    def is_no_row(self, text: str) -> bool:
        """Whether a line repeats the header, as in joined files, or has only empty cells."""
        return self._objects is None and (
            text.strip() in self._above or not text.strip(f"{self._separator} ")
        )

    def goes_on(self, text: str) -> bool:
        """Whether another file that begins with this line continues the rows: JSON, or the same header."""
        return self.is_no_row(text) if self._objects is None else _is_json(text)

    def begin_again(self) -> None:
        """Another file continues the feed with such rows: its lines are counted from 1."""
        if self._objects is not None:
            self._objects.begin_again()

    def tried(self, text: str) -> list[Bar]:
        """The bars of a line, without taking it; empty if it is not a valid row."""
        tried = copy(self)
        tried._values, tried._last = self._values.copy(), dict(self._last)
        tried._objects, tried._one = copy(self._objects), deepcopy(self._one)
        with suppress(ValueError):
            return tried.bars(text, line=0)
        return []

    def bar(self, text: str, *, line: int) -> Bar:
        """The only bar of a row, or the first one; errors as from `bars`."""
        return self.bars(text, line=line)[0]

    def bars(self, text: str, *, line: int) -> list[Bar]:
        """The bars of a row; a close or src is NaN if the row has none.

        Raises
        ------
        UndecidedError
            The row could be read in two ways; a later one may decide.
        HeaderError
            The row shows that earlier rows were read wrongly, or that a column which is not used as the
            column of symbols has several symbols.
        ValueError
            The row cannot be read; the message says which value is wrong.
        """
        row = self._row(text, line)
        self._learn(row)
        columns = next(iter(self._columns.values()))
        names = [self._symbol_of(row, owner, of_owner) for owner, of_owner in self._columns.items()]
        moment = self._time(row, columns)
        self._check_candle(row)
        bars = [
            self._bar(name, moment, line, row, of_owner)
            for name, of_owner in zip(names, self._columns.values(), strict=True)
        ]
        if self._objects is not None:
            self._objects.has_bars = True
        return bars

    def _bar(self, symbol: str, moment: Any, line: int, row: Mapping[Any, Any], columns: Columns) -> Bar:
        close, src, parts = self._prices(row, columns)
        instant = self._instant(moment, line, symbol)
        return Bar(symbol, self._values.shown(moment, instant), instant, close, src, line, parts)

    def learn(self, text: str, *, line: int) -> None:
        """Learn from a row how numbers and times are written, without taking the row."""
        with suppress(ValueError):  # the error is raised when the row is taken
            self._learn(self._row(text, line))

    def _learn(self, row: Mapping[Any, Any]) -> None:
        """Learn from a row how numbers and times are written."""
        owners = [*self._columns.values()]
        prices, others = (
            {name: row[name] for name in names if name in row} for names in prices_and_others(row, owners)
        )
        self._values.learn(prices, others, row.get(owners[0].time))

    def _symbol_of(self, row: Mapping[Any, Any], owner: str | None, columns: Columns) -> str:
        symbol = (owner or self._symbol) if columns.symbol is None else row.get(columns.symbol)
        if owner is None and columns.symbol is None:
            self._check_one_symbol(row)
        if not isinstance(symbol, list | dict) and is_no_symbol(symbol):
            raise ValueError(f"the symbol is missing ({symbol!r})")
        if isinstance(symbol, bool) or not isinstance(symbol, str | int | float):
            raise ValueError(f"the symbol {symbol!r} is not a name: give text or a number")
        name = str(symbol).strip()
        if not name.isprintable():
            raise ValueError(f"symbol={symbol!r} has characters that cannot be seen: remove them")
        return name

    def _check_one_symbol(self, row: Mapping[Any, Any]) -> None:
        """Refuse several symbols in a column of another name, such as pair."""
        try:
            for name, value in row.items():
                if names_symbols(name, text=True):
                    self._one.check(name, value)
        except ValueError as error:
            raise HeaderError(str(error)) from None

    def _prices(
        self, row: Mapping[Any, Any], columns: Columns
    ) -> tuple[float, float | None, Mapping[str, float] | None]:
        """The close, the src, and the values that the src is computed from."""
        close = self._values.number(row.get(columns.price), "close")
        src = None if columns.src is None else self._values.number(row.get(columns.src), "src")
        parts = None if src is None else {averaged(columns.src): src}
        if columns.parts:
            parts = {part: self._values.number(row.get(name), part) for part, name in columns.parts.items()}
            src = source_of(str(self._wanted.source), parts)
        if not 0 < close < math.inf and not math.isnan(close):
            raise ValueError(f"close={close} must be above 0 and finite, or empty if there is none")
        if src is not None and math.isinf(src):
            raise ValueError(f"src={src} must be finite, or empty if there is none")
        return close, src, parts

    def _check_candle(self, row: Mapping[Any, Any]) -> None:
        """Refuse a row of a feed without a header whose values are not those of a candle."""
        if not self._candle:
            return
        first, high, low = (self._values.number(row[name], str(name)) for name in self._candle.values())
        close = self._values.number(row[CLOSE], CLOSE)
        if high < max(first, close) or low > min(first, close):  # both are false if a value is missing
            raise HeaderError(
                f"high={high} is not the greatest of the candle, or low={low} not the least. The feed has no "
                "header: give --no-header with --time-column and --column as their numbers from 1"
            )

    def _time(self, row: Mapping[Any, Any], columns: Columns) -> Any:
        moment = row.get(columns.time)
        moment = self._values.date(moment.strip() if isinstance(moment, str) else moment)
        clock = columns.clock
        time = None if clock is None else self._clock(moment, row.get(clock), clock)
        return moment if time is None else f"{moment}T{time}"

    def _clock(self, date: Any, value: Any, name: str) -> str | None:
        """The time of day; None if there is none, or a whole time. All rows have as many digits."""
        text, digits = time_of_day(value), digits_of(value)
        if is_missing(value) or (is_whole(value) and not is_another_day(date, value)):
            return None
        if text is None and is_timestamp(name):
            return None
        if digits is not None and len(digits) == (self._digits or len(digits)) and len(digits) in (4, 6):
            self._digits = len(digits)
            text = of_digits(digits, len(digits))
        if text is None:
            raise ValueError(f"{value!r} is not a time of day in column {name!r}: {REMEDY}")
        return text

    def _instant(self, moment: Any, line: int, symbol: str) -> int:
        if len(self._first) < 2 and moment not in self._first:
            self._check_digits(moment)
        try:
            read = read_time(moment)
        except UnknownTimeError as error:
            raise ValueError(f"{error}; --date-format says how other times are written") from None
        instant = read.instant
        if not _FIRST <= instant < _AFTER:
            raise ValueError(f"the time {moment!r} is not between the years 1678 and 2261")
        if read.epoch or read.digits:
            self._check_kind(_Number(read.digits, moment, line))
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
            if not has_offset:
                instant = self._values.in_zone(instant, self._last.get(symbol))
        self._last[symbol] = instant
        return instant

    def _check_digits(self, moment: Any) -> None:
        """Refuse numbers that could be dates in another order, as is done for files."""
        self._first = [*self._first, moment]
        try:
            check_digits(self._first, lambda _: "the first row")
        except ValueError as error:
            raise HeaderError(str(error)) from None

    def _check_kind(self, number: _Number) -> None:
        """Refuse a number that is no date among dates in digits; if it came first, it was read wrongly."""
        first = self._number = self._number or number
        if number.in_digits and not first.in_digits:
            raise HeaderError(mixed_numbers(first.time, number.time, f"line {number.line}"))
        if first.in_digits and not number.in_digits:
            raise ValueError(mixed_numbers(number.time, first.time, f"line {first.line}"))

    def _row(self, text: str, line: int) -> Mapping[Any, Any]:
        """The cells of a row by the names of their columns."""
        if self._objects is not None:
            row = self._objects.row(text, line)
            self._columns = {None: self._objects.columns}
            return row
        cells = _cells(text, self._separator)
        if len(cells) != len(self._names):
            raise ValueError(f"there are {len(cells)} columns, but {len(self._names)} in the header")
        return dict(zip(self._names, cells, strict=True))


def has_price(bar: Bar) -> bool:
    """Whether a row has all prices that it should have."""
    return not math.isnan(bar.close) and (bar.src is None or not math.isnan(bar.src))


def is_header(text: str, form: Format, wanted: Wanted) -> bool:
    """Whether a line begins a feed: a JSON object, or a CSV header."""
    if _is_json(text):
        return True
    with suppress(HeaderError):
        _header(text, form, wanted)
        return True
    return False


def is_whole_json(text: str) -> bool:
    """Whether it is a JSON object up to its closing brace, so that it cannot be cut off."""
    with suppress(ValueError):
        return isinstance(json_lines.loads(text), dict)
    return False


def _is_json(text: str) -> bool:
    return text.lstrip().startswith("{")


def _header(text: str, form: Format, wanted: Wanted) -> Layout:
    try:
        layout = of_header(text, form, wanted)
    except ValueError as error:
        raise HeaderError(f"{error}; the header is: {text:.200}") from None
    if layout is None:
        raise HeaderError(
            f"no columns are named {' or '.join(DATE_COLUMNS)}, and {wanted.close}; "
            f"the header is: {text:.200}"
        )
    return layout


def _cells(text: str, separator: str) -> list[str]:
    try:
        cells = next(csv.reader([text], delimiter=separator, strict=True))
    except csv.Error as error:
        raise ValueError(f"not valid CSV: {error}") from None
    return [unescaped(cell) for cell in cells] if "'" in text else cells
