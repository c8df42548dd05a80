"""Candles of many symbols: those that a folder has, and the missing ones from the source.

The newest candle that is kept is asked for again. If it is still the same, the kept candles are continued. If
not, the source has changed its past, for example after a split, or no longer has the candles in between.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple, TypeVar

from .folder import Folder, Held
from .source import Candle, Source, back_off, iso, text_of

T = TypeVar("T")

RETRIES = 5
"""How often to try again before a symbol fails."""


class Fetched(NamedTuple):
    """The result of `fetch`."""

    candles: dict[str, list[Candle]]
    """The candles of each symbol that did not fail, in the requested order; the last one may be open."""
    problems: dict[str, str]
    """Why the other symbols failed."""
    notes: list[str]
    """What else the user should know."""
    now: int
    """The time of the request, by the clock of the source, in milliseconds since 1970."""
    added: int
    """How many candles the folder did not have before."""


def fetch(
    source: Source,
    symbols: Sequence[str],
    folder: Folder,
    *,
    history: int,
    first: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Fetched:
    """Bring the candles of symbols up to date.

    Candles that have closed are kept in the folder, as soon as those of a symbol have come. If this is
    stopped, for example by Ctrl-C, the candles that have come so far are kept too.

    Parameters
    ----------
    source, symbols, folder
        The source that is asked, the symbols, and the folder of the candles that exist already.
    history
        How many candles of each symbol are wanted, the open one included.
    first
        The earliest start of a candle instead, in milliseconds since 1970.
    progress
        Called with the number of symbols that are done and the number of all symbols.

    Raises
    ------
    ValueError
        Two symbols would have the same file.
    ConnectionError
        The source cannot be reached at all.
    """
    symbols = list(dict.fromkeys(symbols))
    folder.check_names(symbols)
    work = _Fetch(source, folder, history, first)
    source.run(work.all(symbols, progress))  # returns nothing: asyncio would make text of a task's result
    return work.result


def list_symbols(source: Source, quote: str | None, top: int | None) -> list[str]:
    """The symbols of a source; after an error the question is repeated, as by `fetch`.

    Raises
    ------
    ValueError
        There are none.
    ConnectionError
        The source cannot be reached.
    """
    return source.run(_reached(source, lambda: source.symbols(quote, top)))


class _Patience:
    """The pauses between requests, shared by all tasks that ask the source."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._resume = 0.0
        self._errors: list[Exception] = []

    def good(self) -> None:
        """Note that a request has succeeded."""
        self._errors.clear()

    def check(self) -> None:
        """Raise the latest error again if so many requests have failed that it is useless to go on."""
        if len(self._errors) >= RETRIES * self._source.at_once:
            raise self._errors[-1]

    async def bad(self, failures: int, error: Exception) -> None:
        """Wait after an error. failures: how often this request has failed before."""
        self._errors.append(error)
        wanted = self._source.wanted_pause()
        pause = back_off(failures, wanted)
        if wanted or isinstance(error, self._source.throttled):
            self._resume = max(self._resume, time.monotonic() + pause)
        await asyncio.sleep(pause)

    async def wait(self) -> None:
        while (seconds := self._resume - time.monotonic()) > 0:
            await asyncio.sleep(seconds)


async def _reached(source: Source, ask: Callable[[], Awaitable[T]]) -> T:
    """The answer to a request that must succeed before any other is possible."""
    patience = _Patience(source)
    for failures in range(RETRIES + 1):
        try:
            return await ask()
        except source.transient as error:
            if failures == RETRIES:
                raise ConnectionError(f"{source.name}: {text_of(error)}; try again later") from None
            problem = error
        except source.errors as error:
            raise ConnectionError(f"{source.name}: {text_of(error)}") from None
        await patience.bad(failures, problem)
        await patience.wait()
    raise AssertionError("the last try returns or raises")


