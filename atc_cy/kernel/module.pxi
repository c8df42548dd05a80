# What Python sees: the constants of this kernel, and symbols on their way through it.

__all__ = ["CPU_LEVEL", "PRESET", "RECORD_VERSION", "SOURCE_HASH", "STRUCTURE", "VERSION", "Panel", "Symbol", "averages",
           "growth", "trade_averages"]


RECORD_VERSION = -VERSION_2


cdef tuple numbers(const double* values, int64_t count):
    cdef int64_t i
    return tuple([values[i] for i in range(count)])


cdef tuple outputs_of_state(const State* s):
    cdef double outputs[2 * TYPES + 1]
    write_outputs(s, outputs, 1)
    return numbers(outputs, 2 * types(s.config) + 1)


cdef tuple last_bar(const State* s):
    return (s.close, newest_source(s)[0]) if s.bars > 0 else (NAN, NAN)


cdef int set_trend(State* s, tuple trend) except -1:
    s.trend[0], s.trend[1], s.trend[2], s.trend[3] = trend
    return 0


def growth(double La, out):
    cdef Buffers buffers
    cdef Config config
    cdef Wide power
    cdef Py_buffer* view
    cdef int64_t k, i, n
    cdef double g[80]
    buffers.count = 0
    try:
        view = take_buffer(&buffers, out, PyBUF_STRIDES | PyBUF_WRITABLE)
        if view.ndim != 1:
            raise ValueError("out must be one-dimensional")
        check_prices(view, "out", 1, 0, view.shape[0], b'd')
        memset(&config, 0, sizeof(config))
        config.rate = La / 1000.0
        start_powers(&config)
        power = config.power[0]
        for k in range(0, view.shape[0], 64):
            n = smaller(64, view.shape[0] - k)
            growths(&config, &power, k, n, g + 8)
            for i in range(n):
                store(<char*> view.buf, k + i, view.strides[0], g[8 + i], <double> 0)
    finally:
        release(&buffers)
