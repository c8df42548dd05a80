"""A file that is replaced or cut while it is followed loses nothing."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from support.watching import CASES, Follower, Run, rotate

CLOSES = [100.0 + i % 7 + i / 8 for i in range(60)]
ROWS = [f"{1_700_000_000 + 60 * i},{close}\n" for i, close in enumerate(CLOSES)]
HEADER = "time,close\n"


def appending(path: Path, text: str) -> Callable[[], object]:
    def act() -> None:
        with path.open("a") as file:
            file.write(text)

    return act


def replacing(path: Path, text: str) -> Callable[[], object]:
    """Another file comes in its place, as by logrotate."""

    def act() -> None:
        new = path.with_name("new")
        new.write_text(text)
        rotate(new, path)

    return act


def cutting(path: Path, text: str = "") -> Callable[[], object]:
    """The file is cut, as by logrotate with copytruncate, and written to again."""
    return lambda: path.write_text(text)


NEW_BEGINNINGS = pytest.mark.parametrize("beginning", [replacing, cutting])
Beginning = Callable[..., Callable[[], object]]


@NEW_BEGINNINGS
def test_the_header_is_kept(beginning: Beginning, feed: Path, follow: Follower) -> None:
    feed.write_text(HEADER + "".join(ROWS[:30]))
    follow(feed, beginning(feed, "".join(ROWS[30:50])), appending(feed, "".join(ROWS[50:])))
    assert follow.has_taken(CLOSES)
    assert follow.reports == []


@NEW_BEGINNINGS
def test_another_header_counts(beginning: Beginning, feed: Path, follow: Follower) -> None:
    feed.write_text(HEADER + "".join(ROWS[:30]))
    turned = [f"{row.strip().split(',')[1]},{row.split(',')[0]}\n" for row in ROWS[30:]]
    follow(feed, beginning(feed, "close,time\n" + "".join(turned)))
    assert follow.has_taken(CLOSES)


@NEW_BEGINNINGS
@pytest.mark.parametrize("cut", range(1, 17))
def test_the_rest_of_a_line_comes_at_the_new_beginning(
    cut: int, beginning: Beginning, feed: Path, follow: Follower
) -> None:
    assert ROWS[30] == "1700001800,105.75\n"
    feed.write_text(HEADER + "".join(ROWS[:30]) + ROWS[30][:cut])
    follow(feed, beginning(feed, ROWS[30][cut:] + "".join(ROWS[31:])))
    assert follow.has_taken(CLOSES)
    assert follow.reports == []


@NEW_BEGINNINGS
def test_the_rest_of_a_line_comes_late(beginning: Beginning, feed: Path, follow: Follower) -> None:
    feed.write_text(HEADER + "".join(ROWS[:30]) + ROWS[30][:13])
    follow(feed, beginning(feed, ""), appending(feed, ROWS[30][13:] + "".join(ROWS[31:])))
    assert follow.has_taken(CLOSES)
    assert follow.reports == []


@NEW_BEGINNINGS
@pytest.mark.parametrize("header", [HEADER, ""])
def test_a_last_row_without_a_line_end_is_taken(
    header: str, beginning: Beginning, feed: Path, follow: Follower
) -> None:
    feed.write_text(HEADER + "".join(ROWS[:31]).rstrip())
    follow(feed, beginning(feed, header + "".join(ROWS[31:])))
    assert follow.has_taken(CLOSES)
    assert follow.failed == 1  # it may have been the beginning of 105.751
    assert follow.reports == [
        f"{feed}: line 32: 1700001800,105.75 had no line end when the file began again: it is taken as a "
        "whole row"
    ]


@NEW_BEGINNINGS
@pytest.mark.parametrize("cut", [5, 14])
def test_a_line_that_the_new_file_has_again(
    cut: int, beginning: Beginning, feed: Path, follow: Follower
) -> None:
    """Its price was cut off, and is not taken."""
    feed.write_text(HEADER + "".join(ROWS[:30]) + ROWS[30][:cut])
    follow(feed, beginning(feed, HEADER + "".join(ROWS[10:])))
    assert follow.has_taken(CLOSES)
    assert follow.reports == []
    assert follow.seen == 20


@NEW_BEGINNINGS
def test_a_line_that_is_lost_is_reported(beginning: Beginning, feed: Path, follow: Follower) -> None:
    feed.write_text(HEADER + "".join(ROWS[:30]) + ROWS[30][:5])
    follow(feed, beginning(feed, HEADER + "".join(ROWS[31:])))
    assert follow.has_taken(CLOSES[:30] + CLOSES[31:])
    assert follow.failed == 1
    assert follow.reports == [
        f"{feed}: line 32: 17000 had no line end when the file began again: it is not a row, and is left out"
    ]


def test_a_line_that_is_finished_in_the_old_file(feed: Path, follow: Follower, tmp_path: Path) -> None:
    """Whoever writes has the old file open for a moment longer."""
    feed.write_text(HEADER + "".join(ROWS[:30]) + ROWS[30][:13])
    old = tmp_path / "feed.csv.1"

    def rotate() -> None:
        feed.rename(old)
        feed.write_text("".join(ROWS[31:50]))

    follow(feed, rotate, appending(old, ROWS[30][13:]), appending(feed, "".join(ROWS[50:])), rest=0)
    assert follow.has_taken(CLOSES)
    assert follow.reports == []


def test_a_file_that_was_cut_and_has_grown_since(feed: Path, follow: Follower) -> None:
    """It is as long as before, so that its length does not tell."""
    feed.write_text(HEADER + "".join(ROWS[:10]))
    follow(feed, cutting(feed, HEADER + "".join(ROWS[10:])))
    assert follow.has_taken(CLOSES)
    assert follow.reports == []


def test_a_file_that_is_gone_for_a_while(feed: Path, follow: Follower) -> None:
    feed.write_text(HEADER + "".join(ROWS[:30]))
    follow(feed, lambda: os.unlink(feed), cutting(feed, "".join(ROWS[30:])))
    assert follow.has_taken(CLOSES)


@pytest.mark.parametrize("cut", [3, 10, 12, 14])
def test_an_unfinished_last_line_is_left_to_the_next_run(cut: int, run: Run, tmp_path: Path) -> None:
    state = tmp_path / "state"
    text = HEADER + "".join(ROWS[:30])
    run(text + ROWS[30][:cut], "--state", state)
    assert run.code == 0
    assert run.reports == [
        f"{tmp_path / 'feed.csv'}: line 32: {ROWS[30][:cut]} has no line end, so more of it may come: "
        "it is left to the next run",
        "skipped 1 row: 1 unfinished",
    ]
    run(text + ROWS[30], "--state", state, "--verbose")
    assert run.reports[0].startswith("1 bars, 30 seen before")


def test_a_last_line_that_is_taken(run: Run, tmp_path: Path) -> None:
    run(HEADER + "".join(ROWS).rstrip(), "--verbose")  # no other run goes on with it
    assert run.reports[0].startswith("60 bars, 0 seen before")
    run('{"time": 1, "close": 2}\n{"time": 2, "close": 3}', "--state", tmp_path / "state", "--verbose")
    assert run.reports[0].startswith("2 bars, 0 seen before")


def test_a_state_knows_its_last_bar(run: Run, tmp_path: Path) -> None:
    state = tmp_path / "state"
    run(HEADER + "".join(ROWS[:30]), "--state", state)
    changed = ROWS[29].replace("\n", "9\n")
    run(HEADER + "".join(ROWS[:29]) + changed + "".join(ROWS[30:]), "--state", state, "--verbose")
    assert run.code == 3
    assert f"close {float(changed.split(',')[1])} is skipped: a bar of this time came before, with close "\
        f"{CLOSES[29]} (from an earlier run)" in run.reports[0]  # fmt: skip
    assert run.reports[1].startswith("30 bars, 29 seen before")


def test_a_state_of_version_1(run: Run, tmp_path: Path) -> None:
    """An earlier atc-cy saved it, and took its time, 20240320, for an epoch in 1970."""
    state = tmp_path / "state"
    state.write_bytes((CASES / "version_1.state").read_bytes())
    (tmp_path / "base.csv").write_bytes((CASES / "base.csv").read_bytes())
    run(tmp_path / "base.csv", "--state", state, "--verbose")
    assert run.reports[0].startswith("40 bars, 80 seen before")
    run(tmp_path / "base.csv")
    whole = run.events
    state.write_bytes((CASES / "version_1.state").read_bytes())
    run(tmp_path / "base.csv", "--state", state)
    assert run.events == whole[-len(run.events) :]
    assert run.events
