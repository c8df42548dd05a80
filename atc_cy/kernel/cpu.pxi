# Which of the CPU levels that kernels are built for this CPU and its operating system can run. Compiled for no level in
# particular, so that it can be asked on any machine.

cdef extern from *:
    """
    #if defined(__x86_64__)
    static int supports(int level) {
        __builtin_cpu_init();
        return level == 2 ? __builtin_cpu_supports("x86-64-v2")
             : level == 3 ? __builtin_cpu_supports("x86-64-v3")
             : level == 4 ? __builtin_cpu_supports("x86-64-v4") : 0;
    }
    #else
    static int supports(int level) { return level == 0; }
    #endif
    """
    bint supports(int level)


__all__ = ["supported"]


def supported():
    """The levels that can run here, the best one last."""
    cdef dict levels = {"portable": 0, "v2": 2, "v3": 3, "v4": 4}
    return [name for name, level in levels.items() if supports(level)]
