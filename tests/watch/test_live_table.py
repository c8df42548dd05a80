"""`atc-cy watch --live`: the table, and that a watch with it records what one without it does."""

import json
import os
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rich.console import Console
from support.commands import atc_cy, atc_cy_process
from support.terminals import OnTerminal, needs_pty

from atc_cy import ATCConfig, Stream, compute_atc_signals, events
from atc_cy.cli.live_table import Standing, bar, live_table, standings_of
from atc_cy.watch import Bar, Output, Preview, Watch

SYMBOLS = ("BTC", "ETH")
BARS = 300


def walk(seed: int) -> list[float]:
    steps = np.random.default_rng(seed).normal(0, 0.01, BARS)
    return [round(price, 4) for price in (100 * np.exp(np.cumsum(steps))).tolist()]


CLOSES = dict(zip(SYMBOLS, map(walk, (3, 4)), strict=True))
TIMES = [f"{time:%FT%T}" for time in pd.date_range("2026-01-01", periods=BARS, freq="h")]


def since_event(closes: list[float]) -> int:
    """Bars since the last event, by a batch."""
    return len(closes) - 1 - int(np.flatnonzero(events(compute_atc_signals(np.array(closes))))[-1])


@pytest.mark.parametrize(
    ("value", "ascii_only", "text", "colour"),
    [
        (1.0, False, "     │█████ +1.00", "green"),
        (0.5, False, "     │██▌   +0.50", "green"),
        (0.0, False, "     │      +0.00", ""),
        (-0.1, False, "    ▐│      -0.10", "red"),
        (-1.0, False, "█████│      -1.00", "red"),
        (-0.4, True, "   ##|      -0.40", "red"),
        (float("nan"), False, "", ""),
    ],
)
def test_bar(value: float, ascii_only: bool, text: str, colour: str) -> None:
    drawn = bar(value, ascii_only=ascii_only)
    assert drawn.plain == text
    assert drawn.style == colour


def standing(symbol: str, since: int | None = 7, preview: Preview | None = None) -> Standing:
    stream = Stream()
    stream.extend(CLOSES["BTC"])
    return Standing(symbol, TIMES[-1], CLOSES["BTC"][-1], stream.result, since, preview)


def drawn(standings: list[Standing], width: int, height: int = 40, problem: str = "") -> list[str]:
    console = Console(record=True, width=width, height=height, file=open(os.devnull, "w"))  # noqa: SIM115
    with console.file:
        console.print(live_table(standings, console, "3 bars", problem))
        return [line.rstrip() for line in console.export_text().splitlines()]


def test_a_table_as_wide_as_it_takes() -> None:
    preview = Preview("BTC", TIMES[-1], 2, 101.25, 0.5, "long", True)
    lines = drawn([standing("BTC", 7, preview), standing("ETH", None)], 160, problem="ETH: line 7: \x1b[2J")
    result = compute_atc_signals(np.array(CLOSES["BTC"]))
    row = lines[3].split()
    assert row[:3] == ["BTC", "2026-01-13T11:00", f"{CLOSES['BTC'][-1]:.10g}"]
    assert f"{result['Average_Signal'].iloc[-1]:+.2f}" in row
    assert row[-11:-6] == ["short", "7", "101.25", "+0.50", "long"]
    types = [f"{result[f'{name}_Signal'].iloc[-1]:+.2f}" for name in ATCConfig().moving_averages]
    assert row[-6:] == types
    assert lines[4].split()[-7:] == ["short", *types]  # bars since the event are not known
    assert lines[5:] == ["3 bars", r"ETH: line 7: \x1b[2J"]


def test_a_table_of_80_columns() -> None:
    lines = drawn([standing("BTC/USDT")], 80)
    assert lines[2].split() == ["symbol", "time", "close", "Average", "direction", "event"]
    assert max(map(len, lines)) <= 80
    assert "open" not in "".join(lines)  # a feed has no open candles


@pytest.mark.parametrize(
    ("time", "shown"),
    [
        ("2026-01-13T11:00:00+00:00", "2026-01-13T11:00Z"),
        ("2026-01-13T11:00:00.000Z", "2026-01-13T11:00Z"),
        ("2026-01-13T11:00:00.000", "2026-01-13T11:00"),
        ("2026-01-13T11:00:30", "2026-01-13T11:00:30"),
        ("2026-01-13T11:00+01:00", "2026-01-13T11:00+01:00"),
        ("2026-01-13", "2026-01-13"),
        (1793318400.5, "1793318400.5"),
    ],
)
def test_times(time: str | float, shown: str) -> None:
    assert drawn([standing("BTC")._replace(time=time)], 80)[3].split()[1] == shown


def test_more_symbols_than_lines() -> None:
    """Those whose events are the latest are shown."""
    lines = drawn([standing(f"S{since}", since) for since in range(30, 0, -1)], 80, height=18)
    assert [line.split()[0] for line in lines[3:-1]] == [f"S{since}" for since in range(1, 11)]
    assert lines[-1] == "3 bars; 20 more symbols"


def test_no_symbol_yet() -> None:
    assert drawn([], 80) == ["3 bars"]


def test_a_narrow_terminal() -> None:
    assert all(len(line) <= 20 for line in drawn([standing("BTC")], 20))


