"""The symbols of many files, for commands that show those that can be read, and name the others."""

from __future__ import annotations

import argparse
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..files.opening import name_of, symbol_of
from ..text import problem_of
from .common import one_symbol, read_file, shipped_named, shipped_prices

if TYPE_CHECKING:
    import pandas as pd

    from ..errors import PriceError
    from ..files.prices import Prices


class Symbols:
    """Symbols, by the names that messages use."""

    def __init__(self) -> None:
        self.prices: dict[str, Prices] = {}
        self.names: dict[str, str] = {}
        """The names that the table uses."""
        self.problems: dict[str, str] = {}
        """Symbols and files that cannot be read or computed, each with the reason."""
        self.shipped = False
        """Whether these are all symbols that the package ships."""

    def named(self, table: pd.DataFrame, failures: Mapping[Hashable, PriceError]) -> pd.DataFrame:
        """The table with the symbols' names; failures become problems, with the line of the file."""
        for name, error in failures.items():
            self.problems[str(name)] = self.prices[str(name)].located(error)
        table.insert(0, "symbol", [self.names[str(name)] for name in table.index])
        return table


def draws_candles(options: argparse.Namespace) -> bool:
    """Whether a page can have candles: it can if the price is the close."""
    return bool(options.column.lower() == "close")


def symbols_of_files(options: argparse.Namespace, files: list[Path], *, page: bool = False) -> Symbols:
    """The symbols of files, and of shipped symbols that are named instead of files.

    page: whether candles are read too, for a page.
    """
    from ..files.prices import PriceFile

    symbols = Symbols()
    for path in files:
        try:
            rows = shipped_named(options, path)
            if rows is not None:
                symbols.prices[str(path)] = shipped_prices(options, rows, candles=page)
                symbols.names[str(path)] = str(path)
                continue
            file = read_file(options, path, candles=page and draws_candles(options))
            if options.symbol is not None:
                file = PriceFile(dict([one_symbol(file, options.symbol)]), {}, ())
        except (OSError, ValueError) as error:
            symbols.problems[name_of(path)] = problem_of(error, path)
            continue
        for name, problem in file.problems.items():
            symbols.problems[_key(path, name)] = problem
        for name, prices in file.symbols.items():
            symbols.prices[_key(path, name)] = prices
            symbols.names[_key(path, name)] = name or symbol_of(path)
    return symbols


def _key(path: Path, symbol: str | None) -> str:
    """What messages call a symbol of a file."""
    return name_of(path) if symbol is None else f"{name_of(path)}: {symbol}"
