"""`atc-cy bench`: how fast preset kernels are."""

from __future__ import annotations

import argparse

from .common import OK
from .options import Commands, table_options
from .values import installed_preset


def add_command(commands: Commands) -> None:
    """Add the command."""
    summary = "Measure how fast preset kernels are on this machine, compared with the generic one."
    bench = commands.add("bench", _bench, summary, "atc-cy bench default", table_options())
    bench.add_argument(
        "presets",
        nargs="*",
        type=installed_preset,
        metavar="PRESET",
        help="the presets to measure; default: all that are installed",
    )


def _bench(options: argparse.Namespace) -> int:
    import pandas as pd

    from ..building.bench import compare
    from ..config.installed import list_presets
    from ..dispatch import preset_kernel, preset_structure
    from .tables import print_table

    comparisons = [
        compare(preset_kernel(preset, preset_structure(preset), fallback=False), live=live)
        for preset in options.presets or list_presets()
        for live in (False, True)
    ]
    rows = [
        {
            "preset": comparison.preset,
            "bars": "one by one" if comparison.live else "at once",
            "preset_ns": round(comparison.preset_ns, 1),
            "generic_ns": round(comparison.generic_ns, 1),
            "faster": round(comparison.ratio, 3),
            "quartiles": f"{comparison.low:.3f} - {comparison.high:.3f}",
        }
        for comparison in comparisons
    ]
    print_table(pd.DataFrame(rows), options.format, "CPU time a bar, all outputs")
    return OK
