"""The data of a screener: the signals of each symbol, and its latest bars with their outputs."""

from collections.abc import Hashable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..config import ATCConfig
from ..engine.bars import Prices
from ..engine.crossing import Turns, trend
from ..engine.index import index_times
from ..engine.many import Job, jobs_of, run
from ..errors import PriceError
from ..frames.adapter import Columns
from ..progress import ProgressFunction
from .standings import standings
from .symbols import Data

if TYPE_CHECKING:
    import pandas as pd

ROWS_AT_ONCE = 1_000_000
"""How many rows have their outputs in memory at a time, about a hundred megabytes.

A symbol with more rows is computed alone.
"""


class Latest(NamedTuple):
    """The latest bars of a symbol, without the rows that are not bars."""

    labels: "pd.Index[Any]"
    """The times of the bars, or other labels if the symbol has no times."""
    close: Prices
    candles: Columns
    """Open, high and low; empty if the symbol does not have all of them."""
    signals: Columns
    direction: NDArray[np.float64]
    event: NDArray[np.int8]


def latest(
    data: Data,
    config: ATCConfig,
    most: int,
    threads: int,
    progress: ProgressFunction | None,
    failed: dict[Hashable, PriceError],
) -> "tuple[pd.DataFrame, dict[Hashable, Latest]]":
    """The table of `scan(…, outputs="last")` as a pandas DataFrame, and the latest bars of its symbols.

    Symbols that fail are left out of both.

    Parameters
    ----------
    data
        The symbols.
    config
        The config to compute.
    most
        How many bars of a symbol to return at most.
    threads
        How many threads to use.
    progress
        Is called with the number of bars done and the number of all bars.
    failed
        The symbols that cannot be computed, each with its error. Further symbols that fail are added.
    """
    names = config.output_names
    jobs, values = jobs_of(data.symbols, len(names), True, None, failed)
    total, before = sum(job.bars.close.size for job in jobs), 0
    found: dict[Hashable, Latest] = {}
    done: list[Job] = []
    average = names.index("Average_Signal")

    def report(rows: int, _: int) -> None:
        if progress:
            progress(before + rows, total)

    for some in _at_once(jobs):
        whole = [job._replace(out=np.empty((len(names), job.bars.close.size), job.out.dtype)) for job in some]
        failures: dict[Hashable, PriceError] = {}
        run(whole, config, names, threads, report, failures)
        failed.update({name: data.located(name, error) for name, error in failures.items()})
        for job, computed in zip(some, whole, strict=True):
            turns = Turns(config)
            rows = np.flatnonzero(job.bars.present)
            if job.name not in failed and rows.size:
                turns.follow(job.bars.close, computed.out[average])
                job.out[:] = computed.out[:, rows[-1]]
                found[job.name] = _latest(data, computed, config, rows[-most:])
            done.append(job._replace(turns=turns))
        before += sum(job.bars.close.size for job in some)
    return standings(done, values, names, failed).drop([*failed]), found


def _at_once(jobs: list[Job]) -> Iterator[list[Job]]:
    some: list[Job] = []
    rows = 0
    for job in jobs:
        if some and rows + job.bars.close.size > ROWS_AT_ONCE:
            yield some
            some, rows = [], 0
        some.append(job)
        rows += job.bars.close.size
    if some:
        yield some


def _latest(data: Data, job: Job, config: ATCConfig, rows: NDArray[np.intp]) -> Latest:
    import pandas as pd

    close, index = job.bars.close, job.bars.labels
    labels = (pd.RangeIndex(close.size) if index is None else index)[rows]
    times = index_times(labels)
    labels = labels if times is None else times
    candles = {name: values[rows] for name, values in data.candles(job.name).items()}
    outputs = dict(zip(config.output_names, job.out, strict=True))
    signals = {name: values[rows] for name, values in outputs.items() if name.endswith("_Signal")}
    average = outputs["Average_Signal"]
    directions, events = trend(average, config.long_threshold, config.short_threshold)
    return Latest(labels, close[rows], candles, signals, directions[rows], events[rows])
