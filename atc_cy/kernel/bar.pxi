# One bar, from a slot to another: the lanes side by side in all steps, the types in layer 1. What a bar overwrites in
# the rings stays with the slot that it comes from, so that it can be taken back; the two may be one.
#
# A bar begins with its lanes and ends with its layers: of many symbols, the lanes of the next one come between, since
# either alone is a chain of operations that wait for each other. While lanes are seeded, a bar is a block of one.

# A bar that has begun: what its lanes leave to the layers.
cdef struct Bar:
    const Account* before
    State* to
    bint seeding                # it went through as a block of one
    bint traded                 # whether it comes on the cutout or later
    bint weighed                # whether the weights are not the votes' magnitudes
    double ret
    double keep
    double votes[ROW]
    double weights[ROW]


cdef extern from *:
    """
    /* Enter values into the sums of all lanes, each with its row of weights. `present` is NULL once all windows are open. */
    VECTOR void enter_in_all_lanes(
        const double *x, int64_t first, int64_t end, const double *weight, const double *present, const double *tail,
        Vector *sums
    ) {
        UNROLL
        for (int64_t k = first; k < end; k++) {
            const Vector value = broadcast(x[k]);
            for (int i = 0; i < 8 / WIDTH; i++) {
                sums[i] += value * load_vector(weight + 8 * k + i * WIDTH);
                sums[8 / WIDTH + i] += present ? value * load_vector(present + 8 * k + i * WIDTH) : value;
            }
            sums[16 / WIDTH] += value * load_vector(tail + WIDTH * k);
        }
    }
    """
    void enter_in_all_lanes(
        const double* x, int64_t first, int64_t end, const double* weight, const double* present, const double* tail,
        Vector* sums
    ) noexcept nogil


cdef inline void sum_last_windows(
    const WindowWeights* z, const double* x, int64_t count, int64_t shortest, Vector* sums
) noexcept nogil:
    """The sums of the windows that end with x[0], as in windows.pxi: x * weight, x, and both of lane 8."""
    cdef int64_t i
    for i in range(2 * PARTS + 1):
        sums[i] = broadcast(0.0)
    x += 1 - count
    enter_in_all_lanes(x, 0, count - shortest, z.weight[0], z.present[0], z.tail[0], sums)
    enter_in_all_lanes(x, count - shortest, count, z.weight[0], NULL, z.tail[0], sums)


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
        for i in range(PARTS):
            weighted[i], plain[i] = load_vector(&of_lanes[0][i * WIDTH]), load_vector(&of_lanes[1][i * WIDTH])
        weighted[PARTS], plain[PARTS] = broadcast(of_lanes[0][8]), broadcast(of_lanes[1][8])
        return
    sum_last_windows(&c.windows[0 if moving_average == WMA else 1], x, window(c), window_end(c, 0).length, sums)
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
    for lane in range(LANES):
        lane_of(to, SUMS + kind, lane)[0] = lane_of(&slot.state, SUMS + kind, lane)[0]
        lane_of(to, LOST + kind, lane)[0] = lane_of(&slot.state, LOST + kind, lane)[0]
    for lane in range(LANES):
        sum_one_by_one(
            to, kind, lane, x, slot.state.bars, 1, &slot.overwritten.entries[kind][lane], rings + places[lane], NULL,
            &total, 1
        )


cdef inline void pass_places(const State* s, State* to, int64_t kind, int64_t* places) noexcept nogil:
    """Where the oldest entries of one kind lie, which a bar replaces; after it, the next ones are oldest."""
    cdef const Config* c = s.config
    cdef int64_t lane
    for lane in range(LANES):
        places[lane] = c.entries[kind][lane] + s.place[kind][lane] * entry_step(c)
    next_places(s.place[kind], c.ring_length[kind], to.place[kind])


