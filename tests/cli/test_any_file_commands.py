"""Every command reads one table alike, whatever its file looks like, and from a pipe."""

import csv
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from support.commands import rows_of
from support.dialects import DIALECTS, LINES, plain, table, write_dialect

from atc_cy.cli import main


class Printed:
    """Runs commands in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.out = ""
        self.errors: list[str] = []

    def __call__(self, *arguments: object, code: int = 0) -> str:
        assert main([str(argument) for argument in arguments]) == code
        return self.collect().out

    def collect(self) -> "Printed":
        """Take what was printed since."""
        printed = self._capsys.readouterr()
        self.out, self.errors = printed.out, printed.err.splitlines()
        return self


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> Printed:
    return Printed(capsys)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("base") / "x.csv"
    path.write_bytes(plain(table()))
    return path


def without(rows: list[dict[str, Any]], *names: str) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name not in names} for row in rows]


def scanned(text: str) -> list[dict[str, Any]]:
    return [row | {"date": row["date"].removesuffix("+00:00")} for row in without(rows_of(text), "symbol")]


def computed(path: Path) -> pd.DataFrame:
    frame = pd.read_csv(path, index_col="date", parse_dates=True)
    return frame.set_axis(pd.DatetimeIndex(frame.index).tz_localize(None))


@pytest.mark.parametrize("name", DIALECTS)
def test_every_command_reads_every_dialect(name: str, base: Path, printed: Printed, tmp_path: Path) -> None:
    path = write_dialect(tmp_path, name)
    scan = ("scan", "--format", "csv")
    assert scanned(printed(*scan, path, "--verbose")) == scanned(printed(*scan, base))
    outputs = tmp_path / "path.csv", tmp_path / "base.csv"
    for source, output in zip((path, base), outputs, strict=True):
        printed("compute", source, "-o", output)
    pd.testing.assert_frame_equal(*map(computed, outputs), check_exact=True)
    sweep = ("sweep", "-g", "ema_len=20,28", "--format", "csv")
    assert printed(*sweep, path) == printed(*sweep, base)
    if name == "newest_first.csv":
        printed("watch", path, code=1)
        assert "the feed runs backwards" in printed.errors[0]
    else:
        watch = ("watch", "--format", "json")
        reported = [
            [json.loads(line) for line in printed(*watch, source).splitlines()] for source in (path, base)
        ]
        assert without(reported[0], "symbol", "time") == without(reported[1], "symbol", "time")
        assert len(reported[0]) > 5


@pytest.mark.parametrize("name", [name for name in DIALECTS if not name.endswith(".txt")])
def test_a_dataset_reads_every_dialect(name: str, base: Path, printed: Printed, tmp_path: Path) -> None:
    frames = []
    for number, source in enumerate((write_dialect(tmp_path, name), base)):
        printed("dataset", source, "--out", tmp_path / f"out{number}", "--outputs", "Average_Signal")
        frames.append(pd.read_parquet(tmp_path / f"out{number}")["Average_Signal"])
    pd.testing.assert_series_equal(*frames)


def test_a_chart_of_a_dialect(printed: Printed, tmp_path: Path) -> None:
    printed("chart", write_dialect(tmp_path, "metatrader5.csv"), "-o", tmp_path / "x.html")
    assert (tmp_path / "x.html").stat().st_size > 10_000


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no FIFO")
@pytest.mark.parametrize("name", DIALECTS)
def test_a_pipe(name: str, base: Path, printed: Printed, tmp_path: Path) -> None:
    """A FIFO without an ending is read once, and what is in it tells what it is."""
    data = write_dialect(tmp_path, name).read_bytes()
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    writer = threading.Thread(target=fifo.write_bytes, args=(data,))
    writer.start()
    text = printed("scan", fifo, "--format", "csv")
    writer.join()
    assert scanned(text) == scanned(printed("scan", base, "--format", "csv"))


def through(data: bytes, *arguments: object) -> str:
    command = [sys.executable, "-P", "-m", "atc_cy", *map(str, arguments)]
    done = subprocess.run(command, input=data, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def test_standard_input(base: Path, printed: Printed, tmp_path: Path) -> None:
    data = write_dialect(tmp_path, "german.csv").read_bytes()
    assert scanned(through(data, "scan", "-", "--format", "csv")) == scanned(
        printed("scan", base, "--format", "csv")
    )
    assert len(rows_of(through(data, "compute", "-", "-o", "-"))) == len(table())
    assert through(data, "sweep", "-", "-g", "La=0,0.02", "--format", "csv")
    through(data, "chart", "-", "-o", tmp_path / "x.html")


@pytest.mark.long
@pytest.mark.parametrize("name", LINES)
def test_a_feed_from_standard_input(name: str, base: Path, printed: Printed, tmp_path: Path) -> None:
    kept = os.dup(0)
    with write_dialect(tmp_path, name).open("rb") as file:
        os.dup2(file.fileno(), 0)
    try:
        text = printed("watch", "--format", "json")
    finally:
        os.dup2(kept, 0)
        os.close(kept)
    reported = [json.loads(line) for line in text.splitlines()]
    expected = [json.loads(line) for line in printed("watch", base, "--format", "json").splitlines()]
    assert without(reported, "symbol", "time") == without(expected, "symbol", "time")


def test_a_feed_that_decides_nothing(tmp_path: Path, printed: Printed) -> None:
    (tmp_path / "x.csv").write_text("date;close\n03/04/2024;5\n04/04/2024;6\n")
    printed("watch", tmp_path / "x.csv", code=1)
    assert "line 2: the day of '03/04/2024' could be its month: give --date-format" in printed.errors[-1]
    printed("watch", tmp_path / "x.csv", "--date-format", "%d/%m/%Y", "--verbose")
    assert printed.errors[0].startswith("atc-cy: 2 bars")
    (tmp_path / "x.csv").write_text("date;close\n2024-01-01;1.234\n2024-01-02;9,5\n")
    printed("watch", tmp_path / "x.csv", code=1)
    assert "line 3: '9,5' has a decimal comma, but '1.234' in" in printed.errors[-1]
    printed("watch", tmp_path / "x.csv", "--decimal", ",", "--verbose")
    assert printed.errors[0].startswith("atc-cy: 2 bars")


def test_a_wide_feed(tmp_path: Path, printed: Printed) -> None:
    (tmp_path / "x.csv").write_text("date,A,B\n2024-01-01,5,\n2024-01-02,6,7\n")
    printed("watch", tmp_path / "x.csv", "--verbose")
    assert printed.errors[0].startswith("atc-cy: 3 bars")


def test_a_folder(printed: Printed, tmp_path: Path) -> None:
    for name in ("german.csv", "french.csv.gz", "excel.xlsx", "freqtrade.json"):
        write_dialect(tmp_path, name)
    for name in ("README.md", "notes.txt", "_plan.json", ".hidden.csv"):
        (tmp_path / name).write_text("nothing of it")
    rows = rows_of(printed("scan", tmp_path, "--format", "csv"))
    assert {row["symbol"] for row in rows} == {"german", "french", "excel", "freqtrade"}
    assert {row["close"] for row in rows} == {str(table()[-1].close)}
    (tmp_path / "empty").mkdir()
    printed("scan", tmp_path / "empty", code=1)
    assert "has no file of prices: .csv" in printed.errors[0]


def test_how_a_file_was_read_is_told(printed: Printed, tmp_path: Path) -> None:
    path = write_dialect(tmp_path, "german.csv")
    reported = (
        f"atc-cy: {path}: separator semicolon, decimal mark ',', "
        "time 'Date' as 01.01.2024 00:00 (day first), price 'Close'"
    )
    printed("scan", path, "--verbose", "--format", "csv")
    assert printed.errors == [reported]
    printed("dataset", path, "--out", tmp_path / "out", "--verbose")
    assert reported in printed.errors
    printed("scan", path, "--format", "csv")
    assert printed.errors == []


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--separator", "xy", "--separator 'xy' must be one character"),
        ("--date-format", "%Q", "--date-format '%Q' is not one that"),
        ("--time-zone", "Mars", "--time-zone 'Mars' is unknown"),
        ("--time-column", "when", "there is no column 'when', which --time-column names"),
        ("--symbol-column", "who", "there is no column 'who', which --symbol-column names"),
        ("--column", "what", "there is no column 'what'"),
    ],
)
@pytest.mark.parametrize("command", ["scan", "compute", "sweep", "chart", "watch", "dataset"])
def test_options_that_are_wrong(
    command: str, option: str, value: str, words: str, base: Path, printed: Printed, tmp_path: Path
) -> None:
    if command == "dataset" and option == "--symbol-column":
        return  # a file without that column has the symbol that it is named after
    more: dict[str, tuple[object, ...]] = {
        "compute": ("-o", "-"),
        "sweep": ("-g", "La=0"),
        "chart": ("-o", tmp_path / "x.html"),
        "dataset": ("--out", tmp_path / "out"),
    }
    arguments = [command, str(base), option, value, *map(str, more.get(command, ()))]
    try:
        code = main(arguments)
    except SystemExit as ended:
        code = ended.code  # type: ignore[assignment]
    assert code in (1, 2, 3)
    printed.collect()
    assert words in "\n".join(printed.errors)


def test_excel_is_written(base: Path, printed: Printed, tmp_path: Path) -> None:
    printed("compute", base, "-o", tmp_path / "out.xlsx")
    frame = pd.read_excel(tmp_path / "out.xlsx")
    expected = list(csv.DictReader(printed("compute", base, "-o", "-").splitlines()))
    assert [*frame.columns] == [*expected[0]]
    # openpyxl writes 16 digits.
    assert frame["EMA_S"].tolist() == [float(f"{float(row['EMA_S']):.16g}") for row in expected]
    for name in ("out.ods", "out", "out.csv.gz"):
        with pytest.raises(SystemExit):
            main(["compute", str(base), "-o", str(tmp_path / name)])
        assert not (tmp_path / name).exists()
        assert ".csv, .jsonl, .ndjson, .parquet, .feather or .xlsx" in "".join(printed.collect().errors)


def test_excel_needs_its_extra(
    base: Path, printed: Printed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_dialect(tmp_path, "excel.xlsx")
    monkeypatch.setattr("atc_cy.files.excel.find_spec", lambda _: None)
    printed("scan", path, code=1)
    assert "pip install 'atc_cy[excel]'" in printed.errors[0]
    printed("compute", base, "-o", tmp_path / "out.xlsx", code=1)
    assert "pip install 'atc_cy[excel]'" in printed.errors[0]


def test_a_feed_of_other_dates_is_resampled(base: Path, printed: Printed, tmp_path: Path) -> None:
    path = write_dialect(tmp_path, "american.csv")
    watch = ("watch", "--format", "json", "--resample", "2h", "-t", "1h")
    for more in ((), ("--time-zone", "America/New_York")):
        reported = [
            [json.loads(line) for line in printed(*watch, source, *more).splitlines()]
            for source in (path, base)
        ]
        assert without(reported[0], "symbol") == without(reported[1], "symbol")
        assert len(reported[0]) > 2
    assert reported[0][0]["time"].endswith("-05:00")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (
            b"1704067200,100,101,102,99,5\n1704070800,101,100,103,98,5\n",
            "line 1: there is no header, such as",
        ),
        (
            b"1704067200,100,102,99,101,5\n1704070800,101,100,103,98,5\n",
            "line 2: high=100.0 is not the greatest",
        ),
        (b"\x1f\x8b\x08\n\xff\n", "line 1: it is not text in UTF-8"),
        (b"a title\nwhen;what\nnever;5\n", "line 1: no column is named date"),
    ],
)
def test_a_feed_that_cannot_be_read_is_one_error(
    data: bytes, words: str, printed: Printed, tmp_path: Path
) -> None:
    (tmp_path / "feed").write_bytes(data)
    printed("watch", tmp_path / "feed", code=1)
    assert len(printed.errors) == 1
    assert words in printed.errors[0]


def test_days_in_six_digits_beside_a_time_of_day(printed: Printed, tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("<DATE>;<TIME>;<CLOSE>\n010124;100000;5\n020124;000000;6\n")
    printed("watch", tmp_path / "x.txt", code=3)
    assert "line 2: the year of '010124T10:00:00' has two digits: give --date-format" in printed.errors[0]
    printed("watch", tmp_path / "x.txt", "--date-format", "%d%m%y", "--verbose")
    assert printed.errors == ["atc-cy: 2 bars, 0 seen before, 0 events, 0 failures"]
