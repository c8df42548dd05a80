"""What a source of candles is: it lists symbols, and gives the candles of each."""

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
"""Milliseconds for which a candle is still open after its end: its last trades may not be counted yet."""

FIRST_DELAY, LONGEST_DELAY = 1.0, 60.0
"""Seconds of the back-off after the first error, and of the longest one; it doubles in between."""


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
    """Why no more of them came; None: these are all."""


class Source(ABC):
    """Candles of one length, of an exchange or the like. It is closed when its block ends.

    Attributes
    ----------
    name, timeframe
        As the user gave them.
    length
        Milliseconds of a candle.
    at_once
        How many symbols are asked for side by side.
    earlier_step
        Candles that are asked for at once where those before the ones that are kept are wanted.
    throttled, transient, unknown, errors
        Errors by which the source asks for fewer questions, those that another try may remove, those that say
        that it has no such symbol, and all that it raises about a symbol.
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
        # Not Windows' default loop, with which aiohttp cannot look up names by aiodns, as ccxt has it do.
        self._runner = asyncio.Runner(loop_factory=asyncio.SelectorEventLoop)

    @abstractmethod
    async def symbols(self, quote: str | None, top: int | None) -> list[str]:
        """The symbols that are traded.

        Parameters
        ----------
        quote
            The currency they are paid in; None for any.
        top
            Only so many, those with the largest volume of the last day first.

        Raises
        ------
        ValueError
            There are none.
        """

    @abstractmethod
    def pages(self, symbol: str, since: int, until: int) -> AsyncGenerator[list[Candle], None]:
        """All candles that start from one moment to another, oldest first, a request at a time.

        No candle comes twice. A page that would be empty is left out.

        Raises
        ------
        ValueError
            What was given cannot be right: two candles of one time, say.
        """

    @abstractmethod
    async def clock(self) -> int:
        """The time in milliseconds since 1970, by the source's own clock if it gives it."""

    async def prepare(self, *, again: bool = False) -> None:  # noqa: B027 - not every source has something to do
        """Load what all requests need; again: also if it is there, as it may have changed."""

    def begin(self, now: int, history: int) -> int:
        """From when to ask for so many candles, the open one among them."""
        return max(now - now % self.length - (history - 1) * self.length, 0)

    def is_closed(self, candle: Candle, now: int) -> bool:
        """Whether a candle has ended, and will not change any more."""
        return candle.start + self.length + SETTLING <= now

    def nearest(self, symbol: str) -> str | None:  # noqa: ARG002 - not every source knows its symbols
        """The symbol that may have been meant by one that the source does not have, if it knows."""
        return None

    def is_listed(self, symbol: str) -> bool:  # noqa: ARG002 - not every source knows its symbols
        """Whether the source may have a symbol, as far as it has listed them."""
        return True

    def problem(self, symbol: str, error: Exception) -> str:
        """Why a symbol is not available, and what to do."""
        advice = "run this again later"
        if not isinstance(error, self.transient):
            near = self.nearest(symbol)
            advice = "leave it out, if it is not traded there any more"
            advice = advice if near is None else f"did you mean {near!r}? Else {advice}"
        return f"{self.name}: {text_of(error)}; {advice}"

    def wanted_pause(self) -> float:
        """Seconds for which the source, in its last answer, asked to be left alone."""
        return 0.0

    def now(self) -> int:
        """As `clock`, for those who do not wait for several things."""
        return self.run(self.clock())

    def list(self, quote: str | None = None, top: int | None = None) -> list[str]:
        """As `symbols`, for those who do not wait for several things."""
        return self.run(self.symbols(quote, top))

    def several(self, begins: Mapping[str, int], now: int) -> Generator[Came]:
        """The candles of several symbols, each from a time on; some are asked for side by side.

        Each symbol comes once, as soon as its candles are there. What is still asked for when the iterator is
        closed is given up.
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
        except ValueError as error:  # what came cannot be right
            return Came(symbol, candles, error)
        return Came(symbol, candles, None)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do what waits for requests. Ctrl-C cancels it."""
        return self._runner.run(work)

    def close(self) -> None:
        """Give up the connections."""
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
    """An error on one line, with its kind: libraries of exchanges put the answer of the server into it."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text if len(text) <= 200 else text[:197] + '...'}"


def back_off(failures: int, wanted: float) -> float:
    """Seconds to wait after an error.

    failures: how many tries before it failed in a row. wanted: what the source asked for, at least.
    """
    pause = min(LONGEST_DELAY, FIRST_DELAY * 2.0 ** min(failures, 10))
    return max(pause * random.uniform(0.5, 1.0), wanted)


def checked(name: str, symbol: str, candles: Sequence[Candle], length: int) -> list[Candle]:
    """The candles in the order of their times, each once.

    Raises
    ------
    ValueError
        Two of one time differ, or two are nearer than a candle is long.
    """
    by_start: dict[int, Candle] = {}
    for candle in candles:
        if by_start.setdefault(candle.start, candle) != candle:
            raise ValueError(f"{name} gave two candles of {symbol} at {iso(candle.start)} that differ")
    ordered = [by_start[start] for start in sorted(by_start)]
    for before, candle in pairwise(ordered):
        if candle.start - before.start < length:
            raise ValueError(
                f"{name} gave candles of {symbol} at {iso(before.start)} and {iso(candle.start)}, "
                f"which are nearer than {length / 60_000:g} minutes"
            )
    return ordered


def local_clock() -> int:
    """The time of this machine in milliseconds since 1970."""
    return time.time_ns() // 1_000_000
