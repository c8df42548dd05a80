"""Whose the rows of a dataset are: no symbol, one in two spellings, several in a file of any format."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import feather
from support.dataset_folders import PRICES, assert_equal, expected, make_small, write, written

from atc_cy import dataset
from atc_cy.dataset.parquet_columns import symbols_of
from atc_cy.files.format import Format

FRAME = pd.DataFrame({"date": pd.date_range("2020-01-01", periods=60), "close": range(1, 61)})

MISSING: dict[str, Any] = {
    "None": ["A", None, "B"],
    "blank": ["A", " ", "B"],
    "empty": ["A", "", "B"],
    "hive": ["A", "__HIVE_DEFAULT_PARTITION__", "B"],
    "NaN": [1.0, float("nan"), 2.0],
    "an index of a dictionary": pa.DictionaryArray.from_arrays(pa.array([0, None, 1]), ["A", "B"]),
    "a blank of a dictionary": pa.DictionaryArray.from_arrays([0, 1, 2], ["A", " ", "B"]),
}


@pytest.mark.parametrize("way", MISSING)
@pytest.mark.parametrize("ending", [".parquet", ".feather", ".csv", ".jsonl"])
def test_a_row_without_a_symbol(way: str, ending: str, tmp_path: Path) -> None:
    """It is refused with its row, in a file of any format."""
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / f"x{ending}"
    symbols = pa.array(MISSING[way])
    table = pa.table({"symbol": symbols, "date": FRAME["date"][:3], "close": [1.0, 2.0, 3.0]})
    if ending == ".parquet":
        pq.write_table(table, path)
    elif ending == ".feather":
        feather.write_feather(table, path)
    else:
        frame = table.to_pandas().astype({"date": str})
        frame.to_csv(path, index=False) if ending == ".csv" else frame.to_json(
            path, orient="records", lines=True
        )
    try:
        problems = [failure.problem for failure in dataset.scan(tmp_path / "in", tmp_path / "out").failures]
    except ValueError as error:
        problems = [str(error)]
    assert len(problems) == 1
    place = {".csv": "line 3", ".jsonl": "line 2"}.get(ending, "row 1")
    assert f"the symbol is missing in {place}" in problems[0]


@pytest.mark.parametrize("null", [None, " ", "__HIVE_DEFAULT_PARTITION__"])
def test_a_level_of_a_dictionary_that_is_no_symbol(null: str | None) -> None:
    """It counts where a row has it."""
    for codes in ([0, 0, 2], [0, 1, 2]):
        column = pa.DictionaryArray.from_arrays(codes, ["A", null, "A"])
        if 1 in codes:
            with pytest.raises(ValueError, match="the symbol is missing in row 8"):
                symbols_of(column, 7)
        else:
            names, numbers = symbols_of(column, 7)
            assert (names, numbers.tolist()) == (["A"], [0, 0, 0])


def test_a_file_that_names_no_symbol(tmp_path: Path) -> None:
    path = write(tmp_path / "__HIVE_DEFAULT_PARTITION__.parquet", FRAME)
    (failure,) = dataset.scan(path, tmp_path / "out").failures
    assert failure.problem.endswith(f"the file is named {path.name}: name it after the symbol")


def test_symbols_that_differ_in_outer_spaces(tmp_path: Path) -> None:
    """They are one symbol wherever a file is read as a whole."""
    late = FRAME.assign(date=FRAME["date"] + pd.Timedelta(days=99))
    both = pd.concat([FRAME.assign(symbol="A"), late.assign(symbol="A "), late.assign(symbol="B ")])
    write(tmp_path / "in" / "x.parquet", both)
    (failure,) = dataset.scan(tmp_path / "in", tmp_path / "out").failures
    assert (failure.symbol, failure.row) == ("A ", 60)
    assert failure.problem == "the symbol 'A ' differs from 'A' only in outer spaces: write both alike"
    assert set(written(tmp_path / "out")["symbol"]) == {"A", "B "}


def test_folders_are_found_as_columns_are(tmp_path: Path) -> None:
    """Two files of one name would be one symbol, one after the other in time."""
    late = FRAME.assign(date=FRAME["date"] + pd.Timedelta(days=99))
    for name in ("Symbol", "ticker"):
        write(tmp_path / name / f"{name}=A" / "1.parquet", FRAME)
        write(tmp_path / name / f"{name}=B" / "1.parquet", late)
    assert dataset.scan(tmp_path / "Symbol", tmp_path / "out") == (120, 2, ())
    report = dataset.scan(tmp_path / "ticker", tmp_path / "other")
    assert (report.rows, len(report.failures)) == (0, 2)
    assert (
        "the folder is named ticker=A: if that is the symbol, name the column" in report.failures[0].problem
    )
    assert dataset.scan(tmp_path / "ticker", tmp_path / "third", symbol="ticker").symbols == 2


@pytest.mark.parametrize("column", ["pair", "Coin", "symbol"])
@pytest.mark.parametrize("folder", ["symbol=A", "."])
def test_several_symbols_in_a_file_of_one(column: str, folder: str, tmp_path: Path) -> None:
    symbols = ["A"] * 30 + ["B"] * 30
    write(tmp_path / "in" / folder / "A.parquet", FRAME.assign(**{column: symbols}), rows=7)
    report = dataset.scan(tmp_path / "in", tmp_path / "out")
    if column == "symbol" and folder == ".":
        assert report == (60, 2, ())
        return
    (failure,) = report.failures
    assert f"the column {column!r} has several symbols, such as 'A' and 'B'" in failure.problem
    write(tmp_path / "in" / folder / "A.parquet", FRAME.assign(**{column: "A"}))
    assert dataset.scan(tmp_path / "in", tmp_path / "third").failures == ()


LONG = [".csv", ".jsonl", ".feather"]


def write_long(path: Path, frame: pd.DataFrame) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".feather":
        frame.reset_index(drop=True).to_feather(path)
    elif path.suffix == ".csv":
        frame.to_csv(path, index=False)
    else:
        frame.assign(date=frame["date"].astype(str)).to_json(
            path, orient="records", lines=True, double_precision=15
        )


@pytest.mark.parametrize("ending", LONG)
@pytest.mark.parametrize("src", [None, "open"])
def test_text_of_several_symbols(
    ending: str, src: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By symbol and by time; files with one of them; steps that end within a file's rows."""
    make_small(monkeypatch.setattr)
    frame = PRICES.assign(close=PRICES["close"].round(6), open=PRICES["close"].round(3))
    days = frame["date"].dt.date.astype(str)
    for number, (begin, end) in enumerate(
        [("2020", "2020-01-05"), ("2020-01-05", "2020-01-14"), ("2020-01-14", "3")]
    ):
        rows = frame[(days >= begin) & (days < end)]
        write_long(
            tmp_path / "in" / f"{number}{ending}", rows.sort_values(["date", "symbol"]) if number else rows
        )
    assert dataset.scan(tmp_path / "in", tmp_path / "out", src=src) == (len(frame), 11, ())
    assert_equal(tmp_path / "out", expected(frame, src))


