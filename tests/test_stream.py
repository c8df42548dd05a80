"""Live, bar by bar, is the batch, bit for bit; what is saved comes back or is refused."""

import itertools
import json
import pickle
import random
import struct
import threading
import zlib
from collections.abc import Callable
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
    with pytest.raises(ValueError, match="depth=0"):
        Stream(depth=0)
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


def forged(data: bytes, **changes: Any) -> bytes:
    """A container whose checksum is right, but not what it holds."""
    magic, version, kind, length, size = struct.unpack_from("<8sHHIQ", data)
    header = {**json.loads(data[24 : 24 + length]), **changes}
    text, payload = json.dumps(header).encode(), data[24 + length : 24 + length + size]
    body = (
        struct.pack("<8sHHIQ", magic, changes.get("version", version), kind, len(text), size) + text + payload
    )
    return body + struct.pack("<I", zlib.crc32(body))


def test_states_that_do_not_fit_together() -> None:
    live = Stream("short")
    live.extend(prices(90))
    data = live.to_bytes()
    fields = json.loads(data[24 : 24 + struct.unpack_from("<I", data, 12)[0]])["config"]
    for changes in (
        {"config": {**fields, "ema_len": 20}},
        {"config": {**fields, "ema_len": -1}},
        {"config": {**fields, "colour": 1}},
        {"config": None},
        {"depth": "x"},
        {"recent": 10**9},
        {"alert_from": "RSI"},
        {"version": 2},
    ):
        with pytest.raises(StateError):
            Stream.from_bytes(forged(data, **changes))
    with pytest.raises(StateError, match="of kind Stream, not of PanelStream"):
        PanelStream.from_bytes(data)
    with pytest.raises(StateError, match="no saved state"):
        Stream.from_bytes(b"")


@pytest.mark.parametrize("case", ["stream-v1", "panel-v1"])
def test_states_of_version_1_are_read(case: str) -> None:
    """Written by the first release; `python tests/states/write.py` wrote them."""
    close = prices(260, 9)
    data = (RECORDED / case).read_bytes()
    expected = batch(ATCConfig(cutout=5, La=0.1), close)[:, -60:]
    if case == "stream-v1":
        live = Stream.from_bytes(data)
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


def test_panels_of_two_structures_are_refused() -> None:
    generic = kernel(kernels_of(ATCConfig().structure)[0])
    panels = []
    for moving_averages in (["EMA"], ["EMA", "KAMA"]):
        config = ATCConfig(moving_averages=moving_averages)
        panels.append(generic.Panel(*config.kernel_arguments))
    prices = np.ones((2, generic.PANEL_WIDTH))
    with pytest.raises(ValueError, match="one structure"):
        generic.update_panels(tuple(panels), prices, prices, np.empty((3, 2, generic.PANEL_WIDTH)))
    generic.update_panels(tuple(panels[:1]), prices[:1], prices[:1], np.empty((3, 1, generic.PANEL_WIDTH)))


def test_records_are_the_same_everywhere() -> None:
    """At every CPU level, from the preset's kernel and the generic one, alone or beside others."""
    config, close = ATCConfig.from_preset("kama_only"), prices(150)
    records = set()
    for name in kernels_of(config.structure):
        symbol = kernel(name).Symbol(*config.kernel_arguments)
        symbol.advance(close, close, np.empty((3, 150)))
        records.add(symbol.record())
        panel = kernel(name).Panel(*config.kernel_arguments)
        panel.restore((symbol.record(),) * 2)
        records.add(panel.record(1))
        with pytest.raises(ValueError, match="not the"):
            symbol.restore(symbol.record()[:-8])
    assert len(records) == 1
    assert run_kernel(name, config, close)["KAMA_S"][-1] > 0
