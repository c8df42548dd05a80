"""`Resampler`: bars of a higher timeframe, made of rows as they come."""

import math
from collections.abc import Hashable, Iterator
from datetime import UTC, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from ..config import public
from ..files.resample import rule_of
from ..files.timeframes import Timeframe, check_multiple, closings, openings, read_origin, read_timeframe
from ..files.times import Moment, read_time

if TYPE_CHECKING:
    import pandas as pd


class UnfitRowsError(ValueError):
    """Rows of which bars of the timeframe cannot be made, whatever rows follow."""


class Differences:
    """Finds the length of rows: the shortest time between two rows, after it has occurred twice."""

    def __init__(self) -> None:
        self._least = 0
        self._times = 0

    def shortest(self, difference: int) -> int | None:
        """Take note of a time between two rows; returns the length of rows, or None if not known yet."""
        if not self._times or difference < self._least:
            self._least, self._times = difference, 1
        elif difference == self._least:
            self._times += 1
        return self._least if self._times > 1 else None


class HigherBar(NamedTuple):
    """A bar of a higher timeframe."""

    opened: "pd.Timestamp"
    """When the bar opens, which is its label."""
    end: "pd.Timestamp"
    """When the next bar opens."""
    values: dict[str, float]
    """The close, and the other values that the rows had."""

    @property
    def close(self) -> float:
        """The last price."""
        return self.values["close"]


@public
class Resampler:
    """Make bars of a higher timeframe from rows that come one by one, for a `Stream` of that timeframe.

    Parameters
    ----------
    timeframe
        The timeframe of the bars, such as "4h".
    origin
        The time of day at which a day begins, such as "09:30".
    step
        The timeframe of the rows, such as "1h". With it, a bar closes with its last row. Without it, a bar
        closes only when the first row of the next one arrives.

    Raises
    ------
    ValueError
        `timeframe`, `origin` or `step` cannot be read, or `timeframe` is not a multiple of `step`.

    See Also
    --------
    resample : The same for all rows at once.
    Stream : Takes the bars.

    Examples
    --------
    >>> stream, hours = atc_cy.Stream(), atc_cy.Resampler("4h", step="1h")
    >>> for hour, close in enumerate([1.0, 1.1, 1.2, 1.3, 1.4]):
    ...     for bar in hours.update(f"2026-10-30T{hour:02}:00", close):
    ...         signal = stream.update(bar.close)
    ...         print(bar.opened, bar.close, stream.bars)
    2026-10-30 00:00:00 1.3 1
    >>> hours.bar.close
    1.4
    """

    def __init__(self, timeframe: str, *, origin: str = "00:00", step: str | None = None) -> None:
        self._timeframe: Timeframe = read_timeframe(timeframe)
        self._origin: timedelta = read_origin(origin)
        self._step = None if step is None else read_timeframe(step, "step")
        if self._step is not None:
            check_multiple(self._timeframe, self._step)
        self._differences = Differences()
        self._clock: tuple[int, Any] | None = None
        """The zone or the offset of all times, and the first time."""
        self._last = self._closed = -math.inf
        """The instants of the last row, and of the end of the last bar that has closed."""
        self.bar: HigherBar | None = None
        """The open bar; None if there is none."""

    def update(self, time: Any, close: float, **columns: float) -> list[HigherBar]:
        """Add a row.

        Parameters
        ----------
        time
            When the row opens, later than the row before: text (ISO 8601), a number since 1970, or a
            datetime.
        close
            The price; NaN if there was no trade.
        **columns
            Other values of the row. A bar has the first open, the greatest high, the least low, the sum of a
            volume or count (such as tick_volume), and the last value of all others, such as src. NaN is left
            out.

        Returns
        -------
        list of HigherBar
            The bars that this row closes: none or one; two if the bar before was still open.

        Raises
        ------
        ValueError
            The time cannot be read, does not increase, lies in a bar that has closed, or has another offset
            or zone than the rows before; or the row is longer than its bar.

        Examples
        --------
        >>> days = atc_cy.Resampler("1D", step="12h")
        >>> days.update("2026-10-30T00:00", 1.0, high=1.5)
        []
        >>> [day] = days.update("2026-10-30T12:00", 1.2, high=1.3)
        >>> day.values
        {'close': 1.2, 'high': 1.5}
        """
        moment = read_time(time)
        if moment.instant <= self._last:
            raise ValueError(f"time={time!r} must be later than that of the row before")
        if moment.instant < self._closed:
            raise ValueError(
                f"time={time!r} is in a bar that has closed, so rows are not {self._step} long: "
                "give another step"
            )
        self._check_clock(time, moment)
        self._check_within(time, moment)
        self._last = moment.instant
        closed = [*self._close(moment.instant)]
        if not math.isnan(close):
            row = {"close": close, **columns}
            if self.bar is None:
                zone = _zone_of(time, moment)
                bounds = _bounds if isinstance(zone, Hashable) else _bounds.__wrapped__  # dateutil's are not
                self.bar = HigherBar(*bounds(moment.instant, zone, self._timeframe, self._origin), row)
            else:
                self.bar = self.bar._replace(values=_joined(self.bar.values, row))
        if self._step is not None:
            closed += self._close(self._end_of(time, moment))
        return closed

    def _check_clock(self, time: Any, moment: Moment) -> None:
        """Refuse offsets that differ, as with daylight saving time: they do not show when days begin."""
        zone = getattr(time, "tzinfo", None)
        clock: Any = 0 if moment.epoch else moment.offset
        if zone is not None and zone.utcoffset(None) is None:
            clock = str(zone)
        self._clock = self._clock or (clock, time)
        if clock != self._clock[0]:
            raise UnfitRowsError(
                f"time={str(time)!r} has another offset than {str(self._clock[1])!r}, so the zone in which "
                "days begin is unknown: give datetimes with their zone, or a command the option --time-zone"
            )

    def _check_within(self, time: Any, moment: Moment) -> None:
        """Refuse rows that are longer than the bar, or end after it, once the length of rows is known."""
        if not math.isfinite(self._last):
            return
        length = self._differences.shortest(moment.instant - int(self._last))
        if length is not None and self.bar is not None and self._last + length > self.bar.end.value:
            raise UnfitRowsError(
                f"time={str(time)!r}: the row before ends after its bar, which ends at {self.bar.end}. Bars "
                f"of {self._timeframe} cannot be made of rows that are "
                f"{timedelta(microseconds=length // 1_000)} long: give another timeframe"
            )

    def _close(self, until: int) -> Iterator[HigherBar]:
        """Close the open bar if it ends by this time."""
        if self.bar is not None and self.bar.end.value <= until:
            self._closed = self.bar.end.value
            yield self.bar
            self.bar = None

    def _end_of(self, time: Any, moment: Moment) -> int:
        """When a row closes."""
        assert self._step is not None
        return int(closings(_row_time(moment.instant, _zone_of(time, moment)), self._step)[0].value)


