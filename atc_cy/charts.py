"""One symbol as a chart: price and averages, signals, the weight table; a page to explore, or a picture."""

import html
import itertools
import os
import textwrap
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .config import MOVING_AVERAGES, ATCConfig, checked_integer, resolve
from .engine.bars import Bars, as_array, as_bars
from .engine.direction import known_config, trend
from .files.atomic import replacing
from .files.columns import CANDLE, SYMBOL, find_named
from .frames.adapter import Columns
from .frames.order import rows_in_order, table_times
from .frames.tables import adapter_of, as_bars_of_rows
from .lanes import column_of, lane_labels, run_lanes, weights_at
from .signals import multiplier_and_problem
from .text import suggestion

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

Floats = NDArray[np.float64]
Trace = dict[str, Any]
Colours = dict[int, str]

COLOURS: Colours = {1: "#089981", -1: "#f23645", 0: "#868b98"}
"""Of a trend, as traders know them from candles; legible on white and on black."""
TINTS: Colours = {1: "rgba(8,153,129,0.2)", -1: "rgba(242,54,69,0.2)", 0: "rgba(134,139,152,0.2)"}
"""The same, for areas."""
THEMES = {"light": ("#ffffff", "#131722", "#e4e7ee"), "dark": ("#131722", "#d1d4dc", "#2a2e39")}
"""Of a theme: the background, the text, the grid."""
PICTURES = (".png", ".svg")
WIDTH, HEIGHT, HEIGHT_OF_SIGNALS = 1280, 900, 420
"""Of a picture, in pixels; the last is that of signals alone."""
CHARACTERS = 58
"""Of a line below the title: what a phone has place for."""
BODY, WICK = 0.36, 0.07
"""Half the widths of a candle's, in bars."""
LINE: Trace = {"type": "scatter", "mode": "lines"}
DETAIL: Trace = {"showlegend": False, "hoverinfo": "skip"}
"""What only adds to other traces; a page leaves it out of a view of very many bars."""


class Chart:
    """A chart of one symbol, as `chart` makes it; a notebook shows it.

    Attributes
    ----------
    figure
        The `plotly.graph_objects.Figure`, to be changed as you like. Its x axis counts the bars, from 0.
    """

    def __init__(self, figure: "go.Figure", title: str) -> None:
        self.figure = figure
        self._title = title

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it, whole or not at all; the ending tells what.

        Parameters
        ----------
        path
            ``.html``: a page that needs no other file and no network. It is light or dark as its reader likes
            it, and scales the price to the bars in view. ``.png``, ``.svg``: a picture of the first view, for
            which kaleido runs Chrome or Chromium.

        Raises
        ------
        ValueError
            Another ending.
        ImportError
            kaleido is missing.
        OSError
            The file cannot be written, or there is no browser that works.
        """
        path = Path(path)
        suffix = path.suffix.lower()
        if suffix not in (".html", *PICTURES):
            raise ValueError(f"{path} must end in .html, {' or '.join(PICTURES)}")
        content = self._page().encode() if suffix == ".html" else self._picture(suffix[1:])
        with replacing(path) as part:
            part.write_bytes(content)

    def _page(self) -> str:
        from plotly.io.json import to_json_plotly
        from plotly.offline import get_plotlyjs

        return Template(Path(__file__).with_name("chart.html").read_text("utf-8")).substitute(
            title=html.escape(self._title),
            plotly=get_plotlyjs(),
            figure=self.figure.to_json(),
            themes=to_json_plotly({theme: _template(theme) for theme in THEMES}),
        )

    def _picture(self, kind: str) -> bytes:
        try:
            import kaleido
            from kaleido.errors import BrowserFailedError, ChromeNotFoundError
        except ImportError:
            raise ImportError("pictures need kaleido: pip install 'atc_cy[chart]'") from None
        options = {"format": kind, "width": WIDTH, "height": self.figure.layout.height}
        try:
            # Not by Figure.to_image, which has the browser load MathJax from the network.
            picture: bytes = kaleido.calc_fig_sync(self.figure, opts=options, kopts={"mathjax": False})
        except (BrowserFailedError, ChromeNotFoundError):
            raise OSError(
                "pictures need Chrome or Chromium, and kaleido finds none that works: install one, or set "
                "BROWSER_PATH to it"
            ) from None
        return picture

    def _repr_mimebundle_(self, **choice: Any) -> Any:
        return self.figure._repr_mimebundle_(**choice)


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
    **overrides: Any,
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
        A config, or a preset's name. By default that of `data`, if it is a result that knows its config, else
        the preset "default".
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
        A bad argument; there are several symbols; `data` has both prices and an `Average_Signal` that this
        config does not make of them.
    PriceError, KernelError
        As from `atc`.
    """
    try:
        import plotly.graph_objects as go
    except ImportError:
        raise ImportError("chart needs plotly: pip install 'atc_cy[chart]'") from None
    if config is None:
        config = known_config(data) or "default"
    config = resolve(config, overrides, function=chart)
    if theme not in THEMES:
        raise ValueError(f"theme={theme!r} is unknown; {suggestion(theme, THEMES)}")
    if checked_integer("bars", bars) < 1:
        raise ValueError(f"bars={bars} is out of range: give at least 1")
    given = _read(data, close, src)
    name = (given.symbol or "Adaptive Trend Classification") if title is None else title
    if given.prices is None:
        there = ~np.isnan(given.outputs["Average_Signal"])
    else:
        there = ~(np.isnan(given.prices.close) | np.isnan(given.prices.src))
    if not there.any():
        raise ValueError("data has nothing to draw: there is no price, or no signal, in any row")
    lines, price = [html.escape(name)], None
    if given.prices is None and calibration is not None:
        raise ValueError(f"calibration={calibration!r} needs prices, and data has none")
    if given.prices is None:
        traces = _signals(_bars(given.outputs, there), alone=True)
    else:
        traces = _everything(given, given.prices, there, config, calibration)
        price = traces[0]
        _, problem = multiplier_and_problem(int(there.sum()), config)
        lines += [*textwrap.wrap(str(config.structure), CHARACTERS), *textwrap.wrap(problem, CHARACTERS)]
    layout = _layout(price, _labels(given.labels, there), lines, config, bars)
    return Chart(go.Figure(traces, {**layout, "template": _template(theme)}), name)


