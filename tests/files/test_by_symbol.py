"""Whose the columns of a table are: those of a wide one, and of one with two levels of names."""

import json
from pathlib import Path

import pytest

from atc_cy.files.prices import read_price_file


def rows(*lines: str) -> str:
    return "\n".join(lines) + "\n"


def test_a_wide_table_has_no_source(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(rows("date,A,B", "2024-01-01,1,2"))
    with pytest.raises(ValueError, match="there is no column 'close'"):
        read_price_file(tmp_path / "x.csv", src="A")


def test_four_symbols_that_are_no_candle(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(rows("date,A,B,C,D", "2024-01-01,1,90,2,30"))
    assert [*read_price_file(tmp_path / "x.csv").symbols] == ["A", "B", "C", "D"]


def test_a_column_of_truth_is_no_symbol(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text(json.dumps({"date": "2024-01-01", "A": 1, "up": True}))
    with pytest.raises(ValueError, match="there is no column 'close'"):
        read_price_file(tmp_path / "x.jsonl")


TWO_LEVELS = ("Price,Close,Open,Close,Open", "Ticker,A,A,B,B", "Date,,,,", "2024-01-01,1,2,3,4")


def test_each_symbol_has_its_source(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(rows(*TWO_LEVELS))
    found = read_price_file(tmp_path / "x.csv", src="open").symbols
    sources = {name: prices.src for name, prices in found.items()}
    assert {name: src is not None and src.tolist() for name, src in sources.items()} == {"A": [2], "B": [4]}


def test_no_symbol_has_the_column(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(rows(*TWO_LEVELS))
    with pytest.raises(ValueError, match=r"there is no column 'bid'; known: Close, Open"):
        read_price_file(tmp_path / "x.csv", "bid")
