# Many bars at once. A block goes through all steps before the next one begins. What has no recurrence (windows,
# divisions, KAMA's ratios, sums over lanes, layer 1, the average) has its bars side by side in a vector; what has one
# (exponential averages, rolling sums, KAMA, equities) has its lanes side by side, a square of eight bars at a time.
# Squares of 8 x 8 are transposed between the two.

ctypedef fused price:
    float
    double


# What a run of blocks works in. Bar t of a block lies at [t]; what comes before it, as many values as the longest lane,
# before that.
cdef struct Work:
    const Config* config
    double* x                   # src
    double* close
    double* lines               # the realized entries, of a kind's lane at [(kind * LANES + lane) * line_numbers]
    double* moves
    double* weighted            # WMA: nine rows; see windows.pxi
    double* plain               # LSMA: eighteen rows
    double* changes             # of each bar's close since the one before, relative
    double* returns             # these times the growth; 0 up to the cutout
    double* keeps               # 1 - De / 100; 1 up to the cutout
    double* growth
    double* signals             # eight rows of block_bars, as all that follow
    double* denominators
    double* equities
    double* average
    double* m                   # rows of lanes: averages, votes and weights of two squares, or of all
    double* votes
    double* weights
    bint whole                  # whether the rows of lanes are kept for the whole block
    SquareSums sums             # of the square that is begun
    double* scratch             # as many values as the longest lane
    int64_t* row                # the row that each bar came from


# One symbol's rows, and where its outputs go. Strides are in bytes.
cdef struct Series:
    const char* close
    const char* src
    Py_ssize_t close_stride
    Py_ssize_t src_stride
    char* out                   # NULL: no output
    Py_ssize_t out_stride
    Py_ssize_t out_column
    char* lanes                 # NULL: not wanted
    Py_ssize_t lanes_stride
    Py_ssize_t lanes_column
    int64_t rows                # how many there are
    int64_t taken               # how many were taken


cdef inline int64_t history(const Config* c) noexcept nogil:
    """Values kept before a block."""
    return round_up(longest(c)) + 8


cdef inline int64_t line_numbers(const Config* c) noexcept nogil:
    """From one lane's realized entries to the next one's: those before a block, and its own."""
    return history(c) + block_bars(c) + 8


cdef inline int64_t window_row(const Config* c) noexcept nogil:
    """From one lane's window sums to the next one's."""
    return block_bars(c) + 2 * window_margin(c)


cdef inline double* carve(double** memory, int64_t count) noexcept nogil:
    """The next `count` numbers of some memory, in whole cache lines."""
    cdef double* start = memory[0]
    memory[0] += round_up(count) + GAP
    if GAP > 0:
        FORBID(start + count, memory[0] - start - count)
    return start


cdef int64_t lay_out(Work* w, const Config* c, double* memory, bint whole) noexcept nogil:
    """Where everything lies in the memory; returns how many doubles that takes."""
    cdef int64_t B = block_bars(c)
    cdef int64_t rows = B if whole else 16
    cdef double* free = memory
    w.config = c
    w.whole = whole
    w.x = carve(&free, line_numbers(c) + longest(c) + 2 * WIDTH + 8) + history(c)
    w.close = carve(&free, B + 8) + 8
    w.lines = carve(&free, 2 * LANES * line_numbers(c)) + history(c)
    w.moves = carve(&free, B)
    if window(c) > 0:
        w.weighted = carve(&free, LANES * window_row(c)) + window_margin(c)
        w.plain = carve(&free, 2 * LANES * window_row(c)) + window_margin(c)
    w.changes = carve(&free, B)
    w.returns = carve(&free, B)
    w.keeps = carve(&free, B)
    w.growth = carve(&free, B + 16) + 8
    w.signals = carve(&free, 8 * B)
    w.denominators = carve(&free, 8 * B)
    w.equities = carve(&free, 8 * B)
    w.average = carve(&free, B)
    w.m = carve(&free, rows * ROW)
    w.votes = carve(&free, rows * ROW)
    w.weights = carve(&free, rows * ROW)
    w.scratch = carve(&free, longest(c))
    w.row = <int64_t*> carve(&free, B)
    return free - memory


cdef double* make_work(Work* w, const Config* c, bint whole) except NULL:
    """Memory for blocks, laid out; to be freed."""
    cdef double* memory = <double*> calloc(lay_out(w, c, NULL, whole), sizeof(double))
    if memory == NULL:
        raise MemoryError()
    lay_out(w, c, memory, whole)
    return memory


