"""Numbers are read by one rule, and what is missing is missing everywhere."""

import math
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from atc_cy.files.marks import Marks, Seen
from atc_cy.files.numbers import is_missing, is_number_or_missing, number, numbers


def place(row: int) -> str:
    return f"line {row + 2}"


@pytest.mark.parametrize(
    "value",
    [None, "", " ", "null", "NaN", "NULL", "n/a", math.nan, pd.NA, pd.NaT, Decimal("NaN"), Decimal("sNaN")],
)
def test_missing(value: Any) -> None:
    assert is_missing(value)
    assert math.isnan(number(value))
    assert np.isnan(numbers(pd.Series([value, 1.0], dtype=object), place, "close")).tolist() == [True, False]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1.5", 1.5),
        (" 1e3 ", 1e3),
        ("+.5", 0.5),
        ("inf", math.inf),
        (Decimal("0.1"), 0.1),
        (3, 3.0),
        (np.float32(0.5), 0.5),
    ],
)
def test_numbers(value: Any, expected: float) -> None:
    assert number(value) == expected
    assert numbers(pd.Series([value], dtype=object), place, "close").tolist() == [expected]


@pytest.mark.parametrize(
    "value", ["1_0", "one", "0x10", "1,5", "1,234", "\uff11", True, b"1", [1.0], 10**400]
)
def test_no_numbers(value: Any) -> None:
    with pytest.raises(ValueError, match=r"^close=.* is not a number$"):
        number(value, "close")
    with pytest.raises(ValueError, match=r"line 3: .* in column 'close' is not a number"):
        numbers(pd.Series(["1", value], dtype=object), place, "close")


@pytest.mark.parametrize("value", [0, 0.0, "0", Decimal(0), np.int64(0)], ids=repr)
def test_nought_among_text_is_a_number(value: Any) -> None:
    assert numbers(pd.Series(["1", value], dtype=object), place, "close").tolist() == [1.0, 0.0]


@pytest.mark.parametrize(
    "value", [False, np.False_, [], {}, (), b"", np.array([]), np.array([np.nan]), "+nan"], ids=repr
)
def test_what_is_empty_or_false_among_text_is_not_missing(value: Any) -> None:
    assert not is_missing(value)
    values = pd.Series(["1", None], dtype=object)
    values[1] = value
    with pytest.raises(ValueError, match=r"line 3: .* in column 'close' is not a number"):
        numbers(values, place, "close")


@pytest.mark.parametrize("dtype", ["bool", "boolean", "bool[pyarrow]", "category"])
def test_truth_values_are_no_numbers(dtype: str) -> None:
    with pytest.raises(ValueError, match=r"line 2: True in column 'close' is not a number"):
        numbers(pd.Series([True, False]).astype(dtype), place, "close")


@pytest.mark.parametrize("dtype", ["float32", "Int64", "float64[pyarrow]", "string"])
def test_columns(dtype: str) -> None:
    assert numbers(pd.Series([1, 2]).astype(dtype), place, "close").tolist() == [1.0, 2.0]


@pytest.mark.parametrize(("text", "expected"), [("1,5", True), ("1.5", True), ("", True), ("BTC", False)])
def test_what_is_a_number_or_says_that_there_is_none(text: str, expected: bool) -> None:
    assert is_number_or_missing(text) == expected


def test_several_values_are_not_missing() -> None:
    assert not is_missing(pd.Series([1.0, 2.0]))


def test_a_point_among_decimal_commas_is_refused() -> None:
    marks = Marks(",", lambda: ((), ()), place)
    assert numbers(pd.Series(["1,5", "2"]), place, "close", marks).tolist() == [1.5, 2.0]
    cells = ["1.234", "1.234,5", ".", None, Decimal("2.5"), 3, "inf"]
    read = numbers(pd.Series(cells, dtype=object), place, "close", marks)
    assert np.array_equal(read, [1234, 1234.5, np.nan, np.nan, 2.5, 3, np.inf], equal_nan=True)
    assert numbers(pd.Series(["1.234"]), place, "close", marks).tolist() == [1234]
    with pytest.raises(ValueError, match="line 3: 'x' in column 'close' is not a number with --decimal ,"):
        numbers(pd.Series(["1,5", "x"]), place, "close", marks)
    with pytest.raises(
        ValueError, match=r"line 3: '2\.5' in column 'close' is not a number with --decimal ,"
    ):
        numbers(pd.Series(["1,5", "2.5"]), place, "close", marks)


def test_what_need_not_be_asked_to_be_plain() -> None:
    marks = Marks(None, lambda: pytest.fail("no cell is looked at"), place)
    assert marks.is_plain("1,2.5,1234.567")
    assert marks.used == "."


def test_a_column_with_something_else_says_nothing_of_the_mark() -> None:
    seen = Seen()
    assert seen.other("1,5", 0, "yield")
    assert not seen.other("a1", 0, "name")
    assert not seen.other("1.5", 1, "name")
    found = seen.decided()
    assert found is not None
    assert found.mark == ","


def test_nothing_is_assumed_of_three_decimals_once_a_price_decides() -> None:
    seen = Seen()
    assert not seen.price("1.234", 0, "close")
    assumed = seen.assumed()
    assert assumed is not None
    assert assumed.text == "1.234"
    assert seen.price("1.5", 1, "close")
    assert seen.assumed() is None
