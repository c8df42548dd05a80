# The six moving averages. Each takes the block's n values of src (x[0..n), with `history` earlier values before
# x[0]) and writes the nine averages of bar t to m[t * stride + lane]; NaN where there is none yet.
#
# The state of an exponential average: LANES values, then the sums and the corrections of their seeds.

cdef inline double exponential(
    Row* state, int64_t lane, int64_t w, int64_t length, const Row* x, int64_t taken
) noexcept nogil:
    """One value into one lane, seeded by the average of its first `length` values."""
    cdef double* value = &state[lane].of[w]
    cdef double* total = &state[LANES + lane].of[w]
    if taken >= length:
        value[0] += 2.0 / (length + 1) * (x[0].of[w] - value[0])
        return value[0]
    enter(total, &state[2 * LANES + lane].of[w], x, w, taken + 1)
    if taken + 1 < length:
        return NAN
    value[0] = total[0] / length
    return value[0]


cdef inline void lanes_of_length_one(
    const int64_t* length, const Row* x, int64_t n, Row* m, int64_t stride
) noexcept nogil:
    """EMA, DEMA and LSMA of length 1 return x itself, which their recurrences would only come close to."""
    cdef int64_t t, lane
    for lane in range(LANES):
        if length[lane] == 1:
            for t in range(n):
                copy(&m[t * stride + lane], x + t)


cdef inline void undefined_before(
    const int64_t* length, int64_t bars, int64_t n, Row* m, int64_t stride
) noexcept nogil:
    """NaN until a lane's window is full."""
    cdef int64_t t, lane, w
    for lane in range(LANES):
        for t in range(bars_below(length[lane] - 1, bars, n)):
            for w in range(width(m)):
                m[t * stride + lane].of[w] = NAN


cdef inline void ema(
    State* s, Row* rows, const int64_t* length, const Row* x, int64_t n, Row* m, int64_t stride
) noexcept nogil:
    cdef int64_t t, lane, w
    cdef int64_t W = width(x)
    cdef int64_t seed = bars_below(longest(length), s.bars, n)
    cdef double alpha[LANES]
    cdef Row value[LANES]
    for t in range(seed):
        for lane in range(LANES):
            for w in range(W):
                m[t * stride + lane].of[w] = exponential(
                    rows + EMA_VALUES, lane, w, length[lane], x + t, s.bars + t
                )
    for lane in range(LANES):
        alpha[lane] = 2.0 / (length[lane] + 1)
    memcpy(value, rows + EMA_VALUES, LANES * sizeof(Row))
    for t in range(seed, n):
        for lane in range(LANES):
            for w in range(W):
                value[lane].of[w] = value[lane].of[w] + alpha[lane] * (x[t].of[w] - value[lane].of[w])
                m[t * stride + lane].of[w] = value[lane].of[w]
    memcpy(rows + EMA_VALUES, value, LANES * sizeof(Row))
    lanes_of_length_one(length, x, n, m, stride)


