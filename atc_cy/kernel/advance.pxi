# The resumable step.

cdef extern from *:
    void PREFETCH "__builtin_prefetch"(const void* at) noexcept nogil

DEF SCRATCH = max(64 * STRIDE, BLOCK_VALUES * 2 * LANES)
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
    bint spoilt                 # the next one cannot be a bar


# One block as it was read. A symbol that has no more rows repeats its last price, unheard.
cdef struct Block:
    double close[BLOCK_VALUES]
    double r[BLOCK_VALUES]              # the return times its growth
    int64_t row[BLOCK_VALUES]           # symbol w, bar t at [w * block_bars + t]
    int64_t bars[WIDTH]                 # of each symbol
    int64_t first[WIDTH]                # the first row that this block took


cdef inline price load(const char* base, int64_t row, Py_ssize_t stride, price kind) noexcept nogil:
    return (<const price*> (base + row * stride))[0]


cdef inline void store(
    char* base, int64_t row, Py_ssize_t stride, int64_t column, Py_ssize_t column_stride, double value, price kind
) noexcept nogil:
    (<price*> (base + row * stride + column * column_stride))[0] = <price> value


cdef inline int64_t read_block(State* s, Row* rows, Feed* feeds, Block* block, price kind) noexcept nogil:
    """Read each symbol's next bars; returns the most that any has.

    A row with a missing price is no bar. A row that cannot be a bar is not taken.
    """
    cdef int64_t t, w, row
    cdef int64_t most = 0
    cdef double c, x
    cdef bint tame = True
    cdef double growth[BLOCK_VALUES]
    cdef Feed* feed
    cdef int64_t* bar
    cdef Row* source = rows + SOURCE + history(s)
    cdef Row* close = <Row*> block.close
    cdef Row* r = <Row*> block.r
    for w in range(width(rows)):
        feed = feeds + w
        bar = &block.row[w * block_bars(rows)]
        t = 0
        row = feed.taken
        block.first[w] = row
        while t < block_bars(rows) and row < feed.rows:
            c = load(feed.close, row, feed.close_stride, kind)
            x = load(feed.src, row, feed.src_stride, kind)
            if not (0.0 < c < INFINITY and -INFINITY < x < INFINITY):
                if c != c or x != x:
                    row += 1
                    continue
                feed.spoilt = True
                break
            if t == most:
                growth[t] = 0.0
                if s.bars + t >= s.cutout:
                    growth[t] = next_growth(s, <double> (s.bars + t - s.cutout))
                if growth[t] == INFINITY:
                    feed.spoilt = True
                    break
                most += 1
            tame &= (TAME_LOW < magnitude(x) < TAME_HIGH) | (x == 0.0)
            close[t].of[w] = c
            source[t].of[w] = x
            bar[t] = row
            t += 1
            row += 1
        feed.taken = row
        block.bars[w] = t
    s.tame &= tame

    for w in range(width(rows)):
        for t in range(block.bars[w], most):
            close[t].of[w] = 1.0
            source[t].of[w] = 1.0
    for t in range(most):
        for w in range(width(rows)):
            # The first bar has no return, and no signal before it that would apply one.
            c = close[t - 1].of[w] if t > 0 else rows[CLOSE].of[w]
            r[t].of[w] = (close[t].of[w] - c) / c * growth[t] if s.bars + t > 0 else 0.0
    if most > 0:
        copy(&rows[CLOSE], &close[most - 1])
    return most


cdef inline void write_block(
    const State* s, const Row* rows, const Feed* feeds, const Block* block, const Row* results,
    const Row* m, const Row* recorded, price kind
) noexcept nogil:
    """Write what the block gave, first NaN where there are rows that are no bars."""
    cdef int64_t i, w, t, row
    cdef int64_t B = block_bars(rows)
    cdef int64_t T = types(s)
    cdef int64_t count = T * LANES
    cdef const Feed* feed
    cdef const int64_t* bar
    for w in range(width(rows)):
        feed = &feeds[w]
        bar = &block.row[w * B]
        if feed.taken - block.first[w] > block.bars[w]:
            for row in range(block.first[w], feed.taken):
                for i in range(2 * T + 1):
                    if s.output[i] >= 0 and feed.out_stride != 0:
                        store(feed.out, row, feed.out_stride, s.output[i], feed.out_column, NAN, kind)
                for i in range(3 * count if feed.lanes != NULL else 0):
                    store(feed.lanes, row, feed.lanes_stride, i, feed.lanes_column, NAN, kind)
        for i in range(2 * T + 1):
            if s.output[i] >= 0 and feed.out_stride == sizeof(price) and feed.taken - block.first[w] == block.bars[w]:
                for t in range(block.bars[w]):
                    (<price*> (feed.out + s.output[i] * feed.out_column))[block.first[w] + t] = <price> results[i * B + t].of[w]
            elif s.output[i] >= 0:
                for t in range(block.bars[w]):
                    store(
                        feed.out, bar[t], feed.out_stride, s.output[i], feed.out_column,
                        results[i * B + t].of[w], kind
                    )
        for t in range(block.bars[w] if feed.lanes != NULL else 0):
            for i in range(count):
                store(feed.lanes, bar[t], feed.lanes_stride, i, feed.lanes_column, m[t * count + i].of[w], kind)
            for i in range(2 * count):
                store(
                    feed.lanes, bar[t], feed.lanes_stride, count + i, feed.lanes_column,
                    recorded[2 * t * count + i].of[w], kind
                )