def test_a_long_symbol_leaves_room_for_its_numbers() -> None:
    row = drawn([standing("BTC " * 30)], 80)[3]
    assert row.startswith("BTC BTC")
    assert "…" in row
    assert "short" in row


def test_a_symbol_cannot_control_the_terminal() -> None:
    assert r"A\x1b[2J" in drawn([standing("A\x1b[2J")], 80)[3]


def test_where_symbols_stand(tmp_path: Path) -> None:
    """Bars since the event are those of a batch; what an open candle would give goes when it has ended."""
    with closing(Output(tmp_path / "out", "json")) as output:
        watch = Watch(ATCConfig(), "Average", output, report=print)
        for symbol, closes in CLOSES.items():
            rows = [Bar(symbol, TIMES[at], at + 1, close, None) for at, close in enumerate(closes)]
            if symbol == "BTC":
                for row in rows:
                    watch.take(row)
            else:
                watch.begin(rows)  # as an exchange's history
        opened = {symbol: Preview(symbol, "now", BARS + 1, 1.0, 0.0, None, False) for symbol in SYMBOLS}
        found = {each.symbol: each for each in standings_of(watch, opened)}
        assert {symbol: each.since_event for symbol, each in found.items()} == {
            symbol: since_event(closes) for symbol, closes in CLOSES.items()
        }
        assert all(each.open == opened[symbol] for symbol, each in found.items())
        watch.take(Bar("BTC", "now", BARS + 1, 100.0, None))
        assert [each.open is None for each in standings_of(watch, opened)] == [True, False]


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    rows = [f"{symbol},{TIMES[at]},{CLOSES[symbol][at]}" for at in range(BARS) for symbol in SYMBOLS]
    path = tmp_path / "feed.csv"
    path.write_text("\n".join(["symbol,time,close", *rows, "BTC,bad,1", ""]))
    return path


@needs_pty
def test_it_records_what_a_watch_without_it_does(tmp_path: Path, feed: Path) -> None:
    state, out, log = tmp_path / "state", tmp_path / "out.jsonl", tmp_path / "log"
    arguments = ("watch", feed, "--state", state, "-o", out)
    plain = atc_cy(*arguments, code=3)
    written = state.read_bytes(), out.read_bytes()
    for path in (state, out):
        path.unlink()
    live = OnTerminal(*arguments, "--live", errors=log, columns=160)
    assert live.code == 3
    assert (state.read_bytes(), out.read_bytes()) == written
    assert log.read_text() == plain.stderr  # a log of errors stays one
    last = live.text[live.text.rindex("symbol") :].splitlines()
    for line, (symbol, closes) in zip(last[1:], CLOSES.items(), strict=False):
        assert line.startswith(f"{symbol}  ")
        assert f"  {since_event(closes)}  " in line
    events_written = len(out.read_text().splitlines())
    assert last[3].rstrip() == f"600 bars, {events_written} events, failures: 1"
    assert "line 602" in last[4]
    resumed = OnTerminal(*arguments, "--live", columns=160)
    assert (state.read_bytes(), out.read_bytes()) == written
    assert "0 bars, 0 events, failures: 1" in resumed.text


@needs_pty
def test_events_stand_above_the_table(feed: Path) -> None:
    plain = atc_cy("watch", feed, code=3).stdout.splitlines()
    live = OnTerminal("watch", feed, "--live", columns=120).text.splitlines()
    assert [line for line in live if line.rstrip() in {each.rstrip() for each in plain}] == plain
    assert any("line 602" in line for line in live)
    assert live[-1].endswith("1 unreadable")
    as_json = OnTerminal("watch", feed, "--live", "--format", "json", columns=120).text.splitlines()
    reported = [json.loads(line) for line in as_json if line.startswith("{")]
    assert len(reported) == len(plain) - 1


@needs_pty
def test_a_command_prints_beside_the_table(tmp_path: Path, feed: Path) -> None:
    script = tmp_path / "tell.py"
    script.write_text("import os\nprint('<', os.environ['ATC_SYMBOL'], os.environ['ATC_TIME'], '>')\n")
    plain = atc_cy_process("watch", feed, "--exec", f"{sys.executable} {script}", code=3)
    reported = [line for line in plain.stderr.splitlines() if line.startswith("<")]
    live = OnTerminal(
        "watch", feed, "--live", "--exec", f"{sys.executable} {script}", "-o", tmp_path / "out", columns=120
    )
    shown = [line for line in live.text.splitlines() if line.startswith("<")]
    for symbol in ("BTC", "ETH"):  # each in its order
        assert [line for line in shown if symbol in line] == [line for line in reported if symbol in line]


def test_lines_where_there_is_no_terminal(feed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    plain, live = atc_cy("watch", feed, code=3), atc_cy("watch", feed, "--live", code=3)
    assert live.stdout == plain.stdout
    reported = "atc-cy: --live needs a terminal as standard output: events are printed as lines"
    assert live.stderr.splitlines() == [reported, *plain.stderr.splitlines()]


def test_without_rich(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], feed: Path
) -> None:
    from atc_cy.cli import main

    for name in ("rich.console", "rich.live"):
        monkeypatch.setitem(sys.modules, name, None)
    assert main(["watch", str(feed), "--live"]) == 1
    assert "--live needs rich: pip install 'atc_cy[cli]'" in capsys.readouterr().err