class _Given(NamedTuple):
    """What the data hold, row by row."""

    symbol: str
    labels: "pd.Index[Any] | None"
    prices: Bars | None
    candles: Columns
    """`CANDLE`, or nothing."""
    outputs: Columns


def _read(data: Any, close: str, src: Any) -> _Given:
    import pandas as pd

    # Outputs, as compute_atc_signals and, of an array, atc return them.
    if isinstance(data, Mapping):
        data = pd.DataFrame(dict(data))
    elif isinstance(data, np.ndarray) and data.dtype.names:
        data = pd.DataFrame(data)
    table = adapter_of(data)
    labels = data.index if isinstance(data, pd.Series | pd.DataFrame) else None
    if not table.table:
        name = getattr(data, "name", None)
        prices = as_bars(table.values(data), None if src is None else table.values(src))
        return _Given("" if name in (None, close) else str(name), labels, prices, {}, {})
    column = find_named(table.names(), SYMBOL)
    symbols = [""] if column is None else table.symbols(column)[1]
    if len(symbols) != 1:
        raise ValueError(f"data has {len(symbols)} symbols: give the rows of one")
    table.check_index(None)
    times = table_times(table)
    rows_in_order(times, None, sort=False)
    if times is not None and not isinstance(labels, pd.DatetimeIndex | pd.PeriodIndex):
        labels = times
    outputs = {
        name: as_array(table.column(name), name)
        for name in (f"{own}_Signal" for own in (*MOVING_AVERAGES, "Average"))
        if name in table.names()
    }
    if "Average_Signal" in outputs and find_named(table.names(), str(close)) is None:
        return _Given(str(symbols[0]), labels, None, {}, outputs)
    column = table.find("close", close)
    x = None if src is None else table.column(table.find("src", src))
    prices = as_bars_of_rows(table.column(column), x)._replace(labels=labels)
    candles = {}
    if str(column).lower() == "close":
        found = {name: find_named(table.names(), name) for name in CANDLE}
        if None not in found.values():
            candles = {name: as_array(table.column(own), name) for name, own in found.items()}
    return _Given(str(symbols[0]), labels, prices, candles, outputs)


