"""Colours, themes and sizes of charts: of the figure, and of the page around it."""

from typing import Any

Colours = dict[int, str]

COLOURS: Colours = {1: "#089981", -1: "#f23645", 0: "#868b98"}
"""Of a trend, as traders know them from candles; legible on white and on black."""
TINTS: Colours = {1: "rgba(8,153,129,0.2)", -1: "rgba(242,54,69,0.2)", 0: "rgba(134,139,152,0.2)"}
"""The same, for areas."""
THEMES = {"light": ("#ffffff", "#131722", "#e4e7ee"), "dark": ("#131722", "#d1d4dc", "#2a2e39")}
"""Of a theme: the background, the text, the grid."""
WIDTH, HEIGHT, HEIGHT_OF_SIGNALS = 1280, 900, 420
"""Of a picture, in pixels; the last is that of signals alone."""


def template(theme: str) -> dict[str, Any]:
    """What a theme decides."""
    background, text, grid = THEMES[theme]
    axis = {"gridcolor": grid, "zeroline": False}
    return {
        "layout": {
            "paper_bgcolor": background,
            "plot_bgcolor": background,
            "font": {"color": text, "size": 12},
            "title": {"font": {"size": 12}},
            "xaxis": axis,
            "yaxis": axis,
            "hoverlabel": {"bgcolor": background, "bordercolor": grid, "font": {"size": 11}},
            "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": COLOURS[0], "activecolor": text},
        },
        "data": {"heatmap": [{"textfont": {"color": text, "size": 11}}]},
    }
