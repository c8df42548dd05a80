"""Ours beside its peers, in one run: python asv_benchmarks/sidebyside.py [--json FILE] [--rounds N].

Every round runs each candidate once, so that a noisy moment hits all of them; a row gives the median time per
symbol and bar, and the median over the rounds of its time divided by TA-Lib's in the same round. Needs the
extra `peers`.
"""

import argparse
import importlib.util
import itertools
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
import pandas
from numpy.typing import NDArray

import atc_cy
from atc_cy import ATCConfig, get_array_fn, reference
from atc_cy.dispatch import CPU, best_kernel, generic_kernel

BARS, SYMBOLS, PANEL_BARS, SLOW_BARS = 10_000, 1_000, 1_500, 300
BASE = "TA-Lib: the 54 moving averages alone"
ONE, ONE_GENERIC = f"one series, default, {CPU.level}", f"one series, generic, {CPU.level}"
PANEL, PANEL_GENERIC = f"panel, default, {CPU.level}, 1 thread", f"panel, generic, {CPU.level}, 1 thread"
SCAN = "scan(array), {} thread(s)"
LONG, WIDE = "one series, ten times the bars", "scan(array, outputs='last'), ten times the symbols"
LAST = "scan(array, outputs='last'), 1 thread"
NUMBA, PYNE = "Numba: one fused function, steady state", "PyneCore: the script, one bar after the other"

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
    out, outs = np.empty((13, BARS)), np.empty((SYMBOLS, 13, PANEL_BARS))
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
        found[SCAN.format(threads)] = (
            lambda threads=threads: atc_cy.scan(panel, threads=threads, out=outs),
            panel.size,
        )
    found[LAST] = (lambda: atc_cy.scan(panel, outputs="last", threads=1), panel.size)
    long, long_out = random_walk(10 * BARS), np.empty((13, 10 * BARS))
    best = best_kernel(config.structure)
    found[LONG] = (
        lambda: best.Symbol(*config.kernel_arguments).advance(long, long, long_out),
        long.size,
    )
    wide = np.tile(panel, (10, 1))
    found[WIDE] = (lambda: atc_cy.scan(wide, outputs="last", threads=1), wide.size)
    lengths = np.array(lanes)
    found[NUMBA] = (lambda: numba_peer.atc(close, lengths, growth, config.De, out), BARS)
    few = close[:SLOW_BARS].tolist()
    found["oracle: plain Python"] = (lambda: reference.atc(few, config), SLOW_BARS)
    if importlib.util.find_spec("pynecore"):
        import pyne_peer

        runner = pyne_peer.load(few)
        found[PYNE] = (lambda: pyne_peer.run(runner), SLOW_BARS)
    numba_peer.atc(close, lengths, growth, config.De, out)
    ours = get_array_fn(config)(close)
    if not np.array_equal(out, ours, equal_nan=True):
        raise SystemExit("the Numba peer computes something else: it is no peer")
    if PYNE in found and not np.array_equal([*found[PYNE][0]().values()], ours[:, :SLOW_BARS]):
        raise SystemExit("the PyneCore peer computes something else: it is no peer")
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
OUR_IMPORT, OUR_FIRST = "ours, imports and first result", "ours, first call after the imports"
NUMBA_IMPORT, NUMBA_FIRST = "Numba, imports and first result", "Numba, first call after the imports"
FIRST_RESULTS = {
    OUR_IMPORT: f"{SETUP}import atc_cy; atc_cy.compute_atc_signals(close)",
    OUR_FIRST: f"""{SETUP}import atc_cy, pandas
start = time.perf_counter(); atc_cy.compute_atc_signals(close)""",
    "import pandas alone": "import pandas",
    NUMBA_IMPORT: f"""{SETUP}import numba_peer
numba_peer.atc(close, np.full((6, 9), 28), np.ones(1500), 0.03, np.empty((13, 1500)))""",
    NUMBA_FIRST: f"""{SETUP}import numba_peer
start = time.perf_counter()
numba_peer.atc(close, np.full((6, 9), 28), np.ones(1500), 0.03, np.empty((13, 1500)))""",
}


def microseconds(run: Callable[[], Any], calls: int = 500) -> float:
    start = time.perf_counter()
    for _ in range(calls):
        run()
    return (time.perf_counter() - start) / calls * 1e6


