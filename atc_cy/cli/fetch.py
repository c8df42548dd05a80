"""`atc-cy fetch`: candles of an exchange, or of stocks, into a folder."""

from __future__ import annotations

import argparse
from pathlib import Path

from .common import FAILED, OK, SOME_FAILED, warn
from .market import add_market, check_market, fetch_market
from .options import Commands
from .values import moment


def add_command(commands: Commands) -> None:
    """Add the command."""
    fetch = commands.add(
        "fetch",
        _fetch,
        "Fetch candles of an exchange or of stocks into a folder, which other commands read with --datadir.",
        "atc-cy fetch --exchange binance --quote USDT --top-volume 50 -t 4h --datadir candles",
    )
    add_market(fetch)
    fetch.add_argument("-t", "--timeframe", metavar="LENGTH", help="the length of a candle: 1m, 4h, 1d")
    fetch.add_argument("--first-bar", type=moment, metavar="TIME", help="fetch all candles from this time on")
    fetch.add_argument(
        "--datadir",
        type=Path,
        metavar="DIR",
        help="the folder of this exchange's files, in freqtrade's format; candles that have closed are "
        "added to it",
    )


def _fetch(options: argparse.Namespace) -> int:
    for name in ("exchange", "datadir"):
        if getattr(options, name) is None:
            options.usage(f"give --{name}")
    check_market(options)
    fetched = fetch_market(options)
    for symbol, problem in fetched.problems.items():
        warn(f"{symbol}: {problem}")
    total = len(fetched.candles) + len(fetched.problems)
    warn(f"{len(fetched.candles)} of {total} symbols in {options.datadir}, {fetched.added} new candles")
    if not fetched.candles:
        return FAILED
    return SOME_FAILED if fetched.problems else OK
