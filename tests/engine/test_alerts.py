"""Alerts, which are never late, beside arrows, which are late in strategy mode: as the script has them."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from support.golden import golden

from atc_cy import ATCConfig, alerts, compute_atc_signals, direction, events, reference
from atc_cy.engine.direction import _punctual_average, with_config

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
    with pytest.raises(ValueError, match="give a whole result"):
        alerts(dict(whole), config=ATCConfig(strategy_mode=True))


@pytest.mark.parametrize("bars", [1200, 1100, 1000, 900, 800, 701, 2])
def test_the_average_of_the_last_bar(bars: int) -> None:
    late, now = (compute_atc_signals(PRICES[:bars], strategy_mode=mode) for mode in (True, False))
    for result in (late, pd.DataFrame(late), dict(late)):
        found = _punctual_average(result)
        pd.testing.assert_series_equal(found, now["Average_Signal"], check_exact=True, check_names=False)


def test_the_average_of_some_types() -> None:
    types = {"moving_averages": ("EMA", "KAMA")}
    late, now = (compute_atc_signals(PRICES, **types, strategy_mode=mode) for mode in (True, False))  # type: ignore[arg-type]
    assert _punctual_average(dict(late)).equals(now["Average_Signal"])


def test_a_result_that_has_lost_its_config() -> None:
    result = compute_atc_signals(PRICES, strategy_mode=True, long_threshold=LONG, short_threshold=SHORT)
    for lost in (dict(result), {**result, "direction": direction(result)}):
        assert alerts(lost, config=result.config).equals(alerts(result))
    with pytest.raises(ValueError, match="give a whole result"):
        alerts({"Average_Signal": result["Average_Signal"]}, config=result.config)


def test_alerts_of_something_else() -> None:
    result = compute_atc_signals(PRICES[:50])
    for argument in ("alert_from", "direction_from"):
        with pytest.raises(
            ValueError, match=r"result has no 'SMA_Signal': give what compute_atc_signals .*EMA"
        ):
            alerts(result, **{argument: "SMA"})
        with pytest.raises(TypeError, match=f"{argument}=1 must be 'Average' or a type, such as 'EMA'"):
            alerts(result, **{argument: 1})
    with pytest.raises(ValueError, match="the rows must increase in time"):
        alerts(pd.DataFrame(result)[::-1], config="default")
    for other in (PRICES, [result], pa.table({"Average_Signal": [1.0]})):
        with pytest.raises(TypeError, match="must be what compute_atc_signals returned"):
            alerts(other)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="must be a pandas Series, not list: give what"):
        alerts({"Average_Signal": [1.0]}, config="default")  # type: ignore[dict-item]


def test_rows_that_do_not_have_their_directions() -> None:
    result = compute_atc_signals(PRICES, long_threshold=LONG, short_threshold=SHORT)
    frame = pd.DataFrame({**result, "direction": direction(result)}, PRICES.index)
    with_config(frame, result.config)
    assert alerts(frame).equals(alerts(result))
    frame.iloc[-1, -1] *= -1
    for wrong in (frame, frame[["Average_Signal", "direction"]]):
        with pytest.raises(ValueError, match="these are not one symbol's rows in the order of time"):
            alerts(wrong)
