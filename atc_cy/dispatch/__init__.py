"""Chooses the kernel that runs a structure on this CPU. Importing this package loads no kernel."""

from typing import Any

from ..config.installed import EXTENSIONS, list_presets, preset_structure
from ..errors import KernelError
from .loading import cpu, import_extension
from .protocol import Kernel, Panel, Symbol, Trend
from .table import (
    KernelInfo,
    best_kernel,
    generic_kernel,
    kernels,
    preset_kernel,
    specialized_kernel,
)

__all__ = [
    "EXTENSIONS",
    "Kernel",
    "KernelError",
    "KernelInfo",
    "Panel",
    "Symbol",
    "Trend",
    "best_kernel",
    "cpu",
    "generic_kernel",
    "import_extension",
    "kernels",
    "list_presets",
    "preset_kernel",
    "preset_structure",
    "specialized_kernel",
]


def __getattr__(name: str) -> Any:
    if name == "CPU":  # the earlier name of `cpu()`, when the CPU was chosen at import
        return cpu()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
