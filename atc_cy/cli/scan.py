"""`atc-cy scan`: where each symbol stands."""

from __future__ import annotations

import argparse
from collections.abc import Hashable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..files.opening import name_of, symbol_of
from . import dataset
from .common import (
    FAILED,
    NOTHING_SHOWN,
    OK,
    SOME_FAILED,
    config_of,
    files_of,
    one_symbol,
    progress_bar,
    read_file,
    refuse_columns,
    settings_of,
    shipped,
    shipped_prices,
    shown,
    warn,
)
from .options import (
    Commands,
    add_files,
    count,
    price_options,
    record_options,
    shown_options,
    strength,
    table_options,
)

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from ..config import ATCConfig
    from ..errors import PriceError
    from ..files.prices import Prices


def add_command(commands: Commands) -> None:
    """Add it."""
    scan = commands.add(
        "scan",
        _scan,
        "Where each symbol stands, the strongest first.",
        "atc-cy scan --top 10 --min-signal 0.5",
        price_options(),
        shown_options(),
        table_options(),
        record_options(),
    )
    add_files(
        scan,
        "CSV in any form, JSON, Excel, Parquet or Feather, a folder of them, or - for standard input; a file "
        "without a column of symbols is one, named after it; without FILE: the shipped ECB rates and stocks",
    )
    scan.add_argument("--top", type=count, metavar="N", help="only the N strongest")
    scan.add_argument(
        "--min-signal",
        type=strength,
        default=0.0,
        metavar="X",
        help="only where |Average_Signal| is at least X, 0 to 1",
    )
    dataset.add_to_scan(scan)


class _Symbols:
    """The symbols that are scanned, by what messages call them."""

    def __init__(self) -> None:
        self.prices: dict[str, Prices] = {}
        self.names: dict[str, str] = {}
        """What the table calls them."""
        self.problems: dict[str, str] = {}
        """What cannot be read or scanned, and why."""


def _scan(options: argparse.Namespace) -> int:
    if dataset.is_wanted(options):
        return dataset.run(options)
    files = files_of(options)
    if not files:
        refuse_columns(options)
    config = config_of(options)
    symbols = _of_files(options, files) if files else _of_the_package(options)
    rows = _standings(options, symbols, config)
    for name, problem in symbols.problems.items():
        warn(f"{name}: {problem}")
    if not rows:
        if not symbols.problems:
            warn(NOTHING_SHOWN)
        return FAILED
    _print(options, rows)
    return SOME_FAILED if symbols.problems else OK


def _of_the_package(options: argparse.Namespace) -> _Symbols:
    symbols = _Symbols()
    for name, rows in shipped().items():
        try:
            symbols.prices[name], symbols.names[name] = shipped_prices(options, rows), name
        except ValueError as error:
            symbols.problems[name] = str(error)
    return symbols


def _of_files(options: argparse.Namespace, files: list[Path]) -> _Symbols:
    from ..files.prices import PriceFile

    symbols = _Symbols()
    for path in files:
        try:
            file = read_file(options, path)
            if options.symbol is not None:
                file = PriceFile(dict([one_symbol(file, options.symbol)]), {}, ())
        except (OSError, ValueError) as error:
            symbols.problems[name_of(path)] = str(error)
            continue
        for name, problem in file.problems.items():
            symbols.problems[_key(path, name)] = problem
        for name, prices in file.symbols.items():
            symbols.prices[_key(path, name)] = prices
            symbols.names[_key(path, name)] = name or symbol_of(path)
    return symbols


def _key(path: Path, symbol: str | None) -> str:
    """How messages call a symbol of a file."""
    return name_of(path) if symbol is None else f"{name_of(path)}: {symbol}"


def _standings(options: argparse.Namespace, symbols: _Symbols, config: ATCConfig) -> list[dict[str, Any]]:
    """The last bar of each symbol; what has none goes to the problems."""
    from ..scans import scan

    failures: dict[Hashable, PriceError] = {}
    with_rows = {name: prices for name, prices in symbols.prices.items() if len(prices.series)}
    with progress_bar(sum(len(prices.series) for prices in with_rows.values())) as progress:
        results = scan(
            {name: prices.series for name, prices in with_rows.items()},
            config,
            src={name: prices.src for name, prices in with_rows.items()},
            progress=progress,
            failures=failures,
        )
    rows = []
    for name, prices in with_rows.items():
        if name in failures:
            symbols.problems[name] = prices.located(failures[name])
        elif prices.series.isna().all():
            symbols.problems[name] = "there is no price in any row"
        else:
            seen = shown(options, prices.series.index)
            if prices.series[seen].notna().any():
                rows.append(_standing(symbols.names[name], prices.series, results[name], seen, config))
    return rows


def _standing(
    name: str, prices: pd.Series[float], result: pd.DataFrame, seen: NDArray[np.bool_], config: ATCConfig
) -> dict[str, Any]:
    """The last bar of one symbol, of those that are shown."""
    from ..engine.direction import direction, events

    until = seen.nonzero()[0][-1] + 1
    prices, result = prices[:until], result[:until]
    bars = prices.notna().to_numpy()
    last = prices[bars].index[-1]
    turns = events(result, config=config).to_numpy()[bars].nonzero()[0]
    standing = {
        "symbol": name,
        "date": last.date() if last == last.normalize() else last,
        "close": prices[last],
        "Average_Signal": result["Average_Signal"][last],
        "direction": {1.0: "long", -1.0: "short"}.get(direction(result, config=config)[last]),
        "bars_since_event": int(bars.sum()) - 1 - int(turns[-1]) if turns.size else None,
    }
    return standing | {str(key): result[key][last] for key in result.columns if str(key).endswith("_Signal")}


def _print(options: argparse.Namespace, rows: list[dict[str, Any]]) -> None:
    import pandas as pd

    from .tables import print_table

    table = pd.DataFrame(rows).astype({"bars_since_event": "Int64"})
    table["strength"] = table["Average_Signal"].abs()
    table = table.sort_values(["strength", "bars_since_event", "symbol"], ascending=[False, True, True])
    table = table[table["strength"] >= options.min_signal].head(options.top).drop(columns="strength")
    print_table(
        table,
        options.format,
        f"Adaptive Trend Classification, {settings_of(options)}",
    )
