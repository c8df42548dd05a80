"""What live feeds take for a price, what they refuse, and how they say so."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from atc_cy import PanelStream, PriceError, Stream, hotpaths

MISSING = [None, pd.NA, np.nan, Decimal("nan")]


@pytest.mark.parametrize("missing", MISSING, ids=repr)
def test_what_is_missing_is_no_bar(missing: Any) -> None:
    live, panel = Stream("ema_only"), PanelStream(["A", "B"], "ema_only")
    live.update(1.0)
    panel.update([1.0, 2.0])
    assert np.isnan(live.update(missing))
    assert repr(live.peek(missing)) == repr(live.result)
    with pytest.raises(PriceError, match="price=nan"):
        live.revise(missing)
    for prices in (
        [1.0, missing],
        {"A": 1.0, "B": missing},
        pd.Series([1.0, missing], ["A", "B"], dtype=object),
    ):
        assert np.isnan(panel.update(prices)["EMA_Signal"]).tolist() == [False, True]
    assert (live.bars, panel.bars.tolist()) == (1, [4, 1])


def test_a_decimal_is_a_price() -> None:
    live, panel = Stream("ema_only"), PanelStream(["A"], "ema_only")
    live.update(Decimal("1.5"))
    panel.update([Decimal("1.5")])
    assert live.last_bar == (1.5, 1.5)
    live.update(2.0, Decimal("1.5"))
    assert live.last_bar == (2.0, 1.5)


@pytest.mark.parametrize(
    "bad", ["1.5", "1_0", "", b"1", [1.0], np.array([1.0, 2.0]), 1j, np.timedelta64(1, "s")]
)
def test_what_is_no_number_is_named(bad: Any) -> None:
    live = Stream("ema_only")
    live.update(1.0)
    for call in (live.update, live.peek, live.revise):
        with pytest.raises(TypeError, match=r"price=.* must be a number"):
            call(bad)
        with pytest.raises(TypeError, match=r"src=.* must be a number"):
            call(1.0, bad)
    assert live.bars == 1


@pytest.mark.parametrize(
    "bad", [True, False, np.True_, np.False_, np.array(True), np.array([True])], ids=repr
)
def test_a_truth_value_is_no_price(bad: Any) -> None:
    live, panel = Stream("ema_only"), PanelStream(["A", "B"], "ema_only")
    live.update(1.0)
    for call in (live.update, live.peek, live.revise):
        with pytest.raises(TypeError, match=r"price=.* must be a number, not"):
            call(bad)
        with pytest.raises(TypeError, match=r"src=.* must be a number, not"):
            call(1.0, bad)
    assert live.last_bar == (1.0, 1.0)
    for truth in (bool(bad), np.bool_(bool(bad))):
        for prices in ([1.5, truth], (1.5, truth), {"A": 1.5, "B": truth}):
            with pytest.raises(TypeError, match=r"prices must be numeric, but row 1 is .*(True|False)"):
                panel.update(prices)
            with pytest.raises(TypeError, match=r"src must be numeric, but row 1 is .*(True|False)"):
                panel.update([1.0, 2.0], prices)
            if not isinstance(prices, dict):
                with pytest.raises(TypeError, match=r"prices must be numeric, but row 1 is"):
                    live.extend(prices)
    assert not panel.bars.any()
    assert live.bars == 1


@pytest.mark.parametrize("values", [[True, False], ["1", "2"]], ids=repr)
def test_a_masked_array_is_no_way_round(values: list[Any]) -> None:
    panel = PanelStream(["A", "B"], "ema_only")
    with pytest.raises(TypeError, match="prices must be numeric, but row 1 is"):
        panel.update(np.ma.masked_array(values, [True, False]))
    panel.update(np.ma.masked_array([1, 2], [True, False]))
    assert panel.bars.tolist() == [0, 1]


@pytest.mark.parametrize("number", [np.float32(1.5), np.array(1.5), np.int64(2), 2], ids=repr)
def test_numbers_of_any_kind_are_prices(number: Any) -> None:
    live = Stream("ema_only")
    live.update(number, number)
    assert live.last_bar == (float(number), float(number))


@pytest.mark.parametrize("bad", ["1.5", "1_0", "x", ""])
def test_text_is_no_price_of_a_panel(bad: str) -> None:
    panel = PanelStream(["A", "B"], "ema_only")
    for prices in ([1.0, bad], {"A": 1.0, "B": bad}, pd.Series([1.0, bad], ["A", "B"], dtype=object)):
        with pytest.raises(TypeError, match=f"prices must be numeric, but row 1 is '{bad}', str"):
            panel.update(prices)
    assert not panel.bars.any()


@pytest.mark.parametrize(
    "bad", [{1.0, 2.0}, [True, False], 5.0, None, pd.DataFrame({"A": [1.0], "B": [2.0]})]
)
def test_what_holds_no_prices_of_a_panel(bad: Any) -> None:
    with pytest.raises((TypeError, ValueError), match=r"prices (must be|has the shape)"):
        PanelStream(["A", "B"], "ema_only").update(bad)


@pytest.mark.parametrize("bad", [5, None, 1.5])
def test_symbols_are_a_sequence(bad: Any) -> None:
    with pytest.raises(TypeError, match=f"symbols={bad} must be names"):
        PanelStream(bad)
    for call in (PanelStream(["A"]).add, PanelStream(["A"]).drop):
        with pytest.raises(TypeError, match=f"symbols={bad} must be names"):
            call(bad)


@pytest.mark.parametrize("kind", [Stream, PanelStream])
def test_what_is_no_bytes(kind: Any) -> None:
    for bad in (None, "ATC-CY", 5):
        with pytest.raises(TypeError, match="must be bytes, as to_bytes returns them"):
            kind.from_bytes(bad)
    live = Stream("ema_only")
    live.update(1.0)
    assert repr(Stream.from_bytes(bytearray(live.to_bytes())).result) == repr(live.result)
    assert repr(Stream.from_bytes(memoryview(live.to_bytes())).result) == repr(live.result)


def test_what_is_recorded_of_live_bars(tmp_path: Path) -> None:
    stream, panel = Stream("ema_only"), PanelStream(["A", "B", "C"], "ema_only")
    calls: list[tuple[Callable[[], Any], tuple[int, int]]] = [
        (lambda: stream.update(1.0), (1, 1)),
        (lambda: stream.peek(1.0), (1, 1)),
        (lambda: stream.revise(1.0), (1, 1)),
        (lambda: stream.extend([1.0, 1.0]), (2, 1)),
        (lambda: panel.update([1.0, 2.0, np.nan]), (2, 2)),
        (lambda: panel.peek([1.0, np.nan, np.nan]), (1, 1)),
        (lambda: panel.revise([1.0, 2.0, np.nan], [1.0, np.nan, 3.0]), (1, 1)),
    ]
    for number, (call, counts) in enumerate(calls):
        path = tmp_path / str(number)
        with hotpaths.record(path):
            call()
        (usage,) = hotpaths.read(path)
        assert (usage.calls, usage.bars, usage.symbols) == (1, *counts), number


def test_prices_of_arrow() -> None:
    panel, expected = PanelStream(["A", "B"], "ema_only"), PanelStream(["A", "B"], "ema_only")
    found, given = panel.update(pa.array([1.0, 2.0])), expected.update([1.0, 2.0])
    assert panel.bars.tolist() == [1, 1]
    for output, values in given.items():
        assert np.array_equal(found[output], values, equal_nan=True)
