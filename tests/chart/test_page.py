"""The page of a chart works in a browser: on any screen, by pointer, finger or keys, without a network."""

import math
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from support.browsers import (
    Visit,
    check_fits,
    frame,
    needs_browser,
    on_each_screen,
    on_either,
    on_wide_and_narrow,
    printed,
    serious,
)
from support.charts import CONFIG, FEW, USD, candles

from atc_cy import calibration, chart, compute_atc_signals, direction, events, weight_table

pytestmark = needs_browser

PAGES = ("candles.html", "line.html", "signals.html")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    chart(candles(3000), title="<script>document.title = 'harmed'</script>").save(folder / "candles.html")
    chart(USD).save(folder / "line.html")
    chart(compute_atc_signals(FEW)).save(folder / "signals.html")
    hours = FEW.set_axis(pd.date_range("2026-03-28", periods=300, freq="h", tz="Europe/Berlin"))
    chart(hours, labels=True).save(folder / "hours.html")
    chart(FEW.to_numpy(), CONFIG, calibration="KAMA", theme="dark").save(folder / "rows.html")
    return folder


def view(page: Any) -> tuple[float, float]:
    frame(page)
    range_ = page.evaluate("page.chart.timeScale().getVisibleLogicalRange()")
    return range_["from"], range_["to"]


def width_of(page: Any) -> float:
    first, last = view(page)
    return last - first


def middle(page: Any) -> tuple[float, float]:
    box = page.locator("#chart").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 4


def x_of(page: Any, bar: int) -> float:
    x = page.evaluate("bar => page.chart.timeScale().logicalToCoordinate(bar)", bar)
    return float(page.locator("#chart").bounding_box()["x"] + x)


def touch(page: Any, *paths: list[tuple[float, float]]) -> None:
    """Fingers that go down, along their paths, and up, without a rest.

    A finger that rests for 240 ms shows bars from then on, until a tap. On a machine under load as much time
    goes by between two events, so the timer that begins when fingers go down is put off.
    """
    client = page.context.new_cdp_session(page)

    def send(kind: str, points: list[tuple[float, float]]) -> None:
        fingers = [{"x": x, "y": y, "id": finger} for finger, (x, y) in enumerate(points)]
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})

    page.evaluate(
        "window.usual = setTimeout; window.setTimeout = (act, ms, ...rest) => usual(act, ms + 6e5, ...rest)"
    )
    send("touchStart", [path[0] for path in paths])
    page.evaluate("window.setTimeout = usual")
    for step in zip(*(path[1:] for path in paths), strict=True):
        send("touchMove", [*step])
    send("touchEnd", [])
    frame(page)


def pan(x: float, y: float) -> list[tuple[float, float]]:
    return [(x + 12 * step, y) for step in range(12)]


def pinch(x: float, y: float) -> list[list[tuple[float, float]]]:
    return [[(x + side * (20 + 6 * step), y) for step in range(12)] for side in (-1, 1)]


@on_wide_and_narrow(*PAGES)
def test_fits_the_screen(visit: Visit, name: str, width: int, height: int, theme: str) -> None:
    page = visit(name, width, height, theme)
    check_fits(page, width, theme)
    for cell in page.locator("#weights tr:last-child > :last-child").all():
        cell.scroll_into_view_if_needed()
        assert cell.bounding_box()["x"] + cell.bounding_box()["width"] <= width
    page.evaluate("scrollTo(0, 0)")
    assert page.locator("#chart").bounding_box()["y"] < height / 2


@on_each_screen
def test_works_on_the_screen(visit: Visit, width: int, height: int, theme: str) -> None:
    """By finger, pointer and keys."""
    page, table = visit("candles.html", width, height, theme), candles(3000)
    (first, last), (x, y) = view(page), middle(page)
    touch(page, pan(x, y))
    assert view(page)[0] < first
    touch(page, *pinch(x, y))
    assert width_of(page) < last - first - 1
    wide = width_of(page)
    page.mouse.move(x, y)
    page.mouse.wheel(0, 400)
    assert width_of(page) > wide
    for bar in (math.ceil(view(page)[0]) + 3, math.floor(view(page)[1]) - 3):
        page.mouse.move(x_of(page, bar), y)
        frame(page)
        assert page.locator("#status").inner_text().startswith(str(table.index[bar].date()))
        check_table(page, table["close"], bar)
    page.evaluate("document.activeElement.blur()")
    while page.evaluate("document.activeElement.textContent") != "All":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert view(page)[0] == pytest.approx(0, abs=1)


