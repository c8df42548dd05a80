# Trading on paper: what following the direction of an average would have brought. Each place of a row is an account.

DEF ACCOUNT_NUMBERS = 6


cdef void trade(
    const double* averages, const double* changes, int64_t bars, const int64_t* starts, Many long_threshold,
    Many short_threshold, double short_position, double fees, Many* result
) noexcept nogil:
    """Take all bars.

    averages: of many configs, [config * bars + bar]. changes: of each bar's price since the bar before, relative.
    starts: where each account's own average begins. short_position: -1, or 0 where only longs are held.
    result: total return; mean and sum of squared deviations of the returns; the deepest fall of the equity below its
    highest value, as a part of that; bars with a position; how often one was opened.
    """
    cdef int64_t t
    cdef Many zero = every(0.0, result)
    cdef Many one = every(1.0, result)
    cdef Many average = every(NAN, result)
    cdef Many equity = one
    cdef Many highest = one
    cdef Many before, now, under, earlier, ret, deviation
    cdef Many held = zero
    cdef Many position = zero
    cdef Many mean = zero
    cdef Many squares = zero
    cdef Many deepest = zero
    cdef Many exposed = zero
    cdef Many opened = zero
    for t in range(bars):
        before, now = average, many_gather(averages + t, starts)
        average = equal(now, now, now, before)      # NaN is no signal
        earlier, held = held, position
        position = above(average, long_threshold, at_least(long_threshold, before, one, held), held)
        under = at_least(before, short_threshold, every(short_position, result), position)
        position = above(short_threshold, average, under, position)
        ret = held * every(changes[t], result) - every(fees, result) * magnitude(held - earlier)
        deviation = ret - mean                      # Welford's way to the variance, which loses nothing to large means
        mean = mean + deviation * every(1.0 / <double> (t + 1), result)
        squares = squares + deviation * (ret - mean)
        equity = equity * (one + ret)
        highest = above(equity, highest, equity, highest)
        deviation = equity / highest - one
        deepest = above(deepest, deviation, deviation, deepest)
        exposed = exposed + equal(position, zero, zero, one)
        opened = opened + equal(position, zero, zero, equal(position, held, zero, one))
    result[0], result[1], result[2] = equity - one, mean, squares
    result[3], result[4], result[5] = deepest, exposed, opened
