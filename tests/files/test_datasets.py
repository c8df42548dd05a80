"""The shipped prices: unchanged, whole, tidy."""

import hashlib
import lzma
from pathlib import Path

import numpy as np
import pandas as pd
from support.golden import golden

from atc_cy import datasets
from atc_cy.datasets import load_ecb_fx, load_stocks


def test_ecb_is_verbatim() -> None:
    text = lzma.decompress((Path(datasets.__file__).parent / "eurofxref-hist.csv.xz").read_bytes())
    digest = "7ae8526817cea5c7374478a5a8d66eb1355c51b6775e161aa239bf46a48f554e"
    assert hashlib.sha256(text).hexdigest() == digest


def test_ecb() -> None:
    rates = load_ecb_fx()
    assert list(rates.columns) == ["symbol", "date", "close"]
    assert rates["symbol"].nunique() == 41
    assert rates["date"].min() == pd.Timestamp("1999-01-04")
    assert rates["date"].max() == pd.Timestamp("2026-10-30")
    assert (rates["close"] > 0).all()
    assert rates.equals(rates.sort_values(["symbol", "date"], ignore_index=True))
    for symbol, case in (("USD", "usd_default"), ("ISK", "isk_gap_compacted"), ("TRY", "try_inflation")):
        assert np.array_equal(rates.loc[rates["symbol"] == symbol, "close"], golden(case).close)


def test_stocks() -> None:
    prices = load_stocks()
    expected = ["symbol", "date", "open", "high", "low", "close", "volume", "adj_close"]
    assert list(prices.columns) == expected
    assert sorted(prices["symbol"].unique()) == ["AAPL", "FB", "GOOG", "IBM", "MSFT"]
    assert (prices["adj_close"] > 0).all()
    assert not prices.duplicated(["symbol", "date"]).any()


def test_the_sources_are_named() -> None:
    notice = (Path(datasets.__file__).parent / "NOTICE").read_text()
    assert "Source: ECB statistics" in notice
    assert "Quandl WIKI" in notice
