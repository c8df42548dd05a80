"""The command line, `atc-cy`."""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import sys
from collections.abc import Hashable, Iterator, Sequence
from contextlib import closing, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from . import cli_chart, cli_dataset, cli_datasets, cli_sweep, hotpaths
from ._version import __version__
from .cli_datasets import shipped
from .cli_presets import add_commands
from .cli_prices import (
    FAILED,
    FINE,
    SOME_FAILED,
    SymbolError,
    add_config,
    complain,
    config_of,
    files_of,
    installed_preset,
    prices_options,
    progress_bar,
    read_file,
    several_series,
)
from .cli_tables import FORMATS, print_table
from .config import MOVING_AVERAGES, ATCConfig
from .dispatch import kernels, list_presets
from .engine.direction import direction, events
from .errors import ATCError, PriceError
from .files.prices import PriceFile, Prices, only_symbol
from .files.tables import write_table
from .frames.tables import atc
from .markets.exchange import Exchange
from .scans import scan
from .watch import Command, Output, Poll, StateFile, Stop, Watch, watch_feed

if TYPE_CHECKING:
    import pandas as pd


HISTORY = 1_000
"""Timeframes of an exchange that `watch` begins with: many times what the slowest default lane looks back."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `atc-cy` with these arguments, the process's own by default; returns the exit code."""
    options = _parser().parse_args(arguments)
    usage = getattr(options, "record", None)
    try:
        with hotpaths.record(usage) if usage else nullcontext():
            code: int = options.run(options)
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # the reader, `head` say, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINE
    except KeyboardInterrupt:
        return 130
    except (OSError, TypeError, ValueError, ImportError, ATCError) as error:
        complain(str(error))
        return FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "atc-cy", description="Adaptive Trend Classification, exact to the last bit."
    )
    parser.add_argument("--version", action="version", version=f"atc-cy {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    prices = prices_options()
    table = argparse.ArgumentParser(add_help=False)
    table.add_argument("--format", choices=FORMATS, default="table")
    recorded = argparse.ArgumentParser(add_help=False)
    recorded.add_argument(
        "--record", type=Path, metavar="FILE", help="append to FILE what kernels did, for 'atc-cy hot'"
    )

    def command(name: str, run: Any, summary: str, example: str, *parents: Any) -> argparse.ArgumentParser:
        added = commands.add_parser(
            name, help=summary, description=summary, epilog=f"Example: {example}", parents=parents
        )
        added.set_defaults(run=run, usage=added.error)
        return added

    summary = "Where each symbol stands, the strongest first."
    scan = command("scan", _scan, summary, "atc-cy scan --top 10 --min-signal 0.5", prices, table, recorded)
    scan.add_argument(
        "files",
        nargs="*",
        type=Path,
        metavar="FILE",
        help="CSV, JSON lines (.jsonl), Parquet or Feather with a date and a close column, one symbol each, "
        "named after the file; without any: the shipped ECB rates and stocks",
    )
    scan.add_argument("--top", type=_count, metavar="N", help="only the N strongest")
    scan.add_argument(
        "--min-signal",
        type=_strength,
        default=0.0,
        metavar="X",
        help="only where |Average_Signal| is at least X, 0 to 1",
    )

    cli_dataset.add_options(scan)

    summary = "All outputs for each bar of one symbol, as CSV."
    compute = command("compute", _compute, summary, "atc-cy compute BTC.csv -o signals.csv", prices, recorded)
    compute.add_argument("files", nargs="*", type=Path, metavar="FILE", help="as for 'atc-cy scan'; one")
    compute.add_argument(
        "-o",
        "--output",
        type=_file,
        metavar="OUT",
        required=True,
        help="the file to write: .jsonl, .parquet, .feather, else CSV; - for CSV on standard output",
    )

    summary = "Events as they happen: bars come from a feed or an exchange, one by one."
    example = "atc-cy watch --follow bars.csv --state bars.state -o events.jsonl"
    _add_watch_options(command("watch", _watch, summary, example, recorded))

    command("presets", _presets, "The compiled kernels.", "atc-cy presets --format json", table)
    add_commands(command)
    cli_sweep.add_command(command, prices)
    cli_chart.add_command(command, prices)
    cli_datasets.add_command(command)

    summary = "A script that completes commands and options in your shell."
    completion = command(
        "completion", partial(_completion, parser), summary, "atc-cy completion bash > ~/.atc-cy.bash"
    )
    completion.add_argument("shell", choices=("bash", "zsh", "tcsh"))
    return parser


def _add_watch_options(watch: argparse.ArgumentParser) -> None:
    watch.add_argument(
        "file",
        nargs="?",
        type=_file,
        metavar="FILE",
        help="CSV with a header, or JSON lines, the oldest bar first: symbol, time (ISO 8601, or a number "
        "since 1970), close and, if the averages run on something else, src; without symbol, the file names "
        "it; by default, or for -: standard input",
    )
    watch.add_argument("--follow", action="store_true", help="wait for more at the end of FILE, which grows")

    exchange = watch.add_argument_group("bars of an exchange, instead of FILE (pip install 'atc_cy[live]')")
    exchange.add_argument("--exchange", metavar="NAME", help="as ccxt spells it: binance")
    exchange.add_argument("--symbols", nargs="+", metavar="SYMBOL", help="as ccxt spells them: BTC/USDT")
    exchange.add_argument("--timeframe", metavar="LENGTH", help="of a candle: 1m, 4h, 1d")
    exchange.add_argument(
        "--every",
        type=_seconds,
        metavar="SECONDS",
        help="between two polls, of which there is also one at the end of each candle; "
        "by default: a tenth of a candle, 1 to 60",
    )
    exchange.add_argument("--polls", type=_count, metavar="N", help="stop after N polls")
    exchange.add_argument(
        "--history",
        type=_count,
        metavar="N",
        help=f"candles that a new symbol begins with, without telling their events; by default: {HISTORY}",
    )
    exchange.add_argument("--no-open", action="store_true", help="do not show the open candle at each poll")

    numbers = watch.add_argument_group("what is computed")
    add_config(numbers)
    numbers.add_argument(
        "--alert-from",
        choices=("Average", *MOVING_AVERAGES),
        default="Average",
        help="whose crossings are events; by default: Average",
    )
    numbers.add_argument("--strategy-mode", action="store_true", help="one bar late, as a strategy can act")

    events = watch.add_argument_group("where events go")
    events.add_argument(
        "--format", choices=("table", "json"), help="by default: a table, or JSON lines where -o is given"
    )
    events.add_argument(
        "-o", "--output", type=_file, metavar="OUT", help="append them to OUT, not to standard output"
    )
    events.add_argument(
        "--exec",
        type=_arguments,
        metavar="COMMAND",
        help="also run this for each one, without a shell: ATC_SYMBOL, ATC_TIME, ATC_EVENT (long or short), "
        "ATC_PRICE and ATC_AVERAGE_SIGNAL are in its environment, and the event as JSON is its input",
    )
    events.add_argument(
        "--exec-timeout",
        type=_seconds,
        default=30.0,
        metavar="SECONDS",
        help="after which COMMAND is killed; by default: 30",
    )
    events.add_argument(
        "--state",
        type=Path,
        metavar="STATE",
        help="resume from this file, and keep it up to date: give the feed again, or go on polling, and no "
        "bar is lost; no event comes twice in OUT, which is cut to where the state was saved, and elsewhere "
        "only the last one before a kill can",
    )
    watch.add_argument(
        "--verbose",
        action="store_true",
        help="at the end, count bars and events, and each symbol's rows that were skipped",
    )


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} must be a whole number above 0")
    return int(text)


