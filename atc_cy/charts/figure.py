"""One symbol as a chart: price and averages, signals, the weight table."""

import html
import textwrap
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
from numpy.typing import NDArray

from ..config import MOVING_AVERAGES, ATCConfig, ConfigFields, checked_integer, public, resolve
from ..engine.bars import Bars
from ..engine.crossing import trend
from ..engine.direction import known_config
from ..files.columns import CANDLE
from ..frames.adapter import Columns
from ..lanes import LONGEST_FIRST, column_of, lane_labels, run_lanes, weights_at
from ..signals import multiplier_and_problem
from ..text import shown, suggestion
from .data import Given, read
from .page import Chart
from .style import COLOURS, HEIGHT, HEIGHT_OF_SIGNALS, THEMES, template
from .traces import Floats, Trace, arrows, candle_traces, line_traces, signal_traces, weight_trace

if TYPE_CHECKING:
    import pandas as pd

CHARACTERS = 58
"""Of a line below the title: what a phone has place for."""


@public
def chart(
    data: Any,
    config: ATCConfig | str | None = None,
    *,
    close: str = "close",
    src: Any = None,
    calibration: str | None = None,
    title: str | None = None,
    theme: str = "light",
    bars: int = 250,
    **overrides: Unpack[ConfigFields],
) -> Chart:
    """The chart that users of the indicator know, of one symbol.

    Above, the price and the moving averages at their base lengths, with an arrow at each long and short
    event; below, the types' signals and `Average_Signal` with its thresholds; then the weight table of the
    last bar. Green is 1, red -1, grey 0: the price has the colour of the direction, an average that of its
    type's signal. Bars stand side by side, however much time is between them.

    Parameters
    ----------
    data
        One symbol, as `atc` takes it: a Series, an array, a DataFrame or a Table. A table with columns
        ``open``, ``high``, ``low`` and, as the price, ``close`` gives candles. What `compute_atc_signals` or
        `atc` returned, which has no prices, gives the signals alone. Rows without a price are left out.
    config
        A config, or a preset's name. By default that of `data`, if it is a result that knows its config; of
        prices, the preset "default". Signals alone that do not know their config need it, or both thresholds.
    close, src
        As in `atc`, of one symbol.
    calibration
        One of the config's types, such as "EMA": its nine lanes are drawn instead of the types, each in the
        colour of its own signal.
    title
        By default the symbol: the name of a Series, or what a column ``symbol`` holds.
    theme
        "light" or "dark": of the figure, and of pictures.
    bars
        How many of the latest are in view at first, ≥ 1.
    **overrides
        Fields of `ATCConfig` that replace the config's.

    Returns
    -------
    Chart
        Its `save` writes a page or a picture.

    Raises
    ------
    ImportError
        Plotly is missing.
    TypeError, ValueError
        A bad argument; there are several symbols; signals alone whose thresholds are not known; `data` has
        both prices and an `Average_Signal` that this config does not make of them.
    PriceError, KernelError
        As from `atc`.
    """
    return draw(
        data,
        config,
        overrides,
        close=close,
        src=src,
        calibration=calibration,
        title=title,
        theme=theme,
        bars=bars,
    )