def test_pointer_pans_and_wheel_zooms(visit: Visit) -> None:
    page = visit("candles.html")
    assert page.title() == "<script>document.title = 'harmed'</script>"
    first, last = view(page)
    assert (round(first), page.evaluate("page.rows")) == (2750, 3000)
    x, y = middle(page)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 300, y + 30, steps=5)
    page.mouse.up()
    assert view(page)[0] < first - 30
    assert view(page)[1] - view(page)[0] == pytest.approx(last - first)
    wide = last - first
    page.mouse.wheel(0, -400)
    assert view(page)[1] - view(page)[0] < wide - 10
    for _ in range(8):
        page.mouse.wheel(0, 400)
    assert view(page)[1] - view(page)[0] > wide + 10


@pytest.mark.parametrize("name", PAGES[1:])  # test_works_on_the_screen has the first
def test_fingers_pan_and_pinch(visit: Visit, name: str) -> None:
    page = visit(name, 375, 667)
    (first, last), (x, y) = view(page), middle(page)
    touch(page, pan(x, y))
    assert view(page)[0] < first
    touch(page, *pinch(x, y))
    assert width_of(page) < last - first - 1


@pytest.mark.parametrize("name", ["candles.html", "line.html"])
def test_a_finger_scrolls_the_page(visit: Visit, name: str) -> None:
    """Up and down it moves the page, not the chart, from wherever it begins."""
    page = visit(name, 375, 667)
    before, (x, y) = view(page), middle(page)
    down = [(x, y - 10 * step) for step in range(15)]
    touch(page, down)
    page.wait_for_function("scrollY > 50")
    page.evaluate("scrollTo(0, 100)")  # however far the finger has thrown it
    touch(page, down[::-1])
    page.wait_for_function("scrollY < 50")
    assert view(page) == before


def test_status_line_and_table_follow_the_pointer(visit: Visit) -> None:
    page, table = visit("candles.html"), candles(3000)
    result = compute_atc_signals(table["close"])
    turns, ways = events(result), direction(result)
    digits = page.evaluate("page.digits")
    for bar in (2999, 2801, int((turns != 0).to_numpy().nonzero()[0][-1])):
        page.mouse.move(x_of(page, bar), middle(page)[1])
        frame(page)
        status, row = page.locator("#status").inner_text(), table.iloc[bar]
        words = [str(table.index[bar].date()), "▲ long" if ways.iloc[bar] > 0 else "▼ short"]
        words += [f"{name[0].upper()} {row[name]:,.{digits}f}" for name in ("open", "high", "low", "close")]
        words += [
            f"{name} {signed(result[f'{name}_Signal'].iloc[bar])}" for name in ("EMA", "KAMA", "Average")
        ]
        for word in words:
            assert word in " ".join(status.split())
        assert ("event" in status) == (turns.iloc[bar] != 0)
        check_table(page, table["close"], bar)


def signed(value: float) -> str:
    return f"{value:+.2f}" if round(value, 2) else "0.00"


def check_table(page: Any, close: Any, bar: int) -> None:
    """Signals of the bar; γ and the lanes' equities of the one before; the longest lane first."""
    rows = [row.locator("th, td").all_inner_texts() for row in page.locator("#weights tr").all()]
    table = weight_table(close, bar=bar)
    lanes = ["ρ+6", "ρ+4", "ρ+2", "ρ+1", "ρ", "ρ-1", "ρ-2", "ρ-4", "ρ-6"]
    assert rows[0] == ["MA", "Trend", "γ", *lanes]
    for name, *cells in rows[1:]:
        equities = [f"{table.at[name, lane]:.2f}" for lane in ("γ", *lanes)]
        assert cells == [signed(table.at[name, "signal"]), *equities]
        signals = calibration(close.iloc[: bar + 1], name)["signal"].iloc[-1]
        ways = [{1: "up", -1: "down", 0: "flat"}[signals[lane]] for lane in lanes]
        shown = page.locator(f"#weights tr:has(th:text-is('{name}')) td").evaluate_all(
            "cells => cells.map(cell => cell.className)"
        )
        assert shown[2:] == ways


def test_a_tap_shows_a_bar(visit: Visit) -> None:
    page = visit("line.html", 390, 844)
    assert page.evaluate("page.bar") == USD.size - 1
    _, y = middle(page)
    page.touchscreen.tap(x_of(page, USD.size - 40), y)
    page.wait_for_function("page.bar === page.rows - 40")
    assert str(USD.index[-40].date()) in page.locator("#status").inner_text()


