"""`sweep`: every config of a grid, or those that a search chooses, traded on paper."""

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from ..config import ATCConfig, ConfigFields, public
from ..progress import ProgressOption, reporting
from .choices import METRICS
from .luck import deflated_sharpe
from .metrics import Floats
from .plan import Plan, no_report, plan_of
from .running import Tried, run
from .trading import checked_trading
from .windows import windows_of
from .year import warn_of_another_year

if TYPE_CHECKING:
    import pandas as pd


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
    slippage: float = 0.0,
    bars_per_year: float | None = None,
    start: Any = None,
    stop: Any = None,
    search: str = "grid",
    objective: str = "sharpe",
    trials: int | None = None,
    seed: int = 0,
    threads: int | None = None,
    progress: ProgressOption = None,
    results: str | os.PathLike[str] | None = None,
    **overrides: Unpack[ConfigFields],
) -> "pd.DataFrame":
    """Trade each config of a grid on paper.

    A position taken at a bar's close is held until a later bar's close changes it; what a bar returns is
    the position before it times the price's relative change, less `fees` times the change of the position at
    the close before it. A bar that takes all ends the account: its total return is -1.

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
        Some of these, each a number a config, or NaN where it is not defined. The first five are the default;
        the others take longer.

        - ``"total_return"``: the product of 1 plus the returns of all bars, less 1.
        - ``"sharpe"``: the mean of the returns over their standard deviation (of a sample), times the square
          root of `bars_per_year`. NaN if the returns do not vary.
        - ``"max_drawdown"``: the largest fall of the equity below its highest value so far, the 1 that it
          starts with included, as a negative part of that value.
        - ``"exposure"``: the part of the bars, 0 to 1, after which a position is held.
        - ``"trades"``: how often a position was opened; a turn from long to short opens one.
        - ``"buy_and_hold"``: the total return of the prices.
        - ``"win_rate"``: of the trades that gained or lost something, the part that gained, after costs. A
          trade that is still open counts as it stands.
        - ``"profit_factor"``: the returns of the trades that gained over those that lost.
        - ``"sortino"``: the mean of the returns over the root of their mean square, gains taken as 0, times
          the square root of `bars_per_year`.
        - ``"cagr"``: what the equity grew in a year, compounded.
        - ``"calmar"``: ``"cagr"`` over the size of ``"max_drawdown"``.
        - ``"turnover"``: what was traded in a year, in equities: a turn from long to short trades 2.
        - ``"skew"``, ``"kurtosis"``: the third and fourth standardized moments of the returns.
        - ``"p_value"``: how often the same positions earn as much when the bars come in a random order, of
          1,000 orders: small if timing earned it.
        - ``"deflated_sharpe"``: the probability that a config's true Sharpe ratio is above what the best of
          all tried ones has by luck alone (Bailey and López de Prado, 2014).
    rule
        ``"long_short"``: the position is the direction, 1 or -1, and 0 before the first one.
        ``"long_only"``: 1 while the direction is 1, else 0. ``"strategy"``: as long_short, one bar late.
    fees
        Part of the traded value that a change of position by 1 costs, ≥ 0.
    slippage
        Part of the price by which each fill is worse, ≥ 0; it costs as fees do.
    bars_per_year
        How many bars a year has: 365 for days of a market that never closes, 2190 for 4 hours of it. By
        default 252, of trading days, with a warning if the times of `close` have another pace.
    start, stop
        The rows that are traded, as in ``close[start:stop]``: numbers of rows, or times if `close` has them
        as its index. The indicator begins at the first row. The position of the close before `start` is
        taken there, and pays its fees.
    search
        ``"grid"`` tries all combinations; ``"random"`` some, drawn without repetition; ``"tpe"`` lets Optuna
        (extra ``optimize``) suggest one after the other, for each symbol, towards a better `objective`. A
        config that it suggests again is one column. For both, `grid` has values by field.
    objective
        The metric that ``"tpe"`` searches the best value of: the largest, but of ``"p_value"`` the smallest.
    trials
        How many configs a search tries, ≥ 1.
    seed
        Of a search and of the permutations, ≥ 0. The same seed gives the same configs and numbers.
    threads
        How many; by default as many as there are CPUs for this process. The numbers are the same.
    progress
        True shows a bar, in a terminal and in a notebook (extra ``cli``). A function is called in this
        thread, now and then, with the configs done and the configs in all (of each symbol).
    results
        A file to which finished configs are appended, and from which those are taken that are there already,
        of the same prices and arguments: a sweep that was stopped goes on where it was, and a search goes on
        as if it had not been stopped.
    **overrides
        Fields of `ATCConfig` that replace the config's.

    Returns
    -------
    pandas.DataFrame
        A row a metric, a column a config; the columns are a MultiIndex with a level ``atc_<field>`` for each
        field of the grid, and before them ``symbol`` if there are many. The transpose, ``.T``, has a row a
        config.

    Warns
    -----
    UserWarning
        `bars_per_year` is not given, and the times of `close` have another pace than trading days.

    Raises
    ------
    TypeError, ValueError
        A bad argument.
    PriceError
        A row is not a valid price.
    KernelError
        No kernel can be loaded.
    ImportError
        Optuna is missing.

    See Also
    --------
    equity : One config, bar by bar and trade by trade.
    walk_forward : The best config of some bars, traded on the next ones.
    plot_sweep : The result as a page.

    Examples
    --------
    >>> usd = atc_cy.datasets.load_ecb_fx().query("symbol == 'USD'").set_index("date")["close"]
    >>> table = atc_cy.sweep(usd, {"La": [0.0, 0.02], "De": [0.03, 0.3]}, fees=0.0002)
    >>> table.loc["total_return"].round(3).to_dict()
    {(0.0, 0.03): -0.363, (0.0, 0.3): -0.313, (0.02, 0.03): -0.358, (0.02, 0.3): -0.313}
    >>> table.loc["sharpe"].round(3).tolist()
    [-0.127, -0.098, -0.125, -0.098]
    """
    plan = plan_of(
        sweep,
        grid,
        config,
        overrides,
        checked_trading(rule, fees, slippage, bars_per_year, seed),
        metric=metric,
        objective=objective,
        search=search,
        trials=trials,
        threads=threads,
        results=results,
    )
    windows = windows_of(close, src, plan.base, start, stop)
    if start is not None or stop is not None:
        plan.check_windows(windows, start, stop)
    warn_of_another_year(bars_per_year, windows, plan.wanted)
    with reporting(progress, "configs") as report:
        tried = run(plan, windows, report or no_report)
    return _table(plan, tried)


def metrics_of(tried: Tried, plan: Plan) -> Floats:
    """The metrics that were asked for, (metric, config)."""
    rows = dict(zip(plan.names, tried.values, strict=True))
    if "deflated_sharpe" in plan.wanted:
        rows["deflated_sharpe"] = deflated_sharpe(
            rows["sharpe"],
            rows["skew"],
            rows["kurtosis"],
            tried.window.size,
            float(plan.trading.bars_per_year),
        )
    return np.array([rows[name] for name in plan.wanted])


def _table(plan: Plan, tried: list[Tried]) -> "pd.DataFrame":
    """What `sweep` returns."""
    import pandas as pd

    levels = [f"atc_{name}" for name in plan.fields]
    columns = [values for each in tried for values in each.grid.combinations]
    if tried[0].window.name is not None:
        levels = ["symbol", *levels]
        columns = [(each.window.name, *values) for each in tried for values in each.grid.combinations]
    metrics = np.concatenate([metrics_of(each, plan) for each in tried], axis=1)
    return pd.DataFrame(metrics, list(plan.wanted), pd.MultiIndex.from_tuples(columns, names=levels))
