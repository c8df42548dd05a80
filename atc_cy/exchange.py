"""`atc-cy watch --exchange`: candles of an exchange, polled through ccxt.

Only a candle that has ended moves a symbol's stream. Each poll asks for everything since the symbol's last
candle, so whatever kept the watch from polling, it catches up; what did not come through is asked for again.

`ATC_CY_EXCHANGE_URL`, if it is set, is the scheme and host that speaks the exchange's API in its place: a
proxy's, say, or a test's.
"""

import importlib
import os
import random
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from .errors import PriceError
from .text import suggestion
from .watch import Bar, Followed, Stop, Watch

PAGE = 100
"""Candles that are asked for at once: what nearly every exchange gives."""

OVERLAP = 10
"""Candles up to the last one that are asked for again, to see whether one came late or was changed."""

SETTLING = 1_000
"""Milliseconds for which a candle is still open after its end: its last trades may not be counted yet."""

FIRST_DELAY, LONGEST_DELAY = 1.0, 60.0
"""Seconds of the back-off after the first error, and of the longest one; it doubles in between."""


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
        """The time in milliseconds since 1970, by the exchange's own clock if it tells."""
        tells = self._ccxt.has.get("fetchTime")
        moment: int = self._ccxt.fetch_time() if tells else self._ccxt.milliseconds()
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


class Poll:
    """Symbols of an exchange, on their way into a watch.

    Parameters
    ----------
    watch, exchange, symbols
        What is polled, and where its candles go; symbols as ccxt spells them: "BTC/USDT".
    history
        How many timeframes ago a symbol begins that the watch does not know; events up to now are not told.
    show
        Called with a line on each open candle; None to leave them out.
    stop
        What ends it.
    """

    def __init__(
        self,
        watch: Watch,
        exchange: Exchange,
        symbols: Sequence[str],
        *,
        history: int,
        show: Callable[[str], None] | None,
        stop: Stop,
    ) -> None:
        self.watch, self.exchange, self.history, self.show, self.stop = watch, exchange, history, show, stop
        self.symbols = deque(dict.fromkeys(symbols))
        self._given: dict[str, dict[int, float]] = {symbol: {} for symbol in symbols}
        """The close of each symbol's latest candles that have ended, as it was given last."""

    def run(self, *, every: float, polls: int | None) -> None:
        """Poll so many times, or until it is stopped.

        Parameters
        ----------
        every
            Seconds from one poll to the next; there is also one at the end of each candle.
        polls
            None for no end.

        Raises
        ------
        ValueError
            The exchange refuses, as for an unknown symbol; other errors are waited out.
        """
        failures = 0
        for poll in count(1):
            begun = time.monotonic()
            problem = None
            try:
                now = self.exchange.now()
                for _ in range(len(self.symbols)):
                    if self.stop.signal:
                        break
                    self.symbols.rotate(-1)  # before the requests: after an error it is the others' turn
                    try:
                        self._advance(self.symbols[-1], now)
                    except PriceError as error:
                        self.watch.fail(f"{self.symbols[-1]}: {error}")
            except self.exchange.refusals as error:
                raise ValueError(f"{self.exchange.name}: {type(error).__name__}: {error}") from None
            except self.exchange.errors as error:
                problem = f"{self.exchange.name}: {type(error).__name__}: {error}"
                pause = self._back_off(failures)
                failures += 1
            else:
                failures = 0
                to_end = self.exchange.length - (now - SETTLING) % self.exchange.length
                pause = min(every, to_end / 1_000 - (time.monotonic() - begun))
            self.watch.save()
            if problem and poll == polls:
                self.watch.fail(problem)
            elif problem:
                self.watch.report(f"{problem}; trying again in {pause:.1f} seconds")
            if poll == polls:
                return
            self.stop.wait(max(pause, 0.0))
            if self.stop.signal:
                return

    def _back_off(self, failures: int) -> float:
        """Seconds to wait after an error, when as many polls before it had failed in a row."""
        pause = min(LONGEST_DELAY, FIRST_DELAY * 2.0 ** min(failures, 10))
        return max(pause * random.uniform(0.5, 1.0), self.exchange.wanted_pause())

    def _advance(self, symbol: str, now: int) -> None:
        """Take a symbol's candles up to now, and show the open one."""
        followed = self.watch.symbols.get(symbol)
        newest = now - self.exchange.length - SETTLING  # of those that have ended
        if followed is None:
            ongoing = self._begin(symbol, now, newest)
        else:
            ongoing = self._catch_up(symbol, followed, now, newest)
        if ongoing is not None and self.show is not None:
            self.show(self._line(symbol, ongoing))

    def _begin(self, symbol: str, now: int, newest: int) -> Candle | None:
        """Begin a symbol with its history; returns the open candle."""
        length = self.exchange.length
        since = now - now % length - self.history * length
        candles = [*self.exchange.candles(symbol, max(since, 0), now)]
        ended = [candle for candle in candles if candle.start <= newest]
        if not ended:
            return None
        self.watch.begin([self._bar(symbol, candle) for candle in ended])
        self._given[symbol] = {candle.start: candle.close for candle in ended[-2 * OVERLAP :]}
        self.watch.report(f"{symbol}: begins with {len(ended)} candles")
        return None if candles[-1] is ended[-1] else candles[-1]

    def _catch_up(self, symbol: str, followed: Followed, now: int, newest: int) -> Candle | None:
        """Take all of a symbol's candles since its last one; returns the open candle."""
        length, given = self.exchange.length, self._given[symbol]
        last = followed.instant // 1_000_000
        compare = bool(given)  # with an earlier poll of this process
        ongoing = None
        candles = self.exchange.candles(symbol, max(last - OVERLAP * length, 0), now)
        for number, candle in enumerate(candles):
            if self.stop.signal:
                break
            bar = self._bar(symbol, candle)
            where = f"{symbol} {bar.time}"
            if number == 0 and candle.start > last:
                self.watch.fail(f"{where}: no candles are left between {followed.time} and this one")
            if candle.start > newest:
                ongoing = candle
                continue
            if candle.start > last:
                self.watch.take(bar)
            elif not compare and candle.start == last:
                self._compare(where, followed.stream.last_bar[0], candle)
            elif compare and candle.start not in given:
                self.watch.report(f"{where}: this candle came too late and is left out")
            elif compare:
                self._compare(where, given[candle.start], candle)
            given[candle.start] = candle.close
        oldest = max(given, default=0) - 2 * OVERLAP * length
        self._given[symbol] = {start: close for start, close in given.items() if start >= oldest}
        return ongoing

    def _compare(self, where: str, was: float, candle: Candle) -> None:
        """Report a candle that has changed since it was taken."""
        if candle.close != was:
            self.watch.report(f"{where}: the close changed from {was!r} to {candle.close!r}, too late")

    def _bar(self, symbol: str, candle: Candle) -> Bar:
        return Bar(symbol, self.exchange.iso(candle.start), candle.start * 1_000_000, candle.close, None)

    def _line(self, symbol: str, candle: Candle) -> str:
        """What would be if the open candle ended now."""
        result = self.watch.symbols[symbol].stream.peek(candle.close)
        direction = {1.0: "long", -1.0: "short"}.get(result["direction"], "no direction")
        turned = ", an event" if result["event"] else ""
        return (
            f"{symbol} {self.exchange.iso(candle.start)}: open at {candle.close:.10g}, "
            f"Average Signal {result['Average_Signal']:+.2f}, {direction}{turned}"
        )
