# The compensated rolling sum. Its peculiarity: when the compensation and the new value cannot be added without
# losing part of the compensation, the sum is taken afresh from the raw values. What leaves the window is not
# the raw value but the realized entry, what the value came to after compensation.
#
# 1. seed: bars up to the longest lane, where each lane tests whether its window is full yet
# 2. steady: all windows are full

cdef inline bint fires(double correction, double x) noexcept nogil:
    # The law's guards (x or correction zero, their sum zero or not finite) need no test of their own: in each of
    # those cases the difference below is zero, negative or NaN.
    cdef double b = magnitude(correction)
    return b - ((x + b) - x) > 0.0


cdef inline double newest_first(const double* newest, int64_t count) noexcept nogil:
    cdef double total = newest[0]
    cdef int64_t i
    for i in range(1, count):
        total += newest[-i]
    return total


cdef inline double enter(double* total, double* correction, const double* x, int64_t count) noexcept nogil:
    """Take x[0] as value number `count` into a window that is not full before it; returns the realized entry."""
    cdef double y, t
    if fires(correction[0], x[0]):
        total[0] = newest_first(x, count)
        correction[0] = 0.0
        return x[0]
    y = x[0] - correction[0]
    t = total[0] + y
    correction[0] = (t - total[0]) - y
    total[0] = t
    return y


cdef inline double exchange(
    double* total, double* correction, const double* x, int64_t length, double leaving
) noexcept nogil:
    """Take x[0] into a full window for the realized entry `leaving`; returns the realized entry."""
    cdef double y1, t, e1, y2, after
    if fires(correction[0], x[0]):
        total[0] = newest_first(x, length)
        correction[0] = 0.0
        return x[0]
    y1 = -leaving - correction[0]
    t = total[0] + y1
    e1 = (t - total[0]) - y1
    y2 = x[0] - e1
    after = t + y2
    correction[0] = (after - t) - y2
    total[0] = after
    return y2


cdef inline int64_t at_most(int64_t a, int64_t b) noexcept nogil:
    return a if a < b else b


cdef inline int64_t bars_below(int64_t limit, int64_t first, int64_t n) noexcept nogil:
    """How many of the n bars that begin with number `first` have a number below `limit`."""
    return 0 if limit <= first else at_most(limit - first, n)


cdef inline int64_t longest(const int64_t* length) noexcept nogil:
    cdef int64_t lane, result = 0
    for lane in range(LANES):
        if length[lane] > result:
            result = length[lane]
    return result


cdef inline void rolling_sums(
    RollingSums* r, const int64_t* length, const double* x, int64_t taken, int64_t n,
    double* rings, int64_t ring_size, double* sums
) noexcept nogil:
    """Take x[0..n) into all lanes, `taken` values after the first; sums[t * LANES + lane] is the sum after x[t]."""
    cdef int64_t t, lane
    cdef int64_t seed = bars_below(longest(length), taken, n)
    cdef double* entry
    for t in range(n):
        for lane in range(LANES):
            entry = &rings[lane * ring_size + r.slot[lane]]
            if t < seed and taken + t < length[lane]:
                entry[0] = enter(&r.sum[lane], &r.correction[lane], x + t, taken + t + 1)
            else:
                entry[0] = exchange(&r.sum[lane], &r.correction[lane], x + t, length[lane], entry[0])
            r.slot[lane] = r.slot[lane] + 1 if r.slot[lane] + 1 < length[lane] else 0
            sums[t * LANES + lane] = r.sum[lane]
