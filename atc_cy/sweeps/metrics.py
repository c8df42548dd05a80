"""The earnings of an account, bar by bar, and its metrics: the one place where metrics are defined.

The compiled loop (`atc_cy/kernel/trade.pxi`) computes those of `METRICS` for many configs at once. Over all
bars, its total return, maximum drawdown, exposure and trades are the same as here to the last bit. Only this
module defines what happens if everything is lost: the compiled loop keeps trading with an equity below 0.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .choices import OBJECTIVES
from .luck import p_value

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Account:
    """The positions taken over some bars, and their returns."""

    positions: Floats
    """The positions before the first bar and after each bar. 1 is long, -1 is short."""
    changes: Floats
    """The relative change of the price in each bar."""
    returns: Floats
    """The return of each bar, after costs."""
    cost: float
    """The cost of a change of the position by 1, as a fraction of the equity."""
    bars_per_year: float
    seed: int
    """The seed of the permutations."""

    @cached_property
    def held(self) -> Floats:
        """The position during each bar."""
        return self.positions[:-1]

    @cached_property
    def traded(self) -> Floats:
        """How much the position changed before each bar, at the close of the bar before."""
        return _traded(self.held)

    @cached_property
    def equity(self) -> Floats:
        """The equity after each bar; it is 1 before the first one."""
        equity: Floats = np.cumprod(1.0 + self.returns, dtype=np.float64)
        return equity

    @cached_property
    def deviations(self) -> Floats:
        """The deviations of the returns from their mean."""
        deviations: Floats = self.returns - self.returns.mean()
        return deviations

    @cached_property
    def openings(self) -> NDArray[np.intp]:
        """The numbers of the positions at which trades begin."""
        before = np.concatenate([[0.0], self.held])
        return np.flatnonzero((self.positions != 0.0) & (self.positions != before))

    @cached_property
    def ends(self) -> NDArray[np.intp]:
        """The number of the position at which each trade ends; the number of positions if it is open."""
        changed = np.flatnonzero(np.diff(self.positions)) + 1
        later = np.searchsorted(changed, self.openings, "right")
        return np.append(changed, self.positions.size)[later]

    @cached_property
    def trade_returns(self) -> Floats:
        """The return of each trade, with the costs of its beginning and its end.

        A bar pays for the change of the position before it. At a turn, the costs of closing are charged to
        the trade that is closed. So the product of 1 plus the return of each trade is the equity.
        """
        bars = self.changes.size
        growth = np.append(1.0 + self.returns, 1.0)
        paid = np.where(self.ends < bars, 1.0 - self.cost, 1.0)  # no bar pays for an end at the last close
        spans = np.stack([self.openings, np.minimum(self.ends, bars)], axis=1)
        with np.errstate(all="ignore"):  # NaN if the costs exceed everything
            growth[spans[:, 1]] /= paid
            returns: Floats = np.multiply.reduceat(growth, spans.ravel())[::2] * paid - 1.0
        return returns


def account_of_positions(
    positions: Floats, changes: Floats, cost: float, bars_per_year: float, seed: int
) -> Account:
    """The account with these positions, until a bar loses everything.

    A short position loses everything if the price doubles. The account does not lose more than that, and
    holds no position afterwards.
    """
    held = positions[:-1]
    returns = held * changes - cost * _traded(held)
    ruined = np.flatnonzero(returns <= -1.0)[:1]
    for bar in ruined.tolist():
        returns[bar:] = 0.0
        returns[bar] = -1.0
        positions = np.concatenate([positions[: bar + 1], np.zeros(positions.size - bar - 1)])
    return Account(positions, changes, returns, cost, bars_per_year, seed)


def _traded(held: Floats) -> Floats:
    traded: Floats = np.abs(np.diff(held, prepend=0.0))
    return traded


def sharpe_ratio(
    mean: Floats | np.float64, squares: Floats | np.float64, bars: int, bars_per_year: float
) -> Floats:
    """The yearly Sharpe ratio; NaN if the returns do not vary.

    squares: the sum of the squared deviations of the returns from their mean.
    """
    spread = np.sqrt(squares / max(bars - 1, 1))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(spread > 0.0, mean / spread * np.sqrt(bars_per_year), np.nan)


def _sharpe(account: Account) -> float:
    squares = np.square(account.deviations).sum()
    return float(sharpe_ratio(account.returns.mean(), squares, account.returns.size, account.bars_per_year))


def _max_drawdown(account: Account) -> float:
    highest = np.maximum(np.maximum.accumulate(account.equity), 1.0)
    return min(float((account.equity / highest - 1.0).min()), 0.0)


def _win_rate(account: Account) -> float:
    returns = account.trade_returns
    return _ratio(float((returns > 0.0).sum()), float((returns != 0.0).sum()))


def _profit_factor(account: Account) -> float:
    returns = account.trade_returns
    return _ratio(float(returns[returns > 0.0].sum()), -float(returns[returns < 0.0].sum()))


def _sortino(account: Account) -> float:
    losses = np.sqrt(np.square(np.minimum(account.returns, 0.0)).mean())
    return _ratio(float(account.returns.mean() * np.sqrt(account.bars_per_year)), float(losses))


def _cagr(account: Account) -> float:
    years = account.returns.size / account.bars_per_year
    return float(account.equity[-1] ** (1.0 / years)) - 1.0


def _calmar(account: Account) -> float:
    return _ratio(_cagr(account), -_max_drawdown(account))


def _moment(account: Account, degree: int) -> float:
    variance = float(np.square(account.deviations).mean())
    return _ratio(float((account.deviations**degree).mean()), variance ** (degree / 2))


def _ratio(part: float, whole: float) -> float:
    """The ratio of two numbers; NaN if the second one is not above 0."""
    return part / whole if whole > 0.0 else np.nan


_DEFINITIONS: dict[str, Callable[[Account], float]] = {
    "total_return": lambda account: float(account.equity[-1]) - 1.0,
    "sharpe": _sharpe,
    "max_drawdown": _max_drawdown,
    "exposure": lambda account: float((account.positions[1:] != 0.0).mean()),
    "trades": lambda account: float(account.openings.size),
    "buy_and_hold": lambda account: float(np.prod(1.0 + account.changes)) - 1.0,
    "win_rate": _win_rate,
    "profit_factor": _profit_factor,
    "sortino": _sortino,
    "calmar": _calmar,
    "cagr": _cagr,
    "turnover": lambda account: float(account.traded.sum()) * account.bars_per_year / account.traded.size,
    "skew": lambda account: _moment(account, 3),
    "kurtosis": lambda account: _moment(account, 4),
    "p_value": lambda account: p_value(account.held, account.changes, account.seed),
}
assert _DEFINITIONS.keys() == {*OBJECTIVES}


def measure(account: Account, names: tuple[str, ...]) -> list[float]:
    """The metrics of these names; NaN if one is not defined, which costs of any size may cause."""
    with np.errstate(all="ignore"):
        return [_DEFINITIONS[name](account) for name in names]
