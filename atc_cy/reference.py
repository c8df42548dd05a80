"""The law in plain Python: the oracle with which every compiled kernel is compared, bit for bit.

Adaptive Trend Classification (InvestorUnknown, TradingView), as the Pine engine computes it, in the order of
operations that decides its last bit. It is written to be read, not to be fast: a bar costs about a
millisecond. Python's floats are IEEE-754 binary64 with one rounding per operation, which is the law's
arithmetic. `na` is NaN, and every comparison with it is false.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from decimal import Context, Decimal
from fractions import Fraction
from functools import cache
from typing import Protocol

from .config import ATCConfig

LANE_SUFFIXES = ("", "1", "2", "3", "4", "_1", "_2", "_3", "_4")
"""The published script's names of the nine lanes, in lane order."""

na = math.nan


class RollingSum:
    """The sum of the last `length` values, compensated, with one peculiarity (`fires`)."""

    def __init__(self, length: int) -> None:
        self.length = length
        self.s = 0.0
        self.c = 0.0
        self.raw: list[float] = []
        self.realized: list[float] = []

    def update(self, x: float) -> float:
        if x != x:
            return na
        self.raw.append(x)
        n, length = len(self.raw), self.length
        if fires(self.c, x):
            total = 0.0
            for value in reversed(self.raw[-length:]):
                total = total + value
            self.s, self.c = total, 0.0
            realized = x
        elif n <= length:
            y = x - self.c
            s = self.s + y
            self.c = (s - self.s) - y
            self.s = s
            realized = y
        else:
            leaving = self.realized[n - 1 - length]
            y1 = -leaving - self.c
            t = self.s + y1
            e1 = (t - self.s) - y1
            y2 = x - e1
            s = t + y2
            self.c = (s - t) - y2
            self.s = s
            realized = y2
        self.realized.append(realized)
        return self.s if n >= length else na


def fires(c: float, x: float) -> bool:
    """Whether the rolling sum drops its compensation and starts afresh from the raw values."""
    if c == 0.0 or x == 0.0:
        return False
    b = abs(c)
    r = x + b
    if r == 0.0 or not math.isfinite(r):
        return False
    return b - (r - x) > 0.0


class EMA:
    def __init__(self, length: int) -> None:
        self.length = length
        self.alpha = 2.0 / (length + 1)
        self.seed = RollingSum(length)
        self.taken = 0
        self.e = na

    def update(self, x: float) -> float:
        if x != x:
            return na
        if self.length == 1:
            return x
        if self.taken < self.length:
            self.e = self.seed.update(x) / self.length
            self.taken += 1
        else:
            self.e = self.e + self.alpha * (x - self.e)
        return self.e


class HMA:
    """A simple average: what the published script computes under this name."""

    def __init__(self, length: int) -> None:
        self.sum = RollingSum(length)

    def update(self, x: float) -> float:
        return self.sum.update(x) / self.sum.length


