"""What a row must have to be a bar."""

from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from atc_cy.engine.bars import as_array, as_bars, bars_of, first_difference


def test_a_row_without_its_price_or_its_src_is_no_bar() -> None:
    close, src = np.array([1.0, np.nan, 3.0, np.nan]), np.array([1.0, 2.0, np.nan, np.nan])
    assert as_bars(close, src).present.tolist() == [True, False, False, False]
    assert as_bars(close, None).present.tolist() == [True, False, True, False]


def test_a_list_beside_a_series_has_no_index() -> None:
    series = pd.Series([1.0, 2.0], pd.date_range("2024-01-01", periods=2))
    for bars in (as_bars(series, [3.0, 4.0]), as_bars([1.0, 2.0], series)):
        assert bars.close.tolist() == [1.0, 2.0]
    assert as_bars(series, [3.0, 4.0]).src.tolist() == [3.0, 4.0]
    assert as_bars([1.0, 2.0], series).labels is None


@pytest.mark.parametrize("values", [["1", "2"], [True, False], [1 + 2j, 3.0]])
def test_a_masked_array_of_what_is_no_number_is_refused(values: list[Any]) -> None:
    """NumPy would make numbers of it without a word."""
    with pytest.raises(TypeError, match="prices must be numeric, but row 0 is"):
        as_array(np.ma.masked_array(values), "prices")


def test_a_masked_array_without_numbers_may_hold_decimals_and_none() -> None:
    values = np.ma.masked_array([Decimal("1.5"), None, 2.0], [False, False, True], object)
    np.testing.assert_array_equal(as_array(values, "prices"), [1.5, np.nan, np.nan])


HOLE = [1.5, np.nan]
UNALIGNED = np.frombuffer(b"x" + np.array([1.5, 2.0]).tobytes(), np.uint8)[1:].view(np.float64)


@pytest.mark.parametrize(
    ("values", "expected", "dtype"),
    [
        (pd.Series(pd.arrays.SparseArray(HOLE)), HOLE, "float64"),
        (pd.Series([Decimal("1.5"), None], dtype=pd.ArrowDtype(pa.decimal128(9, 2))), HOLE, "float64"),
        (pd.Series([1.5, None], dtype="Float64"), HOLE, "float64"),
        (pd.Series([1.5, None], dtype="Float32"), HOLE, "float32"),
        (pd.Series([16_777_217, None], dtype="Int32"), [16_777_217, np.nan], "float64"),
        (np.array([16_777_217], np.int32), [16_777_217], "float64"),
        ([np.float32(1.5)], [1.5], "float32"),
        (np.array([1.5], ">f4"), [1.5], "float32"),
        (UNALIGNED, [1.5, 2.0], "float64"),
    ],
)
def test_prices_of_many_types(values: Any, expected: list[float], dtype: str) -> None:
    found = as_array(values, "prices")
    np.testing.assert_array_equal(found, expected)
    assert found.dtype == np.dtype(dtype)
    assert found.flags.aligned


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (None, "prices must be numeric, not None: give a series"),
        (b"1", "prices must be numeric, not b'1': give a series"),
        (object, "prices must be a series of numbers, not .*, which is a type"),
        ([1.0, True], "prices must be numeric, but row 1 is True, bool"),
        ([1.0, "2"], "prices must be numeric, but row 1 is '2', str"),
        (np.array([1], np.longdouble), "prices must be numeric .float64, float32 or integers., not "),
        (np.ma.array([1], dtype=np.longdouble), "prices must be numeric .*, not "),
        (pd.Series([True], dtype="boolean"), "prices must be numeric, not boolean"),
    ],
)
def test_what_are_no_prices(values: Any, words: str) -> None:
    with pytest.raises(TypeError, match=words):
        as_array(values, "prices")


def test_an_array_is_not_copied() -> None:
    for values in (np.array([1.0]), np.array([1.0], np.float32)):
        bars = as_bars(values, values)
        assert bars.close is values
        assert bars.src is values
    mixed = as_bars(np.array([1.0]), np.array([1.0], np.float32))
    assert mixed.close.dtype == mixed.src.dtype == np.float64


def test_an_error_begins_with_the_symbol_that_has_a_name() -> None:
    for symbol, words in ((None, "^prices is empty"), ("A", "^A: prices is empty")):
        with pytest.raises(ValueError, match=words):
            bars_of(symbol, [], None)


def test_labels_that_are_missing_in_both_are_the_same() -> None:
    index = pd.Index([1.0, np.nan])
    assert first_difference(index, index.copy()) is None
    assert first_difference(index, pd.Index([1.0, 2.0])) == 1
    zones = [
        pd.date_range("2024-01-01", periods=2, tz="UTC").tz_convert(zone) for zone in ("UTC", "Asia/Tokyo")
    ]
    assert first_difference(*zones) is None
