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


cdef double newest_first(const Row* newest, int64_t w, int64_t count) noexcept nogil:
    cdef double total = newest[0].of[w]
    cdef int64_t i
    for i in range(1, count):
        total += newest[-i].of[w]
    return total


cdef inline double enter(
    double* total, double* correction, const Row* x, int64_t w, int64_t count
) noexcept nogil:
    """Take x[0] as value number `count` into a window that is not full before it; returns the realized entry."""
    cdef double value = x[0].of[w]
    cdef double y, t
    if fires(correction[0], value):
        total[0] = newest_first(x, w, count)
        correction[0] = 0.0
        return value
    y = value - correction[0]
    t = total[0] + y
    correction[0] = (t - total[0]) - y
    total[0] = t
    return y


cdef inline double exchange(double* total, double* correction, double x, double leaving) noexcept nogil:
    """Take x into a full window for the realized entry `leaving`, if it does not fire; returns the realized entry."""
    cdef double y1 = -leaving - correction[0]
    cdef double t = total[0] + y1
    cdef double e1 = (t - total[0]) - y1
    cdef double y2 = x - e1
    cdef double after = t + y2
    correction[0] = (after - t) - y2
    total[0] = after
    return y2


cdef inline double quotient(double total, const double* divisor, int64_t lane, bint tame) noexcept nogil:
    return total if divisor == NULL else divide(total, divisor[lane], tame)


cdef inline void rolling_sums(
    Row* state, int64_t* slot, const int64_t* length, const Row* x, int64_t taken, int64_t n,
    Row* rings, int64_t ring_size, const double* divisor, Row* sums, int64_t stride, bint tame
) noexcept nogil:
    """Take x[0..n) into all lanes, `taken` values after the first.

    state: the lanes' sums, then their corrections. sums[t * stride + lane] becomes the lane's sum after x[t],
    divided by its divisor if there are any.
    """
    cdef int64_t t, lane, w, count, fired
    cdef int64_t W = width(x)
    cdef int64_t seed = bars_below(longest(length), taken, n)
    cdef Row total[LANES]
    cdef Row correction[LANES]
    cdef Row entry[LANES]
    cdef Row* e
    cdef bint again[LANES * WIDTH]
    memcpy(total, state, LANES * sizeof(Row))
    memcpy(correction, state + LANES, LANES * sizeof(Row))

    for t in range(seed):
        count = taken + t + 1
        for lane in range(LANES):
            copy(&entry[lane], &rings[lane * ring_size + slot[lane]])
            for w in range(W):
                if count <= length[lane]:
                    entry[lane].of[w] = enter(&total[lane].of[w], &correction[lane].of[w], x + t, w, count)
                elif fires(correction[lane].of[w], x[t].of[w]):
                    total[lane].of[w] = newest_first(x + t, w, length[lane])
                    correction[lane].of[w] = 0.0
                    entry[lane].of[w] = x[t].of[w]
                else:
                    entry[lane].of[w] = exchange(
                        &total[lane].of[w], &correction[lane].of[w], x[t].of[w], entry[lane].of[w]
                    )
            copy(&rings[lane * ring_size + slot[lane]], &entry[lane])
            slot[lane] = slot[lane] + 1 if slot[lane] + 1 < length[lane] else 0
            for w in range(W):
                sums[t * stride + lane].of[w] = quotient(total[lane].of[w], divisor, lane, False)

    for t in range(seed, n):
        # Whether a lane fires depends on its correction alone, and few do: they are set right afterwards.
        fired = 0
        for lane in range(LANES):
            for w in range(W):
                fired += fires(correction[lane].of[w], x[t].of[w])
        if fired:
            for lane in range(LANES):
                for w in range(W):
                    again[lane * W + w] = fires(correction[lane].of[w], x[t].of[w])
        if Row is One:      # side by side, so that the lanes can be a vector
            for lane in range(LANES):
                copy(&entry[lane], &rings[lane * ring_size + slot[lane]])
        for lane in range(LANES):
            e = &entry[lane] if Row is One else &rings[lane * ring_size + slot[lane]]
            for w in range(W):
                e.of[w] = exchange(&total[lane].of[w], &correction[lane].of[w], x[t].of[w], e.of[w])
                sums[t * stride + lane].of[w] = quotient(total[lane].of[w], divisor, lane, tame)
        if fired:
            for lane in range(LANES):
                e = &entry[lane] if Row is One else &rings[lane * ring_size + slot[lane]]
                for w in range(W):
                    if again[lane * W + w]:
                        total[lane].of[w] = newest_first(x + t, w, length[lane])
                        correction[lane].of[w] = 0.0
                        e.of[w] = x[t].of[w]
                        sums[t * stride + lane].of[w] = quotient(total[lane].of[w], divisor, lane, False)
        for lane in range(LANES):
            if Row is One:
                copy(&rings[lane * ring_size + slot[lane]], &entry[lane])
            slot[lane] = slot[lane] + 1 if slot[lane] + 1 < length[lane] else 0

    memcpy(state, total, LANES * sizeof(Row))
    memcpy(state + LANES, correction, LANES * sizeof(Row))
