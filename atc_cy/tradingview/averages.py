"""Our averages of any length on one source, as the kernel computes them."""

from __future__ import annotations

from typing import Any

from ..config import LENGTH_FIELDS, LONGEST_LANE, MOVING_AVERAGES, ATCConfig
from ..engine.bars import Bars
from ..lanes import run_lanes
from .export import Floats

STEP = 9
"""How many lengths a kernel computes at once: with robustness Narrow, the nine lanes are one bar apart."""


class Averages:
    """Our averages of some bars. An average is computed when it is first needed."""

    def __init__(self, close: Floats, src: Floats) -> None:
        self.close, self.src = close, src
        self._known: dict[tuple[str, int], Floats] = {}

    def of(self, moving_average: str, length: int) -> Floats:
        """The average of a type and a length."""
        if (moving_average, length) not in self._known:
            self._compute(length)
        return self._known[moving_average, length]

    def _compute(self, length: int) -> None:
        base = min((length - 1) // STEP * STEP + 5, LONGEST_LANE - 4)
        lengths: dict[str, Any] = dict.fromkeys(LENGTH_FIELDS.values(), base)
        config = ATCConfig(robustness="Narrow", La=0.0, **lengths)
        _, lanes = run_lanes(Bars(self.close, self.src, None), config)
        for column, name in enumerate(MOVING_AVERAGES):
            for lane, each in enumerate(config.structure.lane_lengths()[column]):
                self._known[name, each] = lanes[0, column, lane]
