"""What a screener takes and refuses, and what it holds."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from pandas.testing import assert_frame_equal
from support.calls import calls
from support.charts import CONFIG, FEW, USD, candles

from atc_cy import PriceError, Screener, rank, scan, screener
from atc_cy.scans import latest

LONG = pd.concat([candles(300).reset_index().assign(symbol=name) for name in ("A", "B")], ignore_index=True)
WIDE = pd.DataFrame({"USD": FEW, "UP": FEW[::-1].to_numpy()})


def html(made: Screener) -> str:
    return made.to_html()


def test_the_table_is_that_of_a_scan() -> None:
    for data, options in (
        (WIDE, {}),
        (WIDE.reset_index(drop=True), {}),
        (LONG, {"by": "symbol", "src": "hlc3"}),
        ({"USD": USD, "FEW": FEW.astype(np.float32), "empty": FEW * np.nan}, {}),
        ({"IBM": candles(400), "line": [1.0, 2.0, 3.0]}, {"src": {"IBM": "hl2"}}),
    ):
        expected = rank(scan(data, CONFIG, outputs="last", **options))
        assert_frame_equal(screener(data, CONFIG, **options).table, expected)


def test_few_rows_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many rows are in memory at a time, the page is the same."""
    data = {str(number): USD.iloc[number:] for number in range(7)}
    whole, far = screener(data), []
    monkeypatch.setattr(latest, "ROWS_AT_ONCE", 2 * USD.size)
    some = screener(data, progress=lambda done, total: far.append((done, total)), threads=1)
    assert html(some) == html(whole)
    rows = sum(each.size for each in data.values())
    assert far[-1] == (rows, rows)
    assert far == sorted(far)


def test_each_symbol_is_computed_once() -> None:
    done = calls(lambda: screener(WIDE, threads=1))
    assert [done[name] for name in ("resolve", "advance")] == [1, 2]


def test_containers_of_all_libraries() -> None:
    expected = html(screener(WIDE))
    dated = WIDE.rename_axis("date").reset_index()
    for data in (WIDE, pl.from_pandas(dated), pa.Table.from_pandas(dated), dict(WIDE.items())):
        assert html(screener(data)) == expected
    expected = html(screener(LONG, by="symbol"))
    for data in (pl.from_pandas(LONG), pa.Table.from_pandas(LONG)):
        assert html(screener(data, by="symbol")) == expected
    assert html(screener(LONG[::-1], by="symbol", sort=True)) == expected
    tables = {name: rows.drop(columns="symbol") for name, rows in LONG.groupby("symbol")}
    assert html(screener(tables)) == expected
    keys = screener(LONG.assign(exchange="X"), by=["exchange", "symbol"])
    assert '"name": ["X, A", "X, B"]' in html(keys)
    assert '"name": ["1", "0"]' in html(screener(WIDE.to_numpy().T))


def test_what_fails_is_named() -> None:
    data = {"good": FEW, "bad\x1b[2J": [1.0, -2.0], "text": "AAPL"}
    made = screener(data)
    assert made.table.index.tolist() == ["good"]
    assert {name: str(error) for name, error in made.failures.items()} == {
        "bad\x1b[2J": "prices has -2.0 at row 1: a price must be above 0 and finite, or NaN if there is none",
        "text": "prices must be numeric, not 'AAPL': give a series of numbers",
    }
    assert '["bad\\\\x1b[2J", "prices has -2.0 at row 1' in html(made)
    with pytest.raises(PriceError, match=r"^bad: prices has -2.0 at row 1"):
        screener({"bad": [1.0, -2.0]})
    with pytest.raises(ValueError, match="data has no symbol"):
        screener({})


def test_fewer_bars_are_a_smaller_page_of_the_same_numbers() -> None:
    few, many = screener({"USD": USD}, bars=50), screener({"USD": USD})
    assert_frame_equal(few.table, many.table)
    assert len(html(few)) < len(html(many))


def test_a_notebook_and_a_file(tmp_path: Path) -> None:
    made = screener(WIDE, title="<b>")
    assert made._repr_html_().startswith('<iframe title="&lt;b&gt;" srcdoc="')
    made.save(tmp_path / "x.html")
    text = (tmp_path / "x.html").read_text("utf-8")
    assert text == html(made)
    assert "<title>&lt;b&gt;</title>" in text
    with pytest.raises(ValueError, match=r"x.pdf must end in .html or .png"):
        made.save(tmp_path / "x.pdf")
    with pytest.raises(FileNotFoundError):
        made.save(tmp_path / "none" / "x.html")
    assert [*tmp_path.iterdir()] == [tmp_path / "x.html"]


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"bars": 0}, ValueError, "bars=0 is out of range: give at least 1"),
        ({"theme": "drak"}, ValueError, "theme='drak' is unknown; did you mean 'dark'?"),
        ({"title": 1}, TypeError, "title=1 must be text"),
        ({"bull": "green"}, ValueError, "bull='green' must be a colour"),
        ({"threads": 0}, ValueError, "threads=0 is out of range"),
        ({"progress": 1}, TypeError, "progress=1 must be True"),
        ({"data": LONG, "by": "symbl"}, ValueError, "by='symbl' is not a column"),
        ({"La": -1}, ValueError, "La=-1.0 is out of range"),
        ({"data": FEW}, TypeError, "data must be a NumPy array"),
        ({"data": {"A": candles(9).assign(open="x")}}, TypeError, "A: open must be numeric"),
    ],
)
def test_bad_arguments(arguments: dict[str, Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        screener(**{"data": WIDE, **arguments})
