"""Bars of a higher timeframe, in the container that came in."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from atc_cy import resample
from atc_cy.datasets import load_ecb_fx

RATES = load_ecb_fx()
WEEKS = (
    RATES.groupby("symbol", sort=False)
    .apply(lambda rows: rows.set_index("date")["close"].resample("W-MON", closed="left", label="left").last())
    .dropna()
)
EXPECTED = WEEKS.rename("close").reset_index()


@pytest.mark.parametrize(
    "container",
    [
        pd.DataFrame,
        pl.from_pandas,
        pa.Table.from_pandas,
        lambda rates: rates.set_index("date"),
        lambda rates: rates.set_index(["symbol", "date"]),
        lambda rates: rates.sample(frac=1, random_state=1),
    ],
    ids=["pandas", "polars", "pyarrow", "index", "levels", "mixed"],
)
def test_weeks_of_many_symbols(container: Callable[[pd.DataFrame], Any]) -> None:
    data = container(RATES)
    bars = resample(data, "1W", by="symbol", sort=True)
    assert type(bars) is type(data)
    if isinstance(bars, pd.DataFrame):
        assert bars.index.names == data.index.names
        bars = bars.reset_index() if bars.index.names != [None] else bars
    elif not isinstance(bars, pd.DataFrame):
        bars = pd.DataFrame({name: np.asarray(bars[name]) for name in EXPECTED})
    bars = bars[["symbol", "date", "close"]].sort_values(["symbol", "date"], ignore_index=True)
    assert bars["symbol"].tolist() == EXPECTED["symbol"].tolist()
    assert np.array_equal(bars["close"], EXPECTED["close"])
    assert (pd.to_datetime(bars["date"]) == EXPECTED["date"]).all()


def test_days_are_those_of_the_times_own_zone() -> None:
    hours = pd.date_range("2024-03-08", periods=100, freq="h", tz="America/New_York")
    rows = pd.DataFrame({"time": hours, "close": np.arange(100.0), "note": "x"})
    instants = pl.Series(hours.tz_convert("UTC").tz_localize(None).to_numpy())
    zoned = instants.dt.replace_time_zone("UTC").dt.convert_time_zone("America/New_York")
    for data in (rows, pa.Table.from_pandas(rows), pl.from_pandas(rows).with_columns(time=zoned)):
        bars = resample(data, "1D")
        assert np.asarray(bars["close"]).tolist() == [23, 47, 70, 94, 99]
    assert str(resample(pl.from_pandas(rows).with_columns(time=zoned), "1D").schema["time"]).endswith(
        "time_zone='America/New_York')"
    )
    assert resample(rows.set_index("time")["close"], "1D").index[3].hour == 0


def test_a_day_that_begins_later() -> None:
    hours = pd.Series(np.arange(48.0), pd.date_range("2024-01-01 09:30", periods=48, freq="h"), name="price")
    bars = resample(hours, "7h", origin="09:30")
    assert bars.name == "price"
    assert [f"{opened:%H:%M}" for opened in bars.index] == ["09:30", "16:30", "23:30", "06:30"] * 2


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda rates: resample(rates, "1W"), "the column 'symbol' has several symbols"),
        (
            lambda rates: resample(rates, "1h", by="symbol"),
            "AUD: timeframe='1h' is lower than that of the rows",
        ),
        (lambda rates: resample(rates["close"], "1W"), "data has no times: name the column"),
        (lambda rates: resample(rates[:9].set_index("date")["close"][::-1], "1W"), "must increase in time"),
        (lambda rates: resample(rates[:9], "1W", origin="noon"), "origin='noon' must be a time of day"),
        (
            lambda rates: resample(rates[:9], "1W", origin="09:30+01:00"),
            "origin='09:30.01:00' must have no offset",
        ),
        (lambda rates: resample(rates[:9], "a week"), "timeframe='a week' is not a timeframe"),
    ],
)
def test_what_cannot_be_resampled(call: Callable[[pd.DataFrame], Any], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        call(RATES)
    with pytest.raises(TypeError, match="data must be a table, or a Series of pandas: ndarray has no times"):
        resample(np.arange(3.0), "1W")


@pytest.mark.parametrize("name", ["close", "open", "high", "volume"])
@pytest.mark.parametrize("container", [pd.DataFrame, pl.from_pandas, pa.Table.from_pandas])
def test_text_is_no_number(container: Callable[[pd.DataFrame], Any], name: str) -> None:
    """As text, the highest of 9 and 10 is 9, and 1 and 2 are 12."""
    times = pd.date_range("2024-01-01", periods=2, freq="h")
    table = pd.DataFrame({"time": times, "close": [9.0, 10.0], "note": ["a", "b"]})
    assert len(resample(container(table), "4h")["note"]) == 1
    table[name] = ["9", "10"]
    with pytest.raises(
        ValueError, match=f"column '{name}': '9' in the row of 2024-01-01 .* is text: convert the"
    ):
        resample(container(table), "4h")
