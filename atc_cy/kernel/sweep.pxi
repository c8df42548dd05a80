# One symbol under many numbers: the averages depend on the structure alone, so they are computed once, a block at a
# time, and each config trades them while they are near.

# What a config has of its own.
cdef struct Trader:
    Account account
    double keep
    const double* growth


cdef void run_sweep(
    State* s, Work* w, Series* series, Trader* traders, int64_t count, double* averages, int64_t row
) noexcept nogil:
    """Take all rows, as far as they are valid bars; a trader's average on bar t goes to [trader * row + t]."""
    cdef const Config* c = s.config
    cdef int64_t n, i, traded
    cdef int64_t at = 0
    cdef int64_t begin = 0
    cdef bint weighed
    cdef Trader* own
    open_state(w, s)
    w.whole = False             # the averages of all bars are kept, not what each config makes of them
    while series.taken < series.rows:
        n = read_block(s, w, series, block_bars(c), <double> 0)
        if n == 0:
            return
        begin_block(s, w, n)
        for at in range(0, n, 8):
            begin_square(s, w, at, smaller(8, n - at), w.m + at * ROW)
            end_square(s, w, at, smaller(8, n - at), w.m + at * ROW)
        for i in range(count):
            own = traders + i
            traded = bars_below(c.cutout, s.bars, n)
            memcpy(w.growth + traded, own.growth + s.bars + traded - c.cutout, (n - traded) * sizeof(double))
            weigh_returns(s, w, n, w.growth, own.keep)
            for at in range(0, n + 8, 8):
                weighed = trade_square(c, &own.account, w, at, n, w.m + at * ROW, w.votes, w.weights)
                if at < n:
                    signals_of_square(s, w, at, smaller(8, n - at), w.votes, w.weights if weighed else NULL)
            layer_2(c, &own.account, traded, n, w.signals, w.equities, w.average, block_bars(c))
            memcpy(averages + i * row + begin, w.average, n * sizeof(double))
        s.bars += n
        begin += n
        next_block(w, n)


def averages(Symbol symbol not None, close, src, growths, which, numbers, out):
    cdef Buffers buffers
    cdef Series series
    cdef Work work
    cdef double* memory = NULL
    cdef Trader* traders = NULL
    cdef Py_buffer* view
    cdef const Config* c = symbol.shared
    cdef int64_t T = types(c)
    cdef int64_t i, j, count, kinds
    cdef const int64_t* kind
    cdef const double* number
    cdef const double* growth
    cdef double* to
    cdef double weight[8]
    buffers.count = 0
    symbol.hold()
    try:
        if symbol.state().bars > 0 or c.rate != 0.0:
            raise ValueError("the symbol must be new, and its La 0")
        memset(&series, 0, sizeof(series))
        view = take_contiguous(&buffers, "close", close, -1, False, 0)
        series.close, series.rows, series.close_stride = <const char*> view.buf, view.len // 8, sizeof(double)
        series.src = <const char*> take_contiguous(&buffers, "src", src, series.rows, False, 0).buf
        series.src_stride = sizeof(double)
        view = take_contiguous(&buffers, "growths", growths, -1, False, 0)
        growth, kinds = <const double*> view.buf, view.len // (8 * larger(series.rows, 1))
        if view.len != 8 * kinds * series.rows:
            raise ValueError("growths must have rows as long as close")
        view = take_contiguous(&buffers, "which", which, -1, True, 0)
        kind, count = <const int64_t*> view.buf, view.len // 8
        number = <const double*> take_contiguous(&buffers, "numbers", numbers, count * (1 + T), False, 0).buf
        to = <double*> take_contiguous(&buffers, "out", out, count * series.rows, False, PyBUF_WRITABLE).buf
        memory = make_work(&work, c, True)
        traders = <Trader*> calloc(larger(count, 1), sizeof(Trader))
        if traders == NULL:
            raise MemoryError()
        for i in range(count):
            if not 0 <= kind[i] < kinds:
                raise ValueError(f"which[{i}]={kind[i]} is out of range")
            memset(weight, 0, sizeof(weight))
            for j in range(T):
                weight[j] = number[i * (1 + T) + 1 + j]
            clear_account(&traders[i].account, c, weight)
            traders[i].keep = 1.0 - number[i * (1 + T)] / 100.0
            traders[i].growth = growth + kind[i] * series.rows
        with nogil:
            run_sweep(symbol.state(), &work, &series, traders, count, to, series.rows)
        return series.taken
    finally:
        symbol.busy = False
        free(traders)
        free(memory)
        release(&buffers)
