# The growth factor g = E**z, correctly rounded, with E the double nearest to e and z the double rate * k for
# k = 0, 1, 2, ... bars after the cutout.
#
# A state keeps E**(rate * k) for the last k that is a multiple of eight, in double-double arithmetic; the eight bars from
# there on follow by one multiplication each, with E**rate … E**(7 rate), which all states of a config share. Rounding
# rate * k to z leaves an error that is known exactly, so E**z = E**(rate * k) * E**-error follows to first
# order. If the bound on what all this has lost leaves no doubt about the last bit, that is the result; if it
# does (about once in 2**30 bars), E**z is computed afresh with 256 bits.

DEF LIMBS = 9       # fixed point: a 32-bit integer part, then eight limbs (256 bits) of fraction
DEF TERMS = 26      # v**27 / 27! < 2**-256 for v <= ln(2) / 64
DEF SQUARINGS = 6
DEF BIT_52 = 2.0 ** -52
DEF BIT_105 = 2.0 ** -105
DEF LOST_A_BAR = 2.0 ** -99     # each bar's multiplication loses less than 2**-102, and what it multiplies by as much
DEF LOST_ONCE = 2.0 ** -85      # the second-order term of E**-error is below 2**-88

cdef extern from *:
    """
    static const uint32_t LOG2_OF_E[9] = {
        0x00000001, 0x71547652, 0xb82fdbf0, 0x24ffffda, 0x5e624f86,
        0x2a4c6d76, 0x0af2e99a, 0xb795dd63, 0xb81b3d1e};
    static const uint32_t LN_2[9] = {
        0x00000000, 0xb17217f7, 0xd1cf79ab, 0xc9e3b398, 0x03f2f6af,
        0x40f34326, 0x7298b62d, 0x8a0d175b, 0x8baafa2b};
    static const double COUNT[8] = {0, 1, 2, 3, 4, 5, 6, 7};
    """
    const uint32_t* LOG2_OF_E   # log2(E), E = 2.718281828459045090795598298427648842334747314453125
    const uint32_t* LN_2        # ln(2)
    const double* COUNT


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
    cdef double high = two_product[double](a.high, b.high, &error)
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


cdef void start_powers(Config* c) noexcept:
    """E ** (rate * 0) … E ** (rate * 8)."""
    cdef int64_t i
    cdef Wide step
    step.high, step.low, step.exponent = 1.0, 0.0, 0
    c.power[0] = step
    if c.rate < 710.0:          # otherwise no bar after the first has a finite growth
        power_of_e(c.rate, &step)
    for i in range(8):
        c.power[i + 1] = c.power[i]
        multiply_wide(&c.power[i + 1], &step)
        c.power_high[i] = c.power_low[i] = NAN
        if c.power[i].exponent <= 1000:
            c.power_high[i] = c.power[i].high * power_of_two(c.power[i].exponent)
            c.power_low[i] = c.power[i].low * power_of_two(c.power[i].exponent)


cdef void growth_at(const Config* c, int64_t bars_since_cutout, Wide* growth) noexcept nogil:
    """What a state keeps after so many bars, by squaring."""
    cdef int64_t octets = larger(bars_since_cutout, 0) // 8
    cdef Wide power = c.power[8]
    growth[0] = c.power[0]
    if c.rate * <double> octets > 710.0:
        return                  # no coming bar has a finite growth
    while octets > 0:
        if octets % 2:
            multiply_wide(growth, &power)
        multiply_wide(&power, &power)
        octets //= 2


cdef double growth_of_bar(const Config* c, const Wide* growth, int64_t bars_since_cutout) noexcept nogil:
    """The growth factor of one of the eight bars from `growth` on; infinity when it is beyond the largest double."""
    cdef double k = <double> bars_since_cutout
    cdef double error, low, bound
    cdef double z = two_product[double](c.rate, k, &error)
    cdef Wide power = growth[0]
    if not z < 710.0:
        return INFINITY
    multiply_wide(&power, &c.power[bars_since_cutout % 8])
    low = power.low - power.high * error
    bound = 2.0 * ((k + 4.0) * LOST_A_BAR + LOST_ONCE)
    error = power.high + (low + bound)
    if error != power.high + (low - bound):
        power_of_e(z, &power)
        error = power.high
    if power.exponent > 1023 or (power.exponent == 1023 and error == 2.0):
        return INFINITY
    return error * power_of_two(power.exponent)


cdef inline void pass_bar(const Config* c, Wide* growth, int64_t bars_since_cutout) noexcept nogil:
    """Go on to the next eight bars after the last of eight."""
    if bars_since_cutout >= 0 and bars_since_cutout % 8 == 7:
        multiply_wide(growth, &c.power[8])


cdef void growths(const Config* c, Wide* growth, int64_t bars_since_cutout, int64_t n, double* g) noexcept nogil:
    """The growth factors of the n next bars; 0 before the cutout. `growth` goes along.

    Numbers before g[0] and behind g[n - 1], up to seven each, are overwritten.
    """
    cdef int64_t t, i
    cdef int64_t first = smaller(larger(-bars_since_cutout, 0), n)
    cdef bint doubt
    cdef Vector k, error, high, low, rest, total, bound
    memset(g, 0, first * sizeof(double))
    t = first - (bars_since_cutout + first) % 8
    while t < n:
        doubt = not c.rate * <double> (bars_since_cutout + t + 8) < 600.0
        for i in range(0, 8 if not doubt else 0, WIDTH):
            k = <double> (bars_since_cutout + t + i) + load_vector(COUNT)
            two_product[Vector](broadcast(c.rate), k, &error)
            high = two_product[Vector](broadcast(growth.high), load_vector(c.power_high + i), &rest)
            low = rest + (growth.high * load_vector(c.power_low + i) + growth.low * load_vector(c.power_high + i))
            total = high + low
            low = (low - (total - high)) - total * error
            bound = total * ((k + 4.0) * LOST_A_BAR + LOST_ONCE)
            high = total + (low + bound)
            doubt |= any(greater(high, total + (low - bound)))
            store_vector(g + t + i, high * power_of_two(growth.exponent))
        for i in range(larger(t, first), smaller(t + 8, n) if doubt else 0):
            g[i] = growth_of_bar(c, growth, bars_since_cutout + i)
        t += 8
        if t <= n:
            pass_bar(c, growth, bars_since_cutout + t - 1)
