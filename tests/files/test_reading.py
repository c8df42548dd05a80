"""What is told of how a file was read, and which of its columns are asked for."""

from pathlib import Path

import pandas as pd
import pytest

from atc_cy.files.bounds import read_bound
from atc_cy.files.format import Format
from atc_cy.files.prices import read_price_file
from atc_cy.files.span import Span
from atc_cy.files.tables import check_form, of_frame, read_beginning, read_table, unit_of
from atc_cy.files.timeframes import read_timeframe

CANDLES = "2024-01-01,1,3,1,2,9\n2024-01-02,2,4,2,3,8\n"


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        (
            "date,close\n2024-01-01,1\n",
            Format(),
            "separator comma, decimal mark '.', time 'date' as 2024-01-01, price 'close'",
        ),
        (
            "# prices\ndate,time,close\n30.10.2024,09:30,1\n",
            Format(),
            "separator comma, 1 line left out before the header, decimal mark '.', "
            "time 'date' and 'time' as 30.10.2024 09:30 (day first), price 'close'",
        ),
        (
            "# prices\n# of a day\ndate;pair;close\n2024-01-01;A;1,5\n",
            Format(symbol_column="pair", time_zone="UTC"),
            "separator semicolon, 2 lines left out before the header, decimal mark ',', "
            "time 'date' as 2024-01-01, price 'close', symbols in 'pair', times in UTC",
        ),
        (
            "date,A,B\n2024-01-01,1,2\n",
            Format(),
            "separator comma, decimal mark '.', time 'date' as 2024-01-01, 2 columns of prices",
        ),
        (
            "date,A\n2024-01-01,1\n",
            Format(),
            "separator comma, decimal mark '.', time 'date' as 2024-01-01, price 'A'",
        ),
        (
            "Price,Close,Open\nTicker,A,A\nDate,,\n2024-01-01,1,2\n",
            Format(),
            "separator comma, 3 rows of header, decimal mark '.', time 'Date' as 2024-01-01, price 'Close'",
        ),
        (
            CANDLES,
            Format(),
            "separator comma, no header, decimal mark '.', time 'time' as 2024-01-01, price 'close'",
        ),
    ],
)
def test_how_a_file_was_read(text: str, form: Format, expected: str, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(text)
    assert read_price_file(tmp_path / "x.csv", form=form).reading == expected


def test_columns_without_a_header_have_numbers(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(CANDLES)
    file = read_price_file(tmp_path / "x.csv", "2", src="3")
    (prices,) = file.symbols.values()
    assert prices.series.tolist() == [1.0, 2.0]
    assert prices.src is not None
    assert prices.src.tolist() == [3.0, 4.0]
    assert file.reading.endswith("price 'open', source 'high'")


def test_a_source_keeps_its_rule(tmp_path: Path) -> None:
    """Of the bars of a day, the open is the first one, and that of any other column the last."""
    (tmp_path / "x.csv").write_text(
        "time,open,close,price,volume\n2024-01-01T00:00,1,2,3,4\n2024-01-01T12:00,5,6,7,8\n"
    )
    day = Span(timeframe=read_timeframe("1D"))
    for src, expected in (("open", 1.0), ("price", 7.0), ("volume", 8.0)):
        (prices,) = read_price_file(tmp_path / "x.csv", src=src, span=day).symbols.values()
        assert prices.series.tolist() == [6.0]
        assert prices.src is not None
        assert prices.src.tolist() == [expected]


def test_a_day_that_could_be_a_month_beside_whole_times(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(
        "date,time,close\n30.10.2026,2026-10-30T10:00,1\n03.11.2026,2026-03-11T10:00,2\n"
    )
    with pytest.raises(ValueError, match="line 3: '2026-03-11T10:00' is not a time of day in column 'time'"):
        read_price_file(tmp_path / "x.csv")


def test_one_row_closes_when_it_opens() -> None:
    """Nobody knows how long it is."""
    row = pd.DataFrame({"price": [1.0]}, pd.DatetimeIndex(["2024-01-01"]))
    opened = read_bound("2024-01-01T00:00").moment.instant
    assert len(Span(closed_at=opened).bars(row, "price")) == 1
    with pytest.raises(ValueError, match="no bar has closed yet"):
        Span(closed_at=opened - 1).bars(row, "price")


def test_what_is_said_of_files_of_another_kind() -> None:
    check_form(Format(sheet="1", skip_lines=1), "excel")
    check_form(Format(skip_lines=1), "csv")
    with pytest.raises(ValueError, match="--sheet 1 is for Excel files, but this file is csv: leave it out"):
        check_form(Format(sheet="1"), "csv")
    with pytest.raises(
        ValueError, match="--skip-lines 1 is for CSV and Excel files, but this file is json: leave it out"
    ):
        check_form(Format(skip_lines=1), "json")


def test_a_sheet_without_prices_names_the_option(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    with pd.ExcelWriter(path) as book:
        for name in ("first", "second"):
            pd.DataFrame({"date": ["2024-01-01"], "note": ["x"]}).to_excel(book, sheet_name=name, index=False)
    with pytest.raises(ValueError, match="; this is sheet 'first', number 1 of 2: --sheet names another"):
        read_price_file(path)


def test_the_beginning_of_a_long_file(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("date,close\n" + "2024-01-01,1.25\n" * 5_000)
    beginning, whole = read_beginning(path, Format()), read_table(path)
    count = len(beginning.places)
    assert 4_000 < count < len(whole.places) == 5_000
    assert beginning.names == whole.names
    assert {*beginning.column("close")} == {"1.25"}


def test_units_of_places() -> None:
    paths = ("x", "x.csv", "x.jsonl", "x.json", "x.parquet", "x.xlsx")
    assert [unit_of(Path(path)) for path in paths] == ["line"] * 3 + ["row"] * 3


def test_json_of_another_shape(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("[[1, 2], 3]")
    with pytest.raises(ValueError, match="give JSON that is an array of objects or of arrays"):
        read_table(tmp_path / "x.json")


def test_pyarrow_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.parquet").touch()
    monkeypatch.setattr("atc_cy.files.tables.find_spec", lambda _: None)
    with pytest.raises(ImportError, match=r"\.parquet files need pyarrow: pip install 'atc_cy\[arrow\]'"):
        read_table(tmp_path / "x.parquet")


def test_times_in_an_index_without_a_name(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    times = pd.DatetimeIndex(["2024-01-01", "2024-01-02"])
    pd.DataFrame({"close": [1.0, 2.0]}, times).to_parquet(path)
    assert read_table(path).names == ["date", "close"]
    pd.DataFrame({"date": times, "close": [1.0, 2.0]}, times).to_parquet(path)
    assert read_table(path).names == ["date", "close"]
    assert of_frame(pd.DataFrame({"A": [1]}, ["x"]), "").names == ["A"]


def test_numbers_since_1970_beside_a_column_without_times_of_day(tmp_path: Path) -> None:
    """They need no zone."""
    (tmp_path / "x.csv").write_text("date,time,close\n1704067200,,1\n1704070800,,2\n")
    assert read_price_file(tmp_path / "x.csv", span=Span(closed_at=1_704_074_400 * 10**9)).notes == ()
