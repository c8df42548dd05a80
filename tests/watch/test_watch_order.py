"""What a watch does with rows that are not later than the last one: it says so."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from support.watching import CASES, Run

from atc_cy import ATCConfig
from atc_cy.errors import FeedOrderError
from atc_cy.watch import Output, StateFile, Watch, order
from atc_cy.watch.bars import Bar
from atc_cy.watch.order import Past, Place


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(tmp_path, capsys)


def test_newest_first_is_refused(run: Run, tmp_path: Path) -> None:
    state = tmp_path / "state"
    run(CASES / "rev.csv", "--state", state)
    assert run.code == 1
    assert run.events == []
    assert run.reports == [
        f"{CASES / 'rev.csv'}: line 3: rev 2024-04-28 comes after 2024-04-29, with close 104.24 (line 2): "
        "the feed runs backwards; give the oldest bar first"
    ]
    header, *rows = (CASES / "rev.csv").read_text().splitlines()
    turned = tmp_path / "rev.csv"
    turned.write_text("\n".join([header, *reversed(rows), ""]))
    run(turned, "--state", state, "--verbose")  # the state has nothing of the feed that was refused
    assert run.reports[0].startswith("120 bars, 0 seen before")


def test_newest_first_after_a_state(run: Run, tmp_path: Path) -> None:
    state = tmp_path / "state"
    header, *rows = (CASES / "rev.csv").read_text().splitlines()
    oldest_first = list(reversed(rows))
    run("\n".join([header, *oldest_first[:100], ""]), "--state", state)
    run("\n".join([header, *rows, ""]), "--state", state)
    assert run.code == 1
    assert "line 3: feed 2024-04-28 comes after 2024-04-29" in run.reports[-1]
    run("\n".join([header, *oldest_first, ""]), "--state", state, "--verbose")
    assert run.reports[0].startswith("20 bars, 100 seen before")


def test_late_rows_are_counted_by_symbol(run: Run) -> None:
    days = (1, 2, 4, 5, 3, 2, 0)
    rows = [f"{symbol},{1_700_000_000 + 60 * day},{10 + day}" for day in days for symbol in ("A", "B")]
    rows.append(f"B,{1_700_000_000 - 60},1")
    feed = "\n".join(["symbol,time,close", *rows, ""])
    run(feed)
    assert run.code == 3
    assert run.reports == [
        "line 10: A 1700000180 is skipped: it comes after 1700000300, with close 15.0 (line 8): give "
        "the oldest bar first",
        "line 11: B 1700000180 is skipped: it comes after 1700000300, with close 15.0 (line 9): give "
        "the oldest bar first",
        "skipped 7 rows: 5 older than the bar before, 2 seen before",
    ]
    run(feed, "--verbose")
    assert run.reports[2:] == [
        "8 bars, 2 seen before, 0 events, 5 failures",
        "skipped 7 rows: 5 older than the bar before, 2 seen before",
        "A: skipped 3 rows: 2 older than the bar before, 1 seen before",
        "B: skipped 4 rows: 3 older than the bar before, 1 seen before",
    ]


def test_an_hour_that_comes_twice(run: Run) -> None:
    run(CASES / "dst_naive.csv")
    assert run.code == 3
    assert run.reports[0].startswith(
        "line 51: dst_naive 2024-10-27T02:00:00: close 102.05 is skipped: a bar of this time came before, "
        "with close 102.02 (line 50)."
    )
    assert "give times their offset" in run.reports[0]
    assert run.reports[1:] == ["skipped 1 row: 1 with the time of another bar"]


def test_a_bar_that_comes_again(run: Run) -> None:
    feed = "time,close,src\n1700000000,1,2\n1700000000,1.0,2\n1700000060,1,2\n1700000060,1,3\n"
    run(feed, "--verbose")
    assert (
        "close 1.0 is skipped: a bar of this time came before, with close 1.0, src 2.0 (line 4)"
        in run.reports[0]
    )
    assert run.reports[1] == "2 bars, 1 seen before, 0 events, 1 failures"


def test_bars_that_are_too_old_to_compare(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order, "KEPT", 5)

    def bar(instant: int, close: float = 1.0) -> Bar:
        return Bar("S", instant, instant, close, None)

    past = Past(None)
    for instant in range(10, 120, 10):
        assert past.place(bar(instant)) == (Place.NEW, None)
        past.add(bar(instant))
    placed: Callable[..., Place] = lambda *values: past.place(bar(*values))[0]  # noqa: E731
    assert placed(110) is placed(60) is Place.SEEN
    assert placed(110, 2.0) is placed(60, 2.0) is Place.CHANGED
    assert placed(50) is placed(50, 2.0) is placed(11) is Place.SEEN  # nobody can say
    assert placed(65) is placed(9) is Place.LATE


def test_a_bar_is_taken_back_although_the_state_was_saved(tmp_path: Path) -> None:
    path = tmp_path / "state"

    def bar(minute: int) -> Bar:
        return Bar("S", str(60 * minute), 60_000_000_000 * minute, 1.0 + minute, None, minute)

    for minutes, kept in (([1, 2], 2), ([9, 8], 2), ([3], 3)):
        with closing(Output(None, "json")) as output, closing(StateFile(path)) as state:
            watch = Watch(ATCConfig(), "Average", output, state=state, report=pytest.fail)
            watch.take(bar(minutes[0]))
            watch.save()
            if minutes == [9, 8]:
                with pytest.raises(FeedOrderError, match=r"S 480 comes after 540, .* \(line 9\)"):
                    watch.take(bar(8))
            for minute in minutes[1:] if minutes != [9, 8] else []:
                watch.take(bar(minute))
            watch.save()
            assert watch.symbols["S"].stream.bars == kept
            assert watch.symbols["S"].stream.last_bar == (1.0 + kept, 1.0 + kept)


@pytest.mark.parametrize("missing", ["null", ""])
@pytest.mark.parametrize("resampled", [False, True])
def test_a_bar_whose_price_is_withdrawn(resampled: bool, missing: str, run: Run, tmp_path: Path) -> None:
    state = tmp_path / "state"
    header, *rows = (CASES / "base.csv").read_text().splitlines()
    arguments = ["--resample", "1d", "-t", "1d"] if resampled else []
    run("\n".join([header, *rows[:60], ""]), "--state", state, *arguments)
    withdrawn = rows[59].split(",")[0] + f",{missing}"
    run("\n".join([header, *rows[:59], withdrawn, *rows[60:], ""]), "--state", state, *arguments)
    assert run.code == 3
    if resampled:  # a row without a price makes no bar: the state's last bar does not come again
        assert run.reports == [
            "line 62: feed 2024-03-01T00:00:00 comes without the bar before it, 2024-02-29T00:00:00 with "
            f"close {float(rows[59].split(',')[1])} (from an earlier run), which was taken: give the whole "
            "feed to a new state if that bar was withdrawn",
            "skipped 60 rows: 59 before the state's last bar, 1 without a price",
        ]
        return
    assert run.reports == [
        f"line 61: feed 2024-02-29: its close is missing: a bar of this time came before, with close "
        f"{float(rows[59].split(',')[1])} (from an earlier run), and was taken: give the whole feed to a new "
        "state if that bar was withdrawn",
        "skipped 60 rows: 59 before the state's last bar, 1 with the time of another bar",
    ]
    run("\n".join([header, *rows[:60], withdrawn, *rows[58:], ""]), *arguments)  # in one run
    assert run.code == 3
    assert f"with close {float(rows[59].split(',')[1])} (line 61), and was taken" in run.reports[0]
    assert run.reports[1] == "skipped 3 rows: 2 seen before, 1 with the time of another bar"


def test_a_bar_that_is_withdrawn(run: Run, tmp_path: Path) -> None:
    state = tmp_path / "state"
    rows = (CASES / "base.csv").read_text().splitlines()
    run("\n".join([*rows[:61], ""]), "--state", state)
    run("\n".join([*rows[:60], *rows[61:71], ""]), "--state", state)
    assert run.code == 3
    assert "line 61: feed 2024-03-01 comes without the bar before it, 2024-02-29 with close" in run.reports[0]
    assert run.reports[1:] == ["skipped 59 rows: 59 before the state's last bar"]
    run("\n".join([rows[0], *rows[75:], ""]), "--state", state)  # the feed begins later
    assert run.code == 0
    assert run.reports == []


def test_a_row_of_a_bar_whose_price_is_withdrawn(run: Run) -> None:
    rows = [
        "2024-01-01T00:00,1",
        "2024-01-01T06:00,2",
        "2024-01-01T06:00,",
        "2024-01-01T12:00,",
        "2024-01-02,3",
    ]
    run("\n".join(["date,close", *rows, ""]), "--resample", "1d")
    assert run.code == 3
    assert "line 4: feed 2024-01-01T06:00: its close is missing: a bar of this time came" in run.reports[0]
    assert run.reports[1] == "skipped 2 rows: 1 with the time of another bar, 1 without a price"


def test_a_row_without_a_price_does_not_turn_the_feed_round(run: Run) -> None:
    run("time,close\n1700000060,1\n1700000000,\n1700000120,2\n", "--verbose")
    assert run.code == 0
    assert run.reports[0].startswith("2 bars,")
    assert run.reports[1] == "skipped 1 row: 1 without a price"


def test_rows_before_a_state_are_counted(run: Run, tmp_path: Path) -> None:
    """Nobody knows whether they were ever seen."""
    state = tmp_path / "state"
    rows = (CASES / "base.csv").read_text().splitlines()
    run("\n".join([*rows[:61], ""]), "--state", state)
    run("date,close\n2023-01-01,5\n2023-01-02,6\n", "--state", state)
    assert run.code == 0
    assert run.reports == ["skipped 2 rows: 2 before the state's last bar"]
    run("\n".join([*rows[:71], ""]), "--state", state)
    assert run.reports == ["skipped 60 rows: 59 before the state's last bar, 1 seen before"]
    run("\n".join([*rows[:71], ""]), "--state", state, "--verbose")
    assert run.reports == [
        "0 bars, 70 seen before, 0 events, 0 failures",
        "skipped 70 rows: 69 before the state's last bar, 1 seen before",
        "feed: skipped 70 rows: 69 before the state's last bar, 1 seen before",
    ]
