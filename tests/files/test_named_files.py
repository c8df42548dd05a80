"""Which files there are, by their names: lists, folders, freqtrade's folders, sheets of a workbook."""

from datetime import datetime
from io import BytesIO
from pathlib import Path

import pandas as pd
import pytest

from atc_cy.files import excel
from atc_cy.files.excel import read_sheet, write_sheet
from atc_cy.files.freqtrade import candle_file, freqtrade_files, freqtrade_path, freqtrade_paths
from atc_cy.files.lists import read_list
from atc_cy.files.opening import LISTED, files_in, is_listed, symbol_of


def test_the_folders_of_freqtrade(tmp_path: Path) -> None:
    (tmp_path / "futures").mkdir()
    spot, futures = (candle_file(tmp_path, pair, "4h") for pair in ("BTC/USDT", "BTC/USDT:USDT"))
    assert [path.relative_to(tmp_path).as_posix() for path in (spot, futures)] == [
        "BTC_USDT-4h.feather",
        "futures/BTC_USDT_USDT-4h-futures.feather",
    ]
    with pytest.raises(FileNotFoundError, match=r"has no \*-4h.feather, nor .parquet"):
        freqtrade_files(tmp_path, "4h")
    for path in (spot, spot.with_suffix(".json"), futures):
        path.touch()
    assert freqtrade_path(tmp_path, "BTC/USDT", "4h") == spot
    assert freqtrade_files(tmp_path, "4h") == [spot, futures]
    other = candle_file(tmp_path, "ETH/USDT", "4h")
    assert freqtrade_paths(tmp_path, ["ETH/USDT", "BTC/USDT"], "4h") == [other, spot]
    with pytest.raises(FileNotFoundError, match=r"has no ETH_USDT-4h\.feather; "):
        freqtrade_paths(tmp_path, ["ETH/USDT"], "4h")


def test_one_file_of_several_of_a_pair(tmp_path: Path) -> None:
    (tmp_path / "futures").mkdir()
    names = ["B_C-1h.json.gz", "B_C-1h.json", "A_C-1h.json.gz", "A_C-1d.feather", "Z_C_C-1h.parquet"]
    futures = ["futures/A_C_C-1h-futures.json", "futures/A_C_C-1h-futures.feather"]
    for name in (*names, *futures, "futures/Z-1h.feather", "A_C-1h.csv"):
        (tmp_path / name).touch()
    found = [path.relative_to(tmp_path).as_posix() for path in freqtrade_files(tmp_path, "1h")]
    assert found == ["A_C-1h.json.gz", "B_C-1h.json", "Z_C_C-1h.parquet", futures[1]]
    assert freqtrade_path(tmp_path, "A/C:C", "1h") == tmp_path / futures[1]
    assert freqtrade_path(tmp_path, "Z/C:C", "1h") == tmp_path / "Z_C_C-1h.parquet"
    with pytest.raises(
        FileNotFoundError, match=r"has no A_B-1h.feather; did you mean 'A_C-1h'[?] known: A_C-1d"
    ):
        freqtrade_path(tmp_path, "A/B", "1h")
    with pytest.raises(FileNotFoundError, match=r"has no X_Y-1h.feather; "):
        freqtrade_paths(tmp_path, ["X/Y", "Y/Z"], "1h")
    with pytest.raises(FileNotFoundError, match=r"has no \*-1Mo.feather, nor .parquet, .json, .json.gz$"):
        freqtrade_files(tmp_path, "1M")


def test_a_month_has_a_name_of_its_own() -> None:
    names = [candle_file(Path(), "A/B", timeframe).name for timeframe in ("1M", "1m", "1Mo")]
    assert names == ["A_B-1Mo.feather", "A_B-1m.feather", "A_B-1Mo.feather"]


def test_a_list(tmp_path: Path) -> None:
    path = tmp_path / "symbols.txt"
    path.write_text("\ufeff# mine\n A \n\n#B\nC", encoding="utf-8")
    assert read_list(path, "symbol") == ["A", "C"]
    path.write_text("# none\n\n")
    with pytest.raises(ValueError, match="it has no symbol: write one per line"):
        read_list(path, "symbol")
    path.write_bytes(b"\xff\xfe\xff")
    with pytest.raises(ValueError, match="it is not text in UTF-8: write one symbol per line"):
        read_list(path, "symbol")


def test_the_files_of_a_folder(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"has no file of prices: \.csv, \.tsv, \.jsonl"):
        files_in(tmp_path)
    for name in ("b.csv", "a.json.gz", "notes.txt", "notes.txt.gz", ".c.csv", "_d.csv", "e.py"):
        (tmp_path / name).touch()
    (tmp_path / "folder.csv").mkdir()
    assert [path.name for path in files_in(tmp_path)] == ["a.json.gz", "b.csv"]
    assert all(is_listed(Path(f"x{ending}")) for ending in LISTED)


@pytest.mark.parametrize(
    ("name", "symbol"),
    [("BTC.csv", "BTC"), ("BTC.csv.gz", "BTC"), ("BTC.gz", "BTC"), ("BTC.prices", "BTC"), ("-", "stdin")],
)
def test_the_symbol_that_a_file_is_named_after(name: str, symbol: str) -> None:
    assert symbol_of(Path(name)) == symbol


def test_a_sheet_by_its_name_or_number(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    with pd.ExcelWriter(path) as book:
        for name in ("first", "3", "third"):
            pd.DataFrame([name]).to_excel(book, sheet_name=name, index=False, header=False)
    sheets = {None: "first", "first": "first", "1": "first", "2": "3", "3": "3", "third": "third"}
    for wanted, name in sheets.items():  # a name comes before a number
        assert read_sheet(path, wanted)[0] == [[name]]
    assert read_sheet(path, "2")[1] == "sheet '3', number 2 of 3: --sheet names another"
    for wanted in ("0", "4", "fourth"):
        with pytest.raises(ValueError, match=f"there is no sheet '{wanted}'"):
            read_sheet(path, wanted)


def test_the_cells_of_a_sheet(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    pd.DataFrame([["NA", None, 1], ["=1+1", "a", 2]]).to_excel(
        path, sheet_name="one", index=False, header=False
    )
    rows, name = read_sheet(path)
    assert rows[0] == ["NA", None, 1]
    assert name == "sheet 'one'"
    times = pd.DatetimeIndex(["2024-01-01"])
    write_sheet(path, pd.DataFrame({"plain": times, "zoned": times.tz_localize("UTC"), "text": "=A1"}))
    assert read_sheet(path)[0] == [
        ["plain", "zoned", "text"],
        [datetime(2024, 1, 1), "2024-01-01T00:00:00+00:00", "=A1"],
    ]


@pytest.mark.parametrize(("data", "library"), [(b"PK", "openpyxl"), (b"\xd0\xcf\x11\xe0", "xlrd")])
def test_a_library_for_excel_that_is_missing(
    data: bytes, library: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(excel, "find_spec", lambda _: None)
    with pytest.raises(ImportError, match=rf"Excel files need {library}: pip install 'atc_cy\[excel\]'"):
        read_sheet(BytesIO(data))
    with pytest.raises(ImportError, match="Excel files need openpyxl"):
        write_sheet(tmp_path / "x.xlsx", pd.DataFrame({"a": [1]}))
    assert [*tmp_path.iterdir()] == []