class WMA:
    def __init__(self, length: int) -> None:
        self.length = length
        self.window: list[float] = []

    def update(self, x: float) -> float:
        self.window = [*self.window, x][-self.length :]
        if len(self.window) < self.length:
            return na
        s = 0.0
        for k, value in enumerate(self.window, start=1):
            s = s + value * k
        return s / (self.length * (self.length + 1) // 2)


class DEMA:
    def __init__(self, length: int) -> None:
        self.first = EMA(length)
        self.second = EMA(length)

    def update(self, x: float) -> float:
        e1 = self.first.update(x)
        e2 = self.second.update(e1)
        return 2 * e1 - e2


class LSMA:
    def __init__(self, length: int) -> None:
        self.length = length
        self.sx = sum(range(1, length + 1))
        self.sx2 = sum(k * k for k in range(1, length + 1))
        self.window: list[float] = []

    def update(self, x: float) -> float:
        length = self.length
        self.window = [*self.window, x][-length:]
        if length == 1:
            return x
        if len(self.window) < length:
            return na
        sy = sxy = 0.0
        for k, y in enumerate(self.window, start=1):
            sy = sy + y
            sxy = sxy + y * k
        slope = (length * sxy - self.sx * sy) / (length * self.sx2 - self.sx * self.sx)
        avg = sy / length
        icpt = avg - slope * self.sx / length + slope
        return icpt + slope * (length - 1)


class KAMA:
    def __init__(self, length: int) -> None:
        self.length = length
        self.noise = RollingSum(length)
        self.window: list[float] = []
        self.k = 0.0

    def update(self, x: float) -> float:
        previous = self.window[-1] if self.window else na
        self.window = [*self.window, x][-(self.length + 1) :]
        noise = self.noise.update(abs(x - previous))
        ratio = 0.0
        if abs(noise) > 1e-10:
            ratio = abs(x - self.window[0]) / noise
        q = ratio * (0.666 - 0.064) + 0.064
        smooth = q * q
        self.k = self.k + smooth * (x - self.k)
        return self.k


class Average(Protocol):
    """Takes one value a bar and gives the average of that bar."""

    def update(self, x: float) -> float: ...


AVERAGES: dict[str, Callable[[int], Average]] = {
    "EMA": EMA,
    "HMA": HMA,
    "WMA": WMA,
    "DEMA": DEMA,
    "LSMA": LSMA,
    "KAMA": KAMA,
}


class LaneSignal:
    """1 after the close crossed over the average, -1 after it crossed under, 0 before."""

    def __init__(self) -> None:
        self.sig = 0
        self.was_le = False
        self.was_ge = False

    def update(self, close: float, m: float) -> int:
        if m == m:
            up = close > m and self.was_le
            down = close < m and self.was_ge
            self.was_le = close <= m
            self.was_ge = close >= m
            if up:
                self.sig = 1
            if down:
                self.sig = -1
        return self.sig


class Equity:
    """The account that trades a signal, one bar late."""

    def __init__(self, start: float, De: float) -> None:
        self.start = start
        self.a = 0.0
        self.e = na
        self.d = 1 - De / 100
        self.begun = False

    def update(self, p: float, r: float) -> float:
        """`p`: the signal on the bar before; `r`: this bar's return times its growth."""
        if p > 0:
            self.a = r
        elif p < 0:
            self.a = -r
        if self.begun:
            self.e = (self.e * self.d) * (1 + self.a)
        else:
            self.e = self.start
            self.begun = True
        if self.e - 0.25 < -1e-10:
            self.e = 0.25
        return self.e


def growth(z: float) -> float:
    """E**z, correctly rounded, with E the double nearest to e.

    Parameters
    ----------
    z
        The exponent, finite.

    Returns
    -------
    float

    Raises
    ------
    OverflowError
        The result is beyond the largest double.

    Examples
    --------
    >>> atc_cy.reference.growth(1.0)
    2.718281828459045
    """
    digits = 50
    while True:
        context = Context(prec=digits, Emax=10**9, Emin=-(10**9))
        exponent = context.multiply(Decimal(z), _log_of_base(digits))
        value = context.exp(exponent)
        # `value` is good to all but its last five digits; when both ends of that interval round to one
        # double, that is the answer. (E**z is never halfway between two doubles: z = 0 and z = 1 give
        # doubles, any other z gives a number with far more than 54 significant bits.)
        margin = context.scaleb(value, 5 - digits)
        below = float(str(context.subtract(value, margin)))  # Python reads text with one correct rounding
        above = float(str(context.add(value, margin)))
        if below == above:
            if math.isinf(below):
                raise OverflowError(f"E**{z!r} is beyond the largest double")
            return below
        digits *= 2


_log_of_base = cache(lambda digits: Context(prec=digits).ln(Decimal(math.e)))
_ROUNDED_UP = Fraction(1, 2) + Fraction(-1e-10)
"""The least part of a hundredth that is rounded away from zero."""


def round2(v: float) -> float:
    """Round to two decimals; a half, or what lies within 1e-10 below it, away from zero.

    Parameters
    ----------
    v
        A number; NaN stays NaN.

    Returns
    -------
    float

    Examples
    --------
    >>> atc_cy.reference.round2(0.125), atc_cy.reference.round2(-0.125), atc_cy.reference.round2(0.124)
    (0.13, -0.13, 0.12)
    """
    if v != v:
        return v
    m = abs(v)
    f = math.fmod(m, 1.0)
    p = f * 100
    u = math.floor(p)
    if Fraction(f) * 100 - u >= _ROUNDED_UP:
        u = u + 1
    y = m - f + u / 100
    return y if v >= 0 else 0.0 - y


def cut(v: float) -> float:
    """A type's vote: 1, -1, or 0 when its signal is weak or na."""
    if v > 0.49:
        return 1.0
    if v < -0.49:
        return -1.0
    return 0.0


def atc(
    close: Sequence[float], config: ATCConfig, src: Sequence[float] | None = None
) -> dict[str, list[float]]:
    """All that the law defines, with one value for each price.

    Parameters
    ----------
    close
        Prices, finite and above 0; NaN where there is no bar.
    config
        A config. `strategy_mode` and the thresholds are not used here: see `atc_cy.direction`.
    src
        What the moving averages run on, as many values as `close`; by default `close`.

    Returns
    -------
    dict
        `{TYPE}_Signal` and `{TYPE}_S` for each type and `Average_Signal`; for each lane, with its suffix
        from `LANE_SUFFIXES`, the average as `EMA_3`, its signal as `sEMA_3`, its equity as `eEMA_3`.

    Examples
    --------
    >>> config = atc_cy.ATCConfig(moving_averages=["EMA"], ema_len=5, robustness="Narrow")
    >>> atc_cy.reference.atc([1.0, 1.2, 1.1, 1.3, 1.2, 1.5], config)["EMA"]
    [nan, nan, nan, nan, 1.16, 1.2733333333333332]
    """
    src = close if src is None else src
    is_bar = [c == c and x == x for c, x in zip(close, src, strict=True)]
    bars = _bars(
        [c for c, bar in zip(close, is_bar, strict=True) if bar],
        [x for x, bar in zip(src, is_bar, strict=True) if bar],
        config,
    )
    gap = dict.fromkeys(next(_bars([1.0], [1.0], config)), na)
    rows = [next(bars) if bar else gap for bar in is_bar]
    return {name: [row[name] for row in rows] for name in gap}


def _bars(close: list[float], src: list[float], config: ATCConfig) -> Iterator[dict[str, float]]:
    types = config.moving_averages
    lengths = config.structure.lane_lengths()
    averages = [[AVERAGES[name](length) for length in row] for name, row in zip(types, lengths, strict=True)]
    signals = [[LaneSignal() for _ in row] for row in lengths]
    equities = [[Equity(1.0, config.De) for _ in row] for row in lengths]
    type_equities = [Equity(weight, config.De) for weight in config.weights]
    lane_before = [[na] * len(row) for row in lengths]
    type_before = [na] * len(types)

    for t, (price, x) in enumerate(zip(close, src, strict=True)):
        out: dict[str, float] = {}
        begun = t >= config.cutout
        r = na
        if begun:
            R = (price - close[t - 1]) / close[t - 1] if t > 0 else na
            r = R * growth((config.La / 1000) * (t - config.cutout))

        numerator = denominator = 0.0
        for j, name in enumerate(types):
            n = w = 0.0
            for i, suffix in enumerate(LANE_SUFFIXES):
                m = averages[j][i].update(x)
                e = equities[j][i].update(lane_before[j][i], r) if begun else na
                sig = signals[j][i].update(price, m)
                lane_before[j][i] = sig
                n = n + sig * e
                w = w + e
                out[f"{name}{suffix}"] = m
                out[f"s{name}{suffix}"] = sig
                out[f"e{name}{suffix}"] = e
            signal = round2(n / w)
            s = type_equities[j].update(type_before[j], r) if begun else na
            type_before[j] = signal
            numerator = numerator + cut(signal) * s
            denominator = denominator + s
            out[f"{name}_Signal"] = signal
            out[f"{name}_S"] = s
        out["Average_Signal"] = numerator / denominator
        yield out
