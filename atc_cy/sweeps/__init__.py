"""Many configs, each traded on paper: the grid, the trades, the search and its results."""

from .search import sweep
from .trading import METRICS, RULES

__all__ = ["METRICS", "RULES", "sweep"]
