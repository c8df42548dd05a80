"""How many bars a year has, by which ratios and growth are made yearly."""

import warnings
from collections.abc import Iterable
from typing import Any

from ..engine.index import index_times
from ..files.time_columns import nanoseconds
from .choices import TRADING_DAYS
from .windows import Window

YEARLY = frozenset(("sharpe", "sortino", "cagr", "calmar", "turnover"))
"""The metrics that it decides."""
_FEWEST = 60
"""Bars that show a pace: in fewer, a weekend counts for too much or too little."""
_ALIKE = 1.4
"""A year of as many bars times or by this is like one of trading days; one of all days is not."""
_YEAR = 365 * 86_400 * 10**9


def pace_unlike_trading_days(labels: Any) -> int | None:
    """How many bars a year has, about, at the pace of bars with these labels.

    None: as many as trading days, about; or there are no times, or too few to say.
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
    """Warn if no number was given, and a year of these bars is unlike one of trading days.

    wanted: the metrics that were asked for. A warning is of use only for those that a year decides.
    """
    if bars_per_year is None and not YEARLY.isdisjoint(wanted):
        paces = (pace_unlike_trading_days(window.bars.labels) for window in windows)
        pace = next((pace for pace in paces if pace is not None), None)
        if pace is not None:
            warnings.warn(advice(pace, "bars_per_year="), UserWarning, stacklevel=4)


def advice(pace: int, option: str) -> str:
    """What a user should know of bars with another pace."""
    names = ", ".join(sorted(YEARLY))
    return (
        f"{names} assume {TRADING_DAYS:.0f} bars per year, but these bars are spaced for about {pace}: "
        f"give {option}{pace}"
    )
