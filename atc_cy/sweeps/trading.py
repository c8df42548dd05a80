"""Configs traded on paper: the averages of some configs, and the metrics of what each would have earned."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..config import ATCConfig, checked_number
from ..dispatch import Kernel, best_kernel
from ..engine.bars import Bars
from ..engine.recording import measured
from ..engine.run import new_symbol, price_error
from ..text import shown, suggestion
from .choices import METRICS, RULES

Floats = NDArray[np.float64]


class Trading(NamedTuple):
    """How positions are taken, and what they cost."""

    rule: str
    fees: float
    bars_per_year: float


def checked_trading(rule: str, fees: Any, bars_per_year: Any) -> Trading:
    """The arguments of `sweep` that say how to trade.

    Raises
    ------
    TypeError, ValueError
        One is unknown, no number, or out of its range.
    """
    if not isinstance(rule, str) or rule not in RULES:
        raise ValueError(f"rule={shown(rule)} is unknown; {suggestion(rule, RULES)}")
    for name, number, least in (("fees", fees, 0.0), ("bars_per_year", bars_per_year, 1e-9)):
        checked_number(name, number, least, np.inf)
    return Trading(rule, fees, bars_per_year)


def checked_metrics(metric: str | Sequence[str]) -> tuple[str, ...]:
    """The metrics that were asked for.

    Raises
    ------
    TypeError, ValueError
        There is none, or one is unknown.
    """
    if not isinstance(metric, Iterable):
        raise TypeError(f"metric={shown(metric)} must be a name, or some of {', '.join(METRICS)}")
    wanted = (metric,) if isinstance(metric, str) else tuple(metric)
    for name in wanted:
        if not isinstance(name, str) or name not in METRICS:
            raise ValueError(f"metric={shown(name)} is unknown; {suggestion(name, METRICS)}")
    if not wanted:
        raise ValueError(f"metric is empty: give at least one of {', '.join(METRICS)}")
    return wanted


def trade(configs: list[ATCConfig], bars: Bars, trading: Trading) -> Floats:
    """The metrics, (metric, config), of configs with one structure, cutout and strategy_mode.

    Raises
    ------
    PriceError
        A row is not a valid price.
    """
    kernel = best_kernel(configs[0].structure)
    # Configs that differ in their thresholds alone share an average.
    distinct = list({config.kernel_arguments: config for config in configs}.values())
    averages = _averages(kernel, distinct, bars)
    changes = np.diff(bars.close, prepend=bars.close[0]) / np.concatenate([bars.close[:1], bars.close[:-1]])
    places = {config.kernel_arguments: place for place, config in enumerate(distinct)}
    which = np.array([places[config.kernel_arguments] for config in configs])
    thresholds = np.array([(config.long_threshold, config.short_threshold) for config in configs]).T
    traded = np.empty((6, len(configs)))
    short_position = 0.0 if trading.rule == "long_only" else -1.0
    kernel.trade_averages(
        averages, changes, which, np.ascontiguousarray(thresholds), short_position, trading.fees, traded
    )
    total_return, mean, squares, deepest, exposed, opened = traded
    spread = np.sqrt(squares / max(changes.size - 1, 1))
    with np.errstate(invalid="ignore"):
        sharpe = np.where(spread > 0.0, mean / spread * np.sqrt(float(trading.bars_per_year)), np.nan)
    return np.stack([total_return, sharpe, deepest, exposed / changes.size, opened])


def _averages(kernel: Kernel, configs: list[ATCConfig], bars: Bars) -> Floats:
    """`Average_Signal`, a row a config."""
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
