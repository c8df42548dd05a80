"""A chart as a Plotly figure: price and averages, signals, the weight table."""

import html
import textwrap
from typing import Any

import numpy as np
import plotly.graph_objects as go

from ..config import ATCConfig
from ..frames.adapter import Columns
from ..multiplier import multiplier_and_problem
from .data import Line, View
from .packing import Floats
from .style import HEIGHT, HEIGHT_OF_SIGNALS, WIDTH
from .traces import (
    GREY,
    Colours,
    Trace,
    arrows,
    candle_traces,
    line_traces,
    price_format,
    signal_traces,
    weight_trace,
)

CHARACTERS = 58
"""How many characters a line below the title may have, so that it fits on a phone."""
PALETTES = {"light": ("#ffffff", "#131722", "#e4e7ee"), "dark": ("#131722", "#d1d4dc", "#2a2e39")}
"""The colours of the background, the text and the grid, by theme."""
RESCALE = """
const chart = document.getElementById("{plot_id}");
chart.on("plotly_relayout", changed => {
  if (!Object.keys(changed).some(name => name.startsWith("xaxis."))) return;
  const [from, to] = chart.layout.xaxis.range, {y, customdata} = chart._fullData[0];
  let low = Infinity, high = -Infinity;
  for (let bar = Math.max(Math.ceil(from), 0); bar <= to && bar < y.length; bar++)
    for (const price of [y[bar], ...(customdata?.[bar] ?? [])]) {
      low = Math.min(low, price);
      high = Math.max(high, price);
    }
  const room = 0.08 * (high - low || high);
  if (low <= high) Plotly.relayout(chart, {"yaxis.range": [low - room, high + room]});
});
"""
"""Fits the price's axis to the bars in view; Plotly itself fits it to all bars, or not at all."""


class _Figure(go.Figure):  # type: ignore[misc]
    """A figure whose price axis follows the bars in view if it is HTML, in a notebook or a file."""

    def to_html(self, *arguments: Any, **options: Any) -> str:
        text: str = super().to_html(*arguments, **_with_script(options))
        return text

    def write_html(self, *arguments: Any, **options: Any) -> None:
        super().write_html(*arguments, **_with_script(options))

    def show(self, *arguments: Any, **options: Any) -> None:
        super().show(*arguments, **_with_script(options))

    def _repr_mimebundle_(self, *_: Any, **__: Any) -> dict[str, str]:
        return {"text/html": self.to_html(full_html=False)}

    _ipython_display_ = None  # so that notebooks use the bundle: Plotly's version does not run the script


def _with_script(options: dict[str, Any]) -> dict[str, Any]:
    given = options.get("post_script") or []
    return {**options, "post_script": [RESCALE, *([given] if isinstance(given, str) else given)]}


def figure_of(view: View, config: ATCConfig, title: str, options: dict[str, Any]) -> go.Figure:
    """The figure of a chart; `options` are those of its page."""
    colours: Colours = {1: options["bull"], -1: options["bear"], 0: GREY}
    lines = [html.escape(title)]
    layout = _layout(view, config, options["bars"], colours)
    if view.candles:
        traces = _everything(view, config, colours)
        _, problem = multiplier_and_problem(view.computed, config)
        lines += [*textwrap.wrap(str(config.structure), CHARACTERS), *textwrap.wrap(problem, CHARACTERS)]
        _add_price_pane(layout, view.candles, options["bars"])
    else:
        traces = signal_traces(view.outputs, colours, alone=True)
    _add_title(layout, lines)
    theme = "light" if options["theme"] == "auto" else options["theme"]
    kind = _Figure if view.candles else go.Figure
    return kind(traces, {**layout, "template": _template(theme)})


def svg_of(figure: go.Figure) -> bytes:
    """The figure as SVG.

    Raises
    ------
    ImportError
        kaleido is missing.
    """
    try:
        import kaleido
    except ImportError:
        raise ImportError(".svg needs kaleido: pip install kaleido, or save .png") from None
    options = {"format": "svg", "width": WIDTH, "height": figure.layout.height}
    # Not with Figure.to_image, which makes the browser load MathJax from the network.
    drawn: bytes = kaleido.calc_fig_sync(figure, opts=options, kopts={"mathjax": False})
    return drawn


def _everything(view: View, config: ATCConfig, colours: Colours) -> list[Trace]:
    """All traces of a chart with prices; the first one is the price."""
    traces, low, high = _price_traces(view.candles, view.direction, colours)
    for line in view.lines:
        traces += _average_traces(line, colours)
    traces += arrows(view.event, low, high, colours)
    return [*traces, *signal_traces(view.outputs, colours, alone=False), weight_trace(view, config, colours)]


