"""Colours, themes and sizes of charts."""

THEMES = ("auto", "light", "dark")
"""The first is what the reader's system prefers."""
BULL, BEAR = "#4caf50", "#ff5252"
"""Pine's green and red, which the published script begins with."""
WIDTH, HEIGHT, HEIGHT_OF_SIGNALS = 1280, 900, 420
"""Of a picture and a frame, in pixels; the last is that of signals alone."""
