"""The law as one fused Numba function: what a just-in-time compiler makes of it, written as well as we could.

It handles what the benchmarks ask for: six types, no gaps, cutout 0, lengths of at least 2. It is given the
growth factors, so its numbers are the same bits.
"""

import math

import numpy as np
from numba import njit

TILE = 16


@njit(nogil=True, error_model="numpy")
def fires(c, x):
    b = abs(c)
    return b - ((x + b) - x) > 0.0


@njit(nogil=True, error_model="numpy")
def newest_first(x, t, count):
    total = x[t]
    for i in range(1, count):
        total += x[t - i]
    return total


@njit(nogil=True, error_model="numpy")
def roll(total, correction, realized, x, t, n, length):
    """One rolling sum takes x[t] as its n-th value; returns the sum and its correction."""
    slot = (n - 1) % length
    if fires(correction, x[t]):
        realized[slot] = x[t]
        return newest_first(x, t, min(n, length)), 0.0
    if n <= length:
        y = x[t] - correction
        after = total + y
        realized[slot] = y
        return after, (after - total) - y
    y1 = -realized[slot] - correction
    middle = total + y1
    e1 = (middle - total) - y1
    y2 = x[t] - e1
    after = middle + y2
    realized[slot] = y2
    return after, (after - middle) - y2


@njit(nogil=True, error_model="numpy")
def round2(v):
    m = abs(v)
    hundredths = m * 100.0
    high = m * 134217729.0
    high = high - (high - m)
    error = (high * 100.0 - hundredths) + (m - high) * 100.0
    u = math.floor(hundredths)
    if error >= -1e-10 - ((hundredths - u) - 0.5):
        u += 1.0
    return u / 100.0 if v >= 0.0 else 0.0 - u / 100.0


@njit(nogil=True, error_model="numpy")
def windows(x, length, plain, weighted):
    """The sums of every full window, oldest value first, TILE windows side by side."""
    n = x.size
    for start in range(length - 1, n, TILE):
        width = min(TILE, n - start)
        for i in range(width):
            plain[start + i] = 0.0
            weighted[start + i] = 0.0
        for k in range(length):
            weight = float(k + 1)
            first = start - length + 1 + k
            for i in range(width):
                plain[start + i] += x[first + i]
                weighted[start + i] += x[first + i] * weight


@njit(nogil=True, error_model="numpy")
def averages(x, kind, length, m):
    """One moving average of all bars; NaN where there is none yet."""
    n = x.size
    alpha = 2.0 / (length + 1)
    total = correction = 0.0
    realized = np.zeros(length)
    m[:] = np.nan
    if kind == 0:  # EMA
        for t in range(n):
            if t < length:
                total, correction = roll(total, correction, realized, x, t, t + 1, length)
                if t == length - 1:
                    m[t] = total / length
            else:
                m[t] = m[t - 1] + alpha * (x[t] - m[t - 1])
    elif kind == 1:  # HMA
        for t in range(n):
            total, correction = roll(total, correction, realized, x, t, t + 1, length)
            if t >= length - 1:
                m[t] = total / length
    elif kind == 3:  # DEMA
        first = np.empty(n)
        averages(x, 0, length, first)
        second = np.nan
        for t in range(length - 1, n):
            taken = t - (length - 1)
            if taken < length:
                total, correction = roll(total, correction, realized, first, t, taken + 1, length)
                if taken == length - 1:
                    second = total / length
            else:
                second = second + alpha * (first[t] - second)
            m[t] = 2.0 * first[t] - second
    elif kind == 5:  # KAMA
        moves = np.empty(n)
        value = 0.0
        for t in range(n):
            ratio = 0.0
            if t > 0:
                moves[t] = abs(x[t] - x[t - 1])
                total, correction = roll(total, correction, realized, moves, t, t, length)
                if t >= length and abs(total) > 1e-10:
                    ratio = abs(x[t] - x[t - length]) / total
            q = ratio * (0.666 - 0.064) + 0.064
            value = value + q * q * (x[t] - value)
            m[t] = value


@njit(nogil=True, error_model="numpy")
def atc(x, lengths, growth, De, out):
    """out: six type signals, six type equities, the average."""
    n = x.size
    keep = 1.0 - De / 100
    r = np.zeros(n)
    for t in range(1, n):
        r[t] = (x[t] - x[t - 1]) / x[t - 1] * growth[t]
    m = np.empty((3, n))
    votes = np.zeros((6, n))
    weights = np.zeros((6, n))
    plain = np.empty(n)
    weighted = np.empty(n)
    for kind in range(6):
        if kind == 4:
            continue  # LSMA shares WMA's windows
        for lane in range(9):
            length = lengths[kind, lane]
            if kind == 2:
                windows(x, length, plain, weighted)
                sx = length * (length + 1) / 2
                den = length * length * (length * length - 1) / 12
                for t in range(n):
                    m[0, t] = np.nan
                    m[1, t] = np.nan
                    if t >= length - 1:
                        m[0, t] = weighted[t] / sx
                        slope = (length * weighted[t] - sx * plain[t]) / den
                        middle = plain[t] / length - slope * sx / length + slope
                        m[1, t] = middle + slope * (length - 1)
            else:
                averages(x, kind, length, m[0])
            for copy in range(2 if kind == 2 else 1):
                target = kind if copy == 0 else 4
                average = m[copy]
                side = np.nan
                signal = 0.0
                equity = 1.0
                for t in range(n):
                    if t > 0:
                        a = r[t] if signal > 0.0 else (-r[t] if signal < 0.0 else 0.0)
                        equity = equity * keep * (1.0 + a)
                        if equity - 0.25 < -1e-10:
                            equity = 0.25
                    now = x[t] - average[t]
                    if now > 0.0 and side <= 0.0:
                        signal = 1.0
                    if now < 0.0 and side >= 0.0:
                        signal = -1.0
                    if now == now:
                        side = now
                    votes[target, t] += signal * equity
                    weights[target, t] += equity
    signals = np.full(6, np.nan)
    applied = np.zeros(6)
    equities = np.ones(6)
    for t in range(n):
        numerator = denominator = 0.0
        for kind in range(6):
            if t > 0:
                if signals[kind] > 0.0:
                    applied[kind] = r[t]
                elif signals[kind] < 0.0:
                    applied[kind] = -r[t]
                equities[kind] = equities[kind] * keep * (1.0 + applied[kind])
                if equities[kind] - 0.25 < -1e-10:
                    equities[kind] = 0.25
            v = round2(votes[kind, t] / weights[kind, t])
            signals[kind] = v
            numerator += (1.0 if v > 0.49 else (-1.0 if v < -0.49 else 0.0)) * equities[kind]
            denominator += equities[kind]
            out[kind, t] = v
            out[6 + kind, t] = equities[kind]
        out[12, t] = numerator / denominator
