"""What people call: containers, labels, bad input, direction and events."""

import logging
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from support.golden import assert_same_bits, golden
from support.kernels import output_names, run_oracle

import atc_cy
from atc_cy import ATCConfig, compute_atc_signals, compute_atc_signals_specialized, direction, events

CLOSE = golden("usd_default").close[:300]
DAYS = pd.date_range("2024-01-01", periods=300, name="date")


def arrays(result: dict[str, "pd.Series[float]"]) -> dict[str, Any]:
    return {name: series.to_numpy() for name, series in result.items()}


def test_golden_through_the_front_door() -> None:
    config, close, src, expected = golden("src_is_open")
    result = compute_atc_signals(pd.Series(close), pd.Series(src))
    assert list(result) == output_names(config)
    assert_same_bits(arrays(result), expected)


def test_every_parameter_reaches_the_kernel() -> None:
    parameters: dict[str, Any] = {
        "ema_len": 10, "hull_len": 11, "wma_len": 12, "dema_len": 13, "lsma_len": 14, "kama_len": 15,
        "ema_w": 0.3, "hma_w": 0.4, "wma_w": 0.5, "dema_w": 0.6, "lsma_w": 0.7, "kama_w": 0.8,
        "robustness": "Wide", "La": 0.3, "De": 0.2, "cutout": 20,
    }  # fmt: skip
    result = arrays(compute_atc_signals(CLOSE, **parameters))
    expected = run_oracle(ATCConfig(**parameters), CLOSE)
    assert_same_bits(result, {name: expected[name] for name in result})


def test_with_and_without_specialization() -> None:
    default = arrays(compute_atc_signals(CLOSE))
    assert_same_bits(arrays(compute_atc_signals(CLOSE, use_codegen_specialization=False)), default)
    assert_same_bits(arrays(compute_atc_signals_specialized(CLOSE, "default")), default)
    specialized = atc_cy.get_specialized_fn(ATCConfig())
    assert specialized is not None
    assert_same_bits(arrays(specialized(CLOSE)), default)


@pytest.mark.parametrize(
    "prices",
    [
        pd.Series(CLOSE, DAYS),
        pd.Series(CLOSE, DAYS.tz_localize("Europe/Berlin")),
        pd.Series(CLOSE, [f"bar {i}" for i in range(300)]),
        pd.Series(CLOSE, pd.RangeIndex(300, 0, -1)),
        pd.Series(CLOSE, DAYS).astype("Float64"),
        pd.Series(CLOSE, DAYS.to_period("D")),
    ],
)
def test_on_the_input_s_index(prices: "pd.Series[float]") -> None:
    result = compute_atc_signals(prices)
    for name, series in result.items():
        assert series.name == name
        assert series.dtype == np.float64
        assert series.index.equals(prices.index)
    assert_same_bits(arrays(result), arrays(compute_atc_signals(CLOSE)))


@pytest.mark.parametrize(
    "prices",
    [CLOSE.tolist(), tuple(CLOSE), CLOSE.astype(">f8"), np.ma.masked_array(CLOSE), CLOSE.astype(object)[:0]],
)
def test_sequences(prices: Sequence[float]) -> None:
    if len(prices) == 0:
        with pytest.raises(ValueError, match="prices is empty"):
            compute_atc_signals(prices)
    else:
        assert_same_bits(arrays(compute_atc_signals(prices)), arrays(compute_atc_signals(CLOSE)))


def test_integers_and_masks() -> None:
    ints = np.arange(1, 100)
    assert_same_bits(arrays(compute_atc_signals(ints)), arrays(compute_atc_signals(ints.astype(float))))
    masked = np.ma.masked_array(CLOSE, np.arange(300) % 7 == 0)
    holes = np.where(np.arange(300) % 7 == 0, np.nan, CLOSE)
    assert_same_bits(arrays(compute_atc_signals(masked)), arrays(compute_atc_signals(holes)))
    nullable = pd.Series(holes).astype("Float64")
    assert_same_bits(arrays(compute_atc_signals(nullable)), arrays(compute_atc_signals(holes)))


def test_float32_in_float32_out() -> None:
    single = CLOSE.astype(np.float32)
    result = arrays(compute_atc_signals(single))
    assert all(values.dtype == np.float32 for values in result.values())
    wide = arrays(compute_atc_signals(single.astype(np.float64)))
    assert_same_bits(result, {name: values.astype(np.float32) for name, values in wide.items()})
    mixed = arrays(compute_atc_signals(single, CLOSE))
    assert all(values.dtype == np.float64 for values in mixed.values())


def test_all_missing_gives_all_missing() -> None:
    result = compute_atc_signals(np.full(50, np.nan))
    assert all(series.isna().all() for series in result.values())


