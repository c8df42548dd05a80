"""`atc-cy sweep`: the rows of `atc_cy.sweep`, the best first."""

import json
from pathlib import Path

from support.commands import atc_cy
from support.price_files import CLOSE, write_csv

from atc_cy import hotpaths, sweep
from atc_cy.sweeps import METRICS


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
        "is there already: add --resume"
        in atc_cy("sweep", prices, *grid, "--results", results, code=1).stderr
    )
    size = results.stat().st_size
    again = atc_cy("sweep", prices, *grid, "--format", "json", "--results", results, "--resume").stdout
    assert (json.loads(again), results.stat().st_size) == (rows, size)
    text = atc_cy("sweep", prices, *grid, "--top", "2", "--by", "trades", "--format", "csv").stdout
    assert len(text.splitlines()) == 3
    for arguments, words, code in [
        (("-g", "ema_length=1"), "did you mean 'ema_len'", 2),
        (("-g", "La"), "'La' must be as in La=0,0.02", 2),
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
