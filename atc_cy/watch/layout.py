"""How a feed of CSV is laid out, found from its first lines."""

import csv
import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from ..errors import HeaderError
from ..files.by_symbol import columns_by_symbol
from ..files.columns import CANDLE, CLOSE, SRC, SYMBOL, Columns, find_named, find_price, find_time, folded
from ..files.dialect import find_dialect, is_value
from ..files.format import SEPARATORS, Format
from ..files.tables import of_csv

MOST_LINES = 100
"""A header, or the first row, must be among this many lines."""


class Wanted(NamedTuple):
    """The columns of prices that a user names."""

    close: str = CLOSE
    source: str | None = None
    """What the moving averages run on: a column, or one of `SOURCES`; None for the column `SRC`, if any."""

    def src(self, names: Iterable[Any]) -> str | None:
        """The source to use of a feed with these columns; None if the averages run on the close."""
        if self.source is None:
            found: str | None = find_named([name for name in names if not isinstance(name, tuple)], SRC)
            return found
        return None if folded(self.source) == folded(self.close) else self.source


class Layout(NamedTuple):
    """How a feed of CSV is laid out."""

    separator: str
    names: Sequence[Any]
    columns: dict[str | None, Columns]
    """The columns of each symbol; under None if a column, or the feed, names the symbol."""
    rows: int
    """The first line of the rows, counted from 0."""
    candle: dict[str, Any]
    """The columns of `CANDLE` if the feed has no header, so that each row is checked."""


def of_header(text: str, form: Format, wanted: Wanted) -> Layout | None:
    """The layout of a feed that begins with this header; None if the line alone is not a header.

    Raises
    ------
    ValueError
        Several columns have the same name, and it is one that is used.
    """
    if form.header is False:
        return None
    for separator in SEPARATORS.values() if form.separator is None else [form.separator]:
        names = [name.strip() for name in _cells(text, separator)]
        time = find_time(names) if form.time_column is None else find_named(names, form.time_column)
        if time is not None and find_price(names, wanted.close) is not None and not any(map(is_value, names)):
            return _layout(text, form, wanted, separator, 1)
    return None


def of_lines(lines: Sequence[str], form: Format, wanted: Wanted, *, complete: bool) -> Layout | None:
    """The layout of a feed that begins with these lines; None if more are needed.

    Raises
    ------
    HeaderError
        No header has a time and a close, and no more lines will come or there are too many already.
    """
    text = "".join(f"{line}\n" for line in lines)
    dialect = find_dialect(text, form)
    begins = dialect.before + dialect.headers
    found = any(is_value(cell) for line in lines[begins:] for cell in _cells(line, dialect.separator))
    if not found and not complete and len(lines) < MOST_LINES:
        return None
    try:
        return _layout(text, form, wanted, dialect.separator, begins)
    except ValueError as error:
        header = lines[min(dialect.before, len(lines) - 1)]
        problem = re.sub(r"^line \d+: ", "", str(error))
        raise HeaderError(f"{problem}; the header is: {header:.200}") from None


def _layout(text: str, form: Format, wanted: Wanted, separator: str, rows: int) -> Layout:
    table = of_csv(text, form)
    src = wanted.src(table.names)
    columns = columns_by_symbol(table, form, wanted.close, src=src, symbol=SYMBOL, candle=False)
    candle = {name: name for name in CANDLE if table.is_numbered and name in table.names}
    return Layout(separator, table.names, columns, rows, candle)


def _cells(text: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([text], delimiter=separator))
    except (csv.Error, StopIteration):
        return []
