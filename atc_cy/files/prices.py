"""Files of prices: CSV in its many forms, JSON, Excel, Parquet, Feather, freqtrade's folders."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import PriceError
from ..text import suggestion
from .by_symbol import columns_by_symbol
from .clock import with_clock
from .columns import CANDLE, SRC, SYMBOL, Columns, folded, names_symbols, prices_and_others, unused_src_note
from .dates import formatted, iso_column, order_text
from .format import FOUND_OUT, Format
from .freqtrade import freqtrade_path as freqtrade_path  # an old import path
from .marks import Marks
from .numbers import numbers
from .order import disorder, disorder_text, is_newest_first
from .sources import source
from .span import Span
from .symbols import OneSymbol, codes_of_dictionary, symbol_codes
from .tables import Table, read_table
from .time_columns import check_one_clock, nanoseconds, read_times
from .times import UnknownTimeError, check_dates_exist, read_time
from .zones import in_zone

if TYPE_CHECKING:
    import pandas as pd


_LATELY = 32 * 86_400 * 10**9
"""The longest bar of a month and a day for the zones, in nanoseconds: a later bar may still be open."""
EVERY_BAR = Span()
"""The rows as they are."""


class Prices(NamedTuple):
    """One symbol's prices, oldest first, on a DatetimeIndex."""

    series: pd.Series[float]
    lines: pd.Index[int] | None
    """The file's line, or row, of each price; None if the prices are not from a file."""
    unit: str = "line"
    candles: pd.DataFrame | None = None
    """The columns `CANDLE`, if they were asked for and exist."""
    src: pd.Series[float] | None = None
    """The series that the moving averages run on, if a source was asked for."""
    others: pd.DataFrame | None = None
    """Further columns of numbers, if they were asked for."""

    def located(self, error: PriceError) -> str:
        """The error's text, with the line if it is known."""
        if self.lines is None or error.row < 0:
            return str(error)
        return f"{self.unit} {self.lines[error.row]}: {error}"


class PriceFile(NamedTuple):
    """What a file of prices holds."""

    symbols: dict[str | None, Prices]
    """Prices by symbol; under None if the file names no symbol, so that it is named after the file."""
    problems: dict[str | None, str]
    """The symbols whose rows cannot be used, each with the reason."""
    notes: tuple[str, ...]
    """What the user should know about how the file was read."""
    reading: str = ""
    """How the file was read: one line for people."""


def read_price_file(
    path: Path,
    column: str = "close",
    *,
    src: str | None = None,
    candles: bool = False,
    symbol: str = SYMBOL,
    span: Span = EVERY_BAR,
    form: Format = FOUND_OUT,
) -> PriceFile:
    """The prices of each symbol of a file, however it is written; docs/files.md has the rules.

    ``.parquet`` and ``.feather`` (also freqtrade's) need pyarrow, ``.xlsx`` and ``.xls`` the extra excel;
    ``.jsonl`` and ``.ndjson`` have one JSON object a line, ``.json`` an array; everything else is CSV. Text
    may be packed by gzip. It is UTF-8, or what its byte order mark says.

    Column names are matched without regard to case. `atc_cy.files.times` says what a time is; a column
    ``time`` next to ``date`` may have the time of day. The column that `symbol` names has each row's symbol.
    A file with the newest row first is reversed. An empty cell, or ``null``, is a missing price.

    Parameters
    ----------
    path
        The file; `atc_cy.files.opening.STANDARD_INPUT` for standard input.
    column, src
        The column of prices, and the one that the moving averages run on, if it is another one; `src` may
        also be one of `SOURCES`.
    candles
        Whether open, high and low are wanted too.
    symbol
        The column of symbols, if there is one.
    span
        The bars that are made of the rows of each symbol.
    form
        How the file is written; what it leaves open is found out.

    Raises
    ------
    OSError
        The file cannot be read.
    ImportError
        A library that the format needs is missing.
    ValueError
        The text could be read in two ways, a column is missing, or a line has no time, no symbol or no
        number. The message names the line.
    """
    table = read_table(path, form)
    return prices_of(table, column, src=src, candles=candles, symbol=symbol, span=span, form=form)


