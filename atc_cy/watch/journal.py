"""What a watch has done since its state was saved and cannot take back: events printed, alerts sent.

Saving a whole state takes some milliseconds, a line of the journal some microseconds. The journal is a hidden
file next to the state. Its first line is the checksum of the state that it continues, so that it is not used
with another state; each further line is an act, as JSON. If the process is killed, the journal stays, and the
next run does not repeat these acts.
"""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from ..files.hidden import beside

PRINTED = "printed"
"""The kind of an act: an event was printed where it cannot be taken back."""


class Act(NamedTuple):
    """Something that was done for an event."""

    kind: str
    """`PRINTED`, or the channel by which an alert was sent."""
    symbol: str
    instant: int
    """The time of the event's bar, in nanoseconds since 1970."""
    id: str
    """The id of the event."""


class Journal:
    """The acts since a state was saved.

    path: the state's file; None if there is none, so that nothing is noted.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = None if path is None else beside(path, ".journal")
        self._mark = b""
        """The first line."""
        self._continues = False
        """Whether the file belongs to this state already."""
        self._file: int | None = None
        self._lock = Lock()
        self._earlier: dict[tuple[str, str], Act] = {}
        """Acts of earlier runs, for events that the feed may still repeat."""

    @property
    def is_kept(self) -> bool:
        """Whether there is a state that another run can resume."""
        return self._path is not None

    def load(self, state: bytes, saved: Iterable[Act]) -> None:
        """Load the acts that a state has, and those after it."""
        self._mark = _mark(state)
        self._earlier = {(act.kind, act.id): act for act in (*saved, *self._lines())}

    def _lines(self) -> list[Act]:
        assert self._path is not None
        try:
            first, *lines = self._path.read_bytes().split(b"\n")
        except FileNotFoundError:
            return []
        if first != self._mark:
            return []
        self._continues = True
        acts = []
        for line in lines:
            try:
                acts.append(Act(*json.loads(line)))
            except (ValueError, TypeError):
                continue  # the line is empty, or the machine failed while it was written
        return acts

    def has(self, kind: str, event: str) -> bool:
        """Whether an earlier run has done this for an event. event: its id."""
        return (kind, event) in self._earlier

    def note(self, act: Act) -> None:
        """Note an act that has just been done.

        Raises
        ------
        OSError
            The journal cannot be written.
        """
        if self._path is None:
            return
        line = json.dumps(act).encode() + b"\n"
        with self._lock:
            if self._file is None:
                flags = os.O_CREAT | os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0)
                flags |= 0 if self._continues else os.O_TRUNC
                self._file = os.open(self._path, flags, 0o600)
                line = (b"" if self._continues else self._mark) + b"\n" + line
                self._continues = True
            os.write(self._file, line)

    def pack(self, instants: Mapping[str, int]) -> list[Act]:
        """The acts to save in a state: those for events of bars that the state has not seen.

        instants: the time of each symbol's last bar.
        """
        self._earlier = {
            key: act
            for key, act in self._earlier.items()
            if act.symbol not in instants or act.instant > instants[act.symbol]
        }
        return [*self._earlier.values()]

    def restart(self, state: bytes) -> None:
        """Begin an empty journal: a state was saved that has all acts so far."""
        self._mark = _mark(state)
        self._continues = False
        self.close()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._file is not None:
                os.close(self._file)
                self._file = None

    def remove(self) -> None:
        """Remove the file if it is closed: the state has all of its acts."""
        if self._path is not None and self._file is None:
            self._path.unlink(missing_ok=True)


def _mark(state: bytes) -> bytes:
    """The checksum at the end of a state, as text; a CRC over the whole state would always be the same."""
    return state[-4:].hex().encode()
