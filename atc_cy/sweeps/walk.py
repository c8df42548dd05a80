"""`walk_forward`: the best config of each training window, traded on the bars after it."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Unpack

import numpy as np

from ..config import ATCConfig, ConfigFields, checked_flag, checked_integer, public
from ..progress import ProgressFunction, ProgressOption, reporting
from .accounts import Equity, equity_of
from .choices import OBJECTIVES
from .metrics import measure
from .plan import Plan, no_report, part_of, plan_of
from .running import best_of, run
from .trading import account_of, checked_trading, positions_of
from .windows import Window, windows_of
from .year import warn_of_another_year

if TYPE_CHECKING:
    import pandas as pd


_OF_TEST = tuple(name for name in OBJECTIVES if name != "p_value")
"""The metrics of a test; a p-value would take a while, and says little about few bars."""


@dataclass(frozen=True, eq=False)
class WalkForward(Equity):
    """What walking forward earned, on bars that no config was chosen on.

    Attributes
    ----------
    windows
        A row for each window: the first and last bars of its training and its test (``train_first``,
        ``train_last``, ``test_first``, ``test_last``), the chosen config's ``atc_<field>`` for each field of
        the grid, ``train_<objective>``, and the metrics of the test, as `equity` returns them, except
        ``p_value``.
    curve, trades, account, metrics
        As in `Equity`, for all tests one after the other.

    See Also
    --------
    walk_forward : Makes it.

    Examples
    --------
    >>> usd = atc_cy.datasets.load_ecb_fx().query("symbol == 'USD'").set_index("date")["close"]
    >>> walk = atc_cy.walk_forward(usd, {"La": [0.0, 0.02]}, train=1000, test=500)
    >>> walk.windows["atc_La"].tolist()[:4]
    [0.0, 0.0, 0.0, 0.0]
    """

    windows: "pd.DataFrame"


WalkForward.__module__ = "atc_cy"


class _Split(NamedTuple):
    """The numbers of the training's first bar, of the test's first bar, and of the bar after the test."""

    train: int
    test: int
    stop: int


@public
def walk_forward(
    close: Any,
    grid: "Mapping[str, Iterable[Any]] | Iterable[Mapping[str, Any]]",
    train: int,
    test: int,
    *,
    step: int | None = None,
    anchored: bool = False,
    config: ATCConfig | str = "default",
    src: Any = None,
    objective: str = "sharpe",
    rule: str = "long_short",
    fees: float = 0.0,
    slippage: float = 0.0,
    bars_per_year: float | None = None,
    search: str = "grid",
    trials: int | None = None,
    seed: int = 0,
    threads: int | None = None,
    progress: ProgressOption = None,
    results: str | os.PathLike[str] | None = None,
    **overrides: Unpack[ConfigFields],
) -> WalkForward:
    """Choose the best config on some bars, trade it on the next ones, and repeat from there.

    The result is out of sample: no config is traded on bars that it was chosen on. The first training begins
    where all moving averages of all configs are defined; the indicator always runs from the first price.

    Parameters
    ----------
    close
        Closing prices of one symbol, as in `compute_atc_signals`. NaN is not a bar.
    grid, config, src, rule, fees, slippage, bars_per_year, threads, results, **overrides
        As in `sweep`. Each training is a sweep with its own lines in `results`.
    train, test
        The number of bars of a training (≥ 2) and of a test (≥ 1). The last test may have fewer.
    step
        The number of bars from one window to the next, ≥ `test`; by default `test`. Between tests no position
        is held.
    anchored
        Whether all trainings begin where the first one does, and so grow; otherwise they move on.
    objective
        The metric whose best value chooses the config; the first one if several are equal.
    search, trials, seed
        As in `sweep`, for each training.
    progress
        True shows a bar, in a terminal and in a notebook (extra ``cli``). A function is called in this thread
        from time to time, with the number of configs done and of all configs.

    Returns
    -------
    WalkForward
        With the tables ``windows``, ``curve`` and ``trades``, and the ``metrics`` of all tests together.

    Warns
    -----
    UserWarning
        As from `sweep`.

    Raises
    ------
    TypeError, ValueError
        A bad argument; too few bars; or an objective that is NaN for all configs of a training.
    PriceError
        A row is not a valid price.
    KernelError
        No kernel can be loaded.

    See Also
    --------
    sweep : The search that each training runs.
    equity : One config over all bars.
    plot_sweep : The result as a page.

    Examples
    --------
    >>> usd = atc_cy.datasets.load_ecb_fx().query("symbol == 'USD'").set_index("date")["close"]
    >>> walk = atc_cy.walk_forward(usd, {"La": [0.0, 0.02]}, train=1000, test=500)
    >>> len(walk.windows), walk.metrics["total_return"].round(3).item()
    (13, -0.01)
    """
    plan = plan_of(
        walk_forward,
        grid,
        config,
        overrides,
        checked_trading(rule, fees, slippage, bars_per_year, seed),
        metric=objective,
        objective=objective,
        search=search,
        trials=trials,
        threads=threads,
        results=results,
    )
    lengths = checked_integer("train", train, 2), checked_integer("test", test, 1)
    step = lengths[1] if step is None else checked_integer("step", step)
    if step < lengths[1]:
        raise ValueError(
            f"step={step} is less than test={test}, so bars would be traded twice: give at least {test}"
        )
    windows = windows_of(close, src, plan.base)
    if windows[0].name is not None:
        raise ValueError(
            "close must be the prices of one symbol, such as data['BTC']: call walk_forward for each symbol"
        )
    warn_of_another_year(bars_per_year, windows, OBJECTIVES)
    (window,) = windows
    warm_up = plan.check_windows(windows, None, None)
    splits = _splits(window.rows.size, warm_up, *lengths, step, checked_flag("anchored", anchored))
    with reporting(progress, "configs") as report:
        return _walk(plan, window, splits, report or no_report)


def _splits(bars: int, warm_up: int, train: int, test: int, step: int, anchored: bool) -> list[_Split]:
    splits = [
        _Split(warm_up if anchored else first - train, first, min(first + test, bars))
        for first in range(warm_up + train, bars, step)
    ]
    if not splits:
        raise ValueError(
            f"close has {bars} bars, too few for a warm-up of {warm_up}, train={train} and a bar to test: "
            "give more bars, a shorter training, or shorter averages"
        )
    return splits


def _walk(plan: Plan, window: Window, splits: list[_Split], progress: ProgressFunction) -> WalkForward:
    import pandas as pd

    begin, total = splits[0].test, len(splits) * plan.count
    whole = window.part(begin, splits[-1].stop)
    positions = np.zeros(whole.size + 1)
    rows = []
    for number, split in enumerate(splits):
        before = number * plan.count
        training, test = window.part(split.train, split.test), window.part(split.test, split.stop)
        (tried,) = run(plan, [training], part_of(progress, before, total))
        best = best_of(tried, plan)
        values = dict(zip(plan.fields, tried.grid.combinations[best], strict=True))
        taken = positions_of(plan.base.override(**values), test, plan.trading)
        # The next test decides what is held after a test's last bar; nothing if it does not follow at once.
        positions[split.test - begin : split.stop - begin] = taken[:-1]
        positions[split.stop - begin] = taken[-1] if split is splits[-1] else 0.0
        rows.append(
            {
                "train_first": window.labels()[split.train],
                "train_last": window.labels()[split.test - 1],
                "test_first": window.labels()[split.test],
                "test_last": window.labels()[split.stop - 1],
                **{f"atc_{name}": value for name, value in values.items()},
                f"train_{plan.objective}": float(tried.values[plan.names.index(plan.objective), best]),
                **dict(zip(_OF_TEST, measure(account_of(taken, test, plan.trading), _OF_TEST), strict=True)),
            }
        )
    tested = equity_of(account_of(positions, whole, plan.trading), whole)
    return WalkForward(tested.curve, tested.trades, tested.account, pd.DataFrame(rows))
