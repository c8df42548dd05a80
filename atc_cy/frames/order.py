"""Where a table has its times, and the order that its rows are computed in."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..files.columns import find_clock, find_time
from ..files.numbers import is_missing
from ..files.order import disorder, disorder_text, sorted_rows
from ..files.symbols import Codes
from ..files.time_columns import is_time_like, joined, read_times
from ..files.times import is_time_of_day
from .adapter import Adapter, place

if TYPE_CHECKING:
    import pandas as pd

_LEAST_EPOCH = 100_000_000
"""A column of whole numbers from here on that is named as times are, is one."""


def time_column(table: Adapter) -> Any | None:
    """The column of times: one named so, or else the only one whose type says so."""
    names = table.names()
    named = find_time(names)
    if named is not None:
        return named
    typed = [name for name in names if _is_temporal(table, name)]
    return typed[0] if len(typed) == 1 else None


def _is_temporal(table: Adapter, name: Any) -> bool:
    column = table.data[name]
    kind = str(getattr(column, "dtype", getattr(column, "type", ""))).lower()
    return kind.startswith(("datetime", "timestamp", "date32", "date64", "period")) or kind == "date"


def table_times(table: Adapter, time: Any = None) -> "pd.DatetimeIndex | None":
    """A table's times: of the column or level named, of the index, or of a column; None: it has none.

    Raises
    ------
    ValueError
        There is no such column, or a row of it is not a time.
    """
    if time is None:
        times = table.index_times()
        if times is not None:
            return times
        name = time_column(table)
        if name is None:
            return None
    else:
        name = table.find("time", time)
    labels = table.labels(name)
    clock = find_clock(table.names(), name)
    if clock is not None:
        clocks = table.labels(clock)
        given = [value for value in clocks.head(100) if not is_missing(value)]
        if given and all(map(is_time_of_day, given)):
            labels = joined(labels, clocks)
    try:
        return read_times(labels, place)
    except ValueError as error:
        raise ValueError(f"column {name!r}: {error}; name the column of times with time=") from None


def wide_time(table: Adapter) -> Any | None:
    """A wide table's column of times, which is no symbol."""
    name = time_column(table)
    if name is None:
        return None
    labels = table.labels(name)
    epochs = labels.dtype.kind in "iu" and bool((labels >= _LEAST_EPOCH).all())
    return name if epochs or is_time_like(labels) else None


def rows_in_order(
    times: "pd.DatetimeIndex | None", symbols: Codes | None, sort: bool
) -> NDArray[np.intp] | None:
    """The rows in the order of time, those of a symbol side by side; None: as they are.

    Raises
    ------
    ValueError
        A symbol's rows do not increase in time, and are not to be sorted, or a time comes twice.
    """
    codes = None if symbols is None else symbols[0]
    if times is None:
        return None if codes is None else np.argsort(codes, kind="stable")
    instants = times.asi8
    rows = sorted_rows(instants, codes) if sort or codes is not None else None
    if sort and rows is not None:
        found = disorder(instants[rows], None if codes is None else codes[rows])
        found = found and found._replace(before=int(rows[found.before]), after=int(rows[found.after]))
    else:
        found = disorder(instants, codes)
    if found is not None:
        name = "" if symbols is None else f"{symbols[1][symbols[0][found.after]]}: "
        advice = "sort the rows by time, or give sort=True"
        raise ValueError(f"{name}{disorder_text(found, times, place, advice)}")
    return rows
