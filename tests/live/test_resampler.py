"""Bars that are made live are those that are made of the whole table, and never of the future."""

import re
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest
from dateutil.tz import tzutc

from atc_cy import Resampler, Stream, compute_atc_signals, resample
from atc_cy.live.resampler import Differences, UnfitRowsError

RNG = np.random.default_rng(4)


def rows(periods: int, freq: str, zone: "str | None" = None) -> pd.DataFrame:
    close = 100 * np.exp(np.cumsum(RNG.normal(0, 0.01, periods)))
    frame = pd.DataFrame(
        {"open": close + 0.1, "high": close + 0.4, "low": close - 0.3, "close": close, "volume": 2.0},
        pd.date_range("2024-03-07", periods=periods, freq=freq, tz=zone),
    )
    frame.iloc[[5, 6, 7, 8, 9, 10, 40], 3] = np.nan
    return frame.drop(frame.index[[50, 51, 52, 53, 54, 55, 56, 90]])


@pytest.mark.parametrize(
    ("timeframe", "freq", "zone", "origin", "step"),
    [
        ("4h", "h", None, "00:00", "1h"),
        ("4h", "h", "UTC", "00:00", None),
        ("7h", "30min", "America/New_York", "09:30", "30m"),
        ("1D", "h", "America/New_York", "00:00", "1h"),
        ("1W", "D", None, "00:00", "1D"),
        ("1M", "D", "Europe/Berlin", "00:00", "1D"),
        ("1h", "h", None, "00:00", "1h"),
    ],
)
def test_live_bars(timeframe: str, freq: str, zone: "str | None", origin: str, step: "str | None") -> None:
    lower = rows(300, freq, zone)
    expected = resample(lower, timeframe, origin=origin)
    hours = Resampler(timeframe, origin=origin, step=step)
    closed = []
    for time, row in zip(lower.index, lower.to_dict("records"), strict=True):
        for bar in hours.update(time, **row):
            closed.append(bar)
            if step is None:
                assert bar.end <= time
            else:
                assert bar.end <= time + pd.Timedelta(step)
    if hours.bar is not None:
        closed.append(hours.bar)
    found = pd.DataFrame([bar.values for bar in closed], pd.DatetimeIndex([bar.opened for bar in closed]))
    pd.testing.assert_frame_equal(found[[*expected]], expected, check_freq=False, check_index_type=False)


def test_a_stream_of_a_higher_timeframe() -> None:
    lower = rows(1198, "h")["close"].dropna()
    stream, hours = Stream(), Resampler("4h", step="1h")
    for time, close in lower.items():
        for bar in hours.update(time, close):
            stream.update(bar.close)
    assert hours.bar is not None
    open_one = stream.peek(hours.bar.close)
    expected = compute_atc_signals(resample(lower, "4h"))["Average_Signal"]
    assert stream.bars == len(expected) - 1
    assert stream.result["Average_Signal"] == expected.iloc[-2]
    assert open_one["Average_Signal"] == expected.iloc[-1]


def test_text_with_an_offset_has_days_of_its_clock() -> None:
    days = Resampler("1D")
    assert days.update("2024-03-07T22:00-05:00", 1.0) == []
    (bar,) = days.update("2024-03-08T00:00-05:00", 2.0)
    assert str(bar.opened) == "2024-03-07 00:00:00-05:00"
    assert [str(days.bar and days.bar.opened)] == ["2024-03-08 00:00:00-05:00"]


@pytest.mark.parametrize(
    ("times", "match"),
    [
        (["2024-01-01T01:00", "2024-01-01T01:00"], "must be later than that of the row before"),
        (["2024-01-01T03:00", "2024-01-01T03:30"], "is in a bar that has closed, so rows are not 1h long"),
        (["noon"], "must be ISO 8601"),
    ],
)
def test_rows_that_do_not_fit(times: list[Any], match: str) -> None:
    hours = Resampler("4h", step="1h")
    for time in times[:-1]:
        hours.update(time, 1.0)
    with pytest.raises(ValueError, match=match):
        hours.update(times[-1], 1.0)


def test_how_long_rows_are_is_known_once_it_comes_twice() -> None:
    differences = Differences()
    shortest = [differences.shortest(time) for time in (5, 3, 7, 3, 5, 2, 3, 2, 2)]
    assert shortest == [None, None, None, 3, 3, None, None, 2, 2]