def _labels(labels: "pd.Index[Any] | None", there: NDArray[np.bool_]) -> list[str]:
    """What the x axis says at each bar."""
    import pandas as pd

    own = (pd.RangeIndex(there.size) if labels is None else labels)[there]
    if isinstance(own, pd.DatetimeIndex):
        daily = (own == own.normalize()).all()
        return [*own.strftime("%Y-%m-%d" if daily else "%Y-%m-%d<br>%H:%M")]
    return [html.escape(str(label)) for label in own]


def _bars(columns: Columns, there: NDArray[np.bool_]) -> Columns:
    """The rows that are bars, in the one type that the page unpacks."""
    return {name: values[there].astype(np.float64) for name, values in columns.items()}


def _everything(
    given: _Given, prices: Bars, there: NDArray[np.bool_], config: ATCConfig, calibration: str | None
) -> list[Trace]:
    """The traces of all that prices give; the first one is the price."""
    out, lanes = run_lanes(prices, config)
    if not np.array_equal(given.outputs.get("Average_Signal", out[-1]), out[-1], equal_nan=True):
        raise ValueError(
            "data has prices, and an Average_Signal that this config does not make of them: "
            "give the config and the fields that it was computed with, or leave the column out"
        )
    outputs = _bars(dict(zip(config.output_names, out, strict=True)), there)
    if calibration is None:
        names, averages, signals = list(config.moving_averages), lanes[0, :, 0], out[: len(lanes[0])]
        shades = [MOVING_AVERAGES.index(name) / (len(MOVING_AVERAGES) - 1) for name in names]
    else:
        column = column_of("calibration", calibration, config)
        names, averages, signals = lane_labels(config), lanes[0, column], lanes[1, column]
        shades = [*np.linspace(0, 1, len(names))]
    candles = _bars({"close": prices.close, **given.candles}, there)
    close = candles["close"]
    way, event = trend(outputs["Average_Signal"], config.long_threshold, config.short_threshold)
    if given.candles:
        opened, high, low = (np.where(np.isnan(candles[name]), close, candles[name]) for name in CANDLE)
        traces = _candles(opened, high, low, close, way)
    else:
        high = low = close
        traces = _line(close, way, COLOURS, 0, (1.4, 1.8), name="Price", legendgroup="Price")
    for name, average, signal, shade in zip(
        names,
        averages[:, there].astype(np.float64),
        signals[:, there].astype(np.float64),
        shades,
        strict=True,
    ):
        # A trend has a range of hues, and in it each line its own.
        hues = {1: f"hsl({100 + 100 * shade:g},60%,42%)", -1: f"hsl({(310 + 90 * shade) % 360:g},85%,55%)"}
        line, *others = _line(average, signal, COLOURS | hues, 1, (1.2, 1.6), name=name, legendgroup=name)
        told = {"customdata": signal, "hovertemplate": "%{y}  %{customdata:.2f}"}
        traces += [line | told, *others]
    table = weights_at(out, lanes, int(np.flatnonzero(there)[-1]), config)
    return [*traces, *_arrows(event, low, high), *_signals(outputs, alone=False), _weights(table)]


def _line(
    y: Floats, way: Floats, colours: Colours, plain: int, widths: tuple[float, float], **more: Any
) -> list[Trace]:
    """A line that leads to each bar in the colour of the sign of `way` there; NaN counts as 0.

    It is drawn whole in the colour and width of the sign `plain`, and over it the stretches of the others.
    """
    traces = [{**LINE, **more, "y": y, "line": {"width": widths[0], "color": colours[plain]}}]
    for sign in colours:
        ends = np.flatnonzero(np.sign(np.nan_to_num(way)) == sign)
        first = np.flatnonzero(np.diff(ends, prepend=-2) > 1)
        # A stretch begins at the bar before, which comes twice, once without a value: that is the gap.
        x = np.insert(ends, np.repeat(first, 2), np.repeat(np.maximum(ends[first] - 1, 0), 2))
        part = y[x]
        part[first + 2 * np.arange(first.size)] = np.nan
        own = {"x": x.astype(np.float64), "y": part, "line": {"width": widths[1], "color": colours[sign]}}
        if sign != plain and ends.size:
            traces.append({**LINE, **more, **DETAIL, **own})
    return traces


