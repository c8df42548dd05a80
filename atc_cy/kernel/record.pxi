# A state as bytes: what the next bars depend on, little-endian, eight bytes a number. The bytes are the same whatever
# the CPU level and the kernel (generic or a preset's).
#
# Version 2 begins with -2, and `pass_state` has what follows. Version 1, which began with its bars, is still read.

DEF VERSION_2 = -2
DEF MOST_BARS = 1 << 53         # far beyond any growth that is not 1

# Where a record is written to or read from; NULL to count its numbers alone.
cdef struct Cursor:
    char* at
    int64_t numbers             # so far
    bint reading


cdef inline void pass_numbers(Cursor* cursor, void* numbers, int64_t count, int64_t step) noexcept:
    """Write numbers of eight bytes that lie `step` apart, or read them."""
    cdef int64_t i
    for i in range(count if cursor.at != NULL else 0):
        if cursor.reading:
            memcpy(<char*> numbers + 8 * i * step, cursor.at, 8)
        else:
            memcpy(cursor.at, <char*> numbers + 8 * i * step, 8)
        cursor.at += 8
    cursor.numbers += count


cdef inline void pass_lanes(Cursor* cursor, State* s, int64_t recurrence) noexcept:
    pass_numbers(cursor, s.lanes[recurrence], 8, 1)
    pass_numbers(cursor, &s.lane_8[recurrence], 1, 1)


cdef inline void pass_seeds(Cursor* cursor, double* seeds, int64_t count, bint now) noexcept:
    """Numbers that count now, or zeros: what they are before and after depends on how the bars came."""
    cdef double zeros[LANES]
    memset(zeros, 0, sizeof(zeros))
    pass_numbers(cursor, seeds if now else zeros, count, 1)


cdef void pass_state(Cursor* cursor, State* s) noexcept:
    """Everything that a record has after its version. When reading, the state was cleared before."""
    cdef const Config* c = s.config
    cdef Account* a = &s.account
    cdef int64_t kind, lane, length, place
    cdef int64_t in_range = s.in_range
    cdef int64_t T = types(c)
    cdef double* ring
    pass_numbers(cursor, &s.bars, 1, 1)
    pass_numbers(cursor, &in_range, 1, 1)
    s.in_range = in_range != 0
    pass_numbers(cursor, &s.close, 1, 1)
    pass_seeds(cursor, s.seed_sum, 2, s.bars <= longest(c))
    pass_seeds(cursor, s.seed_lost, 2, s.bars <= longest(c))
    if has(c, EMA):
        pass_lanes(cursor, s, FIRST)
    if has(c, DEMA):
        if not shared_first(c):
            pass_lanes(cursor, s, OWN_FIRST)
        pass_lanes(cursor, s, SECOND)
        pass_seeds(cursor, s.second_lost, LANES, s.bars < warm_up(c))
        for lane in range(LANES):
            pass_seeds(cursor, second_from(s) + lane, 1, lengths(c, DEMA)[lane] <= s.bars < warm_up(c))
    if has(c, KAMA):
        pass_lanes(cursor, s, ADAPTIVE)
    for kind in range(2):
        if has_sums(c, kind):
            pass_lanes(cursor, s, SUMS + kind)
            pass_lanes(cursor, s, LOST + kind)
    for place in range(T):
        pass_numbers(cursor, a.vote + 8 * place, 8, 1)
    pass_numbers(cursor, a.vote + TAIL, T, 1)
    pass_numbers(cursor, a.type_signal, T, 1)
    pass_numbers(cursor, a.applied, T, 1)
    pass_numbers(cursor, a.type_equity, T, 1)
    pass_numbers(cursor, &a.idle, 1, 1)
    pass_numbers(cursor, &a.last_average, 1, 1)
    # What lies in rings goes in the order of bars.
    if cursor.reading:
        settle_places(s)
        pass_numbers(cursor, <double*> newest_source(s) - longest(c) + 1, longest(c), 1)
        mirror_source(s)
    else:
        pass_numbers(cursor, <double*> newest_source(s) - longest(c) + 1, longest(c), 1)
    for kind in range(2):
        for lane in range(LANES if has_sums(c, kind) else 0):
            ring = entries(s, kind, lane)
            length, place = lengths_of_sums(c, kind)[lane], places(s, kind)[lane]
            pass_numbers(cursor, ring + place * entry_step(c), length - place, entry_step(c))
            pass_numbers(cursor, ring, place, entry_step(c))


