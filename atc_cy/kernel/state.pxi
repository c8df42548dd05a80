# What a kernel keeps between two bars, and how it knows its structure: at compile time (FIXED) or from the state
# itself. Everything below asks through the functions here and never sees the difference.

from libc.stdint cimport int64_t, uint32_t, uint64_t
from libc.string cimport memcmp, memcpy, memmove, memset

DEF LANES = 9
DEF STRIDE = TYPES * LANES      # lanes of all types
DEF BARS_OF_ONE = 64            # most bars that go through all steps at once, so few that what they leave between
DEF BARS_OF_MANY = 32          # two steps stays near
DEF BLOCK_VALUES = max(BARS_OF_ONE, BARS_OF_MANY * SYMBOLS)
DEF OPEN_TOGETHER = 8           # sums that are open at a time, of one symbol, that make a vector
DEF AHEAD = 16                  # bars of one symbol whose lanes are laid side by side ahead of their use

cdef extern from "<math.h>":
    const double NAN
    const double INFINITY

# A positive number (high + low) * 2**exponent, high in [1, 2), good to about 2**-104.
cdef struct Wide:
    double high
    double low
    int64_t exponent


# What the formulas need of one type's nine lane lengths L, and the reciprocals of what they divide by.
cdef struct Constants:
    double length[LANES]
    double weights[LANES]           # 1 + … + L
    double denominator[LANES]       # L * (1² + … + L²) - (1 + … + L)²
    double per_length[LANES]
    double per_weights[LANES]
    double per_denominator[LANES]
    double alpha[LANES]             # 2 / (L + 1)


cdef struct State:
    # The numbers of the config.
    double rate                 # La / 1000
    double keep                 # 1 - De / 100
    int64_t cutout
    double weight[TYPES]
    bint late                   # whether the average is given one bar late (strategy_mode)

    int64_t bars                # bars taken so far
    int64_t offset              # of them, since what windows look back on was last moved to its beginning
    Wide growth_step            # E ** rate
    Wide growth                 # E ** (rate * (bars - cutout)), from the cutout on
    bint tame                   # whether every src so far allows `divide` its short cut
    bint crossed[TYPES]         # of each type, whether signals and equities are one, see `join_lanes`
    int64_t output[2 * TYPES + 1]       # where each output is written, -1: nowhere
    const Constants* constants   # of each type; many states may share them

    # Only the generic kernel reads these; the others know them as constants.
    int64_t types
    int64_t column[6]           # -1: not there
    int64_t length[STRIDE]
    int64_t history
    int64_t window
    int64_t ring[6]


# The state proper is an array of Rows. Where each part begins:
DEF CLOSE = 0                            # close of the last bar
DEF EMA_VALUES = 1                          # exponential averages: LANES values, then their seeds' sums
DEF DEMA_FIRST = EMA_VALUES + 3 * LANES     # and corrections
DEF DEMA_SECOND = DEMA_FIRST + 3 * LANES
DEF HMA_SUMS = DEMA_SECOND + 3 * LANES      # rolling sums: LANES sums, then corrections
DEF NOISE_SUMS = HMA_SUMS + 2 * LANES
DEF KAMA_VALUES = NOISE_SUMS + 2 * LANES
DEF SIGNALS = KAMA_VALUES + LANES           # of each lane, stale while they are one with the equities
DEF SIDES = SIGNALS + STRIDE                # close - average on the last bar that had one, NaN before
DEF EQUITIES = SIDES + STRIDE
DEF TYPE_SIGNALS = EQUITIES + STRIDE        # of each type, NaN before the cutout
DEF TYPE_RETURNS = TYPE_SIGNALS + TYPES     # the last return that was applied
DEF TYPE_EQUITIES = TYPE_RETURNS + TYPES
DEF LAST_AVERAGE = TYPE_EQUITIES + TYPES    # of the bar before
DEF KEEP = LAST_AVERAGE + 1                 # 1 - De / 100
DEF WEIGHTS = KEEP + 1                      # of each type
DEF SOURCE = WEIGHTS + TYPES                # the last `history` values of src, then the block's own, see below


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


cdef inline const Constants* constants(const State* s, int64_t moving_average) noexcept nogil:
    return &s.constants[column(s, moving_average)]