def _candles(opened: Floats, high: Floats, low: Floats, close: Floats, way: Floats) -> list[Trace]:
    """Candles in the colour of `way`, pale where the close is below the open.

    The first trace is what hovering tells, and a line that a page shows instead of very many candles. The
    candles of a colour are one filled outline, since thousands of shapes take a browser seconds. It goes from
    one to the next along a floor, up and down on the same line, which has no area.
    """
    common = {**LINE, "name": "Price", "legendgroup": "Price"}
    told = " ".join(f"{sign} %{{customdata[{place}]:,.6~r}}" for place, sign in enumerate("OHL"))
    traces = [
        {
            **common,
            "y": close,
            "customdata": np.column_stack([opened, high, low]),
            "hovertemplate": f"{told} C %{{y}}<extra></extra>",
            "line": {"width": 1.4, "color": COLOURS[0]},
            "opacity": 0,
            "showlegend": False,
        },
        {**common, "x": [None], "y": [None], "line": {"width": 6, "color": COLOURS[0]}},  # for the legend
    ]
    across = [-WICK, -WICK, -BODY, -BODY, -WICK, -WICK, WICK, WICK, BODY, BODY, WICK, WICK, -WICK, -WICK]
    bottom, top, floor = np.minimum(opened, close), np.maximum(opened, close), np.full(close.size, low.min())
    outlines = np.column_stack(
        [floor, bottom, bottom, top, top, high, high, top, top, bottom, bottom, low, low, floor]
    )
    for sign, pale in itertools.product(COLOURS, (False, True)):
        rows = np.flatnonzero((np.nan_to_num(way) == sign) & ((close < opened) == pale))
        own = {
            "x": np.add.outer(rows, across).ravel(),
            "y": outlines[rows].ravel(),
            "line": {"width": 0, "simplify": False},  # simplified, the lines up and down would differ
            "fill": "toself",
            "fillcolor": COLOURS[sign],
            "opacity": 0.5 if pale else 1,
        }
        if rows.size:
            traces.append({**common, **DETAIL, **own})
    return traces


def _arrows(event: NDArray[np.int8], low: Floats, high: Floats) -> list[Trace]:
    """Below the bars of long events, and turned around above those of short ones."""
    common = {"type": "scatter", "mode": "markers", "name": "Events", "legendgroup": "Events"}
    mark = {"symbol": "triangle-up", "size": 10, "color": COLOURS[1]}
    traces = [{**common, "x": [None], "y": [None], "marker": mark}]  # for the legend
    for sign, y, angle in ((1, low, 0), (-1, high, 180)):
        rows = np.flatnonzero(event == sign)
        marker = {**mark, "color": COLOURS[sign], "angle": angle, "standoff": 12}
        traces.append({**common, **DETAIL, "x": rows.astype(np.float64), "y": y[rows], "marker": marker})
    return traces


def _signals(outputs: Columns, *, alone: bool) -> list[Trace]:
    """The types' signals, and the average with its area; not alone, the averages tell the types' signals."""
    common = {**LINE, "yaxis": "y2", "line": {"width": 1, "color": COLOURS[0]}, "opacity": 0.6}
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
    line, *others = _line(y, y, COLOURS, 0, (1, 2.5), yaxis="y2", name="Average", legendgroup="Average")
    scale = [[0, TINTS[-1]], [0.5, TINTS[-1]], [0.5, TINTS[1]], [1, TINTS[1]]]
    area = {"type": "vertical", "start": -1, "stop": 1, "colorscale": scale}
    return [*traces, line | {"fill": "tozeroy", "fillgradient": area}, *others]


def _weights(table: "pd.DataFrame") -> Trace:
    """The weight table, a column a type in the colour of its trend; a heatmap fits any width and height."""
    numbers = table.drop(columns=["trend", "colour"]).T
    text = numbers.map(lambda number: "" if np.isnan(number) else f"{number:.2f}")
    return {
        "type": "heatmap",
        "xaxis": "x2",
        "yaxis": "y3",
        "x": [*text.columns],
        "y": [*text.index],
        "z": np.tile(np.nan_to_num(table["trend"]), (len(text), 1)),
        "zmin": -1,
        "zmax": 1,
        "colorscale": [[0, TINTS[-1]], [0.5, TINTS[0]], [1, TINTS[1]]],
        "showscale": False,
        "text": text.to_numpy(),
        "texttemplate": "%{text}",
        "hoverinfo": "skip",
        "xgap": 1,
        "ygap": 1,
    }


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
    return layout


def _template(theme: str) -> dict[str, Any]:
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
