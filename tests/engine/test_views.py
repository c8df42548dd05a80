"""The calibration view and the weight table show the oracle's lanes."""

import numpy as np
import pandas as pd
import pytest
from support.golden import golden
from support.kernels import run_oracle

from atc_cy import ATCConfig, PriceError, calibration, weight_table
from atc_cy.lanes import FALLING, FLAT, RISING, lane_labels
from atc_cy.reference import LANE_SUFFIXES

CLOSE = golden("usd_default").close[:300]
DAYS = pd.date_range("2020-01-01", periods=300)
CONFIG = ATCConfig(moving_averages=("EMA", "KAMA"), robustness="Wide", kama_len=20, cutout=5)


def test_labels() -> None:
    assert lane_labels(ATCConfig()) == ["ρ", "ρ+1", "ρ+2", "ρ+4", "ρ+6", "ρ-1", "ρ-2", "ρ-4", "ρ-6"]


@pytest.mark.parametrize("moving_average", ["EMA", "KAMA"])
def test_calibration(moving_average: str) -> None:
    close = CLOSE.copy()
    close[50] = np.nan
    table = calibration(pd.Series(close, DAYS), moving_average, CONFIG)
    expected = run_oracle(CONFIG, close)
    assert table.index is DAYS or table.index.equals(DAYS)
    assert table.shape == (300, 27)
    for kind, prefix in (("average", ""), ("signal", "s"), ("equity", "e")):
        for label, suffix in zip(lane_labels(CONFIG), LANE_SUFFIXES, strict=True):
            lane = expected[f"{prefix}{moving_average}{suffix}"]
            assert np.array_equal(table[kind, label], lane, equal_nan=True)


@pytest.mark.parametrize("bar", [-1, 0, 3, 5, 6, 50, 51, 100, 298, -299])
def test_weight_table(bar: int) -> None:
    close = CLOSE.copy()
    close[50] = np.nan
    src = close * 1.01
    table = weight_table(close, CONFIG, src=src, bar=bar)
    row = np.flatnonzero(~np.isnan(close))[bar]
    expected = run_oracle(CONFIG, close, src)
    assert list(table.index) == ["EMA", "KAMA"]
    longest_first = ["ρ+7", "ρ+5", "ρ+3", "ρ+1", "ρ", "ρ-1", "ρ-3", "ρ-5", "ρ-7"]
    assert list(table.columns) == ["signal", "trend", "γ", *longest_first, "colour"]
    before = np.flatnonzero(~np.isnan(close[:row]))[-1] if row else None
    for name, one in table.iterrows():
        signal = expected[f"{name}_Signal"][row]
        weight = np.nan if before is None else expected[f"{name}_S"][before]
        assert np.array_equal([one["signal"], one["γ"]], [signal, weight], equal_nan=True)
        lanes = [
            np.nan if before is None else expected[f"e{name}{suffix}"][before] for suffix in LANE_SUFFIXES
        ]
        assert np.array_equal(one[lane_labels(CONFIG)].astype(float), lanes, equal_nan=True)
        if row < CONFIG.cutout:
            assert pd.isna(one["colour"])
        else:
            assert one["trend"] == np.sign(signal)
            assert one["colour"] == {1.0: RISING, -1.0: FALLING, 0.0: FLAT}[one["trend"]]


def test_bad_arguments() -> None:
    with pytest.raises(
        ValueError, match=r"moving_average='HMA' is not one of the config's types; .*known: EMA, KAMA"
    ):
        calibration(CLOSE, "HMA", CONFIG)
    for bar in (300, -301):
        with pytest.raises(IndexError, match=f"bar={bar} is out of range: there are 300 bars"):
            weight_table(CLOSE, CONFIG, bar=bar)
    with pytest.raises(PriceError, match="row 1"):
        calibration([1.0, -1.0], "EMA")
