"""Adaptive Trend Classification, exact to the last bit, compiled ahead of time."""

import os as _os

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
from .panel_stream import PanelStream
from .scans import scan
from .signals import (
    compute_atc_signals,
    compute_atc_signals_specialized,
    exponential_multiplier,
    get_array_fn,
    get_specialized_fn,
    is_config_specializable,
)
from .stream import Stream
from .sweeps import sweep

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
