"""Whether a plot is one of our averages, to the digits that the chart shows, wherever its bars began."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .export import Floats, Plot

SLACK = 1e-10
"""Of a value: sums that began at other bars differ in their last digits, and so may what is made of them."""
FEWEST = 10
"""Bars that have to agree before an export can be said to begin later than its chart."""


class Agreement(NamedTuple):
    """How a plot compares with an average of ours that begins with the export's first bar."""

    same: NDArray[np.bool_]
    """The bars on which both are the same to the digits that are shown, or neither has a value."""
    explained: NDArray[np.bool_]
    """These, and the bars whose difference is what bars before the export's first one leave."""
    cut: bool
    """Whether the chart began before the export."""

    @property
    def fits(self) -> bool:
        """Whether the plot is this average."""
        return bool(self.explained.all())

    def with_first_bar(self) -> Agreement:
        """What is left if the chart is known to have begun with the export's first bar."""
        return Agreement(self.same, self.same, False)


def begins_with_export(plot: Plot, moving_average: str, agreement: Agreement) -> bool:
    """Whether a plot shows that its chart began with the export's first bar.

    It has no value before ours has one; or it climbs from 0 as KAMA does.
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
        A value a bar.
    moving_average, length
        What ours is.
    begins
        Whether the first bar is that of the export; else there are earlier ones, so that all is past its
        warm-up.
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
    """The row of the first value."""
    there = np.flatnonzero(~np.isnan(values))
    return int(there[0]) if there.size else len(values)


def _first_settled(ours: Floats, moving_average: str, length: int) -> int:
    """The first row on which our average depends on earlier bars by its last value alone."""
    return length if moving_average == "KAMA" else _first(ours)


def _remainder(difference: Floats, ours: Floats, src: Floats, moving_average: str, length: int) -> Floats:
    """What bars before the first one leave of a moving average, as far as it explains the difference.

    EMA and KAMA are ``e = e + weight * (src - e)``: another beginning leaves a difference that each bar
    multiplies by ``1 - weight``. DEMA is made of an EMA and its EMA: of such a difference and of one that a
    factor of t is left. The others are of a window, and nothing remains. How large the differences are at
    first is found by least squares.
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