def _file(text: str) -> Path | None:
    """None stands for standard input or output."""
    return None if text == "-" else Path(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = np.nan
    if not 0 < seconds < np.inf:
        raise argparse.ArgumentTypeError(f"{text!r} must be a number above 0")
    return seconds


def _arguments(text: str) -> list[str]:
    try:
        arguments = shlex.split(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no command: {error}") from None
    if not arguments or shutil.which(arguments[0]) is None:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no command: there is no such program, or it may not be run"
        )
    return arguments


def _strength(text: str) -> float:
    try:
        strength = float(text)
    except ValueError:
        strength = np.nan
    if not 0 <= strength <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} must be a number from 0 to 1")
    return strength


def _scan(options: argparse.Namespace) -> int:
    import pandas as pd

    if cli_dataset.is_wanted(options):
        return cli_dataset.run(options)
    if options.symbol is not None and not options.files:
        options.usage("--symbol needs FILE")
    problems: dict[str, str] = {}
    if files := files_of(options):
        symbols, shown = _symbols_of_files(options, files, problems)
    else:
        # Raw stock prices jump at splits.
        symbols = {
            name: Prices(rows["adj_close" if "adj_close" in rows else "close"], None)
            for name, rows in shipped().items()
        }
        shown = {name: name for name in symbols}
    config = config_of(options)
    failures: dict[Hashable, PriceError] = {}
    with progress_bar(sum(len(prices.series) for prices in symbols.values())) as progress:
        results = scan(
            {name: prices.series for name, prices in symbols.items()},
            config,
            src={name: prices.src for name, prices in symbols.items()},
            progress=progress,
            failures=failures,
        )
    rows = []
    for name, prices in symbols.items():
        if name in failures:
            problems[name] = prices.located(failures[name])
        elif prices.series.isna().all():
            problems[name] = "there is no price in any row"
        else:
            rows.append(_standing(shown[name], prices.series, results[name], config))
    for name, problem in problems.items():
        complain(f"{name}: {problem}")
    if not rows:
        return FAILED
    table = pd.DataFrame(rows).astype({"bars_since_event": "Int64"})
    table["strength"] = table["Average_Signal"].abs()
    table = table.sort_values(["strength", "bars_since_event", "symbol"], ascending=[False, True, True])
    table = table[table["strength"] >= options.min_signal].head(options.top).drop(columns="strength")
    print_table(
        table,
        options.format,
        f"Adaptive Trend Classification, {options.config or f'preset {options.preset}'}",
    )
    return SOME_FAILED if problems else FINE


