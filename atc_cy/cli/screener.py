"""The page of `atc-cy scan`: its options, and how it is made from the symbols."""

from __future__ import annotations

import argparse
from collections.abc import Hashable
from typing import TYPE_CHECKING

from ..charts import BARS_OF_SCREENER, BEAR, BULL, THEMES
from .common import progress_bar, table_of
from .pages import add_page_options, page_wanted
from .pages import write_page as write
from .symbols import Symbols
from .values import count

if TYPE_CHECKING:
    import pandas as pd

    from ..config import ATCConfig
    from ..errors import PriceError
    from ..scans.latest import Latest


def add_page(scan: argparse.ArgumentParser) -> None:
    """Add the options of the page."""
    page = scan.add_argument_group("a page with a chart of each symbol, instead of the table")
    add_page_options(page)
    page.add_argument(
        "--bars",
        type=count,
        metavar="N",
        help=f"the latest N bars of each symbol; default: {BARS_OF_SCREENER}",
    )


def check_page(options: argparse.Namespace) -> None:
    """Set `options.page` to whether a page is wanted; refuse options that do not go together."""
    options.page = page_wanted(options)
    if not options.page:
        if options.bars is not None:
            options.usage("--bars is for a page: give --output, --png or --open too")
        return
    if options.format != "table":
        options.usage(
            f"--format {options.format} has no effect, because a page is written instead of a table"
        )


def latest_bars(
    symbols: Symbols, until: dict[str, int], config: ATCConfig, bars: int | None
) -> tuple[pd.DataFrame, dict[Hashable, Latest]]:
    """The signals of each symbol on its last bar that is shown, as for the table, and its latest bars.

    until: how many rows of each symbol are taken.
    """
    from ..engine.many import thread_count
    from ..scans.latest import latest
    from ..scans.symbols import Reading, data_of

    data = {name: table_of(symbols.prices[name])[:rows] for name, rows in until.items()}
    src = {name: "src" for name, table in data.items() if "src" in table}
    failures: dict[Hashable, PriceError] = {}
    found = data_of(data, Reading("close", src, None, None, sort=False), failures)
    with progress_bar(sum(until.values())) as progress:
        table, latest_of = latest(
            found, config, bars or BARS_OF_SCREENER, thread_count(None), progress, failures
        )
    return symbols.named(table, failures), latest_of


def write_page(
    options: argparse.Namespace,
    table: pd.DataFrame,
    bars: dict[Hashable, Latest],
    symbols: Symbols,
    config: ATCConfig,
) -> None:
    """Write the page of a table's symbols, or a picture of it, and open it, if that is wanted."""
    from ..charts.screener import Screener

    look = {"theme": THEMES[0], "bull": BULL, "bear": BEAR}
    drawn = Screener(table, bars, symbols.problems, config, None, look, symbols.names)
    write(options, drawn, "screener")
