"""Alerts, which are never late, beside arrows, which are late in strategy mode: as the script has them."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from support.golden import golden

from atc_cy import ATCConfig, alerts, compute_atc_signals, events, reference

PRICES = pd.Series(golden("usd_default").close[:1200].copy(), pd.date_range("2020-01-01", periods=1200))
PRICES.iloc[700] = np.nan
LONG, SHORT = 0.2, -0.3


def as_the_script(alert: list[float], followed: list[float], late: bool) -> list[int]:
    """The alerts of each bar, from outputs that are not late."""
    fired, path = [], math.nan
    for t, value in enumerate(alert):
        fired.append(0)
        before = alert[t - 1] if t else math.nan
        if value > LONG and before <= LONG and path == -1:
            fired[-1] = 1
        if value < SHORT and before >= SHORT and path == 1:
            fired[-1] = -1
        v = ([math.nan, *followed] if late else followed)[: t + 1]
        if t and v[t] > LONG and v[t - 1] <= LONG:
            path = 1.0
        if t and v[t] < SHORT and v[t - 1] >= SHORT:
            path = -1.0
    return fired


@pytest.mark.parametrize("bars", [1200, 701, 300, 9, 1])
@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("names", [("Average", "Average"), ("EMA", "Average"), ("Average", "KAMA")], ids=str)
def test_alerts(names: tuple[str, str], late: bool, bars: int) -> None:
    prices = PRICES[:bars]
    oracle = reference.atc(prices.dropna().tolist(), ATCConfig(cutout=3))
    expected = as_the_script(*(oracle[f"{name}_Signal"] for name in names), late)
    numbers: dict[str, Any] = {"long_threshold": LONG, "short_threshold": SHORT, "cutout": 3}
    where = {"alert_from": names[0], "direction_from": names[1]}
    result = compute_atc_signals(prices, strategy_mode=late, **numbers)
    fired = alerts(result, **where)
    assert (fired.dtype, fired.name) == (np.int8, "alert")
    assert fired[prices.notna()].tolist() == expected
    assert fired[prices.isna()].eq(0).all()
    other = compute_atc_signals(prices, strategy_mode=not late, **numbers)
    assert alerts(other, **where, strategy_mode=late).equals(fired)
    assert bars < 1200 or fired.abs().sum() > 5


def test_an_alert_comes_a_bar_before_its_arrow_in_strategy_mode() -> None:
    prices = PRICES.dropna()
    late, now = (compute_atc_signals(prices, strategy_mode=mode) for mode in (True, False))
    assert alerts(now).tolist() == events(now).tolist()
    arrows, fired = events(late).to_numpy(), alerts(late).to_numpy()
    bars = np.flatnonzero(fired[:-1])
    assert (fired[bars] == arrows[bars + 1]).all()
    # Two turns in two bars: the direction of the alert is the one before them.
    assert 5 < bars.size <= np.abs(arrows).sum()


def test_a_late_average_without_its_last_one() -> None:
    result = compute_atc_signals(PRICES.astype(np.float32), strategy_mode=True)
    with pytest.raises(ValueError, match="a whole result of float64 prices, or one without strategy_mode"):
        alerts(result)
    assert alerts(result, alert_from="EMA", direction_from="EMA").abs().sum() > 0
    now = compute_atc_signals(PRICES.astype(np.float32), long_threshold=0.57, short_threshold=0.12)
    for name in ("Average", "EMA"):  # 0.57 in float32 is another number
        fired = alerts(now, alert_from=name, direction_from=name)
        assert fired.tolist() == events(now, alert_from=name).tolist()
    whole = compute_atc_signals(PRICES, strategy_mode=True)
    del whole["EMA_S"]
    with pytest.raises(ValueError, match="give a whole result"):
        alerts(whole)
