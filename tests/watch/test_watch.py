"""`atc-cy watch` on feeds: real processes that are fed, stopped and killed, and what they leave behind.

`ATC_CY_KILLS=200 pytest tests/watch/test_watch.py -k killed` is the long version of the test with `kill -9`.
"""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.waiting import PATIENCE, until
from support.watching import rotate

import atc_cy.watch.watch
from atc_cy import ATCConfig, compute_atc_signals, events
from atc_cy.cli import main
from atc_cy.watch import Bar, Output, StateFile, Stop, Watch, instant

PROGRAM = str(Path(sys.executable).with_name("atc-cy"))
KILLS = int(os.environ.get("ATC_CY_KILLS", "10"))
START = 1_700_000_000

Closes = dict[str, list[float]]
Row = tuple[str, int, float]


def walks(symbols: int, bars: int) -> Closes:
    """Prices that turn often."""
    steps = np.random.default_rng(7).normal(0, 0.01, (symbols, bars))
    return {f"S{i}": (100 * np.exp(np.cumsum(row))).tolist() for i, row in enumerate(steps)}


def rows_of(closes: Closes) -> list[Row]:
    """The rows of a feed, all symbols in turn."""
    return [
        (symbol, START + 60 * bar, prices[bar])
        for bar in range(len(next(iter(closes.values()))))
        for symbol, prices in closes.items()
    ]


def csv_lines(rows: list[Row]) -> list[str]:
    return [f"{symbol},{moment},{close!r}\n" for symbol, moment, close in rows]


CLOSES = walks(2, 400)
ROWS = rows_of(CLOSES)
HEADER = "symbol,time,close\n"


def expected_events(closes: Closes, **parameters: Any) -> list[dict[str, Any]]:
    """What a batch tells, in the order of the feed; times are text, as in a CSV feed."""
    reported = {}
    for symbol, prices in closes.items():
        result = compute_atc_signals(prices, **parameters)
        turns = events(result)
        for bar in np.flatnonzero(turns):
            reported[bar, symbol] = {
                "symbol": symbol,
                "time": str(START + 60 * int(bar)),
                "event": "long" if turns[bar] > 0 else "short",
                "price": prices[bar],
                "Average_Signal": result["Average_Signal"][bar],
            }
    return [reported[place] for place in sorted(reported)]


EVENTS = expected_events(CLOSES)
LINES = [json.dumps(event) for event in EVENTS]


def write_feed(path: Path, rows: list[Row] = ROWS) -> Path:
    path.write_text(HEADER + "".join(csv_lines(rows)))
    return path


def watch(
    *arguments: object, code: int = 0, feed: str = "", cwd: "Path | None" = None
) -> "subprocess.CompletedProcess[str]":
    command = [PROGRAM, "watch", *map(str, arguments)]
    done = subprocess.run(command, input=feed, capture_output=True, text=True, check=False, cwd=cwd)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


@contextmanager
def watching(*arguments: object, **options: Any) -> "Iterator[subprocess.Popen[str]]":
    """A watch that runs meanwhile; killed at the end if it has not ended."""
    command = [PROGRAM, "watch", *map(str, arguments)]
    with subprocess.Popen(command, text=True, **options) as process:
        try:
            yield process
        finally:
            process.kill()


