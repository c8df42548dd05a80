"""What a chart takes and refuses, what it is saved as, and its command."""

import html
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from support.browsers import needs_browser
from support.calls import calls
from support.charts import CONFIG, DAYS, FEW, candles, named
from support.commands import atc_cy

from atc_cy import Chart, atc, calibration, chart, compute_atc_signals, events
from atc_cy.charts import browser
from atc_cy.datasets import load_stocks
from atc_cy.files.prices import read_prices


@pytest.mark.parametrize("options", [{}, {"calibration": "EMA"}])
def test_the_config_the_prices_and_the_lanes_are_taken_once(options: dict[str, Any]) -> None:
    done = calls(lambda: chart(FEW, "default", **options))
    assert [done[name] for name in ("resolve", "as_bars", "run_lanes", "advance")] == [1, 1, 1, 1]


def same(one: Chart, other: Chart) -> bool:
    return one.to_html() == other.to_html()


def test_containers() -> None:
    table = candles().reset_index()
    expected = chart(table.set_index("date"))
    assert "<title>IBM</title>" in expected.to_html()
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
    with pytest.raises(ValueError, match=r"data has no config.*: give config, or long_threshold"):
        chart(lost)
    with pytest.raises(ValueError, match="data has no config"):
        chart(lost, long_threshold=0.5)
    expected = chart(result)
    assert same(chart(lost, long_threshold=0.5, short_threshold=-0.4), expected)
    assert same(chart(lost, result.config), expected)


def test_prices_with_outputs() -> None:
    frame = FEW.to_frame("close")
    joined = frame.join(atc(frame, CONFIG)).copy()  # which pandas 2 may not have made
    assert same(chart(joined, CONFIG), chart(frame, CONFIG))
    for config in ("default", CONFIG.override(La=0.1)):
        with pytest.raises(ValueError, match=r"Average_Signal that differs from what .*: give"):
            chart(joined, config)
    joined.iloc[200, joined.columns.get_loc("Average_Signal")] += 1e-16
    assert joined["Average_Signal"].iloc[200] != 0
    joined.iloc[10, joined.columns.get_loc("close")] = np.nan
    with pytest.raises(ValueError, match="Average_Signal that differs from what"):
        chart(joined, CONFIG)


def test_text_is_escaped(tmp_path: Path) -> None:
    name = "</script><script>alert('&')</script>"
    drawn = chart(FEW.rename(name).set_axis([f"{name}{row}" for row in range(300)]))
    escaped = "&lt;/script&gt;&lt;script&gt;alert(&#x27;&amp;&#x27;)&lt;/script&gt;"
    assert escaped in drawn.figure.layout.title.text
    assert f"<h1>{escaped}</h1>" in drawn.to_html()
    drawn.save(tmp_path / "x.html")
    assert name not in (tmp_path / "x.html").read_text()


def test_a_notebook_shows_the_page_in_a_frame() -> None:
    drawn = chart(FEW, title="<USD>")
    shown = drawn._repr_html_()
    assert shown.startswith('<iframe title="&lt;USD&gt;" srcdoc="')
    assert html.unescape(shown.split('"')[3]) == drawn.to_html()
    assert not hasattr(drawn, "_repr_mimebundle_")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"theme": "drak"}, "theme='drak' is unknown; did you mean 'dark'?"),
        ({"bars": 0}, "bars=0 is out of range: give at least 1"),
        ({"color_from": "EMMA"}, "color_from='EMMA' is unknown; did you mean 'EMA'?"),
        (
            {"color_from": "HMA", "config": CONFIG},
            "color_from='HMA' is unknown; .*known: Average, EMA, KAMA",
        ),
        ({"bull": "green"}, "bull='green' must be a colour such as '#4caf50'"),
        ({"bear": "#fff"}, "bear='#fff' must be a colour"),
        ({"La": -1}, "La=-1.0 is out of range"),
        ({"data": FEW.to_frame("last")}, "close='close' is not a column; known: last$"),
        ({"data": {"USD": FEW}}, "close='close' is not a column"),
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
    with pytest.raises(ValueError, match=r"x.pdf must end in .html or .png"):
        drawn.save("x.pdf")
    with pytest.raises(FileNotFoundError):
        drawn.save(tmp_path / "none" / "x.html")
    monkeypatch.setenv("BROWSER_PATH", str(tmp_path / "none"))
    with pytest.raises(
        OSError, match=r"BROWSER_PATH=.*none is not a program: install Chromium, Chrome or Edge"
    ):
        drawn.save(tmp_path / "x.png")
    assert list(tmp_path.iterdir()) == []


