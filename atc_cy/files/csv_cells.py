"""The one reading of CSV: cells of text, and the line of each row; no row is lost, and none filled up."""

import csv
import io
import re
from collections.abc import Sequence
from typing import NamedTuple

_CELL = re.compile(r'(?:"[^"]*+(?:""[^"]*+)*+"|(?!")[^,\r\n]*+)(?:,|\r\n?|\n|\Z)')
_LINE_END = re.compile(r"\r\n?|\n")
_OTHER_SEPARATORS = {";": "';'", "\t": "tabs", "|": "'|'"}


class Cells(NamedTuple):
    """The cells of a text in CSV."""

    header: list[str]
    columns: list[list[str]]
    """For each cell of the header, those below it."""
    lines: list[int]
    """The line, from 1, on which each row begins."""


def parse(text: str) -> Cells:
    r"""The cells of a text in CSV with a header; lines end with ``\n``, ``\r\n`` or ``\r``.

    A line in which nothing stands, or separators alone, is left out.

    Raises
    ------
    ValueError
        There is no header; a row has another number of cells than the header; a quote is not closed. The
        message names the line.

    Examples
    --------
    >>> parse("date,close\n2020-01-01,1.5\n")
    Cells(header=['date', 'close'], columns=[['2020-01-01'], ['1.5']], lines=[2])
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    cells: list[str] = []
    lines: list[int] = []
    before = 0
    try:
        header = next(reader, [])
        width = _checked_width(header)
        before = reader.line_num
        for row in reader:
            if len(row) != width:
                if _is_blank(row):
                    before = reader.line_num
                    continue
                raise ValueError(_wrong_width(before + 1, row, width, text))
            if any(row):
                cells += row
                lines.append(before + 1)
            if reader.line_num != before + 1:
                _refuse_hidden_rows(row, before + 1, width)
            before = reader.line_num
    except csv.Error as error:
        raise ValueError(_bad_quote(text, before, str(error))) from None
    return Cells(header, [cells[place::width] for place in range(width)], lines)


def _checked_width(header: Sequence[str]) -> int:
    """How many cells a row must have."""
    if _is_blank(header):
        raise ValueError("line 1: there is no header, such as date,close")
    if len(header) == 1:
        for separator, name in _OTHER_SEPARATORS.items():
            if separator in header[0]:
                raise ValueError(
                    f"line 1: the columns are separated by {name}, not by commas: write the file with "
                    f"commas; the header is: {header[0]:.200}"
                )
    return len(header)


def _is_blank(row: Sequence[str]) -> bool:
    return not "".join(row).strip()


def _wrong_width(line: int, row: Sequence[str], width: int, text: str) -> str:
    cells = "is 1 cell" if len(row) == 1 else f"are {len(row)} cells"
    found = f"line {line}: there {cells}, and {width} in the header"
    if len(row) > width:
        return f"{found}: put a cell that has a comma between quotes"
    if not text.endswith(("\n", "\r")) and line == len(_LINE_END.findall(text)) + 1:
        return f"{found}: the file ends within this line, as if it was cut off: write it anew"
    return f"{found}: give each column a cell, an empty one where there is no value"


def _refuse_hidden_rows(row: Sequence[str], line: int, width: int) -> None:
    """Refuse a cell of several lines if these would be rows without its quotes: stray ones hide rows."""
    for place, cell in enumerate(row):
        first, *within = _LINE_END.split(cell)
        commas = [part.count(",") for part in within if part.strip()]
        if (
            within
            and commas == [*[width - 1] * (len(commas) - 1), place]
            and first.count(",") == width - 1 - place
        ):
            raise ValueError(
                f"line {line}: a cell between quotes goes on to line {line + len(within)}, and without the "
                "quotes each of these lines would be a row: remove the quotes, or the commas between them"
            )
        line += len(within)


def _bad_quote(text: str, before: int, problem: str) -> str:
    """Where the cell begins whose quotes are wrong, in the row that comes after so many lines."""
    ends = _LINE_END.finditer(text)
    begin = 0
    for _ in range(before):
        begin = next(ends).end()
    while (cell := _CELL.match(text, begin)) is not None and cell.end() > begin:
        begin = cell.end()
    if not text.startswith('"', begin):
        return f"line {before + 1}: no valid CSV: {problem}"
    line = len(_LINE_END.findall(text, 0, begin)) + 1
    start = _LINE_END.split(text[begin : begin + 40])[0]
    return (
        f"line {line}: no quote ends the cell that begins with {start}: put one before the comma or the line "
        "end, or remove the first one"
    )