def test_keys(visit: Visit) -> None:
    page = visit("candles.html")
    rows = page.evaluate("page.rows")
    page.locator("#chart").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("page.bar") == rows - 3
    before = view(page)
    page.keyboard.press("+")
    assert view(page)[1] - view(page)[0] < before[1] - before[0]
    page.keyboard.press("PageUp")
    width, bar = view(page)[1] - view(page)[0], page.evaluate("page.bar")
    assert bar == pytest.approx(rows - 3 - width, abs=2)
    for _ in range(8):
        page.keyboard.press("+")
        from_, to = view(page)
        assert from_ <= bar <= to  # what is read stays in view
    page.keyboard.press("PageDown")
    assert bar < page.evaluate("page.bar") < rows - 3
    page.keyboard.press("Home")
    assert view(page)[0] <= page.evaluate("page.bar") == 0
    assert str(candles(1).index[0].date()) in page.locator("#status").inner_text()
    page.keyboard.press("End")
    assert page.evaluate("page.bar") == rows - 1
    assert view(page)[1] >= rows - 1
    reached = []
    page.evaluate("document.activeElement.blur()")
    for _ in range(24):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.textContent"))
    for name in ("1M", "All", "theme", "EMA", "Labels", "chart", "weights"):
        assert name in reached
    page.get_by_role("button", name="All", exact=True).focus()
    page.keyboard.press("Enter")
    assert view(page)[0] == pytest.approx(0, abs=1)


def test_range_buttons(visit: Visit) -> None:
    page, days = visit("candles.html"), candles(3000).index
    for name, offset in (("1M", 1), ("3M", 3), ("1Y", 12)):
        page.get_by_role("button", name=name, exact=True).click()
        first = int(days.searchsorted(days[-1] - pd.DateOffset(months=offset)))
        assert view(page)[0] == pytest.approx(first, abs=0.5)
        assert page.get_by_role("button", name=name, exact=True).get_attribute("aria-pressed") == "true"
    page.get_by_role("button", name="All", exact=True).click()
    assert view(page)[0] == pytest.approx(0, abs=0.5)
    assert view(page)[1] > 2999
    numbered = visit("rows.html").locator("#ranges").inner_text().split()
    assert numbered == ["50", "250", "All"]


def background(page: Any) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def test_light_and_dark(visit: Visit) -> None:
    dark, light = "rgb(19, 23, 34)", "rgb(255, 255, 255)"
    page = visit("line.html", theme="dark")
    assert background(page) == dark
    before = view(page)
    page.get_by_role("button", name="Light or dark").click()
    assert background(page) == light
    assert page.evaluate("page.chart.options().layout.background.color") == "#ffffff"
    page.emulate_media(color_scheme="light")
    frame(page)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function("page.theme === 'dark'")
    assert background(page) == dark
    assert view(page) == before
    assert background(visit("rows.html")) == dark  # as its maker wished


@pytest.mark.parametrize("name", PAGES)
def test_paper(visit: Visit, name: str) -> None:
    """One white sheet has the bars in view, whatever the screen is; and then the page is as it was."""
    for width, height in ((1440, 900), (390, 844)):
        page = visit(name, width, height, theme="dark")
        before = view(page)
        assert printed(page) == (1, ["light", 1240])
        assert view(page) == pytest.approx(before)
        assert page.evaluate("document.querySelector('#panes').clientWidth") == width


def test_the_price_line_is_at_its_label(visit: Visit) -> None:
    """Both at the last bar in view."""
    page = visit("candles.html")
    assert page.evaluate("page.panes.get('Price').options().priceLineSource") == 1


def test_things_are_switched_off_and_on(visit: Visit) -> None:
    page = visit("candles.html")
    names = page.locator("#legend button").all_inner_texts()
    assert names == [
        *("EMA", "HMA", "WMA", "DEMA", "LSMA", "KAMA"),
        *("Events", "Labels", "Average", "Signals", "Equities"),
    ]

    def click(name: str) -> bool:
        button = page.locator("#legend").get_by_role("button", name=name, exact=True)
        button.click()
        frame(page)
        return bool(button.get_attribute("aria-pressed") == "true")

    for name in ("Average", "Equities", "Signals"):
        assert not click(name)
    assert page.evaluate("page.chart.panes().length") == 1
    for name in ("Equities", "Average", "Signals"):
        assert click(name)
    places = page.evaluate("[...page.panes].map(([name, host]) => [host.getPane().paneIndex(), name])")
    assert sorted(places) == [[0, "Price"], [1, "Average"], [2, "Signals"], [3, "Equities"]]
    assert page.evaluate("page.events") > 10
    assert not click("Events")
    assert page.evaluate("page.events") == 0
    assert click("Events")
    page.get_by_role("button", name="All", exact=True).click()
    frame(page)
    assert page.evaluate("page.events") == 0  # they would hide the price
    page.get_by_role("button", name="1Y", exact=True).click()
    frame(page)
    assert page.evaluate("page.events") > 10
    picture = page.locator("#chart").screenshot()
    assert not click("EMA")
    assert page.locator("#chart").screenshot() != picture
    wide = view(page)
    assert click("Labels")
    assert view(page)[1] - view(page)[0] < wide[1] - wide[0]  # room for texts


