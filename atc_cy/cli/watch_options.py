"""The options of `atc-cy watch`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ..config import MOVING_AVERAGES
from ..text import suggestion
from .logs import FORMATS, LEVELS
from .market import add_symbols, check_symbols
from .options import add_config, add_format, add_freqtrade, add_refused
from .values import count, file_or_dash, moment, program, seconds, timeframe

if TYPE_CHECKING:
    from ..files.bounds import Bound

HISTORY = 1_000
"""How many candles `watch` begins with: many times the lookback of the slowest default lane."""


def add_options(watch: argparse.ArgumentParser) -> None:
    """Add the options."""
    watch.add_argument(
        "file",
        nargs="?",
        type=file_or_dash,
        metavar="FILE",
        help="CSV in any form, or JSON lines, the oldest bar first, with symbol, time, close and, if the "
        "averages run on another series, src; without a symbol, the file is one symbol, named after it "
        "(default, and for -: standard input)",
    )
    watch.add_argument("--follow", action="store_true", help="at the end of FILE, wait for more rows")
    read = add_format(watch, verbose=False)
    read.add_argument(
        "--source",
        metavar="NAME",
        help="what the moving averages run on: a column, hl2, hlc3, ohlc4 or hlcc4; default: the "
        "column src if FILE has it, otherwise the price (--source close)",
    )
    add_refused(
        watch,
        ("closed_only", "until"),
        "is not for watch, whose rows are bars that have closed, and which ends where its feed ends",
    )
    watch.add_argument(
        "--first-bar",
        type=moment,
        metavar="TIME",
        help="leave out earlier rows of FILE, so that the equities begin at this bar",
    )
    watch.add_argument(
        "--since",
        type=moment_or_now,
        metavar="TIME",
        help="report only events from this time on; now: for each symbol, from the start of the run "
        "that saw it first",
    )
    add_freqtrade(watch)
    _add_events(watch)
    _add_exchange(watch)
    _add_timeframe(watch)
    _add_numbers(watch)
    watch.add_argument(
        "--live",
        action="store_true",
        help="keep a table of the symbols on screen, with errors, and events without -o, above it; "
        "without a terminal, print lines",
    )
    _add_operation(watch)
    watch.add_argument(
        "--verbose",
        action="store_true",
        help="at the end, report how many bars and events there were, and how many rows of each symbol "
        "were skipped",
    )


def _add_exchange(watch: argparse.ArgumentParser) -> None:
    exchange = watch.add_argument_group("bars of an exchange, instead of FILE (pip install 'atc_cy[live]')")
    exchange.add_argument(
        "--exchange", metavar="NAME", help="the exchange as ccxt spells it, such as binance"
    )
    add_symbols(exchange)
    exchange.add_argument(
        "-t", "--timeframe", metavar="LENGTH", help="the length of a candle: 1m, 4h, 1d; also for --datadir"
    )
    exchange.add_argument(
        "--every",
        type=seconds,
        metavar="SECONDS",
        help="the time between two polls, to follow the open candle; default: one poll at the end of "
        "each candle",
    )
    exchange.add_argument(
        "--keep-going",
        action="store_true",
        help="leave out symbols that the exchange does not have; by default they are an error at the start",
    )
    exchange.add_argument("--polls", type=count, metavar="N", help="stop after N polls")
    exchange.add_argument(
        "--history",
        type=count,
        metavar="N",
        help=f"how many candles a new symbol starts with, whose events are not reported; default: {HISTORY}",
    )
    exchange.add_argument("--no-open", action="store_true", help="do not report the open candle at each poll")


def _add_timeframe(watch: argparse.ArgumentParser) -> None:
    higher = watch.add_argument_group("bars of a higher timeframe, made from the rows of FILE")
    higher.add_argument(
        "--resample",
        type=timeframe,
        metavar="TIMEFRAME",
        help="such as 4h; a bar counts once it has closed: with the first row of the next bar, or with "
        "its own last row if -t gives the length of the rows",
    )
    higher.add_argument(
        "--origin", default="00:00", metavar="HH:MM", help="the time at which a day begins; default: 00:00"
    )


def _add_numbers(watch: argparse.ArgumentParser) -> None:
    add_config(watch)
    watch.add_argument(
        "--alert-from",
        choices=("Average", *MOVING_AVERAGES),
        action="append",
        help="the output whose crossings are events; can be given several times; default: Average",
    )


def _add_events(watch: argparse.ArgumentParser) -> None:
    events = watch.add_argument_group("where events go")
    events.add_argument("--format", choices=("table", "json"), help="default: a table, or JSON lines with -o")
    events.add_argument(
        "-o",
        "--output",
        type=file_or_dash,
        metavar="OUT",
        help="append events to OUT instead of printing them",
    )
    events.add_argument(
        "--exec",
        type=program,
        metavar="COMMAND",
        help="also run this for each event, without a shell. Its environment has ATC_SYMBOL, ATC_TIME, "
        "ATC_EVENT (long or short), ATC_PRICE, ATC_AVERAGE_SIGNAL and ATC_ALERT_ID, which is the same when "
        "an event is reported again; its input is the event as JSON",
    )
    events.add_argument(
        "--exec-timeout",
        type=seconds,
        default=30.0,
        metavar="SECONDS",
        help="the time after which COMMAND is killed; default: 30",
    )
    events.add_argument(
        "--notify",
        nargs="+",
        action="extend",
        default=[],
        metavar="URL",
        help="also send a message about each event to these services, as Apprise writes them: "
        "tgram://TOKEN/CHAT, mailto://…, ntfy://…, json://… (pip install 'atc_cy[notify]'). Other users of "
        "the machine can see these URLs, but not those in --notify-file and ATC_CY_NOTIFY",
    )
    events.add_argument("--notify-file", type=Path, metavar="FILE", help="a file with one such URL per line")
    events.add_argument(
        "--message",
        type=message,
        metavar="TEXT",
        help="the text to send; it may contain {symbol}, {event}, {price}, {average_signal}, {time} and {id}",
    )
    events.add_argument(
        "--alert-timeout",
        type=seconds_or_0,
        default=3_600.0,
        metavar="SECONDS",
        help="how long to retry an alert that could not be sent; 0: try once; default: 3600",
    )
    events.add_argument(
        "--state",
        type=Path,
        metavar="STATE",
        help="resume from this file, and keep it up to date. Give the feed again, or poll again: no "
        "bar is lost. OUT is cut to where the state was saved, so that no event is in it twice; "
        "elsewhere, only the last event before a kill can come twice",
    )


def _add_operation(watch: argparse.ArgumentParser) -> None:
    operation = watch.add_argument_group("operation (see docs/operations.md)")
    operation.add_argument(
        "--log-level",
        choices=LEVELS,
        default="info",
        help="the least level that is reported on standard error; default: info",
    )
    operation.add_argument(
        "--log-format",
        choices=FORMATS,
        default="plain",
        help="text adds times and levels, json writes one object per line; both end with counters; "
        "default: plain",
    )
    operation.add_argument(
        "--health",
        type=Path,
        metavar="FILE",
        help="keep this JSON file up to date with the last poll and the next one, and the last bar and "
        "last error of each symbol",
    )


def check(options: argparse.Namespace) -> None:
    """Refuse options that do not go together."""
    names = ("symbols", "symbols_file", "quote", "top_volume", "timeframe", "every", "polls", "history")
    polling = {f"--{name.replace('_', '-')}": getattr(options, name) for name in (*names, "keep_going")}
    if options.exchange is None:
        # --timeframe may be that of the rows.
        of_rows = "--timeframe" if options.resample or options.datadir else None
        unused = [name for name in polling if polling[name] and name != of_rows]
        if unused:
            options.usage(f"{unused[0]} needs --exchange")
    elif options.resample:
        options.usage(f"--resample is for FILE: an exchange has candles of --timeframe {options.resample}")
    if options.exchange is not None:
        source_of(options)
        for name in ("first_bar", "since"):
            if getattr(options, name) not in (None, "now"):
                name = name.replace("_", "-")
                options.usage(f"--{name} is for FILE: for an exchange, --history says where candles begin")
        if options.file is not None:
            given = f"--exchange {options.exchange} takes the place of FILE ({options.file})"
            options.usage(f"{given}: give only one of them")
        if options.datadir is not None:
            given = f"--exchange {options.exchange} takes the place of --datadir"
            options.usage(f"{given}: give only one of them")
        if options.timeframe is None:
            options.usage("--exchange needs --timeframe")
        check_symbols(options)
    if options.datadir is None and options.pairs:
        options.usage("--pairs needs --datadir")
    if options.datadir is not None and options.file is not None:
        options.usage(
            f"--datadir {options.datadir} takes the place of FILE ({options.file}): give only one of them"
        )
    if options.follow and options.file is None:
        options.usage("--follow needs FILE")


def source_of(options: argparse.Namespace) -> str | None:
    """The source of the averages, from an exchange's candles; None for the close."""
    from ..files.columns import CANDLE, CLOSE, SOURCES, folded

    known = (CLOSE, *CANDLE, *SOURCES)
    if options.source is None:
        return None
    name = folded(options.source)
    if name not in known:
        options.usage(
            f"--source {options.source} is not a part of a candle; {suggestion(options.source, known)}"
        )
    return None if name == CLOSE else name


def seconds_or_0(text: str) -> float:
    """A length of time, or 0 for none."""
    return 0.0 if text == "0" else seconds(text)


def moment_or_now(text: str) -> Bound | str:
    """A time that bounds rows, or "now"."""
    return text if text == "now" else moment(text)


def message(text: str) -> str:
    """A template of messages."""
    from ..watch.notify import checked_message

    try:
        return checked_message(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
