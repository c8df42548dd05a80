"""The interface of a source of candles: it lists symbols, and returns the candles of each."""

from __future__ import annotations

import asyncio
import random
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncGenerator, Coroutine, Generator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeVar

T = TypeVar("T")

SETTLING = 1_000
"""Milliseconds after its end for which a candle counts as open: its last trades may not be counted yet."""

FIRST_DELAY, LONGEST_DELAY = 1.0, 60.0
"""The first and the longest pause after an error, in seconds; a pause is twice the one before."""


class Candle(NamedTuple):
    """One candle."""

    start: int
    """In milliseconds since 1970."""
    open: float
    high: float
    low: float
    close: float
    volume: float


class Came(NamedTuple):
    """The candles of a symbol, oldest first."""

    symbol: str
    candles: list[Candle]
    error: Exception | None
    """The error that kept further candles from coming; None if these are all."""


class Source(ABC):
    """Candles of one length, from an exchange or another source. It is closed when its ``with`` block ends.

    Attributes
    ----------
    name, timeframe
        As the user gave them.
    length
        The length of a candle in milliseconds.
    at_once
        How many symbols are asked for at the same time.
    earlier_step
        How many candles are asked for at once, if candles before those that are kept are wanted.
    throttled, transient, unknown, errors
        The errors by which the source asks for fewer requests; those that another try may solve; those that
        mean that it has no such symbol; and all errors about a symbol.
    """

    name: str
    timeframe: str
    length: int
    at_once: int
    earlier_step: int
    throttled: tuple[type[Exception], ...]
    transient: tuple[type[Exception], ...]
    unknown: tuple[type[Exception], ...] = ()
    errors: tuple[type[Exception], ...]

    def __init__(self) -> None:
        # On Windows, aiodns, which ccxt makes aiohttp use, does not work with the default loop.
        self._runner = asyncio.Runner(loop_factory=asyncio.SelectorEventLoop)

    @abstractmethod
    async def symbols(self, quote: str | None, top: int | None) -> list[str]:
        """The symbols that are traded.

        Parameters
        ----------
        quote
            The currency that they are quoted in; None for any.
        top
            How many to return, those with the largest volume of the last day first; None for all.

        Raises
        ------
        ValueError
            There are none.
        """

    @abstractmethod
    def pages(self, symbol: str, since: int, until: int) -> AsyncGenerator[list[Candle], None]:
        """All candles that start between two times, oldest first; each request is one page.

        No candle comes twice. An empty page is left out.

        Raises
        ------
        ValueError
            The source's answer cannot be right, for example if two candles have the same time.
        """

    @abstractmethod
    async def clock(self) -> int:
        """The time in milliseconds since 1970, by the clock of the source if it has one."""

    async def prepare(self, *, again: bool = False) -> None:  # noqa: B027 - not every source has something to do
        """Load what all requests need. again: whether to load it again, as it may have changed."""

    def begin(self, now: int, history: int) -> int:
        """The time from which to ask for this many candles, the open one included."""
        return max(now - now % self.length - (history - 1) * self.length, 0)

    def is_closed(self, candle: Candle, now: int) -> bool:
        """Whether a candle has ended, and will not change any more."""
        return candle.start + self.length + SETTLING <= now

    def nearest(self, symbol: str) -> str | None:  # noqa: ARG002 - not every source knows its symbols
        """The symbol that may have been meant by one that the source does not have; None if not known."""
        return None

    def is_listed(self, symbol: str) -> bool:  # noqa: ARG002 - not every source knows its symbols
        """Whether the source has listed a symbol; True if it does not list symbols."""
        return True

    def problem(self, symbol: str, error: Exception) -> str:
        """The message about a symbol that is not available, with a remedy."""
        advice = "run this again later"
        if not isinstance(error, self.transient):
            near = self.nearest(symbol)
            advice = "leave it out, if it is not traded there any more"
            advice = advice if near is None else f"did you mean {near!r}? Otherwise {advice}"
        return f"{self.name}: {text_of(error)}; {advice}"

    def wanted_pause(self) -> float:
        """How many seconds the source, in its last answer, asked to wait."""
        return 0.0

    def now(self) -> int:
        """What `clock` returns, for code that is not asynchronous."""
        return self.run(self.clock())

    def list(self, quote: str | None = None, top: int | None = None) -> list[str]:
        """What `symbols` returns, for code that is not asynchronous."""
        return self.run(self.symbols(quote, top))

    def several(self, begins: Mapping[str, int], now: int) -> Generator[Came]:
        """The candles of several symbols, each from a time on; some are asked for at the same time.

        Each symbol is yielded once, as soon as its candles have come. When the iterator is closed, requests
        that still run are cancelled.
        """
        waiting = deque(begins.items())
        running: set[asyncio.Task[Came]] = set()
        loop = self._runner.get_loop()
        try:
            while waiting or running:
                while waiting and len(running) < self.at_once:
                    running.add(loop.create_task(self._came(*waiting.popleft(), now)))
                first = asyncio.FIRST_COMPLETED
                done, running = self.run(asyncio.wait(running, return_when=first))
                yield from [task.result() for task in done]
        finally:
            for task in running:
                task.cancel()
            if running:
                self.run(asyncio.wait(running))

    async def _came(self, symbol: str, since: int, now: int) -> Came:
        candles: list[Candle] = []
        try:
            async for page in self.pages(symbol, since, now):
                candles += page
        except self.errors as error:
            return Came(symbol, candles, error)
        except ValueError as error:  # the answer cannot be right
            return Came(symbol, candles, error)
        return Came(symbol, candles, None)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run asynchronous work to its end. Ctrl-C cancels it."""
        return self._runner.run(work)

    def close(self) -> None:
        """Close the connections."""
        self._runner.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def iso(moment: int) -> str:
    """A time in milliseconds since 1970 as text.

    >>> iso(1_700_000_040_000)
    '2023-11-14T22:14:00.000Z'
    """
    return f"{datetime.fromtimestamp(moment / 1_000, UTC):%Y-%m-%dT%H:%M:%S}.{moment % 1_000:03d}Z"


def text_of(error: Exception) -> str:
    """An error on one line, with its type; libraries put the server's whole answer into their errors."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text if len(text) <= 200 else text[:197] + '...'}"


def back_off(failures: int, wanted: float) -> float:
    """Seconds to wait after an error.

    failures: how many tries before this one failed in a row. wanted: the least pause, as the source asked.
    """
    pause = min(LONGEST_DELAY, FIRST_DELAY * 2.0 ** min(failures, 10))
    return max(pause * random.uniform(0.5, 1.0), wanted)


def checked(name: str, symbol: str, candles: Sequence[Candle], length: int) -> list[Candle]:
    """The candles in the order of their times, each once.

    Raises
    ------
    ValueError
        Two candles of the same time differ, or two are closer together than a candle is long.
    """
    by_start: dict[int, Candle] = {}
    for candle in candles:
        if by_start.setdefault(candle.start, candle) != candle:
            raise ValueError(f"{name} returned two different candles of {symbol} at {iso(candle.start)}")
    ordered = [by_start[start] for start in sorted(by_start)]
    for before, candle in pairwise(ordered):
        if candle.start - before.start < length:
            raise ValueError(
                f"{name} returned candles of {symbol} at {iso(before.start)} and {iso(candle.start)}, "
                f"which are less than {length / 60_000:g} minutes apart"
            )
    return ordered


def local_clock() -> int:
    """The time of this machine in milliseconds since 1970."""
    return time.time_ns() // 1_000_000
