"""The command line, run as a process."""

import csv
import io
import subprocess
import sys
from pathlib import Path

PROGRAM = str(Path(sys.executable).with_name("atc-cy"))
"""The entry point, beside the Python that runs the tests."""


def atc_cy(*arguments: object, code: int = 0) -> "subprocess.CompletedProcess[str]":
    """Run `atc-cy`; it must end with this exit code."""
    # -P: what is installed, not what lies in the folder that the tests are run in.
    command = [sys.executable, "-P", "-m", "atc_cy", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done


def rows_of(text: str) -> list[dict[str, str]]:
    """The rows of a CSV table."""
    return list(csv.DictReader(io.StringIO(text)))
