"""`atc-cy verify-chart`: compares a chart that TradingView exported with the numbers of atc_cy."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..files.opening import name_of
from .common import FAILED, OK, SOME_FAILED, config_of, format_of
from .console import say
from .options import Commands, add_config, add_format


def add_command(commands: Commands) -> None:
    """Add the command."""
    added = commands.add(
        "verify-chart",
        _verify_chart,
        "Compare a chart that TradingView exported with the numbers of atc_cy, and find its "
        "settings. Exit code: 0 if the chart agrees with the settings given, 3 if it agrees with others, "
        "which are reported, 1 if it agrees with none.",
        "atc-cy verify-chart EXPORT.csv",
    )
    added.add_argument(
        "export", type=Path, metavar="EXPORT", help="the exported file, or - for standard input"
    )
    added.add_argument(
        "--source",
        metavar="NAME",
        help="what the moving averages should run on: a column, or hl2, hlc3, ohlc4, hlcc4; default: "
        "the price",
    )
    added.add_argument(
        "--arrows",
        nargs=2,
        metavar=("LONG", "SHORT"),
        help="the columns of the arrows; default: those with such names",
    )
    add_config(added)
    add_format(added, verbose=False)


def _verify_chart(options: argparse.Namespace) -> int:
    from ..tradingview.check import check_export
    from ..tradingview.export import read_export

    config = config_of(options)
    try:
        export = read_export(
            options.export, options.column, format_of(options), options.arrows, options.source
        )
        found = check_export(export, config)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name_of(options.export)}: {error}") from None
    say(str(found))
    if found.agrees:
        say("the chart agrees with the settings given")
        return OK
    return SOME_FAILED if found.fits else FAILED
