"""The command line: as a process of its own, and within this one, which is faster."""

import csv
import io
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from atc_cy.cli import main

PROGRAM = str(Path(sys.executable).with_name("atc-cy"))
"""The entry point, beside the Python that runs the tests."""


def atc_cy_process(*arguments: object, code: int = 0) -> "subprocess.CompletedProcess[str]":
    """Run `atc-cy` as a process; it must end with this exit code."""
    # -P: what is installed, not what lies in the folder that the tests are run in.
    command = [sys.executable, "-P", "-m", "atc_cy", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done


def atc_cy(*arguments: object, code: int = 0) -> "subprocess.CompletedProcess[str]":
    """Run `atc-cy` within this process, which has no standard input; it must end with this exit code."""
    words = [*map(str, arguments)]
    with redirect_stdout(_pipe()) as output, redirect_stderr(_pipe()) as errors:
        try:
            ended = main(words)
        except SystemExit as end:
            ended = int(end.code or 0)
    done = subprocess.CompletedProcess(words, ended, _text(output), _text(errors))
    assert done.returncode == code, done.stdout + done.stderr
    return done


def _pipe() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8")


def _text(stream: io.TextIOWrapper) -> str:
    """What was written, with the line ends of Python."""
    stream.flush()
    written = stream.buffer.getvalue().decode()  # type: ignore[attr-defined]
    return io.StringIO(written, newline=None).read()


def rows_of(text: str) -> list[dict[str, str]]:
    """The rows of a CSV table."""
    return list(csv.DictReader(io.StringIO(text)))
