# Which of the CPU levels that kernels are built for this CPU and its operating system can run. Compiled for no level in
# particular, so that it can be asked on any machine.

cdef extern from *:
    """
    #if defined(__x86_64__)
    #include <cpuid.h>

    /* The parts of x86-64-v2, v3 and v4, as the psABI lists them: bits that CPUID reports. */
    enum {
        V2_ECX = 1 << 0 | 1 << 9 | 1 << 13 | 1 << 19 | 1 << 20 | 1 << 23,  /* SSE3, SSSE3, CX16, SSE4.1, SSE4.2, POPCNT */
        V2_EXTENDED = 1 << 0,                                              /* LAHF */
        V3_ECX = 1 << 12 | 1 << 22 | 1 << 27 | 1 << 28 | 1 << 29,          /* FMA, MOVBE, OSXSAVE, AVX, F16C */
        V3_EXTENDED = 1 << 5,                                              /* LZCNT */
        V3_EBX = 1 << 3 | 1 << 5 | 1 << 8,                                 /* BMI, AVX2, BMI2 */
        V3_SAVED = 0x06,                                                   /* the registers that the system saves */
        V4_SAVED = 0xE6
    };
    #define V4_EBX (1u << 16 | 1u << 17 | 1u << 28 | 1u << 30 | 1u << 31)   /* AVX512F, DQ, CD, BW, VL */

    static int supports(int level) {
        unsigned eax, ebx, ecx, edx, extended, unused, saved = 0, features = 0;
        if (!__get_cpuid(0x80000001, &eax, &ebx, &extended, &edx) || !__get_cpuid(1, &eax, &ebx, &ecx, &edx))
            return 0;
        if (__get_cpuid_count(7, 0, &eax, &ebx, &unused, &edx))
            features = ebx;
        if (ecx & 1 << 27)
            __asm__ volatile ("xgetbv" : "=a" (saved), "=d" (unused) : "c" (0));
        const int v2 = (ecx & V2_ECX) == V2_ECX && (extended & V2_EXTENDED) == V2_EXTENDED;
        const int v3 = v2 && (ecx & V3_ECX) == V3_ECX && (extended & V3_EXTENDED) == V3_EXTENDED
            && (features & V3_EBX) == V3_EBX && (saved & V3_SAVED) == V3_SAVED;
        const int v4 = v3 && (features & V4_EBX) == V4_EBX && (saved & V4_SAVED) == V4_SAVED;
        return level == 2 ? v2 : level == 3 ? v3 : level == 4 ? v4 : 0;
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
