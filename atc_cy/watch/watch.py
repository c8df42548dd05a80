"""`atc-cy watch`: bars go in one by one, events come out.

Nothing is lost or doubled when a watch is killed, because everything follows from the bars. The state file
holds each symbol's stream, the time of its last bar and the length that the output file had then. The next
run cuts the output file to that length; of the bars that it reads again it skips those that the state has
seen and computes the others anew, so it writes the very same events, whenever the state was saved.

What went to standard output or to a command cannot be taken back. There the state is saved after each event,
so only the last event before a kill can come again; symbol, time and event tell that it is the same one.
"""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..config import ATCConfig
from ..errors import FeedOrderError
from ..live.stream import Stream
from .alerts import Command
from .bars import Bar, Event
from .order import Earlier, Past, Place
from .output import Output
from .skipped import SEEN, UNREADABLE, Skipped
from .state import Followed, Origin, StateFile, pack_state, unpack_state

SAVING_SHARE = 0.1
"""At most this share of the time goes into saving the state."""


class Watch:
    """Symbols that are followed, where their events go, and the state that another run takes up.

    Parameters
    ----------
    config, alert_from
        As in `Stream`.
    output
        Where events are printed.
    command
        What is run for each event, after it was printed.
    state
        Where the state is saved, and taken up from if it is there.
    source
        What the bars must come from again, such as "binance 1h"; None for a feed, which goes with any other.
    resample
        The higher timeframe that its bars are made of; None: rows are bars.
    report
        Called with each problem that is not fatal.

    Raises
    ------
    StateError
        The state is damaged, or was saved with another config, `alert_from` or source.
    ValueError
        A bad argument, an output file that the state does not fit, or a file that another process uses.
    """

    def __init__(
        self,
        config: ATCConfig,
        alert_from: str,
        output: Output,
        *,
        command: Command | None = None,
        state: StateFile | None = None,
        source: str | None = None,
        resample: str | None = None,
        report: Callable[[str], None],
    ) -> None:
        Stream(config, alert_from=alert_from)  # what is wrong with them is said now, not at the first bar
        self.config, self.alert_from, self.source, self.report = config, alert_from, source, report
        self._resample = resample
        self.symbols: dict[str, Followed] = {}
        self.bars = self.events = self.failed = 0
        self.skipped = Skipped()
        self._pasts: dict[str, Past] = {}
        self._before: dict[str, Followed | None] = {}
        self._saves = 0
        self._output, self._command, self._state = output, command, state
        self._packed: dict[str, bytes] = {}
        self._changed = True
        self._due = math.inf
        data = None if state is None else state.read()
        output.open(None if data is None else self._resume(data))
        self.save()  # before anything is printed: what comes before the next time must be taken back
        output.begin()

    @property
    def seen(self) -> int:
        """Rows whose bar was taken before."""
        return self.skipped.count(SEEN)

    @property
    def is_resumable(self) -> bool:
        """Whether another run can take up what this one leaves."""
        return self._state is not None

    def begin(self, bars: Sequence[Bar]) -> None:
        """Take a new symbol's history, all of it or none, without telling the events in it.

        Raises
        ------
        PriceError
            One of them cannot be a bar.
        """
        stream = Stream(self.config, alert_from=self.alert_from)
        stream.extend([bar.close for bar in bars])
        self._follow(stream, bars[-1])
        self._pasts[bars[-1].symbol] = Past((bars[-1].instant, stream))
        self.bars += len(bars)

    def take(self, bar: Bar) -> None:
        """Take a bar if it is later than the symbol's last one; otherwise count it, with the reason.

        Raises
        ------
        PriceError
            It cannot be a bar; nothing changes.
        FeedOrderError
            The feed runs backwards: the symbol's second bar of this run is older than the first one, which is
            taken back.
        """
        past = self._past(bar.symbol)
        place, earlier = past.place(bar)
        if place is not Place.NEW:
            self.skip(bar, place, earlier)
            return
        self._advance(bar, past)
        stream = self.symbols[bar.symbol].stream
        result = stream.result
        if result["event"]:
            average = result["Average_Signal"]
            self._tell(
                Event(
                    bar.symbol,
                    bar.time,
                    "long" if result["event"] > 0 else "short",
                    bar.close,
                    None if math.isnan(average) else average,
                )
            )
        elif time.monotonic() >= self._due:
            self.save()

    def _past(self, symbol: str) -> Past:
        if symbol not in self._pasts:
            followed = self.symbols.get(symbol)
            self._pasts[symbol] = Past(None if followed is None else (followed.instant, followed.stream))
        return self._pasts[symbol]

    def _advance(self, bar: Bar, past: Past) -> None:
        followed = self.symbols.get(bar.symbol)
        if followed is None:
            stream = Stream(self.config, alert_from=self.alert_from)
        elif bar.symbol in self._before:
            stream = followed.stream
        else:
            stream = followed.stream.copy()  # the first bar can still be taken back
        stream.update(bar.close, bar.src)
        self._before.setdefault(bar.symbol, followed)
        past.add(bar)
        if not past.is_first_of_run:
            self._before[bar.symbol] = None
        self._follow(stream, bar)
        self.bars += 1

    def skip(self, bar: Bar, place: Place, earlier: Earlier | None) -> None:
        """Count a bar that is not taken, and report it unless it was seen before."""
        if place is Place.BACKWARDS:
            self._take_back(bar, earlier)
        first = self.skipped.add(place.value, bar.symbol)
        if place is Place.SEEN:
            return
        self.failed += 1
        if not first:
            return  # the counts at the end have the others
        where = f"line {bar.line}: {bar.symbol} {bar.time}" if bar.line else f"{bar.symbol} {bar.time}"
        if place is Place.CHANGED:
            self.report(
                f"{where}: close {bar.close!r} is skipped: a bar of this time came before, with {earlier}. "
                "If the bar was changed, give the whole feed to a new state; if clocks were put back, give "
                "times their offset, such as 2026-10-25T02:00+01:00"
            )
        else:
            last = self.symbols[bar.symbol].time if bar.symbol in self.symbols else "a later bar"
            self.report(
                f"{where} is skipped: it comes after {last}, with {earlier}: give the oldest bar first"
            )

    def _take_back(self, bar: Bar, earlier: Earlier | None) -> None:
        """Undo the only bar of this run, and refuse the feed."""
        wrong, before = self.symbols.pop(bar.symbol), self._before.pop(bar.symbol)
        if before is not None:
            self.symbols[bar.symbol] = before
        self._packed.pop(bar.symbol, None)
        del self._pasts[bar.symbol]
        self.bars -= 1
        self._changed = True
        if self._saves > 1:  # otherwise the state is still that of the beginning
            self.save()
        raise FeedOrderError(
            f"{bar.symbol} {bar.time} comes after {wrong.time}, with {earlier}: the feed runs backwards; "
            "give the oldest bar first"
        )

    def _follow(self, stream: Stream, last: Bar) -> None:
        self.symbols[last.symbol] = Followed(stream, last.time, last.instant)
        self._packed.pop(last.symbol, None)
        self._changed = True

    def _tell(self, event: Event) -> None:
        self.events += 1
        self._output.event(event)
        if self._command is not None:
            problem = self._command.run(event)
            if problem is not None:
                self.fail(f"--exec {self._command.arguments[0]} {problem} ({event.symbol}, {event.time})")
        if self._command is not None or not self._output.exact:
            self.save()

    def fail(self, problem: str) -> None:
        """Report what went wrong, and remember that something did."""
        self.failed += 1
        self.report(problem)

    def reject(self, problem: str, symbol: str = "") -> None:
        """Report a row that cannot be taken, and count it."""
        self.skipped.add(UNREADABLE, symbol)
        self.fail(problem)

    def save(self) -> None:
        """Save the state, if it has changed and there is a file for it."""
        if self._state is None or not self._changed:
            return
        begun = time.monotonic()
        self._state.write(self._pack())
        self._saves += 1
        self._changed = False
        ended = time.monotonic()
        self._due = ended + (ended - begun) / SAVING_SHARE

    def _pack(self) -> bytes:
        for symbol, followed in self.symbols.items():
            if symbol not in self._packed:
                self._packed[symbol] = followed.stream.to_bytes()
        return pack_state(self._origin, self._output.place(), self.symbols, self._packed)

    @property
    def _origin(self) -> Origin:
        return Origin(self.config, self.alert_from, self.source, self._resample)

    def _resume(self, data: bytes) -> Mapping[str, Any] | None:
        """Take up a state; returns the place in the output that it remembers."""
        assert self._state is not None
        content = unpack_state(self._state.path, data, self._origin)
        self.source = content.source
        self.symbols.update(content.symbols)
        return content.output
