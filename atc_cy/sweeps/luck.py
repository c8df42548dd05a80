"""Whether the best config is only lucky: the deflated Sharpe ratio, and a test by permutations.

The deflated Sharpe ratio was defined by D. H. Bailey and M. López de Prado, "The Deflated Sharpe Ratio:
Correcting for Selection Bias, Backtest Overfitting and Non-Normality", Journal of Portfolio Management 40
(5), 2014.
"""

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

PERMUTATIONS = 1_000
"""The smallest p-value is 1 / (1 + this)."""
_EULER_GAMMA = 0.5772156649015329

Floats = NDArray[np.float64]


def p_value(held: Floats, changes: Floats, seed: int) -> float:
    """How often the same positions earn as much if the price changes come in a random order.

    It is (1 + permutations whose mean return is not below the true one) / (1 + permutations). Costs are left
    out, because they are the same in any order.

    held: the position during each bar. changes: the relative change of the price in each bar.
    """
    generator = np.random.default_rng(seed)
    rounding = 1e-12 * np.abs(changes).sum()  # a position that never changes earns the same in any order
    enough = np.sum(held * changes) - rounding
    as_good = sum(bool(np.sum(held * generator.permutation(changes)) >= enough) for _ in range(PERMUTATIONS))
    return (1 + as_good) / (1 + PERMUTATIONS)


def deflated_sharpe(
    sharpe: Floats, skew: Floats, kurtosis: Floats, bars: int, bars_per_year: float
) -> Floats:
    """The probability that the true Sharpe ratio is above the one that the best trial has by luck alone.

    Parameters
    ----------
    sharpe, skew, kurtosis
        The yearly Sharpe ratio of each trial, and the third and fourth standardized moments of its returns
        (3 is the kurtosis of a normal distribution). A trial whose Sharpe ratio is NaN does not count.
    bars
        How many returns each trial has.
    bars_per_year
        The number of bars per year that the Sharpe ratios were computed with.

    Returns
    -------
    numpy.ndarray
        0 to 1 for each trial, or NaN. For a single trial it is the probabilistic Sharpe ratio against 0.
    """
    ratios = sharpe / math.sqrt(bars_per_year)
    trials = ratios[~np.isnan(ratios)]
    by_luck = expected_best(float(trials.std(ddof=1)), trials.size) if trials.size > 1 else 0.0
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = np.sqrt(1.0 - skew * ratios + (kurtosis - 1.0) / 4.0 * ratios**2)
        z = (ratios - by_luck) * math.sqrt(max(bars - 1, 0)) / spread
    return np.array([NormalDist().cdf(value) if math.isfinite(value) else math.nan for value in z.tolist()])


def expected_best(spread: float, trials: int) -> float:
    """The expected largest Sharpe ratio of trials whose true Sharpe ratio is 0.

    spread: the standard deviation of the trials' Sharpe ratios. trials: at least 2.
    """
    quantile = NormalDist().inv_cdf
    return spread * (
        (1.0 - _EULER_GAMMA) * quantile(1.0 - 1.0 / trials)
        + _EULER_GAMMA * quantile(1.0 - 1.0 / (trials * math.e))
    )
