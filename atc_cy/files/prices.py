"""Files of prices: CSV, JSON lines, Parquet, Feather, freqtrade's folders."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import PriceError
from ..text import suggestion
from .clock import with_clock
from .columns import CANDLE, SRC, SYMBOL, Columns, find_columns, folded, tells_symbols, unused_src_note
from .numbers import numbers
from .order import disorder, disorder_text, is_newest_first
from .sources import source
from .span import Span
from .symbols import OneSymbol, codes_of_dictionary, symbol_codes
from .tables import Table, read_table
from .time_columns import read_times

if TYPE_CHECKING:
    import pandas as pd


EVERY_BAR = Span()
"""The rows as they are."""


class Prices(NamedTuple):
    """One symbol's prices, oldest first, on a DatetimeIndex."""

    series: pd.Series[float]
    lines: pd.Index[int] | None
    """The line, or row, of the file that each price stands on, if they came from one."""
    unit: str = "line"
    candles: pd.DataFrame | None = None
    """The columns `CANDLE`, if they were asked for and are there."""
    src: pd.Series[float] | None = None
    """What the moving averages run on, if a column was named for it."""

    def located(self, error: PriceError) -> str:
        """The error's text, with the line where there is one."""
        if self.lines is None or error.row < 0:
            return str(error)
        return f"{self.unit} {self.lines[error.row]}: {error}"


class PriceFile(NamedTuple):
    """What a file of prices holds."""

    symbols: dict[str | None, Prices]
    """By name; None: the file has no column of symbols, so that the file's own name is the symbol's."""
    problems: dict[str | None, str]
    """Symbols whose rows are not in order, and why."""
    notes: tuple[str, ...]
    """What a user should know of how the file was read."""


def read_price_file(
    path: Path,
    column: str = "close",
    *,
    src: str | None = None,
    candles: bool = False,
    symbol: str = SYMBOL,
    span: Span = EVERY_BAR,
) -> PriceFile:
    """The prices of each symbol of a file; its ending tells the format.

    ``.parquet`` and ``.feather`` (also freqtrade's) need pyarrow; ``.jsonl`` and ``.ndjson`` have one JSON
    object a line; everything else is CSV with a header. Text is UTF-8, or what its byte order mark says.

    Column names are matched without regard to case. `atc_cy.files.times` says what a time is; a column
    ``time`` beside ``date`` may have the time of day. A column named by `symbol` says whose the rows are. A
    file with the newest row first is turned round. An empty cell, or ``null``, is a missing price.

    Parameters
    ----------
    path
        The file.
    column, src
        The columns of prices, and of what the moving averages run on, if that is another; `src` may be one of
        `SOURCES`, too.
    candles
        Whether open, high and low are wanted too.
    symbol
        The column of symbols, if there is one.
    span
        The bars that are made of the rows of each symbol.

    Raises
    ------
    OSError
        The file cannot be read.
    ImportError
        pyarrow is missing.
    ValueError
        A column is missing, or a line has no time, no symbol or no number; the message names the line.
    """
    table = read_table(path)
    if not len(table.places):
        raise ValueError(f"there is no {table.unit} with a price")
    columns = find_columns(table.names, column, src=src, symbol=symbol, candle=candles)
    codes, names = _symbols(table, columns.symbol)
    times = read_times(_times(table, columns), table.place)
    values = {name: numbers(table.column(name), table.place, str(name)) for name in _numeric(columns)}
    notes = []
    if columns.unused_src is not None:
        notes.append(unused_src_note(columns.unused_src))
    rows = np.arange(len(times))
    if is_newest_first(times.asi8, codes):
        notes.append("the newest row comes first: the rows were turned round")
        rows = rows[::-1]
    symbols: dict[str | None, Prices] = {}
    problems: dict[str | None, str] = {}
    rows = rows[np.argsort(codes[rows], kind="stable")]
    for name, own in zip(names, np.split(rows, np.cumsum(np.bincount(codes))[:-1]), strict=True):
        found = disorder(times.asi8[own])
        if found is not None:
            problems[name] = disorder_text(found, times[own], table.of_rows(own).place)
            continue
        try:
            symbols[name] = _prices(table, columns, column, src, times, values, own, span)
        except ValueError as error:
            problems[name] = str(error)
    return PriceFile(symbols, problems, tuple(notes))


