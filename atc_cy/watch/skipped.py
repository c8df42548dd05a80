"""Rows that a watch did not take: how many, and why."""

from collections import Counter

from .order import Place

SEEN = Place.SEEN.value
BEFORE_STATE = Place.BEFORE_STATE.value
NO_PRICE = "without a price"
UNREADABLE = "unreadable"
UNFINISHED = "unfinished"


class Skipped:
    """Counts of rows that were skipped, by symbol and reason."""

    def __init__(self) -> None:
        self._counts: dict[str, Counter[str]] = {}

    def add(self, reason: str, symbol: str = "") -> bool:
        """Count a row; returns whether it is the symbol's first one for this reason.

        symbol: empty if the row does not name one.
        """
        counts = self._counts.setdefault(symbol, Counter())
        counts[reason] += 1
        return counts[reason] == 1

    def count(self, reason: str) -> int:
        """The rows that were skipped for this reason."""
        return sum(counts[reason] for counts in self._counts.values())

    def summary(self, *, by_symbol: bool) -> list[str]:
        """Lines for the end of a run: one for all rows, and one for each symbol if `by_symbol` is true."""
        total: Counter[str] = Counter()
        for counts in self._counts.values():
            total.update(counts)
        lines = [f"skipped {_listed(total)}"] if total else []
        if by_symbol:
            counted = self._counts.items()
            lines += [f"{symbol}: skipped {_listed(counts)}" for symbol, counts in counted if symbol]
        return lines


def _listed(counts: Counter[str]) -> str:
    rows = sum(counts.values())
    reasons = ", ".join(f"{count} {reason}" for reason, count in counts.most_common())
    return f"{rows} {'row' if rows == 1 else 'rows'}: {reasons}"
