"""`atc-cy scan`: real processes, real files, exit codes."""

import contextlib
import json
import os
import re
import subprocess
import sys
import termios
from pathlib import Path

import numpy as np
import pytest
from support.commands import PROGRAM, atc_cy, rows_of
from support.golden import golden
from support.price_files import CLOSE, DAYS, write_csv

from atc_cy import compute_atc_signals, direction, events


def test_scan_of_the_shipped_data() -> None:
    rows = rows_of(atc_cy("scan", "--format", "csv").stdout)
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
    strong = rows_of(atc_cy("scan", "--format", "csv", "--min-signal", 0.9).stdout)
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
    assert [row["symbol"] for row in rows_of(done.stdout)] == ["good"]
    assert f"{bad}: line 3: prices has -1.0 at row 1 (label 2020-01-02" in done.stderr
    assert "none.csv: " in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("header", "rows", "words"),
    [
        ("close,day", ["1,2020-01-01"], "no column is named date"),
        ("date,open", ["2020-01-01,1"], "there is no column 'close'"),
        (
            "date,close",
            ["2020-01-01,1", "01/02/2020,1"],
            "line 3, column 'date': the day of '01/02/2020' could be its month: give --date-format",
        ),
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


@pytest.mark.parametrize("option", ["--column", "--source", "--symbol"])
@pytest.mark.parametrize("command", [("scan",), ("chart", "USD", "-o", "USD.html")])
def test_columns_of_no_file(command: tuple[str, ...], option: str, tmp_path: Path) -> None:
    """The shipped prices have columns of their own: the options were ignored."""
    program = [sys.executable, "-P", "-m", "atc_cy", *command, option, "open"]
    done = subprocess.run(program, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 2
    assert f"{option} needs FILE" in done.stderr
    assert not list(tmp_path.iterdir())
