"""A command on a terminal of this system."""

import os
import re
import struct
import subprocess
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

import pytest

try:
    import fcntl
    import pty
    import termios
except ImportError:
    needs_pty = pytest.mark.skip(reason="this system has no pty")
else:
    needs_pty = pytest.mark.skipif(False, reason="")


class OnTerminal:
    """What a command did on a terminal.

    Parameters
    ----------
    *arguments
        Of `atc-cy`.
    columns
        How wide the terminal is; it has 40 lines.
    errors
        A file for standard error, which is the terminal by default.
    program
        What Python runs, if not `atc-cy`.
    """

    def __init__(
        self,
        *arguments: object,
        columns: int = 80,
        errors: Path | None = None,
        program: Sequence[str] = ("-m", "atc_cy"),
    ) -> None:
        mine, its = pty.openpty()
        fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        kept = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR")}
        with (
            nullcontext() if errors is None else errors.open("wb") as log,
            subprocess.Popen(
                [sys.executable, "-P", *program, *map(str, arguments)],
                stdin=its,
                stdout=its,
                stderr=its if log is None else log,
                env=kept | {"TERM": "xterm-256color"},
                start_new_session=True,
            ) as process,
        ):
            os.close(its)
            self.raw = b"".join(iter(lambda: _read(mine), b"")).decode()
            self.code = process.wait()
        os.close(mine)

    @property
    def text(self) -> str:
        """What was printed, without colours. A line ends where a table is erased, to be drawn again below."""
        lines = re.sub(r"\r?(?:\x1b\[\d*[AK])+", "\n", self.raw)
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", lines).replace("\r", "")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 1 << 16)
    except OSError:  # Linux says so that the command has closed it
        return b""
