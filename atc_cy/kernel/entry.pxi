# The only part that Python sees: the constants of this kernel, and one symbol's run through it.

from cpython.buffer cimport (
    PyBUF_FORMAT, PyBUF_STRIDES, PyBUF_WRITABLE, PyBuffer_Release, PyObject_GetBuffer,
)
from libc.stdlib cimport calloc, free

__all__ = ["PRESET", "SOURCE_HASH", "STRUCTURE", "Symbol", "growth"]

cdef str OTHER_STRUCTURE = f"the kernel of preset {PRESET!r} was compiled for another structure"
cdef tuple ORDER = ("EMA", "HMA", "WMA", "DEMA", "LSMA", "KAMA")


cdef class Symbol:
    """One symbol on its way through the law; see `kernel.pyi`."""

    cdef State* state
    cdef bint busy

    def __cinit__(
        self, tuple moving_averages, tuple lane_lengths, tuple weights, double La, double De, int64_t cutout
    ):
        cdef State s
        cdef int64_t i, lane, length, moving_average
        cdef int64_t count = len(moving_averages)
        if count == 0 or len(lane_lengths) != count or len(weights) != count:
            raise ValueError("moving_averages, lane_lengths and weights must have one entry a type")
        if count > TYPES:
            raise ValueError(OTHER_STRUCTURE)
        memset(&s, 0, sizeof(s))
        for i in range(6):
            s.column[i] = -1
        s.types = count
        for i in range(count):
            moving_average = ORDER.index(moving_averages[i])
            s.column[moving_average] = i
            for lane in range(LANES):
                length = lane_lengths[i][lane]
                s.length[i * LANES + lane] = length
                s.history = max(s.history, length)
                if moving_average in (HMA, DEMA, KAMA):
                    s.ring[moving_average] = max(s.ring[moving_average], length)
        if not self.fits(&s):
            raise ValueError(OTHER_STRUCTURE)
        s.rate = La / 1000.0
        s.keep = 1.0 - De / 100.0
        s.cutout = cutout
        for i in range(types(&s)):
            s.weight[i] = weights[i]
            s.type_signal[i] = NAN
            s.type_equity[i] = NAN
        for i in range(types(&s) * LANES):
            s.side[i] = NAN
            s.equity[i] = NAN
        start_growth(&s)
        self.state = <State*> calloc(1, state_size(&s))
        if self.state == NULL:
            raise MemoryError()
        self.state[0] = s

    cdef bint fits(self, const State* s) noexcept:
        """Whether this kernel can run the structure that was asked for."""
        cdef int64_t i
        if s.types != types(s):
            return False
        for i in range(6):
            if s.column[i] != column(s, i):
                return False
        for i in range(types(s) * LANES):
            if s.length[i] != lengths(s, 0)[i]:
                return False
        return True

    def __dealloc__(self):
        free(self.state)

    @property
    def bars(self):
        return self.state.bars

    def advance(self, close, src, out, lanes=None):
        cdef Py_buffer views[4]
        cdef Strides strides
        cdef int64_t n, taken
        cdef int count = 0
        cdef char kind
        cdef void* lanes_data = NULL
        if self.busy:
            raise RuntimeError("this symbol is being advanced by another thread")
        memset(&strides, 0, sizeof(strides))
        try:
            PyObject_GetBuffer(close, &views[0], PyBUF_STRIDES | PyBUF_FORMAT)
            count = 1
            PyObject_GetBuffer(src, &views[1], PyBUF_STRIDES | PyBUF_FORMAT)
            count = 2
            PyObject_GetBuffer(out, &views[2], PyBUF_STRIDES | PyBUF_FORMAT | PyBUF_WRITABLE)
            count = 3
            if lanes is not None:
                PyObject_GetBuffer(lanes, &views[3], PyBUF_STRIDES | PyBUF_FORMAT | PyBUF_WRITABLE)
                count = 4
            if views[0].ndim != 1:
                raise ValueError("close must be one-dimensional")
            n = views[0].shape[0]
            kind = views[0].format[0]
            check_buffer(&views[0], "close", 1, 0, n, kind)
            check_buffer(&views[1], "src", 1, 0, n, kind)
            check_buffer(&views[2], "out", 2, 2 * types(self.state) + 1, n, kind)
            strides.close, strides.src = views[0].strides[0], views[1].strides[0]
            strides.out_column, strides.out = views[2].strides[0], views[2].strides[1]
            if lanes is not None:
                check_buffer(&views[3], "lanes", 2, 3 * LANES * types(self.state), n, kind)
                lanes_data = views[3].buf
                strides.lanes_column, strides.lanes = views[3].strides[0], views[3].strides[1]
            self.busy = True
            with nogil:
                if kind == b'd':
                    taken = advance[double](
                        self.state, <const double*> views[0].buf, <const double*> views[1].buf, n,
                        <double*> views[2].buf, <double*> lanes_data, &strides
                    )
                else:
                    taken = advance[float](
                        self.state, <const float*> views[0].buf, <const float*> views[1].buf, n,
                        <float*> views[2].buf, <float*> lanes_data, &strides
                    )
            self.busy = False
            return taken
        finally:
            while count > 0:
                count -= 1
                PyBuffer_Release(&views[count])


def growth(double La, out):
    cdef Py_buffer view
    cdef State s
    cdef int64_t k
    PyObject_GetBuffer(out, &view, PyBUF_STRIDES | PyBUF_FORMAT | PyBUF_WRITABLE)
    try:
        check_buffer(&view, "out", 1, 0, view.shape[0], b'd')
        s.rate = La / 1000.0
        start_growth(&s)
        for k in range(view.shape[0]):
            write(<double*> view.buf, k, view.strides[0], 0, 0, next_growth(&s, <double> k))
    finally:
        PyBuffer_Release(&view)


cdef int check_buffer(
    const Py_buffer* view, str name, int dimensions, int64_t columns, int64_t n, char kind
) except -1:
    if (kind != b'd' and kind != b'f') or view.format[0] != kind or view.format[1] != 0:
        raise TypeError(f"{name} must be float64 or float32, as close is")
    if view.ndim != dimensions or view.shape[dimensions - 1] != n or (dimensions == 2 and view.shape[0] != columns):
        shape = f"({columns}, {n})" if dimensions == 2 else f"({n},)"
        raise ValueError(f"{name} must have the shape {shape}")
    return 0
