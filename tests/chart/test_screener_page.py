"""The page of a screener works in a browser: sorted, filtered, searched, by pointer, finger or keys."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from support.browsers import (
    Visit,
    check,
    check_fits,
    column,
    frame,
    needs_browser,
    on_each_screen,
    on_two_screens,
    printed,
    serious,
)
from support.charts import CONFIG, USD, candles

from atc_cy import atc, direction, events, rank, scan, screener
from atc_cy.datasets import load_ecb_fx

pytestmark = needs_browser

OPENED = "page.opened"
"""The chart that is open, in the page's script."""
HARM = "<img src=x onerror=\"document.title='harmed'\">"
SYMBOLS = {
    **{str(name): rows.set_index("date")["close"] for name, rows in load_ecb_fx().groupby("symbol")},
    "IBM": candles(3000),
    "one": USD.iloc[-1:].set_axis(pd.DatetimeIndex(["2026-10-30"])),
    "none": USD * np.nan,
    HARM: USD.iloc[:900],
    "</script><!--": USD.iloc[5:905],
    "bad": [1.0, -2.0],
    "\u202ebad\x1b": [1.0, -2.0],
}
GOOD = {name: prices for name, prices in SYMBOLS.items() if "bad" not in name}
HOURS = USD[-400:].set_axis(pd.date_range("2026-10-01", periods=400, freq="h"))
WIDE = {"cap": HOURS * 2e12, "coin": HOURS * 1e-9, "split": HOURS.where(HOURS.index < HOURS.index[-1], 1e7)}
"""Prices and changes of many digits, and times of day."""
TABLE = rank(scan(GOOD, outputs="last"))
ROWS = "#rows tbody tr"
NONE = "\u2013"
"""What is shown where there is no number."""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    screener(SYMBOLS, title=HARM).save(folder / "all.html")
    screener(USD.to_numpy()[None, :400], CONFIG, theme="dark").save(folder / "rows.html")
    screener(WIDE).save(folder / "wide.html")
    screener({"USD": USD}, bars=20).save(folder / "few.html")
    return folder


def names(page: Any) -> list[str]:
    """Of the rows that are seen, in order."""
    return [str(name) for name in page.locator("#rows tbody th > :first-child").all_text_contents()]


def head(page: Any, name: str) -> Any:
    return page.locator("#rows thead").get_by_role("button", name=name, exact=True)


def open_row(page: Any, name: str) -> None:
    page.locator("#rows tbody").get_by_role("button", name=name, exact=True).click()
    page.wait_for_function("page.opened")
    frame(page)


@on_each_screen
def test_fits_the_screen(visit: Visit, width: int, height: int, theme: str) -> None:
    """The table, and the chart."""
    page = visit("all.html", width, height, theme)
    check_fits(page, width, theme)
    assert page.evaluate("document.documentElement.scrollHeight") == height
    last = page.locator(f"{ROWS}:last-child td:last-child")
    last.scroll_into_view_if_needed()
    assert last.bounding_box()["x"] + last.bounding_box()["width"] <= width
    assert page.locator(f"{ROWS}:last-child th").bounding_box()["x"] <= 48  # it stays where it is
    open_row(page, "IBM")
    check_fits(page, width, theme)
    assert page.evaluate("document.documentElement.scrollHeight") == height
    assert page.locator("#chart").bounding_box()["height"] >= 400


@on_each_screen
def test_works_on_the_screen(visit: Visit, width: int, height: int, theme: str) -> None:
    """By finger, pointer and keys."""
    page, shown = visit("all.html", width, height, theme), TABLE["Average_Signal"]
    for press in (lambda: head(page, "Average").tap(), lambda: page.keyboard.press("Enter")):
        press()
        way = page.locator("#rows [aria-sort]").get_attribute("aria-sort")
        steps = shown[names(page)].dropna().diff().iloc[1:] * {"ascending": 1, "descending": -1}[way]
        assert (steps >= -0.01).all()  # the page has two digits
        head(page, "Average").focus()
    row = page.locator("#rows tbody button").nth(1)
    row.click()
    page.wait_for_function("page.opened")
    assert page.locator("#symbol").inner_text() == names(page)[1]
    page.get_by_role("button", name="All symbols").tap()
    page.wait_for_function("!page.opened")
    page.locator("#search").focus()
    while not page.evaluate("document.activeElement.closest('#rows tbody')"):
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_function("page.opened")
    assert page.locator("#symbol").inner_text() == names(page)[2]


