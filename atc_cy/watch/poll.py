"""`atc-cy watch --exchange`: the candles of an exchange are polled, one by one into a watch.

Only a candle that has ended moves a symbol's stream. Each poll asks for everything since the symbol's last
candle, so the watch catches up whatever kept it from polling; what did not come through is asked for again.
"""

import time
from collections import deque
from collections.abc import Callable, Sequence
from itertools import count

from ..engine.direction import DIRECTIONS
from ..errors import PriceError
from ..files.columns import SOURCES
from ..markets.exchange import Exchange
from ..markets.source import SETTLING, Candle, back_off, iso
from .bars import Bar, Preview
from .sources import source_of
from .state import Followed
from .stop import Stop
from .watch import Watch

OVERLAP = 10
"""Candles up to the last one that are asked for again, to see whether one came late or was changed."""


class Poll:
    """Symbols of an exchange, on their way into a watch.

    Parameters
    ----------
    watch, exchange, symbols
        What is polled, and where its candles go; symbols as ccxt spells them: "BTC/USDT".
    history
        How many timeframes ago a new symbol begins; events up to now are not reported.
    show
        Called with what each open candle would give; None to leave them out.
    stop
        What ends it.
    source
        What the averages run on: open, high, low or one of `SOURCES`; None: the close.
    """

    def __init__(
        self,
        watch: Watch,
        exchange: Exchange,
        symbols: Sequence[str],
        *,
        history: int,
        show: Callable[[Preview], None] | None,
        stop: Stop,
        source: str | None = None,
    ) -> None:
        self._source = None if source is None else (source, SOURCES.get(source, (source,)))
        self.watch, self.exchange, self.history, self.show, self.stop = watch, exchange, history, show, stop
        self.symbols = deque(dict.fromkeys(symbols))
        self._given: dict[str, dict[int, tuple[float, float]]] = {symbol: {} for symbol in symbols}
        """Close and src of each symbol's latest candles that have ended, as they were given last."""

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
                pause = back_off(failures, self.exchange.wanted_pause())
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

    def _advance(self, symbol: str, now: int) -> None:
        """Take a symbol's candles up to now, and show the open one."""
        followed = self.watch.symbols.get(symbol)
        newest = now - self.exchange.length - SETTLING  # of those that have ended
        if followed is None:
            ongoing = self._begin(symbol, now, newest)
        else:
            ongoing = self._catch_up(symbol, followed, now, newest)
        if ongoing is not None and self.show is not None:
            self.show(self._preview(symbol, ongoing))

    def _begin(self, symbol: str, now: int, newest: int) -> Candle | None:
        """Begin a symbol with its history; returns the open candle."""
        length = self.exchange.length
        since = now - now % length - self.history * length
        candles = [*self.exchange.candles(symbol, max(since, 0), now)]
        ended = [candle for candle in candles if candle.start <= newest]
        if not ended:
            return None
        self.watch.begin([self._bar(symbol, candle) for candle in ended])
        self._given[symbol] = {candle.start: self._values(candle) for candle in ended[-2 * OVERLAP :]}
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
                self._compare(where, followed.stream.last_bar, candle)
            elif compare and candle.start not in given:
                self.watch.report(f"{where}: this candle came too late and is left out")
            elif compare:
                self._compare(where, given[candle.start], candle)
            given[candle.start] = self._values(candle)
        oldest = max(given, default=0) - 2 * OVERLAP * length
        self._given[symbol] = {start: values for start, values in given.items() if start >= oldest}
        return ongoing

    def _compare(self, where: str, was: tuple[float, float], candle: Candle) -> None:
        """Report a candle that has changed since it was accepted."""
        for name, before, now in zip(("close", "source"), was, self._values(candle), strict=True):
            if now != before:
                self.watch.report(f"{where}: the {name} changed from {before!r} to {now!r}, too late")
                return

    def _values(self, candle: Candle) -> tuple[float, float]:
        """Close, and what the averages run on."""
        if self._source is None:
            return candle.close, candle.close
        name, parts = self._source
        values = {part: float(getattr(candle, part)) for part in parts}
        return candle.close, values[name] if name in values else source_of(name, values)

    def _bar(self, symbol: str, candle: Candle) -> Bar:
        close, src = self._values(candle)
        own = None if self._source is None else src
        return Bar(symbol, iso(candle.start), candle.start * 1_000_000, close, own)

    def _preview(self, symbol: str, candle: Candle) -> Preview:
        bar = self._bar(symbol, candle)
        result = self.watch.symbols[symbol].stream.peek(bar.close, bar.src)
        direction = DIRECTIONS.get(result["direction"])
        return Preview(*bar[:4], result["Average_Signal"], direction, bool(result["event"]))