@pytest.mark.parametrize(("timeframe", "minutes"), [("1h", 120), ("1h", 61), ("4h", 241)])
def test_rows_that_are_longer_than_their_bar(timeframe: str, minutes: int) -> None:
    bars = Resampler(timeframe)
    times = pd.date_range("2024-01-01", periods=3, freq=f"{minutes}min").tolist()
    for time in times[:2]:
        bars.update(time, 1.0)
    length = pd.Timedelta(minutes=minutes).to_pytimedelta()
    with pytest.raises(
        UnfitRowsError, match=rf"the row before ends after .* Bars of {timeframe} .* {length} long"
    ):
        bars.update(times[2], 1.0)


def test_rows_that_are_as_long_as_their_bar() -> None:
    bars = Resampler("1h")
    closed = [len(bars.update(time, 1.0)) for time in pd.date_range("2024-01-01", periods=4, freq="h")]
    assert closed == [0, 1, 1, 1]


def test_no_trade_opens_no_bar() -> None:
    bars = Resampler("4h", step="1h")
    assert bars.update("2024-01-01T03:00", np.nan) == []
    assert bars.bar is None
    bars.update("2024-01-01T04:00", 1.0)
    bars.update("2024-01-01T05:00", np.nan, high=9.0)
    assert bars.bar is not None
    assert bars.bar.values == {"close": 1.0}
    (bar,) = bars.update("2024-01-01T07:00", 2.0)
    assert (str(bar.opened), str(bar.end), bar.close) == ("2024-01-01 04:00:00", "2024-01-01 08:00:00", 2.0)


def test_missing_values_are_left_out() -> None:
    frame = rows(200, "h").assign(open=1.5, volume=2.0, src=3.0)
    for name in ("open", "high", "low", "volume", "src"):
        frame.loc[RNG.random(len(frame)) < 0.6, name] = np.nan
    live, bars = Resampler("4h", step="1h"), []
    for time, row in frame.iterrows():
        bars += live.update(time, **row.to_dict())
    expected = resample(frame, "4h")
    assert [bar.opened for bar in bars] == [*expected.index]
    for bar, (_, row) in zip(bars, expected.iterrows(), strict=True):
        found = pd.Series(bar.values)[row.index]
        pd.testing.assert_series_equal(found, row, check_exact=True, check_names=False)
    assert len(bars) == 49


BERLIN, NEW_YORK = (
    pd.Timestamp("2024-01-01 06:00", tz=zone) for zone in ("Europe/Berlin", "America/New_York")
)


@pytest.mark.parametrize(
    ("first", "other"),
    [
        ("2024-01-01T03:00", "2024-01-01T05:00Z"),
        ("2024-01-01T03:00Z", "2024-01-01T05:00"),
        (1704067200, "2024-01-01T05:00+01:00"),
        (1704067200, BERLIN),
        (BERLIN, NEW_YORK),
    ],
)
def test_clocks_that_differ(first: Any, other: Any) -> None:
    live = Resampler("4h")
    live.update(first, 1.0)
    with pytest.raises(UnfitRowsError, match=f"has another offset than '{re.escape(str(first))}'"):
        live.update(other, 1.0)


def test_clocks_that_are_alike() -> None:
    live = Resampler("4h")
    for time in (1704067200, "2024-01-01T05:00Z", pd.Timestamp("2024-01-01 06:00", tz="UTC")):
        live.update(time, 1.0)


def test_numbers_since_1970_have_days_of_utc() -> None:
    days = Resampler("1D")
    days.update(1704067200 + 86_399, 1.0)
    assert days.bar is not None
    assert (days.bar.opened, days.bar.end) == (
        pd.Timestamp("2024-01-01", tz="UTC"),
        pd.Timestamp("2024-01-02", tz="UTC"),
    )


def test_rows_may_have_other_columns_than_the_row_before() -> None:
    bars = Resampler("4h")
    bars.update("2024-01-01T00:00", 1.0, volume=2.0, high=5.0)
    bars.update("2024-01-01T01:00", 2.0, volume=3.0, low=0.5)
    bars.update("2024-01-01T02:00", 3.0)
    assert bars.bar is not None
    assert bars.bar.values == {"close": 3.0, "volume": 5.0, "high": 5.0, "low": 0.5}


def test_a_step_that_does_not_divide_the_timeframe() -> None:
    with pytest.raises(ValueError, match="timeframe='1h' is not a multiple of that of the rows, 4h"):
        Resampler("1h", step="4h")


class Unhashable(tzutc):
    """dateutil's other zones have no hash either, but pandas 2.1 fails for those."""

    __hash__ = None  # type: ignore[assignment]


def test_a_zone_that_cannot_be_a_key() -> None:
    days = Resampler("1D")
    days.update(datetime(2024, 3, 31, 1, tzinfo=Unhashable()), 1.0)
    assert days.bar is not None
    assert [str(end) for end in days.bar[:2]] == ["2024-03-31 00:00:00+00:00", "2024-04-01 00:00:00+00:00"]
