"""Which columns of a long table hold the prices, the symbols and the times."""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..engine.bars import as_array
from ..files.columns import CANDLE, SYMBOL, find_named, names_symbols
from ..files.symbols import Codes, check_one_value
from .adapter import Adapter, Columns
from .order import find_times

if TYPE_CHECKING:
    import pandas as pd

WIDE = "; for a wide table, each column a symbol, give close=None"


class Layout(NamedTuple):
    """The price, the symbols and the times of a long table."""

    price: Any
    symbols: Codes | None
    """The symbol of each row; None if the table has only one symbol."""
    time: Any | None
    """The column of times; None if the index holds the times, or if there are no times."""
    times: "pd.DatetimeIndex | None"


def layout(table: Adapter, close: str, by: Any, time: Any) -> Layout:
    """Find the layout of a table; the arguments are those of `atc`.

    Raises
    ------
    ValueError
        A column is missing, `by` does not separate the symbols, or a value in the column of times is not a
        time.
    """
    price = table.find("close", close, WIDE)
    columns = [table.find("by", name) for name in keys_of(by)]
    symbols = None
    if columns:
        table.check_index(columns)
        symbols = table.symbols(columns)
        _check_kept_apart(table, by, symbols)
    else:
        check_one_symbol(table)
    return Layout(price, symbols, *find_times(table, time, [price, *columns]))


def keys_of(by: Any) -> list[Any]:
    """The columns that `by` names, as a list."""
    return by if isinstance(by, list) else [] if by is None else [by]


def candles_of(table: Adapter, price: Any) -> Columns:
    """Open, high and low of a table; empty if one of them is missing, or if the price is not the close."""
    found = {name: find_named(table.names(), name) for name in CANDLE}
    if str(price).lower() != "close" or None in found.values():
        return {}
    return {name: as_array(table.column(column), name) for name, column in found.items()}


def check_one_symbol(table: Adapter) -> None:
    """Refuse a table of several symbols.

    Raises
    ------
    ValueError
        A level of the index, or a column of symbols, has several symbols.
    """
    table.check_index()
    for column in table.names():
        if names_symbols(column, text=True):
            check_one_value(column, table.labels(column), f"give by={column!r}, or the rows of one")


def _check_kept_apart(table: Adapter, by: Any, symbols: Codes) -> None:
    """Refuse a `by` that groups rows with different values in the column named symbol."""
    column = find_named(table.names(), SYMBOL)
    if column is None:
        return
    (codes, names), (groups, keys) = table.symbols([column]), symbols
    pairs = np.unique(groups * len(names) + codes)
    twice = np.flatnonzero(np.diff(pairs // len(names)) == 0)
    if twice.size:
        group, first, second = pairs[twice[0]] // len(names), *pairs[twice[0] : twice[0] + 2] % len(names)
        both = [*keys_of(by), column]
        raise ValueError(
            f"by={by!r}: {keys[group]!r} has several symbols, such as {names[first]!r} and "
            f"{names[second]!r}: give by={column!r}, or by={both!r}"
        )
