# A config, from what Python gives.

cdef str OTHER_STRUCTURE = f"the kernel of preset {PRESET!r} was compiled for another structure"
cdef tuple ORDER = ("EMA", "HMA", "WMA", "DEMA", "LSMA", "KAMA")
DEF LONGEST_LANE = 12000


cdef bytes make_config(
    tuple moving_averages, tuple lane_lengths, tuple weights, double La, double De, int64_t cutout, bint strategy_mode,
    bint follows, int64_t alert, double long_threshold, double short_threshold
):
    """A Config."""
    cdef Config config
    cdef Config* c = &config
    cdef int64_t count = len(moving_averages)
    cdef int64_t i, lane, length, moving_average
    memset(c, 0, sizeof(config))
    if count == 0 or len(lane_lengths) != count or len(weights) != count:
        raise ValueError("moving_averages, lane_lengths and weights must have one entry a type")
    if count > TYPES:
        raise ValueError(OTHER_STRUCTURE)
    if not -1 <= alert < count:
        raise ValueError(f"alert={alert} is out of range")
    if cutout < 0:
        raise ValueError(f"cutout={cutout} is out of range")
    for i in range(6):
        c.column[i] = -1
    c.types = count
    for i in range(count):
        moving_average = ORDER.index(moving_averages[i])
        c.column[moving_average] = i
        c.weight[i] = weights[i]
        for lane in range(LANES):
            length = lane_lengths[i][lane]
            if not 1 <= length <= LONGEST_LANE:
                raise ValueError(f"a lane of length {length} is out of range")
            c.length[i * LANES + lane] = length
    if not fits(c):
        raise ValueError(OTHER_STRUCTURE)
    c.rate = La / 1000.0
    c.keep = 1.0 - De / 100.0
    c.cutout = smaller(cutout, MOST_BARS)       # no state has as many bars; what is added to it does not overflow
    c.delayed = strategy_mode
    c.follows = follows
    c.alert = alert if alert >= 0 else 2 * count
    c.long_threshold, c.short_threshold = long_threshold, short_threshold
    start_powers(c)
    set_structure(c)
    return (<char*> c)[:sizeof(config)]


cdef bint fits(const Config* c) noexcept:
    """Whether this kernel can run the structure that was asked for."""
    cdef int64_t i
    if c.types != types(c):
        return False
    for i in range(6):
        if c.column[i] != column(c, i):
            return False
    for i in range(6):
        if has(c, i) and memcmp(lengths(c, i), &c.length[c.column[i] * LANES], LANES * sizeof(int64_t)) != 0:
            return False
    return True


cdef bint alike(const Config* c, int64_t one, int64_t other) noexcept:
    """Whether two types are there, with the same lanes."""
    if c.column[one] < 0 or c.column[other] < 0:
        return False
    return memcmp(&c.length[c.column[one] * LANES], &c.length[c.column[other] * LANES], LANES * sizeof(int64_t)) == 0


cdef void set_structure(Config* c) noexcept:
    """What follows from types and lengths."""
    cdef int64_t i, j, kind, lane, length, shortest_window
    cdef int64_t begin = 0
    cdef WindowEnd end
    c.shortest_sum = LONGEST_LANE
    c.shared_first, c.shared_windows = alike(c, EMA, DEMA), alike(c, WMA, LSMA)
    c.paired_entries = alike(c, HMA, KAMA)
    for i in range(ROW):
        c.defined[i] = 0.0
    for i in range(6):
        if c.column[i] < 0:
            continue
        set_constants(&c.length[c.column[i] * LANES], &c.constants[c.column[i]])
        for lane in range(LANES):
            length = c.length[c.column[i] * LANES + lane]
            c.longest = larger(c.longest, length)
            if i in (WMA, LSMA):
                c.window = larger(c.window, length)
            if i in (HMA, KAMA):
                c.shortest_sum = smaller(c.shortest_sum, length)
            c.has_length_one |= length == 1 and i in (EMA, DEMA, LSMA)
            j = place_in_row(c.column[i], lane)
            if i in (EMA, HMA, WMA, LSMA):
                c.defined[j] = <double> (length - 1)
            elif i == DEMA:
                c.defined[j] = <double> (2 * length - 2)
    c.warm_up = 2 * c.longest
    c.block = larger(SHORT_BLOCK, round_up(4 * c.window) if c.window > LONG_WINDOW else 0)

    for length in range(1, c.window + 1):
        for lane in range(LANES):
            end.length, end.lane = length, lane
            end.wma = c.column[WMA] >= 0 and c.length[c.column[WMA] * LANES + lane] == length
            end.lsma = c.column[LSMA] >= 0 and c.length[c.column[LSMA] * LANES + lane] == length
            if end.wma or end.lsma:
                c.window_end[c.window_ends] = end
                c.window_ends += 1

    for kind in range(2):
        i = c.column[WMA if kind == 0 else LSMA]
        for lane in range(LANES if i >= 0 and c.window <= LONG_WINDOW else 0):
            length = c.length[i * LANES + lane]
            for j in range(c.window - length, c.window):
                if lane < 8:
                    c.windows[kind].weight[j][lane] = <double> (j + 1 - c.window + length)
                    c.windows[kind].present[j][lane] = 1.0
                else:
                    c.windows[kind].tail[j][0] = <double> (j + 1 - c.window + length)
                    c.windows[kind].tail[j][1] = 1.0

    for kind in range(2):
        i = c.column[HMA if kind == PRICES else KAMA]
        for lane in range(LANES if i >= 0 else 0):
            c.entries[kind][lane] = begin
            c.ring_length[kind][lane] = <int16_t> c.length[i * LANES + lane]
            begin += GAP + (2 * c.length[i * LANES + lane] if c.paired_entries else c.length[i * LANES + lane])
        c.entry_count = begin
        if kind == PRICES and c.paired_entries:
            begin = 1
    if c.paired_entries:
        c.entry_count -= 1


cdef bint same_structure(const Config* a, const Config* b) noexcept:
    if a == b:      # copies of one
        return True
    return (
        a.types == b.types
        and memcmp(a.column, b.column, sizeof(a.column)) == 0
        and memcmp(a.length, b.length, a.types * LANES * sizeof(int64_t)) == 0
    )
