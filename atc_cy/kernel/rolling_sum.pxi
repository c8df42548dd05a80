# The compensated rolling sums, of src (HMA) and of its moves (KAMA's noise). Their peculiarity: when the compensation
# and the new value cannot be added without losing part of the compensation, the sum "fires": it is taken afresh from
# the raw values. What leaves the window is not the raw value but the realized entry, what the value came to after
# compensation.
#
# Until a lane's window is full, nothing leaves it, and its sum is that of all values: the same for every lane. That one
# sum, of prices and of moves, is kept as `seed_sum` until the longest lane is full. It seeds EMA, too.

cdef inline Number lost_by(Number correction, Number x) noexcept nogil:
    """What adding would lose of the compensation: the sum fires where this is above 0."""
    # The law's guards (x or correction zero, their sum zero or not finite) need no test of their own: in each of
    # those cases the difference below is zero, negative or NaN.
    cdef Number b = magnitude(correction)
    return b - ((x + b) - x)


cdef inline bint fires(double correction, double x) noexcept nogil:
    return lost_by(correction, x) > 0.0


cdef inline Mask fire(Vector correction, Vector x) noexcept nogil:
    return greater(lost_by(correction, x), broadcast(0.0))


cdef inline double enter(double* total, double* lost, double x) noexcept nogil:
    """Take x into a window that is not full, if it does not fire; returns the realized entry."""
    cdef double y = x - lost[0]
    cdef double after = total[0] + y
    lost[0] = (after - total[0]) - y
    total[0] = after
    return y


cdef inline Number exchange(Number* total, Number* lost, Number x, Number leaving) noexcept nogil:
    """Take x into a full window for the realized entry `leaving`, if it does not fire; returns the realized entry."""
    # With out = leaving + lost, which is -y1 of the law exactly, as rounding knows no sign.
    cdef Number out = leaving + lost[0]
    cdef Number between = total[0] - out
    cdef Number entry = x - ((between - total[0]) + out)
    cdef Number after = between + entry
    lost[0] = (after - between) - entry
    total[0] = after
    return entry


cdef inline double value_at(const double* x, int64_t kind) noexcept nogil:
    """What a rolling sum takes in on a bar: the price, or its move."""
    return magnitude(x[0] - (x - 1)[0]) if kind == MOVES else x[0]


cdef double newest_first(const double* x, int64_t kind, int64_t count) noexcept nogil:
    """The plain sum of `count` values, from the one at x[0] back."""
    cdef double total = value_at(x, kind)
    cdef int64_t i
    for i in range(1, count):
        total = total + value_at(x - i, kind)
    return total


# Eight bars of the sums in which no window is full yet.
cdef struct Seeds:
    double total[8]
    double lost[8]
    double entry[8]


cdef void seed_sums(State* s, int64_t kind, const double* x, int64_t bar, int64_t n, Seeds* seeds) noexcept nogil:
    """Take x[0:n], of the bars from number `bar` on."""
    cdef int64_t t, count
    cdef double value
    for t in range(n):
        count = bar + t + 1 - kind      # the first bar has no move
        seeds.entry[t] = 0.0
        if count > 0:
            value = value_at(x + t, kind)
            if fires(s.seed_lost[kind], value):
                s.seed_sum[kind], s.seed_lost[kind] = newest_first(x + t, kind, count), 0.0
                seeds.entry[t] = value
            else:
                seeds.entry[t] = enter(&s.seed_sum[kind], &s.seed_lost[kind], value)
        seeds.total[t], seeds.lost[t] = s.seed_sum[kind], s.seed_lost[kind]


# The sums of eight bars: of lanes 0 to 7, and of lane 8.
cdef struct SquareSums:
    double lanes[2][8][8]
    double tail[2][8]


cdef void sum_one_by_one(
    State* s, int64_t kind, int64_t lane, const double* x, int64_t bar, int64_t n, const double* leaving,
    double* entered, const Seeds* seeds, double* sums, int64_t step
) noexcept nogil:
    """Take n bars into one lane, bar after bar: where sums are seeded or may fire. Its sums go to sums[t * step]."""
    cdef int64_t length = lengths_of_sums(s.config, kind)[lane]
    cdef int64_t t
    cdef double entry
    cdef double* total = lane_of(s, SUMS + kind, lane)
    cdef double* lost = lane_of(s, LOST + kind, lane)
    for t in range(n):
        entry = value_at(x + t, kind)
        if bar + t - kind < length:
            total[0], lost[0], entry = seeds.total[t], seeds.lost[t], seeds.entry[t]
        elif fires(lost[0], entry):
            total[0], lost[0] = newest_first(x + t, kind, length), 0.0
        else:
            entry = exchange(total, lost, entry, leaving[t])
        entered[t] = entry
        sums[t * step] = total[0]


cdef void square_one_by_one(
    State* s, int64_t kind, const double* x, int64_t bar, int64_t n, double* lines, int64_t line, const Seeds* seeds,
    SquareSums* result
) noexcept nogil:
    """`sum_square` of one kind, lane after lane."""
    cdef int64_t lane
    cdef double* entered
    for lane in range(LANES):
        entered = lines + (kind * LANES + lane) * line
        sum_one_by_one(
            s, kind, lane, x, bar, n, entered - lengths_of_sums(s.config, kind)[lane], entered, seeds + kind,
            &result.lanes[kind][0][lane] if lane < 8 else &result.tail[kind][0], 8 if lane < 8 else 1
        )


