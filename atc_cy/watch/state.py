"""The state of a watch: what is in its file, and how the file is replaced.

Version 1 is a checksummed container (`atc_cy.files.container`). Its frame, little-endian, is ``ATCWATCH``,
the version and the header's length (4 bytes each). The header is JSON: config, alert_from, source, output
(the path of the output file and the length that it had), and symbols, a list of [name, time of the last bar
as the feed gave it, the same in microseconds since 1970, length of its stream]. The streams follow, one
after the other, as `Stream.to_bytes` writes them; each one also has the close and the src of its last bar.
"""

import dataclasses
import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ..config import ATCConfig, checked_integer
from ..errors import StateError
from ..files.atomic import replaced, write
from ..files.container import Container
from ..files.locks import LockFile
from ..files.times import instant
from ..live.stream import Stream
from ..text import shown
from .locks import alone

VERSION = 1
_LATEST = 2**63 // 1_000
"""In microseconds since 1970; the same before it."""
_CONTAINER = Container(b"ATCWATCH", struct.Struct("<8sII"))


class StateFile:
    """A file that is replaced whole, and that one process at a time may use."""

    def __init__(self, path: Path) -> None:
        self.path = replaced(path)
        self._lock = LockFile(self.path)

    def read(self) -> bytes | None:
        """What is in it; None if it is not there yet.

        Raises
        ------
        ValueError
            Another process uses it.
        OSError
            It cannot be read, or its folder cannot be written.
        """
        with alone(self.path):
            self._lock.acquire()
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return None

    def write(self, data: bytes) -> None:
        """Replace it; a crash leaves the old file or the new one."""
        with alone(self.path):
            self._lock.acquire()
        write(self.path, data)

    def close(self) -> None:
        """Leave it to others."""
        self._lock.release()


class Followed(NamedTuple):
    """A symbol's stream, and its last bar."""

    stream: Stream
    time: str | int | float
    """Of the last bar, as the feed gave it."""
    instant: int
    """The same in nanoseconds since 1970."""
    last_event: int | None = None
    """The number of the bar of the last event, from 1; None: this run has seen none. No state has it."""


class Origin(NamedTuple):
    """What the numbers of a state were computed with: a run that takes it up must have the same."""

    config: ATCConfig
    alert_from: str
    source: str | None
    """Such as "binance 1h"; None for a feed, which goes with any other."""
    resample: str | None
    """The higher timeframe that bars are made of; None: rows are bars."""
    src: str | None = None
    """What the averages run on, if the user says so."""


class StateContent(NamedTuple):
    """What a state file has."""

    source: str | None
    output: Mapping[str, Any] | None
    """What `Output.place` returned."""
    symbols: dict[str, Followed]


def pack_state(
    origin: Origin,
    output: Mapping[str, Any] | None,
    symbols: Mapping[str, Followed],
    packed: Mapping[str, bytes],
) -> bytes:
    """The bytes of a state file; `packed` has the bytes of each symbol's stream."""
    header = {
        "config": dataclasses.asdict(origin.config),
        "alert_from": origin.alert_from,
        "source": origin.source,
        "resample": origin.resample,
        "src": origin.src,
        "output": output,
        "symbols": [
            (symbol, followed.time, followed.instant // 1_000, len(packed[symbol]))
            for symbol, followed in symbols.items()
        ],
    }
    text = json.dumps(header).encode()
    return _CONTAINER.seal(text + b"".join(packed[symbol] for symbol in symbols), VERSION, len(text))


def unpack_state(path: Path, data: bytes, origin: Origin) -> StateContent:
    """What `pack_state` packed.

    Raises
    ------
    StateError
        It is damaged, or was saved with another config, `alert_from` or source; the message names `path`.
    """
    fields = _CONTAINER.fields(data)
    if fields is None:
        raise StateError(f"{path} is no state of atc-cy watch, or was cut off; give another file")
    version, length = fields
    if version != VERSION:
        raise StateError(f"{path} is of version {version}, or damaged; this atc-cy reads {VERSION}")
    if not _CONTAINER.is_intact(data):
        raise StateError(f"{path} is damaged, its checksum is wrong: put a whole one back or remove it")
    body = _CONTAINER.body(data)
    try:
        header = json.loads(body[:length])
        _check_header(header, len(body) - length)
    except (KeyError, RecursionError, TypeError, ValueError) as error:
        raise StateError(f"{path} does not fit together ({error}): give another file") from None
    _check_origin(path, header, origin)
    symbols, position = {}, length
    for symbol, moment, microseconds, size in header["symbols"]:
        try:
            stream = Stream.from_bytes(body[position : position + size])
        except StateError as error:
            raise StateError(f"{path}: {symbol}: {error}") from None
        if (stream.config, stream.alert_from) != (origin.config, origin.alert_from):
            raise StateError(f"{path}: {symbol}: its stream is of another config than the file")
        symbols[symbol] = Followed(stream, moment, _instant(moment, microseconds))
        position += size
    return StateContent(origin.source or header["source"], header["output"], symbols)


def _check_header(header: Any, size: int) -> None:
    """Refuse a header that `pack_state` does not write; size: of all streams, in bytes.

    A KeyError, TypeError or ValueError says what does not fit.
    """
    places = {"config": dict, "alert_from": str, "source": str | None, "output": dict | None, "symbols": list}
    for name, kind in places.items():
        if not isinstance(header[name], kind):
            raise TypeError(f"{name}={shown(header[name])}")
    output = header["output"]
    if output is not None:
        if not isinstance(output["path"], str):
            raise TypeError(f"output={shown(output)}")
        checked_integer("length", output["length"], 0)
    sizes, names = 0, set()
    for symbol, moment, microseconds, own in header["symbols"]:
        if not isinstance(symbol, str) or not isinstance(moment, str | int | float) or symbol in names:
            raise ValueError(f"the symbol {shown(symbol)} of {shown(moment)}")
        checked_integer("microseconds", microseconds, -_LATEST, _LATEST)
        sizes += checked_integer("length", own, 0)
        names.add(symbol)
    if sizes != size:
        raise ValueError(f"the streams have {size} bytes, not {sizes}")


def _instant(moment: Any, microseconds: int) -> int:
    """A time by the rule of today: an earlier atc-cy took 20261030 for seconds since 1970."""
    try:
        return instant(moment)
    except ValueError:
        return microseconds * 1_000


def _check_origin(path: Path, saved: Mapping[str, Any], origin: Origin) -> None:
    """A state goes on with what it was saved with."""
    mine = json.loads(json.dumps(dataclasses.asdict(origin.config)))
    mine |= {"alert_from": origin.alert_from, "resample": origin.resample, "src": origin.src}
    later = {name: saved.get(name) for name in ("resample", "src")}  # which the first states do not have
    theirs = {**saved["config"], "alert_from": saved["alert_from"], **later}
    if saved["source"] is not None:
        mine["source"], theirs["source"] = origin.source or saved["source"], saved["source"]
    differing = [name for name in mine if mine[name] != theirs.get(name)]
    if differing:
        told = ", ".join(f"{name}={theirs.get(name)!r} and not {mine[name]!r}" for name in differing)
        raise StateError(f"{path} was saved with {told}: go on with that, or give another file")