cdef void open_state(Work* w, const State* s) noexcept nogil:
    """Lay what the state remembers before the first block."""
    cdef const Config* c = s.config
    cdef int64_t kind, lane, i, length, place, step = entry_step(c)
    cdef const double* ring
    cdef double* line
    memcpy(w.x - longest(c), newest_source(s) - longest(c) + 1, longest(c) * sizeof(double))
    (w.close - 1)[0] = s.close
    for kind in range(2):
        if not has_sums(c, kind):
            continue
        for lane in range(LANES):
            length, place = lengths_of_sums(c, kind)[lane], places(s, kind)[lane]
            ring = entries(s, kind, lane)
            line = w.lines + (kind * LANES + lane) * line_numbers(c) - length
            for i in range(place, length):
                line[i - place] = ring[i * step]
            for i in range(place):
                line[length - place + i] = ring[i * step]


cdef void close_state(State* s, const Work* w, int64_t n, int64_t bars) noexcept nogil:
    """Have the state remember `bars` bars, which s.bars counts; the last of them is the last of the block's n."""
    cdef const Config* c = s.config
    cdef int64_t kind, lane, i, length, place, count, step = entry_step(c)
    cdef double* ring
    cdef const double* line
    for i in range(n - smaller(bars, source_ring(c)), n):
        put_source(s, w.x[i])
    for kind in range(2):
        if not has_sums(c, kind):
            continue
        for lane in range(LANES):
            length = lengths_of_sums(c, kind)[lane]
            ring = entries(s, kind, lane)
            line = w.lines + (kind * LANES + lane) * line_numbers(c)
            count = smaller(bars, length)
            place = (s.bars - count) % length
            for i in range(n - count, n):
                ring[place * step] = line[i]
                place = place + 1 if place + 1 < length else 0
            s.place[kind][lane] = <int16_t> place
    s.close = w.close[n - 1]
    clear_open(s)


cdef void next_block(Work* w, int64_t n) noexcept nogil:
    """Make room for the next block after one of n bars."""
    cdef const Config* c = w.config
    cdef int64_t i, lane, kind
    cdef double* line
    (w.close - 1)[0] = w.close[n - 1]
    for i in range(-history(c), 0, WIDTH):
        store_vector(w.x + i, load_vector(w.x + n + i))
    for kind in range(2):
        if not has_sums(c, kind):
            continue
        for lane in range(LANES):
            line = w.lines + (kind * LANES + lane) * line_numbers(c)
            for i in range(-round_up(lengths_of_sums(c, kind)[lane]), 0, WIDTH):
                store_vector(line + i, load_vector(line + n + i))


cdef inline price load(const char* base, int64_t row, Py_ssize_t stride, price kind) noexcept nogil:
    return (<const price*> (base + row * stride))[0]


cdef inline void store(char* base, int64_t row, Py_ssize_t stride, double value, price kind) noexcept nogil:
    (<price*> (base + row * stride))[0] = <price> value


cdef inline bint is_bar(const Series* series, int64_t row, price kind) noexcept nogil:
    """Whether no price is missing."""
    cdef double c = load(series.close, row, series.close_stride, kind)
    cdef double x = load(series.src, row, series.src_stride, kind)
    return c == c and x == x


cdef inline bint src_in_range(double x) noexcept nogil:
    return (RANGE_LOW < magnitude(x) < RANGE_HIGH) | (x == 0.0)


cdef bint read_plain(State* s, Work* w, const Series* series, int64_t n) noexcept nogil:
    """Read the next n rows as they lie, if they are doubles without a gap, each of them a valid bar."""
    cdef const double* close = <const double*> series.close + series.taken
    cdef const double* src = <const double*> series.src + series.taken
    cdef int64_t t
    cdef Vector c, x, size
    cdef Mask valid, in_range
    valid = in_range = at_least(broadcast(0.0), broadcast(0.0))
    for t in range(0, n - n % WIDTH, WIDTH):
        c, x = load_vector(close + t), load_vector(src + t)
        size = magnitude(x)
        valid &= greater(c, broadcast(0.0)) & greater(broadcast(INFINITY), c) & greater(broadcast(INFINITY), size)
        in_range &= (greater(size, broadcast(RANGE_LOW)) | at_least(broadcast(0.0), size)) & greater(
            broadcast(RANGE_HIGH), size
        )
        store_vector(w.close + t, c)
        store_vector(w.x + t, x)
    if any(~valid):
        return False
    s.in_range &= not any(~in_range)
    for t in range(n - n % WIDTH, n):
        if not (0.0 < close[t] < INFINITY and magnitude(src[t]) < INFINITY):
            return False
        s.in_range &= src_in_range(src[t])
        w.close[t], w.x[t] = close[t], src[t]
    return True


