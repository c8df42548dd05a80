"""The chart draws the computed numbers, and its page works in a browser."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from support.calls import calls
from support.commands import atc_cy
from support.golden import golden

from atc_cy import (
    ATCConfig,
    Chart,
    atc,
    calibration,
    chart,
    compute_atc_signals,
    direction,
    events,
    weight_table,
)
from atc_cy.charts.figure import draw
from atc_cy.datasets import load_stocks
from atc_cy.files.prices import read_prices

CLOSE = golden("usd_default").close
DAYS = pd.bdate_range("2001-01-01", periods=CLOSE.size)
USD = pd.Series(CLOSE, DAYS, name="USD")
FEW = USD.iloc[:300]
CONFIG = ATCConfig(moving_averages=("EMA", "KAMA"), kama_len=20, cutout=5)


def candles(rows: int = 600) -> pd.DataFrame:
    stocks = load_stocks()
    return stocks[stocks["symbol"] == "IBM"].set_index("date").iloc[:rows]


def named(drawn: Chart, name: str, axis: "str | None" = None) -> list[Any]:
    return [trace for trace in drawn.figure.data if trace.name == name and trace.yaxis == axis]


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
        lane = calibration(prices, name, CONFIG)["average", "ρ"]
        assert np.array_equal(line.y, lane[bars], equal_nan=True)
        for values in (line.customdata, signal.y):
            assert np.array_equal(values, result[f"{name}_Signal"][bars], equal_nan=True)
    average = named(drawn, "Average", "y2")[0]
    assert np.array_equal(average.y, result["Average_Signal"][bars], equal_nan=True)
    levels = [(shape.y0, shape.y1) for shape in drawn.figure.layout.shapes]
    assert levels == [(0.1, 0.1), (-0.1, -0.1), (0, 0)]


def test_colours_are_those_of_the_trends() -> None:
    drawn, result = chart(USD), compute_atc_signals(USD)
    trends = {"Price": direction(result), "Average": result["Average_Signal"]}
    trends |= {name: result[f"{name}_Signal"] for name in ("EMA", "HMA", "LSMA")}
    seen = []
    for name, trend in trends.items():
        traces = named(drawn, name, "y2" if name == "Average" else None)
        colours = np.array(coloured(traces, USD.size))
        signs, there = np.sign(trend.fillna(0).to_numpy()), ~np.isnan(traces[0].y)
        there[1:] &= there[:-1]
        for sign in (1, -1, 0):
            found = set(colours[1:][there[1:] & (signs[1:] == sign)])
            assert len(found) == 1
            seen += found
    assert len(set(seen)) == 3 + 2 * 3  # each type has its own, but for what is flat


@pytest.mark.parametrize("options", [{}, {"calibration": "EMA"}])
def test_the_config_the_prices_and_the_lanes_are_taken_once(options: dict[str, Any]) -> None:
    done = calls(lambda: chart(FEW, "default", **options))
    assert [done[name] for name in ("resolve", "as_bars", "run_lanes", "advance")] == [1, 1, 1, 1]


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
    colours = {1: "#089981", -1: "#f23645", 0: "#868b98"}
    assert found == {
        bar: (
            *(table["low"].iloc[bar], table["HIGH"].iloc[bar]),
            *sorted({opened[bar], last}),
            *(colours[trend[bar]], 0.5 if last < opened[bar] else 1),
        )
        for bar, last in enumerate(table[close])
    }


def test_calibration() -> None:
    """The nine lanes of a type instead of the types; all else is as it was."""
    drawn, lanes = chart(FEW, CONFIG, calibration="KAMA"), calibration(FEW, "KAMA", CONFIG)
    assert not named(drawn, "EMA")
    colours = []
    for label in lanes["average"]:
        line, *others = named(drawn, label)
        assert np.array_equal(line.y, lanes["average", label], equal_nan=True)
        assert np.array_equal(line.customdata, lanes["signal", label], equal_nan=True)
        assert coloured([line, *others], FEW.size)[-1] in {trace.line.color for trace in (line, *others)}
        colours.append(line.line.color)
    assert len(set(colours)) == 9
    usual = chart(FEW, CONFIG)
    for name, axis in (("Price", None), ("Average", "y2"), ("KAMA", "y2")):
        for one, other in zip(named(drawn, name, axis), named(usual, name, axis), strict=True):
            assert np.array_equal(one.y, other.y, equal_nan=True)
            assert one.line == other.line
    with pytest.raises(ValueError, match="calibration='HMA' is none of the config's"):
        chart(FEW, CONFIG, calibration="HMA")
    with pytest.raises(ValueError, match="calibration='EMA' needs prices, and data has none"):
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
    table = weight_table(USD, config).drop(columns="colour")
    trend = table.pop("trend")
    assert list(shown.y) == list(table.index)
    assert list(shown.x) == list(table.columns)
    assert [[f"{number:.2f}" for number in row] for row in table.to_numpy()] == shown.text.tolist()
    for name, colours in zip(table.index, shown.z, strict=True):
        lanes = calibration(USD, name, config)["signal"].iloc[-1]
        assert [*colours] == [trend[name], 0, *lanes[table.columns[2:]]]


def test_opens_on_the_latest_bars() -> None:
    table = candles()
    layout = chart(table, bars=100).figure.layout
    low, high = table["low"].iloc[-100:].min(), table["high"].iloc[-100:].max()
    assert layout.yaxis.range == (low - 0.08 * (high - low), high + 0.08 * (high - low))
    assert layout.xaxis.range == (499.5, 601.5)
    assert chart(FEW).figure.layout.xaxis.range[0] == 49.5
    assert chart(FEW, bars=1_000).figure.layout.xaxis.range[0] == -0.5


def same(one: Chart, other: Chart) -> bool:
    return bool(one.figure.to_json() == other.figure.to_json())


def test_containers() -> None:
    table = candles().reset_index()
    expected = chart(table.set_index("date"))
    assert "IBM" in expected.figure.layout.title.text
    for data in (table, pl.from_pandas(table), pa.Table.from_pandas(table)):
        assert same(chart(data), expected)
    expected = chart(FEW.reset_index(drop=True))
    for data in (FEW.rename(None).to_numpy(), pl.Series("USD", FEW.to_numpy()), pa.array(FEW.to_numpy())):
        drawn = chart(data, title="USD")
        assert same(drawn, expected)
    labels = chart(FEW.set_axis([f"<{row}>" for row in range(300)])).figure.layout.xaxis.labelalias
    assert labels["299"] == "&lt;299&gt;"
    hours = chart(FEW.set_axis(pd.date_range("2020-01-01", periods=300, freq="h", tz="UTC")))
    assert hours.figure.layout.xaxis.labelalias["25"] == "2020-01-02<br>01:00"


def test_a_source_and_single_precision() -> None:
    frame = pd.DataFrame({"close": FEW, "src": FEW * 1.01}).astype(np.float32)
    (line, *_) = named(chart(frame, src="src"), "EMA")
    lane = calibration(frame["close"], "EMA", src=frame["src"])["average", "ρ"]
    assert np.array_equal(line.y, lane, equal_nan=True)
    assert same(chart(frame, src="src"), chart(frame["close"], src=frame["src"]))


def test_outputs_alone() -> None:
    result = compute_atc_signals(FEW)
    expected = chart(result)
    assert {trace.yaxis for trace in expected.figure.data} == {"y2"}
    assert np.array_equal(named(expected, "KAMA", "y2")[0].y, result["KAMA_Signal"])
    assert np.array_equal(named(expected, "Average", "y2")[0].y, result["Average_Signal"])
    assert expected.figure.layout.xaxis.labelalias["299"] == str(DAYS[299].date())
    assert same(chart(atc(FEW)), expected)
    unlabelled = chart(pd.DataFrame(result).reset_index(drop=True), "default")
    for data in (atc(FEW.to_numpy()), atc(pl.Series(FEW.to_numpy())), atc(pa.array(FEW.to_numpy()))):
        assert same(chart(data, "default"), unlabelled)


def test_the_thresholds_of_outputs_are_known_or_given() -> None:
    result = compute_atc_signals(FEW, long_threshold=0.5, short_threshold=-0.4)
    lost = pd.DataFrame(result)
    with pytest.raises(ValueError, match=r"data does not know its config.*: give config, or long_threshold"):
        chart(lost)
    with pytest.raises(ValueError, match="data does not know its config"):
        chart(lost, long_threshold=0.5)
    expected = chart(result)
    assert same(chart(lost, long_threshold=0.5, short_threshold=-0.4), expected)
    assert same(chart(lost, result.config), expected)


def test_prices_with_outputs() -> None:
    frame = FEW.to_frame("close")
    joined = frame.join(atc(frame, CONFIG))
    assert same(chart(joined, CONFIG), chart(frame, CONFIG))
    for config in ("default", CONFIG.override(La=0.1)):
        with pytest.raises(ValueError, match="Average_Signal that this config does not make of them: give"):
            chart(joined, config)
    joined.iloc[200, joined.columns.get_loc("Average_Signal")] += 1e-16
    assert joined["Average_Signal"].iloc[200] != 0
    joined.iloc[10, joined.columns.get_loc("close")] = np.nan
    with pytest.raises(ValueError, match="Average_Signal that this config does not make"):
        chart(joined, CONFIG)


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


def test_text_is_escaped(tmp_path: Path) -> None:
    name = "</script><script>alert('&')</script>"
    drawn = chart(FEW.rename(name).set_axis([f"{name}{row}" for row in range(300)]))
    assert (
        "&lt;/script&gt;&lt;script&gt;alert(&#x27;&amp;&#x27;)&lt;/script&gt;"
        in drawn.figure.layout.title.text
    )
    drawn.save(tmp_path / "x.html")
    assert name not in (tmp_path / "x.html").read_text()


def test_a_notebook_shows_the_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    import plotly.io

    monkeypatch.setattr(plotly.io.renderers, "default", "plotly_mimetype")
    drawn = chart(FEW)
    shown = drawn._repr_mimebundle_(include=None, exclude=None)["application/vnd.plotly.v1+json"]
    assert len(shown["data"]) == len(drawn.figure.data)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"theme": "drak"}, "theme='drak' is unknown; did you mean 'dark'?"),
        ({"bars": 0}, "bars=0 is out of range: give at least 1"),
        ({"La": -1}, "La=-1.0 is out of range"),
        ({"data": FEW.to_frame("last")}, "close='close' is no column; known: last$"),
        ({"data": {"USD": FEW}}, "close='close' is no column"),
        ({"data": FEW * np.nan}, "nothing to draw"),
        ({"data": pd.DataFrame({"Average_Signal": [np.nan]}), "config": "default"}, "nothing to draw"),
        ({"data": pd.concat([candles(9), candles(9).assign(symbol="x")])}, "data has 2 symbols"),
        ({"data": pl.from_pandas(candles(9).reset_index()).reverse()}, "rows must increase in time"),
        ({"data": -FEW}, "a price must be above 0"),
    ],
)
def test_bad_arguments(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        chart(**{"data": FEW, **arguments})


def test_other_bad_arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = chart(FEW)
    with pytest.raises(TypeError, match="data must be a Series, a frame"):
        chart([1.0, 2.0])
    with pytest.raises(ValueError, match=r"x.pdf must end in .html, .png or .svg"):
        drawn.save("x.pdf")
    with pytest.raises(FileNotFoundError):
        drawn.save(tmp_path / "none" / "x.html")
    monkeypatch.setenv("BROWSER_PATH", str(tmp_path / "none"))
    with pytest.raises(OSError, match="pictures need Chrome or Chromium, and kaleido finds none that works"):
        drawn.save(tmp_path / "x.png")
    assert list(tmp_path.iterdir()) == []


def test_missing_extras(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    drawn = chart(FEW)
    monkeypatch.setitem(sys.modules, "kaleido", None)
    with pytest.raises(ImportError, match=r"pictures need kaleido: pip install 'atc_cy\[chart\]'"):
        drawn.save(tmp_path / "x.png")
    monkeypatch.setitem(sys.modules, "plotly", None)
    monkeypatch.setitem(sys.modules, "plotly.graph_objects", None)
    with pytest.raises(ImportError, match=r"chart needs plotly: pip install 'atc_cy\[chart\]'"):
        chart(FEW)


def test_plotly_is_imported_when_it_is_needed(tmp_path: Path) -> None:
    program = "import sys, atc_cy, atc_cy.cli; sys.exit('plotly' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=True)


def test_files_of_candles(tmp_path: Path) -> None:
    table = candles(50).reset_index()
    for turned in (table, table[::-1]):
        turned.rename(columns=str.title).to_csv(tmp_path / "x.csv", index=False)
        prices = read_prices(tmp_path / "x.csv", candles=True)
        assert prices.candles is not None
        assert prices.candles.index.equals(prices.series.index)
        for name in ("open", "high", "low"):
            assert np.array_equal(prices.candles[name], table[name])
    assert read_prices(tmp_path / "x.csv").candles is None
    table.drop(columns="low").to_csv(tmp_path / "y.csv", index=False)
    assert read_prices(tmp_path / "y.csv", candles=True).candles is None
    table.assign(high="?").to_feather(tmp_path / "x.feather")
    with pytest.raises(ValueError, match=r"row 0: '\?' in column 'high' is no number"):
        read_prices(tmp_path / "x.feather", candles=True)
    assert read_prices(tmp_path / "x.feather").series.size == 50


def page_of(drawn: Chart, folder: Path) -> str:
    drawn.save(folder / "own.html")
    return (folder / "own.html").read_text()


def test_command_line(tmp_path: Path) -> None:
    out = tmp_path / "out.html"
    table = candles().reset_index()
    table[["date", "close"]].to_csv(tmp_path / "line.csv", index=False)
    atc_cy("chart", tmp_path / "line.csv", "--preset", "short", "--bars", 50, "-o", out)
    series = table.set_index("date")["close"].rename("line")
    assert out.read_text() == page_of(chart(series, "short", bars=50), tmp_path)

    pair = table.drop(columns=["adj_close", "symbol"]).assign(date=table["date"].dt.tz_localize("UTC"))
    pair.to_feather(tmp_path / "BTC_USDT-1d.feather")
    atc_cy("chart", "--datadir", tmp_path, "-p", "BTC/USDT", "-t", "1d", "--title", "<BTC>", "-o", out)
    assert out.read_text() == page_of(chart(table.set_index("date"), title="<BTC>"), tmp_path)


def test_what_is_drawn_is_computed_from_the_first_bar(tmp_path: Path) -> None:
    """Averages, directions and the weight table are those of all bars."""
    out, table = tmp_path / "x.html", candles().drop(columns="symbol").reset_index()
    table.to_csv(tmp_path / "x.csv", index=False)
    since, until = table["date"].iloc[-300], table["date"].iloc[-40]
    atc_cy("chart", tmp_path / "x.csv", "--since", since.date(), "--until", until.date(), "-o", out)
    series = table.set_index("date")[["open", "high", "low", "close"]]
    seen = np.asarray((series.index >= since) & (series.index <= until))
    options: dict[str, Any] = {"calibration": None, "theme": "light", "bars": 250, "src": None, "title": "x"}
    part = draw(series, None, {}, seen=seen, **options).figure
    assert out.read_text() == page_of(draw(series, None, {}, seen=seen, **options), tmp_path)
    whole, until_then = chart(series).figure, chart(series[:until]).figure
    for name in ("EMA", "Average", "Price"):
        one, every = (next(trace for trace in figure.data if trace.name == name) for figure in (part, whole))
        assert np.array_equal(one.y, every.y[seen], equal_nan=True)
    turns = events(compute_atc_signals(series["close"])).to_numpy()[seen]
    _, up, down = (trace for trace in part.data if trace.name == "Events")
    for arrows, event in ((up, 1), (down, -1)):
        assert np.array_equal(arrows.x, np.flatnonzero(turns == event))
    assert str(part.data[-1]) == str(until_then.data[-1])  # the weight table
    done = atc_cy("chart", tmp_path / "x.csv", "--since", "2100-01-01", "-o", tmp_path / "y.html", code=1)
    assert "there is no bar to draw between --since and --until" in done.stderr


def test_command_line_with_shipped_symbols(tmp_path: Path) -> None:
    out = tmp_path / "out.html"
    atc_cy("chart", "USD", "-o", out)
    assert "7126 bars" in out.read_text()
    atc_cy("chart", "IBM", "-o", out)
    stocks = load_stocks()
    ibm = stocks[stocks["symbol"] == "IBM"].set_index("date")
    factor = ibm["adj_close"] / ibm["close"]
    adjusted = ibm[["open", "high", "low"]].mul(factor, axis=0).assign(close=ibm["adj_close"])
    assert out.read_text() == page_of(chart(adjusted, title="IBM"), tmp_path)
    before = out.read_text()
    assert "'UDS'; did you mean 'USD'?" in atc_cy("chart", "UDS", "-o", out, code=1).stderr
    (tmp_path / "bad.csv").write_text("date,close\n2020-01-01,1\n2020-01-02,-1\n")
    done = atc_cy("chart", tmp_path / "bad.csv", "-o", out, code=1)
    assert "bad.csv: line 3: prices has -1.0" in done.stderr
    assert out.read_text() == before
    for arguments, words in [
        (["USD"], "give --output, --png, --open, or several"),
        (["-o", "x.html"], "give one FILE"),
        (["USD", "-o", "x.png"], "x.png must end in .html"),
        (["USD", "--png", "x.svg"], "x.svg must end in .png"),
    ]:
        assert words in atc_cy("chart", *arguments, code=2).stderr


BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None
)
needs_browser = pytest.mark.skipif(BROWSER is None, reason="there is no Chromium or Chrome on this machine")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as program:
        chromium = program.chromium.launch(
            executable_path=BROWSER,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    chart(candles(3000), title="<script>document.title = 'harmed'</script>").save(folder / "candles.html")
    chart(USD).save(folder / "line.html")
    chart(compute_atc_signals(FEW)).save(folder / "signals.html")
    return folder


@pytest.fixture
def visit(browser: Any, pages: Path) -> Iterator[Any]:
    """Opens a page; at the end, no page has complained or asked for anything else."""
    contexts, seen = [], []

    def opened(name: str, width: int = 1280, height: int = 900, theme: str = "light") -> Any:
        contexts.append(browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme))
        page = contexts[-1].new_page()
        page.on("console", lambda message: seen.append(message.text))
        page.on("pageerror", lambda error: seen.append(str(error)))
        page.on("request", lambda request: seen.append(request.url))
        page.goto((pages / name).as_uri())
        page.wait_for_function("chart._fullData.some(trace => trace.yaxis === 'y2' && trace.y?.length)")
        assert seen == [(pages / name).as_uri()]
        seen.clear()
        return page

    yield opened
    for context in contexts:
        context.close()
    assert seen == []


def view(page: Any) -> tuple[list[float], list[float]]:
    ranges: Any = page.evaluate("[chart.layout.xaxis.range, chart.layout.yaxis.range]")
    return ranges[0], ranges[1]


def drag(page: Any, first: float, last: float) -> None:
    """From one part of the width to another, in the upper pane; waits until it is drawn."""
    box = page.locator(".nsewdrag").first.bounding_box()
    before = view(page)
    page.mouse.move(box["x"] + first * box["width"], box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + last * box["width"], box["y"] + 150, steps=5)
    page.mouse.up()
    page.wait_for_function(
        "before => String(chart.layout.xaxis.range) !== String(before[0])"
        " && String(chart.layout.yaxis.range) !== String(before[1])",
        arg=before,
    )


@needs_browser
def test_page_zooms(visit: Any) -> None:
    table, page = candles(3000), visit("candles.html")
    assert page.title() == "<script>document.title = 'harmed'</script>"
    assert view(page)[0] == [2749.5, 3004.5]
    drag(page, 0.2, 0.4)
    (first, last), (low, high) = view(page)
    assert first == pytest.approx(2749.5 + 0.2 * 255, abs=1)
    assert last == pytest.approx(2749.5 + 0.4 * 255, abs=1)
    rows = table.iloc[int(np.ceil(first)) : int(last) + 1]
    room = 0.08 * (rows["high"].max() - rows["low"].min())
    assert [low, high] == [rows["low"].min() - room, rows["high"].max() + room]

    # Double-click: all bars, as lines alone; and back.
    def details() -> Any:
        return page.evaluate(
            "chart._fullData.filter(t => t.hoverinfo === 'skip' && t.y?.some(y => y > 0)).length"
        )

    assert details() > 0
    page.locator(".nsewdrag").first.dblclick()
    page.wait_for_function("chart.layout.xaxis.range[0] < 0 && chart.data[0].opacity === 1")
    assert view(page)[0] == [-5.5, 3004.5]
    assert details() == 0
    assert page.evaluate("chart._fullData[0].y.length") == 3000
    page.locator(".modebar-btn[data-attr=zoom][data-val=reset]").click()
    page.wait_for_function("chart.data[0].opacity === 0")
    assert view(page)[0] == [2749.5, 3004.5]
    assert details() > 0


@needs_browser
def test_page_shows_each_bar_where_it_is(visit: Any) -> None:
    """After a zoom far back, what is drawn there are that time's numbers."""
    page = visit("line.html")
    page.evaluate("Plotly.relayout(chart, {'xaxis.range': [1000, 1100]})")
    page.wait_for_function("chart._fullData[0].x0 === 900")
    shown: Any = page.evaluate(
        "chart._fullData.map(({name, yaxis, x0, y, x}) => [name, yaxis, x0, [...y ?? []], !x])"
    )
    result = compute_atc_signals(USD)
    for name, axis, x0, y, whole in shown:
        if whole and axis == "y2" and y:
            signal = result[f"{name}_Signal"].iloc[x0 : x0 + len(y)]
            assert (x0, len(y)) == (900, 300)
            assert np.array_equal(y, signal)


