"""The pictures of the law, drawn from shipped prices. The function NAME draws the picture NAME."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from atc_cy import MOVING_AVERAGES, calibration, compute_atc_signals, direction, events, reference
from atc_cy.datasets import load_stocks

UP, DOWN, FLAT, PRICE = "#089981", "#f23645", "#868b98", "#868b98"
TYPES = dict(
    zip(MOVING_AVERAGES, ("#1c7ed6", "#0ca678", "#f08c00", "#e64980", "#7048e8", "#e8590c"), strict=True)
)
ZOOM = slice("2008-06", "2009-03")
"""A part of the prices with a turn, short enough to show single bars."""
OPTIONS = "{displayModeBar: false, responsive: true}"


@cache
def aapl() -> "pd.Series[float]":
    stocks = load_stocks()
    return stocks[stocks["symbol"] == "AAPL"].set_index("date")["adj_close"]


@cache
def result() -> dict[str, "pd.Series[float]"]:
    return compute_atc_signals(aapl())


@cache
def lanes(moving_average: str) -> pd.DataFrame:
    return calibration(aapl(), moving_average)


def line(values: "pd.Series[float]", name: str, color: str, **options: Any) -> go.Scatter:
    return go.Scatter(x=values.index, y=values, name=name, line={"color": color, "width": 1.5}, **options)


def shades(count: int) -> list[str]:
    """From blue to orange: short to long."""
    return [f"hsl({hue:.0f}, 70%, 50%)" for hue in np.linspace(210, 30, count)]


def nine_lanes() -> go.Figure:
    """The nine EMAs, by length."""
    fall = slice("2008-09", "2008-11")
    averages = lanes("EMA")["average"][fall]
    figure = go.Figure(line(aapl()[fall], "close", PRICE))
    by_length = ["ρ-6", "ρ-4", "ρ-2", "ρ-1", "ρ", "ρ+1", "ρ+2", "ρ+4", "ρ+6"]
    for lane, color in zip(by_length, shades(9), strict=True):
        length = 28 + int(lane[1:] or 0)
        figure.add_trace(line(averages[lane], f"EMA {length}", color))
    return figure


def six_types() -> go.Figure:
    """The six types at length 28."""
    figure = go.Figure(line(aapl()[ZOOM], "close", PRICE))
    for name, color in TYPES.items():
        figure.add_trace(line(lanes(name)["average", "ρ"][ZOOM], name, color))
    return figure


def first_bars() -> go.Figure:
    """The first bars of each type."""
    figure = go.Figure(line(aapl()[:120], "close", PRICE))
    for name in ("EMA", "DEMA", "KAMA"):
        figure.add_trace(line(lanes(name)["average", "ρ"][:120], name, TYPES[name]))
    return figure


def crossings() -> go.Figure:
    """One lane: the close over and under its average, and the signal."""
    figure = make_subplots(2, 1, shared_xaxes=True, row_heights=[0.75, 0.25], vertical_spacing=0.05)
    close, average, signal = aapl()[ZOOM], *(lanes("EMA")[part, "ρ"][ZOOM] for part in ("average", "signal"))
    figure.add_trace(line(close, "close", PRICE), 1, 1)
    figure.add_trace(line(average, "EMA 28", TYPES["EMA"]), 1, 1)
    turns = signal.diff().fillna(0)
    for way, name, color in ((2, "crossover: 1", UP), (-2, "crossunder: -1", DOWN)):
        marks = close[turns == way]
        figure.add_trace(
            go.Scatter(x=marks.index, y=marks, name=name, mode="markers", marker={"color": color, "size": 8}),
            *(1, 1),
        )
    figure.add_trace(line(signal, "signal", TYPES["EMA"], line_shape="hv", showlegend=False), 2, 1)
    figure.update_yaxes(title="signal", tickvals=[-1, 0, 1], row=2)
    return figure


def growth() -> go.Figure:
    """How much more a recent return counts."""
    bars = np.arange(0, 3270, 30)
    figure = go.Figure()
    for La, color in zip((0.02, 0.05, 0.1, 0.2), shades(4), strict=True):
        weights = pd.Series([reference.growth((La / 1000) * float(t)) for t in bars], bars)
        figure.add_trace(line(weights, f"La = {La}", color))
    for level in (1.1, 1.25):
        figure.add_hline(level, line={"color": FLAT, "width": 1, "dash": "dot"}, annotation_text=str(level))
    figure.update_layout(xaxis_title="bars since the cutout", yaxis_title="g")
    return figure


def equities() -> go.Figure:
    """The accounts of nine lanes, with their floor."""
    figure = go.Figure()
    for lane, color in zip(("ρ-6", "ρ-2", "ρ", "ρ+2", "ρ+6"), shades(5), strict=True):
        equity = lanes("EMA")["equity", lane][::5]
        figure.add_trace(line(equity, f"EMA {28 + int(lane[1:] or 0)}", color))
    figure.add_hline(0.25, line={"color": FLAT, "width": 1, "dash": "dot"})
    figure.update_yaxes(type="log", title="equity", tickvals=[0.25, 0.5, 1, 2, 4])
    return figure


def weights() -> go.Figure:
    """The weight and the signal of each lane on one bar."""
    day = "2009-01-22"
    now = lanes("EMA").loc[day]
    length = now["signal"].index.map(lambda lane: 28 + int(lane[1:] or 0))
    table = pd.DataFrame({"signal": now["signal"].array, "equity": now["equity"].array}, length).sort_index()
    figure = go.Figure()
    for way, name, color in ((1, "signal 1", UP), (-1, "signal -1", DOWN)):
        lanes_of = table[table["signal"] == way]
        figure.add_trace(go.Bar(x=lanes_of.index, y=lanes_of["equity"], name=name, marker_color=color))
    figure.update_xaxes(title=f"length of the lane, on {day}", tickvals=table.index)
    figure.update_yaxes(title="equity")
    return figure


def votes() -> go.Figure:
    """The votes of the types, their weights, and the average."""
    figure = make_subplots(3, 1, shared_xaxes=True, vertical_spacing=0.04, row_heights=[0.36, 0.34, 0.3])
    now = pd.DataFrame(result())[ZOOM]
    cut = now[[f"{name}_Signal" for name in reversed(MOVING_AVERAGES)]].map(reference.cut)
    figure.add_trace(
        go.Heatmap(
            x=cut.index,
            y=MOVING_AVERAGES[::-1],
            z=cut.T.to_numpy(),
            colorscale=[[0, DOWN], [0.5, "rgba(134, 139, 152, 0.3)"], [1, UP]],
            zmin=-1,
            zmax=1,
            showscale=False,
            ygap=2,
        ),
        *(1, 1),
    )
    for name, color in TYPES.items():
        figure.add_trace(line(now[f"{name}_S"], name, color), 2, 1)
    figure.add_trace(line(now["Average_Signal"], "Average_Signal", PRICE, showlegend=False), 3, 1)
    for row, title in ((2, "weight"), (3, "average")):
        figure.update_yaxes(title=title, row=row)
    figure.update_layout(height=520)
    return figure


def trend() -> go.Figure:
    """Direction and events, from the average's crossings of the thresholds."""
    figure = make_subplots(2, 1, shared_xaxes=True, row_heights=[0.65, 0.35], vertical_spacing=0.05)
    close, average = aapl()[ZOOM], result()["Average_Signal"][ZOOM]
    way, turns = direction(result())[ZOOM], events(result())[ZOOM]
    for sign, name, color in ((1, "direction 1", UP), (-1, "direction -1", DOWN)):
        figure.add_trace(line(close.where((way == sign) | (way.shift(-1) == sign)), name, color), 1, 1)
    for event, name, color, symbol in (
        (1, "long event", UP, "triangle-up"),
        (-1, "short event", DOWN, "triangle-down"),
    ):
        marks = close[turns == event]
        marker = {"color": color, "size": 11, "symbol": symbol}
        figure.add_trace(go.Scatter(x=marks.index, y=marks, name=name, mode="markers", marker=marker), 1, 1)
    figure.add_trace(line(average, "Average_Signal", PRICE, showlegend=False), 2, 1)
    for level in (0.1, -0.1):
        figure.add_hline(level, line={"color": FLAT, "width": 1, "dash": "dot"}, row=2, col=1)
    figure.update_yaxes(title="average", row=2)
    return figure


