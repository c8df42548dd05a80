"""One or many symbols under many configs, and what trading each would have brought."""

import hashlib
import json
import os
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, wait
from itertools import islice, product
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .config import ATCConfig, resolve
from .dispatch import Kernel, best_kernel
from .engine.bars import Bars, bars_of
from .engine.many import symbols_of, thread_count
from .engine.pool import pool
from .engine.recording import measured
from .engine.run import new_symbol, price_error
from .files import json_lines
from .text import suggestion

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]

RULES = ("long_short", "long_only", "strategy")
METRICS = ("total_return", "sharpe", "max_drawdown", "exposure", "trades")
CONFIGS_OF_A_TASK, LEAST_OF_A_TASK = 64, 8
"""How many configs go into a task; fewer, if their averages were more than so many values:"""
VALUES_OF_A_TASK = 4_000_000


class _Task(NamedTuple):
    """Some configs of one symbol that a thread runs at once."""

    symbol: int
    configs: list[int]


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
    progress: Callable[[int, int], None] | None = None,
    results: str | os.PathLike[str] | None = None,
    **overrides: Any,
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
        Called in this thread, now and then, with the configs done and the configs in all (of each symbol).
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
        A row that can be no bar.
    KernelError
        No kernel can be loaded.
    """
    base = resolve(config, overrides, function=sweep)
    fields, combinations = _combinations(grid)
    if rule not in RULES:
        raise ValueError(f"rule={rule!r} is unknown; {suggestion(rule, RULES)}")
    wanted = (metric,) if isinstance(metric, str) else tuple(metric)
    for name in wanted:
        if name not in METRICS:
            raise ValueError(f"metric={name!r} is unknown; {suggestion(name, METRICS)}")
    for name, number, least in (("fees", fees, 0.0), ("bars_per_year", bars_per_year, 1e-9)):
        if not least <= number < np.inf:
            raise ValueError(f"{name}={number!r} is out of range: it must be at least {least:g} and finite")
    threads = thread_count(threads)
    late = rule == "strategy"
    configs = [
        base.override(**(dict(zip(fields, values, strict=True)) | ({"strategy_mode": True} if late else {})))
        for values in combinations
    ]
    symbols = _symbols(close, src)
    bars = [_present(name, prices, x) for name, prices, x in symbols]
    many = symbols[0][0] is not None

    values = np.full((len(METRICS), len(symbols), len(configs)), np.nan)
    keys = [
        json.dumps(dict(zip(fields, own, strict=True)), sort_keys=True, default=_plain)
        for own in combinations
    ]
    identities = [_identity(own, base, rule, fees, bars_per_year) for own in bars]
    done = _read(results, identities, keys, values)
    tasks = _tasks(configs, done, [own.close.size for own in bars])
    total = values[0].size
    finished = int(done.sum())
    if progress:
        progress(finished, total)
    with pool(min(threads, total)) as executor:

        def submit(task: _Task) -> Any:
            own = [configs[number] for number in task.configs]
            return executor.submit(_run, task, own, bars[task.symbol], rule, fees, bars_per_year)

        # A few tasks ahead, so that Ctrl-C does not wait for all.
        running = {submit(task) for task in islice(tasks, 2 * threads)}
        while running:
            ready, running = wait(running, return_when=FIRST_COMPLETED)
            running |= {submit(task) for task in islice(tasks, len(ready))}
            for future in ready:
                task, numbers = future.result()
                values[:, task.symbol, task.configs] = numbers
                _append(results, identities[task.symbol], [keys[i] for i in task.configs], numbers)
                finished += len(task.configs)
            if progress:
                progress(finished, total)

    import pandas as pd

    levels = [f"atc_{name}" for name in fields]
    columns = [tuple(own) for own in combinations]
    if many:
        levels, columns = ["symbol", *levels], [(name, *own) for name, _, _ in symbols for own in columns]
    chosen = values[[METRICS.index(name) for name in wanted]].reshape(len(wanted), -1)
    return pd.DataFrame(chosen, list(wanted), pd.MultiIndex.from_tuples(columns, names=levels))


def _run(
    task: _Task, configs: list[ATCConfig], bars: Bars, rule: str, fees: float, bars_per_year: float
) -> tuple[_Task, Floats]:
    """The metrics of a task's configs."""
    kernel = best_kernel(configs[0].structure)
    distinct = list({config.kernel_arguments: config for config in configs}.values())
    averages = _averages(kernel, distinct, bars)
    changes = np.diff(bars.close, prepend=bars.close[0]) / np.concatenate([bars.close[:1], bars.close[:-1]])
    places = {config.kernel_arguments: place for place, config in enumerate(distinct)}
    which = np.array([places[config.kernel_arguments] for config in configs])
    thresholds = np.array([(config.long_threshold, config.short_threshold) for config in configs]).T
    traded = np.empty((6, len(configs)))
    short_position = 0.0 if rule == "long_only" else -1.0
    kernel.trade_averages(
        averages, changes, which, np.ascontiguousarray(thresholds), short_position, fees, traded
    )
    total_return, mean, squares, deepest, exposed, opened = traded
    spread = np.sqrt(squares / max(changes.size - 1, 1))
    with np.errstate(invalid="ignore"):
        sharpe = np.where(spread > 0.0, mean / spread * np.sqrt(bars_per_year), np.nan)
    return task, np.stack([total_return, sharpe, deepest, exposed / changes.size, opened])


