"""Ours beside its peers, in one run: python asv_benchmarks/sidebyside.py [--json FILE] [--rounds N].

Every round runs each candidate once, so that a noisy moment hits all of them; a row gives the median time per
symbol and bar, and the median over the rounds of its time divided by TA-Lib's in the same round. Needs the
extra `peers`.
"""

import argparse
import importlib
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import atc_cy
from atc_cy import ATCConfig, reference
from atc_cy.dispatch import CPU, generic_kernel

BARS, SYMBOLS, PANEL_BARS, ORACLE_BARS = 10_000, 1_000, 1_500, 300
BASE = "TA-Lib: the 54 moving averages alone"

Candidate = tuple[Callable[[], Any], int]
"""What to time, and how many bars it takes."""


def random_walk(*shape: int) -> NDArray[np.float64]:
    return 100 * np.exp(np.cumsum(np.random.default_rng(0).normal(0, 0.01, shape), axis=-1))


def candidates() -> dict[str, Candidate]:
    import numba_peer
    import talib

    config = ATCConfig()
    lanes = config.structure.lane_lengths()
    close, panel = random_walk(BARS), random_walk(SYMBOLS, PANEL_BARS)
    out = np.empty((13, BARS))
    growth = np.empty(BARS)
    generic_kernel().growth(config.La, growth)
    averages = (talib.EMA, talib.SMA, talib.WMA, talib.DEMA, talib.LINEARREG, talib.KAMA)

    def moving_averages() -> None:
        for average, lengths in zip(averages, lanes, strict=True):
            for length in lengths:
                average(close, length)

    def one(kernel: Any) -> Candidate:
        return (lambda: kernel.Symbol(*config.kernel_arguments).advance(close, close, out)), BARS

    def many(kernel: Any) -> Candidate:
        width = kernel.PANEL_WIDTH
        outs = np.empty((SYMBOLS, 13, PANEL_BARS))

        def run() -> None:
            for first in range(0, SYMBOLS, width):
                prices = tuple(panel[first : first + width])
                own = kernel.Panel(*config.kernel_arguments)
                own.advance(prices, prices, tuple(outs[first : first + width]), tuple(range(13)), 2**40)

        return run, panel.size

    found: dict[str, Candidate] = {BASE: (moving_averages, BARS)}
    for level in importlib.import_module("atc_cy.ext.cpu").supported():
        for name in ("default", "generic"):
            kernel = importlib.import_module(f"atc_cy.ext.{name}_{level}")
            found[f"one series, {name}, {level}"] = one(kernel)
            found[f"panel, {name}, {level}, 1 thread"] = many(kernel)
    for threads in (1, 2):
        found[f"scan(array), default, {CPU.level}, {threads} threads"] = (
            lambda threads=threads: atc_cy.scan(panel, threads=threads),
            panel.size,
        )
    found["scan(array, outputs='last'), 1 thread"] = (
        lambda: atc_cy.scan(panel, outputs="last", threads=1),
        panel.size,
    )
    found["compute_atc_signals, Series in and out"] = (lambda: atc_cy.compute_atc_signals(close), BARS)
    lengths = np.array(lanes)
    found["Numba: one fused function, steady state"] = (
        lambda: numba_peer.atc(close, lengths, growth, config.De, out),
        BARS,
    )
    found["oracle: plain Python"] = (
        lambda: reference.atc(close[:ORACLE_BARS].tolist(), config),
        ORACLE_BARS,
    )
    numba_peer.atc(close, lengths, growth, config.De, out)
    for name, values in zip(config.output_names, out, strict=True):
        if not np.array_equal(values, atc_cy.compute_atc_signals(close)[name], equal_nan=True):
            raise SystemExit(f"the Numba peer computes another {name}: it is no peer")
    return found


def fresh_process(script: str) -> float:
    """Seconds that a fresh interpreter takes for a script, without its own start."""
    start = "import time; start = time.perf_counter()\n"
    command = [sys.executable, "-c", f"{start}{script}\nprint(time.perf_counter() - start)"]
    folder = Path(__file__).parent
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return float(done.stdout)


SETUP = """
import numpy as np
close = 100 * np.exp(np.cumsum(np.random.default_rng(0).normal(0, 0.01, 1500)))
"""
FIRST_RESULTS = {
    "ours, imports and first result": f"{SETUP}import atc_cy; atc_cy.compute_atc_signals(close)",
    "ours, first call after the imports": f"""{SETUP}import atc_cy, pandas
start = time.perf_counter(); atc_cy.compute_atc_signals(close)""",
    "import pandas alone": "import pandas",
    "Numba, imports and first result": f"""{SETUP}import numba_peer
numba_peer.atc(close, np.full((6, 9), 28), np.ones(1500), 0.03, np.empty((13, 1500)))""",
    "Numba, first call after the imports": f"""{SETUP}import numba_peer
start = time.perf_counter()
numba_peer.atc(close, np.full((6, 9), 28), np.ones(1500), 0.03, np.empty((13, 1500)))""",
}


def measure(rounds: int) -> dict[str, Any]:
    """Rows of the two tables: steady state, and first results."""
    found = candidates()
    times: dict[str, list[float]] = {name: [] for name in found}
    for _ in range(rounds):
        for name, (run, bars) in found.items():
            start = time.perf_counter()
            run()
            times[name].append((time.perf_counter() - start) / bars * 1e9)
    steady = {}
    for name, own in times.items():
        ratios = [mine / base for mine, base in zip(own, times[BASE], strict=True)]
        steady[name] = {
            "nanoseconds a bar": statistics.median(own),
            "spread": statistics.quantiles(own, n=4)[2] - statistics.quantiles(own, n=4)[0],
            "times TA-Lib": statistics.median(ratios),
        }
    first = {
        name: statistics.median(fresh_process(script) for _ in range(5))
        for name, script in FIRST_RESULTS.items()
    }
    return {"cpus": os.cpu_count(), "level": CPU.level, "rounds": rounds, "steady": steady, "first": first}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    figures = measure(options.rounds)
    print(f"{'per symbol and bar, all 13 outputs':<48}{'ns':>9}{'spread':>9}{'x TA-Lib':>10}")
    for name, row in figures["steady"].items():
        numbers = "{:>9.1f}{:>9.1f}{:>10.2f}".format(*row.values())
        print(f"{name:<48}{numbers}")
    print(f"\n{'first result of 1,500 bars in a fresh process':<48}{'seconds':>9}")
    for name, seconds in figures["first"].items():
        print(f"{name:<48}{seconds:>9.4f}")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
