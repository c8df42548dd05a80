"""`atc-cy scan`: the latest signals of each symbol."""

from __future__ import annotations

import argparse
from collections.abc import Hashable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ..scans import STALE_STEPS
from . import dataset, screener
from .common import (
    FAILED,
    NOTHING_SHOWN,
    OK,
    SOME_FAILED,
    config_of,
    files_of,
    progress_bar,
    refuse_columns,
    settings_of,
    shipped,
    shipped_prices,
    shown,
    warn,
)
from .market import add_market, check_market, fetch_market, market_prices, refuse_files
from .options import Commands, add_files, price_options, record_options, shown_options, table_options
from .symbols import Symbols, draws_candles, symbols_of_files
from .values import age, count, sort_keys, strength, whole_or_0

if TYPE_CHECKING:
    import pandas as pd

    from ..config import ATCConfig
    from ..errors import PriceError


def add_command(commands: Commands) -> None:
    """Add the command."""
    scan = commands.add(
        "scan",
        _scan,
        "Show the last signal of each symbol, the strongest first.",
        "atc-cy scan --top 10 --min-signal 0.5",
        price_options(),
        shown_options(),
        table_options(),
        record_options(),
    )
    add_files(
        scan,
        "CSV, JSON, Excel, Parquet or Feather, a folder of them, or - for standard input; a file "
        "without a column of symbols is one symbol, named after the file; or a symbol that "
        "'atc-cy datasets' lists; default: the shipped ECB rates and stocks",
    )
    add_market(scan)
    _add_ranking(scan.add_argument_group("which symbols are shown, and in which order (see docs/scan.md)"))
    screener.add_page(scan)
    dataset.add_to_scan(scan)


def _add_ranking(ranking: Any) -> None:
    ranking.add_argument("--top", type=count, metavar="N", help="only the first N")
    ranking.add_argument(
        "--min-signal",
        type=strength,
        metavar="X",
        help="only symbols whose |Average_Signal| is at least X, 0 to 1",
    )
    ranking.add_argument("--direction", choices=("long", "short"), help="only symbols with this direction")
    ranking.add_argument(
        "--fresh",
        type=whole_or_0,
        metavar="N",
        help="only symbols that turned at most N bars ago; 0: on the last bar",
    )
    ranking.add_argument(
        "--max-age",
        type=age,
        metavar="AGE",
        help="leave out symbols whose last bar is older than the newest one by more than AGE, such as "
        "36h or 10D; stale: by more than five times their typical time between bars; any: leave out none; "
        "default: stale for a table without FILE, any otherwise",
    )
    ranking.add_argument(
        "--sort",
        type=sort_keys,
        default=[],
        metavar="KEY,…",
        help="strength, equity, fresh, symbol, signal or newest; symbols that are equal are sorted by "
        "the default: strength,equity,fresh,symbol",
    )


def _scan(options: argparse.Namespace) -> int:
    screener.check_page(options)
    if dataset.is_wanted(options):
        return dataset.run(options)
    config = config_of(options)
    symbols = _symbols(options)
    rows = _rows_until(options, symbols)
    if options.page:
        table, bars = screener.latest_bars(symbols, rows, config, options.bars)
    else:
        table = _standings(symbols, rows, config)
    _report_short(symbols, rows, config)
    for name, problem in symbols.problems.items():
        warn(f"{name}: {problem}")
    if table.empty:
        if not symbols.problems:
            warn(NOTHING_SHOWN)
        return FAILED
    if options.max_age is None:
        options.max_age = "stale" if symbols.shipped and not options.page else "any"
    ranked = _ranked(options, table)
    if options.page:
        screener.write_page(options, ranked, bars, symbols, config)
    else:
        _print(options, ranked)
    return SOME_FAILED if symbols.problems else OK


def _symbols(options: argparse.Namespace) -> Symbols:
    """The symbols of a dataset, of an exchange, of files, or those of the package."""
    check_market(options)
    if options.data is not None:
        symbols = Symbols()
        symbols.prices, symbols.problems = dataset.read_symbols(options)
        symbols.names = {name: name for name in symbols.prices}
        return symbols
    if options.exchange is not None:
        return _of_a_market(options)
    files = files_of(options)
    if files:
        return symbols_of_files(options, files, page=options.page)
    refuse_columns(options)
    return _of_the_package(options)


def _of_a_market(options: argparse.Namespace) -> Symbols:
    refuse_files(options)
    symbols = Symbols()
    fetched = fetch_market(options)
    symbols.problems.update(fetched.problems)
    for name, candles in fetched.candles.items():
        try:
            prices = market_prices(
                options, candles, fetched.now, drawn=options.page and draws_candles(options)
            )
            symbols.prices[name], symbols.names[name] = prices, name
        except ValueError as error:
            symbols.problems[name] = str(error)
    return symbols


