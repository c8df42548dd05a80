"""Saved states: a container that no damage gets through, written so that a crash leaves a whole file.

Version 2, little-endian:

======  ======================================================================================
bytes   what
======  ======================================================================================
8       ``ATC-CY`` and two line ends, which a transfer as text would change
2       the format's version, 2
2       the kind: 1 a stream, 2 a panel stream
4       length of the header
8       length of the payload
…       the header, JSON: config, alert_from, what else the kind needs; float as Python writes it
…       the payload: numbers of eight bytes, as the kind says
4       CRC-32 of all before
======  ======================================================================================

Version 1, which differs in the records of states that a payload has, is read too.
"""

import dataclasses
import json
import os
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, ClassVar, Self
from uuid import uuid4

from .config import ATCConfig
from .errors import StateError

MAGIC = b"ATC-CY\r\n"
VERSION = 2
STREAM, PANEL_STREAM = 1, 2
_FRAME = struct.Struct("<8sHHIQ")
_CRC = struct.Struct("<I")
_KINDS = {STREAM: "Stream", PANEL_STREAM: "PanelStream"}


def pack(kind: int, config: ATCConfig, header: dict[str, Any], payload: bytes) -> bytes:
    """A container."""
    fields = {"config": dataclasses.asdict(config), **header}
    text = json.dumps(fields, separators=(",", ":")).encode()
    body = _FRAME.pack(MAGIC, VERSION, kind, len(text), len(payload)) + text + payload
    return body + _CRC.pack(zlib.crc32(body))


def unpack(kind: int, data: bytes) -> tuple[ATCConfig, dict[str, Any], bytes]:
    """The config, the header and the payload of a container of this kind.

    Raises
    ------
    StateError
        It is no container, is damaged, or is of another version or kind.
    """
    if len(data) < _FRAME.size + _CRC.size or not data.startswith(MAGIC):
        raise StateError(f"no saved state: {len(data)} bytes that do not begin as one")
    _, version, found, header_length, payload_length = _FRAME.unpack_from(data)
    if not 1 <= version <= VERSION:
        raise StateError(
            f"the state is of version {version}, or damaged; this atc_cy reads versions up to {VERSION}"
        )
    if len(data) != _FRAME.size + header_length + payload_length + _CRC.size:
        raise StateError(f"the state is cut off or damaged: {len(data)} bytes are not what it says")
    if zlib.crc32(data[: -_CRC.size]) != _CRC.unpack_from(data, len(data) - _CRC.size)[0]:
        raise StateError("the state is damaged: its checksum is another one")
    if found != kind:
        raise StateError(f"the state is of kind {_KINDS.get(found, found)}, not of {_KINDS[kind]}")
    begin = _FRAME.size
    try:
        header = json.loads(data[begin : begin + header_length])
        config = ATCConfig(**header.pop("config"))
    except (AttributeError, KeyError, OverflowError, RecursionError, TypeError, ValueError) as error:
        raise StateError(f"the state's header is none: {error}") from None
    return config, header, data[begin + header_length : -_CRC.size]


def write(path: str | os.PathLike[str], data: bytes) -> None:
    """Write a file so that a crash leaves the old one or the new one, whole."""
    target = Path(path)
    with NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as file:
        try:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(target)
        except BaseException:
            with suppress(FileNotFoundError):
                Path(file.name).unlink()
            raise
    settle(target.parent)


def settle(path: Path) -> None:
    """Have a file, or a folder's names, outlast a failure of the machine."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A file to write beside `path`: it takes its place when the block ends, and is gone if it fails."""
    part = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


class Saved:
    """What can be saved, loaded and pickled: it packs itself, and is made from what was packed."""

    _KIND: ClassVar[int]

    def to_bytes(self) -> bytes:
        """All of it."""
        raise NotImplementedError

    @classmethod
    def _unpacked(cls, config: ATCConfig, header: dict[str, Any], payload: bytes) -> Self:
        """Made from the parts of a container; errors tell what does not fit."""
        raise NotImplementedError

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """What `to_bytes` wrote, at any CPU level.

        Raises
        ------
        StateError
            The bytes are none of its, or are damaged.
        """
        parts = unpack(cls._KIND, data)
        try:
            return cls._unpacked(*parts)
        except (KeyError, OverflowError, TypeError, ValueError) as error:
            raise StateError(f"the state does not fit together: {error}") from None

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it to a file; a crash leaves the old file or the new one, whole."""
        write(path, self.to_bytes())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """What `save` wrote.

        Raises
        ------
        StateError
            As from `from_bytes`; it names the file.
        """
        try:
            return cls.from_bytes(Path(path).read_bytes())
        except StateError as error:
            raise StateError(f"{path}: {error}") from None

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).from_bytes, (self.to_bytes(),)
