"""One symbol as a chart: a page to explore, or a picture.

This page has what needs no NumPy; `chart` and `Chart` are in `page`, Plotly's figure in `figure`.
"""

from .style import BEAR, BULL, THEMES

__all__ = ["BEAR", "BULL", "THEMES"]
