"""One symbol as a chart: a page to explore, or a picture.

This module has only what does not need NumPy; `chart` and `Chart` are in `page`, Plotly's figure in `figure`.
"""

from .style import BARS_OF_SCREENER, BEAR, BULL, THEMES

__all__ = ["BARS_OF_SCREENER", "BEAR", "BULL", "THEMES"]
