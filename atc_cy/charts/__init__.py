"""One symbol as a chart: a page to explore, or a picture."""

from .figure import chart
from .page import Chart
from .style import THEMES

__all__ = ["THEMES", "Chart", "chart"]
