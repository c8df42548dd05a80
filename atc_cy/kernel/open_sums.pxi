# Long windows, bar by bar. To sum a window of hundreds of values afresh on each bar would make the CPU wait hundreds of
# times for the addition before. So where windows are longer than LONG_WINDOW, single bars keep the sums of all windows
# that are open: each bar enters them all, side by side.
#
# There are two sets of sums, so that a bar can be taken back: a bar reads the set of the bar before it and writes the
# other one. Each knows after how many bars it was written. If neither is that of the bar before, because blocks came
# between or bars were taken back, the sums are made anew.

DEF SET_HEAD = 8                # numbers before the sums of a set; the first is the bars, as an integer

cdef inline int64_t open_ring(const Config* c) noexcept nogil:
    """Sums of a set of one kind: window w's, by the bar with which it begins, at w % open_ring."""
    return round_up(window(c) + 8)


cdef inline int64_t open_numbers(const Config* c) noexcept nogil:
    return 2 * (SET_HEAD + 2 * open_ring(c) + GAP) if window(c) > LONG_WINDOW else 0


cdef inline double* open_set(const State* s, int64_t i) noexcept nogil:
    cdef const Config* c = s.config
    return s.rings + first_entry(c) + c.entry_count + i * (SET_HEAD + 2 * open_ring(c) + GAP)


cdef inline int64_t* bars_of_set(double* sums) noexcept nogil:
    return <int64_t*> sums


cdef void clear_open(const State* s) noexcept nogil:
    cdef int64_t i
    for i in range(2 if window(s.config) > LONG_WINDOW else 0):
        bars_of_set(open_set(s, i))[0] = -1


cdef void enter_open(const Config* c, double* sums, double* to, int64_t bar, double x) noexcept nogil:
    """Begin a window and enter x, of this bar, into all that are open."""
    cdef int64_t size = open_ring(c)
    cdef int64_t newest = bar % size
    cdef int64_t i
    cdef Vector age
    sums += SET_HEAD
    to += SET_HEAD
    sums[newest] = sums[size + newest] = 0.0
    for i in range(0, size, WIDTH):
        # Windows in the places behind the newest one's are a round older. In its own vector they are not open any more.
        age = <double> (newest + 1 - i if i <= newest else newest + 1 - i + size) - load_vector(COUNT)
        store_vector(to + i, load_vector(sums + i) + x * age)
        store_vector(to + size + i, load_vector(sums + size + i) + x)


cdef double* renew_open(const State* s, const double* x) noexcept nogil:
    """The set of the last bar, whose src is x[0], made anew."""
    cdef const Config* c = s.config
    cdef double* sums = open_set(s, 0)
    cdef int64_t i
    memset(sums + SET_HEAD, 0, 2 * open_ring(c) * sizeof(double))
    bars_of_set(open_set(s, 1))[0] = -1
    for i in range(smaller(window(c), s.bars), 0, -1):
        enter_open(c, sums, sums, s.bars - i, (x + 1 - i)[0])
    return sums


cdef double* open_sums_of_bar(const State* s, const double* x) noexcept nogil:
    """The open sums after the bar of x[0], which follows the state's last one."""
    cdef double* sums = NULL
    cdef double* to
    cdef int64_t i
    for i in range(2):
        if bars_of_set(open_set(s, i))[0] == s.bars:
            sums, to = open_set(s, i), open_set(s, 1 - i)
    if sums == NULL:
        sums, to = renew_open(s, x - 1), open_set(s, 1)
        bars_of_set(sums)[0] = s.bars
    enter_open(s.config, sums, to, s.bars, x[0])
    bars_of_set(to)[0] = s.bars + 1
    return to + SET_HEAD


cdef inline void sums_of_lanes(
    const Config* c, const double* sums, const int64_t* length, int64_t bar, double* weighted, double* plain
) noexcept nogil:
    """Each lane's sums, from all that are open after this bar."""
    cdef int64_t lane, place
    cdef int64_t size = open_ring(c)
    for lane in range(LANES):
        place = (bar - (length[lane] - 1)) % size
        weighted[lane], plain[lane] = sums[place], sums[size + place]