def draw(
    data: Any,
    config: ATCConfig | str | None,
    overrides: ConfigFields,
    *,
    close: str = "close",
    src: Any,
    calibration: str | None,
    title: str | None,
    theme: str,
    bars: int,
    seen: NDArray[np.bool_] | None = None,
) -> Chart:
    """What `chart` returns, of the same arguments.

    seen: the rows that are drawn, of all that are computed; None: all.
    """
    try:
        import plotly.graph_objects as go
    except ImportError:
        raise ImportError("chart needs plotly: pip install 'atc_cy[chart]'") from None
    known = known_config(data) if config is None else config
    config = resolve("default" if known is None else known, overrides, function=chart, stacklevel=4)
    if not isinstance(theme, str) or theme not in THEMES:
        raise ValueError(f"theme={shown(theme)} is unknown; {suggestion(theme, THEMES)}")
    checked_integer("bars", bars, 1)
    if title is not None and not isinstance(title, str):
        raise TypeError(f"title={shown(title)} must be text, or None, not {type(title).__name__}")
    given = read(data, close, src)
    if (
        given.prices is None
        and known is None
        and not {"long_threshold", "short_threshold"} <= overrides.keys()
    ):
        raise ValueError(
            "data does not know its config, such as a DataFrame or a dict that was made of a result: "
            "give config, or long_threshold and short_threshold"
        )
    name = (given.symbol or "Adaptive Trend Classification") if title is None else title
    there = _bars_of(given)
    drawn = there if seen is None else there & seen
    if not drawn.any():
        raise ValueError("there is no bar to draw between --since and --until")
    lines, price = [html.escape(name)], None
    if given.prices is None and calibration is not None:
        raise ValueError(f"calibration={calibration!r} needs prices, and data has none")
    if given.prices is None:
        traces = signal_traces(_columns(given.outputs, drawn), alone=True)
    else:
        traces = _everything(given, given.prices, there, drawn, config, calibration)
        price = traces[0]
        _, problem = multiplier_and_problem(int(there.sum()), config)
        lines += [*textwrap.wrap(str(config.structure), CHARACTERS), *textwrap.wrap(problem, CHARACTERS)]
    layout = _layout(price, _labels(given.labels, drawn), lines, config, bars)
    return Chart(go.Figure(traces, {**layout, "template": template(theme)}), name)


def _bars_of(given: Given) -> NDArray[np.bool_]:
    """Which rows are bars: those that have a price, or a signal where there are no prices."""
    if given.prices is None:
        there: NDArray[np.bool_] = ~np.isnan(given.outputs["Average_Signal"])
    else:
        there = ~(np.isnan(given.prices.close) | np.isnan(given.prices.src))
    if not there.any():
        raise ValueError("data has nothing to draw: there is no price, or no signal, in any row")
    return there


def _labels(labels: "pd.Index[Any] | None", there: NDArray[np.bool_]) -> list[str]:
    """What the x axis says at each bar."""
    import pandas as pd

    shown = (pd.RangeIndex(there.size) if labels is None else labels)[there]
    if isinstance(shown, pd.DatetimeIndex):
        daily = (shown == shown.normalize()).all()
        return [*shown.strftime("%Y-%m-%d" if daily else "%Y-%m-%d<br>%H:%M")]
    return [html.escape(str(label)) for label in shown]


def _columns(columns: Columns, there: NDArray[np.bool_]) -> Columns:
    """The rows that are bars, in the one type that the page unpacks."""
    return {name: values[there].astype(np.float64) for name, values in columns.items()}


def _everything(
    given: Given,
    prices: Bars,
    bars: NDArray[np.bool_],
    there: NDArray[np.bool_],
    config: ATCConfig,
    calibration: str | None,
) -> list[Trace]:
    """The traces of all that prices give; the first one is the price.

    bars: the rows that are bars. there: those of them that are drawn.
    """
    out, lanes = run_lanes(prices, config)
    if not np.array_equal(given.outputs.get("Average_Signal", out[-1]), out[-1], equal_nan=True):
        raise ValueError(
            "data has prices, and an Average_Signal that this config does not make of them: "
            "give the config and the fields that it was computed with, or leave the column out"
        )
    outputs = _columns(dict(zip(config.output_names, out, strict=True)), there)
    if calibration is None:
        names, averages = [str(name) for name in config.moving_averages], lanes[0, :, 0]
        signals = out[: len(names)]
        shades = [MOVING_AVERAGES.index(name) / (len(MOVING_AVERAGES) - 1) for name in names]
    else:
        column = column_of("calibration", calibration, config)
        names, averages, signals = lane_labels(config), lanes[0, column], lanes[1, column]
        shades = [*np.linspace(0, 1, len(names))]
    candles = _columns({"close": prices.close, **given.candles}, there)
    average = out[-1][bars].astype(np.float64)  # a direction may come from a bar that is not drawn
    direction, event = trend(average, config.long_threshold, config.short_threshold)
    direction, event = direction[there[bars]], event[there[bars]]
    traces, low, high = _price_traces(candles, direction)
    for name, average, signal, shade in zip(
        names,
        averages[:, there].astype(np.float64),
        signals[:, there].astype(np.float64),
        shades,
        strict=True,
    ):
        traces += _average_traces(name, average, signal, shade)
    last = np.flatnonzero(there)[-1]
    cells = lanes[1][:, LONGEST_FIRST, last]
    table = weight_trace(weights_at(out, lanes, np.flatnonzero(bars[: last + 1]), config), cells)
    return [*traces, *arrows(event, low, high), *signal_traces(outputs, alone=False), table]