def test_rows_are_those_of_a_scan(visit: Visit) -> None:
    """Order, numbers and marks."""
    page = visit("all.html")
    assert page.title() == HARM
    assert page.locator("img").count() == 0
    assert names(page) == TABLE.index.tolist()
    titles = page.locator("#rows thead th").all_inner_texts()
    types = ["EMA", "HMA", "WMA", "DEMA", "LSMA", "KAMA"]
    shown = ["#", "Symbol", "Close", "Change", "Average", "Direction", "Turned", "Last 60 bars", *types]
    assert titles == [*shown, "Last bar"]
    for place, (name, row) in enumerate(TABLE.iterrows()):
        cells = page.locator(ROWS).nth(place).locator("th, td").all_text_contents()
        at = dict(zip(titles, cells, strict=True))
        assert at["#"] == str(place + 1)
        assert at["Symbol"].split() == [*str(name).split(), *(["stale"] if row["stale"] is True else [])]
        for title in ("Average", *types):
            assert at[title] == signed(row[f"{title}_Signal"])
        ways = {1.0: "▲ long", -1.0: "▼ short"}
        assert at["Direction"] == ways.get(row["direction"], NONE)
        since = row["bars_since_event"]
        assert at["Turned"] == (NONE if pd.isna(since) else str(since))
        assert at["Last bar"] == (NONE if pd.isna(row["date"]) else str(row["date"].date()))
        check_price(at, GOOD[str(name)])


def signed(value: float) -> str:
    return NONE if np.isnan(value) else f"{value:+.2f}" if round(value, 2) else "0.00"


def check_price(cells: dict[str, str], prices: Any) -> None:
    close = (prices["close"] if isinstance(prices, pd.DataFrame) else prices).dropna().to_numpy()
    if not close.size:
        assert (cells["Close"], cells["Change"]) == (NONE, NONE)
        return
    digits = len(cells["Close"].partition(".")[2])
    assert cells["Close"] == f"{close[-1]:,.{digits}f}"
    change = 100 * (close[-1] / close[-2] - 1) if close.size > 1 else np.nan
    assert abs(float(cells["Change"].strip("%").replace(NONE, "nan")) - change) <= 0.005 or np.isnan(change)


@on_each_screen
def test_no_digit_is_cut_off(visit: Visit, width: int, height: int, theme: str) -> None:
    """A cell has room for its text, whatever a price is."""
    page = visit("wide.html", width, height, theme)
    cut = page.evaluate("""Array.from(document.querySelectorAll("#rows tbody td"), cell => {
        const text = document.createRange(), box = cell.getBoundingClientRect();
        text.selectNodeContents(cell);
        const {left, right} = text.getBoundingClientRect();
        return left < box.left || right > box.right ? cell.textContent : "";
    }).filter(Boolean)""")
    assert cut == []
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_colours_are_not_needed(visit: Visit) -> None:
    """A bar's length and side, and a cell's number, tell what its colour does; stale rows are grey."""
    page = visit("all.html")
    row = page.locator(ROWS).filter(has=page.locator("th", has_text="TRY")).first
    meter = row.locator(".meter")
    style = meter.evaluate("x => ['--from', '--width'].map(name => x.style.getPropertyValue(name))")
    assert style == ["50%", "50%"]
    heat = "x => getComputedStyle(x).backgroundColor"
    tint = row.locator(".heat").first.evaluate(heat)
    assert tint == "rgb(148, 207, 150)"
    page.get_by_role("button", name="Light or dark").click()
    assert row.locator(".heat").first.evaluate(heat) != tint
    stale = page.locator(f"{ROWS}.old").first
    assert stale.locator(".heat").first.evaluate(heat) == "rgba(0, 0, 0, 0)"
    colours = [
        *stale.locator("td").evaluate_all("xs => xs.map(x => getComputedStyle(x).color)"),
        *stale.locator("path").evaluate_all("xs => xs.map(x => getComputedStyle(x).stroke)"),
    ]
    assert set(colours) == {"rgb(149, 152, 161)"}


