"""The queue of alerts that are sent to their receivers.

Each channel, such as ``--exec``, has its own thread, so that no receiver holds up the bars or another
receiver. A symbol's alerts are sent in the order of its bars: one that fails is tried again, after longer and
longer pauses, until it is delivered or its time is over; only then the next one is sent. Alerts that wait are
in the watch's state, and those sent since it was saved are in the journal. So an alert is sent at least once;
one that is sent again, after a kill or because the receiver's answer was lost, has the same id.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Condition, Thread
from types import NoneType, TracebackType
from typing import Any, NamedTuple, Protocol, Self, TypeVar

from ..markets.source import back_off
from ..text import problem_of
from .bars import Event
from .journal import Act, Journal
from .reports import Report, error
from .stop import Stop

T = TypeVar("T")

MOST_GIVEN_UP = 1_000
"""How many of the alerts that were given up a state keeps: the latest."""


class Alert(NamedTuple):
    """An event that is to be sent."""

    id: str
    """The same whenever the event is computed, so that a receiver can drop a duplicate."""
    instant: int
    """The time of the event's bar, in nanoseconds since 1970."""
    since: float
    """When the alert was put into the queue, in seconds since 1970."""
    event: Event

    def __str__(self) -> str:
        return f"{self.event.symbol}, {self.event.time}"


class Channel(Protocol):
    """A way to send alerts."""

    @property
    def name(self) -> str:
        """What messages call it: "--exec mail"."""

    def send(self, alert: Alert) -> str | None:
        """Send an alert; returns what went wrong."""


class GivenUp(NamedTuple):
    """An alert that could not be delivered in time."""

    channel: str
    alert: Alert
    problem: str


class SavedAlerts(NamedTuple):
    """The part of a queue that a state has."""

    waiting: Sequence[tuple[str, Alert]] = ()
    """Each with the name of its channel, in the order in which they came."""
    given_up: Sequence[GivenUp] = ()


class _Waiting:
    """An alert in the queue of its symbol."""

    def __init__(self, alert: Alert, number: int) -> None:
        self.alert, self.number = alert, number
        self.tries = 0
        self.due = 0.0
        """When it may be tried again, by the monotonic clock."""