cdef inline void fetch(const State* s, const Row* rows, const Feed* feeds, const Block* block, int64_t output) noexcept nogil:
    """Ask for the memory that the block's values of this output go to, while they are being computed."""
    cdef int64_t w
    cdef const char* at
    if s.output[output] >= 0:
        for w in range(width(rows)):
            at = feeds[w].out + s.output[output] * feeds[w].out_column + block.first[w] * feeds[w].out_stride
            PREFETCH(at)
            PREFETCH(at + 64)
            PREFETCH(at + 128)


cdef inline void carry_block(
    State* s, Row* rows, const Feed* feeds, const Block* block, int64_t n, Row* results, Row* m, Row* recorded, bint tame
) noexcept nogil:
    """Carry the block's n bars through the law.

    results: type signals, type equities, average, block_bars each. m: scratch for the averages; of one symbol, those
    of all types, [t * lanes + lane]. Many symbols take one type after the other, so that its averages stay near.
    """
    cdef int64_t i, j
    cdef int64_t T = types(s)
    cdef int64_t B = block_bars(rows)
    cdef double weights[TYPES * BLOCK_VALUES]
    cdef Row* weight = <Row*> weights
    cdef const Row* close = <const Row*> block.close
    cdef const Row* r = <const Row*> block.r
    cdef Row* lsma = NULL
    for i in range(6):
        j = column(s, i)
        if j < 0 or (SHARED_WINDOWS and i == LSMA):
            continue
        if Row is One:
            if SHARED_WINDOWS and i == WMA:
                lsma = m + column(s, LSMA) * LANES
            average(s, rows, i, n, m + j * LANES, lsma, T * LANES, tame)
        else:
            if SHARED_WINDOWS and i == WMA:
                lsma = m + B * LANES
            fetch(s, rows, feeds, block, j)
            fetch(s, rows, feeds, block, T + j)
            average(s, rows, i, n, m, lsma, LANES, tame)
            lanes(s, rows, j, 1, n, close, r, m, results + j * B, weight + j * B, NULL)
            if SHARED_WINDOWS and i == WMA:
                j = column(s, LSMA)
                fetch(s, rows, feeds, block, j)
                fetch(s, rows, feeds, block, T + j)
                lanes(s, rows, j, 1, n, close, r, lsma, results + j * B, weight + j * B, NULL)
    if Row is One:
        lanes(s, rows, 0, T, n, close, r, m, results, weight, recorded)
    layers(s, rows, n, r, results, weight, results + T * B, results + 2 * T * B)
    s.bars += n
    memmove(rows + SOURCE, rows + SOURCE + n, history(s) * sizeof(Row))


cdef bint advance(
    State* s, Row* rows, Feed* feeds, int64_t bars, double* recorded, price kind
) noexcept nogil:
    """Take the rows of each symbol, as far as they can be bars, until about `bars` are done; whether that was all."""
    cdef Block block
    cdef double results[(2 * TYPES + 1) * BLOCK_VALUES]
    cdef double m[SCRATCH]
    cdef int64_t n = block_bars(rows)
    while n == block_bars(rows) and bars > 0:       # a block that is not full is the last one
        n = read_block(s, rows, feeds, &block, kind)
        if n > 0 and s.tame:
            carry_block(s, rows, feeds, &block, n, <Row*> results, <Row*> m, <Row*> recorded, True)
        elif n > 0:
            carry_block(s, rows, feeds, &block, n, <Row*> results, <Row*> m, <Row*> recorded, False)
        write_block(s, rows, feeds, &block, <const Row*> results, <const Row*> m, <const Row*> recorded, kind)
        bars -= n
    return n < block_bars(rows)
