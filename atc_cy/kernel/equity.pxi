# Lane signals and equities, layer 1 (a type's signal and equity), layer 2 (the average).
#
# A bar before the cutout has signals only; at the cutout the equities start; afterwards they trade. Once a lane has
# crossed its average, its signal is the side on which the close stands; once every lane has, the sides before need not
# be known any more, and a lane is one number: its equity, which is positive, times its signal. (While every src is tame,
# no average is NaN by then.)

DEF FLOOR = 0.25
DEF AT_FLOOR = 0.24999999990000002   # the smallest double e for which e - 0.25 < -1e-10 is false

cdef enum:
    BEFORE, FIRST, TRADING


cdef inline Row floored(Row equity) noexcept nogil:
    return above(every(AT_FLOOR, &equity), equity, every(FLOOR, &equity), equity)


cdef inline Row cut(Row v) noexcept nogil:
    cdef Row low = above(every(-0.49, &v), v, every(-1.0, &v), every(0.0, &v))
    return above(v, every(0.49, &v), every(1.0, &v), low)


cdef inline void lanes_of_bar(
    Row close, Row r, Row keep, const Row* m, Row* signal, Row* side, Row* equity, Row* vote, int64_t count,
    int64_t phase
) noexcept nogil:
    """One bar of some lanes; r is this bar's return times its growth, vote becomes the signals times the equities.

    Every account trades the signal of the bar before. A neutral bar would apply the last return again; but a lane is
    neutral only before its first crossing, when there is none.

    A crossing is a change of side since the last bar that had an average, where equal counts as either side before.
    close - m is zero exactly when they are equal, and a comparison with NaN is false: so a NaN average changes
    nothing, and the first average makes no crossing.
    """
    cdef int64_t i
    cdef Row p, e, now, before, factor, turned
    cdef Row zero = every(0.0, m)
    cdef Row one = every(1.0, m)
    cdef Row minus_one = every(-1.0, m)
    cdef Row up = 1.0 + r
    cdef Row down = 1.0 - r
    for i in range(count):
        p = signal[i]
        if phase == FIRST:
            equity[i] = one
        if phase == TRADING:
            factor = above(zero, p, down, one)
            factor = above(p, zero, up, factor)
            e = equity[i] * keep * factor
            equity[i] = floored(e)
        now = close - m[i]
        before = equal(p, zero, side[i], zero)      # after the first crossing, either side
        turned = at_least(zero, before, one, p)
        factor = above(now, zero, turned, p)
        turned = at_least(before, zero, minus_one, factor)
        signal[i] = above(zero, now, turned, factor)
        side[i] = equal(now, now, now, side[i])
        vote[i] = signal[i] * equity[i]


cdef inline void crossed_lanes_of_bar(
    Row close, Row r, Row keep, const Row* m, Row* vote, Row* equity, int64_t count
) noexcept nogil:
    """`lanes_of_bar` once all have crossed: `vote` is what is carried on."""
    cdef int64_t i
    cdef Row e, now
    cdef Row zero = every(0.0, m)
    cdef Row up = 1.0 + r
    cdef Row down = 1.0 - r
    for i in range(count):
        e = magnitude(vote[i]) * keep * above(vote[i], zero, up, down)
        equity[i] = floored(e)
        now = close - m[i]
        vote[i] = signed(equity[i], equal(now, zero, vote[i], now))


cdef inline void join_lanes(State* s, Row* rows, int64_t first, int64_t types) noexcept nogil:
    """Once all lanes of these types have crossed, their equities take the sign of their signals."""
    cdef int64_t i
    for i in range(first * LANES, (first + types) * LANES):
        rows[EQUITIES + i] = signed(rows[EQUITIES + i], rows[SIGNALS + i])
    for i in range(first, first + types):
        s.crossed[i] = True