@needs_browser
def test_page_tells_both_panes(visit: Any) -> None:
    for name, words in (("candles.html", ("O ", " H ", " L ", " C ")), ("line.html", ("Price : ",))):
        page = visit(name)
        for pane in (100, 480):
            page.mouse.move(600, pane)
            page.wait_for_selector(".hoverlayer .legend")
            label = page.locator(".hoverlayer").text_content()
            for word in (
                *words,
                *(f"{average} : " for average in ("EMA", "HMA", "WMA", "DEMA", "LSMA", "KAMA", "Average")),
            ):
                assert label.count(word) == 1 or word == "EMA : ", (word, label)  # DEMA
            assert "Events" not in label
            page.mouse.move(5, 5)
            page.wait_for_selector(".hoverlayer .legend", state="detached")


@needs_browser
def test_page_has_themes(visit: Any) -> None:
    def background(page: Any) -> list[str]:
        colours: list[str] = page.evaluate(
            "[document.body, document.querySelector('.main-svg')]"
            ".map(element => getComputedStyle(element).backgroundColor)"
        )
        return colours

    dark, light = ["rgb(19, 23, 34)"] * 2, ["rgb(255, 255, 255)"] * 2
    assert background(visit("line.html", theme="light")) == light
    page = visit("line.html", theme="dark")
    assert background(page) == dark
    drag(page, 0.2, 0.4)
    before = view(page)
    page.locator(".modebar-btn[data-title='Light or dark']").click()
    page.wait_for_function("chart.layout.template.layout.paper_bgcolor === '#ffffff'")
    assert background(page) == light
    page.emulate_media(color_scheme="light")
    page.evaluate("new Promise(requestAnimationFrame)")  # when a change is reported
    page.emulate_media(color_scheme="dark")
    page.wait_for_function("chart.layout.template.layout.paper_bgcolor === '#131722'")
    assert background(page) == dark
    assert view(page) == before