def test_which_browser_takes_the_picture(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("BROWSER_PATH", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "own"))
    monkeypatch.setattr(browser, "PLACES", ())
    with pytest.raises(
        OSError, match=r"none was found: install .*apt install chromium, or playwright install"
    ):
        browser.find_browser()
    for place in (
        "own/chromium-900/chrome-linux/chrome",
        "own/chromium-1100/chrome-linux64/chrome",
        "chromium",
    ):
        program = tmp_path / place
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text("#!/bin/sh\necho 'out of order' >&2\nexit 3\n")
        program.chmod(0o755)
        assert browser.find_browser() == str(program)
    with pytest.raises(OSError, match=r"chromium made no picture \(out of order\): install"):
        browser.picture("", 10, 10)


def test_what_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A page needs neither plotly nor kaleido; a figure and its SVG do."""
    drawn, other = chart(FEW), chart(FEW)
    assert drawn.figure is drawn.figure
    monkeypatch.setitem(sys.modules, "kaleido", None)
    with (
        pytest.warns(DeprecationWarning, match=r"\.svg is drawn by plotly and kaleido: save \.png"),
        pytest.raises(ImportError, match=r"\.svg needs kaleido: pip install kaleido, or save \.png"),
    ):
        drawn.save(tmp_path / "x.svg")
    monkeypatch.setitem(sys.modules, "plotly", None)
    with pytest.raises(ImportError, match=r"a chart's figure needs plotly: pip install 'atc_cy\[chart\]'"):
        _ = other.figure
    other.save(tmp_path / "x.html")
    assert [*tmp_path.iterdir()] == [tmp_path / "x.html"]


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
    with pytest.raises(ValueError, match=r"row 0: '\?' in column 'high' is not a number"):
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
    table.loc[500, "close"] = np.nan
    table.to_csv(tmp_path / "x.csv", index=False)
    since, until = table["date"].iloc[-300], table["date"].iloc[-40]
    atc_cy("chart", tmp_path / "x.csv", "--since", since.date(), "--until", until.date(), "-o", out)
    series = table.set_index("date")[["open", "high", "low", "close"]]
    whole = chart(series, title="x")
    times = series.index[series["close"].notna()]
    seen = np.asarray((times >= since) & (times <= until))
    assert out.read_text() == page_of(whole.part(seen), tmp_path)
    part, figure = whole.part(seen).figure, whole.figure
    assert part.layout.title == figure.layout.title
    for name in ("EMA", "Average", "Price"):
        one, every = (next(trace for trace in each.data if trace.name == name) for each in (part, figure))
        assert np.array_equal(one.y, every.y[seen], equal_nan=True)
    turns = events(compute_atc_signals(series["close"].dropna())).to_numpy()[seen]
    _, up, down = (trace for trace in part.data if trace.name == "Events")
    for arrows, event in ((up, 1), (down, -1)):
        assert np.array_equal(arrows.x, np.flatnonzero(turns == event))
    until_then = chart(series[:until]).figure
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


@needs_browser
def test_pictures(tmp_path: Path) -> None:
    chart(FEW, theme="dark").save(tmp_path / "x.png")
    head = (tmp_path / "x.png").read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    assert (int.from_bytes(head[16:20]), int.from_bytes(head[20:24])) == (1280, 900)
    atc_cy(
        "chart",
        "USD",
        "--png",
        tmp_path / "y.png",
        "-o",
        tmp_path / "y.html",
        "--color-from",
        "EMA",
        "--labels",
    )
    assert (tmp_path / "y.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert '"colorFrom": "EMA", "labels": true' in (tmp_path / "y.html").read_text()
    assert {path.name for path in tmp_path.iterdir()} == {"x.png", "y.png", "y.html"}


@pytest.mark.parametrize("src", ["hl2", "HLC3", "close"])
def test_a_source_that_is_computed(src: str) -> None:
    """A chart runs on what `atc` runs on, also where the close has another name."""
    close = np.linspace(10, 12, 60) + np.sin(np.arange(60))
    high, low = close + 1, close - 2
    frame = pd.DataFrame({"Price": close, "High": high, "Low": low})
    averaged = {"hl2": (high + low) / 2, "HLC3": (high + low + close) / 3, "close": close}[src]
    expected = atc(frame, close="Price", src=averaged)["Average_Signal"]
    assert np.array_equal(atc(frame, close="Price", src=src)["Average_Signal"], expected, equal_nan=True)
    drawn, by_values = (chart(frame, close="Price", src=given) for given in (src, averaged))
    assert same(drawn, by_values)
