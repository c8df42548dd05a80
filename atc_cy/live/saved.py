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

Version 1 is read too; it has other records of states in its payload.
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
        raise StateError(f"not a saved state: its {len(data)} bytes do not begin like one")
    version, found, header_length, payload_length = frame
    if not 1 <= version <= VERSION:
        raise StateError(
            f"the state is of version {version}, or damaged; this atc_cy reads versions up to {VERSION}: "
            "update atc_cy, or use another file"
        )
    body = _CONTAINER.body(data)
    if len(body) != header_length + payload_length:
        raise StateError(f"the state is cut off or damaged: its header does not fit its {len(data)} bytes")
    if not _CONTAINER.is_intact(data):
        raise StateError("the state is damaged: its checksum is wrong")
    if found != kind:
        raise StateError(f"the state is that of a {_KINDS.get(found, found)}, not of a {_KINDS[kind]}")
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
        """The whole state, as a container.

        Returns
        -------
        bytes

        Examples
        --------
        >>> data = atc_cy.Stream().to_bytes()
        >>> data[:6]
        b'ATC-CY'
        """
        raise NotImplementedError

    @classmethod
    def _unpacked(cls, config: ATCConfig, header: dict[str, Any], payload: bytes) -> Self:
        """Make one from the parts of a container.

        A KeyError, OverflowError, TypeError or ValueError says what does not fit.
        """
        raise NotImplementedError

    @classmethod
    def from_bytes(cls, data: bytes | bytearray | memoryview) -> Self:
        """A stream from the bytes that `to_bytes` returned, on this machine or another one.

        Parameters
        ----------
        data
            The bytes.

        Returns
        -------
        Stream or PanelStream

        Raises
        ------
        TypeError
            `data` is not bytes.
        StateError
            The bytes are not a state of this kind, or are damaged.

        Examples
        --------
        >>> data = atc_cy.PanelStream(["BTC", "ETH"]).to_bytes()
        >>> atc_cy.PanelStream.from_bytes(data).symbols
        ['BTC', 'ETH']
        """
        if not isinstance(data, bytes | bytearray | memoryview):
            raise TypeError(f"data must be bytes, as to_bytes returns them, not {type(data).__name__}")
        parts = unpack(cls._KIND, bytes(data))
        try:
            return cls._unpacked(*parts)
        except (KeyError, OverflowError, TypeError, ValueError) as error:
            raise StateError(f"the parts of the state do not fit together: {error}") from None

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the state to a file. After a crash the file is the old one or the new one, whole.

        Parameters
        ----------
        path
            The file; an existing one is replaced.

        Raises
        ------
        OSError
            The file cannot be written.

        Examples
        --------
        >>> stream = atc_cy.Stream(La=0.05)
        >>> _ = stream.update(1.1172)
        >>> stream.save("usd.state")
        """
        write(path, self.to_bytes())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read a file that `save` wrote.

        Parameters
        ----------
        path
            The file.

        Returns
        -------
        Stream or PanelStream

        Raises
        ------
        OSError
            The file cannot be read.
        StateError
            As from `from_bytes`; the message names the file.

        Examples
        --------
        >>> stream = atc_cy.Stream(La=0.05)
        >>> _ = stream.update(1.1172)
        >>> stream.save("usd.state")
        >>> atc_cy.Stream.load("usd.state").last_bar
        (1.1172, 1.1172)
        """
        try:
            return cls.from_bytes(Path(path).read_bytes())
        except StateError as error:
            raise StateError(f"{path}: {error}") from None

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).from_bytes, (self.to_bytes(),)
