"""How a text of cells is laid out: its separator, and the rows of its header."""

import math
from datetime import date
from typing import Any

import pandas as pd
import pytest

from atc_cy.files.csv_cells import Cells, parse
from atc_cy.files.dialect import Dialect, find_dialect, find_header, header_names, is_value
from atc_cy.files.format import FOUND_OUT, Format

LONG = "x" * (1 << 16)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# prices\ndate;close", Dialect(";", 1, 1, 2)),  # no line end
        (f"date;close;{LONG}\n", Dialect(";", 0, 1, 3)),  # no line end in what is looked at
        ("\n\n", Dialect(",", 0, 1, 0)),
        ("SEP=|\r\ndate|close\n", Dialect("|", 1, 1, 2)),
        ("sep=;\n\ndate;close\n1;2", Dialect(";", 2, 1, 2)),
        ("sep=^\ndate^close\n1^2", Dialect("^", 1, 1, 2)),
        ("title\n\n# c\ndate;close\n1;2\n", Dialect(";", 3, 1, 2)),
        ("//x\ndate,close\n1,2\n", Dialect(",", 1, 1, 2)),
        ("# date,close\n1,2\n", Dialect(",", 0, 1, 2)),
        ("Title, with comma\ndate;close\n2024;1\n2025;2\n", Dialect(";", 1, 1, 2)),
        ("a,b;c\n1,2;3\n4,5;6\n", Dialect(";", 0, 1, 2)),  # the first one in the order of preference
        ("date;close;1,5\n2;3;4,5\n", Dialect(";", 0, 1, 3)),
        ("date\tclose,b\n1\t2,5\n2\t3,5\n", Dialect("\t", 0, 1, 2)),
        ("a;b\nc;d\ne\nf;g;h\n", Dialect(",", 0, 1, 1)),  # half of the lines are not enough
        ("a\nb\nc;d\n", Dialect(",", 0, 1, 1)),
        ("1;2\n" * 45 + "1;2;3\n" * 55 + "1;2\n" * 200, Dialect(";", 45, 0, 3)),  # 100 rows are looked at
        (f"a\nb;c\nd;\n{LONG}\n", Dialect(";", 1, 1, 2)),
        ("1,2\n3,4\n", Dialect(",", 0, 0, 2)),
        ("a\n", Dialect(",", 0, 1, 1)),
        ('a,"b\n', Dialect(",", 0, 1, 2)),
        ("1\n1;2\n3;4\n1;2;3\n5;6\n", Dialect(";", 1, 0, 2)),
    ],
)
def test_layouts(text: str, expected: Dialect) -> None:
    assert find_dialect(text, FOUND_OUT) == expected


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        ("x\ny\ndate;close\n1;2\n", Format(skip_lines=2), Dialect(";", 2, 1, 2)),
        ("x\n\ndate^close\n1^2\n", Format(separator="^"), Dialect("^", 2, 1, 2)),
        ("x\n\n1,2\n3,4\n", Format(header=False), Dialect(",", 2, 0, 2)),
        ("sep=;\n1;2\n3;4\n", Format(header=False), Dialect(";", 1, 0, 2)),
        # Whole lines are looked at.
        (f"a;b\nc;d;e\nf;g;{LONG};h;i\n", Format(separator=";"), Dialect(";", 0, 1, 2)),
    ],
)
def test_layouts_of_which_something_is_said(text: str, form: Format, expected: Dialect) -> None:
    assert find_dialect(text, form) == expected


DATES = ["Date", None, None]


@pytest.mark.parametrize(
    ("rows", "header", "expected"),
    [
        ([["date", "close"], ["a", "b"]], False, (0, 0)),
        ([["# x"], ["date", "close"], ["a", "b"]], False, (1, 0)),
        ([["date", "close"], ["2020-01-01", "1"], ["", "x"]], None, (0, 1)),
        ([[None, "A", "A"], [None, "Close", "Open"], DATES, ["2020-01-01", 1, 2]], None, (0, 3)),
    ],
)
def test_headers(rows: list[list[Any]], header: bool | None, expected: tuple[int, int]) -> None:
    assert find_header(rows, len(rows[-1]), header) == expected


