"""Chromium or Chrome for tests of pages, if the machine has one."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
BROWSER = next(filter(None, map(shutil.which, NAMES)), "")
needs_browser = pytest.mark.skipif(not BROWSER, reason="there is no Chromium or Chrome on this machine")


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser of playwright's, run by the program that is there."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as program:
        browser = program.chromium.launch(
            executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield browser
        browser.close()
