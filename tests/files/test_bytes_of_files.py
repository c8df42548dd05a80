"""What bytes and names show of a file, objects in lines, and tables that are written."""

import gzip
import io
import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from atc_cy.files import json_lines, shared
from atc_cy.files.opening import (
    STANDARD_INPUT,
    check_ending,
    is_listed,
    kind_of,
    kind_of_bytes,
    name_of,
    read_bytes,
    symbol_of,
)
from atc_cy.files.shared import open_shared
from atc_cy.files.writing import csv_text, write_table


@pytest.mark.parametrize(
    ("name", "kind", "symbol", "listed"),
    [
        ("a.csv", "csv", "a", True),
        ("a.TSV.GZ", "csv", "a", True),
        ("a.txt", "csv", "a", False),
        ("a.ndjson", "json lines", "a", True),
        ("a.json", "json", "a", True),
        ("a.parquet", "parquet", "a", True),
        ("a.feather", "feather", "a", True),
        ("a.xls", "excel", "a", True),
        ("a.b", None, "a", False),
        ("a.gz", None, "a", False),
        ("_a.csv", "csv", "_a", False),
        (".a.csv", "csv", ".a", False),
        ("-", None, "stdin", False),
    ],
)
def test_names(name: str, kind: "str | None", symbol: str, listed: bool) -> None:
    path = Path(name)
    assert (kind_of(path), symbol_of(path), is_listed(path)) == (kind, symbol, listed)
    assert name_of(path) == ("standard input" if name == "-" else name)


def test_endings_that_can_be_written() -> None:
    assert check_ending(Path("a.CSV")) == Path("a.CSV")
    with pytest.raises(ValueError, match=r"^a\.txt must end in \.csv, .*, \.feather or \.xlsx$"):
        check_ending(Path("a.txt"))


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"PAR1x", "parquet"),
        (b"ARROW1", "feather"),
        (b"PK\x03\x04", "excel"),
        (b"\xd0\xcf\x11\xe0", "excel"),
        (b"a,b", "csv"),
        (b"", "csv"),
    ],
)
def test_kinds_of_bytes(data: bytes, kind: str) -> None:
    assert kind_of_bytes(data) == kind


def test_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain, packed = tmp_path / "a", tmp_path / "b"
    plain.write_bytes(b"12345")
    packed.write_bytes(gzip.compress(b"12345"))
    for path in (plain, packed):
        assert [read_bytes(path), read_bytes(path, 3)] == [b"12345", b"123"]
    for most in (None, 50):
        (tmp_path / "c").write_bytes(gzip.compress(b"12345")[:-5])
        with pytest.raises(ValueError, match="the gzip file is incomplete or damaged"):
            read_bytes(tmp_path / "c", most)
    for data in (b"12345", gzip.compress(b"12345")):
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data)))
        assert read_bytes(STANDARD_INPUT) == b"12345"


