"""`--alert-from` given several times, a state opened in Python, and how often a state is saved."""

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.exchange import walk
from support.watching import CASES, Run

from atc_cy import ATCConfig, StateError, WatchState, compute_atc_signals, events, watch_state
from atc_cy.cli import main
from atc_cy.watch import Output, StateFile

START = 1_700_000_040
CLOSES = {symbol: walk(seed, 500) for seed, symbol in enumerate("AB")}
SIGNALS = ("EMA", "Average", "KAMA")
OPTIONS = [part for signal in SIGNALS for part in ("--alert-from", signal)]


def feed(bars: int) -> str:
    rows = [f"{symbol},{START + 60 * n},{CLOSES[symbol][n]!r}\n" for n in range(bars) for symbol in CLOSES]
    return "symbol,time,close\n" + "".join(rows)


def expected(signals: tuple[str, ...], symbol: str, **parameters: Any) -> list[tuple[int, str, str]]:
    """Bar, signal and event, as batches have them."""
    result = compute_atc_signals(np.array(CLOSES[symbol]), **parameters)
    found = []
    for order, signal in enumerate(signals):
        turns = events(result, alert_from=signal, config=ATCConfig(**parameters))
        found += [(int(n), order, signal, "long" if turns[n] > 0 else "short") for n in np.flatnonzero(turns)]
    return [(n, signal, turn) for n, _, signal, turn in sorted(found)]