def test_a_sparkline_has_the_closes_and_the_directions(visit: Visit) -> None:
    page = visit("all.html")
    at = TABLE.index.get_loc("USD")
    close = GOOD["USD"]
    heights, ways = (
        np.array(page.evaluate(f"Array.from(page.spark('{name}')).slice({at} * 60, {at} * 60 + 60)"))
        for name in ("height", "direction")
    )
    last = close.to_numpy()[-60:]
    assert np.abs(heights - 40 * (last - last.min()) / np.ptp(last)).max() <= 0.5
    assert np.array_equal(ways, direction(atc(close)).to_numpy()[-60:])
    paths = page.locator(ROWS).nth(at).locator("path")
    drawn = paths.evaluate_all("paths => paths.map(path => path.getAttribute('class'))")
    assert set(drawn) == {"up" if way > 0 else "down" for way in set(ways[1:])}


def test_heads_sort(visit: Visit) -> None:
    page = visit("all.html")

    def expected(key: str, way: int) -> list[str]:
        values = dict(page.evaluate("key => page.rows.map(row => [row.name, row[key]])", key))
        there = [name for name in TABLE.index if values[name] is not None]
        there.sort(key=lambda name: values[name], reverse=way < 0)
        return there + [name for name in TABLE.index if values[name] is None]

    for title, key, first in (
        ("Average", "Average_Signal", -1),
        ("Close", "close", -1),
        ("Turned", "since", 1),
        ("Symbol", "name", 1),
        ("LSMA", "LSMA_Signal", -1),
        ("Last bar", "date", -1),
    ):
        for way in (first, -first):
            head(page, title).click()
            assert names(page) == expected(key, way), (title, way)
            sorts = page.locator("#rows [aria-sort]")
            assert sorts.count() == 1
            assert sorts.get_attribute("aria-sort") == ("ascending" if way > 0 else "descending")
    head(page, "#").click()
    assert names(page) == TABLE.index.tolist()


def test_filters(visit: Visit) -> None:
    page = visit("all.html")
    found = page.locator("#found")
    assert found.inner_text() == f"{len(TABLE)} symbols"
    way = page.get_by_role("group", name="Direction")
    way.get_by_role("button", name="Long").click()
    assert names(page) == rank(TABLE, direction="long").index.tolist()
    page.get_by_label("When it turned").select_option("5")
    fresh = rank(TABLE, direction="long", fresh=5)
    assert names(page) == fresh.index.tolist()
    page.get_by_role("button", name="Hide stale").click()
    live = rank(fresh, max_age="stale")
    assert 0 < len(live) < len(fresh)
    assert names(page) == live.index.tolist()
    assert found.inner_text() == f"{len(live)} of {len(TABLE)} symbols"
    way.get_by_role("button", name="Short").click()
    assert names(page) == rank(TABLE, direction="short", fresh=5, max_age="stale").index.tolist()
    page.get_by_label("Search symbol").fill("no such symbol")
    assert page.locator(ROWS).all_text_contents() == ["No symbol is what you ask for."]
    assert visit("rows.html").get_by_role("button", name="Hide stale").count() == 0


