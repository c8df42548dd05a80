"""@pyne

Adaptive Trend Classification for the PyneCore engine, with the default parameters of the published script.

`pyne_peer` runs it. Every call written in a Pyne script keeps a state of its own, but the turns of a loop
share one: so the 54 lanes are written out.
"""

from pynecore import Persistent, Series
from pynecore.lib import bar_index, close, math, na, script, ta

La = 0.02
De = 0.03


def dema(source: float, length: int) -> float:
    first = ta.ema(source, length)
    return 2 * first - ta.ema(first, length)


def kama(source: Series[float], length: int) -> float:
    value: Persistent[float] = 0.0
    noise = math.sum(math.abs(source - source[1]), length)
    ratio = math.abs(source - source[length]) / noise if noise != 0 else 0.0
    smooth = math.pow(ratio * (0.666 - 0.064) + 0.064, 2)
    value += smooth * (source - value)
    return value


def equity(start: float, signal: float, r: float) -> float:
    """The account that trades `signal`, which is still the one of the bar before."""
    applied: Persistent[float] = 0.0
    value: Persistent[float] = na
    if signal > 0:
        applied = r
    elif signal < 0:
        applied = -r
    value = start if na(value) else (value * (1 - De / 100)) * (1 + applied)
    if value < 0.25:
        value = 0.25
    return value


def lane(average: float, r: float) -> tuple[float, float]:
    """The signal of one moving average and its equity."""
    signal: Persistent[float] = 0.0
    e = equity(1.0, signal, r)
    if ta.crossover(close, average):
        signal = 1.0
    if ta.crossunder(close, average):
        signal = -1.0
    return signal, e


def moving_average_type(
    r: float,
    m0: float,
    m1: float,
    m2: float,
    m3: float,
    m4: float,
    m5: float,
    m6: float,
    m7: float,
    m8: float,
) -> tuple[float, float]:
    """The signal of one type over its nine lanes, and the type's own equity."""
    signal: Persistent[float] = 0.0
    s = equity(1.0, signal, r)
    s0, e0 = lane(m0, r)
    s1, e1 = lane(m1, r)
    s2, e2 = lane(m2, r)
    s3, e3 = lane(m3, r)
    s4, e4 = lane(m4, r)
    s5, e5 = lane(m5, r)
    s6, e6 = lane(m6, r)
    s7, e7 = lane(m7, r)
    s8, e8 = lane(m8, r)
    n = s0 * e0 + s1 * e1 + s2 * e2 + s3 * e3 + s4 * e4 + s5 * e5 + s6 * e6 + s7 * e7 + s8 * e8
    signal = math.round(n / (e0 + e1 + e2 + e3 + e4 + e5 + e6 + e7 + e8), 2)
    return signal, s


def cut(v: float) -> float:
    return 1.0 if v > 0.49 else -1.0 if v < -0.49 else 0.0


@script.indicator("Adaptive Trend Classification")
def main() -> dict[str, float]:
    r = (close - close[1]) / close[1] * math.pow(math.e, (La / 1000) * bar_index)
    m0, m1, m2 = ta.ema(close, 28), ta.ema(close, 29), ta.ema(close, 30)
    m3, m4, m5 = ta.ema(close, 32), ta.ema(close, 34), ta.ema(close, 27)
    m6, m7, m8 = ta.ema(close, 26), ta.ema(close, 24), ta.ema(close, 22)
    EMA_Signal, EMA_S = moving_average_type(r, m0, m1, m2, m3, m4, m5, m6, m7, m8)
    m0, m1, m2 = ta.sma(close, 28), ta.sma(close, 29), ta.sma(close, 30)
    m3, m4, m5 = ta.sma(close, 32), ta.sma(close, 34), ta.sma(close, 27)
    m6, m7, m8 = ta.sma(close, 26), ta.sma(close, 24), ta.sma(close, 22)
    HMA_Signal, HMA_S = moving_average_type(r, m0, m1, m2, m3, m4, m5, m6, m7, m8)
    m0, m1, m2 = ta.wma(close, 28), ta.wma(close, 29), ta.wma(close, 30)
    m3, m4, m5 = ta.wma(close, 32), ta.wma(close, 34), ta.wma(close, 27)
    m6, m7, m8 = ta.wma(close, 26), ta.wma(close, 24), ta.wma(close, 22)
    WMA_Signal, WMA_S = moving_average_type(r, m0, m1, m2, m3, m4, m5, m6, m7, m8)
    m0, m1, m2 = dema(close, 28), dema(close, 29), dema(close, 30)
    m3, m4, m5 = dema(close, 32), dema(close, 34), dema(close, 27)
    m6, m7, m8 = dema(close, 26), dema(close, 24), dema(close, 22)
    DEMA_Signal, DEMA_S = moving_average_type(r, m0, m1, m2, m3, m4, m5, m6, m7, m8)
    m0, m1, m2 = ta.linreg(close, 28, 0), ta.linreg(close, 29, 0), ta.linreg(close, 30, 0)
    m3, m4, m5 = ta.linreg(close, 32, 0), ta.linreg(close, 34, 0), ta.linreg(close, 27, 0)
    m6, m7, m8 = ta.linreg(close, 26, 0), ta.linreg(close, 24, 0), ta.linreg(close, 22, 0)
    LSMA_Signal, LSMA_S = moving_average_type(r, m0, m1, m2, m3, m4, m5, m6, m7, m8)
    m0, m1, m2 = kama(close, 28), kama(close, 29), kama(close, 30)
    m3, m4, m5 = kama(close, 32), kama(close, 34), kama(close, 27)
    m6, m7, m8 = kama(close, 26), kama(close, 24), kama(close, 22)
    KAMA_Signal, KAMA_S = moving_average_type(r, m0, m1, m2, m3, m4, m5, m6, m7, m8)
    numerator = (
        cut(EMA_Signal) * EMA_S
        + cut(HMA_Signal) * HMA_S
        + cut(WMA_Signal) * WMA_S
        + cut(DEMA_Signal) * DEMA_S
        + cut(LSMA_Signal) * LSMA_S
        + cut(KAMA_Signal) * KAMA_S
    )
    return {
        "EMA_Signal": EMA_Signal,
        "HMA_Signal": HMA_Signal,
        "WMA_Signal": WMA_Signal,
        "DEMA_Signal": DEMA_Signal,
        "LSMA_Signal": LSMA_Signal,
        "KAMA_Signal": KAMA_Signal,
        "EMA_S": EMA_S,
        "HMA_S": HMA_S,
        "WMA_S": WMA_S,
        "DEMA_S": DEMA_S,
        "LSMA_S": LSMA_S,
        "KAMA_S": KAMA_S,
        "Average_Signal": numerator / (EMA_S + HMA_S + WMA_S + DEMA_S + LSMA_S + KAMA_S),
    }
