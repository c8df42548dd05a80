"""`walk_forward` is a plain loop over `sweep` and `equity` on slices, bit for bit; it can be resumed."""

import json
import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from support.golden import golden

from atc_cy import equity, sweep, walk_forward

CLOSE = pd.Series(golden("usd_default").close[:900], pd.date_range("2020-01-01", periods=900))
GRID: dict[str, Any] = {"La": [0.0, 0.5], "ema_len": [20, 28], "robustness": ["Narrow", "Wide"]}
pytestmark = pytest.mark.filterwarnings("ignore:cagr, calmar, sharpe")  # days of a week are not trading days
WARM_UP = 68  # of DEMA 28, Wide: twice (28 + 7 - 1)


def plain_loop(train: int, test: int, step: int, anchored: bool, **trading: Any) -> tuple[Any, ...]:
    """The chosen configs, each window's own account, and the positions of all tests."""
    chosen, accounts, held = [], [], pd.Series(0.0, CLOSE.index)
    for first in range(WARM_UP + train, len(CLOSE), step):
        begin = WARM_UP if anchored else first - train
        table = sweep(CLOSE[:first], GRID, start=begin, **trading)
        best = table.loc["sharpe"].idxmax()
        config = dict(zip(GRID, best, strict=True))
        account = equity(CLOSE[: first + test], start=first, **config, **trading)
        held[account.curve.index] = account.curve["position"]
        chosen.append((*best, table[best]["sharpe"]))
        accounts.append(account)
    tested = slice(WARM_UP + train, CLOSE.index.get_loc(accounts[-1].curve.index[-1]) + 1)
    return chosen, accounts, held[tested]


@pytest.mark.parametrize("anchored", [False, True])
@pytest.mark.parametrize("step", [None, 100, 150])
@pytest.mark.parametrize("trading", [{}, {"rule": "long_only"}, {"rule": "strategy", "fees": 0.001}], ids=str)
def test_it_is_a_plain_loop(anchored: bool, step: int | None, trading: dict[str, Any]) -> None:
    walk = walk_forward(CLOSE, GRID, 200, 100, step=step, anchored=anchored, **trading)
    chosen, accounts, held = plain_loop(200, 100, step or 100, anchored, **trading)
    fields = [f"atc_{name}" for name in GRID]
    assert [*walk.windows[[*fields, "train_sharpe"]].itertuples(index=False, name=None)] == chosen
    for (_, window), account in zip(walk.windows.iterrows(), accounts, strict=True):
        assert (window["test_first"], window["test_last"]) == tuple(account.curve.index[[0, -1]])
        for name in ("total_return", "sharpe", "win_rate", "trades", "calmar"):
            assert np.array_equal(window[name], account.metrics[name], equal_nan=True), name
    assert walk.curve["position"].equals(held.rename("position"))
    changes = CLOSE.diff() / CLOSE.shift()
    traded = held.diff().abs().fillna(held.abs())
    returns = held * changes[held.index] - trading.get("fees", 0.0) * traded
    assert walk.curve["return"].equals(returns.rename("return"))
    assert walk.curve["equity"].equals((1.0 + returns).cumprod().rename("equity"))
    assert walk.metrics["total_return"] == walk.curve["equity"].iloc[-1] - 1.0
    if step != 150 and not trading.get("fees"):  # nothing is paid between windows, and no bar is left out
        together = pd.concat([account.curve["return"] for account in accounts])
        assert walk.curve["return"].equals(together)


def test_windows() -> None:
    walk = walk_forward(CLOSE, GRID, 200, 100)
    windows = walk.windows
    assert windows["train_first"].tolist() == [
        *CLOSE.index[[68, 168, 268, 368, 468, 568, 668][: len(windows)]]
    ]
    assert (windows["train_last"] < windows["test_first"]).all()
    assert windows["test_first"].iloc[0] == CLOSE.index[268]
    assert windows["test_last"].iloc[-1] == CLOSE.index[-1]
    assert walk.curve.index.equals(CLOSE.index[268:])
    anchored = walk_forward(CLOSE, GRID, 200, 100, anchored=True).windows
    assert (anchored["train_first"] == CLOSE.index[68]).all()
    assert anchored["test_first"].equals(windows["test_first"])
    gap = CLOSE.copy()
    gap[300:310] = np.nan
    assert walk_forward(gap, GRID, 200, 100).curve.index.equals(gap.dropna().index[268:])
    assert pickle.loads(pickle.dumps(walk)).windows.equals(windows)
    # What comes later does not change what was earned before.
    assert walk_forward(CLOSE[:600], GRID, 200, 100).curve.equals(walk.curve[:332])


