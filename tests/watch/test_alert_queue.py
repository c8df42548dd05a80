"""The alerts of a watch: none is lost, one that comes twice has the same id, and nobody waits for another."""

import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pytest
from support.waiting import until

import atc_cy.markets.source
import atc_cy.watch.queue
from atc_cy import ATCConfig, compute_atc_signals, events
from atc_cy.cli import main
from atc_cy.watch import Alert, Bar, Event, Output, Queue, StateFile, Stop, Watch
from atc_cy.watch.journal import Act, Journal
from atc_cy.watch.queue import SavedAlerts

KILLS = int(os.environ.get("ATC_CY_KILLS", "10"))
SYMBOLS = ("A", "B")
MINUTE = 60
START = 1_700_000_040


def walk(seed: int, bars: int) -> list[float]:
    return (100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.01, bars)))).tolist()


CLOSES = {symbol: walk(seed, 400) for seed, symbol in enumerate(SYMBOLS)}
BARS = [
    Bar(symbol, f"{START + bar * MINUTE}", (START + bar * MINUTE) * 10**9, CLOSES[symbol][bar], None)
    for bar in range(400)
    for symbol in SYMBOLS
]
EVENTS = {
    symbol: [
        str(START + MINUTE * int(bar))
        for bar in np.flatnonzero(events(compute_atc_signals(np.array(closes))))
    ]
    for symbol, closes in CLOSES.items()
}


class Receiver:
    """A channel. problem: what is wrong with an alert, by its symbol and time, at each try."""

    name = "--exec receiver"

    def __init__(self, problem: "Callable[[Alert, int], str | None]" = lambda *_: None) -> None:
        self._problem = problem
        self.tries: list[Alert] = []
        self.moments: list[float] = []
        self.received: list[Alert] = []

    def send(self, alert: Alert) -> str | None:
        earlier = sum(alert.id == other.id for other in self.tries)
        self.tries.append(alert)
        self.moments.append(time.monotonic())
        problem = self._problem(alert, earlier)
        if problem is None:
            self.received.append(alert)
        return problem

    def times(self, symbol: str) -> list[str]:
        return [str(alert.event.time) for alert in self.received if alert.event.symbol == symbol]


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(atc_cy.markets.source, "FIRST_DELAY", 0.01)


@contextmanager
def watching(
    folder: Path, receiver: Receiver, timeout: float = 60.0, reports: "list[str] | None" = None
) -> Iterator[tuple[Watch, Queue, Stop]]:
    """A watch with a state."""
    reports = [] if reports is None else reports
    with (
        Stop() as stop,
        closing(Output(folder / "out", "json")) as output,
        closing(StateFile(folder / "state")) as state,
    ):
        alerts = Queue({"exec": receiver}, timeout, stop)
        watch = Watch(ATCConfig(), "Average", output, alerts=alerts, state=state, report=reports.append)
        with alerts:
            yield watch, alerts, stop
        watch.close()


def test_each_symbol_in_its_order_though_some_fail(tmp_path: Path) -> None:
    """Each alert of A fails three times; B's do not wait for them."""
    receiver = Receiver(lambda alert, tries: "is down" if alert.event.symbol == "A" and tries < 3 else None)
    reports: list[str] = []
    with watching(tmp_path, receiver, reports=reports) as (watch, alerts, _):
        for bar in BARS:
            watch.take(bar)
        until(lambda: not alerts.waiting)
    for symbol in SYMBOLS:
        assert receiver.times(symbol) == EVENTS[symbol]
    failed = [report for report in reports if "is down" in report]
    assert len(failed) == len(EVENTS["A"])  # the first try of each is reported, and no other one
    assert failed[0] == f"--exec receiver is down (A, {EVENTS['A'][0]}); trying again for 60 seconds"
    assert (alerts.sent, alerts.retried, watch.failed) == (sum(map(len, EVENTS.values())), 3 * len(failed), 0)
    first_of_b = next(n for n, alert in enumerate(receiver.tries) if alert.event.symbol == "B")
    assert first_of_b < 10
    assert not list(tmp_path.glob(".state.journal"))


def test_back_off() -> None:
    """Between two tries it is twice as long as before, give or take a half."""
    receiver = Receiver(lambda _, tries: "is down" if tries < 6 else None)
    with Stop() as stop, Queue({"exec": receiver}, 60.0, stop) as queue:
        queue.open(Journal(None), SavedAlerts(), lambda _: None)
        queue.add(Alert("id", 0, time.time(), Event("A", "0", "long", 1.0, None)))
    pauses = np.diff(receiver.moments)
    assert len(pauses) == 6
    assert all(pauses >= 0.005 * 2.0 ** np.arange(6))


