"""`atc-cy watch`: bars go in one by one, events come out.

Nothing is lost or doubled when a watch is killed, because everything follows from the bars. The state file
holds each symbol's stream, the time of its last bar and the length that the output file had then. The next
run cuts the output file to that length; of the bars that it reads again it skips those that the state has
seen and computes the others anew, so it writes the very same events, whenever the state was saved.

What went to standard output or to a command cannot be taken back. There the state is saved after each event,
so only the last event before a kill can come again; symbol, time and event tell that it is the same one.
"""

import csv
import dataclasses
import fcntl
import json
import math
import os
import re
import select
import signal
import stat
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any, BinaryIO, NamedTuple, Self

from .config import ATCConfig
from .errors import HeaderError, PriceError, StateError
from .files.columns import DATE_COLUMNS
from .stream import Stream

POLL = 0.2
"""Seconds after which a feed that has run dry is looked at again."""

SAVING_SHARE = 0.1
"""At most this share of the time goes into saving the state."""

STANDARD_ERROR = 2

MAGIC = b"ATCWATCH"
VERSION = 1
_FRAME = struct.Struct("<8sII")
_CRC = struct.Struct("<I")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WHOLE = re.compile(r"-?[0-9]{1,14}")
_MILLISECONDS = 10**11
"""From here on an epoch is in milliseconds: as seconds it would be after the year 5138."""


class Bar(NamedTuple):
    """One row of a feed."""

    symbol: str
    time: str | int
    """As the feed gave it."""
    instant: int
    """The time in microseconds since 1970."""
    close: float
    src: float | None


class Event(NamedTuple):
    """A turn of a symbol's direction."""

    symbol: str
    time: str | int
    event: str
    """"long" or "short"."""
    price: float
    Average_Signal: float | None


def instant(moment: object) -> int:
    """A feed's time in microseconds since 1970.

    It is ISO 8601, in UTC if it names no offset, or a whole number of seconds or milliseconds since 1970.

    Raises
    ------
    ValueError
        It is neither.
    """
    text = str(moment)
    if isinstance(moment, int | str) and not isinstance(moment, bool) and text.isprintable():
        if _WHOLE.fullmatch(text):
            epoch = int(text)
            return epoch * (1_000_000 if abs(epoch) < _MILLISECONDS else 1_000)
        try:
            read = datetime.fromisoformat(text)
            return ((read if read.tzinfo else read.replace(tzinfo=UTC)) - _EPOCH) // timedelta(microseconds=1)
        except ValueError:
            pass
    raise ValueError(
        f"time={moment!r} must be ISO 8601, such as 2026-10-30T16:00, or a whole number of seconds or "
        "milliseconds since 1970"
    )


def _number(name: str, value: object) -> float:
    """NaN where there is none."""
    if value is None or value == "":
        return math.nan
    if isinstance(value, int | float | str) and not isinstance(value, bool):
        try:
            return float(value)
        except (ValueError, OverflowError):
            pass
    raise ValueError(f"{name}={value!r} is no number")


def _bar(row: Mapping[str, Any], symbol: str) -> Bar | None:
    """The bar of one row; None if it has no price."""
    for name in ("time", "close"):
        if name not in row:
            raise ValueError(f"there is no {name!r}; there are: {', '.join(row)}")
    symbol = row.get("symbol", symbol)
    if not isinstance(symbol, str) or not symbol.strip() or not symbol.isprintable():
        raise ValueError(f"symbol={symbol!r} must be a name")
    moment = row["time"].strip() if isinstance(row["time"], str) else row["time"]
    bar = Bar(symbol.strip(), moment, instant(moment), _number("close", row["close"]), None)
    if "src" in row:
        bar = bar._replace(src=_number("src", row["src"]))
    if math.isnan(bar.close) or (bar.src is not None and math.isnan(bar.src)):
        return None
    if not 0 < bar.close < math.inf:
        raise ValueError(f"close={bar.close} must be above 0 and finite, or empty where there is none")
    if bar.src is not None and math.isinf(bar.src):
        raise ValueError(f"src={bar.src} must be finite, or empty where there is none")
    return bar


def _name(column: str) -> str:
    column = column.strip().lower()
    return "time" if column in DATE_COLUMNS else column


def _json_bar(text: str, symbol: str) -> Bar | None:
    try:
        row = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"no valid JSON: {error}") from None
    if not isinstance(row, dict):
        raise ValueError(f"{text:.80} is no JSON object with time and close")
    return _bar({_name(name): value for name, value in row.items()}, symbol)


def _cells(text: str) -> list[str]:
    try:
        return next(csv.reader([text], strict=True))
    except csv.Error as error:
        raise ValueError(f"no valid CSV: {error}") from None


