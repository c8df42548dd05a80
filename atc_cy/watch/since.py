"""`--since now`: no event of a symbol's history is reported when a watch begins with it."""

from collections.abc import Collection, Mapping

from .bars import Bar


class SinceNow:
    """Whether a bar is of the time since its symbol was first seen.

    A bar that was open then counts as later: its time may be that of its beginning. It is as long as the
    shortest time between two bars of its symbol.

    now: when this run began, in nanoseconds since 1970.
    """

    def __init__(self, now: int) -> None:
        self._now = now
        self._began: dict[str, int] = {}
        """When the run began that saw a symbol first, as long as its bars are of the time before."""
        self._passed: set[str] = set()
        """Symbols of which bars have come that are later."""
        self._last: dict[str, int] = {}
        self._lengths: dict[str, int] = {}

    def resume(self, saved: Mapping[str, int], known: Collection[str]) -> None:
        """Go on with what `pack` returned; known: the symbols that an earlier run has followed."""
        self._began = dict(saved)
        self._passed = {symbol for symbol in known if symbol not in saved}

    def tells(self, bar: Bar) -> bool:
        """Whether an event of a bar is reported. It is asked about every bar."""
        symbol = bar.symbol
        if symbol in self._passed:
            return True
        gap = bar.instant - self._last.get(symbol, bar.instant)
        self._last[symbol] = bar.instant
        if gap:
            self._lengths[symbol] = min(gap, self._lengths.get(symbol, gap))
        if bar.instant + self._lengths.get(symbol, 1) <= self._began.setdefault(symbol, self._now):
            return False
        self._passed.add(symbol)
        del self._began[symbol]
        return True

    def pack(self) -> dict[str, int]:
        """What a state has to have."""
        return self._began
