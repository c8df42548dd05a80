"""How a text of cells is laid out: the separator, the lines before the header, and the rows of the header.

The separator is a tab, a semicolon, a pipe or a comma: one that divides most of the first lines into the same
number of cells. If several do, one with a known name in these lines is preferred, then the one whose first
such line comes earliest. The header is the first row of that many cells with the name of a column of times,
or with two known names; otherwise it is the first row of that many cells. Everything before it, such as an
address, a comment or a title, is left out. The search ends at the first row that has a number or a time, but
no such name.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from numbers import Real
from typing import Any, NamedTuple

from .columns import bare_name, folded, is_known_name, is_time_name
from .csv_cells import begin_of
from .format import SEPARATORS, Format
from .marks import plain
from .numbers import is_missing
from .times import is_time_text

_SAMPLE = 1 << 16
_ROWS = 100
"""How many rows, within how many characters (`_SAMPLE`), are looked at to find the layout."""
_MOST_HEADERS = 3
_LEVELS = frozenset(["", "price", "ticker", "tickers", "symbol", "symbols", "attributes"])
"""What the first cell of a row can be in a header of several rows, besides the name of the times."""
_SEP_LINE = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)


class Dialect(NamedTuple):
    """How a text is laid out."""

    separator: str
    before: int
    """The lines before the header, or before the first row."""
    headers: int
    """The rows of the header; 0 if there is none."""
    width: int
    """The cells of most rows."""


def find_dialect(text: str, form: Format) -> Dialect:
    r"""How a text is laid out.

    Examples
    --------
    >>> find_dialect("# prices\ndate;close\n2026-10-30;98,83\n", Format())
    Dialect(separator=';', before=1, headers=1, width=2)
    """
    text = text[begin_of(text, form.skip_lines) :]
    sample = text
    if len(text) > _SAMPLE:
        sample = text[: text.rfind("\n", 0, _SAMPLE) + 1] or text[:_SAMPLE]
    said = _SEP_LINE.match(sample)  # as Excel has it
    separator = form.separator or (said[1] if said else _separator(sample))
    rows = list(_rows(sample, separator))
    width = _width([row for _, row in rows])
    if said:
        del rows[:1]
    first, headers = find_header([row for _, row in rows], width, form.header)
    before = rows[first][0] if first < len(rows) else 0
    return Dialect(separator, form.skip_lines + before, headers, width)


def _rows(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """The first rows that are neither blank nor comments, with the number of lines before each."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    before = count = 0
    try:
        for row in reader:
            if "".join(row).strip() and (not _is_comment(row) or any(map(is_time_name, row))):
                yield before, row
                count += 1
                if count == _ROWS:
                    return
            before = reader.line_num
    except csv.Error:  # when the whole text is read, the error says what is wrong, and where
        return


def _separator(sample: str) -> str:
    """The separator of the first lines; a comma if none divides them."""
    found: list[tuple[bool, int, str]] = []
    for separator in SEPARATORS.values():
        if separator in sample:
            rows = [row for _, row in _rows(sample, separator)]
            width = _width(rows)
            alike = [number for number, row in enumerate(rows) if len(row) == width]
            if width > 1 and 2 * len(alike) > len(rows):
                unnamed = not any(is_known_name(cell) for row in alike for cell in rows[row])
                found.append((unnamed, alike[0], separator))
    return min(found, key=lambda place: place[:2])[2] if found else ","


def _width(rows: Sequence[Sequence[Any]]) -> int:
    """The cells of most rows; of the earlier ones if two numbers are as frequent."""
    counts = Counter(len(row) for row in rows)
    return max(counts, key=counts.__getitem__, default=0)


def find_header(rows: Sequence[Sequence[Any]], width: int, header: bool | None) -> tuple[int, int]:
    """The row at which the header begins, and how many rows it has.

    header: False if there is none; None to find out.
    """
    if header is False:
        return next((first for first, row in enumerate(rows) if len(row) == width), 0), 0
    data = next((first for first, row in enumerate(rows) if _is_data(row, width)), len(rows))
    for first, row in enumerate(rows[:data]):
        if (any(map(is_time_name, row)) and len(row) == width) or sum(map(is_known_name, row)) > 1:
            # If the header has two levels, the one of symbols may come first.
            first -= first > 0 and _is_level(row) and _is_level(rows[first - 1])
            return first, _headers(rows[first:])
    for first, row in enumerate(rows[:data]):
        named = _filled(row) > min(1, width - 1) or any(map(is_known_name, row))
        if len(row) == width and named and not _is_comment(row):
            return first, _headers(rows[first:])
    return (data, 0) if data < len(rows) else (0, 1)


def _is_data(row: Sequence[Any], width: int) -> bool:
    """Whether a row has numbers or times, and no name of a column of times."""
    return (
        len(row) == width
        and _has_values(row)
        and _filled(row) > min(1, width - 1)
        and not any(map(is_time_name, row))
    )


def _is_level(row: Sequence[Any]) -> bool:
    """Whether a row can be one of several rows of a header: the names of the columns, or of their symbols."""
    return ("" if is_missing(row[0]) else folded(row[0])) in _LEVELS


def _filled(row: Sequence[Any]) -> int:
    """How many cells are not empty."""
    return sum(not is_missing(cell) for cell in row)


def _headers(rows: Sequence[Sequence[Any]]) -> int:
    """How many of these rows belong to the header; the first one does."""
    count = 1
    for row in rows[1:_MOST_HEADERS]:
        if _has_values(row) or len(row) != len(rows[0]) or not (_is_level(row) or is_time_name(row[0])):
            break
        count += 1
    return count


def _is_comment(row: Sequence[Any]) -> bool:
    return isinstance(row[0], str) and row[0].lstrip().startswith(("#", "//"))


def _has_values(row: Sequence[Any]) -> bool:
    """Whether a cell is a number or a time."""
    return any(is_value(cell) for cell in row)


def is_value(cell: Any) -> bool:
    """Whether a cell is a number or a time, rather than a name."""
    if isinstance(cell, str):
        text = cell.strip()
        return any(plain(text, mark) is not None for mark in ".,") or (
            any(map(str.isdigit, text)) and is_time_text(text)
        )
    return isinstance(cell, Real | Decimal | date) and not is_missing(cell)


def header_names(rows: Sequence[Sequence[Any]]) -> list[Any]:
    """The names of columns, from the rows of a header.

    If there are several rows, as pandas writes columns of two levels, each name is a pair: what the column
    holds, and its symbol.
    """
    levels = [[bare_name("" if is_missing(cell) else cell) for cell in row] for row in rows]
    if len(levels) == 1:
        return levels[0]
    time = next((level[0] for level in reversed(levels) if is_time_name(level[0])), "date")
    if not any(levels[-1][1:]):
        del levels[-1]
    if len(levels) == 1:
        return [time, *levels[0][1:]]
    prices, symbols = sorted(levels[:2], key=lambda level: -sum(map(is_known_name, level[1:])))
    return [time, *zip(prices[1:], symbols[1:], strict=True)]
