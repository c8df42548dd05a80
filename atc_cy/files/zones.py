"""The times of a file, in the zone that the user names."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd


def _unclear_times() -> tuple[type[Exception], ...]:
    """What pandas raises for a time that clocks showed twice; pandas 2 has imported pytz for it."""
    pytz = sys.modules.get("pytz")
    return (ValueError,) if pytz is None else (ValueError, pytz.AmbiguousTimeError)


def in_zone(
    times: "pd.DatetimeIndex", zone: str, codes: NDArray[np.intp], place: Callable[[int], str]
) -> "pd.DatetimeIndex":
    """Times in a zone: those without an offset are what its clocks show, the other ones are converted.

    If clocks show an hour twice, the order of each symbol's rows decides, provided both hours have rows. A
    date alone is the beginning of its day.

    Parameters
    ----------
    times
        With or without an offset, the oldest or the newest of each symbol first.
    zone
        The name of the zone, such as Europe/Berlin.
    codes
        The number of each row's symbol.
    place
        How a message calls the row of this position, such as "line 7".

    Raises
    ------
    ValueError
        Clocks of this zone never showed a time, or showed it twice and the rows do not say which is meant.
    """
    import pandas as pd

    if times.tz is not None:
        return times.tz_convert(zone)
    if (times == times.normalize()).all():
        return times.tz_localize(zone, ambiguous=np.ones(len(times), bool), nonexistent="shift_forward")
    sure = times.tz_localize(zone, ambiguous="NaT", nonexistent="NaT")
    if not sure.hasnans:
        return sure
    never = np.asarray(times.tz_localize(zone, ambiguous=np.ones(len(times), bool), nonexistent="NaT").isna())
    if never.any():
        row = int(np.argmax(never))
        raise ValueError(
            f"{place(row)}: clocks of {zone} never showed {times[row]}: they were set forward then. "
            "Give another --time-zone"
        )
    instants = np.empty(len(times), np.int64)
    for code in np.unique(codes):
        rows = np.flatnonzero(codes == code)
        walls = times.take(rows)
        if walls[0] > walls[-1]:
            rows, walls = rows[::-1], walls[::-1]
        try:
            read = walls.tz_localize(zone, ambiguous="infer")
        except _unclear_times():
            row = int(rows[sure.take(rows).isna()][0])
            raise ValueError(
                f"{place(row)}: clocks of {zone} showed {times[row]} twice, when they were set back, and the "
                "rows do not show which is meant: write times with their offset, as in 2024-10-27T02:00+01:00"
            ) from None
        instants[rows] = read.as_unit(times.unit).asi8
    whole = pd.DatetimeIndex(instants.view(f"datetime64[{times.unit}]"))
    return whole.tz_localize("UTC").tz_convert(zone)
