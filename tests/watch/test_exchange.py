"""`atc-cy watch --exchange`, through ccxt, against a server on this machine that speaks Binance's candles."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from support.exchange import MINUTE, START, Binance, rate_limit, serving, standing_in, walk
from support.terminals import OnTerminal, needs_pty

import atc_cy.markets.source
import atc_cy.watch.poll
from atc_cy import ATCConfig, compute_atc_signals, events
from atc_cy.cli import main
from atc_cy.markets.exchange import Exchange
from atc_cy.markets.source import iso
from atc_cy.watch import Output, Poll, StateFile, Stop, Watch

PROGRAM = str(Path(sys.executable).with_name("atc-cy"))
HISTORY = 250
CLOSES = {"BTC/USDT": walk(1, 600), "ETH/USDT": walk(2, 600)}


@pytest.fixture
def binance(monkeypatch: pytest.MonkeyPatch) -> Iterator[Binance]:
    with standing_in(Binance(CLOSES), monkeypatch) as server:
        yield server


class Run:
    """A watch of one process."""

    def __init__(self, poll: Poll, reports: list[str], shown: list[str]) -> None:
        self.poll, self.reports, self.shown = poll, reports, shown

    def polls(self, number: int = 1) -> None:
        self.poll.run(every=0.01, polls=number)


@contextmanager
def running(folder: Path, *symbols: str, history: int = HISTORY, keep_going: bool = False) -> Iterator[Run]:
    reports: list[str] = []
    shown: list[str] = []
    with (
        Stop() as stop,
        closing(Output(folder / "out", "json")) as output,
        closing(StateFile(folder / "state")) as state,
        Exchange("binance", "1m") as exchange,
    ):
        watch = Watch(ATCConfig(), "Average", output, state=state, source="binance 1m", report=reports.append)
        poll = Poll(
            watch,
            exchange,
            symbols or ["BTC/USDT"],
            history=history,
            show=lambda preview: shown.append(str(preview)),
            stop=stop,
            keep_going=keep_going,
        )
        yield Run(poll, reports, shown)


def reported(folder: Path, symbol: str = "BTC/USDT") -> list[tuple[int, str, float]]:
    """Candle, event and price of each event that was written."""
    lines = [json.loads(line) for line in (folder / "out").read_text().splitlines()]
    return [
        (candle_of(event["time"]), event["event"], event["price"])
        for event in lines
        if event["symbol"] == symbol
    ]


def candle_of(moment: str) -> int:
    milliseconds = np.datetime64(moment.removesuffix("Z"), "ms").astype(int)
    return int(milliseconds - START) // MINUTE


def expected(candles: dict[int, float], first: int, last: int) -> list[tuple[int, str, float]]:
    """The events on the candles from `first` to `last`, of a batch over all these."""
    closes = list(candles.values())
    turns = events(compute_atc_signals(closes))
    return [
        (candle, "long" if turn > 0 else "short", close)
        for candle, close, turn in zip(candles, closes, turns, strict=True)
        if turn and first <= candle <= last
    ]


def test_only_candles_that_have_ended_count(binance: Binance, tmp_path: Path) -> None:
    with running(tmp_path) as run:
        for candle, seconds, bars in ((300, 30, 250), (301, 0.9, 250), (301, 1.1, 251), (301, 59.9, 251)):
            binance.at(candle, seconds)
            run.polls()
            assert run.poll.watch.symbols["BTC/USDT"].stream.bars == bars
        closes = CLOSES["BTC/USDT"][50:302]  # 301 is open
        result = compute_atc_signals(closes)
        last = f"Average Signal {result['Average_Signal'].iloc[-1]:+.2f}"
        assert run.shown[-1].startswith(
            f"BTC/USDT 2023-11-15T03:15:00.000Z: open at {closes[-1]:.10g}, {last}, "
        )
        assert run.reports == ["BTC/USDT: begins with 250 candles"]


class Tall(Binance):
    """Its candles are higher than they end."""

    def _klines(self, query: dict[str, str]) -> list[list[Any]]:
        return [[*row[:2], str(float(row[2]) + row[0] % 7), *row[3:]] for row in super()._klines(query)]


def test_a_source(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """It is computed of each candle, also of the open one."""
    with standing_in(Tall(CLOSES), monkeypatch) as server:
        server.at(301)
        closes = CLOSES["BTC/USDT"][51:302]
        starts = START + MINUTE * np.arange(51, 302)
        for name, src in (("hl2", (closes + starts % 7 + closes) / 2), ("close", closes)):
            options = ["--symbols", "BTC/USDT", "-t", "1m", "--history", str(HISTORY + 1), "--polls", "1"]
            assert main(["watch", "--exchange", "binance", *options, "--source", name]) == 0
            average = compute_atc_signals(closes, src)["Average_Signal"]
            assert f"Average Signal {np.asarray(average)[-1]:+.2f}," in capsys.readouterr().err
        with pytest.raises(SystemExit):
            main(["watch", "--exchange", "binance", *options, "--source", "hl"])
        assert "--source hl is not a part of a candle; did you mean 'hl2'?" in capsys.readouterr().err


@needs_pty
def test_the_open_candle_in_the_live_table(binance: Binance) -> None:
    binance.at(301)
    options = ("--symbols", "BTC/USDT", "ETH/USDT", "-t", "1m", "--history", HISTORY, "--polls", 1)
    done = OnTerminal("watch", "--exchange", "binance", *options, "--live", columns=160)
    assert done.code == 0
    assert "BTC/USDT: begins with 250 candles" in done.text
    lines = done.text[done.text.rindex("symbol") :].splitlines()[1:3]
    for line, (symbol, closes) in zip(lines, CLOSES.items(), strict=True):
        ended, opened = (compute_atc_signals(closes[51:end]) for end in (301, 302))
        since = len(closes[51:301]) - 1 - int(np.flatnonzero(events(ended))[-1])
        cells = line.replace("│", " ").split()
        assert cells[:3] == [symbol, "2023-11-15T03:14Z", f"{closes[300]:.10g}"]
        assert str(since) in cells
        preview = f"{closes[301]:.10g} {opened['Average_Signal'].iloc[-1]:+.2f} "
        assert preview in line


def test_a_pause_is_caught_up_page_by_page(binance: Binance, tmp_path: Path) -> None:
    binance.most = 100
    binance.at(260)
    with running(tmp_path, "BTC/USDT", "ETH/USDT") as run:
        run.polls()
        assert reported(tmp_path) == []  # of its history nothing is reported
        binance.at(500)
        run.polls()
    binance.at(590)
    with running(tmp_path, "ETH/USDT", "BTC/USDT") as run:
        run.polls(3)
        assert run.reports == []
    for symbol, closes in CLOSES.items():
        events_ = expected(dict(enumerate(closes[10:], 10)), 260, 589)
        assert len(events_) > 10
        assert reported(tmp_path, symbol) == events_
    limits = [int(query["limit"]) for query in binance.asked]
    assert max(limits) == 252  # what a page holds, and no more than there can be


@pytest.mark.parametrize("muddle", [False, True], ids=["in order", "out of order, each twice"])
def test_missing_late_and_changed_candles(muddle: bool, binance: Binance, tmp_path: Path) -> None:
    candles = binance.candles["BTCUSDT"]
    binance.muddle = muddle
    late = {candle: candles.pop(candle) for candle in (100, 270, 271, 272, 305)}
    with running(tmp_path) as run:
        for candle in (290, 306, 310):
            binance.at(candle)
            run.polls()
        there = {candle: close for candle, close in candles.items() if candle >= 40}
        candles[305] = late[305]
        candles[308] += 1
        binance.at(312)
        run.polls(3)
        assert run.reports == [
            "BTC/USDT: begins with 246 candles",
            "BTC/USDT 2023-11-15T03:19:00.000Z: this candle came too late and is left out",
            f"BTC/USDT 2023-11-15T03:22:00.000Z: the close changed from {there[308]!r} to {candles[308]!r}, "
            "too late",
        ]
        binance.at(590)
        run.polls()
    assert reported(tmp_path) == expected(there, 290, 589)


def test_a_candle_that_changed_between_two_runs(binance: Binance, tmp_path: Path) -> None:
    """The state knows the value of its last bar."""
    candles = binance.candles["BTCUSDT"]
    binance.at(300)
    with running(tmp_path) as run:
        run.polls()
    was = candles[299]
    candles[299] += 1
    with running(tmp_path) as run:
        run.polls(2)
        assert run.reports == [
            f"BTC/USDT 2023-11-15T03:13:00.000Z: the close changed from {was!r} to {candles[299]!r}, too late"
        ]


def test_candles_that_the_exchange_does_not_keep(binance: Binance, tmp_path: Path) -> None:
    binance.at(260)
    with running(tmp_path) as run:
        run.polls()
        candles = binance.candles["BTCUSDT"]
        for candle in range(470):
            del candles[candle]
        binance.at(500)
        run.polls()
        assert run.reports[1:] == [
            "BTC/USDT 2023-11-15T06:04:00.000Z: the exchange no longer has the candles between "
            "2023-11-15T02:33:00.000Z and this one"
        ]
        assert run.poll.watch.failed == 1


def test_a_symbol_that_begins_later(binance: Binance, tmp_path: Path) -> None:
    candles = binance.candles["BTCUSDT"]
    for candle in range(300):
        del candles[candle]
    with running(tmp_path) as run:
        for candle in (299, 300, 303, 500):
            binance.at(candle)
            run.polls()
        assert run.reports == ["BTC/USDT: begins with 3 candles"]
    assert reported(tmp_path) == expected(candles, 303, 499)


def test_errors_are_waited_out(binance: Binance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    wait = Stop.wait

    def recorded(stop: Stop, seconds: float, *file: Any) -> bool:
        waits.append(seconds)
        return wait(stop, seconds, *file)

    monkeypatch.setattr(Stop, "wait", recorded)
    binance.at(300)
    with running(tmp_path, "BTC/USDT", "ETH/USDT") as run:
        binance.errors.extend(
            [(500, {}), (503, {}), (429, {"Retry-After": "1"}), (418, {}), (200, {}), (502, {})]
        )
        run.polls(7)
        names = [report.split(": ")[1] for report in run.reports if report.startswith("binance")]
        assert names[:2] == ["ExchangeNotAvailable", "ExchangeNotAvailable"]
        assert len(names) == 5
        for number, pause in enumerate(waits[:5]):
            longest = 1.0 if number == 2 else 0.01 * 2**number
            assert longest / 2 <= pause <= longest
        assert waits[5] <= 0.01
        assert sorted(run.reports[5:]) == [f"{symbol}: begins with 250 candles" for symbol in CLOSES]
        assert run.poll.watch.failed == 0

        for candle in range(310, 600, 20):
            binance.errors.extend([(200, {})] * (candle // 10 % 4) + [(500, {})])
            binance.at(candle)
            run.polls(2)
    for symbol, closes in CLOSES.items():
        assert reported(tmp_path, symbol) == expected(dict(enumerate(closes[50:], 50)), 300, 589)


def test_one_symbol_that_fails_holds_up_no_other(binance: Binance, tmp_path: Path) -> None:
    binance.at(300)
    with running(tmp_path, "BTC/USDT", "ETH/USDT") as run:
        run.polls()
        binance.broken = {"BTCUSDT"}
        for candle in (400, 500):
            binance.at(candle)
            run.polls(2)
            assert run.poll.watch.symbols["ETH/USDT"].time == iso(START + (candle - 1) * MINUTE)
        assert run.poll.watch.failed == 2  # the last poll of each two


def test_requests_keep_to_the_rate_limit(
    binance: Binance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rate_limit(monkeypatch, 50)
    binance.most = 100
    binance.at(590)
    with running(tmp_path, history=580) as run:
        run.polls()
    moments = [moment for path, _, moment in binance.requests if path.endswith("klines")]
    assert len(moments) == 6
    assert moments[-1] - moments[0] >= 0.9 * 5 * 0.4 * 0.050  # 0.4: what a page of candles counts


def test_a_state_of_other_candles(binance: Binance, tmp_path: Path) -> None:
    binance.at(300)
    with running(tmp_path) as run:
        run.polls()
    for source in ("binance 5m", "kraken 1m"):
        with (
            closing(Output(None, "json")) as output,
            closing(StateFile(tmp_path / "state")) as state,
            pytest.raises(ValueError, match=f"was saved with source='binance 1m' and not '{source}'"),
        ):
            Watch(ATCConfig(), "Average", output, state=state, source=source, report=pytest.fail)


def watch(*arguments: object, code: int = 0) -> "subprocess.CompletedProcess[str]":
    command = [PROGRAM, "watch", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


def test_from_a_feed_to_the_exchange(binance: Binance, tmp_path: Path) -> None:
    """A history that is longer than the exchange's, from a file; then one poll each time, as cron would."""
    feed = tmp_path / "feed.csv"
    rows = [f"BTC/USDT,{START + candle * MINUTE},{CLOSES['BTC/USDT'][candle]!r}\n" for candle in range(300)]
    feed.write_text("symbol,time,close\n" + "".join(rows))
    state, out = tmp_path / "state", tmp_path / "out"
    assert main(["watch", str(feed), "--state", str(state), "-o", os.devnull]) == 0
    binance.at(450)
    polled = [
        "--exchange",
        "binance",
        "--symbols",
        "BTC/USDT",
        "--timeframe",
        "1m",
        "--state",
        state,
        "-o",
        out,
    ]
    done = watch(*polled, "--polls", 1)
    assert done.stderr.startswith("atc-cy: BTC/USDT 2023-11-15T05:44:00.000Z: open at ")
    binance.at(500)
    done = watch(*polled, "--polls", 1, "--no-open", "--verbose")
    assert done.stderr.startswith("atc-cy: 50 bars, 0 seen before, ")
    assert reported(tmp_path) == expected(dict(enumerate(CLOSES["BTC/USDT"])), 300, 499)
    binance.broken = {"BTCUSDT"}
    assert "ExchangeNotAvailable" in watch(*polled, "--polls", 1, code=3).stderr


