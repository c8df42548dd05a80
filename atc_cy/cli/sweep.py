"""`atc-cy sweep`: what each config of a grid would have earned, or the best ones on later bars."""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import PriceError
from ..sweeps import ALL_METRICS, METRICS, RULES, SEARCHES, TRADING_DAYS
from ..sweeps.grid import values_from_text
from ..text import suggestion
from .common import (
    FAILED,
    OK,
    SOME_FAILED,
    config_of,
    fields_given,
    files_of,
    progress_bar,
    warn,
)
from .options import Commands, add_files, add_refused, price_options, record_options, table_options
from .pages import add_page_options, page_wanted, write_page
from .symbols import Symbols, symbols_of_files
from .values import count, decimal, field_and_text, moment, whole

if TYPE_CHECKING:
    import pandas as pd

    from ..config import ATCConfig
    from ..files.prices import Prices
    from ..sweeps.walk import WalkForward

_OF_ALL_TRIALS = "deflated_sharpe"


def add_command(commands: Commands) -> None:
    """Add the command."""
    added = commands.add(
        "sweep",
        _sweep,
        "Trade each combination of some settings on paper, and rank them by their Sharpe ratio or another "
        "metric.",
        "atc-cy sweep BTC.csv -g La=0:0.1:11 -g robustness=Narrow,Wide --top 5 -o sweep.html",
        price_options(),
        table_options(),
        record_options(),
    )
    add_files(added, "one or more files, as for 'atc-cy scan', each with one or more symbols")
    added.add_argument(
        "-g",
        "--grid",
        type=_axis,
        action="append",
        required=True,
        metavar="FIELD=VALUES",
        help="the values to try of one field, separated by commas (moving_averages=EMA+KAMA,EMA), or "
        "evenly spaced as first:last:count (ema_len=10:30:21); give it again for another field, "
        "to try all combinations",
    )
    added.add_argument(
        "--by",
        choices=ALL_METRICS,
        default="sharpe",
        metavar="METRIC",
        help="the metric to sort by, and that a search improves; help(atc_cy.sweep) describes all; "
        "default: sharpe",
    )
    added.add_argument(
        "--metrics",
        type=_metrics,
        default=METRICS,
        metavar="NAMES",
        help=f"the metrics to show, separated by commas, or all; default: {','.join(METRICS)}",
    )
    added.add_argument("--top", type=whole, metavar="N", help="print only the best N")
    add_page_options(
        added.add_argument_group(
            "a page of all configs",
            "A map and a ranked table, instead of the printed one; --top or --format print that too.",
        )
    )
    _add_trading(added.add_argument_group("how configs are traded"))
    add_refused(
        added, ("since", "until"), "is not for sweep: --start and --stop bound the bars that are traded"
    )
    _add_search(added.add_argument_group("which configs are tried"))
    added.add_argument(
        "--threads", type=whole, metavar="N", help="how many threads; default: one for each CPU"
    )
    added.add_argument(
        "--results", type=Path, metavar="JSONL", help="append each finished config to this file"
    )
    added.add_argument("--resume", action="store_true", help="continue with an existing --results file")


def _add_trading(group: Any) -> None:
    group.add_argument(
        "--rule",
        choices=RULES,
        default="long_short",
        help="which positions are taken; help(atc_cy.sweep) describes the rules",
    )
    group.add_argument(
        "--fees",
        type=decimal,
        default=0.0,
        metavar="X",
        help="the fees, as a part of the traded value: 0.001 is 0.1 %%",
    )
    group.add_argument(
        "--slippage",
        type=decimal,
        default=0.0,
        metavar="X",
        help="by which part of the price each fill is worse",
    )
    group.add_argument(
        "--bars-per-year",
        type=decimal,
        metavar="N",
        help="such as 365 for daily bars of a market that never closes; default: 252",
    )
    group.add_argument(
        "--start",
        type=_time,
        metavar="TIME",
        help="trade from this time on; earlier bars warm up the indicator",
    )
    group.add_argument("--stop", type=_time, metavar="TIME", help="trade until before this time")
    group.add_argument(
        "--walk-forward",
        type=_lengths,
        metavar="TRAIN:TEST[:STEP]",
        help="choose the best config on TRAIN bars, trade it on the next TEST bars, and repeat from there",
    )
    group.add_argument(
        "--anchored", action="store_true", help="with --walk-forward, start all trainings at the same bar"
    )


