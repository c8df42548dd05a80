"""The indicator's two other views: the lanes of one type, and the weights of all, as data."""

from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .config import OFFSETS, ATCConfig, ConfigFields, checked_integer, public, resolve, unknown
from .dispatch import best_kernel
from .engine.bars import Bars, as_bars
from .engine.run import compute, new_symbol
from .text import shown

if TYPE_CHECKING:
    import pandas as pd

RISING, FALLING, FLAT = "#00ffbb", "#ff1100", "#808080"
"""Colours of a trend: 1, -1, 0."""


def lane_labels(config: ATCConfig) -> list[str]:
    """The nine lanes, as the weight table calls them: ρ is the base length, ρ+1 a bar longer."""
    offsets = OFFSETS[config.robustness]
    return ["ρ", *(f"ρ+{offset}" for offset in offsets), *(f"ρ-{offset}" for offset in offsets)]


def column_of(argument: str, moving_average: str, config: ATCConfig) -> int:
    """Where a type stands among the config's."""
    if not isinstance(moving_average, str) or moving_average not in config.moving_averages:
        known = unknown(moving_average, config.moving_averages)
        raise ValueError(f"{argument}={shown(moving_average)} is none of the config's; {known}")
    return config.moving_averages.index(moving_average)


@public
def calibration(
    prices: "ArrayLike | pd.Series[Any]",
    moving_average: str,
    config: ATCConfig | str = "default",
    *,
    src: "ArrayLike | pd.Series[Any] | None" = None,
    **overrides: Unpack[ConfigFields],
) -> "pd.DataFrame":
    """The nine lanes of one type: what the script draws to calibrate its lengths.

    Parameters
    ----------
    prices, src
        As in `compute_atc_signals`.
    moving_average
        One of the config's types, such as "EMA".
    config
        A config, or a preset's name.
    **overrides
        Fields of `ATCConfig` that replace the config's.

    Returns
    -------
    pandas.DataFrame
        On the index of the prices, columns of two levels. The first: ``average`` (the moving average),
        ``signal`` (1, -1, or 0 before the first crossing), ``equity`` (≥ 0.25, NaN before the cutout); the
        second: the nine lanes of `lane_labels`. NaN where a lane is not defined.

    Raises
    ------
    TypeError, ValueError, PriceError, KernelError
        As from `compute_atc_signals`; or the config has no such type.
    """
    import pandas as pd

    config = resolve(config, overrides, function=calibration)
    column = column_of("moving_average", moving_average, config)
    bars = as_bars(prices, src)
    _, lanes = run_lanes(bars, config)
    values = lanes[:, column].reshape(27, -1)
    columns = pd.MultiIndex.from_product([["average", "signal", "equity"], lane_labels(config)])
    return pd.DataFrame(values.T, bars.labels, columns)


@public
def weight_table(
    prices: "ArrayLike | pd.Series[Any]",
    config: ATCConfig | str = "default",
    *,
    src: "ArrayLike | pd.Series[Any] | None" = None,
    bar: int = -1,
    **overrides: Unpack[ConfigFields],
) -> "pd.DataFrame":
    """What each type and each of its lanes weighs on one bar.

    Parameters
    ----------
    prices, config, src
        As in `calibration`.
    bar
        Which bar, of those that have a price; by default the last one.
    **overrides
        Fields of `ATCConfig` that replace the config's.

    Returns
    -------
    pandas.DataFrame
        A row a type: ``signal`` (-1 to 1), ``trend`` (its sign), ``γ`` (the type's weight in the average, its
        equity), the equities of the nine lanes by `lane_labels`, and ``colour``, of the trend. NaN before the
        cutout.

    Raises
    ------
    IndexError
        There is no such bar.
    TypeError, ValueError, PriceError, KernelError
        As from `calibration`.
    """
    config = resolve(config, overrides, function=weight_table)
    bars = as_bars(prices, src)
    rows = np.flatnonzero(~(np.isnan(bars.close) | np.isnan(bars.src)))
    if not -rows.size <= checked_integer("bar", bar) < rows.size:
        raise IndexError(f"bar={shown(bar)} is out of range: there are {rows.size} bars")
    return weights_at(*run_lanes(bars, config), int(rows[bar]), config)


def weights_at(out: NDArray[Any], lanes: NDArray[Any], row: int, config: ATCConfig) -> "pd.DataFrame":
    """`weight_table` of a row, of what `run_lanes` returned."""
    import pandas as pd

    types = len(config.moving_averages)
    table = pd.DataFrame(lanes[2, :, :, row], [*config.moving_averages], lane_labels(config))
    table.insert(0, "γ", out[types : 2 * types, row])
    table.insert(0, "trend", np.sign(out[:types, row]))
    table.insert(0, "signal", out[:types, row])
    table["colour"] = table["trend"].map({1.0: RISING, -1.0: FALLING, 0.0: FLAT})
    return table


def run_lanes(bars: Bars, config: ATCConfig) -> tuple[NDArray[Any], NDArray[Any]]:
    """The outputs; and the lanes: [average, signal, equity; type; lane; row]."""
    types, n = len(config.moving_averages), bars.close.size
    out, lanes = np.empty((2 * types + 1, n), bars.close.dtype), np.empty((27 * types, n), bars.close.dtype)
    kernel = best_kernel(config.structure)
    compute(kernel, config, new_symbol(kernel, config), bars, out, lanes)
    return out, lanes.reshape(3, types, 9, n)
