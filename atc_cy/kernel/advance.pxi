# The resumable step.

ctypedef fused price:
    float
    double


# One block as it was read.
cdef struct Block:
    int64_t row[BLOCK]          # the rows that are bars
    double close[BLOCK]
    double growth[BLOCK]


# How the caller's arrays lie in memory: bytes from one bar to the next, and from one output to the next.
cdef struct Strides:
    Py_ssize_t close
    Py_ssize_t src
    Py_ssize_t out
    Py_ssize_t out_column
    Py_ssize_t lanes
    Py_ssize_t lanes_column


cdef inline const price* at(const price* base, int64_t row, Py_ssize_t stride) noexcept nogil:
    return <const price*> (<const char*> base + row * stride)


cdef inline void write(
    price* base, int64_t row, Py_ssize_t stride, int64_t column, Py_ssize_t column_stride, double value
) noexcept nogil:
    (<price*> (<char*> base + row * stride + column * column_stride))[0] = <price> value


cdef int64_t read_block(
    State* s, Block* block, const price* close, const price* src, int64_t first, int64_t n,
    price* out, price* lanes, const Strides* strides, int64_t* bars
) noexcept nogil:
    """Read rows from number `first` until the block is full; returns the row after the last one taken.

    A row with a missing price is no bar: its outputs are NaN. A row that cannot be a bar is not taken.
    """
    cdef int64_t i
    cdef int64_t row = first
    cdef int64_t count = 0
    cdef double c, x
    cdef double* taken = source(s) + history(s)
    while row < n and count < BLOCK:
        c = at(close, row, strides.close)[0]
        x = at(src, row, strides.src)[0]
        if c != c or x != x:
            for i in range(2 * types(s) + 1):
                write(out, row, strides.out, i, strides.out_column, NAN)
            if lanes != NULL:
                for i in range(3 * LANES * types(s)):
                    write(lanes, row, strides.lanes, i, strides.lanes_column, NAN)
            row += 1
            continue
        if not 0.0 < c < INFINITY or not -INFINITY < x < INFINITY:
            break
        if s.bars + count >= s.cutout:
            block.growth[count] = next_growth(s, <double> (s.bars + count - s.cutout))
            if block.growth[count] == INFINITY:
                break
        block.row[count] = row
        block.close[count] = c
        taken[count] = x
        count += 1
        row += 1
    bars[0] = count
    return row


cdef void carry_block(
    State* s, const Block* block, int64_t n, const double* average, price* out, price* lanes, const Strides* strides
) noexcept nogil:
    """Carry the block's n bars through signals, equities and layers, and write their outputs."""
    cdef int64_t t, i, row
    cdef int64_t T = types(s)
    cdef double r, average_signal
    for t in range(n):
        average_signal = NAN
        if s.bars >= s.cutout:
            # The first bar has no return, and no signal before it that would apply one.
            r = (block.close[t] - s.close) / s.close * block.growth[t] if s.bars > 0 else 0.0
            update_equities(s, s.bars == s.cutout, r)
        update_signals(s, block.close[t], &average[t * STRIDE])
        if s.bars >= s.cutout:
            average_signal = update_layers(s)
        s.close = block.close[t]
        s.bars += 1

        row = block.row[t]
        for i in range(T):
            write(out, row, strides.out, i, strides.out_column, s.type_signal[i])
            write(out, row, strides.out, T + i, strides.out_column, s.type_equity[i])
        write(out, row, strides.out, 2 * T, strides.out_column, average_signal)
        if lanes != NULL:
            for i in range(T * LANES):
                write(lanes, row, strides.lanes, i, strides.lanes_column, average[t * STRIDE + i])
                write(lanes, row, strides.lanes, T * LANES + i, strides.lanes_column, s.signal[i])
                write(lanes, row, strides.lanes, 2 * T * LANES + i, strides.lanes_column, s.equity[i])


cdef int64_t advance(
    State* s, const price* close, const price* src, int64_t n, price* out, price* lanes, const Strides* strides
) noexcept nogil:
    """Take n more rows; returns how many were taken: fewer than n when the next one cannot be a bar.

    out: the type signals, the type equities, the average. lanes, if not NULL: the averages, signals and
    equities of all lanes.
    """
    cdef Block block
    cdef double average[BLOCK * STRIDE]
    cdef int64_t bars
    cdef int64_t row = -1
    cdef int64_t end = 0
    while row < end:
        row = end
        end = read_block(s, &block, close, src, row, n, out, lanes, strides, &bars)
        averages(s, source(s) + history(s), bars, average)
        carry_block(s, &block, bars, average, out, lanes, strides)
        memmove(source(s), source(s) + bars, history(s) * sizeof(double))
    return end
