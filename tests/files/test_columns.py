"""Which column is which, by the names alone."""

from typing import Any

import pytest

from atc_cy.files.columns import (
    candle_columns,
    find_clock,
    find_columns,
    find_symbol,
    find_unused_src,
    prices_and_others,
)


def test_a_time_beside_whole_times_is_no_time_of_day() -> None:
    assert find_clock(["date", "time", "close"], "date") == "time"
    assert find_clock(["datetime", "time", "close"], "datetime") is None


def test_the_column_of_symbols_that_was_named() -> None:
    assert find_symbol(["ticker", "coin"], "coin") == "coin"
    assert find_symbol(["ticker", "coin"]) == "ticker"


def test_a_candle_is_found_where_it_is_asked_for() -> None:
    names = ["date", "Open", "High", "Low", "Close"]
    assert find_columns(names, "close", time="date").candle == {}
    asked = find_columns(names, "close", time="date", candle=True)
    assert asked.candle == {"open": "Open", "high": "High", "low": "Low"}


def test_the_price_itself_is_no_unused_source() -> None:
    assert find_unused_src(["date", "close", "Src"], "close", None) == "Src"
    assert find_unused_src(["date", "Src"], "src", None) is None


def test_parts_of_a_candle_are_prices_also_under_two_levels() -> None:
    names = ["date", ("Close", "A"), ("Open", "A"), ("Volume", "A")]
    wanted = find_columns(["date", "close"], "close", time="date")._replace(price=names[1])
    assert prices_and_others(names, [wanted]) == (names[1:3], names[3:])


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["date", "Close", "open", "x"], ["Close", "open"]),
        (["Open", "high", "low", "x"], ["Open", "high", "low"]),
        (["date", "close", "x"], []),
        (["A", "B"], []),
        ([("A", "close"), ("A", "open"), ("A", "x")], [("A", "close"), ("A", "open")]),
    ],
)
def test_columns_of_one_candle(names: list[Any], expected: list[Any]) -> None:
    assert candle_columns(names) == expected
