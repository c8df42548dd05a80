"""`atc-cy chart`: a page to explore, or a picture."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ..charts import BEAR, BULL, THEMES
from ..files.opening import symbol_of
from .common import (
    OK,
    config_of,
    files_of,
    one_series,
    one_symbol,
    read_file,
    shipped_named,
    shipped_prices,
    shown,
    table_of,
)
from .options import Commands, add_files, price_options, record_options, shown_options
from .pages import add_page_options, page_wanted, write_page
from .values import whole

if TYPE_CHECKING:
    from ..files.prices import Prices


def add_command(commands: Commands) -> None:
    """Add the command."""
    added = commands.add(
        "chart",
        _chart,
        "Chart price, averages, events, signals and weights of one symbol, as a page or a picture.",
        "atc-cy chart USD -o USD.html",
        price_options(),
        shown_options(),
        record_options(),
    )
    add_files(
        added,
        "one file, as for 'atc-cy scan', or a symbol that 'atc-cy datasets' lists; columns open, "
        "high and low give candles",
    )
    add_page_options(added)
    added.add_argument(
        "--theme",
        choices=THEMES,
        default=THEMES[0],
        help="default: a page as the reader's system prefers, and a picture light",
    )
    added.add_argument(
        "--color-from",
        metavar="WHAT",
        default="Average",
        help="what colours the price and turns the direction: Average, or a type such as EMA; or "
        "direction, to colour by the direction of the average; default: Average",
    )
    added.add_argument("--labels", action="store_true", help="label each bar with the value that colours it")
    for name, colour, where in (("bull", BULL, "1"), ("bear", BEAR, "-1")):
        added.add_argument(
            f"--{name}", metavar="COLOUR", default=colour, help=f"the colour at {where}; default: {colour}"
        )
    added.add_argument(
        "--calibration",
        metavar="TYPE",
        help="draw the nine lanes of one type, such as EMA, instead of all types",
    )
    added.add_argument("--title", metavar="TEXT", help="default: the symbol, which is the name of the file")
    added.add_argument(
        "--bars",
        type=whole,
        default=250,
        metavar="N",
        help="how many of the latest bars are in view at first; default: 250",
    )


def _chart(options: argparse.Namespace) -> int:
    from ..charts.page import chart

    if not page_wanted(options):
        options.usage("give --output, --png, --open, or several")
    with one_series(options, _read) as (symbol, prices):
        name = symbol or symbol_of(files_of(options)[0])
        drawn = chart(
            table_of(prices),
            config_of(options),
            src=None if prices.src is None else "src",
            calibration=options.calibration,
            title=options.title or name,
            theme=options.theme,
            bars=options.bars,
            color_from=options.color_from,
            labels=options.labels,
            bull=options.bull,
            bear=options.bear,
        )
        bars = prices.series.notna() if prices.src is None else prices.series.notna() & prices.src.notna()
        drawn = drawn.part(shown(options, prices.series.index[bars]))
    write_page(options, drawn, name)
    return OK


def _read(options: argparse.Namespace, path: Path) -> tuple[str | None, Prices]:
    """The prices of a file or, if there is no file of this name, of a shipped symbol."""
    rows = shipped_named(options, path)
    if rows is not None:
        return None, shipped_prices(options, rows, candles=True)
    candles = options.column.lower() == "close"
    return one_symbol(read_file(options, path, candles=candles), options.symbol)
