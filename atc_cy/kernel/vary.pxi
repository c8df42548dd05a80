# One symbol under many numbers: the averages depend on the structure alone, so they are computed once, and each panel
# carries the lanes and layers of as many configs as go side by side.

cdef void vary(
    State* s, double* rows, Feed* feed, State** states, Many** all_rows, int64_t panels, const double* growth,
    int64_t growths, const int64_t* which, char* out
) noexcept nogil:
    """Take all rows, as far as they can be bars.

    s, rows: the symbol's own state, of La = 0. growth: the growth factors from the cutout on, [bar * growths + kind].
    which: of each config its kind, [panel * SYMBOLS + place]. out: the averages, [config, row].
    """
    cdef Block block
    cdef Many close[BARS_OF_MANY]
    cdef Many r[BARS_OF_MANY]
    cdef Many spread[BARS_OF_MANY * LANES]
    cdef Many results[RESULTS]
    cdef Many weights[LANE_SUMS]
    cdef double m[BARS_OF_MANY * STRIDE]
    cdef int64_t T = types(s)
    cdef int64_t i, j, t, w, n, panel
    cdef Many* average_of_bar = results + 2 * T * BARS_OF_MANY
    while feed.taken < feed.rows:
        if s.offset + BARS_OF_MANY > BARS_OF_ONE:
            make_room(s, rows)
        n = read_block(s, rows, feed, &block, BARS_OF_MANY, <double> 0)
        if n == 0:
            return
        for i in range(6):
            j = column(s, i)
            if j >= 0 and s.tame:
                average(s, rows, i, n, m + j * LANES, m + column(s, LSMA) * LANES, T * LANES, TAME)
            elif j >= 0:
                average(s, rows, i, n, m + j * LANES, m + column(s, LSMA) * LANES, T * LANES, WILD)
        for panel in range(panels):
            vary_lanes(
                s, states[panel], all_rows[panel], n, <double*> block.close, <double*> block.r, m,
                growth, growths, which + panel * SYMBOLS, close, r, spread, results, weights
            )
            for t in range(n):
                for w in range(SYMBOLS):
                    i = (panel * SYMBOLS + w) * feed.rows + block.row[t]
                    (<double*> out)[i] = of(average_of_bar + t, w)[0]
        s.bars += n
        s.offset += n


cdef void vary_lanes(
    const State* s, State* own, Many* rows, int64_t n, const double* close, const double* r, const double* m,
    const double* growth, int64_t growths, const int64_t* which, Many* close_of_all, Many* r_of_all, Many* spread,
    Many* results, Many* weights
) noexcept nogil:
    """Carry one panel's configs through the block, whose averages are m."""
    cdef int64_t T = types(s)
    cdef int64_t j, t, w, lane, since
    own.tame = s.tame
    if not s.tame:
        part_lanes(own, rows)
    for t in range(n):
        close_of_all[t] = every(close[t], close_of_all)
        r_of_all[t] = every(r[t], r_of_all)
        since = s.bars + t - s.cutout
        for w in range(SYMBOLS if since >= 0 else 0):
            of(r_of_all + t, w)[0] = r[t] * growth[since * growths + which[w]]
    for j in range(T):
        for t in range(n):
            for lane in range(LANES):
                spread[t * LANES + lane] = every(m[(t * T + j) * LANES + lane], spread)
        lanes(
            own, rows, j, 1, n, close_of_all, r_of_all, spread, results + j * BARS_OF_MANY, weights + j * BARS_OF_MANY,
            NULL
        )
    layers(
        own, rows, n, r_of_all, results, weights, results + T * BARS_OF_MANY, results + 2 * T * BARS_OF_MANY
    )
    own.bars += n