def test_search(visit: Visit) -> None:
    page = visit("all.html")
    page.keyboard.press("/")
    page.keyboard.type("us")
    assert names(page) == [name for name in TABLE.index if "us" in str(name).lower()]
    page.keyboard.type("d")
    assert names(page) == ["USD"]
    page.keyboard.press("Enter")
    page.wait_for_function("page.opened")
    assert page.locator("#symbol").inner_text() == "USD"
    page.keyboard.press("Escape")
    page.wait_for_function("!page.opened")
    page.get_by_label("Search symbol").fill("<img")
    assert names(page) == [HARM]


def test_a_direction_that_is_older_than_the_page(visit: Visit) -> None:
    """The first bar that the page has is not the one on which the direction turned."""
    assert TABLE.loc["USD", "bars_since_event"] > 20
    page = visit("few.html")
    open_row(page, "USD")
    first = USD.index[-20].date()
    assert page.locator("#headline").inner_text().startswith(f"short since before {first}, Average")


@pytest.mark.parametrize("symbol", ["USD", "IBM", "one", HARM])
def test_a_click_opens_a_chart_of_the_librarys_numbers(visit: Visit, symbol: str) -> None:
    page, data = visit("all.html"), GOOD[symbol]
    open_row(page, symbol)
    assert not page.locator("#list").is_visible()
    assert page.locator("#symbol").inner_text() == symbol
    close = data["close"] if isinstance(data, pd.DataFrame) else data
    result = atc(close)
    rows = min(500, close.size)
    assert page.evaluate("page.opened.rows") == rows
    for name in ("Average", "EMA", "HMA", "WMA", "DEMA", "LSMA", "KAMA"):
        check(page, f"{name}_Signal", result[f"{name}_Signal"].to_numpy()[-rows:], 2, OPENED)
    check(page, "direction", direction(result).to_numpy()[-rows:], 0, OPENED)
    check(page, "event", events(result).to_numpy()[-rows:], 0, OPENED)
    digits = page.evaluate("page.opened.digits")
    check(page, "close", close.to_numpy()[-rows:], digits, OPENED)
    if isinstance(data, pd.DataFrame):
        for name in ("open", "high", "low"):
            check(page, name, data[name].to_numpy()[-rows:], digits, OPENED)
    assert page.evaluate("page.opened.candles") == isinstance(data, pd.DataFrame)
    times = column(page, "time", OPENED).astype("datetime64[D]")
    assert np.array_equal(times, close.index[-rows:].to_numpy("datetime64[D]"))
    assert f"Average {signed(result['Average_Signal'].iloc[-1])}" in page.locator("#headline").inner_text()
    assert page.evaluate("page.opened.chart.panes().length") == 3


def test_numbers_of_a_chart_are_opened_when_it_is(visit: Visit) -> None:
    page = visit("all.html")
    page.evaluate(
        "window.unpacked = 0;"
        "openPacked = (open => text => { window.unpacked++; return open(text); })(openPacked);"
        "null"
    )
    assert page.evaluate("window.unpacked") == 0
    open_row(page, "USD")
    assert page.evaluate("window.unpacked") == 1


def focused(page: Any) -> str:
    return str(page.evaluate("document.activeElement.id || document.activeElement.textContent"))


def test_keys(visit: Visit) -> None:
    page = visit("all.html")
    reached = []
    for _ in range(30):
        page.keyboard.press("Tab")
        reached.append(focused(page))
    for name in ("theme", "search", "fresh", "stale", "Average", "KAMA", str(TABLE.index[0])):
        assert name in reached
    page.locator("#search").focus()
    page.keyboard.press("ArrowDown")
    assert focused(page) == TABLE.index[0]
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    assert focused(page) == TABLE.index[2]
    page.keyboard.press("End")
    page.keyboard.press("Home")
    page.keyboard.press("PageDown")
    assert focused(page) == TABLE.index[10]
    page.keyboard.press("Enter")
    page.wait_for_function("page.opened")
    assert page.locator("#symbol").inner_text() == TABLE.index[10]
    assert focused(page) == "chart"
    bar = page.evaluate("page.opened.bar")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("page.opened.bar") == bar - 1
    page.keyboard.press("ArrowDown")
    said = "name => document.getElementById('symbol').textContent === name"
    page.wait_for_function(said, arg=TABLE.index[11])
    page.keyboard.press("Escape")
    page.wait_for_function("!page.opened")
    assert focused(page) == TABLE.index[11]
    assert page.locator("#list").is_visible()


