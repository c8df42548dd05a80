# Sums and products with their rounding errors, division by an integer, and the rounding to two decimals.
#
# A fused multiply-add may be used here, and only here, because each of these results is exact or correctly rounded:
# the CPU decides how fast it comes, not what it is.

DEF TWO_52 = 2.0 ** 52


cdef int check_rounding() except -1:
    """Refuse to be imported if the compiler did not keep to what is written."""
    if is_contracted():
        raise ImportError(
            f"{__name__} was compiled with fused multiply-adds, so its numbers would differ: build it with -ffp-contract=off"
        )
    return 0


check_rounding()


cdef inline double fast_two_sum(double a, double b, double* error) noexcept nogil:
    """a + b for |a| >= |b|: the rounded sum, and what rounding took away (Dekker 1971)."""
    cdef double total = a + b
    error[0] = b - (total - a)
    return total


cdef inline Number two_product(Number a, Number b, Number* error) noexcept nogil:
    """a * b: the rounded product, and what rounding took away (Dekker 1971, Veltkamp's splitting)."""
    cdef Number product = a * b
    cdef Number shifted, a_high, a_low, b_high, b_low
    if HAS_FMA:
        error[0] = fma(a, b, -product)
        return product
    shifted = 134217729.0 * a       # 2**27 + 1
    a_high = shifted - (shifted - a)
    a_low = a - a_high
    shifted = 134217729.0 * b
    b_high = shifted - (shifted - b)
    b_low = b - b_high
    error[0] = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
    return product


# Whether every src so far leaves `divide` room for its short cut. Functions are compiled for both, so that the loops
# need not ask.
cdef enum InRange:
    IN_RANGE

cdef enum AnyRange:
    ANY_RANGE

ctypedef fused Range:
    InRange
    AnyRange

DEF RANGE_LOW = 2.0 ** -500     # of src, see `divide`
DEF RANGE_HIGH = 2.0 ** 500


cdef inline Number divide(Number x, Number divisor, Number reciprocal, Range range_of_x) noexcept nogil:
    """x / divisor, correctly rounded, for an integer divisor from 1 to 2**51 and its correctly rounded reciprocal.

    With FMA, by the reciprocal y = RN(1 / b) (after Markstein, IBM J. Res. Dev. 34, 1990). q = RN(x * y) is within
    1.5 ulp of x / b; r = x - b * q is exact, since it is a multiple of ulp(q) and at most 1.5 * b * ulp(q); so
    q + r * y differs from x / b by at most 1.5 ulp * 2**-53. But x / b is never nearer than ulp / (2 * b) to the middle
    between two doubles: such a middle M has 54 significant bits, so x - b * M is not 0, and it is a multiple of
    ulp / 2. Hence q + r * y and x / b round to the same double.

    That needs room below and above: x is zero or from 2**-600 to 2**600.
    """
    cdef Number q
    if HAS_FMA and Range is InRange:
        q = x * reciprocal
        return fma(fma(-q, divisor, x), reciprocal, q)
    return x / divisor


cdef inline Number round2(Number v) noexcept nogil:
    """Two decimals, a half (and what lies within 1e-10 below it) away from zero; |v| <= 1, or NaN, which stays NaN.

    The law splits |v| into whole and fraction; with |v| <= 1 the result is floor(|v| * 100) / 100 either way.
    """
    cdef Number error, half_below
    cdef Number m = magnitude(v)
    cdef Number hundred = constant(100.0, v)
    cdef Number hundredths = two_product(m, hundred, &error)
    # Adding 2**52 leaves no room for a fraction.
    cdef Number floor = (hundredths + TWO_52) - TWO_52
    floor = select_greater(floor, hundredths, floor - 1.0, floor)
    # The exact |v| * 100 is hundredths + error. The right-hand side is exact wherever it is near `error`.
    half_below = -1e-10 - ((hundredths - floor) - 0.5)
    floor = select_at_least(error, half_below, floor + 1.0, floor)
    floor = divide(floor, hundred, constant(1.0 / 100.0, v), IN_RANGE)
    # 0.0 - floor, which is 0.0 where floor is, is what the law has for negative v.
    return with_sign(floor, v) + 0.0