def test_what_does_not_come_through_is_given_up(tmp_path: Path) -> None:
    """It is tried until its time is over; the next one of the symbol has its own time."""
    bad = EVENTS["A"][2]
    receiver = Receiver(lambda alert, _: "is full" if alert.event.time == bad else None)
    reports: list[str] = []
    with watching(tmp_path, receiver, 1.5, reports) as (watch, alerts, _):
        for bar in BARS:
            watch.take(bar)
        until(lambda: not alerts.waiting)
    tries = [alert for alert in receiver.tries if alert.event.time == bad and alert.event.symbol == "A"]
    assert len(tries) > 3
    assert len({alert.id for alert in tries}) == 1
    assert receiver.times("A") == [time for time in EVENTS["A"] if time != bad]
    assert reports[-1].endswith(f"is full (A, {bad}); given up after {len(tries)} tries")
    given_up = [one.alert for one in alerts.given_up if one.alert.event.symbol == "A"]
    assert [alert.id for alert in given_up] == [tries[0].id]
    assert f"{tries[0].event.event} of A at {bad}, --exec receiver, id {tries[0].id}" in alerts.summary()[0]
    assert watch.failed == len(alerts.given_up)
    assert tries[0].id.encode() in (tmp_path / "state").read_bytes()
    with watching(tmp_path, receiver) as (_, alerts, _):
        assert alerts.pack().given_up[0].alert.id == tries[0].id  # the state keeps it


def test_the_next_run_goes_on(tmp_path: Path) -> None:
    """A receiver that is down: the end of the feed does not wait for it if there is a state."""
    down = Receiver(lambda *_: "is down")
    with watching(tmp_path, down) as (watch, alerts, _):
        for bar in BARS:
            watch.take(bar)
    assert alerts.summary() == [
        f"alerts that have not been sent: {sum(map(len, EVENTS.values()))}; the next run sends them"
    ]
    receiver = Receiver()
    with watching(tmp_path, receiver) as (_, _, _):
        pass
    for symbol in SYMBOLS:
        assert receiver.times(symbol) == EVENTS[symbol]
    tried = {(alert.event.symbol, alert.event.time): alert.id for alert in down.tries}
    received = {(alert.event.symbol, alert.event.time): alert.id for alert in receiver.received}
    assert tried.items() <= received.items()
    with watching(tmp_path, again := Receiver()):
        pass
    assert again.tries == []


def test_a_channel_that_breaks(tmp_path: Path) -> None:
    """It is as if it had refused; what its error says may have a secret."""

    def broken(_: Alert, tries: int) -> None:
        if tries == 0:
            raise ValueError("swordfish")

    reports: list[str] = []
    with watching(tmp_path, receiver := Receiver(broken), reports=reports) as (watch, alerts, _):
        for bar in BARS:
            watch.take(bar)
        until(lambda: not alerts.waiting)
    assert [receiver.times(symbol) for symbol in SYMBOLS] == [EVENTS[symbol] for symbol in SYMBOLS]
    assert reports[0].startswith("--exec receiver failed: ValueError (")
    assert "swordfish" not in "".join(reports)


def test_what_is_given_up_does_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(atc_cy.watch.queue, "MOST_GIVEN_UP", 3)
    with Stop() as stop, Queue({"exec": Receiver(lambda *_: "is down")}, 0.0, stop) as queue:
        queue.open(Journal(None), SavedAlerts(), lambda _: None)
        for number in range(5):
            queue.add(Alert(f"{number}", 0, time.time(), Event("A", "0", "long", 1.0, None)))
    assert queue.counts() == {"sent": 0, "retried": 0, "waiting": 0, "given_up": 5}
    first, *others = queue.summary()
    assert first == "given up: 5 alerts, of which these are the latest"
    assert [line[-1] for line in others] == ["2", "3", "4"]
    assert len(queue.pack().given_up) == 3


def test_a_channel_that_is_not_given_any_more(tmp_path: Path) -> None:
    with watching(tmp_path, Receiver(lambda *_: "is down")) as (watch, _, _):
        for bar in BARS:
            watch.take(bar)
    waiting = sum(map(len, EVENTS.values()))
    reports: list[str] = []
    with closing(Output(None, "json")) as output, closing(StateFile(tmp_path / "state")) as state:
        watch = Watch(ATCConfig(), "Average", output, state=state, report=reports.append)
        watch.close()
    assert reports == [f"{waiting} alerts wait for a --exec that is not given: they stay in the state"]
    with watching(tmp_path, receiver := Receiver()):
        pass
    assert len(receiver.received) == waiting


def test_a_slow_receiver_holds_up_no_bars(tmp_path: Path) -> None:
    go = threading.Event()

    def wait(*_: object) -> None:
        go.wait(60)

    with watching(tmp_path, receiver := Receiver(wait)) as (watch, alerts, _):
        for bar in BARS:
            watch.take(bar)
        assert alerts.waiting == sum(map(len, EVENTS.values()))
        go.set()
    assert [receiver.times(symbol) for symbol in SYMBOLS] == [EVENTS[symbol] for symbol in SYMBOLS]


