"""Feeds that are written in another form than plain CSV, where they begin anew, wait, or lack cells."""

from pathlib import Path

import pytest
from support.watching import CASES, Follower, Run, closes_of, rotate, rows_of

from atc_cy.files.prices import read_prices

BASE = rows_of(CASES / "base.csv")[:40]
CLOSES = closes_of(CASES / "base.csv")[:40]


def replace(path: Path, text: str) -> None:
    """Put another file in its place."""
    new = path.with_name("new")
    new.write_text(text)
    rotate(new, path)


def test_empty_cells_between_tabs(run: Run) -> None:
    rows = [f"\t{row['date']}\t{row['close']}\t\n" for row in BASE]
    run("id\tdate\tclose\tvolume\n" + "".join([*rows, "\t\t\t\n"]), "--verbose")
    assert run.code == 0
    assert run.reports[0].startswith("40 bars, ")


@pytest.mark.parametrize("cut", range(1, 15))
def test_a_row_with_a_decimal_comma_is_torn(cut: int, feed: Path, follow: Follower) -> None:
    rows = [f"{row['date']};{row['close'].replace('.', ',')}\n" for row in BASE]
    feed.write_text("date;close\n" + "".join(rows[:20]) + rows[20][:cut])
    follow(feed, lambda: replace(feed, rows[20][cut:] + "".join(rows[21:])))
    assert follow.has_taken(CLOSES)
    assert follow.reports == []


def test_a_wide_row_without_a_line_end(feed: Path, follow: Follower) -> None:
    """Each symbol of the row is taken."""
    rows = [f"{row['date']},{row['close']},{row['close']}\n" for row in BASE]
    feed.write_text("date,A,B\n" + "".join(rows[:20]).rstrip())
    follow(feed, lambda: replace(feed, "".join(rows[20:])))
    assert [follow.has_taken(CLOSES, symbol) for symbol in "AB"] == [True, True]
    assert follow.failed == 1
    assert "it is taken as a whole row" in follow.reports[0]


def test_a_title_and_headers_that_come_again(feed: Path, follow: Follower) -> None:
    above = "prices of today\nPrice,Close,Open\nTicker,A,A\nDate,,\n"
    rows = [f"{row['date']},{row['close']},1\n" for row in BASE]
    feed.write_text(above + "".join(rows[:20]))
    follow(feed, lambda: replace(feed, above + "".join(rows[15:])))
    assert follow.has_taken(CLOSES, "A")
    assert follow.reports == []


def test_rows_wait_over_a_new_beginning(feed: Path, follow: Follower) -> None:
    """The header comes again: a row of the new file decides those of the old one, too."""
    rows = [f"{day:02d}/01/2024,{close}\n" for day, close in enumerate(CLOSES[:31], 1)]
    feed.write_text("date,close\n" + "".join(rows[:5]))
    follow(feed, lambda: replace(feed, "date,close\n" + "".join(rows[5:])))
    assert follow.has_taken(CLOSES[:31])
    assert follow.reports == []


def test_rows_that_wait_have_their_own_header(feed: Path, follow: Follower) -> None:
    """They were read with the header of the new file before, in which the columns have other places."""
    feed.write_text("date,close,open\n01/02/2024,1,5\n")
    with pytest.raises(ValueError, match=r"line 2: .*01/02/2024.*--date-format"):
        follow(feed, lambda: replace(feed, "date,open,close\n13/02/2024,5,1\n"))


@pytest.mark.parametrize("first", ["01/02/2024,1\n", ""])
def test_the_last_row_waits_in_its_order(first: str, feed: Path, follow: Follower) -> None:
    feed.write_text(f"date,close\n{first}02/02/2024,2")
    follow(feed, lambda: replace(feed, "date,close\n13/02/2024,3\n"))
    assert follow.bars == (3 if first else 2)
    assert len(follow.reports) == 1
    assert "it is taken as a whole row" in follow.reports[0]


@pytest.mark.parametrize("year", [1678, 2261])
def test_times_at_the_ends_in_a_zone(year: int, run: Run) -> None:
    run(f"date,close\n{year}-01-01 00:00,1\n{year}-12-31 23:59,2\n", "--time-zone", "Asia/Tokyo", "--verbose")
    assert run.reports == ["2 bars, 0 seen before, 0 events, 0 failures"]
    outside = 1677 if year == 1678 else 2262
    run(f"date,close\n{outside}-12-31,1\n{outside}-01-01,2\n", "--time-zone", "Asia/Tokyo")
    assert run.code == 3
    words = f"line 2: the time '{outside}-12-31' is not between the years 1678 and 2261"
    assert run.reports[0].endswith(words)


@pytest.mark.parametrize(
    ("text", "closes"),
    [
        ("date;close;volume\n2024-01-01;1.234;1.234.567\n2024-01-02;1.225;998\n", [1234.0, 1225.0]),
        ('date,close,volume\n2024-01-01,"1,234",12.5\n2024-01-02,"1,225",998\n', [1234.0, 1225.0]),
        ("date;close;change\n2024-01-01;998;0,4\n2024-01-02;1.002;-0,3\n", [998.0, 1002.0]),
        ("date;close;change\n2024-01-01;1,234;7\n2024-01-02;1,225;0.5\n", [1234.0, 1225.0]),
        ("date;close\n2024-01-01;998\n2024-01-02;1.002\n2024-01-03;1.000,5\n", [998.0, 1002.0, 1000.5]),
        ("date;close;trades\n2024-01-01;149.123;998\n2024-01-02;149.130;7\n", [149.123, 149.13]),
    ],
)
def test_the_decimal_mark_is_that_of_a_file(
    text: str, closes: list[float], feed: Path, follow: Follower
) -> None:
    feed.write_text(text)
    assert read_prices(feed).series.tolist() == closes
    follow(feed, lambda: None)
    assert follow.has_taken(closes)
    assert follow.reports == []


@pytest.mark.parametrize(
    "text",
    [
        "date;close\n2024-01-01;998\n2024-01-02;1.002\n",
        "date;close\n2024-01-01;1.002\n2024-01-02;999\n",
        "date;close;change\n2024-01-01;1.002;1\n2024-01-02;1.001;0,45\n",
    ],
)
def test_a_point_that_may_stand_between_thousands(text: str, run: Run) -> None:
    run(text)
    assert run.code == 1
    assert "--decimal" in run.reports[-1]


def test_lines_that_end_with_a_carriage_return(feed: Path, follow: Follower) -> None:
    feed.write_bytes(b"date,close\r" + b"".join(f"{row['date']},{row['close']}\r".encode() for row in BASE))
    follow(feed, lambda: None)
    assert follow.has_taken(CLOSES)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "it is empty: give a header"),
        ("\n\n", "it is empty: give a header"),
        ('[{"date": "2024-01-01", "close": 1}]', "line 1: it begins a JSON array: give one object per line"),
        ("[\n[1704067200000, 1, 2, 3, 4]]", "line 1: it begins a JSON array: give one object per line"),
        ("d\0a\0t\0e\0,\0c\0\n\0", "line 1: it has NUL characters, as UTF-16 without a byte order mark"),
    ],
)
def test_what_is_no_feed(text: str, words: str, run: Run) -> None:
    run(text)
    assert run.code == 1
    assert words in run.reports[-1]


def test_a_header_of_a_wide_feed_without_rows(run: Run) -> None:
    run("date,A,B,C,D\n")
    assert run.code == 0
    assert run.events == []
