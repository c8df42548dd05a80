"""Dates that are rewritten as ISO 8601."""

from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

from atc_cy.files.dates import UnclearDateError, formatted, in_format, iso_column, iso_text, order_text


def place(row: int) -> str:
    return f"row {row}"


@pytest.mark.parametrize(
    ("offset", "expected"), [("+5:30", "+05:30"), ("+05:30", "+05:30"), ("-0530", "-05:30"), ("+5", "+05:00")]
)
def test_offsets(offset: str, expected: str) -> None:
    assert iso_text(f"30 Oct 2026 09:30 {offset}") == f"2026-10-30T09:30:00{expected}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("13/12/2024", "2024-12-13"),
        ("12/13/2024", "2024-12-13"),
        ("12/12/2024", "2024-12-12"),
        ("04.03.2026 00:00:00.000 GMT-0500", "2026-03-04T00:00:00.000-05:00"),
        ("30 Oct 2026 12 AM", "2026-10-30T00:00:00"),
        ("30 Oct 2026 12:05 PM", "2026-10-30T12:05:00"),
        ("30 Oct 2026 1 pm", "2026-10-30T13:00:00"),
        ("30 Oct 2026 23:59:59Z", "2026-10-30T23:59:59Z"),
        ("Sept 3, 2026", "2026-09-03"),
        ("Octo 3, 2026", None),
        ("Foo 3, 2026", None),
        ("31 Feb 2026", None),
        ("30 Oct 2026 13", None),
        ("30 Oct 2026 13 PM", None),
        ("30 Oct 2026 0 AM", None),
        ("30 Oct 2026 09:60", None),
        ("30 Oct 2026 09:30:60", None),
    ],
)
def test_dates_as_iso_text(text: str, expected: str | None) -> None:
    assert iso_text(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "12/11/2024",
        "11/12/2024",
        "04/03/2026 00:00:00.000 GMT-0500",
        "04.03.2026 00:00:00 GMT-0500",
        "04.03.2026 00:00:00.000Z",
    ],
)
def test_a_day_that_could_be_the_month(text: str) -> None:
    with pytest.raises(UnclearDateError, match="could be its month: give --date-format"):
        iso_text(text)


def test_the_format_that_would_read_a_date_has_all_of_its_signs() -> None:
    with pytest.raises(UnclearDateError, match='--date-format "%d/%m/%Y %I:%M %p %z" or'):
        iso_text("03/04/2024 04:05 PM +0100")


def test_a_missing_time_stays_missing() -> None:
    found = formatted(pd.Series(["30.10.26", None, pd.NaT], dtype=object), "%d.%m.%y", str)
    assert found[0] == "2026-10-30T00:00:00"
    assert found[1:].isna().all()


def test_a_time_that_is_no_text_stays() -> None:
    noon = datetime(2026, 10, 30, 12)
    assert formatted(pd.Series([noon, "30.10.26"], dtype=object), "%d.%m.%y", str)[0] == noon


@pytest.mark.parametrize(
    ("given", "expected", "note"),
    [
        (["2026-10-30"], ["2026-10-30"], ""),
        ([1, 2], [1, 2], ""),
        (["01/02/2024", None, " 13/02/2024 "], ["2024-02-01", None, "2024-02-13"], " (day first)"),
        (["01/02/2024", pd.NaT, "13/02/2024"], ["2024-02-01", pd.NaT, "2024-02-13"], " (day first)"),
        (["05/05/2024"], ["2024-05-05"], ""),
        ([" 02/13/2024", "x"], ["2024-02-13", "x"], " (month first)"),
        (["x", "1 May 2024", "02/13/2024"], ["x", "2024-05-01", "2024-02-13"], ""),
    ],
)
def test_columns_of_dates(given: list[Any], expected: list[Any], note: str) -> None:
    assert iso_column(np.array(given, object), place).tolist() == expected
    assert order_text(pd.Series(given, dtype=object)) == note


def test_a_column_without_other_dates_is_not_copied() -> None:
    given = np.array(["1735689600", "1735776000"], object)
    assert iso_column(given, place) is given


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["01/02/2024", "02/01/2024"], "^row 0: the day of '01/02/2024' could be its month"),
        (
            ["01/02/2024", "13/02/2024", "02/13/2024"],
            r"^row 2: in '02/13/2024' the month comes first, and not in '13/02/2024' \(row 1\)",
        ),
        (["02/13/2024", "13/02/2024"], r"^row 1: .* the day comes first, .* '02/13/2024' \(row 0\)"),
        (["01/02/2024", date(2024, 1, 3), "13/02/2024"], "^row 1: 2024-01-03 is a date, but other rows"),
        ([1, "30/10/26"], "^row 1: the year of '30/10/26' has two digits"),
    ],
)
def test_columns_of_unclear_dates(given: list[Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        iso_column(np.array(given, object), place)


@pytest.mark.parametrize(
    ("text", "date_format", "expected"),
    [
        ("1022024", "%d%m%Y", "2024-02-01T00:00:00"),
        ("01022024", "%d%m%Y", "2024-02-01T00:00:00"),
        ("102202416", "%d%m%Y%H", "2024-02-01T16:00:00"),
        ("123456789", "%Y%m%d%f", "1234-05-06T00:00:00.789000"),
        ("01022024+0100", "%d%m%Y%z", "2024-02-01T00:00:00+01:00"),
        ("Oct 3, 2026", "%b %d, %Y", "2026-10-03T00:00:00"),
        ("10:30", "%H:%M", "1900-01-01T10:30:00"),
    ],
)
def test_times_in_a_format(text: str, date_format: str, expected: str) -> None:
    assert in_format(text, date_format).isoformat() == expected


@pytest.mark.parametrize(
    ("text", "date_format"),
    [("022024", "%d%m%Y"), ("0240131", "%Y%m%d"), ("2024131", "%Y%m%d"), ("1030", "%H:%M"), ("x", "%d")],
)
def test_times_that_are_not_in_the_format(text: str, date_format: str) -> None:
    with pytest.raises(ValueError, match=f"the time '{text}' does not match --date-format {date_format}"):
        in_format(text, date_format)
    with pytest.raises(ValueError, match=f"^row 1: the time '{text}' does not"):
        formatted(pd.Series([None, text], dtype=object), date_format, place)
