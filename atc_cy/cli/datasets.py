"""`atc-cy datasets`: the shipped symbols."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..text import suggestion
from .common import OK, shipped
from .console import write_data
from .options import FORMATS, Commands


def add_command(commands: Commands) -> None:
    """Add the command."""
    summary = "List the shipped symbols, or write the prices of one."
    added = commands.add("datasets", _datasets, summary, "atc-cy datasets USD -o USD.csv")
    added.add_argument("symbol", nargs="?", metavar="SYMBOL", help="the symbol to write; default: list all")
    added.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="OUT",
        help="the file to write: .csv, .jsonl, .parquet, .feather or .xlsx; default: CSV on standard output",
    )
    added.add_argument("--format", choices=FORMATS, default="table", help="how the list is printed")


def _datasets(options: argparse.Namespace) -> int:
    import pandas as pd

    from ..files.writing import csv_text, write_table
    from .tables import print_table

    symbols = shipped()
    if options.symbol is None:
        if options.output is not None:
            options.usage("--output needs SYMBOL")
        rows = [
            {
                "symbol": symbol,
                "bars": len(prices),
                "first": prices.index[0].date(),
                "last": prices.index[-1].date(),
                "columns": " ".join(prices.columns),
            }
            for symbol, prices in symbols.items()
        ]
        print_table(
            pd.DataFrame(rows), options.format, "Shipped: ECB reference rates, and stocks of Quandl WIKI"
        )
    elif options.symbol not in symbols:
        options.usage(f"there is no symbol {options.symbol!r}; {suggestion(options.symbol, symbols)}")
    elif options.output is None:
        write_data(csv_text(symbols[options.symbol]))
    else:
        write_table(options.output, symbols[options.symbol], "date")
    return OK
