"""The rows of each symbol by themselves: computed, and put back where they were."""

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

    order: all rows, those of a symbol side by side. name: the only symbol's, without `symbols`.
    """
    if symbols is None:
        return [Group(name, order)]
    codes, names = symbols
    rows = np.split(order, np.cumsum(np.bincount(codes, minlength=len(names)))[:-1])
    return [Group(*each) for each in zip(names, rows, strict=True)]


@contextmanager
def named_after(group: Group) -> Iterator[None]:
    """Have errors begin with the symbol's name, if it has one."""
    try:
        yield
    except ValueError as error:
        raise ValueError(str(error) if group.name is None else f"{group.name}: {error}") from None


def compute_one(bars: Bars, config: ATCConfig) -> Columns:
    """The columns of bars that are one symbol's, in order."""
    results, failed = compute_many([(None, bars.close, bars.src)], config)
    for error in failed.values():
        raise price_error(bars, error.row, config)
    return results[0]


def compute_groups(bars: Bars, groups: list[Group], config: ATCConfig) -> Columns:
    """The columns of all rows, each symbol computed by itself."""
    symbols: list[tuple[Hashable, Any, Any]] = [
        (group.name, bars.close[group.rows], bars.src[group.rows]) for group in groups
    ]
    results, failed = compute_many(symbols, config)
    for group in groups:
        if group.name in failed:
            raise in_table(group, failed[group.name])
    return put_back(groups, results, bars.close.size)


def in_table(group: Group, error: PriceError) -> PriceError:
    """The error of a symbol's row, which names the row of the table."""
    row = int(group.rows[error.row])
    who = place(row) if group.name is None else f"{group.name}, {place(row)}"
    return PriceError(f"{who}: {error}", row)


def put_back(groups: list[Group], results: list[Columns], size: int) -> Columns:
    """The columns of each symbol as columns of all rows."""
    columns = {name: np.empty(size, values.dtype) for name, values in results[0].items()}
    for group, result in zip(groups, results, strict=True):
        for name, values in result.items():
            columns[name][group.rows] = values
    return columns


def compute_many(
    symbols: list[tuple[Hashable, Any, Any]], config: ATCConfig
) -> tuple[list[Columns], dict[Hashable, PriceError]]:
    """The columns of each symbol, given its name, prices and src; and what keeps a symbol from being done."""
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
