"""Pages in a browser, and what checks them."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.browsers import Visit, chromium, frame
from support.places import unpack

AXE = "axe-core@4.14.1"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as started:
        yield started


class Tab:
    """A browser tab without a network. `seen` lists the requests of its page, and its messages and errors."""

    def __init__(self, browser: Any) -> None:
        self.seen: list[str] = []
        self.page = browser.new_context(has_touch=True, offline=True).new_page()
        self.page.on("console", lambda message: self.seen.append(message.text))
        self.page.on("pageerror", lambda error: self.seen.append(str(error)))
        self.page.on("request", lambda request: self.seen.append(request.url))


@pytest.fixture(scope="module")
def tabs() -> list[Tab]:
    """The open tabs. Loading a page into one of them takes a third of the time of opening a new tab."""
    return []


@pytest.fixture
def visit(browser: Any, pages: Path, tabs: list[Tab]) -> Iterator[Visit]:
    """Opens a page without a network; at the end, none has complained or asked for anything else."""
    used: list[Tab] = []

    def opened(name: str, width: int = 1440, height: int = 900, theme: str = "light") -> Any:
        if len(used) == len(tabs):
            tabs.append(Tab(browser))
        tab, address = tabs[len(used)], (pages / name).as_uri()
        used.append(tab)
        tab.page.set_viewport_size({"width": width, "height": height})
        tab.page.emulate_media(media="null", color_scheme=theme)
        tab.page.goto(address)
        tab.page.wait_for_selector("html[data-ready]")
        frame(tab.page)
        assert [url for url in tab.seen if not url.startswith("data:")] == [address]
        tab.seen.clear()
        return tab.page

    yield opened
    for tab in used:
        tab.page.goto("about:blank")
    assert [each for tab in used for each in tab.seen] == []


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """axe-core, of npm."""
    folder, npm = tmp_path_factory.mktemp("axe"), shutil.which("npm")
    if npm is None:
        pytest.skip("axe-core cannot be had: there is no npm on this machine")
    done = subprocess.run(
        [npm, "pack", AXE], cwd=folder, capture_output=True, text=True, check=False, timeout=300
    )
    if done.returncode:
        pytest.skip(f"axe-core cannot be had: {done.stderr.strip().splitlines()[-1:]}")
    unpack(next(folder.glob("*.tgz")), folder)
    return folder / "package" / "axe.min.js"
