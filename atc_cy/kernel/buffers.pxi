# The caller's buffers, checked.

from cpython.buffer cimport (
    PyBUF_C_CONTIGUOUS, PyBUF_FORMAT, PyBUF_STRIDES, PyBUF_WRITABLE, PyBuffer_Release, PyObject_GetBuffer,
)
DEF MOST_BUFFERS = 7

cdef struct Buffers:
    Py_buffer view[MOST_BUFFERS]
    int count


cdef Py_buffer* take_buffer(Buffers* buffers, values, int flags) except NULL:
    cdef Py_buffer* view = &buffers.view[buffers.count]
    PyObject_GetBuffer(values, view, flags | PyBUF_FORMAT)
    buffers.count += 1
    return view


cdef Py_buffer* take_contiguous(Buffers* buffers, str name, values, Py_ssize_t count, bint integers, int flags) except NULL:
    """A C-contiguous buffer of `count` float64 or int64 numbers; any count if -1."""
    cdef Py_buffer* view = take_buffer(buffers, values, flags | PyBUF_C_CONTIGUOUS)
    cdef str kind = "int64" if integers else "float64"
    if view.itemsize != 8 or (view.format[0] not in b"lq" if integers else view.format[0] != b'd') or view.format[1] != 0:
        raise TypeError(f"{name} must be {kind}")
    if count >= 0 and view.len != 8 * count:
        raise ValueError(f"{name} has {view.len // 8} numbers, not {count}")
    return view


cdef void release(Buffers* buffers) noexcept:
    while buffers.count > 0:
        buffers.count -= 1
        PyBuffer_Release(&buffers.view[buffers.count])


cdef int check_prices(const Py_buffer* view, str name, int dimensions, int64_t columns, int64_t n, char kind) except -1:
    if (kind != b'd' and kind != b'f') or view.format[0] != kind or view.format[1] != 0:
        raise TypeError(f"{name} must be float64 or float32, as close is")
    if view.ndim != dimensions or view.shape[dimensions - 1] != n or (dimensions == 2 and view.shape[0] != columns):
        shape = f"({columns}, {n})" if dimensions == 2 else f"({n},)"
        raise ValueError(f"{name} must have the shape {shape}")
    return 0


cdef char take_series(Buffers* buffers, const Config* c, Series* series, close, src, out, lanes) except -1:
    """The arguments of `advance`; returns their type."""
    cdef Py_buffer* view = take_buffer(buffers, close, PyBUF_STRIDES)
    cdef char kind = view.format[0]
    memset(series, 0, sizeof(series[0]))
    if view.ndim != 1:
        raise ValueError("close must be one-dimensional")
    series.rows = view.shape[0]
    check_prices(view, "close", 1, 0, series.rows, kind)
    series.close, series.close_stride = <const char*> view.buf, view.strides[0]
    view = take_buffer(buffers, src, PyBUF_STRIDES)
    check_prices(view, "src", 1, 0, series.rows, kind)
    series.src, series.src_stride = <const char*> view.buf, view.strides[0]
    if out is not None:
        view = take_buffer(buffers, out, PyBUF_STRIDES | PyBUF_WRITABLE)
        check_prices(view, "out", 2, 2 * types(c) + 1, series.rows, kind)
        series.out, series.out_column, series.out_stride = <char*> view.buf, view.strides[0], view.strides[1]
    if lanes is not None:
        view = take_buffer(buffers, lanes, PyBUF_STRIDES | PyBUF_WRITABLE)
        check_prices(view, "lanes", 2, 3 * LANES * types(c), series.rows, kind)
        series.lanes, series.lanes_column, series.lanes_stride = <char*> view.buf, view.strides[0], view.strides[1]
    return kind
