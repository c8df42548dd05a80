"""The candles of an exchange, through ccxt.

`ATC_CY_EXCHANGE_URL`, if it is set, is the scheme and host that speaks the exchange's API in its place: a
proxy's, say, or a test's.
"""

import importlib
import os
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ..text import suggestion

PAGE = 100
"""Candles that are asked for at once: what nearly every exchange gives."""


class Candle(NamedTuple):
    """One candle of an exchange."""

    start: int
    """In milliseconds since 1970."""
    close: float


class Exchange:
    """An exchange's candles of one length.

    Parameters
    ----------
    name
        As ccxt spells it: "binance".
    timeframe
        As ccxt spells it: "1m", "4h", "1d".

    Raises
    ------
    ImportError
        ccxt is not installed.
    ValueError
        An unknown exchange, or one that has no such candles.
    """

    def __init__(self, name: str, timeframe: str) -> None:
        try:
            ccxt: Any = importlib.import_module("ccxt")
        except ModuleNotFoundError:
            raise ImportError("--exchange needs ccxt: pip install 'atc_cy[live]'") from None
        if name not in ccxt.exchanges:
            raise ValueError(f"--exchange {name!r} is unknown; {suggestion(name, ccxt.exchanges)}")
        self.refusals: tuple[type[Exception], ...] = (
            ccxt.AuthenticationError,
            ccxt.ArgumentsRequired,
            ccxt.BadRequest,
            ccxt.NotSupported,
        )
        """Errors that no second try mends: an unknown symbol, say."""
        self.errors: type[Exception] = ccxt.BaseError
        self._ccxt: Any = getattr(ccxt, name)({"enableRateLimit": True})
        timeframes = self._ccxt.timeframes or {}
        if timeframe not in timeframes:
            raise ValueError(f"--timeframe {timeframe!r} is none of {name}'s: {', '.join(timeframes)}")
        if timeframe[-1] in "My":
            raise ValueError(f"--timeframe {timeframe!r}: its candles differ in length; give weeks or less")
        url = os.environ.get("ATC_CY_EXCHANGE_URL")
        if url:
            self._ccxt.urls["api"] = _moved(self._ccxt.urls["api"], url)
        self.name = name
        self.timeframe = timeframe
        self.length: int = self._ccxt.parse_timeframe(timeframe) * 1_000
        """Milliseconds of a candle."""

    def now(self) -> int:
        """The time in milliseconds since 1970, by the exchange's own clock if it gives it."""
        has_clock = self._ccxt.has.get("fetchTime")
        moment: int = self._ccxt.fetch_time() if has_clock else self._ccxt.milliseconds()
        return moment

    def candles(self, symbol: str, since: int, now: int) -> Iterator[Candle]:
        """All candles from `since` on, oldest first, as one request after the other gives them."""
        while since <= now:
            rows = self._ccxt.fetch_ohlcv(symbol, self.timeframe, since, PAGE)
            closes = {row[0]: row[4] for row in rows if row[0] >= since}
            for start in sorted(closes):
                if closes[start]:  # None or 0 where nothing was traded
                    yield Candle(start, float(closes[start]))
            # Nothing may mean that there is nothing in the time of this one page.
            since = max(closes) + self.length if closes else since + PAGE * self.length

    def wanted_pause(self) -> float:
        """Seconds for which the exchange, in its last answer, asked to be left alone."""
        headers = self._ccxt.last_response_headers or {}
        asked = str(headers.get("Retry-After", ""))
        return float(asked) if asked.isdecimal() else 0.0

    def iso(self, moment: int) -> str:
        """A time as text."""
        text: str = self._ccxt.iso8601(moment)
        return text


def _moved(urls: Any, host: str) -> Any:
    """The same URLs at another host."""
    if isinstance(urls, dict):
        return {name: _moved(url, host) for name, url in urls.items()}
    if isinstance(urls, list):
        return [_moved(url, host) for url in urls]
    return host.rstrip("/") + urlsplit(urls).path