cdef int64_t read_block(State* s, Work* w, Series* series, int64_t room, price kind) noexcept nogil:
    """Read the next bars, at most `room`; returns how many there were.

    A row with a missing price is no bar. A row that cannot be a bar is not taken.
    """
    cdef int64_t t = 0
    cdef int64_t n = smaller(room, series.rows - series.taken)
    cdef int64_t row = series.taken
    cdef bint in_range = s.in_range
    cdef double c, x
    if price is double and series.close_stride == series.src_stride == sizeof(double) and read_plain(s, w, series, n):
        for t in range(n):
            w.row[t] = row + t
        t = n
        row += n
    else:
        s.in_range = in_range
        while t < room and row < series.rows:
            c = load(series.close, row, series.close_stride, kind)
            x = load(series.src, row, series.src_stride, kind)
            if not (0.0 < c < INFINITY and -INFINITY < x < INFINITY):
                if c != c or x != x:
                    row += 1
                    continue
                break
            s.in_range &= src_in_range(x)
            w.close[t], w.x[t] = c, x
            w.row[t] = row
            t += 1
            row += 1
    growths(s.config, &s.growth, s.bars - s.config.cutout, t, w.growth)
    while t > 0 and w.growth[t - 1] == INFINITY:
        t -= 1
        row = w.row[t]
    series.taken = row
    return t


cdef void weigh_returns(const State* s, Work* w, int64_t n, const double* growth, double keep) noexcept nogil:
    """What each bar multiplies the equities by."""
    cdef int64_t t
    cdef int64_t idle = bars_below(s.config.cutout + 1, s.bars, n)
    for t in range(0, n, WIDTH):
        store_vector(w.returns + t, load_vector(w.changes + t) * load_vector(growth + t))
        store_vector(w.keeps + t, broadcast(keep))
    for t in range(idle):
        w.returns[t], w.keeps[t] = 0.0, 1.0


cdef void averages_of_windows(Work* w, int64_t n, Range src_range) noexcept nogil:
    cdef const Config* c = w.config
    cdef const double* weighted
    sum_windows(c, w.x, n, w.weighted, w.plain, window_row(c))
    if has(c, LSMA):
        weighted = w.weighted if shared_windows(c) else w.plain + LANES * window_row(c)
        regressions(constants(c, LSMA), weighted, w.plain, window_row(c), n, src_range)
    if has(c, WMA):
        weighted_averages(constants(c, WMA), w.weighted, window_row(c), n, src_range)


cdef void begin_square(State* s, Work* w, int64_t at, int64_t n, double* m) noexcept nogil:
    """EMA, DEMA and the rolling sums of n ≤ 8 bars, which begin at bar `at` of the block, to rows of lanes."""
    cdef const Config* c = s.config
    cdef const double* x = w.x + at
    cdef int64_t bar = s.bars + at
    cdef Seeds of_kinds[2]
    cdef const Seeds* seeds = NULL
    cdef int64_t kind
    cdef int64_t first = column(c, EMA)
    if bar <= longest(c):
        seeds = of_kinds
        for kind in range(2):
            seed_sums(s, kind, x, bar, n, &of_kinds[kind])
    if has(c, EMA):
        ema_square(s, FIRST, constants(c, EMA), lengths(c, EMA), x, bar, n, seeds, m, first)
    if has(c, DEMA):
        if not shared_first(c):
            first = column(c, DEMA)
            ema_square(s, OWN_FIRST, constants(c, DEMA), lengths(c, DEMA), x, bar, n, seeds, m, first)
        dema_square(s, constants(c, DEMA), lengths(c, DEMA), x, bar, n, m, column(c, DEMA), first, w.scratch)
    if has(c, HMA) and has(c, KAMA):
        sum_square(s, x, w.moves + at, bar, n, w.lines + at, line_numbers(c), seeds, &w.sums, PRICES_AND_MOVES)
    elif has(c, HMA):
        sum_square(s, x, w.moves + at, bar, n, w.lines + at, line_numbers(c), seeds, &w.sums, PRICES_ALONE)
    elif has(c, KAMA):
        sum_square(s, x, w.moves + at, bar, n, w.lines + at, line_numbers(c), seeds, &w.sums, MOVES_ALONE)


