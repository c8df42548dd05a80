# The six moving averages. Each takes the block's n values of src (x[0..n), with `history` earlier values before
# x[0]) and writes the nine averages of bar t to m[t * stride + lane]; NaN where there is none yet.
#
# The state of an exponential average: LANES values, then the sums and the corrections of their seeds.

cdef inline Row exponential(
    Row* value, Row* total, Row* correction, int64_t length, const Row* x, int64_t taken
) noexcept nogil:
    """Take x[0] into one lane, seeded by the average of its first `length` values."""
    cdef Row gone, entry
    if taken >= length:
        value[0] = value[0] + 2.0 / (length + 1) * (x[0] - value[0])
        return value[0]
    gone = lost(correction[0], x[0])
    entry = enter(total, correction, x[0])
    fire(gone, total, correction, &entry, x, taken + 1)
    if taken + 1 < length:
        return every(NAN, x)
    value[0] = total[0] / every(<double> length, x)
    return value[0]


cdef inline void lanes_of_length_one(
    const int64_t* length, const Row* x, int64_t n, Row* m, int64_t stride
) noexcept nogil:
    """EMA, DEMA and LSMA of length 1 return x itself, which their recurrences would only come close to."""
    cdef int64_t t, lane
    for lane in range(LANES):
        if length[lane] == 1:
            for t in range(n):
                m[t * stride + lane] = x[t]


cdef inline void undefined_before(
    const int64_t* length, int64_t bars, int64_t n, Row* m, int64_t stride
) noexcept nogil:
    """NaN until a lane's window is full."""
    cdef int64_t t, lane
    for lane in range(LANES):
        for t in range(bars_below(length[lane] - 1, bars, n)):
            m[t * stride + lane] = every(NAN, m)


cdef inline void ema(
    State* s, Row* rows, const int64_t* length, const Row* x, int64_t n, Row* m, int64_t stride
) noexcept nogil:
    cdef int64_t t, lane
    cdef int64_t seed = bars_below(longest(length), s.bars, n)
    cdef const double* alpha = &constants(s, EMA).alpha[0]
    cdef Row value[LANES]
    cdef Row* state = rows + EMA_VALUES
    for t in range(seed):
        for lane in range(LANES):
            m[t * stride + lane] = exponential(
                state + lane, state + LANES + lane, state + 2 * LANES + lane, length[lane], x + t, s.bars + t
            )
    memcpy(value, state, sizeof(value))
    for t in range(seed, n):
        for lane in range(LANES):
            value[lane] = value[lane] + alpha[lane] * (x[t] - value[lane])
        memcpy(m + t * stride, value, sizeof(value))
    memcpy(state, value, sizeof(value))
    lanes_of_length_one(length, x, n, m, stride)


cdef inline void dema(
    State* s, Row* rows, const int64_t* length, const Row* x, int64_t n, Row* m, int64_t stride
) noexcept nogil:
    cdef int64_t t, lane, taken
    cdef int64_t seed = bars_below(2 * longest(length) - 1, s.bars, n)
    cdef Row e1
    cdef Row* first_values
    cdef const double* alpha = &constants(s, DEMA).alpha[0]
    cdef Row first[LANES]
    cdef Row second[LANES]
    cdef Row result[LANES]
    cdef Row* state1 = rows + DEMA_FIRST
    cdef Row* state2 = rows + DEMA_SECOND
    for t in range(seed):
        for lane in range(LANES):
            taken = s.bars + t - (length[lane] - 1)     # values of e1 before this one
            # Once the second average is seeded, the earlier values are not needed any more.
            first_values = rows + dema_first_values(s, rows) + lane * ring(s, DEMA)
            if 0 < taken < length[lane]:
                first_values += taken
            e1 = exponential(
                state1 + lane, state1 + LANES + lane, state1 + 2 * LANES + lane, length[lane], x + t, s.bars + t
            )
            m[t * stride + lane] = every(NAN, x)
            if taken >= 0:
                first_values[0] = e1
                m[t * stride + lane] = 2.0 * e1 - exponential(
                    state2 + lane, state2 + LANES + lane, state2 + 2 * LANES + lane, length[lane], first_values, taken
                )
    memcpy(first, state1, sizeof(first))
    memcpy(second, state2, sizeof(second))
    for t in range(seed, n):
        for lane in range(LANES):
            first[lane] = first[lane] + alpha[lane] * (x[t] - first[lane])
            second[lane] = second[lane] + alpha[lane] * (first[lane] - second[lane])
            result[lane] = 2.0 * first[lane] - second[lane]
        memcpy(m + t * stride, result, sizeof(result))
    memcpy(state1, first, sizeof(first))
    memcpy(state2, second, sizeof(second))
    lanes_of_length_one(length, x, n, m, stride)