def _reader(first: str, symbol: str) -> Callable[[str], Bar | None]:
    """What reads the lines of a feed whose first one this is: a JSON object, or the header of a CSV table."""
    if first.startswith("{"):
        return lambda text: _json_bar(text, symbol)
    header = [*map(_name, _cells(first))]
    for name in ("time", "close"):
        if name not in header:
            wanted = " or ".join(DATE_COLUMNS) if name == "time" else name
            raise HeaderError(f"no column is named {wanted}; the header is: {first:.200}")

    def csv_bar(text: str) -> Bar | None:
        if text == first:  # also where files were joined
            return None
        cells = _cells(text)
        if len(cells) != len(header):
            raise ValueError(f"there are {len(cells)} columns, but {len(header)} in the header")
        return _bar(dict(zip(header, map(str.strip, cells), strict=True)), symbol)

    return csv_bar


class Stop:
    """Takes note of SIGINT and SIGTERM: a watch ends between two bars. The second one ends it at once."""

    signal: int | None = None

    def __enter__(self) -> Self:
        self._reading, self._writing = os.pipe()
        os.set_blocking(self._writing, False)
        # Written to as soon as a signal is there: also a wait that is just about to begin then ends.
        self._wakeup = signal.set_wakeup_fd(self._writing)
        self._handlers = {
            number: signal.signal(number, self._note) for number in (signal.SIGINT, signal.SIGTERM)
        }
        return self

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self.signal = number
        self._restore()

    def _restore(self) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def __exit__(self, *_: object) -> None:
        self._restore()
        signal.set_wakeup_fd(self._wakeup)
        os.close(self._reading)
        os.close(self._writing)

    def wait(self, seconds: float, file: BinaryIO | None = None) -> bool:
        """Wait until the file can be read, a signal comes or the time is over; returns whether it can."""
        files = [self._reading] if file is None else [self._reading, file.fileno()]
        ready, _, _ = select.select(files, [], [], seconds)
        return file is not None and file.fileno() in ready


def _lines(path: Path | None, follow: bool, stop: Stop) -> Iterator[tuple[int, bytes] | None]:
    """The feed's lines with their numbers, from 1; None whenever there is nothing more yet.

    A file that is followed and was replaced or cut is read from its first line again.
    """
    file = open(0 if path is None else path, "rb", buffering=0, closefd=path is not None)  # noqa: SIM115
    number, rest = 0, b""
    try:
        while not stop.signal:
            if not stop.wait(POLL, file):
                yield None
                continue
            anew = path is not None and follow and _begun_anew(file, path)
            chunk = file.read(1 << 16)
            if chunk:
                *whole, rest = (rest + chunk).split(b"\n")
                for line in whole:
                    number += 1
                    yield number, line
            elif anew and path is not None:
                file.close()
                file = path.open("rb", buffering=0)
                number, rest = 0, b""
            elif follow:
                yield None
                stop.wait(POLL)
            else:
                if rest:
                    yield number + 1, rest
                return
    finally:
        file.close()


def _begun_anew(file: BinaryIO, path: Path) -> bool:
    try:
        there = path.stat()
    except FileNotFoundError:  # it will come back
        return False
    if not stat.S_ISREG(there.st_mode):
        return False
    return not os.path.samestat(there, os.fstat(file.fileno())) or there.st_size < file.tell()


