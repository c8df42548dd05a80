"""Commands read and write each format, and freqtrade's folders, by the endings of names."""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from support.commands import atc_cy, rows_of
from support.price_files import CLOSE, FRAME, write, write_csv

from atc_cy import ATCConfig, compute_atc_signals
from atc_cy.files.freqtrade import freqtrade_path


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
    assert {row["symbol"] for row in rows_of(atc_cy("scan", *common).stdout)} == {
        "BTC_USDT-1h",
        "ETH_USDT_USDT-1h",
    }
    (row,) = rows_of(atc_cy("scan", *common, "-p", "BTC/USDT").stdout)
    assert float(row["Average_Signal"]) == compute_atc_signals(CLOSE)["Average_Signal"].iloc[-1]
    text = atc_cy("compute", "--datadir", tmp_path, "-t", "1h", "-p", "BTC/USDT", "-o", "-").stdout
    assert len(rows_of(text)) == 500
    assert "did you mean 'BTC_USDT-1h'" in atc_cy("scan", *common, "-p", "BTC/USD", code=1).stderr
    for command in (("scan",), ("sweep", "-g", "La=0")):  # one that is missing leaves the others
        done = atc_cy(*command, *common, "-p", "BTC/USDT", "NO/SUCH", code=3)
        assert "NO_SUCH-1h.feather: no such file or directory" in done.stderr
        assert [row["symbol"] for row in rows_of(done.stdout)] == ["BTC_USDT-1h"]
    assert "has no *-4h.feather" in atc_cy("scan", "--datadir", tmp_path, "-t", "4h", code=1).stderr
    for arguments, words in [
        (("scan", "-p", "BTC/USDT"), "--pairs needs --datadir"),
        (("scan", "--datadir", tmp_path), "needs --timeframe"),
        (("scan", tmp_path / "x.csv", "--datadir", tmp_path, "-t", "1h"), "takes the place of FILE"),
        (("compute", "-o", "-"), "give one FILE, or one pair, not 0"),
    ]:
        assert words in atc_cy(*arguments, code=2).stderr
