"""A page as one file, with markup, styles, scripts and numbers: it needs no other file and no network."""

import html
import json
import os
import re
from collections.abc import Hashable, Iterable, Mapping
from pathlib import Path
from typing import Any

from ..files.atomic import replacing
from ..text import printable
from .browser import picture
from .packing import Packed
from .style import WIDTH

WEB = Path(__file__).with_name("web")
"""The folder of markup, styles and scripts."""
LIBRARY = "lightweight-charts/lightweight-charts.standalone.production.js"
CHARTS = (LIBRARY, "drawing.js", "panes.js", "readings.js", "scale.js", "chart.js")
"""The scripts that draw a chart into ``chart-view.html``."""
STYLES, SCRIPTS = ("shell.css",), ("ink.js", "packed.js", "paper.js", "shell.js")
"""The styles and scripts of every page."""


def document(
    body: str,
    *,
    title: str,
    styles: Iterable[str],
    scripts: Iterable[str],
    facts: Mapping[str, Any],
    numbers: Packed,
    texts: Mapping[str, str] | None = None,
) -> str:
    """A page: ``shell.html``, whose parts in braces are replaced.

    body: the markup file of the visible part; in braces it may have ``title`` and the names of other markup
    files. styles, scripts: the files in addition to those of every page. facts: the JSON for scripts, to
    which the columns of the numbers are added. texts: further parts in braces, already escaped.
    """
    written = json.dumps({**facts, "columns": numbers.columns}, ensure_ascii=False, allow_nan=False)
    parts = {
        "title": html.escape(title),
        "styles": "\n".join(map(_read, (*STYLES, *styles))),
        "scripts": "\n".join(map(_read, (*SCRIPTS, *scripts))),
        "facts": written.replace("<", "\\u003c"),  # so that no tag ends the script element
        "numbers": numbers.text,
        **(texts or {}),
    }
    markup = _with_files(_read("shell.html").replace("{{body}}", "{{" + body + "}}"))
    return re.sub(r"\{\{(\w+)\}\}", lambda place: parts[place[1]], markup)


def _with_files(markup: str) -> str:
    """Markup in which the names of markup files are replaced by their content, again and again."""
    return re.sub(r"\{\{([\w-]+\.html)\}\}", lambda place: _with_files(_read(place[1])), markup)


def _read(name: str) -> str:
    return (WEB / name).read_text("utf-8").rstrip("\n")


class Page:
    """A page that can be text, shown in a notebook, or saved as a file."""

    _title: str
    _height: int
    """The height of the frame in a notebook, and of a picture, in pixels."""

    def to_html(self) -> str:
        """The page as text: one HTML file that needs no other file and no network.

        Returns
        -------
        str

        Examples
        --------
        >>> usd = atc_cy.datasets.load_ecb_fx().query("symbol == 'USD'").set_index("date")["close"]
        >>> atc_cy.chart(usd).to_html()[:15]
        '<!doctype html>'
        """
        return self._page(picture=False)

    def _page(self, *, picture: bool) -> str:
        """The page, for reading or for a picture."""
        raise NotImplementedError

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the page, or a picture of it, to a file, whole or not at all.

        Parameters
        ----------
        path
            ``.html`` writes the page, which needs no other file and no network. ``.png`` writes a picture of
            its first view, which the Chrome, Chromium or Edge of this machine takes, or the one that
            ``BROWSER_PATH`` names.

        Raises
        ------
        ValueError
            The path has another ending.
        OSError
            The file cannot be written, or no browser works.

        Examples
        --------
        >>> usd = atc_cy.datasets.load_ecb_fx().query("symbol == 'USD'").set_index("date")["close"]
        >>> atc_cy.chart(usd, title="EUR/USD").save("usd.html")
        """
        path = Path(path)
        content = self._content(path)
        with replacing(path, through=True) as part:
            part.write_bytes(content)

    def _content(self, path: Path) -> bytes:
        """The content of a file with this ending."""
        suffix = path.suffix.lower()
        if suffix == ".html":
            return self.to_html().encode()
        if suffix == ".png":
            return picture(self._page(picture=True), WIDTH, self._height)
        raise ValueError(f"{path} must end in .html or .png")

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {printable(self._about())}; .save('page.html') writes it>"

    def _about(self) -> str:
        """A few words about the content."""
        return self._title

    def _repr_html_(self) -> str:
        """The page inside another one, such as a notebook."""
        return (
            f'<iframe title="{html.escape(self._title)}" srcdoc="{html.escape(self.to_html())}" '
            f'style="width:100%;height:{self._height}px;border:0"></iframe>'
        )


def symbol_text(name: Hashable) -> str:
    """What a page calls a symbol."""
    return printable(", ".join(map(str, name)) if isinstance(name, tuple) else str(name))