def measure_calls(rounds: int) -> dict[str, float]:
    """Microseconds that a call on 64 bars takes beside the kernel: medians of pairs."""
    config = ATCConfig()
    close, out = random_walk(64), np.empty((13, 64))
    symbol = best_kernel(config.structure).Symbol(*config.kernel_arguments)
    compute = get_array_fn(config)
    pairs = {
        "get_array_fn": (lambda: compute(close), lambda: symbol.copy().advance(close, close, out)),
        "compute_atc_signals, 13 Series": (
            lambda: atc_cy.compute_atc_signals(close),
            lambda: symbol.copy().advance(close, close, out),
        ),
        "of which the dispatcher": (lambda: best_kernel(config.structure), generic_kernel),
    }
    return {
        name: statistics.median(microseconds(ours) - microseconds(base) for _ in range(rounds))
        for name, (ours, base) in pairs.items()
    }


def measure_live(rounds: int) -> dict[str, float]:
    """Microseconds for one bar more, of one symbol: medians."""
    import talib

    history, many = random_walk(300), 10_000
    lanes = ATCConfig().structure.lane_lengths()
    types = ("EMA", "SMA", "WMA", "DEMA", "LINEARREG", "KAMA")
    handles = [
        getattr(talib.stream, name)(history, timeperiod=length)
        for name, lengths in zip(types, lanes, strict=True)
        for length in lengths
    ]
    stream, panel = atc_cy.Stream(), atc_cy.PanelStream(range(many))
    stream.extend(history)
    bars = random_walk(many, 200).T.copy()
    for row in bars:
        panel.update(row)
    later = itertools.cycle(bars)
    candidates: dict[str, tuple[Callable[[], Any], int, int]] = {
        "Stream.update": (lambda: stream.update(100.0), 3_000, 1),
        "Stream.peek": (lambda: stream.peek(100.0), 1_000, 1),
        "Stream.revise": (lambda: stream.revise(100.0), 1_000, 1),
        "PanelStream.update of 10,000, a symbol": (lambda: panel.update(next(later)), 20, many),
        "TA-Lib: update of 54 stream handles": (lambda: [h.update(100.0) for h in handles], 1_000, 1),
    }
    if importlib.util.find_spec("talipp"):
        from talipp import indicators

        slow = [
            indicators.KAMA(n, 2, 30) if name == "KAMA" else getattr(indicators, name)(n)
            for name in ("EMA", "SMA", "WMA", "DEMA", "KAMA")
            for n in lanes[0]
        ]
        for each in slow:
            for price in history.tolist():
                each.add(price)
        candidates["talipp: add to 45 indicators (it has no linear regression)"] = (
            lambda: [each.add(100.0) for each in slow],
            50,
            1,
        )
    times: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, (run, calls, symbols) in candidates.items():
            times[name].append(microseconds(run, calls) / symbols)
    return {name: statistics.median(own) for name, own in times.items()}


MEMORY = """
import re, sys
import numpy as np
import atc_cy
threads = int(sys.argv[1])
panel = 100 + np.random.default_rng(0).random((1000, 1500))
atc_cy.scan(panel[:32], outputs="last", threads=threads)        # what is loaded and allocated once
open("/proc/self/clear_refs", "w").write("5")                   # the peak so far is forgotten
peak = lambda: int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
before = peak()
atc_cy.scan(panel, outputs="last", threads=threads)
print(peak() - before)
"""


def measure_sweep(rounds: int) -> dict[str, float]:
    """Milliseconds a config of 7,000 bars, with the same five metrics each, and ratios: medians."""
    import vectorbt_peer

    close = random_walk(7_000)
    grid = {"La": np.linspace(0, 0.05, 16).tolist(), "De": np.linspace(0, 0.1, 16).tolist()}

    def ours(**threads: int) -> Any:
        return atc_cy.sweep(close, grid, rule="long_only", bars_per_year=365, **threads)

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

    name, one, python, peer = (
        "sweep",
        "sweep, 1 thread",
        "a Python loop over compute_atc_signals",
        "vectorbt's IndicatorFactory around the Numba peer",
    )
    runs = {name: ours, one: lambda: ours(threads=1), python: loop, peer: vectorbt_peer.sweep(close, grid)}
    for run in (runs[python], runs[peer]):
        if not np.allclose(run(), ours()):  # both have the rows of `METRICS`
            raise SystemExit("a peer's metrics are others: it is no peer")
    times = np.array([[microseconds(run, 1) / 256_000 for run in runs.values()] for _ in range(rounds)])
    figures = dict(zip(runs, np.median(times, axis=0).tolist(), strict=True))
    for other, own in (("the loop", times[:, 2]), ("vectorbt", times[:, 3])):
        figures[f"ratio: {other} / sweep"] = float(np.median(own / times[:, 0]))
    return figures