cdef inline void part_lanes(State* s, Row* rows) noexcept nogil:
    """Undo `join_lanes`, of all types."""
    cdef int64_t i
    for i in range(types(s) * LANES):
        if s.crossed[i // LANES]:
            rows[SIGNALS + i] = signed(every(1.0, rows), rows[EQUITIES + i])
            rows[EQUITIES + i] = magnitude(rows[EQUITIES + i])
    for i in range(types(s)):
        s.crossed[i] = False


cdef inline void sum_lanes(const Row* vote, const Row* equity, Row* votes, Row* weight) noexcept nogil:
    """Layer 1's sums over the lanes of one type."""
    cdef int64_t i
    cdef Row numerator = every(0.0, vote)
    cdef Row denominator = every(0.0, vote)
    for i in range(LANES):
        numerator = numerator + vote[i]
        denominator = denominator + equity[i]
    votes[0] = numerator
    weight[0] = denominator


cdef inline bint all_crossed(const Row* signal, int64_t count) noexcept nogil:
    cdef int64_t i
    cdef Row neutral = every(0.0, signal)
    for i in range(count):
        neutral = neutral + (1.0 - magnitude(signal[i]))
    return not any_positive(neutral)


cdef inline void lanes(
    State* s, Row* rows, int64_t first, int64_t types, int64_t n, const Row* close, const Row* r,
    const Row* m, Row* votes, Row* weights, Row* recorded
) noexcept nogil:
    """Carry the lanes of some types, from column `first` on, through the block's bars.

    votes and weights: of type j on bar t at [j * block_bars + t]. recorded, if not NULL: signals and equities of
    bar t at [2 * t * count].
    """
    cdef int64_t count = types * LANES
    cdef int64_t B = block_bars(m)
    cdef Row* signal = rows + SIGNALS + first * LANES
    cdef Row* side = rows + SIDES + first * LANES
    cdef Row* equity = rows + EQUITIES + first * LANES
    cdef int64_t before = bars_below(s.cutout, s.bars, n)
    cdef int64_t steady = 0 if s.crossed[first] else n
    cdef int64_t t, j
    cdef Row keep = rows[KEEP]
    cdef Row vote[STRIDE]
    cdef Row equities[STRIDE]
    if not s.crossed[first] and s.tame and all_crossed(signal, count):
        steady = bars_below(s.cutout + 1, s.bars, n)
    for t in range(steady):
        if t < before:
            lanes_of_bar(close[t], r[t], keep, m + t * count, signal, side, equity, vote, count, BEFORE)
        elif s.bars + t == s.cutout:
            lanes_of_bar(close[t], r[t], keep, m + t * count, signal, side, equity, vote, count, FIRST)
        else:
            lanes_of_bar(close[t], r[t], keep, m + t * count, signal, side, equity, vote, count, TRADING)
        for j in range(types):
            sum_lanes(vote + j * LANES, equity + j * LANES, votes + j * B + t, weights + j * B + t)
        if recorded != NULL:
            record(signal, equity, count, recorded + 2 * t * count)
    if steady == n:
        return
    if not s.crossed[first]:
        join_lanes(s, rows, first, types)
    memcpy(vote, equity, count * sizeof(Row))
    for t in range(steady, n):
        crossed_lanes_of_bar(close[t], r[t], keep, m + t * count, vote, equities, count)
        for j in range(types):
            sum_lanes(vote + j * LANES, equities + j * LANES, votes + j * B + t, weights + j * B + t)
        if recorded != NULL:
            record(vote, equities, count, recorded + 2 * t * count)
    memcpy(equity, vote, count * sizeof(Row))


cdef inline void record(const Row* signal, const Row* equity, int64_t count, Row* recorded) noexcept nogil:
    """Keep one bar's lanes; of `signal` the sign counts."""
    cdef int64_t i
    for i in range(count):
        recorded[i] = equal(signal[i], every(0.0, signal), signal[i], signed(every(1.0, signal), signal[i]))
        recorded[count + i] = equity[i]


cdef inline void layers(
    State* s, Row* rows, int64_t n, const Row* r, Row* votes, const Row* weights, Row* equities, Row* average
) noexcept nogil:
    """The types' signals (in place of their votes), their equities, and the average, of all bars of the block."""
    cdef int64_t t, j
    cdef int64_t B = block_bars(rows)
    cdef int64_t T = types(s)
    cdef int64_t before = bars_below(s.cutout, s.bars, n)
    cdef Row* signal = rows + TYPE_SIGNALS
    cdef Row* applied = rows + TYPE_RETURNS
    cdef Row* equity = rows + TYPE_EQUITIES
    cdef Row zero = every(0.0, rows)
    cdef Row e, last, numerator, denominator
    for j in range(T):
        for t in range(before):
            votes[j * B + t] = every(NAN, rows)
            equities[j * B + t] = every(NAN, rows)
            average[t] = every(NAN, rows)
        for t in range(before, n):
            last = votes[j * B + t] / weights[j * B + t]
            votes[j * B + t] = round2(last)
    for t in range(before, n):
        for j in range(T):
            last = above(zero, signal[j], -r[t], applied[j])
            applied[j] = above(signal[j], zero, r[t], last)
            e = rows[WEIGHTS + j]
            if s.bars + t != s.cutout:
                e = equity[j] * rows[KEEP] * (1.0 + applied[j])
            equity[j] = floored(e)
            signal[j] = votes[j * B + t]
            equities[j * B + t] = equity[j]
        numerator = zero
        denominator = zero
        for j in range(T):
            numerator = numerator + cut(votes[j * B + t]) * equity[j]
            denominator = denominator + equity[j]
        average[t] = numerator / denominator
    if s.late:
        for t in range(n):
            last = average[t]
            average[t] = rows[LAST_AVERAGE]
            rows[LAST_AVERAGE] = last
