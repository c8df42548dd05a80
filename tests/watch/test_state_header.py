"""A state whose checksum is right and whose header is not what `atc-cy watch` writes: one clear error."""

import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.exchange import walk
from support.watching import Run

from atc_cy import StateError, Stream, watch_state
from atc_cy.watch.state import _CONTAINER, VERSION

FEED = "symbol,time,close\n" + "".join(
    f"{symbol},{1_700_000_040 + 60 * bar},{close}\n"
    for bar, close in enumerate(walk(1, 300))
    for symbol in "AB"
)
BAD = [None, True, -1, 2**70, 1e308, "", [], {}]
DEEP = "\udeef"
"""Stands for JSON that is nested too deeply."""


@pytest.fixture
def state(run: Run, tmp_path: Path) -> Path:
    """A state with all that a header can have."""
    state = tmp_path / "state"
    feed = tmp_path / "feed.csv"
    feed.write_text(FEED)
    options = ("--state", state, "--since", "2020-01-01", "-o", tmp_path / "out")
    run(feed, *options, "--exec", "false", "--alert-timeout", 0)  # the alerts are given up
    lines = FEED.splitlines()
    feed.write_text(
        "\n".join([lines[0], *(line.replace("A,", "C,") for line in lines[1:] if line[0] == "A"), ""])
    )
    run(feed, *options, "--exec", "false", "--alert-timeout", 3600)  # they wait
    header, _ = parts_of(state.read_bytes())
    header["acts"] = [["exec", "A", 1_800_000_000_000_000_000, "x"]]
    header["since"] = {"Z": 1_700_000_000_000_000_000}
    assert all(header["alerts"])
    assert header["output"] is not None
    write(state, header, parts_of(state.read_bytes())[1])
    return state


def parts_of(data: bytes) -> tuple[dict[str, Any], bytes]:
    """The header and the streams of a state."""
    fields = _CONTAINER.fields(data)
    assert fields is not None
    body = _CONTAINER.body(data)
    return json.loads(body[: fields[1]]), body[fields[1] :]


def write(path: Path, header: Any, streams: bytes) -> None:
    text = json.dumps(header).replace(json.dumps(DEEP), "[" * 100_000).encode()
    path.write_bytes(_CONTAINER.seal(text + streams, VERSION, len(text)))


def changed(value: Any) -> Iterator[Any]:
    """The value with one of its parts replaced, or left out."""
    yield from (bad for bad in (*BAD, DEEP) if bad != value)
    if isinstance(value, dict | list):
        for key in [*value] if isinstance(value, dict) else range(min(len(value), 12)):
            rest = value.copy()
            del rest[key]
            yield rest
            for other in changed(value[key]):
                rest = value.copy()
                rest[key] = other
                yield rest


def test_each_part_of_the_header_is_checked(state: Path, run: Run, tmp_path: Path) -> None:
    header, streams = parts_of(state.read_bytes())
    header["alerts"] = [each[:1] for each in header["alerts"]]
    header["symbols"][1:-1] = []
    kept = sum(symbol[3] for symbol in header["symbols"])
    write(state, header, streams)
    with pytest.raises(
        StateError,
        match=f"^{state} has content that atc-cy does not write .*and not {kept}.*remove the file$",
    ):
        watch_state(state)
    first = header["symbols"][0][3]
    streams = streams[:first] + streams[-header["symbols"][-1][3] :]
    write(state, header, streams)
    assert set(watch_state(state).streams) == {"A", "C"}
    out = (tmp_path / "out").read_bytes()
    tried = refused = accepted = 0
    for crafted in changed(header):
        write(state, crafted, streams)
        tried += 1
        try:
            watch_state(state)
        except StateError as error:
            refused += "\n" not in str(error)
            continue
        accepted += 1
        (tmp_path / "out").write_bytes(out)
        run(
            "symbol,time,close\nA,1800000000,50\n", "--state", state, "-o", tmp_path / "out", "--exec", "true"
        )
        assert run.code in (0, 1, 3), crafted
        assert run.code != 1 or len(run.reports) == 1
    assert refused + accepted == tried
    assert refused > 3 * accepted > 0


def test_streams_of_another_config(state: Path) -> None:
    header, streams = parts_of(state.read_bytes())
    other = Stream("ema_only")
    other.extend([1.0, 2.0])
    first = header["symbols"][0][3]
    header["symbols"][0][3] = len(other.to_bytes())
    write(state, header, other.to_bytes() + streams[first:])
    with pytest.raises(StateError, match="the stream of A has another config"):
        watch_state(state)


def test_a_frame_alone(tmp_path: Path) -> None:
    path = tmp_path / "state"
    for length in (0, 1, 2**32 - 1):
        path.write_bytes(_CONTAINER.seal(b"", VERSION, length))
        with pytest.raises(StateError, match="content that atc-cy does not write"):
            watch_state(path)
    assert struct.calcsize("<8sII") == 16


def test_a_symbol_twice(state: Path) -> None:
    header, streams = parts_of(state.read_bytes())
    header["symbols"][-1][0] = header["symbols"][0][0]
    write(state, header, streams)
    with pytest.raises(StateError, match="the symbol 'A' occurs twice"):
        watch_state(state)
