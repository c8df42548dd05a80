"""A feed's columns and symbols are found as a file's are, or refused in the same words."""

import json
import math
from pathlib import Path

import pytest
from support.watching import CASES, Run, batch_events, closes_of, rows_of

from atc_cy.files.prices import read_price_file
from atc_cy.watch.rows import Rows

BASE = rows_of(CASES / "base.csv")


def two_symbols(column: str, names: tuple[str, str] = ("A", "B")) -> str:
    """Two symbols, a day each in turn."""
    rows = [f"{row['date']},{names[at % 2]},{row['close']}" for at, row in enumerate(BASE)]
    return "\n".join([f"date,{column},close", *rows, ""])


def json_lines(*objects: dict[str, object]) -> str:
    return "".join(json.dumps(row) + "\n" for row in objects)


@pytest.mark.parametrize("name", ["__HIVE_DEFAULT_PARTITION__", " "])
def test_a_missing_symbol_is_refused(name: str, run: Run, tmp_path: Path) -> None:
    run(f"date,symbol,close\n2024-01-01,{name},1\n2024-01-02,A,1\n", "--verbose")
    assert run.code == 3
    assert run.reports[:2] == [
        f"{tmp_path / 'feed.csv'}: line 2: the symbol is missing ({name!r})",
        "1 bars, 0 seen before, 0 events, 1 failures",
    ]


def test_a_symbol_of_json_may_be_a_number(run: Run) -> None:
    run(json_lines({"date": "2024-01-01", "symbol": 7, "close": 1}), "--verbose")
    assert run.reports == ["1 bars, 0 seen before, 0 events, 0 failures"]
    run(json_lines(*({"date": "2024-01-01", "symbol": name, "close": 1} for name in (None, [], True))))
    assert [report.partition("line ")[2] for report in run.reports[:3]] == [
        "1: the symbol is missing (None)",
        "2: the symbol [] is not a name: give text or a number",
        "3: the symbol True is not a name: give text or a number",
    ]


@pytest.mark.parametrize("column", ["Ticker", "ticker", " TICKER"])
def test_a_column_named_ticker_has_the_symbols(column: str, run: Run, tmp_path: Path) -> None:
    run(two_symbols(column), "--verbose")
    assert run.reports[0].startswith("120 bars, 0 seen before")
    assert [*read_price_file(tmp_path / "feed.csv").symbols] == ["A", "B"]
    closes = closes_of(CASES / "base.csv")
    for at, symbol in enumerate("AB"):
        reported = [(event["event"], event["price"]) for event in run.events if event["symbol"] == symbol]
        assert reported == batch_events(closes[at::2])


def test_symbol_comes_before_ticker(run: Run) -> None:
    run("date,ticker,symbol,close\n2024-01-01,A,X,1\n2024-01-01,B,Y,1\n", "--verbose")
    assert run.reports == ["2 bars, 0 seen before, 0 events, 0 failures"]


@pytest.mark.parametrize("column", ["pair", "Coin", "market"])
def test_another_column_of_symbols_must_have_one(column: str, run: Run, tmp_path: Path) -> None:
    words = (
        f"the column {column!r} has several symbols, such as 'A' and 'B': give --symbol-column {column}, or"
    )
    run(two_symbols(column))
    assert run.code == 1
    assert run.reports == [f"{tmp_path / 'feed.csv'}: line 3: {words} only the rows of one symbol"]
    run(two_symbols(column), "--symbol-column", column, "--verbose")
    assert run.reports[0].startswith("120 bars, ")
    rows = [{"date": row["date"], column: "AB"[at % 2], "close": 1} for at, row in enumerate(BASE)]
    run(json_lines(*rows))
    assert run.code == 1
    assert words in run.reports[0]
    path = tmp_path / "file.csv"
    path.write_text(two_symbols(column))
    with pytest.raises(
        ValueError, match=f"has several symbols, such as 'A' and 'B': give --symbol-column {column}"
    ):
        read_price_file(path)
    run(two_symbols(column, ("A", "A")), "--verbose")  # one symbol, or numbers
    assert run.reports == ["120 bars, 0 seen before, 12 events, 0 failures"]
    for numbers in (("1", "2.5"), ("$1", "2 000")):
        run(two_symbols(column, numbers), "--verbose")
        assert run.reports == ["120 bars, 0 seen before, 12 events, 0 failures"]


def test_a_json_row_without_close_has_no_price(run: Run) -> None:
    objects: list[dict[str, object]] = [{"date": row["date"], "close": float(row["close"])} for row in BASE]
    del objects[5]["close"]
    run(json_lines(*objects))
    assert run.code == 0
    assert run.reports == ["skipped 1 row: 1 without a price"]
    closes = closes_of(CASES / "base.csv")
    assert [event["price"] for event in run.events] == [
        price for _, price in batch_events(closes[:5] + closes[6:])
    ]


def test_objects_of_which_none_has_a_close(run: Run) -> None:
    run(json_lines({"date": "2024-01-01", "value": 1}, {"date": "2024-01-02", "value": 1}))
    assert run.code == 3
    assert run.reports[0].endswith("line 1: there is no 'close'; the row has: date, value")
    assert run.reports[-1] == "skipped 2 rows: 2 unreadable"


