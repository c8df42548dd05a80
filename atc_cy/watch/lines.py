"""The lines of a feed as they come; a file may be replaced or cut while it is followed."""

import os
import re
import stat
import time
from collections.abc import Iterator
from concurrent.futures import Future
from enum import Enum
from pathlib import Path
from threading import Thread
from typing import BinaryIO, NamedTuple

from ..files.shared import open_shared
from .decoder import Decoder
from .stop import Stop

POLL = 0.2
"""Seconds after which a feed without new bytes is looked at again."""

LONGEST_LINE = 1 << 22
"""How many bytes a line may have: a feed in which no line ends would fill the memory."""

_CHUNK = 1 << 16
_TAIL = 64
_FIRST_LINE_END = re.compile(rb"\r?\n|\r(?=[^\n])")
"""A carriage return alone ends a line if something other than a line feed follows."""


class End(Enum):
    """What comes after a line."""

    LINE_END = "a line end"
    FEED_END = "the end of the feed"
    REPLACED = "another file in the place of this one"
    CUT = "the beginning of the file, which was cut"


class Line(NamedTuple):
    """A line of a feed."""

    number: int
    """From 1; it starts again when the file begins again."""
    raw: bytes
    """In UTF-8; bytes that were not text in the feed's encoding are not valid here either."""
    end: End = End.LINE_END


class LongLineError(ValueError):
    """A line does not end."""


class _Source:
    """A feed's file, or standard input, and how far it has been read."""

    def __init__(self, path: Path | None) -> None:
        self.file: BinaryIO
        if path is None:
            self.file = open(0, "rb", buffering=0, closefd=False)  # noqa: SIM115 - closed by `close`
        else:
            self.file = open_shared(path)
        self._path = path
        self._is_regular = stat.S_ISREG(os.fstat(self.file.fileno()).st_mode)
        self._position, self._tail = 0, b""
        self._waited = False
        self._coming: Future[bytes] | None = None
        """What a thread reads from a pipe or a terminal; None if no thread reads."""

    def is_ready(self, stop: Stop) -> bool:
        """Whether bytes, or the end, can be read; waits a while for them, or for a stop.

        A file is always ready. A thread reads a pipe or a terminal: not every system can wait for these.
        """
        if self._is_regular:
            return True
        if self._coming is None:
            self._coming = Future()
            Thread(target=self._read_on_thread, args=(self._coming, stop), daemon=True).start()
        end = time.monotonic() + POLL
        while not self._coming.done() and not stop.signal and (left := end - time.monotonic()) > 0:
            stop.wait(left)
        return self._coming.done()

    def _read_on_thread(self, coming: "Future[bytes]", stop: Stop) -> None:
        try:
            coming.set_result(self.file.read(_CHUNK))
        except (OSError, ValueError) as error:
            coming.set_exception(error)
        stop.wake()

    def read(self, follow: bool) -> tuple[bytes, End | None]:
        """The next bytes, if any, and whether the file was cut or replaced."""
        if self._is_regular:
            chunk = self.file.read(_CHUNK)
        else:
            assert self._coming is not None
            chunk, self._coming = self._coming.result(), None
        if follow and self._was_cut():
            return b"", End.CUT
        if not chunk:
            return b"", End.REPLACED if follow and self._was_replaced() else None
        self._position += len(chunk)
        self._tail = (self._tail + chunk)[-_TAIL:]
        self._waited = False
        return chunk, None

    def close(self) -> None:
        """Close the file, unless a thread still reads from it: the thread ends with the process."""
        if self._coming is None or self._coming.done():
            self.file.close()

    def _was_cut(self) -> bool:
        """Whether the bytes read last have gone; a file that was cut may have grown again."""
        if not self._is_regular:
            return False
        place = self.file.tell()
        self.file.seek(self._position - len(self._tail))
        try:
            return self.file.read(len(self._tail)) != self._tail
        finally:
            self.file.seek(place)

    def _was_replaced(self) -> bool:
        if self._path is None:
            return False
        try:
            current = self._path.stat()
        except FileNotFoundError:  # it will come back
            return False
        if not stat.S_ISREG(current.st_mode) or os.path.samestat(current, os.fstat(self.file.fileno())):
            return False
        # A program may be about to finish a line of the old file: that file is read one more time.
        waited, self._waited = self._waited, True
        return waited


class _Lines:
    """Cuts the bytes of one file into lines.

    before: the lines of the file before it was replaced or cut.
    """

    def __init__(self, before: "_Lines | None" = None) -> None:
        self._decoder: Decoder = Decoder(None if before is None else before._decoder)
        self._rest = b""
        self._number = 0
        self._line_end = b""
        """The line end that the file uses; empty until the first one has come."""

    def whole(self, chunk: bytes) -> Iterator[Line]:
        """The lines that end in the next bytes."""
        yield from self._split(self._decoder.decode(chunk))

    def rest(self, end: End) -> Iterator[Line]:
        """The rest when no more bytes come; its last line is empty if the file ends with a line end."""
        yield from self._split(self._decoder.rest())
        yield Line(self._number + 1, self._rest, end)

    def _split(self, text: bytes) -> Iterator[Line]:
        text = self._rest + text
        if not self._line_end and (found := _FIRST_LINE_END.search(text)) is not None:
            self._line_end = found[0][-1:]
        *whole, self._rest = text.split(self._line_end or b"\n")
        for raw in whole:
            self._number += 1
            yield Line(self._number, raw)
        if len(self._rest) > LONGEST_LINE:
            raise LongLineError(
                f"line {self._number + 1}: it has more than {LONGEST_LINE >> 20} MiB and no line end: give "
                "each row its own line"
            )


def read_lines(path: Path | None, follow: bool, stop: Stop) -> Iterator[Line | None]:
    """The feed's lines; None whenever no more has come yet.

    A followed file that was replaced or cut is read from its first line again. Before that, the rest of the
    old file without a line end, which may be empty, is yielded as a line whose end is `REPLACED` or `CUT`.

    Raises
    ------
    OSError
        The file cannot be read.
    LongLineError
        A line has more than `LONGEST_LINE` bytes.
    """
    source, lines = _Source(path), _Lines()
    follow = follow and path is not None
    try:
        while not stop.signal:
            if not source.is_ready(stop):
                yield None
                continue
            chunk, end = source.read(follow)
            if chunk:
                yield from lines.whole(chunk)
            elif end is not None and (reopened := _reopened(path)) is not None:
                yield from lines.rest(end)
                source.close()
                source, lines = reopened, _Lines(lines)
            elif follow:
                yield None
                stop.wait(POLL)
            else:
                yield from lines.rest(End.FEED_END)
                return
    finally:
        source.close()


def _reopened(path: Path | None) -> _Source | None:
    try:
        return _Source(path)
    except FileNotFoundError:  # it will come back
        return None