def _add_search(group: Any) -> None:
    group.add_argument(
        "--search",
        choices=SEARCHES,
        default="grid",
        help="try all configs, some at random, or those that Optuna suggests (tpe: pip install "
        "'atc_cy[optimize]')",
    )
    group.add_argument(
        "--trials", type=count, metavar="N", help="how many configs to try for each symbol; not for a grid"
    )
    group.add_argument(
        "--seed", type=whole, default=0, metavar="N", help="the seed of random numbers; default: 0"
    )


def _axis(text: str) -> tuple[str, list[Any]]:
    field, values = field_and_text(text, "La=0,0.02")
    try:
        return field, values_from_text(field, values)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _metrics(text: str) -> tuple[str, ...]:
    if text == "all":
        return ALL_METRICS
    for name in (names := text.split(",")):
        if name not in ALL_METRICS:
            raise argparse.ArgumentTypeError(f"there is no metric {name!r}; {suggestion(name, ALL_METRICS)}")
    return tuple(dict.fromkeys(names))


def _time(text: str) -> str:
    """A time, as it is written."""
    moment(text)
    return text


def _lengths(text: str) -> list[int]:
    lengths = text.split(":")
    if not 2 <= len(lengths) <= 3:
        raise argparse.ArgumentTypeError(
            f"{text!r} must be two or three numbers of bars, written like 1000:250"
        )
    return [count(length) for length in lengths]


def _grid(options: argparse.Namespace) -> dict[str, list[Any]]:
    """The values of each field."""
    grid: dict[str, list[Any]] = {}
    given = fields_given(options)
    for field, values in options.grid:
        if field in grid:
            options.usage(f"--grid {field} is given twice: put all its values into one")
        grid[field] = values
        if field in given:
            options.usage(
                f"{field}={given[field]} would have no effect, because --grid has {field}: give only one of "
                "them"
            )
    return grid


def _check(options: argparse.Namespace) -> None:
    """Refuse options that do not go together."""
    walk = options.walk_forward is not None
    if options.top is not None and options.top < 1:
        options.usage(f"--top {options.top} must be a whole number above 0")
    if options.anchored and not walk:
        options.usage("--anchored needs --walk-forward")
    for name in ("top", "start", "stop"):
        if walk and getattr(options, name) is not None:
            options.usage(f"--{name} is not for --walk-forward: leave it out, or give --first-bar")
    if options.search == "grid" and options.trials is not None:
        options.usage("--trials needs --search random or --search tpe: all configs of a grid are tried")
    if options.search != "grid" and options.trials is None:
        options.usage(f"--search {options.search} needs --trials N: give how many configs to try")
    if (walk or options.search == "tpe") and options.by == _OF_ALL_TRIALS:
        options.usage(
            f"--by {options.by} compares a config with all others, so it cannot choose one while they are "
            "tried: give --by sharpe"
        )
    if options.resume and options.results is None:
        options.usage("--resume needs --results")
    if options.results is not None and options.results.exists() and not options.resume:
        raise FileExistsError(f"{options.results} exists already: add --resume, or name another file")


def _sweep(options: argparse.Namespace) -> int:
    import pandas as pd

    from ..sweeps.rows import ranked
    from .tables import print_table

    grid = _grid(options)
    _check(options)
    page = page_wanted(options)
    config, files = config_of(options), files_of(options)
    if not files:
        options.usage("give at least one FILE, or --datadir")
    symbols = symbols_of_files(options, files)
    found = _computed(options, symbols, grid, config)
    for problem in dict.fromkeys(symbols.problems.values()):  # a problem of several symbols once
        names = [name for name, other in symbols.problems.items() if other == problem]
        warn(f"{', '.join(names[:5])}{', …' if len(names) > 5 else ''}: {problem}")
    if not found:
        return FAILED
    _warn_of_another_year(options, symbols)
    rows = pd.concat([rows for _, rows in found.values()], ignore_index=True)
    title = f"{len(rows)} configs by {options.by}, {options.rule}"
    if options.walk_forward is not None:
        title = f"walking forward {':'.join(map(str, options.walk_forward))}, by {options.by}, {options.rule}"
    else:
        rows = ranked(rows, options.by)
    if "moving_averages" in rows:
        rows["moving_averages"] = rows["moving_averages"].map("+".join, na_action="ignore")
    if "trades" in rows:
        rows["trades"] = rows["trades"].astype("int64")
    if not page or options.top is not None or options.format != "table":
        first = [name for name in map(str, rows) if not name.startswith("train_")]
        print_table(pd.DataFrame(rows).head(options.top), options.format, title, first=first)
    if page:
        _write_page(options, {symbol: result for symbol, (result, _) in found.items()})
    return SOME_FAILED if symbols.problems else OK


