# The recurrences: EMA, HMA, DEMA and KAMA, eight bars at a time, their lanes side by side. Each writes its column of the
# rows of lanes m, bar t's at [t * ROW]. Until `warm_up` bars are taken, lanes are seeded one by one.

cdef void ema_square(
    State* s, int64_t recurrence, const Constants* z, const int64_t* length, const double* x, int64_t bar, int64_t n,
    const Seeds* seeds, double* m, int64_t column
) noexcept nogil:
    """Exponential averages, seeded by the average of their first `length` values."""
    cdef int64_t t, lane, i
    cdef double* average
    cdef Vector value[VECTORS]
    if bar < longest(s.config):
        for lane in range(LANES):
            average = lane_of(s, recurrence, lane)
            for t in range(n):
                if bar + t >= length[lane]:
                    average[0] = average[0] + z.alpha[lane] * (x[t] - average[0])
                elif bar + t == length[lane] - 1:
                    average[0] = seeds.total[t] / z.length[lane]
                m[t * ROW + place_in_row(column, lane)] = average[0]
        return
    load_lanes(s, recurrence, value)
    for t in range(n):
        for i in range(VECTORS):
            value[i] = value[i] + load_vector(z.alpha + i * WIDTH) * (x[t] - value[i])
        store_row(m + t * ROW, column, value)
    store_lanes(s, recurrence, value)


cdef void dema_square(
    State* s, const Constants* z, const int64_t* length, const double* x, int64_t bar, int64_t n, double* m,
    int64_t column, int64_t first_column, double* scratch
) noexcept nogil:
    """2 * e1 - e2, with e1 in the first column and e2 the exponential average of e1.

    scratch: room for as many values as the longest lane.
    """
    cdef int64_t t, lane, i, taken
    cdef double e1
    cdef double* at
    cdef Vector first[VECTORS]
    cdef Vector second[VECTORS]
    if bar < warm_up(s.config):
        for lane in range(LANES):
            for t in range(n):
                at = m + t * ROW
                taken = bar + t - (length[lane] - 1)        # values of e1 before this one
                if taken >= 0:
                    e1 = at[place_in_row(first_column, lane)]
                    seed_second(s, z, length[lane], lane, x + t, taken, e1, scratch)
                    at[place_in_row(column, lane)] = 2.0 * e1 - lane_of(s, SECOND, lane)[0]
        return
    load_lanes(s, SECOND, second)
    for t in range(n):
        load_row(m + t * ROW, first_column, first)
        for i in range(VECTORS):
            second[i] = second[i] + load_vector(z.alpha + i * WIDTH) * (first[i] - second[i])
            first[i] = 2.0 * first[i] - second[i]
        store_row(m + t * ROW, column, first)
    store_lanes(s, SECOND, second)


cdef void seed_second(
    State* s, const Constants* z, int64_t length, int64_t lane, const double* x, int64_t taken, double e1,
    double* scratch
) noexcept nogil:
    """Take e1, which came from x[0], into a lane's second average; `taken` values came before."""
    cdef double* second = lane_of(s, SECOND, lane)
    cdef double* lost = &s.second_lost[lane]
    cdef double value
    cdef int64_t i
    if taken >= length:
        second[0] = second[0] + z.alpha[lane] * (e1 - second[0])
        return
    if taken == 0:
        second_from(s)[lane] = e1
        second[0] = lost[0] = 0.0
    if fires(lost[0], e1):      # the sum afresh, newest value first: e1's values once more, from the first one
        scratch[0] = second_from(s)[lane]
        for i in range(1, taken + 1):
            scratch[i] = scratch[i - 1] + z.alpha[lane] * (x[i - taken] - scratch[i - 1])
        value = e1
        for i in range(taken - 1, -1, -1):
            value = value + scratch[i]
        second[0], lost[0] = value, 0.0
    else:
        enter(second, lost, e1)
    if taken == length - 1:
        second[0] = second[0] / z.length[lane]


