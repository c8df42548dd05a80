"""Tables in files, with every column as the file has it."""

from __future__ import annotations

import io
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import csv_cells, excel, json_lines
from .columns import DATE_COLUMNS, find_time
from .damage import damage_reported
from .dialect import find_dialect, find_header, header_names
from .encoding import decode, encoding_of
from .format import FOUND_OUT, SEPARATORS, Format
from .numbers import is_missing
from .opening import CSV, EXCEL, FEATHER, JSON, LINES, PARQUET, kind_of, kind_of_bytes, read_bytes
from .shapes import names_of
from .time_columns import is_time_like

if TYPE_CHECKING:
    import pandas as pd


LINE, ROW = "line", "row"
_SHAPES = "give JSON that is an array of objects or of arrays, or one object per line"
BEGINNING = 1 << 16
"""Bytes that `read_beginning` reads."""


class Table(NamedTuple):
    """A file's columns, numbered by its lines or rows."""

    names: list[Any]
    """The names of the columns, as the file spells them."""
    columns: list[pd.Series[Any]]
    places: pd.Index[int]
    """The line, from 1, or the row, from 0, of each row."""
    unit: str
    """What messages call a place: `LINE` or `ROW`."""
    is_numbered: bool = False
    """Whether the file has no header, so that its columns can be named by their numbers from 1."""
    reading: str = ""
    """How the file is laid out, for people."""
    advice: str = ""
    """What an error about a missing column adds."""

    def column(self, name: Any) -> pd.Series[Any]:
        return self.columns[self.names.index(name)]

    def of_rows(self, rows: NDArray[np.intp]) -> Table:
        """The table of some rows, in this order."""
        columns = [column.iloc[rows] for column in self.columns]
        return self._replace(columns=columns, places=self.places[rows])

    def place(self, row: int) -> str:
        """What messages call a row."""
        return f"{self.unit} {self.places[row]}"


def read_table(path: Path, form: Format = FOUND_OUT) -> Table:
    """Read a file's table; its ending, or its content, shows the format. Text stays text.

    Raises
    ------
    OSError
        The file cannot be read.
    ImportError
        pyarrow, or the library that reads Excel files, is missing.
    ValueError
        The file is not a table; the message names the line.
    """
    kind = kind_of(path)
    if kind in (PARQUET, FEATHER, EXCEL):
        check_form(form, kind)
        path.stat()  # the errors of the libraries do not say that a file is missing
        return _read_binary(path, kind, form)
    data = read_bytes(path)
    kind = _kind(path, data)
    check_form(form, kind)
    if kind in (PARQUET, FEATHER, EXCEL):
        return _read_binary(io.BytesIO(data), kind, form)
    return _of_text(decode(data), path, kind, form)


def check_form(form: Format, kind: str) -> None:
    """Refuse options that do not apply to this kind of files.

    Raises
    ------
    ValueError
        Such files have no sheets, or no lines to leave out.
    """
    if form.sheet is not None and kind != EXCEL:
        raise ValueError(f"--sheet {form.sheet} is for Excel files, but this file is {kind}: leave it out")
    if form.skip_lines and kind not in (CSV, EXCEL):
        raise ValueError(
            f"--skip-lines {form.skip_lines} is for CSV and Excel files, but this file is {kind}: "
            "leave it out"
        )


def read_beginning(path: Path, form: Format) -> Table:
    """Read the first rows of a file of lines, or all rows of another file.

    Raises
    ------
    OSError, ImportError, ValueError
        As from `read_table`.
    """
    if unit_of(path) == ROW:
        return read_table(path, form)
    data = read_bytes(path, BEGINNING)
    text = data.decode(encoding_of(data[:4]), "ignore").removeprefix("\ufeff")
    lines = text[: max(text.rfind("\n"), text.rfind("\r")) + 1]
    begins = lines.lstrip()[:1]
    kind = _kind(path, data)
    if len(data) < BEGINNING or begins in ("", "[") or kind not in (CSV, LINES):
        return read_table(path, form)
    return _of_text(lines, path, kind, form)


def _kind(path: Path, data: bytes) -> str:
    """What a file holds, by the ending of its name and by its first bytes."""
    kind, found = kind_of(path), kind_of_bytes(data)
    return kind if kind is not None and found == CSV else found


def _of_text(text: str, path: Path, kind: str, form: Format) -> Table:
    begins = text.lstrip()[:1]
    if kind == LINES or (begins == "{" and (kind == JSON or kind_of(path) is None)):
        _check_not_nested(text)
        return _of_json_lines(text)
    if kind == JSON or (begins == "[" and kind_of(path) is None):
        return _of_json(text, form)
    return of_csv(text, form)


def _read_binary(source: Path | io.BytesIO, kind: str, form: Format) -> Table:
    if kind == EXCEL:
        rows, reading = excel.read_sheet(source, form.sheet)
        advice = f"; this is {reading}" if "--sheet" in reading else ""
        try:
            table = _of_rows(rows, 1, form, reading)
        except ValueError as error:
            raise ValueError(f"{error}{advice}") from None
        if not len(table.places):
            raise ValueError(f"there is no row with a price in {reading}")
        return table._replace(advice=advice)
    return _of_arrow(source, kind)


def unit_of(path: Path) -> str:
    """What messages call the places of a file: `LINE` or `ROW`."""
    return LINE if kind_of(path) in (None, CSV, LINES) else ROW


