# One bar, from a slot to another: the lanes side by side in all steps, the types in layer 1. What a bar overwrites in
# the rings stays with the slot that it comes from, so that it can be taken back; the two may be one.
#
# While lanes are seeded, a bar is a block of one.

cdef inline void sum_last_windows(const WindowWeights* z, const double* x, int64_t count, Vector* sums) noexcept nogil:
    """The sums of the windows that end with x[0], as in windows.pxi: x * weight, x, and both of lane 8."""
    cdef int64_t k, i
    cdef Vector value
    for i in range(2 * PARTS + 1):
        sums[i] = broadcast(0.0)
    x += 1 - count
    for k in range(count):
        value = broadcast(x[k])
        for i in range(PARTS):
            sums[i] = sums[i] + value * load_vector(&z.weight[k][i * WIDTH])
            sums[PARTS + i] = sums[PARTS + i] + value * load_vector(&z.present[k][i * WIDTH])
        sums[2 * PARTS] = sums[2 * PARTS] + value * load_vector(z.tail[k])


cdef inline void window_sums(
    const State* s, const double* x, int64_t moving_average, Vector* weighted, Vector* plain
) noexcept nogil:
    """The lanes' sums of x * weight and of x, over the windows that end with the bar after the state's last one."""
    cdef const Config* c = s.config
    cdef int64_t i
    cdef Vector sums[2 * PARTS + 1]
    cdef double of_lanes[2][LANES]
    if window(c) > LONG_WINDOW:
        sums_of_lanes(
            c, open_sums_of_bar(s, x), lengths(c, moving_average), s.bars, of_lanes[0], of_lanes[1]
        )
        load_lanes(of_lanes[0], weighted)
        load_lanes(of_lanes[1], plain)
        return
    sum_last_windows(&c.windows[0 if moving_average == WMA else 1], x, window(c), sums)
    for i in range(PARTS):
        weighted[i], plain[i] = sums[i], sums[PARTS + i]
    weighted[PARTS] = broadcast(first_of(sums[2 * PARTS]))
    plain[PARTS] = broadcast(element(sums[2 * PARTS], 1))


cdef inline void windows_of_bar(const State* s, const double* x, double* m, Range src_range) noexcept nogil:
    """WMA and LSMA."""
    cdef const Config* c = s.config
    cdef const Constants* z
    cdef int64_t i
    cdef Vector weighted[VECTORS]
    cdef Vector plain[VECTORS]
    cdef Vector average[VECTORS]
    if has(c, LSMA):
        z = constants(c, LSMA)
        window_sums(s, x, LSMA, weighted, plain)
        for i in range(VECTORS):
            average[i] = regression(
                weighted[i], plain[i], load_vector(z.length + i * WIDTH), load_vector(z.weights + i * WIDTH),
                load_vector(z.denominator + i * WIDTH), load_vector(z.per_length + i * WIDTH),
                load_vector(z.per_denominator + i * WIDTH), src_range
            )
        store_row(m, column(c, LSMA), average)
    if has(c, WMA):
        z = constants(c, WMA)
        if not shared_windows(c):
            window_sums(s, x, WMA, weighted, plain)
        for i in range(VECTORS):
            average[i] = divide(
                weighted[i], load_vector(z.weights + i * WIDTH), load_vector(z.per_weights + i * WIDTH), src_range
            )
        store_row(m, column(c, WMA), average)


cdef void fired_sums(
    Slot* slot, State* to, int64_t kind, const double* x, double* rings, const int64_t* places
) noexcept nogil:
    """Take a bar into the sums of one kind, lane after lane: some sum fires."""
    cdef int64_t lane
    cdef double total
    memmove(to.sums[kind], slot.state.sums[kind], sizeof(to.sums[kind]))
    memmove(to.lost[kind], slot.state.lost[kind], sizeof(to.lost[kind]))
    for lane in range(LANES):
        sum_one_by_one(
            to, kind, lane, x, slot.state.bars, 1, &slot.overwritten.entries[kind][lane], rings + places[lane], NULL,
            &total, 1
        )


