"""Bounds of what is a time, and columns that are not read at once."""

import datetime
import sys
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from atc_cy.files import zones
from atc_cy.files.time_columns import check_one_clock, holds_times, is_time_like, read_times
from atc_cy.files.times import (
    SECOND,
    UnknownTimeError,
    check_digits,
    date_orders,
    is_date,
    is_time_text,
    read_time,
)
from atc_cy.files.zones import in_zone


def place(row: int) -> str:
    return f"line {row + 2}"


@pytest.mark.parametrize(
    ("value", "expected", "offset"),
    [
        ("20261030 9:30", "2026-10-30T09:30", None),
        ("Oct 30, 2026 9:30 AM", "2026-10-30T09:30", None),
        ("2026-10-30T09:30+05:30", "2026-10-30T04:00", 19_800),
        ("2026-10-30T09:30-0030", "2026-10-30T10:00", -1_800),
        ("2026-10-30T09:30+01", "2026-10-30T08:30", 3_600),
        (np.datetime64("2026-10-30T09:30:00.250", "ms"), "2026-10-30T09:30:00.250", None),
        (np.datetime64("2026-10-30T09:30:00.000001", "us"), "2026-10-30T09:30:00.000001", None),
        (np.datetime64("2026-10-30T09:30:00.000000001", "ns"), "2026-10-30T09:30:00.000000001", None),
        (np.datetime64("2026-10", "M"), "2026-10-01", None),
        (99_992_024, "1973-03-03T07:33:44", None),  # no date with its year at the end
        (10**14, "1973-03-03T09:46:40", None),
        (10**17, "1973-03-03T09:46:40", None),
        (9_200_000_000_000_000_000, "2261-07-15T11:33:20", None),
        ("2026-10-30T09:30 UTC", "2026-10-30T09:30", 0),
        ("2026-10-30T09:30:00.1234567899", "2026-10-30T09:30:00.123456789", None),
        (999_999, "1970-01-12T13:46:39", None),  # no date with a year of two digits
        (32_012_024, "1971-01-06T12:13:44", None),  # no date with its year at the end
        (1_011_899, "1970-01-12T17:04:59", None),
        (1_012_201, "1970-01-12T17:10:01", None),
        (15_991_231, "1970-07-05T02:00:31", None),  # no date of our days
        (22_010_101, "1970-09-12T17:55:01", None),
        (80_001, "1970-01-01T22:13:21", None),  # no day number of a spreadsheet
    ],
)
def test_one_time(value: Any, expected: str, offset: int | None) -> None:
    found = read_time(value)
    assert (found.instant, found.offset) == (pd.Timestamp(expected).value, offset)
    assert found.epoch == isinstance(value, int)


