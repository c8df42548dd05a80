# The lanes' signals and equities, layer 1 (a type's signal and equity), layer 2 (the average).
#
# Before the cutout and on it nothing is traded: `keeps` and `returns` are then 1 and 0, so that every equity stays what
# it begins with.

DEF FLOOR = 0.25
DEF AT_FLOOR = 0.24999999990000002   # the smallest double e for which e - 0.25 < -1e-10 is false

cdef inline Number floored(Number equity) noexcept nogil:
    return select_greater(constant(AT_FLOOR, equity), equity, constant(FLOOR, equity), equity)


cdef inline Vector cut(Vector v) noexcept nogil:
    cdef Vector low = select_greater(broadcast(-0.49), v, broadcast(-1.0), broadcast(0.0))
    return select_greater(v, broadcast(0.49), broadcast(1.0), low)


cdef inline int64_t used(const Config* c) noexcept nogil:
    """Vectors of a row that hold lanes, if no type is left out."""
    return (TAIL + types(c) + WIDTH - 1) // WIDTH


# The types' equities on their way from bar to bar, in registers.
cdef struct TypesTraded:
    Vector signal[PARTS]
    Vector applied[PARTS]
    Vector equity[PARTS]


cdef inline TypesTraded load_types(const Account* a) noexcept nogil:
    cdef TypesTraded types
    cdef int64_t i
    for i in range(PARTS):
        types.signal[i] = load_vector(a.type_signal + i * WIDTH)
        types.applied[i] = load_vector(a.applied + i * WIDTH)
        types.equity[i] = load_vector(a.type_equity + i * WIDTH)
    return types


cdef inline void store_types(Account* a, const TypesTraded* types) noexcept nogil:
    cdef int64_t i
    for i in range(PARTS):
        store_vector(a.type_signal + i * WIDTH, types.signal[i])
        store_vector(a.applied + i * WIDTH, types.applied[i])
        store_vector(a.type_equity + i * WIDTH, types.equity[i])


cdef inline void trade_types(TypesTraded* types, double ret, double keep) noexcept nogil:
    """One bar of the types' equities, which trade the signals of the bar before."""
    cdef int64_t i
    cdef Vector applied
    for i in range(PARTS):
        applied = select_greater(broadcast(0.0), types.signal[i], broadcast(-ret), types.applied[i])
        types.applied[i] = select_greater(types.signal[i], broadcast(0.0), broadcast(ret), applied)
        types.equity[i] = floored[Vector](types.equity[i] * keep * (1.0 + types.applied[i]))


# Eight bars of them: which returns they trade, and their signals, which make room for the equities.
cdef struct TypesSquare:
    Account* account
    const double* returns
    const double* keeps
    double rows[8][8]


cdef inline void trade_types_of_bar(TypesSquare* square, TypesTraded* types, int64_t t) noexcept nogil:
    cdef int64_t i
    trade_types(types, square.returns[t], square.keeps[t])
    for i in range(PARTS):
        types.signal[i] = load_vector(&square.rows[t][i * WIDTH])
        store_vector(&square.rows[t][i * WIDTH], types.equity[i])


cdef inline void trade_types_of_square(TypesSquare* square, int64_t n) noexcept nogil:
    cdef int64_t t
    cdef TypesTraded types = load_types(square.account)
    for t in range(n):
        trade_types_of_bar(square, &types, t)
    store_types(square.account, &types)


cdef void crossed_lanes(
    const Config* c, const Account* before, Account* a, const double* close, const double* returns,
    const double* keeps, const double* m, int64_t n, double* votes, TypesSquare* beside
) noexcept nogil:
    """n bars of all lanes, once each has crossed its average, from an account to another; their votes to [t * ROW].

    beside: eight bars of types, or NULL. Each alone would wait for its own bar before.

    A lane trades the signal of the bar before. Its signal is then the side of its average on which the close stands, or
    the one before if it stands on it, or if there is no average (where values overflow).
    """
    cdef int64_t t, i
    cdef int64_t count = used(c)
    cdef Vector ret, price, keep, e, now
    cdef Vector vote[ROW_VECTORS]
    cdef TypesTraded types
    if beside != NULL:
        types = load_types(beside.account)
    for i in range(count):
        vote[i] = load_vector(before.vote + i * WIDTH)
    for t in range(n):
        ret, price, keep = broadcast(returns[t]), broadcast(close[t]), broadcast(keeps[t])
        for i in range(count):
            e = magnitude(vote[i]) * keep * (1.0 + xor_sign(ret, vote[i]))
            e = floored(e)
            now = price - load_vector(m + t * ROW + i * WIDTH)
            vote[i] = copy_sign(e, select_nonzero(now, now, vote[i]))
            store_vector(votes + t * ROW + i * WIDTH, vote[i])
        if beside != NULL:
            trade_types_of_bar(beside, &types, t)
    for i in range(count):
        store_vector(a.vote + i * WIDTH, vote[i])
    if beside != NULL:
        for t in range(n, 8):
            trade_types_of_bar(beside, &types, t)
        store_types(beside.account, &types)


