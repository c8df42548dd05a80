"""`atc-cy watch --exchange`: polls the candles of an exchange, and passes them one by one to a watch.

Only a candle that has ended changes a symbol's stream. Each poll asks for all candles since the symbol's last
one, so the watch catches up after any interruption; requests that failed are repeated. A symbol that the
exchange does not have is refused at the first poll. Later it is set aside, so that the others go on.
"""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from itertools import count
from typing import NamedTuple

from ..engine.direction import DIRECTIONS
from ..errors import PriceError
from ..files.columns import SOURCES
from ..markets.exchange import Exchange
from ..markets.source import SETTLING, Came, Candle, back_off, iso, text_of
from .bars import Bar, Preview
from .reports import Report, info
from .sources import source_of
from .state import Followed
from .stop import Stop
from .watch import Watch

OVERLAP = 10
"""How many candles are asked for again, to see whether one came late or was changed."""


ASIDE = 3_600_000
"""Milliseconds until a symbol that was set aside is asked for again; at least the length of a candle."""
LOOK_AGAIN = 60.0
"""The most seconds until a candle is asked for again that a poll should have returned."""


class _Turn(NamedTuple):
    """The outcome of one poll."""

    left: list[str]
    """Symbols to ask for again before the others."""
    problem: str = ""
    """Why; empty if they only lack the candle that has just ended."""
    throttled: bool = False
    """Whether the exchange must be left alone for a while."""
    unanswered: bool = False
    """Whether the exchange did not answer at all."""


