"""Sweeps: the metrics of an independent library and of a plain loop; complete after any interruption."""

import json
import os
import signal
import subprocess
import sys
import time
from itertools import product
from pathlib import Path
from typing import Any

import empyrical
import numpy as np
import pandas as pd
import pytest
from support.golden import golden
from support.kernels import at_all_levels, kernel

from atc_cy import ATCConfig, PriceError, compute_atc_signals, direction, equity, sweep
from atc_cy.sweeps import METRICS, RULES

CLOSE = golden("usd_default").close[:900]
GRID = {"La": [0.0, 0.5], "ema_len": [20, 28], "long_threshold": [0.1, 0.3]}


def traded(close: Any, rule: str, fees: float, **parameters: Any) -> tuple["pd.Series[float]", int, float]:
    """The returns, how many trades, and the exposure, bar by bar as a person would trade."""
    result = compute_atc_signals(close, strategy_mode=rule == "strategy", **parameters)
    way = direction(result, long_threshold=parameters.get("long_threshold", 0.1)).tolist()
    held, before, trades, exposed, returns = 0.0, 0.0, 0, 0, []
    for bar, price in enumerate(close.tolist()):
        returns.append(held * (price / close[bar - 1] - 1.0) - fees * abs(held - before) if bar else 0.0)
        before, wanted = held, {1.0: 1.0, -1.0: -1.0}.get(way[bar], 0.0)
        held = max(wanted, 0.0) if rule == "long_only" else wanted
        trades += held not in (0.0, before)
        exposed += held != 0.0
    return pd.Series(returns), trades, exposed / len(close)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("fees", [0.0, 0.001])
def test_the_metrics_are_those_of_empyrical(rule: str, fees: float) -> None:
    table = sweep(CLOSE, GRID, rule=rule, fees=fees, bars_per_year=365)
    assert list(table.index) == list(METRICS)
    assert table.columns.names == ["atc_La", "atc_ema_len", "atc_long_threshold"]
    assert list(table.columns) == list(product(*GRID.values()))
    for values in table.columns:
        returns, trades, exposure = traded(CLOSE, rule, fees, **dict(zip(GRID, values, strict=True)))
        metrics = table[values]
        assert metrics["total_return"] == pytest.approx(
            empyrical.cum_returns_final(returns), rel=1e-9, abs=1e-12
        )
        assert metrics["sharpe"] == pytest.approx(
            empyrical.sharpe_ratio(returns, annualization=365), rel=1e-9
        )
        assert metrics["max_drawdown"] == pytest.approx(empyrical.max_drawdown(returns), rel=1e-9)
        assert (metrics["trades"], metrics["exposure"]) == (trades, exposure)


def traded_on_paper(
    average: Any, changes: Any, long_threshold: float, short_threshold: float, short: float, fees: float
) -> list[float]:
    """What `trade_averages` gives of one account, a bar after the other."""
    account, highest, mean, squares, deepest = 1.0, 1.0, 0.0, 0.0, 0.0
    last, held, position, exposed, opened = np.nan, 0.0, 0.0, 0, 0
    for bar, (now, change) in enumerate(zip(average.tolist(), changes.tolist(), strict=True)):
        before, last = last, last if np.isnan(now) else now
        earlier, held = held, position
        if last > long_threshold and before <= long_threshold:
            position = 1.0
        if last < short_threshold and before >= short_threshold:
            position = short
        returned = held * change - fees * abs(held - earlier)
        deviation = returned - mean
        mean += deviation * (1.0 / (bar + 1))
        squares += deviation * (returned - mean)
        account *= 1.0 + returned
        highest = max(highest, account)
        deepest = min(deepest, account / highest - 1.0)
        exposed += position != 0.0
        opened += position not in (0.0, held)
    return [account - 1.0, mean, squares, deepest, exposed, opened]


