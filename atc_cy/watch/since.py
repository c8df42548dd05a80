"""`--since now`: when a watch begins with a symbol, it does not report the events of the symbol's history."""

from collections.abc import Collection, Mapping

from .bars import Bar


class SinceNow:
    """Decides whether a bar belongs to the time since the watch began with its symbol.

    A bar that was still open then belongs to it: a bar's time may be that of its beginning. Its length is the
    shortest time between two bars of the symbol.

    now: when this run began, in nanoseconds since 1970.
    """

    def __init__(self, now: int) -> None:
        self._now = now
        self._began: dict[str, int] = {}
        """When the run began that saw a symbol first, for symbols whose bars are still earlier than that."""
        self._passed: set[str] = set()
        """Symbols whose bars have reached that time."""
        self._last: dict[str, int] = {}
        self._lengths: dict[str, int] = {}

    def resume(self, saved: Mapping[str, int], known: Collection[str]) -> None:
        """Go on with what `pack` returned. known: the symbols that an earlier run has followed."""
        self._began = dict(saved)
        self._passed = {symbol for symbol in known if symbol not in saved}

    def reports(self, bar: Bar) -> bool:
        """Whether an event of a bar is reported. It must be called for every bar."""
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
        """What to save in a state."""
        return self._began
