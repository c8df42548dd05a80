"""Times of a file in the zone that its user names."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd


def _unclear_times() -> tuple[type[Exception], ...]:
    """What pandas raises where clocks showed a time twice; pandas 2 has imported pytz for it."""
    pytz = sys.modules.get("pytz")
    return (ValueError,) if pytz is None else (ValueError, pytz.AmbiguousTimeError)


def in_zone(
    times: "pd.DatetimeIndex", zone: str, codes: NDArray[np.intp], place: Callable[[int], str]
) -> "pd.DatetimeIndex":
    """Times in a zone: those without an offset are taken as its clocks show them, the other ones converted.

    An hour that clocks have twice is resolved by the order of each symbol's rows, if both hours are there.
    Dates alone begin where their day does.

    Parameters
    ----------
    times
        With or without an offset, the oldest or the newest of each symbol first.
    zone
        Such as Europe/Berlin.
    codes
        The number of each row's symbol.
    place
        How a message calls the row of this position, such as "line 7".

    Raises
    ------
    ValueError
        Clocks of this zone showed a time twice, and the rows do not say which one is meant, or never.
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
            f"{place(row)}: clocks of {zone} never showed {times[row]}, when they were set forward: "
            "give another --time-zone"
        )
    instants = np.empty(len(times), np.int64)
    for code in np.unique(codes):
        rows = np.flatnonzero(codes == code)
        own = times.take(rows)
        if own[0] > own[-1]:
            rows, own = rows[::-1], own[::-1]
        try:
            read = own.tz_localize(zone, ambiguous="infer")
        except _unclear_times():
            row = int(rows[sure.take(rows).isna()][0])
            raise ValueError(
                f"{place(row)}: clocks of {zone} showed {times[row]} twice, when they were set back, and the "
                "rows do not say which one it is: write times with their offset, as in 2024-10-27T02:00+01:00"
            ) from None
        instants[rows] = read.as_unit(times.unit).asi8
    whole = pd.DatetimeIndex(instants.view(f"datetime64[{times.unit}]"))
    return whole.tz_localize("UTC").tz_convert(zone)