cdef inline void dema(
    State* s, Row* rows, const int64_t* length, const Row* x, int64_t n, Row* m, int64_t stride
) noexcept nogil:
    cdef int64_t t, lane, w, taken
    cdef int64_t W = width(x)
    cdef int64_t seed = bars_below(2 * longest(length) - 1, s.bars, n)
    cdef Row e1
    cdef Row* first_values
    cdef double alpha[LANES]
    cdef Row first[LANES]
    cdef Row second[LANES]
    for t in range(seed):
        for lane in range(LANES):
            taken = s.bars + t - (length[lane] - 1)     # values of e1 before this one
            # Once the second average is seeded, the earlier values are not needed any more.
            first_values = rows + dema_first_values(s, rows) + lane * ring(s, DEMA)
            if 0 < taken < length[lane]:
                first_values += taken
            for w in range(W):
                e1.of[w] = exponential(rows + DEMA_FIRST, lane, w, length[lane], x + t, s.bars + t)
            if taken >= 0:
                copy(first_values, &e1)
            for w in range(W):
                m[t * stride + lane].of[w] = NAN
                if taken >= 0:
                    m[t * stride + lane].of[w] = 2.0 * e1.of[w] - exponential(
                        rows + DEMA_SECOND, lane, w, length[lane], first_values, taken
                    )
    for lane in range(LANES):
        alpha[lane] = 2.0 / (length[lane] + 1)
    memcpy(first, rows + DEMA_FIRST, LANES * sizeof(Row))
    memcpy(second, rows + DEMA_SECOND, LANES * sizeof(Row))
    for t in range(seed, n):
        for lane in range(LANES):
            for w in range(W):
                first[lane].of[w] = first[lane].of[w] + alpha[lane] * (x[t].of[w] - first[lane].of[w])
                second[lane].of[w] = second[lane].of[w] + alpha[lane] * (first[lane].of[w] - second[lane].of[w])
                m[t * stride + lane].of[w] = 2.0 * first[lane].of[w] - second[lane].of[w]
    memcpy(rows + DEMA_FIRST, first, LANES * sizeof(Row))
    memcpy(rows + DEMA_SECOND, second, LANES * sizeof(Row))
    lanes_of_length_one(length, x, n, m, stride)


cdef inline void hma(
    State* s, Row* rows, const int64_t* length, const Row* x, int64_t n, Row* m, int64_t stride, bint tame
) noexcept nogil:
    cdef int64_t lane
    cdef double divisor[LANES]
    for lane in range(LANES):
        divisor[lane] = <double> length[lane]
    rolling_sums(
        rows + HMA_SUMS, s.hma_slot, length, x, s.bars, n, rows + hma_realized(s, rows), ring(s, HMA),
        divisor, m, stride, tame
    )
    undefined_before(length, s.bars, n, m, stride)