def prices_of(
    table: Table,
    column: str,
    *,
    src: str | None,
    candles: bool,
    symbol: str = SYMBOL,
    span: Span = EVERY_BAR,
    form: Format,
    others: Sequence[Any] = (),
) -> PriceFile:
    """The prices of each symbol of a file's table; arguments and errors are those of `read_price_file`.

    others: names of further columns of numbers to return; it cannot be combined with `span`.
    """
    import pandas as pd

    if not len(table.places):
        raise ValueError(f"there is no {table.unit} with a price")
    try:
        wanted = columns_by_symbol(table, form, column, src=src, symbol=symbol, candle=candles)
    except ValueError as error:
        raise ValueError(f"{error}{table.advice}") from None
    columns = next(iter(wanted.values()))
    codes, names = _symbols(table, columns.symbol)
    times = _read_times(table, columns, form, codes, span)
    newest_first = is_newest_first(times.asi8, codes)
    rows = np.arange(len(times))[:: -1 if newest_first else 1]
    rows = rows[np.argsort(codes[rows], kind="stable")]
    rows_of = dict(zip(names, np.split(rows, np.cumsum(np.bincount(codes))[:-1]), strict=True))
    marks = _marks(table, wanted, form)
    symbols: dict[str | None, Prices] = {}
    problems: dict[str | None, str] = {}
    for owner, of_owner in wanted.items():
        values = _values(table, {*of_owner.numeric, *others}, marks)
        for name, places in rows_of.items():
            found = disorder(times.asi8[places])
            if found is not None:
                place = table.of_rows(places).place
                problems[owner or name] = disorder_text(found, times[places], place, options=True)
                continue
            try:
                symbols[owner or name] = _prices(table, of_owner, column, src, times, values, places, span)
                if others:
                    extra = {each: values[each][places] for each in others}
                    prices = symbols[owner or name]
                    index = prices.series.index
                    symbols[owner or name] = prices._replace(others=pd.DataFrame(extra, index))
            except ValueError as error:
                problems[owner or name] = str(error)
    reading = [table.reading, *_reading(table, wanted, marks, form)]
    notes = _notes(columns, wanted, newest_first) + _clock_note(table, columns, form, span, times)
    notes += marks.notes
    if newest_first:
        reading.append("newest first")
    return PriceFile(symbols, problems, notes, ", ".join(reading))


def _values(table: Table, names: set[Any], marks: Marks) -> dict[Any, NDArray[np.float64]]:
    """The numbers of some columns."""
    return {name: numbers(table.column(name), table.place, str(name), marks) for name in names}


def _marks(table: Table, wanted: dict[str | None, Columns], form: Format) -> Marks:
    """The decimal mark of the file: prices decide, then its other columns of numbers."""
    prices, others = prices_and_others(table.names, wanted.values())

    def cells(names: list[Any]) -> list[tuple[Any, pd.Series[Any]]]:
        return [(name, table.column(name)) for name in names]

    return Marks(form.decimal, lambda: (cells(prices), cells(others)), table.place)


def _notes(columns: Columns, wanted: dict[str | None, Columns], newest_first: bool) -> tuple[str, ...]:
    """What the user should know."""
    notes = []
    if columns.unused_src is not None:
        notes.append(unused_src_note(columns.unused_src))
    if newest_first:
        notes.append("the newest row comes first: the rows were reversed")
    if None not in wanted and not isinstance(columns.price, tuple):
        shown = ", ".join(map(str, [*wanted][:3])) + (", …" if len(wanted) > 3 else "")
        notes.append(f"no column is named close: each column of numbers is a symbol, {shown}")
    return tuple(notes)


def _reading(table: Table, wanted: dict[str | None, Columns], marks: Marks, form: Format) -> list[str]:
    """How the file was read: the columns, the decimal mark, the form of times."""
    columns = next(iter(wanted.values()))
    times = [name for name in (columns.time, columns.clock) if name is not None]
    written = " ".join(str(table.column(name).iloc[0]) for name in times)
    if form.date_format is None:
        written += order_text(table.column(columns.time))
    price = columns.price[0] if isinstance(columns.price, tuple) else columns.price
    taken = (
        f"{len(wanted)} columns of prices" if None not in wanted and len(wanted) > 1 else f"price {price!r}"
    )
    found = [
        f"decimal mark '{marks.used}'",
        f"time {' and '.join(map(repr, times))} as {written}",
        taken,
    ]
    if columns.src is not None:
        found.append(f"source {columns.src!r}")
    if columns.symbol is not None:
        found.append(f"symbols in {columns.symbol!r}")
    if form.time_zone is not None:
        found.append(f"times in {form.time_zone}")
    return found


def read_prices(
    path: Path,
    column: str = "close",
    *,
    src: str | None = None,
    candles: bool = False,
    symbol: str | None = None,
    advice: str = "name one, as in symbol={!r}",
    form: Format = FOUND_OUT,
) -> Prices:
    """One symbol's prices from a file, as `read_price_file` reads it.

    symbol: which of the file's symbols; None for the only one. advice: as for `only_symbol`.

    Raises
    ------
    OSError, ImportError, ValueError
        As from `read_price_file` and `only_symbol`.
    """
    return only_symbol(
        read_price_file(path, column, src=src, candles=candles, form=form), symbol, advice=advice
    )[1]


