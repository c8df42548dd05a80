"""How many bars a year has, which yearly ratios and growth depend on."""

import warnings
from collections.abc import Iterable
from typing import Any

from ..engine.index import index_times
from ..files.time_columns import nanoseconds
from .choices import TRADING_DAYS
from .windows import Window

YEARLY = frozenset(("sharpe", "sortino", "cagr", "calmar", "turnover"))
"""The metrics that depend on it."""
_FEWEST = 60
"""How many bars are needed to estimate their pace: in fewer, a weekend counts too much or too little."""
_ALIKE = 1.4
"""Up to this factor, a number of bars per year counts as that of trading days; 365 does not."""
_YEAR = 365 * 86_400 * 10**9


def pace_unlike_trading_days(labels: Any) -> int | None:
    """About how many bars a year has, if they are spaced like bars with these labels.

    Returns None if it is about the number of trading days, if there are no times, or if there are too few.
    """
    times = None if labels is None or len(labels) < _FEWEST else index_times(labels)
    if times is None:
        return None
    instants = nanoseconds(times)
    pace = (instants.size - 1) * _YEAR / float(instants[-1] - instants[0])
    if TRADING_DAYS / _ALIKE < pace < TRADING_DAYS * _ALIKE:
        return None
    return max(int(float(f"{pace:.3g}")), 1)


def warn_of_another_year(bars_per_year: Any, windows: list[Window], wanted: Iterable[str]) -> None:
    """Warn if no number was given, and these bars are not spaced like trading days.

    wanted: the metrics that were asked for; there is no warning if none of them depends on a year.
    """
    if bars_per_year is None and not YEARLY.isdisjoint(wanted):
        paces = (pace_unlike_trading_days(window.bars.labels) for window in windows)
        pace = next((pace for pace in paces if pace is not None), None)
        if pace is not None:
            warnings.warn(advice(pace, "bars_per_year="), UserWarning, stacklevel=4)


def advice(pace: int, option: str) -> str:
    """The warning about bars that are not spaced like trading days."""
    names = ", ".join(sorted(YEARLY))
    return (
        f"{names} assume {TRADING_DAYS:.0f} bars per year, but these bars are spaced for about {pace}: "
        f"give {option}{pace}"
    )
