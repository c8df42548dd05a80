"""The one rule for the crossing of a threshold: for a row, a series, and a series that comes in parts."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..config import ATCConfig


def crossings(
    now: NDArray[Any], first: float, long_threshold: float, short_threshold: float
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether each value crosses over the long threshold, and whether it crosses under the short one.

    first: the value before the first one.
    """
    before = np.concatenate([[first], now[:-1]])[: now.size]
    up = (now > long_threshold) & (before <= long_threshold)
    return up, (now < short_threshold) & (before >= short_threshold)


def trend(
    average: NDArray[Any],
    long_threshold: float,
    short_threshold: float,
    last: tuple[float, float] = (np.nan, np.nan),
) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
    """The direction and the event of each row; without a signal they are NaN and 0.

    last: the average and the direction on the bar before the first row.
    """
    rows = np.flatnonzero(~np.isnan(average))
    now = average[rows].astype(np.float64, copy=False)
    up, down = crossings(now, last[0], long_threshold, short_threshold)
    turned = np.flatnonzero(up | down)
    directions = np.append(last[1], np.where(up[turned], 1.0, -1.0))
    direction, event = np.full(average.size, np.nan), np.zeros(average.size, np.int8)
    direction[rows] = np.repeat(directions, np.diff(turned, prepend=0, append=now.size))
    turns = np.flatnonzero(directions[1:] == -directions[:-1])
    event[rows[turned[turns]]] = directions[1:][turns]
    return direction, event


class Turns:
    """The direction of a symbol, and how many bars ago it turned; the bars come in parts.

    Attributes
    ----------
    direction
        1, -1, or NaN before the first crossing.
    bars_since_event
        0 on the bar of an event; None before the first event.
    """

    def __init__(self, config: ATCConfig) -> None:
        self._thresholds = config.long_threshold, config.short_threshold
        self._average = self.direction = np.nan
        self.bars_since_event: int | None = None

    def follow(self, close: NDArray[Any], average: NDArray[Any]) -> None:
        """Go on with some rows: their prices (NaN is not a bar), and their `Average_Signal`."""
        directions, turns = trend(average, *self._thresholds, (self._average, self.direction))
        signals = np.flatnonzero(~np.isnan(average))
        if signals.size:
            self._average, self.direction = float(average[signals[-1]]), float(directions[signals[-1]])
        bars = ~np.isnan(close)
        turned = np.flatnonzero(turns[bars])
        if turned.size:
            self.bars_since_event = int(np.count_nonzero(bars) - 1 - turned[-1])
        elif self.bars_since_event is not None:
            self.bars_since_event += int(np.count_nonzero(bars))


def of_the_bar_before(values: NDArray[Any]) -> NDArray[Any]:
    """For each bar the value of the bar before; rows without a bar stay NaN."""
    bars = np.flatnonzero(~np.isnan(values))
    late = np.full_like(values, np.nan)
    late[bars[1:]] = values[bars[:-1]]
    return late