def _lock(file: BinaryIO, path: Path) -> None:
    """Keep other watches from a file until it is closed."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ValueError(f"{path}: another process uses this file; end it, or give another file") from None


class Output:
    """Where events are printed: standard output, or the end of a file."""

    def __init__(self, path: Path | None, form: str) -> None:
        self.path = None if path is None else path.resolve()
        self.form = form
        self.exact = self.path is not None and (self.path.is_file() or not self.path.exists())
        """Whether it is a regular file, which can be cut to an earlier length."""
        self._file: BinaryIO = sys.stdout.buffer

    def open(self, remembered: Mapping[str, Any] | None) -> None:
        """Open it, and take back what was printed after its place was remembered.

        Raises
        ------
        ValueError
            The file has become shorter, or another process uses it.
        """
        if self.path is None:
            return
        length = None
        if remembered is not None and remembered["path"] == str(self.path):
            length = remembered["length"]
            there = self.path.stat().st_size if self.path.exists() else 0
            if there < length:
                raise ValueError(
                    f"{self.path} has {there} bytes, but the state remembers {length}: "
                    "put the file back, or give another one"
                )
        self._file = self.path.open("ab")
        if self.exact:
            _lock(self._file, self.path)
        if length is not None:
            os.ftruncate(self._file.fileno(), length)

    def place(self) -> dict[str, Any] | None:
        """What `open` has to know to take back everything that is printed from now on."""
        if not self.exact:
            return None
        os.fsync(self._file.fileno())  # what the state remembers must be there
        return {"path": str(self.path), "length": os.fstat(self._file.fileno()).st_size}

    def begin(self) -> None:
        """Print the head of a table."""
        if self.form == "table" and not (self.exact and os.fstat(self._file.fileno()).st_size):
            self._print(f"{'symbol':<12} {'time':<25} {'event':<5} {'price':>14} {'Average Signal':>14}")

    def event(self, event: Event) -> None:
        """Print an event."""
        if self.form == "json":
            self._print(json.dumps(event._asdict()))
        else:
            symbol, moment, turn, price, average = event
            shown = "" if average is None else f"{average:+.2f}"
            self._print(f"{symbol:<12} {moment!s:<25} {turn:<5} {price:>14.10g} {shown:>14}")

    def close(self) -> None:
        """Close the file."""
        if self._file is not sys.stdout.buffer:
            self._file.close()

    def _print(self, line: str) -> None:
        self._file.write(line.encode() + b"\n")
        self._file.flush()


class Command(NamedTuple):
    """What is run for each event, without a shell."""

    arguments: Sequence[str]
    timeout: float
    """Seconds after which it is killed."""

    def run(self, event: Event) -> str | None:
        """Run it; returns what went wrong.

        Its output goes to standard error, so that it cannot be taken for events. It is in a session of its
        own: a Ctrl-C that ends the watch lets it come to its end.
        """
        average = "" if event.Average_Signal is None else repr(event.Average_Signal)
        told = {
            "ATC_SYMBOL": event.symbol,
            "ATC_TIME": str(event.time),
            "ATC_EVENT": event.event,
            "ATC_PRICE": repr(event.price),
            "ATC_AVERAGE_SIGNAL": average,
        }
        try:
            done = subprocess.run(
                self.arguments,
                input=json.dumps(event._asdict()).encode() + b"\n",
                stdout=STANDARD_ERROR,
                env=os.environ | told,
                timeout=self.timeout,
                start_new_session=True,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"was killed after {self.timeout:g} seconds"
        except OSError as error:
            return f"cannot be run: {error}"
        if done.returncode < 0:
            return f"was ended by signal {-done.returncode}"
        return f"ended with code {done.returncode}" if done.returncode else None


class StateFile:
    """A file that is replaced whole, and that one process at a time may use."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: BinaryIO | None = None

    def read(self) -> bytes | None:
        """What is in it; None if it is not there yet.

        Raises
        ------
        ValueError
            Another process uses it.
        """
        try:
            self._file = self.path.open("rb")
        except FileNotFoundError:
            return None
        _lock(self._file, self.path)
        if not os.path.samestat(os.fstat(self._file.fileno()), self.path.stat()):
            raise ValueError(f"{self.path}: another process has just replaced this file; end it")
        return self._file.read()

    def write(self, data: bytes) -> None:
        """Replace it; a crash leaves the old file or the new one."""
        part = self.path.with_name(f".{self.path.name}.part")
        with ExitStack() as on_error:
            file = on_error.enter_context(part.open("wb"))
            _lock(file, part)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            part.replace(self.path)
            on_error.pop_all()
        self.close()
        self._file = file
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # so that the new name lasts
        finally:
            os.close(folder)

    def close(self) -> None:
        """Leave it to others."""
        if self._file is not None:
            self._file.close()