cdef void end_square(State* s, Work* w, int64_t at, int64_t n, double* m) noexcept nogil:
    """The other averages of these bars, after `begin_square`."""
    cdef const Config* c = s.config
    cdef const double* x = w.x + at
    cdef int64_t bar = s.bars + at
    if has(c, WMA):
        window_square(w.weighted + at, window_row(c), n, m, column(c, WMA))
    if has(c, LSMA):
        window_square(w.plain + at, window_row(c), n, m, column(c, LSMA))
    if has(c, HMA) and s.in_range:
        hma_square(constants(c, HMA), &w.sums, n, m, column(c, HMA), IN_RANGE)
    elif has(c, HMA):
        hma_square(constants(c, HMA), &w.sums, n, m, column(c, HMA), ANY_RANGE)
    if has(c, KAMA):
        kama_square(s, lengths(c, KAMA), &w.sums, x, bar, n, m, column(c, KAMA))
    if c.has_length_one:
        lanes_of_length_one(c, x, n, m)
    if bar < warm_up(c):
        undefined_lanes(c, bar, n, m)


cdef void begin_block(State* s, Work* w, int64_t n) noexcept nogil:
    """What all bars of the block can have at once."""
    cdef int64_t t
    cdef Vector before
    for t in range(0, n, WIDTH):
        before = load_vector(w.close + t - 1)
        store_vector(w.changes + t, (load_vector(w.close + t) - before) / before)
    if has(s.config, KAMA):
        for t in range(0, n, WIDTH):
            store_vector(w.moves + t, magnitude(load_vector(w.x + t) - load_vector(w.x + t - 1)))
    if window(s.config) > 0 and s.in_range:
        averages_of_windows(w, n, IN_RANGE)
    elif window(s.config) > 0:
        averages_of_windows(w, n, ANY_RANGE)


cdef inline bint trade_square(
    const Config* c, Account* a, Work* w, int64_t at, int64_t n, const double* m, double* votes, double* weights
) noexcept nogil:
    """The lanes' equities on the square that begins at bar `at`, and the types' on the one before.

    n: bars of the block. Returns whether the votes' magnitudes have to be taken from `weights`.
    """
    cdef int64_t B = block_bars(c)
    cdef int64_t lanes = smaller(8, n - at)
    cdef int64_t before = at - 8
    cdef TypesSquare square
    cdef TypesSquare* types = NULL
    cdef bint weighed = w.whole or not all_crossed(a)
    if before >= 0:
        types = &square
        square.account, square.returns, square.keeps = a, w.returns + before, w.keeps + before
        transpose(w.signals + before, B, &square.rows[0][0], 8)
    if types != NULL and (weighed or lanes <= 0 or WIDTH < 8):      # narrower vectors leave no registers for both
        trade_types_of_square(types, smaller(8, n - before))
    if lanes > 0 and weighed:
        all_lanes(c, a, w.close + at, w.returns + at, w.keeps + at, m, lanes, votes, weights)
    elif lanes > 0:
        crossed_lanes(c, a, a, w.close + at, w.returns + at, w.keeps + at, m, lanes, votes, types if WIDTH == 8 else NULL)
    if types != NULL:
        transpose(&square.rows[0][0], 8, w.equities + before, B)
    return weighed


cdef inline void signals_of_square(
    const State* s, Work* w, int64_t at, int64_t n, const double* votes, const double* weights
) noexcept nogil:
    """The types' signals on n ≤ 8 bars; weights: NULL if they are the votes' magnitudes."""
    cdef const Config* c = s.config
    cdef int64_t B = block_bars(c)
    sum_lanes(c, votes, weights, w.signals + at, w.denominators + at, B)
    type_signals(c, bars_below(c.cutout, s.bars + at, n), w.signals + at, w.denominators + at, B)


cdef inline const double* output(const Work* w, int64_t i) noexcept nogil:
    """The block's outputs, in their order."""
    cdef int64_t T = types(w.config)
    if i < T:
        return w.signals + i * block_bars(w.config)
    if i < 2 * T:
        return w.equities + (i - T) * block_bars(w.config)
    return w.average


cdef inline double* rows_of(const Work* w, double* rows, int64_t at) noexcept nogil:
    """The rows of lanes of the square that begins at bar `at`."""
    return rows + (at if w.whole else at % 16) * ROW


