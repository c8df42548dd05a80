"""The symbol of the rows of a dataset's file: its folder, its columns or its name shows it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from ..files.by_symbol import columns_by_symbol
from ..files.columns import find_named, find_symbol, folded, names_symbols, required
from ..files.damage import damage_reported
from ..files.format import Format
from ..files.opening import symbol_of
from ..files.symbols import is_no_symbol
from ..files.tables import read_beginning

PARQUET = ".parquet"


class Asked(NamedTuple):
    """The arguments of a run that concern the reading of files."""

    symbol: str
    time: str | None
    close: str
    src: str | None
    naming: int
    """As `atc_cy.dataset.plan.NAMING`, but that of the plan."""
    form: Format
    """How files other than Parquet are written."""
    is_named: bool
    """Whether the user named the column of symbols, so that it must exist."""


def folder_symbol(path: Path, asked: Asked) -> str | None:
    """The symbol that a folder of the file is named after; None if there is no such folder.

    Raises
    ------
    ValueError
        The folder's name has no symbol.
    """
    parts = [part.partition("=") for part in path.parts[:-1]]
    alike = folded if asked.naming > 1 else str
    values = [value for name, mark, value in parts if mark and alike(name) == alike(asked.symbol)]
    if not values:
        return None
    name = unquote(values[-1])
    if is_no_symbol(name):
        raise ValueError(
            f"{path}: the symbol is missing: its folder is named {asked.symbol}={values[-1]}: "
            "name it after the symbol"
        )
    return name


def file_symbol(path: Path, naming: int) -> str:
    """The symbol that a file is named after. naming: that of the plan.

    Raises
    ------
    ValueError
        The file's name has no symbol, or a folder may be named after the symbol.
    """
    for part in path.parts[:-1]:
        name, mark, _ = part.partition("=")
        if naming > 1 and mark and names_symbols(name, text=True):
            raise ValueError(
                f"the folder is named {part}: if that is the symbol, name the column, as in symbol={name!r} "
                f"(--symbol-column {name}); otherwise rename the folder"
            )
    symbol = symbol_of(path)
    if is_no_symbol(symbol):
        raise ValueError(f"the symbol is missing: the file is named {path.name}: name it after the symbol")
    return symbol


def symbol_column(names: Sequence[str], wanted: str, naming: int) -> str | None:
    """The column of symbols; None if there is none. naming: that of the plan."""
    found: str | None = find_named(names, wanted) if naming == 1 else find_symbol(names, wanted)
    return found


def has_symbols(path: Path, asked: Asked) -> bool:
    """Whether a file's columns have the symbols: one column of symbols, or one column for each symbol.

    Only the beginning of the file is read.

    Raises
    ------
    OSError, ImportError
        The file cannot be read.
    ValueError
        The file is not a table of prices, or lacks the column that the user has named.
    """
    if path.suffix.lower() == PARQUET:
        import pyarrow.parquet as pq

        with damage_reported():
            names = pq.read_schema(path).names
        if asked.is_named:
            required(asked.symbol, names, "--symbol-column names")
        return symbol_column(names, asked.symbol, asked.naming) is not None
    table = read_beginning(path, asked.form)
    form = replace(asked.form, symbol_column=asked.symbol) if asked.is_named else asked.form
    wanted = columns_by_symbol(table, form, asked.close, src=asked.src, symbol=asked.symbol, candle=False)
    return None not in wanted or wanted[None].symbol is not None
