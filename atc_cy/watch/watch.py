"""`atc-cy watch`: bars go in one by one, events come out.

Nothing is lost or doubled when a watch is killed, because everything follows from the bars. The state file
holds each symbol's stream, the time of its last bar and the length that the output file had then. The next
run cuts the output file to that length. When it reads the bars again, it skips those that the state has seen
and computes the others again, so it writes the same events, whenever the state was saved.

Events that went to standard output or to a receiver of alerts cannot be taken back. They are noted in a
journal next to the state, and the next run leaves them out; only the last one before a kill may be repeated.
"""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, NoReturn

from numpy.typing import NDArray

from ..config import ATCConfig
from ..engine.direction import events
from ..errors import FeedOrderError
from ..live.stream import Stream
from .bars import Bar, Event
from .identity import Identity
from .journal import PRINTED, Act, Journal
from .order import KEPT_OF_EXCHANGE, Earlier, Past, Place
from .output import Output, Printed
from .queue import Alert, Queue, SavedAlerts
from .reports import error
from .rows import has_price
from .since import SinceNow
from .skipped import BEFORE_STATE, NO_PRICE, SEEN, UNREADABLE, Skipped
from .state import Followed, Origin, StateContent, StateFile, pack_state, unpack_state
from .stop import Stop

SAVING_SHARE = 0.1
"""The largest share of the time that is spent on saving the state."""


_WITHDRAWN = "give the whole feed to a new state if that bar was withdrawn"


class _FirstBar(NamedTuple):
    """A symbol's only bar of this run, which can be taken back."""

    before: Followed | None
    """The symbol before this bar; None if the symbol is new."""
    events: dict[str, Printed | None]
    """The places of the bar's events, by their ids; None for one that cannot be taken back."""