class Queue:
    """The alerts of a watch. When its ``with`` block ends, it waits until they have been sent or given up.

    With a state, it waits only until each has been tried: the next run tries failed ones again.

    channels
        The channels by the names that a state has for them: "exec".
    timeout
        Seconds for which an alert is tried again; 0 to try it once.
    stop
        Ends the watch: the alerts that wait are left to the next run.
    """

    def __init__(self, channels: Mapping[str, Channel], timeout: float, stop: Stop) -> None:
        self.sent = self.retried = self.failed = 0
        """How many alerts this run has sent, how many tries failed, and how many alerts it gave up."""
        self.given_up: deque[GivenUp] = deque(maxlen=MOST_GIVEN_UP)
        """The latest alerts that this run gave up."""
        self._channels, self._timeout, self._stop = channels, timeout, stop
        self._waiting: dict[str, dict[str, deque[_Waiting]]] = {}
        """By channel and symbol."""
        self._earlier: list[GivenUp] = []
        """Alerts that earlier runs gave up."""
        self._changed = Condition()
        self._threads: dict[str, Thread] = {}
        self._sending: dict[str, _Waiting] = {}
        self._number = 0
        self._closed = False
        self._broken: OSError | None = None
        self.is_changed = False
        """Whether the queue has changed since it was packed last."""

    def open(self, journal: Journal, saved: SavedAlerts, report: Callable[[str], None]) -> None:
        """Begin with the alerts of a state. report: called with each problem, from any thread."""
        self._journal, self._report = journal, report
        self._earlier = [*saved.given_up]
        for name, alert in saved.waiting:
            self._add(name, alert)
        for name, symbols in self._waiting.items():
            if name not in self._channels:
                count, option = sum(map(len, symbols.values())), name.partition(" ")[0]
                report(f"{count} alerts wait for a --{option} that is not given: they stay in the state")

    def add(self, alert: Alert) -> None:
        """Send an alert by all channels, except those by which an earlier run has sent it.

        Raises
        ------
        OSError
            The journal could not be written.
        """
        if self._broken is not None:
            raise self._broken
        for name in self._channels:
            self._add(name, alert)

    def _add(self, name: str, alert: Alert) -> None:
        if self._journal.has(name, alert.id):
            return
        with self._changed:
            self._number += 1
            symbols = self._waiting.setdefault(name, {})
            symbols.setdefault(alert.event.symbol, deque()).append(_Waiting(alert, self._number))
            self.is_changed = True
            self._changed.notify_all()
        if name in self._channels and name not in self._threads:
            self._threads[name] = Thread(target=self._work, args=(name,), name=f"atc-cy {name}", daemon=True)
            self._threads[name].start()

    def withdraw(self, event: str) -> None:
        """Remove the alerts of an event that have not been sent. event: its id."""
        with self._changed:
            for name, symbols in self._waiting.items():
                for waiting in symbols.values():
                    for one in [one for one in waiting if one.alert.id == event]:
                        if self._sending.get(name) is not one:
                            waiting.remove(one)
                            self.is_changed = True

    @property
    def waiting(self) -> int:
        """How many alerts wait for the channels of this run."""
        with self._changed:
            return sum(len(waiting) for name in self._channels for waiting in self._of(name))

    def counts(self) -> dict[str, int]:
        """How many alerts of this run were sent, retried or given up, and how many wait."""
        counted = {"sent": self.sent, "retried": self.retried}
        return counted | {"waiting": self.waiting, "given_up": self.failed}

    def _of(self, name: str) -> Iterable[deque[_Waiting]]:
        return list(self._waiting.get(name, {}).values())

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep the queue unchanged within the block."""
        with self._changed:
            yield

    def pack(self) -> SavedAlerts:
        """The alerts to save in a state."""
        all_of = [(one, name) for name in self._waiting for each in self._of(name) for one in each]
        waiting = [(name, one.alert) for one, name in sorted(all_of, key=lambda each: each[0].number)]
        given_up = [*self._earlier, *self.given_up][-MOST_GIVEN_UP:]
        self.is_changed = False
        return SavedAlerts(waiting, given_up)

    def _work(self, name: str) -> None:
        """Send the alerts of a channel, one after the other."""
        channel = self._channels[name]
        while (one := self._next(name)) is not None:
            try:
                problem = channel.send(one.alert)
            except (OSError, TypeError, ValueError) as raised:  # from a library that the channel uses
                problem = f"failed: {type(raised).__name__}"  # its text may have a secret
            with self._changed:
                del self._sending[name]
                one.tries += 1
                if problem is None:
                    self._done(name, one)
                else:
                    self._try_again(name, one, problem)
            self._stop.wake()

    def _next(self, name: str) -> _Waiting | None:
        """Wait until an alert can be sent; returns None if the queue was closed."""
        with self._changed:
            while not self._closed:
                heads = [waiting[0] for waiting in self._of(name) if waiting]
                if not heads:
                    self._changed.wait()
                    continue
                first = min(heads, key=lambda one: (one.due, one.number))
                pause = first.due - time.monotonic()
                if pause <= 0:
                    self._sending[name] = first
                    return first
                self._changed.wait(pause)
        return None

    def _done(self, name: str, one: _Waiting) -> None:
        alert = one.alert
        self._leave(name, one)
        self.sent += 1
        try:
            self._journal.note(Act(name, alert.event.symbol, alert.instant, alert.id))
        except OSError as problem:
            self._broken = problem
            self._report(error(f"the journal of the state: {problem_of(problem)}"))

    def _leave(self, name: str, one: _Waiting) -> None:
        symbols = self._waiting[name]
        symbols[one.alert.event.symbol].remove(one)
        if not symbols[one.alert.event.symbol]:
            del symbols[one.alert.event.symbol]
        self.is_changed = True

    def _try_again(self, name: str, one: _Waiting, problem: str) -> None:
        """Try an alert that failed again later, or give it up."""
        said = f"{self._channels[name].name} {problem} ({one.alert})"
        left = one.alert.since + self._timeout - time.time()
        if left <= 0:
            self._leave(name, one)
            self.failed += 1
            self.given_up.append(GivenUp(name, one.alert, problem))
            tries = f"{one.tries} {'try' if one.tries == 1 else 'tries'}"
            self._report(error(f"{said}; given up after {tries}", one.alert.event.symbol))
            return
        self.retried += 1
        one.due = time.monotonic() + min(back_off(one.tries - 1, 0.0), left)
        if one.tries == 1:
            symbol = one.alert.event.symbol
            self._report(Report(f"{said}; trying again for {left:.0f} seconds", symbol=symbol))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None or (issubclass(kind, Exception) and not self._journal.is_kept):
            while self._stop.signal is None and self._is_busy():
                self._stop.wait(1.0)
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads.values():
            thread.join()  # an alert that is being sent is finished
        self._journal.close()  # Windows neither replaces nor removes an open file
        if kind is None and self._broken is not None:
            raise self._broken

    def _is_busy(self) -> bool:
        """Whether this run has to wait for alerts."""
        with self._changed:
            alive = [name for name, thread in self._threads.items() if thread.is_alive()]
            now = time.monotonic()
            heads = [waiting[0] for name in alive for waiting in self._of(name)]
            return self._broken is None and any(one.due <= now or not self._journal.is_kept for one in heads)

    def summary(self) -> list[str]:
        """Lines for the end of a run: the alerts that were not delivered."""
        lines = [
            f"given up: {one.alert.event.event} of {one.alert.event.symbol} at {one.alert.event.time}, "
            f"{self._channels[one.channel].name}, id {one.alert.id}"
            for one in self.given_up
        ]
        if self.failed > len(self.given_up):
            lines.insert(0, f"given up: {self.failed} alerts, of which these are the latest")
        if self.waiting:
            left = "the next run sends them"
            if not self._journal.is_kept:
                left = "they are lost; with --state the next run would send them"
            lines.append(f"alerts that have not been sent: {self.waiting}; {left}")
        return lines


def saved_alerts(saved: Any) -> SavedAlerts:
    """The alerts of a state, from JSON.

    Raises
    ------
    ValueError, TypeError
        The JSON is not what `Queue.pack` returned.
    """

    def alert(parts: Any) -> Alert:
        name, instant, since, fields = parts
        event = Event(*fields)
        checked((name, event.symbol, event.event), str)
        checked(event.time, str, int, float)
        checked(instant, int)
        if not 0 <= checked(since, int, float) < 1e10:
            raise ValueError(f"an alert waits since {since} seconds after 1970, which is not a possible time")
        checked(event.price, float)
        checked(event.Average_Signal, float, NoneType)
        checked(event.alert_from, str, NoneType)
        return Alert(name, instant, since, event)

    waiting, given_up = saved
    return SavedAlerts(
        [(checked(name, str), alert(parts)) for name, parts in waiting],
        [GivenUp(checked(name, str), alert(parts), str(problem)) for name, parts, problem in given_up],
    )


def checked(value: T, *kinds: type) -> T:
    """Return a value of a state's JSON, or a tuple of values, if they have one of these types.

    Raises
    ------
    TypeError
        One has another type.
    """
    for one in value if isinstance(value, tuple) else (value,):
        if not isinstance(one, kinds) or isinstance(one, bool):
            raise TypeError(f"{one!r:.80} must be {' or '.join(kind.__name__ for kind in kinds)}")
    return value
