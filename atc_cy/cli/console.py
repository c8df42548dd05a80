"""Prints text, on terminals of any encoding and to files.

All lines of the command line are printed here, so that no name of a file or a symbol can control the
terminal. `tables` prints tables; both use `printable` of `atc_cy.text`.
"""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

from ..text import printable

GOOD, BAD = "green", "red"
"""The colours of what is right or rises, and of what is wrong or falls."""


def open_streams() -> None:
    """Open the standard streams that the process lacks, before a file gets one of their numbers.

    A missing standard input is then empty, writing to a missing standard output fails, and text for a missing
    standard error is lost.
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
    """Write redirected output as UTF-8 with line feeds on every system, as the commands read it.

    A terminal keeps its encoding, and so does output if ``PYTHONIOENCODING`` is set. A character that the
    encoding does not have is written as an escape, such as ``\\u2026``, so that no text can end a command.
    """
    for stream in (sys.stdout, sys.stderr):
        if not isinstance(stream, io.TextIOWrapper):  # such as a notebook's
            continue
        redirected = not stream.isatty() and not os.environ.get("PYTHONIOENCODING")
        stream.reconfigure(encoding="utf-8" if redirected else None, errors="backslashreplace", newline="\n")


def warn(text: str) -> None:
    """Print a line on standard error: an error, or something that the user should know."""
    print(f"atc-cy: {_lines(text)}", file=sys.stderr)


def log(line: str) -> None:
    """Print a line on standard error as it is, at once: several threads may do so."""
    sys.stderr.write(f"{_lines(line)}\n")
    sys.stderr.flush()


def say(text: str) -> None:
    """Print a line, or several, on standard output."""
    print(_lines(text))


def write_data(text: str) -> None:
    """Write data, such as CSV, to standard output; on a terminal, control characters are escaped."""
    sys.stdout.write(_lines(text) if sys.stdout.isatty() else text)


def mark(right: bool, text: str) -> None:
    """Print a line that begins with a check mark, or with a cross if something is wrong."""
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
    """A new file for a page. It stays when the program ends, because a browser may still read it."""
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
