"""A time of day in a column of its own is read, or refused with its row; it is never left out."""

import math
from collections.abc import Callable
from datetime import UTC, date, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from atc_cy import atc
from atc_cy.files.clock import digits_of, with_clock
from atc_cy.files.prices import read_prices
from atc_cy.files.time_columns import read_times
from atc_cy.watch.rows import Rows


def place(row: int) -> str:
    return f"line {row + 2}"


def times(dates: Any, clocks: Any) -> pd.DatetimeIndex:
    return read_times(with_clock(pd.Series(dates), pd.Series(clocks), place, "time"), place)


HALF_TEN, QUARTER_TO_FOUR = "2020-01-01 09:30", "2020-01-01 15:45"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("09:30", "15:45"),
        ("9:30", "15:45"),
        ("09:30 AM", "03:45 PM"),
        ("9:30am", "3:45pm"),
        ("09:30:00.000", "15:45:00,0"),
        ("093000", "154500"),
        ("93000", "154500"),
        ("0930", "1545"),
        ("930", "1545"),
        (93000, 154500),
        (93000.0, 154500.0),
        ("93000.0", "154500.0"),
        (Decimal(93000), Decimal(154500)),
        (930, 1545),
        (time(9, 30), time(15, 45)),
        (timedelta(hours=9, minutes=30), timedelta(hours=15, minutes=45)),
    ],
)
@pytest.mark.parametrize(
    "day", ["2020-01-01", "20200101", 20200101, 20200101.0, date(2020, 1, 1), pd.Timestamp("2020-01-01")]
)
def test_a_time_of_day(first: Any, second: Any, day: Any) -> None:
    assert list(times([day, day], [first, second])) == list(pd.DatetimeIndex([HALF_TEN, QUARTER_TO_FOUR]))
    objects = pd.Series([first, second], dtype=object)
    assert list(times([day, day], objects)) == list(pd.DatetimeIndex([HALF_TEN, QUARTER_TO_FOUR]))


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        ("09:30Z", "2020-01-01 09:30+00:00"),
        ("09:30+01:00", "2020-01-01 09:30+01:00"),
        ("09:30 PM -0500", "2020-01-01 21:30-05:00"),
        ("12:00 AM", "2020-01-01"),
        ("12:30 pm", "2020-01-01 12:30"),
        ("0", "2020-01-01"),
        (0, "2020-01-01"),
        ("000000", "2020-01-01"),
        (time(9, 30, tzinfo=UTC), "2020-01-01 09:30+00:00"),
    ],
)
def test_offsets_and_midnight(clock: Any, expected: str) -> None:
    assert list(times(["2020-01-01"], [clock])) == list(pd.DatetimeIndex([expected]))


def test_digits_are_as_many_as_the_longest_of_the_column() -> None:
    """A bar a minute from midnight on: 1000 is ten minutes past it, not ten o'clock."""
    found = times(["2020-01-01"] * 5, [0, 100, 1000, 93000, 235900])
    assert [str(moment.time()) for moment in found] == [
        "00:00:00",
        "00:01:00",
        "00:10:00",
        "09:30:00",
        "23:59:00",
    ]


@pytest.mark.parametrize(
    "clocks",
    [
        ["09:30", "9.30"],
        ["09:30", "13:00 PM"],
        ["09:30", "0:30 AM"],
        ["09:30", "24:00"],
        ["09:30", "09:60"],
        ["09:30", "afternoon"],
        ["09:30", ""],
        ["09:30", None],
        ["09:30", math.nan],
        ["09:30", "2020-01-01"],
        ["09:30", True],
        ["09:30", []],
        ["09:30", 0.5],
        ["09:30", time(9, 30, tzinfo=ZoneInfo("Europe/Berlin"))],
        ["093000", "0930"],
        ["093000", "93000"],
        ["0930", "2400"],
        [93000, 240000],
        [930, 960],
        [93000, -1],
        [93000, 1234567],
    ],
    ids=repr,
)
def test_what_is_no_time_of_day_is_refused(clocks: list[Any]) -> None:
    with pytest.raises(ValueError, match=r"^line [23]: .* in column 'time': write it as 21:30"):
        times(["2020-01-01", "2020-01-02"], pd.Series(clocks, dtype=object))


@pytest.mark.parametrize(
    "clock", [9, "9", 0.395, "open", 34_200_000, pd.Timestamp("1900-01-01 09:30"), "1970-01-01T09:30"]
)
def test_a_column_of_something_else_is_refused(clock: Any) -> None:
    with pytest.raises(ValueError, match=r"^line 2: .* is not a time of day in column 'time': write it as"):
        times(["2020-01-01"], [clock])


@pytest.mark.parametrize(
    "clocks", [["", ""], [math.nan, None], [HALF_TEN, ""], [1_577_871_000, 1_577_957_400]]
)
def test_a_column_that_has_none(clocks: list[Any]) -> None:
    dates = ["2020-01-01", "2020-01-02"]
    assert list(times(dates, clocks)) == list(pd.DatetimeIndex(dates))


def test_a_date_that_has_the_same_time_of_day() -> None:
    """The time of day that was taken out of the date is not joined to it twice."""
    for dates in ([HALF_TEN, QUARTER_TO_FOUR], pd.DatetimeIndex([HALF_TEN, QUARTER_TO_FOUR])):
        assert list(times(dates, ["09:30", "15:45"])) == list(pd.DatetimeIndex([HALF_TEN, QUARTER_TO_FOUR]))
        with pytest.raises(ValueError, match="line 3: 2020-01-01T16:45:00 differs from"):
            times(dates, ["09:30", "16:45"])
    aware = pd.DatetimeIndex([HALF_TEN, QUARTER_TO_FOUR], tz="Europe/Berlin")
    assert list(times(aware, ["09:30", "15:45"])) == list(aware)


