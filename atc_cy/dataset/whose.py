"""Whose the rows of a dataset's file are: of each by itself, its folder, its columns or its name shows it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from ..files.by_symbol import columns_by_symbol
from ..files.columns import find_named, find_symbol, folded, required, tells_symbols
from ..files.damage import damage_told
from ..files.format import Format
from ..files.opening import symbol_of
from ..files.symbols import is_no_symbol
from ..files.tables import read_beginning

PARQUET = ".parquet"


class Asked(NamedTuple):
    """What a run was asked for, of all files."""

    symbol: str
    time: str | None
    close: str
    src: str | None
    naming: int
    """As a plan has it."""
    form: Format
    """Of files that are no Parquet."""
    is_named: bool
    """Whether the user named the column of symbols, so that it must be there."""


def folder_symbol(path: Path, asked: Asked) -> str | None:
    """The symbol that a folder of the file is named after; None: there is none.

    Raises
    ------
    ValueError
        It is no name.
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
    """The symbol that a file is named after. naming: as a plan has it.

    Raises
    ------
    ValueError
        It is no name, or its folder is named after what may be the symbol.
    """
    for part in path.parts[:-1]:
        name, mark, _ = part.partition("=")
        if naming > 1 and mark and tells_symbols(name, text=True):
            raise ValueError(
                f"its folder is named {part}: if that is its symbol, name the column, as in symbol={name!r} "
                f"(--symbol-column {name})"
            )
    symbol = symbol_of(path)
    if is_no_symbol(symbol):
        raise ValueError(f"the symbol is missing: the file is named {path.name}: name it after the symbol")
    return symbol


def symbol_column(names: Sequence[str], wanted: str, naming: int) -> str | None:
    """The column of symbols; None: there is none. naming: as a plan has it."""
    found: str | None = find_named(names, wanted) if naming == 1 else find_symbol(names, wanted)
    return found


def has_symbols(path: Path, asked: Asked) -> bool:
    """Whether a file's columns have the symbols, as its beginning says: one of them, or a symbol each.

    Raises
    ------
    OSError, ImportError
        The file cannot be read.
    ValueError
        It is no table of prices, or lacks the column that the user has named.
    """
    if path.suffix.lower() == PARQUET:
        import pyarrow.parquet as pq

        with damage_told():
            names = pq.read_schema(path).names
        if asked.is_named:
            required(asked.symbol, names, "--symbol-column names")
        return symbol_column(names, asked.symbol, asked.naming) is not None
    table = read_beginning(path, asked.form)
    form = replace(asked.form, symbol_column=asked.symbol) if asked.is_named else asked.form
    wanted = columns_by_symbol(table, form, asked.close, src=asked.src, symbol=asked.symbol, candle=False)
    return None not in wanted or wanted[None].symbol is not None