def text_of(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def test_events_are_those_of_a_batch(tmp_path: Path) -> None:
    feed = write_feed(tmp_path / "feed.csv")
    done = watch(feed, "--format", "json", "--verbose")
    assert len(LINES) > 40
    assert done.stdout.splitlines() == LINES
    assert done.stderr == f"atc-cy: 800 bars, 0 seen before, {len(LINES)} events, 0 failures\n"
    assert watch("-", "--format", "json", "-o", "-", feed=feed.read_text()).stdout.splitlines() == LINES


def test_a_table_for_people(tmp_path: Path) -> None:
    lines = watch(write_feed(tmp_path / "feed.csv")).stdout.splitlines()
    assert lines[0].split() == ["symbol", "time", "event", "price", "Average", "Signal"]
    assert len(lines) == 1 + len(EVENTS)
    event = EVENTS[0]
    assert lines[1].split() == [
        event["symbol"],
        event["time"],
        event["event"],
        f"{event['price']:.10g}",
        f"{event['Average_Signal']:+.2f}",
    ]


@pytest.mark.parametrize("scale", [1.0, 1.234e-5, 3.123456789e-8])
def test_columns_stand_below_their_names(scale: float, tmp_path: Path) -> None:
    """Also those of very small prices, on 80 columns."""
    path = tmp_path / "feed.csv"
    rows = enumerate((1 + np.sin(np.arange(200) / 9) / 2).tolist())
    path.write_text("time,close\n" + "".join(f"{time},{scale * price!r}\n" for time, price in rows))
    lines = watch(path).stdout.splitlines()
    assert len(lines) > 3
    assert {len(line) for line in lines} == {79}


def test_json_lines_as_they_come() -> None:
    rows = [{"close": close, "TIME": moment * 1000, "symbol": name, "x": []} for name, moment, close in ROWS]
    done = watch("--format", "json", feed="\n" + "\n\n".join(map(json.dumps, rows)))
    reported = [event | {"time": int(event["time"]) * 1000} for event in EVENTS]
    assert list(map(json.loads, done.stdout.splitlines())) == reported


def test_one_symbol_src_and_order_of_columns(tmp_path: Path) -> None:
    close, src = CLOSES["S0"], CLOSES["S1"]
    day = datetime(2020, 1, 1, tzinfo=UTC)
    lines = [
        f"{x!r},7, {(day + timedelta(bar)).date()},{price!r}\r\n"
        for bar, (price, x) in enumerate(zip(close, src, strict=True))
    ]
    lines[100:100] = ["1,7,2020-04-10,\r\n", "\r\n", ",7,2020-04-10,1\r\n"]  # these are no bars
    path = tmp_path / "EURUSD.csv"
    path.write_text("\ufeffSrc,volume, Date ,CLOSE\r\n" + "".join(lines).rstrip(), newline="")
    turns = np.flatnonzero(events(compute_atc_signals(close, src)))
    reported = [json.loads(line) for line in watch(path, "--format", "json").stdout.splitlines()]
    assert [event["time"] for event in reported] == [str((day + timedelta(int(bar))).date()) for bar in turns]
    assert {event["symbol"] for event in reported} == {"EURUSD"}


def test_parameters(tmp_path: Path) -> None:
    config = ATCConfig(moving_averages=("EMA", "KAMA"), ema_len=9, strategy_mode=True, long_threshold=0.3)
    toml = tmp_path / "config.toml"
    toml.write_text(config.override(strategy_mode=False).to_toml())
    feed = write_feed(tmp_path / "feed.csv")
    lines = watch(feed, "--format", "json", "--config", toml, "--strategy-mode").stdout.splitlines()
    reported = []
    for symbol, prices in CLOSES.items():
        result = compute_atc_signals(
            prices, moving_averages=["EMA", "KAMA"], ema_len=9, strategy_mode=True, long_threshold=0.3
        )
        turns = events(result, long_threshold=0.3)
        reported += [(START + 60 * int(bar), symbol, turns[bar]) for bar in np.flatnonzero(turns)]
    sign = {"long": 1, "short": -1}
    read = [json.loads(line) for line in lines]
    assert [(int(event["time"]), event["symbol"], sign[event["event"]]) for event in read] == sorted(reported)

    lines = watch(
        feed, "--format", "json", "--preset", "kama_only", "--alert-from", "KAMA"
    ).stdout.splitlines()
    result = compute_atc_signals(CLOSES["S0"], moving_averages=["KAMA"])
    turns = events(result, alert_from="KAMA")
    read = [json.loads(line) for line in lines]
    times = [int(event["time"]) for event in read if event["symbol"] == "S0"]
    assert times == [START + 60 * int(bar) for bar in np.flatnonzero(turns)]


@pytest.mark.parametrize(
    ("moment", "seconds"),
    [
        ("2023-11-14T22:13:20Z", START),
        ("2023-11-14 22:13:20", START),
        ("2023-11-15T00:13:20.000001+02:00", START + 1e-6),
        ("2023-11-14", START - (22 * 60 + 13) * 60 - 20),
        (str(START), START),
        (START, START),
        (START * 1000, START),
        (f"{START * 1000 + 1}", START + 0.001),
        (-1, -1),
    ],
)
def test_times_are_instants(moment: object, seconds: float) -> None:
    assert instant(moment) == round(seconds * 1_000_000) * 1_000


@pytest.mark.parametrize("moment", ["", "14/13/2023", "noon", 1.5, True, None, 10**20, "2023-11-14\n10:00"])
def test_what_is_no_time(moment: object) -> None:
    with pytest.raises(ValueError, match="must be ISO 8601"):
        instant(moment)


def test_rows_that_are_seen_are_left_out(tmp_path: Path) -> None:
    lines = csv_lines(ROWS)
    muddled = [line for i, line in enumerate(lines) for line in (line, lines[max(0, i - 2)], lines[i // 2])]
    feed = tmp_path / "feed.csv"
    feed.write_text(HEADER + "".join(muddled[:999]) + HEADER + "".join(muddled[999:]))
    done = watch(feed, "--format", "json", "--verbose")
    assert done.stdout.splitlines() == LINES
    assert "800 bars, 1600 seen before" in done.stderr


BAD_CSV = {
    "S0,noon,1": "time='noon' must be ISO 8601",
    "S0,2999-01-01,one": "close='one' is not a number",
    "S0,2999-01-01,-1": "close=-1.0 must be above 0 and finite",
    "S0,2999-01-01,1e999": "close=inf must be above 0 and finite",
    "S0,2999-01-01": "there are 2 columns, but 3 in the header",
    ",2999-01-01,1": "the symbol is missing ('')",
    "S0,2999-01-01,1": "the time '2999-01-01' is not between the years 1678 and 2261",
    '"S0,2999-01-01,1': "not valid CSV",
    "S\xff,2999-01-01,1": "it is not text in UTF-8, or is cut off within a character",
}
BAD_JSON = {
    '{"symbol": "S0", "time": 1': "not valid JSON",
    "[" * 50_000: "not valid JSON",
    "[1]": "is not a JSON object",
    '{"symbol": "S0", "close": 1}': "there is no 'time'; the row has: symbol, close",
    '{"symbol": "S0", "time": "2999-01-01", "close": true}': "close=True is not a number",
    '{"symbol": "S0", "time": "2999-01-01", "close": 1, "src": Infinity}': "it has 'src', but the rows",
    '{"symbol": "S0", "time": "2999-01-01", "close": Infinity}': "close=inf must be above 0 and finite",
    '{"symbol": [7], "time": "2999-01-01", "close": 1}': "the symbol [7] is not a name",
    '{"symbol": "S\\n0", "time": "2999-01-01", "close": 1}': (
        "symbol='S\\n0' has characters that cannot be seen: remove them"
    ),
}


@pytest.mark.parametrize("bad", [BAD_CSV, BAD_JSON], ids=["csv", "json"])
def test_bad_rows_are_reported_and_left_out(bad: dict[str, str], tmp_path: Path) -> None:
    lines = [HEADER, *csv_lines(ROWS)]
    if bad is BAD_JSON:
        lines = [json.dumps(dict(zip(("symbol", "time", "close"), row, strict=True))) + "\n" for row in ROWS]
    lines[9:9] = [f"{row}\n" for row in bad]
    feed = tmp_path / "feed"
    feed.write_bytes("".join(lines).encode("latin-1"))
    done = watch(feed, "--format", "json", code=3)
    assert len(done.stdout.splitlines()) == len(LINES)
    reports = done.stderr.splitlines()
    for number, report, words in zip(range(10, 99), reports, bad.values(), strict=False):
        assert report.startswith(f"atc-cy: {feed}: line {number}: ")
        assert words in report
    assert reports[len(bad) :] == [f"atc-cy: skipped {len(bad)} rows: {len(bad)} unreadable"]


@pytest.mark.parametrize(
    ("feed", "words"),
    [
        (
            "symbol,close\nS0,1\n",
            "line 1: no column is named date, datetime, timestamp or time; the columns are symbol, close: "
            "name one with --time-column; the header is: symbol,close",
        ),
        (
            "\nsymbol,time,open\n",
            "standard input: line 2: there is no column 'close'; known: open, symbol, time: name one "
            "with --column; the header is: symbol,time,open",
        ),
    ],
)
def test_bad_headers(feed: str, words: str) -> None:
    done = watch(feed=feed, code=1)
    assert words in done.stderr


def test_a_file_that_grows(tmp_path: Path) -> None:
    feed, out, state = tmp_path / "feed.csv", tmp_path / "out.jsonl", tmp_path / "state"
    lines = csv_lines(ROWS)
    first, second = lines[:500], lines[500:]
    feed.write_text(HEADER + "".join(first) + second[0][:4])
    with watching(
        "--follow", feed, "--state", state, "-o", out, "--verbose", stderr=subprocess.PIPE
    ) as process:
        before = LINES[: sum(int(event["time"]) < START + 60 * 250 for event in EVENTS)]
        until(lambda: text_of(out).splitlines() == before)
        with feed.open("a") as growing:
            growing.write(second[0][4:] + "".join(second[1:100]))
        rotated = tmp_path / "new.csv"
        rotated.write_text("close,symbol,time\n")
        with rotated.open("a") as growing:
            growing.writelines(f"{close!r},{symbol},{moment}\n" for symbol, moment, close in ROWS[550:])
        until(lambda: len(text_of(out).splitlines()) > len(before))
        rotate(rotated, feed)
        until(lambda: text_of(out).splitlines() == LINES)
        last = '"{}", "{}"'.format(*ROWS[-1]).encode()
        until(lambda: last in state.read_bytes())
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 143
        assert process.stderr is not None
        assert process.stderr.read().startswith("atc-cy: 800 bars, 50 seen before")
    feed.write_text(HEADER + "".join(lines))
    assert "0 bars, 800 seen before" in watch(feed, "--state", state, "-o", out, "--verbose").stderr
    assert out.read_text().splitlines() == LINES
    assert {path.name for path in tmp_path.iterdir()} == {"feed.csv", "out.jsonl", "state"}


def test_a_live_feed_that_is_not_given_again(tmp_path: Path) -> None:
    """What was read is saved as soon as the feed pauses: kill -9 then costs nothing."""
    state = tmp_path / "state"
    lines = csv_lines(ROWS)
    reported = []
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    for first, last in ((0, 300), (300, 500), (500, 700)):
        with watching("--state", state, "--format", "json", **pipes) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(HEADER + "".join(lines[first:last]))
            process.stdin.flush()
            if last < 700:
                saved = '"{}", "{}"'.format(*ROWS[last - 1]).encode()
                until(lambda saved=saved: state.exists() and saved in state.read_bytes())
                process.kill()
            else:
                process.stdin.write("".join(lines[700:]))
                process.stdin.flush()
                process.stdin.close()
            reported += process.stdout.read().splitlines()
    assert reported == LINES


def test_ctrl_c_is_heard_while_nothing_comes(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with watching("--state", state, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("symbol")
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 130


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="this system has no SIGHUP")
def test_a_terminal_that_is_closed(tmp_path: Path) -> None:
    """The watch ends between two bars, unless nohup has told it not to."""
    state, feed = tmp_path / "state", "".join([HEADER, *csv_lines(ROWS[:100])])
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    last = '"{}", "{}"'.format(*ROWS[99]).encode()
    before = signal.getsignal(signal.SIGHUP)  # a watch inherits whether it is ignored
    try:
        for ignored in (False, True):
            signal.signal(signal.SIGHUP, signal.SIG_IGN if ignored else signal.SIG_DFL)
            with watching("--state", state, **pipes) as process:
                assert process.stdin is not None
                process.stdin.write(feed)
                process.stdin.flush()
                until(lambda: state.exists() and last in state.read_bytes())
                process.send_signal(signal.SIGHUP)
                if ignored:
                    process.stdin.close()
                assert process.wait(PATIENCE) == (0 if ignored else 129)
            state.unlink()
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_wait_ends_with_a_signal() -> None:
    with Stop() as stop:
        begun = time.monotonic()
        threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGTERM)).start()
        stop.wait(PATIENCE)
        assert stop.signal == signal.SIGTERM
        assert time.monotonic() - begun < PATIENCE / 2


COMMAND = """
import json, os, sys
event = json.load(sys.stdin)
told = {name: os.environ[name] for name in os.environ if name.startswith("ATC_") and name != "ATC_CY_KILLS"}
with open("calls", "a") as file:
    file.write(json.dumps([sys.argv[1:], event, told]) + "\\n")
print("not an event")
if event["event"] == "short":
    sys.exit(5)
"""


def test_a_command_for_each_event(tmp_path: Path) -> None:
    (tmp_path / "command.py").write_text(COMMAND)
    feed = write_feed(tmp_path / "feed.csv", ROWS[:200])
    reported = [event for event in EVENTS if int(event["time"]) < START + 60 * 100]
    assert {event["event"] for event in reported} == {"long", "short"}
    command = f"{sys.executable} command.py 'two words' $HOME ; *"
    done = watch(feed, "--format", "json", "--exec", command, "--alert-timeout", 0, code=3, cwd=tmp_path)
    assert list(map(json.loads, done.stdout.splitlines())) == reported
    identities = set()
    calls = [json.loads(line) for line in (tmp_path / "calls").read_text().splitlines()]
    for (arguments, event, environment), expected in zip(calls, reported, strict=True):
        assert arguments == ["two words", "$HOME", ";", "*"]
        assert event == expected
        identities.add(environment.pop("ATC_ALERT_ID"))
        assert environment == {
            "ATC_SYMBOL": event["symbol"],
            "ATC_TIME": event["time"],
            "ATC_EVENT": event["event"],
            "ATC_PRICE": repr(event["price"]),
            "ATC_AVERAGE_SIGNAL": repr(event["Average_Signal"]),
        }
    assert len(identities) == len(reported)
    shorts = [event for event in reported if event["event"] == "short"]
    assert done.stderr.count("not an event") == len(reported)
    assert done.stderr.count(" ended with code 5 ") == len(shorts)
    assert f"({shorts[0]['symbol']}, {shorts[0]['time']})" in done.stderr


def test_a_command_that_does_not_end(tmp_path: Path) -> None:
    feed = write_feed(tmp_path / "feed.csv", ROWS[:200])
    reported = sum(int(event["time"]) < START + 60 * 100 for event in EVENTS)
    done = watch(feed, "--exec", "sleep 60", "--exec-timeout", 0.05, "--alert-timeout", 0, code=3)
    assert done.stderr.count("--exec sleep was killed after 0.05 seconds") == reported


def test_a_command_comes_to_its_end_after_ctrl_c(tmp_path: Path) -> None:
    script = tmp_path / "command.sh"
    script.write_text("echo began >> log\nsleep 0.3\necho ended >> log\n")
    arguments = [write_feed(tmp_path / "feed.csv"), "--exec", f"sh {script}", "--state", "state"]
    options = {"cwd": tmp_path, "start_new_session": True, "stdout": subprocess.PIPE}
    with watching(*arguments, **options) as process:
        until(lambda: text_of(tmp_path / "log"))
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(PATIENCE) == 130
    log = text_of(tmp_path / "log").splitlines()
    assert log == ["began", "ended"] * (len(log) // 2)


def state_of(folder: Path) -> Path:
    state = folder / "state"
    feed = write_feed(folder / "feed.csv", ROWS[:300])
    assert main(["watch", str(feed), "--state", str(state), "-o", str(folder / "out")]) == 0
    return state


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--preset", "short"], "was saved with ema_len=28 and not 14"),
        (["--strategy-mode"], "was saved with strategy_mode=False and not True"),
        (["--alert-from", "EMA"], "was saved with alert_from='Average' and not 'EMA'"),
    ],
)
def test_a_state_of_something_else(arguments: list[object], words: str, tmp_path: Path) -> None:
    state = state_of(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    done = watch(tmp_path / "feed.csv", "--state", state, "-o", tmp_path / "out", *arguments, code=1)
    assert done.stderr.startswith(f"atc-cy: {state} {words}")
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_damaged_state(tmp_path: Path) -> None:
    state = state_of(tmp_path)
    with (tmp_path / "out").open("a") as out:
        out.write("not to be cut off\n")
    whole = state.read_bytes()
    before = (tmp_path / "out").read_bytes()
    choice = random.Random(7)
    places = [0, 8, 12, 20, len(whole) - 1, *(choice.randrange(len(whole)) for _ in range(40))]
    damaged = [whole[:i] + bytes([whole[i] ^ 1 << choice.randrange(8)]) + whole[i + 1 :] for i in places]
    damaged += [whole[:i] for i in places] + [whole + b"\0", b"no state"]
    for data in damaged:
        state.write_bytes(data)
        with (
            closing(Output(tmp_path / "out", "json")) as output,
            closing(StateFile(state)) as file,
            pytest.raises(ValueError, match=f"^{state} is "),
        ):
            Watch(ATCConfig(), "Average", output, state=file, report=pytest.fail)
        assert state.read_bytes() == data
        assert (tmp_path / "out").read_bytes() == before
    assert str(state) in watch(tmp_path / "feed.csv", "--state", state, code=1).stderr


def test_files_that_are_in_use(tmp_path: Path) -> None:
    state, out, feed = tmp_path / "state", tmp_path / "out", write_feed(tmp_path / "feed.csv")
    with watching("--state", state, "-o", out, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        until(out.exists)
        words = "another process uses this file: end that process, or give another file"
        assert watch(feed, "--state", state, code=1).stderr == f"atc-cy: {state}: {words}\n"
        assert watch(feed, "-o", out, code=1).stderr == f"atc-cy: {out}: {words}\n"
        process.stdin.write(HEADER + "".join(csv_lines(ROWS)))
        process.stdin.close()
        assert process.wait(PATIENCE) == 0
    assert out.read_text().splitlines() == LINES


def test_an_output_that_became_shorter(tmp_path: Path) -> None:
    state, out = state_of(tmp_path), tmp_path / "out"
    length = out.stat().st_size
    out.write_bytes(out.read_bytes()[:-1])
    arguments = [tmp_path / "feed.csv", "--state", state]
    done = watch(*arguments, "-o", out, code=1)
    assert (
        f"{out} has {length - 1} bytes, but had {length} when the state was saved: put the old file"
        in done.stderr
    )
    write_feed(tmp_path / "feed.csv")
    watch(*arguments, "-o", tmp_path / "other")
    lines = (tmp_path / "other").read_text().splitlines()
    assert lines
    assert lines == LINES[-len(lines) :]


def test_an_output_is_added_to(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.write_text("precious\n")
    feed = write_feed(tmp_path / "feed.csv")
    watch(feed, "-o", out)
    watch(feed, "-o", out, "--state", tmp_path / "state")
    assert out.read_text().splitlines() == ["precious", *LINES, *LINES]


class Death(BaseException):
    """Stands for kill -9."""


@pytest.mark.long
def test_death_between_any_two_acts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever was the last thing done to the disk, the next run ends with the right file."""
    monkeypatch.setattr(atc_cy.watch.watch, "SAVING_SHARE", 1e9)  # the state is saved after each bar
    out, state = tmp_path / "out", tmp_path / "state"
    bars = [Bar(symbol, str(moment), moment * 1_000_000_000, close, None) for symbol, moment, close in ROWS]
    turns = [ROWS.index((event["symbol"], int(event["time"]), event["price"])) for event in EVENTS]
    begin, end = turns[30] - 5, turns[31] + 5
    reported = LINES[: sum(turn < end for turn in turns)]
    print_line = Output._print
    left = 10**6

    def act() -> None:
        nonlocal left
        if left == 0:
            raise Death
        left -= 1

    def mortal(done: Callable[..., Any]) -> Callable[..., Any]:
        def do(*arguments: Any) -> Any:
            act()
            return done(*arguments)

        return do

    def print_half(output: Output, line: str) -> None:
        try:
            act()
        except Death:
            output._file.write(line[: len(line) // 2].encode())
            output._file.flush()
            raise
        print_line(output, line)

    monkeypatch.setattr(os, "fsync", mortal(os.fsync))
    monkeypatch.setattr(os, "ftruncate", mortal(os.ftruncate))
    monkeypatch.setattr(Path, "replace", mortal(Path.replace))
    monkeypatch.setattr(Output, "_print", print_half)

    def run(bars: list[Bar]) -> None:
        with closing(Output(out, "json")) as output, closing(StateFile(state)) as file:
            following = Watch(ATCConfig(), "Average", output, state=file, report=pytest.fail)
            for bar in bars:
                following.take(bar)
            following.save()

    run(bars[:begin])
    begun = out.read_bytes(), state.read_bytes()
    assert begun[0].decode().splitlines() == LINES[: sum(turn < begin for turn in turns)]
    deaths = 0
    while True:
        for path, data in zip((out, state), begun, strict=True):
            path.write_bytes(data)
        left = deaths
        with suppress(Death):
            run(bars[:end])
            break
        left = 10**6
        run(bars[:end])
        assert out.read_text().splitlines() == reported
        deaths += 1
    assert deaths > 2 * (end - begin)


@pytest.mark.long
@pytest.mark.parametrize("to_file", [True, False], ids=["file", "standard output"])
def test_killed_at_any_moment(to_file: bool, tmp_path: Path) -> None:
    """In a file each event is there once. On standard output the last one before a kill can come again."""
    closes = walks(2, 4000)
    feed, state = write_feed(tmp_path / "feed.csv", rows_of(closes)), tmp_path / "state"
    expected = [json.dumps(event) for event in expected_events(closes)]
    choice = random.Random()
    kills = rounds = 0
    while kills < KILLS:
        rounds += 1
        state.unlink(missing_ok=True)
        out = tmp_path / f"out{rounds}"
        ended = False
        doubles = 0
        while not ended:
            before = state.stat().st_mtime_ns if state.exists() else None
            arguments = ["--state", state, "--format", "json", *(["-o", out] if to_file else [])]
            with (
                feed.open() as given,
                (tmp_path / "printed" if to_file else out).open("a") as printed,
                watching(*arguments, stdin=given, stdout=printed) as process,
            ):
                until(lambda before=before: state.exists() and state.stat().st_mtime_ns != before)
                with suppress(subprocess.TimeoutExpired):
                    assert process.wait(choice.uniform(0, 0.2) if kills < KILLS else None) == 0
                    ended = True
                process.kill()
            kills += not ended
            doubles += not ended
        lines = out.read_text().splitlines()
        if not to_file:
            assert len(lines) <= len(expected) + doubles
            lines = [line for i, line in enumerate(lines) if i == 0 or line != lines[i - 1]]
        assert lines == expected


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--follow"], "--follow needs FILE"),
        (["--polls", "3"], "--polls needs --exchange"),
        (["--exchange", "binance", "--symbols", "BTC/USDT"], "--exchange needs --timeframe"),
        (
            ["--exchange", "binance", "--timeframe", "1m"],
            "--exchange needs either --symbols or --symbols-file",
        ),
        (["feed.csv", "--exchange", "binance"], "--exchange binance takes the place of FILE (feed.csv)"),
        (["--every", "0"], "'0' must be a number above 0"),
        (["--exec", "no-such-program"], "'no-such-program' is not a command: there is no such program"),
        (["--exec", "echo '"], "is not a command: No closing quotation"),
        (["--alert-from", "SMA"], "invalid choice: 'SMA'"),
        (["--preset", "shor"], "did you mean 'short'"),
    ],
)
def test_usage(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["watch", *arguments])
    assert ended.value.code == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["no.csv"], "atc-cy: no.csv: no such file or directory"),
        (["--config", "no.toml"], "atc-cy: no.toml: no such file or directory"),
        (["--state", "no/state"], "atc-cy: no/state: no such file or directory"),
        (["--preset", "kama_only", "--alert-from", "EMA"], "alert_from='EMA' is unknown"),
    ],
)
def test_what_cannot_be_run(
    arguments: list[str],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["watch", *arguments]) == 1
    assert words in capsys.readouterr().err


def test_help_has_an_example() -> None:
    assert "Example: atc-cy watch " in watch("--help").stdout


def test_a_reader_that_stops(tmp_path: Path) -> None:
    command = f"{PROGRAM} watch {write_feed(tmp_path / 'feed.csv')} | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("symbol ")
    assert done.stderr == ""
