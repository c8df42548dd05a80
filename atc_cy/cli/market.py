"""What `scan` and `fetch` share: candles of an exchange, or of stocks."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .common import progress_bar, warn
from .options import FORMAT_OPTIONS, MARKET
from .values import count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..files.prices import Prices
    from ..markets.fetch import Fetched
    from ..markets.source import Candle, Source

HISTORY = 1_000
"""The default number of candles of a symbol: many times the lookback of the slowest default lane."""
_OF_MARKETS = ("symbols", "symbols_file", "quote", "top_volume", "history")


def add_market(command: argparse.ArgumentParser) -> None:
    """Add the options of an exchange; the command must add --timeframe and --first-bar too."""
    market = command.add_argument_group(MARKET)
    market.add_argument(
        "--exchange", metavar="NAME", help="the exchange as ccxt spells it, such as binance; yahoo for stocks"
    )
    add_symbols(market)
    market.add_argument(
        "--history",
        type=count,
        metavar="N",
        help=f"the latest N candles, including the open one; default: {HISTORY}",
    )


def add_symbols(market: Any) -> None:
    """Add the options that choose symbols; `symbols_of` reads them."""
    market.add_argument(
        "--symbols",
        nargs="+",
        metavar="SYMBOL",
        help="symbols as ccxt spells them, such as BTC/USDT; stocks, such as AAPL",
    )
    market.add_argument("--symbols-file", type=Path, metavar="LIST", help="a file with one symbol per line")
    market.add_argument(
        "--quote", metavar="CURRENCY", help="all symbols that are priced in this currency, such as USDT"
    )
    market.add_argument(
        "--top-volume", type=count, metavar="N", help="of those, the N with the largest daily volume"
    )


def check_symbols(options: argparse.Namespace) -> None:
    """Refuse options of `add_symbols` that do not go together."""
    chosen = options.quote or options.top_volume
    if bool(options.symbols or options.symbols_file) == bool(chosen):
        problem = "takes" if chosen else "needs"
        options.usage(f"--exchange {problem} either --symbols or --symbols-file, or --quote and --top-volume")


def symbols_of(options: argparse.Namespace, source: Source) -> list[str]:
    """The symbols that are wanted, each once.

    Raises
    ------
    ConnectionError
        The exchange must list them, but cannot be reached.
    ValueError
        There are no symbols.
    """
    from ..files.lists import read_list
    from ..markets.fetch import list_symbols

    if options.quote or options.top_volume:
        return list_symbols(source, options.quote, options.top_volume)
    listed = [] if options.symbols_file is None else read_list(options.symbols_file, "symbol")
    return [*dict.fromkeys([*(options.symbols or []), *listed])]


def check_market(options: argparse.Namespace) -> None:
    """Refuse options that do not go together."""
    if options.exchange is None:
        for name in _OF_MARKETS:
            if getattr(options, name):
                options.usage(f"--{name.replace('_', '-')} needs --exchange")
        return
    if options.timeframe is None:
        options.usage("--exchange needs --timeframe")
    check_symbols(options)
    if options.history and options.first_bar is not None:
        options.usage("--history and --first-bar both say where the candles begin: give only one of them")


def refuse_files(options: argparse.Namespace) -> None:
    """Refuse the options of a command that are for files, together with --exchange."""
    for name in ("files", "datadir", "pairs"):
        if getattr(options, name):
            options.usage(
                f"--exchange {options.exchange} takes the place of FILE and --datadir: give only one of them"
            )
    for name, default in {"symbol": None, **FORMAT_OPTIONS}.items():
        if getattr(options, name) != default:
            options.usage(f"--{name.replace('_', '-')} is for FILE, not for --exchange")


def _first(options: argparse.Namespace) -> int | None:
    """--first-bar in milliseconds, rounded up; candles are in UTC."""
    if options.first_bar is None:
        return None
    import pandas as pd

    return -(-int(options.first_bar.first(pd.DatetimeIndex([], tz="UTC"))) // 1_000_000)


def fetch_market(options: argparse.Namespace) -> Fetched:
    """Fetch the candles that --datadir or, without it, the cache does not have yet."""
    from ..markets.fetch import fetch
    from ..markets.folder import Folder, cache_path

    is_cache = options.datadir is None
    with _source(options) as source:
        path = cache_path() / source.name if is_cache else options.datadir
        folder = Folder(path, source.name, source.timeframe, is_cache=is_cache)
        try:
            symbols = symbols_of(options, source)
            with progress_bar(work="fetching") as progress:
                fetched = fetch(
                    source,
                    symbols,
                    folder,
                    history=options.history or HISTORY,
                    first=_first(options),
                    progress=progress,
                )
        except KeyboardInterrupt:
            warn(f"stopped; the candles that were fetched are in {path}, and the next run continues there")
            raise
    for note in fetched.notes:
        warn(note)
    return fetched


def _source(options: argparse.Namespace) -> Source:
    from ..markets.exchange import Exchange
    from ..markets.stocks import YAHOO, Stocks

    try:
        if options.exchange == YAHOO:
            return Stocks(options.timeframe)
        return Exchange(options.exchange, options.timeframe)
    except ValueError as error:
        options.usage(str(error))
        raise


def market_prices(
    options: argparse.Namespace, candles: Sequence[Candle], now: int, *, drawn: bool = False
) -> Prices:
    """The prices of a symbol's candles, by the rules for files. drawn: whether to add open, high and low.

    now: the time of the exchange's clock, in milliseconds since 1970.

    Raises
    ------
    ValueError
        No bar is left, or a column is missing.
    """
    from ..files.format import FOUND_OUT
    from ..files.prices import only_symbol, prices_of
    from ..files.tables import of_frame
    from ..markets.folder import frame_of
    from .common import span_of

    span = span_of(options)
    if span.closed_at is not None:
        span = span._replace(closed_at=now * 1_000_000)
    table = of_frame(frame_of(candles), options.exchange)
    file = prices_of(table, options.column, src=options.source, candles=drawn, span=span, form=FOUND_OUT)
    return only_symbol(file, None)[1]._replace(lines=None)
