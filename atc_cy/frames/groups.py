"""The rows of a table, grouped by symbol: each symbol is computed alone, then its results are put back."""

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..config import ATCConfig
from ..engine.bars import Bars
from ..engine.crossing import trend
from ..engine.many import jobs_of, run, thread_count
from ..engine.run import price_error
from ..errors import PriceError
from ..files.symbols import Codes
from .adapter import Columns, place


class Group(NamedTuple):
    """The rows of one symbol, in the order of time."""

    name: Any
    rows: NDArray[np.intp]


def groups_of(order: NDArray[np.intp], symbols: Codes | None, name: Any = None) -> list[Group]:
    """The rows of each symbol.

    Parameters
    ----------
    order
        The positions of all rows, sorted by the code of their symbol.
    symbols
        The symbol of each row; None if all rows belong to one symbol.
    name
        The name of this one symbol, if `symbols` is None.
    """
    if symbols is None:
        return [Group(name, order)]
    codes, names = symbols
    rows = np.split(order, np.cumsum(np.bincount(codes, minlength=len(names)))[:-1])
    return [Group(*each) for each in zip(names, rows, strict=True)]


@contextmanager
def named_after(group: Group) -> Iterator[None]:
    """Put the symbol's name, if it has one, in front of the message of a ValueError."""
    try:
        yield
    except ValueError as error:
        raise ValueError(str(error) if group.name is None else f"{group.name}: {error}") from None


def compute_one(bars: Bars, config: ATCConfig) -> Columns:
    """The output columns of one symbol, whose bars are in the order of time."""
    results, failed = compute_many([(None, bars.close, bars.src)], config)
    for error in failed.values():
        raise price_error(bars, error.row, config)
    return results[0]


def compute_groups(bars: Bars, groups: list[Group], config: ATCConfig) -> Columns:
    """The output columns of all rows, where each symbol is computed alone."""
    symbols: list[tuple[Hashable, Any, Any]] = [
        (group.name, bars.close[group.rows], bars.src[group.rows]) for group in groups
    ]
    results, failed = compute_many(symbols, config)
    for group in groups:
        if group.name in failed:
            raise in_table(group, failed[group.name])
    return put_back(groups, results, bars.close.size)


def in_table(group: Group, error: PriceError) -> PriceError:
    """An error about a row of the symbol, changed to name the row of the table."""
    row = int(group.rows[error.row])
    who = place(row) if group.name is None else f"{group.name}, {place(row)}"
    return PriceError(f"{who}: {error}", row)


def put_back(groups: list[Group], results: list[Columns], size: int) -> Columns:
    """Join the columns of all symbols, and put each value in its row of the table."""
    columns = {name: np.empty(size, values.dtype) for name, values in results[0].items()}
    for group, result in zip(groups, results, strict=True):
        for name, values in result.items():
            columns[name][group.rows] = values
    return columns


def compute_many(
    symbols: list[tuple[Hashable, Any, Any]], config: ATCConfig
) -> tuple[list[Columns], dict[Hashable, PriceError]]:
    """The output columns of each symbol, and the errors of the symbols that cannot be computed to their end.

    A symbol is given as its name, its prices, and its src, which is None if the averages run on the prices.
    """
    jobs, _ = jobs_of(symbols, len(config.output_names))
    failed: dict[Hashable, PriceError] = {}
    run(jobs, config, config.output_names, thread_count(None), None, failed)
    results = []
    for job in jobs:
        columns: Columns = dict(zip(config.output_names, job.out, strict=True))
        average = columns["Average_Signal"]
        columns["direction"], columns["event"] = trend(average, config.long_threshold, config.short_threshold)
        results.append(columns)
    return results, failed
