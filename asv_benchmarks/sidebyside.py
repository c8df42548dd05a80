"""Compare this package with others: python asv_benchmarks/sidebyside.py [--json FILE] [--rounds N].

Figures are CPU time. A round runs each candidate some times in turn, so that a noisy moment hits all of them;
the least time of each counts. A row gives the least of all rounds, and the median over the rounds of its time
divided by TA-Lib's. Each CPU level is measured in a process of its own. Needs the extra `peers`.
"""

import argparse
import importlib.util
import itertools
import json
import math
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas
from machine import describe, load
from numpy.typing import NDArray
from page import tables

import atc_cy
from atc_cy import ATCConfig, get_array_fn, reference
from atc_cy.dispatch import CPU, best_kernel, generic_kernel

BARS, SLOW_BARS, TURNS = 10_000, 300, 3
CONFIG = ATCConfig()
BASE = "TA-Lib: the 54 moving averages alone"
ONE, GENERIC = "one series", "one series, generic kernel"
SCAN, LAST = "scan(array), 1 thread", "scan(array, outputs='last'), 1 thread"
LONG = "one series, ten times the bars"
NUMBA, PYNE = "Numba: one fused function, steady state", "PyneCore: the script, one bar after the other"
TYPES = ("EMA", "SMA", "WMA", "DEMA", "LINEARREG", "KAMA")
"""As TA-Lib names them."""


class Candidate(NamedTuple):
    run: Callable[[], Any]
    bars: int
    """Of one run, of all symbols and configs."""


class Figure(NamedTuple):
    nanoseconds: float
    """A bar."""
    ratio: float
    """To TA-Lib's time."""


def random_walk(*shape: int) -> NDArray[np.float64]:
    return 100 * np.exp(np.cumsum(np.random.default_rng(0).normal(0, 0.01, shape), axis=-1))


def moving_averages(functions: "list[Callable[..., Any]]", close: NDArray[np.float64]) -> Candidate:
    """The 54 of the default config, whose results are dropped at once: to keep them costs page faults."""

    def run() -> None:
        for average, lengths in zip(functions, CONFIG.structure.lane_lengths(), strict=True):
            for length in lengths:
                average(close, length)

    return Candidate(run, close.size)


def feed(functions: "list[Callable[[float], Any]]", prices: list[float]) -> None:
    for price in prices:
        for function in functions:
            function(price)


def ours(close: NDArray[np.float64]) -> dict[str, Candidate]:
    """Ours on this CPU level; outputs go into memory that is there."""
    out, panel = np.empty((13, BARS)), random_walk(200, 1_500)
    outs, last = np.empty((200, 13, 1_500)), np.empty((200, 13))
    best, generic = (get_array_fn(CONFIG, use_codegen_specialization=own) for own in (True, False))
    long, long_out = random_walk(10 * BARS), np.empty((13, 10 * BARS))
    stream, prices = atc_cy.Stream(), close[:1_000].tolist()
    stream.extend(close)
    many = atc_cy.PanelStream(range(10_000))
    rows = 100 * np.exp(np.random.default_rng(0).normal(0, 0.05, (50, 10_000)))
    gaps = np.where(np.random.default_rng(1).random(rows.shape) < 0.01, np.nan, rows)
    for row in (*rows, *rows):
        many.update(row)
    grid = {"La": np.linspace(0, 0.05, 8).tolist(), "De": np.linspace(0, 0.1, 8).tolist()}
    full, missing = itertools.cycle(rows), itertools.cycle(gaps)
    return {
        ONE: Candidate(lambda: best(close, out=out), BARS),
        GENERIC: Candidate(lambda: generic(close, out=out), BARS),
        LONG: Candidate(lambda: best(long, out=long_out), long.size),
        SCAN: Candidate(lambda: atc_cy.scan(panel, threads=1, out=outs), panel.size),
        LAST: Candidate(lambda: atc_cy.scan(panel, outputs="last", threads=1, out=last), panel.size),
        "Stream.update": Candidate(lambda: feed([stream.update], prices), 1_000),
        "PanelStream.update of 10,000 symbols": Candidate(lambda: many.update(next(full)), 10_000),
        "the same, 1 % without a bar": Candidate(lambda: many.update(next(missing)), 10_000),
        "sweep, 64 configs, 1 thread": Candidate(
            lambda: atc_cy.sweep(close, grid, threads=1), len(grid["La"]) ** 2 * BARS
        ),
    }