cdef inline void windows(
    State* s, const int64_t* length, const Row* x, int64_t n, Row* wma, Row* lsma, int64_t stride, bint tame
) noexcept nogil:
    """WMA and LSMA, whichever is not NULL, of the same lengths.

    The law sums every bar's window afresh, oldest value first. WIDTH windows are summed side by side, of as many
    symbols or as many bars: that changes no sum's own order. Either way their values lie side by side in memory.
    """
    cdef int64_t lane, tile, start, i, k, L, bar
    cdef int64_t W = width(x)
    cdef double plain[WIDTH]
    cdef double weighted[WIDTH]
    cdef double average[WIDTH]
    cdef double slope[WIDTH]
    cdef double sx, denominator, weight, last
    cdef const double* oldest
    cdef double* target
    for lane in range(LANES):
        L = length[lane]
        sx = <double> (L * (L + 1) // 2)
        denominator = <double> (L * L * (L * L - 1) // 12)      # L * (1² + … + L²) - sx²
        last = <double> (L - 1)
        for tile in range((n * W + WIDTH - 1) // WIDTH):
            start = tile * (WIDTH // W)
            oldest = <const double*> (x + start - (L - 1))
            for i in range(WIDTH):
                plain[i] = 0.0
                weighted[i] = 0.0
            weight = 1.0
            for k in range(L):
                for i in range(WIDTH):
                    plain[i] += oldest[k * W + i]
                    weighted[i] += oldest[k * W + i] * weight
                weight += 1.0
            bar = at_most(WIDTH // W, n - start)
            if wma != NULL:
                for i in range(WIDTH):
                    average[i] = divide(weighted[i], sx, tame)
                spread(average, wma + start * stride + lane, bar, stride)
            if lsma != NULL:
                for i in range(WIDTH):
                    slope[i] = divide(L * weighted[i] - sx * plain[i], denominator, tame)
                    average[i] = divide(plain[i], <double> L, tame)
                    average[i] = (average[i] - divide(slope[i] * sx, <double> L, tame)) + slope[i]
                    average[i] = average[i] + slope[i] * last
                spread(average, lsma + start * stride + lane, bar, stride)
    if wma != NULL:
        undefined_before(length, s.bars, n, wma, stride)
    if lsma != NULL:
        undefined_before(length, s.bars, n, lsma, stride)
        lanes_of_length_one(length, x, n, lsma, stride)


cdef inline void spread(const double* values, Row* m, int64_t bars, int64_t stride) noexcept nogil:
    """Write the values of some bars, which lie side by side, into one lane."""
    cdef int64_t t
    for t in range(bars):
        memcpy(&m[t * stride], values + t * width(m), sizeof(Row))


cdef inline void kama(
    State* s, Row* rows, const int64_t* length, const Row* x, int64_t n, Row* m, int64_t stride
) noexcept nogil:
    cdef int64_t t, lane, w
    cdef int64_t W = width(x)
    cdef Row* moved = rows + moves(s, rows) + history(s)
    cdef int64_t first = 1 if s.bars == 0 else 0       # the first bar has no move
    cdef int64_t seed = bars_below(longest(length), s.bars, n)
    cdef double signal, noise, ratio, q
    cdef Row before[LANES]
    cdef const Row* old
    cdef Row value[LANES]
    for t in range(first, n):
        for w in range(W):
            moved[t].of[w] = magnitude(x[t].of[w] - x[t - 1].of[w])
    rolling_sums(
        rows + NOISE_SUMS, s.kama_slot, length, moved + first, s.bars + first - 1, n - first,
        rows + kama_realized(s, rows), ring(s, KAMA), NULL, m + first * stride, stride, True
    )
    memcpy(value, rows + KAMA_VALUES, LANES * sizeof(Row))
    for t in range(n):
        if Row is One:      # side by side, so that the lanes can be a vector
            for lane in range(LANES):
                copy(&before[lane], x + t - length[lane])
        for lane in range(LANES):
            old = x + t - length[lane]
            if Row is One:
                old = &before[lane]
            for w in range(W):
                noise = m[t * stride + lane].of[w]
                signal = magnitude(x[t].of[w] - old.of[w])
                ratio = signal / noise
                ratio = ratio if magnitude(noise) > 1e-10 else 0.0
                if t < seed:
                    ratio = ratio if s.bars + t >= length[lane] else 0.0
                q = ratio * (0.666 - 0.064) + 0.064
                value[lane].of[w] = value[lane].of[w] + q * q * (x[t].of[w] - value[lane].of[w])
                m[t * stride + lane].of[w] = value[lane].of[w]
    memcpy(rows + KAMA_VALUES, value, LANES * sizeof(Row))
    memmove(rows + moves(s, rows), rows + moves(s, rows) + n, history(s) * sizeof(Row))


cdef inline void average(
    State* s, Row* rows, int64_t moving_average, int64_t n, Row* m, Row* lsma, int64_t stride, bint tame
) noexcept nogil:
    """The averages of one type. Where WMA and LSMA share their windows, WMA writes both, and LSMA is not asked for."""
    cdef const Row* x = rows + SOURCE + history(s)
    cdef const int64_t* length = lengths(s, column(s, moving_average))
    IF HAS_EMA:
        if moving_average == EMA:
            ema(s, rows, length, x, n, m, stride)
    IF HAS_HMA:
        if moving_average == HMA:
            hma(s, rows, length, x, n, m, stride, tame)
    IF HAS_WMA:
        if moving_average == WMA:
            windows(s, length, x, n, m, lsma if SHARED_WINDOWS else NULL, stride, tame)
    IF HAS_DEMA:
        if moving_average == DEMA:
            dema(s, rows, length, x, n, m, stride)
    IF HAS_LSMA and not SHARED_WINDOWS:
        if moving_average == LSMA:
            windows(s, length, x, n, NULL, m, stride, tame)
    IF HAS_KAMA:
        if moving_average == KAMA:
            kama(s, rows, length, x, n, m, stride)
