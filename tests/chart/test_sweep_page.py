"""The page of a sweep works in a browser: map and table show the same configs, with the library's numbers."""

from itertools import product
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
    on_either,
    on_wide_and_narrow,
    printed,
    serious,
)
from support.charts import USD

from atc_cy import plot_sweep, sweep
from atc_cy.sweeps import ALL_METRICS
from atc_cy.sweeps.rows import ranked
from atc_cy.text import number_text

pytestmark = needs_browser

CLOSE = USD.iloc[:1500]
METRICS = ("total_return", "sharpe", "max_drawdown", "exposure", "trades", "p_value", "deflated_sharpe")
GRID = {"La": [0.0, 0.25, 0.5], "De": [0.0, 0.03], "robustness": ["Wide", "Narrow"]}
TABLE = sweep(CLOSE, GRID, metric=METRICS, fees=0.001)
SPACE = {"La": np.linspace(0, 1, 101), "De": np.linspace(0, 1, 101), "ema_len": range(10, 60)}
RANDOM = sweep(CLOSE, SPACE, search="random", trials=80)
FIVE = sweep(CLOSE, {**GRID, "ema_len": [20, 28], "moving_averages": [("EMA", "KAMA"), ("EMA",)]})
HOLES = sweep(
    CLOSE, [{"La": La, "De": De} for La, De in product((0.0, 0.25, 0.5), (0.0, 0.03, 0.1)) if La or De]
)
HOLES.loc["sharpe", [(0.25, 0.03)]] = np.nan
HARM = "<img src=x onerror=alert(1)>"
PAGES = ("grid", "random", "five", "holes", "one", "single", "nothing")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    drawn = {
        "grid": plot_sweep(TABLE, title=HARM),
        "p_value": plot_sweep(TABLE, by="p_value", theme="dark"),
        "random": plot_sweep(RANDOM),
        "five": plot_sweep(FIVE),
        "holes": plot_sweep(HOLES),
        "one": plot_sweep(sweep(CLOSE, {"La": [0.0, 0.1, 0.2, 0.4]})),
        "single": plot_sweep(sweep(CLOSE, {"La": [0.1]})),
        "nothing": plot_sweep(TABLE * np.nan),
        "symbols": plot_sweep({HARM: TABLE, "B": TABLE.iloc[:, 3:] * 2}),
        "harm": plot_sweep(pd.concat([TABLE, TABLE.rename({"sharpe": HARM}).loc[[HARM]]])),
    }
    for name, page in drawn.items():
        page.save(folder / f"{name}.html")
    return folder


def rows_of(table: pd.DataFrame, by: str = "sharpe") -> pd.DataFrame:
    return ranked(table.T.reset_index(), by).reset_index(drop=True)


def texts_of(rows: pd.DataFrame) -> list[list[str]]:
    """What the table of a page is to have, but for the ranks."""
    return [
        [
            "+".join(value)
            if isinstance(value, tuple)
            else "\u2013"
            if value != value
            else number_text(name, value)
            for name, value in row.items()
        ]
        for row in rows.to_dict("records")
    ]


def cells(page: Any) -> list[list[str]]:
    script = "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
    return [*page.locator("#ranking tbody tr").evaluate_all(script)]


def chooser(page: Any, label: str) -> Any:
    return page.get_by_role("combobox", name=label, exact=True)


def choose(page: Any, label: str, text: str) -> None:
    chooser(page, label).select_option(label=text, timeout=5000)
    frame(page)


def status(page: Any) -> str:
    return " ".join(page.locator("#status").inner_text().split())


def place_of(page: Any, spot: int) -> tuple[float, float]:
    box = page.evaluate(
        """spot => {
          const {left, top, width, height} = page.map.boxOf(spot);
          const sheet = byId("sheet").getBoundingClientRect();
          return [sheet.left + left + width / 2, sheet.top + top + height / 2];
        }""",
        spot,
    )
    return box[0], box[1]