def peers(close: NDArray[np.float64]) -> dict[str, Candidate]:
    import numba_peer
    import talib
    import tulipy
    import vector_ta

    names = ("ema", "sma", "wma", "dema", "linreg", "kama")
    lengths, out, growth = np.array(CONFIG.structure.lane_lengths()), np.empty((13, BARS)), np.empty(BARS)
    generic_kernel().growth(CONFIG.La, growth)
    handles = [
        getattr(talib.stream, name)(close, timeperiod=length)
        for name, own in zip(TYPES, lengths.tolist(), strict=True)
        for length in own
    ]
    few = close[:SLOW_BARS].tolist()
    found = {
        "Tulip: the 54 moving averages alone": moving_averages([getattr(tulipy, n) for n in names], close),
        "vector-ta: the 54 moving averages alone": moving_averages(
            [getattr(vector_ta, n) for n in names], close
        ),
        NUMBA: Candidate(lambda: numba_peer.atc(close, lengths, growth, CONFIG.De, out), BARS),
        "oracle: plain Python": Candidate(lambda: reference.atc(few, CONFIG), SLOW_BARS),
        "TA-Lib: update of 54 stream handles": Candidate(
            lambda: feed([handle.update for handle in handles], few), SLOW_BARS
        ),
    }
    if importlib.util.find_spec("talipp"):
        from talipp import indicators

        slow = [
            indicators.KAMA(n, 2, 30) if name == "KAMA" else getattr(indicators, name)(n)
            for name in ("EMA", "SMA", "WMA", "DEMA", "KAMA")
            for n in lengths[0].tolist()
        ]
        found["talipp: add to 45 indicators (it has no linear regression)"] = Candidate(
            lambda: feed([each.add for each in slow], few), SLOW_BARS
        )
    if importlib.util.find_spec("pynecore"):
        import pyne_peer

        runner = pyne_peer.load(few)
        found[PYNE] = Candidate(lambda: pyne_peer.run(runner), SLOW_BARS)
    expected = get_array_fn(CONFIG)(close)
    found[NUMBA].run()
    if not np.array_equal(out, expected, equal_nan=True):
        raise SystemExit("the Numba peer computes something else: it is no peer")
    if PYNE in found and not np.array_equal([*found[PYNE].run().values()], expected[:, :SLOW_BARS]):
        raise SystemExit("the PyneCore peer computes something else: it is no peer")
    return found


def nanoseconds(candidate: Candidate) -> float:
    start = time.process_time_ns()  # of all threads: some peers, and a sweep, compute on others
    candidate.run()
    return (time.process_time_ns() - start) / candidate.bars


def measure_level(rounds: int, *, with_peers: bool) -> dict[str, Figure]:
    """All candidates on this process's CPU level."""
    import talib

    close = random_walk(BARS)
    candidates = {BASE: moving_averages([getattr(talib, name) for name in TYPES], close)} | ours(close)
    candidates |= peers(close) if with_peers else {}
    times: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(rounds * TURNS):
        for name, candidate in candidates.items():
            times[name].append(nanoseconds(candidate))
    rounds_of = {name: np.min(np.reshape(own, (rounds, TURNS)), axis=1) for name, own in times.items()}
    return {
        name: Figure(float(own.min()), float(np.median(own / rounds_of[BASE])))
        for name, own in rounds_of.items()
    }


def measure_levels(rounds: int) -> dict[str, dict[str, Figure]]:
    """Each in a process of its own, since it is chosen at import; the peers on the best one."""
    found = {}
    for level in reversed(importlib.import_module("atc_cy.ext.cpu").supported()):
        command = [sys.executable, __file__, "--rounds", str(rounds), "--level", level]
        environment = {**os.environ, "ATC_CY_CPU": level}
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
        found[level] = {name: Figure(*own) for name, own in json.loads(done.stdout).items()}
    return found


def fresh_process(script: str) -> float:
    """Seconds of CPU time that a fresh interpreter takes for a script, without its own start."""
    start = "import time; start = time.process_time()\n"
    command = [sys.executable, "-c", f"{start}{script}\nprint(time.process_time() - start)"]
    folder = Path(__file__).parent
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return float(done.stdout)


