# A structure (types and lengths), the numbers that ride along, and what the formulas need of both. A preset's kernel
# knows its structure as constants (FIXED), the generic kernel reads it from `Config`. Everything else asks through the
# functions here and never sees the difference.

from libc.stdint cimport uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcmp, memcpy, memmove, memset

DEF LANES = 9                   # of each type
DEF PARTS = 8 // WIDTH          # vectors of eight numbers
DEF VECTORS = PARTS + 1         # vectors of nine lanes: lanes 0 to 7, and lane 8 in every place of one more
DEF TAIL = 8 * TYPES            # where lane 8 of all types begins in a row of lanes
DEF ROW = TAIL + 8              # a row of lanes: lanes 0 to 7 of each type, then lane 8 of all types, then places left over
DEF ROW_VECTORS = ROW // WIDTH
DEF LONG_WINDOW = 64            # see open_sums.pxi
DEF SHORT_BLOCK = 128           # bars of a block, unless windows are long: it begins with all that are open

cdef extern from *:
    """
    /* Not those of <math.h>: Windows' NAN is negative. */
    #define POSITIVE_NAN __builtin_nan("")
    """
    const double NAN "POSITIVE_NAN"
    const double INFINITY "__builtin_inf()"

# GAP numbers separate the parts of a state, and those of a block's memory. No code may read or write them. GAP is 0,
# unless tests/sanitizers.py builds a kernel to find code that does.
cdef extern from *:
    """
    #ifdef WITH_GAPS
    #include <sanitizer/asan_interface.h>
    #define GAP 8
    /* Where memory is laid out for its size alone, it begins at 0. */
    #define FORBID(from, count) \\
        ((uintptr_t) (from) >> 40 ? __asan_poison_memory_region((from), 8 * (count)) : (void) 0)
    #define ALLOW(from, size) __asan_unpoison_memory_region((from), (size))
    #else
    #define GAP 0
    #define FORBID(from, count) ((void) (from))
    #define ALLOW(from, size) ((void) (from))
    #endif
    """
    const int64_t GAP
    void FORBID(const void* first, int64_t count) noexcept nogil
    void ALLOW(const void* first, size_t size) noexcept nogil

cdef enum:
    EMA, HMA, WMA, DEMA, LSMA, KAMA

# The two rolling sums: of src, which HMA averages, and of its moves, KAMA's noise.
cdef enum:
    PRICES, MOVES

# A positive number (high + low) * 2**exponent, high in [1, 2), good to about 2**-104.
cdef struct Wide:
    double high
    double low
    int64_t exponent


# What the formulas need of one type's lane lengths L, and the reciprocals of what they divide by; lane 8's from place 8
# on to the end.
cdef struct Constants:
    double length[16]
    double weights[16]              # 1 + … + L
    double denominator[16]          # L * (1² + … + L²) - (1 + … + L)²
    double per_length[16]
    double per_weights[16]
    double per_denominator[16]
    double alpha[16]                # 2 / (L + 1)


# Where a window of WMA or LSMA ends that began `length` values ago.
cdef struct WindowEnd:
    int64_t length
    int64_t lane
    bint wma
    bint lsma


# What the windows of one type multiply the values by that end with the same bar, oldest value first; 0 before a window
# begins. tail: lane 8's weight, then 1.
cdef struct WindowWeights:
    double weight[LONG_WINDOW][8]
    double present[LONG_WINDOW][8]
    double tail[LONG_WINDOW][WIDTH]


# What all states of one config share.
cdef struct Config:
    double rate                     # La / 1000
    double keep                     # 1 - De / 100
    int64_t cutout
    double weight[8]                # of each type, 0 where there is none
    bint delayed                    # whether the average is given one bar late (strategy_mode)
    bint follows                    # whether states have a direction
    int64_t alert                   # the output that it follows
    double long_threshold
    double short_threshold
    Wide power[9]                   # E ** (rate * 0) … E ** (rate * 8)
    double power_high[8]            # the first eight as plain doubles, NaN where they are beyond them
    double power_low[8]

    Constants constants[TYPES]
    WindowWeights windows[2]        # of WMA and LSMA
    double defined[ROW]             # the number of the first bar on which a lane has an average
    int64_t entries[2][LANES]       # where each lane's realized entries begin
    int16_t ring_length[2][LANES]   # how many they are
    int64_t entry_count

    # Only the generic kernel reads these; the others know them as constants.
    int64_t types
    int64_t column[6]               # -1: not there
    int64_t length[TYPES * LANES]
    bint shared_first
    bint shared_windows
    bint paired_entries
    int64_t longest                 # of all lanes
    int64_t shortest_sum            # the shortest lane of HMA and KAMA
    int64_t warm_up                 # bars until every lane has an average and nothing is seeded any more
    int64_t window                  # the longest lane of WMA and LSMA
    int64_t block                   # most bars that go through all steps at once
    bint has_length_one
    int64_t window_ends
    WindowEnd window_end[2 * LANES]     # by length


cdef inline int64_t types(const Config* c) noexcept nogil:
    IF FIXED:
        return TYPES
    ELSE:
        return c.types


