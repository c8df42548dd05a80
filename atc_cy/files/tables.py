"""Tables in files: every column as the file has it, and tables written by ending."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import csv_cells, json_lines
from .atomic import replacing
from .columns import DATE_COLUMNS, find_time
from .encoding import read_text
from .time_columns import is_time_like

if TYPE_CHECKING:
    import pandas as pd


LINES, ROWS = "line", "row"


class Table(NamedTuple):
    """A file's columns, numbered by its lines or rows."""

    names: list[Any]
    """Of the columns, as the file spells them."""
    columns: list[pd.Series[Any]]
    places: pd.Index[int]
    """The line, from 1, or the row, from 0, of each row."""
    unit: str
    """What a place is called, `LINES` or `ROWS`."""

    def column(self, name: Any) -> pd.Series[Any]:
        return self.columns[self.names.index(name)]

    def of_rows(self, rows: NDArray[np.intp]) -> Table:
        """The table of some rows, in this order."""
        columns = [column.iloc[rows] for column in self.columns]
        return Table(self.names, columns, self.places[rows], self.unit)

    def place(self, row: int) -> str:
        """A row as a message calls it."""
        return f"{self.unit} {self.places[row]}"


def read_table(path: Path) -> Table:
    """A file's table; its ending tells the format. Text stays text.

    Raises
    ------
    OSError
        The file cannot be read.
    ImportError
        pyarrow is missing.
    ValueError
        It is not a table; the message names the line.
    """
    return _reader(path)[0](path)


def unit_of(path: Path) -> str:
    """What the places of a file are called."""
    return _reader(path)[1]


def write_table(path: Path, table: pd.DataFrame, index_label: Any) -> None:
    """Write a table with its index, whole or not at all; the ending tells the format, as in `read_table`."""
    suffix = path.suffix.lower()
    with replacing(path) as part:
        if suffix in (".parquet", ".feather"):
            _need_pyarrow(path)
            plain = table.rename_axis(index_label).reset_index()
            (plain.to_parquet if suffix == ".parquet" else plain.to_feather)(part)
        elif suffix in (".jsonl", ".ndjson"):
            rows = table.rename_axis(index_label).reset_index().astype(object)
            records = rows.where(rows.notna(), None).to_dict("records")
            lines = (json.dumps(record, default=str) + "\n" for record in records)
            part.write_text("".join(lines), encoding="utf-8", newline="\n")
        else:
            text = table.to_csv(index_label=index_label, lineterminator="\n")
            part.write_text(text, encoding="utf-8", newline="\n")


def _read_csv(path: Path) -> Table:
    # Everything is text first: pandas' own number reader is not correctly rounded everywhere.
    import pandas as pd

    cells = csv_cells.parse(read_text(path).removeprefix("\ufeff"))
    columns = [pd.Series(column, dtype=object) for column in cells.columns]
    return Table(cells.header, columns, pd.Index(cells.lines, dtype=np.int64), LINES)


def _read_json_lines(path: Path) -> Table:
    import pandas as pd

    rows = json_lines.parse(read_text(path).removeprefix("\ufeff"))
    names = json_lines.names_of(rows)
    columns = [pd.Series([row.get(name) for row in rows.values()], dtype=object) for name in names]
    return Table(names, columns, pd.Index(list(rows), dtype=np.int64), LINES)


def _read_arrow(path: Path) -> Table:
    import pandas as pd

    _need_pyarrow(path)
    read: Callable[..., pd.DataFrame] = (
        pd.read_parquet if path.suffix.lower() == ".parquet" else pd.read_feather
    )
    frame = read(path)
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()
    elif find_time(frame.columns) is None and is_time_like(frame.index.to_series()):
        frame = frame.rename_axis(DATE_COLUMNS[0]).reset_index()
    columns = [frame.iloc[:, number].reset_index(drop=True) for number in range(frame.shape[1])]
    return Table(list(frame.columns), columns, pd.RangeIndex(len(frame)), ROWS)


_Reader = tuple[Callable[[Path], Table], str]
_READERS: dict[str, _Reader] = {
    ".jsonl": (_read_json_lines, LINES),
    ".ndjson": (_read_json_lines, LINES),
    ".parquet": (_read_arrow, ROWS),
    ".feather": (_read_arrow, ROWS),
}


def _reader(path: Path) -> _Reader:
    return _READERS.get(path.suffix.lower(), (_read_csv, LINES))


def _need_pyarrow(path: Path) -> None:
    if find_spec("pyarrow") is None:
        raise ImportError(f"{path.suffix} files need pyarrow: pip install 'atc_cy[arrow]'")
