# The state of one symbol between two bars, and how the structure is known: at compile time (FIXED) or from the
# state itself. Everything below asks through the functions here and never sees the difference.

from libc.stdint cimport int64_t, uint32_t, uint64_t
from libc.string cimport memmove, memset

DEF LANES = 9
DEF BLOCK = 64      # bars that `advance` carries through all steps at once; their averages stay in cache
DEF TILE = 16       # bars whose windows are summed side by side
DEF STRIDE = TYPES * LANES      # from one bar to the next in an array of lanes

cdef extern from "<math.h>":
    const double NAN
    const double INFINITY


# A positive number (high + low) * 2**exponent, high in [1, 2), good to about 2**-104.
cdef struct Wide:
    double high
    double low
    int64_t exponent


cdef struct RollingSums:
    double sum[LANES]
    double correction[LANES]
    int64_t slot[LANES]         # where in its ring a lane's oldest realized entry is


cdef struct ExponentialAverages:
    double value[LANES]
    RollingSums seed


cdef struct State:
    # The numbers of the config.
    double rate                 # La / 1000
    double keep                 # 1 - De / 100
    int64_t cutout
    double weight[TYPES]

    int64_t bars                # bars taken so far
    double close                # of the last bar
    Wide growth_step            # E ** rate
    Wide growth                 # E ** (rate * (bars - cutout)), from the cutout on

    ExponentialAverages ema
    ExponentialAverages dema_first
    ExponentialAverages dema_second
    RollingSums hma
    RollingSums kama_noise
    double kama[LANES]

    # Per lane: the signal, close - average of the last bar that had one (NaN before), and the equity.
    double signal[STRIDE]
    double side[STRIDE]
    double equity[STRIDE]

    # Per type: the signal (NaN before the cutout), the last return that was applied, and the equity.
    double type_signal[TYPES]
    double type_return[TYPES]
    double type_equity[TYPES]

    # Only the generic kernel reads these; the others know them as constants.
    int64_t types
    int64_t column[6]           # -1: not there
    int64_t length[STRIDE]
    int64_t history
    int64_t ring[6]
    # Behind the struct: source, moves, and the rings, see below.


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


# Behind the struct lie, as doubles:
#   source   [history + BLOCK + TILE]   the last `history` values of src, then the block's own
#   moves    [history + BLOCK]          KAMA's |x[t] - x[t-1]|, laid out like source
#   rings    [LANES * ring] each        the realized entries of HMA and of KAMA's noise, DEMA's first e1 values

cdef inline double* source(State* s) noexcept nogil:
    return <double*> (s + 1)


cdef inline double* moves(State* s) noexcept nogil:
    return source(s) + history(s) + BLOCK + TILE


cdef inline double* hma_realized(State* s) noexcept nogil:
    return moves(s) + history(s) + BLOCK


cdef inline double* kama_realized(State* s) noexcept nogil:
    return hma_realized(s) + LANES * ring(s, HMA)


cdef inline double* dema_first_values(State* s) noexcept nogil:
    return kama_realized(s) + LANES * ring(s, KAMA)


cdef inline size_t state_size(State* s) noexcept nogil:
    """Bytes of the whole state, from its own structure."""
    return <size_t> (<char*> (dema_first_values(s) + LANES * ring(s, DEMA)) - <char*> s)