cdef void settle_places(State* s) noexcept:
    """Where the rings of a state that was read begin, and what follows from its bars and votes."""
    cdef const Config* c = s.config
    cdef int64_t kind, lane, i
    cdef bint all_crossed = True
    s.source_place = <int16_t> (s.bars % source_ring(c))
    for kind in range(2):
        for lane in range(LANES if has_sums(c, kind) else 0):
            s.place[kind][lane] = <int16_t> (s.bars % lengths_of_sums(c, kind)[lane])
    growth_at(c, s.bars - c.cutout, &s.growth)
    for i in range(ROW):
        all_crossed &= not magnitude(s.account.vote[i]) < CROSSED
    if all_crossed:
        s.account.idle = 0.0
    if s.bars > c.cutout and not c.delayed:
        s.average = average_of_types(c, &s.account)


cdef void mirror_source(State* s) noexcept:
    """Have the ring of src twice, from the piece that ends with the newest one."""
    cdef int64_t R = source_ring(s.config)
    cdef double* ring = s.rings
    cdef int64_t i
    for i in range(2 * R):
        if s.source_place < i < R + s.source_place:     # the piece that was read
            ring[(i + R) % (2 * R)] = ring[i]


cdef int64_t record_numbers(State* s) noexcept:
    """How many numbers a record has, its version included."""
    cdef Cursor cursor
    cursor.at, cursor.numbers, cursor.reading = NULL, 1, False
    pass_state(&cursor, s)
    return cursor.numbers


cdef bytes write_record(State* s):
    cdef bytes record = bytes(8 * record_numbers(s))
    cdef int64_t version = VERSION_2
    cdef Cursor cursor
    cursor.at, cursor.numbers, cursor.reading = record, 0, False
    pass_numbers(&cursor, &version, 1, 1)
    pass_state(&cursor, s)
    return record


cdef int read_record(State* s, bytes record) except -1:
    """Make a state, which was cleared before, the recorded one."""
    cdef const Config* c = s.config
    cdef int64_t version = 0
    cdef Cursor cursor
    cursor.at, cursor.numbers, cursor.reading = record, 0, True
    if len(record) < 16:
        raise ValueError(f"the record has {len(record)} bytes: it is none")
    pass_numbers(&cursor, &version, 1, 1)
    if version < VERSION_2:
        raise ValueError(f"the record is of version {-int(version)}; this kernel reads versions 1 and 2")
    if version != VERSION_2:
        read_record_1(s, record)
        return check_account(s)
    if <int64_t> len(record) != 8 * record_numbers(s):
        raise ValueError(f"the record has {len(record)} bytes, not the {8 * record_numbers(s)} of this structure")
    memcpy(&version, cursor.at, 8)
    if not 0 <= version < MOST_BARS:
        raise ValueError(f"the record has {version} bars")
    pass_state(&cursor, s)
    return check_account(s)


cdef int check_account(const State* s) except -1:
    """Refuse numbers to which no bars lead, and from which signals or averages beyond 1 would follow."""
    cdef const Account* a = &s.account
    cdef bint bounded = True        # a negative weight may lead anywhere on the cutout's bar
    cdef int64_t i
    for i in range(types(s.config)):
        bounded &= s.config.weight[i] >= 0.0
    for i in range(types(s.config)):
        if magnitude(a.type_signal[i]) > 1.0:
            raise ValueError(f"the record has the signal {a.type_signal[i]}")
        if bounded and a.type_equity[i] < 0.0:
            raise ValueError(f"the record has the equity {a.type_equity[i]}")
    if bounded and magnitude(a.last_average) > 1.0:
        raise ValueError(f"the record has the average {a.last_average}")
    return 0


# ---------------------------------------------------------------------------------------------------------------------
# Version 1. Its lanes lay beside each other, in rings of the longest lane.

cdef int64_t ring_1(const Config* c, int64_t moving_average) noexcept:
    """Entries that a lane of this type kept."""
    return longest_of(lengths(c, moving_average)) if has(c, moving_average) else 0


cdef int64_t longest_of(const int64_t* length) noexcept:
    cdef int64_t lane, result = 0
    for lane in range(LANES):
        result = larger(result, length[lane])
    return result


cdef int64_t record_1_numbers(const Config* c) noexcept:
    cdef int64_t T = types(c)
    cdef int64_t total = 7 + 3 * LANES * T + 3 * T + longest(c)
    total += 3 * LANES if has(c, EMA) else 0
    total += 6 * LANES if has(c, DEMA) else 0
    total += 2 * LANES if has(c, HMA) else 0
    total += 3 * LANES + longest(c) if has(c, KAMA) else 0
    total += LANES * (ring_1(c, HMA) + ring_1(c, KAMA) + ring_1(c, DEMA))
    total += 2 * (window(c) - 1) if window(c) > 0 else 0
    return total


