# The six moving averages. Each takes the block's n values of src (x[0..n), with `history` earlier values before
# x[0]) and writes the nine averages of bar t to m[t * STRIDE + lane]; NaN where there is none yet.


cdef inline double exponential(
    ExponentialAverages* a, int64_t lane, int64_t length, const double* x, int64_t taken
) noexcept nogil:
    """One value into one lane, seeded by the average of its first `length` values."""
    if taken >= length:
        a.value[lane] += 2.0 / (length + 1) * (x[0] - a.value[lane])
        return a.value[lane]
    enter(&a.seed.sum[lane], &a.seed.correction[lane], x, taken + 1)
    if taken + 1 < length:
        return NAN
    a.value[lane] = a.seed.sum[lane] / length
    return a.value[lane]


cdef inline void lanes_of_length_one(const int64_t* length, const double* x, int64_t n, double* m) noexcept nogil:
    """EMA, DEMA and LSMA of length 1 return x itself, which their recurrences would only come close to."""
    cdef int64_t t, lane
    for lane in range(LANES):
        if length[lane] == 1:
            for t in range(n):
                m[t * STRIDE + lane] = x[t]


IF HAS_EMA:
    cdef void ema(State* s, const int64_t* length, const double* x, int64_t n, double* m) noexcept nogil:
        cdef int64_t t, lane
        cdef int64_t seed = bars_below(longest(length), s.bars, n)
        cdef double alpha[LANES]
        cdef double value[LANES]
        for t in range(seed):
            for lane in range(LANES):
                m[t * STRIDE + lane] = exponential(&s.ema, lane, length[lane], x + t, s.bars + t)
        for lane in range(LANES):
            alpha[lane] = 2.0 / (length[lane] + 1)
            value[lane] = s.ema.value[lane]
        for t in range(seed, n):
            for lane in range(LANES):
                value[lane] = value[lane] + alpha[lane] * (x[t] - value[lane])
                m[t * STRIDE + lane] = value[lane]
        for lane in range(LANES):
            s.ema.value[lane] = value[lane]
        lanes_of_length_one(length, x, n, m)


IF HAS_DEMA:
    cdef void dema(State* s, const int64_t* length, const double* x, int64_t n, double* m) noexcept nogil:
        cdef int64_t t, lane, taken
        cdef int64_t seed = bars_below(2 * longest(length) - 1, s.bars, n)
        cdef double e1
        cdef double* first_values
        cdef double alpha[LANES]
        cdef double first[LANES]
        cdef double second[LANES]
        for t in range(seed):
            for lane in range(LANES):
                e1 = exponential(&s.dema_first, lane, length[lane], x + t, s.bars + t)
                taken = s.bars + t - (length[lane] - 1)     # values of e1 before this one
                if taken < 0:
                    m[t * STRIDE + lane] = NAN
                    continue
                first_values = dema_first_values(s) + lane * ring(s, DEMA)
                # Once the second average is seeded the earlier values are not needed any more.
                if taken >= length[lane]:
                    first_values[0] = e1
                else:
                    first_values += taken
                    first_values[0] = e1
                m[t * STRIDE + lane] = 2.0 * e1 - exponential(&s.dema_second, lane, length[lane], first_values, taken)
        for lane in range(LANES):
            alpha[lane] = 2.0 / (length[lane] + 1)
            first[lane] = s.dema_first.value[lane]
            second[lane] = s.dema_second.value[lane]
        for t in range(seed, n):
            for lane in range(LANES):
                first[lane] = first[lane] + alpha[lane] * (x[t] - first[lane])
                second[lane] = second[lane] + alpha[lane] * (first[lane] - second[lane])
                m[t * STRIDE + lane] = 2.0 * first[lane] - second[lane]
        for lane in range(LANES):
            s.dema_first.value[lane] = first[lane]
            s.dema_second.value[lane] = second[lane]
        lanes_of_length_one(length, x, n, m)


IF HAS_HMA:
    cdef void hma(State* s, const int64_t* length, const double* x, int64_t n, double* m) noexcept nogil:
        cdef int64_t t, lane
        cdef double sums[BLOCK * LANES]
        rolling_sums(&s.hma, length, x, s.bars, n, hma_realized(s), ring(s, HMA), sums)
        for t in range(n):
            for lane in range(LANES):
                m[t * STRIDE + lane] = sums[t * LANES + lane] / length[lane]
        undefined_before(length, s.bars, n, m)


IF HAS_HMA or HAS_WMA or HAS_LSMA:
    cdef inline void undefined_before(const int64_t* length, int64_t bars, int64_t n, double* m) noexcept nogil:
        """NaN until a lane's window is full."""
        cdef int64_t t, lane
        for lane in range(LANES):
            for t in range(bars_below(length[lane] - 1, bars, n)):
                m[t * STRIDE + lane] = NAN


