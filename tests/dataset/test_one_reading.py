"""Parquet in a dataset has its times, prices and symbols read as every other file has."""

import datetime
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from support.dataset_folders import make_small, write, written

from atc_cy import compute_atc_signals, dataset
from atc_cy.files.prices import read_prices

SIZE = 120
CLOSE = 100 * np.exp(np.cumsum(np.random.default_rng(3).normal(0, 0.02, SIZE)))
DAYS = pd.date_range("2024-01-01", periods=SIZE, unit="us")
MINUTES = range(1735689600123, 1735689600123 + 60_000 * SIZE, 60_000)
"""In milliseconds since 1970, from 2025 on."""


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    make_small(monkeypatch.setattr)
    monkeypatch.setattr("atc_cy.dataset.step.ROWS_OF_STEP", 50)


def one(folder: Path, **columns: Any) -> Path:
    """A file of one symbol, A, in the folder `in`."""
    return write(folder / "in" / "A.parquet", pd.DataFrame(columns), rows=35)


def averages(folder: Path) -> Any:
    return written(folder)["Average_Signal"].to_numpy()


def assert_read_as_alone(path: Path, **arguments: Any) -> None:
    """A dataset has the times and prices that `atc-cy scan` reads from the file."""
    target = path.parent.parent / "out"
    assert dataset.scan(path.parent, target, **arguments) == (SIZE, 1, ())
    series = read_prices(path).series
    found = written(target)
    wanted = compute_atc_signals(series)["Average_Signal"]
    assert np.array_equal(found["Average_Signal"], wanted, equal_nan=True)
    if found["date"].dtype.kind == "M":
        times = pd.DatetimeIndex(found["date"])
        assert (times.tz is None) == (series.index.tz is None)
        assert (times == series.index).all()