cdef inline void sums_of_bar(Slot* slot, State* to, const double* x, int64_t kind, Vector* total) noexcept nogil:
    """Take x[0], or its move, into the rolling sums of one kind."""
    cdef const State* s = &slot.state
    cdef const Config* c = s.config
    cdef const int64_t* length = lengths_of_sums(c, kind)
    cdef double* rings = s.rings + 2 * source_ring(c)
    cdef int64_t places[16]
    cdef int64_t lane, i
    cdef Vector lost[VECTORS]
    cdef Vector leaving[VECTORS]
    cdef Vector value = broadcast(value_at(x, kind))
    cdef Mask fired
    for lane in range(LANES):
        places[lane] = c.entries[kind][lane] + s.place[kind][lane] * entry_step(c)
        to.place[kind][lane] = s.place[kind][lane] + 1 if s.place[kind][lane] + 1 < length[lane] else 0
    load_lanes(s.sums[kind], total)
    load_lanes(s.lost[kind], lost)
    for i in range(PARTS):
        leaving[i] = gather(rings, &places[i * WIDTH])
    leaving[PARTS] = broadcast(rings[places[8]])
    store_lanes(slot.overwritten.entries[kind], leaving)
    fired = fire(lost[PARTS], value)
    for i in range(PARTS):
        fired |= fire(lost[i], value)
    if any(fired):
        fired_sums(slot, to, kind, x, rings, places)
        load_lanes(to.sums[kind], total)
        return
    for i in range(VECTORS):
        leaving[i] = exchange(&total[i], &lost[i], value, leaving[i])
    store_lanes(to.sums[kind], total)
    store_lanes(to.lost[kind], lost)
    for lane in range(8):
        rings[places[lane]] = element(leaving[lane // WIDTH], lane % WIDTH)
    rings[places[8]] = first_of(leaving[PARTS])


cdef inline void exponential_of_bar(
    const Constants* z, const double* values, const Vector* x, double* to, Vector* value
) noexcept nogil:
    cdef int64_t i
    load_lanes(values, value)
    for i in range(VECTORS):
        value[i] = value[i] + load_vector(z.alpha + i * WIDTH) * (x[i] - value[i])
    store_lanes(to, value)


cdef void averages_of_bar(Slot* slot, State* to, const double* x, double* m, Range src_range) noexcept nogil:
    """The averages of the bar whose src is x[0], as a row of lanes."""
    cdef const State* s = &slot.state
    cdef const Config* c = s.config
    cdef const Constants* z
    cdef int64_t i, lane
    cdef int64_t past[16]
    cdef Vector src[VECTORS]
    cdef Vector first[VECTORS]
    cdef Vector value[VECTORS]
    cdef Vector total[VECTORS]
    for i in range(VECTORS):
        src[i] = broadcast(x[0])
    if has(c, EMA):
        exponential_of_bar(constants(c, EMA), s.ema, src, to.ema, first)
        store_row(m, column(c, EMA), first)
    if has(c, DEMA):
        if not shared_first(c):
            exponential_of_bar(constants(c, DEMA), s.first, src, to.first, first)
        exponential_of_bar(constants(c, DEMA), s.second, first, to.second, value)
        for i in range(VECTORS):
            value[i] = 2.0 * first[i] - value[i]
        store_row(m, column(c, DEMA), value)
    if has(c, HMA):
        z = constants(c, HMA)
        sums_of_bar(slot, to, x, PRICES, total)
        for i in range(VECTORS):
            value[i] = divide(
                total[i], load_vector(z.length + i * WIDTH), load_vector(z.per_length + i * WIDTH), src_range
            )
        store_row(m, column(c, HMA), value)
    if has(c, KAMA):
        sums_of_bar(slot, to, x, MOVES, total)
        for lane in range(LANES):
            past[lane] = -lengths(c, KAMA)[lane]
        load_lanes(s.kama, value)
        for i in range(VECTORS):
            first[i] = gather(x, &past[i * WIDTH]) if i < PARTS else broadcast(x[past[8]])
            value[i] = value[i] + smoothing(src[i] - first[i], total[i]) * (src[i] - value[i])
        store_lanes(to.kama, value)
        store_row(m, column(c, KAMA), value)
    if has(c, WMA) or has(c, LSMA):
        windows_of_bar(s, x, m, src_range)
    if c.has_length_one:
        lanes_of_length_one(c, x, 1, m)


cdef inline void sum_lanes_of_bar(
    const Config* c, const double* votes, const double* weights, double* numerators, double* denominators
) noexcept nogil:
    """Layer 1's sums over the lanes, of all types; weights: NULL if they are the votes' magnitudes."""
    cdef int64_t i, lane
    cdef double of_lane[LANES][8]
    cdef double weight_of_lane[LANES][8]
    cdef const double* rows[8]
    cdef Vector vote, numerator, denominator
    for i in range(8):
        rows[i] = votes + 8 * smaller(i, types(c) - 1)
    transpose_rows(rows, &of_lane[0][0], 8)
    memcpy(of_lane[8], votes + TAIL, sizeof(of_lane[8]))
    if weights != NULL:
        for i in range(8):
            rows[i] = weights + 8 * smaller(i, types(c) - 1)
        transpose_rows(rows, &weight_of_lane[0][0], 8)
        memcpy(weight_of_lane[8], weights + TAIL, sizeof(of_lane[8]))
    for i in range(0, 8, WIDTH):
        numerator = denominator = broadcast(0.0)
        for lane in range(LANES):
            vote = load_vector(&of_lane[lane][i])
            numerator = numerator + vote
            if weights != NULL:
                vote = load_vector(&weight_of_lane[lane][i])
            denominator = denominator + magnitude(vote)
        store_vector(numerators + i, numerator)
        store_vector(denominators + i, denominator)


cdef void layers_of_bar(
    const Config* c, const Account* before, Account* a, bint traded, double ret, double keep, const double* votes,
    const double* weights, double* out
) noexcept nogil:
    """From the lanes' votes to all outputs; `traded` from the cutout on."""
    cdef int64_t i, j
    cdef int64_t T = types(c)
    cdef TypesTraded traders = load_types(before)
    cdef double signals[8]
    cdef double denominators[8]
    cdef double equities[8]
    cdef double parts[8]
    cdef double numerator = 0.0
    cdef double denominator = 0.0
    sum_lanes_of_bar(c, votes, weights, signals, denominators)
    trade_types(&traders, ret, keep)
    for i in range(PARTS):
        traders.signal[i] = round2[Vector](load_vector(signals + i * WIDTH) / load_vector(denominators + i * WIDTH))
        if not traded:
            traders.signal[i] = broadcast(NAN)
        store_vector(signals + i * WIDTH, traders.signal[i])
        store_vector(equities + i * WIDTH, traders.equity[i])
        store_vector(parts + i * WIDTH, cut(traders.signal[i]) * traders.equity[i])
    store_types(a, &traders)
    for j in range(T):
        numerator = numerator + parts[j]
        denominator = denominator + equities[j]
        out[j], out[T + j] = signals[j], equities[j] if traded else NAN
    numerator = numerator / denominator if traded else NAN
    out[2 * T] = numerator
    if c.delayed:
        out[2 * T] = before.last_average
    a.last_average = numerator if c.delayed else before.last_average


cdef void steady_bar(Slot* slot, State* to, double close, double src, double growth, double* out) noexcept nogil:
    """Take a valid bar after the warm-up."""
    cdef const State* s = &slot.state
    cdef const Config* c = s.config
    cdef double m[ROW]
    cdef double votes[ROW]
    cdef double weights[ROW]
    cdef bint traded = s.bars >= c.cutout
    cdef double ret = 0.0
    cdef double keep = 1.0
    if s.bars > c.cutout:
        ret = (close - s.close) / s.close * growth
        keep = c.keep
    slot.overwritten.source = s.rings[s.source_place]
    to.source_place = s.source_place
    put_source(to, src)
    to.in_range = s.in_range and src_in_range(src)
    memset(m + TAIL, 0, 8 * sizeof(double))         # places left over
    memset(votes + TAIL, 0, 8 * sizeof(double))
    if to.in_range:
        averages_of_bar(slot, to, newest_source(to), m, IN_RANGE)
    else:
        averages_of_bar(slot, to, newest_source(to), m, ANY_RANGE)
    if s.account.all_crossed:
        to.account.all_crossed = True
        crossed_lanes(c, &s.account, &to.account, &close, &ret, &keep, m, 1, votes, NULL)
        layers_of_bar(c, &s.account, &to.account, traded, ret, keep, votes, NULL, out)
    else:
        to.account = s.account
        all_lanes(c, &to.account, &close, &ret, &keep, m, 1, votes, weights)
        layers_of_bar(c, &s.account, &to.account, traded, ret, keep, votes, weights, out)
    to.growth = s.growth
    pass_bar(c, &to.growth, s.bars - c.cutout)
    memcpy(to.trend, s.trend, sizeof(to.trend))
    to.close, to.bars = close, s.bars + 1


cdef inline bint is_valid(double close, double src) noexcept nogil:
    """Whether these can be a bar's prices."""
    return (0.0 < close < INFINITY) & (magnitude(src) < INFINITY)


cdef inline double coming_growth(const State* s) noexcept nogil:
    """The growth factor of the next bar, infinity if it is beyond the largest double; 0 before the cutout."""
    cdef int64_t traded = s.bars - s.config.cutout
    return growth_of_bar(s.config, &s.growth, traded) if traded >= 0 else 0.0


cdef inline bint may_overflow(const State* s) noexcept nogil:
    """Whether the next growth factor may be beyond the largest double."""
    return s.config.rate * <double> (s.bars - s.config.cutout) > 700.0


cdef inline void go_on(Slot* slot, State* to) noexcept nogil:
    """Go on in another state, where the next bar is taken."""
    keep_overwritten(slot)
    if to != &slot.state:
        to[0] = slot.state


cdef void take_bar(
    Slot* slot, State* to, Work* w, double close, double src, double growth, double* out
) noexcept nogil:
    """Take a valid bar and write its outputs. The warm-up needs what a block works in."""
    cdef Series series
    if slot.state.bars >= warm_up(slot.state.config):
        steady_bar(slot, to, close, src, growth, out)
        if to.config.follows:
            follow(to.config, to.trend, out[to.config.alert])
    else:
        memset(&series, 0, sizeof(series))
        series.close, series.src, series.rows = <const char*> &close, <const char*> &src, 1
        series.out, series.out_column = <char*> out, sizeof(double)
        go_on(slot, to)
        run_blocks(to, w, &series, 1, <double> 0)
