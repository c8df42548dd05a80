"""Many configs, each traded on paper: the grid, the trades, the search and its results.

This page has what needs no NumPy; `sweep` is in `search`.
"""

from .choices import ALL_METRICS, BEST_IS_LOW, METRICS, RULES, SEARCHES, TRADING_DAYS

__all__ = ["ALL_METRICS", "BEST_IS_LOW", "METRICS", "RULES", "SEARCHES", "TRADING_DAYS"]