cdef inline void sums_of_bar(
    Slot* slot, State* to, const double* x, int64_t kind, const int64_t* places, Vector* total
) noexcept nogil:
    """Take x[0], or its move, into the rolling sums of one kind, whose oldest entries lie at these places."""
    cdef const State* s = &slot.state
    cdef const Config* c = s.config
    cdef double* rings = s.rings + first_entry(c) + (1 if kind == MOVES and paired_entries(c) else 0)
    cdef int64_t lane, i
    cdef Vector lost[VECTORS]
    cdef Vector leaving[VECTORS]
    cdef Vector value = broadcast(value_at(x, kind))
    cdef Mask fired
    load_lanes(s, SUMS + kind, total)
    load_lanes(s, LOST + kind, lost)
    for i in range(PARTS):
        leaving[i] = gather(rings, &places[i * WIDTH])
    leaving[PARTS] = broadcast(rings[places[8]])
    for i in range(PARTS):
        store_vector(&slot.overwritten.entries[kind][i * WIDTH], leaving[i])
    slot.overwritten.entries[kind][8] = rings[places[8]]
    fired = fire(lost[PARTS], value)
    for i in range(PARTS):
        fired |= fire(lost[i], value)
    if any(fired):
        fired_sums(slot, to, kind, x, rings, places)
        load_lanes(to, SUMS + kind, total)
        return
    for i in range(VECTORS):
        leaving[i] = exchange(&total[i], &lost[i], value, leaving[i])
    store_lanes(to, SUMS + kind, total)
    store_lanes(to, LOST + kind, lost)
    for lane in range(8):
        rings[places[lane]] = element(leaving[lane // WIDTH], lane % WIDTH)
    rings[places[8]] = first_of(leaving[PARTS])


cdef inline void exponential_of_bar(
    const Constants* z, const State* s, State* to, int64_t recurrence, const Vector* x, Vector* value
) noexcept nogil:
    cdef int64_t i
    load_lanes(s, recurrence, value)
    for i in range(VECTORS):
        value[i] = value[i] + load_vector(z.alpha + i * WIDTH) * (x[i] - value[i])
    store_lanes(to, recurrence, value)


cdef void averages_of_bar(Slot* slot, State* to, const double* x, double* m, Range src_range) noexcept nogil:
    """The averages of the bar whose src is x[0], as a row of lanes."""
    cdef const State* s = &slot.state
    cdef const Config* c = s.config
    cdef const Constants* z
    cdef int64_t i, lane
    cdef int64_t past[16]
    cdef int64_t places[16]
    cdef Vector src[VECTORS]
    cdef Vector first[VECTORS]
    cdef Vector value[VECTORS]
    cdef Vector total[VECTORS]
    for i in range(VECTORS):
        src[i] = broadcast(x[0])
    if has(c, EMA):
        exponential_of_bar(constants(c, EMA), s, to, FIRST, src, first)
        store_row(m, column(c, EMA), first)
    if has(c, DEMA):
        if not shared_first(c):
            exponential_of_bar(constants(c, DEMA), s, to, OWN_FIRST, src, first)
        exponential_of_bar(constants(c, DEMA), s, to, SECOND, first, value)
        for i in range(VECTORS):
            value[i] = 2.0 * first[i] - value[i]
        store_row(m, column(c, DEMA), value)
    if has(c, HMA):
        z = constants(c, HMA)
        pass_places(s, to, PRICES, places)
        sums_of_bar(slot, to, x, PRICES, places, total)
        for i in range(VECTORS):
            value[i] = divide(
                total[i], load_vector(z.length + i * WIDTH), load_vector(z.per_length + i * WIDTH), src_range
            )
        store_row(m, column(c, HMA), value)
    if has(c, KAMA):
        if not paired_entries(c):
            pass_places(s, to, MOVES, places)
        sums_of_bar(slot, to, x, MOVES, places, total)
        for lane in range(LANES):
            past[lane] = -lengths(c, KAMA)[lane]
        load_lanes(s, ADAPTIVE, value)
        for i in range(VECTORS):
            first[i] = gather(x, &past[i * WIDTH]) if i < PARTS else broadcast(x[past[8]])
            value[i] = value[i] + smoothing(src[i] - first[i], total[i]) * (src[i] - value[i])
        store_lanes(to, ADAPTIVE, value)
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


cdef void layers_of_bar(const Config* c, Bar* bar) noexcept nogil:
    """From the lanes' votes to the average."""
    cdef int64_t i
    cdef State* to = bar.to
    cdef TypesTraded traders = load_types(bar.before)
    cdef double signals[8]
    cdef double denominators[8]
    cdef double late
    sum_lanes_of_bar(c, bar.votes, bar.weights if bar.weighed else NULL, signals, denominators)
    trade_types(&traders, bar.ret, bar.keep)
    for i in range(PARTS):
        traders.signal[i] = round2[Vector](load_vector(signals + i * WIDTH) / load_vector(denominators + i * WIDTH))
        if not bar.traded:
            traders.signal[i] = broadcast(NAN)
    store_types(&to.account, &traders)
    to.average = average_of_types(c, &to.account) if bar.traded else NAN
    late = bar.before.last_average
    to.account.last_average = late
    if c.delayed:
        to.account.last_average, to.average = to.average, late


cdef void lanes_of_bar(Slot* slot, Bar* bar, double close, double src, double growth) noexcept nogil:
    """Take a valid bar after the warm-up, but for its layers."""
    cdef const State* s = &slot.state
    cdef const Config* c = s.config
    cdef State* to = bar.to
    cdef double m[ROW]
    bar.traded, bar.ret, bar.keep = s.bars >= c.cutout, 0.0, 1.0
    if s.bars > c.cutout:
        bar.ret = (close - s.close) / s.close * growth
        bar.keep = c.keep
    slot.overwritten.source = s.rings[s.source_place]
    to.source_place = s.source_place
    put_source(to, src)
    to.in_range = s.in_range and src_in_range(src)
    memset(m + 8 * types(c), 0, (ROW - 8 * types(c)) * sizeof(double))      # places left over
    memset(bar.votes + TAIL, 0, 8 * sizeof(double))
    if to.in_range:
        averages_of_bar(slot, to, newest_source(to), m, IN_RANGE)
    else:
        averages_of_bar(slot, to, newest_source(to), m, ANY_RANGE)
    bar.weighed = not all_crossed(&s.account)
    if bar.weighed:
        to.account = s.account
        all_lanes(c, &to.account, &close, &bar.ret, &bar.keep, m, 1, bar.votes, bar.weights)
    else:
        to.account.idle = 0.0
        crossed_lanes(c, &s.account, &to.account, &close, &bar.ret, &bar.keep, m, 1, bar.votes, NULL)
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


cdef inline bint growth_may_overflow(const Config* c, int64_t bars) noexcept nogil:
    """Whether the growth factor after so many bars may be beyond the largest double."""
    return c.rate * <double> (bars - c.cutout) > 700.0


cdef inline void go_on(Slot* slot, State* to) noexcept nogil:
    """Go on in another state, where the next bar is taken."""
    keep_overwritten(&slot.overwritten, &slot.state)
    if to != &slot.state:
        to[0] = slot.state


cdef void begin_bar(
    Slot* slot, State* to, Bar* bar, Work* w, double close, double src, double growth
) noexcept nogil:
    """Take a valid bar, but for its layers. The warm-up needs what a block works in."""
    cdef Series series
    bar.before, bar.to, bar.seeding = &slot.state.account, to, slot.state.bars < warm_up(slot.state.config)
    if not bar.seeding:
        lanes_of_bar(slot, bar, close, src, growth)
        return
    memset(&series, 0, sizeof(series))
    series.close, series.src, series.rows = <const char*> &close, <const char*> &src, 1
    go_on(slot, to)
    run_blocks(to, w, &series, 1, <double> 0)


cdef void end_bar(Bar* bar) noexcept nogil:
    cdef State* to = bar.to
    cdef const Config* c = to.config
    if not bar.seeding:
        layers_of_bar(c, bar)
        if c.follows:
            follow(c, to.trend, to.account.type_signal[c.alert] if c.alert < types(c) else to.average)
