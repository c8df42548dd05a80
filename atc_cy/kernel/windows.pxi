# WMA and LSMA. The law sums each window afresh, oldest value first, times 1, 2, 3, … So all windows that begin at one bar
# are one sum, and a lane's is what it has come to after `length` values. In a block, windows that begin on neighbouring
# bars go side by side, two vectors of them, in registers from their first value to their last; after `length` values
# they leave as that lane's sums on neighbouring bars. Nothing is kept from block to block: it begins with the windows
# that are open, from their beginning.

cdef inline int64_t window_ends(const Config* c) noexcept nogil:
    IF FIXED:
        return WINDOW_ENDS
    ELSE:
        return c.window_ends


cdef inline WindowEnd window_end(const Config* c, int64_t i) noexcept nogil:
    """The windows' ends, the shortest window first."""
    cdef WindowEnd end
    IF FIXED:
        end.length, end.lane = FIXED_WINDOW_ENDS[4 * i], FIXED_WINDOW_ENDS[4 * i + 1]
        end.wma, end.lsma = FIXED_WINDOW_ENDS[4 * i + 2], FIXED_WINDOW_ENDS[4 * i + 3]
    ELSE:
        end = c.window_end[i]
    return end


cdef inline int64_t window_margin(const Config* c) noexcept nogil:
    """How far before and behind the bars of a block sums are written that nobody reads."""
    return round_up(window(c) - window_end(c, 0).length + 2 * WIDTH)


cdef extern from *:
    """
    /* Enter the values from number `first` to number `length` of windows into their sums. Where both are constants, as
       in a preset's kernel, each value has its own instructions, and its weight is a constant. */
    VECTOR void enter_values(
        const double *x, int64_t first, int64_t length, Vector *a, Vector *b, Vector *p, Vector *q
    ) {
        UNROLL
        for (int64_t k = first; k < length; k++) {
            const Vector x1 = load_vector(x + k), x2 = load_vector(x + k + WIDTH);
            const double weight = (double) (k + 1);
            *a += x1 * weight;
            *b += x2 * weight;
            *p += x1;
            *q += x2;
        }
    }
    """
    void enter_values(
        const double* x, int64_t first, int64_t length, Vector* a, Vector* b, Vector* p, Vector* q
    ) noexcept nogil


cdef void sum_windows(
    const Config* c, const double* x, int64_t bars, double* weighted, double* plain, int64_t step
) noexcept nogil:
    """The sums of x * weight and of x, of lane l on bar t at [l * step + t].

    Those of WMA's lanes come to `weighted`; LSMA's to `plain`, and its weighted ones to nine more rows there, unless it
    has WMA's lanes.
    """
    cdef int64_t begin, i, first, last
    cdef WindowEnd end
    cdef Vector a, b, p, q
    for begin in range(1 - window(c), bars - window_end(c, 0).length + 1, 2 * WIDTH):
        a = b = p = q = broadcast(0.0)
        first = 0
        for i in range(window_ends(c)):
            end = window_end(c, i)
            last = begin + end.length - 1
            if last >= bars:
                break
            enter_values(x + begin, first, end.length, &a, &b, &p, &q)
            first = end.length
            last += end.lane * step
            if end.wma:
                store_vector(weighted + last, a)
                store_vector(weighted + last + WIDTH, b)
            if end.lsma:
                store_vector(plain + last, p)
                store_vector(plain + last + WIDTH, q)
                if not shared_windows(c):
                    store_vector(plain + LANES * step + last, a)
                    store_vector(plain + LANES * step + last + WIDTH, b)


cdef inline Number regression(
    Number xy, Number y, Number length, Number weights, Number denominator, Number per_length, Number per_denominator,
    Range src_range
) noexcept nogil:
    """The value of the line through a window's points at its newest one."""
    cdef Number slope = divide(length * xy - weights * y, denominator, per_denominator, src_range)
    cdef Number average = divide(y, length, per_length, src_range)
    cdef Number intercept = (average - divide(slope * weights, length, per_length, src_range)) + slope
    return intercept + slope * (length - 1.0)


cdef void weighted_averages(
    const Constants* z, double* weighted, int64_t step, int64_t bars, Range src_range
) noexcept nogil:
    """From WMA's sums to its averages, in place."""
    cdef int64_t lane, t
    cdef double* row
    cdef Vector weights, per_weights
    for lane in range(LANES):
        row = weighted + lane * step
        weights, per_weights = broadcast(z.weights[lane]), broadcast(z.per_weights[lane])
        for t in range(0, bars, WIDTH):
            store_vector(row + t, divide(load_vector(row + t), weights, per_weights, src_range))


cdef void regressions(
    const Constants* z, const double* weighted, double* plain, int64_t step, int64_t bars, Range src_range
) noexcept nogil:
    """From LSMA's sums to its averages, in place of the plain ones."""
    cdef int64_t lane, t
    cdef double* row
    cdef Vector length, weights, denominator, per_length, per_denominator
    for lane in range(LANES):
        row = plain + lane * step
        length, weights, denominator = (
            broadcast(z.length[lane]), broadcast(z.weights[lane]), broadcast(z.denominator[lane])
        )
        per_length, per_denominator = broadcast(z.per_length[lane]), broadcast(z.per_denominator[lane])
        for t in range(0, bars, WIDTH):
            store_vector(row + t, regression(
                load_vector(weighted + lane * step + t), load_vector(row + t), length, weights, denominator, per_length,
                per_denominator, src_range
            ))
