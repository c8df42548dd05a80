"""One class for each entry point, at the CPU level that `asv.conf.json` builds.

Times are CPU time of all threads. What a commit does not have yet is left out.
"""

import importlib
import itertools
import os
import subprocess
import sys
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

import atc_cy

KERNELS = ["default", "generic"]


def random_walk(*shape: int) -> NDArray[np.float64]:
    return 100 * np.exp(np.cumsum(np.random.default_rng(0).normal(0, 0.01, shape), axis=-1))


def load(name: str) -> tuple[Any, Any]:
    """A kernel and the config that it runs."""
    kernel = importlib.import_module(f"atc_cy.ext.{name}_{os.environ['ATC_CY_CPU']}")
    return kernel, atc_cy.ATCConfig.from_preset("default")


class Timed:
    """CPU time: other work on the machine disturbs it less than wall-clock time."""

    timer = time.process_time


class Symbol(Timed):
    """One series through a kernel, all outputs."""

    params = (KERNELS, [1_500, 50_000])
    param_names = ("kernel", "bars")

    def setup(self, name: str, bars: int) -> None:
        self.kernel, self.config = load(name)
        self.close = random_walk(bars)
        self.out = np.empty((len(self.config.output_names), bars))

    def time_advance(self, *_: object) -> None:
        self.kernel.Symbol(*self.config.kernel_arguments).advance(self.close, self.close, self.out)


class Panel(Timed):
    """One bar more of 1,000 symbols in a kernel, all outputs."""

    params = (KERNELS,)
    param_names = ("kernel",)

    def setup(self, name: str) -> None:
        kernel, config = load(name)
        self.panel = kernel.Panel(*config.kernel_arguments)
        if not hasattr(self.panel, "update"):
            raise NotImplementedError("not there yet")
        self.panel.add(1_000)
        self.out = np.empty((len(config.output_names) + 2, 1_000))
        self.bars = itertools.cycle(random_walk(1_000, 64).T.copy())
        for _ in range(200):
            self.time_update()

    def time_update(self, *_: object) -> None:
        close = next(self.bars)
        self.panel.update(close, close, self.out)


class Compute(Timed):
    """`compute_atc_signals`: 64 bars are all overhead."""

    params = ([True, False], [64, 1_500, 50_000])
    param_names = ("specialization", "bars")

    def setup(self, _: bool, bars: int) -> None:
        self.close = random_walk(bars)
        self.compute(self.close, True)

    def compute(self, close: NDArray[np.float64], specialization: bool) -> None:
        atc_cy.compute_atc_signals(close, use_codegen_specialization=specialization)

    def time_compute(self, specialization: bool, _: int) -> None:
        self.compute(self.close, specialization)


class Arrays(Timed):
    """`get_array_fn`, on few bars."""

    params = ([1, 64],)
    param_names = ("bars",)

    def setup(self, bars: int) -> None:
        if not hasattr(atc_cy, "get_array_fn"):
            raise NotImplementedError("not there yet")
        self.close = random_walk(bars)
        self.run = atc_cy.get_array_fn(atc_cy.ATCConfig())

    def time_call(self, _: int) -> None:
        self.run(self.close)


class Live(Timed):
    """`Stream`: one bar more of one symbol."""

    def setup(self) -> None:
        if not hasattr(atc_cy, "Stream"):
            raise NotImplementedError("not there yet")
        self.stream = atc_cy.Stream()
        self.stream.extend(random_walk(200))

    def time_update(self) -> None:
        self.stream.update(100.0)

    def time_peek(self) -> None:
        self.stream.peek(101.0)

    def time_revise(self) -> None:
        self.stream.revise(101.0)


class LivePanel(Timed):
    """`PanelStream`: one bar more of many symbols."""

    params = ([8, 10_000],)
    param_names = ("symbols",)

    def setup(self, symbols: int) -> None:
        if not hasattr(atc_cy, "PanelStream"):
            raise NotImplementedError("not there yet")
        self.panel = atc_cy.PanelStream(range(symbols))
        self.bars = itertools.cycle(random_walk(symbols, 64).T.copy())
        for _ in range(200):
            self.panel.update(next(self.bars))

    def time_update(self, _: int) -> None:
        self.panel.update(next(self.bars))


class Scan(Timed):
    """`scan` of an array of 200 symbols with 1,500 bars."""

    params = (["all", "last"], [1, 2])
    param_names = ("outputs", "threads")

    def setup(self, *_: object) -> None:
        self.panel = random_walk(200, 1_500)

    def time_scan(self, outputs: str, threads: int) -> None:
        atc_cy.scan(self.panel, outputs=outputs, threads=threads)

    def peakmem_scan(self, outputs: str, threads: int) -> None:
        atc_cy.scan(self.panel, outputs=outputs, threads=threads)


class FreshProcess:
    """What a process pays once: the least CPU time of five."""

    unit = "seconds"

    def cpu_time(self, script: str) -> float:
        times = []
        for _ in range(5):
            before = os.times()
            subprocess.run([sys.executable, "-c", script], check=True)
            after = os.times()
            times.append(sum(after[2:4]) - sum(before[2:4]))  # of child processes, in user and in system mode
        return min(times)

    def track_import(self) -> float:
        return self.cpu_time("import atc_cy")

    def track_import_pandas_alone(self) -> float:
        return self.cpu_time("import pandas")

    def track_first_result(self) -> float:
        return self.cpu_time("import atc_cy; atc_cy.compute_atc_signals([1.0 + i % 7 for i in range(1500)])")
