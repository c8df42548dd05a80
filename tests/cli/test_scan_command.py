"""`atc-cy scan`: real processes, real files, exit codes."""

import contextlib
import json
import os
import re
import subprocess
import sys
import termios
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.commands import PROGRAM, atc_cy, rows_of
from support.golden import golden
from support.price_files import CLOSE, DAYS, write_csv

from atc_cy import MOVING_AVERAGES, compute_atc_signals, direction, events, rank, scan
from atc_cy.datasets import load_ecb_fx


def test_scan_of_the_shipped_data() -> None:
    rows = rows_of(atc_cy("scan", "--max-age", "any", "--format", "csv").stdout)
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
    text = atc_cy("scan", "--max-age", "any").stdout
    assert "Average Signal" in text
    lines = [line for line in text.splitlines() if " long " in line or " short " in line]
    assert len(lines) == 46
    stale = {line.split()[0] for line in lines if " (stale) " in line}
    assert {"AAPL", "LVL", "RUB"} <= stale
    assert "USD" not in stale


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


def test_too_few_bars_are_reported(tmp_path: Path) -> None:
    """Until all averages are defined, their signals are 0: that looks like a market without a trend."""
    short, whole = write_csv(tmp_path / "A.csv"), write_csv(tmp_path / "B.csv")
    short.write_text("".join(short.read_text().splitlines(keepends=True)[:51]))
    done = atc_cy("scan", short, whole, "--format", "csv")
    assert done.stderr == "atc-cy: too few bars for all averages and equities, which need 67: A (50)\n"
    assert len(rows_of(done.stdout)) == 2
    assert atc_cy("scan", short, "--preset", "kama_only", "--format", "csv").stderr == ""
    assert "need 301: A (50)" in atc_cy("scan", short, "--cutout", "300", "--format", "csv").stderr


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
            "line 4: 'one' in column 'close' is not a number",
        ),
        (
            "date,close",
            ["2020-01-01,1", "2020-01-01,2"],
            "line 3: the time 2020-01-01 00:00:00 occurs twice, first in line 2",
        ),
        ("date,close", ["2020-01-02,1", "2020-01-01,2", "2020-01-03,1"], "must increase in time"),
        ("date,close", ["2020-01-01,", "2020-01-02,"], "no row has a price"),
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
        [PROGRAM, "scan", "--top", "3", "--max-age", "any"],
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
    values = [line.split() for line in lines if line.startswith("TRY")]
    whole = ["TRY", "2026-10-30", "55.8015", "+1.00", "long", "0", *["+1.00"] * 6, "1.7412"]
    assert any(line.startswith("RUB     2022-03-01 (stale)") for line in lines)
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


COLUMNS = [
    *("symbol", "date", "close", "Average_Signal", "direction", "bars_since_event"),
    *(f"{name}_Signal" for name in MOVING_AVERAGES),
    *("mean_equity", "stale"),
]


def test_the_demo_shows_live_markets_and_reports_the_others() -> None:
    done = atc_cy("scan", "--format", "csv")
    rows = rows_of(done.stdout)
    assert list(rows[0]) == COLUMNS
    assert {row["date"] for row in rows} == {"2026-10-30"}
    assert {row["stale"] for row in rows} == {"False"}
    assert done.stderr == (
        "atc-cy: 17 symbols left out: last bar more than 5 typical steps older than the newest, "
        "2026-10-30: BGN, CYP, EEK, HRK, LTL, …; --max-age any shows all\n"
    )
    assert len(rows) == 46 - 17


def test_the_rows_are_those_of_python() -> None:
    """In the same order, whatever the format."""
    records = json.loads(atc_cy("scan", "--format", "json").stdout)
    assert list(records[0]) == COLUMNS
    assert [type(records[0][name]) for name in ("bars_since_event", "mean_equity", "stale")] == [
        int,
        float,
        bool,
    ]
    rates = load_ecb_fx()
    ranked = rank(scan(rates, by="symbol", outputs="last"), max_age="stale")
    assert [record["symbol"] for record in records] == ranked.index.tolist()
    for record, (_, row) in zip(records, ranked.iterrows(), strict=True):
        assert {1: "long", -1: "short"}[row["direction"]] == record["direction"]
        assert all(row[name] == record[name] for name in COLUMNS[6:])
        assert (str(row["date"].date()), row["bars_since_event"]) == (
            record["date"],
            record["bars_since_event"],
        )


