# Vectors of WIDTH doubles, written so that GCC 12 and clang 14 compile the same lines for every CPU. Nothing is left to
# the auto-vectoriser: what should be a vector operation is one here.
#
# Cython has no vectors: to it `Vector` is a number of another type than double, and so `+ - * /` come out as they
# should. Comparisons do not; `greater` and the like stand for them.
#
# An intrinsic stands only where a compiler does not find the instruction by itself. Each has a plain form beside it,
# which PLAIN_VECTORS chooses, and tests/law/test_exact.py compares the two.

from libc.stdint cimport int16_t, int64_t

cdef extern from *:
    """
    #include <stddef.h>
    #include <stdint.h>
    #if defined(__SSE4_1__) && !defined(PLAIN_VECTORS)
    #include <immintrin.h>
    #elif defined(__aarch64__) && !defined(PLAIN_VECTORS)
    #include <arm_neon.h>
    #endif

    /* GCC would make `rep movs` of a loop that stores a few vectors, which takes as long as all that a bar computes. */
    #if defined(__GNUC__) && !defined(__clang__)
    #pragma GCC optimize ("no-tree-loop-distribute-patterns")
    #endif

    /* Nothing may be computed in another way than it is written. */
    #if defined(__FAST_MATH__) || __FINITE_MATH_ONLY__ || __FLT_EVAL_METHOD__
    #error "compile without -ffast-math and its like, for a CPU with SSE2 or NEON"
    #endif

    typedef double Vector __attribute__((vector_size(8 * WIDTH)));
    typedef double UnalignedVector __attribute__((vector_size(8 * WIDTH), aligned(8), may_alias));
    typedef int64_t Mask __attribute__((vector_size(8 * WIDTH)));
    #define VECTOR static inline __attribute__((always_inline))

    VECTOR Vector broadcast(double value) { return value - (Vector) {0.0}; }
    VECTOR Vector load_vector(const double *from) { return *(const UnalignedVector *) from; }
    VECTOR void store_vector(double *to, Vector v) { *(UnalignedVector *) to = v; }
    VECTOR double first_of(Vector v) { return v[0]; }
    VECTOR double element(Vector v, int i) { return v[i]; }
    VECTOR Vector pair(double first, double second) { return (Vector) {first, second}; }
    VECTOR Vector gather(const double *from, const int64_t *places) {
    #if WIDTH == 8
        return (Vector) {
            from[places[0]], from[places[1]], from[places[2]], from[places[3]],
            from[places[4]], from[places[5]], from[places[6]], from[places[7]]};
    #elif WIDTH == 4
        return (Vector) {from[places[0]], from[places[1]], from[places[2]], from[places[3]]};
    #else
        return (Vector) {from[places[0]], from[places[1]]};
    #endif
    }
    VECTOR Vector vector_magnitude(Vector x) { return (Vector) ((Mask) x & INT64_MAX); }
    VECTOR Mask greater(Vector a, Vector b) { return a > b; }
    VECTOR Mask at_least(Vector a, Vector b) { return a >= b; }
    VECTOR Vector choose(Mask condition, Vector x, Vector y) {
        return (Vector) ((condition & (Mask) x) | (~condition & (Mask) y));
    }

    /* x where a > b, otherwise y; and with >= */
    #if defined(PLAIN_VECTORS) || !defined(__SSE4_1__)
    VECTOR Vector vector_select_greater(Vector a, Vector b, Vector x, Vector y) { return choose(a > b, x, y); }
    VECTOR Vector vector_select_at_least(Vector a, Vector b, Vector x, Vector y) { return choose(a >= b, x, y); }
    #elif defined(__AVX512F__)
    #define SELECT(a, is, b, x, y) \\
        ((Vector) _mm512_mask_blend_pd(_mm512_cmp_pd_mask((__m512d) (a), (__m512d) (b), is), (__m512d) (y), (__m512d) (x)))
    VECTOR Vector vector_select_greater(Vector a, Vector b, Vector x, Vector y) { return SELECT(a, _CMP_GT_OQ, b, x, y); }
    VECTOR Vector vector_select_at_least(Vector a, Vector b, Vector x, Vector y) { return SELECT(a, _CMP_GE_OQ, b, x, y); }
    #elif defined(__AVX__)
    VECTOR Vector vector_select_greater(Vector a, Vector b, Vector x, Vector y) {
        return (Vector) _mm256_blendv_pd((__m256d) y, (__m256d) x, (__m256d) (a > b));
    }
    VECTOR Vector vector_select_at_least(Vector a, Vector b, Vector x, Vector y) {
        return (Vector) _mm256_blendv_pd((__m256d) y, (__m256d) x, (__m256d) (a >= b));
    }
    #else
    VECTOR Vector vector_select_greater(Vector a, Vector b, Vector x, Vector y) {
        return (Vector) _mm_blendv_pd((__m128d) y, (__m128d) x, (__m128d) (a > b));
    }
    VECTOR Vector vector_select_at_least(Vector a, Vector b, Vector x, Vector y) {
        return (Vector) _mm_blendv_pd((__m128d) y, (__m128d) x, (__m128d) (a >= b));
    }
    #endif

    /* x where a is a number and not zero, otherwise y */
    VECTOR Vector select_nonzero(Vector a, Vector x, Vector y) {
    #if defined(__AVX512F__) && !defined(PLAIN_VECTORS)
        return SELECT(a, _CMP_NEQ_OQ, (Vector) {0.0}, x, y);
    #elif defined(__AVX__) && !defined(PLAIN_VECTORS)
        const __m256d nonzero = _mm256_cmp_pd((__m256d) a, _mm256_setzero_pd(), _CMP_NEQ_OQ);
        return (Vector) _mm256_blendv_pd((__m256d) y, (__m256d) x, nonzero);
    #else
        return vector_select_greater(vector_magnitude(a), (Vector) {0.0}, x, y);
    #endif
    }

    /* x, negated where the sign bit of `sign` is set. */
    VECTOR Vector xor_sign(Vector x, Vector sign) {
    #if defined(__AVX512F__) && !defined(PLAIN_VECTORS)
        return (Vector) _mm512_ternarylogic_epi64((__m512i) x, (__m512i) sign, _mm512_set1_epi64(INT64_MIN), 0x78);
    #else
        return (Vector) ((Mask) x ^ ((Mask) sign & INT64_MIN));
    #endif
    }

    /* |x| with the sign bit of `sign`. */
    VECTOR Vector copy_sign(Vector x, Vector sign) {
    #if defined(__AVX512F__) && !defined(PLAIN_VECTORS)
        return (Vector) _mm512_ternarylogic_epi64((__m512i) x, (__m512i) sign, _mm512_set1_epi64(INT64_MIN), 0xD8);
    #else
        return (Vector) (((Mask) x & INT64_MAX) | ((Mask) sign & INT64_MIN));
    #endif
    }

    VECTOR int any(Mask mask) {
    #if defined(__AVX512DQ__) && !defined(PLAIN_VECTORS)
        return _mm512_movepi64_mask((__m512i) mask) != 0;
    #elif defined(__AVX__) && !defined(PLAIN_VECTORS)
        return _mm256_movemask_pd((__m256d) mask) != 0;
    #elif defined(__SSE4_1__) && !defined(PLAIN_VECTORS)
        return _mm_movemask_pd((__m128d) mask) != 0;
    #else
        int64_t found = 0;
        for (int i = 0; i < WIDTH; i++)
            found |= mask[i];
        return found != 0;
    #endif
    }

    /* Each of nine places in a ring goes on, behind the last one to the first. */
    VECTOR void next_places(const int16_t *from, const int16_t *lengths, int16_t *to) {
        typedef int16_t Eight __attribute__((vector_size(16), aligned(2), may_alias));
        const Eight next = *(const Eight *) from + 1;
        const int16_t last = (int16_t) (from[8] + 1);
        *(Eight *) to = next & (next < *(const Eight *) lengths);
        to[8] = last < lengths[8] ? last : (int16_t) 0;
    }

    /* Store beside the caches, to a multiple of the vector's size: what will not be read soon. */
    VECTOR void stream_vector(double *to, Vector v) {
    #if defined(__AVX512F__) && !defined(PLAIN_VECTORS)
        _mm512_stream_pd(to, (__m512d) v);
    #elif defined(__AVX__) && !defined(PLAIN_VECTORS)
        _mm256_stream_pd(to, (__m256d) v);
    #elif defined(__SSE4_1__) && !defined(PLAIN_VECTORS)
        _mm_stream_pd(to, (__m128d) v);
    #else
        store_vector(to, v);
    #endif
    }
    /* Before other threads may read what was stored so. */
    VECTOR void end_streams(void) {
    #if defined(__SSE4_1__) && !defined(PLAIN_VECTORS)
        _mm_sfence();
    #endif
    }

    /* Have a cache line brought near. Without the empty statement GCC takes functions that do only this for idle, and
       leaves their calls out. */
    VECTOR void prefetch(const void *at) {
        __builtin_prefetch(at, 1);
        __asm__ volatile ("");
    }

    /* a * b + c, rounded once, where the CPU has it. */
    #if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
    #define HAS_FMA 1
    VECTOR double double_fma(double a, double b, double c) { return __builtin_fma(a, b, c); }
    VECTOR Vector vector_fma(Vector a, Vector b, Vector c) {
    #if defined(__AVX512F__) && !defined(PLAIN_VECTORS)
        return (Vector) _mm512_fmadd_pd((__m512d) a, (__m512d) b, (__m512d) c);
    #elif defined(__FMA__) && !defined(PLAIN_VECTORS)
        return (Vector) _mm256_fmadd_pd((__m256d) a, (__m256d) b, (__m256d) c);
    #elif defined(__aarch64__) && !defined(PLAIN_VECTORS)
        return (Vector) vfmaq_f64((float64x2_t) c, (float64x2_t) a, (float64x2_t) b);
    #else
        Vector r;
        for (int i = 0; i < WIDTH; i++)
            r[i] = __builtin_fma(a[i], b[i], c[i]);
        return r;
    #endif
    }
    #else
    #define HAS_FMA 0
    VECTOR double double_fma(double a, double b, double c) { (void) b; (void) c; return a; }
    VECTOR Vector vector_fma(Vector a, Vector b, Vector c) { (void) b; (void) c; return a; }
    #endif

    /* Whether the compiler made one operation of a * b + c, of doubles or vectors, where it was told not to. */
    static int is_contracted(void) {
        volatile double read = 1.0 + 0x1p-30, product = read * read;
        const double a = read, b = read, c = product;
        const Vector v = broadcast(read), w = broadcast(read), rest = v * w - broadcast(product);
        return a * b - c != 0.0 || first_of(rest) != 0.0;
    }

    /* A square of eight rows of eight, turned: what lies at `from[j] + i` goes to `to + i * step + j`. */
    #define SHUFFLE(x, y, ...) __builtin_shufflevector(x, y, __VA_ARGS__)
    VECTOR void transpose_rows(const double *const *from, double *to, ptrdiff_t step) {
    #if WIDTH == 8
        Vector r[8], a[8], b[8];
        for (int i = 0; i < 8; i++)
            r[i] = load_vector(from[i]);
        for (int i = 0; i < 8; i += 2) {
            a[i] = SHUFFLE(r[i], r[i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
            a[i + 1] = SHUFFLE(r[i], r[i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
        }
        for (int i = 0; i < 8; i += 4)
            for (int k = i; k < i + 2; k++) {
                b[k] = SHUFFLE(a[k], a[k + 2], 0, 1, 8, 9, 4, 5, 12, 13);
                b[k + 2] = SHUFFLE(a[k], a[k + 2], 2, 3, 10, 11, 6, 7, 14, 15);
            }
        for (int k = 0; k < 4; k++) {
            store_vector(to + k * step, SHUFFLE(b[k], b[k + 4], 0, 1, 2, 3, 8, 9, 10, 11));
            store_vector(to + (k + 4) * step, SHUFFLE(b[k], b[k + 4], 4, 5, 6, 7, 12, 13, 14, 15));
        }
    #elif WIDTH == 4
        for (int i = 0; i < 8; i += 4)
            for (int j = 0; j < 8; j += 4) {
                const Vector r0 = load_vector(from[i] + j), r1 = load_vector(from[i + 1] + j);
                const Vector r2 = load_vector(from[i + 2] + j), r3 = load_vector(from[i + 3] + j);
                const Vector a = SHUFFLE(r0, r1, 0, 4, 2, 6), b = SHUFFLE(r0, r1, 1, 5, 3, 7);
                const Vector c = SHUFFLE(r2, r3, 0, 4, 2, 6), d = SHUFFLE(r2, r3, 1, 5, 3, 7);
                store_vector(to + j * step + i, SHUFFLE(a, c, 0, 1, 4, 5));
                store_vector(to + (j + 1) * step + i, SHUFFLE(b, d, 0, 1, 4, 5));
                store_vector(to + (j + 2) * step + i, SHUFFLE(a, c, 2, 3, 6, 7));
                store_vector(to + (j + 3) * step + i, SHUFFLE(b, d, 2, 3, 6, 7));
            }
    #else
        for (int i = 0; i < 8; i += 2)
            for (int j = 0; j < 8; j += 2) {
                const Vector a = load_vector(from[i] + j), b = load_vector(from[i + 1] + j);
                store_vector(to + j * step + i, SHUFFLE(a, b, 0, 2));
                store_vector(to + (j + 1) * step + i, SHUFFLE(a, b, 1, 3));
            }
    #endif
    }
    VECTOR void transpose(const double *from, ptrdiff_t from_step, double *to, ptrdiff_t step) {
        const double *rows[8];
        for (int i = 0; i < 8; i++)
            rows[i] = from + i * from_step;
        transpose_rows(rows, to, step);
    }
    """
    ctypedef float Vector
    ctypedef int64_t Mask
    const bint HAS_FMA
    Vector broadcast(double value) noexcept nogil
    Vector load_vector(const double* start) noexcept nogil
    void store_vector(double* to, Vector v) noexcept nogil
    double first_of(Vector v) noexcept nogil
    double element(Vector v, int i) noexcept nogil
    Vector pair(double first, double second) noexcept nogil
    Vector gather(const double* start, const int64_t* places) noexcept nogil
    Vector vector_magnitude(Vector x) noexcept nogil
    Mask greater(Vector a, Vector b) noexcept nogil
    Mask at_least(Vector a, Vector b) noexcept nogil
    Vector choose(Mask condition, Vector x, Vector y) noexcept nogil
    Vector vector_select_greater(Vector a, Vector b, Vector x, Vector y) noexcept nogil
    Vector vector_select_at_least(Vector a, Vector b, Vector x, Vector y) noexcept nogil
    Vector select_nonzero(Vector a, Vector x, Vector y) noexcept nogil
    Vector xor_sign(Vector x, Vector sign) noexcept nogil
    Vector copy_sign(Vector x, Vector sign) noexcept nogil
    bint any(Mask mask) noexcept nogil
    double double_copy_sign "__builtin_copysign"(double x, double sign) noexcept nogil
    double double_fma(double a, double b, double c) noexcept nogil
    Vector vector_fma(Vector a, Vector b, Vector c) noexcept nogil
    bint is_contracted() noexcept
    void transpose_rows(const double** start, double* to, Py_ssize_t step) noexcept nogil
    void transpose(const double* start, Py_ssize_t from_step, double* to, Py_ssize_t step) noexcept nogil
    void next_places(const int16_t* start, const int16_t* lengths, int16_t* to) noexcept nogil
    void stream_vector(double* to, Vector v) noexcept nogil
    void end_streams() noexcept nogil
    void prefetch(const void* at) noexcept nogil

