"""Which columns of a file belong to which symbol.

A file may hold one symbol, name the symbol of each row in a column, or have one column for each symbol. It
has one column for each symbol (a wide table) if no column is named for prices and all columns besides the
times hold numbers that are not parts of a candle. If columns have two levels, one of them names the symbol.
"""

from collections.abc import Sequence
from typing import Any

from .clock import time_of_day
from .columns import (
    CLOSE,
    Columns,
    bare_name,
    find_columns,
    find_price,
    find_symbol,
    find_time,
    folded,
    is_part_of_candle,
    required,
)
from .dialect import is_value
from .format import Format
from .numbers import is_missing
from .shapes import is_candle
from .tables import Table
from .times import is_time_text

_ROWS_SEEN = 100
"""How many rows are looked at to see whether a column has numbers."""


def columns_by_symbol(
    table: Table, form: Format, column: str, *, src: str | None, symbol: str, candle: bool
) -> dict[str | None, Columns]:
    """The columns of each symbol, by its name; under None if a column, or the file's name, names the symbol.

    Parameters
    ----------
    table
        The file's table.
    form
        How the file is written; it may name the columns of times and symbols.
    column, src, symbol
        The columns of prices, of what the averages run on, and of symbols.
    candle
        Whether open, high and low are wanted.

    Raises
    ------
    ValueError
        A column is missing, or several have the same name.
    """
    column, time, src, symbol = (_numbered(table, name) for name in (column, form.time_column, src, symbol))
    names = table.names
    pairs = [name for name in names if isinstance(name, tuple)]
    wanted = _numbered(table, form.symbol_column)
    time = _time(table) if time is None else required(time, names, "--time-column names")
    if pairs:
        return _of_pairs(pairs, column, time, src, candle)
    owner = find_symbol(names, symbol) if wanted is None else required(wanted, names, "--symbol-column names")
    if time is not None and folded(column) == CLOSE and src is None and find_price(names) is None:
        wide = _wide(table, time, owner)
        if len(wide) >= 4 and is_candle([table.column(name) for name in wide[:4]], table.place, form.decimal):
            raise ValueError(
                f"no column is named close, and {', '.join(map(repr, wide[:4]))} look like open, high, low "
                "and close: name one with --column"
            )
        if wide:
            return {str(name): find_columns([time, name], name, time=time) for name in wide}
    return {None: find_columns(names, column, time=time, src=src, symbol=owner, candle=candle)}


def _numbered(table: Table, name: Any) -> Any:
    """The column of this name; in a file without a header, of this number from 1."""
    if not table.is_numbered or name is None or not name.isdecimal():
        return name
    if not 1 <= int(name) <= len(table.names):
        raise ValueError(
            f"there is no column {name}: the file has {len(table.names)} columns, numbered from 1"
        )
    return table.names[int(name) - 1]


def _time(table: Table) -> Any | None:
    """The column of times: by its name, or the first one if its cells are times as text."""
    names = [name for name in table.names if not isinstance(name, tuple)]
    found = find_time(names)
    if names.count(found) == 1:
        seen = _seen(table.column(found))
        if seen and all(time_of_day(value) is not None for value in seen):
            # The date is in another column then: one with a name for times, or the first one.
            rest = [name for name in table.names if name != found]
            columns = [
                column for name, column in zip(table.names, table.columns, strict=True) if name != found
            ]
            dates = _time(table._replace(names=rest, columns=columns))
            return found if dates is None else dates
    if found is None and table.names:
        seen = _seen(table.columns[0])
        if seen and all(
            isinstance(value, str) and not value.isdecimal() and is_time_text(value) for value in seen
        ):
            return table.names[0]
    return found


def _seen(column: Any) -> list[Any]:
    return [value for value in column.iloc[:_ROWS_SEEN] if not is_missing(value)]


def _of_pairs(
    pairs: Sequence[Any], column: str, time: Any, src: str | None, candle: bool
) -> dict[str | None, Columns]:
    """The columns of each symbol where a column's name is a pair: what it holds, and its symbol."""
    found: dict[str | None, Columns] = {}
    for owner in dict.fromkeys(name[1] for name in pairs):
        of_owner = {name[0]: name for name in pairs if name[1] == owner}
        if find_price(of_owner, column) is None:
            continue
        columns = find_columns([*of_owner], column, time=time, src=src, candle=candle)
        found[owner or None] = columns._replace(
            price=of_owner[columns.price],
            src=None if columns.src is None else of_owner[columns.src],
            parts={part: of_owner[name] for part, name in columns.parts.items()},
            candle={part: of_owner[name] for part, name in columns.candle.items()},
        )
    if not found:
        find_columns(list(dict.fromkeys(name[0] for name in pairs)), column, time=time)
    return found


def _wide(table: Table, time: Any, owner: Any | None) -> list[Any]:
    """The columns that each hold the prices of one symbol; empty if the table is not a wide one."""
    rest = [
        (name, column)
        for name, column in zip(table.names, table.columns, strict=True)
        if name != time and not _is_index(name)
    ]
    names = [name for name, _ in rest]
    if owner is not None or len(set(names)) < len(names) or any(map(is_part_of_candle, names)):
        return []
    return names if all(_has_numbers(column) for _, column in rest) else []


def _is_index(name: Any) -> bool:
    """Whether a column has the name that an index without a name gets in a file."""
    return not str(bare_name(name)).strip() or str(name).startswith("Unnamed: ")


def _has_numbers(column: Any) -> bool:
    """Whether all of the first cells that are not empty are numbers."""
    if column.dtype.kind in "iuf":
        return True
    return all(not isinstance(value, bool) and is_value(value) for value in _seen(column))
