"""What a file is taken for, by its name and its content, and what its beginning shows."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import feather

from atc_cy.files.format import FOUND_OUT, Format
from atc_cy.files.tables import Table, feather_table, of_csv, read_beginning, read_table

OBJECT = json.dumps({"date": "2024-01-01", "close": 1})
CSV = "date,close\n2024-01-01,1\n2024-01-02,2"
FRAME = pd.DataFrame({"date": ["2024-01-01", "2024-01-02"], "close": [1.0, 2.0]})


def binary(path: Path, frame: pd.DataFrame = FRAME) -> Path:
    write = {".parquet": frame.to_parquet, ".feather": frame.to_feather}.get(path.suffix)
    if write is None:
        frame.to_excel(path, index=False)
    else:
        write(path)
    return path


@pytest.mark.parametrize(
    ("name", "text", "reading", "names"),
    [
        ("x", CSV, "separator comma", ["date", "close"]),
        ("x", OBJECT, "JSON, one object per line", ["date", "close"]),
        ("x", f"[{OBJECT}]", "JSON, an array of objects", ["date", "close"]),
        ("x.csv", "{x,date,close\na,2024-01-01,1\n", "separator comma", ["{x", "date", "close"]),
        ("x.csv", "[x,date,close\na,2024-01-01,1\n", "separator comma", ["[x", "date", "close"]),
        ("x.json", f"{OBJECT}\n{OBJECT}", "JSON, one object per line", ["date", "close"]),
        ("x.json", f" [{OBJECT}]", "JSON, an array of objects", ["date", "close"]),
        ("x.jsonl", f"{OBJECT}\n", "JSON, one object per line", ["date", "close"]),
    ],
)
def test_text(name: str, text: str, reading: str, names: list[str], tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    whole, beginning = read_table(tmp_path / name), read_beginning(tmp_path / name, FOUND_OUT)
    for table in (whole, beginning):
        assert (table.reading, table.names) == (reading, names)
    assert beginning.places.equals(whole.places)


def test_an_object_that_holds_the_prices(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    for names, shown in (("ab", "'a', 'b'"), ("abc", "'a', 'b', 'c'"), ("abcd", "'a', 'b', 'c', …")):
        path.write_text(json.dumps({name: [1] for name in names} | {"n": 1}))
        with pytest.raises(ValueError, match=f"one JSON object that holds the prices in {shown}: give"):
            read_table(path)
    for row in ({"close": 1, "tags": []}, {"close": 1.5, "more": {}}, {"close": 2}):
        path.write_text(json.dumps({"date": "2024-01-01", **row}))
        assert len(read_table(path).places) == 1


@pytest.mark.parametrize("ending", ["parquet", "feather", "xlsx"])
def test_binary_files(ending: str, tmp_path: Path) -> None:
    path = binary(tmp_path / f"x.{ending}")
    path.with_suffix("").write_bytes(path.read_bytes())
    first = 2 if ending == "xlsx" else 0
    for name in (path, path.with_suffix("")):
        for table in (read_table(name), read_beginning(name, FOUND_OUT)):
            assert (table.names, table.places.tolist()) == (["date", "close"], [first, first + 1])
            assert table.place(0) == f"row {first}"
        if ending != "xlsx":
            with pytest.raises(ValueError, match=f"--sheet a is for Excel files, but this file is {ending}"):
                read_table(name, Format(sheet="a"))
    path.unlink()
    with pytest.raises(FileNotFoundError) as raised:
        read_table(path)
    assert raised.value.filename == str(path)


def test_indexes(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    for index, names in (
        (pd.Index(["A", "B"], name="symbol"), ["symbol", "close"]),
        (pd.Index(["A", "B"]), ["close"]),
        (pd.DatetimeIndex(["2024-01-01", "2024-01-02"]), ["date", "close"]),
    ):
        FRAME[["close"]].set_index(index).to_parquet(path)
        assert read_table(path).names == names


def test_lines_that_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("a note\n" + CSV)
    assert read_table(tmp_path / "x", Format(skip_lines=1)).names == ["date", "close"]
    (tmp_path / "x.jsonl").write_text(OBJECT)
    with pytest.raises(ValueError, match="--skip-lines 1 is for CSV and Excel files"):
        read_table(tmp_path / "x.jsonl", Format(skip_lines=1))
    path = binary(tmp_path / "x.xlsx")
    assert read_table(path, Format(skip_lines=1, header=False)).places.tolist() == [2, 3]
    with pytest.raises(ValueError, match="there is no row with a price in"):
        read_table(path, Format(skip_lines=3))


def test_advice_about_sheets(tmp_path: Path) -> None:
    assert read_table(binary(tmp_path / "x.xlsx")).advice == ""
    frame = FRAME.assign(date="x", close="y")
    with pytest.raises(ValueError, match="open, high, low and close") as raised:
        read_table(binary(tmp_path / "x.xlsx", frame), Format(header=False))
    assert "; this is" not in str(raised.value)


def test_the_beginning_of_long_files(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    long = json.dumps({"date": "2024-01-01", "close": 1, "note": "x" * 70_000})
    for text in (long, f"\n{long}", f"\n\n{long}\n"):  # no whole line is in the beginning
        path.write_text(text)
        assert len(read_beginning(path, FOUND_OUT).places) == 1
    array = tmp_path / "x"
    array.write_text("[" + ",\n".join([OBJECT] * 3_000) + "]")
    assert len(read_beginning(array, FOUND_OUT).places) == 3_000
    numbers = np.random.default_rng(1).normal(size=20_000)
    frame = pd.DataFrame({"date": pd.date_range("2024-01-01", periods=20_000), "close": numbers})
    packed = binary(tmp_path / "x.parquet", frame)
    assert packed.stat().st_size > 1 << 16
    array.write_bytes(packed.read_bytes())
    for name in (packed, array):
        assert len(read_beginning(name, FOUND_OUT).places) == 20_000
    for newline in ("\n", "\r"):
        text = newline.join(["date,close", *["2024-01-01,1.25"] * 5_000])
        array.write_bytes(text.encode())
        beginning = read_beginning(array, FOUND_OUT)
        assert 4_000 < len(beginning.places) < 5_000
        assert {*beginning.column("close")} == {"1.25"}


def test_arrays_of_arrays(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text('[["date", "close"], ["2024-01-01", 1], [], ["2024-01-02", 2]]')
    table = read_table(path)
    assert (table.names, table.places.tolist(), table.reading) == (
        ["date", "close"],
        [1, 3],
        "JSON, an array of arrays",
    )
    path.write_text('[["date", "close"], ["2024-01-01", 1], ["2024-01-02"]]')
    with pytest.raises(ValueError, match=r"^row 2: there are 1 cells, and 2 in other rows"):
        read_table(path)
    for text in ("[1]", "5", '""'):
        path.write_text(text)
        with pytest.raises(ValueError, match="an array of objects or of arrays, or one object per line"):
            read_table(path)
    path.write_text("[]")
    assert len(read_table(path).places) == 0


def test_rows_of_a_table() -> None:
    table = of_csv("note\na;b\n2024-01-01;1\n2024-01-02;2\n2024-01-03;3\n", Format(skip_lines=1))
    assert (table.reading, table.is_numbered) == (
        "separator semicolon, 1 line left out before the header",
        False,
    )
    some = table.of_rows(np.array([2, 0]))
    assert [some.place(0), some.place(1)] == ["line 5", "line 3"]
    assert some.column("b").tolist() == ["3", "1"]
    other = of_csv("date~close\n2024-01-01~1\n", Format(separator="~"))
    assert other.reading == "separator ~"
    assert Table([], [], pd.Index([1]), "row").place(0) == "row 1"


def test_two_rows_of_header() -> None:
    table = of_csv("date,Close,Close\n,A,B\n2024-01-01,1,2\n", FOUND_OUT)
    assert table.names == ["date", ("Close", "A"), ("Close", "B")]
    assert table.reading == "separator comma, 2 rows of header"


def test_feather_that_points_out_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert feather_table(binary(tmp_path / "x.feather")).num_rows == 2
    offsets = pa.py_buffer(np.array([0, 100, 3], np.int32))
    texts = pa.StringArray.from_buffers(2, offsets, pa.py_buffer(b"abc"))
    monkeypatch.setattr(feather, "read_table", lambda _: pa.table({"a": texts}))
    with pytest.raises(ValueError, match="the file is damaged"):
        feather_table(tmp_path / "x.feather")
