# The only part that Python sees: the constants of this kernel, and symbols on their way through it.

from cpython.buffer cimport (
    PyBUF_C_CONTIGUOUS, PyBUF_FORMAT, PyBUF_STRIDES, PyBUF_WRITABLE, PyBuffer_Release, PyObject_GetBuffer,
)
from libc.stdlib cimport calloc, free

cdef extern from "<stdlib.h>" nogil:
    void* aligned_alloc(size_t alignment, size_t size)

__all__ = ["CPU_LEVEL", "PRESET", "SOURCE_HASH", "STRUCTURE", "VERSION", "PANEL_WIDTH", "Panel", "Symbol", "averages",
           "growth", "trade_averages", "update_panels"]

PANEL_WIDTH = SYMBOLS
cdef str OTHER_STRUCTURE = f"the kernel of preset {PRESET!r} was compiled for another structure"
cdef tuple ORDER = ("EMA", "HMA", "WMA", "DEMA", "LSMA", "KAMA")


cdef class Run:
    """The state of one symbol or of many."""

    cdef void* rows
    cdef bytes constants        # `Constants` of each type, shared with all copies
    cdef bint busy
    cdef State state

    def __cinit__(
        self, tuple moving_averages=None, tuple lane_lengths=None, tuple weights=None, double La=0.0, double De=0.0,
        int64_t cutout=0, bint strategy_mode=False
    ):
        if moving_averages is None:     # to be filled by `copy`
            return
        cdef State* s = &self.state
        cdef Constants of_type[TYPES]
        cdef int64_t i, lane, length, moving_average
        cdef int64_t count = len(moving_averages)
        if count == 0 or len(lane_lengths) != count or len(weights) != count:
            raise ValueError("moving_averages, lane_lengths and weights must have one entry a type")
        if count > TYPES:
            raise ValueError(OTHER_STRUCTURE)
        for i in range(6):
            s.column[i] = -1
        s.types = count
        for i in range(count):
            moving_average = ORDER.index(moving_averages[i])
            s.column[moving_average] = i
            for lane in range(LANES):
                length = lane_lengths[i][lane]
                s.length[i * LANES + lane] = length
                s.history = max(s.history, length)
                if moving_average in (WMA, LSMA):
                    s.window = max(s.window, length)
                else:
                    s.ring[moving_average] = max(s.ring[moving_average], length)
        if not fits(s):
            raise ValueError(OTHER_STRUCTURE)
        s.rate = La / 1000.0
        s.keep = 1.0 - De / 100.0
        s.cutout = cutout
        s.late = strategy_mode
        for i in range(count):
            s.weight[i] = weights[i]
            set_constants(lengths(s, i), &of_type[i])
        self.constants = (<char*> of_type)[:sizeof(of_type)]
        s.constants = <const Constants*> <char*> self.constants
        for i in range(2 * count + 1):
            s.output[i] = i
        self.make_rows()
        self.start()

    def __dealloc__(self):
        free(self.rows)

    @property
    def bars(self):
        return self.state.bars

    cdef size_t size(self) noexcept:
        """Of the state proper, in bytes; whole cache lines."""
        if isinstance(self, Panel):
            return (state_rows[Many](&self.state, NULL) * sizeof(Many) + 63) // 64 * 64
        return (state_rows[double](&self.state, NULL) * sizeof(double) + 63) // 64 * 64

    cdef int make_rows(self) except -1:
        self.rows = aligned_alloc(64, self.size())
        if self.rows == NULL:
            raise MemoryError()
        return 0

    cdef int become(self, Run other) except -1:
        """Take over the state of another one of the same size."""
        if type(self) is not type(other) or self.size() != other.size() or not fits_as(&self.state, &other.state):
            raise ValueError("the other one has another structure")
        self.hold()
        try:
            other.hold()
            self.state = other.state
            self.constants = other.constants
            memcpy(self.rows, other.rows, self.size())
            other.busy = False
        finally:
            self.busy = False
        return 0

    cdef int start(self) except -1:
        """Go back to before the first bar."""
        cdef State* s = &self.state
        s.bars = s.offset = 0
        s.tame = True
        memset(s.crossed, 0, sizeof(s.crossed))
        start_growth(s)
        memset(self.rows, 0, self.size())
        if isinstance(self, Panel):
            clear[Many](s, <Many*> self.rows)
        else:
            clear[double](s, <double*> self.rows)
        return 0

    def copy(self):
        cdef Run other = type(self).__new__(type(self))
        self.hold()
        try:
            other.state = self.state
            other.constants = self.constants
            other.make_rows()
            memcpy(other.rows, self.rows, self.size())
        finally:
            self.busy = False
        return other

    cdef int hold(self) except -1:
        if self.rows == NULL:
            raise TypeError(f"{type(self).__name__} needs its arguments")
        if self.busy:
            raise RuntimeError("another thread is advancing this state")
        self.busy = True
        return 0


