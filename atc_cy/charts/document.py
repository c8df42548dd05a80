"""A page as one file: markup, styles, scripts and numbers, so that it needs no other file and no network."""

import html
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from .packing import Packed

WEB = Path(__file__).with_name("web")
"""Where markup, styles and scripts are."""
LIBRARY = "lightweight-charts/lightweight-charts.standalone.production.js"


def document(
    markup: str,
    *,
    title: str,
    styles: Iterable[str],
    scripts: Iterable[str],
    facts: Mapping[str, Any],
    numbers: Packed,
) -> str:
    """A page of a markup file, in which ``{{title}}``, ``{{styles}}`` and ``{{scripts}}`` are replaced.

    ``{{facts}}`` becomes JSON, with the columns of the numbers in it; ``{{numbers}}`` their packed text.
    """
    written = json.dumps({**facts, "columns": numbers.columns}, ensure_ascii=False, allow_nan=False)
    parts = {
        "title": html.escape(title),
        "styles": "\n".join(_read(name) for name in styles),
        "scripts": "\n".join(_read(name) for name in scripts),
        "facts": written.replace("<", "\\u003c"),  # no tag ends the script that holds it
        "numbers": numbers.text,
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda place: parts[place[1]], _read(markup))


def _read(name: str) -> str:
    return (WEB / name).read_text("utf-8")


def frame(page: str, title: str, height: int) -> str:
    """A page inside another one, such as a notebook."""
    return (
        f'<iframe title="{html.escape(title)}" srcdoc="{html.escape(page)}" '
        f'style="width:100%;height:{height}px;border:0"></iframe>'
    )
