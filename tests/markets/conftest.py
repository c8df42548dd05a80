"""What the tests of markets begin with."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.exchange import Binance, standing_in, walk

import atc_cy.markets.exchange
import atc_cy.markets.source

SYMBOLS = [f"C{number:02}/USDT" for number in range(12)]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache of this test, and waits that are short."""
    monkeypatch.setenv("ATC_CY_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(atc_cy.markets.source, "FIRST_DELAY", 0.01)
    return tmp_path / "cache"


@pytest.fixture
def binance(cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Binance]:
    """An exchange with twelve symbols, at candle 600."""
    closes = {symbol: walk(number, 700) for number, symbol in enumerate(SYMBOLS)} | {"C00/BTC": walk(99, 700)}
    assert not cache.exists()
    with standing_in(Binance(closes), monkeypatch) as server:
        monkeypatch.setattr(atc_cy.markets.exchange, "TIMEOUT", 2_000)
        server.at(600)
        yield server