@pytest.mark.parametrize(
    ("digits", "year"), [("1500", 1500), ("16000101", 1600), ("22001231", 2200), ("220012312359", 2200)]
)
def test_digits_of_dates(digits: str, year: int) -> None:
    found = read_time(int(digits))
    assert (found.epoch, np.datetime64(found.instant // SECOND, "s").item().year) == (False, year)


NO_TIMES = [
    *(pd.NaT, np.datetime64("NaT"), np.inf, -np.inf, Decimal("Infinity"), Decimal("NaN")),
    *(10**19, 9_200_000_000_000_000_001, "30.02.2026", "0.5123", "99999999.5", "20240131.5", "2026115 10:00"),
]


def test_what_is_no_time() -> None:
    for value in NO_TIMES:
        with pytest.raises(UnknownTimeError, match="must be ISO 8601"):
            read_time(value)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (2.0**53, "is a float, which cannot hold it exactly"),
        *((number, "may be a spreadsheet's day number") for number in (20_000, 80_000)),
        *((digits, "has a year of two digits") for digits in (100_101, 241_231, 311_224, 122_524, 991_231)),
        *((day, "may be a date with its year at the end") for day in (1_011_900, "01012200", 31_122_200)),
    ],
)
def test_what_could_be_another_time(value: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_time(value)
    with pytest.raises(ValueError, match=words):
        read_times(pd.Series([value]), place)


def test_orders_of_digits() -> None:
    assert date_orders(310120241600.5) == set()
    assert date_orders(310120241601.0) == date_orders(" 310120241601 ") == {"%d%m%Y%H%M"}
    assert date_orders("201212201200") == set()  # it is read as a date
    assert "%d%m%Y%H%M" in date_orders("201220121200")  # there is no month 20
    assert date_orders("2024101") == {"%Y%j"}
    assert date_orders("241212131200") == {"%y%m%d%H%M%S", "%d%m%y%H%M%S"}  # not of the year 2412
    assert date_orders("1711171200") == set()  # seconds since 1970
    assert date_orders("2011171200") == {"%y%m%d%H%M"}
    for year, fits in ((1899, False), (1900, True), (2200, True), (2201, False)):
        assert ("%d%m%Y%H%M" in date_orders(f"3112{year}1200")) == fits
    first, other = "310120241600", "310120241700"
    check_digits([first, first], place)  # a time that comes twice may look so by chance
    with pytest.raises(ValueError, match="line 2: time=310120241600 may be a date in another order"):
        check_digits([first, other, first], place)


@pytest.mark.parametrize("text", ["01 120241600", "3101\uff12\uff10\uff12\uff141600"])
def test_what_is_no_date_in_another_order(text: str) -> None:
    assert date_orders(text) == set()


@pytest.mark.parametrize(
    ("text", "day", "time"),
    [
        ("20240101", True, True),
        ("202401011600", False, True),
        ("2024", False, False),  # may be a price
        ("2024-01", False, True),
        ("2024-01-01", True, True),
        ("2026-W44-5", True, True),
        ("2024-01-01T00", False, True),
        ("30.10.2026", True, True),
        ("2026-W44-5T10:00", False, True),
        ("2024105", False, False),
        ("20241399", False, False),
        ("x", False, False),
    ],
)
def test_texts(text: str, day: bool, time: bool) -> None:
    assert (is_date(text) if time else False, is_time_text(text)) == (day, time)
    assert not is_date("2024105")


def test_epochs_beside_other_times() -> None:
    """A number since 1970 needs no offset."""
    numbers = pd.Series(["1577871000", "1577871001.5"])
    assert str(read_times(numbers, place, epochs_in_utc=True).tz) == "UTC"
    assert read_times(numbers, place).tz is None
    mixed = pd.Series(["1577871000", "2020-01-01T10:00Z", "2020-01-01T11:00"])
    with pytest.raises(ValueError, match=r"line 4: .* has no offset, but '2020-01-01T10:00:00Z' .line 3"):
        read_times(mixed, place)
    texts = pd.Series(["2020-01-01T00:00+01:00", "1577871000", "2020-01-02T00:00+02:00"])
    with pytest.raises(
        ValueError, match=r"line 4: the time '2020-01-02T00:00.02:00' has another offset than"
    ):
        check_one_clock(read_times(texts, place), texts, place, "")


@pytest.mark.parametrize("dtype", ["Int64", "Float64", "float64", "int64[pyarrow]", "datetime64[ns]"])
def test_a_time_is_missing(dtype: str) -> None:
    with pytest.raises(ValueError, match=r"^line 3: there is no time$"):
        read_times(pd.Series([1_735_689_600, None]).astype(dtype), place)


def test_columns_of_text_in_several_forms() -> None:
    with pytest.raises(ValueError, match=r"^line 3: there is no time$"):
        read_times(pd.Series(["2024-01-01", None], dtype=object), place)
    seconds = read_times(pd.Series(["202401", "2024-01-01"]), place)
    assert seconds[0] == pd.Timestamp("1970-01-03T08:13:21")
    for word in ("now", "today"):  # pandas knows them
        with pytest.raises(ValueError, match=r"line 3: .* must be ISO 8601"):
            read_times(pd.Series(["2024-01-01", word]), place)
    assert read_times(pd.Series(["2024-1-5 10:00", "2024-01-06"]), place, epochs_in_utc=True).tz is None
    one_offset = read_times(pd.Series(["2024-1-5 10:00+01:00", "2024-01-06 10:00+01:00"]), place)
    assert [time.isoformat()[-6:] for time in one_offset] == ["+01:00"] * 2
    with pytest.raises(ValueError, match=r"line 2: the time '2024-01-05' has no offset.*\(line 3\) has one"):
        read_times(pd.Series(["2024-1-5", "2024-01-06T10:00Z"]), place)


def test_offsets_of_times_of_several_types() -> None:
    times = pd.Series([pd.Timestamp("2024-01-01T10:00+01:00"), "2024-07-01T10:00+02:00"], dtype=object)
    with pytest.raises(ValueError, match=r"line 3: .* has another offset than"):
        check_one_clock(read_times(times, place), times, place, "")


def test_what_holds_times() -> None:
    assert is_time_like(pd.Series(["2024-01-01"], dtype="category"))
    assert is_time_like(pd.Series(pd.PeriodIndex(["2024-01"], freq="M"), dtype="category"))
    assert not is_time_like(pd.Series(["A"], dtype="category"))
    assert is_time_like(pd.Series([None, datetime.date(2024, 1, 1)]))
    assert not is_time_like(pd.Series([20240101]))
    for numbers, held in (([16_000_000], True), ([15_999_999, 16_000_000], False), ([], False)):
        assert holds_times("open_time", pd.Series(numbers, dtype="int64")) == held
    assert not holds_times("volume", pd.Series([16_000_000]))
    assert holds_times("x", pd.Series(["2024-01-01"]))
    assert not holds_times("time", pd.Series(["A"]))


BERLIN = "Europe/Berlin"
CLOCKS = pd.DatetimeIndex([f"2024-10-27 0{hour}:30" for hour in (1, 2, 2, 3)])
OFFSETS = ["+02:00", "+02:00", "+01:00", "+01:00"]


def offsets(times: pd.DatetimeIndex) -> list[str]:
    return [time.isoformat()[-6:] for time in times]


def test_times_in_a_zone() -> None:
    one = np.zeros(4, np.intp)
    utc = in_zone(CLOCKS.tz_localize("UTC"), BERLIN, one, place)
    assert [*utc] == [*CLOCKS.tz_localize("UTC")]
    assert str(utc.tz) == BERLIN
    summer = pd.DatetimeIndex(["2024-07-01 12:00", "2024-12-01 12:00"])
    assert offsets(in_zone(summer, BERLIN, one[:2], place)) == ["+02:00", "+01:00"]


def test_an_hour_that_comes_twice() -> None:
    one, order = np.zeros(4, np.intp), np.array([0, 0, 1, 1, 2, 2, 3, 3])
    assert offsets(in_zone(CLOCKS, BERLIN, one, place)) == OFFSETS
    assert offsets(in_zone(CLOCKS[::-1], BERLIN, one, place)) == OFFSETS[::-1]
    both = in_zone(CLOCKS[order], BERLIN, np.array([0, 1] * 4), place)
    assert offsets(both) == [OFFSETS[row] for row in order]
    assert [*both.tz_localize(None)] == [*CLOCKS[order]]
    for unit in ("s", "ns"):
        assert offsets(in_zone(CLOCKS.as_unit(unit), BERLIN, one, place)) == OFFSETS
    for rows, line in (([0, 1, 3], 3), ([3, 1, 0], 3), ([0, 3], 0)):
        if line:
            with pytest.raises(
                ValueError, match=f"^line {line}: clocks of {BERLIN} showed 2024-10-27 02:30:00 twice"
            ):
                in_zone(CLOCKS[rows], BERLIN, one[: len(rows)], place)
        else:
            assert len(in_zone(CLOCKS[rows], BERLIN, one[:2], place)) == 2
    codes = np.array([0, 0, 0, 0, 1, 1, 1])
    with pytest.raises(ValueError, match=r"^line 7: clocks"):
        in_zone(CLOCKS[[0, 1, 2, 3, 0, 1, 3]], BERLIN, codes, place)
    quarters = pd.DatetimeIndex(["2024-10-27 01:30", "2024-10-27 02:00", "2024-10-27 02:15"])
    with pytest.raises(ValueError, match=r"^line 3: clocks"):
        in_zone(quarters, BERLIN, one[:3], place)


@pytest.mark.parametrize(
    ("clocks", "expected"),
    [
        ("03:30 02:30 02:30", "+01:00 +01:00 +02:00"),
        ("02:45 02:15 03:00", "+02:00 +01:00 +01:00"),
        ("02:30 02:00 02:30", "+02:00 +01:00 +01:00"),  # as far as the ends show, the oldest is first
    ],
)
def test_which_row_is_the_oldest(clocks: str, expected: str) -> None:
    times = pd.DatetimeIndex([f"2024-10-27 {clock}" for clock in clocks.split()])
    assert offsets(in_zone(times, BERLIN, np.zeros(3, np.intp), place)) == expected.split()


def test_an_hour_that_never_was() -> None:
    times = pd.DatetimeIndex(["2024-03-31 01:30", "2024-03-31 02:30", "2024-03-31 02:45"])
    with pytest.raises(
        ValueError, match=f"^line 3: clocks of {BERLIN} never showed 2024-03-31 02:30:00: they were set"
    ):
        in_zone(times, BERLIN, np.zeros(3, np.intp), place)


def test_what_pandas_raises_for_such_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "pytz", raising=False)
    assert zones._unclear_times() == (ValueError,)
    monkeypatch.setitem(sys.modules, "pytz", SimpleNamespace(AmbiguousTimeError=KeyError))
    assert zones._unclear_times() == (ValueError, KeyError)


def test_days_begin_in_their_zone() -> None:
    """In Beirut, clocks were set forward at midnight."""
    days = pd.DatetimeIndex(["2021-03-27", "2021-03-28"])
    found = in_zone(days, "Asia/Beirut", np.zeros(2, np.intp), place)
    assert [time.isoformat() for time in found] == ["2021-03-27T00:00:00+02:00", "2021-03-28T01:00:00+03:00"]
    assert SECOND == 10**9
