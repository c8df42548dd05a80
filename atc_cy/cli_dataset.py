"""`atc-cy scan --data DIR --out DIR`: what does not fit into memory, or into one machine."""

import argparse
import logging
from pathlib import Path

from . import dataset
from .cli_prices import FINE, SOME_FAILED, complain, config_of, progress_bar
from .files.columns import DATE_COLUMNS


def add_options(scan: argparse.ArgumentParser) -> None:
    """Add those of a dataset to the command `scan`."""
    group = scan.add_argument_group(
        "a dataset: a folder of prices in, Parquet out (pip install 'atc_cy[arrow]')"
    )
    group.add_argument(
        "--data", type=Path, metavar="DIR", help="instead of FILE: a folder, or a file; see docs/dataset.md"
    )
    group.add_argument("--out", type=Path, metavar="DIR", help="where all outputs of all bars go")
    again = group.add_mutually_exclusive_group()
    again.add_argument("--resume", action="store_true", help="go on with a run that was stopped")
    again.add_argument("--update", action="store_true", help="the same, and take the new bars in --data")
    group.add_argument("--symbol-column", default="symbol", metavar="NAME", help="by default: symbol")
    group.add_argument(
        "--time-column", metavar="NAME", help=f"by default, the first there is of {', '.join(DATE_COLUMNS)}"
    )
    group.add_argument("--src-column", metavar="NAME", help="what the averages run on; by default: the price")
    group.add_argument(
        "--outputs", metavar="NAME,…", help="some columns: Average_Signal,direction; by default: all"
    )
    group.add_argument("--threads", type=int, metavar="N", help="by default: one a CPU")
    group.add_argument(
        "--scheduler", metavar="ADDRESS", help="of a Dask cluster, tcp://…:8786 (pip install 'atc_cy[dask]')"
    )


def is_wanted(options: argparse.Namespace) -> bool:
    """Whether the options are those of a dataset."""
    if options.data is None:
        for name in ("out", "resume", "update", "time_column", "src_column", "outputs", "scheduler"):
            if getattr(options, name):
                options.usage(f"--{name.replace('_', '-')} needs --data")
    return options.data is not None


def run(options: argparse.Namespace) -> int:
    """Scan the dataset."""
    if options.out is None:
        options.usage("--data needs --out")
    if options.files or options.datadir:
        options.usage("--data takes the place of FILE and --datadir: give one")
    arguments = {
        "symbol": options.symbol_column,
        "time": options.time_column,
        "close": options.column,
        "src": options.src_column,
        "outputs": options.outputs and tuple(options.outputs.split(",")),
        "resume": options.resume,
        "update": options.update,
    }
    config = config_of(options)
    with progress_bar() as progress:
        if options.scheduler is None:
            report = dataset.scan(
                options.data, options.out, config, threads=options.threads, progress=progress, **arguments
            )
        else:
            from . import dask  # noqa: I001 - first, because it tells which extra is missing
            from distributed import Client

            for name in ("asyncio", "distributed", "distributed.client"):
                logging.getLogger(name).setLevel(logging.CRITICAL)  # a lost scheduler is one error, told once
            with Client(options.scheduler) as client:
                report = dask.scan(
                    options.data, options.out, config, client=client, progress=progress, **arguments
                )
    for failure in report.failures:
        complain(str(failure))
    complain(f"{report.rows} rows of {report.symbols} symbols in {options.out}")
    return SOME_FAILED if report.failures else FINE
