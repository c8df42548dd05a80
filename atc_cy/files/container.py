"""A checksummed container: a frame that begins with a magic, a body, and a CRC-32 of both at the end."""

import struct
import zlib
from typing import Any, NamedTuple

_CRC = struct.Struct("<I")


class Container(NamedTuple):
    """One kind of container.

    Examples
    --------
    >>> kind = Container(b"EXAMPLE!", struct.Struct("<8sI"))
    >>> data = kind.seal(b"body", 7)
    >>> kind.fields(data), kind.is_intact(data), kind.body(data)
    ((7,), True, b'body')
    """

    magic: bytes
    frame: struct.Struct
    """What a container begins with: the magic, then other fields."""

    def seal(self, body: bytes, *fields: Any) -> bytes:
        """A whole container."""
        data = self.frame.pack(self.magic, *fields) + body
        return data + _CRC.pack(zlib.crc32(data))

    def fields(self, data: bytes) -> tuple[Any, ...] | None:
        """The frame's fields after the magic; None if this is no such container, or its frame is cut off."""
        if len(data) < self.frame.size + _CRC.size or not data.startswith(self.magic):
            return None
        return self.frame.unpack_from(data)[1:]

    def is_intact(self, data: bytes) -> bool:
        """Whether the checksum at the end is that of all bytes before it."""
        return bool(zlib.crc32(data[: -_CRC.size]) == _CRC.unpack_from(data, len(data) - _CRC.size)[0])

    def body(self, data: bytes) -> bytes:
        """What is between the frame and the checksum."""
        return data[self.frame.size : -_CRC.size]
