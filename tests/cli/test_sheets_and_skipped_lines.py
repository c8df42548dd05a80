"""A sheet of an Excel file, and lines above the header that look like rows, on every command."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support.commands import atc_cy, rows_of

from atc_cy.files.format import Format
from atc_cy.files.prices import read_price_file

CLOSES = np.round(100 + 10 * np.sin(np.arange(300) / 7), 2)
TABLE = pd.DataFrame({"date": pd.date_range("2024-01-01", periods=300), "close": CLOSES})
COMMANDS = [
    ("scan",),
    ("compute", "-o", "-"),
    ("chart", "-o", "page.html"),
    ("sweep", "-g", "La=0.02"),
    ("watch",),
]


def book(path: Path) -> Path:
    with pd.ExcelWriter(path) as writer:
        pd.DataFrame({"Notes": ["none", 1]}).to_excel(writer, sheet_name="Cover", index=False)
        TABLE.to_excel(writer, sheet_name="Prices", index=False, startrow=2)
        pd.DataFrame([["From", "2024-01-01"], ["To", "2024-02-29"]]).to_excel(
            writer, sheet_name="1", index=False, header=False
        )
    return path


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_commands(command: tuple[str, ...], tmp_path: Path) -> None:
    given = [str(tmp_path / word) if word == "page.html" else word for word in command]
    path = book(tmp_path / "a.xlsx")
    problem = atc_cy(*given, path, code=1).stderr
    assert "the columns are Notes" in problem
    assert "; this is sheet 'Cover', number 1 of 3: --sheet names another\n" in problem
    atc_cy(*given, path, "--sheet", "Prices")
    atc_cy(*given, path, "--sheet", "2")
    text = tmp_path / "a.csv"
    text.write_text("From,2024-01-01\n\nTo,2024-02-29\n" + TABLE.to_csv(index=False))
    atc_cy(*given, text, code=1)
    done = atc_cy(*given, text, "--skip-lines", 3)
    if command[0] == "compute":
        assert [float(row["close"]) for row in rows_of(done.stdout)] == TABLE["close"].tolist()
    assert (
        "--sheet 2 is for Excel files, but this file is" in atc_cy(*given, text, "--sheet", 2, code=1).stderr
    )
    assert "a.csv" in atc_cy(*given, text, "--sheet", 2, code=1).stderr


def test_a_dataset(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    book(tmp_path / "in" / "a.xlsx")
    atc_cy("dataset", tmp_path / "in", "--out", tmp_path / "out", "--sheet", "Prices", "--skip-lines", 1)
    assert len(pd.read_parquet(tmp_path / "out")) == 300


def test_sheets(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx")
    read = read_price_file(path, form=Format(sheet="Prices"))
    assert read.reading.startswith("sheet 'Prices', number 2 of 3")
    assert len(read.symbols[None].series) == 300
    with pytest.raises(
        ValueError, match="there is no sheet 'prices', which --sheet names; did you mean 'Prices'"
    ):
        read_price_file(path, form=Format(sheet="prices"))
    with pytest.raises(ValueError, match="this is sheet '1', number 3 of 3"):  # a name comes before a number
        read_price_file(path, form=Format(sheet="1"))
    rows = Format(sheet="Prices", skip_lines=5, header=False, time_column="1")
    assert read_price_file(path, "2", form=rows).symbols[None].series.iloc[0] == CLOSES[2]


def test_skipped_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("x\n" * 300 + TABLE.to_csv(index=False))
    assert len(read_price_file(path, form=Format(skip_lines=300)).symbols[None].series) == 300
    with pytest.raises(ValueError, match="line 401: there is no header"):
        read_price_file(path, form=Format(skip_lines=400))
    (tmp_path / "a.json").write_text('[{"date": "2024-01-01", "close": 1.5}]')
    with pytest.raises(ValueError, match="--skip-lines 1 is for CSV and Excel files, but this file is json"):
        read_price_file(tmp_path / "a.json", form=Format(skip_lines=1))
    atc_cy("watch", path, "--skip-lines", 300)
    assert "'x' must be a whole number" in atc_cy("scan", path, "--skip-lines", "x", code=2).stderr
