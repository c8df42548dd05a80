# The resumable step.

cdef extern from *:
    """
    #include <stddef.h>
    #ifdef __AVX__
    #define TURNS 1
    typedef double four __attribute__((vector_size(32), aligned(8), may_alias));
    typedef long long four_places __attribute__((vector_size(32)));

    /* Columns of a 4 x 4 square become rows: of many symbols' bars, each symbol's bars. */
    static inline void turn(const double *from, ptrdiff_t step, char *w, char *x, char *y, char *z) {
        const four a = *(const four *) from, b = *(const four *) (from + step);
        const four c = *(const four *) (from + 2 * step), d = *(const four *) (from + 3 * step);
        const four_places even = {0, 4, 2, 6}, odd = {1, 5, 3, 7}, low = {0, 1, 4, 5}, high = {2, 3, 6, 7};
        const four ab_even = __builtin_shuffle(a, b, even), ab_odd = __builtin_shuffle(a, b, odd);
        const four cd_even = __builtin_shuffle(c, d, even), cd_odd = __builtin_shuffle(c, d, odd);
        *(four *) w = __builtin_shuffle(ab_even, cd_even, low);
        *(four *) x = __builtin_shuffle(ab_odd, cd_odd, low);
        *(four *) y = __builtin_shuffle(ab_even, cd_even, high);
        *(four *) z = __builtin_shuffle(ab_odd, cd_odd, high);
    }
    #else
    #define TURNS 0
    static inline void turn(const double *from, ptrdiff_t step, char *w, char *x, char *y, char *z) {
        (void) from; (void) step; (void) w; (void) x; (void) y; (void) z;
    }
    #endif
    """
    void PREFETCH "__builtin_prefetch"(const void* at) noexcept nogil
    const bint TURNS
    void turn(const double* start, Py_ssize_t step, char* w, char* x, char* y, char* z) noexcept nogil

