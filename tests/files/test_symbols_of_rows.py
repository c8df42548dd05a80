"""One rule for symbols: which names are none, and whose a row is."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from atc_cy.files.symbols import (
    HIVE_MISSING,
    OneSymbol,
    check_names,
    check_one_value,
    codes_of_dictionary,
    combined_codes,
    is_no_symbol,
    is_text,
    symbol_codes,
)


@pytest.mark.parametrize("name", [None, "", "  ", HIVE_MISSING, np.nan, pd.NA, pd.NaT])
def test_no_symbols(name: Any) -> None:
    assert is_no_symbol(name)


@pytest.mark.parametrize("name", ["NA", "null", 0, "0", ("A", "B")])
def test_symbols(name: Any) -> None:
    assert not is_no_symbol(name)


def test_types_of_text() -> None:
    columns = [["A"], ["A"], [1], [1.5]]
    dtypes = ["object", "category", "category", "float64"]
    found = [
        is_text(pd.Series(cells, dtype=dtype).dtype) for cells, dtype in zip(columns, dtypes, strict=True)
    ]
    assert found == [True, True, False, False]


def test_a_column_with_several_symbols_that_is_not_used() -> None:
    check_one_value("pair", pd.Series(["A", "A"]), "name it")
    check_one_value("note", pd.Series(["A", "B"]), "name it")
    check_one_value("pair", pd.Series([1, 2]), "name it")
    with pytest.raises(
        ValueError, match="the column 'pair' has several symbols, such as 'A' and 'B': name it"
    ):
        check_one_value("pair", pd.Series(["A", "B"]), "name it")


def test_symbols_in_several_columns() -> None:
    first = np.array([0, 1, 0, 1, 0]), ["A", "B"]
    second = np.array([0, 0, 2, 1, 0]), ["x", "y", "z"]
    third = np.array([1, 0, 0, 0, 1]), [1, 2]
    assert combined_codes([first]) is first
    codes, names = combined_codes([first, second, third])
    assert [names[code] for code in codes] == [
        ("A", "x", 2),
        ("B", "x", 1),
        ("A", "z", 1),
        ("B", "y", 1),
        ("A", "x", 2),
    ]


def test_one_symbol_in_a_column_that_is_not_used() -> None:
    one = OneSymbol()
    for value in ("A", " A ", 1, None, "1.5", "null", ""):
        one.check("pair", value)
    one.check("market", "B")
    with pytest.raises(
        ValueError, match=r"the column 'pair' has several .* 'A' and 'B': give --symbol-column pair"
    ):
        one.check("pair", "B")


def test_names_that_are_missing_or_come_twice() -> None:
    check_names(["A", "B", 1], "data")
    with pytest.raises(ValueError, match=r"^data: the symbol at place 1 is missing \(None\)$"):
        check_names(["A", None], "data")
    with pytest.raises(ValueError, match="data: symbol 'A' occurs twice, at places 0 and 2"):
        check_names(["A", "B", "A"], "data")


def test_each_row_has_a_symbol() -> None:
    codes, names = symbol_codes(pd.Series(["A", "B", "A"]), str)
    assert [names[code] for code in codes] == ["A", "B", "A"]
    for cells, words in (
        (["A", None], "the symbol is missing in 1"),
        (["A", "B", " "], "the symbol is missing in 2"),
        (["A", ["B"]], r"1: the symbol \['B'\] is not a name"),
    ):
        with pytest.raises(ValueError, match=words):
            symbol_codes(pd.Series(cells, dtype=object), str)


def test_rows_that_are_encoded_by_a_dictionary() -> None:
    codes, names = codes_of_dictionary(np.array([3, 1, 0, 3]), ["A", "B", "unused", "A"], str)
    assert [names[code] for code in codes] == ["A", "B", "A", "A"]
    assert sorted(names) == ["A", "B"]
    for rows in ([0, -1], [0, 1]):
        with pytest.raises(ValueError, match="the symbol is missing in 1"):
            codes_of_dictionary(np.array(rows), ["A", None], str)
