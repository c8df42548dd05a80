"""How many bars a year has: a warning where the default of 252 is not that of the bars."""

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from support.golden import golden

from atc_cy import equity, sweep, walk_forward

CLOSE = golden("usd_default").close[:400]
GRID = {"La": [0.0, 0.5]}


def on(times: Any) -> "pd.Series[float]":
    return pd.Series(CLOSE[: len(times)], times)


@pytest.mark.parametrize(
    ("times", "pace"),
    [
        (pd.date_range("2024-01-01", periods=400), 365),
        (pd.date_range("2024-01-01", periods=400, freq="4h", tz="UTC"), 2190),
        (pd.date_range("2024-01-01", periods=400, freq="h"), 8760),
        (pd.date_range("2020-01-01", periods=200, freq="W"), 52),
        (pd.date_range("2024-01-01", periods=60, freq="min"), 526000),
        # Hours of a stock exchange: 7 a day, on five days of seven.
        (pd.bdate_range("2024-01-01", periods=57).repeat(7) + pd.to_timedelta(np.arange(399) % 7, "h"), 1860),
    ],
    ids=["days", "4 hours", "hours", "weeks", "minutes", "hours of stocks"],
)
def test_bars_of_another_pace(times: Any, pace: int) -> None:
    for trade in (
        lambda **given: sweep(on(times), GRID, **given),
        lambda **given: sweep({"A": CLOSE, "B": on(times)}, GRID, metric="cagr", **given),
        lambda **given: equity(on(times), **given),
    ):
        with pytest.warns(
            UserWarning, match=rf"assume 252 bars.* about {pace}: give bars_per_year={pace}$"
        ) as given:
            default = trade()
        assert given[0].filename == __file__
        with warnings.catch_warnings(action="error"):
            same = trade(bars_per_year=252)
            trade(bars_per_year=pace)
        if isinstance(default, pd.DataFrame):
            assert default.equals(same)


def test_a_walk_forward_of_another_pace() -> None:
    with pytest.warns(UserWarning, match="give bars_per_year=2190") as given:
        walk_forward(on(pd.date_range("2024-01-01", periods=400, freq="4h")), GRID, 100, 50)
    assert [each.filename for each in given] == [__file__]


@pytest.mark.parametrize(
    "times",
    [
        pd.bdate_range("2024-01-01", periods=400),
        pd.date_range("2024-01-01", periods=59, freq="h"),  # too few to say
        pd.RangeIndex(400),
    ],
    ids=["trading days", "few hours", "no times"],
)
def test_bars_of_trading_days(times: Any) -> None:
    sweep(on(times), GRID)
    sweep(on(times).to_numpy(), GRID)


def test_what_no_year_decides_needs_none() -> None:
    sweep(on(pd.date_range("2024-01-01", periods=400, freq="h")), GRID, metric=("total_return", "p_value"))
