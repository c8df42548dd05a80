"""Trades configs on paper: computes their averages, and the metrics of what each would have earned."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..config import ATCConfig, checked_integer, checked_number
from ..dispatch import Kernel, best_kernel
from ..engine.bars import Bars, Prices
from ..engine.crossing import trend
from ..engine.recording import measured
from ..engine.run import new_symbol, price_error
from ..text import shown, suggestion
from .choices import ALL_METRICS, METRICS, OBJECTIVES, RULES, TRADING_DAYS
from .metrics import Account, Floats, account_of_positions, measure, sharpe_ratio
from .windows import Window, rows_as_given


class Trading(NamedTuple):
    """How positions are taken, and what they cost."""

    rule: str
    fees: float
    slippage: float
    bars_per_year: float
    seed: int
    """The seed for random configs, and for the order of bars in `p_value`."""

    @property
    def cost(self) -> float:
        """The cost of a change of the position by 1."""
        return float(self.fees) + float(self.slippage)

    @property
    def fixed(self) -> dict[str, Any]:
        """The fields of a config that the rule sets."""
        return {"strategy_mode": True} if self.rule == "strategy" else {}

    def check_fields(self, overrides: Mapping[str, Any], grid: Iterable[str] = ()) -> None:
        """Refuse other values of the fields that the rule sets.

        grid: the fields of the grid.

        Raises
        ------
        ValueError
            Such a value would have no effect.
        """
        for name, value in self.fixed.items():
            if name in grid or overrides.get(name, value) != value:
                given = f"{name}={shown(overrides[name])}" if name in overrides else f"{name} in the grid"
                raise ValueError(
                    f"{given} would have no effect, because rule={self.rule!r} sets it: leave it out, or "
                    "give rule='long_short'"
                )


def checked_trading(rule: str, fees: Any, slippage: Any, bars_per_year: Any, seed: Any) -> Trading:
    """The arguments of `sweep` that say how to trade. bars_per_year: None for trading days.

    Raises
    ------
    TypeError, ValueError
        An argument is unknown, not a number, or out of its range.
    """
    if not isinstance(rule, str) or rule not in RULES:
        raise ValueError(f"rule={shown(rule)} is unknown; {suggestion(rule, RULES)}")
    for name, number in (("fees", fees), ("slippage", slippage)):
        checked_number(name, number, 0.0, np.inf)
    if bars_per_year is None:
        bars_per_year = TRADING_DAYS
    checked_number("bars_per_year", bars_per_year, 1e-9, np.inf)
    return Trading(rule, fees, slippage, bars_per_year, checked_integer("seed", seed, 0))


def checked_metrics(metric: str | Sequence[str]) -> tuple[str, ...]:
    """The metrics that were asked for.

    Raises
    ------
    TypeError, ValueError
        There is none, or one is unknown.
    """
    if not isinstance(metric, Iterable):
        raise TypeError(f"metric={shown(metric)} must be one or more of {', '.join(ALL_METRICS)}")
    wanted = (metric,) if isinstance(metric, str) else tuple(metric)
    for name in wanted:
        if not isinstance(name, str) or name not in ALL_METRICS:
            raise ValueError(f"metric={shown(name)} is unknown; {suggestion(name, ALL_METRICS)}")
    if not wanted:
        raise ValueError(f"metric is empty: give at least one of {', '.join(ALL_METRICS)}")
    return wanted


def checked_objective(objective: Any) -> str:
    """The metric whose best value a search looks for.

    Raises
    ------
    ValueError
        The metric is unknown, or depends on all trials together.
    """
    if not isinstance(objective, str) or objective not in OBJECTIVES:
        raise ValueError(
            f"objective={shown(objective)} must be a metric of one config; "
            f"{suggestion(objective, OBJECTIVES)}"
        )
    return objective


def trade(configs: list[ATCConfig], window: Window, trading: Trading, names: tuple[str, ...]) -> Floats:
    """The metrics of configs with the same structure, cutout and strategy_mode: an array (name, config).

    names: `METRICS` and perhaps more, which take longer.

    Raises
    ------
    PriceError
        A row is not a valid price; the message has the number of the given row.
    """
    kernel = best_kernel(configs[0].structure)
    # Configs that differ only in their thresholds share an average.
    distinct = list({config.kernel_arguments: config for config in configs}.values())
    with rows_as_given(window):
        averages = _averages(kernel, distinct, window.bars)
    places = {config.kernel_arguments: place for place, config in enumerate(distinct)}
    which = np.array([places[config.kernel_arguments] for config in configs])

    def bar_by_bar(number: int, names: tuple[str, ...]) -> list[float]:
        taken = positions(averages[which[number]], configs[number], trading)
        return measure(account_of(taken[window.first :], window, trading), names)

    values = []
    if window.first == 0:
        compiled = _trade_compiled(kernel, configs, window.bars, averages, which, trading)
        for number in np.flatnonzero(compiled[METRICS.index("max_drawdown")] <= -1.0).tolist():
            compiled[:, number] = bar_by_bar(number, METRICS)  # this config lost everything
        values.append(compiled)
        names = names[len(METRICS) :]
    if names:
        values.append(np.array([bar_by_bar(number, names) for number in range(len(configs))]).T)
    return np.concatenate(values)


def _trade_compiled(
    kernel: Kernel,
    configs: list[ATCConfig],
    bars: Bars,
    averages: Floats,
    which: NDArray[np.intp],
    trading: Trading,
) -> Floats:
    """`METRICS` from the first bar on."""
    thresholds = np.array([(config.long_threshold, config.short_threshold) for config in configs]).T
    traded = np.empty((6, len(configs)))
    short_position = 0.0 if trading.rule == "long_only" else -1.0
    kernel.trade_averages(
        averages,
        changes_of(bars.close),
        which,
        np.ascontiguousarray(thresholds),
        short_position,
        trading.cost,
        traded,
    )
    total_return, mean, squares, deepest, exposed, opened = traded
    sharpe = sharpe_ratio(mean, squares, bars.close.size, float(trading.bars_per_year))
    return np.stack([total_return, sharpe, deepest, exposed / bars.close.size, opened])


def changes_of(close: Prices) -> Floats:
    """The relative change of the price in each bar; 0 at the first bar."""
    before = np.concatenate([close[:1], close[:-1]])
    changes: Floats = np.diff(close, prepend=close[0]) / before
    return changes


def account_of(positions: Floats, window: Window, trading: Trading) -> Account:
    """The account with these positions in a window."""
    changes = changes_of(window.bars.close)[window.first :]
    return account_of_positions(positions, changes, trading.cost, float(trading.bars_per_year), trading.seed)


def positions_of(config: ATCConfig, window: Window, trading: Trading) -> Floats:
    """The positions that a config takes in a window: before the first bar, and after each.

    Raises
    ------
    PriceError
        A row is not a valid price.
    """
    config = config.override(**trading.fixed)
    with rows_as_given(window):
        averages = _averages(best_kernel(config.structure), [config], window.bars)
    return positions(averages[0], config, trading)[window.first :]


def positions(average: Floats, config: ATCConfig, trading: Trading) -> Floats:
    """The positions that a config's `Average_Signal` leads to: before the first bar, and after each bar."""
    direction, _ = trend(average, config.long_threshold, config.short_threshold)
    held = np.append(0.0, direction)
    # A row without a signal keeps the position.
    known = np.maximum.accumulate(np.where(np.isnan(held), 0, np.arange(held.size)))
    taken: Floats = held[known]
    return np.maximum(taken, 0.0) if trading.rule == "long_only" else taken


def _averages(kernel: Kernel, configs: list[ATCConfig], bars: Bars) -> Floats:
    """`Average_Signal`, one row per config."""
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
        accepted = kernel.averages(symbol, bars.close, bars.src, growths, which, numbers, out)
    if accepted < bars.close.size:
        raise price_error(bars, accepted, base)
    return out
