"""The strategy in backtesting.py."""

import numpy as np
import pytest
from backtesting_strategy import backtest, bars

from atc_cy import compute_atc_signals, events


@pytest.mark.parametrize("La", [0.02, 0.1])
def test_trades_open_on_the_bars_after_the_events(La: float) -> None:
    stats, prices = backtest("IBM").run(La=La), bars("IBM")
    result = compute_atc_signals(prices["Close"], La=La)
    assert np.array_equal(stats["_strategy"].average, result["Average_Signal"])

    event = events(result).to_numpy()
    rows = np.flatnonzero(event[:-1])
    trades = stats["_trades"].sort_values("EntryBar")
    assert list(trades["EntryBar"]) == list(rows + 1)
    assert list(trades["ExitBar"])[:-1] == list(rows[1:] + 1)
    assert list(np.sign(trades["Size"])) == list(event[rows])
    assert list(trades["EntryPrice"]) == list(prices["Open"].iloc[rows + 1])
