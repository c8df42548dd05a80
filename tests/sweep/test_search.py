"""Random and Bayesian search: reproducible by seed, and as if nobody had stopped it."""

import collections
import itertools
import json
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats
from support.golden import golden

from atc_cy import sweep
from atc_cy.sweeps import METRICS
from atc_cy.sweeps.grid import axes_of, corners, random_grid, values_from_text

CLOSE = golden("usd_default").close[:900]
GRID: dict[str, Any] = {
    "La": np.linspace(0.0, 0.5, 51),
    "ema_len": range(10, 60),
    "moving_averages": [["EMA"], ["EMA", "KAMA"]],
    "robustness": ["Narrow", "Medium", "Wide"],
}
LARGE = {
    name: np.linspace(0, 1, 1000) for name in ("La", "De", "ema_w", "hma_w", "wma_w", "dema_w", "lsma_w")
}


def searched(results: Path | None = None, close: Any = CLOSE, **arguments: Any) -> pd.DataFrame:
    given: dict[str, Any] = {"search": "tpe", "trials": 40, "seed": 3, "results": results}
    return sweep(close, GRID, **(given | arguments))


@pytest.mark.parametrize("search", ["random", "tpe"])
def test_the_seed_decides_all(search: str) -> None:
    first, again, other = (searched(search=search, seed=seed, threads=2) for seed in (3, 3, 4))
    assert first.equals(again)
    assert list(first.columns) != list(other.columns)
    assert first.columns.is_unique
    assert first.columns.names == [f"atc_{name}" for name in GRID]
    assert first.equals(searched(search=search, threads=1))
    for values in first.columns[:5]:
        alone = sweep(CLOSE, [dict(zip(GRID, values, strict=True))])
        assert alone.iloc[:, 0].tolist() == first[values].tolist()


def test_random_search_draws_without_repetition() -> None:
    assert searched(search="random").shape == (5, 40)
    few = sweep(CLOSE, {"La": [0.0, 0.1, 0.2], "De": [0.0, 0.1]}, search="random", trials=50)
    assert sorted(few.columns) == [(La, De) for La in (0.0, 0.1, 0.2) for De in (0.0, 0.1)]
    large = sweep(CLOSE, LARGE, search="random", trials=30, metric="sharpe")  # of 10 ** 21
    assert large.shape == (1, 30)


def test_more_trials_of_a_random_search_begin_with_the_same(tmp_path: Path) -> None:
    """Also where they are most of all there are; so those that are done already are not done again."""
    grid = {"La": np.linspace(0, 1, 7), "De": [0.0, 0.1, 0.2]}
    tried = [
        list(sweep(CLOSE, grid, search="random", trials=trials).columns) for trials in (3, 9, 15, 21, 30)
    ]
    for fewer, more in itertools.pairwise(tried):
        assert more[: len(fewer)] == fewer
    assert len({*tried[-1]}) == 21
    results = tmp_path / "results.jsonl"
    for trials in (9, 15):
        sweep(CLOSE, grid, search="random", trials=trials, results=results)
    assert len(results.read_text().splitlines()) == 15
    places = [random_grid(axes_of({"cutout": range(5)}), 2, seed).combinations for seed in range(4000)]
    counts = collections.Counter(tuple(each) for each in places)
    assert len(counts) == 20
    assert scipy_stats.chisquare([*counts.values()]).pvalue > 0.001


def test_a_bayesian_search_learns() -> None:
    grid = {"La": np.linspace(0, 1, 101), "De": np.linspace(0, 3, 101), "ema_len": range(10, 60)}
    found = sweep(CLOSE, grid, search="tpe", trials=100, seed=3).loc["sharpe"]
    assert found.iloc[-30:].mean() > found.iloc[:20].mean() + 0.01
    low = sweep(CLOSE, grid, search="tpe", trials=60, objective="p_value", metric="p_value").loc["p_value"]
    assert low.iloc[-20:].mean() < low.iloc[:10].mean() - 0.01


