"""Files of prices in every format give the same numbers, and bad ones an error with its place."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from support.commands import atc_cy
from support.commands import rows_of as table
from support.price_files import CLOSE, DAYS, write_csv

from atc_cy import ATCConfig, compute_atc_signals
from atc_cy.files.prices import freqtrade_path, read_prices

FRAME = pd.DataFrame({"date": pd.to_datetime(DAYS), "open": CLOSE, "close": CLOSE})


def write(path: Path, frame: pd.DataFrame) -> Path:
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    elif path.suffix == ".feather":
        frame.to_feather(path)
    else:
        records = frame.astype({"date": str}).to_dict("records")
        path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


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
        ('{"date": "soon", "close": 1}\n', "line 1: time='soon' must be ISO 8601"),
        ('{"day": "2020-01-01", "close": 1}\n', "no column is named date"),
    ],
)
def test_bad_json_lines(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(text)
    with pytest.raises(ValueError, match=words.replace("[", r"\[")):
        read_prices(path)


def test_bad_rows_of_parquet(tmp_path: Path) -> None:
    done = atc_cy("scan", write(tmp_path / "x.parquet", FRAME.assign(close=-CLOSE)), code=1)
    assert "x.parquet: row 0: prices has -" in done.stderr
    (tmp_path / "y.parquet").write_bytes(b"no parquet")
    assert "y.parquet: " in atc_cy("scan", tmp_path / "y.parquet", code=1).stderr


@pytest.mark.parametrize("ending", [".csv", ".jsonl", ".parquet", ".feather"])
def test_compute_writes_by_ending(ending: str, tmp_path: Path) -> None:
    source, out = write_csv(tmp_path / "x.csv"), tmp_path / f"out{ending}"
    config = tmp_path / "config.toml"
    config.write_text(ATCConfig(moving_averages=("EMA",), ema_len=20).to_toml())
    atc_cy("compute", source, "--config", config, "-o", out)
    readers: dict[str, Any] = {
        ".csv": partial(pd.read_csv, dtype=str),
        ".parquet": pd.read_parquet,
        ".feather": pd.read_feather,
    }
    read = readers[ending](out) if ending in readers else pd.read_json(out, lines=True, precise_float=True)
    expected = compute_atc_signals(CLOSE, moving_averages=["EMA"], ema_len=20)
    assert list(read.columns) == ["date", "close", *expected, "direction", "event"]
    assert np.array_equal(read["EMA_S"].astype(float), expected["EMA_S"])
    assert {path.name for path in tmp_path.iterdir()} == {source.name, config.name, out.name}


def test_freqtrade(tmp_path: Path) -> None:
    candles = FRAME.assign(date=FRAME["date"].dt.tz_localize("UTC"), high=1.0, low=1.0, volume=0.0)
    for pair in ("BTC_USDT", "ETH_USDT_USDT"):
        candles.to_feather(tmp_path / f"{pair}-1h.feather")
    assert freqtrade_path(tmp_path, "ETH/USDT:USDT", "1h").name == "ETH_USDT_USDT-1h.feather"
    common = ("--datadir", tmp_path, "-t", "1h", "--format", "csv")
    assert {row["symbol"] for row in table(atc_cy("scan", *common).stdout)} == {
        "BTC_USDT-1h",
        "ETH_USDT_USDT-1h",
    }
    (row,) = table(atc_cy("scan", *common, "-p", "BTC/USDT").stdout)
    assert float(row["Average_Signal"]) == compute_atc_signals(CLOSE)["Average_Signal"].iloc[-1]
    text = atc_cy("compute", "--datadir", tmp_path, "-t", "1h", "-p", "BTC/USDT", "-o", "-").stdout
    assert len(table(text)) == 500
    assert "did you mean 'BTC_USDT-1h'" in atc_cy("scan", *common, "-p", "BTC/USD", code=1).stderr
    assert "has no *-4h.feather" in atc_cy("scan", "--datadir", tmp_path, "-t", "4h", code=1).stderr
    for arguments, words in [
        (("scan", "-p", "BTC/USDT"), "need --datadir"),
        (("scan", "--datadir", tmp_path), "needs --timeframe"),
        (("scan", tmp_path / "x.csv", "--datadir", tmp_path, "-t", "1h"), "takes the place of FILE"),
        (("compute", "-o", "-"), "give one FILE, or one pair, not 0"),
        (("scan", "--preset", "short", "--config", "x"), "not allowed with"),
    ]:
        assert words in atc_cy(*arguments, code=2).stderr
