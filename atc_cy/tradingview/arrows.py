"""Compares the arrows of a chart with our events."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..config import OFFSETS, ATCConfig
from ..engine.bars import Bars
from ..engine.crossing import of_the_bar_before, trend
from ..lanes import run_lanes
from .export import Export


class Arrows(NamedTuple):
    """How the arrows of a chart agree with the events of some settings."""

    fields: dict[str, Any]
    """The fields of the config that differ from the given config."""
    colour_bars_from: str
    """The output whose direction turns at the arrows."""
    event: NDArray[np.int8]
    """Our events: 1 long, -1 short, 0 none."""
    chart: NDArray[np.int8]
    """The chart's arrows: 1 long, -1 short, 0 none."""

    @property
    def same(self) -> int:
        """How many of the chart's arrows are on a bar that has the same event here."""
        return int(((self.event == self.chart) & (self.chart != 0)).sum())

    @property
    def fits(self) -> bool:
        """Whether there is an arrow at each event, and no other arrow."""
        return bool((self.event == self.chart).all())

    @property
    def wrong(self) -> int:
        """On how many bars arrows and events differ."""
        return int((self.event != self.chart).sum())


def given_arrows(export: Export, config: ATCConfig, source: str) -> Arrows:
    """How the arrows agree with the events of a config."""
    return _arrows(export, config, source, {}, "Average")


def find_arrows(export: Export, config: ATCConfig, source: str) -> Arrows:
    """Find the robustness, strategy mode and output whose events fit the arrows best.

    The given settings are tried first.
    """
    best = given_arrows(export, config, source)
    for robustness in dict.fromkeys([config.robustness, *OFFSETS]):
        for strategy_mode in (config.strategy_mode, not config.strategy_mode):
            for name in ("Average", *config.moving_averages):
                if best.fits:
                    return best
                settings = {"robustness": robustness, "strategy_mode": strategy_mode}
                fields = {key: value for key, value in settings.items() if value != getattr(config, key)}
                try:
                    config.override(**fields)  # type: ignore[arg-type]
                except ValueError:  # a length is too short for this robustness
                    continue
                tried = _arrows(export, config, source, fields, name)
                best = tried if tried.wrong < best.wrong else best
    return best


def _arrows(export: Export, config: ATCConfig, source: str, fields: dict[str, Any], name: str) -> Arrows:
    assert export.arrows is not None
    used = config.override(**fields)
    out, _ = run_lanes(Bars(export.close, export.sources[source], None), used)
    row = out[used.output_names.index(f"{name}_Signal")]
    if name != "Average" and used.strategy_mode:
        row = of_the_bar_before(row)
    _, event = trend(row, used.long_threshold, used.short_threshold)
    long, short = export.arrows
    return Arrows(fields, name, event, long.astype(np.int8) - short)