@on_wide_and_narrow(*PAGES)
def test_fits_the_screen(visit: Visit, name: str, width: int, height: int, theme: str) -> None:
    page = visit(f"{name}.html", width, height, theme)
    check_fits(page, width, theme)
    page.locator("#ranking tr:last-child > :last-child").last.scroll_into_view_if_needed()
    assert page.locator("#ranking tbody tr").count() > 0
    assert page.evaluate("byId('sheet').offsetWidth <= byId('map').clientWidth")
    check_other_theme(page, theme)


def test_paper(visit: Visit) -> None:
    """All rows that are shown are printed, none upon another."""
    page = visit("random.html", theme="dark")
    sheets, paper = printed(page)
    assert sheets > 1
    assert paper == ["light", None]
    page.emulate_media(media="print")
    frame(page)
    end, note = page.evaluate(
        "[byId('ranking').getBoundingClientRect().bottom, byId('note').getBoundingClientRect().top]"
    )
    assert note >= end


@pytest.mark.parametrize(
    ("name", "table", "by"),
    [
        ("grid", TABLE, "sharpe"),
        ("p_value", TABLE, "p_value"),
        ("five", FIVE, "sharpe"),
        ("holes", HOLES, "sharpe"),
        ("nothing", TABLE * np.nan, "sharpe"),
        ("random", RANDOM, "sharpe"),
    ],
)
def test_the_table_has_the_numbers_of_the_sweep(visit: Visit, name: str, table: Any, by: str) -> None:
    """In the order of `atc-cy sweep`, as it writes them; and the page has them to the last bit."""
    page, rows = visit(f"{name}.html"), rows_of(table, by)
    expected = texts_of(rows)
    found = cells(page)
    if len(rows) > len(found):
        page.get_by_role("button", name="Later rows").click()
        found += cells(page)
    assert found == [[f"{rank:,}", *row] for rank, row in enumerate(expected, 1)]
    for place, metric in enumerate(name for name in rows if not str(name).startswith("atc_")):
        numbers = page.evaluate(
            f"Array.from(page.sweep.metrics[{place}].values, x => Number.isNaN(x) ? null : x)"
        )
        assert np.array_equal(np.array(numbers, float), rows[metric], equal_nan=True)


def test_numbers_are_written_as_on_a_terminal(visit: Visit) -> None:
    random = np.random.default_rng(3)
    values = [
        *(
            0.0,
            -0.0,
            0.125,
            -0.125,
            0.375,
            0.0625,
            0.000625,
            0.00015,
            1.005,
            2.675,
            0.5,
            1.5,
            2.5,
            0.25,
            0.75,
        ),
        *(1e-6, 9.99e-7, 0.000999, 0.00099999, 0.0009951, 0.05, 12.5, 1e9, 68.0, -1e-5, 123456789.125),
        *(float("inf"), float("-inf"), 1e-9, 1 / 3, 0.1 * 3, 12345678901.5, 1.5e-7),
        *random.normal(size=300).tolist(),
        *(random.integers(-999, 999, 200) / 1600).tolist(),
        *(10.0 ** random.uniform(-9, 6, 200)).tolist(),
    ]
    page = visit("grid.html")
    forms = {form["name"]: form for form in page.evaluate("page.facts.metrics")}
    for name in METRICS:
        texts = page.evaluate(
            "([form, values]) => values.map(text => figure(form, Number(text)))",
            [forms[name], [repr(value).replace("inf", "Infinity") for value in values]],
        )
        assert texts == [number_text(name, value) for value in values], name
    assert page.evaluate("figure(page.facts.metrics[0], NaN)") == "\u2013"


def test_all_metrics_have_a_form() -> None:
    for name in ALL_METRICS:
        if name != "trades":
            assert len(number_text(name, 1 / 3)) <= 6, name