cdef void run_block(State* s, Work* w, int64_t n) noexcept nogil:
    """Take the n bars that were read."""
    cdef const Config* c = s.config
    cdef int64_t at
    cdef bint weighed = False
    begin_block(s, w, n)
    weigh_returns(s, w, n, w.growth, c.keep)
    # Three squares are on their way at a time, since each step alone is a chain of operations that wait for each other:
    # the averages of one, the lanes of the one before, and the types of the one before that.
    for at in range(0, n + 16, 8):
        if at < n:
            begin_square(s, w, at, smaller(8, n - at), rows_of(w, w.m, at))
        if at >= 8:
            weighed = trade_square(
                c, &s.account, w, at - 8, n, rows_of(w, w.m, at - 8), rows_of(w, w.votes, at - 8),
                rows_of(w, w.weights, at - 8)
            )
        if at < n:
            end_square(s, w, at, smaller(8, n - at), rows_of(w, w.m, at))
        if 0 <= at - 8 < n:
            signals_of_square(
                s, w, at - 8, smaller(8, n - at + 8), rows_of(w, w.votes, at - 8),
                rows_of(w, w.weights, at - 8) if weighed else NULL
            )
    layer_2(
        c, &s.account, bars_below(c.cutout, s.bars, n), n, w.signals, w.equities, w.average, block_bars(c)
    )
    s.average = w.average[n - 1]
    s.bars += n
    for at in range(n if c.follows else 0):
        follow(c, s.trend, output(w, c.alert)[at])


cdef void write_column(
    const Work* w, int64_t first, int64_t end, int64_t n, const double* values, int64_t step, char* out,
    Py_ssize_t stride, price kind
) noexcept nogil:
    """Write values of one kind, `step` apart, to the rows from first to end; NaN where a row is no bar."""
    cdef int64_t row
    cdef int64_t t = 0
    if end - first == n and stride == sizeof(price):
        out += first * stride
        if price is double and step == 1:
            memcpy(out, values, n * sizeof(double))
            return
        for t in range(n):
            (<price*> out)[t] = <price> values[t * step]
        return
    for row in range(first, end):
        if t < n and w.row[t] == row:
            store(out, row, stride, values[t * step], kind)
            t += 1
        else:
            store(out, row, stride, NAN, kind)


cdef void write_block(const State* s, Work* w, const Series* series, int64_t first, int64_t n, price kind) noexcept nogil:
    """Write what the block gave to the rows from `first` on."""
    cdef const Config* c = w.config
    cdef int64_t i, j, t, lane, place
    cdef int64_t T = types(c)
    cdef char* out
    if series.out != NULL:
        for i in range(2 * T + 1):
            out = series.out + i * series.out_column
            write_column(w, first, series.taken, n, output(w, i), 1, out, series.out_stride, kind)
    if series.lanes == NULL:
        return
    # A vote's place takes its signal, a weight's its equity.
    for t in range(n):
        for i in range(t * ROW, (t + 1) * ROW):
            w.votes[i] = 0.0 if w.votes[i] == 0.0 else with_sign(1.0, w.votes[i])     # also where an equity is NaN
    for i in range(bars_below(c.cutout, s.bars - n, n) * ROW):
        w.weights[i] = NAN
    for j in range(T):
        for lane in range(LANES):
            place = place_in_row(j, lane)
            out = series.lanes + (j * LANES + lane) * series.lanes_column
            write_column(w, first, series.taken, n, w.m + place, ROW, out, series.lanes_stride, kind)
            out += T * LANES * series.lanes_column
            write_column(w, first, series.taken, n, w.votes + place, ROW, out, series.lanes_stride, kind)
            out += T * LANES * series.lanes_column
            write_column(w, first, series.taken, n, w.weights + place, ROW, out, series.lanes_stride, kind)


cdef void run_blocks(State* s, Work* w, Series* series, int64_t rows, price kind) noexcept nogil:
    """Take the rows up to number `rows`, as far as they are valid bars."""
    cdef int64_t first
    cdef int64_t n = 0
    cdef int64_t bars = 0
    cdef int64_t all_rows = series.rows
    series.rows = rows
    open_state(w, s)
    while series.taken < rows:
        if n > 0:
            next_block(w, n)
        first = series.taken
        n = read_block(s, w, series, block_bars(s.config), kind)
        if n > 0:
            run_block(s, w, n)
            bars += n
        write_block(s, w, series, first, n, kind)
        if n < block_bars(s.config):
            break
    if bars > 0:
        close_state(s, w, n, bars)
    series.rows = all_rows
