"""A sweep as vectorbt's users write it: its IndicatorFactory around the Numba peer, and its portfolio."""

from collections.abc import Callable, Sequence

import numba_peer
import numpy as np
import pandas as pd
import vectorbt
from numpy.typing import NDArray

from atc_cy import ATCConfig
from atc_cy.dispatch import generic_kernel

LENGTHS = np.array(ATCConfig().structure.lane_lengths())


def average(close: NDArray[np.float64], La: float, De: float) -> NDArray[np.float64]:
    """`Average_Signal` of the default structure."""
    out, growth = np.empty((13, close.size)), np.empty(close.size)
    generic_kernel().growth(La, growth)
    numba_peer.atc(close.ravel(), LENGTHS, growth, De, out)
    return out[12].reshape(close.shape)


INDICATOR = vectorbt.IndicatorFactory(
    input_names=["close"], param_names=["La", "De"], output_names=["average"]
).from_apply_func(average)


def sweep(close: NDArray[np.float64], grid: dict[str, Sequence[float]]) -> Callable[[], pd.DataFrame]:
    """What gives the metrics of `atc_cy.sweep(rule="long_only", bars_per_year=365)`, when it is called."""

    def run() -> pd.DataFrame:
        found = INDICATOR.run(close, **grid, param_product=True)
        portfolio = vectorbt.Portfolio.from_signals(
            close[:, None],
            entries=found.average_crossed_above(0.1),
            exits=found.average_crossed_below(-0.1),
            freq="1D",
        )
        metrics = {
            "total_return": portfolio.total_return(),
            "sharpe": portfolio.sharpe_ratio(),
            "max_drawdown": portfolio.max_drawdown(),
            "exposure": portfolio.position_coverage(),
            "trades": portfolio.trades.count(),
        }
        return pd.DataFrame({name: own.to_numpy() for name, own in metrics.items()}).T

    return run
