"""The search over a grid: `sweep`, and the tasks that its threads share."""

import os
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, Unpack

import numpy as np
from numpy.typing import NDArray

from ..config import ATCConfig, ConfigFields, public, resolve
from ..engine.bars import Bars, bars_of
from ..engine.many import symbols_of, thread_count
from ..engine.pool import pool
from ..engine.run import price_error
from ..errors import PriceError
from ..progress import ProgressOption, check_progress, reporting
from ..text import shown
from .choices import METRICS
from .grid import Grid, grid_of
from .results import ResultsFile
from .trading import Floats, Trading, checked_metrics, checked_trading, trade

if TYPE_CHECKING:
    import pandas as pd

CONFIGS_OF_A_TASK, LEAST_OF_A_TASK = 64, 8
"""How many configs go into a task; fewer, if their averages were more than so many values:"""
VALUES_OF_A_TASK = 4_000_000


class _Symbol(NamedTuple):
    """A symbol without the rows that have no price."""

    name: Hashable
    """None of a lone series."""
    bars: Bars
    rows: NDArray[np.intp]
    """Of the bars, among those that were given."""


class _Task(NamedTuple):
    """Some configs of one symbol that a thread runs at once."""

    symbol: int
    configs: list[int]


@public
def sweep(
    close: Any,
    grid: "Mapping[str, Iterable[Any]] | Iterable[Mapping[str, Any]]",
    *,
    config: ATCConfig | str = "default",
    src: Any = None,
    metric: str | Sequence[str] = METRICS,
    rule: str = "long_short",
    fees: float = 0.0,
    bars_per_year: float = 252.0,
    threads: int | None = None,
    progress: ProgressOption = None,
    results: str | os.PathLike[str] | None = None,
    **overrides: Unpack[ConfigFields],
) -> "pd.DataFrame":
    """Trade each config of a grid on paper.

    A position taken at a bar's close is held until a later bar's close changes it; what a bar returns is
    the position before it times the price's relative change, less `fees` times the change of the position at
    the close before it.

    Parameters
    ----------
    close
        Closing prices of one symbol, as in `compute_atc_signals`; or a DataFrame with one column a symbol, or
        a mapping of symbols to series. NaN is no bar.
    grid
        Fields of `ATCConfig` and the values to try, of which all combinations are; or such combinations, as
        mappings with the same fields.
    config
        A config, or a preset's name, that gives the other fields.
    src
        What the averages run on, if not the prices, of one symbol.
    metric
        Some of these, each a number a config:

        - ``"total_return"``: the product of 1 plus the returns of all bars, less 1.
        - ``"sharpe"``: the mean of the returns over their standard deviation (of a sample), times the square
          root of `bars_per_year`. NaN if the returns do not vary.
        - ``"max_drawdown"``: the largest fall of the equity below its highest value so far, the 1 that it
          starts with included, as a negative part of that value.
        - ``"exposure"``: the part of the bars, 0 to 1, after which a position is held.
        - ``"trades"``: how often a position was opened; a turn from long to short opens one.
    rule
        ``"long_short"``: the position is the direction, 1 or -1, and 0 before the first one.
        ``"long_only"``: 1 while the direction is 1, else 0. ``"strategy"``: as long_short, one bar late.
    fees
        Part of the traded value that a change of position by 1 costs, ≥ 0.
    bars_per_year
        252 for trading days; 365 for days of a market that never closes.
    threads
        How many; by default as many as there are CPUs for this process. The numbers are the same.
    progress
        True shows a bar, in a terminal and in a notebook (extra ``cli``). A function is called in this
        thread, now and then, with the configs done and the configs in all (of each symbol).
    results
        A file to which finished configs are appended, and from which those are taken that are there already,
        of the same prices and arguments: a sweep that was stopped goes on where it was.
    **overrides
        Fields of `ATCConfig` that replace the config's.

    Returns
    -------
    pandas.DataFrame
        A row a metric, a column a config; the columns are a MultiIndex with a level ``atc_<field>`` for each
        field of the grid, and before them ``symbol`` if there are many.

    Raises
    ------
    TypeError, ValueError
        A bad argument.
    PriceError
        A row is not a valid price.
    KernelError
        No kernel can be loaded.
    """
    base = resolve(config, overrides, function=sweep)
    tried, trading, wanted = (
        grid_of(grid),
        checked_trading(rule, fees, bars_per_year),
        checked_metrics(metric),
    )
    for name, value in overrides.items():
        if name in grid:
            raise ValueError(
                f"{name}={shown(value)} would count for nothing, as the grid has {name}: give one"
            )
    threads = thread_count(threads)
    check_progress(progress)
    fixed = {"strategy_mode": True} if rule == "strategy" else {}
    configs = tried.configs(base, **fixed)
    symbols = [_present(name, prices, x, base) for name, prices, x in _symbols(close, src)]
    file = ResultsFile(results, base, trading, [symbol.bars for symbol in symbols], tried.keys())
    values = np.full((len(METRICS), len(symbols), len(configs)), np.nan)
    done = file.read(values)
    total = done.size
    finished = int(done.sum())
    with reporting(progress, "configs") as report, pool(min(threads, total)) as executor:
        if report:
            report(finished, total)
        tasks = _tasks(configs, done, [symbol.rows.size for symbol in symbols])
        for task, metrics in _run(executor, 2 * threads, tasks, configs, symbols, trading):
            values[:, task.symbol, task.configs] = metrics
            file.append(task.symbol, task.configs, metrics)
            finished += len(task.configs)
            if report:
                report(finished, total)
    return _table(values, wanted, tried, [symbol.name for symbol in symbols])