@pytest.mark.parametrize(
    "search", [{}, {"search": "random", "trials": 5}, {"search": "tpe", "trials": 6}], ids=str
)
def test_it_goes_on_where_it_was(tmp_path: Path, search: dict[str, Any]) -> None:
    results, reports = tmp_path / "results.jsonl", list[tuple[int, int]]()
    given: dict[str, Any] = {"results": results, "seed": 2, **search}
    whole = walk_forward(
        CLOSE, GRID, 200, 100, progress=lambda done, total: reports.append((done, total)), **given
    )
    count = search.get("trials", 8)
    assert reports[-1] == (7 * count, 7 * count)
    assert reports == sorted(reports)
    lines = results.read_text().splitlines()
    assert len(lines) == 7 * count
    for kept in (0, 3, 20):
        results.write_text("\n".join([*lines[:kept], lines[kept][:9]]))
        again = walk_forward(CLOSE, GRID, 200, 100, **given)
        for name in ("windows", "curve", "trades", "metrics"):
            assert getattr(again, name).equals(getattr(whole, name)), name
        assert sum(line.endswith("}") for line in results.read_text().splitlines()) == 7 * count
    walk_forward(CLOSE, GRID, 200, 100, **given)
    assert sum(line.endswith("}") for line in results.read_text().splitlines()) == 7 * count


@pytest.mark.parametrize("threads", [1, 2])
def test_ctrl_c_loses_nothing_that_was_traded(tmp_path: Path, threads: int) -> None:
    """Also not what threads were trading when it came."""
    script = f"""
import numpy as np, signal, threading, time
signal.signal(signal.SIGINT, signal.default_int_handler)
from atc_cy import walk_forward
import atc_cy.sweeps.running as running
trade, counted, lock = running.trade, [0], threading.Lock()
def counting(configs, *arguments):
    values = trade(configs, *arguments)
    with lock:
        counted[0] += len(configs)
    time.sleep(0.02)
    return values
running.trade = counting
try:
    walk_forward(np.load("close.npy"), {{"La": np.linspace(0, 0.01, 500)}}, 2000, 500,
                 threads={threads}, results="results.jsonl")
except KeyboardInterrupt:
    print(counted[0])
"""
    np.save(tmp_path / "close.npy", np.tile(CLOSE.to_numpy(), 10))
    run = subprocess.Popen([sys.executable, "-c", script], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    results = tmp_path / "results.jsonl"
    deadline = time.monotonic() + 60
    while not (results.exists() and results.stat().st_size) and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(run.pid, signal.SIGINT)
    traded = int(run.communicate(timeout=60)[0])
    kept = [json.loads(line) for line in results.read_text().splitlines()]
    assert traded >= len(kept) > 0
    # In one thread, Ctrl-C comes in the middle of a task; threads finish theirs.
    assert traded - len(kept) <= (64 if threads == 1 else 0)


@pytest.mark.parametrize(
    ("error", "words", "arguments"),
    [
        (ValueError, "train=1 is out of range: give at least 2", {"train": 1}),
        (ValueError, "test=0 is out of range: give at least 1", {"test": 0}),
        (TypeError, "train='1y' must be an integer", {"train": "1y"}),
        (ValueError, "step=50 is less than test=100, so bars would be traded twice", {"step": 50}),
        (TypeError, "anchored=1 must be True or False", {"anchored": 1}),
        (
            ValueError,
            "close has 900 bars, too few for a warm-up of 68, train=832 and a bar to test",
            {"train": 832},
        ),
        (ValueError, "close has 900 bars, too few for a warm-up of 890, train=200", {"cutout": 890}),
        (ValueError, "trials=0 is out of range", {"search": "random", "trials": 0}),
        (ValueError, "objective='luck' must be a metric of one config", {"objective": "luck"}),
        (ValueError, r"close must be the prices of one symbol", {"close": CLOSE.to_frame("A")}),
        (
            ValueError,
            "sharpe is NaN for all 8 configs over 200 bars from 2020-03-09",
            {"close": CLOSE * 0.0 + 7.0},
        ),
    ],
)
def test_bad_arguments(error: type[Exception], words: str, arguments: dict[str, Any]) -> None:
    given: dict[str, Any] = {"close": CLOSE, "grid": GRID, "train": 200, "test": 100} | arguments
    with pytest.raises(error, match=words) as raised:
        walk_forward(**given)
    assert "\n" not in str(raised.value)
