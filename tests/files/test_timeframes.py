"""Timeframes, and when bars and rows of them end."""

import pandas as pd
import pytest

from atc_cy.files.timeframes import (
    check_multiple,
    closings,
    common_step,
    openings,
    read_timeframe,
    row_ends,
)


def days(*texts: str) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(texts)


@pytest.mark.parametrize(
    ("text", "shown", "seconds", "longest"),
    [
        ("30s", "30s", 30, 30),
        ("90m", "90m", 5_400, 5_400),
        ("24h", "1D", None, 86_400),
        ("2880m", "2D", None, 2 * 86_400),
        ("2w", "2W", None, 14 * 86_400),
        ("M", "1M", None, 31 * 86_400),
    ],
)
def test_timeframes(text: str, shown: str, seconds: int | None, longest: int) -> None:
    found = read_timeframe(text)
    assert (str(found), found.seconds, found.longest) == (shown, seconds, longest)


@pytest.mark.parametrize("text", ["", "4", "h4", "0h", "4x", "25h", "1000000000m"])
def test_no_timeframes(text: str) -> None:
    with pytest.raises(ValueError, match=f"timeframe='{text}' is "):
        read_timeframe(text)


@pytest.mark.parametrize(
    ("timeframe", "opened", "following"),
    [
        ("4h", "2024-01-17 12:00", "2024-01-17 16:00"),
        ("7h", "2024-01-17 14:00", "2024-01-17 21:00"),
        ("10h", "2024-01-17 10:00", "2024-01-17 20:00"),
        ("1D", "2024-01-17", "2024-01-18"),
        ("1W", "2024-01-15", "2024-01-22"),
        ("2W", "2024-01-15", "2024-01-29"),
        ("1M", "2024-01-01", "2024-02-01"),
        ("5M", "2023-10-01", "2024-03-01"),
    ],
)
def test_openings(timeframe: str, opened: str, following: str) -> None:
    times, length = days("2024-01-17 15:30"), read_timeframe(timeframe)
    assert openings(times, length).equals(days(opened))
    assert openings(times, length, later=1).equals(days(following))


@pytest.mark.parametrize(
    ("step", "closed"),
    [
        ("2h", "2024-02-01 02:00"),
        ("1D", "2024-02-02"),
        ("1W", "2024-02-08"),
        ("1M", "2024-03-01"),
        (pd.Timedelta("31D"), "2024-03-01"),  # rows of months
        (pd.Timedelta("28D"), "2024-02-29"),  # of four weeks
        (pd.Timedelta("45D"), "2024-03-17"),
        (pd.Timedelta("90min"), "2024-02-01 01:30"),
    ],
)
def test_closings(step: "str | pd.Timedelta", closed: str) -> None:
    length = read_timeframe(step) if isinstance(step, str) else step
    assert closings(days("2024-02-01"), length).equals(days(closed))


def test_a_row_ends_where_the_next_one_begins_at_the_latest() -> None:
    assert common_step(days("2024-01-01")) is None
    assert row_ends(days("2024-01-01")).equals(days("2024-01-01"))
    two = days("2024-01-01", "2024-01-03")
    assert common_step(two) == pd.Timedelta("2D")
    assert row_ends(two).equals(two + pd.Timedelta("2D"))
    rows = days("2024-01-01", "2024-01-02", "2024-01-05", "2024-01-06", "2024-01-06 12:00")
    ends = days("2024-01-02", "2024-01-03", "2024-01-06", "2024-01-06 12:00", "2024-01-07")
    assert row_ends(rows).equals(ends)


@pytest.mark.parametrize(("timeframe", "step"), [("4h", "1h"), ("1D", "8h"), ("1W", "8h"), ("1M", "1D")])
def test_a_bar_of_whole_rows(timeframe: str, step: str) -> None:
    check_multiple(read_timeframe(timeframe), read_timeframe(step))


@pytest.mark.parametrize(("timeframe", "step"), [("4h", "3h"), ("1D", "7h"), ("1h", "4h"), ("1D", "1W")])
def test_a_bar_that_would_end_within_a_row(timeframe: str, step: str) -> None:
    with pytest.raises(ValueError, match=f"timeframe='{timeframe}' is not a multiple of .* the rows, {step}"):
        check_multiple(read_timeframe(timeframe), read_timeframe(step))