@lru_cache(maxsize=64)
def _bounds(
    instant: int, zone: tzinfo | None, timeframe: Timeframe, origin: timedelta
) -> "tuple[pd.Timestamp, pd.Timestamp]":
    """When the bar of a row opens, and when the next bar opens: many symbols have a row at the same time."""
    times = _row_time(instant, zone)
    return openings(times, timeframe, origin)[0], openings(times, timeframe, origin, later=1)[0]


def _zone_of(time: Any, moment: Moment) -> tzinfo | None:
    """The zone of a row's time; None if it has none."""
    if moment.offset is None and not moment.epoch:
        return None
    return getattr(time, "tzinfo", None) or timezone(timedelta(seconds=moment.offset or 0))


def _row_time(instant: int, zone: tzinfo | None) -> "pd.DatetimeIndex":
    """The time of a row in its zone, as an index with one label."""
    import pandas as pd

    times = pd.DatetimeIndex([pd.Timestamp(instant)])
    return times if zone is None else times.tz_localize(UTC).tz_convert(zone)


def _joined(before: dict[str, float], row: dict[str, float]) -> dict[str, float]:
    values = before | row
    for name in row.keys() & before.keys():
        rule = rule_of(name)
        first, last = before[name], row[name]
        if math.isnan(first) or math.isnan(last):  # a missing value does not count
            values[name] = first if math.isnan(last) else last
            continue
        if rule == "last":
            continue
        taken = {"first": first, "max": max(first, last), "min": min(first, last), "sum": first + last}
        values[name] = taken[rule]
    return values
