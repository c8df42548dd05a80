# The direction: 1 after an output crossed over the long threshold, -1 after it crossed under the short one.
#
# A trend is four numbers: the output on the last bar that had one (NaN before the first), the direction (NaN before the
# first crossing), the last bar's event (the direction if it turned from the opposite one, otherwise 0), and, in strategy
# mode, the signal of a type that will count at the next bar; the average comes one bar late by itself.

cdef inline void follow(const Config* c, double* trend, double value) noexcept nogil:
    """Take one more bar's output."""
    cdef double late = value
    cdef double crossed
    if c.delayed and c.alert < 2 * types(c):
        value, trend[3] = trend[3], late
    # Not one branch a comparison: on which side the value lies cannot be foreseen, a crossing is rare.
    crossed = ((value > c.long_threshold) & (trend[0] <= c.long_threshold)) - (
        (value < c.short_threshold) & (trend[0] >= c.short_threshold)
    )
    trend[2] = 0.0
    if crossed != 0.0:
        trend[2] = crossed if trend[1] == -crossed else 0.0
        trend[1] = crossed
    if value == value:
        trend[0] = value