def test_a_file_that_is_shared(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12")
    with open_shared(tmp_path / "a") as file:
        assert (file.read(1), file.read()) == (b"1", b"2")
        assert isinstance(file, io.FileIO)  # without a buffer
    with pytest.raises(FileNotFoundError):
        open_shared(tmp_path / "b")


def test_a_file_that_is_shared_on_windows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its reader lets others read, write and delete it."""
    calls = []

    def create(name: str, *how: int) -> int:
        calls.append(how)
        if not Path(name).exists():
            raise OSError(2, "missing")
        return os.open(name, os.O_RDONLY)

    fakes = {
        "_winapi": SimpleNamespace(CreateFile=create, GENERIC_READ=11, NULL=12, OPEN_EXISTING=13),
        "msvcrt": SimpleNamespace(open_osfhandle=lambda handle, _: handle),
    }
    monkeypatch.setattr(shared, "import_module", fakes.__getitem__)
    (tmp_path / "a").write_bytes(b"12")
    with open_shared(tmp_path / "a") as file:
        assert file.read() == b"12"
        assert isinstance(file, io.FileIO)
    with pytest.raises(FileNotFoundError) as raised:
        open_shared(tmp_path / "b")
    assert raised.value.filename == str(tmp_path / "b")
    assert calls == [(11, 7, 12, 13, 0, 12)] * 2


def test_objects_in_lines() -> None:
    assert json_lines.parse('{"a": "\u2028"}\n\n {"b": 2}') == {1: {"a": "\u2028"}, 3: {"b": 2}}
    assert json_lines.loads("[1]") == [1]
    for text, words in (
        ('{"a": 1}\n{', "^line 2: not valid JSON: "),
        ("\n[1]", "^line 2: give one JSON object per line$"),
        ('{"a": 1, "b": 2, "b": 3, "a": 4}', "^line 1: .*the name 'b' occurs twice$"),
        ("[" * 100_000, "^line 1: not valid JSON: "),
    ):
        with pytest.raises(ValueError, match=words):
            json_lines.parse(text)


def test_names_in_objects() -> None:
    assert json_lines.names_of({1: {"b": 1, "a": 1}, 2: {"c": 1, "a": 1}}) == ["b", "a", "c"]
    both = {"a": 1, "A": 2}
    assert json_lines.names_of({1: {"x": 1}, 2: both, 3: {}, 4: both}) == ["x", "a", "A"]
    for rows, words in (
        ({1: {"x": 1}, 3: {"a": 1}, 5: {"A": 1}}, "line 5: it has 'A', and line 3 has 'a': spell"),
        ({1: both, 2: {"x": 1}, 4: {"a": 1}}, "line 4: it has 'a', and line 1 has 'a' and 'A': spell"),
    ):
        with pytest.raises(ValueError, match=words):
            json_lines.names_of(rows)
    with pytest.raises(ValueError, match="row 2: it has 'A', and row 1 has 'a'"):
        json_lines.names_of({1: {"a": 1}, 2: {"A": 1}}, "row")


TABLE = pd.DataFrame({"=n": [1.0, None], "text": ["=1", None]}, pd.Index(["=x", "y"]))


def test_a_table_as_text() -> None:
    text = csv_text(TABLE, "i")
    assert text.splitlines()[0].startswith("i,")
    assert len(text.splitlines()) == 3
    assert all(not cell.startswith("=") for line in text.splitlines() for cell in line.split(","))
    assert csv_text(TABLE[["text"]], index=False).splitlines()[0] == "text"
    days = TABLE.set_index(pd.DatetimeIndex(["2024-01-01", "2024-01-02"]))
    assert csv_text(days, "date").splitlines()[1].startswith("2024-01-01,1.0,")
    whole = pd.DataFrame({"n": pd.array([1, None], "Int64")})
    assert csv_text(whole, index=False) == 'n\n1\n""\n'
    assert TABLE.columns[0] == "=n"  # it is left as it was
    assert TABLE["text"].iloc[0] == "=1"


@pytest.mark.parametrize("ending", ["csv", "jsonl", "ndjson", "parquet", "feather", "xlsx"])
def test_tables_that_are_written(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{ending}"
    table = pd.DataFrame({"n": [1.5, None], "t": ["a", None]}, pd.Index([7, 8]))
    write_table(path, table, "i")
    if ending in ("jsonl", "ndjson"):
        rows = [json.loads(line) for line in path.read_text().splitlines()]
        assert rows == [{"i": 7, "n": 1.5, "t": "a"}, {"i": 8, "n": None, "t": None}]
        return
    readers = {"csv": pd.read_csv, "parquet": pd.read_parquet, "feather": pd.read_feather}
    read = readers.get(ending, pd.read_excel)(path)  # type: ignore[operator]
    assert [*read.columns] == ["i", "n", "t"]
    assert read["n"].tolist()[0] == 1.5
    assert read["t"].isna().tolist() == [False, True]
    begins = {"parquet": b"PAR1", "feather": b"ARROW1", "xlsx": b"PK", "csv": b"i,n,t\n"}[ending]
    assert path.read_bytes().startswith(begins)


def test_pyarrow_that_writes_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("atc_cy.files.tables.find_spec", lambda _: None)
    with pytest.raises(ImportError, match=r"\.feather files need pyarrow"):
        write_table(tmp_path / "a.feather", TABLE, "i")