def _of_the_package(options: argparse.Namespace) -> Symbols:
    symbols = Symbols()
    symbols.shipped = True
    for name, rows in shipped().items():
        try:
            prices = shipped_prices(options, rows, candles=options.page)
            symbols.prices[name], symbols.names[name] = prices, name
        except ValueError as error:
            symbols.problems[name] = str(error)
    return symbols


def _rows_until(options: argparse.Namespace, symbols: Symbols) -> dict[str, int]:
    """How many rows each symbol has up to the last one that is shown; symbols without any become problems."""
    until = {}
    for name, prices in symbols.prices.items():
        seen = shown(options, prices.series.index)
        if prices.series.size and prices.series.isna().all():
            symbols.problems[name] = "no row has a price"
        elif prices.series[seen].notna().any():
            until[name] = seen.nonzero()[0][-1] + 1
    return until


def _standings(symbols: Symbols, until: dict[str, int], config: ATCConfig) -> pd.DataFrame:
    """The signals of each symbol on its last bar that is shown; symbols that fail become problems."""
    from ..scans.scanner import scan

    failures: dict[Hashable, PriceError] = {}
    with progress_bar(sum(until.values())) as progress:
        table = scan(
            {name: symbols.prices[name].series[:rows] for name, rows in until.items()},
            config,
            outputs="last",
            src={
                name: None if (src := symbols.prices[name].src) is None else src[:rows]
                for name, rows in until.items()
            },
            progress=progress,
            failures=failures,
        )
    return symbols.named(table.drop([*failures]), failures)


def _report_short(symbols: Symbols, until: dict[str, int], config: ATCConfig) -> None:
    """Report the symbols that have too few bars for all averages, whose signals are 0 until then."""
    from ..config import lookback

    needed = max(lookback(config), config.cutout) + 1
    bars = {
        name: int(symbols.prices[name].series[:rows].notna().sum())
        for name, rows in until.items()
        if name not in symbols.problems
    }
    short = [f"{symbols.names[name]} ({count})" for name, count in bars.items() if count < needed]
    if short:
        some = ", ".join(short[:5]) + (", …" if len(short) > 5 else "")
        warn(f"too few bars for all averages and equities, which need {needed}: {some}")


def _ranked(options: argparse.Namespace, table: pd.DataFrame) -> pd.DataFrame:
    """The symbols that the options ask for, in order."""
    from ..scans.ranking import rank

    max_age = None if options.max_age == "any" else options.max_age
    _report_left_out(table, max_age)
    ranked = rank(
        table,
        options.sort,
        direction=options.direction,
        fresh=options.fresh,
        min_signal=options.min_signal or 0.0,
        max_age=max_age,
    ).head(options.top)
    if ranked.empty:
        warn(f"none of {len(table)} symbols matches the options")
    return ranked


def _print(options: argparse.Namespace, ranked: pd.DataFrame) -> None:
    from ..engine.direction import DIRECTIONS
    from .tables import print_table

    dates = [_day_or_time(date) for date in ranked["date"]]
    if options.format == "table":  # no terminal is too narrow for the mark
        stale = ranked["stale"].fillna(False)
        dates = [f"{date} (stale)" if old else date for date, old in zip(dates, stale, strict=True)]
    shown_table = ranked.assign(date=dates, direction=ranked["direction"].map(DIRECTIONS))
    print_table(
        shown_table[_columns(shown_table, options.format)],
        options.format,
        f"Adaptive Trend Classification, {settings_of(options)}",
    )


def _columns(table: pd.DataFrame, format_: str) -> list[str]:
    """The columns to print: of the equities only their mean, by which equal signals are sorted."""
    first = ["symbol", "date", "close", "Average_Signal", "direction", "bars_since_event"]
    signals = [name for name in map(str, table) if name.endswith("_Signal") and name not in first]
    last = ["mean_equity"] if format_ == "table" else ["mean_equity", "stale"]
    return [*first, *signals, *last]


def _report_left_out(table: pd.DataFrame, max_age: str | timedelta | None) -> None:
    """Report the symbols that are too old to be shown."""
    import pandas as pd

    from ..scans.ranking import too_old

    old = table["symbol"][too_old(table, max_age)].tolist()
    if not old:
        return
    newest = table["date"].iloc[pd.to_datetime(table["date"], utc=True).argmax()]
    if isinstance(max_age, timedelta):
        limit = f"older than {_day_or_time(newest - max_age)}"
    else:
        limit = f"more than {STALE_STEPS} typical steps older than the newest, {_day_or_time(newest)}"
    some = ", ".join(old[:5]) + (", …" if len(old) > 5 else "")
    many = "1 symbol" if len(old) == 1 else f"{len(old)} symbols"
    warn(f"{many} left out: last bar {limit}: {some}; --max-age any shows all")


def _day_or_time(time: Any) -> Any:
    """A time as the table shows it: a date alone, if it is at midnight."""
    return time.date() if time == time.normalize() else time
