"""A page as one file: markup, styles, scripts and numbers, so that it needs no other file and no network."""

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
"""Where markup, styles and scripts are."""
LIBRARY = "lightweight-charts/lightweight-charts.standalone.production.js"
CHARTS = (LIBRARY, "drawing.js", "panes.js", "readings.js", "scale.js", "chart.js")
"""What draws a chart into ``chart-view.html``."""
STYLES, SCRIPTS = ("shell.css",), ("ink.js", "packed.js", "paper.js", "shell.js")
"""What every page has."""


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

    body: the markup file of what is seen; it may have ``{{title}}``, and the names of other markup files.
    styles, scripts: the files that come after those that every page has. facts: what scripts read as JSON,
    which gets the columns of the numbers. texts: what else the body has in braces, already escaped.
    """
    written = json.dumps({**facts, "columns": numbers.columns}, ensure_ascii=False, allow_nan=False)
    parts = {
        "title": html.escape(title),
        "styles": "\n".join(map(_read, (*STYLES, *styles))),
        "scripts": "\n".join(map(_read, (*SCRIPTS, *scripts))),
        "facts": written.replace("<", "\\u003c"),  # no tag ends the script that holds it
        "numbers": numbers.text,
        **(texts or {}),
    }
    markup = _with_files(_read("shell.html").replace("{{body}}", "{{" + body + "}}"))
    return re.sub(r"\{\{(\w+)\}\}", lambda place: parts[place[1]], markup)


def _with_files(markup: str) -> str:
    """Markup with that of the files that it names, and that of those they name."""
    return re.sub(r"\{\{([\w-]+\.html)\}\}", lambda place: _with_files(_read(place[1])), markup)


def _read(name: str) -> str:
    return (WEB / name).read_text("utf-8").rstrip("\n")


class Page:
    """What is shown as one page: as text, in a notebook, and as a file."""

    _title: str
    _height: int
    """Of the frame in a notebook and of a picture, in pixels."""

    def to_html(self) -> str:
        """The page as text: one file that needs no other and no network."""
        return self._page(picture=False)

    def _page(self, *, picture: bool) -> str:
        """The page, as it is read or as a picture is taken of it."""
        raise NotImplementedError

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it, whole or not at all; the ending decides what it is.

        Parameters
        ----------
        path
            ``.html``: a page that needs no other file and no network. ``.png``: a picture of its first view,
            taken by the Chrome, Chromium or Edge of this machine, or by the one that ``BROWSER_PATH`` names.

        Raises
        ------
        ValueError
            Another ending.
        OSError
            The file cannot be written, or there is no browser that works.
        """
        path = Path(path)
        content = self._content(path)
        with replacing(path, through=True) as part:
            part.write_bytes(content)

    def _content(self, path: Path) -> bytes:
        """What a file with this ending holds."""
        suffix = path.suffix.lower()
        if suffix == ".html":
            return self.to_html().encode()
        if suffix == ".png":
            return picture(self._page(picture=True), WIDTH, self._height)
        raise ValueError(f"{path} must end in .html or .png")

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {printable(self._about())}; .save('page.html') writes it>"

    def _about(self) -> str:
        """What it shows, in a few words."""
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
