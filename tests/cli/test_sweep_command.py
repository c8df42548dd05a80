"""`atc-cy sweep`: the rows of `atc_cy.sweep`, the best first."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from support.commands import atc_cy, rows_of
from support.price_files import CLOSE, DAYS, write_csv

from atc_cy import hotpaths, plot_sweep, sweep, walk_forward
from atc_cy.sweeps import ALL_METRICS, METRICS


def test_sweep(tmp_path: Path) -> None:
    prices, results = write_csv(tmp_path / "x.csv"), tmp_path / "results.jsonl"
    grid = (
        "-g",
        "La=0:0.5:3",
        "-g",
        "moving_averages=EMA+KAMA,EMA",
        "--fees",
        "0.001",
        "--rule",
        "long_only",
    )
    rows = json.loads(atc_cy("sweep", prices, *grid, "--format", "json", "--results", results).stdout)
    assert len(rows) == 6
    expected = sweep(
        CLOSE,
        {"La": [0.0, 0.25, 0.5], "moving_averages": [("EMA", "KAMA"), ("EMA",)]},
        fees=0.001,
        rule="long_only",
    )
    assert [row["sharpe"] for row in rows] == sorted(expected.loc["sharpe"], reverse=True)
    for row in rows:
        metrics = expected[row["La"], tuple(row["moving_averages"].split("+"))]
        assert {name: row[name] for name in METRICS} == metrics.to_dict()
    assert (
        "exists already: add --resume" in atc_cy("sweep", prices, *grid, "--results", results, code=1).stderr
    )
    size = results.stat().st_size
    again = atc_cy("sweep", prices, *grid, "--format", "json", "--results", results, "--resume").stdout
    assert (json.loads(again), results.stat().st_size) == (rows, size)
    text = atc_cy("sweep", prices, *grid, "--top", "2", "--by", "trades", "--format", "csv").stdout
    assert len(text.splitlines()) == 3
    for arguments, words, code in [
        (("-g", "ema_length=1"), "did you mean 'ema_len'", 2),
        (("-g", "La"), "'La' must be written like La=0,0.02", 2),
        (("-g", "La=0:1:x"), "must be first:last:count", 2),
        (("-g", "La=0", "-g", "La=1"), "--grid La is given twice", 2),
        (("-g", "La=0", "--top", "0"), "must be a whole number above 0", 2),
        (("-g", "La=0", "--resume"), "--resume needs --results", 2),
        (("-g", "La=-1"), "La=-1.0 is out of range", 1),
    ]:
        assert words in atc_cy("sweep", prices, *arguments, code=code).stderr


def test_what_a_sweep_runs_is_recorded(tmp_path: Path) -> None:
    usage = tmp_path / "usage.jsonl"
    atc_cy("sweep", write_csv(tmp_path / "x.csv"), "-g", "La=0,0.1", "--record", usage, "--format", "csv")
    (ran,) = hotpaths.read(usage)
    assert ran.kernel == "default"
    assert ran.bars == 1000


def test_ranges_of_whole_numbers(tmp_path: Path) -> None:
    prices = write_csv(tmp_path / "x.csv")
    rows = rows_of(atc_cy("sweep", prices, "-g", "ema_len=10:30:21", "--format", "csv").stdout)
    assert sorted(int(row["ema_len"]) for row in rows) == [*range(10, 31)]
    assert [*rows[0]] == ["ema_len", *METRICS]
    error = atc_cy("sweep", prices, "-g", "ema_len=10:30:4", code=2).stderr
    assert (
        "ema_len=10:30:4 must have only whole numbers: give a count such as 6 or 11 or 21, or list" in error
    )


def test_metrics_windows_and_costs(tmp_path: Path) -> None:
    prices = write_csv(tmp_path / "x.csv")
    window = ("--start", DAYS[200], "--stop", DAYS[400])
    given = (
        *window,
        "--fees",
        "0.001",
        "--slippage",
        "0.0005",
        "--metrics",
        "sortino,p_value",
        "--seed",
        "3",
    )
    printed = atc_cy("sweep", prices, "-g", "La=0,0.5", *given, "--by", "p_value", "--format", "json").stdout
    rows = json.loads(printed)
    close = pd.Series(CLOSE, pd.to_datetime(DAYS))
    arguments: dict[str, Any] = {"start": DAYS[200], "stop": DAYS[400], "fees": 0.001, "slippage": 0.0005}
    expected = sweep(
        close, {"La": [0.0, 0.5]}, metric=("sortino", "p_value"), seed=3, bars_per_year=252, **arguments
    )
    assert [*rows[0]] == ["La", "sortino", "p_value"]
    assert rows[0]["p_value"] <= rows[1]["p_value"]  # of p-values, the smallest is the best
    assert {(row["La"], row["sortino"], row["p_value"]) for row in rows} == {
        (values[0], *expected[values]) for values in expected.columns
    }
    every = atc_cy("sweep", prices, "-g", "La=0,0.5", "--metrics", "all", "--format", "csv").stdout
    assert [*rows_of(every)[0]] == ["La", *ALL_METRICS]


@pytest.mark.parametrize("search", ["random", "tpe"])
def test_searches_go_on(tmp_path: Path, search: str) -> None:
    prices, results = write_csv(tmp_path / "x.csv"), tmp_path / "results.jsonl"
    grid = (
        "-g",
        "La=0:1:101",
        "-g",
        "ema_len=10:59:50",
        "--search",
        search,
        "--seed",
        "5",
        "--format",
        "csv",
    )
    whole = atc_cy("sweep", prices, *grid, "--trials", "20", "--results", results).stdout
    values = {"La": np.linspace(0, 1, 101), "ema_len": range(10, 60)}
    assert len(rows_of(whole)) == sweep(CLOSE, values, search=search, trials=20, seed=5).shape[1]
    lines = results.read_text().splitlines()
    results.write_text("\n".join(lines[:8]) + "\n")
    again = atc_cy("sweep", prices, *grid, "--trials", "20", "--results", results, "--resume").stdout
    assert again == whole
    assert sorted(results.read_text().splitlines()) == sorted(lines)  # threads end in any order


def test_walk_forward_goes_on(tmp_path: Path) -> None:
    prices, results = write_csv(tmp_path / "x.csv"), tmp_path / "results.jsonl"
    command = ("sweep", prices, "-g", "La=0:0.5:5", "--walk-forward", "150:100", "--format", "json")
    whole = atc_cy(*command, "--results", results).stdout
    close = pd.Series(CLOSE, pd.to_datetime(DAYS))
    walk = walk_forward(close, {"La": np.linspace(0, 0.5, 5)}, 150, 100, bars_per_year=252)
    *windows, every = json.loads(whole)
    assert [row["window"] for row in windows] == [1, 2, 3]
    assert [row["La"] for row in windows] == walk.windows["atc_La"].tolist()
    assert [row["sharpe"] for row in windows] == walk.windows["sharpe"].tolist()
    assert (every["window"], every["La"], every["train_first"]) == ("all", None, None)
    assert {name: every[name] for name in METRICS} == walk.metrics[[*METRICS]].to_dict()
    assert every["test_first"] == windows[0]["test_first"] == str(pd.Timestamp(DAYS[66 + 150]))
    lines = results.read_text().splitlines()
    assert len(lines) == 15
    results.write_text("\n".join(lines[:7]) + "\n")
    assert atc_cy(*command, "--results", results, "--resume").stdout == whole
    assert len(results.read_text().splitlines()) == 15
    anchored = json.loads(atc_cy(*command, "--anchored", "--rule", "long_only", "--by", "exposure").stdout)
    assert len({row["train_first"] for row in anchored[:-1]}) == 1
    assert "train_exposure" in anchored[0]
    text = atc_cy(*command[:-1], "table").stdout
    assert "walking forward 150:100, by sharpe" in text


@pytest.mark.parametrize(
    ("begin", "freq", "first"),
    [("2024-01-01", "D", "2024-08-04"), ("2024-01-01 09:00", "h", "2024-01-10 09:00:00")],
)
def test_windows_of_a_walk_have_dates_alone_if_all_are_at_midnight(
    begin: str, freq: str, first: str, tmp_path: Path
) -> None:
    times = pd.date_range(begin, periods=len(CLOSE), freq=freq)
    pd.DataFrame({"date": times, "close": CLOSE}).to_csv(tmp_path / "x.csv", index=False)
    command = ("sweep", tmp_path / "x.csv", "-g", "La=0,0.5", "--walk-forward", "150:96")
    text = atc_cy(*command).stdout
    assert first in text
    assert ("00:00" in text) == (freq == "h")


def test_several_files(tmp_path: Path) -> None:
    first, second = write_csv(tmp_path / "A.csv"), write_csv(tmp_path / "B.csv")
    bad, results = tmp_path / "C.csv", tmp_path / "results.jsonl"
    bad.write_text("Date,Close\n2024-01-01,5\n2024-01-02,-1\n")
    command = ("sweep", "-g", "La=0,0.5", "--format", "csv")
    rows = rows_of(atc_cy(*command, first, second).stdout)
    assert sorted((row["symbol"], float(row["La"])) for row in rows) == [
        (symbol, La) for symbol in "AB" for La in (0.0, 0.5)
    ]
    done = atc_cy(*command, first, bad, tmp_path / "missing.csv", second, "--results", results, code=3)
    assert rows_of(done.stdout) == rows
    assert "C.csv: line 3: prices has -1.0" in done.stderr
    assert "missing.csv" in done.stderr
    assert len(results.read_text().splitlines()) == 2  # A and B have the same prices
    assert "C.csv: line 3: prices has -1.0" in atc_cy(*command, bad, code=1).stderr
    folder = tmp_path / "folder"
    folder.mkdir()
    write_csv(folder / "A.csv")
    write_csv(folder / "B.csv")
    walked = rows_of(atc_cy(*command, folder, "--walk-forward", "200:100").stdout)
    assert [(row["symbol"], row["window"]) for row in walked] == [
        (symbol, window) for symbol in "AB" for window in ("1", "2", "3", "all")
    ]


def test_one_symbol_of_a_table_that_fails_leaves_the_others(tmp_path: Path) -> None:
    """Its price never changes, or one of its rows is bad; the others are shown."""
    flat = [7.0] * len(CLOSE)
    bad = [*CLOSE[:300], -1.0, *CLOSE[301:]]
    table = pd.DataFrame({"Date": DAYS, "flat": flat, "good": CLOSE, "bad": bad})
    long = tmp_path / "long.csv"
    table.melt("Date", var_name="symbol", value_name="close").to_csv(long, index=False)
    alone = rows_of(
        atc_cy("sweep", write_csv(tmp_path / "good.csv"), "-g", "La=0,0.5", "--format", "csv").stdout
    )
    for search in ((), ("--search", "tpe", "--trials", "4"), ("--walk-forward", "150:100")):
        done = atc_cy("sweep", long, "-g", "La=0,0.5", *search, "--format", "csv", code=3)
        rows = rows_of(done.stdout)
        assert {row.pop("symbol") for row in rows} == {"good"}
        assert "long.csv: flat: sharpe is NaN for all" in done.stderr
        assert "long.csv: bad: line 1302: prices has -1.0" in done.stderr
        if not search:
            assert rows == alone
    error = atc_cy("sweep", long, "-g", "La=0", "--symbol", "flat", code=1).stderr
    assert "long.csv: flat: sharpe is NaN for all 1 configs" in error


def test_what_is_wrong_with_all_symbols_is_said_once(tmp_path: Path) -> None:
    files = [write_csv(tmp_path / f"{name}.csv") for name in "ABC"]
    error = atc_cy("sweep", *files, "-g", "La=0", "-g", "ema_len=2", code=1).stderr
    names = ", ".join(map(str, files))
    assert error.startswith(f"atc-cy: {names}: ema_len=2 makes a lane of length -4 with robustness='Medium'")
    assert error.count("\n") == 1
    missing = atc_cy("sweep", tmp_path / "D.csv", tmp_path / "E.csv", "-g", "La=0", code=1).stderr
    assert "D.csv" in missing
    assert "E.csv" in missing


def test_shipped_symbols() -> None:
    rows = rows_of(atc_cy("sweep", "USD", "GBP", "-g", "La=0", "--format", "csv").stdout)
    assert sorted(row["symbol"] for row in rows) == ["GBP", "USD"]
    assert "did you mean 'USD'?" in atc_cy("sweep", "USDT", "-g", "La=0", code=1).stderr


def test_a_year_of_other_bars(tmp_path: Path) -> None:
    path = tmp_path / "hours.csv"
    pd.Series(CLOSE, pd.date_range("2024-01-01", periods=len(CLOSE), freq="4h"), name="close").to_csv(
        path, index_label="date"
    )
    command = ("sweep", path, path, "-g", "La=0", "--format", "csv")
    done = atc_cy(*command)
    assert done.stderr.count("--bars-per-year 2190") == 1
    given = atc_cy(*command, "--bars-per-year", "2190")
    assert given.stderr == ""
    assert given.stdout != done.stdout
    assert atc_cy(*command, "--by", "total_return", "--metrics", "total_return,trades").stderr == ""


@pytest.mark.parametrize(
    ("arguments", "words", "code"),
    [
        (("--metrics", "sharp"), "there is no metric 'sharp'; did you mean 'sharpe'?", 2),
        (("--by", "sharp"), "invalid choice: 'sharp'", 2),
        (("--search", "tpe"), "--search tpe needs --trials N", 2),
        (("--trials", "5"), "--trials needs --search random or --search tpe", 2),
        (("--search", "tpe", "--trials", "0"), "'0' must be a whole number above 0", 2),
        (("--search", "random", "--trials", "-3"), "'-3' must be a whole number above 0", 2),
        (("--walk-forward", "100"), "'100' must be two or three numbers of bars, written like 1000:250", 2),
        (("--walk-forward", "100:0"), "'0' must be a whole number above 0", 2),
        (("--walk-forward", "100:50", "--top", "3"), "--top is not for --walk-forward", 2),
        (("--walk-forward", "100:50", "--start", "2020-05-01"), "--start is not for --walk-forward", 2),
        (("--walk-forward", "100:50", "--by", "deflated_sharpe"), "give --by sharpe", 2),
        (("--walk-forward", "100:50:20"), "step=20 is less than test=50", 1),
        (("--walk-forward", "434:50"), "close has 500 bars, too few for a warm-up of 66, train=434", 1),
        (("--anchored",), "--anchored needs --walk-forward", 2),
        (("--start", "soon"), "--start: ", 2),
        (("--start", "2020-01-20"), "has 19 bars before it, but the configs need 66 to warm up", 1),
        (("--stop", "2020-01-20"), "leaves 19 bars, but the configs need 66 to warm up", 1),
        (
            ("--rule", "long_only", "--cutout", "600"),
            "sharpe is NaN for all 1 configs, so none is the best",
            1,
        ),
        (("--seed", "-1"), "seed=-1 is out of range", 1),
    ],
)
def test_bad_options(tmp_path: Path, arguments: tuple[str, ...], words: str, code: int) -> None:
    done = atc_cy("sweep", write_csv(tmp_path / "x.csv"), "-g", "La=0", *arguments, code=code)
    assert words in done.stderr
    if code == 1:
        assert done.stderr.count("\n") == 1


def test_pages(tmp_path: Path) -> None:
    """The page stands in place of what is printed, unless --top or --format ask for that too."""
    first, second = write_csv(tmp_path / "A.csv"), write_csv(tmp_path / "B.csv")
    page, other = tmp_path / "x.html", tmp_path / "y.html"
    command = ("sweep", first, "-g", "La=0:0.5:3", "-g", "De=0,0.1")
    assert atc_cy(*command, "-o", page).stdout == ""
    grid = {"La": [0.0, 0.25, 0.5], "De": [0.0, 0.1]}
    plot_sweep({"A": sweep(CLOSE, grid)}, title="A, long_short").save(other)
    assert page.read_bytes() == other.read_bytes()
    printed = atc_cy(*command, "--top", "2", "--by", "trades", "-o", page, "--rule", "long_only").stdout
    assert len(printed.splitlines()) == 4
    plot_sweep({"A": sweep(CLOSE, grid, rule="long_only")}, by="trades", title="A, long_only").save(other)
    assert page.read_bytes() == other.read_bytes()
    rows = rows_of(atc_cy("sweep", second, *command[1:], "-o", page, "--format", "csv").stdout)
    assert len(rows) == 12
    assert "2 symbols, long_short" in page.read_text("utf-8")
    atc_cy(*command, "--walk-forward", "150:100", "-o", page)
    series = pd.Series(CLOSE, pd.to_datetime(DAYS))
    plot_sweep({"A": walk_forward(series, grid, 150, 100, bars_per_year=252)}, title="A, long_short").save(
        other
    )
    assert page.read_bytes() == other.read_bytes()


def test_symbols_of_the_same_name_have_pages(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    first, second = write_csv(tmp_path / "A.csv"), write_csv(tmp_path / "old" / "A.csv")
    atc_cy("sweep", first, second, "-g", "La=0", "-o", tmp_path / "x.html")
    facts = re.search('id="facts">(.*?)</script>', (tmp_path / "x.html").read_text("utf-8"))
    assert facts is not None
    assert json.loads(facts[1])["symbols"] == ["A", str(second)]


def test_pages_that_cannot_be_written(tmp_path: Path) -> None:
    """It is said before anything is computed."""
    command = ("sweep", write_csv(tmp_path / "x.csv"), "-g", "La=0", "--results", tmp_path / "results.jsonl")
    error = atc_cy(*command, "-o", tmp_path / "no" / "x.html", code=1).stderr
    assert "there is no such folder" in error
    assert "x.svg must end in .html" in atc_cy(*command, "-o", tmp_path / "x.svg", code=2).stderr
    assert not (tmp_path / "results.jsonl").exists()