cdef inline void hma(
    State* s, Row* rows, const int64_t* length, const Row* x, int64_t n, Row* m, int64_t stride, Src src
) noexcept nogil:
    rolling_sums(
        rows + HMA_SUMS, length, x, s.bars, n, rows + hma_realized(s, rows), ring(s, HMA),
        constants(s, HMA), m, stride, src
    )
    undefined_before(length, s.bars, n, m, stride)


cdef inline void windows(
    State* s, Row* rows, const Row* x, int64_t n, Row* wma, Row* lsma, int64_t stride, Src src
) noexcept nogil:
    """WMA and LSMA, whichever is not NULL.

    The law sums each window afresh, oldest value first, times 1, 2, 3, … So all windows that begin at one bar are one
    sum, and a lane's is what this sum has come to after `length` values. Each bar begins a sum and enters all that
    are open.
    """
    cdef int64_t t, group, newest
    cdef int64_t open = window(s)
    cdef int64_t together = OPEN_TOGETHER if Row is double else 1
    cdef Row* weighted = rows + weighted_sums(s, rows)
    cdef Row* plain = rows + plain_sums(s, rows)
    for t in range(n):
        newest = open - 1 + s.offset + t
        # Of one symbol, some sums older than the open ones come along; nobody reads them.
        for group in range((s.offset + t) // together, newest // together):
            enter_sums(weighted, plain, group * together, newest, x[t], True)
        enter_sums(weighted, plain, newest // together * together, newest, x[t], False)
        if wma != NULL:
            weighted_averages(lengths(s, column(s, WMA)), constants(s, WMA), weighted + newest, wma + t * stride, src)
        if lsma != NULL:
            regressions(
                lengths(s, column(s, LSMA)), constants(s, LSMA), weighted + newest, plain + newest,
                lsma + t * stride, src
            )
    if wma != NULL:
        undefined_before(lengths(s, column(s, WMA)), s.bars, n, wma, stride)
    if lsma != NULL:
        undefined_before(lengths(s, column(s, LSMA)), s.bars, n, lsma, stride)
        lanes_of_length_one(lengths(s, column(s, LSMA)), x, n, lsma, stride)


cdef inline void enter_sums(
    Row* weighted, Row* plain, int64_t first, int64_t newest, Row x, bint begun
) noexcept nogil:
    """Enter x into the sums from number `first` on that make a vector; if not all have begun, the others stay zero."""
    cdef int64_t i
    cdef double weight, one
    cdef double oldest = <double> (newest + 1 - first)
    for i in range(OPEN_TOGETHER if Row is double else 1):
        weight = oldest - <double> i
        one = 1.0
        if Row is double and not begun:
            weight = weight if weight > 0.0 else 0.0
            one = weight if weight < 1.0 else 1.0
        weighted[first + i] = weighted[first + i] + x * weight
        plain[first + i] = plain[first + i] + x * one


cdef inline void weighted_averages(
    const int64_t* length, const Constants* c, const Row* weighted, Row* m, Src src
) noexcept nogil:
    """One bar's lanes, from the sums as that bar left them: weighted[1 - length] is a lane's."""
    cdef int64_t lane
    cdef Row sums[LANES]
    for lane in range(LANES):
        sums[lane] = weighted[1 - length[lane]]
    for lane in range(LANES):
        sums[lane] = divide(sums[lane], c.weights[lane], c.per_weights[lane], src)
    memcpy(m, sums, sizeof(sums))


cdef inline void regressions(
    const int64_t* length, const Constants* c, const Row* weighted, const Row* plain, Row* m, Src src
) noexcept nogil:
    """One bar's lanes, from the sums as that bar left them, as in `weighted_averages`."""
    cdef int64_t lane
    cdef Row slope, average, intercept
    cdef Row xy[LANES]
    cdef Row y[LANES]
    for lane in range(LANES):
        xy[lane] = weighted[1 - length[lane]]
        y[lane] = plain[1 - length[lane]]
    for lane in range(LANES):
        slope = c.length[lane] * xy[lane] - c.weights[lane] * y[lane]
        slope = divide(slope, c.denominator[lane], c.per_denominator[lane], src)
        average = divide(y[lane], c.length[lane], c.per_length[lane], src)
        intercept = slope * c.weights[lane]
        intercept = (average - divide(intercept, c.length[lane], c.per_length[lane], src)) + slope
        xy[lane] = intercept + slope * (c.length[lane] - 1.0)
    memcpy(m, xy, sizeof(xy))


cdef inline void kama(
    State* s, Row* rows, const int64_t* length, const Row* x, int64_t n, Row* m, int64_t stride
) noexcept nogil:
    cdef int64_t t, lane
    cdef Row* moved = rows + moves(s, rows) + history(s) + s.offset
    cdef int64_t first = 1 if s.bars == 0 else 0       # the first bar has no move
    cdef int64_t seed = bars_below(longest(length), s.bars, n)
    cdef Row noise, move, ratio, q
    cdef Row before[LANES]
    cdef Row value[LANES]
    cdef Row zero = every(0.0, x)
    cdef Row least_noise = every(1e-10, x)
    for t in range(first, n):
        move = x[t] - x[t - 1]
        moved[t] = magnitude(move)
    rolling_sums(
        rows + NOISE_SUMS, length, moved + first, s.bars + first - 1, n - first,
        rows + kama_realized(s, rows), ring(s, KAMA), NULL, m + first * stride, stride, TAME
    )
    memcpy(value, rows + KAMA_VALUES, sizeof(value))
    for t in range(n):
        for lane in range(LANES):       # side by side, so that the lanes can be a vector
            before[lane] = x[t - length[lane]]
        for lane in range(LANES):
            noise = m[t * stride + lane]
            move = x[t] - before[lane]
            ratio = magnitude(move) / noise
            ratio = above(magnitude(noise), least_noise, ratio, zero)
            if t < seed:
                ratio = ratio if s.bars + t >= length[lane] else zero
            q = ratio * (0.666 - 0.064) + 0.064
            value[lane] = value[lane] + q * q * (x[t] - value[lane])
        memcpy(m + t * stride, value, sizeof(value))
    memcpy(rows + KAMA_VALUES, value, sizeof(value))


cdef inline void average(
    State* s, Row* rows, int64_t moving_average, int64_t n, Row* m, Row* lsma, int64_t stride, Src src
) noexcept nogil:
    """The averages of one type; WMA brings LSMA's along, if there are any."""
    cdef const Row* x = rows + SOURCE + history(s) + s.offset
    cdef const int64_t* length = lengths(s, column(s, moving_average))
    IF HAS_EMA:
        if moving_average == EMA:
            ema(s, rows, length, x, n, m, stride)
    IF HAS_HMA:
        if moving_average == HMA:
            hma(s, rows, length, x, n, m, stride, src)
    IF HAS_WMA:
        if moving_average == WMA:
            windows(s, rows, x, n, m, lsma if column(s, LSMA) >= 0 else NULL, stride, src)
    IF HAS_DEMA:
        if moving_average == DEMA:
            dema(s, rows, length, x, n, m, stride)
    IF HAS_LSMA:
        if moving_average == LSMA and column(s, WMA) < 0:
            windows(s, rows, x, n, NULL, m, stride, src)
    IF HAS_KAMA:
        if moving_average == KAMA:
            kama(s, rows, length, x, n, m, stride)