cdef void seed_from(State* s, int64_t kind, const int64_t* length, const double* sums, const double* lost) noexcept:
    """A lane whose window is not full has the sum of all values."""
    cdef int64_t lane
    for lane in range(LANES):
        if s.bars - kind <= length[lane]:
            s.seed_sum[kind], s.seed_lost[kind] = sums[lane], lost[lane]


cdef void read_lanes_1(State* s, int64_t recurrence, const double* lanes) noexcept:
    memcpy(s.lanes[recurrence], lanes, 8 * sizeof(double))
    s.lane_8[recurrence] = lanes[8]


cdef void read_vote_1(State* s, int64_t place, double signal, double side, double equity) noexcept:
    cdef double* vote = &s.account.vote[place]
    if signal != 0.0:
        vote[0] = with_sign(equity if s.bars > s.config.cutout else 1.0, signal)
        return
    if s.bars > s.config.cutout:
        s.account.idle = equity
    if side != side:
        vote[0] = UNDEFINED
    else:
        vote[0] = ABOVE if side > 0.0 else (-ABOVE if side < 0.0 else 0.0)


cdef int read_record_1(State* s, bytes record) except -1:
    cdef const Config* c = s.config
    cdef Account* a = &s.account
    cdef const double* at = <const double*> <const char*> record
    cdef const double* rows
    cdef int64_t T = types(c)
    cdef int64_t lane, i, j, kind, taken, length, ring
    cdef int64_t moving_average
    if <int64_t> len(record) != 8 * record_1_numbers(c):
        raise ValueError(f"the record has {len(record)} bytes, not the {8 * record_1_numbers(c)} of this structure")
    memcpy(&s.bars, at, 8)
    if not 0 <= s.bars < MOST_BARS:
        raise ValueError(f"the record has {s.bars} bars")
    memcpy(&i, at + 1, 8)
    s.in_range = i != 0
    s.close = at[5]
    at += 6
    if has(c, EMA):
        read_lanes_1(s, FIRST, at)
        seed_from(s, PRICES, lengths(c, EMA), at + LANES, at + 2 * LANES)
        at += 3 * LANES
    if has(c, DEMA):
        read_lanes_1(s, OWN_FIRST, at)
        seed_from(s, PRICES, lengths(c, DEMA), at + LANES, at + 2 * LANES)
        at += 3 * LANES
        for lane in range(LANES):
            length = lengths(c, DEMA)[lane]
            taken = s.bars - (length - 1)
            lane_of(s, SECOND, lane)[0] = at[lane] if taken >= length else at[LANES + lane]
            s.second_lost[lane] = at[2 * LANES + lane]
        at += 3 * LANES
    for kind in range(2):
        if has_sums(c, kind):
            read_lanes_1(s, SUMS + kind, at)
            read_lanes_1(s, LOST + kind, at + LANES)
            seed_from(s, kind, lengths_of_sums(c, kind), at, at + LANES)
            at += 2 * LANES
    if has(c, KAMA):
        read_lanes_1(s, ADAPTIVE, at)
        at += LANES
    for i in range(T):
        for lane in range(LANES):
            j = i * LANES + lane
            read_vote_1(s, place_in_row(i, lane), at[j], at[T * LANES + j], at[2 * T * LANES + j])
    at += 3 * T * LANES
    for i in range(T):
        if s.bars > c.cutout:
            a.type_signal[i], a.applied[i], a.type_equity[i] = at[i], at[T + i], at[2 * T + i]
    a.last_average = at[3 * T]
    at += 3 * T + 1
    settle_places(s)
    memcpy(<double*> newest_source(s) - longest(c) + 1, at, longest(c) * sizeof(double))
    mirror_source(s)
    at += longest(c)
    if has(c, KAMA):
        at += longest(c)
    for kind in range(2):
        if has_sums(c, kind):
            ring = ring_1(c, HMA if kind == PRICES else KAMA)
            for lane in range(LANES):
                length = lengths_of_sums(c, kind)[lane]
                for i in range(larger(s.bars - kind - length, 0), larger(s.bars - kind, 0)):
                    entries(s, kind, lane)[(i + kind) % length * entry_step(c)] = at[i % ring * LANES + lane]
            at += LANES * ring
    if has(c, DEMA):
        for lane in range(LANES):
            second_from(s)[lane] = at[lane * ring_1(c, DEMA)]
    return 0
