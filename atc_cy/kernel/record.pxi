# A symbol's state as bytes: five numbers, then the parts of the state proper that the next bars depend on, in the order
# of `parts`; all little-endian, eight bytes each. The bytes are the same whatever the CPU level, the kernel (generic or
# a preset's) and the symbols beside it.

DEF HEADER = 5          # bars, tame, the growth's exponent, high, low
DEF MOST_PARTS = 20

cdef struct Part:
    int64_t first       # row
    int64_t count


cdef int64_t parts(const State* s, const Row* rows, Part* part) noexcept:
    """What a record holds; returns how many parts."""
    cdef int64_t n = 0
    cdef int64_t lanes = types(s) * LANES
    n = add(part, n, CLOSE, 1)
    n = add(part, n, EMA_VALUES, 3 * LANES if column(s, EMA) >= 0 else 0)
    n = add(part, n, DEMA_FIRST, 6 * LANES if column(s, DEMA) >= 0 else 0)
    n = add(part, n, HMA_SUMS, 2 * LANES if column(s, HMA) >= 0 else 0)
    n = add(part, n, NOISE_SUMS, 3 * LANES if column(s, KAMA) >= 0 else 0)      # and KAMA's values
    n = add(part, n, SIGNALS, lanes)
    n = add(part, n, SIDES, lanes)
    n = add(part, n, EQUITIES, lanes)
    n = add(part, n, TYPE_SIGNALS, types(s))
    n = add(part, n, TYPE_RETURNS, types(s))
    n = add(part, n, TYPE_EQUITIES, types(s))
    n = add(part, n, LAST_AVERAGE, 1)
    n = add(part, n, SOURCE + s.offset, history(s))
    n = add(part, n, moves(s, rows) + s.offset, history(s) if column(s, KAMA) >= 0 else 0)
    n = add(part, n, hma_realized(s, rows), LANES * ring(s, HMA))
    n = add(part, n, kama_realized(s, rows), LANES * ring(s, KAMA))
    n = add(part, n, dema_first_values(s, rows), LANES * ring(s, DEMA))
    if window(s) > 0:
        n = add(part, n, weighted_sums(s, rows) + s.offset, window(s) - 1)
        n = add(part, n, plain_sums(s, rows) + s.offset, window(s) - 1)
    return n


cdef inline int64_t add(Part* part, int64_t n, int64_t first, int64_t count) noexcept:
    part[n].first, part[n].count = first, count
    return n + 1


cdef int64_t record_values(const State* s) noexcept:
    """How many numbers a record has."""
    cdef Part part[MOST_PARTS]
    cdef int64_t i
    cdef int64_t total = HEADER
    for i in range(parts(s, <double*> NULL, part)):
        total += part[i].count
    return total


cdef bytes write_record(const State* s, const Row* rows, int64_t w):
    """The state of symbol w."""
    cdef Part part[MOST_PARTS]
    cdef bytes record = bytes(8 * record_values(s))
    cdef char* to = record
    cdef int64_t i, j
    memcpy(to, &s.bars, 8)
    to[8] = s.tame
    memcpy(to + 16, &s.growth.exponent, 8)
    memcpy(to + 24, &s.growth.high, 8)
    memcpy(to + 32, &s.growth.low, 8)
    to += 8 * HEADER
    for i in range(parts(s, rows, part)):
        for j in range(part[i].first, part[i].first + part[i].count):
            # Of a lane that has crossed, the side is kept or not, as blocks begin and end; it counts no more.
            if SIDES <= j < SIDES + STRIDE and of(rows + j - SIDES + SIGNALS, w)[0] != 0.0:
                memset(to, 0, 8)
            else:
                memcpy(to, of(rows + j, w), 8)
            to += 8
    return record


cdef int read_record(State* s, Row* rows, int64_t w, bytes record) except -1:
    """Make the state of symbol w the recorded one; all symbols side by side must have equally many bars."""
    cdef Part part[MOST_PARTS]
    cdef int64_t i, j
    cdef const char* origin = record
    if <int64_t> len(record) != 8 * record_values(s):
        raise ValueError(f"the record has {len(record)} bytes, not the {8 * record_values(s)} of this structure")
    s.offset = 0
    memcpy(&s.bars, origin, 8)
    s.tame &= origin[8] != 0
    memcpy(&s.growth.exponent, origin + 16, 8)
    memcpy(&s.growth.high, origin + 24, 8)
    memcpy(&s.growth.low, origin + 32, 8)
    origin += 8 * HEADER
    for i in range(parts(s, rows, part)):
        for j in range(part[i].first, part[i].first + part[i].count):
            memcpy(of(rows + j, w), origin, 8)
            origin += 8
    return 0
