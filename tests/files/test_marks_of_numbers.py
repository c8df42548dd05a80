"""The decimal mark of a file: what a cell says of it, what several say, and what is reported."""

from collections.abc import Sequence
from typing import Any

import pytest

from atc_cy.files.marks import Marks, Seen, plain, says, unclear


def place(row: int) -> str:
    return f"line {row + 2}"


def marks_of(prices: "Sequence[Any]", others: "Sequence[Any]" = (), given: "str | None" = None) -> Marks:
    return Marks(given, lambda: ([("close", prices)], [("volume", others)]), place)


@pytest.mark.parametrize(
    ("text", "point", "comma"),
    [
        ("1", "1", "1"),
        ("+.5e3", "+.5e3", None),
        ("-,5E-3", None, "-.5E-3"),
        ("$1,234.50", "1234.50", None),
        ("1 234,50 €", None, "1234.50"),
        ("1'234.50", "1234.50", None),
        ("1,23,456", "123456", None),
        ("1.234", "1.234", "1234"),
        ("1,234", "1234", "1.234"),
        ("1,23", None, "1.23"),
        ("0,234", None, "0.234"),
        ("1,234 567", None, None),
        ("$$1", None, None),
        ("x", None, None),
        ("", None, None),
    ],
)
def test_plain_numbers(text: str, point: "str | None", comma: "str | None") -> None:
    assert (plain(text, "."), plain(text, ",")) == (point, comma)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("98,83", ","),
        ("1,234.50", "."),
        ("1,234", "?,"),
        ("1.234", "?."),
        ("$ 1.5", "."),
        ("1.5e3", ""),
        ("998", ""),
        ("a,b", ""),
        ("1,2,3", ""),
        (1.5, ""),
        (None, ""),
    ],
)
def test_what_a_cell_says(text: Any, said: str) -> None:
    assert says(text) == said


@pytest.mark.parametrize(
    ("prices", "others", "mark"),
    [
        (["1", "1,5"], [], ","),
        (["1,5", "1.5"], [], ","),  # the first price decides
        (["1.234", "1,5"], [], ","),
        (["1,234"], ["1,5"], ","),
        (["1,234"], ["1.5"], "."),
        (["1,234", "998"], ["0,45%"], ","),
        (["1.234"], ["12.3K"], "."),
        (["1.234"], ["998"], "."),
        (["1"], ["1,5", "1.5"], "."),  # both: they say nothing
        (["1"], ["1,5", "a1"], "."),
        (["1"], ["1,5", "n/a"], ","),
        (["1"], ["1,5", "1,2,3x"], "."),
        (["1"], ["1,5", None, 3], ","),
        (["1"], [3, "1,5"], ","),
        (["1"], ["998", "1,5"], ","),
        ([1.5, None, "2,5"], [], ","),
        ([], [], "."),
    ],
)
def test_the_mark(prices: list[Any], others: list[Any], mark: str) -> None:
    found = marks_of(prices, others)
    assert (found.mark(), found.used) == (mark, mark)


@pytest.mark.parametrize(
    ("prices", "others", "words"),
    [
        (["1", "1,234"], [], "^line 3: the comma of '1,234' in column 'close' may be a decimal mark or a "),
        (["1.234", "998"], [], "^line 2: the point of '1.234' in column 'close' may be"),
        (["1,234", "1.234", "998"], [], "^line 2: the comma"),
        (["1.234", "1,234", "998"], [], "^line 3: the comma"),
        (["1.234", "1.235"], ["1,5", "1.5"], "^line 2: the point of '1.234'"),
    ],
)
def test_doubt(prices: list[Any], others: list[Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        marks_of(prices, others).mark()
    assert "give --decimal , or --decimal ." in unclear("1", "close")


def test_what_is_told_of_three_decimals() -> None:
    found = marks_of(["", "1.234", "1.235"])
    assert found.mark() == "."
    assert found.notes == (
        "all prices have three decimals, as '1.234' in line 3: give --decimal , if the point is a thousands "
        "separator",
    )
    for prices, others in ((["1.5"], []), (["1.234"], ["1.5"]), (["1"], [])):
        found = marks_of(prices, others)
        assert (found.mark(), found.notes) == (".", ())


def test_reasons() -> None:
    assert marks_of([], given=",").used == ","
    assert marks_of([], given=",").reason() == " with --decimal ,"
    asked, silent = marks_of(["1", "1,5"]), marks_of(["1"])
    assert asked.reason() == ""
    assert (asked.mark(), silent.mark()) == (",", ".")
    assert asked.reason() == " with the decimal mark ',', which '1,5' in line 3 shows: give --decimal"
    assert silent.reason() == ""


@pytest.mark.parametrize(
    ("joined", "given", "prices", "expected"),
    [
        ("1.234", ".", [], True),
        ("1.234", ",", [], False),
        ("1.5", ",", [], False),
        ("1234", ",", [], True),
        ("1234", None, ["1,5"], True),
        ("1.5", None, ["1,5"], True),  # a point that groups no digits is a decimal mark
        ("1.234", None, ["1.5"], True),
        ("1.234", None, ["1,5"], False),
        ("12,1.234,-12.345", None, ["1,5"], False),
    ],
)
def test_what_python_reads(joined: str, given: "str | None", prices: list[Any], expected: bool) -> None:
    assert marks_of(prices, given=given).is_plain(joined) == expected


def test_the_mark_is_found_once() -> None:
    calls: list[int] = []

    def columns() -> Any:
        calls.append(1)
        return [("close", ["1,5"])], []

    found = Marks(None, columns, place)
    assert (found.used, found.mark(), found.mark(), found.used) == (".", ",", ",", ",")
    assert calls == [1]


def test_a_price_decides_once() -> None:
    unsure = Seen()
    assert not any(unsure.price(text, row, "close") for row, text in enumerate(["1.234", "998"]))
    assert unsure.doubt() is not None
    assert unsure.assumed() is None
    seen = Seen()
    assert not seen.price(1.5, 0, "close")
    assert not seen.price("x", 1, "close")
    assert seen.price("1,5", 2, "close")
    assert seen.price("1.5", 3, "close")
    found = seen.decided()
    assert found is not None
    assert (found.mark, found.text, found.row, found.column) == (",", "1,5", 2, "close")
    assert seen.doubt() is None
