"""Tries configs: in tasks that threads share, or in a search that goes trial by trial."""

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..config import ATCConfig
from ..engine.pool import pool
from ..progress import ProgressFunction
from . import tpe
from .choices import BEST_IS_LOW, METRICS
from .grid import Grid
from .metrics import Floats
from .plan import Plan, part_of
from .results import Trial, identity_of
from .trading import trade
from .windows import Window

CONFIGS_OF_A_TASK, LEAST_OF_A_TASK = 64, 8
"""The largest number of configs in a task, and the smallest one if memory limits it."""
VALUES_OF_A_TASK = 4_000_000
"""How many values the averages of a task may have."""


class Tried(NamedTuple):
    """The configs that were tried in one window."""

    window: Window
    grid: Grid
    values: Floats
    """The metrics, an array (name, config)."""


class _Task(NamedTuple):
    """Some configs of one window, which a thread runs together."""

    window: int
    configs: list[int]


def run(plan: Plan, windows: list[Window], progress: ProgressFunction) -> list[Tried]:
    """Run the plan in each window; configs in the file of results are not computed again.

    Raises
    ------
    PriceError
        A row is not a valid price.
    ValueError
        A line of the file was not written by a sweep, or the objective of a search is NaN for all configs.
    ImportError
        Optuna is missing.
    """
    if plan.grid is not None:
        return _run_grid(plan, plan.grid, windows, progress)
    tried: list[Tried] = []
    for window in windows:
        report = part_of(progress, len(tried) * plan.count, len(windows) * plan.count)
        tried.append(_run_search(plan, window, report))
    if all(np.isnan(_objectives(each, plan)).all() for each in tried):
        best_of(tried[0], plan)
    return tried


def _run_grid(plan: Plan, grid: Grid, windows: list[Window], progress: ProgressFunction) -> list[Tried]:
    configs, keys = grid.configs(plan.base, **plan.trading.fixed), grid.keys()
    values = np.full((len(windows), len(plan.names), len(configs)), np.nan)
    done = np.zeros((len(windows), len(configs)), np.bool_)
    identities = [_identity(plan, window) for window in windows]
    for place, identity in enumerate(identities):
        for number, key in enumerate(keys):
            if (known := plan.file.known(identity, key)) is not None:
                values[place, :, number], done[place, number] = known, True

    def finish(task: _Task) -> Floats:
        """Trade a task and keep its metrics at once, even if Ctrl-C ends the search meanwhile."""
        metrics = trade(
            [configs[number] for number in task.configs], windows[task.window], plan.trading, plan.names
        )
        plan.file.append(identities[task.window], [keys[number] for number in task.configs], metrics)
        return metrics

    total, finished = done.size, int(done.sum())
    progress(finished, total)
    with pool(min(plan.threads, total)) as executor:
        most = CONFIGS_OF_A_TASK if plan.names == METRICS else LEAST_OF_A_TASK  # more metrics take longer
        tasks = _tasks(configs, done, [window.rows.size for window in windows], most)
        for task, metrics in _run_tasks(executor, 2 * plan.threads, tasks, finish):
            values[task.window][:, task.configs] = metrics
            finished += len(task.configs)
            progress(finished, total)
    return [Tried(window, grid, part) for window, part in zip(windows, values, strict=True)]


def _run_tasks(
    executor: Executor, ahead: int, tasks: Iterator[_Task], finish: Callable[[_Task], Floats]
) -> Iterator[tuple[_Task, Floats]]:
    """Each task and its metrics, as they are ready.

    ahead: how many are submitted at a time; few, so that Ctrl-C does not wait for all tasks.
    """
    running: dict[Future[Floats], _Task] = {}

    def submit(count: int) -> None:
        for task in islice(tasks, count):
            running[executor.submit(finish, task)] = task

    submit(ahead)
    while running:
        ready, _ = wait(running, return_when=FIRST_COMPLETED)
        finished = [(running.pop(future), future) for future in ready]
        submit(len(finished))
        for task, future in finished:
            yield task, future.result()


def _tasks(configs: list[ATCConfig], done: NDArray[np.bool_], sizes: list[int], most: int) -> Iterator[_Task]:
    """The tasks that are left; the configs of a task share their moving averages.

    done: whether each (window, config) is done. sizes: how many bars each window has. most: how many configs
    a task may have.
    """
    groups: dict[Any, list[int]] = {}
    for number, config in enumerate(configs):
        groups.setdefault((config.structure, config.cutout, config.strategy_mode), []).append(number)
    for window, (size, finished) in enumerate(zip(sizes, done, strict=True)):
        count = min(max(VALUES_OF_A_TASK // size, LEAST_OF_A_TASK), most)
        for group in groups.values():
            left = [number for number in group if not finished[number]]
            for first in range(0, len(left), count):
                yield _Task(window, left[first : first + count])


def _run_search(plan: Plan, window: Window, progress: ProgressFunction) -> Tried:
    """Run one trial after the other; a config that is suggested again is not traded again."""
    search = tpe.Search(plan.axes, plan.trading.seed, low=plan.objective in BEST_IS_LOW)
    identity = _identity(plan, window)
    of_search = tpe.identity_of(plan.axes, plan.objective, plan.trading.seed)
    place = plan.names.index(plan.objective)
    tried: dict[str, tuple[tuple[Any, ...], Floats]] = {}
    for values, known in plan.file.trials(identity, of_search, plan.axes)[: plan.count]:
        tried[Grid(plan.fields, [values]).keys()[0]] = values, known
        search.add(values, known[place])
    progress(search.trials, plan.count)
    while search.trials < plan.count:
        values = search.suggest()
        suggested = Grid(plan.fields, [values])
        (key,) = suggested.keys()
        metrics = tried[key][1] if key in tried else plan.file.known(identity, key)
        if metrics is None:
            (config,) = suggested.configs(plan.base, **plan.trading.fixed)
            metrics = trade([config], window, plan.trading, plan.names)[:, 0]
        plan.file.append(identity, [key], metrics[:, None], Trial(of_search, search.trials))
        tried[key] = values, metrics
        search.finish(metrics[place])
        progress(search.trials, plan.count)
    grid = Grid(plan.fields, [values for values, _ in tried.values()])
    return Tried(window, grid, np.array([metrics for _, metrics in tried.values()]).T)


def best_of(tried: Tried, plan: Plan) -> int:
    """The number of the config with the best objective; the first one if several are equal.

    Raises
    ------
    ValueError
        The objective is NaN for all configs.
    """
    values = _objectives(tried, plan)
    if np.isnan(values).all():
        raise nothing_is_best(plan.objective, values.size, tried.window)
    return int(np.nanargmin(values) if plan.objective in BEST_IS_LOW else np.nanargmax(values))


def _objectives(tried: Tried, plan: Plan) -> Floats:
    """The objective of each config."""
    values: Floats = tried.values[plan.names.index(plan.objective)]
    return values


def nothing_is_best(objective: str, configs: int, window: Window | None = None) -> ValueError:
    """The error about an objective that is NaN for all configs."""
    where = "" if window is None or window.name is None else f"{window.name}: "
    bars = "" if window is None else f" over {window.size} bars from {window.labels()[window.first]}"
    return ValueError(
        f"{where}{objective} is NaN for all {configs} configs{bars}, so none is the best: "
        "give more bars, other values to try, or another objective"
    )


def _identity(plan: Plan, window: Window) -> str:
    """The id of a window in the file of results; empty without a file, since computing it takes a while."""
    if not plan.file:
        return ""
    return identity_of(window.bars, window.first, plan.base, plan.trading, plan.names)
