"""Weights and thresholds may be any finite numbers, as in the script: kernels against the oracle."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from support.golden import assert_same_bits, golden
from support.kernels import at_all_levels, run_kernel, run_oracle

import atc_cy
from atc_cy import ATCConfig, Stream

CLOSE = golden("usd_default").close[:400]
WEIGHTS: list[dict[str, Any]] = [
    {"ema_w": 0, "hma_w": -3, "kama_w": -0.0},
    {"ema_w": -1e308},
    {f"{name.lower()}_w": -5 for name in atc_cy.MOVING_AVERAGES},
    {"ema_w": 0.25 - 1e-11, "wma_w": 1e6},
]


@pytest.mark.parametrize("weights", WEIGHTS, ids=str)
@pytest.mark.parametrize("cutout", [0, 7])
@pytest.mark.parametrize("name", at_all_levels("default", "generic"))
def test_weights(name: str, cutout: int, weights: dict[str, Any]) -> None:
    config = ATCConfig(cutout=cutout, **weights)
    expected = run_oracle(config, CLOSE)
    assert_same_bits(run_kernel(name, config, CLOSE), expected)
    started = [expected[f"{each}_S"][cutout] for each in config.moving_averages]
    assert started == [max(weight, 0.25) if weight != 0.25 - 1e-11 else weight for weight in config.weights]
    assert not np.isnan(expected["Average_Signal"][cutout:]).any()  # no sum of equities is 0


@pytest.mark.parametrize(("long", "short"), [(-0.3, 0.3), (-0.5, -0.1), (0.2, 0.6), (-9, 7), (5, -5)])
def test_thresholds_in_any_order(long: float, short: float) -> None:
    config = ATCConfig(long_threshold=long, short_threshold=short)
    result = atc_cy.compute_atc_signals(pd.Series(CLOSE), long_threshold=long, short_threshold=short)
    stream, directions, turns = Stream(config), atc_cy.direction(result), atc_cy.events(result)
    average = result["Average_Signal"].tolist()
    path = np.nan
    for bar, price in enumerate(CLOSE.tolist()):
        stream.update(price)
        if bar and average[bar] > long and average[bar - 1] <= long:
            path = 1.0
        if bar and average[bar] < short and average[bar - 1] >= short:
            path = -1.0
        assert np.array_equal([directions[bar], stream.direction], [path, path], equal_nan=True)
        assert stream.event == turns[bar]
    assert (directions.isna().all()) == (abs(long) > 1)