cdef void set_constants(const int64_t* length, Constants* c) noexcept nogil:
    cdef int64_t lane, L
    for lane in range(LANES):
        L = length[lane]
        c.length[lane] = <double> L
        c.weights[lane] = <double> (L * (L + 1) // 2)
        c.denominator[lane] = <double> (L * L * (L * L - 1) // 12)
        c.per_length[lane] = 1.0 / c.length[lane]
        c.per_weights[lane] = 1.0 / c.weights[lane]
        c.per_denominator[lane] = 1.0 / c.denominator[lane]
        c.alpha[lane] = 2.0 / (c.length[lane] + 1.0)


cdef inline int64_t history(const State* s) noexcept nogil:
    IF FIXED:
        return HISTORY
    ELSE:
        return s.history


cdef inline int64_t window(const State* s) noexcept nogil:
    """The longest lane of WMA and LSMA."""
    IF FIXED:
        return WINDOW
    ELSE:
        return s.window


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


cdef inline int64_t block_bars(const Row* rows) noexcept nogil:
    """Most bars of a block."""
    return BARS_OF_ONE if Row is double else BARS_OF_MANY


# From SOURCE on:
#   source   [history + block_bars]      src, the next bar's at [history + offset]
#   moves    [history + block_bars]      KAMA's |x[t] - x[t-1]|, laid out like source
#   rings    [ring * LANES] each         the realized entries of HMA and of KAMA's noise, see `rolling_sums`
#   values   [LANES * ring]              DEMA's first e1 values
#   sums     [window + block_bars] each  of x * weight and of x, by the bar with which they begin: the next bar begins
#                                        number window - 1 + offset

cdef inline int64_t moves(const State* s, const Row* rows) noexcept nogil:
    return SOURCE + history(s) + block_bars(rows)


cdef inline int64_t hma_realized(const State* s, const Row* rows) noexcept nogil:
    return moves(s, rows) + history(s) + block_bars(rows)


cdef inline int64_t kama_realized(const State* s, const Row* rows) noexcept nogil:
    return hma_realized(s, rows) + LANES * ring(s, HMA)


cdef inline int64_t dema_first_values(const State* s, const Row* rows) noexcept nogil:
    return kama_realized(s, rows) + LANES * ring(s, KAMA)


cdef inline int64_t weighted_sums(const State* s, const Row* rows) noexcept nogil:
    return round_up(dema_first_values(s, rows) + LANES * ring(s, DEMA))


cdef inline int64_t plain_sums(const State* s, const Row* rows) noexcept nogil:
    return weighted_sums(s, rows) + round_up(window(s) + block_bars(rows))


cdef inline int64_t state_rows(const State* s, const Row* rows) noexcept nogil:
    return plain_sums(s, rows) + round_up(window(s) + block_bars(rows))


cdef inline void make_room(State* s, Row* rows) noexcept nogil:
    """Move what windows look back on to its beginning, where a whole block has room behind it."""
    cdef Row* weighted = rows + weighted_sums(s, rows)
    cdef Row* plain = rows + plain_sums(s, rows)
    cdef int64_t n = s.offset
    memmove(rows + SOURCE, rows + SOURCE + n, history(s) * sizeof(Row))
    memmove(rows + moves(s, rows), rows + moves(s, rows) + n, history(s) * sizeof(Row))
    if window(s) > 0:
        memmove(weighted, weighted + n, (window(s) - 1) * sizeof(Row))
        memmove(plain, plain + n, (window(s) - 1) * sizeof(Row))
        memset(weighted + window(s) - 1, 0, n * sizeof(Row))
        memset(plain + window(s) - 1, 0, n * sizeof(Row))
    s.offset = 0


cdef inline int64_t round_up(int64_t count) noexcept nogil:
    """To whole vectors of open sums."""
    return (count + OPEN_TOGETHER - 1) // OPEN_TOGETHER * OPEN_TOGETHER


cdef inline int64_t at_most(int64_t a, int64_t b) noexcept nogil:
    return a if a < b else b


cdef inline int64_t bars_below(int64_t limit, int64_t first, int64_t n) noexcept nogil:
    """How many of the n bars that begin with number `first` have a number below `limit`."""
    return 0 if limit <= first else at_most(limit - first, n)


cdef inline int64_t bars_ahead(const Row* rows, const int64_t* length) noexcept nogil:
    """For how many bars to lay the lanes side by side ahead, out of what is at least a lane's length old.

    A vector that is read just after its parts were written makes the CPU wait.
    """
    cdef int64_t lane
    cdef int64_t result = AHEAD if Row is double else 1
    for lane in range(LANES):
        result = at_most(result, length[lane])
    return result


cdef inline int64_t longest(const int64_t* length) noexcept nogil:
    cdef int64_t lane, result = 0
    for lane in range(LANES):
        if length[lane] > result:
            result = length[lane]
    return result