class Poll:
    """Polls symbols of an exchange for a watch.

    Parameters
    ----------
    watch, exchange, symbols
        The watch that takes the candles, and what is polled; symbols as ccxt spells them: "BTC/USDT".
    history
        How many timeframes ago a new symbol begins; events up to now are not reported.
    show
        Called with the preview of each open candle; None to leave these out.
    stop
        Ends the polling.
    source
        What the averages run on: open, high, low or one of `SOURCES`; None for the close.
    keep_going
        Whether a symbol that the exchange does not have at the first poll is set aside rather than refused.
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
        keep_going: bool = False,
    ) -> None:
        self._source = None if source is None else (source, SOURCES.get(source, (source,)))
        self.watch, self.exchange, self.history, self.show, self.stop = watch, exchange, history, show, stop
        self.symbols = [*dict.fromkeys(symbols)]
        self.aside: dict[str, int] = {}
        """Symbols that the exchange did not have, and when to ask again, in milliseconds since 1970."""
        self._keep_going = keep_going
        self._begun = False
        """Whether the exchange has answered about symbols."""
        self._next = 0.0
        """When all symbols are asked for again, by the monotonic clock."""
        self._given: dict[str, dict[int, tuple[float, float]]] = {symbol: {} for symbol in symbols}
        """Close and src of each symbol's latest ended candles, as the exchange gave them last."""

    def run(self, *, every: float | None, polls: int | None) -> None:
        """Poll a number of times, or until the watch is stopped.

        Parameters
        ----------
        every
            Seconds from one poll to the next, besides the poll at each candle's end; None for only those.
        polls
            How many polls; None for no end.

        Raises
        ------
        ValueError
            At the first poll, the exchange does not have a symbol, or refuses all requests. After other
            errors, the poll is repeated.
        """
        self._report_others()
        failures = 0
        turn = _Turn([])
        self._next = 0.0
        for poll in count(1):
            if time.monotonic() >= self._next:
                turn = self._turn([*dict.fromkeys([*turn.left, *self.symbols])], every, look_again=True)
            else:
                turn = self._turn(turn.left, every, look_again=False)
            pause = self._next - time.monotonic()
            if turn.problem:
                waits = back_off(failures, self.exchange.wanted_pause())
                pause = waits if turn.throttled else min(waits, max(pause, 0.0))
                failures += 1
            else:
                failures = 0
                if turn.left:
                    pause = min(pause, LOOK_AGAIN, self.exchange.length / 10_000)
            self._note(turn, pause)
            if turn.problem and poll == polls:
                self.watch.fail(turn.problem)
            elif turn.problem:
                self.watch.report(f"{turn.problem}; trying again in {pause:.1f} seconds")
            if poll == polls:
                return
            self.stop.wait(max(pause, 0.0))
            if self.stop.signal:
                return

    def _note(self, turn: _Turn, pause: float) -> None:
        """Note how a poll went, and save the state."""
        watch, now = self.watch, time.time()
        watch.polls += 1
        watch.failed_polls += bool(turn.problem)
        watch.last_poll = watch.last_poll if turn.unanswered else now
        watch.next_poll = now + max(pause, 0.0)
        watch.save()

    def _report_others(self) -> None:
        """Report symbols of the state that are not followed any more."""
        others = [symbol for symbol in self.watch.symbols if symbol not in self._given]
        if others:
            named = ", ".join(others[:5]) + (", …" if len(others) > 5 else "")
            self.watch.report(f"{len(others)} symbols of the state are not followed any more: {named}")

    def _turn(self, due: list[str], every: float | None, *, look_again: bool) -> _Turn:
        """Ask for the candles of these symbols.

        look_again: whether to ask again for symbols whose latest candle has not come yet.
        """
        begun = time.monotonic()
        exchange = self.exchange
        try:
            now = exchange.now()
            back = {symbol for symbol in due if self.aside.get(symbol, now) < now}
            exchange.run(exchange.prepare(again=bool(back)))
        except exchange.errors as error:
            problem = f"{exchange.name}: {text_of(error)}"
            if isinstance(error, exchange.refusals) and not self._begun:
                raise ValueError(problem) from None
            return _Turn(due, problem, throttled=True, unanswered=True)
        to_end = exchange.length - (now - SETTLING) % exchange.length
        if time.monotonic() >= self._next:
            self._next = begun + min(to_end / 1_000, math.inf if every is None else every)
        wanted = [symbol for symbol in due if symbol in back or symbol not in self.aside]
        if not self._begun:
            self._refuse({symbol: "" for symbol in wanted if not exchange.is_listed(symbol)})
        turn = self._ask(wanted, now)
        self._begun = True
        if look_again and every is None and not turn.left:
            newest = (now - SETTLING) // exchange.length * exchange.length - exchange.length
            late = [symbol for symbol in wanted if self._last(symbol, newest) < newest]
            turn = turn._replace(left=late)
        return turn

    def _ask(self, wanted: list[str], now: int) -> _Turn:
        """Take the candles of symbols as they come."""
        exchange = self.exchange
        left = dict.fromkeys(wanted)
        errors: dict[str, Exception] = {}
        refused: dict[str, str] = {}
        throttled = False
        in_a_row = 0
        begins = {symbol: self._since(symbol, now) for symbol in wanted}
        with closing(exchange.several(begins, now)) as coming:
            for came in coming:
                if self.stop.signal:
                    break
                del left[came.symbol]
                self._take(came, now)
                if came.error is None:
                    self._comes_again(came.symbol)
                    in_a_row = 0
                elif isinstance(came.error, exchange.unknown):
                    refused[came.symbol] = text_of(came.error)
                else:
                    errors[came.symbol] = came.error
                    in_a_row += 1
                    throttled = isinstance(came.error, exchange.throttled)
                    if throttled or in_a_row == exchange.at_once:
                        break
        refused = {symbol: refused[symbol] for symbol in wanted if symbol in refused}
        if not self._begun:
            self._refuse(refused)
        for symbol, problem in refused.items():
            self._set_aside(symbol, problem, now)
        problem = _named(exchange.name, errors) if errors else ""
        return _Turn([*left, *errors], problem, throttled)

    def _refuse(self, refused: dict[str, str]) -> None:
        """Refuse symbols at the first poll, unless the state has them: then the exchange had them once."""
        if self._keep_going:
            return
        named = []
        for symbol, why in refused.items():
            if symbol in self.watch.symbols:
                continue
            near = self.exchange.nearest(symbol)
            meant = f"did you mean {near!r}?" if near else why
            named.append(f"{symbol!r} ({meant})" if meant else repr(symbol))
        if named:
            raise ValueError(
                f"{self.exchange.name} has no candles of {', '.join(named)}: correct the name or "
                "leave it out, or give --keep-going to follow the others"
            )

    def _set_aside(self, symbol: str, problem: str, now: int) -> None:
        """Do not ask for a symbol for a while; this is reported once."""
        if symbol not in self.aside:
            self.watch.fail(
                f"{symbol}: {self.exchange.name}: {problem}: the symbol is set aside, and asked for again "
                "now and then",
                symbol,
            )
        self.aside[symbol] = now + max(ASIDE, self.exchange.length)

    def _comes_again(self, symbol: str) -> None:
        if self.aside.pop(symbol, None) is not None:
            self.watch.report(info(f"{symbol}: {self.exchange.name} has its candles again", symbol))

    def _last(self, symbol: str, default: int) -> int:
        """When a symbol's last candle begins, in milliseconds since 1970."""
        followed = self.watch.symbols.get(symbol)
        return default if followed is None else followed.instant // 1_000_000

    def _since(self, symbol: str, now: int) -> int:
        """The time from which a symbol's candles are asked for."""
        length = self.exchange.length
        if symbol in self.watch.symbols:
            return max(self._last(symbol, 0) - OVERLAP * length, 0)
        return max(now - now % length - self.history * length, 0)

    def _take(self, came: Came, now: int) -> None:
        """Take a symbol's candles, and show the open one."""
        symbol = came.symbol
        followed = self.watch.symbols.get(symbol)
        newest = now - self.exchange.length - SETTLING  # the newest candle that has ended
        try:
            if followed is not None:
                ongoing = self._catch_up(came, followed, newest)
            elif came.error is None:
                ongoing = self._begin(came, newest)
            else:
                return
        except PriceError as error:
            self.watch.fail(f"{symbol}: {error}", symbol)
            return
        if ongoing is not None and self.show is not None:
            self.show(self._preview(symbol, ongoing))

    def _begin(self, came: Came, newest: int) -> Candle | None:
        """Begin a symbol with its history; returns the open candle."""
        symbol, candles, _ = came
        ended = [candle for candle in candles if candle.start <= newest]
        if not ended:
            return None
        self.watch.begin([self._bar(symbol, candle) for candle in ended])
        self._given[symbol] = {candle.start: self._values(candle) for candle in ended[-2 * OVERLAP :]}
        self.watch.report(info(f"{symbol}: begins with {len(ended)} candles", symbol))
        return None if candles[-1] is ended[-1] else candles[-1]

    def _catch_up(self, came: Came, followed: Followed, newest: int) -> Candle | None:
        """Take all candles of a symbol since its last one; returns the open candle."""
        symbol, candles, _ = came
        length, given = self.exchange.length, self._given[symbol]
        last = followed.instant // 1_000_000
        compare = bool(given)  # with an earlier poll of this process
        ongoing = None
        for number, candle in enumerate(candles):
            if self.stop.signal:
                break
            bar = self._bar(symbol, candle)
            where = f"{symbol} {bar.time}"
            if number == 0 and candle.start > last:
                missed = f"the exchange no longer has the candles between {followed.time} and this one"
                self.watch.fail(f"{where}: {missed}", symbol)
            if candle.start > newest:
                ongoing = candle
                continue
            if candle.start > last:
                self.watch.take(bar)
            elif not compare and candle.start == last:
                self._compare(where, followed.stream.last_bar, candle)
            elif compare and candle.start not in given:
                self.watch.report(
                    Report(f"{where}: this candle came too late and is left out", symbol=symbol)
                )
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
        """The close, and the value that the averages run on."""
        if self._source is None:
            return candle.close, candle.close
        name, parts = self._source
        values = {part: float(getattr(candle, part)) for part in parts}
        return candle.close, values[name] if name in values else source_of(name, values)

    def _bar(self, symbol: str, candle: Candle) -> Bar:
        close, src = self._values(candle)
        separate = None if self._source is None else src
        return Bar(symbol, iso(candle.start), candle.start * 1_000_000, close, separate)

    def _preview(self, symbol: str, candle: Candle) -> Preview:
        bar = self._bar(symbol, candle)
        result = self.watch.symbols[symbol].stream.peek(bar.close, bar.src)
        direction = DIRECTIONS.get(result["direction"])
        return Preview(*bar[:4], result["Average_Signal"], direction, bool(result["event"]))


def _named(name: str, errors: Mapping[str, Exception]) -> str:
    """The message about symbols that failed: the first one's error, and how many others there are."""
    (symbol, error), *others = errors.items()
    more = f" and {len(others)} more symbol{'s' if len(others) > 1 else ''}" if others else ""
    return f"{name}: {text_of(error)} ({symbol}{more})"
