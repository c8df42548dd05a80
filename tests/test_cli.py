"""`atc-cy` as people use it: real processes, real files, exit codes."""

import contextlib
import csv
import io
import json
import math
import os
import re
import subprocess
import sys
import termios
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support.golden import assert_same_bits, golden
from support.kernels import LEVELS, PRESETS
from support.places import ROOT

from atc_cy import compute_atc_signals, direction, events

PROGRAM = str(Path(sys.executable).with_name("atc-cy"))
CLOSE = golden("usd_default").close[:500]
DAYS = [str(day.date()) for day in pd.date_range("2020-01-01", periods=500)]


def atc_cy(*arguments: object, code: int = 0) -> "subprocess.CompletedProcess[str]":
    command = [PROGRAM, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done


def write_csv(path: Path, header: str = "Date,Close", rows: "list[str] | None" = None) -> Path:
    lines = [f"{day},{close!r}" for day, close in zip(DAYS, CLOSE.tolist(), strict=True)]
    path.write_text("\n".join([header, *(lines if rows is None else rows)]) + "\n")
    return path


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_scan_of_the_shipped_data() -> None:
    rows = table(atc_cy("scan", "--format", "csv").stdout)
    assert len(rows) == 46
    assert len({row["symbol"] for row in rows}) == 46
    strengths = [abs(float(row["Average_Signal"])) for row in rows]
    assert strengths == sorted(strengths, reverse=True)
    by_symbol = {row["symbol"]: row for row in rows}
    expected = golden("usd_default").expected
    usd = by_symbol["USD"]
    assert (usd["date"], float(usd["close"])) == ("2026-10-30", 1.1172)
    for name in ("EMA_Signal", "KAMA_Signal", "Average_Signal"):
        assert float(usd[name]) == expected[name][-1]
    assert by_symbol["RUB"]["date"] == "2022-03-01"


def test_scan_is_a_table_for_people() -> None:
    text = atc_cy("scan").stdout
    assert "Average Signal" in text
    assert len([line for line in text.splitlines() if " long " in line or " short " in line]) == 46


def test_scan_narrowed() -> None:
    rows = json.loads(atc_cy("scan", "--format", "json", "--top", 3, "--preset", "kama_only").stdout)
    assert len(rows) == 3
    assert "KAMA_Signal" in rows[0]
    assert "EMA_Signal" not in rows[0]
    strong = table(atc_cy("scan", "--format", "csv", "--min-signal", 0.9).stdout)
    assert 0 < len(strong) < 46
    assert all(abs(float(row["Average_Signal"])) >= 0.9 for row in strong)


def test_scan_of_a_file(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "EURUSD.csv")
    (row,) = json.loads(atc_cy("scan", path, "--format", "json").stdout)
    result = compute_atc_signals(CLOSE)
    turns = np.flatnonzero(events(result))
    assert row["symbol"] == "EURUSD"
    assert row["date"] == DAYS[-1]
    assert row["close"] == CLOSE[-1]
    assert row["bars_since_event"] == 499 - turns[-1]
    assert row["direction"] == {1: "long", -1: "short"}[direction(result).iloc[-1]]
    assert row["LSMA_Signal"] == result["LSMA_Signal"].iloc[-1]


def test_missing_prices_newest_first_and_names(tmp_path: Path) -> None:
    lines = [f"{day},7,{close!r}" for day, close in zip(DAYS, CLOSE.tolist(), strict=True)]
    gap = [*lines[:100], f"{DAYS[100]},7,", *lines[101:], "", ""]
    straight = write_csv(tmp_path / "a.csv", "TIMESTAMP,close,Adj Close", gap)
    turned = write_csv(tmp_path / "b.csv", "timestamp,close,adj close", gap[::-1])
    rows = json.loads(atc_cy("scan", straight, turned, "--format", "json", "--column", "ADJ CLOSE").stdout)
    holes = np.where(np.arange(500) == 100, np.nan, CLOSE)
    expected = compute_atc_signals(holes)["Average_Signal"].iloc[-1]
    assert [row["Average_Signal"] for row in rows] == [expected, expected]


def test_some_symbols_fail(tmp_path: Path) -> None:
    good = write_csv(tmp_path / "good.csv")
    bad = write_csv(tmp_path / "bad.csv", rows=["2020-01-01,1", "2020-01-02,-1"])
    done = atc_cy("scan", good, bad, tmp_path / "none.csv", "--format", "csv", code=3)
    assert [row["symbol"] for row in table(done.stdout)] == ["good"]
    assert f"{bad}: line 3: prices has -1.0 at row 1 (label 2020-01-02" in done.stderr
    assert "none.csv: " in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("header", "rows", "words"),
    [
        ("day,close", ["2020-01-01,1"], "no column is named date"),
        ("date,price", ["2020-01-01,1"], "there is no column 'close'"),
        ("date,close", ["2020-01-01,1", "01/02/2020,1"], "line 3: time='01/02/2020' must be ISO 8601"),
        (
            "date,close",
            ["2020-01-01,1", "", "2020-01-02,one"],
            "line 4: 'one' in column 'close' is no number",
        ),
        (
            "date,close",
            ["2020-01-01,1", "2020-01-01,2"],
            "line 3: the time 2020-01-01 00:00:00 comes twice, the first time in line 2",
        ),
        ("date,close", ["2020-01-02,1", "2020-01-01,2", "2020-01-03,1"], "must increase in time"),
        ("date,close", ["2020-01-01,", "2020-01-02,"], "no price in any row"),
        ("date,close", [], "there is no line with a price"),
        ("", [], "there is no header"),
    ],
)
def test_bad_files(header: str, rows: list[str], words: str, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "bad.csv", header, rows)
    done = atc_cy("scan", path, code=1)
    assert f"atc-cy: {path}: " in done.stderr
    assert words in done.stderr
    assert done.stdout == ""


