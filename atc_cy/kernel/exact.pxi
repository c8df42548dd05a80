# Sums and products with their rounding errors, division by an integer, and the rounding to two decimals.
#
# A fused multiply-add may be used here, and only here, because each of these results is exact or correctly rounded:
# the CPU decides how fast it comes, not what it is.

DEF TWO_52 = 2.0 ** 52


cdef inline double fast_two_sum(double a, double b, double* error) noexcept nogil:
    """a + b for |a| >= |b|: the rounded sum, and what rounding took away (Dekker 1971)."""
    cdef double total = a + b
    error[0] = b - (total - a)
    return total


cdef inline Row two_product(Row a, double b, Row* error) noexcept nogil:
    """a * b: the rounded product, and what rounding took away (Dekker 1971, Veltkamp's splitting)."""
    cdef Row product = a * b
    if HAS_FMA:
        error[0] = fma(a, b, -product)
        return product
    cdef Row shifted_row = 134217729.0 * a      # 2**27 + 1
    cdef Row a_high = shifted_row - (shifted_row - a)
    cdef Row a_low = a - a_high
    cdef double shifted = 134217729.0 * b
    cdef double b_high = shifted - (shifted - b)
    cdef double b_low = b - b_high
    error[0] = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
    return product


# Whether every src so far leaves `divide` room for its short cut. Functions are compiled for both, so that the loops
# need not ask.
cdef enum Tame:
    TAME

cdef enum Wild:
    WILD

ctypedef fused Src:
    Tame
    Wild


cdef inline Row divide(Row x, double divisor, double reciprocal, Src src) noexcept nogil:
    """x / divisor, correctly rounded, for an integer divisor from 1 to 2**51 and its correctly rounded reciprocal.

    With FMA and a divisor known at compile time, by its reciprocal y = RN(1 / b) (after Markstein, IBM J. Res. Dev.
    34, 1990). q = RN(x * y) is within 1.5 ulp of x / b; r = x - b * q is exact, since it is a multiple of ulp(q) and
    at most 1.5 * b * ulp(q); so q + r * y differs from x / b by at most 1.5 ulp * 2**-53. But x / b is never nearer
    than ulp / (2 * b) to the middle between two doubles: such a middle M has 54 significant bits, so x - b * M is
    not 0, and it is a multiple of ulp / 2. Hence q + r * y and x / b round to the same double.

    That needs room below and above: x is zero or from 2**-600 to 2**600.
    """
    cdef Row q, rest
    if FIXED and HAS_FMA and Src is Tame:
        q = x * reciprocal
        rest = fma(-q, divisor, x)
        return fma(rest, reciprocal, q)
    return x / every(divisor, &x)


cdef inline Row round2(Row v) noexcept nogil:
    """Two decimals, a half (and what lies within 1e-10 below it) away from zero; |v| <= 1, or NaN.

    The law splits |v| into whole and fraction; with |v| <= 1 the result is floor(|v| * 100) / 100 either way.
    """
    cdef Row error, lower, higher, half_below
    cdef Row m = magnitude(v)
    cdef Row hundredths = two_product(m, 100.0, &error)
    # Adding 2**52 leaves no room for a fraction.
    cdef Row floor = (hundredths + TWO_52) - TWO_52
    lower = floor - 1.0
    floor = above(floor, hundredths, lower, floor)
    # The exact |v| * 100 is hundredths + error. The right-hand side is exact wherever it is near `error`.
    half_below = -1e-10 - ((hundredths - floor) - 0.5)
    higher = floor + 1.0
    floor = at_least(error, half_below, higher, floor)
    floor = divide(floor, 100.0, 1.0 / 100.0, TAME)
    lower = 0.0 - floor
    floor = at_least(v, every(0.0, &v), floor, lower)
    return at_least(every(1.0, &v), m, floor, every(NAN, &v))
