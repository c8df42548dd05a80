"""Colours, themes and sizes of pages."""

import re
from typing import Any

from ..text import shown, suggestion

THEMES = ("auto", "light", "dark")
"""The themes; "auto" is the one that the reader's system prefers."""
BULL, BEAR = "#4caf50", "#ff5252"
"""Pine's green and red, the defaults of the published script."""
WIDTH, HEIGHT, HEIGHT_OF_SIGNALS = 1280, 900, 420
"""The size of a picture or a frame in pixels; the last one is the height of signals without prices."""
BARS_OF_SCREENER = 500
"""The default number of bars of each symbol."""
HEIGHT_OF_SCREENER = 640
"""The height of a screener's frame in pixels."""


def checked_look(title: Any, theme: Any, bull: Any, bear: Any) -> dict[str, Any]:
    """The theme and the colours of a page, by their names; its title is text or None.

    Raises
    ------
    TypeError, ValueError
        The title is not text, the theme is unknown, or a colour is not valid.
    """
    if title is not None and not isinstance(title, str):
        raise TypeError(f"title={shown(title)} must be text, or None, not {type(title).__name__}")
    if not isinstance(theme, str) or theme not in THEMES:
        raise ValueError(f"theme={shown(theme)} is unknown; {suggestion(theme, THEMES)}")
    return {"theme": theme, "bull": _colour("bull", bull), "bear": _colour("bear", bear)}


def _colour(name: str, value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch("#[0-9a-fA-F]{6}", value):
        raise ValueError(
            f"{name}={shown(value)} must be a colour such as {BULL!r}: # and six hexadecimal digits"
        )
    return value