class _Fetch:
    """One call of `fetch`."""

    def __init__(self, source: Source, folder: Folder, history: int, first: int | None) -> None:
        self.source, self.folder, self.history, self.first = source, folder, history, first
        self.patience = _Patience(source)
        self.result = Fetched({}, {}, [], 0, 0)
        self.now = self.since = self.added = 0
        self.short: dict[str, int] = {}
        """How many candles there are of each symbol that has fewer than were asked for."""

    async def all(self, symbols: list[str], progress: Callable[[int, int], None] | None) -> None:
        """Fetch all symbols, and store what was fetched in `result`."""
        await _reached(self.source, self.source.prepare)
        self.now = await _reached(self.source, self.source.clock)
        self.since = self.source.begin(self.now, self.history) if self.first is None else self.first
        waiting = deque(symbols)
        found: dict[str, list[Candle]] = {}

        async def work() -> None:
            while waiting:
                symbol = waiting.popleft()
                try:
                    found[symbol] = await self._symbol(symbol)
                except self.source.errors as error:
                    self.result.problems[symbol] = self.source.problem(symbol, error)
                except (OSError, ValueError) as error:
                    self.result.problems[symbol] = str(error)
                if progress is not None:
                    progress(len(found) + len(self.result.problems), len(symbols))

        async with asyncio.TaskGroup() as group:
            for _ in range(self.source.at_once):
                group.create_task(work())
        if self.short:
            shown = ", ".join(f"{symbol} ({count})" for symbol, count in [*self.short.items()][:5])
            more = ", …" if len(self.short) > 5 else ""
            self.result.notes.append(f"there are fewer than {self.history} candles of {shown}{more}")
        in_order = {symbol: found[symbol] for symbol in symbols if symbol in found}
        problems = {symbol: self.result.problems[symbol] for symbol in symbols if symbol not in found}
        self.result = Fetched(in_order, problems, self.result.notes, self.now, self.added)

    async def _symbol(self, symbol: str) -> list[Candle]:
        """Fetch a symbol; returns the requested candles, the open one included."""
        held = self._held(symbol)
        came = await self._later(symbol, held)
        kept = self._continued(symbol, held, came)
        if kept is None:  # the folder's candles differ from those that the source has now
            held, came = None, await self._later(symbol, None)
            kept = self._continued(symbol, None, came)
        if kept is not None and self.since < kept.since:
            kept = await self._earlier(symbol, kept)
        candles = [] if kept is None else [candle for candle in kept.candles if candle.start >= self.since]
        candles += [candle for candle in came[-2:] if not self.source.is_closed(candle, self.now)]
        if self.first is None:
            candles = candles[-self.history :]
            if len(candles) < self.history - 1:  # there may be no trade in the open one yet
                self.short[symbol] = len(candles)
        if not candles:
            raise ValueError(f"{self.source.name} has no candles from {iso(self.since)} on")
        return candles

    def _held(self, symbol: str) -> Held | None:
        """The candles in the folder that can be continued."""
        try:
            held = self.folder.read(symbol)
        except ValueError as error:
            if not self.folder.is_cache:
                raise
            self.result.notes.append(f"{error}; all of them are fetched again")
            return None
        if held and self.folder.is_cache and held.candles[-1].start < self.since:
            return None  # they are so old that it is quicker to fetch all again
        return held

    async def _later(self, symbol: str, held: Held | None) -> list[Candle]:
        """The source's candles from the folder's newest one on; after an error those that came are kept."""
        came: list[Candle] = []
        try:
            await self._ask(symbol, held.candles[-1].start if held else self.since, self.now, came)
        except BaseException:
            if came and (held is None or _agree(held.candles[-1], came[0])):
                self._continued(symbol, held, came)
            raise
        return came

    def _continued(self, symbol: str, held: Held | None, came: list[Candle]) -> Held | None:
        """Keep the closed candles that have come; returns None if they do not continue those of the cache.

        Raises
        ------
        ValueError
            They do not continue the files of a user.
        """
        closed = [candle for candle in came if self.source.is_closed(candle, self.now)]
        if held is None:
            since, before = self.since, []
        elif closed and _agree(held.candles[-1], closed[0]):
            since, before = held.since, held.candles[:-1]
        elif self.folder.is_cache:
            return None
        else:
            raise ValueError(
                f"{self.folder.file(symbol)} ends at {iso(held.candles[-1].start)} with a candle that "
                f"{self.source.name} now gives differently: move the file away to fetch all of it again"
            )
        return self._keep(symbol, held, Held(before + closed, since))

    async def _earlier(self, symbol: str, held: Held) -> Held:
        """Ask for the candles before those of the folder, the newest first, so that no gap is kept."""
        step = self.source.earlier_step * self.source.length
        while held.since > self.since:
            begin = max(held.since - step, self.since)
            came: list[Candle] = []
            await self._ask(symbol, begin, held.since - 1, came)
            held = self._keep(symbol, held, Held(came + held.candles, begin))
        return held

    def _keep(self, symbol: str, held: Held | None, new: Held) -> Held:
        """Write the candles if there are new ones."""
        if new.candles and new != held:
            self.folder.write(symbol, new)
            self.added += len(new.candles) - (len(held.candles) if held else 0)
        return new

    async def _ask(self, symbol: str, since: int, until: int, came: list[Candle]) -> None:
        """Add the candles from `since` to `until` to `came` as they come, with new tries after errors."""
        failures = 0
        while True:
            await self.patience.wait()
            self.patience.check()
            try:
                async for page in self.source.pages(symbol, since, until):
                    came += page
                    since, failures = page[-1].start + 1, 0
                    self.patience.good()
                    await self.patience.wait()
                return
            except self.source.transient as error:
                if failures == RETRIES:
                    raise
                await self.patience.bad(failures, error)
                failures += 1


def _agree(one: Candle, other: Candle) -> bool:
    """Whether two candles have the same time and prices; a volume may still change after the close."""
    return one[:5] == other[:5]
