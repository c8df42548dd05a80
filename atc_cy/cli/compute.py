"""`atc-cy compute`: all outputs for each bar of a file."""

from __future__ import annotations

import argparse

from ..errors import PriceError
from .common import FAILED, NOTHING_SHOWN, OK, SymbolError, config_of, several_series, shown
from .console import warn, write_data
from .options import Commands, add_files, price_options, record_options, shown_options
from .values import table_or_dash


def add_command(commands: Commands) -> None:
    """Add the command."""
    compute = commands.add(
        "compute",
        _compute,
        "Write all outputs for each bar of one symbol to a file, such as CSV.",
        "atc-cy compute BTC.csv -o signals.csv",
        price_options(),
        shown_options(),
        record_options(),
    )
    add_files(compute, "one file, as for 'atc-cy scan', or a symbol that 'atc-cy datasets' lists")
    compute.add_argument(
        "-o",
        "--output",
        type=table_or_dash,
        metavar="OUT",
        required=True,
        help="file to write: .csv, .jsonl, .parquet, .feather or .xlsx; - for CSV on standard output",
    )


def _compute(options: argparse.Namespace) -> int:
    import pandas as pd

    from ..files.writing import csv_text, write_table
    from ..frames.tables import atc

    config = config_of(options)
    tables = {}
    with several_series(options) as symbols:
        for name, prices in symbols.items():
            if prices.series.empty:  # all rows of the symbol are later than --until
                continue
            try:
                tables[name] = atc(prices.series, config, src=prices.src)
            except PriceError as error:
                raise SymbolError(name, error) from None
            tables[name].insert(0, "close", prices.series)
            if len(symbols) > 1:
                tables[name].insert(0, "symbol", name)
            tables[name] = tables[name][shown(options, tables[name].index)]
    if all(table.empty for table in tables.values()):
        warn(NOTHING_SHOWN)
        return FAILED
    table = pd.concat(tables.values())
    if options.output is None:
        write_data(csv_text(table, "date"))
    else:
        write_table(options.output, table, "date")
    return OK