def test_compute(tmp_path: Path) -> None:
    path, out = write_csv(tmp_path / "x.csv"), tmp_path / "out.csv"
    atc_cy("compute", path, "-o", out)
    assert atc_cy("compute", path, "-o", "-").stdout == out.read_text()
    assert sorted(tmp_path.iterdir()) == [out, path]
    rows = table(out.read_text())
    result = compute_atc_signals(CLOSE)
    assert list(rows[0]) == ["date", "close", *result, "direction", "event"]
    assert [row["date"] for row in rows] == DAYS
    read = {name: np.array([float(row[name] or math.nan) for row in rows]) for name in result}
    assert_same_bits(read, {name: series.to_numpy() for name, series in result.items()})
    assert [int(row["event"]) for row in rows] == events(result).tolist()


def test_compute_keeps_what_was_there(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    out.write_text("precious")
    bad = write_csv(tmp_path / "bad.csv", rows=["2020-01-01,1", "2020-01-02,inf"])
    done = atc_cy("compute", bad, "-o", out, code=1)
    assert "bad.csv: line 3: prices has inf" in done.stderr
    assert out.read_text() == "precious"


def test_presets() -> None:
    rows = json.loads(atc_cy("presets", "--format", "json").stdout)
    assert [row["preset"] for row in rows][:2] == ["(generic)", "default"]
    assert rows[1]["structure"] == "EMA 28 HMA 28 WMA 28 DEMA 28 LSMA 28 KAMA 28, Medium"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "required"),
        (["scan", "--preset", "defualt"], "there is no preset 'defualt'; did you mean 'default'"),
        (["scan", "--top", "0"], "'0' must be a whole number above 0"),
        (["scan", "--min-signal", "2"], "'2' must be a number from 0 to 1"),
        (["scan", "--format", "xml"], "invalid choice"),
        (["compute"], "required"),
        (["scam"], "invalid choice"),
    ],
)
def test_usage(arguments: list[str], words: str) -> None:
    done = atc_cy(*arguments, code=2)
    assert words in done.stderr