cdef class Symbol(Run):
    cdef double last[2 * TYPES + 1]     # what the last bar of `update` gave

    def __cinit__(self, *_):
        self.forget()

    cdef void forget(self) noexcept:
        cdef int64_t i
        for i in range(2 * TYPES + 1):
            self.last[i] = NAN

    def copy(self):
        cdef Symbol other = <Symbol> Run.copy(self)
        memcpy(other.last, self.last, sizeof(self.last))
        return other

    def advance(self, close, src, out, lanes=None):
        cdef Feed feed
        cdef Py_buffer views[4]
        cdef int held = 0
        cdef char kind
        cdef double* recorded = NULL
        self.hold()
        try:
            kind = open_feed(&self.state, &feed, views, &held, close, src, out, lanes, 0)
            if lanes is not None:
                recorded = <double*> calloc(BARS_OF_ONE * 2 * STRIDE, sizeof(double))
                if recorded == NULL:
                    raise MemoryError()
            with nogil:
                if kind == b'd':
                    advance[double, double](&self.state, <double*> self.rows, &feed, feed.rows + 1, recorded, 0)
                else:
                    advance[double, float](&self.state, <double*> self.rows, &feed, feed.rows + 1, recorded, 0)
            return feed.taken
        finally:
            self.busy = False
            free(recorded)
            close_feeds(views, held)

    def update(self, double close, double src):
        cdef Feed feed
        memset(&feed, 0, sizeof(feed))
        feed.close, feed.src, feed.rows = <char*> &close, <char*> &src, 1
        feed.out, feed.out_column = <char*> self.last, sizeof(double)
        self.hold()
        advance[double, double](&self.state, <double*> self.rows, &feed, 1, NULL, 0)
        self.busy = False
        if close != close or src != src:
            return NAN
        return self.last[2 * types(&self.state)] if feed.taken else None

    @property
    def values(self):
        cdef int64_t i
        return tuple([self.last[i] for i in range(2 * types(&self.state) + 1)])

    def assign(self, Symbol other not None):
        self.become(other)
        memcpy(self.last, other.last, sizeof(self.last))

    def record(self):
        self.hold()
        self.busy = False
        part_lanes[double](&self.state, <double*> self.rows)
        return write_record[double](&self.state, <double*> self.rows, 0)

    def restore(self, bytes record not None):
        self.hold()
        try:
            self.start()
            self.forget()
            read_record[double](&self.state, <double*> self.rows, 0, record)
        finally:
            self.busy = False