def test_objects_with_a_price(run: Run) -> None:
    """A price counts where there is no close, as in files; a close that comes later is not mixed with it."""
    first, last = ({"date": f"2024-01-0{day}", "price": 1} for day in (1, 3))
    run(json_lines(first, {"date": "2024-01-02", "price": 1, "close": 2}, last), "--verbose")
    assert run.code == 3
    assert run.reports[0].endswith(
        "line 2: it has 'close', but the rows before it do not: give it in all rows, or in none"
    )
    assert run.reports[1].startswith("2 bars, ")


def test_objects_without_a_column_that_an_option_names(run: Run) -> None:
    row: dict[str, object] = {"date": "2024-01-01", "close": 1}
    for option, name in [("--symbol-column", "pair"), ("--time-column", "when"), ("--column", "mid")]:
        run(json_lines(row), option, name)
        assert run.code == 3
        assert run.reports[0].endswith(f"line 1: there is no {name!r}; the row has: date, close")


def test_a_name_that_is_spelled_in_two_ways(run: Run) -> None:
    run(
        json_lines(
            {"date": "2024-01-01", "close": 1},
            {"Date": "2024-01-02", "Close": 2},
            {"date": "2024-01-03", "Close": 2},
            {"date": "2024-01-04", "close": 2},
        ),
        "--verbose",
    )
    assert run.code == 3
    assert "line 2: line 2" not in run.reports[0]
    assert run.reports[0].endswith("line 2: it has 'Date', and line 1 has 'date': spell the name in one way")
    assert run.reports[1].endswith(
        "line 3: it has 'Close', and line 1 has 'close': spell the name in one way"
    )
    assert run.reports[2].startswith("2 bars,")


@pytest.mark.parametrize(
    ("later", "problem"),
    [
        (
            {"symbol": "A"},
            "it has 'symbol', but the rows before it do not: give it in all rows, or in none",
        ),
        ({"src": 2}, "it has 'src', but the rows before it do not: give it in all rows, or in none"),
        (
            {"time": "2024-01-02", "date": "2024-01-03"},
            "it has 'date', but the rows before it do not: give it in all rows, or in none",
        ),
    ],
)
def test_a_name_that_comes_late(later: dict[str, object], problem: str, run: Run) -> None:
    first = {"time": "2024-01-01", "close": 1}
    last = {"time": "2024-01-05", "close": 1}
    run(json_lines(first, {"time": "2024-01-02", "close": 2, **later}, last), "--verbose")
    assert run.code == 3
    assert run.reports[0].endswith(f"line 2: {problem}")
    assert run.reports[1].startswith("2 bars,")


def test_a_name_that_is_missing_in_a_row(run: Run) -> None:
    """A row without the symbol was of the file's own name, and one without the src ran on its close."""
    row: dict[str, object] = {"time": "2024-01-01", "symbol": "A", "close": 1, "src": 2}
    run(
        json_lines(
            row,
            *({**{name: row[name] for name in row if name != missing}, "time": "2024-01-02"}
              for missing in ("symbol", "src")),
        ),
        "--verbose",
    )  # fmt: skip
    assert run.reports[0].endswith("line 2: the symbol is missing (None)")
    assert run.reports[1].startswith("1 bars,")
    assert run.reports[2] == "skipped 2 rows: 1 unreadable, 1 without a price"


def test_a_header_is_read_to_its_first_space(run: Run, tmp_path: Path) -> None:
    run(" close,date,Close\n1,2024-01-01,2\n")
    assert run.code == 1
    words = "2 columns are named 'close' (' close', 'Close'): give each a different name"
    assert run.reports[0].startswith(f"{tmp_path / 'feed.csv'}: line 1: {words}")
    run(" date , close \n 2024-01-01 , 1.5 \n date , close\n\t2024-01-02,2\t\n,\n", "--verbose")
    assert run.reports == ["2 bars, 0 seen before, 0 events, 0 failures"]


def test_json_may_be_indented(run: Run) -> None:
    run('  {"time": 1, "close": 2}\n\t{"time": 2, "close": 2}  \n', "--verbose")
    assert run.reports == ["2 bars, 0 seen before, 0 events, 0 failures"]


def test_another_file_that_spells_a_name_in_another_way() -> None:
    rows = Rows('{"date": "2024-01-01", "close": 1}', "S")
    rows.bar('{"date": "2024-01-01", "close": 1}', line=1)
    rows.begin_again()
    with pytest.raises(ValueError, match=r"^it has 'Date', and line 1 of the file before has 'date': spell"):
        rows.bar('{"Date": "2024-01-02", "close": 1}', line=1)
    assert math.isnan(rows.bar('{"date": "2024-01-02"}', line=1).close)


def test_a_src_that_is_not_finite(run: Run) -> None:
    run(json_lines({"date": "2024-01-01", "close": 1, "src": math.inf}))
    assert run.code == 3
    assert run.reports[0].endswith("line 1: src=inf must be finite, or empty if there is none")
