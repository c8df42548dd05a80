"""`atc-cy sweep`: what trading each config of a grid would have earned."""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..config import unknown
from ..config.config import FIELDS
from ..errors import PriceError
from ..sweeps import METRICS, RULES
from ..text import value_from_text
from .common import OK, SymbolError, config_of, progress_bar, several_series
from .options import Commands, add_files, decimal, price_options, record_options, table_options, whole

if TYPE_CHECKING:
    import pandas as pd

_MOST_VALUES = 100_000


def add_command(commands: Commands) -> None:
    """Add it."""
    added = commands.add(
        "sweep",
        _sweep,
        "What trading each config of a grid would have earned, the best first.",
        "atc-cy sweep BTC.csv -g La=0:0.1:11 -g robustness=Narrow,Wide --by sharpe --top 5",
        price_options(),
        table_options(),
        record_options(),
    )
    add_files(added, "as for 'atc-cy scan'; one, with one symbol or more")
    added.add_argument(
        "-g",
        "--grid",
        type=_axis,
        action="append",
        required=True,
        metavar="FIELD=VALUES",
        help="what to try, once a field: values between commas (moving_averages=EMA+KAMA,EMA), or "
        "first:last:count, evenly apart; of several fields, all combinations",
    )
    added.add_argument("--by", choices=METRICS, default="sharpe", help="the order; by default: sharpe")
    added.add_argument("--top", type=whole, metavar="N", help="only the N best")
    added.add_argument(
        "--rule", choices=RULES, default="long_short", help="what is traded: help(atc_cy.sweep)"
    )
    added.add_argument("--fees", type=decimal, default=0.0, metavar="X", help="part of the traded value")
    added.add_argument("--bars-per-year", type=decimal, default=252.0, metavar="N", help="by default: 252")
    added.add_argument("--threads", type=whole, metavar="N", help="by default: one a CPU")
    added.add_argument(
        "--results", type=Path, metavar="JSONL", help="keep each config that is done in this file"
    )
    added.add_argument("--resume", action="store_true", help="go on with --results, which is there already")


def _axis(text: str) -> tuple[str, list[Any]]:
    field, equals, values = text.partition("=")
    if not equals or field not in FIELDS:
        problem = f"there is no parameter {field!r}; {unknown(field, FIELDS)}"
        raise argparse.ArgumentTypeError(problem if equals else f"{text!r} must be as in La=0,0.02")
    if values.count(":") == 2:
        first, last, count = (value_from_text(field, value) for value in values.split(":"))
        if not isinstance(count, int) or not 1 <= count <= _MOST_VALUES or isinstance(first + last, str):
            raise argparse.ArgumentTypeError(f"{text!r} must be first:last:count, three numbers")
        import numpy as np

        return field, np.linspace(first, last, count).tolist()
    return field, [value_from_text(field, value) for value in values.split(",")]


def _grid(options: argparse.Namespace) -> dict[str, list[Any]]:
    """The values of each field; refuses options that do not go together."""
    grid: dict[str, list[Any]] = {}
    for field, values in options.grid:
        if field in grid:
            options.usage(f"--grid {field} is given twice: put all its values into one")
        grid[field] = values
    if options.top is not None and options.top < 1:
        options.usage(f"--top {options.top} must be a whole number above 0")
    if options.resume and options.results is None:
        options.usage("--resume needs --results")
    if options.results is not None and options.results.exists() and not options.resume:
        raise FileExistsError(f"{options.results} is there already: add --resume, or name another")
    return grid


def _sweep(options: argparse.Namespace) -> int:
    import pandas as pd

    from ..sweeps.search import sweep
    from .tables import print_table

    grid = _grid(options)
    config = config_of(options)
    configs = math.prod(len(values) for values in grid.values())
    tables: list[pd.DataFrame] = []
    with (
        several_series(options) as symbols,
        progress_bar(configs * sum(len(prices.series) for prices in symbols.values())) as progress,
    ):
        for name, prices in symbols.items():
            try:
                table = sweep(
                    prices.series,
                    grid,
                    config=config,
                    src=prices.src,
                    rule=options.rule,
                    fees=options.fees,
                    bars_per_year=options.bars_per_year,
                    threads=options.threads,
                    progress=progress,
                    results=options.results,
                )
            except PriceError as error:
                raise SymbolError(name, error) from None
            if len(symbols) > 1:
                table = pd.concat({name: table}, axis=1, names=["symbol", *table.columns.names])
            tables.append(table)
    best = (
        pd.concat(tables, axis=1)
        .T.sort_values(options.by, ascending=False, na_position="last", kind="stable")
        .head(options.top)
    )
    rows = best.reset_index().rename(columns=lambda name: str(name).removeprefix("atc_"))
    if "moving_averages" in rows:
        rows["moving_averages"] = rows["moving_averages"].map("+".join)
    rows["trades"] = rows["trades"].astype("int64")
    print_table(pd.DataFrame(rows), options.format, f"{configs} configs by {options.by}, {options.rule}")
    return OK
