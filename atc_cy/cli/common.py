"""What commands share: reading prices and configs, progress, reports and exit codes."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..config import ATCConfig, load_fields
from ..config.config import FIELDS
from ..errors import PriceError
from ..files.opening import STANDARD_INPUT, name_of
from ..text import suggestion
from .console import warn as warn
from .options import FORMAT_OPTIONS

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from ..files.format import Format
    from ..files.prices import PriceFile, Prices
    from ..files.span import Span

OK, FAILED, USAGE, SOME_FAILED = 0, 1, 2, 3
"""Exit codes; argparse itself exits with 2."""

NOTHING_SHOWN = "no symbol has a bar between --since and --until"

LONG_WORK = 10_000_000
"""The number of bars from which a scan shows its progress: it takes about a second."""


def config_of(options: argparse.Namespace) -> ATCConfig:
    """The config that the options give. A command calls this once, and passes the config on."""
    in_file = load_fields(options.config) if options.config else {}
    given = fields_given(options)
    fields: dict[str, Any] = {**in_file, **given}
    try:
        return ATCConfig.from_preset(options.preset).override(**fields)
    except (TypeError, ValueError) as error:
        if given and not any(name in str(error) for name in in_file.keys() - given.keys()):
            options.usage(str(error))
        raise type(error)(f"{options.config}: {error}" if options.config else str(error)) from None


def fields_given(options: argparse.Namespace) -> dict[str, Any]:
    """The fields of a config that options set."""
    given = {name: value for name in FIELDS if (value := getattr(options, name)) is not None}
    for name, value in options.set:
        if name in given:
            options.usage(f"{name} is given twice: give it once, by --{name.replace('_', '-')} or --set")
        given[name] = value
    return given


def settings_of(options: argparse.Namespace) -> str:
    """The config as a table's title describes it."""
    source = str(options.config) if options.config else f"preset {options.preset}"
    return ", ".join([source, *(f"{name}={value}" for name, value in fields_given(options).items())])


def shipped_named(options: argparse.Namespace, path: Path) -> pd.DataFrame | None:
    """The rows of the shipped symbol of this name; None if there is such a file, or only a file can be meant.

    Raises
    ------
    FileNotFoundError
        There is neither a file nor a shipped symbol.
    """
    if path.exists() or path == STANDARD_INPUT or path.suffix or len(path.parts) > 1:
        return None
    symbols = shipped()
    if str(path) not in symbols:
        raise FileNotFoundError(
            f"there is neither a file nor a shipped symbol {str(path)!r}; {suggestion(path, symbols)}"
        )
    refuse_columns(options)
    return symbols[str(path)]


@cache
def shipped() -> dict[str, pd.DataFrame]:
    """Each shipped symbol's rows on their dates."""
    from ..datasets import load_ecb_fx, load_stocks

    return {
        str(symbol): rows.drop(columns="symbol").set_index("date")
        for frame in (load_ecb_fx(), load_stocks())
        for symbol, rows in frame.groupby("symbol")
    }


def shipped_prices(options: argparse.Namespace, rows: pd.DataFrame, *, candles: bool = False) -> Prices:
    """The prices of a shipped symbol: the adjusted ones of a stock, whose raw prices jump at splits."""
    from ..files.columns import CANDLE
    from ..files.prices import Prices

    price, held = "close", []
    if "adj_close" in rows:
        price, held = "adj_close", [*CANDLE] if candles else []
        rows = rows.assign(**rows[held].mul(rows["adj_close"] / rows["close"], axis=0))
    bars = span_of(options).bars(rows[[price, *held]], price)
    return Prices(bars[price], None, candles=bars[held] if held else None)


def table_of(prices: Prices) -> pd.DataFrame:
    """The columns of prices for `chart`: close, and open, high, low and src if there are any."""
    import pandas as pd

    columns = [prices.series.rename("close"), prices.candles]
    if prices.src is not None:
        columns.append(prices.src.rename("src"))
    return pd.concat(columns, axis=1)


def refuse_columns(options: argparse.Namespace) -> None:
    """Refuse the options about the columns and the format of files: shipped prices are not in a file."""
    of_files = {"column": "close", "source": None, "symbol": None, **FORMAT_OPTIONS}
    for name, default in of_files.items():
        if getattr(options, name) != default:
            options.usage(f"--{name.replace('_', '-')} needs FILE")


def format_of(options: argparse.Namespace) -> Format:
    """What the options say about how files are written."""
    from ..files.format import Format

    given = {name: getattr(options, name) for name in FORMAT_OPTIONS if name != "no_header"}
    try:
        return Format(**given, header=False if options.no_header else None)
    except ValueError as error:
        argument, _, problem = str(error).partition("=")
        options.usage(f"--{argument.replace('_', '-')} {problem}")
        raise


def files_of(options: argparse.Namespace) -> list[Path]:
    """The files that are named, those of folders that are named, or those of freqtrade's candles."""
    from ..files.opening import files_in

    if options.datadir is None:
        if options.pairs:
            options.usage("--pairs needs --datadir")
        if options.timeframe and not options.closed_only:
            options.usage("--timeframe needs --datadir, or --closed-only")
        folders = {path: files_in(path) for path in options.files if path.is_dir()}
        return [file for path in options.files for file in folders.get(path, [path])]
    if options.files:
        options.usage(
            f"--datadir {options.datadir} takes the place of FILE ({options.files[0]}): give only one of them"
        )
    return files_of_freqtrade(options)


