"""Many symbols give the numbers of one at a time, in the container that came in."""

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Hashable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from support.golden import GOLDEN, assert_same_bits, golden

import atc_cy
from atc_cy import ATCConfig, PriceError, compute_atc_signals
from atc_cy.datasets import load_ecb_fx

NAMES = ATCConfig().output_names
STANDING = ("date", "close", "direction", "bars_since_event", "mean_equity", "stale")
"""What a table of last bars has after the outputs."""


def alone(close: Any, **parameters: Any) -> dict[str, NDArray[Any]]:
    return {name: series.to_numpy() for name, series in compute_atc_signals(close, **parameters).items()}


@pytest.fixture(scope="module")
def rates() -> pd.DataFrame:
    """41 currencies, with late starts, holes and early ends."""
    return load_ecb_fx().pivot(index="date", columns="symbol", values="close").iloc[-1500:]


@pytest.mark.parametrize("threads", [1, 2, 7])
def test_frame(rates: pd.DataFrame, threads: int) -> None:
    result = atc_cy.scan(rates, threads=threads)
    assert result.index.equals(rates.index)
    assert result.columns.names == ["symbol", "output"]
    for symbol in rates.columns:
        expected = alone(rates[symbol])
        assert_same_bits({name: result[symbol][name].to_numpy() for name in NAMES}, expected)


def test_array_and_float32(rates: pd.DataFrame) -> None:
    for dtype in (np.float64, np.float32):
        prices = rates.to_numpy().T.astype(dtype)
        result = atc_cy.scan(prices, ATCConfig(La=0.3, ema_w=2.0))
        assert result.shape == (41, 13, 1500)
        assert result.dtype == dtype
        for one, values in zip(prices, result, strict=True):
            expected = alone(one, La=0.3, ema_w=2.0)
            assert_same_bits(dict(zip(NAMES, values, strict=True)), expected)


def test_into_memory_that_is_there(rates: pd.DataFrame) -> None:
    prices = rates.to_numpy().T
    every, last = np.full((41, 13, 1500), -7.0), np.full((41, 1), -7.0)
    assert atc_cy.scan(prices, out=every) is every
    assert np.array_equal(every, atc_cy.scan(prices), equal_nan=True)
    memory = np.full((41, 13, 3000), -7.0)[:, :, ::2]
    assert np.array_equal(atc_cy.scan(prices, out=memory), every, equal_nan=True)
    several = np.full((41, 2, 1500), -7.0)
    atc_cy.scan(prices, outputs=("Average_Signal", "EMA_S"), out=several)
    assert np.array_equal(several, every[:, [12, 6]], equal_nan=True)
    with pytest.raises(ValueError, match=r"shape \(41, 13\) and float64, not \(41, 1\)"):
        atc_cy.scan(prices, outputs="last", out=last)
    with pytest.raises(ValueError, match="float32"):
        atc_cy.scan(prices.astype(np.float32), out=every)
    every.flags.writeable = False
    with pytest.raises(ValueError, match="writeable"):
        atc_cy.scan(prices, out=every)
    with pytest.raises(TypeError, match="out is for an array"):
        atc_cy.scan(rates, out=several)  # type: ignore[call-overload]


def test_mapping_of_unequal_lengths() -> None:
    prices = {case: golden(case).close for case in GOLDEN}
    result = atc_cy.scan(prices)
    assert list(result) == GOLDEN
    for case, close in prices.items():
        assert_same_bits({name: result[case][name].to_numpy() for name in NAMES}, alone(close))


