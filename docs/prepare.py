"""Write the pages of the site to build/docs, with their pictures, charts and version.

In a page, these comments are replaced:

    <!-- picture: NAME -->      by the picture NAME of pictures.py
    <!-- chart: SYMBOL -->      by the page that `atc-cy chart SYMBOL` writes, in a frame
    <!-- version -->            by the version, and the commit if the checkout has git's history
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pictures
from plotly.offline import get_plotlyjs

import atc_cy

HERE = Path(__file__).parent
OUT = HERE.parent / "build" / "docs"
ASSETS = OUT / "assets"
PLACE = re.compile(r"<!-- (\w+)(?:: (\w+))? -->")


def write(name: str, text: str) -> None:
    path = ASSETS / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def picture(name: str) -> str:
    write(f"pictures/{name}.js", pictures.script(name))
    return f'<div class="picture" id="{name}"></div>'


def scripts(names: list[str]) -> str:
    """The scripts at the end of a page, which draw its pictures."""
    write("plotly.min.js", get_plotlyjs())
    files = ["plotly.min.js", *(f"pictures/{name}.js" for name in names)]
    return "\n" + "".join(f'<script src="assets/{file}"></script>\n' for file in files)


def chart(symbol: str) -> str:
    page = f"assets/{symbol}.html"
    command = [sys.executable, "-P", "-m", "atc_cy", "chart", symbol, "-o", str(OUT / page)]
    subprocess.run(command, check=True)
    return (
        # Live, a chart has the pointer (style.css); else the page scrolls over it.
        """<figure class="chart" onclick="this.classList.add('live')" """
        """onmouseleave="this.classList.remove('live')">"""
        f'<iframe src="{page}" title="Chart of {symbol}"></iframe>\n'
        f"<figcaption>{symbol}, drawn by <code>atc-cy chart {symbol} -o {symbol}.html</code>. "
        f'Click to explore it here, or <a href="{page}">open the page</a>.</figcaption></figure>'
    )


def version(_: str) -> str:
    command = ["git", "-C", str(HERE), "log", "-1", "--format=, commit %h of %cs"]
    commit = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    return f"<small>Version {atc_cy.__version__}{commit}</small>"


FILLED: dict[str, Callable[[str], str]] = {"picture": picture, "chart": chart, "version": version}


def fill(place: re.Match[str]) -> str:
    return FILLED[place[1]](place[2]) if place[1] in FILLED else place[0]


def main() -> None:
    shutil.rmtree(OUT, ignore_errors=True)
    shutil.copytree(HERE, OUT, ignore=shutil.ignore_patterns("__pycache__"))
    for script in OUT.glob("*.py"):  # those that make the site
        script.unlink()
    for page in OUT.rglob("*.md"):
        text = page.read_text(encoding="utf-8")
        drawn = [name for kind, name in PLACE.findall(text) if kind == "picture"]
        filled = PLACE.sub(fill, text) + (scripts(drawn) if drawn else "")
        page.write_text(filled, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
