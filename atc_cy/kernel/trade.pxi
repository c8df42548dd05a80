# Trading on paper: what following the direction of an average would have brought. Each place of a vector is an account.

DEF ACCOUNT_NUMBERS = 6


cdef void trade(
    const double* averages, const double* changes, int64_t bars, const int64_t* starts, Vector long_threshold,
    Vector short_threshold, double short_position, double fees, Vector* result
) noexcept nogil:
    """Take all bars.

    averages: of many configs, [config * bars + bar]. changes: of each bar's price since the bar before, relative.
    starts: where each account's own average begins. short_position: -1, or 0 where only longs are held.
    result: total return; mean and sum of squared deviations of the returns; the deepest fall of the equity below its
    highest value, as a part of that; bars with a position; how often one was opened.
    """
    cdef int64_t t
    cdef Vector zero = broadcast(0.0)
    cdef Vector one = broadcast(1.0)
    cdef Vector average = broadcast(NAN)
    cdef Vector equity = one
    cdef Vector highest = one
    cdef Vector before, now, under, earlier, ret, deviation
    cdef Vector held = zero
    cdef Vector position = zero
    cdef Vector mean = zero
    cdef Vector squares = zero
    cdef Vector deepest = zero
    cdef Vector exposed = zero
    cdef Vector opened = zero
    for t in range(bars):
        before, now = average, gather(averages + t, starts)
        average = select_at_least(now, now, now, before)      # NaN is no signal
        earlier, held = held, position
        position = select_greater(average, long_threshold, select_at_least(long_threshold, before, one, held), held)
        under = select_at_least(before, short_threshold, broadcast(short_position), position)
        position = select_greater(short_threshold, average, under, position)
        ret = held * broadcast(changes[t]) - broadcast(fees) * magnitude(held - earlier)
        deviation = ret - mean                      # Welford's way to the variance, which loses nothing to large means
        mean = mean + deviation * broadcast(1.0 / <double> (t + 1))
        squares = squares + deviation * (ret - mean)
        equity = equity * (one + ret)
        highest = select_greater(equity, highest, equity, highest)
        deviation = equity / highest - one
        deepest = select_greater(deepest, deviation, deviation, deepest)
        exposed = exposed + select_greater(magnitude(position), zero, one, zero)
        under = select_greater(magnitude(position - held), zero, one, zero)
        opened = opened + select_greater(magnitude(position), zero, under, zero)
    result[0], result[1], result[2] = equity - one, mean, squares
    result[3], result[4], result[5] = deepest, exposed, opened


def trade_averages(averages, changes, which, thresholds, double short_position, double fees, out):
    cdef Buffers buffers
    cdef Py_buffer* view
    cdef const double* average
    cdef const double* change
    cdef const double* limits
    cdef const int64_t* own
    cdef double* to
    cdef double of_accounts[3][WIDTH]
    cdef int64_t starts[WIDTH]
    cdef int64_t bars, configs, accounts, account, first, w, i
    cdef Vector result[ACCOUNT_NUMBERS]
    buffers.count = 0
    try:
        view = take_contiguous(&buffers, "changes", changes, -1, False, 0)
        change, bars = <const double*> view.buf, view.len // 8
        view = take_contiguous(&buffers, "averages", averages, -1, False, 0)
        average, configs = <const double*> view.buf, view.len // (8 * larger(bars, 1))
        if bars == 0 or view.len != 8 * configs * bars:
            raise ValueError("averages must have rows as long as changes, which has at least one bar")
        view = take_contiguous(&buffers, "which", which, -1, True, 0)
        own, accounts = <const int64_t*> view.buf, view.len // 8
        limits = <const double*> take_contiguous(&buffers, "thresholds", thresholds, 2 * accounts, False, 0).buf
        to = <double*> take_contiguous(
            &buffers, "out", out, ACCOUNT_NUMBERS * accounts, False, PyBUF_WRITABLE
        ).buf
        for i in range(accounts):
            if not 0 <= own[i] < configs:
                raise ValueError(f"which[{i}]={own[i]} is out of range")
        with nogil:
            for first in range(0, accounts, WIDTH):
                for w in range(WIDTH):      # places left over repeat the last account
                    account = smaller(first + w, accounts - 1)
                    starts[w] = own[account] * bars
                    of_accounts[0][w], of_accounts[1][w] = limits[account], limits[accounts + account]
                trade(
                    average, change, bars, starts, load_vector(of_accounts[0]), load_vector(of_accounts[1]),
                    short_position, fees, result
                )
                for i in range(ACCOUNT_NUMBERS):
                    store_vector(of_accounts[2], result[i])
                    for w in range(smaller(WIDTH, accounts - first)):
                        to[i * accounts + first + w] = of_accounts[2][w]
    finally:
        release(&buffers)