@needs_browser
def test_page_switches_things_off(visit: Any) -> None:
    page = visit("candles.html")
    names = page.locator(".legendtext").all_text_contents()
    assert names == ["Price", "EMA", "HMA", "WMA", "DEMA", "LSMA", "KAMA", "Events", "Average"]
    off = "name => chart._fullData.every(t => (t.legendgroup === name) === (t.visible === 'legendonly'))"

    def switch(name: str) -> None:
        page.locator(f".traces:has(.legendtext[data-unformatted='{name}']) .legendtoggle").click()

    for name in ("EMA", "Price", "Events"):
        page.locator(".nsewdrag").first.dblclick()  # a view of all bars has no details …
        page.wait_for_function("chart._fullData.every(t => t.hoverinfo !== 'skip' || !t.y?.some(y => y > 0))")
        switch(name)
        page.locator(".modebar-btn[data-attr=zoom][data-val=reset]").click()
        page.wait_for_function(off, arg=name)  # … but they are switched off too
        switch(name)
        page.wait_for_function("chart._fullData.every(t => t.visible !== 'legendonly')")


@needs_browser
@pytest.mark.parametrize("name", ["candles.html", "line.html", "signals.html"])
def test_page_fits_a_phone(visit: Any, name: str) -> None:
    page = visit(name, 390, 844)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.evaluate("chart.layout.xaxis.range.reduce((first, last) => last - first)") == 130
    boxes: Any = page.evaluate(
        "[...document.querySelectorAll('.main-svg text')].map(element => {"
        "  const {left, right, top, bottom} = element.getBoundingClientRect();"
        "  return [element.textContent, left, right, top, bottom];"
        "})"
    )
    boxes = [box for box in boxes if box[1] < box[2]]
    assert len(boxes) > 10
    for text, left, right, top, bottom in boxes:
        assert left >= 0, text
        assert right <= 390, text
        for other, *edges in boxes:  # no text lies on another
            across = min(right, edges[1]) - max(left, edges[0])
            down = min(bottom, edges[3]) - max(top, edges[2])
            assert other is text or across <= 1 or down <= 3, (text, other)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.wait_for_function("document.querySelector('.main-svg').clientWidth === 1280")


@needs_browser
def test_pictures(tmp_path: Path) -> None:
    drawn = chart(FEW, theme="dark")
    drawn.save(tmp_path / "x.png")
    head = (tmp_path / "x.png").read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    assert (int.from_bytes(head[16:20]), int.from_bytes(head[20:24])) == (1280, 900)
    drawn.save(tmp_path / "x.SVG")
    text = (tmp_path / "x.SVG").read_text()
    assert text.startswith("<svg")
    assert "rgb(19, 23, 34)" in text
    atc_cy("chart", "USD", "--png", tmp_path / "y.png", "-o", tmp_path / "y.html")
    assert (tmp_path / "y.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert {path.name for path in tmp_path.iterdir()} == {"x.png", "x.SVG", "y.png", "y.html"}
