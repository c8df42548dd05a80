"""Calls that are wrong: a type checker has to find each line."""

import pandas as pd

from atc_cy import (
    ATCConfig,
    PanelStream,
    Stream,
    atc,
    compute_atc_signals,
    direction,
    equity,
    resample,
    scan,
    sweep,
    walk_forward,
)

frame = pd.DataFrame({"close": [1.0, 2.0]})
close = frame["close"]

compute_atc_signals(close, hma_len=3)
compute_atc_signals(close, moving_averages=["SMA"])
compute_atc_signals(close, robustness="Mediun")
scan(frame, La="0.05")
sweep(close, {"La": [0.0]}, ema_length=3)
equity(close, ema_length=3)
walk_forward(close, {"La": [0.0]}, 100, "1Y")
Stream("default", lambda_=0.1)
PanelStream(["A"], De="x")
ATCConfig(robustness="narrow")
ATCConfig.from_preset("default", moving_averages=["SMA"])
direction(compute_atc_signals(close), threshold=0.1)
resample(frame, 4)
atc(close, 5)
atc(frame, src=3.5)