def reported(lines: list[dict[str, Any]], symbol: str) -> list[tuple[int, str, str]]:
    return [
        ((int(event["time"]) - START) // 60, event["alert_from"], event["event"])
        for event in lines
        if event["symbol"] == symbol
    ]


@pytest.mark.parametrize("strategy_mode", [False, True])
def test_several_signals(strategy_mode: bool, run: Run, tmp_path: Path) -> None:
    """Also over a restart."""
    options = [*OPTIONS, "--state", tmp_path / "state", *(["--strategy-mode"] if strategy_mode else [])]
    lines = []
    for bars in (300, 301, 500):
        run(feed(bars), *options)
        assert run.code == 0
        lines += run.events
    for symbol in CLOSES:
        assert reported(lines, symbol) == expected(SIGNALS, symbol, strategy_mode=strategy_mode)
    state = watch_state(tmp_path / "state")
    assert state.alert_from == SIGNALS
    run(feed(500), "--state", tmp_path / "state")
    assert "alert_from=['EMA', 'Average', 'KAMA'] and not 'Average'" in run.reports[0]


def test_one_signal_has_events_as_before(run: Run) -> None:
    run(feed(400), "--alert-from", "EMA", "--alert-from", "EMA")
    assert run.events
    assert all("alert_from" not in event for event in run.events)


def test_commands_know_whose_crossing_it_is(run: Run, tmp_path: Path) -> None:
    script = tmp_path / "receive.sh"
    script.write_text(f'echo "$ATC_ALERT_FROM $ATC_ALERT_ID" >> {tmp_path}/calls\n')
    run(feed(200), *OPTIONS, "--exec", f"sh {script}")
    calls = [line.split() for line in (tmp_path / "calls").read_text().splitlines()]
    assert [signal for signal, _ in calls] == [event["alert_from"] for event in run.events]
    assert len({identity for _, identity in calls}) == len(calls)


def test_a_feed_that_is_refused_takes_all_its_events_back(run: Run, tmp_path: Path) -> None:
    """The bar that is taken back is an event of several signals."""
    bars = [n for n, signal, _ in expected(SIGNALS, "A")]
    both = next(n for n in bars if bars.count(n) > 1)
    out, state = tmp_path / "out", tmp_path / "state"
    options = [*OPTIONS, "-o", out, "--state", state]
    run(feed(both), *options)
    before = out.read_bytes()
    moment = START + 60 * both
    run(f"symbol,time,close\nA,{moment},{CLOSES['A'][both]!r}\nA,{moment - 30},1\n", *options)
    assert run.code == 1
    assert out.read_bytes() == before


def test_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "feed.csv").write_text(feed(300))
    assert main(["watch", str(tmp_path / "feed.csv"), *OPTIONS]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.endswith(" Average Signal from")
    assert {line.split()[-1] for line in lines} == {*SIGNALS}


def test_a_state_in_python(tmp_path: Path) -> None:
    path = tmp_path / "state"
    assert main(["watch", str(_written(tmp_path)), "--state", str(path), "--exec", "false"]) == 0
    before = path.read_bytes()
    state = watch_state(path)
    assert isinstance(state, WatchState)
    assert (state.config, state.alert_from, state.source) == (ATCConfig(), ("Average",), None)
    assert state.bars["close"].to_dict() == {symbol: closes[-1] for symbol, closes in CLOSES.items()}
    assert {instant.timestamp() for instant in state.bars["instant"]} == {START + 60 * 499}
    for symbol, closes in CLOSES.items():
        stream = state.streams[symbol]
        result = compute_atc_signals(np.array(closes))
        assert all(stream.result[name] == result[name].iloc[-1] for name in result)
        waiting = state.waiting[state.waiting["symbol"] == symbol]
        assert (waiting["time"].astype(int) - START).floordiv(60).tolist() == [
            n for n, _, _ in expected(("Average",), symbol)
        ]
        stream.update(1.0)
    assert set(state.waiting["channel"]) == {"exec"}
    assert state.waiting["id"].is_unique
    assert state.given_up.empty
    assert path.read_bytes() == before
    options = ["--state", str(path), "--exec", "false", "--alert-timeout", "0"]
    assert main(["watch", str(tmp_path / "feed.csv"), *options]) == 3
    state = watch_state(str(path))
    assert state.waiting.empty
    assert set(state.given_up["problem"]) == {"ended with code 1"}


def _written(folder: Path) -> Path:
    path = folder / "feed.csv"
    path.write_text(feed(500))
    return path


def test_a_state_of_version_1_in_python(tmp_path: Path) -> None:
    state = watch_state(CASES / "version_1.state")
    assert state.waiting.empty
    assert len(state.bars) == len(state.streams) > 0
    (tmp_path / "other").write_bytes(b"no state")
    with pytest.raises(StateError, match="other is not a state of atc-cy watch"):
        watch_state(tmp_path / "other")
    with pytest.raises(FileNotFoundError):
        watch_state(tmp_path / "none")


def test_a_state_is_not_saved_at_each_event(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Events on standard output are noted in a journal; saving takes a tenth of the time at most."""
    saves = []
    write = StateFile.write

    def counted(file: StateFile, data: bytes) -> None:
        saves.append(len(data))
        time.sleep(0.02)
        write(file, data)

    monkeypatch.setattr(StateFile, "write", counted)
    begun = time.monotonic()
    run(feed(500), *OPTIONS, "--state", tmp_path / "state")
    taken = time.monotonic() - begun
    assert len(run.events) > 200
    assert len(saves) * 0.02 < 0.1 * taken + 0.1
    assert not (tmp_path / ".state.journal").exists()


def test_what_was_printed_is_not_printed_again(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed any number of times, without a state in between: only the event before a kill comes twice."""

    class Death(BaseException):
        """Stands for kill -9."""

    printed: list[str] = []
    before = 7
    show = Output.event

    def mortal(output: Output, event: Any) -> Any:
        printed.append(json.dumps(event.fields()))
        if len(printed) % before == 0:
            raise Death
        return show(output, event)

    monkeypatch.setattr(Output, "event", mortal)
    deaths = 0
    while True:
        try:
            run(feed(500), "--state", tmp_path / "state")
            break
        except Death:
            deaths += 1
    assert deaths > 3
    without_doubles = [line for n, line in enumerate(printed) if n == 0 or line != printed[n - 1]]
    assert len(printed) == len(without_doubles) + deaths
    lines = [json.loads(line) | {"alert_from": "Average"} for line in without_doubles]
    for symbol in CLOSES:
        assert reported(lines, symbol) == expected(("Average",), symbol)
