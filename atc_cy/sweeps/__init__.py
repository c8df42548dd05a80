"""Many configs, each traded on paper: the grid, the trades, the search and its results.

This page has what needs no NumPy; `sweep` is in `search`.
"""

from .choices import METRICS, RULES

__all__ = ["METRICS", "RULES"]
