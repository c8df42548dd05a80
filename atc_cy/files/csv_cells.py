"""The one reader of CSV: cells as text, and the line of each row. No row is dropped or filled up."""

import csv
import io
import re
from collections.abc import Sequence
from typing import NamedTuple

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""The beginnings of cells that a spreadsheet runs as formulas."""
_ESCAPED = re.compile(r"'[=+\-@\t\r]")
_LINE_END = re.compile(r"\r\n?|\n")


class Cells(NamedTuple):
    """The cells of a text in CSV."""

    header: list[str]
    """The first row; empty if it is not a header."""
    columns: list[list[str]]
    """The cells of each column, below the header."""
    lines: list[int]
    """The line, from 1, on which each row begins."""


def parse(text: str, separator: str = ",", before: int = 0, *, header: bool = True) -> Cells:
    r"""The cells of a text in CSV; lines end with ``\n``, ``\r\n`` or ``\r``.

    Lines that are empty, or have separators alone, are left out.

    Parameters
    ----------
    text
        All of it.
    separator
        The sign between cells.
    before
        How many lines at the beginning are left out, too.
    header
        Whether the first row is a header; otherwise it only says how many cells a row has.

    Raises
    ------
    ValueError
        There is no header, a row has more or fewer cells than the header, or a quote is not closed. The
        message names the line.

    Examples
    --------
    >>> parse("date,close\n2020-01-01,1.5\n")
    Cells(header=['date', 'close'], columns=[['2020-01-01'], ['1.5']], lines=[2])
    """
    begin = begin_of(text, before)
    reader = csv.reader(io.StringIO(text[begin:], newline=""), delimiter=separator, strict=True)
    cells: list[str] = []
    lines: list[int] = []
    last = before
    try:
        first = next(reader, [])
        if _is_blank(first):
            raise ValueError(f"line {before + 1}: there is no header, such as date,close")
        width = len(first)
        if not header:
            cells += first
            lines.append(last + 1)
        last = before + reader.line_num
        for row in reader:
            if len(row) != width:
                if _is_blank(row):
                    last = before + reader.line_num
                    continue
                raise ValueError(_wrong_width(last + 1, row, width, text, header))
            if any(row):
                cells += row
                lines.append(last + 1)
            if before + reader.line_num != last + 1:
                _refuse_hidden_rows(row, last + 1, width, separator)
            last = before + reader.line_num
    except csv.Error as error:
        raise ValueError(_bad_quote(text, last, str(error), separator)) from None
    if _ESCAPED.search(text):
        first, cells = ([unescaped(cell) for cell in row] for row in (first, cells))
    return Cells(first if header else [], [cells[place::width] for place in range(width)], lines)


def escaped(cell: str) -> str:
    """Text as a cell that no spreadsheet runs: if it begins like a formula, it gets an apostrophe before it.

    Examples
    --------
    >>> escaped("=1+1"), escaped("'=1+1"), escaped("-1.5"), escaped("BTC-USD")
    ("'=1+1", "''=1+1", '-1.5', 'BTC-USD')
    """
    bare = cell.lstrip("'")
    if not bare.startswith(_FORMULA):
        return cell
    try:
        float(bare)
    except ValueError:
        return f"'{cell}"
    return cell


def unescaped(cell: str) -> str:
    """The text that `escaped` turned into this cell.

    Examples
    --------
    >>> unescaped("'=1+1"), unescaped("'-1.5"), unescaped("'BTC'")
    ('=1+1', "'-1.5", "'BTC'")
    """
    text = cell[1:]
    return text if cell.startswith("'") and escaped(text) == cell else cell


def begin_of(text: str, lines: int) -> int:
    """The position after this many lines; the end of the text if it has fewer lines."""
    ends = _LINE_END.finditer(text)
    begin = 0
    for _ in range(lines):
        end = next(ends, None)
        begin = len(text) if end is None else end.end()
    return begin


def _is_blank(row: Sequence[str]) -> bool:
    return not "".join(row).strip()


def _wrong_width(line: int, row: Sequence[str], width: int, text: str, header: bool) -> str:
    cells = "is 1 cell" if len(row) == 1 else f"are {len(row)} cells"
    found = f"line {line}: there {cells}, and {width} in the {'header' if header else 'first row'}"
    if len(row) > width:
        return f"{found}: put quotes around a cell that has a comma, or name the --separator"
    if line == len(_LINE_END.findall(text)) + 1:
        return f"{found}: the file ends within this line and may have been cut off: write it again"
    return f"{found}: give each column a cell, and leave it empty if there is no value"


def _refuse_hidden_rows(row: Sequence[str], line: int, width: int, separator: str) -> None:
    """Refuse a cell of several lines that would be rows without its quotes: stray quotes hide rows."""
    for place, cell in enumerate(row):
        first, *within = _LINE_END.split(cell)
        commas = [part.count(separator) for part in within if part.strip()]
        hidden = commas == [*[width - 1] * (len(commas) - 1), place]
        if hidden and first.count(separator) == width - 1 - place:
            raise ValueError(
                f"line {line}: a quoted cell goes on to line {line + len(within)}, but without the quotes "
                "each of these lines would be a row: remove the quotes, or the commas between them"
            )
        line += len(within)


def _bad_quote(text: str, before: int, problem: str, separator: str) -> str:
    """The message about a cell with wrong quotes in the row after `before` lines: where the cell begins."""
    begin = begin_of(text, before)
    one = re.compile(
        rf'(?:"[^"]*+(?:""[^"]*+)*+"|(?!")[^{re.escape(separator)}\r\n]*+)(?:{re.escape(separator)}|\r\n?|\n|\Z)'
    )
    while (cell := one.match(text, begin)) is not None and cell.end() > begin:
        begin = cell.end()
    if not text.startswith('"', begin):
        return f"line {before + 1}: not valid CSV: {problem}"
    line = len(_LINE_END.findall(text, 0, begin)) + 1
    start = _LINE_END.split(text[begin : begin + 40])[0]
    return (
        f"line {line}: no quote ends the cell that begins with {start}: put one at the end of the cell, or "
        "remove the first one"
    )
