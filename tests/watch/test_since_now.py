"""`atc-cy watch --since now`: a watch that begins does not tell the events of the past."""

import json
import time
from pathlib import Path

import numpy as np
import pytest
from support.exchange import walk
from support.watching import Run

from atc_cy import compute_atc_signals, events
from atc_cy.watch import Bar, SinceNow

SECOND = 1_000_000_000
MINUTE = 60
CLOSES = walk(4, 600)
TURNS = np.flatnonzero(events(compute_atc_signals(np.array(CLOSES)))).tolist()


def rows(begin: int, first: int, last: int, symbol: str = "A") -> str:
    """The rows of some bars, where the first one of all has this time."""
    return "".join(f"{symbol},{begin + MINUTE * bar},{CLOSES[bar]!r}\n" for bar in range(first, last))


def told(run: Run, begin: int) -> list[int]:
    return [(int(event["time"]) - begin) // MINUTE for event in run.events]


def test_a_first_run_and_those_after_it(run: Run, tmp_path: Path) -> None:
    """What came while no watch ran is told: only the first run begins with history."""
    begin = int(time.time()) - 300 * MINUTE - 30  # bar 300 began 30 seconds ago
    header = "symbol,time,close\n"
    state = ["--state", tmp_path / "state", "--since", "now"]
    run(header + rows(begin, 0, 290), *state)
    assert run.events == []
    run(header + rows(begin, 0, 450), *state)
    assert told(run, begin) == [bar for bar in TURNS if 300 <= bar < 450]
    run(header + rows(begin, 0, 600), *state)
    assert told(run, begin) == [bar for bar in TURNS if bar >= 450]
    # A symbol that comes later has a history of its own.
    early = begin - 300 * MINUTE
    run(header + rows(early, 0, 600, "B") + rows(begin, 599, 600), *state)
    assert told(run, early) == [bar for bar in TURNS if bar >= 600]


def test_without_a_state(run: Run) -> None:
    begin = int(time.time()) - 300 * MINUTE - 30
    run("symbol,time,close\n" + rows(begin, 0, 600), "--since", "now")
    assert told(run, begin) == [bar for bar in TURNS if bar >= 300]
    run("symbol,time,close\n" + rows(begin, 0, 600))
    assert told(run, begin) == TURNS


def test_a_state_of_a_run_without_it(run: Run, tmp_path: Path) -> None:
    """Its symbols are known: what comes after it is told."""
    begin = 1_700_000_040
    state = ["--state", tmp_path / "state"]
    run("symbol,time,close\n" + rows(begin, 0, 300), *state)
    run("symbol,time,close\n" + rows(begin, 0, 600), *state, "--since", "now")
    assert told(run, begin) == [bar for bar in TURNS if bar >= 300]


@pytest.mark.parametrize("ago", [0, 1, 59, 60])
def test_the_bar_that_is_open_at_the_start_counts_as_later(ago: int) -> None:
    """So it is after a weekend, too: a bar is as long as the shortest gap."""
    now = 1_700_000_040
    begins = [now - ago - MINUTE * bars for bars in (3_002, 3_001, 3_000, 0)]
    since = SinceNow(now * SECOND)
    reported = [since.reports(Bar("A", str(begin), begin * SECOND, 1.0, None)) for begin in begins]
    assert reported == [False, False, False, ago < MINUTE]
    assert json.loads(json.dumps(since.pack())) == ({} if ago < MINUTE else {"A": now * SECOND})


def test_beside_an_exchange(capsys: pytest.CaptureFixture[str]) -> None:
    """Its history is never told: now is what is done anyway, and another time is refused."""
    from atc_cy.cli import main

    polled = ["watch", "--exchange", "binanse", "--symbols", "BTC/USDT", "-t", "1m"]
    for moment, words in (("now", "'binanse' is unknown"), ("2024-01-01", "--since is for FILE")):
        with pytest.raises(SystemExit):
            main([*polled, "--since", moment])
        assert words in capsys.readouterr().err
