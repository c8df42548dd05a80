"""Single times of day, and columns of them beside dates."""

import math
from datetime import UTC, date, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from atc_cy.files.clock import digits_of, is_another_day, is_whole, of_digits, time_of_day, with_clock


def place(row: int) -> str:
    return f"row {row}"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("9:30", "09:30:00"),
        ("12:30 am", "00:30:00"),
        ("12:30 PM", "12:30:00"),
        ("1:05:06.5 pm", "13:05:06.5"),
        ("23:59:59", "23:59:59"),
        ("9:30 AM Z", "09:30:00Z"),
        ("09:30 +01", "09:30:00+01"),
        (timedelta(0), "00:00:00"),
        (timedelta(hours=5), "05:00:00"),
        (pd.Timedelta(hours=5), "05:00:00"),
        (time(5), "05:00:00"),
        (time(5, tzinfo=UTC), "05:00:00+00:00"),
        *((text, None) for text in ("0:30 PM", "13:00 PM", "24:00", "23:60", "23:59:60", "0930")),
        (timedelta(days=1), None),
        (timedelta(-1), None),
        (pd.Timedelta(5, "ns"), None),
        (time(5, tzinfo=ZoneInfo("Europe/Berlin")), None),
        (None, None),
        (930, None),
    ],
)
def test_one_time_of_day(value: Any, expected: str | None) -> None:
    assert time_of_day(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("093000", "093000"),
        ("93000.0", "93000"),
        (" 12 ", "12"),
        (5, "5"),
        (np.int64(5), "5"),
        (np.float64(7), "7"),
        (Decimal(5), "5"),
        *((text, None) for text in ("1234567", "", "-1", "9:30")),
        *((value, None) for value in (5.5, Decimal("5.5"), math.nan, math.inf, True, None)),
    ],
)
def test_digits(value: Any, expected: str | None) -> None:
    assert digits_of(value) == expected


@pytest.mark.parametrize(
    ("digits", "width", "expected"),
    [
        ("0930", 4, "09:30:00"),
        ("930", 4, "09:30:00"),
        ("93015", 6, "09:30:15"),
        ("235959", 6, "23:59:59"),
        ("0", 4, "00:00:00"),
        ("093000", 4, None),
        ("2400", 4, None),
        ("0960", 4, None),
        ("235960", 6, None),
        ("9", 0, None),
    ],
)
def test_times_of_digits(digits: str, width: int, expected: str | None) -> None:
    assert of_digits(digits, width) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("2024-01-01", True), (1e9, True), (date(2024, 1, 1), True)]
    + [(value, False) for value in ("09:30", "0930", "x", None)],
)
def test_whole_times(value: Any, expected: bool) -> None:
    assert is_whole(value) == expected


@pytest.mark.parametrize(
    ("day", "whole", "expected"),
    [
        ("2024-01-01", "2024-01-03", True),
        ("2024-01-03", "2024-01-01", True),
        ("2024-01-01", "2024-01-02T23:59:59", False),
        ("x", "2024-01-01", False),
    ],
)
def test_another_day(day: str, whole: str, expected: bool) -> None:
    assert is_another_day(day, whole) == expected


DAYS = ["2024-01-01", "2024-01-02"]


@pytest.mark.parametrize(
    ("dates", "clocks", "expected"),
    [
        (DAYS, ["9:30", "10:00Z"], ["2024-01-01T09:30:00", "2024-01-02T10:00:00Z"]),
        ([20240101.0, Decimal(20240102)], [930, 1000], ["20240101T09:30:00", "20240102T10:00:00"]),
        ([" 2024-01-01 ", None], ["9:30", "10:00"], ["2024-01-01T09:30:00", None]),
        (["2024-01-01", math.nan], ["0", "100"], ["2024-01-01T00:00:00", None]),
        (pd.to_datetime(DAYS), ["9:30", "10:00"], ["2024-01-01T09:30:00", "2024-01-02T10:00:00"]),
        (
            ["2024-01-01 09:30", "2024-01-02"],
            ["9:30", "0:00"],
            ["2024-01-01T09:30:00", "2024-01-02T00:00:00"],
        ),
        (DAYS, [None, ""], DAYS),
        (DAYS, DAYS, DAYS),
        (DAYS, [0, 235900], ["2024-01-01T00:00:00", "2024-01-02T23:59:00"]),
        (DAYS, ["93000", "94500"], ["2024-01-01T09:30:00", "2024-01-02T09:45:00"]),
        (DAYS, ["09", "100"], ["row 0: '09' is not a time of day in column 'time'"] * 2),
        ([20240101.5, 20240102], ["9:30", "10:00"], ["20240101.5T09:30:00", "20240102T10:00:00"]),
        (
            ["2024-01-01 09:30", "2024-01-02"],
            ["9:30Z", "0:00Z"],
            ["2024-01-01T09:30:00Z", "2024-01-02T00:00:00Z"],
        ),
        (DAYS, [0, 0], ["2024-01-01T00:00:00", "2024-01-02T00:00:00"]),
        (DAYS, ["000", "100"], ["row 0: '000' is not a time of day in column 'time'"] * 2),
        (DAYS, [9, 10], ["row 0: 9 is not a time of day in column 'time'"] * 2),
        (DAYS, ["9:30", ["x"]], ["row 1: ['x'] is not a time of day in column 'time'"] * 2),
        (DAYS, ["9:30", None], ["row 1: there is no time of day in column 'time'"] * 2),
        (DAYS, ["2024-01-01", "2024-01-05"], ["row 1: '2024-01-05' is not a time of day"] * 2),
    ],
)
def test_dates_and_times_of_day(dates: Any, clocks: list[Any], expected: list[Any]) -> None:
    given = pd.Series(dates), pd.Series(clocks, dtype=object)
    if str(expected[0]).startswith("row"):
        with pytest.raises(ValueError) as raised:  # noqa: PT011 - its words follow
            with_clock(*given, place, "time")
        assert str(raised.value).startswith(expected[0])
    else:
        assert with_clock(*given, place, "time").tolist() == expected


def test_a_column_named_timestamp_has_times_of_day_with_colons_alone() -> None:
    dates, digits = pd.Series(DAYS), pd.Series(["0930", "1000"])
    assert with_clock(dates, digits, place, "Timestamp") is dates
    assert with_clock(dates, digits, place, "time")[0] == "2024-01-01T09:30:00"
    assert with_clock(dates, pd.Series(["9:30", "10:00"]), place, "timestamp")[0] == "2024-01-01T09:30:00"


def test_times_of_day_that_come_after_many_rows_without_one() -> None:
    dates, clocks = pd.Series(["2024-01-01"] * 102), pd.Series([None] * 101 + ["9:30"], dtype=object)
    with pytest.raises(ValueError, match=r"^row 0: there is no time of day"):
        with_clock(dates, clocks, place, "time")
