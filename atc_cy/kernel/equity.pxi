# Lane signals and equities, layer 1 (a type's signal and equity), layer 2 (the average), one bar at a time.

cdef inline double grown(double equity, double keep, double applied) noexcept nogil:
    """An equity after one more bar."""
    cdef double e = equity * keep * (1.0 + applied)
    return 0.25 if e - 0.25 < -1e-10 else e


cdef inline double floored(double start) noexcept nogil:
    """An equity on its first bar."""
    return 0.25 if start - 0.25 < -1e-10 else start


cdef inline double cut(double v) noexcept nogil:
    return 1.0 if v > 0.49 else (-1.0 if v < -0.49 else 0.0)


cdef inline void update_equities(State* s, bint first, double r) noexcept nogil:
    """Every account trades the signal of the bar before; r is this bar's return times its growth.

    A neutral bar applies the last return again. A lane is neutral only before its first crossing, when there is
    no last return, so only the types have to remember theirs.
    """
    cdef int64_t i, j
    cdef double p
    if first:
        for i in range(types(s) * LANES):
            s.equity[i] = 1.0
    else:
        for i in range(types(s) * LANES):
            p = s.signal[i]
            s.equity[i] = grown(s.equity[i], s.keep, r if p > 0.0 else (-r if p < 0.0 else 0.0))
    for j in range(types(s)):
        p = s.type_signal[j]
        s.type_return[j] = r if p > 0.0 else (-r if p < 0.0 else s.type_return[j])
        s.type_equity[j] = floored(s.weight[j]) if first else grown(s.type_equity[j], s.keep, s.type_return[j])


cdef inline void update_signals(State* s, double close, const double* m) noexcept nogil:
    """A crossing is a change of side since the last bar that had an average: equal counts as either side before.

    close - m is zero exactly when they are equal, and a comparison with NaN is false: so a NaN average changes
    nothing, and the first average makes no crossing.
    """
    cdef int64_t i
    cdef double side, before
    for i in range(types(s) * LANES):
        side = close - m[i]
        before = s.side[i]
        if side > 0.0 and before <= 0.0:
            s.signal[i] = 1.0
        if side < 0.0 and before >= 0.0:
            s.signal[i] = -1.0
        s.side[i] = side if side == side else before


cdef inline double update_layers(State* s) noexcept nogil:
    """Each type's signal from its lanes, and the average over the types."""
    cdef int64_t i, j
    cdef double n, w
    cdef double numerator = 0.0
    cdef double denominator = 0.0
    for j in range(types(s)):
        n = 0.0
        w = 0.0
        for i in range(j * LANES, (j + 1) * LANES):
            n += s.signal[i] * s.equity[i]
            w += s.equity[i]
        s.type_signal[j] = round2(n / w)
        numerator += cut(s.type_signal[j]) * s.type_equity[j]
        denominator += s.type_equity[j]
    return numerator / denominator
