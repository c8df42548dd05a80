"""Files as people have them: each is read to the same prices, or refused with the place and the remedy."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from atc_cy import dataset
from atc_cy.files.prices import read_price_file, read_prices

DATA = Path(__file__).parent / "data"
BASE = read_prices(DATA / "base.csv").series
LAST = {
    "us.csv": "2025-01-01 01:59",
    "ns.csv": "2025-01-01 01:59",
    "ms_then_us.csv": "2025-01-01 00:59",
    "frac_s.csv": "2025-01-01 01:59:00.123",
    "utf16.csv": "2024-04-29",
    "rev.csv": "2024-04-29",
    "date_time.csv": "2024-01-02 10:59",
    "bom.jsonl": "2024-04-29",
    "ls.jsonl": "2024-04-29",
}


@pytest.mark.parametrize("name", LAST)
def test_prices_and_times(name: str) -> None:
    series = read_prices(DATA / name).series
    assert np.array_equal(series, BASE)
    assert series.index[-1] == pd.Timestamp(LAST[name])
    assert series.index.is_monotonic_increasing


def test_epochs_do_not_go_through_a_double(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("timestamp,close\n1735689600000000001,1\n1735689600000000002,2\n")
    index = read_prices(tmp_path / "x.csv").series.index
    assert index.tolist() == [pd.Timestamp(1735689600000000001), pd.Timestamp(1735689600000000002)]


def test_missing_prices() -> None:
    series = read_prices(DATA / "nul_yahoo.csv").series
    assert series.isna().any()
    assert np.array_equal(series.dropna(), BASE[series.notna().to_numpy()])


def test_numbers_are_not_pythons(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("date,close\n2020-01-01,1_0\n")
    with pytest.raises(ValueError, match="line 2: '1_0' in column 'close' is not a number"):
        read_prices(tmp_path / "x.csv")


def test_newest_first_is_turned_round_and_said() -> None:
    (note,) = read_price_file(DATA / "rev.csv").notes
    assert "newest row comes first" in note
    assert read_prices(DATA / "rev.csv").lines is not None


def test_one_time_twice() -> None:
    """An hour that clocks had twice: both rows and the remedy are named, and nothing is to be dropped."""
    with pytest.raises(ValueError, match=r"line 51: .* occurs twice, first in line 50.*\+01:00") as error:
        read_prices(DATA / "dst_naive.csv")
    assert "drop" not in str(error.value)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_columns_have_one_order_of_preference(ending: str, tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"Close": [9.0, 9.0], "timestamp": [1, 2], "date": ["2020-01-01", "2020-01-02"], "close": [1.0, 2.0]}
    )
    path = tmp_path / f"x.{ending}"
    frame.to_parquet(path) if ending == "parquet" else frame.to_csv(path, index=False)
    series = read_prices(path).series
    assert series.tolist() == [1.0, 2.0]
    assert series.index[0] == pd.Timestamp("2020-01-01")


def test_columns_of_the_same_name(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("date,close,close\n2020-01-01,1,2\n")
    with pytest.raises(ValueError, match="2 columns are named 'close'"):
        read_prices(tmp_path / "x.csv")


def test_a_file_of_several_symbols(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(
        "date,symbol,close\n2020-01-01,NA,1\n2020-01-01,B,10\n2020-01-02,NA,2\n2020-01-03,B,30\n2020-01-03,B,31\n"
    )
    file = read_price_file(tmp_path / "x.csv")
    assert file.symbols["NA"].series.tolist() == [1.0, 2.0]
    assert "line 6: the time 2020-01-03" in file.problems["B"]
    assert read_prices(tmp_path / "x.csv", symbol="NA").series.tolist() == [1.0, 2.0]
    with pytest.raises(ValueError, match="there are 2 symbols, NA, B: name one, as in symbol='NA'"):
        read_prices(tmp_path / "x.csv")
    (tmp_path / "y.csv").write_text("date,symbol,close\n2020-01-01,A,1\n2020-01-02,,2\n")
    with pytest.raises(ValueError, match="the symbol is missing in line 3"):
        read_price_file(tmp_path / "y.csv")


def test_src_counts_where_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("date,close,src\n2020-01-01,1,5\n2020-01-02,2,6\n")
    silent = read_price_file(tmp_path / "x.csv")
    assert "--source src" in silent.notes[0]
    named = read_price_file(tmp_path / "x.csv", src="src")
    assert named.notes == ()
    assert named.symbols[None].src.tolist() == [5.0, 6.0]  # type: ignore[union-attr]


def test_decimal_prices(tmp_path: Path) -> None:
    """The command line and a dataset read what is exact in a Parquet file."""
    prices = read_prices(DATA / "decimal_close.parquet").series
    assert prices.notna().all()
    source = tmp_path / "source"
    source.mkdir()
    shutil.copy(DATA / "decimal_close.parquet", source / "x.parquet")
    assert dataset.scan(source, tmp_path / "out", outputs=("EMA_S",)).failures == ()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x.csv", "symbol,date,close\nA,2024-01-01,1\nA ,2024-01-02,2\nB,2024-01-02,9\nA,2024-01-03,3\n"),
        (
            "x.jsonl",
            '{"symbol": "1", "date": "2024-01-01", "close": 1}\n'
            '{"symbol": 1, "date": "2024-01-02", "close": 2}\n'
            '{"symbol": "1", "date": "2024-01-03", "close": 3}\n',
        ),
    ],
)
def test_names_that_are_the_same_text_are_one_symbol(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    file = read_price_file(tmp_path / name)
    first = next(iter(file.symbols.values()))
    assert first.series.tolist() == [1.0, 2.0, 3.0]
    assert sum(prices.series.size for prices in file.symbols.values()) == text.count("2024")


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_what_is_not_in_its_encoding(end: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(end.join([b"date,close", b"2020-01-01,1", b"2020-01-02,\xff"]))
    with pytest.raises(ValueError, match="line 3: the file is not UTF-8: save it as UTF-8"):
        read_prices(tmp_path / "x.csv")
