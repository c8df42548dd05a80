"""The documentation as a site: built as CONTRIBUTING.md says, and opened. It needs the extra `docs`."""

import functools
import http.server
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from support.browsers import chromium, needs_browser
from support.places import ROOT

import atc_cy

DOCS, SITE = ROOT / "docs", ROOT / "site"
COMMANDS = (["docs/prepare.py"], ["-m", "zensical", "build", "--clean", "--strict"])


@pytest.fixture(scope="session", autouse=True)
def built() -> None:
    for command in COMMANDS:
        done = subprocess.run(
            [sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


class Names(HTMLParser):
    """What a page links to, and what can be linked to in it."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.anchors: set[str] = set()
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, _: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            if name in ("href", "src"):
                self.links.add(value or "")
            elif name == "id":
                self.anchors.add(value or "")


names = functools.cache(Names)


def pages() -> list[Path]:
    """Those of the documentation, not a chart's. That of errors names files from the root of a server."""
    return sorted({*SITE.rglob("*.html")} - {*SITE.glob("assets/*.html"), SITE / "404.html"})


def test_every_link_leads_somewhere() -> None:
    """Also those to pictures, styles and scripts, which `--strict` does not follow."""
    assert len(pages()) == len([*DOCS.rglob("*.md")])
    for page in pages():
        for link in names(page).links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            aim = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            assert aim.is_file(), f"{page.relative_to(SITE)}: {link} is not there"
            if parts.fragment and aim.suffix == ".html":
                assert unquote(parts.fragment) in names(aim).anchors, f"{page.relative_to(SITE)}: {link}"


def test_nothing_comes_from_another_host() -> None:
    for page in pages():
        loaded = re.findall(
            r"<(?:script|link|img|iframe)[^>]*(?:src|href)=\"?(?:https?:)?//[^>]*>", page.read_text("utf-8")
        )
        assert not [tag for tag in loaded if 'rel="canonical"' not in tag], page.name


def test_every_page_is_in_the_navigation() -> None:
    text = (ROOT / "zensical.toml").read_text(encoding="utf-8")
    named = re.findall(r'"([\w/-]+\.md)"', text)
    assert sorted(named) == sorted(page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md"))


def test_the_reference_shows_every_public_name() -> None:
    shown = {anchor for page in SITE.glob("api/*.html") for anchor in names(page).anchors}
    assert {f"atc_cy.{name}" for name in atc_cy.__all__} - {"atc_cy.__version__"} <= shown


def test_the_reference_shows_types_that_people_read() -> None:
    for page in SITE.glob("api/*.html"):
        text = re.sub(r"<[^>]+>", "", page.read_text(encoding="utf-8").split("The source")[0])
        assert not re.search(r"Unpack|Literal\[|_setting\(", text), page.name


def test_the_first_page_names_version_and_licence() -> None:
    text = (SITE / "index.html").read_text(encoding="utf-8")
    assert f"Version {atc_cy.__version__}" in text
    assert "Mozilla Public License 2.0" in text


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module", params=["file", "http"])
def address(request: pytest.FixtureRequest) -> Iterator[str]:
    """Where the site is: its folder, and a server of that folder."""
    if request.param == "file":
        yield SITE.as_uri()
        return
    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=SITE)
    ) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as program:
        yield program


@pytest.fixture
def visit(browser: Any, address: str) -> Iterator[Any]:
    """Opens a page; at the end, none has complained or asked another host for anything."""
    contexts, complaints = [], []

    def hear(message: Any) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    def watch(request: Any) -> None:
        if not request.url.startswith((address, "about:", "blob:", "data:")):
            complaints.append(request.url)

    def opened(name: str, width: int = 1440, height: int = 900) -> Any:
        # With the palette of the system, which a frame then takes from the page around it.
        contexts.append(browser.new_context(viewport={"width": width, "height": height}, color_scheme="null"))
        page = contexts[-1].new_page()
        page.on("console", hear)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", watch)
        page.goto(f"{address}/{name}")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not complaints


@needs_browser
def test_the_search_finds_a_function(visit: Any) -> None:
    page = visit("index.html")
    words = page.get_by_placeholder("Search")
    words.wait_for(state="attached")  # before, the page does not listen
    page.keyboard.press("Control+k")
    words.fill("compute_atc_signals")
    found = page.locator('a[href*="one-symbol.html"]', has_text="compute_atc_signals").first
    found.wait_for()
    found.click()
    page.wait_for_url("**/api/one-symbol.html*#atc_cy.compute_atc_signals")


@needs_browser
def test_pictures_are_drawn(visit: Any) -> None:
    page = visit("law.html")
    page.wait_for_function("document.querySelectorAll('.picture .main-svg').length > 0")
    drawn = page.locator(".picture").evaluate_all(
        "all => all.map(one => one.querySelectorAll('.trace').length)"
    )
    text = (DOCS / "law.md").read_text(encoding="utf-8")
    assert len(drawn) == text.count("<!-- picture: ") > 0
    assert all(drawn)


@needs_browser
@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1024, 768), (390, 844)])
def test_the_first_page_begins_with_a_chart(visit: Any, width: int, height: int) -> None:
    page = visit("index.html", width, height)
    assert page.locator(".chart iframe").bounding_box()["y"] < height / 2
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    chart = page.frames[1]
    chart.wait_for_function("document.querySelectorAll('canvas, svg').length > 0")
    dark = "matchMedia('(prefers-color-scheme: dark)').matches"
    assert not chart.evaluate(dark)
    page.locator("[data-md-component=palette] label:visible").click()
    chart.wait_for_function(dark)


@needs_browser
def test_the_page_scrolls_over_a_chart_until_it_is_clicked(visit: Any) -> None:
    page = visit("index.html")
    frame = page.locator(".chart iframe")
    taken = "frame => getComputedStyle(frame).pointerEvents"
    box = frame.bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 200)
    page.mouse.wheel(0, 100)
    page.wait_for_function("scrollY > 0")
    assert frame.evaluate(taken) == "none"
    page.mouse.click(box["x"] + 200, box["y"] + 200)
    assert frame.evaluate(taken) == "auto"
    page.mouse.click(box["x"] + 200, box["y"] + 200)  # in the chart
    assert frame.evaluate(taken) == "auto"
    page.locator("h1").hover()
    assert frame.evaluate(taken) == "none"
