"""A watch that is left alone: a day of candles at speed, and all that goes wrong in a year.

python tests/soak.py                              300 symbols, 24 hours of 1-minute candles: some minutes
python tests/soak.py --symbols 50 --hours 6       fewer of them
python tests/soak.py --seed 7 --keep /tmp/soak    other candles and moments; what the watch wrote stays there

The watch follows a local exchange whose clock runs fast, and tells two receivers of each event. It is killed,
stopped and started again, the exchange fails and asks for patience, symbols are delisted and some come back,
and the receivers fail, also after they have taken an alert. In the end each event that `compute_atc_signals`
finds in the same candles must be in the output once, and must have reached both receivers, in the order of
the bars, once at least and always with the same id. In the second half nobody ends the watch: it must need no
more memory at the end than at the beginning.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import numpy as np
from support.exchange import MINUTE, START, Binance, serving

from atc_cy import compute_atc_signals, events, watch_state
from atc_cy.markets.source import iso

HISTORY = 250
PATIENCE = 300.0
"""Seconds after which something that must happen is said not to happen."""
MORE_MEMORY = 8.0
"""MB that the watch may have gained at the end: more is a leak."""
MOST_WAITING = 200
"""Alerts that wait in the second half; while there are more, the exchange's clock stands."""
EXEC = """\
printf '%s\\t%s\\t%s\\t%s\\n' "$ATC_ALERT_ID" "$ATC_SYMBOL" "$ATC_TIME" "$ATC_EVENT" >> commands
test ! -e exec-fails
"""


class Told(NamedTuple):
    """An alert as a receiver got it."""

    id: str
    symbol: str
    time: str
    event: str


class Market(Binance):
    """An exchange whose clients are killed while it answers."""

    def handle_error(self, request: object, client_address: object) -> None:
        pass


class Messages(ThreadingHTTPServer):
    """A service that takes alerts as JSON messages, and answers as it is told to."""

    request_queue_size = 100

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.taken: list[Told] = []
        self.is_down = False
        """Whether it takes nothing."""
        self.fails = 0.05
        """The share of messages that it takes and then refuses, as if the answer had been lost."""
        self.chance = random.Random(0)

    handle_error = Market.handle_error

    def status(self, message: str) -> int:
        if self.is_down:
            return 503
        self.taken.append(Told(*message.split("|")))
        return 500 if self.chance.random() < self.fails else 200


class Answer(BaseHTTPRequestHandler):
    server: Messages

    def do_POST(self) -> None:
        content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(self.server.status(content["message"]))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def closes_of(number: int, candles: int, seed: int) -> list[float]:
    """A market that turns several times a day."""
    rng = np.random.default_rng([seed, number])
    wave = 0.1 * np.sin(np.arange(candles) / rng.uniform(20, 100) + rng.uniform(0, 6))
    prices = rng.uniform(1, 1000) * np.exp(wave + np.cumsum(rng.normal(0, 0.0002, candles)))
    return [round(price, 6) for price in prices.tolist()]


@dataclass
class Figures:
    """What a soak has seen."""

    bars: int = 0
    events: int = 0
    requests: int = 0
    kills: int = 0
    stops: int = 0
    delisted: int = 0
    messages: int = 0
    commands: int = 0
    doubles: int = 0
    memory: list[float] = field(default_factory=list)
    """MB in the second half: when it begins, and at the end. Empty where the system does not say."""
    seconds: float = 0.0

    def __str__(self) -> str:
        memory = " -> ".join(f"{each:.1f} MB" for each in self.memory) or "not known on this system"
        return (
            f"{self.bars} bars, {self.events} events, each once in the output\n"
            f"{self.kills} kills, {self.stops} stops, {self.delisted} symbols delisted, "
            f"{self.requests} requests to the exchange\n"
            f"{self.messages} messages and {self.commands} commands, {self.doubles} of them doubles "
            f"with the same id\n"
            f"memory in the second half: {memory}\n"
            f"{self.seconds:.0f} seconds"
        )


