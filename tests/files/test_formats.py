"""Files of prices in every format give the same numbers, and bad ones an error with its place."""

from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import feather, parquet
from support.price_files import CLOSE, DAYS, FRAME, write

from atc_cy import PriceError, compute_atc_signals
from atc_cy.files.prices import read_prices


@pytest.mark.parametrize("name", ["x.parquet", "x.feather", "x.jsonl", "x.NDJSON"])
def test_read(name: str, tmp_path: Path) -> None:
    prices = read_prices(write(tmp_path / name, FRAME))
    assert np.array_equal(prices.series, CLOSE)
    assert list(prices.series.index) == list(pd.DatetimeIndex(DAYS))
    turned = read_prices(write(tmp_path / name, FRAME[::-1].reset_index(drop=True)), "CLOSE")
    assert np.array_equal(turned.series, CLOSE)


@pytest.mark.parametrize("scale", [1, 1000])
@pytest.mark.parametrize("name", ["x.csv", "x.jsonl", "x.parquet"])
def test_times_as_numbers(name: str, scale: int, tmp_path: Path) -> None:
    seconds = (FRAME["date"] - pd.Timestamp(0)) // pd.Timedelta(seconds=1)
    frame = FRAME.assign(date=seconds * scale)
    if name == "x.csv":
        frame.to_csv(tmp_path / name)
    else:
        write(tmp_path / name, frame.astype({"date": np.int64}))
    assert list(read_prices(tmp_path / name).series.index) == list(pd.DatetimeIndex(DAYS))


def test_short_dates_are_no_seconds(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("date,close\n20200101,1\n20200102,2\n")
    assert list(read_prices(tmp_path / "x.csv").series.index.day) == [1, 2]


def test_an_index_and_time_zones(tmp_path: Path) -> None:
    frame = FRAME.set_index(FRAME["date"].dt.tz_localize("UTC"))[["close"]]
    path = tmp_path / "x.parquet"
    frame.to_parquet(path)
    assert str(read_prices(path).series.index.tz) == "UTC"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"date": "2020-01-01", "close": 1}\n{"date": "2020-01-02"', "line 2: not valid JSON"),
        ("[1]\n", "line 1: give one JSON object per line"),
        ("", "there is no line with a price"),
        ('{"date": "2020-01-01", "close": "x"}\n', "line 1: 'x' in column 'close' is not a number"),
        ('{"date": "soon", "close": 1}\n', "line 1, column 'date': time='soon' must be ISO 8601"),
        ('{"day": 5, "close": 1}\n', "no column is named date"),
        ('{"date": "2020-01-01", "close": 1, "close": 2}\n', "line 1: .*the name 'close' occurs twice"),
        (
            '{"date": "2020-01-01", "close": 1}\n\n{"date": "2020-01-02", "Close": 2}\n',
            "line 3: it has 'Close', and line 1 has 'close': spell the name in one way",
        ),
        (
            '{"date": "2020-01-01", "close": 1, "Close": 1}\n{"date": "2020-01-02", "Close": 2}\n',
            "line 2: it has 'Close', and line 1 has 'close' and 'Close': spell the name in one way",
        ),
        (
            '{"date": "2020-01-01", "close": 1, "symbol": [1]}\n',
            "line 1: the symbol [1] is not a name: give text or a number",
        ),
    ],
)
def test_bad_json_lines(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(text)
    with pytest.raises(ValueError, match=words.replace("[", r"\[")):
        read_prices(path)


@pytest.mark.parametrize("value", ["false", "[]", "{}", "[NaN]"])
def test_what_is_no_price_among_text(value: str, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(f'{{"date": "2020-01-01", "close": "1"}}\n{{"date": "2020-01-02", "close": {value}}}\n')
    with pytest.raises(ValueError, match=r"line 2: .* in column 'close' is not a number"):
        read_prices(path)


def test_nought_among_text_is_a_bad_price_and_not_missing(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"date": "2020-01-01", "close": "1"}\n{"date": "2020-01-02", "close": 0}\n')
    prices = read_prices(path)
    assert prices.series.tolist() == [1.0, 0.0]
    with pytest.raises(PriceError) as error:
        compute_atc_signals(prices.series, moving_averages=("EMA",))
    assert prices.located(error.value).startswith("line 2: ")


DECIMALS = [Decimal("0.1"), None, Decimal("2.30")]


@pytest.mark.parametrize("ending", ["parquet", "feather"])
@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pa.array(["0.1", None, "2.30"]), [0.1, np.nan, 2.3]),
        (pa.array(["0.1", "", "2.30"], pa.large_string()), [0.1, np.nan, 2.3]),
        (pa.array([0.1, None, 2.3]).dictionary_encode(), [0.1, np.nan, 2.3]),
        (pa.array(["0.1", None, "2.30"]).dictionary_encode(), [0.1, np.nan, 2.3]),
        (pa.array(DECIMALS), [0.1, np.nan, 2.3]),
        (pa.array(DECIMALS, pa.decimal256(40, 20)), [0.1, np.nan, 2.3]),
        (pa.array([True, None, False]), "row 0: True in column 'close' is not a number"),
        (pa.array([[np.nan], [], [1.0]]), r"row 0: array\(\[nan\]\) in column 'close' is not a number"),
        (pa.array([1, 2, 3], pa.duration("s")), "row 0: Timedelta.* in column 'close' is not a number"),
    ],
    ids=str,
)
def test_types_of_arrow(column: pa.Array, expected: list[float] | str, ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"x.{ending}"
    table = pa.table({"date": pa.array(pd.date_range("2020-01-01", periods=3)), "close": column})
    (parquet.write_table if ending == "parquet" else feather.write_feather)(table, str(path))
    if isinstance(expected, str):
        with pytest.raises(ValueError, match=expected):
            read_prices(path)
    else:
        assert np.array_equal(read_prices(path).series, expected, equal_nan=True)


def test_headers(tmp_path: Path) -> None:
    """A column without a name counts for nothing; of two names that fit, the exact one is taken, or none."""
    path = tmp_path / "x.csv"
    for header, row in (("date,close,", "2020-01-01,1,"), (",date,Close,close,", "7,2020-01-01,9,1,8")):
        path.write_text(f"\ufeff{header}\n{row}\n", encoding="utf-8")
        assert read_prices(path).series.tolist() == [1.0]
    for header in ("date,close,close", "date,Close,CLOSE"):
        path.write_text(f"{header}\n2020-01-01,1,2\n")
        with pytest.raises(ValueError, match="2 columns are named 'close'"):
            read_prices(path)
