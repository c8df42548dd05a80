"""Timeframes, and when bars and rows of them end."""

import re
from datetime import timedelta

import pandas as pd
import pytest

from atc_cy.files.timeframes import (
    check_multiple,
    closings,
    common_step,
    is_of_days,
    openings,
    read_origin,
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
        ("2mo", "2M", None, 62 * 86_400),
        ("60sec", "1m", 60, 60),
        ("120min", "2h", 7_200, 7_200),
        ("90s", "90s", 90, 90),
        ("1H", "1h", 3_600, 3_600),
        ("86400s", "1D", None, 86_400),
        (" 3 d ", "3D", None, 3 * 86_400),
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
        ("2D", "2024-01-16", "2024-01-18"),
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
        (pd.Timedelta("1D"), "2024-02-02"),
        (pd.Timedelta("29D"), "2024-03-01"),
        (pd.Timedelta("33D"), "2024-03-05"),
        (pd.Timedelta("91D"), "2024-05-02"),  # of thirteen weeks
        (pd.Timedelta("60D"), "2024-04-01"),
        (pd.Timedelta("366D"), "2025-02-01"),
        (pd.Timedelta("759D"), "2026-03-01"),
        (pd.Timedelta("760D"), "2026-03-01"),
        ("3D", "2024-02-04"),
        ("2W", "2024-02-15"),
    ],
)
def test_closings(step: "str | pd.Timedelta", closed: str) -> None:
    length = read_timeframe(step) if isinstance(step, str) else step
    assert closings(days("2024-02-01"), length).equals(days(closed))


def test_rows_of_about_25_months() -> None:
    opened = days("2024-01-15")
    assert closings(opened, pd.Timedelta("759D")).equals(days("2026-02-12"))
    assert closings(opened, pd.Timedelta("760D")).equals(days("2026-02-15"))


def test_a_row_ends_where_the_next_one_begins_at_the_latest() -> None:
    assert common_step(days("2024-01-01")) is None
    assert row_ends(days("2024-01-01")).equals(days("2024-01-01"))
    two = days("2024-01-01", "2024-01-03")
    assert common_step(two) == pd.Timedelta("2D")
    assert row_ends(two).equals(two + pd.Timedelta("2D"))
    rows = days("2024-01-01", "2024-01-02", "2024-01-05", "2024-01-06", "2024-01-06 12:00")
    ends = days("2024-01-02", "2024-01-03", "2024-01-06", "2024-01-06 12:00", "2024-01-07")
    assert row_ends(rows).equals(ends)


BERLIN = "Europe/Berlin"


@pytest.mark.parametrize(
    ("timeframe", "time", "opened", "following"),
    [
        ("1D", "2024-03-31 12:00", "2024-03-31T00:00:00+01:00", "2024-04-01T00:00:00+02:00"),
        ("1W", "2024-03-31 12:00", "2024-03-25T00:00:00+01:00", "2024-04-01T00:00:00+02:00"),
        ("1M", "2024-03-31 12:00", "2024-03-01T00:00:00+01:00", "2024-04-01T00:00:00+02:00"),
        ("4h", "2024-03-31 12:00", "2024-03-31T09:00:00+02:00", "2024-03-31T13:00:00+02:00"),
        ("4h", "2024-03-31 23:30", "2024-03-31T21:00:00+02:00", "2024-04-01T00:00:00+02:00"),
        ("4h", "2024-10-27 23:30", "2024-10-27T23:00:00+01:00", "2024-10-28T00:00:00+01:00"),
    ],
)
def test_openings_as_clocks_are_set(timeframe: str, time: str, opened: str, following: str) -> None:
    times, length = days(time).tz_localize(BERLIN), read_timeframe(timeframe)
    assert openings(times, length)[0].isoformat() == opened
    assert openings(times, length, later=1)[0].isoformat() == following


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "America/New_York"])
def test_openings_of_times_in_any_unit(unit: str, zone: str | None) -> None:
    times = days("1969-12-31 23:59:59", "2024-01-17 09:31:07").as_unit(unit).tz_localize(zone)
    for length, opened, following in (
        ("4h", ("1969-12-31 20:00", "2024-01-17 08:00"), ("1970-01-01", "2024-01-17 12:00")),
        ("1M", ("1969-12-01", "2024-01-01"), ("1970-01-01", "2024-02-01")),
    ):
        for later, labels in enumerate((opened, following)):
            found = openings(times, read_timeframe(length), later=later)
            assert found.unit == unit
            assert found.equals(days(*labels).as_unit(unit).tz_localize(zone))