cdef class Panel(Run):
    cdef int64_t taken[SYMBOLS]
    cdef readonly bint finished

    def copy(self):
        cdef Panel other = <Panel> Run.copy(self)
        memcpy(other.taken, self.taken, sizeof(self.taken))
        other.finished = self.finished
        return other

    def advance(self, tuple closes, tuple srcs, tuple outs, tuple outputs, int64_t bars):
        cdef Feed feeds[SYMBOLS]
        cdef Py_buffer views[3 * SYMBOLS]
        cdef int held = 0
        cdef int64_t w
        cdef char kind = 0
        cdef char own
        if not 0 < len(closes) <= SYMBOLS or len(srcs) != len(closes) or len(outs) != len(closes):
            raise ValueError(f"closes, srcs and outs must be of one length, at most {SYMBOLS}")
        if len(outputs) != 2 * types(&self.state) + 1:
            raise ValueError(f"outputs must have {2 * types(&self.state) + 1} places")
        self.hold()
        try:
            for w in range(2 * types(&self.state) + 1):
                self.state.output[w] = outputs[w]
            memset(feeds, 0, sizeof(feeds))
            for w in range(<int64_t> len(closes)):
                own = open_feed(
                    &self.state, &feeds[w], views, &held, closes[w], srcs[w], outs[w], None,
                    max(outputs) + 1
                )
                if kind != 0 and own != kind:
                    raise TypeError("all symbols must be float64, or all float32")
                kind = own
                feeds[w].taken = self.taken[w]
            for w in range(<int64_t> len(closes), SYMBOLS):   # places left over follow the first symbol, unheard
                feeds[w] = feeds[0]
                feeds[w].out = NULL
            with nogil:
                if kind == b'd':
                    self.finished = advance[Many, double](&self.state, <Many*> self.rows, feeds, bars, NULL, 0)
                else:
                    self.finished = advance[Many, float](&self.state, <Many*> self.rows, feeds, bars, NULL, 0)
            for w in range(<int64_t> len(closes)):
                self.taken[w] = feeds[w].taken
            return tuple([feeds[w].taken for w in range(<int64_t> len(closes))])
        finally:
            self.busy = False
            close_feeds(views, held)

    def assign(self, Panel other not None):
        self.become(other)

    def set_numbers(self, int64_t place, double De, tuple weights not None):
        cdef Many* rows = <Many*> self.rows
        cdef int64_t i
        if not 0 <= place < SYMBOLS:
            raise ValueError(f"place={place} is out of range")
        if len(weights) != types(&self.state):
            raise ValueError("weights must have one entry a type")
        self.hold()
        of(rows + KEEP, place)[0] = 1.0 - De / 100.0
        for i in range(types(&self.state)):
            of(rows + WEIGHTS + i, place)[0] = weights[i]
        self.busy = False

    def record(self, int64_t place):
        if not 0 <= place < SYMBOLS:
            raise ValueError(f"place={place} is out of range")
        self.hold()
        self.busy = False
        part_lanes[Many](&self.state, <Many*> self.rows)
        return write_record[Many](&self.state, <Many*> self.rows, place)

    def restore(self, tuple records not None):
        cdef int64_t w
        if not 0 < len(records) <= SYMBOLS or len({record[:8] for record in records}) > 1:
            raise ValueError(f"records must be at most {SYMBOLS}, of equally many bars")
        self.hold()
        try:
            self.start()
            for w in range(SYMBOLS):
                read_record[Many](
                    &self.state, <Many*> self.rows, w, records[w if w < <int64_t> len(records) else 0]
                )
        finally:
            self.busy = False


def update_panels(tuple panels not None, closes, srcs, out):
    cdef Py_buffer views[3]
    cdef int held = 0
    cdef int64_t count = len(panels)
    cdef int64_t columns, i, w, bars, busy = 0
    cdef Feed feeds[SYMBOLS]
    cdef Panel panel
    cdef void** all_panels = <void**> calloc(max(count, 1), sizeof(void*))
    if all_panels == NULL:
        raise MemoryError()
    try:
        for i in range(count):
            panel = panels[i]
            if not fits_as(&panel.state, &(<Panel> panels[0]).state):
                raise ValueError("the panels must have one structure")
            panel.hold()
            all_panels[i] = <void*> panel
            busy += 1
        columns = 2 * types(&panel.state) + 1 if count else 0
        for i, (name, buffer) in enumerate((("closes", closes), ("srcs", srcs), ("out", out))):
            PyObject_GetBuffer(buffer, &views[i], PyBUF_C_CONTIGUOUS | PyBUF_FORMAT | (PyBUF_WRITABLE if i == 2 else 0))
            held += 1
            bars = views[0].len // max(1, count * SYMBOLS * 8)
            if views[i].format[0] != b'd' or views[i].len != count * SYMBOLS * 8 * (columns if i == 2 else bars):
                raise ValueError(f"{name} must be C-contiguous, float64, with rows of {SYMBOLS}: see update_panels")
        with nogil:
            for i in range(count):
                memset(feeds, 0, sizeof(feeds))
                for w in range(SYMBOLS):
                    feeds[w].close = <const char*> views[0].buf + (i * bars * SYMBOLS + w) * sizeof(double)
                    feeds[w].src = <const char*> views[1].buf + (i * bars * SYMBOLS + w) * sizeof(double)
                    feeds[w].close_stride = feeds[w].src_stride = SYMBOLS * sizeof(double)
                    feeds[w].out = <char*> views[2].buf + (i * SYMBOLS + w) * sizeof(double)
                    feeds[w].out_column = count * SYMBOLS * sizeof(double)
                    feeds[w].rows = bars
                if i + 1 < count:
                    ask_for(&(<Panel> all_panels[i + 1]).state, <Many*> (<Panel> all_panels[i + 1]).rows)
                advance[Many, double](
                    &(<Panel> all_panels[i]).state, <Many*> (<Panel> all_panels[i]).rows, feeds, bars, NULL, 0
                )
    finally:
        for i in range(busy):
            (<Panel> all_panels[i]).busy = False
        free(all_panels)
        close_feeds(views, held)


