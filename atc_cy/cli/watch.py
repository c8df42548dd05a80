"""`atc-cy watch`: events as they happen."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import closing, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from ..config import MOVING_AVERAGES
from ..text import suggestion
from .common import OK, SOME_FAILED, config_of, files_of_freqtrade, format_of, warn
from .options import Commands, add_config, add_format, add_freqtrade, add_refused, record_options
from .values import count, file_or_dash, moment, program, seconds, timeframe

if TYPE_CHECKING:
    from ..files.bounds import Bound
    from ..markets.exchange import Exchange
    from ..watch import Bar, Preview, Stop, Watch
    from .live_table import LiveTable

HISTORY = 1_000
"""Timeframes of an exchange that `watch` begins with: many times what the slowest default lane looks back."""


def add_command(commands: Commands) -> None:
    """Add it."""
    watch = commands.add(
        "watch",
        _watch,
        "Events as they happen: bars come from a feed or an exchange, one by one.",
        "atc-cy watch --follow bars.csv --state bars.state -o events.jsonl",
        record_options(),
    )
    watch.add_argument(
        "file",
        nargs="?",
        type=file_or_dash,
        metavar="FILE",
        help="CSV in any form, or JSON lines, the oldest bar first: symbol, time, close and, if the averages "
        "run on something else, src; without symbol, the file names it; by default, or for -: standard input",
    )
    watch.add_argument("--follow", action="store_true", help="wait for more at the end of FILE, which grows")
    add_format(watch, verbose=False)
    watch.add_argument(
        "--source",
        metavar="NAME",
        help="what the averages run on: a column, hl2, hlc3, ohlc4 or hlcc4; by default a column named src "
        "if FILE has one, else the price (--source close)",
    )
    add_refused(
        watch,
        ("closed_only", "until"),
        "is not for watch, whose rows are bars that have closed, and which ends where its feed ends",
    )
    watch.add_argument(
        "--first-bar", type=moment, metavar="TIME", help="leave out earlier rows of FILE: equities begin here"
    )
    watch.add_argument(
        "--since", type=moment, metavar="TIME", help="report events from this time on, of all bars of FILE"
    )
    add_freqtrade(watch)
    _add_exchange(watch)
    _add_timeframe(watch)
    _add_numbers(watch)
    _add_events(watch)
    watch.add_argument(
        "--live",
        action="store_true",
        help="draw a table of where each symbol stands; errors, and events without -o, stand above "
        "it; where there is no terminal: lines",
    )
    watch.add_argument(
        "--verbose",
        action="store_true",
        help="at the end, count bars and events, and each symbol's rows that were skipped",
    )


def _add_exchange(watch: argparse.ArgumentParser) -> None:
    exchange = watch.add_argument_group("bars of an exchange, instead of FILE (pip install 'atc_cy[live]')")
    exchange.add_argument("--exchange", metavar="NAME", help="as ccxt spells it: binance")
    exchange.add_argument("--symbols", nargs="+", metavar="SYMBOL", help="as ccxt spells them: BTC/USDT")
    exchange.add_argument(
        "-t", "--timeframe", metavar="LENGTH", help="of a candle: 1m, 4h, 1d; of --datadir, too"
    )
    exchange.add_argument(
        "--every",
        type=seconds,
        metavar="SECONDS",
        help="between two polls, of which there is also one at the end of each candle; "
        "by default: a tenth of a candle, 1 to 60",
    )
    exchange.add_argument("--polls", type=count, metavar="N", help="stop after N polls")
    exchange.add_argument(
        "--history",
        type=count,
        metavar="N",
        help=f"candles that a new symbol begins with, without telling their events; by default: {HISTORY}",
    )
    exchange.add_argument("--no-open", action="store_true", help="do not show the open candle at each poll")


def _add_timeframe(watch: argparse.ArgumentParser) -> None:
    higher = watch.add_argument_group("bars of a higher timeframe, made of the rows of FILE")
    higher.add_argument(
        "--resample",
        type=timeframe,
        metavar="TIMEFRAME",
        help="such as 4h; a bar counts once it has closed: when the first row of the next bar comes or, if "
        "-t gives the length of the rows, with its own last row",
    )
    higher.add_argument(
        "--origin", default="00:00", metavar="HH:MM", help="when a day begins; by default: 00:00"
    )


def _add_numbers(watch: argparse.ArgumentParser) -> None:
    add_config(watch)
    watch.add_argument(
        "--alert-from",
        choices=("Average", *MOVING_AVERAGES),
        default="Average",
        help="whose crossings are events; by default: Average",
    )


def _add_events(watch: argparse.ArgumentParser) -> None:
    events = watch.add_argument_group("where events go")
    events.add_argument(
        "--format", choices=("table", "json"), help="by default: a table, or JSON lines where -o is given"
    )
    events.add_argument(
        "-o", "--output", type=file_or_dash, metavar="OUT", help="append them to OUT, not to standard output"
    )
    events.add_argument(
        "--exec",
        type=program,
        metavar="COMMAND",
        help="also run this for each one, without a shell: ATC_SYMBOL, ATC_TIME, ATC_EVENT (long or short), "
        "ATC_PRICE and ATC_AVERAGE_SIGNAL are in its environment, and the event as JSON is its input",
    )
    events.add_argument(
        "--exec-timeout",
        type=seconds,
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


def _check(options: argparse.Namespace) -> None:
    """Refuse options that do not go together."""
    polling = {
        f"--{name}": getattr(options, name) for name in ("symbols", "timeframe", "every", "polls", "history")
    }
    if options.exchange is None:
        # It may be that of the rows.
        of_rows = "--timeframe" if options.resample or options.datadir else None
        unused = [name for name in polling if polling[name] and name != of_rows]
        if unused:
            options.usage(f"{unused[0]} needs --exchange")
    elif options.resample:
        options.usage(f"--resample is for FILE: an exchange has candles of --timeframe {options.resample}")
    if options.exchange is not None:
        _source(options)
        for name in ("first_bar", "since"):
            if getattr(options, name) is not None:
                name = name.replace("_", "-")
                options.usage(f"--{name} is for FILE: of an exchange, --history says where candles begin")
        if options.file is not None:
            options.usage(f"--exchange {options.exchange} takes the place of FILE ({options.file}): give one")
        if options.datadir is not None:
            options.usage(f"--exchange {options.exchange} takes the place of --datadir: give one")
        for name in ("--symbols", "--timeframe"):
            if polling[name] is None:
                options.usage(f"--exchange needs {name}")
    if options.datadir is None and options.pairs:
        options.usage("--pairs needs --datadir")
    if options.datadir is not None and options.file is not None:
        options.usage(f"--datadir {options.datadir} takes the place of FILE ({options.file}): give one")
    if options.follow and options.file is None:
        options.usage("--follow needs FILE")


def _exchange(options: argparse.Namespace) -> Exchange | None:
    """The exchange, if the bars come from one."""
    if options.exchange is None:
        return None
    from ..markets.exchange import Exchange

    try:
        return Exchange(options.exchange, options.timeframe)
    except ValueError as error:
        options.usage(str(error))
    return None


def _watch(options: argparse.Namespace) -> int:
    from ..watch import Command, Output, StateFile, Stop, Wanted, Watch, watch_feed, watch_files

    _check(options)
    files = None if options.datadir is None else files_of_freqtrade(options)
    config = config_of(options)
    exchange = _exchange(options)
    source = None if exchange is None else f"{options.exchange} {options.timeframe}"
    form = options.format or ("json" if options.output else "table")
    live = _live_table(options)
    with (
        Stop() as stop,
        exchange or nullcontext(),
        live or nullcontext(),
        closing(Output(options.output, form, None if live is None else live.show)) as output,
        closing(StateFile(options.state)) if options.state else nullcontext() as state,
    ):
        command = options.exec and Command(options.exec, options.exec_timeout)
        if command and live:
            command = live.pausing(command)
        watch = Watch(
            config,
            options.alert_from,
            output,
            command=command,
            state=state,
            source=source,
            resample=f"{options.resample} from {options.origin}" if options.resample else None,
            src=options.source,
            tells=_from(options, options.since),
            report=warn if live is None else live.report,
        )
        if live is not None:
            live.watch = watch
        wanted = Wanted(options.column, options.source)
        if exchange is not None:
            _poll(options, watch, exchange, stop, live)
        elif files is not None:
            watch_files(watch, files, format_of(options), wanted, _taker(options, watch), stop)
        else:
            watch_feed(
                watch,
                options.file,
                follow=options.follow,
                stop=stop,
                take=_taker(options, watch),
                form=format_of(options),
                wanted=wanted,
            )
    if options.verbose:
        warn(f"{watch.bars} bars, {watch.seen} seen before, {watch.events} events, {watch.failed} failures")
    for line in watch.skipped.summary(by_symbol=options.verbose):
        warn(line)
    if stop.signal is not None:
        return 128 + stop.signal
    return SOME_FAILED if watch.failed else OK


def _source(options: argparse.Namespace) -> str | None:
    """What the averages run on, of an exchange's candles; None: the close."""
    from ..files.columns import CANDLE, CLOSE, SOURCES, folded

    known = (CLOSE, *CANDLE, *SOURCES)
    if options.source is None:
        return None
    name = folded(options.source)
    if name not in known:
        options.usage(
            f"--source {options.source} is no part of a candle; {suggestion(options.source, known)}"
        )
    return None if name == CLOSE else name


