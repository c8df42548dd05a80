"""Many configs, each traded on paper: the grid, the trades, the search and its results.

This module has only what does not need NumPy; `sweep` is in `search`.
"""

from .choices import ALL_METRICS, BEST_IS_LOW, METRICS, RULES, SEARCHES, TRADING_DAYS

__all__ = ["ALL_METRICS", "BEST_IS_LOW", "METRICS", "RULES", "SEARCHES", "TRADING_DAYS"]