def _run(
    executor: Executor,
    ahead: int,
    tasks: Iterator[_Task],
    configs: list[ATCConfig],
    symbols: list[_Symbol],
    trading: Trading,
) -> Iterator[tuple[_Task, Floats]]:
    """Each task and its metrics, as they are ready.

    ahead: how many are submitted at a time, few so that Ctrl-C does not wait for all.
    """
    running: dict[Future[Floats], _Task] = {}

    def submit(count: int) -> None:
        for task in islice(tasks, count):
            chosen = [configs[number] for number in task.configs]
            running[executor.submit(_trade, chosen, symbols[task.symbol], trading)] = task

    submit(ahead)
    while running:
        ready, _ = wait(running, return_when=FIRST_COMPLETED)
        finished = [(running.pop(future), future) for future in ready]
        submit(len(finished))
        for task, future in finished:
            yield task, future.result()


def _symbols(close: Any, src: Any) -> list[tuple[Hashable, Any, Any]]:
    """Name, prices and src of each symbol; the name of a lone series is None."""
    if not isinstance(close, Mapping) and not (hasattr(close, "iloc") and hasattr(close, "columns")):
        if isinstance(close, str | bytes) or not isinstance(close, Iterable):
            raise TypeError(
                f"close={shown(close)} must be a series of prices, a DataFrame with a column a symbol, or a "
                f"mapping of symbols to series, not {type(close).__name__}"
            )
        return [(None, close, src)]
    symbols = [(name, prices, src) for name, prices in symbols_of(close)]
    if src is not None and len(symbols) > 1:
        raise ValueError("src is for one symbol: leave it out, or sweep one after the other")
    if not symbols:
        raise ValueError("close has no symbol: give at least one")
    return symbols


def _present(name: Hashable, prices: Any, src: Any, config: ATCConfig) -> _Symbol:
    """A symbol's valid bars, each array in one piece."""
    bars = bars_of(name, prices, src)
    rows = np.flatnonzero(~(np.isnan(bars.close) | np.isnan(bars.src)))
    if not rows.size:
        raise ValueError(f"{'prices' if name is None else name}: there is no price in any row")
    close, x = (array[rows].astype(np.float64, copy=False) for array in (bars.close, bars.src))
    wrong = np.flatnonzero(~((close > 0.0) & np.isfinite(close) & np.isfinite(x)))
    if wrong.size:
        raise _named(name, price_error(bars, int(rows[wrong[0]]), config))
    return _Symbol(name, Bars(close, x, None if bars.labels is None else bars.labels[rows]), rows)


def _trade(configs: list[ATCConfig], symbol: _Symbol, trading: Trading) -> Floats:
    """`trade`, with an error that names the symbol and the row that was given."""
    try:
        return trade(configs, symbol.bars, trading)
    except PriceError as error:
        row = int(symbol.rows[error.row])
        problem = str(error).replace(f"at row {error.row} ", f"at row {row} ", 1)
        raise _named(symbol.name, PriceError(problem, row)) from None


def _named(name: Hashable, error: PriceError) -> PriceError:
    return error if name is None else PriceError(f"{name}: {error}", error.row)


def _tasks(configs: list[ATCConfig], done: NDArray[np.bool_], sizes: list[int]) -> Iterator[_Task]:
    """What is left to do: in a task are configs that share their moving averages.

    done: (symbol, config). sizes: how many bars each symbol has.
    """
    groups: dict[Any, list[int]] = {}
    for number, config in enumerate(configs):
        groups.setdefault((config.structure, config.cutout, config.strategy_mode), []).append(number)
    for symbol, (size, finished) in enumerate(zip(sizes, done, strict=True)):
        count = min(max(VALUES_OF_A_TASK // size, LEAST_OF_A_TASK), CONFIGS_OF_A_TASK)
        for group in groups.values():
            left = [number for number in group if not finished[number]]
            for first in range(0, len(left), count):
                yield _Task(symbol, left[first : first + count])


def _table(values: Floats, wanted: tuple[str, ...], grid: Grid, names: list[Hashable]) -> "pd.DataFrame":
    """What `sweep` returns, of values (metric, symbol, config)."""
    import pandas as pd

    levels, columns = [f"atc_{name}" for name in grid.fields], grid.combinations
    if names[0] is not None:
        levels, columns = (
            ["symbol", *levels],
            [(name, *values) for name in names for values in grid.combinations],
        )
    chosen = values[[METRICS.index(name) for name in wanted]].reshape(len(wanted), -1)
    return pd.DataFrame(chosen, list(wanted), pd.MultiIndex.from_tuples(columns, names=levels))
