"""Numbers go into a page and come out of it: those of the library, to the digits that the page shows."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from support.browsers import Visit, check, column, needs_browser
from support.charts import CONFIG, FEW, USD, candles

from atc_cy import ATCConfig, Chart, atc, calibration, chart, compute_atc_signals, direction, events
from atc_cy.charts.document import LIBRARY, WEB
from atc_cy.charts.packing import Column, decimals, integers, pack, runs


def test_the_library_is_the_one_that_was_looked_at() -> None:
    """lightweight-charts 5.2.1 of npm, with its licence and notice beside it."""
    content = (WEB / LIBRARY).read_bytes()
    assert hashlib.sha256(content).hexdigest() == (
        "e21cc5caa0226ef30bd8549c50b9ef926615f2a4ee6b4e486353477a55f598cf"
    )
    folder = (WEB / LIBRARY).parent
    assert "Apache License" in (folder / "LICENSE").read_text("utf-8")
    assert "https://www.tradingview.com/" in (folder / "NOTICE").read_text("utf-8")


def test_halves_are_rounded_as_pine_rounds_them() -> None:
    values = np.array([np.nan, 0.125, -0.125, 1.005, -0.004, np.nan, 2.675])
    assert integers(values, 2).tolist() == [0, 13, -13, 101, 0, 0, 268]
    assert runs(np.isnan(values)) == [0, 1, 5, 6]


@pytest.mark.parametrize(
    ("prices", "digits"),
    [
        ([100.0, 101.0], 2),
        ([1.0853, 1.1], 4),
        ([1.08534567, 1.1], 5),
        ([160.123456789], 3),
        ([61_234.567], 2),
        ([0.00001234, 0.00001], 8),
        ([0.0, 0.0], 2),
        ([3.21123456e-8, 1.8901002e-8], 13),
        ([80.123456789, 81.23456, 0.000123456], 7),
        ([2.3e12, 2.4e12], 2),
    ],
)
def test_prices_have_as_many_digits_as_they_came_with(prices: list[float], digits: int) -> None:
    assert decimals(np.array(prices)) == digits


def test_large_numbers_are_kept_whole() -> None:
    """A browser has integers up to 2**53; what is larger than that, times a power of ten, is no integer."""
    packed = pack([Column("cap", np.array([1.25e15]), 2), Column("none", np.array([np.inf]), 2)], 1)
    assert [column["digits"] for column in packed.columns] == [None, None]


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    return tmp_path


def opened(visit: Visit, pages: Path, drawn: Chart) -> Any:
    drawn.save(pages / "x.html")
    return visit("x.html")


@needs_browser
def test_numbers_to_the_last_bit(visit: Visit, pages: Path) -> None:
    page = opened(visit, pages, chart(FEW))
    numbers = np.array([0.1 + 0.2, -0.0, np.inf, -np.inf, 5e-324, 1.7e308, np.nan, -1 / 3])
    packed = pack([Column("other", np.arange(8)), Column("x", numbers, None), Column("y", -numbers, None)], 8)
    script = (
        "async ({text, columns}) => Array.from((await openNumbers(text, columns, 8))('x'),"
        " x => Object.is(x, -0) ? '-0.0' : String(x))"
    )
    texts = page.evaluate(script, {"text": packed.text, "columns": packed.columns})
    assert np.array_equal([float(text.replace("Infinity", "inf")) for text in texts], numbers, equal_nan=True)
    assert texts[1] == "-0.0"


@needs_browser
@pytest.mark.parametrize(
    "numbers",
    [
        np.array([0, 1, -1, 2**49, -(2**49), 5, np.nan, 5]),
        np.array([np.nan] * 8),
        np.arange(8.0) ** 3,
        np.array([0.25, -0.01, 0.1, 99.99, -1e9, 0.29, 0.57, 1.13]),
        np.zeros(8),
    ],
    ids=["limits", "nothing", "cubes", "decimals", "zeros"],
)
def test_what_was_packed_is_opened(visit: Visit, numbers: Any, pages: Path) -> None:
    page = opened(visit, pages, chart(FEW))
    digits = 0 if numbers[3] > 99.99 else 2
    packed = pack([Column("other", np.arange(8) % 3), Column("x", numbers, digits)], 8)
    script = (
        "async ({text, columns}) => (await openNumbers(text, columns, 8))('x')"
        ".reduce((all, x) => [...all, Number.isNaN(x) ? null : x], [])"
    )
    shown = page.evaluate(script, {"text": packed.text, "columns": packed.columns})
    assert np.array_equal(np.array(shown, dtype=float), numbers, equal_nan=True)


def check_outputs(page: Any, result: Any, config: ATCConfig) -> None:
    for name in config.output_names:
        check(page, name, result[name], 2 if name.endswith("_Signal") else 3)


@needs_browser
@pytest.mark.parametrize("config", [ATCConfig(), CONFIG, CONFIG.override(strategy_mode=True)])
def test_the_page_has_the_librarys_numbers(visit: Visit, config: ATCConfig, pages: Path) -> None:
    table = candles(2000)
    table.iloc[7, table.columns.get_loc("open")] = np.nan
    table.iloc[9, table.columns.get_loc("close")] = np.nan
    page = opened(visit, pages, chart(table, config))
    bars = table["close"].notna().to_numpy()
    close = table["close"][bars]
    result = atc(close, config)
    check_outputs(page, result, config)
    check(page, "value", result["Average_Signal"], 2)
    for name, computed in (("direction", direction(result)), ("event", events(result))):
        check(page, name, computed, 0)
    for name in ("open", "high", "low", "close"):
        check(page, name, table[name].fillna(table["close"])[bars], page.evaluate("page.digits"))
    days = column(page, "time").astype("datetime64[D]")
    assert np.array_equal(days, table.index[bars].to_numpy("datetime64[D]"))
    for name in config.moving_averages:
        lanes = calibration(close, name, config)
        check(page, f"{name} average", lanes["average", "ρ"], page.evaluate("page.digits") + 1)
        check(page, f"{name} lane", lanes["signal", "ρ"], 0)
        check(page, f"{name} γ", result[f"{name}_S"], 2)
        for lane in lanes["signal"]:
            check(page, f"{name} {lane} signal", lanes["signal", lane], 0)
            check(page, f"{name} {lane} equity", lanes["equity", lane], 2)


@needs_browser
def test_calibration_and_signals_alone(visit: Visit, pages: Path) -> None:
    page = opened(visit, pages, chart(FEW, CONFIG, calibration="KAMA"))
    lanes = calibration(FEW, "KAMA", CONFIG)
    for label in lanes["average"]:
        check(page, f"{label} average", lanes["average", label], page.evaluate("page.digits") + 1)
        check(page, f"{label} lane", lanes["signal", label], 0)
    result = compute_atc_signals(FEW)
    page = opened(visit, pages, chart(result))
    for name in ("EMA", "KAMA", "Average"):
        check(page, f"{name}_Signal", result[f"{name}_Signal"], 2)
    check(page, "direction", direction(result), 0)
    assert page.evaluate("page.facts.panes") == ["Average", "Signals"]


@needs_browser
@pytest.mark.parametrize(
    ("color_from", "strategy_mode"),
    [("Average", False), ("EMA", False), ("EMA", True), ("direction", True)],
)
def test_what_colours_the_bars(visit: Visit, color_from: str, strategy_mode: bool, pages: Path) -> None:
    """The value turns the direction, and its gradient colours the bar."""
    config = ATCConfig(strategy_mode=strategy_mode)
    page = opened(visit, pages, chart(USD, config, color_from=color_from, bull="#00ff00", bear="#ff0000"))
    result = compute_atc_signals(USD, strategy_mode=strategy_mode)
    alert = "Average" if color_from == "direction" else color_from
    turns = direction(result, alert_from=alert)
    check(page, "direction", turns, 0)
    check(page, "event", events(result, alert_from=alert), 0)
    value = result[f"{alert}_Signal"]
    value = value.shift() if strategy_mode and alert == "EMA" else value
    check(page, "value", value, 2)
    values = turns if color_from == "direction" else pd.Series(column(page, "value"))
    expected = [
        "#868b98"
        if np.isnan(x)
        else f"#{round(255 * (100 - r) / 200):02x}{round(255 * (100 + r) / 200):02x}00"
        for x, r in ((x, 0 if np.isnan(x) else round(100 * x)) for x in values)
    ]
    shown = page.evaluate("Array.from({length: page.rows}, (_, bar) => page.barColour(bar))")
    off = [(one, other) for one, other in zip(shown, expected, strict=True) if one != other]
    assert all(abs(int(one[1:3], 16) - int(other[1:3], 16)) <= 1 for one, other in off)  # halves


@needs_browser
@pytest.mark.parametrize("factor", [1e-8, 1e12, 1e15])
def test_very_small_and_very_large_prices(visit: Visit, factor: float, pages: Path) -> None:
    """The status line has six digits and the change of the prices; a line is where its price is."""
    prices = USD[-400:] * (1 + 1e-5 * np.arange(400)) * factor
    page = opened(visit, pages, chart(prices))
    close, change = page.locator("#status b").nth(1), page.locator("#status b").nth(2)
    assert float(close.inner_text().replace(",", "")) == pytest.approx(prices.iloc[-1], rel=1e-5)
    assert change.inner_text() == f"{100 * (prices.iloc[-1] / prices.iloc[-2] - 1):+.2f}%"
    off = page.evaluate(
        """price => new Promise(done => {
            const host = page.panes.get("Price"), where = host.priceToCoordinate(price);
            host.attachPrimitive(new Drawing(page.rows, ({y}) => done(Math.abs(y(price) - where))));
            page.chart.applyOptions({});
        })""",
        float(prices.iloc[-1]),
    )
    assert off < 0.1
