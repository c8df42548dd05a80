"""The window that is traded: rows or times, with the indicator warm before it."""

import datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest
from support.golden import golden

from atc_cy import equity, sweep

CLOSE = golden("usd_default").close[:900]
SERIES = pd.Series(CLOSE, pd.date_range("2020-01-01", periods=900, tz="UTC"))
GRID = {"La": [0.0, 0.5], "De": [0.0, 0.1]}
pytestmark = pytest.mark.filterwarnings("ignore:cagr, calmar, sharpe")  # days of a week are not trading days


@pytest.mark.parametrize(
    ("start", "stop", "rows"),
    [
        (300, 600, (300, 600)),
        (-600, -300, (300, 600)),
        (np.int64(300), None, (300, 900)),
        ("2020-10-27", "2021-08-23", (300, 600)),
        (pd.Timestamp("2020-10-26 12:00", tz="UTC"), datetime.date(2021, 8, 23), (300, 600)),
        (None, "2021-08-23", (0, 600)),
        ("1999-01-01", None, (0, 900)),
    ],
)
def test_rows_and_times(start: Any, stop: Any, rows: tuple[int, int]) -> None:
    first, last = rows
    account = equity(SERIES, start=start, stop=stop)
    assert account.curve.index.equals(SERIES.index[first:last])
    table = sweep(SERIES, GRID, start=start, stop=stop)
    assert table.equals(sweep(CLOSE[:last], GRID, start=first))
    assert (
        table[0.0, 0.0]["total_return"]
        == equity(CLOSE[:last], La=0.0, De=0.0, start=first).curve["equity"].iloc[-1] - 1.0
    )


def test_rows_count_as_they_were_given() -> None:
    gap = SERIES.copy()
    gap[100:150] = np.nan
    for start in (300, "2020-10-27"):
        assert equity(gap, start=start).curve.index[0] == SERIES.index[300]
    assert equity(gap, start=-600).curve.index[0] == SERIES.index[300]
    other = pd.Series(CLOSE[:500], SERIES.index[400:])
    table = sweep({"A": SERIES, "B": other}, GRID, start="2021-08-23")
    assert table["A"].equals(sweep(SERIES, GRID, start=600))
    assert table["B"].equals(sweep(other, GRID, start=200))


@pytest.mark.parametrize(
    ("error", "words", "arguments"),
    [
        (
            ValueError,
            "start=50 has 50 bars before it, but the configs need 66 to warm up: give a",
            {"start": 50},
        ),
        (
            ValueError,
            "stop=60 leaves 60 bars, but the configs need 66 to warm up: give a later",
            {"stop": 60},
        ),
        (
            ValueError,
            "start=300 has 300 bars before it, but the configs need 400",
            {"start": 300, "cutout": 400},
        ),
        (
            ValueError,
            "start=600 and stop=500 leaves no bar: give bounds between 2020-01-01 .* and 2022-06-18",
            {"start": 600, "stop": 500},
        ),
        (ValueError, "start='300' is not a time: give a date, or the number of a row", {"start": "300"}),
        (ValueError, "^start='2030-01-01' leaves no bar: give bounds between", {"start": "2030-01-01"}),
        (ValueError, "start=901 is out of range: close has 900 rows", {"start": 901}),
        (ValueError, "stop='soon': .* give a time, or the number of a row", {"stop": "soon"}),
        (ValueError, "start=1.5", {"start": [1.5]}),
        (TypeError, "stop=True must be an integer", {"stop": True}),
    ],
)
def test_bad_windows(error: type[Exception], words: str, arguments: dict[str, Any]) -> None:
    if arguments.get("start") == [1.5]:
        words = r"start=\[1.5\]"
    with pytest.raises(error, match=words) as raised:
        sweep(SERIES, GRID, **arguments)
    assert "\n" not in str(raised.value)
    with pytest.raises(error, match=words):
        equity(SERIES, **arguments)


def test_a_time_needs_an_index_of_times() -> None:
    for close in (CLOSE, pd.Series(CLOSE)):
        with pytest.raises(TypeError, match="start='2020-10-27' needs times as the index of close"):
            sweep(close, GRID, start="2020-10-27")
    with pytest.raises(ValueError, match="B: start=50 has 50 bars before it"):
        sweep({"B": CLOSE}, GRID, start=50)
