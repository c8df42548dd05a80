"""What the rows of a feed say: CSV in any form, or JSON lines.

A row has a time, a close, and optionally a symbol and a src, which the moving averages run on; or a time and
the closes of several symbols, a column each. Names of columns are compared without regard to letter case;
others are ignored. Where columns ``date`` and ``time`` have the date and the time of day, the two are one
time. Columns, times, numbers and missing values are found and read as in files (docs/files.md).
"""

import csv
import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from ..errors import HeaderError
from ..files import json_lines
from ..files.clock import REMEDY, digits_of, is_another_day, is_whole, of_digits, time_of_day
from ..files.columns import (
    CLOSE,
    DATE_COLUMNS,
    SRC,
    SYMBOL,
    Columns,
    find_clock,
    find_named,
    find_price,
    find_symbol,
    find_time,
)
from ..files.format import FOUND_OUT, Format
from ..files.numbers import is_missing
from ..files.times import read_time
from .bars import Bar
from .layout import Layout, of_header
from .values import Values


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
    form, column
        How the feed is written, as far as its user says so, and the column of closes.
    layout
        Of a CSV table, if its first line does not tell it.

    Raises
    ------
    HeaderError
        The first line is neither, and there is no layout.

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
        column: str = CLOSE,
        layout: Layout | None = None,
    ) -> None:
        self._symbol, self._form, self._column = symbol, form, column
        self._is_json = layout is None and first.startswith("{")
        self._first = first
        self._names: Sequence[Any] = ()
        self._columns: dict[str | None, Columns] = {}
        self._candle: dict[str, Any] = {}
        self._separator = ","
        self._values = Values(form)
        self._last: dict[str, int] = {}
        self._written: _Written | None = None
        self._digits: int | None = None
        """Of a time of day without colons."""
        if not self._is_json:
            layout = layout or _header(first, form, column)
            self._separator, self._names, self._columns, _, self._candle = layout

    def is_header(self, text: str) -> bool:
        """Whether a line repeats the header, as where files were joined."""
        return not self._is_json and text == self._first

    def tried(self, text: str) -> Bar | None:
        """The first bar of a line; None if it is no valid row."""
        before = self._written, self._names, self._columns, self._digits, self._values, self._last
        self._values, self._last = self._values.copy(), dict(self._last)
        with suppress(ValueError):
            return self.bar(text, line=0)
        self._written, self._names, self._columns, self._digits, self._values, self._last = before
        return None

    def bar(self, text: str, *, line: int) -> Bar:
        """The only bar of a row, or the first one; errors as from `bars`."""
        return self.bars(text, line=line)[0]

    def bars(self, text: str, *, line: int) -> list[Bar]:
        """The bars of a row; a close or src is NaN where the row has none.

        Raises
        ------
        UndecidedError
            The row could be read in two ways; a later one may decide.
        HeaderError
            The row shows that rows before it were read wrongly.
        ValueError
            The row cannot be read; the message says which value is wrong.
        """
        row = self._json_row(text) if self._is_json else self._csv_row(text)
        columns = next(iter(self._columns.values()))
        if columns.time is None or columns.price is None:
            wanted = "time" if columns.time is None else self._column
            raise ValueError(f"there is no {wanted!r}; there are: {', '.join(map(str, row))}")
        self._learn(row)
        names = [self._symbol_of(row, owner, own) for owner, own in self._columns.items()]
        moment = self._time(row, columns)
        self._check_candle(row)
        return [
            self._bar(name, moment, line, self._prices(row, own))
            for name, own in zip(names, self._columns.values(), strict=True)
        ]

    def _bar(self, symbol: str, moment: Any, line: int, prices: tuple[float, float | None]) -> Bar:
        instant = self._instant(moment, line, symbol)
        return Bar(symbol, self._values.shown(moment, instant), instant, *prices, line)

    def learn(self, text: str) -> None:
        """See what a row says of how numbers and times are written, without taking it."""
        with suppress(ValueError):  # which is said when it is taken
            self._learn(self._json_row(text) if self._is_json else self._csv_row(text))

    def _learn(self, row: Mapping[Any, Any]) -> None:
        """See what a row says of how numbers and times are written."""
        owners = [*self._columns.values()]
        names = [name for own in owners for name in (own.price, own.src) if name is not None]
        self._values.learn([row[name] for name in names], row.get(owners[0].time))

    def _symbol_of(self, row: Mapping[Any, Any], owner: str | None, own: Columns) -> str:
        symbol = (owner or self._symbol) if own.symbol is None else row[own.symbol]
        if not isinstance(symbol, str) or not symbol.strip() or not symbol.isprintable():
            raise ValueError(f"symbol={symbol!r} must be a name")
        return symbol.strip()

    def _prices(self, row: Mapping[Any, Any], own: Columns) -> tuple[float, float | None]:
        """Close and src."""
        close = self._values.number(row[own.price], "close")
        src = None if own.src is None else self._values.number(row[own.src], "src")
        if not 0 < close < math.inf and not math.isnan(close):
            raise ValueError(f"close={close} must be above 0 and finite, or empty where there is none")
        if src is not None and math.isinf(src):
            raise ValueError(f"src={src} must be finite, or empty where there is none")
        return close, src

    def _check_candle(self, row: Mapping[Any, Any]) -> None:
        """Refuse a row of a feed without a header that has not its parts in the order of a candle."""
        if not self._candle:
            return
        first, high, low = (self._values.number(row[name], str(name)) for name in self._candle.values())
        close = self._values.number(row[CLOSE], CLOSE)
        if high < max(first, close) or low > min(first, close):  # neither is so where one is missing
            raise HeaderError(
                f"high={high} is not the greatest of the candle, or low={low} not the least: the feed has no "
                "header; give --no-header with --time-column and --column as their numbers from 1"
            )

    def _time(self, row: Mapping[Any, Any], columns: Columns) -> Any:
        moment = self._values.date(_stripped(row[columns.time]))
        clock = None if columns.clock is None else self._clock(moment, row[columns.clock], columns.clock)
        return moment if clock is None else f"{moment}T{clock}"

    def _clock(self, date: Any, value: Any, name: str) -> str | None:
        """The time of day; None: there is none, or a whole time. Digits have as many in all rows."""
        if is_missing(value) or (is_whole(value) and not is_another_day(date, value)):
            return None
        text, digits = time_of_day(value), digits_of(value)
        if digits is not None and len(digits) == (self._digits or len(digits)) and len(digits) in (4, 6):
            self._digits = len(digits)
            text = of_digits(digits, len(digits))
        if text is None:
            raise ValueError(f"{value!r} is no time of day in column {name!r}: {REMEDY}")
        return text

    def _instant(self, moment: Any, line: int, symbol: str) -> int:
        read = read_time(moment)
        instant = read.instant
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

    def _json_row(self, text: str) -> Mapping[str, Any]:
        row = json_lines.loads(text)
        if not isinstance(row, dict):
            raise ValueError(f"{text:.80} is no JSON object with time and close")
        names = [*row]
        if names != self._names:
            self._names, self._columns = names, {None: self._columns_of(names)}
        return row

    def _columns_of(self, names: Sequence[str]) -> Columns:
        """The columns of a JSON object."""
        form = self._form
        time = find_time(names) if form.time_column is None else find_named(names, form.time_column)
        symbol = find_symbol(names, form.symbol_column or SYMBOL)
        price, src = find_price(names, self._column), find_named(names, SRC)
        return Columns(time, find_clock(names, time), price, src, {}, symbol, {}, unused_src=None)

    def _csv_row(self, text: str) -> Mapping[Any, Any]:
        cells = _cells(text, self._separator)
        if len(cells) != len(self._names):
            raise ValueError(f"there are {len(cells)} columns, but {len(self._names)} in the header")
        return dict(zip(self._names, cells, strict=True))


def _stripped(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def has_price(bar: Bar) -> bool:
    """Whether a row has all prices that it should have."""
    return not math.isnan(bar.close) and (bar.src is None or not math.isnan(bar.src))


def is_header(text: str, form: Format, column: str) -> bool:
    """Whether a line begins a feed: a JSON object, or a CSV header."""
    if text.startswith("{"):
        return True
    with suppress(HeaderError):
        _header(text, form, column)
        return True
    return False


def is_whole_json(text: str) -> bool:
    """Whether it is a JSON object to its closing brace, so that nothing of it can be missing."""
    with suppress(ValueError):
        return isinstance(json_lines.loads(text), dict)
    return False


def _header(text: str, form: Format, column: str) -> Layout:
    try:
        layout = of_header(text, form, column)
    except ValueError as error:
        raise HeaderError(f"{error}; the header is: {text:.200}") from None
    if layout is None:
        raise HeaderError(
            f"no columns are named {' or '.join(DATE_COLUMNS)}, and {column}; the header is: {text:.200}"
        )
    return layout


def _cells(text: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([text], delimiter=separator, strict=True))
    except csv.Error as error:
        raise ValueError(f"no valid CSV: {error}") from None
