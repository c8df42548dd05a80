"""Whose the prices of a table are, what is told of them, and which symbol is meant."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from atc_cy.errors import PriceError
from atc_cy.files.bounds import read_bound
from atc_cy.files.format import FOUND_OUT, Format
from atc_cy.files.prices import PriceFile, Prices, only_symbol, prices_of
from atc_cy.files.sources import source
from atc_cy.files.span import Span
from atc_cy.files.tables import of_csv

LONG = ("date,symbol,close,volume", "2024-01-02,A,1,5", "2024-01-01,B,2,6", "2024-01-03,A,3,7")
WIDE = ("date,A,B", "2024-01-01,1,3", "2024-01-02,2,4")
TWO_LEVELS = ("Price,Close,Open,Close,Open", "Ticker,A,A,B,B", "Date,,,,", "2024-01-01,1,2,3,4")


def read(*lines: str, **options: Any) -> PriceFile:
    form = options.pop("form", FOUND_OUT)
    table = of_csv("\n".join(lines) + "\n", form)
    return prices_of(table, "close", form=form, **{"src": None, "candles": False, **options})


def test_where_an_error_is() -> None:
    series = pd.Series([1.0, 2.0])
    prices = Prices(series, pd.Index([7, 9]), "row")
    assert [prices.located(PriceError("bad", row)) for row in (-1, 0, 1)] == [
        "bad",
        "row 7: bad",
        "row 9: bad",
    ]
    assert Prices(series, None).located(PriceError("bad", 0)) == "bad"


def test_further_columns() -> None:
    found = read(*LONG, others=["volume"]).symbols
    assert {name: prices.series.tolist() for name, prices in found.items()} == {"A": [1, 3], "B": [2]}
    for name, volumes in (("A", [5, 7]), ("B", [6])):
        others = found[name].others
        assert others is not None
        assert others["volume"].tolist() == volumes
        assert others.index.equals(found[name].series.index)
    wide = read(*WIDE, others=["B"]).symbols
    assert {name: prices.others["B"].tolist() for name, prices in wide.items()} == {"A": [3, 4], "B": [3, 4]}  # type: ignore[index]
    assert read(*WIDE).symbols["A"].others is None


def test_whose_problems_they_are() -> None:
    late = Span(first_bar=read_bound("2024-01-02"))
    long, twice = read(*LONG, span=late), read(*LONG, "2024-01-01,B,2,6")
    assert ([*long.symbols], [*long.problems]) == (["A"], ["B"])
    assert ([*twice.symbols], [*twice.problems]) == (["A"], ["B"])
    first = read(*LONG, "2024-01-03,A,3,7")
    assert ([*first.symbols], [*first.problems]) == (["B"], ["A"])
    assert "name the column of symbols with --symbol-column" in twice.problems["B"]
    for found in (read(*WIDE, "2024-01-02,2,4"), read(*WIDE, span=Span(first_bar=read_bound("2025")))):
        assert (found.symbols, [*found.problems]) == ({}, ["A", "B"])


@pytest.mark.parametrize(
    ("count", "shown"), [(1, "A"), (2, "A, B"), (3, "A, B, C"), (4, "A, B, C, …"), (5, "A, B, C, …")]
)
def test_each_column_is_a_symbol(count: int, shown: str) -> None:
    cells = ["90", "1", "80", "2", "3"][:count]
    found = read(",".join(["date", *"ABCDE"[:count]]), ",".join(["2024-01-01", *cells]))
    assert found.notes == (f"no column is named close: each column of numbers is a symbol, {shown}",)


def test_columns_of_two_levels() -> None:
    assert read(*TWO_LEVELS).notes == ()
    assert read(*TWO_LEVELS).reading.endswith("2 columns of prices")
    of_nobody = ("Price,Close,Close", "Ticker,A,", "Date,,", "2024-01-01,1,2")
    assert read(*of_nobody).reading.endswith("price 'Close'")


def test_how_times_were_written() -> None:
    lines = ("date,close", "30.10.2024,1")
    assert read(*lines).reading.endswith("time 'date' as 30.10.2024 (day first), price 'close'")
    given = read(*lines, form=Format(date_format="%d.%m.%Y")).reading
    assert given.endswith("time 'date' as 30.10.2024, price 'close'")


def test_a_column_of_symbols_that_is_not_used() -> None:
    with pytest.raises(
        ValueError, match=r"line 3: the column 'pair' has several symbols, such as 'A' and 'B'"
    ):
        read("date,pair,close", "2024-01-01,A,1", "2024-01-02,B,2")
    assert read("date,pair,close", "2024-01-01,A,1", "2024-01-02,A,2").problems == {}


def file_of(names: "list[str | None]", problems: "dict[str | None, str] | None" = None) -> PriceFile:
    prices = {name: Prices(pd.Series([float(place)]), None) for place, name in enumerate(names)}
    return PriceFile(prices, problems or {}, ())


def test_the_symbol_that_is_meant() -> None:
    assert only_symbol(file_of([None]), None)[0] is None
    assert only_symbol(file_of(["A"]), None)[0] == "A"
    name, prices = only_symbol(file_of(["A", "B"]), "B")
    assert (name, prices.series.tolist()) == ("B", [1.0])
    assert only_symbol(file_of(["A"], {"B": "bad"}), "A")[0] == "A"


@pytest.mark.parametrize(
    ("names", "problems", "symbol", "words"),
    [
        ([None], {}, "X", "^there is no symbol 'X'; the file has no column of symbols: name it with"),
        (["AB", "CD"], {}, "X", "^there is no symbol 'X'; .*AB"),
        ([*"AB"], {}, None, "^there are 2 symbols, A, B: name one, as in symbol='A'$"),
        ([*"ABCDE"], {}, None, "^there are 5 symbols, A, B, C, D, E: name one"),
        ([*"ABCDEF"], {}, None, "^there are 6 symbols, A, B, C, D, E, …: name one"),
        (["A"], {"B": "bad"}, None, "^there are 2 symbols, A, B: "),
        (["A"], {"B": "bad"}, "B", "^B: bad$"),
        ([], {"B": "bad"}, None, "^B: bad$"),
        ([], {None: "bad"}, None, "^bad$"),
    ],
)
def test_no_symbol_is_meant(
    names: "list[str | None]", problems: "dict[str | None, str]", symbol: "str | None", words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        only_symbol(file_of(names, problems), symbol)


def test_sources() -> None:
    candle = {
        part: np.array([number])
        for part, number in zip(("open", "high", "low", "close"), (1, 4, 2, 3), strict=True)
    }
    assert source("HL2", candle.__getitem__).tolist() == [3.0]
    assert source("ohlc4", candle.__getitem__).tolist() == [2.5]
    assert source("hlcc4", candle.__getitem__).tolist() == [3.0]
