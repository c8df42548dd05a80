"""Symbols that a spreadsheet would run: they are written as text, and the same symbol when it is read."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support.watching import Run

from atc_cy.cli import main
from atc_cy.files.csv_cells import escaped, unescaped
from atc_cy.files.prices import read_price_file
from atc_cy.files.writing import write_table

SYMBOLS = ["=1+1", "+A", "-A", "@A", "'=A", "''@A", "'A", "A=", "=cmd|' /C calc'!A0", "-1", "'-1"]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(tmp_path, capsys)


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_there_and_back(symbol: str) -> None:
    assert unescaped(escaped(symbol)) == symbol
    assert not escaped(symbol).startswith(("=", "+", "@", "-A"))


def test_what_is_a_number_stays() -> None:
    assert [escaped(number) for number in ("-1.5", "+2", "-1e5", "-inf")] == ["-1.5", "+2", "-1e5", "-inf"]
    assert unescaped("'-1.5") == "'-1.5"


def table_of(symbols: list[str]) -> pd.DataFrame:
    dates = pd.date_range("2020-01-01", periods=60, name="date")
    tables = [
        pd.DataFrame({"symbol": symbol, "close": 100 + np.sin(np.arange(60) / 5)}, dates)
        for symbol in symbols
    ]
    return pd.concat(tables)


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet", "jsonl"])
def test_a_file(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"x.{ending}"
    write_table(path, table_of(SYMBOLS), "date")
    assert sorted(read_price_file(path).symbols) == sorted(SYMBOLS)
    if ending == "csv":
        cells = [line.split(",")[1] for line in path.read_text().splitlines()]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "-A"))]


def test_names_of_columns(tmp_path: Path) -> None:
    """Those of a wide table are symbols."""
    path = tmp_path / "wide.xlsx"
    dates = pd.date_range("2020-01-01", periods=3, name="date")
    write_table(path, pd.DataFrame({"=1+1": [1.0, 2.0, 3.0], "A": 2.0}, dates), "date")
    assert [*read_price_file(path).symbols] == ["=1+1", "A"]


def test_commands(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`compute` and `scan` write what `watch` and they themselves read."""
    symbols = ["=1+1", "@A", "'-A"]
    path = tmp_path / "x.csv"
    write_table(path, table_of(symbols), "date")
    assert main(["compute", str(path), "-o", str(tmp_path / "computed.csv")]) == 0
    assert [*read_price_file(tmp_path / "computed.csv").symbols] == symbols
    assert main(["compute", str(path), "-o", "-"]) == 0
    assert capsys.readouterr().out == (tmp_path / "computed.csv").read_text()
    assert main(["scan", str(path), "--format", "csv"]) == 0
    written = {line.split(",")[0] for line in capsys.readouterr().out.splitlines()[1:]}
    assert written == {*map(escaped, symbols)}
    run(path, "--state", tmp_path / "state")
    assert {event["symbol"] for event in run.events} <= {*symbols}
    assert run.code == 0
