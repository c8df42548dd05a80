# Many symbols of one config, each with its own bars: a loop over their states.

DEF AHEAD = 4                   # symbols whose memory is asked for ahead

cdef class Panel:
    cdef char* memory           # as it was given; the first symbol begins at its first whole cache line
    cdef char* newest           # the slot of each symbol's last bar
    cdef char* rewindable       # whether that bar can be taken back
    cdef bytes config           # holds `shared`
    cdef const Config* shared
    cdef int64_t count
    cdef bint busy

    def __cinit__(
        self, tuple moving_averages not None, tuple lane_lengths not None, tuple weights not None, double La, double De,
        int64_t cutout, bint strategy_mode, int64_t alert=-1, double long_threshold=0.1, double short_threshold=-0.1
    ):
        self.config = make_config(
            moving_averages, lane_lengths, weights, La, De, cutout, strategy_mode, True, alert, long_threshold,
            short_threshold
        )
        self.shared = <const Config*> <const char*> self.config

    def __dealloc__(self):
        free(self.memory)
        free(self.newest)
        free(self.rewindable)

    def __len__(self):
        return self.count

    cdef inline Slot* slots(self, int64_t number) noexcept nogil:
        return slots_of_panel(self.memory, self.shared, number)

    cdef inline Slot* slot(self, int64_t number) noexcept nogil:
        return self.slots(number) + self.newest[number]

    cdef inline State* state(self, int64_t number) noexcept nogil:
        return &self.slot(number).state

    cdef void step_back(self, int64_t number) noexcept nogil:
        """Take a symbol's last bar back; if done twice, it is there again."""
        self.newest[number] = 1 - self.newest[number]

    cdef int hold(self) except -1:
        if self.busy:
            raise RuntimeError("another thread is advancing this panel")
        self.busy = True
        return 0

    cdef int hold_symbol(self, int64_t number) except -1:
        if not 0 <= number < self.count:
            raise IndexError(f"number={number} is out of range: there are {self.count} symbols")
        return self.hold()

    cdef void clear(self, int64_t number) noexcept:
        """Go to before the first bar of a symbol."""
        clear(self.slots(number), 2, self.shared)
        self.newest[number] = self.rewindable[number] = 0

    cdef int resize(self, int64_t count, tuple kept) except -1:
        """Make memory for `count` symbols, of which the first ones are those of these numbers."""
        cdef size_t stride = symbol_size(self.shared, 2)
        cdef char* before = self.memory
        cdef char* newest = self.newest
        cdef char* rewindable = self.rewindable
        cdef char* new_memory = <char*> malloc(count * stride + 64)
        cdef char* new_newest = <char*> malloc(count + 1)
        cdef char* new_rewindable = <char*> malloc(count + 1)
        cdef int64_t i, number
        if new_memory == NULL or new_newest == NULL or new_rewindable == NULL:
            free(new_memory)
            free(new_newest)
            free(new_rewindable)
            raise MemoryError()
        self.memory, self.newest, self.rewindable = new_memory, new_newest, new_rewindable
        for i in range(count):
            if i < <int64_t> len(kept):
                number = kept[i]
                memcpy(self.slots(i), slots_of_panel(before, self.shared, number), stride)
                point_slots(self.slots(i), 2, self.shared)
                self.newest[i], self.rewindable[i] = newest[number], rewindable[number]
            else:
                self.clear(i)
        free(before)
        free(newest)
        free(rewindable)
        self.count = count
        return 0

    def add(self, int64_t count):
        self.hold()
        try:
            if count < 0:
                raise ValueError(f"count={count} is out of range")
            self.resize(self.count + count, tuple(range(self.count)))
        finally:
            self.busy = False

    def keep(self, tuple numbers not None):
        self.hold()
        try:
            if any_beyond(numbers, self.count):
                raise ValueError("numbers must be those of symbols, and ascend")
            self.resize(len(numbers), numbers)
        finally:
            self.busy = False

    def bars(self, out):
        cdef Buffers buffers
        cdef int64_t* to
        cdef int64_t i
        buffers.count = 0
        try:
            to = <int64_t*> take_contiguous(&buffers, "out", out, self.count, True, PyBUF_WRITABLE).buf
            for i in range(self.count):
                to[i] = self.state(i).bars
        finally:
            release(&buffers)

    def update(self, close, src, out):
        return self.take(close, src, out, UPDATE)

    def peek(self, close, src, out):
        return self.take(close, src, out, PEEK)

    def revise(self, close, src, out):
        return self.take(close, src, out, REVISE)

    cdef int64_t take(self, closes, srcs, out, Taking taking) except -2:
        cdef Buffers buffers
        cdef Work work
        cdef double* memory = NULL
        cdef const double* close
        cdef const double* src
        cdef double* to
        cdef int64_t i, refused = -1
        buffers.count = 0
        self.hold()
        try:
            close = <const double*> take_contiguous(&buffers, "close", closes, self.count, False, 0).buf
            src = <const double*> take_contiguous(&buffers, "src", srcs, self.count, False, 0).buf
            to = <double*> take_contiguous(
                &buffers, "out", out, (2 * types(self.shared) + 3) * self.count, False, PyBUF_WRITABLE
            ).buf
            for i in range(self.count):
                # A state of as many bars as the warm-up has may go back by one.
                if close[i] == close[i] and src[i] == src[i] and self.state(i).bars <= warm_up(self.shared):
                    memory = make_work(&work, self.shared, False)
                    break
            with nogil:
                refused = self.first_refused(close, src, taking)
                if refused < 0:
                    self.take_all(&work, close, src, to, taking)
            return refused
        finally:
            self.busy = False
            free(memory)
            release(&buffers)

    cdef int64_t first_refused(self, const double* close, const double* src, Taking taking) noexcept nogil:
        """The number of the first symbol that cannot take its bar, or -1."""
        cdef int64_t i
        for i in range(self.count):
            if close[i] != close[i] or src[i] != src[i]:
                continue
            if not is_valid(close[i], src[i]):
                return i
            if taking == REVISE and not self.rewindable[i]:
                return i
            if taking != REVISE and may_overflow(self.state(i)) and coming_growth(self.state(i)) == INFINITY:
                return i
        return -1

    cdef void take_all(
        self, Work* work, const double* close, const double* src, double* out, Taking taking
    ) noexcept nogil:
        cdef const Config* c = self.shared
        cdef int64_t count = 2 * types(c) + 1
        cdef int64_t i, j
        cdef int64_t growth_bars = -1       # the bars that the growth was computed for
        cdef double growth = 0.0
        cdef double values[2 * TYPES + 1]
        cdef Slot* slot
        cdef State* to
        cdef State peeked
        for i in range(self.count):
            if i + 2 * AHEAD < self.count:
                self.ask_for_slots(i + 2 * AHEAD)
            if i + AHEAD < self.count:
                ask_for_rings(self.state(i + AHEAD))
            if close[i] != close[i] or src[i] != src[i]:
                continue
            if taking == REVISE:
                self.step_back(i)
                swap_overwritten(self.slot(i))
            slot = self.slot(i)
            to = &self.slots(i)[1 - self.newest[i]].state
            if taking == PEEK:
                peeked = slot.state
                to = &peeked
            if slot.state.bars != growth_bars:
                growth_bars = slot.state.bars
                growth = coming_growth(&slot.state)
            take_bar(slot, to, work, close[i], src[i], growth, values)
            for j in range(count):
                out[j * self.count + i] = values[j]
            out[count * self.count + i] = to.trend[1]
            out[(count + 1) * self.count + i] = to.trend[2]
            if taking == PEEK:
                swap_overwritten(slot)
            else:
                self.newest[i], self.rewindable[i] = 1 - self.newest[i], 1

    cdef inline void ask_for_slots(self, int64_t number) noexcept nogil:
        """What a bar reads and writes in the slots of a symbol."""
        cdef const Slot* slot = self.slot(number)
        cdef size_t size = <const char*> &slot.state.seed_sum - <const char*> slot
        ask_for(slot, size)
        ask_for(self.slots(number) + (1 - self.newest[number]), size)
        ask_for(&slot.overwritten, sizeof(Overwritten))

    def last_bar(self, int64_t number):
        self.hold_symbol(number)
        self.busy = False
        return last_bar(self.state(number))

    cdef int go_back(self, int64_t number, int64_t bars) except -1:
        """Take a symbol's last bar back if bars is 1, for a while."""
        if bars not in (0, 1) or (bars == 1 and not self.rewindable[number]):
            raise IndexError(f"bars={bars} cannot be taken back")
        if bars == 1:
            self.step_back(number)
            swap_overwritten(self.slot(number))
        return 0

    cdef void return_from(self, int64_t number, int64_t bars) noexcept:
        """Undo `go_back`."""
        if bars == 1:
            swap_overwritten(self.slot(number))
            self.step_back(number)

    def record(self, int64_t number, int64_t bars=0):
        self.hold_symbol(number)
        try:
            self.go_back(number, bars)
            record = write_record(self.state(number))
            self.return_from(number, bars)
            return record
        finally:
            self.busy = False

    def trend(self, int64_t number, int64_t bars=0):
        self.hold_symbol(number)
        try:
            self.go_back(number, bars)
            trend = numbers(self.state(number).trend, 4)
            self.return_from(number, bars)
            return trend
        finally:
            self.busy = False

    def set_trend(self, int64_t number, tuple trend not None):
        self.hold_symbol(number)
        self.busy = False
        set_trend(self.state(number), trend)

    def restore(self, int64_t number, bytes record not None):
        self.hold_symbol(number)
        try:
            self.clear(number)
            read_record(self.state(number), record)
        finally:
            self.busy = False


