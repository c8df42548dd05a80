# Golden cases through the C of a kernel, as a program that needs no Python: it runs wherever the kernel can be compiled
# for, and under emulators. `sources.py` writes the file of cases that it reads.
#
# Each series is computed as a block of all rows, in pieces, and bar by bar of two symbols that take turns as in a panel;
# these have to be the golden values. In float32, outputs have to be those of the same prices in float64, rounded.

from libc.stdio cimport FILE, fopen, fread, printf
from libc.stdlib cimport exit

DEF PIECES = 5

cdef struct Found:
    int64_t cases
    int64_t values              # compared
    int64_t differ


cdef void read(FILE* file, void* to, int64_t count) noexcept nogil:
    """So many numbers of eight bytes."""
    if <int64_t> fread(to, 8, count, file) != count:
        exit(3)


cdef double* numbers_for(int64_t count) noexcept nogil:
    """Memory for so many numbers, filled with one that no kernel computes. The program ends soon: nothing is freed."""
    cdef double* numbers = <double*> malloc((count + 1) * sizeof(double))
    cdef int64_t i
    for i in range(count):
        numbers[i] = -7.0
    return numbers


cdef void compare(Found* found, const double* actual, const double* expected, int64_t count) noexcept nogil:
    cdef int64_t i
    for i in range(count):
        found.values += 1
        if actual[i] != expected[i] and (actual[i] == actual[i] or expected[i] == expected[i]):
            found.differ += 1


cdef int64_t read_config(FILE* file, Config* c) noexcept:
    """The next case's config; returns how many types it has."""
    cdef int64_t kinds[6]
    cdef int64_t length[6 * LANES]
    cdef double weight[6]
    cdef int64_t i, T
    memset(c, 0, sizeof(c[0]))
    read(file, &T, 1)
    read(file, &c.cutout, 1)
    read(file, &c.rate, 1)
    read(file, &c.keep, 1)
    read(file, kinds, T)
    read(file, length, T * LANES)
    read(file, weight, T)
    c.types, c.alert, c.long_threshold, c.short_threshold = T, 2 * T, 0.1, -0.1
    for i in range(6):
        c.column[i] = -1
    for i in range(smaller(T, TYPES)):
        c.column[kinds[i]] = i
        c.weight[i] = weight[i]
        memcpy(&c.length[i * LANES], &length[i * LANES], LANES * sizeof(int64_t))
    return T


cdef State* new_state(const Config* c) noexcept nogil:
    """Before its first bar; the slot begins with it."""
    cdef Slot* slot = first_slot(<char*> malloc(symbol_size(c, 1) + 64))
    clear(slot, 1, c)
    return &slot.state


cdef void run_pieces(
    const Config* c, const char* close, const char* src, int64_t n, char* out, char* lanes, bint pieces, price kind
) noexcept nogil:
    """All rows, in pieces of several sizes or as one."""
    cdef State* s = new_state(c)
    cdef Work work
    cdef Series series
    cdef int64_t size[PIECES]
    cdef int64_t begin = 0
    cdef int64_t i = 0
    size[0], size[1], size[2], size[3], size[4] = 1, 7, 64, 65, 500
    lay_out(&work, c, <double*> calloc(lay_out(&work, c, NULL, True), sizeof(double)), True)
    while begin < n:
        memset(&series, 0, sizeof(series))
        series.rows = smaller(size[i % PIECES], n - begin) if pieces else n
        series.close, series.src = close + begin * sizeof(price), src + begin * sizeof(price)
        series.close_stride = series.src_stride = series.out_stride = series.lanes_stride = sizeof(price)
        series.out, series.out_column = out + begin * sizeof(price), n * sizeof(price)
        series.lanes_column = n * sizeof(price)
        if lanes != NULL:
            series.lanes = lanes + begin * sizeof(price)
        run_blocks(s, &work, &series, series.rows, kind)
        begin += series.rows
        i += 1


cdef void run_turns(const Config* c, const double* close, const double* src, int64_t n, double** out) noexcept nogil:
    """Bar by bar: two symbols with the same prices, the second one a bar behind."""
    cdef State* s[2]
    cdef Bar bars[2]
    cdef Work work
    cdef int64_t row, at, i, k
    s[0], s[1] = new_state(c), new_state(c)
    lay_out(&work, c, <double*> calloc(lay_out(&work, c, NULL, False), sizeof(double)), False)
    for row in range(n + 1):
        for i in range(2):
            at = row - i
            if 0 <= at < n and close[at] == close[at] and src[at] == src[at]:
                begin_bar(<Slot*> s[i], s[i], &bars[i], &work, close[at], src[at], coming_growth(s[i]))
        for i in range(2):
            at = row - i
            if not 0 <= at < n:
                continue
            if close[at] == close[at] and src[at] == src[at]:
                end_bar(&bars[i])
                write_outputs(s[i], out[i] + at, n)
            else:
                for k in range(2 * types(c) + 1):
                    out[i][k * n + at] = NAN


cdef void run_case(FILE* file, Found* found) noexcept:
    cdef Config* c = <Config*> malloc(sizeof(Config))
    cdef int64_t T = read_config(file, c)
    cdef int64_t n, count, lanes, i
    cdef double* close
    cdef double* src
    cdef double* expected
    cdef double* out
    cdef double* turns[2]
    cdef float* narrow
    cdef float* narrow_out
    read(file, &n, 1)
    count, lanes = (2 * T + 1) * n, 3 * LANES * T * n
    close, src, expected, out = numbers_for(n), numbers_for(n), numbers_for(count + lanes), numbers_for(count + lanes)
    read(file, close, n)
    read(file, src, n)
    read(file, expected, count + lanes)
    if not fits(c):             # a preset's kernel, and another structure
        return
    start_powers(c)
    set_structure(c)
    found.cases += 1
    run_pieces(c, <char*> close, <char*> src, n, <char*> out, <char*> (out + count), False, <double> 0)
    compare(found, out, expected, count + lanes)
    run_pieces(c, <char*> close, <char*> src, n, <char*> out, <char*> (out + count), True, <double> 0)
    compare(found, out, expected, count + lanes)
    turns[0], turns[1] = numbers_for(count), numbers_for(count)
    run_turns(c, close, src, n, turns)
    compare(found, turns[0], expected, count)
    compare(found, turns[1], expected, count)
    narrow, narrow_out = <float*> numbers_for(n), <float*> numbers_for(count)
    for i in range(n):
        narrow[i], narrow[n + i] = <float> close[i], <float> src[i]
        close[i], src[i] = narrow[i], narrow[n + i]
    run_pieces(c, <char*> close, <char*> src, n, <char*> expected, NULL, False, <double> 0)
    run_pieces(c, <char*> narrow, <char*> (narrow + n), n, <char*> narrow_out, NULL, True, <float> 0)
    for i in range(count):
        expected[i], out[i] = <float> expected[i], narrow_out[i]
    compare(found, out, expected, count)


cdef public int main "main"(int argc, char** argv) noexcept:
    """Print the numbers of cases, of values compared and of those that differ, and whether a multiply-add was fused."""
    cdef FILE* file = fopen(argv[argc - 1], "rb")
    cdef Found found
    cdef int64_t count, i
    memset(&found, 0, sizeof(found))
    if file == NULL:
        return 2
    read(file, &count, 1)
    for i in range(count):
        run_case(file, &found)
    printf("%d %d %d %d\n", <int> found.cases, <int> found.values, <int> found.differ, <int> is_contracted())
    return 0