@pytest.mark.long
def test_killed_while_it_polls(binance: Binance, tmp_path: Path) -> None:
    polled = ["--exchange", "binance", "--symbols", *CLOSES, "--timeframe", "1m", "--history", 250]
    command = [PROGRAM, "watch", *map(str, polled), "--every", "0.01", "--no-open"]
    command += ["--state", str(tmp_path / "state"), "-o", str(tmp_path / "out")]
    binance.at(260)
    candle = 260
    for last in (400, 500, 590):
        with subprocess.Popen(command) as process:
            polls = len(binance.requests)
            while len(binance.requests) < polls + 20:
                time.sleep(0.001)
            while candle < last:
                candle += 1
                binance.at(candle)
                time.sleep(0.002)
            if last < 590:
                process.kill()
            else:
                polls = len(binance.requests)
                while len(binance.requests) < polls + 10:
                    time.sleep(0.001)
                process.terminate()
                assert process.wait(30) == 143
    for symbol, closes in CLOSES.items():
        assert reported(tmp_path, symbol) == expected(dict(enumerate(closes[10:], 10)), 260, 589)


POLLED_ONCE = ["--timeframe", "1m", "--history", str(HISTORY), "--polls", "1", "--no-open"]


def test_symbols_that_the_exchange_does_not_have(
    binance: Binance, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """All of them are named before candles are asked for; --keep-going follows the others."""
    binance.at(300)
    out = ["-o", str(tmp_path / "out")]
    polled = [
        "watch",
        "--exchange",
        "binance",
        "--symbols",
        "NO/SUCH",
        "BTC/USDT",
        "ETH/USTD",
        *POLLED_ONCE,
        *out,
    ]
    assert main(polled) == 1
    assert capsys.readouterr().err == (
        "atc-cy: binance has no candles of 'NO/SUCH', 'ETH/USTD' (did you mean 'ETH/USDT'?): correct the "
        "name or leave it out, or give --keep-going to follow the others\n"
    )
    assert not binance.asked
    assert main([*polled, "--keep-going"]) == 3
    assert capsys.readouterr().err.splitlines() == [
        "atc-cy: BTC/USDT: begins with 250 candles",
        *(
            f"atc-cy: {symbol}: binance: BadSymbol: binance does not have market symbol {symbol}: the symbol "
            "is set aside, and asked for again now and then"
            for symbol in ("NO/SUCH", "ETH/USTD")
        ),
    ]


def test_a_market_that_is_listed_without_candles(binance: Binance, tmp_path: Path) -> None:
    """Only the answer about its candles tells."""
    binance.at(300)
    binance.delisted = {"ETHUSDT"}
    words = "binance has no candles of 'ETH/USDT' \\(BadSymbol: .*Invalid symbol.*\\): correct the name"
    with running(tmp_path, "BTC/USDT", "ETH/USDT") as run, pytest.raises(ValueError, match=words):
        run.polls()


def test_a_symbol_that_is_delisted(binance: Binance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is set aside, told once, and asked for now and then; the others go on, also in later runs."""
    monkeypatch.setattr(atc_cy.watch.poll, "ASIDE", 30 * MINUTE)
    binance.at(300)
    with running(tmp_path, "BTC/USDT", "ETH/USDT") as run:
        run.polls()
        binance.delisted = {"BTCUSDT"}
        for candle in (310, 320, 335, 345, 400):
            binance.at(candle)
            run.polls()
        told = [report for report in run.reports if "set aside" in report]
        assert len(told) == run.poll.watch.failed == 1
        assert told[0].startswith("BTC/USDT: binance: BadSymbol: ")
        assert [query["symbol"] for query in binance.asked].count("BTCUSDT") == 4  # at 300, 310, 345, 400
    with running(tmp_path, "BTC/USDT", "ETH/USDT") as run:  # a restart does not refuse it, either
        binance.at(410)
        run.polls()
        assert [report[:9] for report in run.reports] == ["BTC/USDT:"]
        binance.delisted = set()
        binance.at(500)
        run.polls()
        assert run.reports[1:] == ["BTC/USDT: binance has its candles again"]
    for symbol, closes in CLOSES.items():
        assert reported(tmp_path, symbol) == expected(dict(enumerate(closes[50:], 50)), 300, 499)


def test_a_symbol_that_is_listed_later(
    binance: Binance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(atc_cy.watch.poll, "ASIDE", 30 * MINUTE)
    binance.at(300)
    ethereum = binance.names.pop("ETHUSDT")
    with running(tmp_path, "BTC/USDT", ethereum, keep_going=True) as run:
        run.polls()
        binance.names["ETHUSDT"] = ethereum
        binance.at(340)
        run.polls()
        assert run.reports[2:] == [
            "ETH/USDT: begins with 250 candles",
            "ETH/USDT: binance has its candles again",
        ]


def test_a_refusal_of_a_running_watch_is_waited_out(binance: Binance, tmp_path: Path) -> None:
    """At the start it ends the watch: no second try mends it."""
    refusal = (401, {})
    binance.at(300)
    binance.errors.append(refusal)
    with running(tmp_path) as run, pytest.raises(ValueError, match=r"^binance: AuthenticationError: "):
        run.polls()
    with running(tmp_path) as run:
        run.polls()
        binance.errors.append(refusal)
        binance.at(310)
        run.polls(2)
        assert "AuthenticationError" in run.reports[-1]
        assert run.poll.watch.symbols["BTC/USDT"].time == iso(START + 309 * MINUTE)


@pytest.mark.parametrize(
    ("name", "timeframe", "words"),
    [
        ("binanse", "1m", "--exchange 'binanse' is unknown; did you mean 'binance'? known: "),
        ("binance", "7m", "--timeframe '7m' is not a timeframe of binance: give one of 1s, 1m, 3m, 5m"),
        ("binance", "1M", "--timeframe '1M': its candles differ in length; give weeks or less"),
    ],
)
def test_what_no_exchange_has(
    name: str, timeframe: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["watch", "--exchange", name, "--symbols", "BTC/USDT", "--timeframe", timeframe])
    assert ended.value.code == 2
    assert words in capsys.readouterr().err


def test_without_ccxt(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "ccxt", None)
    assert main(["watch", "--exchange", "binance", "--symbols", "BTC/USDT", "--timeframe", "1m"]) == 1
    assert capsys.readouterr().err == "atc-cy: --exchange needs ccxt: pip install 'atc_cy[live]'\n"


def test_one_poll_a_candle(binance: Binance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes when the candle has ended; who has no new candle then is looked at once more."""
    waits: list[float] = []
    times = iter([(301, 1.5), (301, 7.5), (302, 2), (303, 2)])

    def wait(_: Stop, seconds: float) -> None:
        waits.append(seconds)
        candle, second = next(times)
        binance.at(candle, second)

    monkeypatch.setattr(Stop, "wait", wait)
    monkeypatch.setattr(
        atc_cy.watch.poll, "time", SimpleNamespace(monotonic=lambda: 1000 + sum(waits), time=time.time)
    )
    binance.at(300, 21)
    del binance.candles["ETHUSDT"][300]
    with running(tmp_path, "BTC/USDT", "ETH/USDT") as run:
        run.poll.run(every=None, polls=5)
    assert waits == pytest.approx([40, 6, 53.5, 59])
    asked = [query["symbol"] for query in binance.asked]
    assert asked.count("BTCUSDT") == 4
    assert asked.count("ETHUSDT") > 4


def test_symbols_of_a_file_and_of_the_exchange(
    binance: Binance, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = tmp_path / "symbols.txt"
    listed.write_text("# two markets\nETH/USDT\n\n  BTC/USDT\nETH/USDT\n")
    binance.at(300)
    for number, (options, symbols) in enumerate(
        (
            (["--symbols-file", str(listed)], {"BTC/USDT", "ETH/USDT"}),
            (["--quote", "USDT"], {"BTC/USDT", "ETH/USDT"}),
            (["--quote", "USDT", "--top-volume", "1"], {"BTC/USDT"}),
        )
    ):
        out = ["-o", str(tmp_path / f"out{number}")]
        assert main(["watch", "--exchange", "binance", *POLLED_ONCE, *options, *out]) == 0
        lines = capsys.readouterr().err.splitlines()
        assert {line.split(": ")[1] for line in lines} == symbols
    listed.write_text("#\n")
    assert main(["watch", "--exchange", "binance", *POLLED_ONCE, "--symbols-file", str(listed)]) == 1
    assert capsys.readouterr().err == f"atc-cy: {listed}: it has no symbol: write one per line\n"


def test_symbols_that_are_not_given_any_more(binance: Binance, tmp_path: Path) -> None:
    binance.at(300)
    with running(tmp_path, "BTC/USDT", "ETH/USDT") as run:
        run.polls()
    with running(tmp_path, "ETH/USDT") as run:
        run.polls()
        assert run.reports == ["1 symbols of the state are not followed any more: BTC/USDT"]


@pytest.mark.long
def test_many_symbols_begin_soon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """100 symbols with 1,000 candles each, of an exchange that takes 50 ms for an answer."""
    closes = walk(3, 1_002)
    server = Binance({f"S{number:03}/USDT": closes for number in range(100)})
    server.latency = 0.05
    with serving(server):
        monkeypatch.setenv("ATC_CY_EXCHANGE_URL", server.url)
        server.at(1_000)
        polled = ["--exchange", "binance", "--quote", "USDT", "--timeframe", "1m", "--polls", 1, "--no-open"]
        done = watch(*polled, "--state", tmp_path / "state", "-o", tmp_path / "out")
    assert done.stderr.count(": begins with 1000 candles\n") == 100
    candles = [begun for path, _, begun in server.requests if path.endswith("klines")]
    assert len(candles) == 200  # the history, and one poll
    waited = [later - earlier for earlier, later in zip(candles, candles[2:], strict=False)]
    assert min(waited) < server.latency  # three at once, at least