def files_of_freqtrade(options: argparse.Namespace) -> list[Path]:
    """The files of candles in --datadir, of --pairs or of all."""
    if options.timeframe is None:
        options.usage("--datadir needs --timeframe")
    from ..files.freqtrade import freqtrade_files, freqtrade_paths

    if options.pairs:
        return freqtrade_paths(options.datadir, options.pairs, options.timeframe)
    return freqtrade_files(options.datadir, options.timeframe)


def read_file(options: argparse.Namespace, path: Path, *, candles: bool = False) -> PriceFile:
    """The prices of each symbol of a file; notes about how it was read are printed."""
    from ..files.prices import read_price_file

    file = read_price_file(
        path,
        options.column,
        src=options.source,
        candles=candles,
        span=span_of(options),
        form=format_of(options),
    )
    for note in (file.reading, *file.notes) if options.verbose else file.notes:
        warn(f"{name_of(path)}: {note}")
    return file


def span_of(options: argparse.Namespace) -> Span:
    """The bars to make of a file's rows."""
    from ..files.span import Span
    from ..files.timeframes import read_timeframe

    if options.origin is not None and options.resample is None:
        options.usage("--origin is the time at which days begin, for --resample: give that too")
    return Span(
        first_bar=options.first_bar,
        timeframe=options.resample,
        origin=options.origin or timedelta(0),
        closed_at=time.time_ns() if options.closed_only else None,
        step=read_timeframe(options.timeframe, "--timeframe") if options.timeframe else None,
        since=getattr(options, "since", None),
        until=getattr(options, "until", None),
    )


def shown(options: argparse.Namespace, times: pd.Index[Any]) -> NDArray[np.bool_]:
    """Whether --since and --until show each bar."""
    import numpy as np
    import pandas as pd

    from ..files.time_columns import nanoseconds

    index = pd.DatetimeIndex(times)
    instants = nanoseconds(index)
    every = np.ones(len(instants), bool)
    if options.since is not None:
        every &= instants >= options.since.first(index)
    if options.until is not None:
        every &= instants <= options.until.last(index)
    return every


def one_symbol(file: PriceFile, symbol: str | None) -> tuple[str | None, Prices]:
    """The symbol of a file that --symbol names, or its only one, and its prices."""
    from ..files.prices import only_symbol

    return only_symbol(file, symbol, advice="name one, as in --symbol {}")


@contextmanager
def several_series(options: argparse.Namespace) -> Iterator[dict[str | None, Prices]]:
    """The prices of each symbol of a file, or only of --symbol; under None if the file names none.

    Errors name the file, and those about a single price the line. A shipped symbol may be named instead.
    """
    path = _only_file(options)
    rows = shipped_named(options, path)
    symbols: dict[str | None, Prices]
    symbols = _of_file(options, path) if rows is None else {None: shipped_prices(options, rows)}
    with _named(path, symbols):
        yield symbols


def _of_file(options: argparse.Namespace, path: Path) -> dict[str | None, Prices]:
    try:
        file = read_file(options, path)
        if options.symbol is None and not file.problems:
            return file.symbols
        wanted = next(iter(file.problems)) if options.symbol is None else options.symbol
        return dict([one_symbol(file, wanted)])
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name_of(path)}: {error}") from None


@contextmanager
def one_series(
    options: argparse.Namespace, read: Callable[[argparse.Namespace, Path], tuple[str | None, Prices]]
) -> Iterator[tuple[str | None, Prices]]:
    """The name and the prices of the only symbol; errors as from `several_series`."""
    path = _only_file(options)
    try:
        name, prices = read(options, path)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name_of(path)}: {error}") from None
    with _named(path, {name: prices}):
        yield name, prices


def _only_file(options: argparse.Namespace) -> Path:
    paths = files_of(options)
    if len(paths) != 1:
        options.usage(f"give one FILE, or one pair, not {len(paths)}")
    return paths[0]


class SymbolError(ValueError):
    """An error about a row that is not a valid price, with its symbol."""

    def __init__(self, symbol: str | None, error: PriceError) -> None:
        super().__init__(symbol, error)
        self.symbol, self.error = symbol, error


@contextmanager
def _named(path: Path, symbols: dict[str | None, Prices]) -> Iterator[None]:
    """Make errors name the file, the symbol and the line."""
    try:
        yield
    except SymbolError as error:
        name = "" if error.symbol is None else f"{error.symbol}: "
        raise ValueError(f"{name_of(path)}: {name}{symbols[error.symbol].located(error.error)}") from None
    except PriceError as error:
        (prices,) = symbols.values()
        raise ValueError(f"{name_of(path)}: {prices.located(error)}") from None


@contextmanager
def progress_bar(
    bars: int = LONG_WORK, work: str = "scanning"
) -> Iterator[Callable[[int, int], None] | None]:
    """Show a progress bar on the terminal during long work."""
    from ..progress import reporting

    wanted = bool(bars >= LONG_WORK) and find_spec("rich") is not None
    with reporting(wanted, work) as report:
        yield report