def _computed(
    options: argparse.Namespace, symbols: Symbols, grid: dict[str, list[Any]], config: ATCConfig
) -> dict[str, tuple[pd.DataFrame | WalkForward, pd.DataFrame]]:
    """The result and the rows of each symbol; symbols that cannot be traded become problems."""
    trials = options.trials or math.prod(len(values) for values in grid.values())
    run = _walk_forward if options.walk_forward is not None else _configs
    found: dict[str, tuple[pd.DataFrame | WalkForward, pd.DataFrame]] = {}
    with progress_bar(trials * sum(len(prices.series) for prices in symbols.prices.values())) as progress:
        for name, prices in symbols.prices.items():
            given = {
                "config": config,
                "src": prices.src,
                "rule": options.rule,
                "fees": options.fees,
                "slippage": options.slippage,
                "bars_per_year": TRADING_DAYS if options.bars_per_year is None else options.bars_per_year,
                "search": options.search,
                "objective": "sharpe" if options.by == _OF_ALL_TRIALS else options.by,
                "trials": options.trials,
                "seed": options.seed,
                "threads": options.threads,
                "progress": progress,
                "results": options.results,
            }
            try:
                result, rows = run(options, prices, grid, given)
            except PriceError as error:
                symbols.problems[name] = prices.located(error)
            except ValueError as error:
                symbols.problems[name] = str(error)
            else:
                symbol = symbols.names[name]
                if len(symbols.names) + len(symbols.problems) > 1:
                    rows.insert(0, "symbol", symbol)
                found[name if symbol in found else symbol] = result, rows
    return found


def _warn_of_another_year(options: argparse.Namespace, symbols: Symbols) -> None:
    """Warn if the bars are not spaced like trading days, which are the default."""
    from ..sweeps.year import YEARLY, advice, pace_unlike_trading_days

    if options.bars_per_year is not None or YEARLY.isdisjoint([*options.metrics, options.by]):
        return
    for prices in symbols.prices.values():
        pace = pace_unlike_trading_days(prices.series.dropna().index)
        if pace is not None:
            warn(advice(pace, "--bars-per-year "))
            return


def _write_page(options: argparse.Namespace, found: dict[str, pd.DataFrame | WalkForward]) -> None:
    from ..charts.sweep_page import plot_sweep

    (title, *others) = found
    drawn = plot_sweep(
        found,
        by=None if options.walk_forward is not None else options.by,
        title=f"{title}, {options.rule}" if not others else f"{len(found)} symbols, {options.rule}",
    )
    write_page(options, drawn, title)


def _configs(
    options: argparse.Namespace, prices: Prices, grid: dict[str, list[Any]], given: dict[str, Any]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The table of a sweep, and one row per config."""
    from ..sweeps.running import nothing_is_best
    from ..sweeps.search import sweep

    shown = tuple(dict.fromkeys([*options.metrics, options.by]))
    table = sweep(prices.series, grid, metric=shown, start=options.start, stop=options.stop, **given)
    if table.loc[options.by].isna().all():
        raise nothing_is_best(options.by, table.shape[1])
    return table, table.T.reset_index().rename(columns=_field)


def _walk_forward(
    options: argparse.Namespace, prices: Prices, grid: dict[str, list[Any]], given: dict[str, Any]
) -> tuple[WalkForward, pd.DataFrame]:
    """The result of a walk forward, and one row per window, with a last one for all windows."""
    from ..sweeps.rows import rows_of_windows
    from ..sweeps.walk import walk_forward

    train, test, *step = options.walk_forward
    walk = walk_forward(
        prices.series, grid, train, test, step=step[0] if step else None, anchored=options.anchored, **given
    )
    metrics = [name for name in options.metrics if name != _OF_ALL_TRIALS]
    return walk, rows_of_windows(walk, metrics).rename(columns=_field)


def _field(name: Any) -> str:
    return str(name).removeprefix("atc_")
