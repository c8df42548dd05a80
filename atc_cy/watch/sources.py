"""The value that the moving averages run on, if it is not the bar's close."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..files.columns import CANDLE, CLOSE, SRC, folded
from ..files.sources import source


def averaged(name: Any) -> str:
    """The name under which the column that the averages run on is joined to higher bars."""
    return folded(name) if folded(name) in CANDLE else SRC


def source_of(name: str, parts: Mapping[str, float]) -> float:
    """One of `SOURCES`, computed from one bar's parts.

    >>> source_of("hl2", {"high": 3.0, "low": 2.0})
    2.5
    """
    return float(source(name, lambda part: np.array([parts[part]]))[0])


def joinable(parts: Mapping[str, float]) -> dict[str, float]:
    """The parts under the names by which `Resampler` joins them; ``close`` is the bar's price there."""
    return {_PART if name == CLOSE else name: value for name, value in parts.items()}


def src_of_joined(name: str | None, parts: Mapping[str, float], joined: Mapping[str, float]) -> float:
    """The value that the averages run on, for a higher bar. parts: those of a row, for their names."""
    values = {part: joined[_PART if part == CLOSE else part] for part in parts}
    return next(iter(values.values())) if len(values) == 1 else source_of(str(name), values)


_PART = "close of the source"