def _from(options: argparse.Namespace, bound: Bound | None) -> Callable[[Bar], bool] | None:
    """Whether a bar is of this time or later, as --time-zone or else the clock of its own row has it."""
    from ..files.times import SECOND, read_time

    if bound is None:
        return None
    if options.time_zone is None and bound.needs_zone:
        wall = bound.moment.instant
        return lambda bar: bar.instant + (read_time(bar.time).offset or 0) * SECOND >= wall
    import pandas as pd

    first = bound.first(pd.DatetimeIndex([], tz=options.time_zone))
    return lambda bar: bar.instant >= first


def _taker(options: argparse.Namespace, watch: Watch) -> Callable[[Bar], None]:
    """What takes the rows of a feed."""
    take = watch.take if options.resample is None else _resampled(options, watch)
    is_later = _from(options, options.first_bar)
    if is_later is None:
        return take

    def take_later(bar: Bar) -> None:
        if is_later(bar):
            take(bar)

    return take_later


def _resampled(options: argparse.Namespace, watch: Watch) -> Callable[[Bar], None]:
    """What takes the rows of a feed to make bars of them."""
    from ..live.resampler import Resampler
    from ..watch import Resampled

    def make() -> Resampler:
        return Resampler(str(options.resample), origin=options.origin, step=options.timeframe)

    try:
        make()
    except ValueError as error:
        options.usage(str(error).replace("step=", "--timeframe=").replace("origin=", "--origin="))
    return Resampled(watch, make, options.time_zone, options.source).take


def _live_table(options: argparse.Namespace) -> LiveTable | None:
    """The table of --live; None: nobody wants it, or there is no terminal to draw it on."""
    if not options.live:
        return None
    from .live_table import LiveTable

    live = LiveTable()
    if live.can_be_drawn:
        return live
    warn("--live needs a terminal as standard output: events are printed as lines")
    return None


def _poll(
    options: argparse.Namespace, watch: Watch, exchange: Exchange, stop: Stop, live: LiveTable | None
) -> None:
    """Ask the exchange for bars, again and again."""
    from ..watch import Poll

    show = None if options.no_open else _warn_of_open if live is None else live.preview
    poll = Poll(
        watch,
        exchange,
        options.symbols,
        history=options.history or HISTORY,
        show=show,
        stop=stop,
        source=_source(options),
    )
    every = options.every or min(max(exchange.length / 10_000, 1.0), 60.0)
    poll.run(every=every, polls=options.polls)


def _warn_of_open(preview: Preview) -> None:
    warn(str(preview))
