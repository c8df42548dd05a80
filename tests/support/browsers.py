"""Chromium or Chrome for tests of pages, if the machine has one."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from atc_cy.charts.browser import find_browser

SCREENS = [(1440, 900, "light"), (1024, 768, "dark"), (390, 844, "dark"), (375, 667, "light")]
"""Their size in pixels, and the theme of their reader."""
on_each_screen = pytest.mark.parametrize(("width", "height", "theme"), SCREENS)
on_two_screens = pytest.mark.parametrize(("width", "height", "theme"), SCREENS[::2])
"""A wide one that is light, and a narrow one that is dark."""


def on_wide_and_narrow(*names: str) -> Any:
    """Each page on a wide and a narrow screen; each screen has some of the pages."""
    cases = [(name, *screen) for place, name in enumerate(names) for screen in SCREENS[place % 2 :: 2]]
    return pytest.mark.parametrize(("name", "width", "height", "theme"), cases)


def on_either(*names: str) -> Any:
    """Each page once, on one of the two screens in turn."""
    cases = [(name, *SCREENS[::2][place % 2]) for place, name in enumerate(names)]
    return pytest.mark.parametrize(("name", "width", "height", "theme"), cases)


Visit = Callable[..., Any]
"""The fixture `visit`."""

FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]

try:
    BROWSER = find_browser()
except OSError:
    BROWSER = ""

BOXES = """
[...document.querySelectorAll("button, select, input")]
  .filter(control => control.checkVisibility({visibilityProperty: true}) && control.offsetWidth > 0)
  .slice(0, 40)
  .map(control => {
    control.scrollIntoView({behavior: "instant", block: "nearest", inline: "nearest"});
    const {x, width, height} = control.getBoundingClientRect();
    return [x, width, height];
  })
"""
"""Where the first controls are when they are in view, as a script."""

needs_browser = pytest.mark.browser
"""A test that tests/conftest.py skips where there is no browser."""


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser of playwright's, run by the program that is there."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as program:
        browser = program.chromium.launch(executable_path=BROWSER, args=FLAGS)
        yield browser
        browser.close()


def frame(page: Any) -> None:
    """Until what was asked for is drawn."""
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def check_fits(page: Any, width: int, theme: str) -> None:
    """Nothing sticks out to the side, and a finger gets to each control; the theme is the reader's."""
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate("document.documentElement.dataset.theme") == theme
    boxes = page.evaluate(BOXES)
    assert boxes
    for x, controls_width, controls_height in boxes:
        assert x >= 0
        assert x + controls_width <= width + 1
        assert min(controls_width, controls_height) >= 24
    page.evaluate("scrollTo(0, 0)")


def check_other_theme(page: Any, theme: str) -> None:
    """The switch turns the theme."""
    page.get_by_role("button", name="Light or dark").click()
    frame(page)
    assert page.evaluate("document.documentElement.dataset.theme") != theme


def printed(page: Any) -> tuple[int, list[Any]]:
    """How many sheets a page takes, and how it is on them: its theme, and how wide its chart's picture is."""
    seen = "[page.theme, document.querySelector('#chart > canvas')?.width]"
    page.evaluate(f"addEventListener('beforeprint', () => {{ window.paper = {seen}; }})")
    before = page.evaluate(seen)
    sheets = len(re.findall(rb"/Type\s*/Page\b", page.pdf()))
    frame(page)
    assert page.evaluate(seen) == before
    return sheets, page.evaluate("window.paper")


def column(page: Any, name: str, of: str = "page") -> "np.ndarray[Any, Any]":
    """Numbers of a chart as the page has them; of: the script's object that has the chart."""
    numbers = f"name => Array.from({of}.column(name), x => Number.isNaN(x) ? null : x)"
    return np.array(page.evaluate(numbers, name), dtype=float)


def check(page: Any, name: str, expected: Any, digits: int, of: str = "page") -> None:
    """The page's numbers are decimals of so many digits, and none of them is half a digit off."""
    shown, exact = column(page, name, of), np.asarray(expected, dtype=float)
    assert np.array_equal(np.isnan(shown), np.isnan(exact)), name
    there = ~np.isnan(exact)
    assert np.array_equal(shown[there], [float(f"{value:.{digits}f}") for value in shown[there]]), name
    assert np.abs(shown - exact)[there].max(initial=0) <= 0.5 * 10.0**-digits + 1e-9, name


def serious(page: Any, axe: Path) -> list[tuple[str, list[str]]]:
    """The serious violations that axe-core finds: the rule, and the elements."""
    page.add_script_tag(path=axe)
    found = page.evaluate("axe.run()")["violations"]
    return [
        (rule["id"], [node["html"][:120] for node in rule["nodes"]])
        for rule in found
        if rule["impact"] in ("serious", "critical")
    ]
