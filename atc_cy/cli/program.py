"""The program: its commands, and how it ends.

This module is not called `main`, because `atc_cy.cli.main` is the function.
"""

from __future__ import annotations

import argparse
import errno
import os
import sys
import traceback
from collections.abc import Sequence
from contextlib import nullcontext
from functools import cache

from .._version import __version__
from ..errors import ATCError
from ..text import problem_of
from . import (
    bench,
    chart,
    completion,
    compute,
    dataset,
    datasets,
    doctor,
    fetch,
    hot,
    preset,
    presets,
    scan,
    sweep,
    verify_chart,
    watch,
)
from .common import FAILED, OK, warn
from .console import open_streams, use_utf8
from .options import Commands, Parser, add_debug

COMMANDS = (
    *(scan, chart, sweep, compute, watch, fetch, verify_chart, datasets, dataset),
    *(presets, hot, preset, bench, doctor),
)
"""The commands in the order of the help. Each module has a function `add_command`."""

INTERRUPTED = 130
"""The exit code after Ctrl-C, by the rule of shells: 128 plus the number of the signal."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `atc-cy` and return the exit code.

    Parameters
    ----------
    arguments
        The arguments after the program's name; None for those of this process.

    Raises
    ------
    SystemExit
        The arguments are wrong (code 2), or ask for help or the version (code 0).

    Examples
    --------
    >>> main(["preset", "check", "no-such.toml"])  # the error itself goes to standard error
    1
    """
    open_streams()
    use_utf8()
    debug = False
    try:
        options = _parsed(arguments)
        debug = options.debug
        with _recording(options):
            code: int = options.run(options)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        return _without_reader()
    except KeyboardInterrupt:
        return INTERRUPTED
    except (OSError, TypeError, ValueError, ImportError, MemoryError, ATCError) as error:
        if isinstance(error, OSError) and _is_broken_pipe(error):
            return _without_reader()
        if debug:
            traceback.print_exc()
        warn(_line_of(error))
        return FAILED


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    try:
        options, unknown = parser().parse_known_args(arguments)
        if unknown:
            options.refuse(unknown)
        return options
    finally:
        sys.stdout.flush()  # --help ends the process: report an error of printing it like that of a command


def _line_of(error: Exception) -> str:
    """The line that reports an error which ends the program."""
    if isinstance(error, MemoryError):
        return "there is too little memory: give fewer bars or symbols at a time"
    if isinstance(error, OSError) and error.errno == errno.EBADF and error.filename is None:
        _without_reader()  # otherwise the stream would fail again when the process ends
        return "standard output: it is closed"
    return problem_of(error)


def _is_broken_pipe(error: OSError) -> bool:
    """Whether this is how Windows reports that the reader of standard output is gone."""
    return os.name == "nt" and error.errno == errno.EINVAL and error.filename is None


def _without_reader() -> int:
    """End without an error: the reader, such as `head`, has closed the pipe."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return OK


@cache
def parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    program = Parser(
        "atc-cy",
        description="Adaptive Trend Classification, exact to the last bit.",
        epilog="Begin with: atc-cy scan. The options of a command: atc-cy COMMAND --help",
    )
    program.add_argument("--version", action="version", version=f"atc-cy {__version__}")
    add_debug(program, default=False)
    commands = Commands(program.add_subparsers(required=True, metavar="COMMAND"))
    for command in COMMANDS:
        command.add_command(commands)
    completion.add_command(commands, program)
    return program


def _recording(options: argparse.Namespace) -> nullcontext[None]:
    """Record what kernels do, if --record asks for it."""
    if getattr(options, "record", None) is None:
        return nullcontext()
    from ..hotpaths import record

    return record(options.record)  # type: ignore[return-value]