def _symbols_of_files(
    options: argparse.Namespace, files: list[Path], problems: dict[str, str]
) -> tuple[dict[str, Prices], dict[str, str]]:
    """The prices of each symbol, and its name; `problems` takes what cannot be read."""
    symbols: dict[str, Prices] = {}
    shown: dict[str, str] = {}
    for path in files:
        try:
            file = read_file(options, path)
            if options.symbol is not None:
                name, prices = only_symbol(file, options.symbol)
                file = PriceFile({name: prices}, {}, ())
        except (OSError, ValueError) as error:
            problems[str(path)] = str(error)
            continue
        for name, problem in file.problems.items():
            problems[_key(path, name)] = problem
        for name, prices in file.symbols.items():
            symbols[_key(path, name)] = prices
            shown[_key(path, name)] = name or path.stem
    return symbols, shown


def _key(path: Path, symbol: str | None) -> str:
    """How messages call a symbol of a file."""
    return str(path) if symbol is None else f"{path}: {symbol}"


def _standing(name: str, prices: pd.Series[float], result: pd.DataFrame, config: ATCConfig) -> dict[str, Any]:
    """The last bar of one symbol."""
    bars = prices.notna().to_numpy()
    last = prices[bars].index[-1]
    turns = np.flatnonzero(events(result, config=config)[bars])
    standing = {
        "symbol": name,
        "date": last.date() if last == last.normalize() else last,
        "close": prices[last],
        "Average_Signal": result["Average_Signal"][last],
        "direction": {1.0: "long", -1.0: "short"}.get(direction(result, config=config)[last]),
        "bars_since_event": int(bars.sum()) - 1 - int(turns[-1]) if turns.size else None,
    }
    return standing | {str(key): result[key][last] for key in result.columns if str(key).endswith("_Signal")}


