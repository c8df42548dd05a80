"""The content of an index: the time of each row, and the symbols of the rows."""

from typing import TYPE_CHECKING, Any

from ..files.columns import DATE_COLUMNS, folded, names_symbols
from ..files.order import disorder, disorder_text
from ..files.symbols import is_text
from ..files.time_columns import holds_times, read_times

if TYPE_CHECKING:
    import pandas as pd


def check_index(index: "pd.Index[Any]", name: str = "prices") -> None:
    """Refuse the index of rows of several symbols, or out of the order of time; other labels may be anything.

    Parameters
    ----------
    index
        The index of the rows.
    name
        What the message calls the rows.

    Raises
    ------
    ValueError
        The rows are of several symbols, or a time does not increase; the message names both rows.
    """
    import pandas as pd

    if isinstance(index, pd.RangeIndex):
        return
    if isinstance(index, pd.DatetimeIndex) and index.is_monotonic_increasing and index.is_unique:
        return
    levels = _levels(index)
    times = [index_times(level) for level in levels]
    _check_one_symbol(levels, times)
    for instants in times:
        if instants is not None:
            found = disorder(instants.asi8)
            if found is not None:
                raise ValueError(f"{name}: {disorder_text(found, instants, _place)}")
            return


def index_times(index: "pd.Index[Any]") -> "pd.DatetimeIndex | None":
    """The times that an index holds, whatever their type; None if its labels are not times.

    For a MultiIndex, these are the first level of times; for intervals, their beginnings.

    Raises
    ------
    ValueError
        The first label is a time, but another one is not.
    """
    import pandas as pd

    if isinstance(index, pd.MultiIndex):
        found = (index_times(level) for level in _levels(index))
        return next((times for times in found if times is not None), None)
    if isinstance(index, pd.IntervalIndex):
        return index_times(index.left.rename(index.name))
    if isinstance(index, pd.TimedeltaIndex):
        return index_times(pd.Timestamp(0) + index)
    if isinstance(index, pd.DatetimeIndex) and not index.hasnans:
        return index
    if isinstance(index, pd.RangeIndex):
        return None
    labels = index.to_series(index=pd.RangeIndex(len(index)))
    named = folded(index.name) in DATE_COLUMNS
    if not named and not holds_times(DATE_COLUMNS[0] if index.name is None else index.name, labels):
        return None
    return read_times(labels, _place)


def check_one_symbol(index: "pd.Index[Any]") -> None:
    """Refuse an index whose rows belong to several symbols.

    A level with several values shows this if it has the name of a column of symbols, if it is text and one of
    several levels, or if a value occurs twice in it and it is text or next to a level of times.

    Raises
    ------
    ValueError
        A level has several symbols; the message names it.
    """
    levels = _levels(index)
    _check_one_symbol(levels, [index_times(level) for level in levels])


def _check_one_symbol(levels: "list[pd.Index[Any]]", times: "list[pd.DatetimeIndex | None]") -> None:
    next_to_times = any(instants is not None for instants in times)
    for place, labels in enumerate(levels):
        if times[place] is not None or not _are_symbols(labels, len(levels) > 1, next_to_times):
            continue
        first, second = labels.unique()[:2]
        level = place if labels.name is None else labels.name
        where = f"the level {level!r} of the index" if len(levels) > 1 else "the index"
        by = "" if labels.name is None else f", or the table to atc with by={level!r}"
        raise ValueError(
            f"{where} has several symbols, such as {first!r} and {second!r}: give the prices of one{by}"
        )


def _are_symbols(labels: "pd.Index[Any]", one_of_several: bool, next_to_times: bool) -> bool:
    text = is_text(labels.dtype)
    named = names_symbols(labels.name, text)
    if not (named or text or next_to_times) or labels.nunique() < 2:
        return False
    return named or (text and one_of_several) or not labels.is_unique


def _levels(index: "pd.Index[Any]") -> "list[pd.Index[Any]]":
    return [index.get_level_values(place) for place in range(index.nlevels)]


def _place(row: int) -> str:
    return f"row {row}"