class Watch:
    """The symbols that are followed, the receivers of their events, and the state that the next run resumes.

    Parameters
    ----------
    config, alert_from
        As in `Stream`; several signals may be followed side by side.
    output
        Where events are printed.
    alerts
        Sends each event, after it was printed.
    state
        Where the state is saved, and resumed from if it exists.
    source
        Where the bars come from, such as "binance 1h", which the next run must use as well; None for a feed,
        which another feed may continue.
    resample
        The higher timeframe of the bars; None if each row is a bar.
    src
        What the averages run on, if the user says so; the bars have its values.
    reports
        Whether an event of a bar is reported; None to report all. Every bar is computed.
    report
        Called with each problem that is not fatal.

    Raises
    ------
    StateError
        The state is damaged, or was saved with another config, `alert_from` or source.
    ValueError
        An argument is wrong, the output file does not fit the state, or another process uses a file.
    """

    def __init__(
        self,
        config: ATCConfig,
        alert_from: str | Sequence[str],
        output: Output,
        *,
        alerts: Queue | None = None,
        state: StateFile | None = None,
        source: str | None = None,
        resample: str | None = None,
        src: str | None = None,
        reports: Callable[[Bar], bool] | SinceNow | None = None,
        report: Callable[[str], None],
    ) -> None:
        self._signals = [alert_from] if isinstance(alert_from, str) else [*dict.fromkeys(alert_from)]
        alert_from = self._signals[0] if len(self._signals) == 1 else self._signals
        self.config = config
        self._new_streams()  # a wrong signal raises its error now, not at the first bar
        self.alert_from, self.source, self.report = alert_from, source, report
        self._resample, self._src = resample, src
        self._since_now = reports if isinstance(reports, SinceNow) else None
        self._reports = reports.reports if isinstance(reports, SinceNow) else reports
        self.symbols: dict[str, Followed] = {}
        self.bars = self.events = self._failed = 0
        self.skipped = Skipped()
        self._pasts: dict[str, Past] = {}
        self._kept = None if source is None else KEPT_OF_EXCHANGE
        self._first_bars: dict[str, _FirstBar] = {}
        """The bars of symbols with one bar in this run: if the feed runs backwards, it is the newest one."""
        self._saves = 0
        self.polls = self.failed_polls = 0
        self.last_poll: float | None = None
        """When an exchange answered last, in seconds since 1970."""
        self.next_poll: float | None = None
        self.on_pause: Callable[[], object] | None = None
        """Called whenever no bar waits, and when some time has passed."""
        self._output, self._state = output, state
        self.alerts = Queue({}, 0.0, Stop()) if alerts is None else alerts
        self._journal = Journal(None if state is None else state.path)
        self._packed: dict[str, list[bytes]] = {}
        self._changed = True
        self._due = math.inf
        self._identity = Identity(config, alert_from, resample, src)
        data = None if state is None else state.read()
        content = None if data is None else self._resume(data)
        output.open(None if content is None else content.output)
        self.alerts.open(self._journal, SavedAlerts() if content is None else content.alerts, self.report)
        self.save()  # before anything is printed: what is printed until the next save can be taken back
        output.begin(several=len(self._signals) > 1)

    @property
    def failed(self) -> int:
        """How often something went wrong."""
        return self._failed + self.alerts.failed

    @property
    def seen(self) -> int:
        """How many rows came whose bar was taken before, or that are older than the state's last one."""
        return self.skipped.count(SEEN) + self.skipped.count(BEFORE_STATE)

    @property
    def is_resumable(self) -> bool:
        """Whether another run can resume this one."""
        return self._state is not None

    def begin(self, bars: Sequence[Bar]) -> None:
        """Take a new symbol's history, all of it or none, without reporting the events in it.

        Raises
        ------
        PriceError
            A bar has a price that is not valid.
        """
        streams = self._new_streams()
        sources = [bar.close if bar.src is None else bar.src for bar in bars]
        closes = [bar.close for bar in bars]
        outputs, *_ = [stream.extend(closes, sources) for stream in streams]
        self._follow(streams, bars[-1], self._last_event(outputs))
        self._pasts[bars[-1].symbol] = Past((bars[-1].instant, streams[0]), self._kept)
        self.bars += len(bars)

    def _last_event(self, outputs: NDArray[Any]) -> int | None:
        """The number of the last bar that is an event, of bars with these outputs; None if there is none."""
        import pandas as pd

        named = {name: pd.Series(row) for name, row in zip(self.config.output_names, outputs, strict=True)}
        turns = events(named, config=self.config, alert_from=self._signals[0]).to_numpy().nonzero()[0]
        return int(turns[-1]) + 1 if turns.size else None

    def take(self, bar: Bar) -> None:
        """Take a bar if it has a price and is later than the symbol's last one; otherwise count it.

        Raises
        ------
        PriceError
            The price is not valid; nothing changes.
        FeedOrderError
            As from `refuse`: the symbol's second bar of this run is older than the first one.
        """
        past = self._past(bar.symbol)
        place, earlier = past.place(bar)
        if place is not Place.NEW or not has_price(bar):
            self.skip(bar, place, earlier)
            return
        if past.misses_last_of_state and not past.has_bars_of_run:
            self._miss(bar, past)
        self._advance(bar, past)
        followed = self.symbols[bar.symbol]
        if self._reports is None or self._reports(bar):
            for signal, stream in zip(self._signals, (followed.stream, *followed.others), strict=True):
                self._report_event(bar, signal if followed.others else None, stream.result)
        if time.monotonic() >= self._due:
            self.save()

    def _past(self, symbol: str) -> Past:
        if symbol not in self._pasts:
            followed = self.symbols.get(symbol)
            before = None if followed is None else (followed.instant, followed.stream)
            self._pasts[symbol] = Past(before, self._kept)
        return self._pasts[symbol]

    def _advance(self, bar: Bar, past: Past) -> None:
        followed = self.symbols.get(bar.symbol)
        if followed is None:
            streams = self._new_streams()
        elif past.has_bars_of_run:
            streams = [followed.stream, *followed.others]
        else:  # copies, since the first bar can still be taken back
            streams = [stream.copy() for stream in (followed.stream, *followed.others)]
        for stream in streams:
            stream.update(bar.close, bar.src)
        if past.has_bars_of_run:
            self._first_bars.pop(bar.symbol, None)
        else:
            self._first_bars[bar.symbol] = _FirstBar(followed, {})
        past.add(bar)
        before = None if followed is None else followed.last_event
        self._follow(streams, bar, streams[0].bars if streams[0].event else before)
        self.bars += 1

    def skip(self, bar: Bar, place: Place, earlier: Earlier | None) -> None:
        """Count a bar that is not taken, and report it unless it was seen before."""
        if not has_price(bar) and place is not Place.CHANGED:
            self.skipped.add(NO_PRICE, bar.symbol)
            return
        if place is Place.BACKWARDS:
            self.refuse(bar, f"{self.symbols[bar.symbol].time}, with {earlier}")
        first = self.skipped.add(place.value, bar.symbol)
        if place in (Place.SEEN, Place.BEFORE_STATE):
            return
        self._failed += 1
        if not first:
            return  # further ones are only counted
        where = bar.where

        def report(problem: str) -> None:
            self.report(error(problem, bar.symbol))

        if not has_price(bar):
            missing = "close" if math.isnan(bar.close) else "src"
            report(
                f"{where}: its {missing} is missing: a bar of this time came before, with {earlier}, and was "
                f"taken: {_WITHDRAWN}"
            )
        elif place is Place.CHANGED:
            report(
                f"{where}: close {bar.close!r} is skipped: a bar of this time came before, with {earlier}. "
                "If the bar was changed, give the whole feed to a new state; if clocks were put back, give "
                "times their offset, such as 2026-10-25T02:00+01:00"
            )
        else:
            last = self.symbols[bar.symbol].time if bar.symbol in self.symbols else "a later bar"
            report(f"{where} is skipped: it comes after {last}, with {earlier}: give the oldest bar first")

    def _miss(self, bar: Bar, past: Past) -> None:
        """Report that the state's last bar has not come again, although bars before it have."""
        self.fail(
            f"{bar.where} comes without the bar before it, {self.symbols[bar.symbol].time} with "
            f"{past.earlier}, which was taken: {_WITHDRAWN}",
            bar.symbol,
        )

    def refuse(self, bar: Bar, after: str) -> NoReturn:
        """Refuse a feed that runs backwards, as this bar shows, and take back each symbol's first bar.

        Symbols with more than one bar in this run keep theirs. In a feed with the newest bar first, that bar
        is a symbol's only one; if it stayed, the next run would skip all bars before it as seen.

        after: what the bar comes after, for the message.

        Raises
        ------
        FeedOrderError
            Always.
        """
        taken_back = [*self._first_bars]
        printed = [event for first in self._first_bars.values() for event in first.events.values()]
        self._output.take_back(event for event in printed if event is not None)
        for symbol, first in self._first_bars.items():
            del self.symbols[symbol], self._pasts[symbol]
            if first.before is not None:
                self.symbols[symbol] = first.before
            self._packed.pop(symbol, None)
            self.bars -= 1
            self.events -= len(first.events)
            for event in first.events:
                self.alerts.withdraw(event)
        self._first_bars.clear()
        if taken_back:
            self._changed = True
        if self._saves > 1:  # otherwise the state has not changed since the beginning
            self.save()
        also = "" if {*taken_back} <= {bar.symbol} else f" (as if {_bars_of(taken_back)} had not come)"
        raise FeedOrderError(
            f"{bar.symbol} {bar.time} comes after {after}: the feed runs backwards; "
            f"give the oldest bar first{also}"
        )

    def _new_streams(self) -> list[Stream]:
        return [Stream(self.config, alert_from=signal) for signal in self._signals]

    def _follow(self, streams: Sequence[Stream], last: Bar, last_event: int | None) -> None:
        first, *others = streams
        self.symbols[last.symbol] = Followed(first, last.time, last.instant, last_event, others)
        self._packed.pop(last.symbol, None)
        self._changed = True

    def _report_event(self, bar: Bar, alert_from: str | None, result: Mapping[str, float]) -> None:
        """If a bar is an event, print it and send it, unless an earlier run has done that."""
        if not result["event"]:
            return
        average = None if math.isnan(result["Average_Signal"]) else result["Average_Signal"]
        turn = "long" if result["event"] > 0 else "short"
        event, instant = Event(bar.symbol, bar.time, turn, bar.close, average, alert_from), bar.instant
        self.events += 1
        name = self._identity.of(event, instant)
        printed = None
        if self._output.exact:
            printed = self._output.event(event)
        elif not self._journal.has(PRINTED, name):
            self._output.event(event)
            self._journal.note(Act(PRINTED, event.symbol, instant, name))
        if event.symbol in self._first_bars:
            self._first_bars[event.symbol].events[name] = printed
        self.alerts.add(Alert(name, instant, time.time(), event))

    def fail(self, problem: str, symbol: str = "") -> None:
        """Report and count a problem with a symbol, or with all."""
        self._failed += 1
        self.report(error(problem, symbol))

    def reject(self, problem: str, symbol: str = "") -> None:
        """Report a row that cannot be taken, and count it."""
        self.skipped.add(UNREADABLE, symbol)
        self.fail(problem, symbol)

    def save(self) -> None:
        """Save the state, if it has changed and there is a file for it."""
        if self.on_pause is not None:
            self.on_pause()
        if self._state is None or not (self._changed or self.alerts.is_changed):
            return
        begun = time.monotonic()
        with self.alerts.held():  # an alert sent meanwhile would be neither in the state nor in the journal
            data = self._pack()
            self._state.write(data)
            self._journal.restart(data)
        self._saves += 1
        self._changed = False
        ended = time.monotonic()
        self._due = ended + (ended - begun) / SAVING_SHARE

    def close(self) -> None:
        """Save the state and remove the journal; alerts that wait are left to the next run."""
        self.save()
        self._journal.remove()

    def _pack(self) -> bytes:
        for symbol, followed in self.symbols.items():
            if symbol not in self._packed:
                streams = (followed.stream, *followed.others)
                self._packed[symbol] = [stream.to_bytes() for stream in streams]
        acts = self._journal.pack({symbol: followed.instant for symbol, followed in self.symbols.items()})
        since = {} if self._since_now is None else self._since_now.pack()
        place = self._output.place()
        content = StateContent(self.alerts.pack(), acts, since, self.source, place, self.symbols)
        return pack_state(self._origin, content, self._packed)

    @property
    def _origin(self) -> Origin:
        return Origin(self.config, self.alert_from, self.source, self._resample, self._src)

    def _resume(self, data: bytes) -> StateContent:
        """Resume a state."""
        assert self._state is not None
        _, content = unpack_state(self._state.path, data, self._origin)
        self.source = content.source
        self.symbols.update(content.symbols)
        self._journal.load(data, content.acts)
        if self._since_now is not None:
            self._since_now.resume(content.since, content.symbols)
        return content


def _bars_of(symbols: Sequence[str]) -> str:
    """What a message calls the bars of these symbols."""
    if len(symbols) == 1:
        return f"the bar of {symbols[0]}"
    if len(symbols) > 5:
        return f"the bars of {len(symbols)} symbols, {', '.join(symbols[:5])}, …,"
    return f"the bars of {', '.join(symbols[:-1])} and {symbols[-1]}"
