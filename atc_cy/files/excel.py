"""Excel's files: the cells of the first sheet, and tables written as a sheet."""

from __future__ import annotations

import io
import warnings
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

if TYPE_CHECKING:
    import pandas as pd

_OLD = b"\xd0\xcf\x11\xe0"


def read_sheet(source: Path | io.BytesIO) -> tuple[list[list[Any]], str]:
    """The rows of the first sheet, and what to call it.

    Raises
    ------
    OSError
        The file cannot be read.
    ImportError
        The library that reads it is missing.
    ValueError
        It is none of Excel's files, or has no sheet.
    """
    import pandas as pd

    data = source.read_bytes() if isinstance(source, Path) else source.getvalue()
    reader = "xlrd" if data.startswith(_OLD) else "openpyxl"
    _need(reader)
    damaged: tuple[type[Exception], ...] = (ValueError, KeyError, IndexError, TypeError, BadZipFile)
    try:
        with warnings.catch_warnings(action="ignore"), pd.ExcelFile(io.BytesIO(data), engine=reader) as book:  # type: ignore[arg-type]
            sheet = book.sheet_names[0]
            frame = book.parse(sheet, header=None, dtype=object, na_filter=False)
            sheets = len(book.sheet_names)
    except (*damaged, *_errors(reader)) as error:
        raise ValueError(f"it is none of Excel's files, or damaged: {error}") from None
    rows = [[None if cell == "" else cell for cell in row] for row in frame.to_numpy(object).tolist()]
    return rows, f"sheet {sheet!r}" + (f", the first of {sheets}" if sheets > 1 else "")


def write_sheet(path: Path, table: pd.DataFrame) -> None:
    """Write a table's columns; times with an offset become text, since Excel has none.

    Raises
    ------
    OSError
        The file cannot be written.
    ImportError
        openpyxl is missing.
    ValueError
        It has more rows than a sheet can.
    """
    import pandas as pd

    _need("openpyxl")
    zoned = [name for name, kind in table.dtypes.items() if isinstance(kind, pd.DatetimeTZDtype)]
    plain = table.assign(**{str(name): table[name].map(lambda time: time.isoformat()) for name in zoned})
    with path.open("wb") as file:
        plain.to_excel(file, index=False, engine="openpyxl")


def _errors(library: str) -> tuple[type[Exception], ...]:
    """Those of the library that reads, which derive from none that Python has."""
    found = getattr(import_module(library), "XLRDError", None)
    return () if found is None else (found,)


def _need(library: str) -> None:
    if find_spec(library) is None:
        raise ImportError(f"Excel's files need {library}: pip install 'atc_cy[excel]'")
