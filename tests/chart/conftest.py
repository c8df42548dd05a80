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


@pytest.fixture
def visit(browser: Any, pages: Path) -> Iterator[Visit]:
    """Opens a page without a network; at the end, none has complained or asked for anything else."""
    contexts, seen = [], []

    def opened(name: str, width: int = 1440, height: int = 900, theme: str = "light") -> Any:
        size = {"width": width, "height": height}
        context = browser.new_context(viewport=size, color_scheme=theme, has_touch=True, offline=True)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: seen.append(message.text))
        page.on("pageerror", lambda error: seen.append(str(error)))
        page.on("request", lambda request: seen.append(request.url))
        page.goto((pages / name).as_uri())
        page.wait_for_selector("html[data-ready]")
        frame(page)
        assert [url for url in seen if not url.startswith("data:")] == [(pages / name).as_uri()]
        seen.clear()
        return page

    yield opened
    for context in contexts:
        context.close()
    assert seen == []


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
