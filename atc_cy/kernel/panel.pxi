# Many symbols of one config, each with its own bars: a loop over their states.
#
# Memory binds here, not arithmetic. So a bar is taken in place, in the first of a symbol's two slots, and the second one,
# which has the state before it, is only written. What decides whether a bar can be taken at all lies apart.

DEF AHEAD = 2                   # symbols whose memory is asked for ahead

cdef struct Mark:
    bint rewindable             # whether the last bar can be taken back
    bint seeded                 # whether the warm-up is over, also after that

cdef class Panel:
    cdef char* memory           # as it was given; the first symbol begins at its first whole cache line
    cdef Mark* marks
    cdef bytes config           # holds `shared`
    cdef const Config* shared
    cdef int64_t count
    cdef int64_t most_bars      # that any symbol has, or had
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
        free(self.marks)

    def __len__(self):
        return self.count

    cdef inline Slot* slots(self, int64_t number) noexcept nogil:
        return slots_of_panel(self.memory, self.shared, number)

    cdef inline State* state(self, int64_t number) noexcept nogil:
        return &self.slots(number).state

    cdef inline void mark(self, int64_t number, bint rewindable) noexcept nogil:
        """Note what follows from a symbol's state."""
        cdef int64_t bars = self.state(number).bars
        self.marks[number].rewindable = rewindable
        self.marks[number].seeded = bars > warm_up(self.shared)
        self.most_bars = larger(self.most_bars, bars)

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
        self.mark(number, False)

    cdef int resize(self, int64_t count, tuple kept) except -1:
        """Make memory for `count` symbols, of which the first ones are those of these numbers."""
        cdef size_t stride = symbol_size(self.shared, 2)
        cdef char* before = self.memory
        cdef Mark* marks = self.marks
        cdef char* new_memory = <char*> malloc(count * stride + 64)
        cdef Mark* new_marks = <Mark*> malloc((count + 1) * sizeof(Mark))
        cdef int64_t i, number
        if new_memory == NULL or new_marks == NULL:
            free(new_memory)
            free(new_marks)
            raise MemoryError()
        self.memory, self.marks = new_memory, new_marks
        for i in range(count):
            if i < <int64_t> len(kept):
                number = kept[i]
                copy_slots(self.slots(i), slots_of_panel(before, self.shared, number), 2, self.shared)
                self.marks[i] = marks[number]
            else:
                self.clear(i)
        free(before)
        free(marks)
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

    def values(self, out):
        cdef Buffers buffers
        cdef double* to
        cdef int64_t i
        buffers.count = 0
        self.hold()
        try:
            to = self.outputs(&buffers, out)
            for i in range(self.count):
                self.write_bar(self.state(i), to + i)
        finally:
            self.busy = False
            release(&buffers)

    cdef double* outputs(self, Buffers* buffers, out) except NULL:
        cdef int64_t rows = 2 * types(self.shared) + 3
        return <double*> take_contiguous(buffers, "out", out, rows * self.count, False, PyBUF_WRITABLE).buf

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
            to = self.outputs(&buffers, out)
            for i in range(self.count):
                if close[i] == close[i] and src[i] == src[i] and not self.marks[i].seeded:
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
        cdef bint may_overflow = growth_may_overflow(self.shared, self.most_bars)
        for i in range(self.count):
            if close[i] != close[i] or src[i] != src[i]:
                continue
            if not is_valid(close[i], src[i]):
                return i
            if taking == REVISE and not self.marks[i].rewindable:
                return i
            if taking != REVISE and may_overflow and coming_growth(self.state(i)) == INFINITY:
                return i
        return -1

    cdef void take_all(
        self, Work* work, const double* close, const double* src, double* out, Taking taking
    ) noexcept nogil:
        cdef int64_t i
        cdef int64_t growth_bars = -1       # the bars that the growth was computed for
        cdef double growth = 0.0
        cdef Slot* slot
        cdef Bar bars[2]                    # the last symbol's ends after the next one's began
        cdef Slot peeked[2]
        cdef int64_t last = -1
        cdef int64_t now = 0
        for i in range(self.count):
            if i + 2 * AHEAD < self.count:
                ask_for_state(self.state(i + 2 * AHEAD))
            if i + AHEAD < self.count:
                ask_for_rings(self.state(i + AHEAD))
            if i % 8 == 0 and i + 16 < self.count:
                self.ask_for_outputs(out + i + 16)
            if close[i] != close[i] or src[i] != src[i]:
                self.write_no_bar(self.state(i), out + i)
                continue
            slot = self.slots(i)
            if taking == PEEK:
                peeked[now].state = slot.state
                slot = &peeked[now]
            elif taking == REVISE:
                slot.state = slot[1].state
                swap_overwritten(&slot.overwritten, &slot.state)
            else:
                keep_state(&slot[1].state, &slot.state)
            if slot.state.bars != growth_bars:
                growth_bars = slot.state.bars
                growth = coming_growth(&slot.state)
            begin_bar(slot, &slot.state, &bars[now], work, close[i], src[i], growth)
            if taking == PEEK:
                swap_overwritten(&slot.overwritten, self.state(i))
            else:
                self.mark(i, True)
            now = 1 - now
            if last >= 0:
                self.end(&bars[now], out + last)
            last = i
        if last >= 0:
            self.end(&bars[1 - now], out + last)
        end_streams()

    cdef inline void ask_for_outputs(self, const double* out) noexcept nogil:
        """Those of eight symbols."""
        cdef int64_t i
        for i in range(2 * types(self.shared) + 3):
            prefetch(out + i * self.count)

    cdef inline void end(self, Bar* bar, double* out) noexcept nogil:
        end_bar(bar)
        self.write_bar(bar.to, out)

    cdef inline void write_bar(self, const State* s, double* out) noexcept nogil:
        """Write what a symbol's last bar gave."""
        cdef int64_t count = 2 * types(self.shared) + 1
        write_outputs(s, out, self.count)
        out[count * self.count] = s.trend[1]
        out[(count + 1) * self.count] = s.trend[2]

    cdef inline void write_no_bar(self, const State* s, double* out) noexcept nogil:
        cdef int64_t i
        cdef int64_t count = 2 * types(self.shared) + 1
        for i in range(count):
            out[i * self.count] = NAN
        out[count * self.count] = s.trend[1]
        out[(count + 1) * self.count] = 0.0

    def last_bar(self, int64_t number):
        self.hold_symbol(number)
        self.busy = False
        return last_bar(self.state(number))

    cdef int go_back(self, int64_t number, int64_t bars) except -1:
        """Take a symbol's last bar back if bars is 1, for a while."""
        cdef Slot* slot = self.slots(number)
        if bars not in (0, 1) or (bars == 1 and not self.marks[number].rewindable):
            raise IndexError(f"bars={bars} cannot be taken back")
        if bars == 1:
            swap_overwritten(&slot.overwritten, &slot[1].state)
            slot.state, slot[1].state = slot[1].state, slot.state
        return 0

    cdef void return_from(self, int64_t number, int64_t bars) noexcept:
        """Undo `go_back`."""
        cdef Slot* slot = self.slots(number)
        if bars == 1:
            swap_overwritten(&slot.overwritten, &slot.state)
            slot.state, slot[1].state = slot[1].state, slot.state

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
            self.mark(number, False)
        finally:
            self.busy = False