def test_there_and_back(visit: Visit) -> None:
    """By the page's buttons, and by the browser's Back, as phones have it."""
    page = visit("all.html", 390, 844)
    page.locator("#rows tbody button").filter(has_text="USD").tap()
    page.wait_for_function("page.opened")
    page.get_by_role("button", name="Next symbol").tap()
    page.wait_for_function("document.getElementById('symbol').textContent !== 'USD'")
    page.get_by_role("button", name="Previous symbol").tap()
    page.wait_for_function("document.getElementById('symbol').textContent === 'USD'")
    page.get_by_role("button", name="Light or dark").tap()
    assert page.evaluate("page.opened.chart.options().layout.background.color") == "#131722"
    page.get_by_role("button", name="All symbols").tap()
    page.wait_for_function("!page.opened")
    page.locator("#rows tbody button").filter(has_text="IBM").tap()
    page.wait_for_function("page.opened")
    page.go_back()
    page.wait_for_function("!page.opened")
    assert page.locator("#list").is_visible()
    assert page.locator("#panes canvas").count() == 0


def test_what_failed_is_named_and_what_has_no_bars_is_no_button(visit: Visit) -> None:
    page = visit("all.html")
    problems = page.locator("#problems")
    assert problems.locator("summary").inner_text() == "2 symbols could not be computed: bad, \\u202ebad\\x1b"
    problems.locator("summary").click()
    assert "bad: prices has -2.0 at row 1" in problems.locator("li").first.inner_text()
    row = page.locator(ROWS).filter(has=page.locator("th", has_text="none"))
    assert row.locator("button").count() == 0
    row.locator("td").nth(1).click()
    assert page.evaluate("page.opened") is None
    quiet = visit("rows.html")
    assert not quiet.locator("#problems").is_visible()
    assert background(quiet) == "rgb(19, 23, 34)"
    assert quiet.locator("#rows thead .heat").count() == 0
    assert quiet.locator(f"{ROWS} .heat").count() == len(CONFIG.moving_averages)
    open_row(quiet, "0")
    assert quiet.locator("#ranges").inner_text().split() == ["50", "250", "All"]


def background(page: Any) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def test_paper(visit: Visit) -> None:
    """All rows are printed, on white, and so is a chart; and then the page is as it was."""
    page = visit("all.html", theme="dark")
    sheets, paper = printed(page)
    assert sheets > 1
    assert paper == ["light", None]
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollHeight") > 1000
    assert not page.locator("#filters").is_visible()
    page.emulate_media(media="screen")
    open_row(page, "IBM")
    assert printed(page) == (1, ["light", 1240])


def test_in_a_frame(visit: Visit, pages: Path) -> None:
    """As notebooks have it."""
    made = screener({"USD": USD, "IBM": candles(300)})
    ready = "<script>document.documentElement.dataset.ready = 1</script>"
    (pages / "frame.html").write_text(f"<!doctype html><body>{made._repr_html_()}{ready}", "utf-8")
    page = visit("frame.html")
    inner = page.frames[1]
    inner.wait_for_selector("html[data-ready]")
    inner.locator("#rows tbody button").first.click()
    inner.wait_for_function("page.opened")
    inner.locator("#chart").press("Escape")
    inner.wait_for_function("!page.opened")


@on_two_screens
def test_axe_finds_nothing_serious(visit: Visit, axe: Path, width: int, height: int, theme: str) -> None:
    page = visit("all.html", width, height, theme)
    assert serious(page, axe) == []
    open_row(page, "IBM")
    assert serious(page, axe) == []