@pytest.mark.parametrize("strategy_mode", [False, True])
def test_last(rates: pd.DataFrame, strategy_mode: bool) -> None:
    config = ATCConfig(strategy_mode=strategy_mode)
    last = atc_cy.scan(rates, config, outputs="last")
    assert list(last.index) == list(rates.columns)
    assert list(last.columns) == [*NAMES, *STANDING]
    as_mapping = atc_cy.scan({name: rates[name] for name in rates}, config, outputs="last")
    assert isinstance(as_mapping, pd.DataFrame)
    assert as_mapping.equals(last)
    numbers = last[list(NAMES)]
    assert np.array_equal(atc_cy.scan(rates.to_numpy().T, config, outputs="last"), numbers, equal_nan=True)
    for symbol in rates.columns:
        bars = rates[symbol].dropna()
        if bars.empty:
            assert last.loc[symbol].isna().all()
        else:
            expected = [values[-1] for values in alone(bars, strategy_mode=strategy_mode).values()]
            assert np.array_equal(numbers.loc[symbol], expected, equal_nan=True)


def test_some_outputs(rates: pd.DataFrame) -> None:
    chosen = ("Average_Signal", "KAMA_S")
    some = atc_cy.scan(rates, "default", outputs=chosen)
    assert list(some.columns.levels[1].sort_values()) == sorted(chosen)
    both = atc_cy.scan(rates)
    for symbol in rates.columns:
        for name in chosen:
            assert some[symbol][name].equals(both[symbol][name])


def test_presets_and_generic(rates: pd.DataFrame) -> None:
    few = rates.iloc[:, :5]
    result = atc_cy.scan(few, "kama_only")
    assert list(result["USD" if "USD" in few else few.columns[0]].columns) == [
        "KAMA_Signal", "KAMA_S", "Average_Signal",
    ]  # fmt: skip
    other = ATCConfig(ema_len=20, robustness="Narrow")
    for symbol in few.columns:
        expected = alone(few[symbol], ema_len=20, robustness="Narrow")
        assert_same_bits({name: atc_cy.scan(few, other)[symbol][name].to_numpy() for name in NAMES}, expected)


def test_nothing_to_scan() -> None:
    assert atc_cy.scan({}) == {}
    assert atc_cy.scan(np.empty((0, 10))).shape[0] == 0


def test_failures(rates: pd.DataFrame) -> None:
    spoilt = rates.copy()
    spoilt.iloc[700, 3] = -5.0
    symbol = spoilt.columns[3]
    with pytest.raises(PriceError, match=f"{symbol}: prices has -5.0 at row 700 ") as raised:
        atc_cy.scan(spoilt)
    assert raised.value.row == 700
    failures: dict[Hashable, PriceError] = {}
    result = atc_cy.scan(spoilt, failures=failures)
    assert list(failures) == [symbol]
    assert result[symbol].iloc[700:].isna().all().all()
    assert result[symbol].iloc[:700].equals(atc_cy.scan(rates)[symbol].iloc[:700])
    other = rates.columns[4]
    assert result[other].equals(atc_cy.scan(rates)[other])
    assert atc_cy.scan(spoilt, outputs="last", failures={}).loc[symbol].isna().all()


def test_progress(rates: pd.DataFrame) -> None:
    reported: list[tuple[int, int]] = []
    atc_cy.scan(rates, progress=lambda *done: reported.append(done))
    assert reported[0] == (0, 41 * 1500)
    assert reported[-1] == (41 * 1500, 41 * 1500)
    assert reported == sorted(reported)
    assert len(reported) > 2


