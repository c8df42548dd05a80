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


LONGEST_FIRST = (4, 3, 2, 1, 0, 5, 6, 7, 8)
"""The lanes in the order of the weight table's columns: from the longest offset down to ρ, and on."""


def column_of(argument: str, moving_average: str, config: ATCConfig) -> int:
    """Where a type stands among the config's."""
    if not isinstance(moving_average, str) or moving_average not in config.moving_averages:
        known = unknown(moving_average, config.moving_averages)
        raise ValueError(f"{argument}={shown(moving_average)} is not one of the config's types; {known}")
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
    """The nine lanes of one type, which the script draws for calibrating its lengths.

    A lane is one moving average with its own signal and equity; each type has nine, of neighbouring lengths.

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
        On the index of the prices, with columns of two levels. The first level is ``average`` (the moving
        average), ``signal`` (1, -1, or 0 before the first crossing) or ``equity`` (≥ 0.25, NaN before the
        cutout). The second is the lane: ρ has the base length, ρ+1 is one bar longer. NaN where a lane is not
        defined.

    Raises
    ------
    TypeError, ValueError, PriceError, KernelError
        As from `compute_atc_signals`; or the config has no such type.

    See Also
    --------
    weight_table : What each lane weighs on one bar.
    chart : Draws the lanes with ``calibration="EMA"``.

    Examples
    --------
    >>> usd = atc_cy.datasets.load_ecb_fx().query("symbol == 'USD'").set_index("date")["close"]
    >>> lanes = atc_cy.calibration(usd, "EMA")
    >>> lanes["average"].iloc[-1].round(4).tolist()[:3]
    [1.1253, 1.1258, 1.1262]
    >>> lanes["signal"].columns.tolist()
    ['ρ', 'ρ+1', 'ρ+2', 'ρ+4', 'ρ+6', 'ρ-1', 'ρ-2', 'ρ-4', 'ρ-6']
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
    """The weight of each type and of each of its lanes on one bar: the table that the script draws.

    A weight is the equity of the bar before, because that decides the bar. The script writes weights with two
    decimals, and colours the cell of a lane by its signal, which `calibration` returns.

    Parameters
    ----------
    prices, config, src
        As in `calibration`.
    bar
        The number of the bar among those that have a price; by default the last one.
    **overrides
        Fields of `ATCConfig` that replace the config's.

    Returns
    -------
    pandas.DataFrame
        A row for each type. Columns: ``signal`` (-1 to 1) and ``trend`` (its sign) of this bar; ``γ``, the
        type's equity on the bar before; the equities of the nine lanes on the bar before, the longest lane
        first; and ``colour``, that of the trend. Equities are NaN before the cutout and on the bar of the
        cutout itself.

    Raises
    ------
    IndexError
        There is no such bar.
    TypeError, ValueError, PriceError, KernelError
        As from `calibration`.

    See Also
    --------
    calibration : The lanes of one type, on every bar.

    Examples
    --------
    >>> usd = atc_cy.datasets.load_ecb_fx().query("symbol == 'USD'").set_index("date")["close"]
    >>> table = atc_cy.weight_table(usd)
    >>> table[["signal", "trend"]].loc["EMA"].tolist()
    [-1.0, -1.0]
    >>> table["γ"].round(2).to_dict()
    {'EMA': 0.26, 'HMA': 0.26, 'WMA': 0.26, 'DEMA': 0.26, 'LSMA': 0.26, 'KAMA': 0.26}
    """
    config = resolve(config, overrides, function=weight_table)
    bars = as_bars(prices, src)
    rows = np.flatnonzero(bars.present)
    if not -rows.size <= checked_integer("bar", bar) < rows.size:
        raise IndexError(f"bar={shown(bar)} is out of range: there are {rows.size} bars")
    return weights_at(*run_lanes(bars, config), rows[: rows.size + bar + 1 if bar < 0 else bar + 1], config)


def weights_at(
    out: NDArray[Any], lanes: NDArray[Any], rows: NDArray[np.intp], config: ATCConfig
) -> "pd.DataFrame":
    """`weight_table` of the last of these rows, which are bars, of what `run_lanes` returned."""
    import pandas as pd

    types, labels = len(config.moving_averages), lane_labels(config)
    equities = np.full((types, 10), np.nan, out.dtype)
    if rows.size > 1:
        equities[:, 0] = out[types : 2 * types, rows[-2]]
        equities[:, 1:] = lanes[2][:, LONGEST_FIRST, rows[-2]]
    columns = ["γ", *(labels[lane] for lane in LONGEST_FIRST)]
    table = pd.DataFrame(equities, [*config.moving_averages], columns)
    table.insert(0, "trend", np.sign(out[:types, rows[-1]]))
    table.insert(0, "signal", out[:types, rows[-1]])
    table["colour"] = table["trend"].map({1.0: RISING, -1.0: FALLING, 0.0: FLAT})
    return table


def run_lanes(bars: Bars, config: ATCConfig) -> tuple[NDArray[Any], NDArray[Any]]:
    """The outputs; and the lanes: [average, signal, equity; type; lane; row]."""
    types, n = len(config.moving_averages), bars.close.size
    out, lanes = np.empty((2 * types + 1, n), bars.close.dtype), np.empty((27 * types, n), bars.close.dtype)
    kernel = best_kernel(config.structure)
    compute(kernel, config, new_symbol(kernel, config), bars, out, lanes)
    return out, lanes.reshape(3, types, 9, n)