cdef enum Taking:
    UPDATE, PEEK, REVISE


cdef inline Slot* slots_of_panel(char* memory, const Config* c, int64_t number) noexcept nogil:
    """A symbol's two slots; its rings follow."""
    return <Slot*> (memory + 63 - (<size_t> memory + 63) % 64 + number * symbol_size(c, 2))


cdef inline void ask_for(const void* first, size_t size) noexcept nogil:
    """Have memory brought near while another symbol is computed."""
    cdef size_t at
    for at in range(0, size, 64):
        PREFETCH(<const char*> first + at, True)


cdef inline void ask_for_rings(const State* s) noexcept nogil:
    """The places that the next bar uses; the state is near."""
    cdef const Config* c = s.config
    cdef int64_t kind, lane
    cdef int64_t values = smaller(longest(c), LONG_WINDOW)
    ask_for(newest_source(s) + 1 - values, 8 * values)
    PREFETCH(s.rings + s.source_place, True)
    for kind in range(2):
        if has_sums(c, kind) and not (kind == MOVES and paired_entries(c)):
            for lane in range(LANES):
                PREFETCH(entries(s, kind, lane) + s.place[kind][lane] * entry_step(c), True)


cdef bint any_beyond(tuple numbers, int64_t count) except -1:
    cdef int64_t before = -1
    for number in numbers:
        if not before < <int64_t> number < count:
            return True
        before = number
    return False
