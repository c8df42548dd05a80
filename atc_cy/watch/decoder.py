"""The bytes of a feed in any encoding, converted to UTF-8."""

import codecs

from ..files.encoding import encoding_of

_MARK = 4
"""How many bytes show a file's encoding."""
_SEEN = 64
"""How many bytes show whether a file without a mark continues in the encoding before."""
_TORN = b"\xff"
"""Stands for a part of a character: it is not valid UTF-8, so that its line is not taken for a whole one."""


def _no_text(error: UnicodeError) -> tuple[str, int]:
    """Replace bytes that cannot be decoded by something that is not valid UTF-8 either."""
    assert isinstance(error, UnicodeDecodeError)
    return "\udcff", error.end


_ERRORS = "atc_cy.no_text"
codecs.register_error(_ERRORS, _no_text)


class Decoder:
    """Converts the bytes of a file to UTF-8; the byte order mark shows the encoding.

    Parameters
    ----------
    before
        The decoder of the file before it was replaced or cut. The new content may continue in that encoding
        without a mark. If a program continues at its old position in a file that was cut, NULs come first:
        they are left out.
    """

    def __init__(self, before: "Decoder | None" = None) -> None:
        self._before: str | None = None if before is None else before.encoding or before._before
        self._head = b""
        self.encoding: str | None = None
        """None until enough bytes have come to see the encoding."""
        self._decoder: codecs.IncrementalDecoder | None = None

    def decode(self, chunk: bytes) -> bytes:
        """Convert the next bytes; returns nothing as long as the encoding is unknown."""
        if self.encoding is None:
            self._head = self._without_nuls(self._head + chunk)
            if len(self._head) < _MARK:
                return b""
            chunk = self._begin()
        return self._decoded(chunk)

    def rest(self) -> bytes:
        """What is left when no more bytes come."""
        if self.encoding is None:
            return self._decoded(self._begin()) + self._torn()
        return self._torn()

    def _begin(self) -> bytes:
        """Find the encoding; returns the bytes so far."""
        head, self._head = self._head, b""
        self.encoding = _marked(head[:_MARK])
        if self.encoding == "utf-8" and self._before not in (None, "utf-8") and b"\0" in head[:_SEEN]:
            assert self._before is not None
            self.encoding = self._before
            head = head[_first_whole(head[:_SEEN], self.encoding) :]
        if self.encoding != "utf-8":
            self._decoder = codecs.getincrementaldecoder(self.encoding)(_ERRORS)
        return head

    def _decoded(self, chunk: bytes) -> bytes:
        if self._decoder is None:
            return chunk
        return self._decoder.decode(chunk).encode(errors="surrogatepass")

    def _torn(self) -> bytes:
        return _TORN if self._decoder is not None and self._decoder.getstate()[0] else b""

    def _without_nuls(self, head: bytes) -> bytes:
        if self._before is None or _marked(head[:_MARK]) != "utf-8":
            return head
        nuls = len(head) - len(head.lstrip(b"\0"))
        return head[nuls - nuls % _width(self._before) :]


def _marked(beginning: bytes) -> str:
    """The encoding that the mark shows, with the order of its bytes; UTF-8 if there is no mark."""
    encoding = encoding_of(beginning).removesuffix("-sig")
    if encoding == "utf-8":
        return encoding
    return encoding + ("-le" if beginning.startswith(b"\xff") else "-be")


def _width(encoding: str) -> int:
    """The least number of bytes of a character."""
    return {"utf-16": 2, "utf-32": 4}.get(encoding[:6], 1)


def _first_whole(data: bytes, encoding: str) -> int:
    """Where the first whole character begins: from there, most are ASCII, as dates and prices are."""

    def ascii_from(begin: int) -> int:
        text = data[begin:].decode(encoding, "replace")
        return sum("\0" < character < "\x80" for character in text)

    return max(range(_width(encoding)), key=ascii_from)
