# One symbol.

cdef class Symbol:
    cdef char* memory           # as it was given
    cdef Slot* slots            # one more than `depth`; then the rings
    cdef bytes config           # holds `shared`
    cdef const Config* shared   # with all copies
    cdef int64_t depth
    cdef int64_t newest         # the slot of the last bar
    cdef int64_t rewindable_bars
    cdef bint busy

    def __cinit__(
        self, tuple moving_averages=None, tuple lane_lengths=None, tuple weights=None, double La=0.0, double De=0.0,
        int64_t cutout=0, bint strategy_mode=False, int64_t depth=0, int64_t alert=-1, double long_threshold=0.1,
        double short_threshold=-0.1
    ):
        if moving_averages is None:     # to be filled by `copy`
            return
        if depth < 0:
            raise ValueError(f"depth={depth} is out of range")
        self.config = make_config(
            moving_averages, lane_lengths, weights, La, De, cutout, strategy_mode, depth > 0, alert, long_threshold,
            short_threshold
        )
        self.shared = <const Config*> <const char*> self.config
        self.depth = depth
        self.make_memory()
        self.clear()

    def __dealloc__(self):
        free(self.memory)

    cdef inline Slot* slot(self, int64_t back) noexcept nogil:
        """The one after the last bar, or so many bars earlier."""
        return self.slots + (self.newest - back + self.depth + 1) % (self.depth + 1)

    cdef inline State* state(self) noexcept nogil:
        return &self.slots[self.newest].state

    cdef size_t size(self) noexcept nogil:
        return symbol_size(self.shared, self.depth + 1)

    cdef int make_memory(self) except -1:
        self.memory = <char*> malloc(self.size() + 64)
        if self.memory == NULL:
            raise MemoryError()
        self.slots = first_slot(self.memory)
        return 0

    cdef void clear(self) noexcept:
        """Go to before the first bar."""
        clear(self.slots, self.depth + 1, self.shared)
        self.newest = self.rewindable_bars = 0

    cdef int hold(self) except -1:
        self.check()        # and no more: of a symbol that another thread advances, nothing may be read
        if self.busy:
            raise RuntimeError("another thread is advancing this state")
        self.busy = True
        return 0

    cdef int check(self) except -1:
        """Raise an error if the symbol was made without arguments."""
        if self.slots == NULL:
            raise TypeError("Symbol needs its arguments")
        return 0

    cdef State* known(self) except NULL:
        self.check()
        return self.state()

    @property
    def bars(self):
        return self.known().bars

    @property
    def nbytes(self):
        self.known()
        return self.size()

    @property
    def last_bar(self):
        return last_bar(self.known())

    @property
    def values(self):
        self.known()
        return outputs_of_state(self.state())

    @property
    def direction(self):
        return self.known().trend[1]

    @property
    def event(self):
        return <int> self.known().trend[2]

    @property
    def trend(self):
        return numbers(self.known().trend, 4)

    @trend.setter
    def trend(self, tuple trend):
        set_trend(self.known(), trend)

    @property
    def rewindable(self):
        return self.rewindable_bars

    cdef void step(self) noexcept nogil:
        """The next slot is that of the last bar."""
        if self.depth > 0:
            self.newest = (self.newest + 1) % (self.depth + 1)
            self.rewindable_bars = smaller(self.rewindable_bars + 1, self.depth)

    cdef void step_back(self) noexcept nogil:
        """Take the last bar back."""
        self.newest = (self.newest + self.depth) % (self.depth + 1)
        self.rewindable_bars -= 1
        swap_overwritten(&self.slot(0).overwritten, self.state())

    cdef int take(self, State* to, double close, double src, double growth) except -1:
        """Take a valid bar, after which `to` is the state."""
        cdef Bar bar
        cdef Work work
        cdef double* memory = NULL
        if self.state().bars < warm_up(self.shared):
            memory = make_work(&work, self.shared, False)
        begin_bar(self.slot(0), to, &bar, &work, close, src, growth)
        end_bar(&bar)
        free(memory)
        return 0

    cdef object go_on(self, double close, double src, double growth):
        """Take a valid bar; returns its average."""
        self.take(&self.slot(-1).state, close, src, growth)
        self.step()
        return self.state().average

    def update(self, double close, src=None):
        cdef double x = close if src is None else <double> src
        cdef double growth
        if close != close or x != x:
            return NAN
        self.hold()
        try:
            growth = coming_growth(self.state())
            if not is_valid(close, x) or growth == INFINITY:
                return None
            return self.go_on(close, x, growth)
        finally:
            self.busy = False

    def peek(self, double close, src=None):
        cdef double x = close if src is None else <double> src
        cdef State state
        cdef double growth
        self.hold()
        try:
            state = self.state()[0]
            if close != close or x != x:
                return (*self.values, self.direction, self.event)
            growth = coming_growth(self.state())
            if not is_valid(close, x) or growth == INFINITY:
                return None
            self.take(&state, close, x, growth)
            swap_overwritten(&self.slot(0).overwritten, self.state())
            return (*outputs_of_state(&state), state.trend[1], <int> state.trend[2])
        finally:
            self.busy = False

    def revise(self, double close, src=None):
        cdef double x = close if src is None else <double> src
        self.hold()
        try:
            if self.rewindable_bars == 0:
                raise IndexError("there is no bar that can be taken back")
            if not is_valid(close, x):
                return None
            self.step_back()
            return self.go_on(close, x, coming_growth(self.state()))
        finally:
            self.busy = False

    def rewind(self, int64_t bars):
        self.hold()
        try:
            if not 0 <= bars <= self.rewindable_bars:
                raise IndexError(f"bars={bars} is out of range: {self.rewindable_bars} can be taken back")
            for _ in range(bars):
                self.step_back()
        finally:
            self.busy = False

    def advance(self, close, src, out, lanes=None, bint whole=False):
        cdef Buffers buffers
        cdef Series series
        cdef Work work
        cdef char kind
        cdef char* before = NULL
        cdef double* memory = NULL
        cdef int64_t rewindable = self.rewindable_bars
        cdef int64_t newest = self.newest
        buffers.count = 0
        self.hold()
        try:
            kind = take_series(&buffers, self.shared, &series, close, src, out, lanes)
            memory = make_work(&work, self.shared, lanes is not None)
            if whole:
                before = <char*> malloc(self.size())
                if before == NULL:
                    raise MemoryError()
                copy_slots(<Slot*> before, self.slots, self.depth + 1, self.shared)
            with nogil:
                if kind == b'd':
                    self.extend(&work, &series, <double> 0)
                else:
                    self.extend(&work, &series, <float> 0)
                if whole and series.taken < series.rows:
                    copy_slots(self.slots, <Slot*> before, self.depth + 1, self.shared)
                    self.rewindable_bars, self.newest = rewindable, newest
            return series.taken
        finally:
            self.busy = False
            free(memory)
            free(before)
            release(&buffers)

    cdef void extend(self, Work* work, Series* series, price kind) noexcept nogil:
        """Take the rows; the last `depth` bars go one by one, so that they can be taken back."""
        cdef State* s = self.state()
        cdef int64_t row = series.rows
        cdef int64_t count = 0
        cdef int64_t bars = s.bars
        while row > 0 and count < self.depth:
            row -= 1
            count += is_bar(series, row, kind)
        run_blocks(s, work, series, row, kind)
        if s.bars > bars:
            self.rewindable_bars = 0
        while series.taken == row < series.rows:
            if is_bar(series, row, kind):
                s = &self.slot(-1).state
                go_on(self.slot(0), s)
                self.rewindable_bars = smaller(self.rewindable_bars, self.depth - 1)
            bars = s.bars
            row += 1
            run_blocks(s, work, series, row, kind)
            if s.bars > bars:
                self.step()

    def copy(self):
        cdef Symbol other = Symbol.__new__(Symbol)
        self.hold()
        try:
            other.config, other.shared, other.depth = self.config, self.shared, self.depth
            other.make_memory()
            other.become(self)
        finally:
            self.busy = False
        return other

    cdef void become(self, Symbol other) noexcept:
        copy_slots(self.slots, other.slots, self.depth + 1, self.shared)
        self.newest, self.rewindable_bars = other.newest, other.rewindable_bars

    def assign(self, Symbol other not None):
        self.hold()
        try:
            if other is not self:
                other.hold()
                other.busy = False
                if self.depth != other.depth or not same_structure(self.shared, other.shared):
                    raise ValueError("the other one has another structure or depth")
                self.config, self.shared = other.config, other.shared
                self.become(other)
        finally:
            self.busy = False

    def record(self):
        self.hold()
        self.busy = False
        return write_record(self.state())

    def restore(self, bytes record not None):
        self.hold()
        try:
            self.clear()
            read_record(self.state(), record)
        finally:
            self.busy = False