cdef enum Taking:
    UPDATE, PEEK, REVISE


cdef inline Slot* slots_of_panel(char* memory, const Config* c, int64_t number) noexcept nogil:
    """A symbol's two slots; its rings follow."""
    return <Slot*> (<char*> first_slot(memory) + number * symbol_size(c, 2))


cdef inline void keep_state(State* to, const State* s) noexcept nogil:
    """Copy what the next bar changes."""
    cdef size_t i
    for i in range(0, sizeof(State) // 8, WIDTH):
        stream_vector(<double*> to + i, load_vector(<const double*> s + i))


cdef inline void ask_for_state(const State* s) noexcept nogil:
    """What a bar reads and writes of it."""
    ask_for(s, <const char*> &s.seed_sum - <const char*> s)


cdef inline void ask_for(const void* first, size_t size) noexcept nogil:
    """Have memory brought near while another symbol is computed."""
    cdef size_t at
    for at in range(0, size, 64):
        prefetch(<const char*> first + at)


cdef inline void ask_for_rings(const State* s) noexcept nogil:
    """The places that the next bar uses; the state is near."""
    cdef const Config* c = s.config
    cdef int64_t kind, lane
    cdef int64_t values = smaller(longest(c), LONG_WINDOW)
    ask_for(newest_source(s) + 1 - values, 8 * values)
    prefetch(s.rings + s.source_place)
    for kind in range(2):
        if has_sums(c, kind) and not (kind == MOVES and paired_entries(c)):
            for lane in range(LANES):
                prefetch(oldest_entry(s, kind, lane))


cdef bint any_beyond(tuple numbers, int64_t count) except -1:
    cdef int64_t before = -1
    for number in numbers:
        if not before < <int64_t> number < count:
            return True
        before = number
    return False