SETUP = """
import numpy as np
close = 100 * np.exp(np.cumsum(np.random.default_rng(0).normal(0, 0.01, 1500)))
"""
OUR_IMPORT, OUR_FIRST = "ours, imports and first result", "ours, first call after the imports"
NUMBA_IMPORT, NUMBA_FIRST = "Numba, imports and first result", "Numba, first call after the imports"
FIRST_RESULTS = {
    OUR_IMPORT: f"{SETUP}import atc_cy; atc_cy.compute_atc_signals(close)",
    OUR_FIRST: f"""{SETUP}import atc_cy, pandas
start = time.process_time(); atc_cy.compute_atc_signals(close)""",
    "import pandas alone": "import pandas",
    NUMBA_IMPORT: f"""{SETUP}import numba_peer
numba_peer.atc(close, np.full((6, 9), 28), np.ones(1500), 0.03, np.empty((13, 1500)))""",
    NUMBA_FIRST: f"""{SETUP}import numba_peer
start = time.process_time()
numba_peer.atc(close, np.full((6, 9), 28), np.ones(1500), 0.03, np.empty((13, 1500)))""",
}


def microseconds(run: Callable[[], Any], calls: int = 500) -> float:
    def repeat() -> None:
        for _ in range(calls):
            run()

    return nanoseconds(Candidate(repeat, calls)) / 1e3


def measure_calls(rounds: int) -> dict[str, float]:
    """Microseconds that a call on 64 bars takes beside the kernel, from the least times of both."""
    close, out = random_walk(64), np.empty((13, 64))
    symbol = best_kernel(CONFIG.structure).Symbol(*CONFIG.kernel_arguments)
    compute = get_array_fn(CONFIG)
    pairs = {
        "get_array_fn": (lambda: compute(close), lambda: symbol.copy().advance(close, close, out)),
        "compute_atc_signals, 13 Series": (
            lambda: atc_cy.compute_atc_signals(close),
            lambda: symbol.copy().advance(close, close, out),
        ),
        "of which the dispatcher": (lambda: best_kernel(CONFIG.structure), generic_kernel),
    }
    times = [
        [(microseconds(ours), microseconds(base)) for ours, base in pairs.values()] for _ in range(rounds)
    ]
    least = np.min(times, axis=0)
    return dict(zip(pairs, (least[:, 0] - least[:, 1]).tolist(), strict=True))


def measure_sweep(rounds: int) -> dict[str, float]:
    """Milliseconds of CPU time a config of 7,000 bars, with five metrics each, and ratios: medians."""
    import vectorbt_peer

    close = random_walk(7_000)
    grid = {"La": np.linspace(0, 0.05, 16).tolist(), "De": np.linspace(0, 0.1, 16).tolist()}

    def ours() -> Any:
        return atc_cy.sweep(close, grid, rule="long_only", bars_per_year=365)

    def loop() -> Any:
        found = {}
        for La, De in itertools.product(*grid.values()):
            way = atc_cy.direction(atc_cy.compute_atc_signals(close, La=La, De=De)).to_numpy()
            position = np.append(0.0, way > 0)
            returns = position[:-1] * np.append(0.0, close[1:] / close[:-1] - 1)
            equity = np.cumprod(1 + returns)
            found[La, De] = {
                "total_return": equity[-1] - 1,
                "sharpe": returns.mean() / returns.std(ddof=1) * 365**0.5,
                "max_drawdown": (equity / np.maximum(np.maximum.accumulate(equity), 1) - 1).min(),
                "exposure": position[1:].mean(),
                "trades": np.count_nonzero(np.diff(position) > 0),
            }
        return pandas.DataFrame(found)

    python, peer = (
        "a Python loop over compute_atc_signals",
        "vectorbt's IndicatorFactory around the Numba peer",
    )
    runs = {"sweep": ours, python: loop, peer: vectorbt_peer.sweep(close, grid)}
    for run in (runs[python], runs[peer]):
        if not np.allclose(run(), ours()):  # both have the rows of `METRICS`
            raise SystemExit("a peer's metrics are others: it is no peer")
    times = np.array([[microseconds(run, 1) / 256_000 for run in runs.values()] for _ in range(rounds)])
    figures = dict(zip(runs, np.median(times, axis=0).tolist(), strict=True))
    for other, own in (("the loop", times[:, 1]), ("vectorbt", times[:, 2])):
        figures[f"ratio: {other} / sweep"] = float(np.median(own / times[:, 0]))
    return figures


