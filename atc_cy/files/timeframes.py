"""Timeframes, such as 4h and 1W, and where their bars open.

A bar holds the trades from its opening on, up to the next opening (left-closed), and is labelled by its
opening, as exchanges label candles. Bars within a day are counted from midnight, so that an opening never
depends on the first row. Days, weeks (from Monday) and months are those of the calendar. Midnight is that of
the zone of the times.
"""

import re
from datetime import time, timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .times import NANOSECONDS, SECOND

if TYPE_CHECKING:
    import pandas as pd

_FORM = re.compile(r"(\d{0,6}) ?([a-zA-Z]+)", re.ASCII)
_SECONDS = {"s": 1, "m": 60, "h": 3_600}
_UNITS = {
    **dict.fromkeys(["s", "sec"], "s"),
    **dict.fromkeys(["m", "min"], "m"),
    **dict.fromkeys(["h", "H"], "h"),
    **dict.fromkeys(["d", "D"], "D"),
    **dict.fromkeys(["w", "W"], "W"),
    **dict.fromkeys(["M", "mo"], "M"),
}
_DAY = 86_400
_MONDAY = 3
"""Days from a Monday to the first day of 1970, a Thursday."""


class Timeframe(NamedTuple):
    """The length of a bar: a number of units."""

    number: int
    unit: str
    """s, m (minutes), h, D, W or M (months)."""

    def __str__(self) -> str:
        return f"{self.number}{self.unit}"

    @property
    def longest(self) -> int:
        """The longest that a bar can be, in seconds."""
        return self.number * {**_SECONDS, "D": _DAY, "W": 7 * _DAY, "M": 31 * _DAY}[self.unit]

    @property
    def seconds(self) -> int | None:
        """The length of a bar in seconds; None for days or longer, whose length the calendar sets."""
        return self.number * _SECONDS[self.unit] if self.unit in _SECONDS else None


