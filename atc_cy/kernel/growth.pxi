# The growth factor g = E**z, correctly rounded, with E the double nearest to e and z the double rate * k for
# k = 0, 1, 2, ... bars after the cutout.
#
# E**(rate * k) is carried from bar to bar by one multiplication in double-double arithmetic. Rounding
# rate * k to z leaves an error that is known exactly, so E**z = E**(rate * k) * E**-error follows to first
# order. If the bound on what all this has lost leaves no doubt about the last bit, that is the result; if it
# does (about once in 2**30 bars), E**z is computed afresh with 256 bits.

DEF LIMBS = 9       # fixed point: a 32-bit integer part, then eight limbs (256 bits) of fraction
DEF TERMS = 26      # v**27 / 27! < 2**-256 for v <= ln(2) / 64
DEF SQUARINGS = 6
DEF BIT_52 = 2.0 ** -52
DEF BIT_105 = 2.0 ** -105
DEF LOST_A_BAR = 2.0 ** -99     # each multiplication loses less than 2**-102 of a number below 2
DEF LOST_ONCE = 2.0 ** -85      # the second-order term of E**-error is below 2**-88

cdef extern from *:
    """
    static const uint32_t LOG2_OF_E[9] = {
        0x00000001, 0x71547652, 0xb82fdbf0, 0x24ffffda, 0x5e624f86,
        0x2a4c6d76, 0x0af2e99a, 0xb795dd63, 0xb81b3d1e};
    static const uint32_t LN_2[9] = {
        0x00000000, 0xb17217f7, 0xd1cf79ab, 0xc9e3b398, 0x03f2f6af,
        0x40f34326, 0x7298b62d, 0x8a0d175b, 0x8baafa2b};
    """
    const uint32_t* LOG2_OF_E   # log2(E), E = 2.718281828459045090795598298427648842334747314453125
    const uint32_t* LN_2        # ln(2)


cdef void multiply_fixed(const uint32_t* a, const uint32_t* b, uint32_t* result) noexcept nogil:
    cdef uint64_t product[2 * LIMBS]
    cdef uint64_t carry
    cdef int i, j
    memset(product, 0, sizeof(product))
    for i in range(LIMBS - 1, -1, -1):
        carry = 0
        for j in range(LIMBS - 1, -1, -1):
            carry += product[i + j + 1] + <uint64_t> a[i] * b[j]
            product[i + j + 1] = <uint32_t> carry
            carry >>= 32
        product[i] = carry
    for i in range(LIMBS):
        result[i] = <uint32_t> product[i + 1]


cdef void divide_fixed(uint32_t* a, uint32_t divisor) noexcept nogil:
    cdef uint64_t remainder = 0
    cdef int i
    for i in range(LIMBS):
        remainder = remainder << 32 | a[i]
        a[i] = <uint32_t> (remainder / divisor)
        remainder %= divisor


cdef void power_of_e(double z, Wide* result) noexcept nogil:
    """E**z for 0 <= z < 710. `high` is the correctly rounded value, up to the power of two.

    2**(z * log2(E)): the integer part is the exponent; the fraction f gives 2**f = exp(f * ln(2)), by a Taylor
    series at a 64th of the argument and six squarings. Truncations stay below 2**-235; E**z is nowhere
    expected that near to the middle between two doubles, and exactly there never (see `growth` in reference.py).
    """
    cdef uint32_t y[LIMBS]
    cdef uint32_t p[LIMBS]
    cdef uint32_t i
    for i in range(LIMBS):
        y[i] = <uint32_t> z
        z = (z - y[i]) * 4294967296.0       # exact: a part of z's bits, shifted
    multiply_fixed(y, LOG2_OF_E, y)
    result.exponent = y[0]
    y[0] = 0
    multiply_fixed(y, LN_2, y)
    divide_fixed(y, 1 << SQUARINGS)
    memset(p, 0, sizeof(p))
    p[0] = 1
    for i in range(TERMS, 0, -1):
        multiply_fixed(p, y, p)
        divide_fixed(p, i)
        p[0] += 1
    for i in range(SQUARINGS):
        multiply_fixed(p, p, p)

    # 53 bits into high, 53 into low; the last bit of low stands for all that follow, so that the sum rounds
    # as the whole number would.
    cdef uint64_t bits = <uint64_t> p[0] << 52 | <uint64_t> p[1] << 20 | p[2] >> 12
    cdef uint64_t rest = <uint64_t> (p[2] & 0xFFF) << 41 | <uint64_t> p[3] << 9 | p[4] >> 23
    if (p[4] & 0x7FFFFF) | p[5] | p[6] | p[7] | p[8]:
        rest |= 1
    result.high = fast_two_sum(<double> bits * BIT_52, <double> rest * BIT_105, &result.low)


cdef inline void multiply_wide(Wide* a, const Wide* b) noexcept nogil:
    """a = a * b, to a relative error below 2**-102."""
    cdef double error
    cdef double high = two_product(a.high, b.high, &error)
    a.high = fast_two_sum(high, error + (a.high * b.low + a.low * b.high), &a.low)
    a.exponent += b.exponent
    if a.high >= 2.0:
        a.high *= 0.5
        a.low *= 0.5
        a.exponent += 1


cdef inline double power_of_two(int64_t exponent) noexcept nogil:
    """2**exponent for 0 <= exponent <= 1023."""
    cdef uint64_t bits = <uint64_t> (exponent + 1023) << 52
    cdef double power
    memmove(&power, &bits, sizeof(power))
    return power


cdef double next_growth(State* s, double bars_since_cutout) noexcept nogil:
    """The growth factor of the coming bar; infinity when it is beyond the largest double."""
    cdef double error, low, bound
    cdef double z = two_product(s.rate, bars_since_cutout, &error)
    cdef Wide power = s.growth
    if not z < 710.0:
        return INFINITY
    low = power.low - power.high * error
    bound = (bars_since_cutout + 4.0) * LOST_A_BAR + LOST_ONCE
    power.high = s.growth.high + (low + bound)
    if power.high != s.growth.high + (low - bound):
        power_of_e(z, &power)
    if power.exponent > 1023 or (power.exponent == 1023 and power.high == 2.0):
        return INFINITY
    multiply_wide(&s.growth, &s.growth_step)
    return power.high * power_of_two(power.exponent)


cdef void start_growth(State* s) noexcept nogil:
    s.growth.high, s.growth.low, s.growth.exponent = 1.0, 0.0, 0
    s.growth_step = s.growth
    if s.rate < 710.0:          # otherwise no bar after the first has a finite growth
        power_of_e(s.rate, &s.growth_step)
