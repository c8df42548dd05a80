"""`atc-cy dataset`, and `scan --data`, which is the same command."""

from pathlib import Path

import pandas as pd
import pytest
from support.commands import atc_cy
from support.price_files import CLOSE, DAYS, write_csv


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
        (("--source", "a", "--src-column", "b"), "mean the same with --data: give one"),
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


def test_out_is_needed(source: Path) -> None:
    assert "required: --out" in atc_cy("dataset", source, code=2).stderr


def test_a_long_text_file(source: Path, tmp_path: Path) -> None:
    """Each of its symbols, unless the dataset has a file a symbol; the message named --symbol once."""
    lines = [f"{day},{name},{close!r}" for day, close in rows() for name in ("A", "B")]
    write_csv(source / "long.csv", "date,symbol,close", lines)
    done = atc_cy("dataset", source, "--out", tmp_path / "out", code=3)
    assert "long.csv: there are 2 symbols, A, B: the first file of the dataset has one" in done.stderr
    assert "--symbol" not in done.stderr
    alone = tmp_path / "alone"
    alone.mkdir()
    (source / "long.csv").rename(alone / "long.csv")
    done = atc_cy("dataset", alone, "--out", tmp_path / "other")
    assert f"1000 rows of 2 symbols in {tmp_path / 'other'}" in done.stderr


@pytest.mark.parametrize("command", [("dataset",), ("scan", "--data")])
@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_a_column_src_that_is_not_used(command: tuple[str, ...], ending: str, tmp_path: Path) -> None:
    frame = pd.DataFrame({"date": DAYS, "close": CLOSE, "src": 1.0})
    path = tmp_path / "prices" / f"USD{ending}"
    path.parent.mkdir()
    frame.to_csv(path, index=False) if ending == ".csv" else frame.to_parquet(path, index=False)
    done = atc_cy(*command, path.parent, "--out", tmp_path / "out")
    assert f"atc-cy: {path}: the column 'src' is not used: give --source src" in done.stderr
