"""The traces of a figure: lines in the colours of a trend, candles, arrows, signals, the weight table."""

import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..config import MOVING_AVERAGES, ATCConfig
from ..frames.adapter import Columns
from ..lanes import LONGEST_FIRST, lane_labels
from .data import View
from .packing import Floats, decimals

Trace = dict[str, Any]
Colours = dict[int, str]
"""The colours of a trend: 1, -1, 0."""

GREY = "#868b98"

BODY, WICK = 0.36, 0.07
"""Half the width of a candle's body and of its wick, in bars."""
LINE: Trace = {"type": "scatter", "mode": "lines"}
DETAIL: Trace = {"showlegend": False, "hoverinfo": "skip"}
"""The settings of traces that only add to other ones: no legend, and nothing to hover over."""


def line_traces(
    y: Floats, direction: Floats, colours: Colours, plain: int, widths: tuple[float, float], **more: Any
) -> list[Trace]:
    """A line that leads to each bar in the colour of the sign of `direction` there; NaN counts as 0.

    The whole line has the colour and the first width of the sign `plain`; the stretches of the other signs
    are drawn over it.
    """
    traces = [{**LINE, **more, "y": y, "line": {"width": widths[0], "color": colours[plain]}}]
    for sign in colours:
        ends = np.flatnonzero(np.sign(np.nan_to_num(direction)) == sign)
        first = np.flatnonzero(np.diff(ends, prepend=-2) > 1)
        # A stretch begins at the bar before. This bar is added twice, first without a value, as a gap.
        x = np.insert(ends, np.repeat(first, 2), np.repeat(np.maximum(ends[first] - 1, 0), 2))
        part = y[x]
        part[first + 2 * np.arange(first.size)] = np.nan
        stretch = {"x": x.astype(np.float64), "y": part, "line": {"width": widths[1], "color": colours[sign]}}
        if sign != plain and ends.size:
            traces.append({**LINE, **more, **DETAIL, **stretch})
    return traces


def price_format(close: Floats) -> str:
    """Plotly's format of prices, with as many digits as the page has."""
    return f",.{decimals(close)}f"


def candle_traces(
    opened: Floats, high: Floats, low: Floats, close: Floats, direction: Floats, colours: Colours
) -> list[Trace]:
    """Candles in the colour of `direction`, pale if the close is below the open.

    The first trace is an invisible line with the text for hovering. All candles of a colour are one filled
    outline, since a browser takes seconds to draw thousands of shapes. The outline goes from one candle to
    the next along a floor, down and up on the same line, which has no area.
    """
    common = {**LINE, "name": "Price", "legendgroup": "Price"}
    form = price_format(close)
    hover = " ".join(f"{sign} %{{customdata[{place}]:{form}}}" for place, sign in enumerate("OHL"))
    traces = [
        {
            **common,
            "y": close,
            "customdata": np.column_stack([opened, high, low]),
            "hovertemplate": f"{hover} C %{{y}}<extra></extra>",
            "line": {"width": 1.4, "color": GREY},
            "opacity": 0,
            "showlegend": False,
        },
        {**common, "x": [None], "y": [None], "line": {"width": 6, "color": GREY}},  # for the legend
    ]
    across = [-WICK, -WICK, -BODY, -BODY, -WICK, -WICK, WICK, WICK, BODY, BODY, WICK, WICK, -WICK, -WICK]
    bottom, top, floor = np.minimum(opened, close), np.maximum(opened, close), np.full(close.size, low.min())
    outlines = np.column_stack(
        [floor, bottom, bottom, top, top, high, high, top, top, bottom, bottom, low, low, floor]
    )
    for sign, pale in itertools.product(colours, (False, True)):
        rows = np.flatnonzero((np.nan_to_num(direction) == sign) & ((close < opened) == pale))
        outline = {
            "x": np.add.outer(rows, across).ravel(),
            "y": outlines[rows].ravel(),
            "line": {"width": 0, "simplify": False},  # if simplified, the lines up and down would differ
            "fill": "toself",
            "fillcolor": colours[sign],
            "opacity": 0.5 if pale else 1,
        }
        if rows.size:
            traces.append({**common, **DETAIL, **outline})
    return traces