cdef inline void store_sums(
    State* s, int64_t first, int64_t end, Vector total[2][PARTS], Vector lost[2][PARTS], Vector tail_total,
    Vector tail_lost
) noexcept nogil:
    cdef int64_t kind, i
    for kind in range(first, end):
        for i in range(PARTS):
            store_vector(&s.lanes[SUMS + kind][i * WIDTH], total[kind][i])
            store_vector(&s.lanes[LOST + kind][i * WIDTH], lost[kind][i])
        s.lane_8[SUMS + kind] = element(tail_total, kind - first)
        s.lane_8[LOST + kind] = element(tail_lost, kind - first)


# Which of the two sums there are. Functions are compiled for each case.
cdef enum PricesAlone:
    PRICES_ALONE

cdef enum MovesAlone:
    MOVES_ALONE

cdef enum PricesAndMoves:
    PRICES_AND_MOVES

ctypedef fused Kinds:
    PricesAlone
    MovesAlone
    PricesAndMoves


cdef void sum_square(
    State* s, const double* x, const double* moves, int64_t bar, int64_t n, double* lines, int64_t line,
    const Seeds* seeds, SquareSums* result, Kinds kinds
) noexcept nogil:
    """Take the n ≤ 8 bars from number `bar` on into the rolling sums, both kinds in step.

    lines: the realized entries, bar t's at [(kind * LANES + lane) * line + t]; those that leave are there, those that
    enter are written. Lane 8 of both kinds goes beside in one vector. seeds: of each kind, until every window is full.
    """
    cdef int64_t first = MOVES if Kinds is MovesAlone else PRICES
    cdef int64_t end = PRICES + 1 if Kinds is PricesAlone else MOVES + 1
    cdef int64_t kind, lane, t, i
    cdef const int64_t* length
    cdef const double* rows[8]
    cdef const double* values[2]
    cdef double leaving[2][8][8]
    cdef double entered[2][8][8]
    cdef double* tails[2]               # the realized entries of lane 8
    cdef int64_t gone[2]                # how many bars ago what leaves it came
    cdef Vector total[2][PARTS]
    cdef Vector lost[2][PARTS]
    cdef Vector tail_total, tail_lost, tail_value, value, entry
    cdef Mask fired

    if bar <= longest(s.config) or shortest_sum(s.config) < 8:
        # Not all windows are full, or what leaves one entered in the same square: not worth vectors.
        for kind in range(first, end):
            square_one_by_one(s, kind, x, bar, n, lines, line, seeds, result)
        return
    for kind in range(first, end):
        length = lengths_of_sums(s.config, kind)
        for lane in range(8):
            rows[lane] = lines + (kind * LANES + lane) * line - length[lane]
        transpose_rows(rows, &leaving[kind][0][0], 8)
        tails[kind], gone[kind] = lines + (kind * LANES + 8) * line, length[8]
        values[kind] = moves if kind == MOVES else x
        for i in range(PARTS):
            total[kind][i] = load_vector(&s.lanes[SUMS + kind][i * WIDTH])
            lost[kind][i] = load_vector(&s.lanes[LOST + kind][i * WIDTH])
    tail_total = pair(s.lane_8[SUMS + first], s.lane_8[SUMS + end - 1])
    tail_lost = pair(s.lane_8[LOST + first], s.lane_8[LOST + end - 1])

    for t in range(n):
        tail_value = pair(values[first][t], values[end - 1][t])
        fired = fire(tail_lost, tail_value)
        for kind in range(first, end):
            for i in range(PARTS):
                fired |= fire(lost[kind][i], broadcast(values[kind][t]))
        if any(fired):
            store_sums(s, first, end, total, lost, tail_total, tail_lost)
            for kind in range(first, end):
                for lane in range(8):
                    sum_one_by_one(
                        s, kind, lane, x + t, bar + t, 1, &leaving[kind][t][lane], &entered[kind][t][lane], NULL,
                        &result.lanes[kind][t][lane], 1
                    )
                sum_one_by_one(
                    s, kind, 8, x + t, bar + t, 1, tails[kind] + t - gone[kind], tails[kind] + t, NULL,
                    &result.tail[kind][t], 1
                )
                for i in range(PARTS):
                    total[kind][i] = load_vector(&s.lanes[SUMS + kind][i * WIDTH])
                    lost[kind][i] = load_vector(&s.lanes[LOST + kind][i * WIDTH])
            tail_total = pair(s.lane_8[SUMS + first], s.lane_8[SUMS + end - 1])
            tail_lost = pair(s.lane_8[LOST + first], s.lane_8[LOST + end - 1])
            continue
        entry = pair(tails[first][t - gone[first]], tails[end - 1][t - gone[end - 1]])
        entry = exchange(&tail_total, &tail_lost, tail_value, entry)
        for kind in range(first, end):
            tails[kind][t] = element(entry, kind - first)
            result.tail[kind][t] = element(tail_total, kind - first)
        for kind in range(first, end):
            value = broadcast(values[kind][t])
            for i in range(PARTS):
                entry = exchange(&total[kind][i], &lost[kind][i], value, load_vector(&leaving[kind][t][i * WIDTH]))
                store_vector(&entered[kind][t][i * WIDTH], entry)
                store_vector(&result.lanes[kind][t][i * WIDTH], total[kind][i])

    store_sums(s, first, end, total, lost, tail_total, tail_lost)
    for kind in range(first, end):
        transpose(&entered[kind][0][0], 8, lines + kind * LANES * line, line)
