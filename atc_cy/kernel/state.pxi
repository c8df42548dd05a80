# What is kept between two bars. The same for one bar and for many, and for every CPU level.

# The equities: of the lanes and of the types.
#
# A lane is one number, its vote. Once its close has crossed its average, the vote is its equity, which is never below
# AT_FLOOR (see equity.pxi), with the sign of its signal. Before, its signal is 0, and its equity is that of every such lane, `idle`; the vote
# tells on which side of its average the close stands: above it (ABOVE), below it (-ABOVE), on it (0, which counts as
# both), or that there has been no average (UNDEFINED, neither).
DEF ABOVE = 0.125
DEF UNDEFINED = 2.0 ** -600
DEF CROSSED = 0.1875            # above this magnitude, a lane has crossed

cdef struct Account:
    double vote[ROW]
    double type_signal[8]       # NaN before the cutout
    double applied[8]           # the last return that was applied to a type
    double type_equity[8]
    double idle                 # 0 once every lane has crossed
    double last_average


# What goes on from bar to bar by itself, nine lanes each.
cdef enum:
    FIRST           # EMA, which is DEMA's first average where both have the same lanes
    OWN_FIRST       # DEMA's first average otherwise
    SECOND          # DEMA's second one; before it is seeded: the sum of its values
    ADAPTIVE        # KAMA
    SUMS            # the rolling sums, of prices and of moves
    LOST = SUMS + 2 # their compensations

cdef struct State:
    const Config* config
    double* rings               # see below
    int64_t bars                # taken so far
    double close                # of the last bar
    Wide growth                 # E ** (rate * (bars - cutout)), from the cutout on
    double average              # the last bar's, as it is given out
    double lanes[8][8]          # lanes 0 to 7 of all recurrences
    double lane_8[8]            # their lane 8
    Account account
    double trend[4]             # see direction.pxi
    int16_t place[2][LANES]     # of each lane's oldest realized entry in its ring, see `places`
    int16_t source_place        # of the next src in its ring
    int16_t in_range            # whether every src so far allows `divide` its short cut
    # What only the warm-up needs:
    double seed_sum[2]          # rolling sums of all values so far, in which no window is full yet: every lane
    double seed_lost[2]         # begins as they do
    double second_lost[LANES]   # the compensation of DEMA's sum


# What the next bar overwrites in the rings.
cdef struct Overwritten:
    double entries[2][LANES]
    double source
    double left_over[5]         # a slot is whole cache lines, see panel.pxi


# A state, and what takes the rings back to it once the next bar was taken.
cdef struct Slot:
    State state
    Overwritten overwritten


# The rings, which the slots of one symbol share:
#   source    2 * source_ring   src in a ring of one more than the longest lane, twice, so that the last values always
#                               lie in one piece
#   entries   the realized entries of the rolling sums, a ring of exactly its length for each lane: bar t's at t % length.
#             Where HMA and KAMA have the same lanes, their entries lie side by side.
#   open      sums of long windows, see open_sums.pxi
#   second    while DEMA is seeded: the first value of each lane's first average
# Before and behind each of these lies a gap.

cdef inline int64_t source_ring(const Config* c) noexcept nogil:
    return longest(c) + 1


cdef inline const double* newest_source(const State* s) noexcept nogil:
    """The last src; those before it lie before it, as many as the longest lane."""
    return s.rings + source_ring(s.config) + s.source_place - 1


cdef inline void put_source(State* s, double x) noexcept nogil:
    s.rings[s.source_place] = x
    s.rings[s.source_place + source_ring(s.config)] = x
    s.source_place = s.source_place + 1 if s.source_place + 1 < source_ring(s.config) else 0


cdef inline int64_t first_entry(const Config* c) noexcept nogil:
    """Where the entries begin in the rings."""
    return 2 * source_ring(c) + GAP


cdef inline int64_t entry_step(const Config* c) noexcept nogil:
    """How far the entries of one ring lie apart."""
    return 2 if paired_entries(c) else 1


cdef inline const int16_t* places(const State* s, int64_t kind) noexcept nogil:
    """Each lane's place in its ring."""
    return s.place[PRICES if paired_entries(s.config) else kind]


cdef inline double* entries(const State* s, int64_t kind, int64_t lane) noexcept nogil:
    """The ring of a lane."""
    return s.rings + first_entry(s.config) + s.config.entries[kind][lane]


cdef inline double* oldest_entry(const State* s, int64_t kind, int64_t lane) noexcept nogil:
    return entries(s, kind, lane) + places(s, kind)[lane] * entry_step(s.config)


cdef inline int64_t ring_numbers(const Config* c) noexcept nogil:
    return first_entry(c) + c.entry_count + open_numbers(c) + (LANES if has(c, DEMA) else 0)


cdef inline double* lane_of(State* s, int64_t recurrence, int64_t lane) noexcept nogil:
    return &s.lanes[recurrence][lane] if lane < 8 else &s.lane_8[recurrence]


cdef inline void load_lanes(const State* s, int64_t recurrence, Vector* lanes) noexcept nogil:
    cdef int64_t i
    for i in range(PARTS):
        lanes[i] = load_vector(&s.lanes[recurrence][i * WIDTH])
    lanes[PARTS] = broadcast(s.lane_8[recurrence])


