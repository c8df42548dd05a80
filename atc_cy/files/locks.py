"""Locks between processes: on an open file, and for a file that is replaced."""

import errno
import os
import time
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from .hidden import beside

_PLACE = 2**31 - 2
"""The position of the byte that is locked on Windows, where other processes cannot read a locked byte.

It lies behind the end of every file here; Windows' C library counts positions in 32 bits.
"""
_SECONDS_BETWEEN_TRIES = 0.05


def holds_files() -> bool:
    """Whether the system, like Windows, refuses to replace or delete an open file."""
    try:
        import fcntl  # noqa: F401
    except ImportError:
        return True
    return False


def lock(file: IO[Any], *, wait: bool = True) -> None:
    """Lock an open file until it is closed; other processes that call this wait.

    Raises
    ------
    BlockingIOError
        Another process has locked it, and `wait` is false.
    """
    try:
        import fcntl
    except ImportError:
        _lock_byte(file, wait)
    else:
        how = fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB  # type: ignore[attr-defined,unused-ignore]
        fcntl.flock(file, how)  # type: ignore[attr-defined,unused-ignore]


def _lock_byte(file: IO[Any], wait: bool) -> None:
    """Lock a file on Windows: one byte of it, at `_PLACE`."""
    msvcrt: Any = import_module("msvcrt")
    number = file.fileno()
    while True:
        before = os.lseek(number, 0, os.SEEK_CUR)
        os.lseek(number, _PLACE, os.SEEK_SET)
        try:
            msvcrt.locking(number, msvcrt.LK_NBLCK, 1)
            return
        except OSError as error:
            if error.errno not in (errno.EACCES, errno.EDEADLK):
                raise
            if not wait:
                raise BlockingIOError(errno.EAGAIN, "another process has locked it", file.name) from None
        finally:
            os.lseek(number, before, os.SEEK_SET)
        time.sleep(_SECONDS_BETWEEN_TRIES)


class LockFile:
    """The lock of a file that is replaced whole: on an empty file next to it, which exists while locked.

    A lock on the file itself would end with each replacement, and Windows does not replace an open file.
    """

    def __init__(self, path: Path) -> None:
        self._beside = beside(path, ".lock")
        self._path = path
        self._file: IO[bytes] | None = None

    def acquire(self) -> None:
        """Take the lock; do nothing if this object has it already.

        Raises
        ------
        BlockingIOError
            Another process has it.
        OSError
            No file can be created in this folder: it is missing, or must not be written to.
        """
        while self._file is None:
            try:
                file = self._beside.open("ab")
            except OSError as error:
                error.filename = str(self._path)  # the file that the user knows
                raise
            try:
                lock(file, wait=False)
                if self._is_there(file):
                    self._file = file
            finally:
                if self._file is not file:
                    file.close()

    def release(self) -> None:
        """Release the lock, and remove its file."""
        if self._file is None:
            return
        try:
            self._beside.unlink(missing_ok=True)
        except PermissionError:  # on Windows, as long as it is open
            self._file.close()
            with suppress(PermissionError, FileNotFoundError):  # another process may have taken it
                self._beside.unlink()
        self._file.close()
        self._file = None

    def _is_there(self, file: IO[bytes]) -> bool:
        """Whether an opened file still exists: the process that held the lock before may have removed it."""
        try:
            return os.path.samestat(os.fstat(file.fileno()), self._beside.stat())
        except FileNotFoundError:
            return False
