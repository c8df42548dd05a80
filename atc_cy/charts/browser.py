"""A picture of a page, taken by the Chrome, Chromium or Edge of this machine."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

NAMES = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"),
    *("microsoft-edge", "msedge"),
)
"""The names of browsers on the PATH."""
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
PLAYWRIGHT = (
    *("chromium-*/chrome-linux*/chrome", "chromium-*/chrome-win*/chrome.exe"),
    "chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
)
"""The paths of browsers in the folder to which ``playwright install chromium`` downloads."""
ADVICE = (
    "install Chromium, Chrome or Edge (such as apt install chromium, or playwright install chromium), or set "
    "BROWSER_PATH to it"
)
FLAGS = (
    # No sandbox, because root cannot have one; the page was written here, and does not use the network.
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--hide-scrollbars"),
    *("--no-first-run", "--no-default-browser-check", "--disable-extensions", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"),
    "--virtual-time-budget=10000",  # wait until the page is drawn
)
PATIENCE = 120
"""How many seconds a browser may take."""


def find_browser() -> str:
    """The path of a browser.

    Raises
    ------
    OSError
        There is none, or `BROWSER_PATH` is not a program.
    """
    named = os.environ.get("BROWSER_PATH")
    if named:
        found = shutil.which(named)
        if found is None:
            raise OSError(f"a picture needs a browser, but BROWSER_PATH={named} is not a program: {ADVICE}")
        return found
    found = next(_browsers(), None)
    if found is None:
        raise OSError(f"a picture needs a browser, but none was found: {ADVICE}")
    return found


def _browsers() -> Iterator[str]:
    yield from filter(None, map(shutil.which, (*NAMES, *PLACES)))
    folders = {
        "darwin": "~/Library/Caches/ms-playwright",
        "win32": "~/AppData/Local/ms-playwright",
    }
    usual = folders.get(sys.platform, "~/.cache/ms-playwright")
    folder = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", usual)).expanduser()
    found = [path for pattern in PLAYWRIGHT for path in folder.glob(pattern)]
    number = {path: path.relative_to(folder).parts[0].removeprefix("chromium-") for path in found}
    yield from map(
        str, sorted(found, key=lambda path: number[path].zfill(9), reverse=True)
    )  # the newest first


def picture(page: str, width: int, height: int) -> bytes:
    """A page as PNG.

    Raises
    ------
    OSError
        No browser is found, or it does not take the picture.
    """
    program = find_browser()
    with TemporaryDirectory(prefix="atc_cy-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "page.html").write_text(page, encoding="utf-8", newline="\n")
        drawn = folder / "page.png"
        command = [
            program,
            *FLAGS,
            f"--user-data-dir={folder / 'profile'}",
            f"--window-size={width},{height}",
            f"--screenshot={drawn}",
            (folder / "page.html").as_uri(),
        ]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, errors="replace", timeout=PATIENCE, check=False
            )
        except subprocess.TimeoutExpired:
            raise OSError(f"{program} made no picture within {PATIENCE} seconds: {ADVICE}") from None
        if done.returncode or not drawn.exists():
            problem = next(iter(done.stderr.strip().splitlines()[-1:]), f"exit code {done.returncode}")
            raise OSError(f"{program} made no picture ({problem}): {ADVICE}")
        return drawn.read_bytes()