cdef inline int64_t column(const Config* c, int64_t moving_average) noexcept nogil:
    """Where a type stands among those that are there; -1 if it is not."""
    IF FIXED:
        if moving_average == EMA:
            return EMA_COLUMN
        if moving_average == HMA:
            return HMA_COLUMN
        if moving_average == WMA:
            return WMA_COLUMN
        if moving_average == DEMA:
            return DEMA_COLUMN
        if moving_average == LSMA:
            return LSMA_COLUMN
        return KAMA_COLUMN
    ELSE:
        return c.column[moving_average]


cdef inline bint has(const Config* c, int64_t moving_average) noexcept nogil:
    return column(c, moving_average) >= 0


cdef inline const int64_t* lengths(const Config* c, int64_t moving_average) noexcept nogil:
    """The nine lane lengths of a type that is there."""
    IF FIXED:
        return &FIXED_LENGTHS[column(c, moving_average) * LANES]
    ELSE:
        return &c.length[column(c, moving_average) * LANES]


cdef inline const int64_t* lengths_of_sums(const Config* c, int64_t kind) noexcept nogil:
    return lengths(c, HMA if kind == PRICES else KAMA)


cdef inline bint has_sums(const Config* c, int64_t kind) noexcept nogil:
    return has(c, HMA if kind == PRICES else KAMA)


cdef inline const Constants* constants(const Config* c, int64_t moving_average) noexcept nogil:
    return &c.constants[column(c, moving_average)]


cdef inline bint shared_first(const Config* c) noexcept nogil:
    """Whether EMA and DEMA have the same lanes: then EMA is DEMA's first average."""
    IF FIXED:
        return SHARED_FIRST
    ELSE:
        return c.shared_first


cdef inline bint shared_windows(const Config* c) noexcept nogil:
    """Whether WMA and LSMA have the same lanes: then they share their windows' sums."""
    IF FIXED:
        return SHARED_WINDOWS
    ELSE:
        return c.shared_windows


cdef inline bint paired_entries(const Config* c) noexcept nogil:
    """Whether HMA and KAMA have the same lanes: then the entries of their rolling sums lie side by side."""
    IF FIXED:
        return PAIRED_ENTRIES
    ELSE:
        return c.paired_entries


cdef inline int64_t longest(const Config* c) noexcept nogil:
    IF FIXED:
        return LONGEST
    ELSE:
        return c.longest


cdef inline int64_t shortest_sum(const Config* c) noexcept nogil:
    IF FIXED:
        return SHORTEST_SUM
    ELSE:
        return c.shortest_sum


cdef inline int64_t warm_up(const Config* c) noexcept nogil:
    IF FIXED:
        return WARM_UP
    ELSE:
        return c.warm_up


cdef inline int64_t window(const Config* c) noexcept nogil:
    IF FIXED:
        return WINDOW
    ELSE:
        return c.window


cdef inline int64_t block_bars(const Config* c) noexcept nogil:
    """Most bars of a block."""
    IF FIXED:
        return max(SHORT_BLOCK, (4 * WINDOW + 7) // 8 * 8 if WINDOW > LONG_WINDOW else 0)
    ELSE:
        return c.block


cdef inline int64_t smaller(int64_t a, int64_t b) noexcept nogil:
    return a if a < b else b


cdef inline int64_t larger(int64_t a, int64_t b) noexcept nogil:
    return a if a > b else b


cdef inline int64_t bars_below(int64_t limit, int64_t first, int64_t n) noexcept nogil:
    """How many of the n bars that begin with number `first` have a number below `limit`."""
    return 0 if limit <= first else smaller(limit - first, n)


cdef inline int64_t round_up(int64_t count) noexcept nogil:
    """To whole squares."""
    return (count + 7) // 8 * 8


cdef inline void load_row(const double* row, int64_t column, Vector* lanes) noexcept nogil:
    """The lanes of the type in this column, from a row of lanes."""
    cdef int64_t i
    for i in range(PARTS):
        lanes[i] = load_vector(row + 8 * column + i * WIDTH)
    lanes[PARTS] = broadcast(row[TAIL + column])


cdef inline void store_row(double* row, int64_t column, const Vector* lanes) noexcept nogil:
    cdef int64_t i
    for i in range(PARTS):
        store_vector(row + 8 * column + i * WIDTH, lanes[i])
    row[TAIL + column] = first_of(lanes[PARTS])


cdef inline int64_t place_in_row(int64_t column, int64_t lane) noexcept nogil:
    return 8 * column + lane if lane < 8 else TAIL + column


cdef void set_constants(const int64_t* length, Constants* c) noexcept:
    cdef int64_t i, L
    for i in range(16):
        L = length[smaller(i, 8)]
        c.length[i] = <double> L
        c.weights[i] = <double> (L * (L + 1) // 2)
        c.denominator[i] = <double> (L * L * (L * L - 1) // 12)
        c.per_length[i] = 1.0 / c.length[i]
        c.per_weights[i] = 1.0 / c.weights[i]
        c.per_denominator[i] = 1.0 / c.denominator[i]
        c.alpha[i] = 2.0 / (c.length[i] + 1.0)
