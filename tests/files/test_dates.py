"""Dates that are rewritten as ISO 8601."""

import pandas as pd
import pytest

from atc_cy.files.dates import UnclearDateError, formatted, iso_text


@pytest.mark.parametrize(
    ("offset", "expected"), [("+5:30", "+05:30"), ("+05:30", "+05:30"), ("-0530", "-05:30"), ("+5", "+05:00")]
)
def test_offsets(offset: str, expected: str) -> None:
    assert iso_text(f"30 Oct 2026 09:30 {offset}") == f"2026-10-30T09:30:00{expected}"


def test_the_format_that_would_read_a_date_has_all_of_its_signs() -> None:
    with pytest.raises(UnclearDateError, match='--date-format "%d/%m/%Y %I:%M %p %z" or'):
        iso_text("03/04/2024 04:05 PM +0100")


def test_a_missing_time_stays_missing() -> None:
    found = formatted(pd.Series(["30.10.26", None, pd.NaT], dtype=object), "%d.%m.%y", str)
    assert found[0] == "2026-10-30T00:00:00"
    assert found[1:].isna().all()
