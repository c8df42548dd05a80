"""`atc-cy scan -o`: a page in place of the table."""

import json
from pathlib import Path

import pandas as pd
import pytest
from support.browsers import needs_browser
from support.charts import candles, charts_of, facts_of
from support.commands import atc_cy
from support.price_files import DAYS, write_csv

from atc_cy import scan, screener
from atc_cy.datasets import load_ecb_fx


def names(path: Path) -> list[str]:
    found: list[str] = facts_of(path.read_text("utf-8"))["symbols"]["name"]
    return found


def test_shipped_symbols(tmp_path: Path) -> None:
    """In the order of the table; the stale ones are marked, and not left out."""
    page = tmp_path / "page.html"
    done = atc_cy("scan", "-o", page)
    assert (done.stdout, done.stderr) == ("", "")
    table = json.loads(atc_cy("scan", "--max-age", "any", "--format", "json").stdout)
    assert names(page) == [row["symbol"] for row in table]
    symbols = facts_of(page.read_text("utf-8"))["symbols"]
    assert symbols["stale"] == [row["stale"] for row in table]
    assert symbols["since"] == [row["bars_since_event"] for row in table]
    charts = charts_of(page.read_text("utf-8"))
    assert (charts["USD"]["rows"], charts["RON"]["rows"]) == (500, 500)
    assert symbols["name"] == [*charts]
    with_candles = {name for name, chart in charts.items() if "open" in str(chart["columns"])}
    assert with_candles == {"AAPL", "FB", "GOOG", "IBM", "MSFT"}


def test_it_is_what_python_makes(tmp_path: Path) -> None:
    page, rates = tmp_path / "page.html", load_ecb_fx()
    some = rates[rates["symbol"].isin(["USD", "GBP"])]
    some.to_csv(tmp_path / "rates.csv", index=False)
    atc_cy("scan", tmp_path / "rates.csv", "-o", page, "--bars", 100, "--La", 0.05, "--preset", "short")
    made = screener(some, "short", by="symbol", bars=100, La=0.05)
    assert page.read_text("utf-8") == made.to_html()


def test_what_the_options_ask_for(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    options = ("--fresh", 5, "--direction", "long", "--sort", "symbol", "--top", 3, "--max-age", "stale")
    atc_cy("scan", "-o", page, *options)
    table = json.loads(atc_cy("scan", *options, "--format", "json").stdout)
    assert names(page) == [row["symbol"] for row in table]
    done = atc_cy("scan", "USD", "-o", page, "--fresh", 0, "--min-signal", 1)
    assert "none of 1 symbols matches the options" in done.stderr
    assert names(page) == []


def test_files_with_candles_a_source_and_an_end(tmp_path: Path) -> None:
    page, table = tmp_path / "page.html", candles(700).drop(columns="symbol")
    table.to_csv(tmp_path / "IBM.csv")
    until = table.index[-50]
    atc_cy("scan", tmp_path, "--source", "hlc3", "--until", until.date(), "-o", page)
    made = screener({"IBM": table[:until]}, src="hlc3")
    assert page.read_text("utf-8") == made.to_html()
    assert charts_of(page.read_text("utf-8"))["IBM"]["rows"] == 500
    atc_cy("scan", tmp_path, "--column", "adj_close", "-o", page)
    (chart,) = charts_of(page.read_text("utf-8")).values()
    assert "open" not in {column["name"] for column in chart["columns"]}  # which are not adjusted
    facts = facts_of(page.read_text("utf-8"))["symbols"]
    expected = scan({"IBM": table["adj_close"]}, outputs="last")
    assert facts["close"] == [float(f"{expected['close'].iloc[0]:.6g}")]


def test_what_fails_is_named_on_the_page(tmp_path: Path) -> None:
    """With the place in the file; the page has the others."""
    page, folder = tmp_path / "page.html", tmp_path / "prices"
    folder.mkdir()
    write_csv(folder / "good.csv")
    lines = (folder / "good.csv").read_text().splitlines()
    (folder / "bad.csv").write_text("\n".join([*lines[:5], f"{DAYS[4]},-1"]))
    (folder / "empty.csv").write_text("")
    done = atc_cy("scan", folder, "-o", page, code=3)
    assert names(page) == ["good"]
    problems = dict(facts_of(page.read_text("utf-8"))["problems"])
    assert problems.keys() == {str(folder / "bad.csv"), str(folder / "empty.csv")}
    assert problems[str(folder / "bad.csv")].startswith("line 6: prices has -1.0")
    for name, problem in problems.items():
        assert f"{name}: {problem}" in done.stderr
    page.unlink()
    atc_cy("scan", folder / "bad.csv", "-o", page, code=1)
    assert not page.exists()


def test_two_files_of_one_name(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        write_csv(tmp_path / folder / "X.csv")
    atc_cy("scan", tmp_path / "a" / "X.csv", tmp_path / "b" / "X.csv", "-o", tmp_path / "page.html")
    assert names(tmp_path / "page.html") == ["X", "X"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("-o", "x.png"), "x.png must end in .html"),
        (("-o", "x.html", "--format", "csv"), "--format csv is for the printed table"),
        (("--png", "x.html"), "x.html must end in .png"),
        (("--bars", "9"), "--bars is of a page: give --output, --png or --open, too"),
        (("-o", "x.html", "--bars", "0"), "'0' must be a whole number above 0"),
    ],
)
def test_options_that_do_not_go_together(arguments: tuple[str, ...], words: str) -> None:
    assert words in atc_cy("scan", *arguments, code=2).stderr


@needs_browser
def test_a_picture(tmp_path: Path) -> None:
    atc_cy("scan", "--png", tmp_path / "x.png")
    head = (tmp_path / "x.png").read_bytes()[:24]
    assert (int.from_bytes(head[16:20]), int.from_bytes(head[20:24])) == (1280, 640)
    assert [*tmp_path.iterdir()] == [tmp_path / "x.png"]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    done = atc_cy("scan", "USD", "-o", tmp_path / "none" / "x.html", code=1)
    assert "none" in done.stderr
    assert "Errno" not in done.stderr


def test_a_frame_without_times() -> None:
    page = screener({"A": pd.Series([1.0, 2.0, 3.0])}).to_html()
    assert charts_of(page)["A"]["times"] == {"unit": 0}
