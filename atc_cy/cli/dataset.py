"""`atc-cy dataset`, and its alias `scan --data`: prices that do not fit into memory, or onto one machine."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..files.columns import SYMBOL
from .common import OK, SOME_FAILED, config_of, format_of, progress_bar, warn
from .options import DATASET, Commands, add_config, add_format, add_refused, record_options
from .values import whole

if TYPE_CHECKING:
    from ..files.prices import Prices

_OUT = "folder for all outputs of all bars"
_OTHER_DATA = (
    *("files", "datadir", "pairs", "timeframe"),
    *("exchange", "symbols", "quote", "top_volume", "history"),
)
"""The options of `scan` that give other prices."""
_RANKING = ("top", "min_signal", "direction", "fresh", "max_age", "sort")
"""The options of `scan` that have no meaning for a dataset that is written."""
_OF_ROWS = ("symbol", "resample", "origin", "first_bar", "closed_only", "since", "until")
"""Options of other commands that choose or make rows. A dataset has all rows, so that it can be continued."""
_ALL_ROWS = "which has every bar of every symbol: 'atc-cy compute' and 'atc-cy scan' have this option"
_OF_OUT = ("out", "resume", "update", "outputs", "threads", "scheduler")
_OF_DATASET = (*_OF_OUT, "src_column")


def add_command(commands: Commands) -> None:
    """Add the command."""
    dataset = commands.add(
        "dataset",
        run,
        "Compute all outputs of a folder of prices, as Parquet, in bounded memory or on a cluster.",
        "atc-cy dataset prices --out signals --update",
        record_options(),
    )
    dataset.add_argument(
        "data", type=Path, metavar="DIR", help="a folder or a file of prices; see docs/dataset.md"
    )
    add_config(dataset)
    add_format(dataset)
    dataset.add_argument("--out", type=Path, required=True, metavar="DIR", help=_OUT)
    _add_options(dataset, "--source", "--src-column")
    add_refused(dataset, _OF_ROWS, f"is not for a dataset, {_ALL_ROWS}")


def add_to_scan(scan: argparse.ArgumentParser) -> None:
    """Add the options of a dataset to the command `scan`."""
    group = scan.add_argument_group(DATASET)
    group.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help="a folder or a file of prices, instead of FILE; see docs/dataset.md",
    )
    group.add_argument("--out", type=Path, metavar="DIR", help=_OUT)
    _add_options(group, "--src-column")


def _add_options(group: Any, *source: str) -> None:
    """Add the options that both commands have. source: the names of the option for the averages' column."""
    again = group.add_mutually_exclusive_group()
    again.add_argument("--resume", action="store_true", help="continue a run that was stopped")
    again.add_argument(
        "--update", action="store_true", help="continue a run, and add the bars that are new in DIR"
    )
    group.add_argument(
        *source,
        dest="src_column",
        metavar="NAME",
        help="the column that the moving averages run on; default: the price",
    )
    group.add_argument(
        "--outputs",
        metavar="NAME,…",
        help="the columns to write, such as Average_Signal,direction; default: all",
    )
    group.add_argument(
        "--threads", type=whole, metavar="N", help="how many threads; default: one for each CPU"
    )
    group.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="the scheduler of a Dask cluster, tcp://…:8786 (pip install 'atc_cy[dask]')",
    )


def is_wanted(options: argparse.Namespace) -> bool:
    """Whether `scan` must write a dataset; options that do not go together are refused.

    For a page, only the prices of the dataset are read; the options that rank symbols apply to the page.
    """
    if options.data is None:
        for name in _OF_DATASET:
            if getattr(options, name):
                options.usage(f"--{name.replace('_', '-')} needs --data")
        return False
    if options.files or options.datadir:
        options.usage("--data takes the place of FILE and --datadir: give only one of them")
    _take_source(options)
    for name in (*_OTHER_DATA, *_OF_ROWS, *(() if options.page else _RANKING)):
        value = getattr(options, name)
        if value is not None and value is not False and value != []:  # 0 is a value
            why = _ALL_ROWS if name in _OF_ROWS else "which takes all symbols of DIR"
            options.usage(f"--{name.replace('_', '-')} is not for --data, {why}")
    if not options.page:
        if options.out is None:
            options.usage("--data needs --out, or --output for a page")
        return True
    for name in _OF_OUT:
        if getattr(options, name):
            options.usage(f"--{name.replace('_', '-')} is not for a page: write the dataset in another run")
    return False


def _take_source(options: argparse.Namespace) -> None:
    """--source is another name of --src-column."""
    if options.source is not None:
        if options.src_column not in (None, options.source):
            options.usage("--source and --src-column mean the same with --data: give only one of them")
        options.src_column = options.source


def run(options: argparse.Namespace) -> int:
    """Scan the dataset."""
    config = config_of(options)
    arguments = {
        **_of_source(options),
        "outputs": options.outputs and tuple(options.outputs.split(",")),
        "resume": options.resume,
        "update": options.update,
    }
    with _log_printed(options.verbose), progress_bar() as progress:
        arguments["progress"] = progress
        if options.scheduler is None:
            from .. import dataset

            report = dataset.scan(options.data, options.out, config, threads=options.threads, **arguments)
        else:
            report = _on_a_cluster(options, config, arguments)
    for failure in report.failures:
        warn(str(failure))
    warn(f"{report.rows} rows of {report.symbols} symbols in {options.out}")
    return SOME_FAILED if report.failures else OK


def _of_source(options: argparse.Namespace) -> dict[str, Any]:
    """The arguments that say how a source is read."""
    return {
        "symbol": options.symbol_column or SYMBOL,
        "time": options.time_column,
        "close": options.column,
        "src": options.src_column,
        "form": format_of(options),
    }


def read_symbols(options: argparse.Namespace) -> tuple[dict[str, Prices], dict[str, str]]:
    """The prices of each symbol of --data, for a page, and the problems of those that cannot be read."""
    from ..dataset.series import read_series
    from ..files.prices import Prices

    with _log_printed(options.verbose):
        symbols, failures = read_series(options.data, **_of_source(options))
    problems = {str(failure.symbol or failure.file): str(failure).partition(": ")[2] for failure in failures}
    return {name: Prices(found.close, None, src=found.src) for name, found in symbols.items()}, problems


class _Printed(logging.Handler):
    """Prints log records like all other notes to the user."""

    def emit(self, record: logging.LogRecord) -> None:
        warn(record.getMessage())


@contextmanager
def _log_printed(verbose: bool) -> Iterator[None]:
    """Print warnings and, if `verbose` is true, how each file was read."""
    logger = logging.getLogger("atc_cy")
    before, handler = logger.level, _Printed(logging.INFO if verbose else logging.WARNING)
    logger.addHandler(handler)
    if verbose:
        logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)


def _on_a_cluster(options: argparse.Namespace, config: Any, arguments: dict[str, Any]) -> Any:
    from .. import dask  # noqa: I001 - first, because it reports which extra is missing
    from distributed import Client

    for name in ("asyncio", "distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # a lost scheduler is one error, reported once
    with Client(options.scheduler) as client:
        return dask.scan(options.data, options.out, config, client=client, **arguments)
