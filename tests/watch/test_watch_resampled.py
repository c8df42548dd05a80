"""A feed of lower rows, watched as bars of a higher timeframe."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from support.commands import atc_cy, rows_of
from support.watching import Run

from atc_cy import compute_atc_signals, events, resample

RNG = np.random.default_rng(12)
HOURS = pd.date_range("2024-01-01", periods=2400, freq="h")
CLOSES = {
    name: pd.Series(100 * np.exp(np.cumsum(RNG.normal(0, 0.01, len(HOURS)))), HOURS, name="close")
    for name in "AB"
}


def feed(rows: slice = slice(None)) -> str:
    lines = [
        f"{name},{time.isoformat()},{closes[time]}" for time in HOURS[rows] for name, closes in CLOSES.items()
    ]
    return "\n".join(["symbol,time,close", *lines, ""])


def expected(rows: slice = slice(None), closed: bool = False) -> set[tuple[str, str, str, float]]:
    """The events of the whole tables; their last bar counts if it has closed."""
    found = set()
    for name, closes in CLOSES.items():
        bars = resample(closes[rows], "4h")
        bars = bars if closed else bars[:-1]
        turns = events(compute_atc_signals(bars))
        for time in turns.index[turns != 0]:
            found.add((name, time.isoformat(), "long" if turns[time] > 0 else "short", bars[time]))
    return found


def reported(events_: list[dict[str, Any]]) -> set[tuple[str, str, str, float]]:
    return {(event["symbol"], event["time"], event["event"], event["price"]) for event in events_}


def test_events_are_those_of_closed_bars(run: Run) -> None:
    assert reported(run(feed(), "--resample", "4h").events) == expected()
    last = slice(0, 2400)
    assert reported(run(feed(last), "--resample", "4h", "-t", "1h").events) == expected(last, closed=True)
    assert len(expected()) > 9


@pytest.mark.long
def test_another_run_goes_on(run: Run, tmp_path: Path) -> None:
    rows = slice(600)
    whole = reported(run(feed(rows), "--resample", "4h", "-t", "1h").events)
    for cut in (401, 402, 403, 404):
        state = tmp_path / f"state {cut}"
        first = run(feed(slice(cut)), "--resample", "4h", "-t", "1h", "--state", state)
        told_first = reported(first.events)
        assert set() < told_first < whole
        second = run(feed(rows), "--resample", "4h", "-t", "1h", "--state", state)
        assert second.code == 0
        assert told_first | reported(second.events) == whole
        assert not told_first & reported(second.events)
    other = run(feed(rows), "--state", state)
    assert other.code == 1
    assert "was saved with resample='4h from 00:00' and not None" in other.reports[-1]


def test_rows_that_come_again_late_or_backwards(run: Run) -> None:
    lines = feed().splitlines()
    again = [*lines[:901], *lines[860:901], *lines[901:]]
    assert reported(run("\n".join([*again, ""]), "--resample", "4h").events) == expected()
    late = run("\n".join([*lines[:901], *lines[1:41], *lines[901:], ""]), "--resample", "4h")
    assert reported(late.events) == expected()
    changed = run(
        "\n".join([*lines[:901], lines[900].rpartition(",")[0] + ",1.0", *lines[901:], ""]),
        "--resample",
        "4h",
    )
    assert changed.code == 3
    assert "is skipped: a bar of this time came before" in changed.reports[0]
    backwards = run("\n".join([lines[0], *lines[:0:-1], ""]), "--resample", "4h")
    assert backwards.code == 1
    assert "the feed runs backwards" in backwards.reports[-1]


def test_rows_that_are_shorter_than_it_is_said(run: Run) -> None:
    done = run(feed(slice(40)), "--resample", "4h", "-t", "2h")
    assert done.code == 3
    assert "is in a bar that has closed, so rows are not 2h long: give another step" in done.reports[0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--resample", "x"], "argument --resample: timeframe='x' is not a timeframe"),
        (["--resample", "4h", "--origin", "x"], "--origin='x' must be a time of day"),
        (["--resample", "4h", "-t", "x"], "--timeframe='x' is not a timeframe"),
        (["-t", "1h"], "--timeframe needs --exchange"),
        (["--resample", "4h", "--polls", "1"], "--polls needs --exchange"),
    ],
)
def test_what_does_not_go_together(
    run: Run, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    with pytest.raises(SystemExit):
        run(feed(slice(3)), *arguments)
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("source", ["hl2", "hlcc4", "high", None])
def test_rows_that_lack_a_part(run: Run, tmp_path: Path, source: "str | None") -> None:
    """A row without a high still has its close: bars are those of the whole table."""
    table = CLOSES["A"].to_frame().assign(high=CLOSES["A"] + 1, low=CLOSES["A"] - 1)
    for name, missing in {"high": 0.3, "low": 0.2, "close": 0.1}.items():
        table.loc[RNG.random(len(table)) < missing, name] = np.nan
    path = tmp_path / "parts.csv"
    table.rename_axis("time").to_csv(path)
    given = ["--resample", "4h", *(["--source", source] if source else [])]
    done = rows_of(atc_cy("compute", path, *given, "-o", "-").stdout)[:-1]
    turns = [row["date"].replace(" ", "T") for row in done if row["event"] not in ("", "0")]
    seen = run(path.read_text(), *given).events
    assert [event["time"] for event in seen] == turns
    assert len(turns) > 20
    lines = path.read_text().splitlines()
    again = run("\n".join([*lines[:900], *lines[800:]]), *given)
    assert not any("was changed" in report for report in again.reports)
    assert [event["time"] for event in again.events] == turns