cdef inline void store_lanes(State* s, int64_t recurrence, const Vector* lanes) noexcept nogil:
    cdef int64_t i
    for i in range(PARTS):
        store_vector(&s.lanes[recurrence][i * WIDTH], lanes[i])
    s.lane_8[recurrence] = first_of(lanes[PARTS])


cdef inline double* second_from(const State* s) noexcept nogil:
    return s.rings + ring_numbers(s.config) - LANES


cdef inline bint all_crossed(const Account* a) noexcept nogil:
    return a.idle == 0.0


cdef inline void write_outputs(const State* s, double* out, int64_t step) noexcept nogil:
    """Write what the last bar gave, `step` apart: the types' signals, their equities, the average."""
    cdef int64_t i
    cdef int64_t T = types(s.config)
    for i in range(T):
        out[i * step] = s.account.type_signal[i]
        out[(T + i) * step] = s.account.type_equity[i] if s.bars > s.config.cutout else NAN
    out[2 * T * step] = s.average


cdef inline size_t symbol_size(const Config* c, int64_t slots) noexcept nogil:
    """Of a symbol with so many slots, in bytes; whole cache lines."""
    return (slots * sizeof(Slot) + (ring_numbers(c) + 2 * GAP) * sizeof(double) + 63) // 64 * 64


cdef inline Slot* first_slot(char* memory) noexcept nogil:
    """Where slots begin in some memory, of which 64 bytes are for this: with a cache line."""
    return <Slot*> (memory + 63 - (<size_t> memory + 63) % 64)


cdef void clear(Slot* slots, int64_t count, const Config* c) noexcept nogil:
    """Go to before the first bar, in the first of the slots, behind which the rings follow."""
    cdef State* s = &slots.state
    ALLOW(slots, symbol_size(c, count))
    memset(slots, 0, symbol_size(c, count))
    point_slots(slots, count, c)
    s.in_range = True
    s.close = s.average = NAN
    s.trend[0], s.trend[1], s.trend[3] = NAN, NAN, NAN
    s.growth = c.power[0]
    clear_account(&s.account, c, c.weight)
    clear_open(s)


cdef void point_slots(Slot* slots, int64_t count, const Config* c) noexcept nogil:
    """Have slots that were put here point to their own rings."""
    cdef int64_t i
    for i in range(count):
        slots[i].state.config, slots[i].state.rings = c, <double*> (slots + count) + GAP
    if GAP > 0:
        forbid_gaps(&slots.state)


cdef void copy_slots(Slot* slots, const Slot* others, int64_t count, const Config* c) noexcept nogil:
    """Copy all slots of a symbol, and their rings."""
    cdef size_t size = symbol_size(c, count)
    ALLOW(slots, size)
    ALLOW(others, size)
    memcpy(slots, others, size)
    point_slots(slots, count, c)
    if GAP > 0:
        forbid_gaps(&others.state)


cdef void forbid_gaps(const State* s) noexcept nogil:
    """Forbid what lies between the rings of a state."""
    cdef const Config* c = s.config
    cdef int64_t kind, lane
    FORBID(s.rings - GAP, GAP)
    FORBID(s.rings + 2 * source_ring(c), GAP)
    for kind in range(2):
        for lane in range(LANES if has_sums(c, kind) and not (kind == MOVES and paired_entries(c)) else 0):
            FORBID(entries(s, kind, lane) + lengths_of_sums(c, kind)[lane] * entry_step(c), GAP)
    if window(c) > LONG_WINDOW:
        FORBID(open_set(s, 1) - GAP, GAP)
        FORBID(second_from(s) - GAP if has(c, DEMA) else s.rings + ring_numbers(c) - GAP, GAP)
    FORBID(s.rings + ring_numbers(c), GAP)


cdef void keep_overwritten(Overwritten* kept, const State* s) noexcept nogil:
    """Keep what the next bar overwrites."""
    cdef int64_t kind, lane
    for kind in range(2):
        for lane in range(LANES if has_sums(s.config, kind) else 0):
            kept.entries[kind][lane] = oldest_entry(s, kind, lane)[0]
    kept.source = s.rings[s.source_place]


cdef void swap_overwritten(Overwritten* kept, const State* s) noexcept nogil:
    """Take back in the rings what the bar after a state overwrote, and the other way round if it is done again."""
    cdef int64_t kind, lane
    cdef double* entry
    for kind in range(2):
        for lane in range(LANES if has_sums(s.config, kind) else 0):
            entry = oldest_entry(s, kind, lane)
            entry[0], kept.entries[kind][lane] = kept.entries[kind][lane], entry[0]
    entry = s.rings + s.source_place
    entry[0], kept.source = kept.source, entry[0]
    entry[source_ring(s.config)] = entry[0]


cdef void clear_account(Account* a, const Config* c, const double* weight) noexcept nogil:
    cdef int64_t i, lane
    memset(a, 0, sizeof(a[0]))
    for i in range(ROW):
        a.vote[i] = 1.0         # a place left over counts as one that has crossed
    for i in range(types(c)):
        for lane in range(LANES):
            a.vote[place_in_row(i, lane)] = UNDEFINED
    for i in range(8):
        a.type_signal[i] = NAN
        a.type_equity[i] = weight[i]
    a.idle = 1.0
    a.last_average = NAN
