"""The columns of each symbol of a file: one symbol's, those of a column of symbols, or a symbol a column.

A table without a column of prices, in which there are only numbers besides the times, and none of them is a
part of a candle, is a wide one: each column has the prices of one symbol. Of columns of two levels, one names
the symbol.
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
"""So many rows say whether a column has numbers."""


def columns_by_symbol(
    table: Table, form: Format, column: str, *, src: str | None, symbol: str, candle: bool
) -> dict[str | None, Columns]:
    """The columns of each symbol; None: its name is in a column, or is that of the file.

    Parameters
    ----------
    table
        Of the file.
    form
        Its columns of times and symbols are those of the user.
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
        raise ValueError(f"there is no column {name}: there are {len(table.names)}, counted from 1")
    return table.names[int(name) - 1]


def _time(table: Table) -> Any | None:
    """The column of times: by its name, or the first one if times stand in it as text."""
    names = [name for name in table.names if not isinstance(name, tuple)]
    found = find_time(names)
    if names.count(found) == 1:
        seen = _seen(table.column(found))
        if seen and all(time_of_day(value) is not None for value in seen):
            # So the date is in another column: one of such a name, or the first one.
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
    """Of columns of two levels: what each is, and whose."""
    found: dict[str | None, Columns] = {}
    for owner in dict.fromkeys(name[1] for name in pairs):
        own = {name[0]: name for name in pairs if name[1] == owner}
        if find_price(own, column) is None and len({name[1] for name in pairs}) > 1:
            continue
        columns = find_columns([*own], column, time=time, src=src, candle=candle)
        found[owner or None] = columns._replace(
            price=own[columns.price],
            src=None if columns.src is None else own[columns.src],
            parts={part: own[name] for part, name in columns.parts.items()},
            candle={part: own[name] for part, name in columns.candle.items()},
        )
    if not found:
        find_columns(list(dict.fromkeys(name[0] for name in pairs)), column, time=time)
    return found


def _wide(table: Table, time: Any, owner: Any | None) -> list[Any]:
    """The columns that are a symbol each; none: the table is no wide one."""
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
    """Whether it is the name that an index without one gets in a file."""
    return not str(bare_name(name)).strip() or str(name).startswith("Unnamed: ")


def _has_numbers(column: Any) -> bool:
    """Whether the first cells are numbers, as far as there are any."""
    if column.dtype.kind in "iuf":
        return True
    return all(not isinstance(value, bool) and is_value(value) for value in _seen(column))
