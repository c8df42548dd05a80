"""Whose the columns of a table are, by their names and their first rows."""

from typing import Any

import pandas as pd
import pytest

from atc_cy.files.by_symbol import columns_by_symbol
from atc_cy.files.format import FOUND_OUT, Format
from atc_cy.files.tables import Table


def table(columns: dict[Any, list[Any]], is_numbered: bool = False) -> Table:
    made = [pd.Series(column) for column in columns.values()]
    return Table([*columns], made, pd.RangeIndex(2, 2 + len(made[0])), "line", is_numbered)


DATES = ["2024-01-01", "2024-01-02"]
ONES, TEXT = ["1", "2"], ["a", "b"]


def found(
    given: Table,
    form: Format = FOUND_OUT,
    column: str = "close",
    src: str | None = None,
) -> dict[str | None, tuple[Any, ...]]:
    """The columns of times, prices, sources and symbols."""
    each = columns_by_symbol(given, form, column, src=src, symbol="symbol", candle=False)
    return {name: (one.time, one.price, one.src, one.symbol) for name, one in each.items()}


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"date": DATES, "close": ONES}, {None: ("date", "close", None, None)}),
        (
            {"date": DATES, "ticker": TEXT, "close": ONES},
            {None: ("date", "close", None, "ticker")},
        ),
        ({"x": DATES, "close": ONES}, {None: ("x", "close", None, None)}),
        ({"x": DATES, "date": DATES, "close": ONES}, {None: ("date", "close", None, None)}),
        ({"x": [None, "2024-01-02"], "close": ONES}, {None: ("x", "close", None, None)}),
        ({"time": ["9:30", "9:31"], "x": DATES, "close": ONES}, None),
        ({"x": DATES, "time": ["9:30", "9:31"], "close": ONES}, {None: ("x", "close", None, None)}),
        ({"time": ["9:30", "9:31"], "close": ONES}, {None: ("time", "close", None, None)}),
        ({"time": ["9:30", "x"], "date_utc": DATES, "close": ONES}, {None: ("time", "close", None, None)}),
        ({"date": DATES, "A": ONES}, {"A": ("date", "A", None, None)}),
        ({"date": DATES, "A": [1, 2], "B": [1.0, None]}, {n: ("date", n, None, None) for n in "AB"}),
        ({"": [0, 1], "date": DATES, "Unnamed: 2": ONES, "A": ONES}, {"A": ("date", "A", None, None)}),
    ],
)
def test_by_names_and_rows(columns: dict[Any, list[Any]], expected: dict[Any, Any] | None) -> None:
    if expected is None:
        expected = {None: ("x", "close", None, None)}
    assert found(table(columns)) == expected


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"x": TEXT, "close": ONES}, "^no column is named date"),
        ({"x": ["20240101"] * 2, "close": ONES}, "^no column is named date"),
        ({"x": [1, 2], "close": ONES}, "^no column is named date"),
        ({"x": [None, None], "close": ONES}, "^no column is named date"),
        ({"A": ONES, "B": ONES}, "^no column is named date, .*; the columns are A, B: name one"),
        ({"date": DATES, "A": TEXT}, "^there is no column 'close'"),
        ({"date": DATES, "A": ONES, "high": ONES}, "^there is no column 'close'"),
        ({"date": DATES, "A": ONES, "symbol": ONES}, "^there is no column 'close'"),
        ({"date": DATES, "A": [True, False]}, "^there is no column 'close'"),
        (
            {"date": DATES, "A": [4.0, 5.0], "B": [5.0, 6.0], "C": [4.0, 4.0], "D": [4.5, 5.5]},
            "^no column is named close, and 'A', 'B', 'C', 'D' look like open, high, low and close: name one",
        ),
    ],
)
def test_what_is_not_found(columns: dict[Any, list[Any]], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        found(table(columns))


def test_a_price_of_another_name_is_not_found_among_symbols() -> None:
    with pytest.raises(ValueError, match="there is no column 'bid'"):
        found(table({"date": DATES, "A": ONES}), column="bid")


def test_a_candle_before_another_column_of_numbers() -> None:
    candle = {"A": [4.0, 5.0], "B": [5.0, 6.0], "C": [4.0, 4.0], "D": [4.5, 5.5]}
    with pytest.raises(ValueError, match="'A', 'B', 'C', 'D' look like open, high, low and close"):
        found(table({"date": DATES, **candle, "E": [1e5, 2e5]}))


def test_a_table_without_columns_or_with_two_of_one_name() -> None:
    with pytest.raises(ValueError, match="no column is named date"):
        found(Table([], [], pd.RangeIndex(0), "line"))
    twice = table({"date": DATES, "A": ONES, "B": ONES})._replace(names=["date", "A", "A"])
    with pytest.raises(ValueError, match="there is no column 'close'"):
        found(twice)


def test_three_symbols_are_no_candle() -> None:
    assert [*found(table({"date": DATES, "A": [1.0, 2.0], "B": [2.0, 3.0], "C": [1.0, 2.0]}))] == [*"ABC"]


def test_columns_that_are_named() -> None:
    given = {"date": DATES, "x": DATES, "a": TEXT, "b": ONES, "close": ONES}
    form = Format(time_column="x", symbol_column="a")
    assert found(table(given), form, "b", "close") == {None: ("x", "b", "close", "a")}
    for wrong, words in (
        (Format(time_column="y"), "'y', which --time-column names"),
        (Format(symbol_column="y"), "'y', which --symbol-column names"),
    ):
        with pytest.raises(ValueError, match=words):
            found(table(given), wrong)


def test_columns_that_are_numbered() -> None:
    given = table({"date": DATES, "column 2": TEXT, "column 3": ONES, "close": ONES}, is_numbered=True)
    form = Format(time_column="1", symbol_column="2")
    assert found(given, form, "3", "4") == {None: ("date", "column 3", "close", "column 2")}
    assert found(given) == {None: ("date", "close", None, None)}
    for number in ("0", "5"):
        with pytest.raises(
            ValueError, match=f"^there is no column {number}: the file has 4 columns, numbered"
        ):
            found(given, column=number)
    with pytest.raises(ValueError, match="there is no column '3'"):
        found(given._replace(is_numbered=False), column="3")


def test_pairs_of_names() -> None:
    a, b, other = ("Close", "A"), ("Close", "B"), ("Open", "C")
    given = table({"date": DATES, other: ONES, a: ONES, ("Open", "A"): ONES, b: ONES, ("Open", "B"): ONES})
    assert found(given) == {"A": ("date", a, None, None), "B": ("date", b, None, None)}
    assert found(given, src="open") == {
        "A": ("date", a, ("Open", "A"), None),
        "B": ("date", b, ("Open", "B"), None),
    }
    assert [*found(table({"date": DATES, a: ONES, ("CLOSE", "B"): ONES}))] == ["A", "B"]
    one = table({"date": DATES, ("Close", ""): ONES})
    assert found(one) == {None: ("date", ("Close", ""), None, None)}
    with pytest.raises(ValueError, match="there is no column 'bid'; known: Close, Open"):
        found(given, column="bid")
    with pytest.raises(ValueError, match="there is no column 'bid'; known: Close"):
        found(one, column="bid")


def test_parts_and_candles_of_pairs() -> None:
    names = [("Open", "A"), ("High", "A"), ("Low", "A"), ("Close", "A")]
    given = table({"date": DATES, **dict.fromkeys(names, ONES)})
    each = columns_by_symbol(given, FOUND_OUT, "close", src="hl2", symbol="symbol", candle=True)
    assert each["A"].parts == {"high": names[1], "low": names[2]}
    assert each["A"].candle == {"open": names[0], "high": names[1], "low": names[2]}