class Followed(NamedTuple):
    """A symbol's stream, and its last bar."""

    stream: Stream
    time: str | int
    instant: int


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
        report: Callable[[str], None],
    ) -> None:
        Stream(config, alert_from=alert_from)  # what is wrong with them is said now, not at the first bar
        self.config, self.alert_from, self.source, self.report = config, alert_from, source, report
        self.symbols: dict[str, Followed] = {}
        self.bars = self.events = self.seen = self.failed = 0
        self._output, self._command, self._state = output, command, state
        self._packed: dict[str, bytes] = {}
        self._changed = True
        self._due = math.inf
        data = None if state is None else state.read()
        output.open(None if data is None else self._resume(data))
        self.save()  # before anything is printed: what comes before the next time must be taken back
        output.begin()

    def begin(self, bars: Sequence[Bar]) -> None:
        """Take a new symbol's history, all of it or none, without telling the events in it.

        Raises
        ------
        PriceError
            One of them can be no bar.
        """
        stream = Stream(self.config, alert_from=self.alert_from)
        stream.extend([bar.close for bar in bars])
        self._follow(stream, bars[-1])
        self.bars += len(bars)

    def take(self, bar: Bar) -> None:
        """Take a bar, unless the symbol has had one of that time or a later one.

        Raises
        ------
        PriceError
            It can be no bar; nothing changes.
        """
        followed = self.symbols.get(bar.symbol)
        if followed is not None and bar.instant <= followed.instant:
            self.seen += 1
            return
        stream = Stream(self.config, alert_from=self.alert_from) if followed is None else followed.stream
        stream.update(bar.close, bar.src)
        self._follow(stream, bar)
        self.bars += 1
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

    def save(self) -> None:
        """Save the state, if it has changed and there is a file for it."""
        if self._state is None or not self._changed:
            return
        begun = time.monotonic()
        self._state.write(self._pack())
        self._changed = False
        ended = time.monotonic()
        self._due = ended + (ended - begun) / SAVING_SHARE

    def _pack(self) -> bytes:
        for symbol, followed in self.symbols.items():
            if symbol not in self._packed:
                self._packed[symbol] = followed.stream.to_bytes()
        header = {
            "config": dataclasses.asdict(self.config),
            "alert_from": self.alert_from,
            "source": self.source,
            "output": self._output.place(),
            "symbols": [
                (symbol, followed.time, followed.instant, len(self._packed[symbol]))
                for symbol, followed in self.symbols.items()
            ],
        }
        text = json.dumps(header).encode()
        streams = b"".join(self._packed[symbol] for symbol in self.symbols)
        body = _FRAME.pack(MAGIC, VERSION, len(text)) + text + streams
        return body + _CRC.pack(zlib.crc32(body))

    def _resume(self, data: bytes) -> Mapping[str, Any] | None:
        """Take up a state; returns the place in the output that it remembers."""
        assert self._state is not None
        path = self._state.path
        if len(data) < _FRAME.size + _CRC.size or not data.startswith(MAGIC):
            raise StateError(f"{path} is no state of atc-cy watch, or was cut off; give another file")
        _, version, length = _FRAME.unpack_from(data)
        if version != VERSION:
            raise StateError(f"{path} is of version {version}, or damaged; this atc-cy reads {VERSION}")
        if zlib.crc32(data[: -_CRC.size]) != _CRC.unpack_from(data, len(data) - _CRC.size)[0]:
            raise StateError(f"{path} is damaged, its checksum is wrong: put a whole one back or remove it")
        position = _FRAME.size + length
        header = json.loads(data[_FRAME.size : position])
        self._check_same(path, header)
        for symbol, moment, last, size in header["symbols"]:
            try:
                stream = Stream.from_bytes(data[position : position + size])
            except StateError as error:
                raise StateError(f"{path}: {symbol}: {error}") from None
            self.symbols[symbol] = Followed(stream, moment, last)
            position += size
        place: Mapping[str, Any] | None = header["output"]
        return place

    def _check_same(self, path: Path, saved: Mapping[str, Any]) -> None:
        """A state goes on with what it was saved with."""
        self.source = self.source or saved["source"]
        mine = {**json.loads(json.dumps(dataclasses.asdict(self.config))), "alert_from": self.alert_from}
        theirs = {**saved["config"], "alert_from": saved["alert_from"]}
        if saved["source"] is not None:
            mine["source"], theirs["source"] = self.source, saved["source"]
        differing = [name for name in mine if mine[name] != theirs.get(name)]
        if differing:
            told = ", ".join(f"{name}={theirs.get(name)!r} and not {mine[name]!r}" for name in differing)
            raise StateError(f"{path} was saved with {told}: go on with that, or give another file")


def watch_feed(watch: Watch, path: Path | None, *, follow: bool, stop: Stop) -> None:
    """Take the bars of a file, of standard input if there is none, until it ends or the watch is stopped.

    A row that cannot be read is reported and left out.

    Raises
    ------
    OSError
        The file cannot be read.
    ValueError
        Its header lacks a column.
    """
    name, symbol = ("standard input", "stdin") if path is None else (str(path), path.stem)
    read: Callable[[str], Bar | None] | None = None
    for line in _lines(path, follow, stop):
        if line is None:
            watch.save()
            continue
        if stop.signal:
            break
        number, raw = line
        if number == 1:
            read = None
        try:
            text = raw.decode("utf-8-sig").strip()
            if not text:
                continue
            read = read or _reader(text, symbol)
            bar = read(text)
        except HeaderError as error:
            raise ValueError(f"{name}: line {number}: {error}") from None
        except ValueError as error:
            watch.fail(f"{name}: line {number}: {error}")
            continue
        if bar is not None:
            try:
                watch.take(bar)
            except PriceError as error:
                watch.fail(f"{name}: line {number}: {error}")
    watch.save()
