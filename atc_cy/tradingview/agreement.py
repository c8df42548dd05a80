"""Compares a plot of a chart with one of our averages, to the digits that the chart shows.

The chart may have begun before the export. The earlier bars then explain a part of the difference.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .export import Floats, Plot

SLACK = 1e-10
"""The relative tolerance if the chart began earlier: sums from another bar on differ in their last digits."""
FEWEST = 10
"""The least number of bars that must agree before a chart is said to have begun before its export."""


class Agreement(NamedTuple):
    """How a plot compares with an average of ours that begins with the export's first bar."""

    same: NDArray[np.bool_]
    """The bars on which plot and average are the same to the digits shown, or neither has a value."""
    explained: NDArray[np.bool_]
    """The bars in `same`, and those whose difference can come from bars before the export's first one."""
    cut: bool
    """Whether the chart began before the export."""

    @property
    def fits(self) -> bool:
        """Whether the plot is this average."""
        return bool(self.explained.all())

    def with_first_bar(self) -> Agreement:
        """The agreement if the chart is known to have begun with the export's first bar."""
        return Agreement(self.same, self.same, False)


def begins_with_export(plot: Plot, moving_average: str, agreement: Agreement) -> bool:
    """Whether a plot shows that its chart began with the export's first bar.

    Such a plot has no values during the warm-up, or it climbs from 0 if it is a KAMA.
    """
    if agreement.cut or not agreement.fits:
        return False
    return moving_average == "KAMA" or _first(plot.values) > 0


def compare(
    plot: Plot, ours: Floats, src: Floats, moving_average: str, length: int, *, begins: bool = True
) -> Agreement:
    """Compare a plot with an average of this type and length, of the same bars.

    Parameters
    ----------
    plot, ours, src
        The plot, our average, and the values that our average runs on: one value for each bar.
    moving_average, length
        The type and the length of our average.
    begins
        Whether the first bar is the export's first bar. If not, our average is past its warm-up on all bars.
    """
    difference = plot.values - ours
    neither = np.isnan(plot.values) & np.isnan(ours)
    same = neither | (np.abs(difference) <= plot.half * (1 + 1e-9))
    if same.all():
        return Agreement(same, same, False)
    first = _first_settled(ours, moving_average, length) if begins else 0
    left = slice(first, None)
    if len(ours) - first < FEWEST or np.isnan(difference[left]).any():
        return Agreement(same, same, False)
    if begins and moving_average != "KAMA" and _first(plot.values) >= _first(ours):
        return Agreement(same, same, False)  # both began on the same bar
    remainder = _remainder(difference[left], ours[left], src[left], moving_average, length)
    within = np.abs(difference[left] - remainder) <= 2 * plot.half[left] + SLACK * np.abs(plot.values[left])
    explained = same.copy()
    explained[:first] = True  # there our average has no value yet, or has not seen its whole window
    explained[left] |= within
    return Agreement(same, explained, True)


def _first(values: Floats) -> int:
    """The row of the first value; the number of rows if there is no value."""
    there = np.flatnonzero(~np.isnan(values))
    return int(there[0]) if there.size else len(values)


def _first_settled(ours: Floats, moving_average: str, length: int) -> int:
    """The first row on which bars before the export affect an average only through its previous value."""
    return length if moving_average == "KAMA" else _first(ours)


def _remainder(difference: Floats, ours: Floats, src: Floats, moving_average: str, length: int) -> Floats:
    """The part of the difference that bars before the first one can explain.

    EMA and KAMA are computed as ``e = e + weight * (src - e)``. An average that began at another bar differs,
    and each bar multiplies the difference by ``1 - weight``. DEMA combines an EMA with the EMA of this EMA.
    Its difference has a second term, which is also multiplied by the number of bars since the first one. The
    other types use a window, so no difference remains. Least squares give the initial size of each term.
    """
    steps = np.arange(len(ours), dtype=np.float64)
    if moving_average in ("EMA", "DEMA"):
        decay = (1 - 2 / (length + 1)) ** steps
        shapes = [decay] if moving_average == "EMA" else [decay, steps * decay]
    elif moving_average == "KAMA":
        with np.errstate(divide="ignore", invalid="ignore"):
            weights = np.diff(ours) / (src[1:] - ours[:-1])
        weights = np.where((weights > 0) & (weights < 1), weights, 0.0)
        shapes = [np.concatenate([[1.0], np.cumprod(1 - weights)])]
    else:
        return np.zeros_like(ours)
    matrix = np.column_stack(shapes)
    sizes, *_ = np.linalg.lstsq(matrix, difference, rcond=None)
    remainder: Floats = matrix @ sizes
    return remainder