RECEIVER = """
import json, os, sys
event = json.load(sys.stdin)
line = json.dumps([event["symbol"], event["time"], os.environ["ATC_ALERT_ID"]]) + "\\n"
file = os.open("calls", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
os.write(file, line.encode())
sys.exit(int.from_bytes(os.urandom(1)) < 40)  # it is down now and then, also after it has done its work
"""


@pytest.mark.long
def test_killed_at_any_moment(tmp_path: Path) -> None:
    """No alert is lost, each symbol's come in order, and doubles have the same id."""
    feed = tmp_path / "feed.csv"
    rows = "".join(f"{bar.symbol},{bar.time},{bar.close!r}\n" for bar in BARS[:500])
    feed.write_text("symbol,time,close\n" + rows)
    (tmp_path / "receiver.py").write_text(RECEIVER)
    command = [sys.executable, "-P", "-m", "atc_cy", "watch", "feed.csv", "-o", "out", "--state", "state"]
    command += ["--exec", f"{sys.executable} -S receiver.py"]
    choice = random.Random()
    for kill in range(1000):
        with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE) as process:
            try:
                _, errors = process.communicate(timeout=choice.uniform(1, 4) if kill < KILLS / 2 else None)
            except subprocess.TimeoutExpired:
                process.kill()
                continue
        assert process.returncode == 0
        if b"not been sent" not in errors:
            break
    calls = [json.loads(line) for line in (tmp_path / "calls").read_text().splitlines()]
    identities: dict[tuple[str, str], set[str]] = {}
    for symbol, moment, identity in calls:
        identities.setdefault((symbol, moment), set()).add(identity)
    assert all(len(each) == 1 for each in identities.values())
    for symbol in SYMBOLS:
        times = [moment for name, moment, _ in calls if name == symbol]
        without_doubles = [moment for n, moment in enumerate(times) if n == 0 or moment != times[n - 1]]
        assert without_doubles == [moment for moment in EVENTS[symbol] if int(moment) < START + 250 * MINUTE]


def test_alerts_of_a_feed_that_is_refused_are_withdrawn(tmp_path: Path) -> None:
    """As if its bars had not come; one that is being sent cannot be stopped."""
    turn = next(n for n, bar in enumerate(BARS) if bar.symbol == "A" and bar.time == EVENTS["A"][3])
    go = threading.Event()
    with watching(tmp_path, receiver := Receiver()) as (watch, alerts, _):
        for bar in BARS[:turn]:
            watch.take(bar)
    sent = len(receiver.received)
    blocked = Receiver(lambda *_: str(go.wait(60)))
    with watching(tmp_path, blocked) as (watch, alerts, stop):
        watch.take(BARS[turn])
        until(lambda: bool(blocked.tries))
        with pytest.raises(ValueError, match="the feed runs backwards"):
            watch.take(BARS[turn]._replace(instant=BARS[turn].instant - 1, close=1.0, time="x"))
        assert alerts.waiting == 1
        stop.signal = 15
        go.set()
    assert sent + 1 == len(receiver.received) + len(blocked.tries)


def test_without_a_state_what_is_stopped_is_lost_and_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    feed = tmp_path / "feed.csv"
    feed.write_text(
        "time,close\n" + "".join(f"{bar.time},{bar.close!r}\n" for bar in BARS if bar.symbol == "A")
    )
    threading.Timer(3.0, os.kill, (os.getpid(), 15)).start()
    assert main(["watch", str(feed), "-o", str(tmp_path / "out"), "--exec", "false"]) == 143
    lines = capsys.readouterr().err.splitlines()
    assert lines[-1].endswith("they are lost; with --state the next run would send them")


def test_a_journal_that_goes_on(tmp_path: Path) -> None:
    """A run that is killed before it has saved a state leaves the acts of the one before it, too."""
    state, path = b"a state with a checksum", tmp_path / ".state.journal"
    acts = [Act("exec", "A", number, f"{number}") for number in range(4)]
    for number in (0, 1, 2):
        journal = Journal(tmp_path / "state")
        journal.load(state, [])
        assert [journal.has("exec", act.id) for act in acts] == [n < number for n in range(4)]
        journal.note(acts[number])
        journal.close()
    with path.open("ab") as file:
        file.write(b'["exec", "A", 7, "tor')
    journal.load(state, [acts[3]])
    journal.note(Act("exec", "A", 9, "9"))
    journal.load(state, [acts[3]])
    assert all(journal.has("exec", act.id) for act in acts)
    assert journal.has("exec", "9")
    assert journal.pack({"A": 1}) == [
        acts[3],
        acts[2],
        Act("exec", "A", 9, "9"),
    ]  # of bars that it has not seen
    journal.restart(b"another state")
    journal.note(acts[0])
    journal.close()
    other = Journal(tmp_path / "state")
    other.load(state, [])
    assert not other.has("exec", "1")  # it is of another state