@pytest.mark.parametrize("search", ["random", "tpe"])
@pytest.mark.parametrize("metric", [METRICS, ("sharpe", "sortino", "deflated_sharpe")], ids=["basic", "more"])
@pytest.mark.parametrize("kept", [0, 7, 25, 40])
def test_a_stopped_search_goes_on_as_if_it_had_not_been(
    tmp_path: Path, search: str, metric: Any, kept: int
) -> None:
    results = tmp_path / "results.jsonl"
    whole = searched(results, search=search, metric=metric)
    lines = results.read_text().splitlines()
    assert len(lines) == 40
    assert all(json.loads(line)["config"] for line in lines)
    results.write_text("\n".join(lines[:kept]) + ("\n" + lines[kept][:20] if kept < 40 else "\n"))
    reports: list[tuple[int, int]] = []
    again = searched(
        results, search=search, metric=metric, progress=lambda done, total: reports.append((done, total))
    )
    assert again.equals(whole)
    assert (reports[0], reports[-1]) == ((kept, 40), (40, 40))
    valid = [line for line in results.read_text().splitlines() if line.endswith("}")]
    if search == "tpe":
        assert valid == lines
    longer = searched(results, search=search, metric=metric, trials=60)
    assert longer.equals(searched(search=search, metric=metric, trials=60))


