"""Times are read by one rule, one by one as by the column, and their order is seen in one place."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from atc_cy.files.order import Disorder, disorder, is_newest_first, sorted_rows
from atc_cy.files.time_columns import read_times
from atc_cy.files.timeframes import read_duration
from atc_cy.files.times import instant, read_time

NEW_YEAR = 1_735_689_600
SECOND = 10**9


def place(row: int) -> str:
    return f"row {row}"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2025-01-01", NEW_YEAR * SECOND),
        ("20250101", NEW_YEAR * SECOND),
        (20250101, NEW_YEAR * SECOND),
        ("20250101T003000", (NEW_YEAR + 1800) * SECOND),
        ("2025.01.01 00:00:30", (NEW_YEAR + 30) * SECOND),
        ("2025-01-01 01:00:00.123456789+01:00", NEW_YEAR * SECOND + 123456789),
        ("2025-01", NEW_YEAR * SECOND),
        ("2025", NEW_YEAR * SECOND),
        ("2025-W01-3", NEW_YEAR * SECOND),
        (202501010030, (NEW_YEAR + 1800) * SECOND),
        ("20250101003001", (NEW_YEAR + 1801) * SECOND),
        (172_800, 172_800 * SECOND),
        (str(NEW_YEAR), NEW_YEAR * SECOND),
        (NEW_YEAR * 1000 + 123, NEW_YEAR * SECOND + 123 * 10**6),
        (f"{NEW_YEAR * 10**6 + 1}", NEW_YEAR * SECOND + 1000),
        (NEW_YEAR * SECOND + 1, NEW_YEAR * SECOND + 1),
        ("100000000.5", 10**8 * SECOND + SECOND // 2),  # the least with a fraction
        (f"{NEW_YEAR}.123", NEW_YEAR * SECOND + 123 * 10**6),
        (NEW_YEAR + 0.123, NEW_YEAR * SECOND + 123 * 10**6),
        (Decimal(NEW_YEAR) + Decimal("0.123456789"), NEW_YEAR * SECOND + 123456789),
        (-1, -SECOND),
        (0, 0),
        (date(2025, 1, 1), NEW_YEAR * SECOND),
        (datetime(2025, 1, 1, 1, tzinfo=timezone(timedelta(hours=1))), NEW_YEAR * SECOND),
        (np.datetime64("2025-01-01"), NEW_YEAR * SECOND),
        (pd.Timestamp(NEW_YEAR * SECOND + 1), NEW_YEAR * SECOND + 1),
    ],
)
def test_one_time(value: Any, expected: int) -> None:
    assert instant(value) == expected
    if not isinstance(value, pd.Timestamp):  # in a column of its own, which is of nanoseconds then
        (read,) = read_times(pd.Series([value], dtype=object), place)
        assert read.as_unit("ns").value == expected


@pytest.mark.parametrize(
    "value",
    ["", "14/13/2023", "noon", 1.5, True, None, "2023-11-14\n10:00", "2024-02-31", "1_0", 10**20, np.nan],
)
def test_what_is_no_time(value: Any) -> None:
    with pytest.raises(ValueError, match="must be ISO 8601"):
        instant(value)
    with pytest.raises(ValueError, match="row 1: "):
        read_times(pd.Series(["2024-01-01", value], dtype=object), place)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (45962, "may be a spreadsheet's day number: write dates"),
        ("240131", "has a year of two digits: write 20261030, say, or give --date-format"),
        ("31012024", "time=31012024 may be a date with its year at the end: .* --date-format %d%m%Y$"),
        ("01022024", "time=01022024 may .* --date-format %d%m%Y or %m%d%Y$"),
        (1022024, "time=01022024 may .* --date-format %d%m%Y or %m%d%Y$"),
        (12312024, "time=12312024 may .* --date-format %m%d%Y$"),
        (36_500_000_000, "since 1970, before the year 2262"),  # of 1971, in milliseconds
        (-31_500_000_000, "since 1970, before the year 2262"),
    ],
)
def test_numbers_that_may_be_other_times_are_refused(value: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        instant(value)
    for column in (pd.Series([value] * 2), pd.Series([value, "2025-01-01"], dtype=object)):
        with pytest.raises(ValueError, match=f"^row 0: .*{message}"):
            read_times(column, place)


def test_a_float_does_not_hold_nanoseconds() -> None:
    with pytest.raises(ValueError, match="is a float, which cannot hold it exactly"):
        instant(float(NEW_YEAR * SECOND))


@pytest.mark.parametrize(
    "texts",
    [
        ["2024-01-01", "2024-01-02T10:00", "2024-01-02 10:00:00.5"],
        ["2024-03-09T00:00:00-05:00", "2024-03-10T00:00:00-05:00"],
        ["2024-03-09T00:00:00-05:00", "2024-03-11T00:00:00-04:00"],
        ["2024-03-09T00:00Z", "2024-03-11T00:00:00Z"],
        ["1735689600", "1735689600123", "1735689600123456", "1735689600123456789"],
        ["20240101", "20240102", "2024"],
        ["20217600", "20240002", "-86400"],
        ["2024-1-5", "2024/01/06", "1735689600.5"],
        ["1735689600", "2999-01-01", "0999-12-31"],
    ],
)
def test_columns_are_read_as_single_times_are(texts: list[str]) -> None:
    times = read_times(pd.Series(texts), place)
    scale = {"us": 1000, "ns": 1}[times.unit]
    assert [int(one) * scale for one in times.asi8] == [instant(text) for text in texts]
    assert (times.tz is None) == all(read_time(text).offset is None for text in texts)


def test_offsets() -> None:
    same = read_times(pd.Series(["2024-03-09T00:00:00-05:00", "2024-03-10T00:00:00-05:00"]), place)
    assert same[0].utcoffset() == timedelta(hours=-5)
    summer = read_times(pd.Series(["2024-03-09T00:00:00-05:00", "2024-03-11T00:00:00-04:00"]), place)
    assert summer.tz is UTC or str(summer.tz) == "UTC"
    with pytest.raises(
        ValueError, match=r"row 1: the time '2024-03-11' has no offset, but .*row 0.* has one"
    ):
        read_times(pd.Series(["2024-03-09T00:00:00-05:00", "2024-03-11"]), place)


@pytest.mark.parametrize(
    "dtype", ["datetime64[s]", "datetime64[ns]", "timestamp[ms][pyarrow]", "category", "period[D]"]
)
def test_types(dtype: str) -> None:
    days = pd.Series(pd.date_range("2024-01-01", periods=3))
    for values in (days.astype(dtype), days.astype(dtype).astype("category")):
        times = read_times(values, place)
        assert list(times) == list(days)
        assert times.unit == "us"


@pytest.mark.parametrize(
    ("instants", "codes", "expected"),
    [
        ([1, 2, 3], None, None),
        ([1, 2, 2], None, Disorder(1, 2, True)),
        ([1, 3, 2], None, Disorder(1, 2, False)),
        ([1, 1, 0], None, Disorder(1, 2, False)),
        ([1, 1, 2, 2], [0, 1, 0, 1], None),
        ([2, 1, 1, 2], [0, 1, 0, 1], Disorder(0, 2, False)),
        ([1, 1, 1, 2], [0, 1, 0, 1], Disorder(0, 2, True)),
        ([], None, None),
    ],
)
def test_order(instants: list[int], codes: "list[int] | None", expected: "Disorder | None") -> None:
    numbers = None if codes is None else np.array(codes)
    assert disorder(np.array(instants, np.int64), numbers) == expected


def test_newest_first() -> None:
    assert is_newest_first(np.array([3, 2, 1]))
    assert is_newest_first(np.array([3, 2, 2]))
    assert not is_newest_first(np.array([3, 1, 2]))
    assert not is_newest_first(np.array([1]))
    assert is_newest_first(np.array([2, 1, 2, 1]), np.array([0, 0, 1, 1]))
    assert list(sorted_rows(np.array([2, 1, 1]))) == [1, 2, 0]


def test_columns_of_numbers_are_read_as_each_of_them() -> None:
    """Whatever a column is read by at once."""
    rng = np.random.default_rng(5)
    seconds = rng.uniform(10**9, 2**33, 300)
    columns = [
        [*seconds.round(3), *seconds.round(6)],
        [*seconds.round(6), *seconds],  # some have seven decimals
        [*np.nextafter(seconds.round(6), 0), *seconds.round()],
        [*rng.uniform(2**33, 9.1e9, 300).round(6), *seconds.round(1)],
        [20240131.0, 202401312359.0],
        [20217600.0, 1.5e9, 1735689600123.0],
        [*rng.integers(10**11, 10**12, 300)],
        [*rng.integers(10**12, 9 * 10**12, 300)],
        [*rng.integers(10**15, 9 * 10**15, 300)],
        [*rng.integers(10**9, 9 * 10**9, 300)],
        [*rng.integers(10**17, 10**18, 300)],
        [0, 5, 999],
        [*rng.integers(10**17, 10**18, 300), 7 * 10**15, 20217600, 202413312359],
        [-5, 10**9],
        [10**11, 10**9, -(10**11)],
        [10**14, 10**9],
        [10**17, 10**9],
        [],
        [1577871000.1234567, 1577871001.7654321],
    ]
    for column in columns:
        values = pd.Series(np.array(column) if column else np.array([], np.int64))
        read = read_times(values, str).as_unit("ns").asi8
        assert read.tolist() == [instant(value) for value in values.tolist()]


def test_columns_of_years() -> None:
    for year in (1000, 9999):
        assert read_times(pd.Series([year]), str)[0].year == year


def test_columns_of_floats() -> None:
    for column in ([1577871000.5], [1577871000.5, 1577871000.1234567], [1577871000.0]):
        values = pd.Series(column)
        assert read_times(values, str).tz is None
        assert str(read_times(values, str, epochs_in_utc=True).tz) == "UTC"
    with pytest.raises(ValueError, match=r"^0: .* is a float, which cannot hold it exactly"):
        read_times(pd.Series([2.0**53] * 2), str)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("36h", timedelta(hours=36)),
        ("90m", timedelta(hours=1.5)),
        ("10D", timedelta(10)),
        ("1 W", timedelta(7)),
        ("M", timedelta(31)),
    ],
)
def test_lengths_of_time(text: str, length: timedelta) -> None:
    assert read_duration(text) == length


@pytest.mark.parametrize("text", ["", "10", "0D", "-1D", "1.5h", "2 years", "D10"])
def test_what_is_no_length_of_time(text: str) -> None:
    with pytest.raises(ValueError, match=f"age='{text}' is not a length of time: give a number and a unit"):
        read_duration(text, "age")


@pytest.mark.parametrize("value", ["9" * 5000, "x" * 5000, 10**400])
def test_a_long_one_is_cut_in_the_message(value: Any) -> None:
    with pytest.raises(ValueError, match="must be ISO 8601") as raised:
        instant(value)
    assert len(str(raised.value)) < 400