def test_text_of_several_symbols_grows(tmp_path: Path) -> None:
    early = PRICES[PRICES["date"] < "2020-01-09"]
    write_long(tmp_path / "in" / "x.csv", early)
    dataset.scan(tmp_path / "in", tmp_path / "out")
    assert_equal(tmp_path / "out", expected(early))
    write_long(tmp_path / "in" / "x.csv", PRICES)
    report = dataset.scan(tmp_path / "in", tmp_path / "out", update=True)
    assert report == (len(PRICES), 11, ())
    assert_equal(tmp_path / "out", expected(PRICES))


def test_text_of_several_symbols_one_of_which_is_out_of_order(tmp_path: Path) -> None:
    bad = PRICES.copy()
    row = int(bad.index[bad["symbol"] == "S03"][9])
    bad.loc[row, "date"] = pd.Timestamp("2019-01-01")
    write_long(tmp_path / "in" / "x.csv", bad)
    report = dataset.scan(tmp_path / "in", tmp_path / "out")
    (failure,) = report.failures
    assert (failure.symbol, failure.file) == ("S03", "x.csv")
    assert f"line {row + 2}: the rows must increase in time" in failure.problem
    wanted = expected(PRICES)
    assert_equal(tmp_path / "out", wanted[wanted["symbol"] != "S03"])
    write_long(tmp_path / "in" / "x.csv", PRICES)
    assert dataset.scan(tmp_path / "in", tmp_path / "out", update=True).failures == ()
    assert_equal(tmp_path / "out", wanted)


