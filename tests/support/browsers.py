"""Chromium or Chrome for tests of pages, if the machine has one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from atc_cy.charts.browser import find_browser

SIZES = [(1440, 900), (1024, 768), (390, 844), (375, 667)]
"""Of screens, in pixels."""

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

needs_browser = pytest.mark.skipif(not BROWSER, reason="there is no Chromium or Chrome on this machine")


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


def serious(page: Any, axe: Path) -> list[tuple[str, list[str]]]:
    """The serious violations that axe-core finds: the rule, and the elements."""
    page.add_script_tag(path=axe)
    found = page.evaluate("axe.run()")["violations"]
    return [
        (rule["id"], [node["html"][:120] for node in rule["nodes"]])
        for rule in found
        if rule["impact"] in ("serious", "critical")
    ]