cdef void all_lanes(
    const Config* c, Account* a, const double* close, const double* returns, const double* keeps, const double* m,
    int64_t n, double* votes, double* weights
) noexcept nogil:
    """`crossed_lanes`, of lanes that may not have crossed yet; their equities to `weights`, and 0 for their votes.

    A crossing is a change of side since the last bar that had an average, where on it counts as either side before.
    """
    cdef int64_t t, i
    cdef Mask crossed, turned, on, after
    cdef Vector ret, price, keep, e, now, before, vote, side, idle, zero = broadcast(0.0)
    cdef bint all_after = True
    for t in range(n):
        ret, price, keep = broadcast(returns[t]), broadcast(close[t]), broadcast(keeps[t])
        a.idle = floored(a.idle * keeps[t])
        idle = broadcast(a.idle)
        all_after = True
        for i in range(0, ROW, WIDTH):
            before = load_vector(a.vote + i)
            crossed = ~greater(broadcast(CROSSED), magnitude(before))
            e = magnitude(before) * keep * (1.0 + xor_sign(ret, before))
            e = choose(crossed, floored(e), idle)
            now = price - load_vector(m + t * ROW + i)
            on = at_least(zero, magnitude(now))
            turned = (greater(now, zero) & at_least(zero, before)) | (
                greater(zero, now) & (greater(before, broadcast(0.5 * ABOVE)) | at_least(zero, magnitude(before)))
            )
            side = choose(on, zero, copy_sign(broadcast(ABOVE), now))
            side = choose(at_least(magnitude(now), zero), side, before)
            vote = copy_sign(e, select_nonzero(now, now, before))
            after = crossed | turned
            vote = choose(after, vote, side)
            store_vector(a.vote + i, vote)
            store_vector(votes + t * ROW + i, choose(after, vote, zero))
            store_vector(weights + t * ROW + i, e)
            all_after &= not any(~after)
    if all_after:
        a.idle = 0.0


cdef void sum_lanes(
    const Config* c, const double* votes, const double* weights, double* numerators, double* denominators, int64_t step
) noexcept nogil:
    """Layer 1's sums over the lanes, of eight bars, of type j at [j * step]; weights are the votes' magnitudes if NULL."""
    cdef int64_t i, j, lane
    cdef double of_lane[ROW][8]
    cdef double weight_of_lane[ROW][8]
    cdef Vector vote, numerator, denominator
    for j in range(types(c) + 1):
        i = j if j < types(c) else TYPES
        transpose(votes + 8 * i, ROW, &of_lane[8 * i][0], 8)
        if weights != NULL:
            transpose(weights + 8 * i, ROW, &weight_of_lane[8 * i][0], 8)
    for j in range(types(c)):
        for i in range(0, 8, WIDTH):
            numerator = denominator = broadcast(0.0)
            for lane in range(LANES):
                vote = load_vector(&of_lane[place_in_row(j, lane)][i])
                numerator = numerator + vote
                if weights != NULL:
                    vote = load_vector(&weight_of_lane[place_in_row(j, lane)][i])
                denominator = denominator + magnitude(vote)
            store_vector(numerators + j * step + i, numerator)
            store_vector(denominators + j * step + i, denominator)


cdef inline void type_signals(
    const Config* c, int64_t before, double* signals, const double* denominators, int64_t step
) noexcept nogil:
    """From layer 1's sums of eight bars, of type j at [j * step], to the types' signals; `before` come before the cutout."""
    cdef int64_t t, j
    for j in range(types(c)):
        for t in range(0, 8, WIDTH):
            store_vector(
                signals + j * step + t,
                round2[Vector](load_vector(signals + j * step + t) / load_vector(denominators + j * step + t))
            )
        for t in range(before):
            signals[j * step + t] = NAN


cdef inline double average_of_types(const Config* c, const Account* a) noexcept nogil:
    """Layer 2 of one bar."""
    cdef int64_t i
    cdef double parts[8]
    cdef double numerator = 0.0
    cdef double denominator = 0.0
    for i in range(0, 8, WIDTH):
        store_vector(parts + i, cut(load_vector(a.type_signal + i)) * load_vector(a.type_equity + i))
    for i in range(types(c)):
        numerator = numerator + parts[i]
        denominator = denominator + a.type_equity[i]
    return numerator / denominator


cdef void layer_2(
    const Config* c, Account* a, int64_t before, int64_t n, const double* signals, double* equities, double* average,
    int64_t step
) noexcept nogil:
    """The average of n bars, and NaN for what rests on equities before the cutout."""
    cdef int64_t t, j
    cdef Vector numerator, denominator, equity
    cdef double last
    for t in range(0, n, WIDTH):
        numerator = denominator = broadcast(0.0)
        for j in range(types(c)):
            equity = load_vector(equities + j * step + t)
            numerator = numerator + cut(load_vector(signals + j * step + t)) * equity
            denominator = denominator + equity
        store_vector(average + t, numerator / denominator)
    for t in range(before):
        average[t] = NAN
        for j in range(types(c)):
            equities[j * step + t] = NAN
    if c.delayed:
        for t in range(n):
            last = average[t]
            average[t] = a.last_average
            a.last_average = last
