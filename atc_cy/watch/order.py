"""The order of a symbol's bars in a feed: which bars are new, which came before, and which come too late."""

import math
from array import array
from bisect import bisect_left
from enum import Enum
from typing import NamedTuple, Self

from ..live.stream import Stream
from .bars import Bar

KEPT = 10_000
"""How many of a symbol's latest bars are kept, at least, to compare with bars that come again."""
KEPT_OF_EXCHANGE = 10
"""How many candles of an exchange are kept: `Poll` itself compares those that it asks for again."""


class Place(Enum):
    """Where a bar belongs among its symbol's bars."""

    NEW = "new"
    SEEN = "seen before"
    BEFORE_STATE = "before the state's last bar"
    """An earlier run may have seen it or not: that is not known."""
    CHANGED = "with the time of another bar"
    LATE = "older than the bar before"
    BACKWARDS = "backwards"


class Earlier(NamedTuple):
    """A bar that came before."""

    close: float
    src: float
    line: int
    """0 if it did not come from a line."""

    @classmethod
    def of(cls, bar: Bar) -> Self:
        """The values of a bar that are compared."""
        return cls(bar.close, bar.close if bar.src is None else bar.src, bar.line)

    def differs(self, other: "Earlier") -> bool:
        """Whether the other bar has another close or src."""
        pairs = ((self.close, other.close), (self.src, other.src))
        return any(one != two and not (math.isnan(one) and math.isnan(two)) for one, two in pairs)

    def __str__(self) -> str:
        shown = f"close {self.close!r}"
        if self.src != self.close:
            shown += f", src {self.src!r}"
        return f"{shown} ({f'line {self.line}' if self.line else 'from an earlier run'})"


class Past:
    """The bars that a symbol has had.

    Parameters
    ----------
    resumed
        The instant and the stream of the last bar before this run; None if there was none.
    kept
        How many of the latest bars are kept, at least; None for `KEPT`.

    Notes
    -----
    A bar of this run is kept in 32 bytes. Of bars before this run, the last one is known.
    """

    def __init__(self, resumed: tuple[int, Stream] | None, kept: int | None = None) -> None:
        self._kept = KEPT if kept is None else kept
        self._resumed = -math.inf if resumed is None else resumed[0]
        self._resumed_bar = None
        if resumed is not None and resumed[1].bars:
            self._resumed_bar = Earlier(*resumed[1].last_bar, 0)
        self._has_come_again = self._older_has_come = False
        self._count = 0
        self._first: float = math.inf
        self._last = self._resumed
        self._instants, self._lines = array("q"), array("q")
        self._closes, self._srcs = array("d"), array("d")

    @property
    def has_bars_of_run(self) -> bool:
        """Whether a bar was added."""
        return self._count > 0

    @property
    def misses_last_of_state(self) -> bool:
        """Whether bars before the last one of the state have come again, but not that one."""
        return self._older_has_come and not self._has_come_again

    @property
    def earlier(self) -> Earlier | None:
        """The last bar; None if there is none, or its values are not known."""
        return self._at(-1) if self._instants else self._resumed_bar

    def add(self, bar: Bar) -> None:
        """Take note of a new bar."""
        if not self._count:
            self._first = bar.instant
        self._count += 1
        self._last = bar.instant
        kept = Earlier.of(bar)
        self._instants.append(bar.instant)
        self._lines.append(kept.line)
        self._closes.append(kept.close)
        self._srcs.append(kept.src)
        if len(self._instants) > 2 * self._kept:
            for values in (self._instants, self._lines, self._closes, self._srcs):
                del values[: self._kept]

    def place(self, bar: Bar) -> tuple[Place, Earlier | None]:
        """Where a bar belongs, and the earlier bar that it is compared with, if any.

        A bar that this run took more than `kept` bars ago cannot be compared any more: it counts as seen.
        """
        if bar.instant > self._last:
            return Place.NEW, None
        if bar.instant < self._resumed:
            self._older_has_come = True
            return Place.BEFORE_STATE, None
        if bar.instant == self._resumed:
            self._has_come_again = True
            return self._compared(self._resumed_bar, bar)
        at = bisect_left(self._instants, bar.instant)
        if at < len(self._instants) and self._instants[at] == bar.instant:
            return self._compared(self._at(at), bar)
        if at == 0 and bar.instant >= self._first:
            return Place.SEEN, None
        return (Place.BACKWARDS if self._count == 1 else Place.LATE), self._at(-1)

    @staticmethod
    def _compared(earlier: Earlier | None, bar: Bar) -> tuple[Place, Earlier | None]:
        if earlier is not None and earlier.differs(Earlier.of(bar)):
            return Place.CHANGED, earlier
        return Place.SEEN, earlier

    def _at(self, row: int) -> Earlier:
        return Earlier(self._closes[row], self._srcs[row], self._lines[row])
