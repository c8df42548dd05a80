"""What a dataset's source may hold: a file of no symbol, text, which is read once, times in two columns."""

from concurrent.futures import ProcessPoolExecutor
from datetime import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from support.dataset_folders import PRICES, assert_equal, expected, hive, text, write, written

from atc_cy import dataset
from atc_cy.files import prices as price_files

FRAME = pd.DataFrame({"date": pd.date_range("2020-01-01", periods=60), "close": range(1, 61)})


@pytest.mark.parametrize("name", ["__HIVE_DEFAULT_PARTITION__", "", " ", "%20"])
def test_a_folder_that_names_no_symbol(name: str, tmp_path: Path) -> None:
    """It is one failure, and the other symbols are done."""
    hive(tmp_path / "in", PRICES)
    write(tmp_path / "in" / f"symbol={name}" / "x.parquet", FRAME)
    report = dataset.scan(tmp_path / "in", tmp_path / "out")
    (failure,) = report.failures
    assert failure.file == f"symbol={name}/x.parquet"
    assert failure.problem.endswith(f"its folder is named symbol={name}: name it after the symbol")
    assert_equal(tmp_path / "out", expected(PRICES))
    (tmp_path / "in" / f"symbol={name}").rename(tmp_path / "in" / "_symbol=")
    assert dataset.scan(tmp_path / "in", tmp_path / "out", update=True).failures == ()


def test_no_folder_names_a_symbol(tmp_path: Path) -> None:
    write(tmp_path / "in" / "symbol=__HIVE_DEFAULT_PARTITION__" / "x.parquet", FRAME)
    report = dataset.scan(tmp_path / "in", tmp_path / "out")
    assert (report.rows, report.symbols, len(report.failures)) == (0, 0, 1)


def test_text_in_a_folder_that_names_no_symbol(tmp_path: Path) -> None:
    for folder in ("symbol=__HIVE_DEFAULT_PARTITION__", "symbol=A"):
        (tmp_path / "in" / folder).mkdir(parents=True)
        FRAME.to_csv(tmp_path / "in" / folder / "x.csv", index=False)
    report = dataset.scan(tmp_path / "in", tmp_path / "out")
    assert (report.rows, report.symbols, len(report.failures)) == (60, 1, 1)


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("src", [None, "open"])
def test_text_is_read_once(
    threads: int, src: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = PRICES.assign(open=PRICES["close"] * 1.01)
    text(tmp_path / "in", frame)
    read: list[Path] = []
    read_table = price_files.read_table

    def counted(path: Path, *more: Any) -> Any:
        read.append(path)
        return read_table(path, *more)

    monkeypatch.setattr(price_files, "read_table", counted)
    assert dataset.scan(tmp_path / "in", tmp_path / "out", threads=threads, src=src).failures == ()
    assert len(read) == len(set(read)) == 11
    assert_equal(tmp_path / "out", expected(frame, src))


def test_text_that_changes_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was kept of the first file is not taken for what it has now."""
    text(tmp_path / "in", PRICES)
    first = min((tmp_path / "in").iterdir())
    from atc_cy.dataset import run

    list_files = run.list_files

    def changing(*arguments: Any) -> Any:
        pd.read_feather(first)[:-1].to_feather(first)
        return list_files(*arguments)

    monkeypatch.setattr(run, "list_files", changing)
    report = dataset.scan(tmp_path / "in", tmp_path / "out", threads=1)
    assert report.rows == len(PRICES) - 1


def test_processes_read_for_themselves(tmp_path: Path) -> None:
    text(tmp_path / "in", PRICES)
    with ProcessPoolExecutor(1) as executor:
        assert dataset.scan(tmp_path / "in", tmp_path / "out", executor=executor).failures == ()
    assert_equal(tmp_path / "out", expected(PRICES))


@pytest.mark.parametrize("clock", [time(9, 30), "9:30", "09:30 AM"], ids=repr)
def test_parquet_with_the_time_of_day_in_a_column(clock: Any, tmp_path: Path) -> None:
    write(tmp_path / "in" / "A.parquet", FRAME.assign(time=clock))
    assert dataset.scan(tmp_path / "in", tmp_path / "out").failures == ()
    times = pd.DatetimeIndex(written(tmp_path / "out")["date"])
    assert (times == FRAME["date"] + pd.Timedelta(hours=9, minutes=30)).all()
    with pytest.raises(ValueError, match="was written with another clock, True and not False"):
        dataset.scan(tmp_path / "in", tmp_path / "out", time="date", update=True)
    assert dataset.scan(tmp_path / "in", tmp_path / "dates", time="date").failures == ()
    assert (pd.DatetimeIndex(written(tmp_path / "dates")["date"]) == FRAME["date"]).all()


def test_times_of_day_without_colons(tmp_path: Path) -> None:
    """Only the whole file could say whether 930 is half past nine; a dataset reads it piece by piece."""
    write(tmp_path / "in" / "A.parquet", FRAME.assign(time=93000))
    with pytest.raises(ValueError, match=r"row 0: the time of day 93000 .* without colons.* time='date'"):
        dataset.scan(tmp_path / "in", tmp_path / "out")
    assert dataset.scan(tmp_path / "in", tmp_path / "out", time="date").failures == ()


def test_parquet_with_two_columns_of_whole_times(tmp_path: Path) -> None:
    write(tmp_path / "in" / "A.parquet", FRAME.assign(time=FRAME["date"]))
    assert dataset.scan(tmp_path / "in", tmp_path / "out").failures == ()


def test_a_column_src_that_is_not_used(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """One warning for all files of Parquet, as for each file of text."""
    for symbol in ("A", "B", "C"):
        write(tmp_path / "in" / f"{symbol}.parquet", FRAME.assign(**({} if symbol == "A" else {"Src": 1.0})))
    assert dataset.scan(tmp_path / "in", tmp_path / "out").failures == ()
    (message,) = caplog.messages
    path = tmp_path / "in" / "B.parquet"
    assert message.startswith(f"{path} (and 1 more): the column 'Src' is not used: give --source Src")
    caplog.clear()
    for column in ({"src": "close"}, {"close": "src"}):
        dataset.scan(tmp_path / "in", tmp_path / str(column), **column)  # type: ignore[arg-type]
    assert caplog.messages == []


def test_files_of_one_row(tmp_path: Path) -> None:
    """No other row shows that the first file has dates in digits, and one that does not exist."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "A.csv").write_text("date,close\n20241302,1\n")
    (tmp_path / "in" / "B.csv").write_text("date,close\n20241230,1\n")
    report = dataset.scan(tmp_path / "in", tmp_path / "out")
    (failure,) = report.failures
    assert (report.rows, report.symbols, failure.file) == (1, 1, "A.csv")
    assert "line 2, column 'date': time='20241302' is not a date that exists" in failure.problem
