"""A long file is several symbols for each command, and `src` counts where it is named."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support.commands import atc_cy, rows_of

from atc_cy import compute_atc_signals

DAYS = pd.date_range("2024-01-01", periods=100)
CLOSE = 100 + 9 * np.cos(np.arange(100) / 7) + np.arange(100) % 3


@pytest.fixture
def long(tmp_path: Path) -> Path:
    path = tmp_path / "long.csv"
    symbols = [
        pd.DataFrame({"date": DAYS, "symbol": name, "close": CLOSE * scale})
        for name, scale in (("A", 1), ("B", 2))
    ]
    pd.concat(symbols).sort_values("date", kind="stable").to_csv(path, index=False)
    return path


def test_several_symbols(long: Path) -> None:
    assert {row["symbol"] for row in rows_of(atc_cy("scan", long, "--format", "csv").stdout)} == {"A", "B"}
    rows = rows_of(atc_cy("compute", long, "-o", "-").stdout)
    assert [row["symbol"] for row in rows] == ["A"] * 100 + ["B"] * 100
    assert [float(row["EMA_S"]) for row in rows[:100]] == compute_atc_signals(CLOSE)["EMA_S"].tolist()
    (one,) = rows_of(atc_cy("scan", long, "--symbol", "B", "--format", "csv").stdout)
    assert one["symbol"] == "B"
    swept = rows_of(atc_cy("sweep", long, "-g", "La=0,0.1", "--format", "csv").stdout)
    assert {(row["symbol"], float(row["La"])) for row in swept} == {
        ("A", 0),
        ("A", 0.1),
        ("B", 0),
        ("B", 0.1),
    }
    named = rows_of(atc_cy("sweep", long, "-g", "La=0", "--source", "close", "--format", "csv").stdout)
    assert [row["symbol"] for row in named] == ["A", "B"]
    page = long.with_name("x.html")
    assert "name one, as in --symbol A" in atc_cy("chart", long, "-o", page, code=1).stderr
    atc_cy("chart", long, "-o", page, "--symbol", "A")
    assert "there is no symbol 'C'" in atc_cy("compute", long, "-o", "-", "--symbol", "C", code=1).stderr


def test_a_bad_row_of_one_symbol_is_named(long: Path) -> None:
    text = long.read_text().splitlines()
    text[4] = text[4].rpartition(",")[0] + ",-1"
    long.write_text("\n".join(text))
    done = atc_cy("scan", long, "--format", "csv", code=3)
    assert [row["symbol"] for row in rows_of(done.stdout)] == ["A"]
    assert "long.csv: B: line 5: prices has -1.0" in done.stderr
    assert "long.csv: B: line 5: prices has -1.0" in atc_cy("compute", long, "-o", "-", code=1).stderr


def test_src(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    pd.DataFrame({"date": DAYS, "close": CLOSE, "src": CLOSE[::-1]}).to_csv(path, index=False)
    expected = compute_atc_signals(CLOSE, CLOSE[::-1])["Average_Signal"].iloc[-1]
    unused = atc_cy("compute", path, "-o", "-")
    assert "the column 'src' is not used: give --source src" in unused.stderr
    named = atc_cy("compute", path, "-o", "-", "--source", "src")
    assert named.stderr == ""
    assert float(rows_of(named.stdout)[-1]["Average_Signal"]) == expected
    (row,) = rows_of(atc_cy("scan", path, "--source", "src", "--format", "csv").stdout)
    assert float(row["Average_Signal"]) == expected
    other = rows_of(atc_cy("sweep", path, "-g", "La=0", "--format", "csv").stdout)
    assert rows_of(atc_cy("sweep", path, "-g", "La=0", "--format", "csv", "--source", "src").stdout) != other
    pages = [tmp_path / "a.html", tmp_path / "b.html"]
    atc_cy("chart", path, "-o", pages[0])
    atc_cy("chart", path, "-o", pages[1], "--source", "src")
    assert pages[0].read_bytes() != pages[1].read_bytes()


def test_newest_first(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    pd.DataFrame({"date": DAYS, "close": CLOSE})[::-1].to_csv(path, index=False)
    done = atc_cy("compute", path, "-o", "-")
    assert "x.csv: the newest row comes first: the rows were reversed" in done.stderr
    assert rows_of(done.stdout)[0]["date"] == "2024-01-01"


def test_the_symbol_whose_rows_are_not_in_order_is_named(tmp_path: Path) -> None:
    path = tmp_path / "two.csv"
    path.write_text("date,symbol,close\n2024-01-01,A,1\n2024-01-02,A,2\n2024-01-02,B,1\n2024-01-01,B,2\n")
    for command in (["compute", "-o", "-"], ["sweep", "-g", "La=0"]):
        assert "B: line 5: the rows must increase in time" in atc_cy(*command, path, code=1).stderr