def arrows(event: NDArray[np.int8], low: Floats, high: Floats, colours: Colours) -> list[Trace]:
    """Arrows up below the bars of long events, and arrows down above those of short events."""
    common = {"type": "scatter", "mode": "markers", "name": "Events", "legendgroup": "Events"}
    mark = {"symbol": "triangle-up", "size": 10, "color": colours[1]}
    traces = [{**common, "x": [None], "y": [None], "marker": mark}]  # for the legend
    for sign, y, angle in ((1, low, 0), (-1, high, 180)):
        rows = np.flatnonzero(event == sign)
        marker = {**mark, "color": colours[sign], "angle": angle, "standoff": 12}
        traces.append({**common, **DETAIL, "x": rows.astype(np.float64), "y": y[rows], "marker": marker})
    return traces


def signal_traces(outputs: Columns, colours: Colours, *, alone: bool) -> list[Trace]:
    """The signals of the types, and the average with its area.

    alone: whether there are no prices; then hovering shows the signals of the types.
    """
    common = {**LINE, "yaxis": "y2", "line": {"width": 1, "color": GREY}, "opacity": 0.6}
    traces = [
        {
            **common,
            **({} if alone else DETAIL),
            "y": outputs[f"{name}_Signal"],
            "name": name,
            "legendgroup": name,
        }
        for name in MOVING_AVERAGES
        if f"{name}_Signal" in outputs
    ]
    y = outputs["Average_Signal"]
    line, *others = line_traces(y, y, colours, 0, (1, 2.5), yaxis="y2", name="Average", legendgroup="Average")
    scale = [[0, tint(colours[-1])], [0.5, tint(colours[-1])], [0.5, tint(colours[1])], [1, tint(colours[1])]]
    area = {"type": "vertical", "start": -1, "stop": 1, "colorscale": scale}
    return [*traces, line | {"fill": "tozeroy", "fillgradient": area}, *others]


def tint(colour: str) -> str:
    """The colour, transparent, for areas."""
    red, green, blue = bytes.fromhex(colour[1:])
    return f"rgba({red},{green},{blue},0.2)"


def weight_trace(view: View, config: ATCConfig, colours: Colours) -> Trace:
    """The weight table of the last bar, one column per type in the colour of its trend.

    Signals are those of that bar, equities those of the bar before. A heatmap fits any width and height.
    """
    names = [*config.moving_averages]
    signals = np.array([view.outputs[f"{name}_Signal"][-1] for name in names])
    equities = np.array([view.outputs[f"{name}_S"][-2:] for name in names])[:, None, :]
    lanes = view.lane_equities[:, LONGEST_FIRST, -2:]
    before = (
        np.concatenate([equities, lanes], 1)[..., 0]
        if len(view.labels) > 1
        else np.full((len(names), 10), np.nan)
    )
    numbers = np.vstack([signals, before.T])
    labels = lane_labels(config)
    return {
        "type": "heatmap",
        "xaxis": "x2",
        "yaxis": "y3",
        "x": names,
        "y": ["signal", "γ", *(labels[lane] for lane in LONGEST_FIRST)],
        "z": np.tile(np.nan_to_num(np.sign(signals)), (len(numbers), 1)),
        "zmin": -1,
        "zmax": 1,
        "colorscale": [[place, tint(colours[sign])] for place, sign in ((0, -1), (0.5, 0), (1, 1))],
        "showscale": False,
        "text": [["" if np.isnan(number) else f"{number:.2f}" for number in row] for row in numbers],
        "texttemplate": "%{text}",
        "hoverinfo": "skip",
        "xgap": 1,
        "ygap": 1,
    }