def ranked(*options: object, code: int = 0) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(atc_cy("scan", "--format", "json", *options, code=code).stdout)
    return rows


def test_what_turned_and_where_to() -> None:
    rows = ranked("--fresh", 3, "--direction", "long")
    assert rows
    assert all(row["bars_since_event"] <= 3 and row["direction"] == "long" for row in rows)
    every = ranked()
    assert len(rows) == sum(row["bars_since_event"] <= 3 and row["direction"] == "long" for row in every)
    done = atc_cy("scan", "USD", "--fresh", 0, "--format", "csv")
    assert done.stdout.splitlines() == [",".join(COLUMNS)]
    assert "none of 1 symbols matches the options" in done.stderr


def test_sort_keys() -> None:
    rows = ranked("--sort", "fresh,equity")
    keys = [(row["bars_since_event"], -row["mean_equity"]) for row in rows]
    assert keys == sorted(keys)
    symbols = [row["symbol"] for row in ranked("--sort", "symbol", "--top", 4)]
    assert symbols == ["AUD", "BRL", "CAD", "CHF"]
    assert ranked("--sort", "signal")[-1]["Average_Signal"] == -1


def test_ages() -> None:
    dates = {row["date"] for row in ranked("--max-age", "365D")}
    assert dates == {"2026-10-30", "2025-12-31"}
    done = atc_cy("scan", "--max-age", "365D", "--format", "csv")
    assert "atc-cy: 16 symbols left out: last bar older than 2025-10-30: CYP, EEK, HRK" in done.stderr
    assert "1 symbol left out" in atc_cy("scan", "USD", "IBM", "--max-age", "36h", "--format", "csv").stderr


def test_stale_files_are_marked_and_left_out_if_asked_for(tmp_path: Path) -> None:
    """Files are shown whole by default: which are stale is a column."""
    live, ended = write_csv(tmp_path / "live.csv"), tmp_path / "ended.csv"
    lines = live.read_text().splitlines()
    ended.write_text("\n".join(lines[:-10]))
    rows = {row["symbol"]: row for row in ranked(live, ended)}
    assert {name: row["stale"] for name, row in rows.items()} == {"live": False, "ended": True}
    assert [row["symbol"] for row in ranked(live, ended, "--max-age", "stale")] == ["live"]
    assert not any(row["stale"] for row in ranked(live, ended, "--until", DAYS[-20]))
    assert [row["symbol"] for row in ranked(live, ended, "--since", DAYS[-2])] == ["live"]


def test_shipped_symbols_by_name(tmp_path: Path) -> None:
    rows = {row["symbol"]: row for row in ranked("USD", "GBP", write_csv(tmp_path / "mine.csv"))}
    assert rows.keys() == {"USD", "GBP", "mine"}
    assert rows["USD"]["Average_Signal"] == golden("usd_default").expected["Average_Signal"][-1]
    done = atc_cy("scan", "USD", "GPB", "none.csv", "--format", "csv", code=3)
    assert [row["symbol"] for row in rows_of(done.stdout)] == ["USD"]
    assert "GPB: there is neither a file nor a shipped symbol 'GPB'; did you mean 'GBP'?" in done.stderr
    assert "none.csv: no such file or directory" in done.stderr
    assert "--column needs FILE" in atc_cy("scan", "USD", "--column", "open", code=2).stderr
    weeks = ranked("USD", "--resample", "1W")
    assert weeks[0]["date"] == "2026-10-26"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--fresh", "-1"), "'-1' must be a whole number, 0 or above"),
        (("--fresh", "0.5"), "'0.5' must be a whole number, 0 or above"),
        (("--direction", "up"), "invalid choice: 'up'"),
        (("--sort", "freshest"), "there is no key 'freshest'; did you mean 'fresh'?"),
        (("--sort", ""), "there is no key ''"),
        (("--max-age", "10"), "'10' is not a length of time: give a number and a unit"),
        (("--fresh", "0", "--data", ".", "--out", "x"), "--fresh is not for --data"),
        (("--sort", "fresh", "--data", ".", "--out", "x"), "--sort is not for --data"),
    ],
)
def test_options_that_are_none(options: tuple[str, ...], words: str) -> None:
    assert words in atc_cy("scan", *options, code=2).stderr
