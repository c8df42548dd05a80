"""Sizes and times of pages: python asv_benchmarks/chart_pages.py, with Chromium and playwright.

Prints, for charts of 2,000 and 20,000 bars of candles: the size of the page; how long after its opening it is
usable; and how long a frame takes while it is panned, at first and with all bars in view. For a screener of
500 symbols with 500 bars of candles each: its size; how long after its opening it is usable; how long it
takes from the press on a head until the sorted rows are drawn; and how long a symbol's chart takes to open.
For sweeps of 1,000 and 100,000 configs: the size of the page; how long after its opening it is usable; how
long another metric takes to be drawn; and how long the table takes to be sorted. Medians of five.
"""

import tempfile
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
from playwright.sync_api import sync_playwright

from atc_cy import chart, plot_sweep, screener
from atc_cy.charts.browser import find_browser

RUNS, FRAMES = 5, 60
PAN = """
async frames => {
  const scale = page.chart.timeScale(), times = [];
  const {from, to} = scale.getVisibleLogicalRange(), wide = to - from;
  for (let frame = 0; frame < frames; frame++) {
    const before = performance.now(), moved = -wide * 0.01 * frame;
    scale.setVisibleLogicalRange({from: from + moved, to: to + moved});
    await new Promise(requestAnimationFrame);  // the library draws in this frame
    await new Promise(done => setTimeout(done));
    times.push(performance.now() - before);
  }
  scale.setVisibleLogicalRange({from, to});
  return times.sort((a, b) => a - b)[frames >> 1];
}
"""


SORT = """
async name => {
  const button = [...document.querySelectorAll("#rows thead button")].find(each => each.textContent === name);
  const before = performance.now();
  button.click();
  await new Promise(requestAnimationFrame);
  await new Promise(done => setTimeout(done));  // the rows are laid out and drawn in between
  return performance.now() - before;
}
"""
OPEN = """
async () => {
  const before = performance.now();
  document.querySelector("#rows tbody button").click();
  while (!page.opened) await new Promise(done => setTimeout(done));
  await new Promise(requestAnimationFrame);
  await new Promise(done => setTimeout(done));
  return performance.now() - before;
}
"""


SWEEP = """
async () => {
  const timed = async act => {
    const before = performance.now();
    act();
    await new Promise(requestAnimationFrame);
    await new Promise(done => setTimeout(done));
    return performance.now() - before;
  };
  const metric = document.querySelectorAll("#choices select")[2];
  const head = document.querySelector("#ranking th:last-child button");
  metric.value = "0";
  return [await timed(() => metric.onchange()), await timed(() => head.click())];
}
"""


def candles(rows: int, seed: int = 7) -> pd.DataFrame:
    """A random walk with two digits, an hour a bar."""
    random = np.random.default_rng(seed)
    close = 20_000 * np.exp(np.cumsum(random.normal(0, 0.01, rows)))
    opened = np.concatenate([close[:1], close[:-1]])
    spread = close * np.abs(random.normal(0, 0.004, (2, rows)))
    prices = {
        "open": opened,
        "high": np.maximum(opened, close) + spread[0],
        "low": np.minimum(opened, close) - spread[1],
        "close": close,
    }
    return pd.DataFrame(prices, pd.date_range("2022-01-01", periods=rows, freq="h")).round(2)


def measure(browser: Any, path: Path) -> tuple[float, float, float]:
    """Milliseconds until it is usable, of a frame, of a frame with all bars in view."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-ready]")
    usable = page.evaluate("performance.getEntriesByName('usable')[0].startTime")
    frame = page.evaluate(PAN, FRAMES)
    page.get_by_role("button", name="All", exact=True).click()
    whole = page.evaluate(PAN, FRAMES)
    page.close()
    return usable, frame, whole


def measure_screener(browser: Any, path: Path) -> tuple[float, float, float]:
    """Milliseconds until it is usable, of a sort (the median of all columns), of the first chart."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-ready]")
    usable = page.evaluate("performance.getEntriesByName('usable')[0].startTime")
    heads = page.locator("#rows thead button").all_inner_texts()
    sort = median(page.evaluate(SORT, name) for name in heads)
    opened = page.evaluate(OPEN)
    page.close()
    return usable, sort, opened


def swept(wide: int, high: int) -> pd.DataFrame:
    """What a sweep of so many values of two fields returns, with random metrics."""
    values = pd.MultiIndex.from_product(
        [np.linspace(0, 0.1, wide), np.linspace(0, 0.1, high)], names=["atc_La", "atc_De"]
    )
    random, count = np.random.default_rng(7), wide * high
    metrics = {
        "total_return": random.normal(0, 0.3, count),
        "sharpe": random.normal(0, 0.5, count),
        "max_drawdown": -random.uniform(0.05, 0.6, count),
        "exposure": random.integers(3_000, 6_000, count) / 6_000,
        "trades": random.integers(20, 900, count),
    }
    return pd.DataFrame(metrics, values).T


def measure_sweep(browser: Any, path: Path) -> tuple[float, float, float]:
    """Milliseconds until it is usable, until another metric is drawn, and of a sort."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-ready]")
    usable = page.evaluate("performance.getEntriesByName('usable')[0].startTime")
    drawn, sort = page.evaluate(SWEEP)
    page.close()
    return usable, drawn, sort


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as program:
        browser = program.chromium.launch(
            executable_path=find_browser(), args=["--no-sandbox", "--disable-gpu"]
        )
        for rows in (2_000, 20_000):
            path = Path(folder, f"{rows}.html")
            chart(candles(rows), title="Random walk").save(path)
            usable, frame, whole = map(
                median, zip(*(measure(browser, path) for _ in range(RUNS)), strict=True)
            )
            print(
                f"{rows:6,} bars: {path.stat().st_size / 1e6:.2f} MB, usable after {usable:.0f} ms, "
                f"{frame:.1f} ms a frame when panned, {whole:.1f} ms with all bars in view"
            )
        path = Path(folder, "screener.html")
        screener({f"S{seed:03}": candles(500, seed) for seed in range(500)}).save(path)
        usable, sort, opened = map(
            median, zip(*(measure_screener(browser, path) for _ in range(RUNS)), strict=True)
        )
        print(
            f"500 symbols of 500 bars: {path.stat().st_size / 1e6:.2f} MB, usable after {usable:.0f} ms, "
            f"sorted in {sort:.0f} ms, a chart opened in {opened:.0f} ms"
        )
        for wide, high in ((40, 25), (400, 250)):
            path = Path(folder, "sweep.html")
            plot_sweep(swept(wide, high)).save(path)
            usable, drawn, sort = map(
                median, zip(*(measure_sweep(browser, path) for _ in range(RUNS)), strict=True)
            )
            print(
                f"{wide * high:,} configs: {path.stat().st_size / 1e6:.2f} MB, "
                f"usable after {usable:.0f} ms, "
                f"another metric drawn in {drawn:.0f} ms, sorted in {sort:.0f} ms"
            )
        browser.close()


if __name__ == "__main__":
    main()