def test_openings_of_days_that_begin_later() -> None:
    times, origin = days("2024-01-17 09:00", "2024-01-17 10:00"), read_origin("09:30")
    assert origin == timedelta(hours=9, minutes=30)
    assert openings(times, read_timeframe("1D"), origin).equals(days("2024-01-16 09:30", "2024-01-17 09:30"))
    assert openings(times, read_timeframe("5h"), origin).equals(days("2024-01-17 05:30", "2024-01-17 09:30"))


def test_closings_as_clocks_are_set() -> None:
    times = days("2024-03-30 12:00").tz_localize(BERLIN)
    for step, closed in (
        ("1D", "2024-03-31T12:00:00+02:00"),
        ("24m", "2024-03-30T12:24:00+01:00"),
        ("1M", "2024-04-30T12:00:00+02:00"),
    ):
        assert closings(times, read_timeframe(step))[0].isoformat() == closed


def test_midnights_that_clocks_show_twice_or_never() -> None:
    havana = days("2024-11-03 12:00").tz_localize("America/Havana")
    assert openings(havana, read_timeframe("1D"))[0].isoformat() == "2024-11-03T00:00:00-04:00"
    beirut = days("2021-03-28 12:00").tz_localize("Asia/Beirut")
    assert openings(beirut, read_timeframe("1D"))[0].isoformat() == "2021-03-28T01:00:00+03:00"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("9", "must be a time of day, such as 09:30"),
        ("09:30+01:00", "must have no offset: it is in the zone"),
    ],
)
def test_no_origins(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=f"^start={re.escape(repr(text))} {words}"):
        read_origin(text, "start")


def test_origins() -> None:
    assert read_origin("00:00:05") == timedelta(seconds=5)


def test_rows_that_are_whole_days_apart() -> None:
    steps = [None, pd.Timedelta("36h"), pd.Timedelta("48h"), pd.Timedelta("23h"), pd.Timedelta("1D")]
    assert [is_of_days(step) for step in steps] == [False, False, True, False, True]


def test_the_commonest_step() -> None:
    times = days("2024-01-01", "2024-01-02", "2024-01-04", "2024-01-06", "2024-01-07")
    for unit in ("s", "us", "ns"):
        assert common_step(times.as_unit(unit)) == pd.Timedelta("1D")  # the shortest of the commonest
        assert common_step(times[:-1].as_unit(unit)) == pd.Timedelta("2D")


@pytest.mark.parametrize(
    ("timeframe", "step"),
    [("4h", "4h"), ("1M", "1W"), ("2W", "1D"), ("4h", "1h"), ("1D", "8h"), ("1W", "8h"), ("1M", "1D")],
)
def test_a_bar_of_whole_rows(timeframe: str, step: str) -> None:
    check_multiple(read_timeframe(timeframe), read_timeframe(step))


@pytest.mark.parametrize(
    ("timeframe", "step"), [("4h", "3h"), ("1D", "7h"), ("1W", "7h"), ("1h", "4h"), ("1D", "1W")]
)
def test_a_bar_that_would_end_within_a_row(timeframe: str, step: str) -> None:
    with pytest.raises(ValueError, match=f"timeframe='{timeframe}' is not a multiple of .* the rows, {step}"):
        check_multiple(read_timeframe(timeframe), read_timeframe(step))
