"""What commands share: which prices, which config, how far they are, how they end."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .config import ATCConfig
from .dispatch import list_presets
from .errors import PriceError
from .files.prices import PriceFile, Prices, freqtrade_path, only_symbol, read_price_file
from .text import suggestion

FINE, FAILED, USAGE, SOME_FAILED = 0, 1, 2, 3
"""Exit codes; argparse itself exits with 2."""

LONG_WORK = 10_000_000
"""Bars from which a scan takes long enough, a second or so, to show how far it is."""


def complain(problem: str) -> None:
    print(f"atc-cy: {problem}", file=sys.stderr)


def prices_options() -> argparse.ArgumentParser:
    """A parent for commands that read prices; they have `files` besides, and `usage` for errors."""
    prices = argparse.ArgumentParser(add_help=False)
    add_config(prices)
    prices.add_argument(
        "--column", default="close", metavar="NAME", help="the price's column; by default: close"
    )
    prices.add_argument(
        "--source", metavar="NAME", help="the column that the averages run on; by default: the price"
    )
    prices.add_argument(
        "--symbol", metavar="NAME", help="of a file with a column symbol, the one to take; by default: all"
    )
    freqtrade = prices.add_argument_group("freqtrade's candles, instead of FILE")
    freqtrade.add_argument("--datadir", type=Path, metavar="DIR", help="such as user_data/data/binance")
    freqtrade.add_argument(
        "-p", "--pairs", nargs="+", metavar="PAIR", help="BTC/USDT; by default: all there are"
    )
    freqtrade.add_argument("-t", "--timeframe", metavar="LENGTH", help="of a candle: 1h")
    return prices


def add_config(options: Any) -> None:
    either = options.add_mutually_exclusive_group()
    either.add_argument(
        "--preset", type=installed_preset, default="default", help="see 'atc-cy presets'; by default: default"
    )
    either.add_argument("--config", type=Path, metavar="TOML", help="as ATCConfig.to_toml writes it")


def config_of(options: argparse.Namespace) -> ATCConfig:
    return ATCConfig.from_toml(options.config) if options.config else ATCConfig.from_preset(options.preset)


def installed_preset(name: str) -> str:
    if name not in list_presets():
        raise argparse.ArgumentTypeError(f"there is no preset {name!r}; {suggestion(name, list_presets())}")
    return name


def files_of(options: argparse.Namespace) -> list[Path]:
    """The files that are named, or those of freqtrade's candles."""
    if options.datadir is None:
        if options.pairs or options.timeframe:
            options.usage("--pairs and --timeframe need --datadir")
        return list(options.files)
    if options.files:
        options.usage(f"--datadir {options.datadir} takes the place of FILE ({options.files[0]}): give one")
    if options.timeframe is None:
        options.usage("--datadir needs --timeframe")
    if options.pairs:
        return [freqtrade_path(options.datadir, pair, options.timeframe) for pair in options.pairs]
    found = sorted(options.datadir.glob(f"*-{options.timeframe}.feather"))
    if not found:
        raise FileNotFoundError(f"{options.datadir} has no *-{options.timeframe}.feather")
    return found


def read_file(options: argparse.Namespace, path: Path, *, candles: bool = False) -> PriceFile:
    """The prices of each symbol of a file; what a user should know of how it was read is printed."""
    file = read_price_file(path, options.column, src=options.source, candles=candles)
    for note in file.notes:
        complain(f"{path}: {note}")
    return file


@contextmanager
def several_series(options: argparse.Namespace) -> Iterator[dict[str | None, Prices]]:
    """The prices of each symbol of the only file, or of the one of --symbol; None: the file names it.

    Errors name the file, and those of single prices the line.
    """
    path = _only_file(options)
    symbols: dict[str | None, Prices] = {}
    try:
        file = read_file(options, path)
        if options.symbol is None and not file.problems:
            symbols = file.symbols
        else:
            several = len(file.symbols) > 1 and options.symbol is None
            name = next(iter(file.problems)) if several else options.symbol
            symbols = dict([only_symbol(file, name)])
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path}: {error}") from None
    with _named(path, symbols):
        yield symbols


@contextmanager
def one_series(
    options: argparse.Namespace, read: Callable[[argparse.Namespace, Path], tuple[str | None, Prices]]
) -> Iterator[tuple[str | None, Prices]]:
    """The name and the prices of the only symbol; errors as from `several_series`."""
    path = _only_file(options)
    try:
        name, prices = read(options, path)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path}: {error}") from None
    with _named(path, {name: prices}):
        yield name, prices


def _only_file(options: argparse.Namespace) -> Path:
    paths = files_of(options)
    if len(paths) != 1:
        options.usage(f"give one FILE, or one pair, not {len(paths)}")
    return paths[0]


class SymbolError(ValueError):
    """A row of one symbol of a file that is not a valid price."""

    def __init__(self, symbol: str | None, error: PriceError) -> None:
        super().__init__(symbol, error)
        self.symbol, self.error = symbol, error


@contextmanager
def _named(path: Path, symbols: dict[str | None, Prices]) -> Iterator[None]:
    """Have errors name the file, the symbol and the line."""
    try:
        yield
    except SymbolError as error:
        name = "" if error.symbol is None else f"{error.symbol}: "
        raise ValueError(f"{path}: {name}{symbols[error.symbol].located(error.error)}") from None
    except PriceError as error:
        (prices,) = symbols.values()
        raise ValueError(f"{path}: {prices.located(error)}") from None


@contextmanager
def progress_bar(bars: int = LONG_WORK) -> "Iterator[Callable[[int, int], None] | None]":
    """A bar on the terminal while long work is done."""
    if bars < LONG_WORK or not sys.stderr.isatty():
        yield None
        return
    try:
        from rich.console import Console
        from rich.progress import Progress
    except ImportError:
        yield None
        return
    with Progress(console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("scanning", total=bars)
        yield lambda done, total: shown.update(task, completed=done, total=total)
