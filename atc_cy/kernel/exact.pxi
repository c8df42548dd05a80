# Sums and products with their rounding errors, division by an integer, and the rounding to two decimals.
#
# A fused multiply-add may be used here, and only here, because each of these results is exact or correctly rounded:
# the CPU decides how fast it comes, not what it is.

cdef extern from *:
    """
    #ifdef __FMA__
    #define HAS_FMA 1
    #define FMA(a, b, c) __builtin_fma(a, b, c)
    #else
    #define HAS_FMA 0
    #define FMA(a, b, c) (a)
    #endif
    """
    const bint HAS_FMA
    double FMA(double a, double b, double c) noexcept nogil


DEF TWO_52 = 2.0 ** 52


cdef inline double magnitude(double x) noexcept nogil:
    return x if x >= 0.0 else -x


cdef inline double fast_two_sum(double a, double b, double* error) noexcept nogil:
    """a + b for |a| >= |b|: the rounded sum, and what rounding took away (Dekker 1971)."""
    cdef double total = a + b
    error[0] = b - (total - a)
    return total


cdef inline double two_product(double a, double b, double* error) noexcept nogil:
    """a * b: the rounded product, and what rounding took away (Dekker 1971, Veltkamp's splitting)."""
    cdef double product = a * b
    if HAS_FMA:
        error[0] = FMA(a, b, -product)
        return product
    cdef double shifted = 134217729.0 * a       # 2**27 + 1
    cdef double a_high = shifted - (shifted - a)
    cdef double a_low = a - a_high
    shifted = 134217729.0 * b
    cdef double b_high = shifted - (shifted - b)
    cdef double b_low = b - b_high
    error[0] = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
    return product


cdef inline double divide(double x, double divisor, bint tame) noexcept nogil:
    """x / divisor, correctly rounded, for an integer divisor from 1 to 2**51.

    With FMA and a divisor known at compile time, by its reciprocal y = RN(1 / b) (after Markstein, IBM J. Res. Dev.
    34, 1990). q = RN(x * y) is within 1.5 ulp of x / b; r = x - b * q is exact, since it is a multiple of ulp(q) and
    at most 1.5 * b * ulp(q); so q + r * y differs from x / b by at most 1.5 ulp * 2**-53. But x / b is never nearer
    than ulp / (2 * b) to the middle between two doubles: such a middle M has 54 significant bits, so x - b * M is
    not 0, and it is a multiple of ulp / 2. Hence q + r * y and x / b round to the same double.

    That needs room below and above: x is zero or from 2**-600 to 2**600 (`tame`).
    """
    IF FIXED:
        cdef double reciprocal = 1.0 / divisor
        cdef double q = x * reciprocal
        return FMA(FMA(-q, divisor, x), reciprocal, q) if HAS_FMA and tame else x / divisor
    ELSE:
        return x / divisor


cdef inline double round2(double v) noexcept nogil:
    """Two decimals, a half (and what lies within 1e-10 below it) away from zero; |v| <= 1, or NaN.

    The law splits |v| into whole and fraction; with |v| <= 1 the result is floor(|v| * 100) / 100 either way.
    """
    cdef double error
    cdef double m = magnitude(v)
    cdef double hundredths = two_product(m, 100.0, &error)
    # Adding 2**52 leaves no room for a fraction.
    cdef double floor = (hundredths + TWO_52) - TWO_52
    floor = floor - 1.0 if floor > hundredths else floor
    # The exact |v| * 100 is hundredths + error. The right-hand side is exact wherever it is near `error`.
    floor = floor + 1.0 if error >= -1e-10 - ((hundredths - floor) - 0.5) else floor
    floor = divide(floor, 100.0, True)
    floor = floor if v >= 0.0 else 0.0 - floor
    return floor if m <= 1.0 else NAN
