"""The state of a watch: the content of its file, and how the file is replaced.

Version 1 is a checksummed container (`atc_cy.files.container`). Its frame, little-endian, is ``ATCWATCH``,
the version and the header's length (4 bytes each). The header is JSON: config, alert_from, source, output
(the path of the output file and the length that it had), symbols, a list of [name, time of the last bar
as the feed gave it, the same in microseconds since 1970, length of its stream]. The streams follow, one
after the other, as `Stream.to_bytes` writes them; each one also has the close and the src of its last bar.

Later states have further fields in their header: resample and src; alerts, those that wait and the latest
that were given up; acts, those for events of bars that the state has not seen; and since, when --since now
began. If several signals are followed, alert_from is a list, and each symbol has the lengths of as many
streams.
"""

import dataclasses
import json
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import NoneType
from typing import Any, NamedTuple

from ..config import ATCConfig
from ..errors import StateError
from ..files.atomic import replaced, write
from ..files.container import Container
from ..files.locks import LockFile
from ..files.times import instant
from ..live.stream import Stream
from .journal import Act
from .locks import alone
from .queue import SavedAlerts, checked, saved_alerts

VERSION = 1
_CONTAINER = Container(b"ATCWATCH", struct.Struct("<8sII"))


class StateFile:
    """A file that is replaced whole, and that only one process at a time may use."""

    def __init__(self, path: Path) -> None:
        self.path = replaced(path)
        self._lock = LockFile(self.path)

    def read(self) -> bytes | None:
        """The content of the file; None if it does not exist yet.

        Raises
        ------
        ValueError
            Another process uses the file.
        OSError
            The file cannot be read, or its folder cannot be written to.
        """
        with alone(self.path):
            self._lock.acquire()
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return None

    def write(self, data: bytes) -> None:
        """Replace the file; a crash leaves the old file or the new one."""
        with alone(self.path):
            self._lock.acquire()
        write(self.path, data)

    def close(self) -> None:
        """Let other processes use the file."""
        self._lock.release()


class Followed(NamedTuple):
    """A symbol's stream, and its last bar."""

    stream: Stream
    time: str | int | float
    """The time of the last bar, as the feed gave it."""
    instant: int
    """The same in nanoseconds since 1970."""
    last_event: int | None = None
    """The number of the last event's bar, from 1; None if this run has seen none. It is not saved."""
    others: Sequence[Stream] = ()
    """The streams of the second and further signals, if several are followed."""


class Origin(NamedTuple):
    """What the numbers of a state were computed with; a run that resumes the state must have the same."""

    config: ATCConfig
    alert_from: str | Sequence[str]
    source: str | None
    """Such as "binance 1h"; None for a feed, which another feed may continue."""
    resample: str | None
    """The higher timeframe of the bars; None if each row is a bar."""
    src: str | None = None
    """What the averages run on, if the user says so."""


class StateContent(NamedTuple):
    """The content of a state file."""

    alerts: SavedAlerts
    """What `Queue.pack` returned."""
    acts: list[Act]
    """What `Journal.pack` returned."""
    since: Mapping[str, int]
    """What `SinceNow.pack` returned."""

    source: str | None
    output: Mapping[str, Any] | None
    """What `Output.place` returned."""
    symbols: dict[str, Followed]


