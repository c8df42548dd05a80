"""What makes no bars of a higher timeframe is refused."""

from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from atc_cy.files.resample import check_divides, resample_rows
from atc_cy.files.timeframes import read_timeframe

HOURS = pd.date_range("2024-01-01", periods=4, freq="6h")


@pytest.mark.parametrize(
    ("times", "timeframe", "words"),
    [
        (HOURS, "1h", "is lower than that of the rows, which are 06:00:00 apart: give a higher one"),
        (HOURS, "8h", "is not a multiple of that of the rows, which are 06:00:00 apart"),
        (
            HOURS[[0, 1, 2, 2, 2]] + pd.to_timedelta([0, 0, 0, 9, 21], "h"),
            "1D",
            r"or the zone of the days \(--time-zone\)$",
        ),
        (
            HOURS[:3] + pd.Timedelta("90min"),
            "12h",
            r"or when they begin \(--origin 01:30\)$",
        ),
        (HOURS[:3] + pd.Timedelta("3h"), "12h", r"or when they begin \(--origin 03:00\)$"),
        (pd.date_range("2024-01-01", periods=9, freq="7h"), "1D", "is not a multiple of that of the rows"),
        (pd.date_range("2024-01-01", periods=9, freq="86400500ms"), "1W", "ends after its bar"),
    ],
)
def test_rows_that_do_not_make_bars(times: pd.DatetimeIndex, timeframe: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        check_divides(times, read_timeframe(timeframe))


@pytest.mark.parametrize("column", ["close", "high", "volume"])
def test_text_is_neither_compared_nor_added(column: str) -> None:
    values: dict[str, list[Any]] = {"close": [1.0] * 4, "note": ["a", "b", "c", "d"]}
    values[column] = [Decimal(9), None, "10", Decimal(2)]
    with pytest.raises(
        ValueError, match=f"column '{column}': '10' in the row of 2024-01-01 12:00:00 is text"
    ):
        resample_rows(pd.DataFrame(values, HOURS), read_timeframe("1D"))


def test_decimals_are_compared() -> None:
    rows = pd.DataFrame({"close": [Decimal(9), None, Decimal(10), Decimal(2)], "note": [*"abcd"]}, HOURS)
    bars = resample_rows(rows.assign(high=rows["close"]), read_timeframe("1D"))
    assert bars.iloc[0].tolist() == [2, "d", 10]


def test_a_volume_that_is_missing_in_some_rows() -> None:
    rows = pd.DataFrame({"close": 1.0, "volume": [None, None, 3.0, None]}, HOURS[:4])
    bars = resample_rows(rows.astype(float), read_timeframe("12h"))["volume"]
    assert bars.isna().tolist() == [True, False]
    assert bars.iloc[1] == 3