def test_what_the_head_says(visit: Visit) -> None:
    page, result = visit("line.html"), compute_atc_signals(USD)
    way = direction(result)
    since = way.index[way != way.iloc[-1]][-1]
    first = way.index[way.index.get_loc(since) + 1].date()
    trend, average = "long" if way.iloc[-1] > 0 else "short", result["Average_Signal"].iloc[-1]
    assert page.locator("#headline").inner_text() == f"{trend} since {first}, Average {average:+.2f}"
    assert page.locator("#structure").inner_text() == (
        "EMA 28 HMA 28 WMA 28 DEMA 28 LSMA 28 KAMA 28, Medium · multiplier 1.153"
    )
    assert page.locator("#warning").inner_text() == (
        "the exponential multiplier of 7126 bars is 1.15, too high: lower La=0.02 or raise cutout=0"
    )
    assert (
        page.locator("a[href^='https://www.tradingview.com/']").count() == 2
    )  # its library's logo, and the footer
    quiet = visit("signals.html")
    assert not quiet.locator("#warning").is_visible()
    assert quiet.locator("#weights").count() == 0


def test_the_first_direction(visit: Visit, pages: Path) -> None:
    """It is no event, but it begins on its bar, not before."""
    way = direction(compute_atc_signals(FEW)).dropna()
    chart(FEW[: way.index[0]]).save(pages / "first.html")
    trend = "long" if way.iloc[0] > 0 else "short"
    head = visit("first.html").locator("#headline").inner_text()
    assert head.startswith(f"{trend} since {way.index[0].date()}, Average")


def test_names_of_bars(visit: Visit) -> None:
    """Clocks' times through a change of them; and rows without times."""
    page = visit("hours.html")
    texts = page.evaluate("Array.from({length: 60}, (_, bar) => page.nameOf(bar))")
    hours = pd.date_range("2026-03-28", periods=60, freq="h", tz="Europe/Berlin")
    assert texts == [*hours.strftime("%Y-%m-%d %H:%M")]
    assert page.evaluate("page.shown.has('Labels')")
    assert visit("rows.html").evaluate("page.nameOf(7)") == "7"


@pytest.mark.parametrize(
    ("name", "data", "options", "head"),
    [
        ("one", FEW.iloc[:1], {}, "no direction yet, Average 0.00"),
        ("before", FEW, {"cutout": 400}, "no direction yet, Average \u2013"),
        ("flat", FEW * 0 + 5, {}, "no direction yet, Average 0.00"),
        ("texts", FEW.set_axis([f"<{row}>" for row in range(300)]), {}, "short since <298>, Average -1.00"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_unusual_data(visit: Visit, pages: Path, name: str, data: Any, options: Any, head: str) -> None:
    chart(data, **options).save(pages / f"{name}.html")
    page = visit(f"{name}.html", 390, 844)
    assert page.locator("#headline").inner_text() == head
    options = page.evaluate("page.panes.get('Average').options()")
    assert options["lastValueVisible"] == (not head.endswith("\u2013"))  # no number where there is none
    grey = page.evaluate("page.colours.muted")
    assert (options["color"] == grey) == head.startswith("no direction")  # 0 is neither bull nor bear


@pytest.mark.parametrize(
    ("months", "first"), [("1M", "2025-02-28"), ("3M", "2024-12-31"), ("1Y", "2024-03-31")]
)
def test_a_month_before_its_last_day(visit: Visit, pages: Path, months: str, first: str) -> None:
    """February has no 31st: a month before the 31st of March begins on its last day, not in March."""
    days = pd.date_range(end="2025-03-31", periods=500)
    chart(USD[-500:].set_axis(days), bars=20).save(pages / "march.html")
    page = visit("march.html")
    page.get_by_role("button", name=months, exact=True).click()
    frame(page)
    assert (
        page.evaluate("page.nameOf(Math.round(page.chart.timeScale().getVisibleLogicalRange().from))")
        == first
    )


@on_either(*PAGES)
def test_axe_finds_nothing_serious(
    visit: Visit, axe: Path, name: str, width: int, height: int, theme: str
) -> None:
    assert serious(visit(name, width, height, theme), axe) == []