@pytest.mark.parametrize(
    ("data", "arguments", "error", "words"),
    [
        (np.ones(3), {}, ValueError, r"shape \(symbols, bars\), not \(3,\)"),
        (7, {}, TypeError, "not int"),
        ({"A": ["x"]}, {}, TypeError, "A: prices must be numeric"),
        ({"A": []}, {}, ValueError, "A: prices is empty"),
        (np.ones((2, 3)), {"outputs": "least"}, ValueError, "'all', 'last'"),
        (np.ones((2, 3)), {"outputs": ("EMA_Signl",)}, ValueError, "did you mean 'EMA_Signal'"),
        (np.ones((2, 3)), {"outputs": ()}, ValueError, "at least one"),
        (np.ones((2, 3)), {"threads": 0}, ValueError, "threads=0"),
        (np.ones((2, 3)), {"config": "defualt"}, ValueError, "did you mean 'default'"),
        (np.ones((2, 3)) * np.inf, {}, PriceError, "0: prices has inf at row 0"),
    ],
)
def test_bad_arguments(data: Any, arguments: dict[str, Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        atc_cy.scan(data, **arguments)


def test_an_error_in_one_thread_is_the_error_that_is_raised(
    rates: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The threads that it stops add none of their own."""
    module = sys.modules["atc_cy.engine.many"]
    whole, begun = module._do, itertools.count()

    def failing(*arguments: Any) -> Iterator[int]:
        first = next(begun) == 0
        for number, rows in enumerate(whole(*arguments)):
            if first and number == 2:
                raise MemoryError("no room")
            time.sleep(0.01)
            yield rows

    monkeypatch.setattr(module, "_do", failing)
    reported: list[int] = []
    with pytest.raises(MemoryError, match="no room"):
        atc_cy.scan(rates, threads=4, progress=lambda done, _: reported.append(done))
    assert max(reported) < 41 * 1500


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("outputs", ["all", "last", ("EMA_S", "Average_Signal")])
def test_symbols_that_are_longer_than_a_chunk(
    outputs: str | tuple[str, ...], threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The chunks' ends change no number, also where one has no bar, or ends at one that cannot be a bar."""
    module = sys.modules["atc_cy.engine.many"]
    monkeypatch.setattr(module, "ROWS_BETWEEN_LOOKS", 64)
    monkeypatch.setattr(module, "ROWS_OF_SCRATCH", 64)
    prices = {case: golden(case).close.copy() for case in ("usd_default", "micro", "ten_bars")}
    prices["gap"] = np.concatenate([[1.0], np.full(200, np.nan), [2.0, 3.0], np.full(200, np.nan)])
    prices["bad"] = prices["usd_default"][:300].copy()
    prices["bad"][128] = 0.0
    failures: dict[Hashable, PriceError] = {}
    result = atc_cy.scan(prices, outputs=outputs, threads=threads, failures=failures)  # type: ignore[call-overload]
    assert {name: error.row for name, error in failures.items()} == {"bad": 128}
    names = list(outputs) if isinstance(outputs, tuple) else list(NAMES)
    for case, close in prices.items():
        expected = np.full((len(names), close.size), np.nan)
        rows = 128 if case == "bad" else close.size
        single = alone(close[:rows])
        expected[:, :rows] = [single[name] for name in names]
        if outputs != "last":
            assert np.array_equal(result[case].to_numpy().T, expected, equal_nan=True)
        elif case == "bad":
            assert result.loc[case].isna().all()
        else:
            numbers = result.loc[case, names]
            assert np.array_equal(
                numbers.to_numpy(float), expected[:, ~np.isnan(close)][:, -1], equal_nan=True
            )


@pytest.mark.parametrize("threads", [1, 2])
def test_the_first_failure_is_raised(threads: int) -> None:
    """Whatever the lengths, and the order in which they are done."""
    prices = {"A": np.ones(10), "B": np.ones(20), "C": np.ones(5000)}
    prices["B"][3] = prices["C"][0] = -1.0
    with pytest.raises(PriceError, match=r"B: prices has -1\.0 at row 3"):
        atc_cy.scan(prices, threads=threads)


@pytest.mark.parametrize("threads", [1, 2])
def test_interrupt(threads: int, tmp_path: Path) -> None:
    """Ctrl-C ends a scan of long symbols, of which a single call would take seconds."""
    script = """
import signal, sys
import numpy as np, atc_cy
signal.signal(signal.SIGINT, signal.default_int_handler)   # also where the tests run in the background
prices = np.random.default_rng(0).uniform(1, 2, (2, 10_000_000))
print("ready", flush=True)
try:
    atc_cy.scan(prices, outputs="last", threads=int(sys.argv[1]))
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""
    command = [sys.executable, "-c", script, str(threads)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(0.3)
        os.kill(process.pid, signal.SIGINT)
        assert process.stdout.read() == "interrupted\n"
    assert process.returncode == 0
