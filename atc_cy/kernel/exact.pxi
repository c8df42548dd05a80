# Sums and products with their rounding errors, and the rounding to two decimals that needs them.
# No fused multiply-add: these must give the same on every CPU and are not where the time goes.

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
    cdef double shifted = 134217729.0 * a       # 2**27 + 1
    cdef double a_high = shifted - (shifted - a)
    cdef double a_low = a - a_high
    shifted = 134217729.0 * b
    cdef double b_high = shifted - (shifted - b)
    cdef double b_low = b - b_high
    error[0] = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
    return product


cdef inline double round2(double v) noexcept nogil:
    """Two decimals, a half (and what lies within 1e-10 below it) away from zero; |v| <= 1, or NaN.

    The law splits |v| into whole and fraction; with |v| <= 1 the result is floor(|v| * 100) / 100 either way.
    """
    if not magnitude(v) <= 1.0:
        return NAN
    cdef double error
    cdef double hundredths = two_product(magnitude(v), 100.0, &error)
    cdef double floor = <double> (<int> hundredths)
    # The exact |v| * 100 is hundredths + error. The right-hand side is exact wherever it is near `error`.
    if error >= -1e-10 - ((hundredths - floor) - 0.5):
        floor += 1.0
    return floor / 100.0 if v >= 0.0 else 0.0 - floor / 100.0