@pytest.mark.parametrize("name", at_all_levels("generic", "default"))
@pytest.mark.parametrize("short", [-1.0, 0.0])
def test_trading_at_each_level(name: str, short: float) -> None:
    rng = np.random.default_rng(4)
    averages = np.clip(np.cumsum(rng.normal(0, 0.2, (5, 400)), axis=1), -1, 1).round(1)
    averages[:, :10], averages[1, 200:230] = np.nan, np.nan
    averages[2] = np.nan
    changes, accounts = rng.normal(0, 0.01, 400), 19
    which = rng.integers(0, 5, accounts)
    thresholds = np.stack([rng.choice([0.1, 0.3], accounts), rng.choice([0.1, -0.1, -0.4], accounts)])
    out = np.empty((6, accounts))
    kernel(name).trade_averages(averages, changes, which, thresholds, short, 0.001, out)
    for account, (row, limits) in enumerate(zip(which, thresholds.T, strict=True)):
        expected = traded_on_paper(averages[row], changes, *limits.tolist(), short, 0.001)
        assert out[:, account].tolist() == expected
    for words, arguments in [
        (r"which\[0\]=\d+ is out of range", (averages, changes, which + 5, thresholds, out)),
        ("averages must have rows", (averages[:, :-1].copy(), changes, which, thresholds, out)),
        ("at least one bar", (averages, changes[:0], which, thresholds, out)),
        ("thresholds has 19 numbers, not 38", (averages, changes, which, thresholds[:1], out)),
    ]:
        with pytest.raises(ValueError, match=words):
            kernel(name).trade_averages(*arguments[:4], short, 0.0, arguments[4])
    with pytest.raises(TypeError, match="which must be int64"):
        kernel(name).trade_averages(averages, changes, which * 1.0, thresholds, short, 0.0, out)


def test_many_symbols_missing_prices_and_chosen_metrics() -> None:
    gap = CLOSE.copy()
    gap[100:150] = np.nan
    frame = pd.DataFrame({"A": CLOSE, "B": gap, "C": CLOSE[::-1]})
    table = sweep(frame, {"De": [0.0, 1.0]}, metric=("trades", "sharpe"), threads=3)
    assert list(table.index) == ["trades", "sharpe"]
    assert table.columns.names == ["symbol", "atc_De"]
    for name, close in (("A", CLOSE), ("B", gap[~np.isnan(gap)]), ("C", CLOSE[::-1])):
        alone = sweep(close, {"De": [0.0, 1.0]}, threads=1)
        assert np.array_equal(table[name].to_numpy(), alone.loc[["trades", "sharpe"]].to_numpy())
    mapping = sweep({name: frame[name] for name in frame}, {"De": [0.0, 1.0]}, metric=("trades", "sharpe"))
    assert mapping.equals(table)
    assert sweep(CLOSE, {"De": [0.0, 1.0]}, metric="sharpe").shape == (1, 2)


def test_structures_src_and_rows_of_a_grid() -> None:
    rows = [
        {"moving_averages": ["EMA"], "robustness": "Wide"},
        {"moving_averages": ["KAMA", "EMA"], "robustness": "Narrow"},
    ]
    src = CLOSE * 1.01
    table = sweep(CLOSE, rows, src=src, config=ATCConfig(ema_len=20))
    assert list(table.columns) == [(("EMA",), "Wide"), (("KAMA", "EMA"), "Narrow")]
    result = compute_atc_signals(CLOSE, src, ema_len=20, moving_averages=["EMA"], robustness="Wide")
    trades = int((direction(result).fillna(0).diff().fillna(0) != 0).sum())
    assert table.loc["trades"].iloc[0] == trades


def test_a_rule_that_is_one_bar_late_sets_strategy_mode() -> None:
    table = sweep(CLOSE, {"La": [0.0]}, rule="strategy")
    for mode in (True, False):
        assert sweep(CLOSE, {"La": [0.0]}, rule="strategy", config=ATCConfig(strategy_mode=mode)).equals(
            table
        )
    assert sweep(CLOSE, {"La": [0.0]}, rule="strategy", strategy_mode=True).equals(table)
    late = sweep(CLOSE, {"strategy_mode": [True, False]}, La=0.0)
    assert late[(True,)].equals(table[(0.0,)])
    assert not late[(False,)].equals(table[(0.0,)])
    with pytest.raises(
        ValueError, match="strategy_mode in the grid would have no effect, because rule='strat"
    ):
        sweep(CLOSE, {"strategy_mode": [True, False]}, rule="strategy")
    for trade in (
        lambda: sweep(CLOSE, {"La": [0.0]}, rule="strategy", strategy_mode=False),
        lambda: equity(CLOSE, rule="strategy", strategy_mode=False),
    ):
        with pytest.raises(ValueError, match="strategy_mode=False would have no effect"):
            trade()


