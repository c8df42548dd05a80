"""Structures, presets and configs, which say what is computed. They need no kernel, NumPy or pandas."""

from ..text import find_column, suggestion, value_from_text
from .calls import check_fields, public
from .config import ATCConfig
from .config_text import load_fields
from .fields import ConfigFields, MovingAverage, Robustness
from .names import LENGTH_FIELDS, MOVING_AVERAGES, unknown
from .resolving import lookback, resolve
from .structure import (
    LAW_VERSION,
    LONGEST_LANE,
    OFFSETS,
    Structure,
    checked_flag,
    checked_integer,
    checked_length,
    checked_number,
    checked_robustness,
    checked_types,
)

__all__ = [
    "LAW_VERSION",
    "LENGTH_FIELDS",
    "LONGEST_LANE",
    "MOVING_AVERAGES",
    "OFFSETS",
    "ATCConfig",
    "ConfigFields",
    "MovingAverage",
    "Robustness",
    "Structure",
    "check_fields",
    "checked_flag",
    "checked_integer",
    "checked_length",
    "checked_number",
    "checked_robustness",
    "checked_types",
    "find_column",
    "load_fields",
    "lookback",
    "public",
    "resolve",
    "suggestion",
    "unknown",
    "value_from_text",
]