@pytest.mark.parametrize(
    ("metric", "across", "up"),
    [("sharpe", "La", "De"), ("p_value", "robustness", "La"), ("max_drawdown", "De", "robustness")],
)
def test_a_cell_is_the_best_of_its_configs(visit: Visit, metric: str, across: str, up: str) -> None:
    page, rows = visit("grid.html"), rows_of(TABLE)
    choose(page, "across", across)
    choose(page, "up", up)
    choose(page, "metric", metric.replace("_", " "))
    assert chooser(page, "drawn as").input_value() == "0"  # cells
    best = rows.groupby([f"atc_{across}", f"atc_{up}"])[metric].agg("min" if metric == "p_value" else "max")
    wide, high = len(GRID[across]), len(GRID[up])
    shown = page.evaluate("Array.from(page.map.rows)")
    assert len(shown) == wide * high
    for cell, row in enumerate(shown):
        values = GRID[across][cell % wide], GRID[up][cell // wide]
        assert (rows.at[row, f"atc_{across}"], rows.at[row, f"atc_{up}"]) == values
        assert rows.at[row, metric] == best[values]
        page.mouse.move(*place_of(page, cell))
        words = f"{metric.replace('_', ' ')} {number_text(metric, best[values])}"
        assert status(page).startswith(words)
        assert f"rank {row + 1} of {len(rows)}" in status(page)
    page.mouse.move(1, 1)
    assert "rank 1 of" in status(page)


def test_sliders_hold_a_value(visit: Visit) -> None:
    page, rows = visit("five.html"), rows_of(FIVE)
    names = page.locator("#choices .slider").all_inner_texts()
    assert [" ".join(name.split()) for name in names] == [
        *("robustness best of 2", "ema_len best of 2", "moving_averages best of 2"),
    ]
    slider = page.locator("#choices .slider input").nth(2)
    slider.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") == "EMA"
    frame(page)
    held = rows[rows["atc_moving_averages"] == ("EMA",)]
    for cell, row in enumerate(page.evaluate("Array.from(page.map.rows)")):
        values = GRID["La"][cell % 3], GRID["De"][cell // 3]
        same = held[(held["atc_La"] == values[0]) & (held["atc_De"] == values[1])]
        assert same.index[0] == row  # they are ranked
    page.keyboard.press("Home")
    assert slider.get_attribute("aria-valuetext") == "best of 2"
    chooser(page, "across").focus()
    choose(page, "across", "moving_averages")
    assert page.evaluate("document.activeElement.labels[0].firstChild.textContent") == "across"
    assert page.locator("#choices .slider").count() == 3


def test_a_cell_selects_its_row_and_a_row_its_cell(visit: Visit) -> None:
    page = visit("grid.html")
    row = page.evaluate("page.map.rows[4]")
    page.mouse.click(*place_of(page, 4))
    selected = page.locator("#ranking [aria-selected=true]")
    assert selected.get_attribute("data-row") == str(row)
    assert not page.evaluate("document.querySelector('#sheet .selected').classList.contains('other')")
    hidden = page.evaluate("[...Array(page.sweep.rows).keys()].find(row => !page.map.rows.includes(row))")
    page.locator(f"#ranking tr[data-row='{hidden}']").click()
    assert selected.get_attribute("data-row") == str(hidden)
    marked = page.evaluate(
        "[page.map.spotOf(page.ranking.selected),"
        " page.sweep.fields.map(f => f.places[page.ranking.selected])]"
    )
    assert marked[0] == marked[1][1] * 3 + marked[1][0]
    # The cell shows a better config: its frame says so.
    assert page.evaluate("document.querySelector('#sheet .selected').classList.contains('other')")
    assert f"rank {hidden + 1} of" in status(page)


def test_sorting_and_pages_of_rows(visit: Visit) -> None:
    page, rows = visit("random.html"), rows_of(RANDOM)
    assert page.locator("#turn span").inner_text() == "1\u201350 of 80"
    assert page.get_by_role("button", name="Earlier rows").is_disabled()
    for name, ascending in (("trades", False), ("trades", True), ("ema_len", True), ("max drawdown", False)):
        page.locator("#ranking").get_by_role("button", name=name, exact=True).click()
        key = name.replace(" ", "_") if name != "ema_len" else "atc_ema_len"
        expected = rows.sort_values(key, ascending=ascending, kind="stable").index
        assert [int(row[0]) - 1 for row in cells(page)] == [*expected[:50]]
        way = "ascending" if ascending else "descending"
        assert page.locator(f"#ranking th[aria-sort={way}]").inner_text().startswith(name)
    page.get_by_role("button", name="Later rows").click()
    assert page.locator("#turn span").inner_text() == "51\u201380 of 80"
    assert page.get_by_role("button", name="Later rows").is_disabled()
    last = page.evaluate("page.ranking.order[0]")
    page.mouse.click(*place_of(page, last))
    chosen = page.locator("#ranking [aria-selected=true]")
    assert chosen.is_visible()  # the page of rows that has it


def test_keys(visit: Visit) -> None:
    page = visit("grid.html")
    page.evaluate("document.activeElement.blur()")
    reached = []
    for _ in range(28):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate("(({id, tagName, className}) => id || tagName + className)(document.activeElement)")
        )
    assert {"theme", "SELECT", "INPUT", "map", "DIVrows", "BUTTON", "TR"} <= {*reached}
    page.locator("#map").focus()
    page.keyboard.press("Home")
    best = page.evaluate("page.map.best")
    assert page.evaluate("page.spot") == best
    for key in ("ArrowLeft", "ArrowDown") * 3:
        page.keyboard.press(key)
    assert page.evaluate("page.spot") == 0
    assert "La 0 De 0" in status(page)
    for key in ("ArrowRight", "ArrowRight", "ArrowUp", "ArrowRight"):
        page.keyboard.press(key)
    assert page.evaluate("page.spot") == 5
    page.keyboard.press("Enter")
    row = page.evaluate("page.map.rows[5]")
    assert page.evaluate("page.ranking.selected") == row
    page.locator("#ranking tbody tr[tabindex='0']").focus()
    for key, expected in (("Home", 0), ("ArrowDown", 1), ("ArrowUp", 0), ("End", 11), ("PageDown", 11)):
        page.keyboard.press(key)
        assert page.evaluate("page.ranking.selected") == expected
        assert page.evaluate("Number(document.activeElement.dataset.row)") == expected
    page.locator("#ranking").get_by_role("button", name="trades", exact=True).focus()
    page.keyboard.press("Enter")
    assert page.locator("#ranking th[aria-sort=descending]").inner_text().startswith("trades")


def test_keys_go_from_dot_to_dot(visit: Visit) -> None:
    page, rows = visit("random.html"), rows_of(RANDOM)
    page.locator("#map").focus()
    page.keyboard.press("Home")
    assert page.evaluate("page.spot") == 0
    order = rows.sort_values(["atc_La", "atc_De"], kind="stable").index
    at = [*order].index(0)
    page.keyboard.press("ArrowRight")
    assert page.evaluate("page.spot") == order[min(at + 1, 79)]
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("page.spot") == order[at if at < 79 else 78]


def test_a_search_is_dots_and_a_grid_is_cells(visit: Visit) -> None:
    """Nothing stands where no config was tried."""
    page, rows = visit("random.html"), rows_of(RANDOM)
    assert page.evaluate("[page.map.constructor.name, page.map.count]") == ["Dots", 80]
    places = page.evaluate("page.map.drawn.map(row => [row, page.map.xOf(row)])")
    low, high = rows["atc_La"].min(), rows["atc_La"].max()
    left, right = (dict(places)[int(row)] for row in (rows["atc_La"].idxmin(), rows["atc_La"].idxmax()))
    for row, x in places:
        share = (rows.at[row, "atc_La"] - low) / (high - low)
        assert x == pytest.approx(left + share * (right - left), abs=0.01)
    assert page.evaluate("page.map.drawn.at(-1)") == 0  # the best lies on top
    choose(page, "drawn as", "cells, the best of each")
    assert page.evaluate("[page.map.constructor.name, page.map.count]") == [
        "Cells",
        rows.groupby(["atc_La", "atc_De"]).ngroups,
    ]
    choose(page, "up", "the metric")
    assert page.evaluate("page.map.constructor.name") == "Dots"
    assert visit("grid.html").evaluate("page.map.constructor.name") == "Cells"
    assert visit("one.html").evaluate("[page.map.constructor.name, page.map.count]") == ["Dots", 4]


def test_what_is_missing_is_shown_as_missing(visit: Visit) -> None:
    page = visit("holes.html")
    assert page.evaluate("[page.map.count, page.map.rows[0]]") == [8, -1]
    page.mouse.move(*place_of(page, 0))
    assert status(page) == "La 0 De 0 not tried"
    page.mouse.click(*place_of(page, 0))  # selects nothing
    assert page.evaluate("page.ranking.selected") == 0
    lost = int(rows_of(HOLES)["sharpe"].isna().to_numpy().nonzero()[0][0])
    page.mouse.move(*place_of(page, page.evaluate("row => page.map.spotOf(row)", lost)))
    assert status(page).startswith("sharpe \u2013")
    assert cells(page)[-1][0] == str(len(HOLES.columns))  # it comes last
    colours = page.evaluate(
        """lost => {
          const canvas = byId("sheet").querySelector("canvas"), {width, height} = canvas;
          const pixels = canvas.getContext("2d").getImageData(0, 0, width, height).data;
          return [0, page.map.spotOf(lost), page.map.spotOf(0)].map(cell => {
            const {left, top} = page.map.boxOf(cell), seen = new Set();
            for (let i = 0; i < 144; i++) {
              const x = Math.ceil(left) + 3 + i % 12, y = Math.ceil(top) + 3 + Math.floor(i / 12);
              seen.add(pixels.subarray(4 * (y * width + x), 4 * (y * width + x) + 4).join());
            }
            return seen.size;
          });
        }""",
        lost,
    )
    assert colours[0] > 1  # hatched
    assert colours[1] > 1
    assert colours[2] == 1


def test_nothing_but_missing_numbers(visit: Visit) -> None:
    page = visit("nothing.html")
    assert page.locator("#headline").inner_text() == "best sharpe \u2013"
    assert page.locator("#key .scale").count() == 0
    choose(page, "up", "the metric")
    assert page.evaluate("[page.map.count, page.map.missing, page.map.best]") == [0, 12, -1]
    page.locator("#map").focus()
    for key in ("Home", "ArrowUp", "Enter"):
        page.keyboard.press(key)
    assert "12 without a number are not drawn" in page.locator("#key").inner_text()


def test_one_config(visit: Visit) -> None:
    page = visit("single.html", 390, 844)
    assert page.evaluate("[page.map.count, page.map.best]") == [1, 0]
    assert page.locator("#structure").text_content() == "1 config: La 1"
    assert page.locator("#turn span").inner_text() == "1\u20131 of 1"


def test_symbols_are_chosen(visit: Visit) -> None:
    page = visit("symbols.html")
    assert chooser(page, "symbol").locator("option").all_inner_texts() == [HARM, "B"]
    choose(page, "symbol", "B")
    page.wait_for_function("page.symbol === 1")
    rows = rows_of(TABLE.iloc[:, 3:] * 2)
    page.wait_for_function("page.sweep.rows === 9")
    frame(page)
    assert [row[1:] for row in cells(page)] == texts_of(rows)
    assert page.evaluate("page.map.count") == rows.groupby(["atc_La", "atc_De"]).ngroups
    assert chooser(page, "symbol").input_value() == "1"
    assert page.evaluate("document.activeElement.labels[0].firstChild.textContent") == "symbol"


def test_names_stay_text(visit: Visit) -> None:
    assert visit("grid.html").title() == HARM
    page = visit("harm.html")
    assert page.locator("img").count() == 0
    choose(page, "metric", HARM)
    assert HARM in page.locator("#ranking thead").inner_text()
    assert HARM in page.locator("#status").inner_text()
    page = visit("symbols.html")
    assert page.locator("img").count() == 0


def test_what_speaks_of_luck(visit: Visit) -> None:
    page, deflated = visit("grid.html"), rows_of(TABLE)["deflated_sharpe"].iloc[0]
    assert deflated < 0.95
    assert page.locator("#warning").inner_text() == (
        f"The best of 12 configs may be luck: its deflated Sharpe ratio is {deflated:.3f}, less than the "
        "0.95 to ask for."
    )
    assert "in sample" in page.locator("#note").inner_text()
    quiet = visit("random.html")
    assert not quiet.locator("#warning").is_visible()
    assert "the metric deflated_sharpe says" in quiet.locator("#note").inner_text()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours(visit: Visit, theme: str) -> None:
    """Blue above zero and orange below, in proportion; text on them can be read."""
    page = visit("grid.html", theme=theme)
    script = """values => {
      const {colour} = shadesOf({signed: true, low: false, values: [-2, 1]}, page.theme);
      return values.map(value => rgb(colour(value)));
    }"""
    middle, above, below, half = page.evaluate(script, [0, 1, -1, -2])
    assert max(middle) - min(middle) < 24  # grey
    assert above[2] > above[0]
    assert below[0] > below[2]
    strength = [sum(abs(a - b) for a, b in zip(middle, each, strict=True)) for each in (below, half)]
    assert strength[0] < strength[1]
    assert page.evaluate(
        "[1, 0.5, 0, -1, -2].every(value => {"
        "  const fill = shadesOf({signed: true, low: false, values: [-2, 1]}, page.theme).colour(value);"
        "  return contrast(inkOn(fill, page.colours), fill) >= 4.5;"
        "})"
    )
    low, high = page.evaluate(
        "[0.01, 0.9].map(shadesOf({signed: false, low: true, values: [0.01, 0.9]}, page.theme).colour)"
    )
    assert page.evaluate(
        "([a, b]) => contrast(a, page.colours.background) > contrast(b, page.colours.background)", [low, high]
    )


def test_a_finger(visit: Visit) -> None:
    page = visit("grid.html", 390, 844)
    page.locator("#map").scroll_into_view_if_needed()
    page.touchscreen.tap(*place_of(page, 2))
    page.wait_for_function("page.ranking.selected === page.map.rows[2]")
    page.locator("#ranking tbody tr").nth(5).scroll_into_view_if_needed()
    page.locator("#ranking tbody tr").nth(5).tap()
    page.wait_for_function("page.ranking.selected === 5")


def test_wide_grids_scroll_in_their_place(visit: Visit, pages: Path) -> None:
    values = pd.MultiIndex.from_product(
        [np.arange(600) / 1000, range(10, 40)], names=["atc_La", "atc_ema_len"]
    )
    random = np.random.default_rng(1).normal(size=(1, len(values)))
    plot_sweep(pd.DataFrame(random, ["sharpe"], values)).save(pages / "wide.html")
    page = visit("wide.html", 390, 844)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.evaluate("byId('map').scrollWidth") > 1200
    page.locator("#map").focus()
    page.keyboard.press("Home")
    page.evaluate("point(page, 599 - 1)")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("page.spot") == 599
    assert page.evaluate("byId('map').scrollLeft") > 700


@on_either("grid", "random", "holes")
def test_axe_finds_nothing_serious(
    visit: Visit, axe: Path, name: str, width: int, height: int, theme: str
) -> None:
    assert serious(visit(f"{name}.html", width, height, theme), axe) == []


def test_real_prices(visit: Visit, pages: Path) -> None:
    """Both signs of returns, and names of fields that a terminal has."""
    table = sweep(USD, {"La": [0.0, 0.02], "ema_len": [10, 28]}, rule="long_only")
    plot_sweep(table, title="USD").save(pages / "usd.html")
    page = visit("usd.html")
    assert [row[1:] for row in cells(page)] == texts_of(rows_of(table))