MEMORY = """
import re, sys
import numpy as np
import atc_cy
def now(what):
    return int(re.search(what + r":\\s+(\\d+)", open("/proc/self/status").read())[1])
prices = 100 + np.random.default_rng(0).random((1000, 1500))
"""
SCAN_MEMORY = (
    MEMORY
    + """
threads = int(sys.argv[1])
atc_cy.scan(prices[:32], outputs="last", threads=threads)       # what is loaded and allocated once
open("/proc/self/clear_refs", "w").write("5")                   # the peak so far is forgotten
before = now("VmHWM")
atc_cy.scan(prices, outputs="last", threads=threads)
print(now("VmHWM") - before)
"""
)
PANEL_MEMORY = (
    MEMORY
    + """
atc_cy.PanelStream(range(10)).update(prices[:10, 0].copy())
before = now("VmRSS")
panel = atc_cy.PanelStream(range(10_000))
for bar in range(100):
    panel.update(np.tile(prices[:, bar], 10))
print((now("VmRSS") - before) / 10_000)
"""
)


def kilobytes(script: str, *arguments: str) -> float:
    command = [sys.executable, "-c", script, *arguments]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def measure_memory() -> dict[str, float]:
    stream = atc_cy.Stream()
    stream.extend(random_walk(300))
    symbol = best_kernel(CONFIG.structure).Symbol(*CONFIG.kernel_arguments, stream.depth + 1)
    return {
        "scan(outputs='last') of 1,000 x 1,500, 1 thread": kilobytes(SCAN_MEMORY, "1"),
        "scan(outputs='last') of 1,000 x 1,500, 2 threads": kilobytes(SCAN_MEMORY, "2"),
        "Stream": symbol.nbytes / 1e3,
        "Stream, saved": len(stream.to_bytes()) / 1e3,
        "PanelStream of 10,000, a symbol": kilobytes(PANEL_MEMORY),
    }


def measure(rounds: int) -> dict[str, Any]:
    levels, panel = measure_levels(rounds), random_walk(1_000, 1_500)
    outs = np.empty((1_000, 13, 1_500))
    best, seconds = levels[CPU.level], {1: math.inf, 2: math.inf}
    for _ in range(rounds):
        for threads in seconds:
            start = time.process_time()
            atc_cy.scan(panel, threads=threads, out=outs)
            seconds[threads] = min(seconds[threads], time.process_time() - start)
    first = {name: min(fresh_process(script) for _ in range(5)) for name, script in FIRST_RESULTS.items()}

    def ratio(slow: str, fast: str) -> float:
        return best[slow].ratio / best[fast].ratio

    ratios = {
        "scan(array): CPU time of 2 threads / 1 thread": seconds[2] / seconds[1],
        "generic / preset": ratio(GENERIC, ONE),
        "Numba / one series": ratio(NUMBA, ONE),
        "Numba / ours, imports and first result": first[NUMBA_IMPORT] / first[OUR_IMPORT],
        "Numba / ours, first call after the imports": first[NUMBA_FIRST] / first[OUR_FIRST],
        "10 x the bars / one series": 10 * ratio(LONG, ONE),
    }
    if PYNE in best:
        ratios["PyneCore / one series"] = ratio(PYNE, ONE)
    return {
        "rounds": rounds,
        "levels": levels,
        "ratios": ratios,
        "microseconds": measure_calls(rounds),
        "sweep": measure_sweep(rounds) if importlib.util.find_spec("vectorbt") else {},
        "first": first,
        "kilobytes": measure_memory(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--machine", default=platform.node(), help="what to call it; its name by default")
    parser.add_argument(
        "--level", help=argparse.SUPPRESS
    )  # measure this one alone, for the process that asks
    options = parser.parse_args()
    if options.level:
        best = importlib.import_module("atc_cy.ext.cpu").supported()[-1]
        print(json.dumps(measure_level(options.rounds, with_peers=options.level == best)))
        return
    before = load()
    figures = measure(options.rounds)
    figures["machine"] = {**describe(options.machine), "load": [before, load()]}
    print(tables(figures))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
