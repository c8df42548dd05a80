# A row holds one number for each of the symbols that run side by side. `double` is the row of one symbol; `Many` fills
# a vector register of the CPU level. A function of rows is compiled for both. With many symbols each operation on rows
# is a vector operation; with one, loops over lanes or over sums become the vectors.
#
# Cython has no vectors: to it `Many` is a number of another type than double, and so `+ - * /` come out as they should.
# Comparisons do not; `above` and the like stand for them.

from libc.stdint cimport int64_t

cdef extern from *:
    """
    #include <stddef.h>
    #include <stdint.h>
    #ifdef __SSE2__
    #include <immintrin.h>
    #endif

    typedef double Many __attribute__((vector_size(8 * SYMBOLS)));
    typedef int64_t Bits __attribute__((vector_size(8 * SYMBOLS)));

    static inline Many many_of(double value) {
        Many row;
        for (int w = 0; w < SYMBOLS; w++)
            row[w] = value;
        return row;
    }
    static inline Many many_gather(const double *from, const int64_t *places) {
        Many row;
        for (int w = 0; w < SYMBOLS; w++)
            row[w] = from[places[w]];
        return row;
    }
    #ifdef __AVX512F__
    #define COMPARE(a, is, b, x, y) \
        ((Many) _mm512_mask_blend_pd( \
            _mm512_cmp_pd_mask((__m512d) (a), (__m512d) (b), is), (__m512d) (y), (__m512d) (x)))
    #define ABOVE _CMP_GT_OQ
    #define AT_LEAST _CMP_GE_OQ
    #define EQUAL _CMP_EQ_OQ
    #else
    static inline Many many_choose(Bits condition, Many x, Many y) {
        return (Many) ((condition & (Bits) x) | (~condition & (Bits) y));
    }
    #define COMPARE(a, is, b, x, y) many_choose((a) is (b), x, y)
    #define ABOVE >
    #define AT_LEAST >=
    #define EQUAL ==
    #endif
    static inline Many many_above(Many a, Many b, Many x, Many y) { return COMPARE(a, ABOVE, b, x, y); }
    static inline Many many_at_least(Many a, Many b, Many x, Many y) { return COMPARE(a, AT_LEAST, b, x, y); }
    static inline Many many_equal(Many a, Many b, Many x, Many y) { return COMPARE(a, EQUAL, b, x, y); }
    static inline Many many_magnitude(Many x) { return (Many) ((Bits) x & INT64_MAX); }
    static inline Many many_signed(Many x, Many sign) {
    #ifdef __AVX512F__
        /* x ^ (sign & mask), which GCC does not make one instruction of */
        return (Many) _mm512_ternarylogic_epi64(
            (__m512i) x, (__m512i) sign, _mm512_set1_epi64(INT64_MIN), 0x78);
    #else
        return (Many) ((Bits) x ^ ((Bits) sign & INT64_MIN));
    #endif
    }
    static inline int many_any_positive(Many x) {
    #if defined(__AVX512F__)
        return _mm512_cmp_pd_mask((__m512d) x, _mm512_setzero_pd(), _CMP_GT_OQ) != 0;
    #elif defined(__AVX__)
        return _mm256_movemask_pd((__m256d) (x > 0.0)) != 0;
    #elif defined(__SSE2__)
        return _mm_movemask_pd((__m128d) (x > 0.0)) != 0;
    #else
        int found = 0;
        for (int w = 0; w < SYMBOLS; w++)
            found |= x[w] > 0.0;
        return found;
    #endif
    }

    /* Fused multiply-add. */
    #ifdef __FMA__
    #define HAS_FMA 1
    static inline double one_fma(double a, double b, double c) { return __builtin_fma(a, b, c); }
    static inline Many many_fma(Many a, double b, Many c) {
    #ifdef __AVX512F__
        return (Many) _mm512_fmadd_pd((__m512d) a, _mm512_set1_pd(b), (__m512d) c);
    #else
        return (Many) _mm256_fmadd_pd((__m256d) a, _mm256_set1_pd(b), (__m256d) c);
    #endif
    }
    #else
    #define HAS_FMA 0
    static inline double one_fma(double a, double b, double c) { (void) b; (void) c; return a; }
    static inline Many many_fma(Many a, double b, Many c) { (void) b; (void) c; return a; }
    #endif
    """
    ctypedef float Many
    const bint HAS_FMA
    Many many_of(double value) noexcept nogil
    Many many_gather(const double* start, const int64_t* places) noexcept nogil
    Many many_above(Many a, Many b, Many x, Many y) noexcept nogil
    Many many_at_least(Many a, Many b, Many x, Many y) noexcept nogil
    Many many_equal(Many a, Many b, Many x, Many y) noexcept nogil
    Many many_magnitude(Many x) noexcept nogil
    Many many_signed(Many x, Many sign) noexcept nogil
    bint many_any_positive(Many x) noexcept nogil
    Many many_fma(Many a, double b, Many c) noexcept nogil
    double one_fma(double a, double b, double c) noexcept nogil
    double copysign "__builtin_copysign"(double magnitude, double sign) noexcept nogil

ctypedef fused Row:
    double
    Many


cdef inline int64_t width(const Row* row) noexcept nogil:
    """Symbols in a row."""
    return sizeof(Row) // sizeof(double)


cdef inline double* of(const Row* row, int64_t w) noexcept nogil:
    """The number of one symbol."""
    return <double*> row + w


cdef inline Row every(double value, const Row* kind) noexcept nogil:
    """A row of one value."""
    if Row is double:
        return value
    else:
        return many_of(value)


cdef inline Row above(Row a, Row b, Row x, Row y) noexcept nogil:
    """x where a > b, otherwise y."""
    if Row is double:
        return x if a > b else y
    else:
        return many_above(a, b, x, y)


cdef inline Row at_least(Row a, Row b, Row x, Row y) noexcept nogil:
    """x where a >= b, otherwise y."""
    if Row is double:
        return x if a >= b else y
    else:
        return many_at_least(a, b, x, y)


cdef inline Row equal(Row a, Row b, Row x, Row y) noexcept nogil:
    """x where a == b, otherwise y."""
    if Row is double:
        return x if a == b else y
    else:
        return many_equal(a, b, x, y)


cdef inline Row magnitude(Row x) noexcept nogil:
    if Row is double:
        return x if x >= 0.0 else -x
    else:
        return many_magnitude(x)


cdef inline Row signed(Row x, Row sign) noexcept nogil:
    """x where the sign bit of `sign` is clear, -x where it is set."""
    if Row is double:
        return x * copysign(1.0, sign)
    else:
        return many_signed(x, sign)


cdef inline bint any_positive(Row x) noexcept nogil:
    if Row is double:
        return x > 0.0
    else:
        return many_any_positive(x)


cdef inline Row fma(Row a, double b, Row c) noexcept nogil:
    """a * b + c, rounded once; only where HAS_FMA."""
    if Row is double:
        return one_fma(a, b, c)
    else:
        return many_fma(a, b, c)
