"""`atc-cy dataset`, and `scan --data`, which is the same command."""

import os
from pathlib import Path

import pandas as pd
import pytest
from support.charts import charts_of, facts_of
from support.commands import atc_cy
from support.price_files import CLOSE, DAYS, write_csv

from atc_cy import screener
from atc_cy.datasets import load_ecb_fx


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "prices"
    folder.mkdir()
    write_csv(folder / "USD.csv", "date,close,open", [f"{d},{c!r},{c + 1!r}" for d, c in rows()])
    return folder


def rows() -> list[tuple[str, float]]:
    return list(zip(DAYS, CLOSE.tolist(), strict=True))


def test_dataset_is_what_scan_data_is(source: Path, tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    done = atc_cy("dataset", source, "--out", one)
    assert done.stdout == ""
    assert f"500 rows of 1 symbols in {one}" in done.stderr
    atc_cy("scan", "--data", source, "--out", other)
    pd.testing.assert_frame_equal(pd.read_parquet(one), pd.read_parquet(other))


def test_source_is_one_option_for_all_commands(source: Path, tmp_path: Path) -> None:
    """`scan --data` ignored --source, and the averages ran on the price."""
    ways = [
        ("scan", "--data", source, "--src-column", "open"),
        ("scan", "--data", source, "--source", "open"),
        ("dataset", source, "--source", "open"),
        ("dataset", source, "--src-column", "open"),
        ("scan", "--data", source),
    ]
    read = []
    for number, arguments in enumerate(ways):
        atc_cy(*arguments, "--out", tmp_path / str(number))
        read.append(pd.read_parquet(tmp_path / str(number)))
    for other in read[1:4]:
        pd.testing.assert_frame_equal(read[0], other)
    assert not read[0].equals(read[4])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--symbol", "USD"), "--symbol is not for --data"),
        (("--top", "3"), "--top is not for --data"),
        (("--min-signal", "0.5"), "--min-signal is not for --data"),
        (("--source", "a", "--src-column", "b"), "mean the same with --data: give only one"),
    ],
)
def test_options_of_scan_are_not_ignored(
    source: Path, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    done = atc_cy("scan", "--data", source, "--out", tmp_path / "out", *arguments, code=2)
    assert words in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("option", ["--threads", "--outputs"])
def test_options_of_a_dataset_need_one(option: str) -> None:
    assert f"{option} needs --data" in atc_cy("scan", option, "2", code=2).stderr


def test_a_page_of_a_dataset(tmp_path: Path) -> None:
    """Read as a dataset is, over files; what fails is named, and the ranking's options are for the page."""
    folder, page = tmp_path / "rates", tmp_path / "page.html"
    rates = load_ecb_fx()
    some = rates[rates["symbol"].isin(["USD", "GBP", "JPY"])]
    for symbol, rows in some.groupby("symbol"):
        for number, part in enumerate((rows[:3000], rows[3000:])):
            (folder / f"symbol={symbol}").mkdir(parents=True, exist_ok=True)
            part[["date", "close"]].to_parquet(folder / f"symbol={symbol}" / f"{number}.parquet", index=False)
    assert atc_cy("scan", "--data", folder, "-o", page).stdout == ""
    assert page.read_text("utf-8") == screener(some, by="symbol").to_html()
    atc_cy("scan", "--data", folder, "-o", page, "--top", 1, "--sort", "symbol", "--bars", 9)
    assert charts_of(page.read_text("utf-8")).keys() == {"GBP"}
    other = folder / "symbol=JPY" / "0.parquet"
    pd.read_parquet(other)[::-1].to_parquet(other, index=False)
    other = folder / "symbol=GBP" / "1.parquet"
    pd.read_parquet(other).assign(close=-1.0).to_parquet(other, index=False)
    (folder / "symbol=USD" / "2.parquet").write_bytes(b"none")
    assert (
        "GBP: prices has -1.0 at row 3000 (label "
        in atc_cy("scan", "--data", folder, "-o", page, code=1).stderr
    )
    (folder / "symbol=USD" / "2.parquet").unlink()
    done = atc_cy("scan", "--data", folder, "-o", page, code=3)
    facts = facts_of(page.read_text("utf-8"))
    assert facts["symbols"]["name"] == ["USD"]
    problems = dict(facts["problems"])
    assert problems.keys() == {"GBP", "JPY"}
    assert problems["JPY"].startswith("symbol=JPY/0.parquet, row 1: the time ")
    assert "is not after that of the symbol's row before" in problems["JPY"]
    assert f"JPY: {problems['JPY']}" in done.stderr


def test_a_page_runs_on_a_source(source: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    atc_cy("scan", "--data", source, "--source", "open", "-o", page)
    made = screener({"USD": pd.read_csv(source / "USD.csv", index_col="date")}, src="open")
    average = facts_of(made.to_html())["symbols"]["Average_Signal"]
    assert facts_of(page.read_text("utf-8"))["symbols"]["Average_Signal"] == average
    for arguments, words in (
        (("--out", tmp_path / "out"), "--out is not for a page: write the dataset in another run"),
        (("--threads", 2), "--threads is not for a page"),
        (("--resample", "1W"), "--resample is not for --data"),
        (("--exchange", "binance"), "--exchange is not for --data, which takes all symbols of DIR"),
    ):
        assert words in atc_cy("scan", "--data", source, "-o", page, *arguments, code=2).stderr
    assert "--data needs --out, or --output for a page" in atc_cy("scan", "--data", source, code=2).stderr


def test_out_is_needed(source: Path) -> None:
    assert "required: --out" in atc_cy("dataset", source, code=2).stderr


def test_a_long_text_file(source: Path, tmp_path: Path) -> None:
    """Each of its symbols, also beside files of one symbol."""
    lines = [f"{day},{name},{close!r}" for day, close in rows() for name in ("A", "B")]
    write_csv(source / "long.csv", "date,symbol,close", lines)
    done = atc_cy("dataset", source, "--out", tmp_path / "out")
    assert f"1500 rows of 3 symbols in {tmp_path / 'out'}" in done.stderr
    (source / "USD.csv").unlink()
    done = atc_cy("dataset", source, "--out", tmp_path / "other")
    assert f"1000 rows of 2 symbols in {tmp_path / 'other'}" in done.stderr


@pytest.mark.parametrize("command", [("dataset",), ("scan", "--data")])
def test_a_column_of_symbols_that_is_not_there(
    command: tuple[str, ...], source: Path, tmp_path: Path
) -> None:
    """It was ignored; scan refuses it in these words."""
    done = atc_cy(*command, source, "--symbol-column", "nope", "--out", tmp_path / "out", code=1)
    assert "there is no column 'nope', which --symbol-column names" in done.stderr
    done = atc_cy("scan", source, "--symbol-column", "nope", code=1)
    assert "there is no column 'nope', which --symbol-column names" in done.stderr


@pytest.mark.parametrize("command", [("dataset",), ("scan", "--data")])
@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_a_column_src_that_is_not_used(command: tuple[str, ...], ending: str, tmp_path: Path) -> None:
    frame = pd.DataFrame({"date": DAYS, "close": CLOSE, "src": 1.0})
    path = tmp_path / "prices" / f"USD{ending}"
    path.parent.mkdir()
    frame.to_csv(path, index=False) if ending == ".csv" else frame.to_parquet(path, index=False)
    done = atc_cy(*command, path.parent, "--out", tmp_path / "out")
    assert f"atc-cy: {path}: the column 'src' is not used: give --source src" in done.stderr


@pytest.mark.parametrize(
    "option",
    [
        ("--symbol", "USD"),
        ("--resample", "1W"),
        ("--origin", "09:30"),
        ("--first-bar", "2020-01-01"),
        ("--closed-only",),
        ("--since", "2020-01-01"),
        ("--until", "2020-01-01"),
    ],
)
@pytest.mark.parametrize("command", [("dataset",), ("scan", "--data")])
def test_a_dataset_has_every_row(
    option: tuple[str, ...], command: tuple[str, ...], source: Path, tmp_path: Path
) -> None:
    """`dataset --symbol USD` was taken for --symbol-column."""
    done = atc_cy(*command, source, "--out", tmp_path / "out", *option, code=2)
    assert f"{option[0]} is not for " in done.stderr
    assert (
        "which has every bar of every symbol: 'atc-cy compute' and 'atc-cy scan' have this option"
        in done.stderr
    )
    assert not (tmp_path / "out").exists()


def test_a_dataset_of_a_pipe(tmp_path: Path) -> None:
    done = atc_cy("dataset", "-", "--out", tmp_path / "out", code=1)
    assert "standard input can be read only once, but a dataset reads its files" in done.stderr
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "fifo")
        done = atc_cy("dataset", tmp_path / "fifo", "--out", tmp_path / "out", code=1)
        assert "is a pipe or a device, which can be read only once" in done.stderr