def kilobytes(threads: int) -> int:
    """What `scan(outputs="last")` of 1,000 x 1,500 takes above its input, at its peak."""
    command = [sys.executable, "-c", MEMORY, str(threads)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def measure(rounds: int) -> dict[str, Any]:
    """All figures: steady state, ratios, calls, first results, memory."""
    found = candidates()
    times: dict[str, list[float]] = {name: [] for name in found}
    for run, _ in found.values():  # once unmeasured
        run()
    for _ in range(rounds):
        for name, (run, bars) in found.items():
            start = time.perf_counter()
            run()
            times[name].append((time.perf_counter() - start) / bars * 1e9)

    def ratio(slow: str, fast: str) -> float:
        return statistics.median(a / b for a, b in zip(times[slow], times[fast], strict=True))

    steady = {
        name: {
            "nanoseconds a bar": statistics.median(own),
            "spread": statistics.quantiles(own, n=4)[2] - statistics.quantiles(own, n=4)[0],
            "times TA-Lib": ratio(name, BASE),
        }
        for name, own in times.items()
    }
    first = {
        name: statistics.median(fresh_process(script) for _ in range(5))
        for name, script in FIRST_RESULTS.items()
    }
    ratios = {
        "one series / TA-Lib": ratio(ONE, BASE),
        "panel, 1 thread / TA-Lib": ratio(PANEL, BASE),
        "scan(array): 1 thread / 2 threads": ratio(SCAN.format(1), SCAN.format(2)),
        "generic / preset, one series": ratio(ONE_GENERIC, ONE),
        "generic / preset, panel": ratio(PANEL_GENERIC, PANEL),
        "Numba / one series": ratio(NUMBA, ONE),
        "Numba / ours, imports and first result": first[NUMBA_IMPORT] / first[OUR_IMPORT],
        "Numba / ours, first call after the imports": first[NUMBA_FIRST] / first[OUR_FIRST],
        "10 x the bars / one series": 10 * ratio(LONG, ONE),
        "10 x the symbols / scan(outputs='last')": 10 * ratio(WIDE, LAST),
    }
    if PYNE in found:
        ratios["PyneCore / one series"] = ratio(PYNE, ONE)
        ratios["PyneCore / panel, 1 thread"] = ratio(PYNE, PANEL)
    return {
        "cpus": os.cpu_count(),
        "level": CPU.level,
        "rounds": rounds,
        "steady": steady,
        "ratios": ratios,
        "microseconds": measure_calls(rounds),
        "live": measure_live(rounds),
        "sweep": measure_sweep(rounds),
        "first": first,
        "kilobytes": {f"scan(outputs='last'), {n} thread(s)": kilobytes(n) for n in (1, 2)},
    }


def table(title: str, unit: str, rows: dict[str, float], decimals: int) -> None:
    print(f"\n{title:<56}{unit:>10}")
    for name, value in rows.items():
        print(f"{name:<56}{value:>10.{decimals}f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    figures = measure(options.rounds)
    print(f"{'per symbol and bar, all 13 outputs':<56}{'ns':>10}{'spread':>9}{'x TA-Lib':>10}")
    for name, row in figures["steady"].items():
        numbers = "{:>10.1f}{:>9.1f}{:>10.2f}".format(*row.values())
        print(f"{name:<56}{numbers}")
    table("medians of the ratios in each round", "ratio", figures["ratios"], 2)
    table("64 bars: beside the kernel", "us", figures["microseconds"], 2)
    table("one bar more, live", "us", figures["live"], 2)
    table("a sweep over 256 configs of 7,000 bars, a config", "ms", figures["sweep"], 2)
    table("first result of 1,500 bars in a fresh process", "seconds", figures["first"], 4)
    table("memory above the input", "kB", figures["kilobytes"], 0)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