def test_fields_of_types_that_no_config_has() -> None:
    both = sweep(CLOSE, {"kama_len": [10, 20], "moving_averages": [["EMA"], ["KAMA"]]})
    assert both[(10, ("KAMA",))].tolist() != both[(20, ("KAMA",))].tolist()
    for field, values in (("kama_len", [10, 20]), ("kama_w", [1.0, 2.0])):
        for given in ({}, {"search": "tpe", "trials": 2}, {"search": "random", "trials": 2}):
            with pytest.raises(ValueError, match=f"{field} in the grid would have no effect, .* no KAMA"):
                sweep(CLOSE, {field: values}, moving_averages=["EMA"], **given)  # type: ignore[arg-type]


def test_a_flat_price() -> None:
    metrics = sweep(np.full(50, 7.0), {"La": [0.0]})[(0.0,)]
    assert (metrics["total_return"], metrics["max_drawdown"], metrics["trades"]) == (0.0, 0.0, 0.0)
    assert np.isnan(metrics["sharpe"])


def test_progress_and_results(tmp_path: Path) -> None:
    results, reports = tmp_path / "results.jsonl", []
    grid = {"La": np.linspace(0, 1, 50), "cutout": [0, 10]}
    whole = sweep(CLOSE, grid, results=results, progress=lambda done, total: reports.append((done, total)))
    assert reports[0] == (0, 100)
    assert reports[-1] == (100, 100)
    assert reports == sorted(reports)
    lines = [line for line in results.read_text().splitlines() if line]
    assert len(lines) == 100
    results.write_text("\n".join(lines[:60]) + "\n" + lines[60][:30])
    reports.clear()
    again = sweep(CLOSE, grid, results=results, progress=lambda done, total: reports.append((done, total)))
    assert again.equals(whole)
    assert reports[0] == (60, 100)
    assert len([line for line in results.read_text().splitlines() if line.endswith("}")]) == 100
    other = sweep(CLOSE, grid, results=results, fees=0.01)  # other arguments: nothing is taken over
    assert not other.equals(whole)


