"""A feed that runs backwards leaves no trace: the next run takes all of its bars."""

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from support.watching import CASES, Run, batch_events, closes_of, rows_of

from atc_cy import ATCConfig
from atc_cy.errors import FeedOrderError
from atc_cy.watch import Output, StateFile, Watch
from atc_cy.watch.bars import Bar

BASE = rows_of(CASES / "base.csv")
SYMBOLS = ("B", "A")


def feed(begin: int, end: int, *, newest_first: bool = False) -> str:
    """The bars from `begin` to `end` of both symbols."""
    rows = [f"{row['date']},{symbol},{row['close']}" for row in BASE[begin:end] for symbol in SYMBOLS]
    return "\n".join(["date,symbol,close", *(reversed(rows) if newest_first else rows), ""])


@pytest.mark.parametrize("cut", range(109, 117))
@pytest.mark.parametrize("output", ["standard output", "file"])
def test_no_symbol_loses_bars(output: str, cut: int, run: Run, tmp_path: Path) -> None:
    state, out = tmp_path / "state", tmp_path / "out.jsonl"
    arguments = ("--state", state, *(("-o", out) if output == "file" else ()))
    run(feed(0, cut), *arguments)
    run(feed(cut, 120, newest_first=True), *arguments)
    assert run.code == 1
    assert "the feed runs backwards" in run.reports[0]
    run(feed(0, 120), *arguments, "--verbose")
    assert run.code == 0
    assert run.reports[0].startswith(f"{2 * (120 - cut)} bars, {2 * cut} seen before")
    if output == "file":
        reported = [json.loads(line) for line in out.read_text().splitlines()]
        for symbol in SYMBOLS:
            one = [(event["event"], event["price"]) for event in reported if event["symbol"] == symbol]
            assert one == batch_events(closes_of(CASES / "base.csv"))


@pytest.mark.parametrize("form", ["json", "table"])
def test_events_of_bars_that_are_taken_back_leave_the_output(form: str, tmp_path: Path) -> None:
    """A and B have one bar each, both events; C is known to be in order, and keeps its own."""

    def bar(symbol: str, minute: int, close: float) -> Bar:
        seconds = 1_700_000_000 + 60 * minute
        return Bar(symbol, seconds, 1_000_000_000 * seconds, close, None, minute)

    closes = closes_of(CASES / "base.csv")
    first = next(at for at in range(len(closes)) if batch_events(closes[: at + 1])) + 1
    out, state = tmp_path / "out", tmp_path / "state"

    def going(act: Callable[[Watch], None]) -> Watch:
        with closing(Output(out, form)) as output, closing(StateFile(state)) as kept:
            watch = Watch(ATCConfig(), "Average", output, state=kept, report=pytest.fail)
            act(watch)
            watch.save()
        return watch

    def begin(watch: Watch) -> None:
        for minute, close in enumerate(closes[: first - 1], 1):
            for symbol in "ABC" if minute < first - 1 else "AB":
                watch.take(bar(symbol, minute, close))

    def backwards(watch: Watch) -> None:
        watch.take(bar("A", first + 1, closes[first - 1]))
        watch.take(bar("C", first - 1, closes[first - 2]))
        watch.take(bar("C", first, closes[first - 1]))
        watch.save()
        watch.take(bar("B", first + 1, closes[first - 1]))
        watch.save()
        with pytest.raises(FeedOrderError, match=r"oldest bar first \(.* the bars of A and B had not come\)"):
            watch.take(bar("B", first, 1.0))

    def forwards(watch: Watch) -> None:
        for symbol in "AB":
            watch.take(bar(symbol, first, closes[first - 1]))

    going(begin)
    watch = going(backwards)
    assert {symbol: followed.stream.bars for symbol, followed in watch.symbols.items()} == {
        "A": first - 1,
        "B": first - 1,
        "C": first,
    }
    assert (watch.bars, watch.events) == (2, 1)
    lines = out.read_text().splitlines()
    assert [line.startswith("C ") or '"symbol": "C"' in line for line in lines][-1:] == [True]
    assert len(lines) == (1 if form == "json" else 2)
    assert going(forwards).events == 2


def test_rows_that_close_their_bar_at_once(run: Run, tmp_path: Path) -> None:
    """With `-t` the newest row closes its bar, so that the watch has it when the feed turns out backwards."""
    rows = [
        f"{row['date']}T{hour:02d}:00,{symbol},{row['close']}"
        for row in BASE
        for hour in range(0, 24, 6)
        for symbol in SYMBOLS
    ]
    arguments = ("--resample", "1d", "-t", "6h")
    for cut in range(114, 119):  # each row of a day may be the newest
        state = tmp_path / f"state {cut}"
        run("\n".join(["date,symbol,close", *rows[: 8 * cut], ""]), *arguments, "--state", state)
        run("\n".join(["date,symbol,close", *reversed(rows), ""]), *arguments, "--state", state)
        assert run.code == 1
        run("\n".join(["date,symbol,close", *rows, ""]), *arguments, "--state", state, "--verbose")
        assert run.reports[0].startswith(f"{2 * (120 - cut)} bars, ")