def read_prices(
    path: Path,
    column: str = "close",
    *,
    src: str | None = None,
    candles: bool = False,
    symbol: str | None = None,
    advice: str = "name one, as in symbol={!r}",
) -> Prices:
    """One symbol's prices from a file, as `read_price_file` reads it.

    symbol: which of the file's symbols; None: the only one. advice: as for `only_symbol`.

    Raises
    ------
    OSError, ImportError, ValueError
        As from `read_price_file`; there are several symbols, or not this one; its rows are not in order.
    """
    return only_symbol(read_price_file(path, column, src=src, candles=candles), symbol, advice=advice)[1]


def only_symbol(
    file: PriceFile, symbol: str | None, *, advice: str = "name one, as in symbol={!r}"
) -> tuple[str | None, Prices]:
    """The symbol of this name, or the only one, and its prices.

    advice: what the caller's user should do where there are several; {} stands for the first one's name.

    Raises
    ------
    ValueError
        There are several, or not this one, or its rows are not in order.
    """
    names = [str(name) for name in (*file.symbols, *file.problems) if name is not None]
    if symbol is not None and symbol not in names:
        raise ValueError(f"there is no symbol {symbol!r}; {suggestion(symbol, names)}")
    if symbol is None and len(file.symbols) + len(file.problems) > 1:
        shown = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
        raise ValueError(f"there are {len(names)} symbols, {shown}: {advice.format(names[0])}")
    for name, problem in file.problems.items():
        if symbol in (None, name):
            raise ValueError(problem if name is None else f"{name}: {problem}")
    return next((name, prices) for name, prices in file.symbols.items() if symbol in (None, name))


def freqtrade_path(datadir: Path, pair: str, timeframe: str) -> Path:
    """Where freqtrade keeps a pair's candles: ``BTC/USDT`` of ``1h`` in ``BTC_USDT-1h.feather``.

    Raises
    ------
    FileNotFoundError
        There is none; the message names what there is.
    """
    stem = f"{''.join('_' if sign in '/ .@$+:' else sign for sign in pair)}-{timeframe}"
    for suffix in (".feather", ".parquet"):
        if (path := datadir / f"{stem}{suffix}").exists():
            return path
    there = [path.stem for pattern in ("*.feather", "*.parquet") for path in datadir.glob(pattern)]
    raise FileNotFoundError(f"{datadir} has no {stem}.feather; {suggestion(stem, there)}")


def _symbols(table: Table, column: Any | None) -> tuple[NDArray[np.intp], list[str | None]]:
    """The number of each row's symbol, and the symbols by number."""
    if column is None:
        _check_one_symbol(table)
        return np.zeros(len(table.places), np.intp), [None]
    codes, names = symbol_codes(table.column(column), table.place)
    return codes_of_dictionary(codes, [str(name).strip() for name in names], table.place)


def _check_one_symbol(table: Table) -> None:
    """Refuse several symbols in a column of another name, such as pair."""
    for name in table.names:
        if not tells_symbols(name, text=True):
            continue
        one = OneSymbol()
        for row, value in enumerate(table.column(name)):
            try:
                one.check(name, value)
            except ValueError as error:
                raise ValueError(f"{table.place(row)}: {error}") from None


def _times(table: Table, columns: Columns) -> pd.Series[Any]:
    dates = table.column(columns.time)
    if columns.clock is None:
        return dates
    return with_clock(dates, table.column(columns.clock), table.place, columns.clock)


def _numeric(columns: Columns) -> set[Any]:
    """The columns of numbers."""
    named = {columns.price, *columns.parts.values(), *columns.candle.values()}
    return named if columns.src is None else {*named, columns.src}


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