# A formula that is needed of one number and of many is compiled for both.
ctypedef fused Number:
    double
    Vector


cdef inline Number constant(double value, Number kind) noexcept nogil:
    if Number is double:
        return value
    else:
        return broadcast(value)


cdef inline Number magnitude(Number x) noexcept nogil:
    if Number is double:
        return x if x >= 0.0 else -x
    else:
        return vector_magnitude(x)


cdef inline Number select_greater(Number a, Number b, Number x, Number y) noexcept nogil:
    """x where a > b, otherwise y."""
    if Number is double:
        return x if a > b else y
    else:
        return vector_select_greater(a, b, x, y)


cdef inline Number select_at_least(Number a, Number b, Number x, Number y) noexcept nogil:
    """x where a >= b, otherwise y."""
    if Number is double:
        return x if a >= b else y
    else:
        return vector_select_at_least(a, b, x, y)


cdef inline Number fma(Number a, Number b, Number c) noexcept nogil:
    """a * b + c, rounded once; only where HAS_FMA."""
    if Number is double:
        return double_fma(a, b, c)
    else:
        return vector_fma(a, b, c)


cdef inline Number with_sign(Number x, Number sign) noexcept nogil:
    """|x| with the sign bit of `sign`."""
    if Number is double:
        return double_copy_sign(x, sign)
    else:
        return copy_sign(x, sign)
