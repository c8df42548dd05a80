"""The first and the last time of rows: a date means all of its day, and a time is in the zone of the rows."""

import pandas as pd
import pytest

from atc_cy.files.bounds import read_bound

NAIVE = pd.DatetimeIndex(["2024-03-02"])
NEW_YORK, HAVANA = (NAIVE.tz_localize(f"America/{city}") for city in ("New_York", "Havana"))


@pytest.mark.parametrize(
    ("text", "times", "first", "last"),
    [
        ("2024-03-02", NAIVE, "2024-03-02", "2024-03-02 23:59:59.999999999"),
        ("2024-03-02T00:00", NAIVE, "2024-03-02", "2024-03-02"),
        ("2024-03-02T10:00+01:00", NAIVE, "2024-03-02 09:00", "2024-03-02 09:00"),
        ("2024-03-02", NAIVE.tz_localize("UTC"), "2024-03-02", "2024-03-02 23:59:59.999999999"),
        ("2024-03-02", NEW_YORK, "2024-03-02 05:00", "2024-03-03 04:59:59.999999999"),
        ("2024-03-02T10:00", NEW_YORK, "2024-03-02 15:00", "2024-03-02 15:00"),
        ("2024-03-02T10:00Z", NEW_YORK, "2024-03-02 10:00", "2024-03-02 10:00"),
        ("1709373600", NEW_YORK, "2024-03-02 10:00", "2024-03-02 10:00"),
        (
            "2024-03-02T10:00:00.123456789",
            NEW_YORK,
            "2024-03-02 15:00:00.123456789",
            "2024-03-02 15:00:00.123456789",
        ),
        ("2024-11-03T01:30", NEW_YORK, "2024-11-03 05:30", "2024-11-03 06:30"),  # clocks show it twice
        ("2024-11-02", HAVANA, "2024-11-02 04:00", "2024-11-03 03:59:59.999999999"),  # midnight comes twice
        ("2024-03-10T02:30", NEW_YORK, "2024-03-10 07:00", "2024-03-10 06:59:59.999999"),  # never
        ("2024-03-10", NEW_YORK, "2024-03-10 05:00", "2024-03-11 03:59:59.999999999"),  # 23 hours
    ],
)
def test_the_instants_that_a_bound_lets_in(text: str, times: pd.DatetimeIndex, first: str, last: str) -> None:
    bound = read_bound(text)
    assert pd.Timestamp(bound.first(times)) == pd.Timestamp(first)
    assert pd.Timestamp(bound.last(times)) == pd.Timestamp(last)


def test_a_bound_that_may_be_another_date() -> None:
    with pytest.raises(ValueError, match=r"^time=310120241600 may be a date in another order: write it like"):
        read_bound("310120241600")
    with pytest.raises(ValueError, match="must be ISO 8601"):
        read_bound("soon")
    with pytest.raises(ValueError, match="time=20241302 is not a date that exists: write it like 2026-10-30"):
        read_bound("20241302")  # as seconds, it would be in 1970
    with pytest.raises(
        ValueError, match="time=202413021600 is not a date that exists: write it like 2026-10-30"
    ):
        read_bound("202413021600")  # as milliseconds, it would be in 1976
    assert read_bound("194486400000").moment.instant == pd.Timestamp("1976-03-01").value
