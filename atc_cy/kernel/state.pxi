# What a kernel keeps between two bars, and how it knows its structure: at compile time (FIXED) or from the state
# itself. Everything below asks through the functions here and never sees the difference.
#
# The same code runs one symbol or WIDTH symbols side by side. A Row holds one number for each of them: `One` is a
# row of one symbol, `Many` a row of WIDTH, and a function of Rows is compiled for both. With many symbols the loops
# over `w` are vectors; with one they vanish, and the loops over lanes or bars become the vectors.

from libc.stdint cimport int64_t, uint32_t, uint64_t
from libc.string cimport memcpy, memmove, memset

DEF LANES = 9
DEF STRIDE = TYPES * LANES      # lanes of all types
DEF WIDTH = 16                  # symbols in a row of many
DEF BLOCK_VALUES = 256         # numbers of one kind that a block holds

cdef extern from "<math.h>":
    const double NAN
    const double INFINITY

cdef struct One:
    double of[1]

cdef struct Many:
    double of[WIDTH]

ctypedef fused Row:
    One
    Many


# A positive number (high + low) * 2**exponent, high in [1, 2), good to about 2**-104.
cdef struct Wide:
    double high
    double low
    int64_t exponent


cdef struct State:
    # The numbers of the config.
    double rate                 # La / 1000
    double keep                 # 1 - De / 100
    int64_t cutout
    double weight[TYPES]
    bint late                   # whether the average is given one bar late (strategy_mode)

    int64_t bars                # bars taken so far
    Wide growth_step            # E ** rate
    Wide growth                 # E ** (rate * (bars - cutout)), from the cutout on
    int64_t hma_slot[LANES]     # where in its ring a lane's oldest realized entry is
    int64_t kama_slot[LANES]
    bint tame                   # whether every src so far allows `divide` its short cut
    int64_t output[2 * TYPES + 1]       # where each output is written, -1: nowhere

    # Only the generic kernel reads these; the others know them as constants.
    int64_t types
    int64_t column[6]           # -1: not there
    int64_t length[STRIDE]
    int64_t history
    int64_t ring[6]


# The state proper is an array of Rows. Where each part begins:
DEF CLOSE = 0                            # close of the last bar
DEF EMA_VALUES = 1                          # exponential averages: LANES values, then their seeds' sums
DEF DEMA_FIRST = EMA_VALUES + 3 * LANES     # and corrections
DEF DEMA_SECOND = DEMA_FIRST + 3 * LANES
DEF HMA_SUMS = DEMA_SECOND + 3 * LANES      # rolling sums: LANES sums, then corrections
DEF NOISE_SUMS = HMA_SUMS + 2 * LANES
DEF KAMA_VALUES = NOISE_SUMS + 2 * LANES
DEF SIGNALS = KAMA_VALUES + LANES           # of each lane
DEF SIDES = SIGNALS + STRIDE                # close - average on the last bar that had one, NaN before
DEF EQUITIES = SIDES + STRIDE
DEF TYPE_SIGNALS = EQUITIES + STRIDE        # of each type, NaN before the cutout
DEF TYPE_RETURNS = TYPE_SIGNALS + TYPES     # the last return that was applied
DEF TYPE_EQUITIES = TYPE_RETURNS + TYPES
DEF LAST_AVERAGE = TYPE_EQUITIES + TYPES    # of the bar before
DEF SOURCE = LAST_AVERAGE + 1               # the last `history` values of src, then the block's own, see below


cdef enum:
    EMA, HMA, WMA, DEMA, LSMA, KAMA


cdef inline int64_t types(const State* s) noexcept nogil:
    IF FIXED:
        return TYPES
    ELSE:
        return s.types


cdef inline int64_t column(const State* s, int64_t moving_average) noexcept nogil:
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
        return s.column[moving_average]


cdef inline const int64_t* lengths(const State* s, int64_t column) noexcept nogil:
    """The nine lane lengths of the type in this column."""
    IF FIXED:
        return &FIXED_LENGTHS[column * LANES]
    ELSE:
        return &s.length[column * LANES]


cdef inline int64_t history(const State* s) noexcept nogil:
    IF FIXED:
        return HISTORY
    ELSE:
        return s.history


cdef inline int64_t ring(const State* s, int64_t moving_average) noexcept nogil:
    """Entries that a lane of this type keeps, 0 for types that keep none."""
    IF FIXED:
        if moving_average == HMA:
            return HMA_RING
        if moving_average == DEMA:
            return DEMA_RING
        if moving_average == KAMA:
            return KAMA_RING
        return 0
    ELSE:
        return s.ring[moving_average]


cdef inline int64_t width(const Row* rows) noexcept nogil:
    """Symbols in a row."""
    return sizeof(Row) // sizeof(double)


cdef inline int64_t block_bars(const Row* rows) noexcept nogil:
    """Most bars that go through all steps at once: few enough that what they leave between two steps stays near."""
    return 64 if Row is One else BLOCK_VALUES // WIDTH


# From SOURCE on:
#   source   [history + block_bars + WIDTH]  src, the block's own from source[history] on; windows read past its end
#   moves    [history + block_bars]          KAMA's |x[t] - x[t-1]|, laid out like source
#   rings    [LANES * ring] each             the realized entries of HMA and of KAMA's noise, DEMA's first e1 values

cdef inline int64_t moves(const State* s, const Row* rows) noexcept nogil:
    return SOURCE + history(s) + block_bars(rows) + WIDTH


cdef inline int64_t hma_realized(const State* s, const Row* rows) noexcept nogil:
    return moves(s, rows) + history(s) + block_bars(rows)


cdef inline int64_t kama_realized(const State* s, const Row* rows) noexcept nogil:
    return hma_realized(s, rows) + LANES * ring(s, HMA)


cdef inline int64_t dema_first_values(const State* s, const Row* rows) noexcept nogil:
    return kama_realized(s, rows) + LANES * ring(s, KAMA)


cdef inline int64_t state_rows(const State* s, const Row* rows) noexcept nogil:
    return dema_first_values(s, rows) + LANES * ring(s, DEMA)


cdef inline void copy(Row* target, const Row* origin) noexcept nogil:
    cdef int64_t w
    for w in range(width(target)):
        target.of[w] = origin.of[w]


cdef inline int64_t at_most(int64_t a, int64_t b) noexcept nogil:
    return a if a < b else b


cdef inline int64_t bars_below(int64_t limit, int64_t first, int64_t n) noexcept nogil:
    """How many of the n bars that begin with number `first` have a number below `limit`."""
    return 0 if limit <= first else at_most(limit - first, n)


cdef inline int64_t longest(const int64_t* length) noexcept nogil:
    cdef int64_t lane, result = 0
    for lane in range(LANES):
        if length[lane] > result:
            result = length[lane]
    return result
