"""A program that uses every entry point, as a user would write it under strict type checkers."""

from typing import Any, assert_type

import numpy as np
import pandas as pd
import polars as pl
from numpy.typing import NDArray

from atc_cy import (
    ATCConfig,
    Equity,
    PanelStream,
    Resampler,
    Stream,
    WalkForward,
    alerts,
    atc,
    calibration,
    compute_atc_signals,
    direction,
    equity,
    events,
    exponential_multiplier,
    get_array_fn,
    lookback,
    rank,
    resample,
    scan,
    sweep,
    verify_chart,
    walk_forward,
    watch_state,
    weight_table,
)

close = pd.Series(np.arange(1.0, 100.0), pd.date_range("2024-01-01", periods=99))
frame = close.to_frame("close")

result = compute_atc_signals(close, La=0.05, robustness="Narrow", moving_averages=("EMA", "KAMA"))
assert_type(result["EMA_S"], "pd.Series[float]")
assert_type(direction(result, long_threshold=0.2), "pd.Series[float]")
assert_type(events(result), "pd.Series[int]")

assert_type(atc(frame, La=0.05, ema_len=21, higher="1W", src="close"), pd.DataFrame)
assert_type(atc(close, "default"), pd.DataFrame)
assert_type(atc(pl.DataFrame({"close": [1.0, 2.0]}), append=True), pl.DataFrame)
assert_type(atc(pl.LazyFrame({"close": [1.0, 2.0]})), pl.LazyFrame)
assert_type(resample(frame, "1W"), pd.DataFrame)

assert_type(scan(frame, moving_averages=["EMA"]), pd.DataFrame)
assert_type(scan(np.ones((2, 9))), NDArray[Any])
assert_type(scan({"A": close}), dict[Any, pd.DataFrame])
assert_type(scan({"A": close}, outputs="last"), pd.DataFrame)
assert_type(scan({"A": frame}, src="hl2", close="close"), dict[Any, pd.DataFrame])
assert_type(scan(frame, by="symbol", outputs="last"), pd.DataFrame)
assert_type(scan(pl.DataFrame({"A": [1.0]}), by=["exchange", "symbol"], sort=True), pl.DataFrame)
assert_type(rank(scan({"A": close}, outputs="last"), "fresh", direction="long"), pd.DataFrame)
assert_type(sweep(close, {"La": [0.0, 0.1]}, De=0.1), pd.DataFrame)
assert_type(sweep(close, {"La": [0.0]}, search="random", trials=1, start="2024-03-20"), pd.DataFrame)
assert_type(equity(close, La=0.1, fees=0.001), Equity)
assert_type(equity(close, "default").metrics, "pd.Series[float]")
assert_type(walk_forward(close, {"La": [0.0]}, 20, 10, objective="exposure", De=0.1), WalkForward)
assert_type(watch_state("atc.state").bars, pd.DataFrame)
assert_type(verify_chart("export.csv", La=0.1).plots, pd.DataFrame)
assert_type(alerts(result, direction_from="EMA"), "pd.Series[int]")
assert_type(weight_table(close, La=0.1), pd.DataFrame)
assert_type(calibration(close, "EMA"), pd.DataFrame)

config = ATCConfig.from_preset("default", kama_len=10).override(La=1.0)
assert_type(config, ATCConfig)
assert_type(ATCConfig.from_toml(config.to_toml()), ATCConfig)
assert_type(lookback(config), int)
multiplier = exponential_multiplier(100, La=0.1)
compute = get_array_fn("default")

stream = Stream("default", La=0.1)
panel = PanelStream(["A"], config, De=0.2)
for bar in Resampler("4h", step="1h").update("2024-01-01", 1.0):
    assert_type(stream.update(bar.close), float)
