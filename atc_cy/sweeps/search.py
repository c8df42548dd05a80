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

    A position is taken at the close of a bar, and held until the close of a later bar changes it. The return
    of a bar is the position before it times the relative change of the price, minus `fees` times the change
    of the position at the close before it. A bar that loses everything ends the account, with a total return
    of -1.

    Parameters
    ----------
    close
        Closing prices of one symbol, as in `compute_atc_signals`; or a DataFrame with one column per symbol,
        or a mapping of symbols to series. NaN is not a bar.
    grid
        Fields of `ATCConfig`, each with the values to try in all combinations; or a list of combinations, as
        mappings with the same fields.
    config
        A config, or a preset's name, that gives the other fields.
    src
        What the moving averages run on, if not the prices; for one symbol.
    metric
        One or more of these names. Each is a number, or NaN where it is not defined. The first five are the
        default; the others take longer.

        - ``"total_return"``: the product of 1 plus the returns of all bars, less 1.
        - ``"sharpe"``: the mean of the returns over their standard deviation (of a sample), times the square
          root of `bars_per_year`. NaN if the returns do not vary.
        - ``"max_drawdown"``: the largest fall of the equity below its highest value so far (including the 1
          at the start), as a negative fraction of that value.
        - ``"exposure"``: the fraction of the bars, 0 to 1, after which a position is held.
        - ``"trades"``: how many positions were opened; a turn from long to short opens one.
        - ``"buy_and_hold"``: the total return of the prices.
        - ``"win_rate"``: the fraction of trades with a gain among those with a gain or a loss, after costs.
          A trade that is still open counts with its present value.
        - ``"profit_factor"``: the sum of the gains of all trades divided by that of the losses.
        - ``"sortino"``: the mean of the returns over the root of their mean square, gains taken as 0, times
          the square root of `bars_per_year`.
        - ``"cagr"``: the growth of the equity per year, compounded.
        - ``"calmar"``: ``"cagr"`` over the size of ``"max_drawdown"``.
        - ``"turnover"``: what was traded per year, in multiples of the equity: a turn from long to short
          trades 2.
        - ``"skew"``, ``"kurtosis"``: the third and fourth standardized moments of the returns.
        - ``"p_value"``: the fraction of 1,000 random orders of the bars in which the same positions earn as
          much: small if the timing mattered.
        - ``"deflated_sharpe"``: the probability that a config's true Sharpe ratio is above what the best of
          all tried configs would have by luck alone (Bailey and López de Prado, 2014).
    rule
        ``"long_short"``: the position is the direction, 1 or -1, and 0 before the first one.
        ``"long_only"``: 1 while the direction is 1, else 0. ``"strategy"``: as long_short, one bar late.
    fees
        The cost of a change of position by 1, as a fraction of the traded value, ≥ 0.
    slippage
        By which fraction of the price each fill is worse, ≥ 0; it costs as much as equal `fees`.
    bars_per_year
        The number of bars per year: 365 for daily bars of a market that never closes, 2190 for its 4-hour
        bars. By default 252, for trading days, with a warning if the times of `close` are spaced differently.
    start, stop
        The rows that are traded, as in ``close[start:stop]``: row numbers, or times if they are the index of
        `close`. The indicator begins at the first row. The position of the close before `start` is taken
        there, and pays its fees.
    search
        ``"grid"`` tries all combinations; ``"random"`` tries some, without repetition; with ``"tpe"``, Optuna
        (extra ``optimize``) suggests one after the other, for each symbol, towards a better `objective`. A
        config that it suggests again is one column. The last two need a `grid` of values by field.
    objective
        The metric whose best value ``"tpe"`` searches: the largest, for ``"p_value"`` the smallest.
    trials
        The number of configs that a search tries, ≥ 1.
    seed
        The seed of a search and of the permutations, ≥ 0. The same seed gives the same configs and numbers.
    threads
        How many threads; by default one for each CPU of this process. The numbers do not depend on it.
    progress
        True shows a bar, in a terminal and in a notebook (extra ``cli``). A function is called in this
        thread from time to time, with the number of configs done and of all configs (of each symbol).
    results
        A file to which finished configs are appended. Configs that it has already, for the same prices and
        arguments, are read instead of computed, so that a sweep or a search that was stopped continues.
    **overrides
        Fields of `ATCConfig` that replace the config's.

    Returns
    -------
    pandas.DataFrame
        A row for each metric and a column for each config. The columns are a MultiIndex with a level
        ``atc_<field>`` for each field of the grid, after ``symbol`` if there are several. The transpose,
        ``.T``, has a row for each config.

    Warns
    -----
    UserWarning
        `bars_per_year` is not given, and the times of `close` are not spaced like trading days.

    Raises
    ------
    TypeError, ValueError
        A bad argument.
    PriceError
        A row is not a valid price.
    KernelError
        No kernel can be loaded.
    ImportError
        `search` is ``"tpe"``, and Optuna is missing.

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
    """The metrics that were asked for, an array (metric, config)."""
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
    """The table that `sweep` returns."""
    import pandas as pd

    levels = [f"atc_{name}" for name in plan.fields]
    columns = [values for each in tried for values in each.grid.combinations]
    if tried[0].window.name is not None:
        levels = ["symbol", *levels]
        columns = [(each.window.name, *values) for each in tried for values in each.grid.combinations]
    metrics = np.concatenate([metrics_of(each, plan) for each in tried], axis=1)
    return pd.DataFrame(metrics, list(plan.wanted), pd.MultiIndex.from_tuples(columns, names=levels))
