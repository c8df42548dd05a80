# Lane signals and equities, layer 1 (a type's signal and equity), layer 2 (the average).
#
# A bar before the cutout has signals only; at the cutout the equities start; afterwards they trade. Once a lane has
# crossed its average, its signal is the side on which the close stands; once every lane has, the sides before need not
# be known any more. (While every src is tame, no average is NaN by then.)

DEF FLOOR = 0.25
DEF AT_FLOOR = 0.24999999990000002   # the smallest double e for which e - 0.25 < -1e-10 is false

cdef extern from *:
    double copysign "__builtin_copysign"(double magnitude, double sign) noexcept nogil

cdef enum:
    BEFORE, FIRST, TRADING, CROSSED


cdef inline double floored(double equity) noexcept nogil:
    return FLOOR if equity < AT_FLOOR else equity


cdef inline double cut(double v) noexcept nogil:
    return 1.0 if v > 0.49 else (-1.0 if v < -0.49 else 0.0)


cdef inline void lanes_of_bar(
    const Row* close, const Row* r, double keep, const Row* m, Row* signal, Row* side, Row* equity,
    Row* votes, Row* weight, int64_t phase
) noexcept nogil:
    """One bar of one type's lanes; r is this bar's return times its growth. votes and weight: layer 1's sums.

    Every account trades the signal of the bar before. A neutral bar would apply the last return again; but a lane is
    neutral only before its first crossing, when there is none.

    A crossing is a change of side since the last bar that had an average, where equal counts as either side before.
    close - m is zero exactly when they are equal, and a comparison with NaN is false: so a NaN average changes
    nothing, and the first average makes no crossing.
    """
    cdef int64_t i, w
    cdef double p, e, now, before
    cdef bint crossed
    cdef Row up, down, n, total
    for w in range(width(m)):
        up.of[w] = 1.0 + r.of[w]
        down.of[w] = 1.0 - r.of[w]
        n.of[w] = 0.0
        total.of[w] = 0.0
    for i in range(LANES):
        for w in range(width(m)):
            p = signal[i].of[w]
            e = equity[i].of[w]
            if phase == FIRST:
                e = 1.0
            if phase == TRADING:
                e = floored(e * keep * (up.of[w] if p > 0.0 else (down.of[w] if p < 0.0 else 1.0)))
            if phase == CROSSED:
                e = floored(e * keep * (1.0 + r.of[w] * p))
            now = close.of[w] - m[i].of[w]
            if phase == CROSSED:
                p = p if now == 0.0 else copysign(1.0, now)
            else:
                before = side[i].of[w]
                crossed = p != 0.0
                p = 1.0 if (now > 0.0) & ((before <= 0.0) | crossed) else p
                p = -1.0 if (now < 0.0) & ((before >= 0.0) | crossed) else p
                side[i].of[w] = now if now == now else before
            signal[i].of[w] = p
            equity[i].of[w] = e
            if Row is Many:
                n.of[w] += p * e
                total.of[w] += e
    if Row is One:          # a loop of its own, so that the lanes above can be a vector
        for i in range(LANES):
            n.of[0] += signal[i].of[0] * equity[i].of[0]
            total.of[0] += equity[i].of[0]
    copy(votes, &n)
    copy(weight, &total)


cdef inline bint all_crossed(const Row* signal, int64_t count) noexcept nogil:
    cdef int64_t i, w
    cdef int64_t neutral = 0
    for i in range(count):
        for w in range(width(signal)):
            neutral += signal[i].of[w] == 0.0
    return neutral == 0


cdef inline void lanes(
    State* s, Row* rows, int64_t first, int64_t types, int64_t n, const Row* close, const Row* r,
    const Row* m, Row* votes, Row* weights, Row* recorded
) noexcept nogil:
    """Carry the lanes of some types, from column `first` on, through the block's bars.

    votes and weights: of type j on bar t at [j * block_bars + t]. recorded, if not NULL: signals and equities of
    bar t at [2 * t * count].
    """
    cdef int64_t count = types * LANES
    cdef Row* signal = rows + SIGNALS + first * LANES
    cdef Row* side = rows + SIDES + first * LANES
    cdef Row* equity = rows + EQUITIES + first * LANES
    cdef int64_t before = bars_below(s.cutout, s.bars, n)
    cdef bint crossed = s.tame and all_crossed(signal, count)
    cdef const Row* average
    cdef Row* vote
    cdef Row* weight
    cdef int64_t t, j, i
    for t in range(n):
        for j in range(types):
            i = j * LANES
            average = m + t * count + i
            vote, weight = votes + j * block_bars(m) + t, weights + j * block_bars(m) + t
            if t < before:
                lanes_of_bar(close + t, r + t, s.keep, average, signal + i, side + i, equity + i, vote, weight, BEFORE)
            elif s.bars + t == s.cutout:
                lanes_of_bar(close + t, r + t, s.keep, average, signal + i, side + i, equity + i, vote, weight, FIRST)
            elif not crossed:
                lanes_of_bar(close + t, r + t, s.keep, average, signal + i, side + i, equity + i, vote, weight, TRADING)
            else:
                lanes_of_bar(close + t, r + t, s.keep, average, signal + i, side + i, equity + i, vote, weight, CROSSED)
        if recorded != NULL:
            memcpy(recorded + 2 * t * count, signal, count * sizeof(Row))
            memcpy(recorded + (2 * t + 1) * count, equity, count * sizeof(Row))


cdef inline void layers(
    State* s, Row* rows, int64_t n, const Row* r, Row* votes, const Row* weights, Row* equities, Row* average
) noexcept nogil:
    """The types' signals (in place of their votes), their equities, and the average, of all bars of the block."""
    cdef int64_t t, j, w
    cdef int64_t W = width(rows)
    cdef int64_t B = block_bars(rows)
    cdef int64_t T = types(s)
    cdef int64_t before = bars_below(s.cutout, s.bars, n)
    cdef Row* signal = rows + TYPE_SIGNALS
    cdef Row* applied = rows + TYPE_RETURNS
    cdef Row* equity = rows + TYPE_EQUITIES
    cdef double p, numerator, denominator
    for j in range(T):
        for t in range(before):
            for w in range(W):
                votes[j * B + t].of[w] = NAN
                equities[j * B + t].of[w] = NAN
                average[t].of[w] = NAN
        for t in range(before, n):
            for w in range(W):
                votes[j * B + t].of[w] = round2(votes[j * B + t].of[w] / weights[j * B + t].of[w])
    for t in range(before, n):
        for j in range(T):
            for w in range(W):
                p = signal[j].of[w]
                applied[j].of[w] = r[t].of[w] if p > 0.0 else (-r[t].of[w] if p < 0.0 else applied[j].of[w])
                if s.bars + t == s.cutout:
                    equity[j].of[w] = floored(s.weight[j])
                else:
                    equity[j].of[w] = floored(equity[j].of[w] * s.keep * (1.0 + applied[j].of[w]))
                signal[j].of[w] = votes[j * B + t].of[w]
            copy(&equities[j * B + t], &equity[j])
        for w in range(W):
            numerator = 0.0
            denominator = 0.0
            for j in range(T):
                numerator += cut(votes[j * B + t].of[w]) * equity[j].of[w]
                denominator += equity[j].of[w]
            average[t].of[w] = numerator / denominator
    if s.late:
        for t in range(n):
            for w in range(W):
                p = average[t].of[w]
                average[t].of[w] = rows[LAST_AVERAGE].of[w]
                rows[LAST_AVERAGE].of[w] = p