def only_symbol(
    file: PriceFile, symbol: str | None, *, advice: str = "name one, as in symbol={!r}"
) -> tuple[str | None, Prices]:
    """The symbol of this name, or the only one, and its prices.

    advice: what the user should do if there are several; {} stands for the name of the first one.

    Raises
    ------
    ValueError
        There are several symbols, there is none of this name, or its rows are not in order.
    """
    names = [str(name) for name in (*file.symbols, *file.problems) if name is not None]
    if symbol is not None and symbol not in names:
        known = (
            suggestion(symbol, names)
            if names
            else "the file has no column of symbols: name it with --symbol-column"
        )
        raise ValueError(f"there is no symbol {symbol!r}; {known}")
    if symbol is None and len(file.symbols) + len(file.problems) > 1:
        shown = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
        raise ValueError(f"there are {len(names)} symbols, {shown}: {advice.format(names[0])}")
    for name, problem in file.problems.items():
        if symbol in (None, name):
            raise ValueError(problem if name is None else f"{name}: {problem}")
    return next((name, prices) for name, prices in file.symbols.items() if symbol in (None, name))


def _symbols(table: Table, column: Any | None) -> tuple[NDArray[np.intp], list[str | None]]:
    """The number of each row's symbol, and the list of symbols."""
    if column is None:
        _check_one_symbol(table)
        return np.zeros(len(table.places), np.intp), [None]
    codes, names = symbol_codes(table.column(column), table.place)
    return codes_of_dictionary(codes, [str(name).strip() for name in names], table.place)


def _check_one_symbol(table: Table) -> None:
    """Refuse several symbols in a column of another name, such as pair."""
    one = OneSymbol()
    for name in table.names:
        if not names_symbols(name, text=True):
            continue
        for row, value in enumerate(table.column(name)):
            try:
                one.check(name, value)
            except ValueError as error:
                raise ValueError(f"{table.place(row)}: {error}") from None


def _read_times(
    table: Table, columns: Columns, form: Format, codes: NDArray[np.intp], span: Span
) -> pd.DatetimeIndex:
    """The times of the rows, in the zone that the user gives, if any."""
    import pandas as pd

    def place(row: int) -> str:
        return f"{table.place(row)}, column {columns.time!r}"

    dates = table.column(columns.time)
    if form.date_format is not None:
        dates = formatted(dates, form.date_format, place)
    elif columns.clock is not None and dates.dtype.kind == "O":
        dates = pd.Series(iso_column(dates.to_numpy(object), place), dtype=object)
    if columns.clock is not None:
        dates = with_clock(dates, table.column(columns.clock), table.place, columns.clock)
    try:
        times = read_times(dates, place, epochs_in_utc=form.time_zone is not None)
    except UnknownTimeError as error:
        raise ValueError(f"{error}; --date-format says how other times are written") from None
    check_dates_exist(dates, place)
    if form.time_zone is None:
        if times.tz is not None and span.needs_clock(times, codes):
            check_one_clock(times, dates, place, "give --time-zone, such as Europe/Berlin")
        return times
    return in_zone(times, form.time_zone, codes, place)


def _clock_note(
    table: Table, columns: Columns, form: Format, span: Span, times: pd.DatetimeIndex
) -> tuple[str, ...]:
    """The note that times are taken as UTC, if the last bar may be open and nothing says in which zone."""
    if times.tz is not None or span.closed_at is None or nanoseconds(times).max() < span.closed_at - _LATELY:
        return ()
    if form.date_format is None:
        with suppress(ValueError):
            if read_time(table.column(columns.time).iloc[0]).epoch:
                return ()
    return ("the times have no offset: --closed-only takes them as UTC; give --time-zone",)


def _prices(
    table: Table,
    columns: Columns,
    column: str,
    src: str | None,
    times: pd.DatetimeIndex,
    values: dict[Any, NDArray[np.float64]],
    rows: NDArray[np.intp],
    span: Span,
) -> Prices:
    """One symbol's bars."""
    import pandas as pd

    held = {"price": columns.price, **columns.parts, **columns.candle}
    if columns.src is not None:
        averaged = folded(columns.src) if folded(columns.src) in CANDLE else SRC
        held[averaged] = columns.src
    given = {name: values[found][rows] for name, found in held.items()} | {"place": table.places[rows]}
    bars = pd.DataFrame(given, times[rows])
    if span != EVERY_BAR:
        bars = span.bars(bars, "price")
    runs_on = None if columns.src is None else bars[averaged]
    if src is not None and columns.parts:
        runs_on = pd.Series(source(src, lambda part: bars[part].to_numpy()), bars.index)
    return Prices(
        bars["price"].rename(column),
        pd.Index(bars["place"]),
        table.unit,
        bars[[*columns.candle]] if columns.candle else None,
        None if runs_on is None else runs_on.rename(src),
    )