def test_an_interrupted_sweep_goes_on(tmp_path: Path) -> None:
    np.save(tmp_path / "close.npy", np.tile(CLOSE, 20))
    script = """
import numpy as np, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from atc_cy import sweep
sweep(np.load("close.npy"), {"La": np.linspace(0, 0.01, 2000)}, results="results.jsonl")
"""
    run = subprocess.Popen([sys.executable, "-c", script], cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    results = tmp_path / "results.jsonl"
    deadline = time.monotonic() + 30
    while not (results.exists() and results.stat().st_size) and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(run.pid, signal.SIGINT)
    assert "KeyboardInterrupt" in run.communicate(timeout=30)[1]
    kept = {json.loads(line)["config"] for line in results.read_text().splitlines() if line}
    assert 0 < len(kept) < 2000
    reports: list[int] = []
    grid = {"La": np.linspace(0, 0.01, 2000)[:64]}
    sweep(
        np.load(tmp_path / "close.npy"), grid, results=results, progress=lambda done, _: reports.append(done)
    )
    assert reports[0] == len(kept & {json.dumps({"La": value}) for value in grid["La"].tolist()})


def test_bad_arguments(tmp_path: Path) -> None:
    for words, error, arguments in [
        ("rule='short' is unknown", ValueError, {"rule": "short"}),
        ("metric='sharp' is unknown; did you mean 'sharpe'", ValueError, {"metric": "sharp"}),
        ("fees=-1.0 is out of range", ValueError, {"fees": -1}),
        ("bars_per_year=0.0 is out of range", ValueError, {"bars_per_year": 0}),
        ("threads=0 is out of range", ValueError, {"threads": 0}),
    ]:
        with pytest.raises(error, match=words):
            sweep(CLOSE, GRID, **arguments)
    for words, error, grid in [
        ("grid is empty", ValueError, {}),
        ("grid is empty", ValueError, {"La": []}),
        (r"grid\['La'\] must be a sequence", TypeError, {"La": 0.5}),
        ("no parameter 'Lambda'", TypeError, {"Lambda": [0.5]}),
        ("row 1 has other fields", ValueError, [{"La": 1}, {"De": 1}]),
        ("La=-1.0 is out of range", ValueError, {"La": [1, -1]}),
    ]:
        with pytest.raises(error, match=words):
            sweep(CLOSE, grid)
    with pytest.raises(PriceError, match="row 1"):
        sweep([1.0, -2.0], {"La": [0.0]})
    foreign = tmp_path / "usage.jsonl"
    foreign.write_text('{"calls": 1}\n')
    with pytest.raises(ValueError, match=r"usage.jsonl, line 1: it was not written by a sweep"):
        sweep(CLOSE, GRID, results=foreign)
    with pytest.raises(ValueError, match="src is for one symbol"):
        sweep({"A": CLOSE, "B": CLOSE}, {"La": [0.0]}, src=CLOSE)
    with pytest.raises(ValueError, match="B: no row has a price"):
        sweep({"A": CLOSE, "B": CLOSE * np.nan}, {"La": [0.0]})


@pytest.mark.parametrize("bad", [-2.0, 0.0, np.inf])
def test_a_bad_price_is_named_with_its_symbol_and_row(bad: float) -> None:
    close = np.array([1.0, np.nan, np.nan, bad, 2.0])
    with pytest.raises(PriceError, match=f"^prices has {bad} at row 3: ") as caught:
        sweep(close, {"La": [0.0]})
    assert caught.value.row == 3
    with pytest.raises(PriceError, match=f"^B: prices has {bad} at row 3: ") as caught:
        sweep({"A": CLOSE, "B": close}, {"La": [0.0]})
    assert caught.value.row == 3


def test_too_much_growth_is_named_with_its_symbol_and_row() -> None:
    close = np.insert(CLOSE, 5, np.nan)
    with pytest.raises(
        PriceError, match=r"^B: La=1000.0 is too large for 900 rows: at row \d+ the growth"
    ) as caught:
        sweep({"A": CLOSE[:5], "B": close}, {"La": [1000.0]})
    with pytest.raises(PriceError) as alone:
        compute_atc_signals(close, La=1000.0)
    assert caught.value.row == alone.value.row
    assert f"at row {alone.value.row} " in str(caught.value)


def test_the_config_of_a_sweep() -> None:
    table = sweep(CLOSE, {"De": [0.1]}, config="wide", La=0.05)
    expected = sweep(CLOSE, {"De": [0.1]}, config=ATCConfig.from_preset("wide", La=0.05))
    assert table.equals(expected)
    assert sweep({"A": CLOSE}, {"De": [0.1]}, src=CLOSE * 1.01).shape == (5, 1)


def test_results_that_do_not_fit(tmp_path: Path) -> None:
    """Too few numbers are not spread over all metrics."""
    results = tmp_path / "results.jsonl"
    sweep(CLOSE, {"La": [0.0]}, results=results)
    row = json.loads(results.read_text())
    for metrics in ([1.0], 1.0, None, "x", ["x"] * 5):
        results.write_text(json.dumps(row | {"metrics": metrics}) + "\n")
        with pytest.raises(ValueError, match="line 1: it was not written by a sweep"):
            sweep(CLOSE, {"La": [0.0]}, results=results)


@pytest.mark.parametrize(
    ("words", "arguments"),
    [
        ("grid's row 0 is 'La': give a mapping", {"grid": "La"}),
        ("grid's row 0 is None: give a mapping", {"grid": None}),
        ("grid's row 1 is 5: give a mapping", {"grid": [{"La": 1}, 5]}),
        ("fees='x' must be a number", {"fees": "x"}),
        ("bars_per_year='365' must be a number", {"bars_per_year": "365"}),
        ("metric=5 must be one or more of", {"metric": 5}),
    ],
)
def test_arguments_of_the_wrong_kind(words: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match=words):
        sweep(CLOSE, **({"grid": GRID} | arguments))
    with pytest.raises(ValueError, match="metric is empty"):
        sweep(CLOSE, GRID, metric=())