def read_timeframe(text: str, name: str = "timeframe") -> Timeframe:
    """Read a timeframe as exchanges and charts write it.

    ``1m`` is a minute and ``1M`` a month; otherwise upper and lower case are the same. A number may be left
    out: ``D`` is ``1D``.

    Raises
    ------
    ValueError
        The text is not a timeframe; the message begins with `name`.

    Examples
    --------
    >>> str(read_timeframe("240m")), str(read_timeframe("1d"))
    ('4h', '1D')
    """
    count, unit = _number_and_unit(text, f"{name}={text!r} is not a timeframe")
    if unit in _SECONDS:
        seconds = count * _SECONDS[unit]
        if seconds % _DAY == 0:
            return Timeframe(seconds // _DAY, "D")
        if seconds > _DAY:
            raise ValueError(
                f"{name}={text!r} is more than a day, but not a number of whole days: give days, such as 2D"
            )
        unit = next(unit for unit in ("h", "m", "s") if seconds % _SECONDS[unit] == 0)
        count = seconds // _SECONDS[unit]
    return Timeframe(count, unit)


def read_duration(text: str, name: str = "duration") -> timedelta:
    """Read a length of time that is written like a timeframe: 36h, 10D; a month has 31 days.

    Raises
    ------
    ValueError
        The text is not a length of time; the message begins with `name`.

    Examples
    --------
    >>> read_duration("36h")
    datetime.timedelta(days=1, seconds=43200)
    """
    return timedelta(
        seconds=Timeframe(*_number_and_unit(text, f"{name}={text!r} is not a length of time")).longest
    )


def _number_and_unit(text: str, problem: str) -> tuple[int, str]:
    """The number and the unit of a text; an error begins with `problem`."""
    found = _FORM.fullmatch(text.strip())
    unit = None if found is None else _UNITS.get(found[2])
    if found is None or unit is None or (found[1] != "" and int(found[1]) == 0):
        raise ValueError(
            f"{problem}: give a number and a unit, such as 30s, 15m (minutes), 4h, 1D, 1W or 1M (a month)"
        )
    return int(found[1] or 1), unit


def read_origin(text: str, name: str = "origin") -> timedelta:
    """Read the time of day at which a day begins, such as 09:30; returns the time since midnight.

    Raises
    ------
    ValueError
        The text is not a time of day; the message begins with `name`.
    """
    try:
        clock = time.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{name}={text!r} must be a time of day, such as 09:30") from None
    if clock.tzinfo is not None:
        raise ValueError(f"{name}={text!r} must have no offset: it is in the zone of the times")
    return timedelta(hours=clock.hour, minutes=clock.minute, seconds=clock.second)


def openings(
    times: "pd.DatetimeIndex", timeframe: Timeframe, origin: timedelta = timedelta(0), later: int = 0
) -> "pd.DatetimeIndex":
    """When the bar of each time opens.

    Parameters
    ----------
    times
        In any zone, or without one.
    timeframe
        The timeframe of the bars.
    origin
        How long after midnight a day begins: with 09:30, hours are counted from then on.
    later
        0 for the bar that holds the time, 1 for the bar after it.
    """
    second = SECOND // NANOSECONDS[times.unit]
    wall = (times if times.tz is None else times.tz_localize(None)).asi8 // second
    days = (wall - origin // timedelta(seconds=1)) // _DAY
    if timeframe.seconds is None:
        return _at_days(_first_days(days, timeframe, later), times, origin)
    begins, length = _at_days(days, times, origin).asi8, timeframe.seconds * second
    opened = begins + ((times.asi8 - begins) // length + later) * length
    if later:  # the last bar of a day ends with it
        opened = np.minimum(opened, _at_days(days + 1, times, origin).asi8)
    return _of_instants(opened, times)


def _of_instants(instants: NDArray[np.int64], times: "pd.DatetimeIndex") -> "pd.DatetimeIndex":
    """Instants in the unit and in the zone of the times."""
    import pandas as pd

    return (
        pd.DatetimeIndex(instants.view(f"datetime64[{times.unit}]")).tz_localize("UTC").tz_convert(times.tz)
    )


def _first_days(days: NDArray[np.int64], timeframe: Timeframe, later: int) -> NDArray[np.int64]:
    """The day, since 1970, on which the bar of each day begins."""
    if timeframe.unit == "M":
        months = days.view("datetime64[D]").astype("datetime64[M]").astype(np.int64)
        first = (months // timeframe.number + later) * timeframe.number
        begins: NDArray[np.int64] = first.view("datetime64[M]").astype("datetime64[D]").astype(np.int64)
        return begins
    length, shift = (timeframe.number, 0) if timeframe.unit == "D" else (7 * timeframe.number, _MONDAY)
    return ((days + shift) // length + later) * length - shift


def _at_days(days: NDArray[np.int64], times: "pd.DatetimeIndex", origin: timedelta) -> "pd.DatetimeIndex":
    """When days begin in the zone of the times. days: numbers of days since 1970."""
    import pandas as pd

    seconds = days * _DAY + origin // timedelta(seconds=1)
    return _in_zone_of(times, pd.DatetimeIndex(seconds.view("datetime64[s]")).as_unit(times.unit))


def _in_zone_of(times: "pd.DatetimeIndex", wall: "pd.DatetimeIndex") -> "pd.DatetimeIndex":
    """The instants at which the clocks in the zone of the times show `wall`."""
    if times.tz is None:
        return wall
    first = np.ones(len(wall), bool)  # the first of two midnights, if clocks are set back
    return wall.tz_localize(times.tz, ambiguous=first, nonexistent="shift_forward")


def closings(times: "pd.DatetimeIndex", step: "Timeframe | pd.Timedelta") -> "pd.DatetimeIndex":
    """When rows that open at these times close, if each is `step` long by the calendar."""
    import pandas as pd

    if isinstance(step, pd.Timedelta):
        if not is_of_days(step):
            return times + step
        step = _days(step)
    if step.seconds is not None:
        return times + pd.Timedelta(seconds=step.seconds)
    length = (
        pd.DateOffset(months=step.number)
        if step.unit == "M"
        else pd.Timedelta(days=step.number * (7 if step.unit == "W" else 1))
    )
    wall: pd.DatetimeIndex = (times if times.tz is None else times.tz_localize(None)) + length
    return _in_zone_of(times, wall)


def row_ends(times: "pd.DatetimeIndex") -> "pd.DatetimeIndex":
    """When rows that open at these times close: after their commonest step, or earlier at the next row."""
    import pandas as pd

    step = common_step(times)
    if step is None:
        return times
    ends = closings(times, step)
    last = closings(times[-1:], min(step, times[-1] - times[-2]))
    following = times[1:].append(last)
    return pd.DatetimeIndex(ends.where(ends < following, following))


def is_of_days(step: "pd.Timedelta | None") -> bool:
    """Whether rows are whole days apart, so that the calendar sets their length."""
    return step is not None and not step.total_seconds() % _DAY


def _days(step: "pd.Timedelta") -> Timeframe:
    """The timeframe of rows that are whole days apart; about 30 days are a month, whose length varies."""
    months = round(step.days / 30.44)
    if months and step.days % 7 and abs(step.days - months * 30.44) < 2:
        return Timeframe(months, "M")
    return Timeframe(step.days, "D")


def check_multiple(timeframe: Timeframe, step: Timeframe) -> None:
    """Refuse a timeframe of bars that rows of this length cannot make.

    Raises
    ------
    ValueError
        A bar is shorter than a row, or not a multiple of it.
    """
    whole = timeframe.seconds or _DAY
    if step.longest > timeframe.longest or (step.seconds and whole % step.seconds):
        raise ValueError(
            f"timeframe={str(timeframe)!r} is not a multiple of that of the rows, {step}: give a multiple, "
            "since a bar cannot end within a row"
        )


def common_step(times: "pd.DatetimeIndex") -> "pd.Timedelta | None":
    """The commonest time between two rows; None if there is only one row."""
    import pandas as pd

    if len(times) < 2:
        return None
    steps, counts = np.unique(np.diff(times.asi8), return_counts=True)
    return pd.Timedelta(int(steps[np.argmax(counts)]), unit=times.unit)
