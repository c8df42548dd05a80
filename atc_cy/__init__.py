"""Adaptive Trend Classification, exact to the last bit, compiled ahead of time."""

import os as _os
from typing import TYPE_CHECKING as _TYPE_CHECKING
from typing import Any as _Any

from ._version import __version__

if _TYPE_CHECKING:
    from . import compat as compat
    from . import dask as dask
    from . import dataset as dataset
    from . import datasets as datasets
    from . import hotpaths as hotpaths
    from .charts.page import Chart, chart
    from .charts.screener import Screener, screener
    from .charts.sweep_page import SweepPage, plot_sweep
    from .config import MOVING_AVERAGES, ATCConfig, Structure, lookback
    from .config.preset_file import Preset
    from .dispatch import KernelInfo, kernels, list_presets
    from .engine.direction import alerts, direction, events
    from .errors import ATCError, ExponentialMultiplierWarning, KernelError, PriceError, StateError
    from .frames.resampling import resample
    from .frames.tables import atc
    from .lanes import calibration, weight_table
    from .live.panel import PanelStream
    from .live.resampler import Resampler
    from .live.stream import Stream
    from .multiplier import exponential_multiplier
    from .scans.ranking import rank
    from .scans.scanner import scan
    from .signals import (
        compute_atc_signals,
        compute_atc_signals_specialized,
        get_array_fn,
        get_specialized_fn,
        is_config_specializable,
    )
    from .sweeps.accounts import Equity, equity
    from .sweeps.search import sweep
    from .sweeps.walk import WalkForward, walk_forward
    from .tradingview.check import ChartCheck, verify_chart
    from .watch.opened import WatchState, watch_state

_MODULES = {
    **{
        name: name
        for name in (
            "compat",
            "config",
            "dask",
            "dataset",
            "datasets",
            "dispatch",
            "errors",
            "hotpaths",
            "reference",
        )
    },
    "saving": "live.saved",
}
"""Public modules that are attributes of this one: an earlier name of theirs stays."""

_HOMES = {
    "charts.page": ("Chart", "chart"),
    "charts.screener": ("Screener", "screener"),
    "charts.sweep_page": ("SweepPage", "plot_sweep"),
    "config": ("MOVING_AVERAGES", "ATCConfig", "Structure", "lookback"),
    "config.preset_file": ("Preset",),
    "dispatch": ("KernelInfo", "kernels", "list_presets"),
    "engine.direction": ("alerts", "direction", "events"),
    "errors": ("ATCError", "ExponentialMultiplierWarning", "KernelError", "PriceError", "StateError"),
    "frames.resampling": ("resample",),
    "frames.tables": ("atc",),
    "lanes": ("calibration", "weight_table"),
    "live.panel": ("PanelStream",),
    "live.resampler": ("Resampler",),
    "live.stream": ("Stream",),
    "multiplier": ("exponential_multiplier",),
    "scans.ranking": ("rank",),
    "scans.scanner": ("scan",),
    "signals": (
        "compute_atc_signals",
        "compute_atc_signals_specialized",
        "get_array_fn",
        "get_specialized_fn",
        "is_config_specializable",
    ),
    "sweeps.accounts": ("Equity", "equity"),
    "sweeps.search": ("sweep",),
    "sweeps.walk": ("WalkForward", "walk_forward"),
    "tradingview.check": ("ChartCheck", "verify_chart"),
    "watch.opened": ("WatchState", "watch_state"),
}
"""The names that each module gives to this page. It is imported when one of them is asked for, so that the
command line starts without NumPy."""

_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

if not _TYPE_CHECKING:

    def __getattr__(name: str) -> _Any:
        from importlib import import_module

        if name in _MODULES:
            return import_module(f"{__name__}.{_MODULES[name]}")
        if name in _HOME_OF:
            value = getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
            globals()[name] = value
            return value
        problem = f"module {__name__!r} has no attribute {name!r}"
        if not name.startswith("_"):
            from .text import suggestion

            problem = f"{problem}; {suggestion(name, [*__all__, *_MODULES])}"
        raise AttributeError(problem, name=name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_MODULES})


__all__ = [
    "MOVING_AVERAGES",
    "ATCConfig",
    "ATCError",
    "Chart",
    "ChartCheck",
    "Equity",
    "ExponentialMultiplierWarning",
    "KernelError",
    "KernelInfo",
    "PanelStream",
    "Preset",
    "PriceError",
    "Resampler",
    "Screener",
    "StateError",
    "Stream",
    "Structure",
    "SweepPage",
    "WalkForward",
    "WatchState",
    "__version__",
    "alerts",
    "atc",
    "calibration",
    "chart",
    "compute_atc_signals",
    "compute_atc_signals_specialized",
    "datasets",
    "direction",
    "equity",
    "events",
    "exponential_multiplier",
    "get_array_fn",
    "get_specialized_fn",
    "hotpaths",
    "is_config_specializable",
    "kernels",
    "list_presets",
    "lookback",
    "plot_sweep",
    "rank",
    "resample",
    "scan",
    "screener",
    "sweep",
    "verify_chart",
    "walk_forward",
    "watch_state",
    "weight_table",
]

if _os.environ.get("ATC_CY_RECORD"):
    from .engine import recording as _recording

    _recording.record_process(_os.environ["ATC_CY_RECORD"])