@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_dates_with_a_zone(zone: str) -> None:
    """The zone was left out, and the clock of New York read as that of UTC."""
    days = pd.DatetimeIndex(["2024-03-08", "2024-03-11"], tz=zone)
    found = times(days, ["09:30", "09:30"])
    assert list(found) == list(pd.DatetimeIndex(["2024-03-08 09:30", "2024-03-11 09:30"], tz=zone))
    with pytest.raises(ValueError, match="the date and the time of day both have an offset"):
        times(days, ["09:30Z", "09:30Z"])


def test_a_clock_that_was_set() -> None:
    days = pd.DatetimeIndex(["2024-11-02", "2024-11-03"], tz="America/New_York")
    with pytest.raises(ValueError, match="line 3: 2024-11-03T01:30:00 occurs twice or never"):
        times(days, ["01:30", "01:30"])


def frame_times(dates: list[Any], clocks: list[Any], wrap: Callable[[pd.DataFrame], Any]) -> None:
    atc(wrap(pd.DataFrame({"date": dates, "time": clocks, "close": [1.0, 2.0]})), "ema_only")


@pytest.mark.parametrize("wrap", [pd.DataFrame, pa.Table.from_pandas], ids=["pandas", "pyarrow"])
def test_tables(wrap: Callable[[pd.DataFrame], Any]) -> None:
    """The order of rows is that of the joined times, and a time of day that cannot be read is refused."""
    day = ["2020-01-01", "2020-01-01"]
    for clocks in (["09:30 AM", "01:30 PM"], [93000, 133000]):
        frame_times(day, clocks, wrap)
        with pytest.raises(ValueError, match="rows must increase in time"):
            frame_times(day, clocks[::-1], wrap)
    with pytest.raises(
        ValueError, match=r"^row 0 of the table: 'open' is not a time of day in column 'time'"
    ):
        frame_times(["2020-01-01", "2020-01-02"], ["open", "close"], wrap)


@pytest.mark.parametrize("ending", ["csv", "parquet", "jsonl"])
def test_files(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"x.{ending}"
    frame = pd.DataFrame({"date": ["2020-01-01"] * 2, "time": [93000, 154500], "close": [1.0, 2.0]})
    write = {
        "csv": lambda: frame.to_csv(path, index=False),
        "parquet": lambda: frame.to_parquet(path),
        "jsonl": lambda: frame.to_json(path, orient="records", lines=True),
    }
    write[ending]()
    assert list(read_prices(path).series.index) == list(pd.DatetimeIndex([HALF_TEN, QUARTER_TO_FOUR]))


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        ("09:30 PM", "2020-01-01T21:30:00"),
        ("9:30", "2020-01-01T09:30:00"),
        ("093000", "2020-01-01T09:30:00"),
        ("0930", "2020-01-01T09:30:00"),
        ("09:30+01:00", "2020-01-01T09:30:00+01:00"),
        ("", "2020-01-01"),
        ("1577871000", "2020-01-01"),
    ],
)
def test_feeds(clock: str, expected: str) -> None:
    bar = Rows("date,time,close", "A").bar(f"2020-01-01,{clock},1", line=2)
    assert bar.time == expected


@pytest.mark.parametrize("clock", ["93000", "930", "0", "open", "25:00", "34200000"])
def test_feeds_refuse_what_is_no_time_of_day(clock: str) -> None:
    with pytest.raises(
        ValueError, match=f"'{clock}' is not a time of day in column 'time': write it as 21:30"
    ):
        Rows("date,time,close", "A").bar(f"2020-01-01,{clock},1", line=2)


def test_a_feed_has_as_many_digits_in_all_rows() -> None:
    rows = Rows("date,time,close", "A")
    rows.bar("2020-01-01,093000,1", line=2)
    with pytest.raises(ValueError, match="'1000' is not a time of day"):
        rows.bar("2020-01-01,1000,1", line=3)


def test_a_day_of_minutes_takes_no_time() -> None:
    minutes = np.arange(1440).repeat(100)
    clocks = pd.Series(minutes // 60 * 10000 + minutes % 60 * 100)
    assert len(with_clock(pd.Series(["2020-01-01"] * clocks.size), clocks, place, "time")) == 144_000


def test_whole_times_are_of_another_day_from_two_days_on() -> None:
    """Until then they may be of the date itself, in another zone."""
    dates = ["2020-01-01"]
    assert list(times(dates, ["2020-01-02T23:59:59"])) == list(pd.DatetimeIndex(dates))
    with pytest.raises(ValueError, match=r"'2020-01-03' is not a time of day in column 'time'"):
        times(dates, ["2020-01-03"])


def test_a_row_without_a_time_of_day() -> None:
    with pytest.raises(ValueError, match=r"^line 3: there is no time of day in column 'time'"):
        times(["2020-01-01", "2020-01-02"], ["09:30", None])


@pytest.mark.parametrize("value", ["Infinity", "-Infinity", "NaN", "sNaN"])
def test_a_number_that_is_not_finite_has_no_digits(value: str) -> None:
    assert digits_of(Decimal(value)) is None
