"""Chromium or Chrome for tests of pages, if the machine has one."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from atc_cy.charts.browser import find_browser

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
