"""Each symbol of a panel has the numbers of its own stream."""

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from support.kernels import kernels_of
from support.streams import batch, prices, use_kernel

from atc_cy import ATCConfig, PanelStream, PriceError, Stream


@pytest.mark.parametrize("strategy_mode", [False, True])
@pytest.mark.parametrize("level", sorted({name.split("_")[-1] for name in kernels_of(ATCConfig().structure)}))
def test_panel_is_one_stream_a_symbol(
    level: str, strategy_mode: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Gaps, late starts, peeks, revisions, saving, symbols that come and go."""
    use_kernel(monkeypatch, f"default_{level}")
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
    with pytest.raises(ValueError, match="'a' exists already"):
        panel.add(["c", "a"])
    with pytest.raises(ValueError, match="symbols: symbol 'c' occurs twice, at places 0 and 1"):
        panel.add(["c", "c"])
    with pytest.raises(ValueError, match=r"symbols: the symbol at place 1 is missing \(None\)"):
        panel.add(["c", None])
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


def test_a_growth_beyond_the_largest_double_names_the_symbol_and_its_bars() -> None:
    panel = PanelStream(["a", "b"], "ema_only", La=2000.0)
    panel.update([1.0, np.nan])
    words = r"^a: La=2000\.0 is too large for \d+ bars: the growth exceeds the largest double$"
    with pytest.raises(PriceError, match=words) as raised:
        sum(len(panel.update([1.0, 1.0])) for _ in range(10_000))
    assert f" {panel.bars[0]} bars" in str(raised.value)
    assert raised.value.row == 0
    assert panel.bars[1] == panel.bars[0] - 1 > 0


def test_names_that_cannot_be_names() -> None:
    with pytest.raises(TypeError, match=r"symbols=\[\['a'\]\] must be names, such as"):
        PanelStream([["a"]])  # type: ignore[list-item]


def test_names_of_symbols() -> None:
    assert PanelStream("BTC", "ema_only").symbols == ["BTC"]
    for names in (pd.DataFrame({"A": [1]}), np.array([["A"]]), np.array("A"), 7, [["A"]]):
        with pytest.raises(TypeError, match="must be names, such as"):
            PanelStream(names, "ema_only")  # type: ignore[arg-type]