def of_csv(text: str, form: Format) -> Table:
    """The table of a text in CSV, in any of its forms.

    Raises
    ------
    ValueError
        The text is not a table; the message names the line.
    """
    # All cells stay text at first: pandas' reader of numbers does not always round correctly.
    import pandas as pd

    dialect = find_dialect(text, form)
    cells = csv_cells.parse(text, dialect.separator, dialect.before, header=dialect.headers > 0)
    more = max(dialect.headers - 1, 0)
    columns = [pd.Series(column[more:], dtype=object) for column in cells.columns]
    table = Table([], columns, pd.Index(cells.lines[more:], dtype=np.int64), LINE)
    above = [cells.header, *([column[row] for column in cells.columns] for row in range(more))]
    separator = next(
        (name for name, mark in SEPARATORS.items() if mark == dialect.separator), dialect.separator
    )
    reading = f"separator {separator}"
    if dialect.before:
        reading += (
            f", {dialect.before} {'line' if dialect.before == 1 else 'lines'} left out before the header"
        )
    return _named(table._replace(reading=reading), above if dialect.headers else [], form)


def _of_rows(rows: list[list[Any]], first_place: int, form: Format, reading: str) -> Table:
    """The table of rows of cells, as Excel and JSON have them."""
    import pandas as pd

    every = enumerate(rows)
    places = [place for place, row in every if place >= form.skip_lines and not all(map(is_missing, row))]
    filled = [rows[place] for place in places]
    width = max(map(len, filled), default=0)
    begin, headers = find_header(filled, width, form.header)
    data, below = filled[begin + headers :], places[begin + headers :]
    for place, row in zip(below, data, strict=True):
        if len(row) != width:
            raise ValueError(
                f"row {place + first_place}: there are {len(row)} cells, and {width} in other rows: "
                "give each row as many"
            )
    columns = [pd.Series([row[place] for row in data], dtype=object) for place in range(width)]
    table = Table([], columns, pd.Index(below, dtype=np.int64) + first_place, ROW, reading=reading)
    return _named(table, filled[begin : begin + headers], form)


def _named(table: Table, headers: list[list[Any]], form: Format) -> Table:
    """The table with the names of its header, or of its shape if it has no header."""
    if headers or not len(table.places):
        reading = f"{table.reading}, {len(headers)} rows of header" if len(headers) > 1 else table.reading
        return table._replace(names=header_names(headers) if headers else [], reading=reading)
    names = names_of(table.columns, form, table.place)
    return table._replace(names=names, is_numbered=True, reading=f"{table.reading}, no header")


def _check_not_nested(text: str) -> None:
    """Refuse a single object that holds the prices, as the APIs of exchanges and vendors return it."""
    try:
        whole = json_lines.loads(text)
    except ValueError:  # several lines; if one is wrong, it is named later
        return
    if not isinstance(whole, dict):
        return
    within = [name for name, value in whole.items() if isinstance(value, list | dict)]
    if within and not isinstance(whole.get("close"), int | float):  # an object with a close is a row
        names = ", ".join(map(repr, within[:3])) + (", …" if len(within) > 3 else "")
        raise ValueError(f"the file is one JSON object that holds the prices in {names}: {_SHAPES}")


def _of_json_lines(text: str) -> Table:
    import pandas as pd

    rows = json_lines.parse(text)
    return _of_objects(
        [*rows.values()], pd.Index(list(rows), dtype=np.int64), LINE, "JSON, one object per line"
    )


def _of_objects(rows: list[dict[str, Any]], places: pd.Index[int], unit: str, reading: str) -> Table:
    import pandas as pd

    names = json_lines.names_of(dict(zip(places.tolist(), rows, strict=True)), unit)
    columns = [pd.Series([row.get(name) for row in rows], dtype=object) for name in names]
    return Table(names, columns, places, unit, reading=reading)


def _of_json(text: str, form: Format) -> Table:
    """An array of objects, or of arrays, as freqtrade and the APIs of exchanges write them."""
    import pandas as pd

    rows = json_lines.loads(text)
    if isinstance(rows, list) and all(isinstance(row, dict) for row in rows):
        return _of_objects(rows, pd.RangeIndex(len(rows)), ROW, "JSON, an array of objects")
    if isinstance(rows, list) and all(isinstance(row, list) for row in rows):
        return _of_rows(rows, 0, form, "JSON, an array of arrays")
    raise ValueError(_SHAPES)


def _of_arrow(source: Path | io.BytesIO, kind: str) -> Table:
    import pandas as pd

    need_pyarrow(f".{kind} files")
    with damage_reported():
        frame: pd.DataFrame = (
            pd.read_parquet(source) if kind == PARQUET else feather_table(source).to_pandas()
        )
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()
    elif find_time(frame.columns) is None and is_time_like(frame.index.to_series()):
        frame = frame.rename_axis(DATE_COLUMNS[0]).reset_index()
    return of_frame(frame, kind)


def feather_table(source: Path | io.BytesIO) -> Any:
    """Read a Feather file as a pyarrow Table, after checking that no column points out of the file.

    pyarrow and pandas do not check that: they would read other memory, or crash the process.

    Raises
    ------
    ValueError
        The file is damaged.
    """
    import pyarrow as pa
    from pyarrow import feather

    table = feather.read_table(source)
    try:
        table.validate(full=True)
    except pa.ArrowInvalid as error:
        raise ValueError(f"the file is damaged ({error})") from None
    return table


def of_frame(frame: pd.DataFrame, reading: str) -> Table:
    """The table of a pandas frame, numbered by its rows; its index is left out."""
    import pandas as pd

    columns = [frame.iloc[:, number].reset_index(drop=True) for number in range(frame.shape[1])]
    return Table(list(frame.columns), columns, pd.RangeIndex(len(frame)), ROW, reading=reading)


def need_pyarrow(what: str) -> None:
    """Raise ImportError if pyarrow is missing. what: what needs it, such as ".parquet files"."""
    if find_spec("pyarrow") is None:
        raise ImportError(f"{what} need pyarrow: pip install 'atc_cy[arrow]'")
