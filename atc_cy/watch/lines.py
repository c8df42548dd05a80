"""The lines of a feed as they come, from a file that may be replaced or cut while it is followed."""

import codecs
import os
import stat
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import BinaryIO, NamedTuple

from ..files.encoding import encoding_of
from .stop import Stop

POLL = 0.2
"""Seconds after which a feed that has run dry is looked at again."""

_CHUNK = 1 << 16
_TAIL = 64
_MARK = 4
"""Bytes that tell a file's encoding."""


class End(Enum):
    """What comes after a line."""

    LINE_END = "a line end"
    FEED_END = "the end of the feed"
    REPLACED = "another file in the place of this one"
    CUT = "the beginning of the file, which was cut"


class Line(NamedTuple):
    """A line of a feed."""

    number: int
    """From 1, again where the file begins anew."""
    raw: bytes
    """In UTF-8."""
    end: End = End.LINE_END


class _Decoder:
    """Bytes of a file, in the encoding that its beginning tells, as UTF-8."""

    def __init__(self) -> None:
        self._head = b""
        self._encoding: str | None = None
        self._decoder: codecs.IncrementalDecoder | None = None

    def decode(self, chunk: bytes, *, final: bool = False) -> bytes:
        """The next bytes; none as long as the encoding is unknown."""
        if self._encoding is None:
            chunk = self._head = self._head + chunk
            if len(chunk) < _MARK and not final:
                return b""
            self._encoding = encoding_of(chunk[:_MARK])
            if not self._encoding.startswith("utf-8"):
                self._decoder = codecs.getincrementaldecoder(self._encoding)("surrogatepass")
        if self._decoder is None:
            return chunk
        return self._decoder.decode(chunk, final).encode(errors="surrogatepass")


class _Source:
    """A feed's file, or standard input, and how far it was read."""

    def __init__(self, path: Path | None) -> None:
        self.file: BinaryIO = open(0 if path is None else path, "rb", buffering=0, closefd=path is not None)  # noqa: SIM115
        self._path = path
        self._is_regular = stat.S_ISREG(os.fstat(self.file.fileno()).st_mode)
        self._position, self._tail = 0, b""
        self._waited = False

    def read(self, follow: bool) -> tuple[bytes, End | None]:
        """The next bytes, empty where there are none, and whether the file was cut or replaced."""
        chunk = self.file.read(_CHUNK)
        if follow and self._was_cut():
            return b"", End.CUT
        if not chunk:
            return b"", End.REPLACED if follow and self._was_replaced() else None
        self._position += len(chunk)
        self._tail = (self._tail + chunk)[-_TAIL:]
        self._waited = False
        return chunk, None

    def _was_cut(self) -> bool:
        """Whether what was read last is no longer there: the file may have grown again since it was cut."""
        if not self._is_regular:
            return False
        place = self._position - len(self._tail)
        return os.pread(self.file.fileno(), len(self._tail), place) != self._tail

    def _was_replaced(self) -> bool:
        if self._path is None:
            return False
        try:
            there = self._path.stat()
        except FileNotFoundError:  # it will come back
            return False
        if not stat.S_ISREG(there.st_mode) or os.path.samestat(there, os.fstat(self.file.fileno())):
            return False
        # Whoever wrote to the old file may be about to finish a line there: it is read once more.
        waited, self._waited = self._waited, True
        return waited


class _Lines:
    """Bytes of one file, cut into lines."""

    def __init__(self) -> None:
        self._decoder = _Decoder()
        self._rest = b""
        self._number = 0

    def whole(self, chunk: bytes) -> Iterator[Line]:
        """The lines that end in the next bytes."""
        yield from self._split(self._decoder.decode(chunk))

    def rest(self, end: End) -> Iterator[Line]:
        """What is left where there are no more bytes; the last one is empty where the file has a line end."""
        yield from self._split(self._decoder.decode(b"", final=True))
        yield Line(self._number + 1, self._rest, end)

    def _split(self, text: bytes) -> Iterator[Line]:
        *whole, self._rest = (self._rest + text).split(b"\n")
        for raw in whole:
            self._number += 1
            yield Line(self._number, raw)


def read_lines(path: Path | None, follow: bool, stop: Stop) -> Iterator[Line | None]:
    """The feed's lines; None whenever there is nothing more yet.

    A file that is followed and was replaced or cut is read from its first line again. What stands before that
    without a line end, maybe nothing, is a line whose end is `REPLACED` or `CUT`.
    """
    source, lines = _Source(path), _Lines()
    follow = follow and path is not None
    try:
        while not stop.signal:
            if not stop.wait(POLL, source.file):
                yield None
                continue
            chunk, end = source.read(follow)
            if chunk:
                yield from lines.whole(chunk)
            elif end is not None and (anew := _opened_anew(path)) is not None:
                yield from lines.rest(end)
                source.file.close()
                source, lines = anew, _Lines()
            elif follow:
                yield None
                stop.wait(POLL)
            else:
                yield from lines.rest(End.FEED_END)
                return
    finally:
        source.file.close()


def _opened_anew(path: Path | None) -> _Source | None:
    try:
        return _Source(path)
    except FileNotFoundError:  # it will come back
        return None
