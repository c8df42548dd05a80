"""State files whose checksum is right, whatever they hold: taken up as they are, or refused."""

import json
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.streams import prices

from atc_cy import ATCConfig, StateError, Stream
from atc_cy.watch.state import Followed, Origin, StateContent, pack_state, unpack_state

ORIGIN = Origin(ATCConfig.from_preset("ema_only"), "Average", None, None)
HEADER = 16


def state(config: ATCConfig = ORIGIN.config) -> bytes:
    stream = Stream(config)
    stream.extend(prices(60))
    followed = {name: Followed(stream, "2024-01-01", 1704067200 * 10**9) for name in ("A", "B")}
    return pack_state(
        ORIGIN, {"path": "out", "length": 7}, followed, dict.fromkeys(followed, stream.to_bytes())
    )


def forged(data: bytes, text: bytes | None = None, **changes: Any) -> bytes:
    length = struct.unpack_from("<I", data, 12)[0]
    header = json.loads(data[HEADER : HEADER + length])
    header = {name: value for name, value in {**header, **changes}.items() if value is not ...}
    text = json.dumps(header).encode() if text is None else text
    body = data[:12] + struct.pack("<I", len(text)) + text + data[HEADER + length : -4]
    return body + struct.pack("<I", zlib.crc32(body))


def unpacked(data: bytes) -> StateContent:
    return unpack_state(Path("the.state"), data, ORIGIN)


def test_what_was_packed() -> None:
    content = unpacked(forged(state()))
    assert list(content.symbols) == ["A", "B"]
    assert content.output == {"path": "out", "length": 7}
    assert content.symbols["B"].stream.bars == 60
    assert unpacked(forged(state(), output=None)).output is None


@pytest.mark.parametrize(
    "changes",
    [
        *({"text": text} for text in (b"", b"[]", b"null", b"\xff", b"{", b"[" * 100_000, b'{"config": 1e')),
        *({name: ...} for name in ("config", "alert_from", "source", "output", "symbols")),
        *({name: value} for name in ("config", "symbols", "alert_from") for value in (None, 1, [1], True)),
        *(
            {"output": value}
            for value in ({}, [], True, {"path": 1, "length": 1}, {"path": "x", "length": -1})
        ),
        *({"output": {"path": "x", "length": length}} for length in (None, "1", 1.5, True, 2**70)),
        *({"source": value} for value in (1, [], True)),
        *(
            {"symbols": [row]}
            for row in ([], ["A"], "ABCD", ["A", "t", 0, 1, 2], ["A", None, 0, 5], [1, "t", 0, 5])
        ),
        *({"symbols": [["A", "t", value, 0]]} for value in (None, "0", 1.5, True, 2**63)),
        *({"symbols": [["A", "t", 0, value]]} for value in (None, "0", -1, 1.5, 0, 2**63)),
    ],
    ids=repr,
)
def test_headers_that_no_watch_writes(changes: dict[str, Any]) -> None:
    with pytest.raises(StateError, match=r"the\.state"):
        unpacked(forged(state(), **changes))


def test_streams_that_are_not_the_watchs() -> None:
    data = state(ATCConfig.from_preset("ema_only", De=0.5))
    with pytest.raises(StateError, match="A: its stream is of another config"):
        unpacked(data)
    rows = [["A", "t", 0, 100], ["A", "t", 0, len(state()) - 100]]
    with pytest.raises(StateError, match="the symbol 'A'"):
        unpacked(forged(state(), symbols=rows))
    with pytest.raises(StateError, match="A: no saved state"):
        unpacked(forged(state(), symbols=[["A", "t", 0, 1], ["B", "t", 0, 2 * state_size() - 1]]))


def state_size() -> int:
    """Of a stream in `state`."""
    stream = Stream(ORIGIN.config)
    stream.extend(prices(60))
    return len(stream.to_bytes())


def test_a_time_that_is_no_time_has_its_microseconds() -> None:
    size = state_size()
    content = unpacked(forged(state(), symbols=[["A", float("nan"), 5, size], ["B", "t", 7, size]]))
    assert [followed.instant for followed in content.symbols.values()] == [5_000, 7_000]
    assert np.isfinite(content.symbols["A"].stream.last_bar).all()