# In vectors: a block's numbers of one kind; all results; the averages.
DEF BLOCK = BLOCK_VALUES // SYMBOLS
DEF RESULTS = (2 * TYPES + 1) * BLOCK
DEF LANE_SUMS = TYPES * BLOCK
DEF AVERAGES = max(BARS_OF_ONE * STRIDE // SYMBOLS + 1, BARS_OF_MANY * 2 * LANES)
DEF TAME_LOW = 2.0 ** -500      # see `divide`
DEF TAME_HIGH = 2.0 ** 500

ctypedef fused price:
    float
    double


# One symbol's rows, and where its outputs go. Strides are in bytes.
cdef struct Feed:
    const char* close
    const char* src
    Py_ssize_t close_stride
    Py_ssize_t src_stride
    char* out                   # NULL: no output
    Py_ssize_t out_stride       # 0: every bar overwrites the one before, so that the last one stays
    Py_ssize_t out_column
    char* lanes                 # NULL: not wanted
    Py_ssize_t lanes_stride
    Py_ssize_t lanes_column
    int64_t rows                # how many there are
    int64_t taken               # how many were taken


# One block as it was read. A symbol that has no more rows goes on at a price of 1, unheard.
cdef struct Block:
    Many close[BLOCK]
    Many r[BLOCK]                       # the return times its growth
    int64_t row[BLOCK_VALUES]           # symbol w, bar t at [w * block_bars + t]
    int64_t bars[SYMBOLS]               # of each symbol
    int64_t first[SYMBOLS]              # the first row that this block took


cdef inline price load(const char* base, int64_t row, Py_ssize_t stride, price kind) noexcept nogil:
    return (<const price*> (base + row * stride))[0]


cdef inline void store(
    char* base, int64_t row, Py_ssize_t stride, double value, price kind
) noexcept nogil:
    (<price*> (base + row * stride))[0] = <price> value


cdef inline int64_t read_block(
    State* s, Row* rows, Feed* feeds, Block* block, int64_t room, price kind
) noexcept nogil:
    """Read each symbol's next bars, at most `room`; returns the most that any has.

    A row with a missing price is no bar. A row that cannot be a bar is not taken.
    """
    cdef int64_t t, w, row
    cdef int64_t most = 0
    cdef double c, x
    cdef bint tame = True
    cdef double growth[BLOCK_VALUES]
    cdef Row before
    cdef Feed* feed
    cdef int64_t* bar
    cdef Row* source = rows + SOURCE + history(s) + s.offset
    cdef Row* close = <Row*> block.close
    cdef Row* r = <Row*> block.r
    for w in range(width(rows)):
        feed = feeds + w
        bar = &block.row[w * block_bars(rows)]
        t = 0
        row = feed.taken
        block.first[w] = row
        while t < room and row < feed.rows:
            c = load(feed.close, row, feed.close_stride, kind)
            x = load(feed.src, row, feed.src_stride, kind)
            if not (0.0 < c < INFINITY and -INFINITY < x < INFINITY):
                if c != c or x != x:
                    row += 1
                    continue
                break
            if t == most:
                growth[t] = 0.0
                if s.bars + t >= s.cutout:
                    growth[t] = next_growth(s, <double> (s.bars + t - s.cutout))
                if growth[t] == INFINITY:
                    break
                most += 1
            tame &= (TAME_LOW < magnitude(x) < TAME_HIGH) | (x == 0.0)
            of(close + t, w)[0] = c
            of(source + t, w)[0] = x
            bar[t] = row
            t += 1
            row += 1
        feed.taken = row
        block.bars[w] = t
        if Row is Many:         # ask for the next block's prices while this one is computed
            for t in range(0, BARS_OF_MANY + 8, 8):
                PREFETCH(feed.close + row * feed.close_stride + t * sizeof(double))
    s.tame &= tame

    for w in range(width(rows)):
        for t in range(block.bars[w], most):
            of(close + t, w)[0] = 1.0
            of(source + t, w)[0] = 1.0
    for t in range(most):
        before = close[t - 1] if t > 0 else rows[CLOSE]
        r[t] = (close[t] - before) / before * growth[t]
    if s.bars == 0 and most > 0:    # the first bar has no return, and no signal before it that would apply one
        r[0] = every(0.0, rows)
    if most > 0:
        rows[CLOSE] = close[most - 1]
    return most


cdef inline void write_column(
    const Feed* feed, const Block* block, int64_t w, const int64_t* bar, char* out, Py_ssize_t stride,
    const Row* values, int64_t step, price kind
) noexcept nogil:
    """Write one symbol's values of one kind, `step` rows apart; NaN where a row is no bar."""
    cdef int64_t t = 0
    cdef int64_t row
    if stride == 0:
        if block.bars[w] > 0:
            store(out, 0, 0, of(values + (block.bars[w] - 1) * step, w)[0], kind)
        return
    if feed.taken - block.first[w] == block.bars[w] and stride == sizeof(price):
        out += block.first[w] * stride
        for t in range(block.bars[w]):
            (<price*> out)[t] = <price> of(values + t * step, w)[0]
        return
    for row in range(block.first[w], feed.taken):
        if t < block.bars[w] and bar[t] == row:
            store(out, row, stride, of(values + t * step, w)[0], kind)
            t += 1
        else:
            store(out, row, stride, NAN, kind)


cdef inline void write_block(
    const State* s, const Row* rows, const Feed* feeds, const Block* block, const Row* results,
    const Row* m, const Row* recorded, price kind
) noexcept nogil:
    """Write what the block gave."""
    cdef int64_t i, w
    cdef int64_t B = block_bars(rows)
    cdef int64_t count = types(s) * LANES
    cdef const Feed* feed
    cdef const int64_t* bar
    cdef int64_t t
    cdef Py_ssize_t offset
    cdef bint plain = Row is Many and price is double and TURNS
    cdef char* to[4]
    for w in range(width(rows)):
        feed = &feeds[w]
        plain &= feed.out != NULL and feed.out_stride == sizeof(price) and feed.taken - block.first[w] == B
    for i in range(2 * types(s) + 1):
        if s.output[i] < 0:
            continue
        if plain:
            for w in range(0, SYMBOLS, 4):
                for t in range(4):
                    feed = &feeds[w + t]
                    to[t] = feed.out + s.output[i] * feed.out_column + block.first[w + t] * feed.out_stride
                for t in range(0, BARS_OF_MANY, 4):
                    offset = t * sizeof(price)
                    turn(
                        of(results + i * B + t, w), SYMBOLS,
                        to[0] + offset, to[1] + offset, to[2] + offset, to[3] + offset
                    )
            continue
        for w in range(width(rows)):
            feed = &feeds[w]
            if feed.out != NULL:
                write_column(
                    feed, block, w, &block.row[w * B], feed.out + s.output[i] * feed.out_column,
                    feed.out_stride, results + i * B, 1, kind
                )
    for w in range(width(rows)):
        feed = &feeds[w]
        bar = &block.row[w * B]
        for i in range(count if feed.lanes != NULL else 0):
            write_column(
                feed, block, w, bar, feed.lanes + i * feed.lanes_column, feed.lanes_stride, m + i, count, kind
            )
        for i in range(2 * count if feed.lanes != NULL else 0):
            write_column(
                feed, block, w, bar, feed.lanes + (count + i) * feed.lanes_column, feed.lanes_stride,
                recorded + i, 2 * count, kind
            )


cdef inline void carry_block(
    State* s, Row* rows, const Feed* feeds, const Block* block, int64_t n, Row* results, Row* m, Row* recorded, Src src
) noexcept nogil:
    """Carry the block's n bars through the law.

    results: type signals, type equities, average, block_bars each. m: scratch for the averages; of one symbol, those
    of all types, [t * lanes + lane]. Many symbols take one type after the other, so that its averages stay near.
    """
    cdef int64_t i, j
    cdef int64_t T = types(s)
    cdef int64_t B = block_bars(rows)
    cdef Many weights[LANE_SUMS]
    cdef Row* weight = <Row*> weights
    cdef const Row* close = <const Row*> block.close
    cdef const Row* r = <const Row*> block.r
    cdef Row* own
    cdef Row* lsma = m + (column(s, LSMA) if Row is double else B) * LANES
    for i in range(6):
        j = column(s, i)
        if j < 0:
            continue
        own = m + j * LANES if Row is double else (lsma if i == LSMA else m)
        average(s, rows, i, n, own, lsma, T * LANES if Row is double else LANES, src)
        if Row is Many:
            lanes(s, rows, j, 1, n, close, r, own, results + j * B, weight + j * B, NULL)
    if Row is double:
        lanes(s, rows, 0, T, n, close, r, m, results, weight, recorded)
    layers(s, rows, n, r, results, weight, results + T * B, results + 2 * T * B)
    s.bars += n
    s.offset += n


cdef bint advance(
    State* s, Row* rows, Feed* feeds, int64_t bars, double* recorded, price kind
) noexcept nogil:
    """Take the rows of each symbol, as far as they can be bars, until about `bars` are done; whether that was all."""
    cdef Block block
    cdef Many results[RESULTS]
    cdef Many m[AVERAGES]
    cdef int64_t room, n
    while bars > 0:
        if s.offset == block_bars(rows):
            make_room(s, rows)
        room = block_bars(rows) - s.offset
        n = read_block(s, rows, feeds, &block, room, kind)
        if n > 0 and s.tame:
            carry_block(s, rows, feeds, &block, n, <Row*> results, <Row*> m, <Row*> recorded, TAME)
        elif n > 0:
            part_lanes(s, rows)
            carry_block(s, rows, feeds, &block, n, <Row*> results, <Row*> m, <Row*> recorded, WILD)
        write_block(s, rows, feeds, &block, <const Row*> results, <const Row*> m, <const Row*> recorded, kind)
        bars -= n
        if n < room:        # a block that is not full is the last one
            return True
    return False
