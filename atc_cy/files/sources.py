"""The sources that a chart offers for the averages, computed from a bar's open, high, low and close."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .columns import SOURCES, folded


def source(name: str, column: Callable[[str], NDArray[Any]]) -> NDArray[np.float64]:
    """A source, in binary64: its columns added from left to right, then divided.

    Parameters
    ----------
    name
        One of `SOURCES`, in any letter case.
    column
        Returns the values of a column, NaN where one is missing.

    Examples
    --------
    >>> candle = {"high": np.array([3.0]), "low": np.array([1.0]), "close": np.array([2.5])}
    >>> source("hlc3", candle.__getitem__)
    array([2.16666667])
    """
    first, *rest = (column(part).astype(np.float64) for part in SOURCES[folded(name)])
    total = first
    for values in rest:
        total = total + values
    mean: NDArray[np.float64] = total / len(SOURCES[folded(name)])
    return mean
