"""Adaptive Trend Classification, exact to the last bit, compiled ahead of time."""

import os as _os
from typing import TYPE_CHECKING as _TYPE_CHECKING
from typing import Any as _Any

from . import datasets, hotpaths
from ._version import __version__
from .charts import Chart, chart
from .config import MOVING_AVERAGES, ATCConfig, Structure, lookback
from .config.preset_file import Preset
from .dispatch import KernelInfo, kernels, list_presets
from .engine.direction import direction, events
from .errors import ATCError, ExponentialMultiplierWarning, KernelError, PriceError, StateError
from .frames.tables import atc
from .lanes import calibration, weight_table
from .live.panel import PanelStream
from .live.stream import Stream
from .scans import scan
from .signals import (
    compute_atc_signals,
    compute_atc_signals_specialized,
    exponential_multiplier,
    get_array_fn,
    get_specialized_fn,
    is_config_specializable,
)
from .sweeps import sweep

_LAZY = {"dask": "dask", "dataset": "dataset", "saving": "live.saved"}
"""Modules that are imported when they are asked for: they are heavy, or this is their earlier name."""

if _TYPE_CHECKING:
    from . import dask as dask
    from . import dataset as dataset
else:

    def __getattr__(name: str) -> _Any:
        from importlib import import_module

        from .text import suggestion

        if name in _LAZY:
            return import_module(f"{__name__}.{_LAZY[name]}")
        problem = f"module {__name__!r} has no attribute {name!r}"
        if not name.startswith("_"):
            problem = f"{problem}; {suggestion(name, [*__all__, *_LAZY])}"
        raise AttributeError(problem, name=name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY})


if _os.environ.get("ATC_CY_RECORD"):
    hotpaths.record_process(_os.environ["ATC_CY_RECORD"])

__all__ = [
    "MOVING_AVERAGES",
    "ATCConfig",
    "ATCError",
    "Chart",
    "ExponentialMultiplierWarning",
    "KernelError",
    "KernelInfo",
    "PanelStream",
    "Preset",
    "PriceError",
    "StateError",
    "Stream",
    "Structure",
    "__version__",
    "atc",
    "calibration",
    "chart",
    "compute_atc_signals",
    "compute_atc_signals_specialized",
    "datasets",
    "direction",
    "events",
    "exponential_multiplier",
    "get_array_fn",
    "get_specialized_fn",
    "hotpaths",
    "is_config_specializable",
    "kernels",
    "list_presets",
    "lookback",
    "scan",
    "sweep",
    "weight_table",
]