IF HAS_WMA or HAS_LSMA:
    cdef inline void windows(
        State* s, const int64_t* length, const double* x, int64_t n, double* wma, double* lsma
    ) noexcept nogil:
        """WMA and LSMA, whichever is not NULL, of the same lengths.

        The law sums every bar's window afresh, oldest value first. The windows of TILE bars are summed side by
        side: that changes no sum's own order.
        """
        cdef int64_t lane, start, i, k, L
        cdef double plain[TILE]
        cdef double weighted[TILE]
        cdef double sx, denominator, slope, average
        cdef const double* oldest
        for lane in range(LANES):
            L = length[lane]
            sx = <double> (L * (L + 1) // 2)
            denominator = <double> (L * L * (L * L - 1) // 12)      # L * (1² + … + L²) - sx²
            for start in range(0, n, TILE):
                oldest = x + start - (L - 1)
                for i in range(TILE):
                    plain[i] = 0.0
                    weighted[i] = 0.0
                for k in range(L):
                    for i in range(TILE):
                        plain[i] += oldest[k + i]
                        weighted[i] += oldest[k + i] * <double> (k + 1)
                for i in range(at_most(TILE, n - start)):
                    if wma != NULL:
                        wma[(start + i) * STRIDE + lane] = weighted[i] / sx
                    if lsma != NULL:
                        slope = (L * weighted[i] - sx * plain[i]) / denominator
                        average = plain[i] / L
                        average = average - slope * sx / L + slope
                        lsma[(start + i) * STRIDE + lane] = average + slope * (L - 1)
        if wma != NULL:
            undefined_before(length, s.bars, n, wma)
        if lsma != NULL:
            undefined_before(length, s.bars, n, lsma)
            lanes_of_length_one(length, x, n, lsma)


IF HAS_KAMA:
    cdef void kama(State* s, const int64_t* length, const double* x, int64_t n, double* m) noexcept nogil:
        cdef int64_t t, lane
        cdef double noise[BLOCK * LANES]
        cdef double* moved = moves(s) + history(s)
        cdef double change, ratio, q
        cdef int64_t first = 1 if s.bars == 0 else 0       # the first bar has no move
        for t in range(first, n):
            moved[t] = magnitude(x[t] - x[t - 1])
        rolling_sums(
            &s.kama_noise, length, moved + first, s.bars + first - 1, n - first,
            kama_realized(s), ring(s, KAMA), noise + first * LANES
        )
        for t in range(n):
            for lane in range(LANES):
                ratio = 0.0
                if s.bars + t >= length[lane] and magnitude(noise[t * LANES + lane]) > 1e-10:
                    ratio = magnitude(x[t] - x[t - length[lane]]) / noise[t * LANES + lane]
                q = ratio * (0.666 - 0.064) + 0.064
                s.kama[lane] += q * q * (x[t] - s.kama[lane])
                m[t * STRIDE + lane] = s.kama[lane]
        memmove(moves(s), moves(s) + n, history(s) * sizeof(double))


cdef void averages(State* s, const double* x, int64_t n, double* m) noexcept nogil:
    """All types that the structure has, each in its columns."""
    IF HAS_EMA:
        if column(s, EMA) >= 0:
            ema(s, lengths(s, column(s, EMA)), x, n, m + column(s, EMA) * LANES)
    IF HAS_HMA:
        if column(s, HMA) >= 0:
            hma(s, lengths(s, column(s, HMA)), x, n, m + column(s, HMA) * LANES)
    IF HAS_DEMA:
        if column(s, DEMA) >= 0:
            dema(s, lengths(s, column(s, DEMA)), x, n, m + column(s, DEMA) * LANES)
    IF HAS_KAMA:
        if column(s, KAMA) >= 0:
            kama(s, lengths(s, column(s, KAMA)), x, n, m + column(s, KAMA) * LANES)
    IF SHARED_WINDOWS:
        windows(
            s, lengths(s, column(s, WMA)), x, n,
            m + column(s, WMA) * LANES, m + column(s, LSMA) * LANES
        )
    ELSE:
        IF HAS_WMA:
            if column(s, WMA) >= 0:
                windows(s, lengths(s, column(s, WMA)), x, n, m + column(s, WMA) * LANES, NULL)
        IF HAS_LSMA:
            if column(s, LSMA) >= 0:
                windows(s, lengths(s, column(s, LSMA)), x, n, NULL, m + column(s, LSMA) * LANES)
