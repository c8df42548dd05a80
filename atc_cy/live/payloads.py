"""The payload of a saved stream: the state, the trend and the recent bars."""

import struct

from ..dispatch import Symbol
from .checks import checked_trend, is_bar

PAIR = struct.Struct("<dd")
"""The close and the src of a bar."""
_TREND = struct.Struct("<dddd")


def stream_payload(symbol: Symbol) -> tuple[int, bytes]:
    """The number of recent bars, and the payload; the symbol is rewound to before these bars."""
    pairs = []
    while symbol.rewindable:
        pairs.append(PAIR.pack(*symbol.last_bar))
        symbol.rewind(1)
    return len(pairs), symbol.record() + _TREND.pack(*symbol.trend) + b"".join(reversed(pairs))


def check_stream_payload(payload: bytes, recent: int, rewindable: int, depth: int) -> None:
    """Refuse a header whose numbers do not fit the payload, or each other.

    Raises
    ------
    ValueError
        A number is wrong.
    """
    if _end_of_record(payload, recent) < 0 or not 0 <= rewindable <= min(recent, depth):
        raise ValueError(
            f"{len(payload)} bytes, recent={recent}, rewindable={rewindable}, depth={depth}: one is wrong"
        )


def restore_stream(symbol: Symbol, payload: bytes, recent: int, rewindable: int) -> int:
    """Bring a new symbol to the state of a payload; returns how many bars it keeps beyond `rewindable`.

    Raises
    ------
    ValueError
        The trend, or a bar, is not a valid one.
    """
    trend = _end_of_record(payload, recent)
    symbol.restore(payload[:trend])
    symbol.trend = checked_trend(_TREND.unpack_from(payload, trend))
    # Version 1 has further bars before those that `revise` and `rewind` need.
    early = max(recent - rewindable - 1, 0)
    for number, (price, src) in enumerate(PAIR.iter_unpack(payload[trend + _TREND.size :])):
        if number == early > 0:
            now = symbol.trend
            symbol.restore(symbol.record())
            symbol.trend = now
        if not is_bar(price, src) or symbol.update(price, src) is None:
            raise ValueError(f"close {price} and src {src} are not valid")
    return recent - early - rewindable


def _end_of_record(payload: bytes, recent: int) -> int:
    """Where the record of the state ends, and the trend begins."""
    return len(payload) - PAIR.size * recent - _TREND.size
