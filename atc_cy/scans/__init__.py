"""Many symbols in one call, the latest signals of each, and their ranking.

This page has what needs no NumPy; `scan` is in `scanner`, `rank` in `ranking`.
"""

from .choices import SORT_KEYS, STALE_STEPS

__all__ = ["SORT_KEYS", "STALE_STEPS"]
