"""Live, bar by bar, is the batch, bit for bit; what is saved comes back or is refused."""

import contextlib
import itertools
import json
import pickle
import random
import resource
import struct
import threading
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import GOLDEN, ROOT, golden, kernel, kernels_of, run_kernel
from numpy.typing import NDArray

import atc_cy
from atc_cy import ATCConfig, PanelStream, PriceError, StateError, Stream, panel_stream, saving, stream

CASES = [case for case in GOLDEN if golden(case).close.size <= 1500]
RECORDED = ROOT / "tests" / "states"


def batch(config: ATCConfig, close: Any, src: Any = None) -> NDArray[np.float64]:
    return atc_cy.get_array_fn(config)(np.asarray(close, np.float64), src)


def prices(bars: int, seed: int = 0) -> NDArray[np.float64]:
    return 100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.02, bars)))


def outputs(config: ATCConfig, result: dict[str, Any]) -> list[Any]:
    return [result[name] for name in config.output_names]


def use(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    for module in (stream, panel_stream):
        monkeypatch.setattr(module, "best_kernel", lambda _: kernel(name))


@pytest.mark.parametrize(
    ("case", "name"), [(case, name) for case in CASES for name in kernels_of(golden(case).config.structure)]
)
def test_golden_bar_by_bar(case: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, name)
    config, close, src, expected = golden(case)
    live = Stream(config)
    rows = []
    for price, x in zip(close.tolist(), src.tolist(), strict=True):
        average = live.update(price, x)
        rows.append(outputs(config, live.result))
        assert average == rows[-1][-1] or np.isnan([average, rows[-1][-1]]).all()
    expected_rows = np.array([expected[output] for output in config.output_names]).T
    assert np.array_equal(rows, expected_rows, equal_nan=True)


@pytest.mark.parametrize("case", ["usd_default", "cad_mixed_lengths", "src_is_open", "wild", "tiny_lengths"])
@pytest.mark.parametrize("depth", [1, 3, 40])
def test_through_everything_that_can_happen(case: str, depth: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Peeks, revisions, rewinds, and another process with another kernel at any bar."""
    config, close, src, _ = golden(case)
    close, src = close[:300], src[:300]
    expected = batch(config, close, src)
    chance = random.Random(depth)
    names = kernels_of(config.structure)
    live = Stream(config, depth=depth)
    bar = room = 0  # room: how many bars can be taken back
    while bar < close.size:
        price, x = float(close[bar]), float(src[bar])
        wrong = [price * chance.uniform(0.5, 2.0) for _ in range(4)]
        before = live.result if bar else None
        live.peek(wrong[0])
        peeked = live.peek(price, x)
        assert before is None or repr(live.result) == repr(before)
        live.update(wrong[1])
        for other in wrong[2:]:
            live.revise(other, other)
        live.revise(price, x)
        bar += 1
        assert live.bars == bar
        assert repr(live.result) == repr(peeked)
        assert np.array_equal(outputs(config, live.result), expected[:, bar - 1], equal_nan=True)
        use(monkeypatch, chance.choice(names))
        live = Stream.from_bytes(live.to_bytes())
        room = min(room + 1, depth)
        with pytest.raises(IndexError, match=f"{room} can be taken back"):
            live.rewind(room + 1)
        if chance.random() < 0.4 / depth:
            back = chance.randint(1, room)
            live.rewind(back)
            bar, room = bar - back, room - back
            shown = outputs(config, live.result)
            assert np.array_equal(
                shown, expected[:, bar - 1] if bar else [np.nan] * len(shown), equal_nan=True
            )


def test_extend_is_update() -> None:
    close = prices(700)
    close[[0, 5, 6, 300, 699]] = np.nan
    expected = batch(ATCConfig(), close)
    for cuts in ([0, 700], [0, 1, 2, 350, 700], [0, 33, 34, 35, 690, 700], [*range(0, 701, 20)]):
        live, slow = Stream(depth=4, alert_from="KAMA"), Stream(depth=4, alert_from="KAMA")
        for first, last in itertools.pairwise(cuts):
            out = live.extend(close[first:last])
            assert np.array_equal(out, expected[:, first:last], equal_nan=True)
            for price in close[first:last]:
                slow.update(float(price))
            assert (live.bars, repr(live.result)) == (slow.bars, repr(slow.result))
        for each in (live, slow):
            each.rewind(3)
            each.update(50.0)
        assert repr(live.result) == repr(slow.result)


def test_no_bar_and_bad_bars() -> None:
    live = Stream()
    live.extend(prices(100))
    before = live.to_bytes()
    assert np.isnan(live.update(np.nan))
    assert np.isnan(live.update(1.0, np.nan))
    assert live.peek(np.nan) == live.result
    for call in (live.update, live.peek, live.revise):
        for bad in (0.0, -1.0, np.inf):
            with pytest.raises(PriceError, match="price="):
                call(bad)
        with pytest.raises(PriceError, match="src=inf"):
            call(1.0, np.inf)
    with pytest.raises(PriceError, match="price=nan"):
        live.revise(np.nan)
    with pytest.raises(PriceError, match="row 2"):
        live.extend([1.0, 2.0, -3.0])
    with pytest.raises(IndexError, match="1 can be taken back; depth=1"):
        live.rewind(2)
    assert live.to_bytes() == before
    live.rewind()
    with pytest.raises(IndexError, match="0 can be taken back"):
        live.rewind()
    live.reset()
    assert live.bars == 0
    assert np.isnan(live.result["Average_Signal"])
    with pytest.raises(IndexError, match="no bar to revise"):
        live.revise(1.0)
    for depth in (0, 10**9):
        with pytest.raises(ValueError, match=f"depth={depth} is out of range"):
            Stream(depth=depth)
    with pytest.raises(ValueError, match="'Averag' is unknown; did you mean 'Average'"):
        Stream(alert_from="Averag")


def test_initialized() -> None:
    live = Stream(ATCConfig(cutout=2))
    live.extend(prices(atc_cy.lookback(live.config)))
    assert not live.initialized
    live.update(100.0)
    assert live.initialized


@pytest.mark.parametrize("alert_from", ["Average", "EMA", "KAMA"])
@pytest.mark.parametrize("strategy_mode", [False, True])
def test_events(alert_from: str, strategy_mode: bool) -> None:
    config = ATCConfig(strategy_mode=strategy_mode, long_threshold=0.2, short_threshold=-0.3)
    close = prices(1500, 3)
    result = dict(zip(config.output_names, map(pd.Series, batch(config, close)), strict=True))
    numbers: dict[str, Any] = {"long_threshold": 0.2, "short_threshold": -0.3, "alert_from": alert_from}
    numbers["strategy_mode"] = strategy_mode
    direction, events = atc_cy.direction(result, **numbers), atc_cy.events(result, **numbers)
    live = Stream(config, alert_from=alert_from)
    for bar, price in enumerate(close.tolist()):
        live.update(price)
        assert live.event == events[bar]
        assert live.direction == direction[bar] or np.isnan([live.direction, direction[bar]]).all()
    assert events.abs().sum() > 10


def test_copies_and_pickles_go_their_own_way() -> None:
    live = Stream("ema_only", depth=2, alert_from="EMA")
    live.extend(prices(200))
    ways: tuple[Callable[[Stream], Stream], ...] = (
        Stream.copy,
        lambda stream: pickle.loads(pickle.dumps(stream)),
        lambda stream: Stream.from_bytes(stream.to_bytes()),
    )
    for way in ways:
        before, other = live.to_bytes(), way(live)
        assert other.to_bytes() == before
        other.update(3.0)
        other.rewind(2)
        assert live.to_bytes() == before
        live.update(4.0)


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

    monkeypatch.setattr(saving.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        saving.write(path, b"new")
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
    with pytest.raises(StateError, match="of kind Stream, not of PanelStream"):
        PanelStream.from_bytes(data)
    with pytest.raises(StateError, match="no saved state"):
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
            with pytest.raises(StateError, match="can be no bar"):
                Stream.from_bytes(forged(data, changed))
    for trend in ((7.0, 1, 0, np.nan), (0.5, 0.5, 0, np.nan), (0.5, 1, np.nan, np.nan), (0.5, 1, 0, np.inf)):
        changed = payload[: pairs - 32] + struct.pack("<dddd", *trend) + payload[pairs:]
        with pytest.raises(StateError, match="can be no trend"):
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
            kind = Stream if data[10] == saving.STREAM else PanelStream
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
    for size in (0, 1, 71, 72, 88, len(payload) - 1, len(payload) - 16):
        with pytest.raises(StateError):
            PanelStream.from_bytes(forged(data, payload[:size]))
    with pytest.raises(StateError, match="left over"):
        PanelStream.from_bytes(forged(data, payload + bytes(16)))
    for number in BAD_NUMBERS:
        changed = payload[:72] + struct.pack("<d", number) + payload[80:]
        with pytest.raises(StateError, match="can be no bar"):
            PanelStream.from_bytes(forged(data, changed))
    with pytest.raises(StateError, match="can be no trend"):
        PanelStream.from_bytes(forged(data, payload[:8] + struct.pack("<d", 7.0) + payload[16:]))


def test_a_header_of_many_symbols_takes_no_memory() -> None:
    """A file of some kilobytes that tells of states of gigabytes is refused by its size."""
    lengths = dict.fromkeys(("ema_len", "hull_len", "wma_len", "dema_len", "lsma_len", "kama_len"), 11_990)
    config, before = ATCConfig(**lengths), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    header = {"alert_from": "Average", "symbols": list(range(5_000)), "record": 1}
    for payload in (b"", bytes(73 * 5_000)):
        with pytest.raises(StateError):
            PanelStream.from_bytes(saving.pack(saving.PANEL_STREAM, config, header, payload))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


@pytest.mark.parametrize("case", sorted(path.name for path in RECORDED.glob("*-v*") if path.is_file()))
def test_states_of_all_versions_are_read(case: str) -> None:
    """Written by `python tests/states/write.py` when the version was new."""
    close = prices(260, 9)
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


def test_threads_on_one_stream_are_one_after_the_other() -> None:
    live, panel = Stream(), PanelStream(range(20))
    failed: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(300):
                live.update(7.0)
                live.peek(8.0)
                live.revise(7.0)
                panel.update([7.0] * 20)
        except BaseException as error:
            failed.append(error)
            raise

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert live.bars == 1200
    assert panel.bars.tolist() == [1200] * 20
    expected = batch(ATCConfig(), np.full(1200, 7.0))[:, -1]
    assert np.array_equal(outputs(live.config, live.result), expected)
    assert np.array_equal([values[3] for values in outputs(panel.config, panel.result)], expected)


def test_an_update_waits_for_another_thread_that_extends() -> None:
    live, flat = Stream(), np.full(100_000, 7.0)
    thread = threading.Thread(target=lambda: [live.extend(flat) for _ in range(5)])
    thread.start()
    bars = 0
    while thread.is_alive():
        live.update(7.0)
        live.peek(8.0)
        assert live.bars > bars
        bars += 1
    thread.join()
    assert live.bars == 500_000 + bars
    expected = batch(live.config, np.full(live.bars, 7.0))[:, -1]
    assert np.array_equal(outputs(live.config, live.result), expected)


@pytest.mark.parametrize("strategy_mode", [False, True])
@pytest.mark.parametrize("level", sorted({name.split("_")[-1] for name in kernels_of(ATCConfig().structure)}))
def test_panel_is_one_stream_a_symbol(
    level: str, strategy_mode: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Gaps, late starts, peeks, revisions, saving, symbols that come and go."""
    use(monkeypatch, f"default_{level}")
    rng = np.random.default_rng(1)
    config = ATCConfig(cutout=3, strategy_mode=strategy_mode)
    panel = PanelStream([f"S{i}" for i in range(13)], config, alert_from="EMA")
    alone: dict[Any, Stream] = {name: Stream(config, alert_from="EMA") for name in panel.symbols}
    price = dict.fromkeys(alone, 100.0)
    for bar in range(220):
        price = {name: value * np.exp(rng.normal(0, 0.02)) for name, value in price.items()}
        now = {name: value for name, value in price.items() if rng.random() > (0.5 if name == "S3" else 0.05)}
        if bar % 40 == 20:
            panel.add([bar])
            alone[bar], price[bar], now[bar] = Stream(config, alert_from="EMA"), 50.0, 50.0
        if bar % 60 == 50:
            gone = panel.symbols[bar % 7]
            panel.drop([gone])
            for held in (alone, price, now):
                held.pop(gone, None)
        peeked = panel.peek(now)
        result = panel.update(pd.Series(now) if bar % 2 else now)
        assert all(np.array_equal(peeked[key], result[key], equal_nan=True) for key in result)
        for name, value in now.items():
            alone[name].update(value)
        if bar % 9 == 4 and now:
            some = [*now][:5]
            result = panel.revise({name: now[name] * 1.5 for name in some})
            for name in some:
                alone[name].revise(now[name] * 1.5)
        if bar % 30 == 11:
            panel = pickle.loads(pickle.dumps(panel))
        for number, name in enumerate(panel.symbols):
            shown = {key: values[number] for key, values in panel.result.items()}
            assert repr({key: float(value) for key, value in shown.items()}) == repr(
                {key: float(value) for key, value in alone[name].result.items()}
            )
        assert panel.bars.tolist() == [alone[name].bars for name in panel.symbols]
        absent = [number for number, name in enumerate(panel.symbols) if name not in now]
        if bar % 9 != 4:
            assert np.isnan(result["EMA_Signal"][absent]).all()
            assert not result["event"][absent].any()


def test_panel_with_its_own_src() -> None:
    closes, srcs = np.stack([prices(100, 1), prices(100, 2)]), np.stack([prices(100, 3), prices(100, 4)])
    panel = PanelStream(["a", "b"])
    rows = [panel.update(close, src) for close, src in zip(closes.T, srcs.T, strict=True)]
    for number in (0, 1):
        expected = batch(ATCConfig(), closes[number], srcs[number])
        shown = [[row[name][number] for row in rows] for name in panel.config.output_names]
        assert np.array_equal(shown, expected, equal_nan=True)


def test_prices_by_name_in_any_order_and_results_that_stay() -> None:
    names, rows = ["a", 2, ("c", 1)], np.stack([prices(60, seed) for seed in range(3)]).T
    plain, index = PanelStream(names), pd.Index(names, tupleize_cols=False)
    ways: list[Callable[[NDArray[np.float64]], Any]] = [
        lambda row: pd.Series(row, index),
        lambda row: pd.Series(row, index)[::-1],
        lambda row: dict(zip(names, row, strict=True)),
        lambda row: dict(zip(names[::-1], row[::-1], strict=True)),
        lambda row: row[::-1].copy()[::-1],
        lambda row: row.tolist(),
    ]
    panels = [PanelStream(names) for _ in ways]
    for row in rows:
        expected = plain.update(row)
        kept = {name: values.copy() for name, values in expected.items()}
        for panel, way in zip(panels, ways, strict=True):
            result = panel.update(way(row))
            assert all(np.array_equal(result[key], expected[key], equal_nan=True) for key in expected)
            for values in result.values():
                values[:] = 7.0
            assert all(np.array_equal(panel.result[key], kept[key], equal_nan=True) for key in kept)
    panels[0].add(["d"])
    result = panels[0].update(pd.Series(rows[0], index))
    assert np.isnan(result["KAMA_S"]).tolist() == [False, False, False, True]
    assert panels[0].bars.tolist() == [61, 61, 61, 0]
    with pytest.raises(ValueError, match="shape"):
        panels[0].update(5.0)
    with pytest.raises(ValueError, match="shape"):
        panels[1].update(pd.DataFrame({"x": rows[0]}, index))


def test_bad_panel_arguments() -> None:
    panel = PanelStream(["a", "b"])
    panel.update([1.0, 2.0])
    before = panel.to_bytes()
    with pytest.raises(PriceError, match="b: price=-1"):
        panel.update([1.0, -1.0])
    with pytest.raises(PriceError, match="a: src=inf"):
        panel.update([1.0, 1.0], [np.inf, 1.0])
    with pytest.raises(ValueError, match="'c' is unknown"):
        panel.update({"a": 1.0, "c": 2.0})
    with pytest.raises(ValueError, match=r"shape \(3,\): give 2 numbers"):
        panel.update([1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="'a' is there already"):
        panel.add(["c", "a"])
    with pytest.raises(ValueError, match="'z' is unknown"):
        panel.drop(["a", "z"])
    assert panel.to_bytes() == before
    panel.add("c")
    with pytest.raises(IndexError, match="'c' has no bar to revise"):
        panel.revise([1.0, 1.0, 1.0])
    panel.drop(["a", "b", "c"])
    assert panel.update([]) == {} or len(panel.update([])["EMA_S"]) == 0
    with pytest.raises(TypeError, match=r"\('x', 1\) cannot be saved"):
        PanelStream([("x", 1)]).to_bytes()


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
