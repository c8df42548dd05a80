"""Columns without names are recognised by what is in them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from atc_cy.files.format import FOUND_OUT, Format
from atc_cy.files.prices import read_price_file
from atc_cy.files.shapes import is_candle, names_of


def columns(*cells: str) -> "list[pd.Series[str]]":
    return [pd.Series([cell], dtype=object) for cell in cells]


CANDLE = ["open", "high", "low", "close"]


@pytest.mark.parametrize(
    ("cells", "names"),
    [
        (["2024-01-01", "1", "3", "1", "2"], ["time", *CANDLE]),
        (["2024-01-01", "093000", "1", "3", "1", "2"], ["date", "time", *CANDLE]),
        (["2024-01-01", "0930", "1", "3", "1", "2"], ["date", "time", *CANDLE]),
        (["2024-01-01", "09:30", "1", "3", "1", "2", "9", "x"], ["date", "time", *CANDLE, "volume", "8"]),
        (["03/04/2024", "1", "3", "1", "2", "9", "x"], ["time", *CANDLE, "volume", "7"]),
        # Prices decide what a mark means, then the volume.
        (["2024-01-01", "1.234", "1.235", "1.233", "1.234", "998"], ["time", *CANDLE, "volume"]),
        (["2024-01-01", "1,234", "1,235", "1,233", "1,234", "98,5"], ["time", *CANDLE, "volume"]),
    ],
)
def test_names(cells: list[str], names: list[str]) -> None:
    assert names_of(columns(*cells), FOUND_OUT, str) == names


def test_names_of_what_the_user_says() -> None:
    cells = columns("301026", "1", "3", "1", "2")
    assert names_of(cells, Format(date_format="%d%m%y"), str) == ["time", *CANDLE]
    dated = columns("2024-01-01", "1", "3", "1", "2")
    assert names_of(dated, Format(time_column="1"), str) == ["time", *CANDLE]
    assert names_of(dated, Format(time_column="1", header=False), str) == [*"12345"]


@pytest.mark.parametrize(
    "cells",
    [
        [],
        ["2024-01-01", "5", "1", "3", "1", "2"],
        ["2024-01-01", "09300", "1", "3", "1", "2"],
        ["2024-01-01", "12.5", "1", "3", "1", "2"],
        ["2024-01-01", "0930", "x", "1", "3", "1", "2"],
        ["2024-01-01", "1", "x"],
    ],
)
def test_no_candle_follows_the_time(cells: list[str]) -> None:
    for form in (FOUND_OUT, Format(header=False)):
        with pytest.raises(ValueError, match="0: there is no header, such as date,close"):
            names_of(columns(*cells), form, str)


def test_a_time_and_a_price_of_a_file_that_has_no_header() -> None:
    two = columns("2024-01-01", "1")
    assert names_of(two, Format(header=False), str) == ["time", "close"]
    for cells, form in (
        (two, FOUND_OUT),
        (columns("2024-01-01"), FOUND_OUT),
        (columns("2024-01-01", "1", "", "1", "2"), FOUND_OUT),
        (columns("A", "1"), Format(header=False)),
    ):
        with pytest.raises(ValueError, match="there is no header, such as date,close"):
            names_of(cells, form, str)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["60", "90", "50", "70"], True),
        (["50", "90", "70", "60"], False),
        (["60", "80", "50", "90"], False),
        (["60", "90", "45", "70"], False),  # the high is twice the low
        (["60", "", "50", "70"], False),
        (["60", "x", "50", "70"], False),
        (["x", "1,234", "50", "70"], False),  # so nobody asks what the comma means
        (["", "", "", ""], False),
    ],
)
def test_candles(cells: list[str], expected: bool) -> None:
    assert is_candle(columns(*cells), str, None) == expected


def test_a_candle_in_some_rows() -> None:
    cells = [["", "60"], ["", "90"], ["", "50"], ["", "70"]]
    assert is_candle([pd.Series(column, dtype=object) for column in cells], str, None)
    assert not is_candle([pd.Series([], dtype=object)] * 4, str, None)


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64])
def test_candles_of_any_kind_of_number_are_no_four_symbols(dtype: type, tmp_path: Path) -> None:
    low = np.arange(100, 120).astype(dtype)
    candles = {"a": low + 1, "b": low + 3, "c": low, "d": low + 2}
    path = tmp_path / "x.parquet"
    pd.DataFrame({"date": pd.date_range("2024-01-01", periods=20), **candles}).to_parquet(path)
    with pytest.raises(ValueError, match="look like open, high, low and close: name one with --column"):
        read_price_file(path)
