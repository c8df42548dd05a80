"""The checks of streams: the signal of alerts, bars, names of symbols, saved trends."""

import math
from collections.abc import Hashable, Iterable
from typing import Any

import numpy as np

from ..config import ATCConfig, unknown
from ..dispatch import Trend
from ..files.numbers import number
from ..text import shown


def alert_arguments(config: ATCConfig, alert_from: str) -> tuple[int, float, float]:
    """The arguments of a kernel's `Symbol` and `Panel` that choose the output and levels of the direction.

    Raises
    ------
    ValueError
        The config has no such output.
    """
    choices = ("Average", *config.moving_averages)
    if not isinstance(alert_from, str) or alert_from not in choices:
        raise ValueError(f"alert_from={shown(alert_from)} is unknown; {unknown(alert_from, choices)}")
    return choices.index(alert_from) - 1, config.long_threshold, config.short_threshold


_NUMBERS = frozenset({float, int, np.float64, np.float32, type(None)})


def refuse_no_numbers(price: Any, src: Any) -> None:
    """Refuse values that a kernel would read as numbers although they are not: True, False and durations.

    Raises
    ------
    TypeError
        One of the two is such a value.
    """
    for argument, value in (("price", price), ("src", src)):
        if type(value) in _NUMBERS:  # most values are, and the check below takes longer
            continue
        dtype = str(getattr(value, "dtype", ""))
        if isinstance(value, bool) or "bool" in dtype or "timedelta" in dtype:
            raise TypeError(_no_number(argument, value))


def as_numbers(price: Any, src: Any) -> tuple[float, float | None]:
    """Convert a price and a src that a kernel could not read; None and other missing values become NaN.

    Raises
    ------
    TypeError
        One is not a number, but text, for example.
    """
    return _as_number("price", price), None if src is None else _as_number("src", src)


def _as_number(argument: str, value: Any) -> float:
    try:
        if isinstance(value, str):
            raise ValueError
        return number(value)
    except ValueError:
        raise TypeError(_no_number(argument, value)) from None


def _no_number(argument: str, value: Any) -> str:
    return f"{argument}={value!r} must be a number, not {type(value).__name__}; NaN or None is not a bar"


def is_bar(price: float, src: float) -> bool:
    """Whether a close and a src are a valid bar; `La` may still be too large for it."""
    return 0.0 < price < math.inf and -math.inf < src < math.inf


def bar_problem(price: float, src: float) -> str:
    """What is wrong with a close and a src that are not a valid bar, and what to give instead."""
    if not 0.0 < price < math.inf:
        return f"price={price} is not valid: give one above 0 and finite, or NaN"
    return f"src={src} is not valid: give a finite one, or NaN"


def growth_problem(config: ATCConfig, bars: int) -> str:
    """Why a kernel refuses a valid bar."""
    return f"La={config.La} is too large for {bars} bars: the growth exceeds the largest double"


def checked_trend(trend: Trend) -> Trend:
    """Return a saved trend if a kernel could have written it.

    Raises
    ------
    ValueError
        A kernel could not have written it.
    """
    previous, direction, event, pending = trend
    signals = all(math.isnan(signal) or -1.0 <= signal <= 1.0 for signal in (previous, pending))
    if not signals or not (math.isnan(direction) or abs(direction) == 1.0) or event not in (-1.0, 0.0, 1.0):
        raise ValueError(f"{trend} is not a valid trend")
    return trend


def names_of(symbols: Iterable[Hashable]) -> list[Hashable]:
    """The names that a caller gave; text is one name."""
    if isinstance(symbols, str):
        return [symbols]
    names = [*symbols] if isinstance(symbols, Iterable) and getattr(symbols, "ndim", 1) == 1 else None
    if names is None or not all(isinstance(name, Hashable) for name in names):
        raise TypeError(f"symbols={shown(symbols)} must be names, such as ['BTC', 'ETH']")
    return names