def _averages(kernel: Kernel, configs: list[ATCConfig], bars: Bars) -> Floats:
    """`Average_Signal`, a row a config, of configs with one structure, cutout and strategy_mode."""
    base = configs[0].override(La=0.0)
    rates = sorted({config.La for config in configs})
    growths = np.empty((len(rates), bars.close.size))
    for La, growth in zip(rates, growths, strict=True):
        kernel.growth(La, growth)
        beyond = np.flatnonzero(np.isinf(growth[: max(bars.close.size - base.cutout, 0)]))
        if beyond.size:
            raise price_error(bars, int(beyond[0]) + base.cutout, base.override(La=La))
    which = np.array([rates.index(config.La) for config in configs], np.int64)
    numbers = np.array([(config.De, *config.weights) for config in configs])
    out = np.empty((len(configs), bars.close.size))
    with measured(kernel, base.structure, out.size, len(configs)):
        symbol = new_symbol(kernel, base)
        taken = kernel.averages(symbol, bars.close, bars.src, growths, which, numbers, out)
    if taken < bars.close.size:
        raise price_error(bars, taken, base)
    return out


def _combinations(grid: Any) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    if isinstance(grid, Mapping):
        fields = tuple(grid)
        axes = []
        for name, values in grid.items():
            if isinstance(values, str) or not isinstance(values, Iterable):
                raise TypeError(f"grid[{name!r}] must be a sequence of values to try, not {values!r}")
            axes.append([_frozen(value) for value in values])
        combinations = list(product(*axes))
    else:
        rows = list(grid)
        fields = tuple(rows[0]) if rows else ()
        for number, row in enumerate(rows):
            if set(row) != set(fields):
                raise ValueError(
                    f"grid's row {number} has other fields than the first: {sorted(set(row) ^ set(fields))}"
                )
        combinations = [tuple(_frozen(row[name]) for name in fields) for row in rows]
    if not fields or not combinations:
        raise ValueError("grid is empty: give at least one field with a value")
    return fields, combinations


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _plain(value: Any) -> Any:
    """A NumPy number, as JSON takes it."""
    return value.item()


def _symbols(close: Any, src: Any) -> list[tuple[Hashable, Any, Any]]:
    if not isinstance(close, Mapping) and not (hasattr(close, "columns") and hasattr(close, "iloc")):
        return [(None, close, src)]
    if src is not None:
        raise ValueError("src is for one symbol: leave it out, or sweep one after the other")
    symbols = [(name, prices, None) for name, prices in symbols_of(close)]
    if not symbols:
        raise ValueError("close has no symbol: give at least one")
    return symbols


def _present(name: Hashable, prices: Any, src: Any) -> Bars:
    """A symbol's bars, those without a price left out, each array in one piece."""
    bars = bars_of(name, prices, src)
    there = ~(np.isnan(bars.close) | np.isnan(bars.src))
    if not there.any():
        raise ValueError(f"{'prices' if name is None else name}: there is no price in any row")
    close, x = (own[there].astype(np.float64, copy=False) for own in (bars.close, bars.src))
    return Bars(close, x, None if bars.labels is None else bars.labels[there])


def _tasks(configs: list[ATCConfig], done: NDArray[np.bool_], bars: list[int]) -> Iterator[_Task]:
    """What is left to do, by what shares its moving averages."""
    alike: dict[Any, list[int]] = {}
    for i, config in enumerate(configs):
        alike.setdefault((config.structure, config.cutout, config.strategy_mode), []).append(i)
    for symbol, own in enumerate(done):
        size = min(max(VALUES_OF_A_TASK // bars[symbol], LEAST_OF_A_TASK), CONFIGS_OF_A_TASK)
        for group in alike.values():
            left = [i for i in group if not own[i]]
            for first in range(0, len(left), size):
                yield _Task(symbol, left[first : first + size])


def _identity(bars: Bars, *arguments: Any) -> str:
    """Of all that decides a symbol's numbers besides the grid."""
    digest = hashlib.sha256(repr(arguments).encode())
    for own in (bars.close, bars.src):
        digest.update(own.tobytes())
    return digest.hexdigest()[:16]


def _read(
    results: str | os.PathLike[str] | None, identities: list[str], keys: list[str], values: Floats
) -> NDArray[np.bool_]:
    """Take over what a file has; returns which (symbol, config) it had."""
    done = np.zeros(values.shape[1:], np.bool_)
    if results is None or not Path(results).exists():
        return done
    numbers = {key: i for i, key in enumerate(keys)}
    places = {identity: i for i, identity in enumerate(identities)}
    for line, row in json_lines.read(Path(results)):
        if row.keys() != {"of", "config", "metrics"}:
            raise ValueError(f"{results}, line {line}: no sweep wrote this; name another file for results")
        place = places.get(row["of"]), numbers.get(row["config"])
        if place[0] is not None and place[1] is not None:
            values[:, place[0], place[1]] = row["metrics"]
            done[place] = True
    return done


def _append(results: str | os.PathLike[str] | None, identity: str, keys: list[str], numbers: Floats) -> None:
    if results is None:
        return
    pairs = zip(keys, numbers.T.tolist(), strict=True)
    json_lines.append(Path(results), [{"of": identity, "config": key, "metrics": own} for key, own in pairs])
