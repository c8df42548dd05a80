"""Excel files: reading the cells of a sheet, and writing a table as a sheet."""

from __future__ import annotations

import io
import warnings
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..text import suggestion
from .damage import damage_reported

if TYPE_CHECKING:
    import pandas as pd

_OLD = b"\xd0\xcf\x11\xe0"


def read_sheet(source: Path | io.BytesIO, wanted: str | None = None) -> tuple[list[list[Any]], str]:
    """The rows of a sheet, and what messages call it.

    wanted: the sheet's name, or its number from 1; None for the first one.

    Raises
    ------
    OSError
        The file cannot be read.
    ImportError
        The library that reads it is missing.
    ValueError
        The file is not an Excel file, or has no such sheet.
    """
    import pandas as pd

    data = source.read_bytes() if isinstance(source, Path) else source.getvalue()
    reader = "xlrd" if data.startswith(_OLD) else "openpyxl"
    _need(reader)
    damaged: tuple[type[Exception], ...] = (OSError, ValueError, *_errors(reader))
    try:
        with (
            damage_reported(),
            warnings.catch_warnings(action="ignore"),
            pd.ExcelFile(io.BytesIO(data), engine=reader) as book,  # type: ignore[arg-type]
        ):
            names = [str(name) for name in book.sheet_names]
            number = _number(wanted, names)
            if number is not None:
                frame = book.parse(number, header=None, dtype=object, na_filter=False)
    except damaged as error:
        raise ValueError(f"the file is not an Excel file, or it is damaged: {error}") from None
    if number is None:
        raise ValueError(f"there is no sheet {wanted!r}, which --sheet names; {suggestion(wanted, names)}")
    rows = [[None if cell == "" else cell for cell in row] for row in frame.to_numpy(object).tolist()]
    place = f", number {number + 1} of {len(names)}: --sheet names another" if len(names) > 1 else ""
    return rows, f"sheet {names[number]!r}{place}"


def _number(wanted: str | None, names: list[str]) -> int | None:
    """The place of a sheet; None if no sheet has this name or this number."""
    fitting = [number for number, name in enumerate(names) if wanted in (None, name)]
    if not fitting:
        fitting = [number for number in range(len(names)) if wanted == str(number + 1)]
    return fitting[0] if fitting else None


def write_sheet(path: Path, table: pd.DataFrame) -> None:
    """Write a table's columns; times with an offset become text, since Excel has none.

    Raises
    ------
    OSError
        The file cannot be written.
    ImportError
        openpyxl is missing.
    ValueError
        The table has more rows than a sheet can have.
    """
    import pandas as pd

    _need("openpyxl")
    zoned = [name for name, kind in table.dtypes.items() if isinstance(kind, pd.DatetimeTZDtype)]
    plain = table.assign(**{str(name): table[name].map(lambda time: time.isoformat()) for name in zoned})
    with path.open("wb") as file, pd.ExcelWriter(file, engine="openpyxl") as writer:
        plain.to_excel(writer, index=False)
        for row in writer.sheets["Sheet1"].iter_rows():
            for cell in row:
                if cell.data_type == "f":  # openpyxl takes a symbol such as =A1 for a formula
                    cell.data_type = "s"


def _errors(library: str) -> tuple[type[Exception], ...]:
    """The errors of the library that derive from none of Python's."""
    found = getattr(import_module(library), "XLRDError", None)
    return () if found is None else (found,)


def _need(library: str) -> None:
    if find_spec(library) is None:
        raise ImportError(f"Excel files need {library}: pip install 'atc_cy[excel]'")