def _price_traces(candles: Columns, direction: Floats) -> tuple[list[Trace], Floats, Floats]:
    """The price as candles or as a line, and its low and high."""
    close = candles["close"]
    if len(candles) == 1:
        traces = line_traces(close, direction, COLOURS, 0, (1.4, 1.8), name="Price", legendgroup="Price")
        return traces, close, close
    opened, high, low = (np.where(np.isnan(candles[name]), close, candles[name]) for name in CANDLE)
    return candle_traces(opened, high, low, close, direction), low, high


def _average_traces(name: str, average: Floats, signal: Floats, shade: float) -> list[Trace]:
    """A moving average in the colour of its signal: a trend has a range of hues, a line its own one."""
    hues = {1: f"hsl({100 + 100 * shade:g},60%,42%)", -1: f"hsl({(310 + 90 * shade) % 360:g},85%,55%)"}
    line, *others = line_traces(average, signal, COLOURS | hues, 1, (1.2, 1.6), name=name, legendgroup=name)
    hover = {"customdata": signal, "hovertemplate": "%{y}  %{customdata:.2f}"}
    return [line | hover, *others]


def _layout(
    price: Trace | None, labels: list[str], lines: list[str], config: ATCConfig, bars: int
) -> dict[str, Any]:
    """All but the theme; `lines` are the title and what stands below it."""
    first, last, room = max(len(labels) - bars, 0), len(labels) - 1, 0.5 + 0.02 * min(len(labels), bars)
    title, *notes = lines
    text = [f'<span style="font-size:18px">{title}</span>']
    text += [f'<span style="color:{COLOURS[0]}">{note}</span>' for note in notes]
    levels = ((config.long_threshold, 1), (config.short_threshold, -1), (0, 0))
    layout: dict[str, Any] = {
        "height": HEIGHT_OF_SIGNALS,
        "title": {"text": "<br>".join(text), "x": 0, "y": 1, "yanchor": "top", "pad": {"l": 12, "t": 22}},
        "margin": {"t": 18 + 18 * len(lines), "b": 12, "l": 12, "r": 56},
        "legend": {"orientation": "h", "x": 0, "yref": "container", "y": 0, "yanchor": "bottom"},
        "hovermode": "x unified",
        "hoversubplots": "axis",  # of both panes
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
                "line": {"color": COLOURS[sign], "width": 1, "dash": "dash" if sign else "solid"},
            }
            for level, sign in levels
        ],
    }
    if price is not None:
        _add_price_pane(layout, price, first)
    return layout


def _add_price_pane(layout: dict[str, Any], price: Trace, first: int) -> None:
    """The axes of the price, which fit its bars from the first in view on, and those of the weight table."""
    y: Floats = price["y"]
    prices = np.column_stack([y, price.get("customdata", y)])[first:]
    low, high = prices.min(), prices.max()
    above = 0.08 * (high - low or high)
    table = {"showgrid": False, "fixedrange": True, "ticks": ""}
    layout["height"] = HEIGHT
    layout["yaxis"] = {
        "side": "right",
        "domain": [0.56, 1],
        "range": [low - above, high + above],
        "hoverformat": ",.6~r",
    }
    layout["yaxis2"]["domain"] = [0.36, 0.54]
    layout["xaxis2"] = {**table, "anchor": "y3", "domain": [0.1, 1], "side": "top"}
    layout["yaxis3"] = {**table, "anchor": "x2", "domain": [0, 0.28], "autorange": "reversed"}
