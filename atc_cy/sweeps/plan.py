"""The plan of a sweep, a search or a walk forward: its arguments, checked once."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..config import LENGTH_FIELDS, ATCConfig, checked_integer, resolve
from ..config.names import WEIGHT_FIELDS
from ..engine.many import thread_count
from ..progress import ProgressFunction
from ..text import shown, suggestion
from .choices import METRICS, OBJECTIVES, SEARCHES
from .grid import Axis, Grid, axes_of, corners, grid_of, random_grid
from .results import ResultsFile
from .trading import Trading, checked_metrics, checked_objective
from .windows import Window, check_warm_up


@dataclass(frozen=True)
class Plan:
    """The configs to try, and how to try them."""

    base: ATCConfig
    trading: Trading
    grid: Grid | None
    """None if the search chooses the combinations."""
    axes: list[Axis]
    trials: int
    objective: str
    wanted: tuple[str, ...]
    """The metrics that were asked for."""
    names: tuple[str, ...]
    """The metrics to compute: `METRICS`, and further ones that the wanted metrics need."""
    threads: int
    file: ResultsFile

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of the grid."""
        return tuple(axis.field for axis in self.axes) if self.grid is None else self.grid.fields

    @property
    def count(self) -> int:
        """How many configs are tried in each window."""
        return self.trials if self.grid is None else len(self.grid.combinations)

    def check_windows(self, windows: list[Window], start: Any, stop: Any) -> int:
        """Call `check_warm_up` for all configs that may be tried."""
        grid = corners(self.axes) if self.grid is None else self.grid
        return check_warm_up(windows, grid.configs(self.base), start, stop)


def part_of(progress: ProgressFunction, before: int, total: int) -> ProgressFunction:
    """A function that reports the progress of a part of the work as that of the whole.

    before: how much was done before the part. total: the size of the whole.
    """
    return lambda done, _: progress(before + done, total)


def plan_of(
    function: Callable[..., Any],
    grid: Any,
    config: ATCConfig | str,
    overrides: Mapping[str, Any],
    trading: Trading,
    *,
    metric: Any,
    objective: Any,
    search: Any,
    trials: int | None,
    threads: int | None,
    results: str | os.PathLike[str] | None,
) -> Plan:
    """The plan of a function's arguments.

    Raises
    ------
    TypeError, ValueError
        A bad argument.
    """
    base = resolve(config, overrides, function=function, stacklevel=4)
    needed = {checked_objective(objective)}
    wanted = checked_metrics(metric)
    count = _checked_search(search, trials)
    axes = [] if search == "grid" else axes_of(grid)
    tried = grid_of(grid) if search == "grid" else None
    if search == "random":
        tried = random_grid(axes, count, trading.seed)
    fields = [axis.field for axis in axes] if tried is None else tried.fields
    for name, value in overrides.items():
        if name in fields:
            raise ValueError(
                f"{name}={shown(value)} would have no effect, because the grid has {name}: give only one of "
                "them"
            )
    trading.check_fields(overrides, fields)
    _check_types(base, corners(axes) if tried is None else tried)
    if tried is None:
        corners(axes).configs(base)  # raises the errors of bad values before the first trial
    needed |= {*wanted, *(("skew", "kurtosis") if "deflated_sharpe" in wanted else ())}
    names = tuple(name for name in OBJECTIVES if name in METRICS or name in needed)
    return Plan(
        base,
        trading,
        tried,
        axes,
        count,
        objective,
        wanted,
        names,
        thread_count(threads),
        ResultsFile(results, names),
    )


def _check_types(base: ATCConfig, grid: Grid) -> None:
    """Refuse lengths and weights of types that no config has."""
    used = {*base.moving_averages}
    if "moving_averages" in grid.fields:
        place = grid.fields.index("moving_averages")
        every = {values[place] for values in grid.combinations}
        used = {name for types in every if isinstance(types, tuple) for name in types}
    for fields in (LENGTH_FIELDS, WEIGHT_FIELDS):
        for name, field in fields.items():
            if field in grid.fields and name not in used:
                raise ValueError(
                    f"{field} in the grid would have no effect, because moving_averages has no {name}: leave "
                    "it out, or add the type"
                )


def no_report(done: int, total: int) -> None:
    """Ignore a report of progress."""


def _checked_search(search: Any, trials: int | None) -> int:
    """How many trials are wanted; 0 for a grid, whose configs are all tried."""
    if not isinstance(search, str) or search not in SEARCHES:
        raise ValueError(f"search={shown(search)} is unknown; {suggestion(search, SEARCHES)}")
    if search == "grid":
        if trials is not None:
            raise ValueError(
                f"trials={shown(trials)} would have no effect, because all configs of a grid are tried: "
                "give search='random' or 'tpe' too"
            )
        return 0
    if trials is None:
        raise ValueError(f"search={search!r} needs trials: give how many configs to try")
    return checked_integer("trials", trials, 1)
