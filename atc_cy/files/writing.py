"""Tables written to files, in the format of the name's ending."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import excel
from .atomic import replacing
from .csv_cells import escaped
from .opening import check_ending
from .tables import need_pyarrow

if TYPE_CHECKING:
    import pandas as pd


def csv_text(table: pd.DataFrame, index_label: Any = None, *, index: bool = True) -> str:
    """A table as CSV without text that a spreadsheet runs as a formula; `csv_cells` reads the text back."""
    import pandas as pd

    def safe(value: Any) -> Any:
        return escaped(value) if isinstance(value, str) else value

    table = table.rename(columns=safe)
    for place, kind in enumerate(table.dtypes):
        if not pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_datetime64_any_dtype(kind):
            table.isetitem(place, table.iloc[:, place].map(safe).array)
    if index and not isinstance(table.index, pd.DatetimeIndex):
        table.index = table.index.map(safe)
    text: str = table.to_csv(index=index, index_label=index_label, lineterminator="\n")
    return text


def write_table(path: Path, table: pd.DataFrame, index_label: Any) -> None:
    """Write a table with its index, completely or not at all.

    Raises
    ------
    OSError
        The file cannot be written.
    ImportError
        pyarrow or openpyxl is missing.
    ValueError
        The ending is not one of `atc_cy.files.opening.WRITTEN`, or there are more rows than a sheet can have.
    """
    suffix = check_ending(path).suffix.lower()
    with replacing(path, through=True) as part:
        if suffix == ".csv":
            part.write_text(csv_text(table, index_label), encoding="utf-8", newline="\n")
            return
        plain = table.rename_axis(index_label).reset_index()
        if suffix == ".xlsx":
            excel.write_sheet(part, plain)
        elif suffix in (".parquet", ".feather"):
            need_pyarrow(f"{suffix} files")
            (plain.to_parquet if suffix == ".parquet" else plain.to_feather)(part)
        else:
            rows = plain.astype(object)
            records = rows.where(rows.notna(), None).to_dict("records")
            lines = (json.dumps(record, default=str) + "\n" for record in records)
            part.write_text("".join(lines), encoding="utf-8", newline="\n")
