"""How text leaves the program, on terminals of any encoding and in files.

No other module of the command line prints lines by itself, so that no name of a file or a symbol can control
the terminal. `tables` prints tables, and `printable` of `atc_cy.text` is the rule for both.
"""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

from ..text import printable

GOOD, BAD = "green", "red"
"""Colours: of what is right or rises, and of what is wrong or falls."""


def open_streams() -> None:
    """Take the places of the three standard streams where the process has none, before a file does.

    A standard input that was missing is then empty, writing to such a standard output fails, and what goes to
    such a standard error is lost.
    """
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if getattr(sys, name) is not None:
            continue
        opened = os.open(os.devnull, os.O_WRONLY if name == "stderr" else os.O_RDONLY)
        if opened != number:
            os.dup2(opened, number)
            os.close(opened)
        stream = os.fdopen(number, mode, encoding="utf-8", errors="backslashreplace", closefd=False)
        setattr(sys, name, stream)


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


def warn(text: str) -> None:
    """Print a line on standard error: an error, or what a user should know of how a file was read."""
    print(f"atc-cy: {_lines(text)}", file=sys.stderr)


def log(line: str) -> None:
    """Print a line on standard error as it is, at once: several threads may do so."""
    sys.stderr.write(f"{_lines(line)}\n")
    sys.stderr.flush()


def say(text: str) -> None:
    """Print a line, or several, on standard output."""
    print(_lines(text))


def write_data(text: str) -> None:
    """Write data, such as CSV, to standard output: as they are, unless they go to a terminal."""
    sys.stdout.write(_lines(text) if sys.stdout.isatty() else text)


def mark(right: bool, text: str) -> None:
    """Print a line that begins with a mark: whether what it says is right."""
    sign, plain = ("✓", "ok") if right else ("✗", "!!")
    try:
        sign.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        sign = plain
    line = f"{sign} {_lines(text)}"
    if sys.stdout.isatty():
        try:
            from rich.console import Console
        except ImportError:
            pass
        else:
            Console().print(line, style=GOOD if right else BAD, markup=False, highlight=False, soft_wrap=True)
            return
    print(line)


def temporary_page(name: str) -> Path:
    """A new file for a page. It stays when the program ends, as a browser may still read it."""
    import tempfile

    plain = "".join(character if character.isalnum() else "-" for character in name)
    return Path(tempfile.mkdtemp(prefix="atc-cy-")) / f"{plain[:100]}.html"


def open_page(path: Path) -> None:
    """Open a page in the browser: that of the environment variable BROWSER, or the system's.

    Raises
    ------
    OSError
        There is none.
    """
    import webbrowser

    if not webbrowser.open(path.resolve().as_uri()):
        raise OSError(f"there is no browser that can be started: set BROWSER, or open {path} yourself")


def _lines(text: str) -> str:
    return "\n".join(map(printable, text.split("\n")))
