/* What mingw's headers, which stand in for those of Windows' SDK, lack when clang speaks as MSVC does. */
#include <stdarg.h>
#define _INC_VADEFS
#define _VA_LIST_DEFINED
#define _crt_va_start(v, l) __builtin_va_start(v, l)
#define _crt_va_arg(v, l) __builtin_va_arg(v, l)
#define _crt_va_end(v) __builtin_va_end(v)
#define _crt_va_copy(d, s) __builtin_va_copy(d, s)
#define __CRT__NO_INLINE
#define WIN_PTHREADS_PTHREAD_COMPAT_H
#define WIN_PTHREADS_TIME_H
#define _PID_T_
#include <_mingw.h>
#undef __attribute__
#undef __MINGW_EXTENSION
#define __MINGW_EXTENSION
#undef __MINGW_ATTRIB_NORETURN
#define __MINGW_ATTRIB_NORETURN
#undef __MINGW_ATTRIB_DEPRECATED
#define __MINGW_ATTRIB_DEPRECATED
#undef __MINGW_ATTRIB_DEPRECATED_MSVC2005
#define __MINGW_ATTRIB_DEPRECATED_MSVC2005
#undef __MINGW_ATTRIB_DEPRECATED_SEC_WARN
#define __MINGW_ATTRIB_DEPRECATED_SEC_WARN
#undef __MINGW_ATTRIB_DEPRECATED_MSG
#define __MINGW_ATTRIB_DEPRECATED_MSG(text)
