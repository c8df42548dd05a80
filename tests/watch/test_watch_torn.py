"""Rows, headers and characters that are torn where a followed file begins anew, or where a feed ends."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from support.watching import CASES, Follower, Run, closes_of, rotate, rows_of

BASE = rows_of(CASES / "base.csv")[:60]
CLOSES = closes_of(CASES / "base.csv")[:60]
ROWS = [f"{row['date']},{row['close']}\n" for row in BASE]
HEADER = "date,close\n"


Act = Callable[[], object]


def replacing(path: Path, data: bytes) -> Act:
    """Another file comes in its place, as by logrotate."""

    def act() -> None:
        new = path.with_name("new")
        new.write_bytes(data)
        rotate(new, path)

    return act


def cutting(path: Path, data: bytes) -> Act:
    """The file is cut, as by logrotate with copytruncate, and written to again."""
    return lambda: path.write_bytes(data)


def appending(path: Path, data: bytes) -> Act:
    def act() -> None:
        with path.open("ab") as file:
            file.write(data)

    return act


Beginning = Callable[[Path, bytes], Act]
NEW_BEGINNINGS = pytest.mark.parametrize("beginning", [replacing, cutting])


@NEW_BEGINNINGS
@pytest.mark.parametrize("cut", range(1, len(ROWS[30])))
def test_a_date_is_torn(cut: int, beginning: Beginning, feed: Path, follow: Follower) -> None:
    """Some rests, such as -01,102.11, are rows by themselves, of other times."""
    feed.write_text(HEADER + "".join(ROWS[:30]) + ROWS[30][:cut])
    follow(feed, beginning(feed, (ROWS[30][cut:] + "".join(ROWS[31:])).encode()))
    assert follow.has_taken(CLOSES)
    if 0 < cut < len(ROWS[30]) - 1:
        assert follow.reports == []


@NEW_BEGINNINGS
@pytest.mark.parametrize("cut", [1, 2, 4, 8])
def test_a_symbol_is_torn(cut: int, beginning: Beginning, feed: Path, follow: Follower) -> None:
    """The rest of the row is a row of another symbol."""
    rows = [f"BTC,{row}" for row in ROWS]
    feed.write_text("symbol," + HEADER + "".join(rows[:30]) + rows[30][:cut])
    follow(feed, beginning(feed, (rows[30][cut:] + "".join(rows[31:])).encode()))
    assert [*follow.symbols] == ["BTC"]
    assert follow.has_taken(CLOSES, "BTC")
    assert follow.reports == []


def test_rows_of_another_file_are_not_joined(feed: Path, follow: Follower) -> None:
    """What is left of a row, and a row that came before, would make a later one."""
    seconds = [f"{1_700_000_000 + 60 * at},{close}\n" for at, close in enumerate(CLOSES)]
    feed.write_text("time,close\n" + "".join(seconds[:30]) + seconds[30][:9])
    follow(feed, replacing(feed, "".join(seconds[10:]).encode()))
    assert follow.has_taken(CLOSES)
    assert follow.reports == []


@NEW_BEGINNINGS
@pytest.mark.parametrize("cut", range(1, len(HEADER)))
def test_a_header_is_torn(cut: int, beginning: Beginning, feed: Path, follow: Follower) -> None:
    feed.write_text(HEADER[:cut])
    follow(feed, beginning(feed, (HEADER[cut:] + "".join(ROWS)).encode()))
    assert follow.has_taken(CLOSES)
    assert follow.reports == []


@NEW_BEGINNINGS
@pytest.mark.parametrize("header", [HEADER, ""])
def test_a_header_without_a_line_end(header: str, beginning: Beginning, feed: Path, follow: Follower) -> None:
    feed.write_text(HEADER.rstrip())
    follow(feed, beginning(feed, b""), beginning(feed, (header + "".join(ROWS)).encode()))
    assert follow.has_taken(CLOSES)
    assert follow.reports == []


@NEW_BEGINNINGS
@pytest.mark.parametrize("begin", ["\n", "", ",src\n"])
def test_the_last_column_of_a_header(begin: str, beginning: Beginning, feed: Path, follow: Follower) -> None:
    """With a row behind it, it would be a header, too."""
    feed.write_text("date,close,symbol")
    src = ",1" if "src" in begin else ""
    rows = [f"{row.strip()},feed{src}\n" for row in ROWS]
    follow(feed, beginning(feed, (begin + "".join(rows)).encode()))
    assert follow.bars == 60
    assert (follow.symbols["feed"].stream.last_bar[1] == 1) is (src != "")
    assert follow.reports == []


@NEW_BEGINNINGS
def test_a_header_that_the_new_file_has_whole(beginning: Beginning, feed: Path, follow: Follower) -> None:
    feed.write_text(HEADER[:7])
    follow(feed, beginning(feed, (HEADER + "".join(ROWS)).encode()))
    assert follow.has_taken(CLOSES)
    assert follow.reports == []


@NEW_BEGINNINGS
@pytest.mark.parametrize("cut", [1, 9, 20])
def test_the_first_object_is_torn(cut: int, beginning: Beginning, feed: Path, follow: Follower) -> None:
    rows = [json.dumps({"date": row["date"], "close": float(row["close"])}) + "\n" for row in BASE]
    feed.write_text(rows[0][:cut])
    follow(feed, beginning(feed, (rows[0][cut:] + "".join(rows[1:])).encode()))
    assert follow.has_taken(CLOSES)
    assert follow.reports == []


@NEW_BEGINNINGS
@pytest.mark.parametrize("held", [1, 30])
def test_an_object_without_a_line_end_is_whole(
    held: int, beginning: Beginning, feed: Path, follow: Follower
) -> None:
    rows = [json.dumps({"date": row["date"], "close": float(row["close"])}) + "\n" for row in BASE]
    feed.write_text("".join(rows[:held]).rstrip())
    follow(feed, beginning(feed, "".join(rows[held:]).encode()))
    assert follow.has_taken(CLOSES)
    assert follow.reports == []


@NEW_BEGINNINGS
def test_half_a_row_is_no_success(beginning: Beginning, feed: Path, follow: Follower) -> None:
    """Its price was cut off, and the rest of it is nowhere."""
    feed.write_text(HEADER + "".join(ROWS[:30]) + ROWS[30][:12])
    follow(feed, beginning(feed, "".join(ROWS[31:]).encode()))
    assert follow.failed == 1
    assert "had no line end when the file began again: it is taken as a whole row" in follow.reports[0]


@NEW_BEGINNINGS
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le"])
@pytest.mark.parametrize("mark", [True, False])
def test_a_file_that_goes_on_without_a_mark(
    mark: bool, encoding: str, beginning: Beginning, feed: Path, follow: Follower
) -> None:
    feed.write_bytes(("\ufeff" + HEADER + "".join(ROWS[:30]) + ROWS[30][:5]).encode(encoding))
    rest = ("\ufeff" if mark else "") + ROWS[30][5:] + "".join(ROWS[31:50])
    follow(
        feed,
        beginning(feed, rest.encode(encoding)),
        beginning(feed, "".join(ROWS[50:]).encode(encoding)),
    )
    assert follow.has_taken(CLOSES)
    assert follow.reports == []


@NEW_BEGINNINGS
def test_a_file_that_goes_on_in_utf8(beginning: Beginning, feed: Path, follow: Follower) -> None:
    feed.write_bytes((HEADER + "".join(ROWS[:30])).encode("utf-16"))
    follow(feed, beginning(feed, "".join(ROWS[30:]).encode()))
    assert follow.has_taken(CLOSES)
    assert follow.reports == []


@NEW_BEGINNINGS
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_character_is_torn(encoding: str, beginning: Beginning, feed: Path, follow: Follower) -> None:
    """What is left of its row cannot be put together, and is reported; the rows after it are taken."""
    data = ("\ufeff" + HEADER + "".join(ROWS)).encode(encoding)
    cut = len(("\ufeff" + HEADER + "".join(ROWS[:30]) + ROWS[30][:13]).encode(encoding)) + 1
    feed.write_bytes(data[:cut])
    follow(feed, beginning(feed, data[cut:]))
    assert follow.has_taken(CLOSES[:30] + CLOSES[31:])
    assert follow.failed >= 1
    assert any(f"{feed}: line 32: {ROWS[30][:13]}" in report for report in follow.reports)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("cut", [0, 5])
def test_a_writer_that_keeps_its_place(encoding: str, cut: int, feed: Path, follow: Follower) -> None:
    """After the file is cut, the system fills what is before that place with NULs."""
    begin = "" if encoding == "utf-8" else "\ufeff"
    data = (begin + HEADER + "".join(ROWS[:30]) + ROWS[30][:cut]).encode(encoding)
    feed.write_bytes(data)

    def write_on() -> None:
        with feed.open("r+b") as file:
            file.seek(len(data))
            file.write((ROWS[30][cut:] + "".join(ROWS[31:])).encode(encoding))

    follow(feed, cutting(feed, b""), write_on)
    assert follow.has_taken(CLOSES)
    assert follow.reports == []


@pytest.mark.parametrize(
    ("encoding", "cut"), [("utf-16", 1), ("utf-16", 3), ("utf-16-be", 1), ("utf-32", 3), ("utf-8", 1)]
)
def test_a_feed_that_ends_within_a_character(encoding: str, cut: int, run: Run, tmp_path: Path) -> None:
    mark = "\ufeff" if encoding.endswith("e") else ""
    data = (mark + HEADER + "".join(ROWS[:30]) + ROWS[30].replace(",", "\N{EN DASH}")[:11]).encode(encoding)
    run(data[:-cut], "--state", tmp_path / "state", "--verbose")
    assert run.code == 0
    assert run.reports[0].startswith(f"{tmp_path / 'feed.csv'}: line 32: 2024-01-3")
    assert run.reports[0].endswith("has no line end, so more of it may come: it is left to the next run")
    assert run.reports[1].startswith("30 bars, ")
    run(data[:-cut])
    assert run.code == 3
    words = "it is not text in UTF-8, or is cut off within a character: save the feed as UTF-8"
    assert run.reports[0] == f"{tmp_path / 'feed.csv'}: line 32: {words}"


def test_text_that_is_not_utf8(run: Run, tmp_path: Path) -> None:
    words = "it is not text in UTF-8, or is cut off within a character: save the feed as UTF-8"
    run(("date,close,näme\n" + "".join(row.strip() + ",x\n" for row in ROWS)).encode("latin-1"))
    assert run.code == 1
    packed = "the name of a packed file must end in .gz, and that of a workbook in .xlsx"
    assert run.reports == [f"{tmp_path / 'feed.csv'}: line 1: {words}; {packed}"]
    rows = [row.strip() + ",x\n" for row in ROWS]
    rows[20] = rows[20].replace("x", "ä")
    run(("date,close,name\n" + "".join(rows)).encode("latin-1"), "--verbose")
    assert run.code == 3
    assert run.reports[0] == f"{tmp_path / 'feed.csv'}: line 22: {words}"
    assert run.reports[1].startswith("59 bars, ")
