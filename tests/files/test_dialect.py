"""How a text of cells is laid out: its separator, and the rows of its header."""

from typing import Any

import pytest

from atc_cy.files.csv_cells import Cells, parse
from atc_cy.files.dialect import Dialect, find_dialect, find_header, header_names
from atc_cy.files.format import FOUND_OUT


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# prices\ndate;close", Dialect(";", 1, 1, 2)),  # no line end
        (f"date;close;{'x' * (1 << 16)}\n", Dialect(";", 0, 1, 3)),  # no line end in what is looked at
        ("\n\n", Dialect(",", 0, 1, 0)),
        ("1\n1;2\n3;4\n1;2;3\n5;6\n", Dialect(";", 1, 0, 2)),
    ],
)
def test_layouts(text: str, expected: Dialect) -> None:
    assert find_dialect(text, FOUND_OUT) == expected


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


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
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
