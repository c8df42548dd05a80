"""`atc-cy presets`: the compiled kernels."""

from __future__ import annotations

import argparse

from .common import FAILED, OK
from .console import warn
from .options import Commands, table_options


def add_command(commands: Commands) -> None:
    """Add the command."""
    example = "atc-cy presets --format json"
    commands.add(
        "presets",
        _presets,
        "List the presets: each is a set of settings with its own compiled kernel.",
        example,
        table_options(),
    )


def _presets(options: argparse.Namespace) -> int:
    import pandas as pd

    from ..dispatch import kernels
    from .tables import print_table

    table = kernels()
    rows = [
        {
            "preset": kernel.preset or "(generic)",
            "structure": str(kernel.structure or "any"),
            "description": kernel.description,
            "origin": kernel.origin,
            "cpu": kernel.cpu_level,
            "why": kernel.reason,
            "kernel": kernel.error or kernel.file,
        }
        for kernel in table
    ]
    first = ("preset", "structure", "cpu", "origin", "description")
    print_table(pd.DataFrame(rows), options.format, "Compiled kernels", first=first)
    for row, kernel in zip(rows, table, strict=True):
        if kernel.error and options.format == "table":  # whose columns may be too many
            warn(f"{row['preset']}: {kernel.error}")
    return FAILED if any(kernel.error for kernel in table) else OK
