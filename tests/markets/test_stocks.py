"""`--exchange yahoo`, behind a stand-in for the part of yfinance that is used.

Its tables have the form that yfinance documents. They are made here, and were not recorded from Yahoo.
"""

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from support.exchange import walk

import atc_cy.markets.stocks
from atc_cy import compute_atc_signals
from atc_cy.cli import main
from atc_cy.datasets import load_stocks
from atc_cy.files.times import instant
from atc_cy.markets.fetch import Fetched, fetch, list_symbols
from atc_cy.markets.folder import Folder
from atc_cy.markets.source import iso
from atc_cy.markets.stocks import Stocks

NEW_YORK, TOKYO = "America/New_York", "Asia/Tokyo"


class YFException(Exception):  # noqa: N818 - yfinance's name
    pass


class YFRateLimitError(YFException):
    pass


class YFPricesMissingError(YFException):
    pass


class Yahoo(ModuleType):
    """The part of yfinance that is used."""

    def __init__(self) -> None:
        super().__init__("yfinance")
        self.config = SimpleNamespace(debug=SimpleNamespace(hide_exceptions=True))
        self.tables: dict[str, pd.DataFrame] = {}
        self.asked: list[tuple[str, str, datetime]] = []
        self.errors: list[Exception] = []

    def Ticker(self, symbol: str) -> SimpleNamespace:  # noqa: N802 - yfinance's name
        def history(interval: str, start: datetime, auto_adjust: bool, actions: bool) -> pd.DataFrame:
            assert not auto_adjust
            assert not actions
            assert not self.config.debug.hide_exceptions
            self.asked.append((symbol, interval, start))
            if self.errors:
                raise self.errors.pop()
            if symbol not in self.tables:
                raise YFPricesMissingError(f"${symbol}: possibly delisted; no timezone found")
            table = self.tables[symbol]
            return table[table.index >= pd.Timestamp(start)]

        return SimpleNamespace(history=history)

    def screen(self, query: str, count: int) -> dict[str, Any]:
        assert query == "most_actives"
        return {"quotes": [{"symbol": symbol, "regularMarketVolume": 1} for symbol in self.tables][:count]}


def table_of(index: pd.DatetimeIndex, closes: Sequence[float]) -> pd.DataFrame:
    """A table of the form that yfinance's has: its columns, its index in the zone of the stock exchange."""
    values = np.asarray(closes, np.float64)
    columns = {"Open": values, "High": values + 1, "Low": values - 1, "Close": values}
    return pd.DataFrame({**columns, "Adj Close": values * 0.99, "Volume": 1_000}, index.rename("Date"))


def shipped_days() -> pd.DataFrame:
    """Real closes of a stock, those that the package has, on other days."""
    prices = load_stocks()
    closes = prices.loc[prices["symbol"] == prices["symbol"].iloc[0], "close"].to_numpy()
    days = pd.bdate_range("2024-01-02", "2024-06-14").tz_localize(NEW_YORK)
    return table_of(days, closes[: len(days)])


def made_up(index: pd.DatetimeIndex) -> pd.DataFrame:
    return table_of(index, walk(7, len(index)))


def made_up_days() -> pd.DataFrame:
    """East of UTC, with a day on which nothing was traded: yfinance has NaN there."""
    table = made_up(pd.bdate_range("2024-01-02", "2024-06-14").tz_localize(TOKYO))
    table.iloc[80, :5] = np.nan
    return table


def made_up_hours() -> pd.DataFrame:
    """From half past nine on; the last row is the latest trade, at its own time."""
    days = pd.bdate_range("2024-06-03", "2024-06-14")
    hours = [day + pd.Timedelta(hours=9.5 + hour) for day in days for hour in range(7)]
    index = pd.DatetimeIndex(hours).tz_localize(NEW_YORK)
    now = pd.Timestamp("2024-06-14 15:00", tz="UTC").tz_convert(NEW_YORK)
    return made_up(index[index < now].append(pd.DatetimeIndex([now - pd.Timedelta(seconds=7)])))


@pytest.fixture
def yahoo(cache: Path, monkeypatch: pytest.MonkeyPatch) -> Yahoo:
    module = Yahoo()
    exceptions = ModuleType("yfinance.exceptions")
    for error in (YFException, YFRateLimitError):
        setattr(exceptions, error.__name__, error)
    monkeypatch.setitem(sys.modules, "yfinance", module)
    monkeypatch.setitem(sys.modules, "yfinance.exceptions", exceptions)
    assert not cache.exists()
    module.tables = {
        "AAPL": shipped_days(),
        "7203.T": made_up_days(),
        "SPY": made_up_hours(),
    }
    at(monkeypatch, "2024-06-14 15:00Z")
    return module


