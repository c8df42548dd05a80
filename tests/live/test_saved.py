"""Saved states are read as they were, in all versions, or refused."""

import contextlib
import json
import os
import random
import resource
import struct
import zlib
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from states import write as write_states
from support.kernels import at_all_levels, kernel, kernels_of, run_kernel
from support.places import ROOT
from support.streams import batch, outputs, prices

from atc_cy import ATCConfig, PanelStream, PriceError, StateError, Stream
from atc_cy.live import saved

RECORDED = ROOT / "tests" / "states"


def test_saved_and_loaded(tmp_path: Path) -> None:
    live, path = Stream(), tmp_path / "state"
    live.extend(prices(100))
    live.save(path)
    assert list(tmp_path.iterdir()) == [path]
    loaded = Stream.load(path)
    assert loaded.update(101.0) == live.update(101.0)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(StateError, match=f"{path}: the state is cut off"):
        Stream.load(path)
    with pytest.raises(FileNotFoundError):
        Stream.load(tmp_path / "nothing")


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "state"
    path.write_bytes(b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        Stream("ema_only").save(path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_every_flipped_bit_and_every_cut_is_noticed() -> None:
    live = Stream(ATCConfig(moving_averages=["KAMA"], kama_len=7))
    live.extend(prices(30))
    data = live.to_bytes()
    for byte in range(len(data)):
        for bit in range(8):
            damaged = bytearray(data)
            damaged[byte] ^= 1 << bit
            with pytest.raises(StateError):
                Stream.from_bytes(bytes(damaged))
    for size in range(len(data)):
        with pytest.raises(StateError):
            Stream.from_bytes(data[:size])
    with pytest.raises(StateError):
        Stream.from_bytes(data + b"\0")


def opened(data: bytes) -> tuple[dict[str, Any], bytes]:
    """The header and the payload of a container."""
    length, size = struct.unpack_from("<IQ", data, 12)
    return json.loads(data[24 : 24 + length]), data[24 + length : 24 + length + size]


def forged(data: bytes, payload: bytes | None = None, text: bytes | None = None, **changes: Any) -> bytes:
    """A container whose checksum is right, but not what it holds."""
    magic, version, kind = struct.unpack_from("<8sHH", data)
    header, before = opened(data)
    text = json.dumps({**header, **changes}).encode() if text is None else text
    payload = before if payload is None else payload
    version = changes.get("version", version)
    body = struct.pack("<8sHHIQ", magic, version, kind, len(text), len(payload)) + text + payload
    return body + struct.pack("<I", zlib.crc32(body))


def test_states_that_do_not_fit_together() -> None:
    live = Stream("short", depth=3)
    live.extend(prices(90))
    data = live.to_bytes()
    fields = opened(data)[0]["config"]
    for changes in (
        {"config": {**fields, "ema_len": 20}},
        {"config": {**fields, "ema_len": -1}},
        {"config": {**fields, "cutout": 10**30}},
        {"config": {**fields, "La": 10**400}},
        {"config": {**fields, "colour": 1}},
        {"config": None},
        {"alert_from": "RSI"},
        {"alert_from": ["EMA"]},
        {"version": 0},
        {"version": 3},
        *(
            {name: value}
            for name in ("depth", "recent", "rewindable")
            for value in ("x", None, 1.5, True, -1, 10**9, 2**63, 10**30)
        ),
        {"depth": 2},
        {"depth": 0, "rewindable": 0},
        {"rewindable": 5},
        {"recent": 3},
    ):
        with pytest.raises(StateError):
            Stream.from_bytes(forged(data, **changes))
    for text in (
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b"[" * 100_000,
        b'"config"',
        b'{"config": {"La": 1' + b"0" * 9999 + b"}}",
    ):
        with pytest.raises(StateError):
            Stream.from_bytes(forged(data, text=text))
    with pytest.raises(StateError, match="that of a Stream, not of a PanelStream"):
        PanelStream.from_bytes(data)
    with pytest.raises(StateError, match="not a saved state"):
        Stream.from_bytes(b"")


BAD_NUMBERS = (np.nan, np.inf, -np.inf, -1.0, 0.0)


def test_payloads_that_no_stream_has() -> None:
    live = Stream("ema_only", depth=3)
    live.extend(prices(90))
    data = live.to_bytes()
    payload = opened(data)[1]
    pairs = len(payload) - 4 * 16
    for size in (0, 1, 16, 31, 32, 95, 96, len(payload) - 1, len(payload) - 16):
        with pytest.raises(StateError):
            Stream.from_bytes(forged(data, payload[:size]))
    with pytest.raises(StateError):
        Stream.from_bytes(forged(data, payload + payload[-16:]))
    for place in range(pairs, len(payload), 8):
        for number in BAD_NUMBERS if place % 16 == pairs % 16 else BAD_NUMBERS[:3]:
            changed = payload[:place] + struct.pack("<d", number) + payload[place + 8 :]
            with pytest.raises(StateError, match=r"not valid|cannot be a bar"):
                Stream.from_bytes(forged(data, changed))
    for trend in (
        *((7.0, 1, 0, np.nan), (0.5, 0.5, 0, np.nan), (0.5, 1, np.nan, np.nan), (0.5, 1, 0, np.inf)),
        *((1.5, 1, 0, np.nan), (-1.5, 1, 0, np.nan), (0.5, 1, 0, -1.5), (0.5, 2, 0, 0.5), (0.5, 0, 0, 0.5)),
        *((0.5, 1, 2, 0.5), (0.5, 1, -2, 0.5), (0.5, 1, 0.5, 0.5)),
    ):
        changed = payload[: pairs - 32] + struct.pack("<dddd", *trend) + payload[pairs:]
        with pytest.raises(StateError, match="is not a valid trend"):
            Stream.from_bytes(forged(data, changed))
    for trend in ((1, 1, 0, -1), (-1, -1, 1, 1), (np.nan, np.nan, -1, np.nan)):
        changed = payload[: pairs - 32] + struct.pack("<dddd", *trend) + payload[pairs:]
        Stream.from_bytes(forged(data, changed))


@pytest.mark.parametrize("bars", [-(2**63), -1, 0, 89, 10**6, 2**62, 2**63 - 1])
def test_records_whose_bars_are_not_those_that_made_them(bars: int) -> None:
    """They are refused, or do no harm."""
    long = Stream(ATCConfig(moving_averages=("HMA", "KAMA", "DEMA"), hull_len=10, kama_len=10, dema_len=10))
    long.extend(prices(90))
    for data, place in (((RECORDED / "stream-v1").read_bytes(), 0), (long.to_bytes(), 8)):
        payload = bytearray(opened(data)[1])
        struct.pack_into("<q", payload, place, bars)
        with contextlib.suppress(StateError):
            Stream.from_bytes(forged(data, bytes(payload))).extend(prices(200))


def test_crafted_records_do_no_harm() -> None:
    """Whatever a record holds: it is refused, or bars can be taken."""
    chance, numbers = (
        random.Random(0),
        [0, 1, -1, 2**62, -(2**63), 2**31, 0x7FF8 << 48, 0x7FF0 << 48, 1023 << 52],
    )
    for config in ("ema_only", ATCConfig(moving_averages=("HMA", "DEMA", "LSMA", "KAMA"), kama_len=9)):
        live, panel = Stream(config), PanelStream(["A", "B"], config)
        live.extend(prices(90))
        for price in prices(90).tolist():
            panel.update([price, price])
        for _ in range(300):
            data = (live if chance.random() < 0.5 else panel).to_bytes()
            payload = bytearray(opened(data)[1])
            for _ in range(chance.randint(1, 3)):
                place = 8 * chance.randrange(len(payload) // 8)
                struct.pack_into("<q", payload, place, chance.choice(numbers))
            kind = Stream if data[10] == saved.STREAM else PanelStream
            try:
                again: Any = kind.from_bytes(forged(data, bytes(payload)))
            except StateError:
                continue
            for price in (1.0, 100.0, 200.0):
                with contextlib.suppress(PriceError):
                    again.update(price if kind is Stream else [price, price])


def test_payloads_that_no_panel_has() -> None:
    panel = PanelStream(["A", 2, "C"], "ema_only")
    for price in prices(90).tolist():
        panel.update([price, price, np.nan])
    data = panel.to_bytes()
    payload = opened(data)[1]
    for changes in (
        *({"symbols": names} for names in (["A", 2], ["A", 2, "C", "D"], [], None, "ABC", ["A", "A", 2])),
        *({"symbols": ["A", 2, name]} for name in (1.5, None, ["C"])),
        *({"record": record} for record in (0, 1, -1, 1.5, None, "x", 10**9, 10**30)),
        {"alert_from": "RSI"},
    ):
        with pytest.raises(StateError):
            PanelStream.from_bytes(forged(data, **changes))
    for recent in (0, 2, -1, 2**62, -(2**63)):
        with pytest.raises(StateError):
            PanelStream.from_bytes(forged(data, struct.pack("<q", recent) + payload[8:]))
    # A size that a negative number of bars, or a negative record, makes right.
    with pytest.raises(StateError, match="cannot hold 3 symbols, 'A' for one"):
        PanelStream.from_bytes(forged(data, struct.pack("<q", -1) + payload[8:72] + payload[104:]))
    with pytest.raises(StateError, match="cannot hold 1 symbols, 'A' for one"):
        PanelStream.from_bytes(forged(data, payload[:72], symbols=["A"], record=-16))
    for size in (0, 1, 71, 72, 88, len(payload) - 1, len(payload) - 16):
        with pytest.raises(StateError):
            PanelStream.from_bytes(forged(data, payload[:size]))
    with pytest.raises(StateError, match="left over"):
        PanelStream.from_bytes(forged(data, payload + bytes(16)))
    for number in BAD_NUMBERS:
        changed = payload[:72] + struct.pack("<d", number) + payload[80:]
        with pytest.raises(StateError, match="not valid"):
            PanelStream.from_bytes(forged(data, changed))
    with pytest.raises(StateError, match="is not a valid trend"):
        PanelStream.from_bytes(forged(data, payload[:8] + struct.pack("<d", 7.0) + payload[16:]))


def test_a_stream_without_bars() -> None:
    again = Stream.from_bytes(Stream("ema_only", depth=2, alert_from="EMA").to_bytes())
    assert (again.bars, again.depth, again.alert_from) == (0, 2, "EMA")
    assert np.isnan(again.last_bar).all()
    again.extend(prices(40))
    assert np.array_equal(outputs(again.config, again.result), batch(again.config, prices(40))[:, -1])


@pytest.mark.parametrize("rewindable", range(10))
def test_a_state_says_how_many_of_its_bars_can_be_taken_back(rewindable: int) -> None:
    """Version 1 has more bars than that; here they are those of a stream that kept ten."""
    close, live = prices(60), Stream("ema_only", depth=9)
    live.extend(close)
    assert opened(live.to_bytes())[0]["recent"] == 10
    again = Stream.from_bytes(forged(live.to_bytes(), rewindable=rewindable))
    assert repr(again.result) == repr(live.result)
    with pytest.raises(IndexError, match=f"{rewindable} can be taken back; depth=9"):
        again.rewind(rewindable + 1)
    if rewindable:
        again.rewind(rewindable)
    left = close.size - rewindable
    assert again.bars == left
    again.revise(close[left - 1])
    assert np.array_equal(outputs(live.config, again.result), batch(live.config, close[:left])[:, -1])


def test_a_panel_without_symbols() -> None:
    again = PanelStream.from_bytes(PanelStream([], "ema_only", alert_from="EMA").to_bytes())
    assert (again.symbols, again.alert_from) == ([], "EMA")


def test_a_panel_with_the_most_recent_bars_that_version_1_had() -> None:
    close = prices(89).tolist()
    early, late = PanelStream(["A"], "ema_only"), PanelStream(["A"], "ema_only")
    for bar, price in enumerate(close):
        late.update([price])
        if bar < 58:
            early.update([price])
    data = late.to_bytes()
    record = opened(early.to_bytes())[1][88:]
    for first in (57, 56):
        bars = b"".join(struct.pack("<dd", price, price) for price in close[first:])
        payload = struct.pack("<q", len(close) - first) + opened(data)[1][8:72] + bars + record
        if first == 57:
            again = PanelStream.from_bytes(forged(data, payload))
            assert again.to_bytes() == data
        else:
            with pytest.raises(StateError, match="cannot hold 1 symbols"):
                PanelStream.from_bytes(forged(data, payload))


def test_a_header_of_many_symbols_takes_no_memory() -> None:
    """A file of some kilobytes that tells of states of gigabytes is refused by its size."""
    lengths = dict.fromkeys(("ema_len", "hull_len", "wma_len", "dema_len", "lsma_len", "kama_len"), 11_990)
    config, before = ATCConfig(**lengths), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    header = {"alert_from": "Average", "symbols": list(range(5_000)), "record": 1}
    for payload in (b"", bytes(73 * 5_000)):
        with pytest.raises(StateError):
            PanelStream.from_bytes(saved.pack(saved.PANEL_STREAM, config, header, payload))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


@pytest.mark.parametrize("case", sorted(path.name for path in RECORDED.glob("*-v*") if path.is_file()))
def test_states_of_all_versions_are_read(case: str) -> None:
    """Written by `python tests/states/write.py` when the version was new."""
    close = write_states.prices()
    data = (RECORDED / case).read_bytes()
    expected = batch(ATCConfig(cutout=5, La=0.1), close)[:, -60:]
    if case.startswith("stream"):
        live = Stream.from_bytes(data)
        assert repr(Stream.from_bytes(live.to_bytes()).result) == repr(live.result)
        live.rewind(3)
        with pytest.raises(IndexError, match="0 can be taken back; depth=3"):
            live.rewind()
        live.revise(close[196])
        live.extend(close[197:200])
        assert np.array_equal(live.extend(close[200:]), expected, equal_nan=True)
    else:
        panel = PanelStream.from_bytes(data)
        assert panel.symbols == ["A", 2, "C"]
        assert panel.bars.tolist() == [200, 200, 0]
        for bar in range(60):
            price = close[200 + bar]
            result = panel.update([price, price, price])
            for symbol in (0, 1):
                shown = [values[symbol] for values in outputs(panel.config, result)]
                assert np.array_equal(shown, expected[:, bar], equal_nan=True)


def test_records_are_the_same_everywhere() -> None:
    """At every CPU level, from the preset's kernel and the generic one, alone or beside others."""
    config, close = ATCConfig.from_preset("kama_only"), prices(150)
    records = set()
    for name in kernels_of(config.structure):
        symbol = kernel(name).Symbol(*config.kernel_arguments)
        symbol.advance(close, close, np.empty((3, 150)))
        records.add(symbol.record())
        panel = kernel(name).Panel(*config.kernel_arguments)
        panel.add(2)
        panel.restore(1, symbol.record())
        records.add(panel.record(1))
        for price in close:
            panel.update(np.array([price, np.nan]), np.array([price, np.nan]), np.empty((5, 2)))
        records.add(panel.record(0))
        for restore in (symbol.restore, partial(panel.restore, 0)):
            with pytest.raises(ValueError, match="record"):
                restore(symbol.record()[:-8])
    assert len(records) == 1
    assert run_kernel(name, config, close)["KAMA_S"][-1] > 0


@pytest.mark.parametrize("name", at_all_levels("generic"))
def test_a_cutout_that_nobody_reaches(name: str) -> None:
    """What is added to the largest one does not overflow: equities stay as they were."""
    records = set()
    for cutout in (2**62, 2**63 - 1):
        symbol = kernel(name).Symbol(*ATCConfig(cutout=cutout, De=50.0).kernel_arguments)
        symbol.advance(prices(150), prices(150), None)
        records.add(symbol.record())
    assert len(records) == 1
    arguments = list(ATCConfig().kernel_arguments)
    arguments[5] = -1
    with pytest.raises(ValueError, match="cutout=-1 is out of range"):
        kernel(name).Symbol(*arguments)


def test_records_with_numbers_that_no_bars_lead_to() -> None:
    """From which an average beyond 1 would follow."""
    config = ATCConfig(moving_averages=("EMA",), ema_len=9)
    symbol = kernel(at_all_levels("generic")[-1]).Symbol(*config.kernel_arguments)
    symbol.advance(prices(90), prices(90), None)
    record = symbol.record()
    signal, equity, average = 26, 28, 30  # numbers of eight bytes before them
    numbers = np.frombuffer(record)
    assert (numbers[signal], numbers[equity]) == symbol.values[:2]
    assert np.isnan(numbers[average])  # which strategy_mode alone has
    for place, bad in ((signal, 2.0), (signal, -np.inf), (equity, -1e-9), (average, 1.5), (average, -np.inf)):
        changed = numbers.copy()
        changed[place] = bad
        with pytest.raises(ValueError, match=r"the record has the (signal|equity|average)"):
            symbol.restore(changed.tobytes())
    symbol.restore(record)
    negative = ATCConfig(moving_averages=("EMA",), ema_len=9, ema_w=-3.0)
    symbol = kernel(at_all_levels("generic")[-1]).Symbol(*negative.kernel_arguments)
    symbol.restore(symbol.record())
