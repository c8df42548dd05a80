"""Where a watch prints its events: standard output, or a file that can be cut to an earlier length."""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from ..files.locks import lock
from .bars import Event
from .locks import alone


class Output:
    """Where events are printed: standard output, or the end of a file."""

    def __init__(self, path: Path | None, form: str) -> None:
        self.path = None if path is None else path.resolve()
        self.form = form
        self.exact = self.path is not None and (self.path.is_file() or not self.path.exists())
        """Whether it is a regular file, which can be cut to an earlier length."""
        self._file: BinaryIO = sys.stdout.buffer

    def open(self, remembered: Mapping[str, Any] | None) -> None:
        """Open it, and take back what was printed after its place was remembered.

        Raises
        ------
        ValueError
            The file has become shorter, or another process uses it.
        """
        if self.path is None:
            return
        length = None
        if remembered is not None and remembered["path"] == str(self.path):
            length = remembered["length"]
            there = self.path.stat().st_size if self.path.exists() else 0
            if there < length:
                raise ValueError(
                    f"{self.path} has {there} bytes, but the state remembers {length}: "
                    "put the file back, or give another one"
                )
        self._file = self.path.open("ab")
        if self.exact:
            with alone(self.path):
                lock(self._file, wait=False)
        if length is not None:
            os.ftruncate(self._file.fileno(), length)

    def place(self) -> dict[str, Any] | None:
        """What `open` has to know to take back everything that is printed from now on."""
        if not self.exact:
            return None
        os.fsync(self._file.fileno())  # what the state remembers must be there
        return {"path": str(self.path), "length": os.fstat(self._file.fileno()).st_size}

    def begin(self) -> None:
        """Print the head of a table."""
        if self.form == "table" and not (self.exact and os.fstat(self._file.fileno()).st_size):
            self._print(f"{'symbol':<12} {'time':<25} {'event':<5} {'price':>14} {'Average Signal':>14}")

    def event(self, event: Event) -> None:
        """Print an event."""
        if self.form == "json":
            self._print(json.dumps(event._asdict()))
        else:
            symbol, moment, turn, price, average = event
            shown = "" if average is None else f"{average:+.2f}"
            self._print(f"{symbol:<12} {moment!s:<25} {turn:<5} {price:>14.10g} {shown:>14}")

    def close(self) -> None:
        """Close the file."""
        if self._file is not sys.stdout.buffer:
            self._file.close()

    def _print(self, line: str) -> None:
        self._file.write(line.encode() + b"\n")
        self._file.flush()