def test_whole_numbers_of_several_units(tmp_path: Path) -> None:
    """Milliseconds of 2025 come after microseconds of 2020, though they are the smaller numbers."""
    earlier = [1600000000000000 + 60_000_000 * row for row in range(SIZE // 2)]
    late = list(MINUTES[: SIZE // 2])
    path = one(tmp_path, time=late + earlier, close=CLOSE)
    report = dataset.scan(path.parent, tmp_path / "out")
    (failure,) = report.failures
    assert (report.rows, failure.symbol, failure.row) == (60, "A", 60)
    assert "the time 1600000000000000 is not after that of the symbol's row before" in failure.problem
    with pytest.raises(ValueError, match="row 60: the rows must increase in time"):
        read_prices(path)
    path = one(tmp_path / "right", time=earlier + late, close=CLOSE)
    assert dataset.scan(path.parent, tmp_path / "right" / "out") == (SIZE, 1, ())
    found = written(tmp_path / "right" / "out", [])
    assert found["time"].tolist() == earlier + late  # as they are in the source
    assert np.array_equal(found["Average_Signal"], compute_atc_signals(CLOSE)["Average_Signal"], True)


def test_whole_numbers_that_are_dates(tmp_path: Path) -> None:
    digits = DAYS.strftime("%Y%m%d").astype(int).tolist()
    path = one(tmp_path, time=digits, close=CLOSE)
    assert dataset.scan(path.parent, tmp_path / "out") == (SIZE, 1, ())
    digits[60] = 20241302
    path = one(tmp_path, time=digits, close=CLOSE)
    (failure,) = dataset.scan(path.parent, tmp_path / "other").failures
    assert "row 60: time=20241302 is a number since 1970 or a date that does not exist" in failure.problem


@pytest.mark.parametrize(
    ("times", "problem"),
    [
        (range(45000, 45000 + SIZE), "row 0: time=45000 may be a spreadsheet's day number"),
        ([1000 + row for row in range(SIZE)], "row 0: the time 1000 would be 1000-01-01 00:00:00"),
        ([2**63 + row for row in range(SIZE)], "must be ISO 8601"),
    ],
)
def test_whole_numbers_that_are_no_times(times: Any, problem: str, tmp_path: Path) -> None:
    path = one(tmp_path, time=np.array(times, np.uint64), close=CLOSE)
    (failure,) = dataset.scan(path.parent, tmp_path / "out").failures
    assert problem in failure.problem


def test_a_dataset_of_whole_numbers_that_was_begun_before_goes_on(tmp_path: Path) -> None:
    """States keep the numbers as the source has them."""
    path = one(tmp_path, time=MINUTES[:60], close=CLOSE[:60])
    dataset.scan(path.parent, tmp_path / "out")
    (states,) = (tmp_path / "out" / "_states").iterdir()
    assert pq.read_table(states)["time"].to_pylist() == [MINUTES[59]]
    plan = json.loads((tmp_path / "out" / "_plan.json").read_text())
    for name in plan.keys() - {"config", "source", "columns", "outputs", "law", "states"}:
        if name not in ("fingerprint", "cuts", "types", "run"):  # as the first version wrote it
            del plan[name]
    (tmp_path / "out" / "_plan.json").write_text(json.dumps(plan))
    one(tmp_path, time=[*MINUTES[:60], *(1_000 * time for time in MINUTES[60:])], close=CLOSE)
    assert dataset.scan(path.parent, tmp_path / "out", update=True) == (SIZE, 1, ())
    found = written(tmp_path / "out", [])
    wanted = compute_atc_signals(CLOSE)["Average_Signal"]
    assert np.array_equal(found["Average_Signal"], wanted, equal_nan=True)


WAYS: dict[str, Callable[[], dict[str, Any]]] = {
    "text dates": lambda: {"date": DAYS.strftime("%Y-%m-%d")},
    "text of a category": lambda: {"date": pd.Categorical(DAYS.strftime("%Y-%m-%d"))},
    "text with slashes": lambda: {"date": DAYS.strftime("%Y/%m/%d")},
    "text with an offset": lambda: {"date": DAYS.strftime("%Y-%m-%dT00:00:00+01:00")},
    "text with two offsets": lambda: {
        "date": [f"{day:%Y-%m-%dT00:00:00}+0{1 + (day.month > 3)}:00" for day in DAYS]
    },
    "text in milliseconds": lambda: {"date": [str(time) for time in MINUTES]},
    "float seconds": lambda: {"date": [time / 1_000 for time in MINUTES]},
    "whole float seconds": lambda: {"date": [float(time // 1_000) for time in MINUTES]},
    "decimal seconds": lambda: {"date": [Decimal(time) / 1_000 for time in MINUTES]},
    "dates": lambda: {"date": [day.date() for day in DAYS]},
    "dates and text times of day": lambda: {
        "date": [day.date() for day in DAYS],
        "time": [f"{9 + row % 9}:30" for row in range(SIZE)],
    },
    "timestamps and times of day": lambda: {
        "date": DAYS.repeat(2)[:SIZE],
        "time": [datetime.time(9 + 5 * (row % 2), 30) for row in range(SIZE)],
    },
    "text prices": lambda: {"date": DAYS, "close": CLOSE.astype(str)},
    "text prices, some missing": lambda: {
        "date": DAYS,
        "close": [None if row == 50 else "null" if row == 51 else str(x) for row, x in enumerate(CLOSE)],
    },
    "decimal prices": lambda: {"date": DAYS, "close": [Decimal(f"{x:.4f}") for x in CLOSE]},
    "whole prices": lambda: {"date": DAYS, "close": (CLOSE * 1e16).astype(np.int64)},
}


@pytest.mark.parametrize("way", WAYS)
def test_times_and_prices_are_read_as_alone(way: str, tmp_path: Path) -> None:
    assert_read_as_alone(one(tmp_path, **{"close": CLOSE, **WAYS[way]()}))


@pytest.mark.parametrize("kind", [str, float])
def test_a_time_that_is_missing(kind: Any, tmp_path: Path) -> None:
    times = [kind(time // 1_000) for time in MINUTES]
    path = one(tmp_path, time=[*times[:70], None, *times[71:]], close=CLOSE)
    report = dataset.scan(path.parent, tmp_path / "out")
    (failure,) = report.failures
    assert (report.rows, failure.row, failure.problem) == (70, 70, "the time is missing")


@pytest.mark.parametrize(
    ("columns", "problem"),
    [
        ({"close": ["x" if row == 70 else "1.5" for row in range(SIZE)]}, "row 70: 'x' in column 'close'"),
        ({"close": ["1_0"] * SIZE}, "row 0: '1_0' in column 'close' is not a number"),
        ({"close": [True] * SIZE}, "row 0: True in column 'close' is not a number"),
        ({"date": ["x" if row == 119 else f"{d:%Y%m%d}" for row, d in enumerate(DAYS)]}, "row 119: time='x'"),
        ({"date": [float(2**60 + row) for row in range(SIZE)]}, "is a float, which cannot hold it exactly"),
        ({"date": [datetime.time(row // 60, row % 60) for row in range(SIZE)]}, "must be ISO 8601"),
        (
            {"date": DAYS, "time": [None if row == 70 else "9:30" for row in range(SIZE)]},
            "row 70: there is no time of day in column 'time'",
        ),
        ({"date": DAYS, "time": range(93000, 93000 + SIZE)}, "row 0: the time of day 93000 in column"),
    ],
)
def test_what_is_no_time_or_price(columns: dict[str, Any], problem: str, tmp_path: Path) -> None:
    """Its row is named, wherever the batch begins."""
    path = one(tmp_path, **{"date": DAYS, "close": CLOSE, **columns})
    try:
        problems = [failure.problem for failure in dataset.scan(path.parent, tmp_path / "out").failures]
    except ValueError as error:  # nothing else is there that could be read
        problems = [str(error)]
    assert len(problems) == 1
    assert problem in problems[0]


def test_files_that_write_times_in_other_ways(tmp_path: Path) -> None:
    """Text beside timestamps, another zone, epochs: the same instants."""
    zoned = DAYS.tz_localize("UTC")
    for name, date in {
        "A": zoned,
        "B": zoned.tz_convert("America/New_York"),
        "C": zoned.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }.items():
        write(tmp_path / "in" / f"{name}.parquet", pd.DataFrame({"date": date, "close": CLOSE}))
    pd.DataFrame({"date": zoned.strftime("%Y-%m-%dT%H:%M:%S+00:00"), "close": CLOSE}).to_csv(
        tmp_path / "in" / "D.csv", index=False
    )
    report = dataset.scan(tmp_path / "in", tmp_path / "out")
    assert report.failures == ()
    assert report.rows == 4 * SIZE
    found = written(tmp_path / "out")
    for _, own in found.groupby("symbol"):
        assert (pd.DatetimeIndex(own["date"]) == zoned).all()


@pytest.mark.parametrize("ending", ["parquet", "feather"])
@pytest.mark.parametrize("kind", [np.float32, np.float64, str])
def test_a_source_that_is_computed(ending: str, kind: Any, tmp_path: Path) -> None:
    """By the bar's columns, whatever the format; in binary64, also from narrower ones."""
    high, low = CLOSE * 1.01, CLOSE * 0.98
    frame = pd.DataFrame({"date": DAYS, "high": high, "low": low, "close": CLOSE}).astype(
        dict.fromkeys(("high", "low", "close"), kind)
    )
    (tmp_path / "in").mkdir()
    getattr(frame, f"to_{ending}")(tmp_path / "in" / f"A.{ending}")
    assert dataset.scan(tmp_path / "in", tmp_path / "out", src="hl2") == (SIZE, 1, ())
    numbers = frame.astype(dict.fromkeys(("high", "low", "close"), np.float64))
    wanted = compute_atc_signals(numbers["close"], (numbers["high"] + numbers["low"]) / 2)["Average_Signal"]
    assert np.array_equal(averages(tmp_path / "out"), wanted, equal_nan=True)
    with pytest.raises(ValueError, match=r"there is no column 'open', which --source ohlc4 needs"):
        dataset.scan(tmp_path / "in", tmp_path / "other", src="ohlc4")