def averages(Symbol symbol not None, tuple panels not None, close, src, growths, which, out):
    cdef Feed feed
    cdef Py_buffer views[6]
    cdef int held = 0
    cdef int64_t count = len(panels)
    cdef int64_t i, kinds, busy = 0
    cdef Panel panel
    cdef State** states = <State**> calloc(max(count, 1), sizeof(void*))
    cdef Many** all_rows = <Many**> calloc(max(count, 1), sizeof(void*))
    symbol.hold()
    try:
        if states == NULL or all_rows == NULL:
            raise MemoryError()
        for i in range(count):
            panel = panels[i]
            if not fits_as(&panel.state, &symbol.state) or panel.state.bars > 0 or panel.state.cutout != symbol.state.cutout:
                raise ValueError("the panels must be new, and have the symbol's structure and cutout")
            panel.hold()
            states[i], all_rows[i] = &panel.state, <Many*> panel.rows
            busy += 1
        if symbol.state.bars > 0 or symbol.state.rate != 0.0:
            raise ValueError("the symbol must be new, and its La 0")
        memset(&feed, 0, sizeof(feed))
        for i, (name, buffer) in enumerate((("close", close), ("src", src), ("growths", growths), ("out", out))):
            PyObject_GetBuffer(
                buffer, &views[held], PyBUF_C_CONTIGUOUS | PyBUF_FORMAT | (PyBUF_WRITABLE if i == 3 else 0)
            )
            held += 1
            if views[i].format[0] != b'd':
                raise TypeError(f"{name} must be float64")
        PyObject_GetBuffer(which, &views[held], PyBUF_C_CONTIGUOUS)
        held += 1
        feed.close, feed.src, feed.rows = <const char*> views[0].buf, <const char*> views[1].buf, views[0].len // 8
        feed.close_stride = feed.src_stride = sizeof(double)
        kinds = views[2].len // (8 * max(feed.rows, 1))
        if views[1].len != views[0].len or views[2].len != 8 * feed.rows * kinds:
            raise ValueError("close, src and each row of growths must be of one length")
        if views[3].len != views[0].len * count * SYMBOLS or views[4].len != 8 * count * SYMBOLS:
            raise ValueError(f"out and which must have {SYMBOLS} entries a panel")
        for i in range(count * SYMBOLS):
            if not 0 <= (<const int64_t*> views[4].buf)[i] < kinds:
                raise ValueError(f"which[{i}] is out of range")
        with nogil:
            vary(
                &symbol.state, <double*> symbol.rows, &feed, states, all_rows, count, <const double*> views[2].buf,
                kinds, <const int64_t*> views[4].buf, <char*> views[3].buf
            )
        return feed.taken
    finally:
        symbol.busy = False
        for i in range(busy):
            (<Panel> panels[i]).busy = False
        free(states)
        free(all_rows)
        close_feeds(views, held)