@pytest.mark.parametrize("first", ["1", "2"])
def test_text_of_several_symbols_beside_files_of_one(first: str, tmp_path: Path) -> None:
    """Each file says by itself whose its rows are, whichever comes first."""
    write_long(tmp_path / "in" / f"{first}.csv", FRAME)
    write_long(tmp_path / "in" / f"{3 - int(first)}.csv", PRICES)
    write(tmp_path / "in" / "whole.parquet", FRAME)
    write(tmp_path / "in" / "long.parquet", FRAME.assign(ticker="Z"))
    wide = FRAME.assign(X=FRAME["close"], Y=FRAME["close"]).drop(columns="close")
    wide.to_csv(tmp_path / "in" / "wide.csv", index=False)
    assert dataset.scan(tmp_path / "in", tmp_path / "out").failures == ()
    found = written(tmp_path / "out")
    names = {first, "whole", "Z", "X", "Y"}
    assert set(found["symbol"]) == names | set(PRICES["symbol"])
    for name in names:
        same = found["symbol"] == name
        wanted = expected(FRAME.assign(symbol=name))
        assert np.array_equal(found["Average_Signal"][same], wanted["Average_Signal"], equal_nan=True)


def test_columns_of_parquet_are_those_of_each_file(tmp_path: Path) -> None:
    for number, name in enumerate(["date", "datetime", "Timestamp"]):
        write(tmp_path / "in" / f"{number}.parquet", FRAME.rename(columns={"date": name, "close": "Price"}))
    write_long(tmp_path / "in" / "0.csv", FRAME)
    assert dataset.scan(tmp_path / "in", tmp_path / "out").failures[0].file == "0.parquet"  # 0 again
    (tmp_path / "in" / "0.csv").rename(tmp_path / "in" / "A.csv")
    assert dataset.scan(tmp_path / "in", tmp_path / "other") == (240, 4, ())
    report = dataset.scan(tmp_path / "in", tmp_path / "named", time="date")
    assert [failure.file for failure in report.failures] == ["1.parquet", "2.parquet"]


def test_text_of_a_dataset_that_was_begun_before(tmp_path: Path) -> None:
    """Each file was a symbol of its own, whatever its column of symbols had."""
    write_long(tmp_path / "in" / "EUR.csv", FRAME[:40].assign(symbol="EURUSD"))
    dataset.scan(tmp_path / "in", tmp_path / "new")
    assert set(written(tmp_path / "new")["symbol"]) == {"EURUSD"}
    (tmp_path / "in" / "EUR.csv").rename(tmp_path / "EURUSD.csv")
    write_long(tmp_path / "in" / "EUR.csv", FRAME[:40])
    dataset.scan(tmp_path / "in", tmp_path / "out")
    plan = json.loads((tmp_path / "out" / "_plan.json").read_text())
    assert plan.pop("naming") == 2
    (tmp_path / "out" / "_plan.json").write_text(json.dumps(plan))
    write_long(tmp_path / "in" / "EUR.csv", FRAME.assign(symbol="EURUSD"))
    for _ in range(2):
        assert dataset.scan(tmp_path / "in", tmp_path / "out", update=True) == (60, 1, ())
    assert_equal(tmp_path / "out", expected(FRAME.assign(symbol="EUR")))


@pytest.mark.parametrize("ending", [*LONG, ".parquet"])
def test_a_column_of_symbols_that_is_named_must_be_there(ending: str, tmp_path: Path) -> None:
    """It was ignored, and each file was a symbol."""
    path = tmp_path / "in" / f"A{ending}"
    write(path, FRAME) if ending == ".parquet" else write_long(path, FRAME)
    wanted = (
        "there is no column 'whose', which --symbol-column names; did you mean 'close'? known: close, date"
    )
    for given in ({"symbol": "whose"}, {"form": Format(symbol_column="whose")}):
        with pytest.raises(ValueError, match=re.escape(f"A{ending}: {wanted}")):
            dataset.scan(tmp_path / "in", tmp_path / "out", **given)
    with pytest.raises(ValueError, match="there is no column 'symbol'"):
        dataset.scan(tmp_path / "in", tmp_path / "out", form=Format(symbol_column="symbol"))


def test_a_column_of_symbols_that_one_file_lacks(tmp_path: Path) -> None:
    write_long(tmp_path / "in" / "1.csv", FRAME.assign(whose="A"))
    write_long(tmp_path / "in" / "2.csv", FRAME)
    write(tmp_path / "in" / "whose=C" / "3.parquet", FRAME)
    write(tmp_path / "in" / "4.parquet", FRAME)
    report = dataset.scan(tmp_path / "in", tmp_path / "out", symbol="whose")
    names = pq.ParquetDataset(tmp_path / "out").read(["whose"])["whose"].to_pylist()
    assert set(names) == {"A", "C"}
    assert [failure.file for failure in report.failures] == ["2.csv", "4.parquet"]
    for failure in report.failures:
        assert "there is no column 'whose', which --symbol-column names" in failure.problem
