"""Where a watch prints its events: standard output, or a file that can be cut to an earlier length."""

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from ..files.locks import lock
from ..text import price_text, printable
from .bars import Event
from .locks import alone

COLUMNS = "{:<12} {:<25} {:<5} {:>19} {:>14}"
"""The columns of a table of 79 characters, with room for ten digits of a price above 0.00000001."""


class Printed(NamedTuple):
    """An event that was printed."""

    begin: int | None
    """Where it begins in the output file; None if it cannot be taken back."""
    length: int


class Output:
    """Where events are printed: standard output, or the end of a file.

    show: prints a line if there is no path; by default on standard output.
    """

    def __init__(self, path: Path | None, form: str, show: Callable[[str], None] | None = None) -> None:
        self.path = None if path is None else path.resolve()
        self.form = form
        self.exact = self.path is not None and (self.path.is_file() or not self.path.exists())
        """Whether it is a regular file, which can be cut to an earlier length."""
        self._opened: BinaryIO | None = None
        self._file: BinaryIO
        if self.path is None:
            self._file = sys.stdout.buffer
        self._show = show if path is None else None

    def open(self, remembered: Mapping[str, Any] | None) -> None:
        """Open the output, and remove from a file what was printed after its length was saved.

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
            size = self.path.stat().st_size if self.path.exists() else 0
            if size < length:
                raise ValueError(
                    f"{self.path} has {size} bytes, but had {length} when the state was saved: "
                    "put the old file back, or give another one"
                )
        self._file = self._opened = self.path.open("ab")
        if self.exact:
            with alone(self.path):
                lock(self._file, wait=False)
        if length is not None:
            os.ftruncate(self._file.fileno(), length)

    def place(self) -> dict[str, Any] | None:
        """What `open` needs to remove everything that is printed from now on; None if that is impossible."""
        if not self.exact:
            return None
        os.fsync(self._file.fileno())  # the file must have these bytes when the state says so
        return {"path": str(self.path), "length": os.fstat(self._file.fileno()).st_size}

    def begin(self, *, several: bool = False) -> None:
        """Print the head of a table. several: whether events name the signal that crossed."""
        if self.form == "table" and not (self.exact and os.fstat(self._file.fileno()).st_size):
            head = COLUMNS.format("symbol", "time", "event", "price", "Average Signal")
            self._print(head + " from" * several)

    def event(self, event: Event) -> Printed:
        """Print an event."""
        begin = os.fstat(self._file.fileno()).st_size if self.exact else None
        if self.form == "json":
            return Printed(begin, self._print(json.dumps(event.fields())))
        symbol, moment, turn, price, average, alert_from = event
        shown = "" if average is None else f"{average:+.2f}"
        line = COLUMNS.format(symbol, str(moment), turn, price_text(price), shown)
        if alert_from is not None:
            line += f" {alert_from}"
        return Printed(begin, self._print(printable(line)))

    def take_back(self, events: Iterable[Printed]) -> None:
        """Remove events that this run has printed, if the output is a file that can be cut."""
        found = sorted(event for event in events if event.begin is not None)
        if not found or self.path is None:
            return
        first = found[0].begin or 0
        with self.path.open("rb") as file:
            file.seek(first)
            after = file.read()
        kept, at = b"", first
        for begin, length in found:
            kept += after[at - first : (begin or 0) - first]
            at = (begin or 0) + length
        os.ftruncate(self._file.fileno(), first)
        self._file.write(kept + after[at - first :])
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        if self._opened is not None:
            self._opened.close()

    def _print(self, line: str) -> int:
        written = line.encode() + b"\n"
        if self._show is not None:
            self._show(line)
        else:
            self._file.write(written)
            self._file.flush()
        return len(written)
