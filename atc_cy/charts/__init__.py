"""One symbol as a chart: a page to explore, or a picture.

This page has what needs no NumPy; `chart` is in `figure`, and `Chart` in `page`.
"""

from .style import THEMES

__all__ = ["THEMES"]
