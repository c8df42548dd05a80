"""The one rule for the order of rows: each symbol's times increase, and no time occurs twice.

A table in memory that breaks the rule is refused, or sorted if its reader asks for that. A file that is
newest first throughout is reversed. A time that occurs twice is always refused: either row may be right.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd


class Disorder(NamedTuple):
    """Two rows of a symbol whose times are not in order."""

    before: int
    after: int
    """The row that follows it among the symbol's rows."""
    twice: bool
    """Whether the two have the same time."""


def disorder(instants: NDArray[np.int64], codes: NDArray[np.intp] | None = None) -> Disorder | None:
    """The first two rows that are out of order; None if each symbol's rows increase in time.

    Parameters
    ----------
    instants
        A number for each row, which grows with time.
    codes
        The number of each row's symbol; None if all rows are of one symbol.
    """
    rows = None if codes is None else np.argsort(codes, kind="stable")
    ordered = instants if rows is None else instants[rows]
    wrong = ordered[1:] <= ordered[:-1]
    if rows is not None and codes is not None:
        wrong &= codes[rows[1:]] == codes[rows[:-1]]
    if not wrong.any():
        return None
    places = np.flatnonzero(wrong)
    backwards = places[ordered[places + 1] < ordered[places]]
    # While rows go back in time, equal times may be apart: they are reported once the rows are sorted.
    at = int(backwards[0] if backwards.size else places[0])
    pair = (at, at + 1) if rows is None else (int(rows[at]), int(rows[at + 1]))
    return Disorder(*pair, twice=not backwards.size)


def disorder_text(
    found: Disorder,
    times: "pd.Index[Any]",
    place: Callable[[int], str],
    advice: str = "sort the rows by time, the oldest first",
    *,
    options: bool = False,
) -> str:
    """The message about two rows that are out of order, with a remedy, which is never to drop rows.

    Parameters
    ----------
    found
        What `disorder` found.
    times
        The time of each row.
    place
        How a message calls a row, such as "line 7".
    advice
        What to do about rows that go back in time.
    options
        Whether the user can give --symbol-column and --time-zone.
    """
    before, after = place(found.before), place(found.after)
    if found.twice:
        return (
            f"{after}: the time {times[found.after]} occurs twice, first in {before}: give each row "
            f"another time. If the rows are of several symbols, name the column of symbols"
            f"{' with --symbol-column' if options else ''}; if clocks were set back, "
            f"{'name their --time-zone, or ' if options else ''}write the times with their offset, as in "
            "2024-10-27T02:00+01:00"
        )
    return (
        f"{after}: the rows must increase in time, but {times[found.after]} follows {times[found.before]} "
        f"({before}): {advice}"
    )


def sorted_rows(instants: NDArray[np.int64], codes: NDArray[np.intp] | None = None) -> NDArray[np.intp]:
    """The rows in the order of time; those of equal times stay as they are."""
    return np.argsort(instants, kind="stable") if codes is None else np.lexsort((instants, codes))


def is_newest_first(instants: NDArray[np.int64], codes: NDArray[np.intp] | None = None) -> bool:
    """Whether all rows of each symbol go back in time, so that reversing the rows puts them in order."""
    found = disorder(instants, codes)
    if found is None or found.twice:
        return False
    found = disorder(instants[::-1], None if codes is None else codes[::-1])
    return found is None or found.twice