class Soak:
    """A watch, and what happens around it.

    symbols, hours
        How many symbols are followed, and for how many hours of 1-minute candles.
    seconds
        In which the exchange's clock runs through these hours; it stands while something is waited for.
    kills
        How often the watch is killed in the first half.
    """

    def __init__(
        self, folder: Path, *, symbols: int, hours: float, seconds: float, kills: int, seed: int = 0
    ) -> None:
        self.folder, self._seconds, self._kills = folder, seconds, kills
        self.chance = random.Random(seed)
        self.first, self.last = HISTORY, HISTORY + round(hours * 60)
        self.closes = {f"C{number}/USDT": closes_of(number, self.last + 1, seed) for number in range(symbols)}
        self.exchange = Market(self.closes)
        self.messages = Messages()
        self.figures = Figures()
        self.ends: dict[str, int] = {}
        """Of symbols that are delisted, their last candle."""
        self._removed: dict[str, dict[int, float]] = {}
        self._candle = float(self.first)
        self._process: subprocess.Popen[bytes] | None = None

    def run(self) -> Figures:
        """All of it.

        Raises
        ------
        AssertionError
            Something was lost, doubled or leaked.
        """
        begun = time.monotonic()
        (self.folder / "receive.sh").write_text(EXEC)
        with serving(self.exchange), _serving(self.messages):
            try:
                self._replay()
                self._finish()
            finally:
                self._kill()
        self._compare()
        self.figures.seconds = time.monotonic() - begun
        return self.figures

    def _replay(self) -> None:
        """Run the exchange's clock, and do what is to happen at its time."""
        self.exchange.at(self.first, 30)
        self._start()
        self._until(lambda: len(self._bars()) == len(self.closes))
        acts: list[tuple[float, Callable[[], None]]] = [
            (self.chance.uniform(0.02, 0.5), self._kill_and_start) for _ in range(self._kills)
        ]
        symbols = self.chance.sample([*self.closes], max(2, len(self.closes) // 15))
        gone, back = symbols[::2], symbols[1::2]
        acts += [
            (0.05, lambda: self._fail_commands(True)),
            (0.15, lambda: self._fail_exchange(True)),
            (0.20, lambda: self._fail_exchange(False)),
            (0.25, lambda: self._fail_commands(False)),
            (0.25, lambda: self._delist(gone + back)),
            (0.30, lambda: self._fail_messages(True)),
            (0.45, lambda: self._fail_messages(False)),
            (0.51, self._stop_and_start),
            (0.52, self._measure_memory),
            (0.55, lambda: self._fail_exchange(True)),
            (0.60, lambda: self._fail_exchange(False)),
            (0.65, lambda: self.exchange.candle_errors.append((429, {"Retry-After": "1"}))),
            (0.70, lambda: self._list_again(back)),
            (0.75, lambda: self._break_some(symbols=len(self.closes) // 10)),
            (0.80, lambda: self._break_some(symbols=0)),
            (0.90, lambda: setattr(self.messages, "fails", 0.0)),
        ]
        for share, act in sorted(acts, key=lambda each: each[0]):
            self._go_on_to(share)
            act()
        self._go_on_to(1.0)

    def _finish(self) -> None:
        """Let the watch come to the last candle, stop it, and have the alerts that wait sent."""
        self.exchange.at(self.last, 30)
        last = {symbol: self.ends.get(symbol, self.last - 1) for symbol in self.closes}
        self._until(lambda: self._bars() == last and self._waiting() <= MOST_WAITING)
        self._measure_memory()
        self._stop()
        while len(watch_state(self.folder / "state").waiting):
            self._start("--polls", "1")
            assert self._process is not None
            assert self._process.wait(PATIENCE) in (0, 3)

    def _start(self, *options: str) -> None:
        """Start the watch; it goes on where the one before was ended."""
        command = [sys.executable, "-P", "-m", "atc_cy", "watch", "--exchange", "binance", "-t", "1m"]
        command += ["--symbols", *self.closes, "NO/SUCH", "--keep-going", "--history", str(HISTORY)]
        command += ["--every", "0.05", "--no-open", "--state", "state", "-o", "events"]
        command += ["--health", "health", *options]
        command += ["--notify", f"json://127.0.0.1:{self.messages.server_port}/", "--exec", "sh receive.sh"]
        command += ["--message", "{id}|{symbol}|{time}|{event}", "--log-format", "text"]
        environment = os.environ | {"ATC_CY_EXCHANGE_URL": self.exchange.url}
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, cwd=self.folder, env=environment, stderr=log)

    def _kill(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def _kill_and_start(self) -> None:
        """Kill it some time after it has begun to ask for candles."""
        asked = len(self.exchange.requests) + self.chance.randint(3, 2 * len(self.closes))
        self._until(lambda: len(self.exchange.requests) >= asked)
        self._kill()
        self.figures.kills += 1
        self._start()

    def _stop(self) -> None:
        assert self._process is not None
        self._process.terminate()
        assert self._process.wait(PATIENCE) == 143
        self.figures.stops += 1

    def _stop_and_start(self) -> None:
        asked = len(self.exchange.requests) + 3
        self._until(lambda: len(self.exchange.requests) >= asked)
        self._stop()
        self._start()

    def _fail_commands(self, fails: bool) -> None:
        """The command does its work and fails: the alert comes again."""
        if fails:
            (self.folder / "exec-fails").touch()
        else:
            (self.folder / "exec-fails").unlink()

    def _fail_messages(self, fails: bool) -> None:
        self.messages.is_down = fails

    def _fail_exchange(self, fails: bool) -> None:
        self.exchange.broken = {*self.exchange.names} if fails else set()

    def _break_some(self, symbols: int) -> None:
        """Some symbols' candles cannot be had."""
        self.exchange.broken = {*self.chance.sample([*self.exchange.names], symbols)}

    def _delist(self, symbols: Sequence[str]) -> None:
        """Their trading ends, and when the watch has their last candles, the exchange has them no more."""
        end = int(self._candle) - 1
        for symbol in symbols:
            self.ends[symbol] = end
            candles = self.exchange.candles[symbol.replace("/", "")]
            self._removed[symbol] = {candle: candles.pop(candle) for candle in [*candles] if candle > end}
        self._until(lambda: all(self._bars()[symbol] == end for symbol in symbols))
        self.exchange.delisted |= {symbol.replace("/", "") for symbol in symbols}
        self.figures.delisted += len(symbols)

    def _list_again(self, symbols: Sequence[str]) -> None:
        """They come back, with all candles of meanwhile."""
        for symbol in symbols:
            del self.ends[symbol]
            self.exchange.candles[symbol.replace("/", "")].update(self._removed.pop(symbol))
            self.exchange.delisted.remove(symbol.replace("/", ""))

    def _measure_memory(self) -> None:
        """Note how much memory the watch has, after it has polled all symbols."""
        asked = len(self.exchange.requests) + 2 * len(self.closes)
        self._until(lambda: len(self.exchange.requests) >= asked)
        assert self._process is not None
        status = Path(f"/proc/{self._process.pid}/status")
        if status.exists():
            (line,) = [line for line in status.read_text().splitlines() if line.startswith("VmRSS:")]
            self.figures.memory.append(int(line.split()[1]) / 1024)

    def _bars(self) -> dict[str, int]:
        """The candle at which the saved state has each symbol."""
        if not (self.folder / "state").exists():
            return {}
        instants = watch_state(self.folder / "state").bars["instant"]
        return {symbol: _candle_of(instant.value // 1_000_000) for symbol, instant in instants.items()}

    def _waiting(self) -> int:
        """How many alerts wait, as the watch has told last."""
        waiting: int = json.loads((self.folder / "health").read_text())["alerts"]["waiting"]
        return waiting

    def _until(self, happened: Callable[[], bool]) -> None:
        """Wait, while the exchange's clock stands."""
        deadline = time.monotonic() + PATIENCE
        while not happened():
            assert self._process is not None
            assert self._process.poll() is None, f"the watch has ended: {self.folder / 'log'}"
            assert time.monotonic() < deadline, f"it does not happen: {self.folder / 'log'}"
            time.sleep(0.05)

    def _go_on_to(self, share: float) -> None:
        """Run the exchange's clock to this share of the candles."""
        end = self.first + share * (self.last - self.first)
        speed = (self.last - self.first) / self._seconds
        begun, candle = time.monotonic(), self._candle
        while self._candle < end:
            if self.figures.memory and self._waiting() > MOST_WAITING:
                self._until(lambda: self._waiting() <= MOST_WAITING)
                begun, candle = time.monotonic(), self._candle
            self._candle = min(end, candle + speed * (time.monotonic() - begun))
            self.exchange.at(int(self._candle), 30)
            time.sleep(0.01)

    def _compare(self) -> None:
        """What was written and told, with a batch of the same candles."""
        lines = [json.loads(line) for line in (self.folder / "events").read_text().splitlines()]
        commands = [Told(*line.split("\t")) for line in (self.folder / "commands").read_text().splitlines()]
        told = {"messages": self.messages.taken, "commands": commands}
        self.figures.requests = len(self.exchange.requests)
        self.figures.events = len(lines)
        self.figures.messages, self.figures.commands = map(len, told.values())
        identities: dict[tuple[str, str], set[str]] = {}
        for alert in (alert for alerts in told.values() for alert in alerts):
            identities.setdefault((alert.symbol, alert.time), set()).add(alert.id)
        assert all(len(each) == 1 for each in identities.values()), "doubles have other ids"
        assert len({*map(min, identities.values())}) == len(identities), "two events have the same id"
        total = 0
        for symbol, closes in self.closes.items():
            last = self.ends.get(symbol, self.last - 1)
            expected = _events(closes, self.first, last)
            total += len(expected)
            self.figures.bars += last + 1
            written = [(line["time"], line["event"]) for line in lines if line["symbol"] == symbol]
            assert written == expected, f"{symbol}: the output differs from the batch"
            for channel, alerts in told.items():
                came = dict.fromkeys((each.time, each.event) for each in alerts if each.symbol == symbol)
                assert [*came] == expected, f"{symbol}: {channel} differ from the batch"
        assert len(lines) == total
        self.figures.doubles = len(self.messages.taken) + len(commands) - 2 * total
        if self.figures.memory:
            first, *_, last_one = self.figures.memory
            assert last_one < first + MORE_MEMORY, f"memory grows: {self.figures.memory}"


def _events(closes: Sequence[float], first: int, last: int) -> list[tuple[str, str]]:
    """Time and direction of the events on the candles from `first` to `last`, of a batch."""
    turns = events(compute_atc_signals(closes[: last + 1]))
    return [
        (iso(START + candle * MINUTE), "long" if turns[candle] > 0 else "short")
        for candle in np.flatnonzero(turns).tolist()
        if candle >= first
    ]


def _candle_of(milliseconds: int) -> int:
    return (milliseconds - START) // MINUTE


@contextmanager
def _serving(server: Messages) -> Iterator[None]:
    with server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        try:
            yield
        finally:
            server.shutdown()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--symbols", type=int, default=300)
    parser.add_argument("--hours", type=float, default=24.0, help="of 1-minute candles")
    parser.add_argument("--seconds", type=float, default=150.0, help="in which the hours go by")
    parser.add_argument("--kills", type=int, default=8)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="the folder of what the watch writes; it stays")
    options = parser.parse_args()
    folder = options.keep or Path(tempfile.mkdtemp(prefix="soak-"))
    folder.mkdir(exist_ok=True)
    soak = Soak(
        folder,
        symbols=options.symbols,
        hours=options.hours,
        seconds=options.seconds,
        kills=options.kills,
        seed=options.seed,
    )
    print(soak.run())
    if options.keep is None:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
