"""Computes many symbols in one call, reports the latest signals of each symbol, and ranks the symbols.

This module has the names that do not need NumPy. `scan` is in `scanner`, and `rank` is in `ranking`.
"""

from .choices import SORT_KEYS, STALE_STEPS

__all__ = ["SORT_KEYS", "STALE_STEPS"]