def cutout() -> go.Figure:
    """The equity of one type, with a cutout of 0 and of 1,000 bars."""
    figure = go.Figure()
    for bars, color in ((0, TYPES["EMA"]), (1000, TYPES["DEMA"])):
        equity = compute_atc_signals(aapl(), cutout=bars)["EMA_S"][::5]
        figure.add_trace(line(equity, f"cutout = {bars:,}", color))
    figure.update_yaxes(type="log", title="EMA_S", tickvals=[0.25, 0.5, 1, 2, 4])
    return figure


PICTURES: dict[str, Callable[[], go.Figure]] = {
    draw.__name__: draw
    for draw in (
        *(nine_lanes, six_types, first_bars, crossings, growth),
        *(equities, weights, votes, trend, cutout),
    )
}


def script(name: str) -> str:
    """JavaScript that draws a picture into the element of its name, with plotly.js."""
    figure = PICTURES[name]()
    figure.update_layout(
        template="none",
        height=figure.layout.height or 360,
        margin={"l": 52, "r": 12, "t": 12, "b": 40},
        hovermode="x unified",
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
        paper_bgcolor="rgba(0, 0, 0, 0)",
        plot_bgcolor="rgba(0, 0, 0, 0)",
        dragmode=False,  # so that a finger scrolls the page
        font={"family": "inherit"},
    )
    figure.update_xaxes(zeroline=False, spikethickness=1)
    figure.update_yaxes(zeroline=False, hoverformat=".4~g")
    drawn = figure.to_json()
    return f"{{const drawn = {drawn}; Plotly.newPlot('{name}', drawn.data, drawn.layout, {OPTIONS})}}"
