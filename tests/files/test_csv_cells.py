"""CSV is read to its last cell: no row is lost, none is filled up, and each error names its line."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest

from atc_cy.files.csv_cells import begin_of, parse
from atc_cy.files.prices import read_price_file, read_prices


def refused(text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(text.encode())
    with pytest.raises(ValueError, match=words):
        read_price_file(tmp_path / "x.csv")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "date,close\n2020-01-01,1\n2020-01-02\n2020-01-03,3\n",
            "^line 3: there is 1 cell, and 2 in the header: give",
        ),
        (
            "date,close\n2020-01-01,1\n2020-01-02",
            "^line 3: there is 1 cell, .* the file ends within this line",
        ),
        ("date,close,volume\n2020-01-01,1,5\n2020-01-02,10", "^line 3: there are 2 cells, and 3 .* cut off"),
        ("date,close\n2020-01-01\n2020-01-02,1", "^line 2: there is 1 cell, and 2 in the header: give"),
        (
            "date,close\r2020-01-01,1\r2020-01-02",
            "^line 3: there is 1 cell, .* the file ends within this line",
        ),
        ("date,close\n2020-01-01,9,883.00\n", "^line 2: there are 3 cells, and 2 in the header: put quotes"),
        ("date,close\n2020-01-01,1,\n", "^line 2: there are 3 cells, and 2 in the header"),
        ("date,close,\n2020-01-01,1\n", "^line 2: there are 2 cells, and 3 in the header"),
        ('date,close,note\n2020-01-01,1,"a\nb"\n2020-01-02,2\n', "^line 4: there are 2 cells"),
        ('date,close,note\n2020-01-01,1,"a\nb"\n2020-01-02,x,y\n', "^line 4: 'x' in column 'close'"),
        ("\n", "^line 1: there is no header"),
        (",,\n1,2,3\n", "^line 2: there is no header, such as date,close, and the columns are not a time"),
    ],
)
def test_rows_that_are_not_as_the_header(text: str, words: str, tmp_path: Path) -> None:
    refused(text, words, tmp_path)


QUOTE = "no quote ends the cell that begins with"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            'date,close\n2020-01-01,1\n2020-01-02,"2\n2020-01-03,3\n2020-01-04,4\n',
            f'^line 3: {QUOTE} "2: put one',
        ),
        (
            'date,close\n2020-01-01,1\n2020-01-02,"2\n2020-01-03,3\n2020-01-04,"4\n',
            f'^line 3: {QUOTE} "2: put one',
        ),
        ('date,close\n2020-01-01,"1"x\n', f'^line 2: {QUOTE} "1"x: put one'),
        ('date,close,"note\n2020-01-01,1,a\n', f'^line 1: {QUOTE} "note: '),
        ('date,note,close\n2020-01-01,"a\nb","1\n2020-01-02,c,2\n', f'^line 3: {QUOTE} "1: '),
        ('date,close\r\n2020-01-01,1\r\n2020-01-02,"2\r\n', f'^line 3: {QUOTE} "2: '),
        ('date,close\n2020-01-01,"' + 200_000 * "1", f'^line 2: {QUOTE} "1111'),
        (
            'date,close,note\n2020-01-01,1,"a\n2020-01-02,2,b\n2020-01-03,3,c"\n',
            "^line 2: .* goes on to line 4, but",
        ),
        ('date,close,note\n2020-01-01,1,"a\n2020-01-02,2,b"\n', "^line 2: .* goes on to line 3, but"),
        ('note,date,close\n"a,2020-01-01,1\nb",2020-01-02,2\n', "^line 2: .* goes on to line 3, but"),
        ('date,note,close\n2020-01-01,"a,1\n2020-01-02,b",2\n', "^line 2: .* goes on to line 3, but"),
        ('date,close,note\n2020-01-01,1,"a\n\n2020-01-02,2,b"\n', "^line 2: .* goes on to line 4, but"),
        ('note,close,date\n"a\nb",1,"c\n2,3,d"\n', "^line 3: .* goes on to line 4, but"),
        ('date,close\n2020-01-01,"' + "1" * 50, f'^line 2: {QUOTE} "{"1" * 39}: put one'),
        ("date,close\n2020-01-01," + 200_000 * "1" + "\n", "^line 2: not valid CSV: field larger"),
    ],
)
def test_a_stray_quote(text: str, words: str, tmp_path: Path) -> None:
    refused(text, words, tmp_path)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(end: str, tmp_path: Path) -> None:
    lines = [
        "date,close,",
        "2020-01-01,1,",
        "",
        ",,",
        '2020-01-02,2,"x',
        'y"',
        "2020-01-03,,",
        "2020-01-04,4,",
    ]
    for text in (end.join(lines), end.join([*lines, ""])):
        (tmp_path / "x.csv").write_bytes(text.encode())
        prices = read_prices(tmp_path / "x.csv")
        assert np.array_equal(prices.series, [1.0, 2.0, np.nan, 4.0], equal_nan=True)
        assert list(prices.lines) == [2, 5, 7, 8]  # type: ignore[call-overload]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_before_a_quote(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes('"date","close"\n2020-01-01,1\n'.encode(encoding))
    assert read_prices(tmp_path / "x.csv").series.tolist() == [1.0]


@pytest.mark.parametrize("separator", [";", "\t", "|"])
@pytest.mark.parametrize("price", ["1.5", "1,5"])
def test_another_separator(separator: str, price: str, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(f"date{separator}close\n2020-01-01{separator}{price}\n")
    assert read_prices(tmp_path / "x.csv").series.tolist() == [1.5]


@pytest.mark.parametrize("quoting", [csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
def test_what_csv_writes_is_read(quoting: int) -> None:
    rows = [
        ["date", "note", ""],
        ["1", 'a "b", c', "x\ny"],
        ["2", "", '"'],
        ["3", "\n", ","],
        ["4", "", "\n\n,"],
    ]
    out = io.StringIO()
    csv.writer(out, quoting=quoting).writerows(rows)  # type: ignore[arg-type]
    cells = parse(out.getvalue())
    assert [cells.header, *map(list, zip(*cells.columns, strict=True))] == rows
    assert cells.lines == [2, 4, 5, 7]


def test_lines_before_the_header_are_counted() -> None:
    cells = parse("\na,b\n\n1,2\n,\n'=1,4\n", before=1)
    assert cells == (["a", "b"], [["1", "=1"], ["2", "4"]], [4, 6])
    with pytest.raises(ValueError, match=r"^line 4: there is 1 cell, and 2 in the header"):
        parse("\na,b\n1,2\n3\n5,6\n", before=1)
    with pytest.raises(ValueError, match=rf'^line 3: {QUOTE} "2: '):
        parse('\na,b\n1,"2', before=1)
    assert [begin_of("a\r\nb\n", lines) for lines in range(4)] == [0, 3, 5, 5]


def test_a_cell_of_two_lines_that_are_no_rows() -> None:
    assert parse('date,note,close\n1,"a\nb,c",2\n').columns == [["1"], ["a\nb,c"], ["2"]]