cdef void hma_square(
    const Constants* z, const SquareSums* sums, int64_t n, double* m, int64_t column, Range src_range
) noexcept nogil:
    """The rolling sums over the lengths."""
    cdef int64_t t, i
    cdef Vector total
    cdef double tail[8]
    for i in range(0, 8, WIDTH):
        total = load_vector(&sums.tail[PRICES][i])
        total = divide(total, load_vector(z.length + 8), load_vector(z.per_length + 8), src_range)
        store_vector(tail + i, total)
    for t in range(n):
        for i in range(0, 8, WIDTH):
            total = load_vector(&sums.lanes[PRICES][t][i])
            total = divide(total, load_vector(z.length + i), load_vector(z.per_length + i), src_range)
            store_vector(m + t * ROW + 8 * column + i, total)
        m[t * ROW + TAIL + column] = tail[t]


cdef inline Number smoothing(Number move, Number noise) noexcept nogil:
    """How far KAMA follows: by the ratio of the way made to the way gone."""
    cdef Number ratio = magnitude(move) / noise
    cdef Number q = select_greater(magnitude(noise), constant(1e-10, noise), ratio, constant(0.0, noise))
    q = q * (0.666 - 0.064) + 0.064
    return q * q


cdef void kama_square(
    State* s, const int64_t* length, const SquareSums* sums, const double* x, int64_t bar, int64_t n, double* m,
    int64_t column
) noexcept nogil:
    cdef int64_t t, lane, i
    cdef double noise[8][8]
    cdef double smooth[LANES][8]
    cdef double rows[8][8]
    cdef Vector value[VECTORS]
    cdef Vector x_of_bars
    cdef const double* of_lane
    transpose(&sums.lanes[MOVES][0][0], 8, &noise[0][0], 8)
    for i in range(0, 8, WIDTH):
        x_of_bars = load_vector(x + i)
        for lane in range(LANES):
            of_lane = <const double*> &noise[lane][0] if lane < 8 else <const double*> &sums.tail[MOVES][0]
            store_vector(
                &smooth[lane][i], smoothing(x_of_bars - load_vector(x + i - length[lane]), load_vector(of_lane + i))
            )
    if bar < longest(s.config):     # before a lane's window is full, its ratio is 0
        for lane in range(LANES):
            for t in range(bars_below(length[lane], bar, n)):
                smooth[lane][t] = smoothing(0.0, 1.0)
    transpose(&smooth[0][0], 8, &rows[0][0], 8)
    load_lanes(s, ADAPTIVE, value)
    for t in range(n):
        for i in range(PARTS):
            value[i] = value[i] + load_vector(&rows[t][i * WIDTH]) * (x[t] - value[i])
        value[PARTS] = value[PARTS] + broadcast(smooth[8][t]) * (x[t] - value[PARTS])
        store_row(m + t * ROW, column, value)
    store_lanes(s, ADAPTIVE, value)


cdef void window_square(const double* averages, int64_t step, int64_t n, double* m, int64_t column) noexcept nogil:
    """Turn WMA's or LSMA's averages of eight bars, lane l's at [l * step], into rows."""
    cdef int64_t t
    transpose(averages, step, m + 8 * column, ROW)
    for t in range(n):
        m[t * ROW + TAIL + column] = averages[8 * step + t]


cdef void lanes_of_length_one(const Config* c, const double* x, int64_t n, double* m) noexcept nogil:
    """EMA, DEMA and LSMA of length 1 return x itself, which their formulas would only come close to."""
    cdef int64_t t, lane
    cdef int64_t moving_average
    for moving_average in range(6):
        if moving_average not in (EMA, DEMA, LSMA) or not has(c, moving_average):
            continue
        for lane in range(LANES):
            if lengths(c, moving_average)[lane] == 1:
                for t in range(n):
                    m[t * ROW + place_in_row(column(c, moving_average), lane)] = x[t]


cdef void undefined_lanes(const Config* c, int64_t bar, int64_t n, double* m) noexcept nogil:
    """NaN until a lane has an average."""
    cdef int64_t t, i
    cdef Vector average
    for t in range(n):
        for i in range(0, ROW, WIDTH):
            average = select_at_least(
                broadcast(<double> (bar + t)), load_vector(c.defined + i), load_vector(m + t * ROW + i), broadcast(NAN)
            )
            store_vector(m + t * ROW + i, average)
