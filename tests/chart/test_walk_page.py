"""The page of a walk forward: equity beside the prices', and each window with the config that it chose."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from support.browsers import (
    Visit,
    check_fits,
    check_other_theme,
    frame,
    needs_browser,
    on_each_screen,
    on_two_screens,
    printed,
    serious,
)
from support.charts import USD

from atc_cy import plot_sweep, walk_forward
from atc_cy.text import number_text

pytestmark = needs_browser

CLOSE = USD.iloc[:2000]
GRID = {"La": [0.0, 0.1], "robustness": ["Narrow", "Wide"]}
WALK = walk_forward(CLOSE, GRID, 500, 250, step=300, fees=0.0005)
NUMBERED = walk_forward(CLOSE.to_numpy(), {"moving_averages": [("EMA", "KAMA"), ("EMA",)]}, 1000, 500)
HARM = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    plot_sweep(WALK, title=HARM).save(folder / "walk.html")
    plot_sweep({HARM: WALK, "B": NUMBERED}, theme="dark").save(folder / "walks.html")
    return folder


def status(page: Any) -> str:
    frame(page)
    return " ".join(page.locator("#status").inner_text().split())


def point_at(page: Any, bar: int) -> None:
    box = page.locator("#chart").bounding_box()
    x = page.evaluate("bar => page.view.chart.timeScale().logicalToCoordinate(bar)", bar)
    page.mouse.move(box["x"] + x, box["y"] + box["height"] / 2)


@on_each_screen
def test_fits_the_screen(visit: Visit, width: int, height: int, theme: str) -> None:
    page = visit("walk.html", width, height, theme)
    check_fits(page, width, theme)
    assert page.title() == HARM
    page.locator("#windows tr:last-child > :last-child").last.scroll_into_view_if_needed()
    check_other_theme(page, theme)
    background = page.evaluate("page.view.chart.options().layout.background.color")
    assert background == page.evaluate("page.colours.background")


def test_paper(visit: Visit) -> None:
    assert printed(visit("walk.html", theme="dark")) == (1, ["light", 1240])


def test_the_numbers_are_those_of_the_walk(visit: Visit) -> None:
    page, curve = visit("walk.html"), WALK.curve
    hold = np.cumprod(curve["close"] / CLOSE.shift().loc[curve.index])
    assert page.evaluate("Array.from(page.view.column('equity'))") == curve["equity"].tolist()
    assert page.evaluate("Array.from(page.view.column('hold'))") == pytest.approx(hold.tolist(), rel=1e-12)
    assert page.evaluate("page.view.column('hold').at(-1) - 1") == WALK.metrics["buy_and_hold"]
    total, bought = (
        number_text("total_return", WALK.metrics[name]) for name in ("total_return", "buy_and_hold")
    )
    assert page.locator("#headline").inner_text() == f"{total}, buy and hold {bought}"
    last = WALK.windows.iloc[-1]
    assert status(page) == (
        f"{curve.index[-1].date()} equity {curve['equity'].iloc[-1]:.3f} buy and hold {hold.iloc[-1]:.3f} "
        f"{'▲ long' if curve['position'].iloc[-1] > 0 else '▼ short'} window {len(WALK.windows)} "
        f"La {last['atc_La']:g} robustness {last['atc_robustness']}"
    )
    between = int(curve.index.get_loc(WALK.windows["test_last"].iloc[0])) + 20
    point_at(page, between)  # between two tests nothing is held
    assert "nothing held window \u2013 La \u2013" in status(page)


def test_the_table_of_windows(visit: Visit) -> None:
    page = visit("walk.html")
    head, *rows = page.locator("#windows tr").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
    )
    names = [
        "train_first",
        "train_last",
        "test_first",
        "test_last",
        "atc_La",
        "atc_robustness",
        "train_sharpe",
    ]
    names += ["total_return", "sharpe", "max_drawdown", "exposure", "trades", "buy_and_hold"]
    assert head == ["window", *(name.removeprefix("atc_").replace("_", " ") for name in names)]
    for number, row in WALK.windows.iterrows():
        texts = [
            str(row[name].date()) if isinstance(row[name], pd.Timestamp) else number_text(name, row[name])
            for name in names
        ]
        assert rows[int(str(number))] == [str(int(str(number)) + 1), *texts]
    whole = dict(zip(head, rows[-1], strict=True))
    assert whole["window"] == "all"
    assert whole["sharpe"] == number_text("sharpe", WALK.metrics["sharpe"])
    assert whole["train sharpe"] == whole["La"] == ""


def test_a_window_is_selected(visit: Visit) -> None:
    page, curve = visit("walk.html"), WALK.curve
    first, last = (
        int(curve.index.get_loc(WALK.windows[name].iloc[2])) for name in ("test_first", "test_last")
    )
    picture = page.locator("#chart").screenshot()
    page.locator("#windows tbody tr").nth(2).click()
    frame(page)
    view = page.evaluate("page.view.chart.timeScale().getVisibleLogicalRange()")
    assert view["from"] == pytest.approx(first - (last - first) / 2, abs=1)
    assert page.locator("#windows [aria-selected=true]").inner_text().startswith("3")
    assert page.locator("#chart").screenshot() != picture
    page.keyboard.press("Tab")
    page.locator("#windows tbody tr[tabindex='0']").focus()
    for key, expected in (("ArrowDown", 3), ("Home", 0), ("End", len(WALK.windows))):
        page.keyboard.press(key)
        assert page.evaluate("page.view.selected") == expected
    frame(page)
    view = page.evaluate("page.view.chart.timeScale().getVisibleLogicalRange()")
    assert view["from"] <= 0
    assert view["to"] >= len(curve) - 1  # the last row is of all windows
    page.locator("#chart").focus()
    page.keyboard.press("Home")
    assert f"{curve.index[0].date()} " in status(page)
    assert "window 1 " in status(page)


def test_symbols_are_chosen(visit: Visit) -> None:
    page = visit("walks.html", 390, 844)
    assert page.locator("img").count() == 0
    page.get_by_role("combobox", name="symbol", exact=True).select_option(label="B")
    page.wait_for_function("page.view.facts.head.includes('moving_averages')")
    assert page.locator("#panes canvas").first.is_visible()
    chosen = "+".join(NUMBERED.windows["atc_moving_averages"].iloc[-1])
    assert status(page).startswith("1999 equity ")
    assert status(page).endswith(f"moving_averages {chosen}")
    assert page.locator("#ranges").inner_text().split() == ["50", "250", "All"]
    assert page.locator("#windows tbody tr").count() == len(NUMBERED.windows) + 1


@on_two_screens
def test_axe_finds_nothing_serious(visit: Visit, axe: Path, width: int, height: int, theme: str) -> None:
    assert serious(visit("walk.html", width, height, theme), axe) == []