def _compute(options: argparse.Namespace) -> int:
    import pandas as pd

    config = config_of(options)
    tables = {}
    with several_series(options) as symbols:
        for name, prices in symbols.items():
            try:
                tables[name] = atc(prices.series, config, src=prices.src)
            except PriceError as error:
                raise SymbolError(name, error) from None
            tables[name].insert(0, "close", prices.series)
            if len(symbols) > 1:
                tables[name].insert(0, "symbol", name)
    table = pd.concat(tables.values())
    if options.output is None:
        sys.stdout.write(table.to_csv(index_label="date"))
    else:
        write_table(options.output, table, "date")
    return FINE


def _watch(options: argparse.Namespace) -> int:
    polling = {
        f"--{name}": getattr(options, name) for name in ("symbols", "timeframe", "every", "polls", "history")
    }
    if options.exchange is None and any(polling.values()):
        options.usage(f"{next(name for name in polling if polling[name])} needs --exchange")
    if options.exchange is not None:
        if options.file is not None:
            options.usage(f"--exchange {options.exchange} takes the place of FILE ({options.file}): give one")
        for name in ("--symbols", "--timeframe"):
            if polling[name] is None:
                options.usage(f"--exchange needs {name}")
    if options.follow and options.file is None:
        options.usage("--follow needs FILE")

    config = config_of(options)
    if options.strategy_mode:
        config = config.override(strategy_mode=True)
    exchange = source = None
    if options.exchange is not None:
        try:
            exchange = Exchange(options.exchange, options.timeframe)
        except ValueError as error:
            options.usage(str(error))
        source = f"{options.exchange} {options.timeframe}"
    form = options.format or ("json" if options.output else "table")
    with (
        Stop() as stop,
        closing(Output(options.output, form)) as output,
        closing(StateFile(options.state)) if options.state else nullcontext() as state,
    ):
        command = options.exec and Command(options.exec, options.exec_timeout)
        watch = Watch(
            config, options.alert_from, output, command=command, state=state, source=source, report=complain
        )
        if exchange is None:
            watch_feed(watch, options.file, follow=options.follow, stop=stop)
        else:
            show = None if options.no_open else complain
            history = options.history or HISTORY
            poll = Poll(watch, exchange, options.symbols, history=history, show=show, stop=stop)
            every = options.every or min(max(exchange.length / 10_000, 1.0), 60.0)
            poll.run(every=every, polls=options.polls)
    if options.verbose:
        complain(
            f"{watch.bars} bars, {watch.seen} seen before, {watch.events} events, {watch.failed} failures"
        )
    for line in watch.skipped.summary(by_symbol=options.verbose):
        complain(line)
    if stop.signal is not None:
        return 128 + stop.signal
    return SOME_FAILED if watch.failed else FINE


def _completion(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    try:
        import shtab
    except ImportError:
        raise ImportError("completion needs shtab: pip install 'atc_cy[cli]'") from None
    for action in _actions(parser):
        if action.type in (Path, _file):
            action.complete = shtab.FILE  # type: ignore[attr-defined]
        elif action.type is installed_preset:
            action.choices = list_presets()
    print(shtab.complete(parser, options.shell))
    return FINE


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Of the parser and of those of its commands."""
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from _actions(command)


def _presets(options: argparse.Namespace) -> int:
    import pandas as pd

    rows = [
        {
            "preset": kernel.preset or "(generic)",
            "structure": str(kernel.structure or "any"),
            "description": kernel.description,
            "origin": kernel.origin,
            "cpu": kernel.cpu_level,
            "why": kernel.reason,
            "kernel": kernel.error or kernel.file,
        }
        for kernel in kernels()
    ]
    print_table(pd.DataFrame(rows), options.format, "Compiled kernels")
    return FAILED if any(kernel.error for kernel in kernels()) else FINE
