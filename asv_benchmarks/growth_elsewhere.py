"""The growth factor in other engines: how far their numbers are from the law's, and why.

It prints the figures of docs/law.md: a port with its own power and with the law's growth, on all shipped
prices, and an engine that keeps a history for each call. It needs Numba and PyneCore (extra `peers`).
"""

import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numba_peer
import numpy as np
import pyne_peer
from numpy.typing import NDArray

from atc_cy import ATCConfig, compute_atc_signals, reference
from atc_cy.datasets import load_ecb_fx, load_stocks

LAMBDAS = (0.005, 0.02, 0.05, 0.1, 0.5)
PRICES = [
    *(group["close"].to_numpy() for _, group in load_ecb_fx().groupby("symbol")),
    *(group["adj_close"].to_numpy() for _, group in load_stocks().groupby("symbol")),
]


def with_growth(power: Callable[[float], float], La: float) -> Iterator[NDArray[np.float64]]:
    """The port's 13 outputs of each series of prices, with this growth."""
    config = ATCConfig(La=La)
    lengths = np.array(config.structure.lane_lengths())
    factors = np.array([power((La / 1000) * t) for t in range(max(prices.size for prices in PRICES))])
    for prices in PRICES:
        out = np.empty((13, prices.size))
        numba_peer.atc(prices, lengths, factors[: prices.size], config.De, out)
        yield out


def port() -> None:
    """A port in Numba: its values that differ, with either growth."""
    for name, power in (
        ("its own power", lambda z: math.pow(math.e, z)),
        ("the law's growth", reference.growth),
    ):
        values = different = 0
        for La in LAMBDAS:
            for prices, out in zip(PRICES, with_growth(power, La), strict=True):
                expected = np.array([*compute_atc_signals(prices, La=La).values()])
                values += out.size
                different += np.count_nonzero((out != expected) & ~(np.isnan(out) & np.isnan(expected)))
        print(f"a port with {name}: {different:,} of {values:,} values differ")


def powers() -> None:
    """How often the C library's power is not the correctly rounded one."""
    z = [(La / 1000) * t for La in LAMBDAS for t in range(100_000)]
    own, law = (
        np.array([power(x) for x in z]) for power in (lambda x: math.pow(math.e, x), reference.growth)
    )
    units = np.abs(own.view(np.int64) - law.view(np.int64))
    print(
        f"its power: {np.mean(units > 0):.3%} of {len(z):,} bars differ, by {units.max()} in the last place"
    )


def history() -> None:
    """Where growth leaves 1 in PyneCore."""
    script = Path(__file__).with_name("growth_pyne.py")
    for name, values in pyne_peer.run(pyne_peer.load([100.0] * 300, script)).items():
        print(
            f"PyneCore, {name}: growth is above 1 from bar {next(t for t, g in enumerate(values) if g > 1)}"
        )


if __name__ == "__main__":
    port()
    powers()
    history()
