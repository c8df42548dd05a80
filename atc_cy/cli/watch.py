"""`atc-cy watch`: reports events as they happen."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from contextlib import closing, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from .common import OK, SOME_FAILED, config_of, files_of_freqtrade, format_of, warn
from .logs import logging_to_stderr
from .market import symbols_of
from .options import Commands, record_options
from .watch_options import HISTORY, add_options, check, source_of

if TYPE_CHECKING:
    from ..files.bounds import Bound
    from ..markets.exchange import Exchange
    from ..watch import Bar, Channel, Preview, Stop, Watch
    from .live_table import LiveTable


def add_command(commands: Commands) -> None:
    """Add the command."""
    watch = commands.add(
        "watch",
        _watch,
        "Report events as they happen, from bars that come one by one from a feed or an exchange.",
        "atc-cy watch --follow bars.csv --state bars.state -o events.jsonl",
        record_options(),
    )
    add_options(watch)


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
    from ..watch import Health, Output, Queue, SinceNow, StateFile, Stop, Watch
    from ..watch.reports import info

    check(options)
    files = None if options.datadir is None else files_of_freqtrade(options)
    config = config_of(options)
    exchange = _exchange(options)
    source = None if exchange is None else f"{options.exchange} {options.timeframe}"
    form = options.format or ("json" if options.output else "table")
    live = _live_table(options)
    log = logging_to_stderr("atc_cy.watch", options.log_level, options.log_format)
    report = log if live is None else live.reporting(log)
    health = None if options.health is None else Health(options.health, report)
    with (
        Stop() as stop,
        exchange or nullcontext(),
        live or nullcontext(),
        closing(Output(options.output, form, None if live is None else live.show)) as output,
        closing(StateFile(options.state)) if options.state else nullcontext() as state,
    ):
        alerts = Queue(_channels(options, live), options.alert_timeout, stop)
        watch = Watch(
            config,
            options.alert_from or "Average",
            output,
            alerts=alerts,
            state=state,
            source=source,
            resample=f"{options.resample} from {options.origin}" if options.resample else None,
            src=options.source,
            reports=SinceNow(time.time_ns()) if options.since == "now" else _from(options, options.since),
            report=report if health is None else health.report,
        )
        if health is not None:
            health.write(watch, must=True)
            watch.on_pause = partial(health.write, watch)
        if live is not None:
            live.watch = watch
        with alerts:
            if exchange is not None:
                _poll(options, watch, exchange, stop, live)
            else:
                _feed(options, watch, files, stop)
        watch.close()
    for line in alerts.summary():
        log(line)
    if options.verbose or options.log_format != "plain":
        for line in _counts(watch):
            log(info(line))
    for line in watch.skipped.summary(by_symbol=options.verbose):
        log(line)
    if stop.signal is not None:
        return 128 + stop.signal
    lost = alerts.waiting and not options.state
    return SOME_FAILED if watch.failed or lost else OK


def _counts(watch: Watch) -> list[str]:
    """The counts of a watch, for its end."""
    lines = [f"{watch.bars} bars, {watch.seen} seen before, {watch.events} events, {watch.failed} failures"]
    if watch.polls:
        lines.append(f"{watch.polls} polls, {watch.failed_polls} with errors")
    counts = watch.alerts.counts()
    if any(counts.values()):
        lines.append("alerts: " + ", ".join(f"{n} {name.replace('_', ' ')}" for name, n in counts.items()))
    return lines


def _channels(options: argparse.Namespace, live: LiveTable | None) -> dict[str, Channel]:
    """The receivers of events, by their names in a state."""
    from ..watch import Command, Notify, notify_urls
    from ..watch.notify import MESSAGE

    urls = notify_urls(options.notify, options.notify_file)
    if options.message and not urls:
        options.usage("--message needs --notify or --notify-file")
    message = options.message or MESSAGE
    channels: dict[str, Channel] = {
        f"notify {number}": Notify(number, url, message) for number, url in enumerate(urls, 1)
    }
    if options.exec:
        around = nullcontext if live is None else live.paused
        channels["exec"] = Command(options.exec, options.exec_timeout, around)
    return channels


def _feed(options: argparse.Namespace, watch: Watch, files: list[Path] | None, stop: Stop) -> None:
    """Take the bars of FILE or of --datadir."""
    from ..watch import Wanted, watch_feed, watch_files

    wanted, form, take = Wanted(options.column, options.source), format_of(options), _taker(options, watch)
    if files is not None:
        watch_files(watch, files, form, wanted, take, stop)
    else:
        watch_feed(watch, options.file, follow=options.follow, stop=stop, take=take, form=form, wanted=wanted)


def _from(options: argparse.Namespace, bound: Bound | None) -> Callable[[Bar], bool] | None:
    """Whether a bar is at this time or later, by --time-zone or else by the clock of its row."""
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
    """The function that takes the rows of a feed."""
    take = watch.take if options.resample is None else _resampled(options, watch)
    is_later = _from(options, options.first_bar)
    if is_later is None:
        return take

    def take_later(bar: Bar) -> None:
        if is_later(bar):
            take(bar)

    return take_later


def _resampled(options: argparse.Namespace, watch: Watch) -> Callable[[Bar], None]:
    """The function that takes the rows of a feed, and makes bars of them."""
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
    """The table of --live; None if it is not wanted, or there is no terminal to draw it on."""
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
    """Poll the exchange."""
    from ..watch import Poll
    from ..watch.reports import info

    def log_open(preview: Preview) -> None:
        watch.report(info(str(preview), preview.symbol))

    show = None if options.no_open else log_open if live is None else live.preview
    poll = Poll(
        watch,
        exchange,
        symbols_of(options, exchange),
        history=options.history or HISTORY,
        show=show,
        stop=stop,
        source=source_of(options),
        keep_going=options.keep_going,
    )
    poll.run(every=options.every, polls=options.polls)