DAY = "2024-01-01"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([["date"], ["when", "close"], ["x", "1"]], (1, 1)),
        ([["a", "b"], ["date", "x"], [DAY, 1]], (1, 1)),
        ([["close", "b"], ["date", "x"], [DAY, 1]], (1, 1)),
        ([["a", "b"], ["open", "close"], [1, 2]], (1, 1)),
        ([["a", None], ["b", "c"], [DAY, "1"]], (1, 1)),
        ([["close", None], [DAY, "1"]], (0, 1)),
        ([["a"], ["1"]], (0, 1)),
        ([["a", "b", None], [DAY, "1", "2"]], (0, 1)),
        ([["a", "b", "c"], ["d", "e"], [DAY, "1"]], (1, 1)),
        ([["# a", "b"], ["c", "d"], [DAY, "1"]], (1, 1)),
        ([["1", "2"], ["3", "4"]], (0, 0)),
        ([[DAY, "1", None], [DAY, "1", "2"]], (0, 0)),
        ([["1"], ["2"]], (0, 0)),
        ([[None, "b", "c"], [DAY, "1", "2"]], (0, 1)),
        ([["# a", "b"], [DAY, "1"]], (1, 0)),
        ([["# a"]], (0, 1)),
        ([[DAY], ["a", "b"], ["1", "2"]], (1, 1)),
        ([[DAY, None], ["a", "b"], ["1", "2"]], (1, 1)),
        ([["Date", "1"], [DAY, "2"]], (0, 1)),
        ([["Ticker", "A", "A"], ["Price", "Close", "Open"], DATES, [DAY, 1, 2]], (0, 3)),
        ([["Price", "Close", "Open"], [DAY, 1, 2], ["", 3, 4]], (0, 1)),
        ([["", "note", ""], ["date", "close", "open"], [DAY, 1, 2]], (1, 1)),
        ([["title", "x", "y"], ["Price", "Close", "Open"], DATES, [DAY, 1, 2]], (1, 2)),
        ([["Price", "Close", "Open"], ["Ticker", "A", "A"], DATES, ["", "x", "y"], [DAY, 1, 2]], (0, 3)),
        ([["Date", "Close"], ["foo", "bar"], [DAY, 1]], (0, 1)),
        ([["Price", "Close", "Open"], ["Ticker"], [DAY, 1, 2]], (0, 1)),
        ([["Price", "Close", "Open"], ["", "5", "x"], [DAY, 1, 2]], (0, 1)),
    ],
)
def test_where_a_header_begins_and_how_many_rows_it_has(
    rows: list[list[Any]], expected: tuple[int, int]
) -> None:
    assert find_header(rows, len(rows[-1]), None) == expected


def test_no_row_is_as_wide() -> None:
    assert find_header([["a"]], 2, False) == (0, 0)
    assert find_header([], 0, None) == (0, 1)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([["<Date>", None, "#x"]], ["Date", "", "x"]),
        ([["Ticker", "A", "A"], ["Price", "Close", "Open"]], ["date", ("Close", "A"), ("Open", "A")]),
        ([["Ticker", "A"], ["Price", "Close"]], ["date", ("Close", "A")]),
        ([["Price", "Close"], ["Ticker", "A"], ["Time", "x"]], ["Time", ("Close", "A")]),
        ([["Price", "Close", "Open"], ["Date", "", ""]], ["Date", "Close", "Open"]),
        ([["Price", "Close"], ["Ticker", "A"]], ["date", ("Close", "A")]),
        ([["Datetime", "Close"], ["", "A"]], ["Datetime", ("Close", "A")]),
        ([["Price", "Close"], ["Ticker", "A"], ["Time", ""]], ["Time", ("Close", "A")]),
    ],
)
def test_names(rows: list[list[Any]], expected: list[Any]) -> None:
    assert header_names(rows) == expected


def test_cells_have_a_header_unless_it_is_said_that_there_is_none() -> None:
    assert parse("a,b\n1,2\n") == Cells(["a", "b"], [["1"], ["2"]], [2])
    assert parse("a,b\n1,2\n", header=False) == Cells([], [["a", "1"], ["b", "2"]], [1, 2])


@pytest.mark.parametrize("cell", ["1.5", "1,5", " 2 ", "2024-01-01", 1, 1.5, date(2024, 1, 1)], ids=repr)
def test_values(cell: Any) -> None:
    assert is_value(cell)


@pytest.mark.parametrize("cell", ["a", "x1", "noon", "Jan", "", None, math.nan, pd.NaT, b"1"], ids=repr)
def test_no_values(cell: Any) -> None:
    assert not is_value(cell)
