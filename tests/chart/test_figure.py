"""The figure draws the computed numbers, and its price axis follows the bars in view."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from support.browsers import chromium, needs_browser
from support.charts import CONFIG, FEW, USD, candles, named

from atc_cy import Chart, calibration, chart, compute_atc_signals, direction, events, weight_table

COLOURS = {1: "#4caf50", -1: "#ff5252", 0: "#868b98"}


def coloured(traces: list[Any], bars: int) -> "list[str]":
    """The colour that is seen on the way to each bar but the first: the last that was drawn there."""
    colours = [""] * bars
    for trace in traces:
        x = np.arange(bars) if trace.x is None else trace.x.astype(int)
        for before, after, y, then in zip(x, x[1:], trace.y, trace.y[1:], strict=False):
            if before < after and not np.isnan([y, then]).any():
                assert before == after - 1
                colours[after] = trace.line.color
    return colours


def test_lines_are_the_lanes_and_the_outputs() -> None:
    prices = FEW.copy()
    prices.iloc[50] = np.nan
    drawn = chart(prices, CONFIG)
    bars = prices.notna().to_numpy()
    result = compute_atc_signals(prices, moving_averages=["EMA", "KAMA"], kama_len=20, cutout=5)
    price = named(drawn, "Price")[0]
    assert np.array_equal(price.y, prices[bars])
    assert price.x is None
    assert list(drawn.figure.layout.xaxis.labelalias.values())[:299] == [*prices.index[bars].astype(str)]
    for name in ("EMA", "KAMA"):
        line, signal = named(drawn, name)[0], named(drawn, name, "y2")[0]
        lane = calibration(prices, name, CONFIG).xs("ρ", axis=1, level=1)[bars]
        assert np.array_equal(line.y, lane["average"], equal_nan=True)
        assert np.array_equal(line.customdata, lane["signal"], equal_nan=True)
        assert np.array_equal(signal.y, result[f"{name}_Signal"][bars], equal_nan=True)
    average = named(drawn, "Average", "y2")[0]
    assert np.array_equal(average.y, result["Average_Signal"][bars], equal_nan=True)
    levels = [(shape.y0, shape.y1) for shape in drawn.figure.layout.shapes]
    assert levels == [(0.1, 0.1), (-0.1, -0.1), (0, 0)]


def test_colours_are_those_of_the_trends() -> None:
    drawn, result = chart(USD), compute_atc_signals(USD)
    trends = {"Price": direction(result), "Average": result["Average_Signal"]}
    for name in ("EMA", "HMA", "LSMA"):
        trends[name] = calibration(USD, name)["signal", "ρ"].replace(0, -1)  # two colours
    for name, trend in trends.items():
        traces = named(drawn, name, "y2" if name == "Average" else None)
        colours = np.array(coloured(traces, USD.size))
        signs, there = np.sign(trend.fillna(0).to_numpy()), ~np.isnan(traces[0].y)
        there[1:] &= there[:-1]
        for sign in {*signs[1:][there[1:]]}:
            assert set(colours[1:][there[1:] & (signs[1:] == sign)]) == {COLOURS[sign]}


@pytest.mark.parametrize("close", ["close", "Close"])
def test_candles(close: str) -> None:
    table = candles().rename(columns={"close": close, "high": "HIGH"})
    table.iloc[7, table.columns.get_loc("open")] = np.nan
    drawn = chart(table)
    opened = table["open"].fillna(table[close]).to_numpy()
    price, _, *outlines = named(drawn, "Price")
    assert np.array_equal(price.y, table[close])
    assert np.array_equal(price.customdata, np.column_stack([opened, table["HIGH"], table["low"]]))
    trend = direction(compute_atc_signals(table[close])).fillna(0).to_numpy()
    found = {}
    for trace in outlines:
        for x, y in zip(trace.x.reshape(-1, 14), trace.y.reshape(-1, 14), strict=True):
            assert y[0] == y[-1] == trace.y[0]  # the floor
            assert x[0] == x[-1] == x[-2]
            body, whole = np.ptp(y[x > np.floor(x.max()) + 0.3]), np.ptp(y[1:-1])
            area = abs(np.sum((x - x[0]) * (np.roll(y, 1) - np.roll(y, -1)))) / 2
            assert area == pytest.approx(0.72 * body + 0.14 * (whole - body), abs=1e-9)
            found[round(x.mean())] = (
                *(y[1:-1].min(), y[1:-1].max()),
                *sorted({*y[x > np.floor(x.max()) + 0.3]}),
                *(trace.fillcolor, trace.opacity),
            )
    assert found == {
        bar: (
            *(table["low"].iloc[bar], table["HIGH"].iloc[bar]),
            *sorted({opened[bar], last}),
            *(COLOURS[trend[bar]], 0.5 if last < opened[bar] else 1),
        )
        for bar, last in enumerate(table[close])
    }


def test_calibration() -> None:
    """The nine lanes of a type instead of the types; all else is as it was."""
    drawn, lanes = chart(FEW, CONFIG, calibration="KAMA"), calibration(FEW, "KAMA", CONFIG)
    assert not named(drawn, "EMA")
    for label in lanes["average"]:
        line, *others = named(drawn, label)
        assert np.array_equal(line.y, lanes["average", label], equal_nan=True)
        assert np.array_equal(line.customdata, lanes["signal", label], equal_nan=True)
        last = lanes["signal", label].iloc[-1]
        assert coloured([line, *others], FEW.size)[-1] == COLOURS[last]
    usual = chart(FEW, CONFIG)
    for name, axis in (("Price", None), ("Average", "y2"), ("KAMA", "y2")):
        for one, other in zip(named(drawn, name, axis), named(usual, name, axis), strict=True):
            assert np.array_equal(one.y, other.y, equal_nan=True)
            assert one.line == other.line
    with pytest.raises(ValueError, match="calibration='HMA' is not one of the config's types"):
        chart(FEW, CONFIG, calibration="HMA")
    with pytest.raises(ValueError, match="calibration='EMA' needs prices, but data has none"):
        chart(compute_atc_signals(FEW), calibration="EMA")


def test_arrows_stand_at_events() -> None:
    table = candles()
    for data, low, high in ((table, table["low"], table["high"]), (table["close"],) * 3):
        turns = events(compute_atc_signals(table["close"])).to_numpy()
        _, up, down = named(chart(data), "Events")
        for arrows, event, y in ((up, 1, low), (down, -1, high)):
            assert np.array_equal(arrows.x, np.flatnonzero(turns == event))
            assert np.array_equal(arrows.y, y[turns == event])
            assert arrows.x.size > 3


@pytest.mark.parametrize("config", ["default", CONFIG])
def test_weight_table(config: Any) -> None:
    (shown,) = (trace for trace in chart(USD, config).figure.data if trace.type == "heatmap")
    now, before = weight_table(USD, config), weight_table(USD, config, bar=-2)
    lanes = ["ρ+6", "ρ+4", "ρ+2", "ρ+1", "ρ", "ρ-1", "ρ-2", "ρ-4", "ρ-6"]
    table = pd.concat([now["signal"], before[["γ", *lanes]]], axis=1)
    assert list(shown.x) == list(table.index)
    assert list(shown.y) == list(table.columns)
    assert np.array_equal(shown.z, np.tile(now["trend"], (11, 1)))
    assert [[f"{number:.2f}" for number in row] for row in table.T.to_numpy()] == [
        list(row) for row in shown.text
    ]


def test_opens_on_the_latest_bars() -> None:
    table = candles()
    layout = chart(table, bars=100).figure.layout
    low, high = table["low"].iloc[-100:].min(), table["high"].iloc[-100:].max()
    assert layout.yaxis.range == (low - 0.08 * (high - low), high + 0.08 * (high - low))
    assert layout.xaxis.range == (499.5, 601.5)
    assert chart(FEW).figure.layout.xaxis.range[0] == 49.5
    assert chart(FEW, bars=1_000).figure.layout.xaxis.range[0] == -0.5


def test_what_the_title_says() -> None:
    def lines(drawn: Chart) -> list[str]:
        return [re.sub("<.*?>", "", line) for line in drawn.figure.layout.title.text.split("<br>")]

    assert lines(chart(USD)) == [
        "USD",
        "EMA 28 HMA 28 WMA 28 DEMA 28 LSMA 28 KAMA 28, Medium",
        "the exponential multiplier of 7126 bars is 1.15, too high:",
        "lower La=0.02 or raise cutout=0",
    ]
    assert lines(chart(FEW.rename("close"), CONFIG)) == [
        "Adaptive Trend Classification",
        "EMA 28 KAMA 20, Medium",
    ]
    assert lines(chart(compute_atc_signals(FEW), title="x")) == ["x"]


@needs_browser
def test_the_price_axis_follows_the_bars_in_view(tmp_path: Path) -> None:
    """As a notebook shows it, and in a file."""
    table = candles(3000)
    figure = chart(table).figure
    assert figure._ipython_display_ is None
    figure.write_html(tmp_path / "file.html")
    shown = figure._repr_mimebundle_()["text/html"]
    (tmp_path / "cell.html").write_text(f"<!doctype html><meta charset=utf-8>{shown}", encoding="utf-8")
    rows = table.iloc[1000:1101]
    room = 0.08 * (rows["high"].max() - rows["low"].min())
    with chromium() as browser:
        for name in ("file.html", "cell.html"):
            page = browser.new_page()
            page.goto((tmp_path / name).as_uri())
            page.wait_for_selector(".nsewdrag")
            page.evaluate(
                "Plotly.relayout(document.querySelector('.js-plotly-plot'), {'xaxis.range': [1000, 1100]})"
            )
            page.wait_for_function("document.querySelector('.js-plotly-plot').layout.yaxis.range[1] < 130")
            low, high = page.evaluate("document.querySelector('.js-plotly-plot').layout.yaxis.range")
            assert [low, high] == pytest.approx([rows["low"].min() - room, rows["high"].max() + room])


@pytest.mark.parametrize(("factor", "form"), [(1e-8, ",.12f"), (1.0, ",.4f"), (1e6, ",.2f")])
def test_prices_have_the_digits_of_the_page(factor: float, form: str) -> None:
    figure = chart(candles(300).select_dtypes("number") * factor / 100).figure
    assert figure.layout.yaxis.hoverformat == form
    assert figure.data[0].hovertemplate.startswith(f"O %{{customdata[0]:{form}}} H")