@pytest.mark.parametrize(
    "command",
    [
        *("scan", "compute", "sweep", "watch", "presets", "hot", "preset", "bench", "doctor"),
        *("datasets", "completion", "chart"),
    ],
)
def test_help_has_an_example(command: str) -> None:
    assert f"Example: atc-cy {command}" in atc_cy(command, "--help").stdout


def test_datasets(tmp_path: Path) -> None:
    rows = table(atc_cy("datasets", "--format", "csv").stdout)
    assert len(rows) == 46
    by_symbol = {row["symbol"]: row for row in rows}
    assert by_symbol["USD"] == {
        "symbol": "USD",
        "bars": "7126",
        "first": "1999-01-04",
        "last": "2026-10-30",
        "columns": "close",
    }
    assert by_symbol["IBM"]["columns"] == "open high low close volume adj_close"
    out = tmp_path / "USD.csv"
    atc_cy("datasets", "USD", "-o", out)
    assert atc_cy("datasets", "USD").stdout == out.read_text()
    written = np.array([float(row["close"]) for row in table(out.read_text())])
    assert np.array_equal(written, golden("usd_default").close)
    assert "did you mean 'USD'" in atc_cy("datasets", "UDS", code=2).stderr
    assert "--output needs SYMBOL" in atc_cy("datasets", "-o", out, code=2).stderr


@pytest.mark.parametrize("width", [30, 60, 100, 300])
def test_a_terminal_of_any_width(width: int) -> None:
    """No line is longer than it, no cell is cut, and what has no place is named; no colours if not wanted."""
    reader, terminal = os.openpty()
    termios.tcsetwinsize(terminal, (24, width))
    unset = {name: text for name, text in os.environ.items() if name not in ("COLUMNS", "LINES")}
    with subprocess.Popen(
        [PROGRAM, "scan", "--top", "3"],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        env={**unset, "TERM": "xterm", "NO_COLOR": "1"},
    ):
        os.close(terminal)
        text = b""
        with contextlib.suppress(OSError):  # the other side is closed
            while part := os.read(reader, 10_000):
                text += part
        os.close(reader)
    lines = re.sub(r"\x1b\[[0-9;]*m", "", text.decode()).splitlines()
    assert max(len(line) for line in lines) <= width
    assert not re.search(r"\x1b\[(3[0-7]|9[0-7]|38)", text.decode())
    assert "…" not in text.decode()
    values = [line.split() for line in lines if line.startswith("LVL")]
    whole = ["LVL", "2013-12-31", "0.702804", "+1.00", "long", "0", *["+1.00"] * 6]
    assert values == [whole[: len(values[0])]]
    assert ("too narrow for" in " ".join(lines)) == (len(values[0]) < len(whole))


def test_completion() -> None:
    def completed(*words: str) -> list[str]:
        script = f"""
            source <({PROGRAM} completion bash)
            COMP_WORDS=(atc-cy {" ".join(words)}) COMP_CWORD={len(words)}
            _shtab_atc_cy && printf '%s\n' "${{COMPREPLY[@]}}"
        """
        done = subprocess.run(["bash", "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
        return done.stdout.split()

    assert completed("sc") == ["scan"]
    assert "--min-signal" in completed("scan", "--m")
    assert completed("scan", "--preset", "ka") == ["kama_only"]
    assert completed("compute", "READ") == ["README.md"]


def test_doctor() -> None:
    lines = atc_cy("doctor").stdout.splitlines()
    assert lines[0].startswith("atc_cy 0.1.0 in ")
    assert f"numpy {np.__version__}, pandas {pd.__version__}, rich " in lines[2]
    assert lines[3] == f"CPU level {LEVELS[-1]}, best of this CPU"
    told = {line.split(",")[0]: line for line in lines[4:]}
    assert list(told) == ["generic", *PRESETS]
    for name in PRESETS:
        assert told[name].endswith(" bars compared, every bit right")


def test_a_reader_that_stops() -> None:
    command = f"{PROGRAM} scan --format csv | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("symbol,")
    assert done.stderr == ""