def trade_averages(averages, changes, which, thresholds, double short_position, double fees, out):
    cdef Py_buffer views[5]
    cdef int held = 0
    cdef int64_t bars, configs, accounts, account, first, w, i
    cdef int64_t starts[SYMBOLS]
    cdef Many limits[2]
    cdef Many result[ACCOUNT_NUMBERS]
    try:
        for name, buffer, kind in (
            ("averages", averages, b"d"), ("changes", changes, b"d"), ("which", which, b"l"),
            ("thresholds", thresholds, b"d"), ("out", out, b"d"),
        ):
            PyObject_GetBuffer(
                buffer, &views[held], PyBUF_C_CONTIGUOUS | PyBUF_FORMAT | (PyBUF_WRITABLE if held == 4 else 0)
            )
            held += 1
            if views[held - 1].format != kind:
                raise TypeError(f"{name} must be {'int64' if kind == b'l' else 'float64'}")
        bars, accounts = views[1].len // 8, views[2].len // 8
        configs = views[0].len // (8 * max(bars, 1))
        if bars == 0 or views[0].len != 8 * configs * bars:
            raise ValueError("averages must have rows as long as changes, which has at least one bar")
        if views[3].len != 16 * accounts or views[4].len != 8 * ACCOUNT_NUMBERS * accounts:
            raise ValueError(f"thresholds must have 2, and out {ACCOUNT_NUMBERS}, rows as long as which")
        for w in range(accounts):
            if not 0 <= (<const int64_t*> views[2].buf)[w] < configs:
                raise ValueError(f"which[{w}] is out of range")
        with nogil:
            for first in range(0, accounts, SYMBOLS):
                for w in range(SYMBOLS):    # places left over repeat the last account
                    account = min(first + w, accounts - 1)
                    starts[w] = (<const int64_t*> views[2].buf)[account] * bars
                    of(limits, w)[0] = (<const double*> views[3].buf)[account]
                    of(limits + 1, w)[0] = (<const double*> views[3].buf)[accounts + account]
                trade(
                    <const double*> views[0].buf, <const double*> views[1].buf, bars, starts, limits[0], limits[1],
                    short_position, fees, result
                )
                for w in range(min(SYMBOLS, accounts - first)):
                    for i in range(ACCOUNT_NUMBERS):
                        (<double*> views[4].buf)[i * accounts + first + w] = of(result + i, w)[0]
    finally:
        close_feeds(views, held)


def growth(double La, out):
    cdef Py_buffer view
    cdef State s
    cdef int64_t k
    PyObject_GetBuffer(out, &view, PyBUF_STRIDES | PyBUF_FORMAT | PyBUF_WRITABLE)
    try:
        check_buffer(&view, "out", 1, 0, view.shape[0], b'd')
        s.rate = La / 1000.0
        start_growth(&s)
        for k in range(view.shape[0]):
            store(<char*> view.buf, k, view.strides[0], next_growth(&s, <double> k), <double> 0)
    finally:
        PyBuffer_Release(&view)


cdef bint fits(const State* s) noexcept:
    """Whether this kernel can run the structure that was asked for."""
    cdef int64_t i
    if s.types != types(s):
        return False
    for i in range(6):
        if s.column[i] != column(s, i):
            return False
    for i in range(types(s) * LANES):
        if s.length[i] != lengths(s, 0)[i]:
            return False
    return True


cdef inline void ask_for(const State* s, const Many* rows) noexcept nogil:
    """Have the memory that one bar reads and writes brought near while another panel is computed."""
    ask_for_rows(rows + EMA_VALUES, LANES)
    ask_for_rows(rows + DEMA_FIRST, LANES)
    ask_for_rows(rows + DEMA_SECOND, LANES)
    ask_for_rows(rows + HMA_SUMS, SIGNALS - HMA_SUMS)
    ask_for_rows(rows + EQUITIES, SOURCE - EQUITIES)
    ask_for_rows(rows + weighted_sums(s, rows) + s.offset, window(s))
    ask_for_rows(rows + plain_sums(s, rows) + s.offset, window(s))


