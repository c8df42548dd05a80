"""The candles of an exchange, through ccxt.

If `ATC_CY_EXCHANGE_URL` is set, requests go to this scheme and host instead of the exchange's, for example to
a proxy or a test's server.
"""

from __future__ import annotations

import importlib
import math
import os
from collections.abc import AsyncGenerator
from typing import Any
from urllib.parse import urlsplit

from ..text import nearest, suggestion
from .source import Candle, Source, checked

TIMEOUT = 10_000
"""Milliseconds to wait for an answer."""

PAGE = 100
"""How many candles to ask for at once if ccxt does not know an exchange's limit: nearly all give as many."""


class Exchange(Source):
    """An exchange's candles of one length.

    Parameters
    ----------
    name
        The exchange's name in ccxt: "binance".
    timeframe
        The timeframe in ccxt's notation: "1m", "4h", "1d".

    Raises
    ------
    ImportError
        ccxt is not installed.
    ValueError
        The exchange is unknown, or has no such candles.
    """

    at_once = 16
    earlier_step = 1_000

    def __init__(self, name: str, timeframe: str) -> None:
        try:
            importlib.import_module("ccxt")
            ccxt: Any = importlib.import_module("ccxt.async_support")
        except ModuleNotFoundError:
            raise ImportError("--exchange needs ccxt: pip install 'atc_cy[live]'") from None
        if name not in ccxt.exchanges:
            raise ValueError(f"--exchange {name!r} is unknown; {suggestion(name, ccxt.exchanges)}")
        self.refusals: tuple[type[Exception], ...] = (
            ccxt.AuthenticationError,
            ccxt.ArgumentsRequired,
            ccxt.NotSupported,
        )
        """Errors about all symbols that another try does not solve."""
        self.unknown = (ccxt.BadRequest,)  # ccxt's error for a bad symbol derives from it
        self.throttled = (ccxt.DDoSProtection,)
        self.transient = (ccxt.NetworkError,)
        self.errors = (ccxt.BaseError,)
        self._ccxt: Any = getattr(ccxt, name)({"enableRateLimit": True, "timeout": TIMEOUT})
        timeframes = self._ccxt.timeframes or {}
        if timeframe not in timeframes:
            raise ValueError(
                f"--timeframe {timeframe!r} is not a timeframe of {name}: give one of {', '.join(timeframes)}"
            )
        if timeframe[-1] in "My":
            raise ValueError(f"--timeframe {timeframe!r}: its candles differ in length; give weeks or less")
        url = os.environ.get("ATC_CY_EXCHANGE_URL")
        if url:
            self._ccxt.urls["api"] = _moved(self._ccxt.urls["api"], url)
        self.name = name
        self.timeframe = timeframe
        self.length: int = self._ccxt.parse_timeframe(timeframe) * 1_000
        self._empty: dict[str, tuple[int, int]] = {}
        """The latest span of each symbol without a candle: it was asked for twice."""
        super().__init__()

    async def clock(self) -> int:
        has_clock = self._ccxt.has.get("fetchTime")
        moment: int = await self._ccxt.fetch_time() if has_clock else self._ccxt.milliseconds()
        return moment

    async def prepare(self, *, again: bool = False) -> None:
        await self._ccxt.load_markets(again)

    async def symbols(self, quote: str | None, top: int | None) -> list[str]:
        await self.prepare()
        markets = [market for market in self._ccxt.markets.values() if market.get("active") is not False]
        # Only spot markets, if the exchange has some: swaps would list the same coin a second time.
        kind = "spot" if any(market.get("spot") for market in markets) else "swap"
        quotes = {market["symbol"]: market["quote"] for market in markets if market.get(kind)}
        if quote is not None and quote not in quotes.values():
            raise ValueError(
                f"{self.name} has no {kind} market in {quote!r}; {suggestion(quote, set(quotes.values()))}"
            )
        found = sorted(symbol for symbol, paid in quotes.items() if quote in (None, paid))
        if top is None:
            return found
        if len({quotes[symbol] for symbol in found}) > 1:
            raise ValueError(
                f"--top-volume {top}: the volumes of {self.name}'s markets are in several currencies, which "
                "cannot be compared: give one as --quote"
            )
        volumes: dict[str, float] = {}
        if self._ccxt.has.get("fetchTickers"):
            tickers = await self._ccxt.fetch_tickers(params={} if kind == "spot" else {"type": kind})
            volumes = {symbol: _volume(tickers.get(symbol, {})) for symbol in found}
        if not any(volumes.values()):
            raise ValueError(
                f"{self.name} does not report the volumes of its markets: give --symbols instead of "
                "--top-volume"
            )
        return sorted(found, key=lambda symbol: (-volumes[symbol], symbol))[:top]

    async def pages(self, symbol: str, since: int, until: int) -> AsyncGenerator[list[Candle], None]:
        await self.prepare()
        largest = self._largest_page(symbol)
        while since <= until:
            limit = min(largest, (until - since) // self.length + 1)
            found = await self._page(symbol, since, until, limit)
            while found and self._is_unexplained(symbol, since, found[0].start):
                found = await self._with_earlier(symbol, since, found, largest)
            # An empty page only means that its span has no candle: later ones may follow.
            since = found[-1].start + self.length if found else since + limit * self.length
            traded = [candle for candle in found if candle.close > 0]  # a missing or zero close: no trade
            if traded:
                yield traded

    async def _with_earlier(self, symbol: str, since: int, found: list[Candle], largest: int) -> list[Candle]:
        """Ask for the candles before those that were found: the beginning of a page may be cut off."""
        first = found[0].start
        earlier = await self._page(symbol, since, first - 1, min(largest, -(-(first - since) // self.length)))
        if not earlier:
            self._empty[symbol] = (since, first)
        elif first - earlier[-1].start > self.length:
            return earlier  # the candles after these are asked for again
        return earlier + found

    def _largest_page(self, symbol: str) -> int:
        """How many candles of a symbol the exchange returns at once."""
        market = self._ccxt.market(symbol)
        features = (self._ccxt.features or {}).get(market["type"]) or {}
        if "fetchOHLCV" not in features:
            features = features.get("linear" if market.get("linear") else "inverse") or {}
        return (features.get("fetchOHLCV") or {}).get("limit") or PAGE

    async def _page(self, symbol: str, since: int, until: int, limit: int) -> list[Candle]:
        """The wanted candles that one request returns."""
        rows = await self._ccxt.fetch_ohlcv(symbol, self.timeframe, since, limit)
        candles = [
            Candle(row[0], *(math.nan if value is None else float(value) for value in row[1:6]))
            for row in rows
            if since <= row[0] <= until
        ]
        return checked(self.name, symbol, candles, self.length)

    def _is_unexplained(self, symbol: str, since: int, first: int) -> bool:
        """Whether candles may be missing between the requested time and the first candle."""
        begin, end = self._empty.get(symbol, (0, 0))
        return first - since >= self.length and not (begin <= since and first <= end)

    def nearest(self, symbol: str) -> str | None:
        markets = self._ccxt.markets
        return None if symbol in markets else nearest(symbol, markets)

    def is_listed(self, symbol: str) -> bool:
        return symbol in (self._ccxt.markets or (symbol,))

    def wanted_pause(self) -> float:
        headers = self._ccxt.last_response_headers or {}
        asked = str(headers.get("Retry-After", ""))
        return float(asked) if asked.isdecimal() else 0.0

    def close(self) -> None:
        self.run(self._ccxt.close())
        super().close()


def _volume(ticker: dict[str, Any]) -> float:
    """The volume of the last day in the quote currency; 0 if it is not known."""
    if ticker.get("quoteVolume") is not None:
        return float(ticker["quoteVolume"])
    return float(ticker.get("baseVolume") or 0.0) * float(ticker.get("last") or 0.0)


def _moved(urls: Any, host: str) -> Any:
    """The same URLs at another host."""
    if isinstance(urls, dict):
        return {name: _moved(url, host) for name, url in urls.items()}
    if isinstance(urls, list):
        return [_moved(url, host) for url in urls]
    return host.rstrip("/") + urlsplit(urls).path
