# The compensated rolling sum. Its peculiarity: when the compensation and the new value cannot be added without
# losing part of the compensation, the sum "fires": it is taken afresh from the raw values. What leaves the window is
# not the raw value but the realized entry, what the value came to after compensation.
#
# 1. seed: bars up to the longest lane, where each lane tests whether its window is full yet
# 2. steady: all windows are full

cdef inline Row lost(Row correction, Row x) noexcept nogil:
    """What adding would lose of the compensation: the sum fires where this is above 0."""
    # The law's guards (x or correction zero, their sum zero or not finite) need no test of their own: in each of
    # those cases the difference below is zero, negative or NaN.
    cdef Row b = magnitude(correction)
    return b - ((x + b) - x)


cdef Row newest_first(const Row* newest, int64_t count) noexcept nogil:
    cdef Row total = newest[0]
    cdef int64_t i
    for i in range(1, count):
        total = total + newest[-i]
    return total


cdef inline Row enter(Row* total, Row* correction, Row x) noexcept nogil:
    """Take x into a window that is not full, if it does not fire; returns the realized entry."""
    cdef Row y = x - correction[0]
    cdef Row after = total[0] + y
    correction[0] = (after - total[0]) - y
    total[0] = after
    return y


cdef inline Row exchange(Row* total, Row* correction, Row x, Row leaving) noexcept nogil:
    """Take x into a full window for the realized entry `leaving`, if it does not fire; returns the realized entry."""
    cdef Row y1 = -leaving - correction[0]
    cdef Row between = total[0] + y1
    cdef Row e1 = (between - total[0]) - y1
    cdef Row y2 = x - e1
    cdef Row after = between + y2
    correction[0] = (after - between) - y2
    total[0] = after
    return y2


cdef inline void fire(
    Row gone, Row* total, Row* correction, Row* entry, const Row* x, int64_t count
) noexcept nogil:
    """Set right what fired, as `lost` told before x[0] was taken as the last of `count` values in the window."""
    cdef Row zero = every(0.0, x)
    if any_positive(gone):
        total[0] = above(gone, zero, newest_first(x, count), total[0])
        correction[0] = above(gone, zero, zero, correction[0])
        entry[0] = above(gone, zero, x[0], entry[0])


cdef inline bint any_fires(const Row* correction, Row x) noexcept nogil:
    cdef int64_t lane
    cdef int64_t fired = 0
    for lane in range(LANES):
        fired |= any_positive(lost(correction[lane], x))
    return fired != 0


cdef inline void rolling_sums(
    Row* state, const int64_t* length, const Row* x, int64_t taken, int64_t n,
    Row* ring, int64_t ring_size, const Constants* averaged, Row* sums, int64_t stride, Src src
) noexcept nogil:
    """Take x[0..n) into all lanes, `taken` values after the first.

    state: the lanes' sums, then their corrections. ring: the realized entries, value i's at [i % ring_size * LANES].
    sums[t * stride + lane] becomes the lane's sum after x[t], divided by its length if `averaged` is not NULL.
    """
    cdef int64_t t, i, lane, count, ahead, place
    cdef int64_t position = taken % ring_size
    cdef int64_t seed = bars_below(longest(length), taken, n)
    cdef bint fired
    cdef Row total[LANES]
    cdef Row correction[LANES]
    cdef Row entry[LANES]
    cdef Row gone[LANES]
    cdef Row leaving[AHEAD * LANES]
    memcpy(total, state, sizeof(total))
    memcpy(correction, state + LANES, sizeof(correction))

    for t in range(seed):
        count = taken + t + 1
        for lane in range(LANES):
            gone[lane] = lost(correction[lane], x[t])
            if count <= length[lane]:
                entry[lane] = enter(&total[lane], &correction[lane], x[t])
            else:
                place = before(position, length[lane], ring_size)
                entry[lane] = exchange(&total[lane], &correction[lane], x[t], ring[place * LANES + lane])
            fire(gone[lane], &total[lane], &correction[lane], &entry[lane], x + t, at_most(count, length[lane]))
            sums[t * stride + lane] = total[lane]
            if averaged != NULL:
                sums[t * stride + lane] = total[lane] / every(averaged.length[lane], x)
        memcpy(ring + position * LANES, entry, sizeof(entry))
        position = position + 1 if position + 1 < ring_size else 0

    t = seed
    while t < n:
        ahead = at_most(n - t, bars_ahead(x, length))
        for lane in range(LANES):
            place = before(position, length[lane], ring_size)
            for i in range(ahead):
                leaving[i * LANES + lane] = ring[place * LANES + lane]
                place = place + 1 if place + 1 < ring_size else 0
        for i in range(ahead):
            # Whether a lane fires depends on its correction alone, and few do: they are set right afterwards.
            fired = any_fires(correction, x[t])
            if fired:
                for lane in range(LANES):
                    gone[lane] = lost(correction[lane], x[t])
            for lane in range(LANES):
                entry[lane] = exchange(&total[lane], &correction[lane], x[t], leaving[i * LANES + lane])
            if fired:
                for lane in range(LANES):
                    fire(gone[lane], &total[lane], &correction[lane], &entry[lane], x + t, length[lane])
            memcpy(ring + position * LANES, entry, sizeof(entry))
            position = position + 1 if position + 1 < ring_size else 0
            for lane in range(LANES):
                entry[lane] = total[lane]
                if averaged != NULL:
                    entry[lane] = divide(total[lane], averaged.length[lane], averaged.per_length[lane], src)
            memcpy(sums + t * stride, entry, sizeof(entry))
            t += 1

    memcpy(state, total, sizeof(total))
    memcpy(state + LANES, correction, sizeof(correction))


cdef inline int64_t before(int64_t position, int64_t bars, int64_t ring_size) noexcept nogil:
    """The place of the value that many bars earlier."""
    return position - bars if position >= bars else position - bars + ring_size
