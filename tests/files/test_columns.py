"""Which column is which, by the names alone."""

from typing import Any

import pytest

from atc_cy.files.columns import (
    bare_name,
    candle_columns,
    find_clock,
    find_columns,
    find_named,
    find_price,
    find_symbol,
    find_time,
    find_unused_src,
    is_known_name,
    is_part_of_candle,
    is_time_name,
    names_symbols,
    prices_and_others,
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (" close ", " close "),
        (" <CLOSE> ", "CLOSE"),
        ("# date", "date"),
        ("#<DATE>", "DATE"),
        ("<close", "<close"),
        ("close>", "close>"),
        (5, 5),
        (("close", "A"), ("close", "A")),
    ],
)
def test_names_without_signs(name: Any, expected: Any) -> None:
    assert bare_name(name) == expected


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
        (["date", "open"], []),
        ([("close",), ("A", "close"), ("A", "open")], [("A", "close"), ("A", "open")]),
        ([("A", "close"), ("A", "open"), ("A", "x")], [("A", "close"), ("A", "open")]),
    ],
)
def test_columns_of_one_candle(names: list[Any], expected: list[Any]) -> None:
    assert candle_columns(names) == expected


@pytest.mark.parametrize(
    ("name", "is_time", "is_known", "is_part"),
    [
        (" Date ", True, True, False),
        ("<TIME>", True, True, False),
        ("# Open Time", True, True, False),
        ("close", False, True, False),
        ("Close/Last", False, True, False),
        ("Symbol", False, True, False),
        ("ticker", False, True, False),
        ("<HIGH>", False, True, True),
        ("coin", False, False, False),
    ],
)
def test_what_a_name_says(name: str, is_time: bool, is_known: bool, is_part: bool) -> None:
    assert (is_time_name(name), is_known_name(name), is_part_of_candle(name)) == (is_time, is_known, is_part)


@pytest.mark.parametrize(
    ("name", "of_text", "of_numbers"),
    [("Symbol", True, True), ("coin", True, False), (" ISIN", True, False), ("note", False, False)],
)
def test_columns_of_symbols(name: str, of_text: bool, of_numbers: bool) -> None:
    assert (names_symbols(name, True), names_symbols(name, False)) == (of_text, of_numbers)


def test_the_column_that_is_found() -> None:
    assert find_time(["open_time", "timestamp"]) == "timestamp"
    assert find_time(["open_time"]) == "open_time"
    assert find_time(["day"]) is None
    assert find_price(["Last", "price"]) == "price"
    assert find_price(["a", "close"], "<a>") == "a"
    assert find_price(["close"], "a") is None
    assert find_named(["A ", "a"], "a") == "a"
    assert find_named(["A "], "a") == "A "
    assert find_symbol(["coin"]) is None
    assert find_symbol(["b"], "<b>") == "b"
    assert find_clock(["time"], None) is None
    assert find_clock(["time", "close"], "time") is None
    assert find_clock(["Uhrzeit", "close"], "Uhrzeit") is None
    assert find_clock(["Datum", "Uhrzeit"], "Datum") == "Uhrzeit"
    assert find_clock(["<DATE>", "<TIME>"], "<DATE>") is None  # its reader has taken the signs away
    assert find_clock(["date", "zeit", "time"], "date") == "time"


NAMES = ["date", "Open", "High", "Low", "Close"]


@pytest.mark.parametrize(
    ("names", "src", "averaged", "parts"),
    [
        (NAMES, None, None, {}),
        (NAMES, "close", "Close", {}),
        (NAMES, "low", "Low", {}),
        (NAMES, "HL2", None, {"high": "High", "low": "Low"}),
        (NAMES, "ohlc4", None, {"open": "Open", "high": "High", "low": "Low", "close": "Close"}),
        (["date", "Last", "high", "low"], "hlc3", None, {"high": "high", "low": "low", "close": "Last"}),
        (["date", "Last", "hl2"], "hl2", "hl2", {}),
        (["date", "Last"], "close", "Last", {}),
    ],
)
def test_what_the_averages_run_on(
    names: list[str], src: str | None, averaged: str | None, parts: dict[str, str]
) -> None:
    found = find_columns(names, "close", time="date", src=src)
    assert (found.src, found.parts) == (averaged, parts)
    assert found.numeric == {found.price, *parts.values(), *([averaged] if averaged else [])}


def test_a_price_that_is_not_the_close() -> None:
    names = ["date", "bid", "high", "low", "close"]
    assert find_columns(names, "bid", time="date", src="close").src == "close"
    assert find_columns(names, "bid", time="date", src="hlc3").parts["close"] == "close"


def test_a_candle_that_is_not_whole_is_none() -> None:
    assert find_columns(["date", "open", "high", "close"], "close", time="date", candle=True).candle == {}
    assert find_columns(["date", "open", "high", "low"], "open", time="date", candle=True).candle == {}


@pytest.mark.parametrize(
    ("names", "wanted", "message"),
    [
        (["a", "b"], {}, "^no column is named date, datetime, timestamp or time; the columns are a, b: name"),
        ([*"abcdefghijklmnopqrst"], {}, ", s, t: name one with --time-column"),
        ([*"abcdefghijklmnopqrstu"], {}, ", s, t, …: name one with --time-column"),
        (["date", "x"], {"time": "date"}, "^there is no column 'close'; known: date, x: name one with --col"),
        (NAMES, {"time": "date", "src": "vwap"}, "^there is no column 'vwap', which --source names; .*Low"),
        (
            ["date", "close", "high"],
            {"time": "date", "src": "hl2"},
            "^there is no column 'low', which --source hl2 needs; .*known: close, date, high",
        ),
        (["date", "A", " a", "close"], {"time": "date", "src": "a"}, "^2 columns are named 'a'"),
    ],
)
def test_columns_that_are_missing(names: list[str], wanted: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        find_columns(names, "close", **wanted)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["date", "close", "high", "note", "symbol"], (["close", "high"], ["note"])),
        (
            ["date", "Open ", "close", ("Low", "A"), ("x", "Low")],
            (["Open ", "close", ("Low", "A")], [("x", "Low")]),
        ),
    ],
)
def test_prices_and_others(names: list[Any], expected: tuple[list[Any], list[Any]]) -> None:
    wanted = find_columns(["date", "close"], "close", time="date", symbol="symbol")
    assert prices_and_others(iter(names), iter([wanted])) == expected
