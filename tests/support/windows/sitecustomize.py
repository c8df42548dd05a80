"""Windows' rules for a Python process on Linux, as far as they can be had: its folder is in PYTHONPATH.

`sys.platform` and paths stay. What is not on Windows is absent: modules, functions, signals. What Windows
refuses is refused: a file that is open is neither replaced nor deleted, a folder is not synchronized, a file
that can only be read neither, `select` takes sockets alone. msvcrt and _winapi are stand-ins that do what
this package asks of them. ATC_CY_TEST_POSIX_ONLY=1 leaves it at what is absent.
"""

import builtins
import errno
import os
import select
import shutil
import signal
import stat
import sys

ABSENT_MODULES = frozenset({"fcntl", "grp", "pty", "pwd", "resource", "syslog", "termios", "tty"})
ABSENT = {
    os: ("O_DIRECTORY", "O_NONBLOCK", "fork", "pread", "pwrite", "register_at_fork", "sched_getaffinity",
         "sched_setaffinity", "set_blocking"),
    signal: ("SIGHUP", "SIGALRM", "SIGUSR1", "SIGUSR2", "pthread_kill", "pthread_sigmask", "sigwait"),
}  # fmt: skip
SHARED = os.O_NONBLOCK
"""Marks a file that was opened so that others may rename or delete it; it means nothing else for a file."""

NEEDED_BEFORE = (
    *("asyncio", "getpass", "multiprocessing.util", "pathlib", "shutil", "socket", "subprocess", "tempfile"),
    "zoneinfo",
)
"""Modules of the standard library that on Linux cannot be imported without what is absent."""


class _Absent:
    """Finds nothing for the modules that Windows does not have."""

    def find_spec(self, name, *_):
        if name in ABSENT_MODULES:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def remove_posix() -> None:
    """Take away what Windows does not have."""
    for name in NEEDED_BEFORE:
        __import__(name)
    for name in ABSENT_MODULES:
        sys.modules.pop(name, None)
    sys.meta_path.insert(0, _Absent())
    for module, names in ABSENT.items():
        for name in names:
            if hasattr(module, name):
                delattr(module, name)
    shutil._use_fd_functions = False  # rmtree opens folders with what was taken away
    real_select = select.select

    def select_sockets(readers, writers, errors, timeout=None):
        for file in (*readers, *writers, *errors):
            number = file if isinstance(file, int) else file.fileno()
            if not stat.S_ISSOCK(os.fstat(number).st_mode):
                raise OSError(errno.ENOTSOCK, "an operation was attempted on something that is not a socket")
        return real_select(readers, writers, errors, timeout)

    real_fsync = os.fsync

    def fsync_files(file):
        number = file if isinstance(file, int) else file.fileno()
        if stat.S_ISDIR(os.fstat(number).st_mode):
            raise PermissionError(errno.EACCES, "a folder cannot be opened")
        if _flags(os.getpid(), number) & os.O_ACCMODE == os.O_RDONLY:
            raise OSError(errno.EBADF, "a file that can only be read cannot be synchronized")
        real_fsync(file)

    select.select, os.fsync = select_sockets, fsync_files
    for name in ("poll", "epoll", "kqueue"):
        if hasattr(select, name):
            delattr(select, name)


def _flags(process: int, number: int) -> int:
    """How a file was opened."""
    with real_open(f"/proc/{process}/fdinfo/{number}", "rb") as file:
        return next(int(line.split()[1], 8) for line in file if line.startswith(b"flags:"))


real_open = builtins.open


def _open_files(path: str):
    """The processes and numbers by which this process and its children have a file open, and how."""
    try:
        wanted = os.stat(path, follow_symlinks=False)
    except OSError:
        return
    for process in (os.getpid(), *_children(os.getpid())):
        try:
            numbers = os.listdir(f"/proc/{process}/fd")
        except OSError:  # it has ended
            continue
        for number in numbers:
            try:
                found = os.stat(f"/proc/{process}/fd/{number}")
                if os.path.samestat(found, wanted):
                    yield _flags(process, int(number))
            except OSError:
                continue


def _children(process: int):
    try:
        with real_open(f"/proc/{process}/task/{process}/children", "rb") as file:
            children = [int(child) for child in file.read().split()]
    except OSError:
        return []
    return [found for child in children for found in (child, *_children(child))]


def refuse_open_files() -> None:
    """Neither replace nor delete a file that is open, unless it was opened so that it may be."""

    def check(path, *, shared: bool) -> None:
        if stat.S_ISDIR(os.stat(path, follow_symlinks=False).st_mode):
            return
        for flags in _open_files(os.fspath(path)):
            if not (shared and flags & SHARED):
                raise PermissionError(errno.EACCES, "the file is used by another process", os.fspath(path))

    real_replace, real_rename, real_unlink = os.replace, os.rename, os.unlink

    def replace(src, dst, *, src_dir_fd=None, dst_dir_fd=None):
        check(src, shared=True)
        if os.path.lexists(dst):
            check(dst, shared=False)
        real_replace(src, dst, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd)

    def rename(src, dst, *, src_dir_fd=None, dst_dir_fd=None):
        check(src, shared=True)
        if os.path.lexists(dst):
            raise FileExistsError(errno.EEXIST, "there is a file already", os.fspath(dst))
        real_rename(src, dst, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd)

    def unlink(path, *, dir_fd=None):
        if dir_fd is None and os.path.lexists(path):
            check(path, shared=True)
        real_unlink(path, dir_fd=dir_fd)

    os.replace, os.rename, os.unlink, os.remove = replace, rename, unlink, unlink


def install_stand_ins() -> None:
    """Have msvcrt and _winapi, as far as this package uses them."""
    import ctypes
    from types import ModuleType

    libc = ctypes.CDLL(None, use_errno=True)
    flock, exclusive, at_once = libc.flock, 2, 4
    msvcrt, winapi = ModuleType("msvcrt"), ModuleType("_winapi")

    def locking(number, mode, size):
        assert (mode, size) == (msvcrt.LK_NBLCK, 1)
        place = os.lseek(number, 0, os.SEEK_CUR)
        assert 0 < place < 2**31, "Windows' C library counts places in 32 bits"
        # For all of the file, where Windows locks a byte: nobody here locks another one.
        if flock(number, exclusive | at_once):
            raise PermissionError(errno.EACCES, "Permission denied")

    def create_file(name, access, share, _security, disposition, *_):
        assert (access, share, disposition) == (winapi.GENERIC_READ, 7, winapi.OPEN_EXISTING)
        return os.open(name, os.O_RDONLY | os.O_CLOEXEC | SHARED)

    msvcrt.LK_NBLCK, msvcrt.locking = 2, locking
    msvcrt.open_osfhandle = lambda handle, _flags: handle
    winapi.GENERIC_READ, winapi.OPEN_EXISTING, winapi.NULL = 0x8000_0000, 3, 0
    winapi.CreateFile = create_file
    sys.modules["msvcrt"], sys.modules["_winapi"] = msvcrt, winapi


remove_posix()
if os.environ.get("ATC_CY_TEST_POSIX_ONLY") != "1":
    refuse_open_files()
install_stand_ins()
