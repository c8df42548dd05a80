"""How text leaves the program, on terminals of any encoding and in files."""

from __future__ import annotations

import io
import os
import sys


def use_utf8() -> None:
    """Have what is redirected be UTF-8 with line feeds on every system, as the commands read it.

    A terminal, and what ``PYTHONIOENCODING`` asks for, keep their encoding. A character that it does not have
    is written as an escape, such as ``\\u2026``: no text can end a command.
    """
    for stream in (sys.stdout, sys.stderr):
        if not isinstance(stream, io.TextIOWrapper):  # a notebook's, say
            continue
        redirected = not stream.isatty() and not os.environ.get("PYTHONIOENCODING")
        stream.reconfigure(encoding="utf-8" if redirected else None, errors="backslashreplace", newline="\n")