def at(monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    monkeypatch.setattr(atc_cy.markets.stocks, "local_clock", lambda: instant(moment) // 1_000_000)


def fetched(path: Path, *symbols: str, timeframe: str = "1d", history: int = 50) -> Fetched:
    with Stocks(timeframe) as source:
        return fetch(source, symbols, Folder(path, "yahoo", timeframe, is_cache=True), history=history)


def days(result: Fetched, symbol: str) -> list[str]:
    return [iso(candle.start)[:10] for candle in result.candles[symbol]]


def test_days_are_those_of_the_stock_exchange(yahoo: Yahoo, tmp_path: Path) -> None:
    result = fetched(tmp_path, "AAPL", "7203.T")
    assert result.problems == {}
    for symbol in ("AAPL", "7203.T"):
        table = yahoo.tables[symbol]
        table = table[table["Close"].notna()].iloc[-50:]
        assert days(result, symbol) == [f"{day:%Y-%m-%d}" for day in table.index]
        assert [candle.close for candle in result.candles[symbol]] == table["Close"].tolist()
        assert all(candle.start % 86_400_000 == 0 for candle in result.candles[symbol])


def test_today_is_asked_for_again(yahoo: Yahoo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = fetched(tmp_path, "AAPL")
    assert days(result, "AAPL")[-1] == "2024-06-14"
    frame = pd.read_feather(tmp_path / "AAPL-1d.feather")
    assert f"{frame['date'].iloc[-1]:%Y-%m-%d}" == "2024-06-13"
    yahoo.tables["AAPL"].iloc[-1, :4] += 1.0
    at(monkeypatch, "2024-06-15 00:00:02Z")
    result = fetched(tmp_path, "AAPL")
    assert result.candles["AAPL"][-1].close == yahoo.tables["AAPL"]["Close"].iloc[-1]
    assert result.added == 1
    assert [f"{start:%Y-%m-%d}" for _, _, start in yahoo.asked[1:]] == ["2024-06-12"]


def test_a_split(yahoo: Yahoo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fetched(tmp_path, "AAPL")
    yahoo.tables["AAPL"].iloc[:, :4] /= 4
    at(monkeypatch, "2024-06-15 15:00Z")
    result = fetched(tmp_path, "AAPL")
    assert [candle.close for candle in result.candles["AAPL"]] == yahoo.tables["AAPL"]["Close"].tolist()[-50:]


def test_hours_are_in_utc(yahoo: Yahoo, tmp_path: Path) -> None:
    result = fetched(tmp_path, "SPY", timeframe="1h", history=20)
    table = yahoo.tables["SPY"].iloc[:-1]  # the last row is the latest trade
    starts = [candle.start for candle in result.candles["SPY"]]
    assert starts == [moment.value // 1_000_000 for moment in table.index[-20:]]
    assert {interval for _, interval, _ in yahoo.asked} == {"1h"}


def test_errors_are_waited_out_and_what_is_gone_is_named(yahoo: Yahoo, tmp_path: Path) -> None:
    yahoo.errors = [YFRateLimitError("Too Many Requests"), TimeoutError("timed out")]
    result = fetched(tmp_path, "AAPL", "GONE")
    assert [*result.candles] == ["AAPL"]
    assert result.problems == {
        "GONE": "yahoo: YFPricesMissingError: $GONE: possibly delisted; no timezone found; "
        "leave it out, if it is not traded there any more"
    }


def test_lists(yahoo: Yahoo) -> None:
    with Stocks("1d") as source:
        assert list_symbols(source, None, 2) == ["AAPL", "7203.T"]
        for quote, top, words in (("USD", 2, "--quote is not"), (None, None, "no list"), (None, 251, "250")):
            with pytest.raises(ValueError, match=words):
                list_symbols(source, quote, top)
    assert yahoo.config.debug.hide_exceptions
    with pytest.raises(
        ValueError, match=r"'4h' is not a timeframe of yahoo: give one of 1m, .*; --resample makes longer"
    ):
        Stocks("4h")


def test_scan(yahoo: Yahoo, capsys: pytest.CaptureFixture[str]) -> None:
    scan = ["scan", "--exchange", "yahoo", "-t", "1d", "--symbols", "AAPL", "--history", "50"]
    assert main([*scan, "--format", "csv"]) == 0
    last = capsys.readouterr().out.splitlines()[1].split(",")
    average = compute_atc_signals(yahoo.tables["AAPL"]["Close"].to_numpy()[-50:])["Average_Signal"].iloc[-1]
    assert last[:2] == ["AAPL", "2024-06-14"]
    assert np.isclose(float(last[3]), average, rtol=0, atol=0)
