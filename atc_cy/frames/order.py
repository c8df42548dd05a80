"""Where a table has its times, and the order in which its rows are computed."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..files.clock import with_clock
from ..files.columns import find_clock, find_time
from ..files.order import disorder, disorder_text, sorted_rows
from ..files.symbols import Codes
from ..files.time_columns import check_one_clock, holds_times, is_time_like, read_times
from .adapter import Adapter, place

if TYPE_CHECKING:
    import pandas as pd


def time_column(table: Adapter, others: Collection[Any] = ()) -> Any | None:
    """The column that is named as a column of times, or else the only column that holds times.

    Parameters
    ----------
    table
        The table to search.
    others
        Columns that are known to hold something else.

    Raises
    ------
    ValueError
        Several columns hold times, and none is named so.
    """
    names = table.names()
    named = find_time(names)
    if named is not None:
        return named
    timed = [name for name in names if name not in others and holds_times(name, table.labels(name))]
    if len(timed) > 1:
        raise ValueError(
            f"the columns {timed[0]!r} and {timed[1]!r} both hold times: name the one of the bars with time="
        )
    return timed[0] if timed else None


def table_times(table: Adapter, time: Any = None) -> "pd.DatetimeIndex | None":
    """The times that `find_times` finds in a table; None if the table has no times."""
    return find_times(table, time)[1]


def find_times(
    table: Adapter, time: Any = None, others: Collection[Any] = ()
) -> "tuple[Any | None, pd.DatetimeIndex | None]":
    """The name of a table's column of times, and the times.

    Parameters
    ----------
    table
        The table to search.
    time
        The column, or the level of a pandas index, that has the times. None for the index if it holds times,
        or else for the column that `time_column` finds.
    others
        Columns that are known to hold something else.

    Returns
    -------
    tuple
        The name is None if the index is used by default. Both are None if there are no times.

    Raises
    ------
    ValueError
        The column does not exist, or one of its values is not a time.
    """
    if time is None:
        times = table.index_times()
        if times is not None:
            return None, times
        name = time_column(table, others)
        if name is None:
            return None, None
    else:
        name = table.find("time", time)
    labels = table.labels(name)
    clock = find_clock(table.names(), name)
    if clock is not None:
        labels = with_clock(labels, table.labels(clock), place, clock)
    try:
        return name, read_times(labels, place)
    except ValueError as error:
        raise ValueError(f"column {name!r}: {error}; name the column of times with time=") from None


def check_clock(table: Adapter, name: Any | None, times: "pd.DatetimeIndex") -> None:
    """Refuse times that are text with different offsets, because days must follow one clock.

    Parameters
    ----------
    table
        The table that has the times.
    name
        The column of times; None if the index holds the times.
    times
        The times that were read from it.

    Raises
    ------
    ValueError
        The offsets differ.
    """
    import pandas as pd

    remedy = "convert them to their zone, as in pandas.to_datetime(times, utc=True).dt.tz_convert(zone)"
    clock = None if name is None else find_clock(table.names(), name)
    if name is not None:
        labels = table.labels(name)
        labels = labels if clock is None else with_clock(labels, table.labels(clock), place, clock)
        check_one_clock(times, labels, place, remedy)
        return
    index = table.data.index
    for level in range(index.nlevels):
        labels = pd.Series(index.get_level_values(level))
        if is_time_like(labels):
            check_one_clock(times, labels, place, remedy)


def wide_time(table: Adapter) -> Any | None:
    """The column of times of a wide table, whose other columns are symbols; None if it has no such column."""
    name = time_column(table)
    return name if name is not None and holds_times(name, table.labels(name)) else None


def rows_in_order(
    times: "pd.DatetimeIndex | None", symbols: Codes | None, sort: bool
) -> NDArray[np.intp] | None:
    """The positions of the rows, sorted by symbol and time; None if the rows stay as they are.

    Raises
    ------
    ValueError
        A symbol's rows do not increase in time and `sort` is false, or a time occurs twice.
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
