"""A stream has the numbers of the batch at each bar, bit for bit, through all that can happen."""

import itertools
import pickle
import random
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from support.golden import GOLDEN, golden
from support.kernels import kernels_of
from support.streams import batch, outputs, prices, use_kernel

import atc_cy
from atc_cy import ATCConfig, PanelStream, PriceError, Stream, calibration, hotpaths
from atc_cy.live import saved

CASES = [case for case in GOLDEN if golden(case).close.size <= 1500]


@pytest.mark.parametrize(
    ("case", "name"), [(case, name) for case in CASES for name in kernels_of(golden(case).config.structure)]
)
def test_golden_bar_by_bar(case: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    use_kernel(monkeypatch, name)
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
        revised = live.revise(price, x)
        assert np.array_equal(revised, live.result["Average_Signal"], equal_nan=True)
        bar += 1
        assert live.bars == bar
        assert repr(live.result) == repr(peeked)
        assert np.array_equal(outputs(config, live.result), expected[:, bar - 1], equal_nan=True)
        use_kernel(monkeypatch, chance.choice(names))
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


@pytest.mark.parametrize("case", [case for case in CASES if golden(case).close.size >= 300])
def test_averages_are_those_of_calibration(case: str) -> None:
    config, close, src, _ = golden(case)
    expected = {
        name: calibration(close, name, config, src=src)["average"].iloc[:, 0].to_numpy()
        for name in config.moving_averages
    }
    live = Stream(config, depth=3)
    assert np.isnan([*live.averages.values()]).all()
    last = dict.fromkeys(expected, np.nan)
    for row, (price, x) in enumerate(zip(close[:300].tolist(), src[:300].tolist(), strict=True)):
        live.update(price, x)
        if price == price and x == x:  # a row without a price is no bar
            last = {name: values[row] for name, values in expected.items()}
        assert np.array_equal([*live.averages.values()], [*last.values()], equal_nan=True)
    before = live.to_bytes()
    shown = live.averages
    assert live.to_bytes() == before
    assert [*Stream.from_bytes(before).averages.values()] == [*shown.values()]
    rewound = live.copy()
    rewound.rewind(3)
    other = Stream(config)
    other.extend(close[:300], src[:300])
    assert other.averages == shown
    rows = np.flatnonzero(~np.isnan(close[:300] + src[:300]))
    assert rewound.averages == {name: values[rows[-4]] for name, values in expected.items()}


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
        for bad in (np.inf, -np.inf):
            with pytest.raises(PriceError, match=f"src={bad} is not valid: give a finite one, or NaN"):
                call(1.0, bad)
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
    with pytest.raises(ValueError, match=r"alert_from=array\(.*\) is unknown; did you mean 'EMA'"):
        Stream(alert_from=np.array(["EMA", "KAMA"]))  # type: ignore[arg-type]


def test_a_growth_beyond_the_largest_double() -> None:
    live = Stream(La=2000.0)
    with pytest.raises(
        PriceError, match=r"^La=2000\.0 is too large for \d+ bars: the growth exceeds the"
    ) as raised:
        sum(map(live.update, [100.0] * 10_000))
    assert f" {live.bars} bars" in str(raised.value)
    bars, before = live.bars, live.to_bytes()
    assert bars > 1
    with pytest.raises(PriceError, match=f"La=2000.0 is too large for {bars} bars"):
        live.peek(100.0)
    assert live.to_bytes() == before


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


def test_an_update_waits_for_another_thread_that_extends(tmp_path: Path) -> None:
    live, flat = Stream(), np.full(100_000, 7.0)
    thread = threading.Thread(target=lambda: [live.extend(flat) for _ in range(5)])
    bars = 0
    with hotpaths.record(tmp_path / "usage"):
        thread.start()
        while thread.is_alive():
            live.update(7.0)
            live.peek(8.0)
            assert live.bars > bars
            bars += 1
        thread.join()
    (usage,) = hotpaths.read(tmp_path / "usage")  # each call once
    assert (usage.calls, usage.bars, usage.symbols) == (5 + 2 * bars, 500_000 + 2 * bars, 5 + 2 * bars)
    assert live.bars == 500_000 + bars
    expected = batch(live.config, np.full(live.bars, 7.0))[:, -1]
    assert np.array_equal(outputs(live.config, live.result), expected)


def test_all_bars_are_taken_back_in_steps() -> None:
    for bars in (2, 3, 4, 7):
        live = Stream("ema_only", depth=3)
        live.extend(np.arange(1.0, bars + 1))
        live.rewind()
        live.rewind(min(bars, 3) - 1)
        assert live.bars == max(bars - 3, 0)
        with pytest.raises(IndexError, match="bars=1 is out of range: 0 can be taken back"):
            live.rewind()
    with pytest.raises(ValueError, match="depth=100001 is out of range"):
        Stream("ema_only", depth=100_001)


def test_a_loaded_stream_has_its_depth_again_after_as_many_bars() -> None:
    live = Stream("ema_only", depth=5)
    live.extend(np.arange(1.0, 9.0))
    config, header, payload = saved.unpack(saved.STREAM, live.to_bytes())
    fields = {**header, "rewindable": 2}
    loaded = Stream.from_bytes(saved.pack(saved.STREAM, config, fields, payload))
    with pytest.raises(IndexError, match="2 can be taken back"):
        loaded.rewind(3)
    loaded.extend(np.arange(1.0, 9.0))
    loaded.rewind(5)
    assert loaded.bars == 11