def test_a_killed_search(tmp_path: Path) -> None:
    """It is killed while it runs, twice, and then goes on to the end."""
    script = """
import sys, numpy as np
from test_search import searched
from pathlib import Path
searched(Path("results.jsonl"), np.load("close.npy"), trials=200)
"""
    close = np.tile(CLOSE, 10)
    np.save(tmp_path / "close.npy", close)
    results = tmp_path / "results.jsonl"
    counts = [0]
    for stop in (signal.SIGKILL, signal.SIGINT):
        run = subprocess.Popen(
            [sys.executable, "-c", script],
            cwd=tmp_path,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and run.poll() is None:
            if results.exists() and results.read_text().count("\n") > counts[-1] + 20:
                break
            time.sleep(0.005)
        run.send_signal(stop)
        _, errors = run.communicate(timeout=60)
        assert stop == signal.SIGKILL or "KeyboardInterrupt" in errors
        counts.append(results.read_text().count("\n"))
    assert 0 < counts[1] < counts[2] < 200
    reports: list[int] = []
    went_on = searched(results, close, trials=200, progress=lambda done, _: reports.append(done))
    assert reports[0] >= counts[2] - 1
    assert went_on.equals(searched(None, close, trials=200))


def test_what_another_search_or_sweep_has_done_is_not_done_again(tmp_path: Path) -> None:
    results = tmp_path / "results.jsonl"
    grid = {"La": [0.0, 0.1, 0.2], "De": [0.0, 0.1]}
    table = sweep(CLOSE, grid, results=results)
    before = results.read_text()
    assert sweep(CLOSE, grid, search="random", trials=6, results=results)[table.columns].equals(table)
    assert results.read_text() == before
    found = sweep(CLOSE, grid, search="tpe", trials=10, results=results)
    assert found.equals(sweep(CLOSE, grid, search="tpe", trials=10))
    more = [json.loads(line) for line in results.read_text()[len(before) :].splitlines()]
    assert [row["trial"] for row in more] == [*range(10)]
    other = sweep(CLOSE, grid, search="tpe", trials=10, results=results, objective="exposure", seed=5)
    assert other.equals(sweep(CLOSE, grid, search="tpe", trials=10, objective="exposure", seed=5))


def test_a_search_of_several_symbols() -> None:
    both = searched(None, {"A": CLOSE, "B": CLOSE[::-1]})
    assert both["A"].equals(searched())
    assert both["B"].equals(searched(None, CLOSE[::-1]))
    random = searched(None, {"A": CLOSE, "B": CLOSE[::-1]}, search="random")
    assert list(random["A"].columns) == list(random["B"].columns)


def test_the_objective_is_nan_everywhere(tmp_path: Path) -> None:
    results, flat = tmp_path / "results.jsonl", np.full(200, 7.0)
    with pytest.raises(
        ValueError,
        match=r"B: sharpe is NaN for all .* configs over 200 bars from 0, so none is the best: give more",
    ) as e:
        searched(results, {"B": flat})
    assert "\n" not in str(e.value)
    lines = results.read_text().splitlines()
    rows = [json.loads(line, parse_constant=lambda name: pytest.fail(name)) for line in lines]
    assert len(rows) == 40  # what was tried is kept
    assert rows[0]["metrics"] == [0.0, None, 0.0, 0.0, 0.0]
    assert searched(results, {"B": flat}, search="random").loc["sharpe"].isna().all()
    others = searched(None, {"B": flat, "A": CLOSE})  # one of many symbols ends nothing
    assert others["B"].loc["sharpe"].isna().all()
    assert others["A"].equals(searched())


@pytest.mark.parametrize(
    ("error", "words", "arguments"),
    [
        (ValueError, "search='bayes' is unknown; .*known: grid, random, tpe", {"search": "bayes"}),
        (ValueError, "trials=0 is out of range: give at least 1", {"trials": 0}),
        (ValueError, "trials=-5 is out of range: give at least 1", {"trials": -5, "search": "random"}),
        (TypeError, "trials='x' must be an integer", {"trials": "x"}),
        (ValueError, "search='tpe' needs trials: give how many configs to try", {"trials": None}),
        (
            ValueError,
            "trials=40 would have no effect, .*: give search='random' or 'tpe'",
            {"search": "grid"},
        ),
        (
            ValueError,
            "objective='deflated_sharpe' must be a metric of one config",
            {"objective": "deflated_sharpe"},
        ),
        (ValueError, "objective='sharp' must .*; did you mean 'sharpe'", {"objective": "sharp"}),
        (ValueError, "metric='sortin' is unknown; did you mean 'sortino'", {"metric": "sortin"}),
        (TypeError, "seed=None must be an integer", {"seed": None}),
        (ValueError, "start=64 has 64 bars before it, but the configs need 65 to warm up", {"start": 64}),
        (ValueError, "La=0.1 would have no effect, because the grid has La", {"La": 0.1}),
    ],
)
def test_bad_searches(error: type[Exception], words: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(error, match=words) as raised:
        searched(**arguments)
    assert "\n" not in str(raised.value)


def test_a_search_needs_values_by_field_that_are_all_valid() -> None:
    with pytest.raises(TypeError, match=r"grid=.* must have values by field to search among them"):
        sweep(CLOSE, [{"La": 0.1}], search="tpe", trials=3)
    for grid in ({"ema_len": [28, 4], "robustness": ["Narrow", "Wide"]}, {"De": [0.0, 101.0]}):
        with pytest.raises(ValueError, match=r"ema_len=4|De=101\.0"):
            sweep(CLOSE, grid, search="tpe", trials=3)


def test_corners_have_what_limits_the_others() -> None:
    """A window's warm-up is that of the slowest config, also where the grid is too large to be listed."""
    grid = {
        "ema_len": range(10, 60),
        "hull_len": [30, 10, 200],
        "robustness": ["Narrow", "Wide"],
        "cutout": [0, 9],
    }
    chosen = corners(axes_of(grid))
    assert {"ema_len": 59, "hull_len": 200, "robustness": "Wide", "cutout": 0} in [
        dict(zip(chosen.fields, values, strict=True)) for values in chosen.combinations
    ]
    assert len(corners(axes_of(LARGE)).combinations) < 20


def test_without_optuna(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(ImportError, match=r"search='tpe' needs Optuna: pip install 'atc_cy\[optimize\]'"):
        searched()
    assert searched(search="random").shape == (5, 40)


def test_ranges() -> None:
    assert values_from_text("ema_len", "10:30:21") == [*range(10, 31)]
    assert values_from_text("cutout", "30:0:4") == [30, 20, 10, 0]
    assert values_from_text("ema_len", "10:30:1") == [10]
    assert all(type(value) is int for value in values_from_text("ema_len", "10:30:21"))
    assert values_from_text("De", "0:2:3") == [0.0, 1.0, 2.0]
    assert all(type(value) is float for value in values_from_text("De", "0:2:3"))
    assert values_from_text("La", "0:0.1:11") == np.linspace(0, 0.1, 11).tolist()
    for text in ("10:30:4", "10:30.5:3"):
        with pytest.raises(ValueError, match=f"ema_len={text} must have only whole numbers: give "):
            values_from_text("ema_len", text)
    for text in ("0:1", "0:1:2:3", "0:1:x", "0:1:0", "a:b:3", "true:false:2", "0:1:1000000"):
        with pytest.raises(ValueError, match="three numbers"):
            values_from_text("La", text)


def test_lines_that_are_no_results(tmp_path: Path) -> None:
    """A number that is none, in any line, is refused with the line; what earlier versions wrote is read."""
    results = tmp_path / "results.jsonl"
    sweep(CLOSE, {"La": [0.0, 0.1]}, results=results)
    first, second = results.read_text().splitlines()
    row = json.loads(second)
    bad: list[dict[str, Any]] = [
        {"metrics": [0.0, True, 0.0, 0.0, 0.0]},
        {"metrics": [0.0, math.inf, 0.0, 0.0, 0.0]},
        {"metrics": [0.0, 10**400, 0.0, 0.0, 0.0]},
        {"metrics": [0.0, "1.0", 0.0, 0.0, 0.0]},
        {"metrics": {"sharpe": "x"}},
        {"metrics": {"sharp": 1.0}},
        {"trial": 1},
        {"trial": True, "search": "x"},
        {"trial": 1, "search": 5},
    ]
    for change in bad:
        results.write_text(first + "\n" + json.dumps(row | change) + "\n")
        with pytest.raises(
            ValueError, match=r"results.jsonl, line 2: it was not written by a sweep: remove the line, or"
        ):
            sweep(CLOSE, {"La": [0.0]}, results=results)
    flat = np.full(50, 7.0)
    table = sweep(flat, {"La": [0.0]}, results=results.with_name("flat.jsonl"))
    text = results.with_name("flat.jsonl").read_text()
    assert "null" in text
    results.write_text(text.replace("null", "NaN"))
    again = sweep(flat, {"La": [0.0]}, results=results)
    assert again.equals(table)
    assert results.read_text().count("\n") == 1


def test_a_trial_of_another_grid(tmp_path: Path) -> None:
    results = tmp_path / "results.jsonl"
    searched(results)
    results.write_text(results.read_text().replace('"ema_len\\": ', '"ema_len\\": 9'))
    with pytest.raises(ValueError, match=r"results.jsonl, line 1: the config .* is not in the grid"):
        searched(results)


def test_results_of_an_earlier_version_count(tmp_path: Path) -> None:
    """It had no slippage, no seed and no window, and so they do not count where they are not used."""
    results = tmp_path / "results.jsonl"
    line = '{"of": "0063acd9b764e169", "config": "{\\"La\\": 0.5}", "metrics": [5.0, NaN, -0.25, 0.5, 7.0]}\n'
    results.write_text(line)
    table = sweep(CLOSE, {"La": [0.5]}, results=results, fees=0.001, bars_per_year=365)
    assert table.iloc[[0, 2, 3, 4], 0].tolist() == [5.0, -0.25, 0.5, 7.0]
    assert results.read_text() == line
    for other in (
        {"slippage": 0.001},
        {"start": 300},
        {"metric": "sortino"},
        {"metric": "p_value", "seed": 1},
    ):
        before = results.read_text().count("\n")
        sweep(CLOSE, {"La": [0.5]}, results=results, fees=0.001, bars_per_year=365, **other)  # type: ignore[arg-type]
        assert results.read_text().count("\n") == before + 1