@pytest.mark.parametrize(
    ("prices", "error", "words"),
    [
        ([], ValueError, "prices is empty"),
        (1.0, ValueError, "one-dimensional"),
        (np.ones((3, 2)), ValueError, r"one-dimensional, not of shape \(3, 2\)"),
        (pd.DataFrame({"close": CLOSE}), ValueError, "give one column"),
        ([[1.0], [2.0, 3.0]], ValueError, "one-dimensional"),
        (["1", "2"], TypeError, "prices must be numeric"),
        ([1.0, "2"], TypeError, "prices must be numeric"),
        ([True, False], TypeError, "prices must be numeric"),
        ([1 + 2j], TypeError, "prices must be numeric"),
        (np.array(["2024"], "datetime64[D]"), TypeError, "prices must be numeric"),
        (pd.Series(["a"]).astype("category"), TypeError, "prices must be numeric"),
        ([1.0, 2.0, np.inf], ValueError, "prices has inf at row 2"),
        ([1.0, 0.0], ValueError, "prices has 0.0 at row 1"),
        (pd.Series([1.0, -3.0], DAYS[:2]), ValueError, r"prices has -3.0 at row 1 \(label 2024-01-02"),
        (
            pd.Series(CLOSE, DAYS[::-1]),
            ValueError,
            r"row 1: the rows must increase in time, but 2024-10-25.*follows 2024-10-26.*\(row 0\)",
        ),
        (
            pd.Series([1.0, 2.0], DAYS[[0, 0]]),
            ValueError,
            r"row 1: the time 2024-01-01.*occurs twice, first in row 0",
        ),
        (
            pd.Series([1.0, 2.0], pd.DatetimeIndex(["2024-01-01", None])),
            ValueError,
            "row 1: there is no time",
        ),
    ],
)
def test_bad_prices(prices: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        compute_atc_signals(prices)


@pytest.mark.parametrize(
    ("src", "error", "words"),
    [
        (CLOSE[:-1], ValueError, "src has 299 values and prices has 300"),
        (pd.Series(CLOSE, DAYS + pd.Timedelta("1h")), ValueError, "src has another index .* row 0"),
        (np.where(np.arange(300) == 7, np.inf, CLOSE), ValueError, "src has inf at row 7"),
        (["x"] * 300, TypeError, "src must be numeric"),
    ],
)
def test_bad_src(src: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        compute_atc_signals(pd.Series(CLOSE, DAYS), src)


def test_a_bad_src_of_a_low_price() -> None:
    with pytest.raises(ValueError, match="src has inf at row 1: it must be finite"):
        compute_atc_signals([0.5, 0.5], [0.5, np.inf])


@pytest.mark.parametrize("same", [DAYS.as_unit("ns"), DAYS.as_unit("s"), DAYS.tz_localize("UTC")])
def test_src_has_the_same_times(same: pd.DatetimeIndex) -> None:
    """In another unit, or as another clock shows them."""
    prices = pd.Series(CLOSE, DAYS.as_unit("us"))
    if same.tz is not None:
        prices = prices.tz_localize("UTC").tz_convert("Europe/Berlin")
    result = compute_atc_signals(prices, pd.Series(CLOSE[::-1], same))
    assert_same_bits(arrays(result), arrays(compute_atc_signals(CLOSE, CLOSE[::-1])))


def test_too_much_growth() -> None:
    with pytest.raises(ValueError, match=r"La=7000\.0 is too large for 300 rows: at row 102 "):
        compute_atc_signals(CLOSE, La=7000.0)


def test_structure_overrides(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "atc_cy"):
        compute_atc_signals_specialized(CLOSE, "default", La=0.5, cutout=3, ema_w=2, strategy_mode=True)
        assert not caplog.records
        result = compute_atc_signals_specialized(CLOSE, "default", ema_len=20)
    assert len(caplog.records) == 1
    assert "preset 'default' is compiled for EMA 28 " in caplog.text
    assert "not for EMA 20 " in caplog.text
    assert_same_bits(arrays(result), arrays(compute_atc_signals(CLOSE, ema_len=20)))
    with pytest.raises(ValueError, match="not for EMA 20 "):
        compute_atc_signals_specialized(CLOSE, "default", fallback=False, ema_len=20)


def test_specializable() -> None:
    assert atc_cy.is_config_specializable(ATCConfig(La=0.5))
    assert not atc_cy.is_config_specializable(ATCConfig(ema_len=20))
    assert atc_cy.get_specialized_fn(ATCConfig(ema_len=20)) is None


@pytest.mark.parametrize("specialization", [True, False])
def test_arrays_in_and_out(specialization: bool) -> None:
    config, close, src, expected = golden("src_is_open")
    compute = atc_cy.get_array_fn(config, use_codegen_specialization=specialization)
    for _ in range(2):  # the second call starts anew
        out = compute(close, src)
        assert_same_bits(dict(zip(config.output_names, out, strict=True)), expected)
    single = close.astype(np.float32)
    memory = np.empty((len(config.output_names), 2 * close.size), np.float32)[:, ::2]
    assert compute(single, out=memory) is memory
    oracle = run_oracle(config, single)
    found = dict(zip(config.output_names, memory, strict=True))
    assert_same_bits(found, {name: oracle[name] for name in found})


def test_bad_arrays() -> None:
    compute = atc_cy.get_array_fn(ATCConfig())
    with pytest.raises(ValueError, match="prices has -1"):
        compute(np.array([1.0, -1.0]))
    with pytest.raises(TypeError, match="close must be float64 or float32"):
        compute(np.array([1, 2]))
    with pytest.raises(ValueError, match="one-dimensional"):
        compute(np.ones((2, 2)))
    with pytest.raises(ValueError, match=r"out must have the shape \(13, 2\)"):
        compute(np.ones(2), out=np.empty((13, 3)))


def test_strategy_mode_is_one_bar_late() -> None:
    holes = np.where(np.arange(300) % 5 == 3, np.nan, CLOSE)
    now = compute_atc_signals(holes)
    late = compute_atc_signals(holes, strategy_mode=True)
    is_bar = ~np.isnan(holes)
    expected = [np.nan, *now["Average_Signal"][is_bar][:-1]]
    assert np.array_equal(late["Average_Signal"][is_bar], expected, equal_nan=True)
    assert late["Average_Signal"][~is_bar].isna().all()
    assert now["EMA_S"].equals(late["EMA_S"])


def law_s_direction(average: Sequence[float], long: float, short: float) -> tuple[list[float], list[int]]:
    """The definition, bar by bar."""
    directions, turns = [], []
    path, last = np.nan, np.nan
    for value in average:
        event = 0
        if value == value:
            before = path
            if value > long and last <= long:
                path = 1.0
                event = 1 if before == -1 else 0
            if value < short and last >= short:
                path = -1.0
                event = -1 if before == 1 else 0
            last = value
        directions.append(path if value == value else np.nan)
        turns.append(event)
    return directions, turns


@pytest.mark.parametrize(
    ("long", "short"), [(0.1, -0.1), (0.0, 0.0), (0.5, -0.2), (1.0, -1.0), (-0.3, 0.3), (-9, 7)]
)
def test_direction_and_events(long: float, short: float) -> None:
    rng = np.random.default_rng(5)
    for average in (
        compute_atc_signals(golden("isk_gap_compacted").close)["Average_Signal"].to_numpy(),
        rng.choice([np.nan, -1, -0.3, -0.1, 0, 0.1, 0.3, 1], 500),
        np.full(3, np.nan),
        np.array([0.5]),
    ):
        result = {"Average_Signal": pd.Series(average, name="Average_Signal")}
        path = direction(result, long_threshold=long, short_threshold=short)
        turns = events(result, long_threshold=long, short_threshold=short)
        expected_path, expected_turns = law_s_direction(average, long, short)
        assert np.array_equal(path, expected_path, equal_nan=True)
        assert np.array_equal(turns, expected_turns)
        assert turns.dtype == np.int8


def test_direction_of_something_else() -> None:
    with pytest.raises(ValueError, match="no 'Average_Signal'"):
        direction({})
    with pytest.raises(ValueError, match="long_threshold=inf"):
        events(compute_atc_signals(CLOSE), long_threshold=float("inf"))


def test_exponential_multiplier() -> None:
    assert atc_cy.exponential_multiplier(1) == 1.0
    with pytest.warns(atc_cy.ExponentialMultiplierWarning):
        assert atc_cy.exponential_multiplier(101, La=1000.0, cutout=99) == 2.718281828459045
    assert atc_cy.exponential_multiplier(10, cutout=100) == 1.0  # before the cutout
    with pytest.warns(atc_cy.ExponentialMultiplierWarning, match=r"is 1\.15, too high: lower La=0\.02"):
        atc_cy.exponential_multiplier(7126)
    with pytest.warns(atc_cy.ExponentialMultiplierWarning, match="way too high"):
        atc_cy.exponential_multiplier(7126, La=0.04)
    assert issubclass(atc_cy.ExponentialMultiplierWarning, UserWarning)
    with pytest.raises(ValueError, match="bars=0"):
        atc_cy.exponential_multiplier(0)


def test_threads_share_nothing() -> None:
    expected = arrays(compute_atc_signals(CLOSE))
    found: list[dict[str, Any]] = []
    threads = [
        threading.Thread(target=lambda: found.append(arrays(compute_atc_signals(CLOSE)))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    for result in found:
        assert_same_bits(result, expected)
