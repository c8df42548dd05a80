"""Adaptive Trend Classification, exact to the last bit, compiled ahead of time."""

from . import datasets
from .api import (
    ExponentialMultiplierWarning,
    PriceError,
    compute_atc_signals,
    compute_atc_signals_specialized,
    direction,
    events,
    exponential_multiplier,
    get_array_fn,
    get_specialized_fn,
    is_config_specializable,
)
from .config import MOVING_AVERAGES, ATCConfig, Preset, Structure, lookback
from .dispatch import KernelError, KernelInfo, kernels, list_presets
from .panel_stream import PanelStream
from .saving import StateError
from .scan import scan
from .stream import Stream

__version__ = "0.1.0"

__all__ = [
    "MOVING_AVERAGES",
    "ATCConfig",
    "ExponentialMultiplierWarning",
    "KernelError",
    "KernelInfo",
    "PanelStream",
    "Preset",
    "PriceError",
    "StateError",
    "Stream",
    "Structure",
    "compute_atc_signals",
    "compute_atc_signals_specialized",
    "datasets",
    "direction",
    "events",
    "exponential_multiplier",
    "get_array_fn",
    "get_specialized_fn",
    "is_config_specializable",
    "kernels",
    "list_presets",
    "lookback",
    "scan",
]
