"""Files of prices in every format give the same numbers, and bad ones an error with its place."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support.price_files import CLOSE, DAYS, FRAME, write

from atc_cy import PriceError, compute_atc_signals
from atc_cy.files.prices import read_prices


@pytest.mark.parametrize("name", ["x.parquet", "x.feather", "x.jsonl", "x.NDJSON"])
def test_read(name: str, tmp_path: Path) -> None:
    prices = read_prices(write(tmp_path / name, FRAME))
    assert np.array_equal(prices.series, CLOSE)
    assert prices.series.index.equals(pd.DatetimeIndex(DAYS))
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
    assert read_prices(tmp_path / name).series.index.equals(pd.DatetimeIndex(DAYS))


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
        ('{"date": "2020-01-01", "close": 1}\n{"date": "2020-01-02"', "line 2: no valid JSON"),
        ("[1]\n", "line 1: give one JSON object a line"),
        ("", "there is no line with a price"),
        ('{"date": "2020-01-01", "close": "x"}\n', "line 1: 'x' in column 'close' is no number"),
        ('{"date": "soon", "close": 1}\n', "line 1, column 'date': time='soon' must be ISO 8601"),
        ('{"day": 5, "close": 1}\n', "no column is named date"),
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
    with pytest.raises(ValueError, match=r"line 2: .* in column 'close' is no number"):
        read_prices(path)


def test_nought_among_text_is_a_bad_price_and_not_missing(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"date": "2020-01-01", "close": "1"}\n{"date": "2020-01-02", "close": 0}\n')
    prices = read_prices(path)
    assert prices.series.tolist() == [1.0, 0.0]
    with pytest.raises(PriceError) as error:
        compute_atc_signals(prices.series, moving_averages=("EMA",))
    assert prices.located(error.value).startswith("line 2: ")