cdef inline void ask_for_rows(const Many* first, int64_t count) noexcept nogil:
    cdef int64_t i
    for i in range(count):
        PREFETCH(first + i)


cdef bint fits_as(const State* a, const State* b) noexcept:
    """Whether two states of one kernel have the same structure."""
    IF FIXED:
        return True
    ELSE:
        if a.constants == b.constants:      # copies of one
            return True
        return (
            a.types == b.types
            and memcmp(a.column, b.column, sizeof(a.column)) == 0
            and memcmp(a.length, b.length, a.types * LANES * sizeof(int64_t)) == 0
        )


cdef void clear(const State* s, Row* rows) noexcept:
    """What is not zero before the first bar."""
    cdef int64_t i
    rows[KEEP] = every(s.keep, rows)
    for i in range(types(s)):
        rows[WEIGHTS + i] = every(s.weight[i], rows)
    rows[LAST_AVERAGE] = every(NAN, rows)
    for i in range(STRIDE):
        rows[SIDES + i] = every(NAN, rows)
        rows[EQUITIES + i] = every(NAN, rows)
    for i in range(TYPES):
        rows[TYPE_SIGNALS + i] = every(NAN, rows)


cdef char open_feed(
    const State* s, Feed* feed, Py_buffer* views, int* held, close, src, out, lanes, int64_t columns
) except -1:
    """Take the caller's buffers, counted in `held`; returns their type."""
    cdef Py_buffer* view = &views[held[0]]
    cdef int64_t n
    cdef char kind
    memset(feed, 0, sizeof(feed[0]))
    PyObject_GetBuffer(close, &view[0], PyBUF_STRIDES | PyBUF_FORMAT)
    held[0] += 1
    if view[0].ndim != 1:
        raise ValueError("close must be one-dimensional")
    n = view[0].shape[0]
    kind = view[0].format[0]
    check_buffer(&view[0], "close", 1, 0, n, kind)
    PyObject_GetBuffer(src, &view[1], PyBUF_STRIDES | PyBUF_FORMAT)
    held[0] += 1
    check_buffer(&view[1], "src", 1, 0, n, kind)
    feed.rows = n
    feed.close, feed.close_stride = <const char*> view[0].buf, view[0].strides[0]
    feed.src, feed.src_stride = <const char*> view[1].buf, view[1].strides[0]

    PyObject_GetBuffer(out, &view[2], PyBUF_STRIDES | PyBUF_FORMAT | PyBUF_WRITABLE)
    held[0] += 1
    if view[2].ndim == 1 and columns > 0:       # the last bar's outputs alone
        check_buffer(&view[2], "out", 1, 0, columns, kind)
        feed.out, feed.out_column = <char*> view[2].buf, view[2].strides[0]
    else:
        check_buffer(&view[2], "out", 2, columns or 2 * types(s) + 1, n, kind)
        feed.out, feed.out_column, feed.out_stride = <char*> view[2].buf, view[2].strides[0], view[2].strides[1]
    if lanes is not None:
        PyObject_GetBuffer(lanes, &view[3], PyBUF_STRIDES | PyBUF_FORMAT | PyBUF_WRITABLE)
        held[0] += 1
        check_buffer(&view[3], "lanes", 2, 3 * LANES * types(s), n, kind)
        feed.lanes, feed.lanes_column = <char*> view[3].buf, view[3].strides[0]
        feed.lanes_stride = view[3].strides[1]
    return kind


cdef void close_feeds(Py_buffer* views, int held) noexcept:
    while held > 0:
        held -= 1
        PyBuffer_Release(&views[held])


cdef int check_buffer(
    const Py_buffer* view, str name, int dimensions, int64_t columns, int64_t n, char kind
) except -1:
    if (kind != b'd' and kind != b'f') or view.format[0] != kind or view.format[1] != 0:
        raise TypeError(f"{name} must be float64 or float32, as close is")
    if view.ndim != dimensions or view.shape[dimensions - 1] != n or (dimensions == 2 and view.shape[0] != columns):
        shape = f"({columns}, {n})" if dimensions == 2 else f"({n},)"
        raise ValueError(f"{name} must have the shape {shape}")
    return 0
