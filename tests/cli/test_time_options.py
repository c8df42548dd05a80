"""The bars that are made of a file's rows, and those that are shown."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support.commands import atc_cy, rows_of

from atc_cy import atc, resample

HOURS = pd.date_range("2024-01-01", periods=900, freq="h", name="date")
RNG = np.random.default_rng(8)
CLOSE = 100 * np.exp(np.cumsum(RNG.normal(0, 0.01, 900)))
CANDLES = pd.DataFrame({"open": CLOSE - 0.1, "high": CLOSE + 0.5, "low": CLOSE - 0.7, "close": CLOSE}, HOURS)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("time") / "BTC.csv"
    CANDLES.to_csv(path)
    return path


def computed(*arguments: object) -> pd.DataFrame:
    rows = pd.DataFrame(rows_of(atc_cy("compute", *arguments, "-o", "-").stdout))
    return rows.set_index(pd.DatetimeIndex(rows.pop("date")))


def assert_is(rows: pd.DataFrame, expected: pd.DataFrame) -> None:
    assert list(rows.index) == list(expected.index)
    assert np.array_equal(rows["Average_Signal"].astype(float), expected["Average_Signal"], equal_nan=True)


@pytest.mark.parametrize("source", ["hl2", "hlc3", "ohlc4", "hlcc4", "open"])
def test_bars_of_four_hours(file: Path, source: str) -> None:
    expected = atc(resample(CANDLES, "4h"), src=source)
    assert_is(computed(file, "--resample", "4h", "--source", source), expected)


def test_a_day_that_begins_later(file: Path) -> None:
    expected = atc(resample(CANDLES, "7h", origin="09:00"))
    assert_is(computed(file, "--resample", "7h", "--origin", "09:00"), expected)


def test_what_is_shown_is_computed_from_the_first_bar(file: Path) -> None:
    shown = atc(CANDLES)["2024-01-20":"2024-01-22 04:00"]  # type: ignore[misc]
    assert_is(computed(file, "--since", "2024-01-20", "--until", "2024-01-22T04:00"), shown)
    assert_is(computed(file, "--first-bar", "2024-01-09"), atc(CANDLES["2024-01-09":]))  # type: ignore[misc]
    (standing,) = rows_of(atc_cy("scan", file, "--until", "2024-01-22T04:30", "--format", "csv").stdout)
    assert standing["date"] == "2024-01-22 04:00:00"
    assert float(standing["Average_Signal"]) == shown["Average_Signal"].iloc[-1]


def test_a_bar_that_is_open(tmp_path: Path) -> None:
    now = pd.Timestamp.now("UTC").floor("h")
    path = tmp_path / "live.csv"
    rows = CANDLES.set_axis(pd.date_range(end=now, periods=900, freq="h", name="date"))
    rows.to_csv(path)
    assert len(computed(path)) == 900
    assert len(computed(path, "--closed-only")) == 899
    assert len(computed(path, "--closed-only", "-t", "2h")) == 898
    days = computed(path, "--closed-only", "--resample", "1D")
    assert days.index[-1] == now.normalize() - pd.Timedelta(days=1)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (
            ["--resample", "30m"],
            1,
            "BTC.csv: timeframe='30m' is lower than that of the rows",
        ),
        (["--resample", "soon"], 2, "argument --resample: timeframe='soon' is not a timeframe"),
        (["--origin", "09:30"], 2, "--origin is the time at which days begin, for --resample: give that too"),
        (["--resample", "4h", "--origin", "9"], 2, "argument --origin: origin='9' must be a time of day"),
        (
            ["--first-bar", "2030-01-01"],
            1,
            "no row is left from --first-bar on, the last one is of 2024-02-07",
        ),
        (["--since", "noon"], 2, "argument --since: time='noon' must be ISO 8601"),
        (["--since", "2030-01-01"], 1, "no symbol has a bar between --since and --until"),
        (["-t", "1h"], 2, "--timeframe needs --datadir, or --closed-only"),
        (["--source", "hl3"], 1, "there is no column 'hl3'"),
    ],
)
def test_what_does_not_fit(file: Path, arguments: list[str], code: int, message: str) -> None:
    assert message in atc_cy("scan", file, *arguments, code=code).stderr


def test_a_dataset_takes_no_part_of_a_file(file: Path, tmp_path: Path) -> None:
    for option in (["--resample", "4h"], ["--closed-only"], ["--since", "2024"], ["--first-bar", "2024"]):
        done = atc_cy("scan", "--data", file.parent, "--out", tmp_path, *option, code=2)
        assert f"{option[0]} is not for --data" in done.stderr


def test_shipped_symbols_too() -> None:
    (row,) = rows_of(atc_cy("scan", "--resample", "1W", "--top", 1, "--format", "csv").stdout)
    assert pd.Timestamp(row["date"]).day_name() == "Monday"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("sweep", "x.csv", "-g", "La=0", "--since", "2024"), "--since is not for sweep: --start and --stop"),
        (("sweep", "x.csv", "-g", "La=0", "--until", "2024"), "--until is not for sweep: --start and --stop"),
        (
            ("watch", "x.csv", "--closed-only"),
            "--closed-only is not for watch, whose rows are bars",
        ),
        (("watch", "x.csv", "--until", "2024"), "which ends where its feed ends"),
    ],
)
def test_where_an_option_means_nothing(arguments: tuple[str, ...], words: str) -> None:
    assert words in atc_cy(*arguments, code=2).stderr