def _price_traces(
    candles: Columns, direction: Floats, colours: Colours
) -> tuple[list[Trace], Floats, Floats]:
    """The price as candles or as a line, and its low and high."""
    close = candles["close"]
    if len(candles) == 1:
        traces = line_traces(close, direction, colours, 0, (1.4, 1.8), name="Price", legendgroup="Price")
        return traces, close, close
    opened, high, low = (candles[name] for name in ("open", "high", "low"))
    return candle_traces(opened, high, low, close, direction, colours), low, high


def _average_traces(line: Line, colours: Colours) -> list[Trace]:
    """A moving average in the two colours of its base lane's signal."""
    trend = np.where(line.signal > 0, 1.0, -1.0)
    names = {"name": line.name, "legendgroup": line.name}
    first, *others = line_traces(line.average, trend, colours, 1, (1.3, 1.3), **names)
    hover = {"customdata": line.signal, "hovertemplate": "%{y}  %{customdata:.0f}"}
    return [first | hover, *others]


def _texts(view: View) -> list[str]:
    """The text of each bar on the x axis."""
    import pandas as pd

    labels = view.labels
    if isinstance(labels, pd.DatetimeIndex):
        daily = (labels == labels.normalize()).all()
        return [*labels.strftime("%Y-%m-%d" if daily else "%Y-%m-%d<br>%H:%M")]
    return [html.escape(str(label)) for label in labels]


def _layout(view: View, config: ATCConfig, bars: int, colours: Colours) -> dict[str, Any]:
    """The layout without the theme, the title and the price."""
    labels = _texts(view)
    first, last, room = max(len(labels) - bars, 0), len(labels) - 1, 0.5 + 0.02 * min(len(labels), bars)
    levels = ((config.long_threshold, 1), (config.short_threshold, -1), (0, 0))
    return {
        "height": HEIGHT_OF_SIGNALS,
        "legend": {"orientation": "h", "x": 0, "yref": "container", "y": 0, "yanchor": "bottom"},
        "hovermode": "x unified",
        "hoversubplots": "axis",  # of both panes
        "dragmode": "pan",
        "xaxis": {
            "anchor": "y2",
            "range": [first - 0.5, last + room],
            "minallowed": -room,
            "maxallowed": last + room,
            "tickformat": "d",
            "labelalias": {str(bar): label for bar, label in enumerate([*labels, *[" "] * int(room + 1)])},
            "nticks": 6,
            "tickangle": 0,
            "tickfont": {"size": 10},
            "spikethickness": 1,
        },
        "yaxis2": {
            "side": "right",
            "domain": [0.1, 1],
            "range": [-1.05, 1.05],
            "tickvals": [-1, -0.5, 0, 0.5, 1],
            "hoverformat": ".2f",
            "fixedrange": True,
        },
        "shapes": [
            {
                "type": "line",
                "xref": "paper",
                "x0": 0,
                "x1": 1,
                "yref": "y2",
                "y0": level,
                "y1": level,
                "line": {"color": colours[sign], "width": 1, "dash": "dash" if sign else "solid"},
            }
            for level, sign in levels
        ],
    }


def _add_title(layout: dict[str, Any], lines: list[str]) -> None:
    """Add a title, and the text below it."""
    title, *notes = lines
    text = [f'<span style="font-size:18px">{title}</span>']
    text += [f'<span style="color:{GREY}">{note}</span>' for note in notes]
    layout["title"] = {
        "text": "<br>".join(text),
        "x": 0,
        "y": 1,
        "yanchor": "top",
        "pad": {"l": 12, "t": 22},
    }
    layout["margin"] = {"t": 18 + 18 * len(lines), "b": 12, "l": 12, "r": 56}


def _add_price_pane(layout: dict[str, Any], candles: Columns, bars: int) -> None:
    """Add the axes of the price, which fit the last bars at first, and those of the weight table."""
    prices = np.column_stack([*candles.values()])[-bars:]
    low, high = prices.min(), prices.max()
    above = 0.08 * (high - low or high)
    table = {"showgrid": False, "fixedrange": True, "ticks": ""}
    layout["height"] = HEIGHT
    layout["yaxis"] = {
        "side": "right",
        "domain": [0.56, 1],
        "range": [low - above, high + above],
        "hoverformat": price_format(candles["close"]),
    }
    layout["yaxis2"]["domain"] = [0.36, 0.54]
    layout["xaxis2"] = {**table, "anchor": "y3", "domain": [0.1, 1], "side": "top"}
    layout["yaxis3"] = {**table, "anchor": "x2", "domain": [0, 0.28], "autorange": "reversed"}


def _template(theme: str) -> dict[str, Any]:
    """The settings of a theme."""
    background, text, grid = PALETTES[theme]
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
            "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": GREY, "activecolor": text},
        },
        "data": {"heatmap": [{"textfont": {"color": text, "size": 11}}]},
    }
