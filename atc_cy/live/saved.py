"""Saved states: a checksummed container, written so that a crash leaves the old file or the new one.

Version 2, little-endian:

======  ======================================================================================
bytes   what
======  ======================================================================================
8       ``ATC-CY`` and two line ends, which a transfer as text would change
2       the format's version, 2
2       the kind: 1 a stream, 2 a panel stream
4       length of the header
8       length of the payload
…       the header, JSON: config, alert_from, and fields of the kind; floats as Python writes them
…       the payload: numbers of eight bytes, as the kind says
4       CRC-32 of everything before it
======  ======================================================================================

Version 1, which differs in the records of states that a payload has, is read too.
"""

import dataclasses
import json
import os
import struct
from pathlib import Path
from typing import Any, ClassVar, Self

from ..config import ATCConfig
from ..errors import StateError
from ..files.atomic import write
from ..files.container import Container

MAGIC = b"ATC-CY\r\n"
VERSION = 2
STREAM, PANEL_STREAM = 1, 2
_CONTAINER = Container(MAGIC, struct.Struct("<8sHHIQ"))
_KINDS = {STREAM: "Stream", PANEL_STREAM: "PanelStream"}


def pack(kind: int, config: ATCConfig, header: dict[str, Any], payload: bytes) -> bytes:
    """A container with this config, header and payload."""
    fields = {"config": dataclasses.asdict(config), **header}
    text = json.dumps(fields, separators=(",", ":")).encode()
    return _CONTAINER.seal(text + payload, VERSION, kind, len(text), len(payload))


def unpack(kind: int, data: bytes) -> tuple[ATCConfig, dict[str, Any], bytes]:
    """The config, the header and the payload of a container of this kind.

    Raises
    ------
    StateError
        The bytes are not a container, are damaged, or are of another version or kind.
    """
    frame = _CONTAINER.fields(data)
    if frame is None:
        raise StateError(f"no saved state: {len(data)} bytes that do not begin as one")
    version, found, header_length, payload_length = frame
    if not 1 <= version <= VERSION:
        raise StateError(
            f"the state is of version {version}, or damaged; this atc_cy reads versions up to {VERSION}"
        )
    body = _CONTAINER.body(data)
    if len(body) != header_length + payload_length:
        raise StateError(f"the state is cut off or damaged: {len(data)} bytes do not fit its header")
    if not _CONTAINER.is_intact(data):
        raise StateError("the state is damaged: its checksum does not match")
    if found != kind:
        raise StateError(f"the state is of kind {_KINDS.get(found, found)}, not of {_KINDS[kind]}")
    try:
        header = json.loads(body[:header_length])
        config = ATCConfig(**header.pop("config"))
    except (AttributeError, KeyError, OverflowError, RecursionError, TypeError, ValueError) as error:
        raise StateError(f"the state's header cannot be read: {error}") from None
    return config, header, body[header_length:]


class Saveable:
    """A stream that can be saved, loaded and pickled.

    A subclass writes itself with `to_bytes`, and `_unpacked` makes it from the parts of the container.
    """

    _KIND: ClassVar[int]

    def to_bytes(self) -> bytes:
        """The whole state, as a container."""
        raise NotImplementedError

    @classmethod
    def _unpacked(cls, config: ATCConfig, header: dict[str, Any], payload: bytes) -> Self:
        """Make one from the parts of a container.

        A KeyError, OverflowError, TypeError or ValueError says what does not fit.
        """
        raise NotImplementedError

    @classmethod
    def from_bytes(cls, data: bytes | bytearray | memoryview) -> Self:
        """Read what `to_bytes` wrote, at any CPU level.

        Raises
        ------
        TypeError
            They are no bytes.
        StateError
            The bytes are not a state of this kind, or are damaged.
        """
        if not isinstance(data, bytes | bytearray | memoryview):
            raise TypeError(f"data must be bytes, as to_bytes returns them, not {type(data).__name__}")
        parts = unpack(cls._KIND, bytes(data))
        try:
            return cls._unpacked(*parts)
        except (KeyError, OverflowError, TypeError, ValueError) as error:
            raise StateError(f"the state does not fit together: {error}") from None

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the state to a file; a crash leaves the old file or the new one, whole."""
        write(path, self.to_bytes())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read what `save` wrote.

        Raises
        ------
        StateError
            As from `from_bytes`; the message names the file.
        """
        try:
            return cls.from_bytes(Path(path).read_bytes())
        except StateError as error:
            raise StateError(f"{path}: {error}") from None

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).from_bytes, (self.to_bytes(),)