def pack_state(origin: Origin, content: StateContent, packed: Mapping[str, Sequence[bytes]]) -> bytes:
    """The bytes of a state file; `packed` has the bytes of each symbol's streams."""
    symbols = content.symbols
    header = {
        "config": dataclasses.asdict(origin.config),
        "alert_from": origin.alert_from,
        "source": content.source,
        "resample": origin.resample,
        "src": origin.src,
        "output": content.output,
        "alerts": content.alerts,
        "acts": content.acts,
        "since": content.since,
        "symbols": [
            (symbol, followed.time, followed.instant // 1_000, *map(len, packed[symbol]))
            for symbol, followed in symbols.items()
        ],
    }
    text = json.dumps(header).encode()
    streams = b"".join(b"".join(packed[symbol]) for symbol in symbols)
    return _CONTAINER.seal(text + streams, VERSION, len(text))


def unpack_state(path: Path, data: bytes, origin: Origin | None) -> tuple[Origin, StateContent]:
    """The origin and the content that `pack_state` packed.

    origin: the origin that the state must have; None for any.

    Raises
    ------
    StateError
        The state is damaged, or was saved with another config, `alert_from` or source. The message names
        `path`.
    """
    fields = _CONTAINER.fields(data)
    if fields is None:
        raise StateError(f"{path} is not a state of atc-cy watch, or was cut off: give another file")
    version, length = fields
    if version != VERSION:
        raise StateError(
            f"{path} is of version {version}, or damaged; this atc-cy reads version {VERSION}: "
            "update atc-cy, or give another file"
        )
    if not _CONTAINER.is_intact(data):
        raise StateError(f"{path} is damaged, its checksum is wrong: put a backup back, or remove the file")
    body = _CONTAINER.body(data)
    try:
        return _unpacked(path, json.loads(body[:length]), body[length:], origin)
    except StateError:
        raise
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        what = f"{type(error).__name__}: {error}"
        raise StateError(
            f"{path} has content that atc-cy does not write ({what:.200}): put a backup back, or remove the "
            "file"
        ) from None


def _unpacked(
    path: Path, header: Mapping[str, Any], streams: bytes, origin: Origin | None
) -> tuple[Origin, StateContent]:
    """What `unpack_state` returns. A header that `pack_state` has not written may raise any error."""
    if origin is None:
        kept = (header["alert_from"], header["source"], header.get("resample"), header.get("src"))
        origin = Origin(ATCConfig(**header["config"]), *kept)
    else:
        _check_origin(path, header, origin)
    signals = [origin.alert_from] if isinstance(origin.alert_from, str) else [*origin.alert_from]
    symbols: dict[str, Followed] = {}
    position = 0
    for symbol, moment, microseconds, *sizes in header["symbols"]:
        found = []
        for signal, size in zip(signals, sizes, strict=True):
            found.append(_stream(path, symbol, streams[position : position + size], origin.config, signal))
            position += size
        when = _instant(checked(moment, str, int, float), checked(microseconds, int))
        if checked(symbol, str) in symbols:
            raise ValueError(f"the symbol {symbol!r} occurs twice")
        symbols[symbol] = Followed(found[0], moment, when, others=found[1:])
    if position != len(streams):
        raise ValueError(f"the streams have {len(streams)} bytes, and not {position}")
    alerts = saved_alerts(header.get("alerts", ((), ())))
    acts = [Act(*act) for act in header.get("acts", ())]
    for act in acts:
        checked(act.instant, int)
        checked((act.kind, act.symbol, act.id), str)
    since = {symbol: checked(began, int) for symbol, began in header.get("since", {}).items()}
    source, output = origin.source or checked(header["source"], str, NoneType), header["output"]
    if output is not None:
        checked(output["path"], str)
        if checked(output["length"], int) < 0:
            raise ValueError(f"the output has {output['length']} bytes")
    return origin, StateContent(alerts, acts, since, source, output, symbols)


def _stream(path: Path, symbol: str, data: bytes, config: ATCConfig, signal: str) -> Stream:
    """The stream of a symbol and signal."""
    try:
        stream = Stream.from_bytes(data)
    except StateError as error:
        raise StateError(f"{path}: {symbol}: {error}") from None
    if (stream.config, stream.alert_from) != (config, signal):
        raise ValueError(f"the stream of {symbol} has another config")
    return stream


def _instant(moment: Any, microseconds: int) -> int:
    """A time by the present rule: an earlier atc-cy took 20261030 for seconds since 1970."""
    try:
        when = instant(moment)
    except ValueError:
        when = microseconds * 1_000
    if abs(when) >= 1 << 63:
        raise OverflowError(f"{moment!r} is not a time")
    return when


def _check_origin(path: Path, saved: Mapping[str, Any], origin: Origin) -> None:
    """Refuse a state that was saved with another origin."""
    now = json.loads(json.dumps(dataclasses.asdict(origin.config)))
    alert_from = origin.alert_from if isinstance(origin.alert_from, str) else [*origin.alert_from]
    now |= {"alert_from": alert_from, "resample": origin.resample, "src": origin.src}
    later = {name: saved.get(name) for name in ("resample", "src")}  # the first states do not have these
    before = {**saved["config"], "alert_from": saved["alert_from"], **later}
    if saved["source"] is not None:
        now["source"], before["source"] = origin.source or saved["source"], saved["source"]
    differing = [name for name in now if now[name] != before.get(name)]
    if differing:
        shown = ", ".join(f"{name}={before.get(name)!r} and not {now[name]!r}" for name in differing)
        raise StateError(
            f"{path} was saved with {shown}: give the same settings again, or another file for the state"
        )
