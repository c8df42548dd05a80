"""Open files that other processes may rename or delete."""

import os
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

_SHARE_ALL = 1 | 2 | 4
"""Windows' FILE_SHARE_READ, FILE_SHARE_WRITE and FILE_SHARE_DELETE."""


def open_shared(path: Path) -> BinaryIO:
    """Open a file to read its bytes, without a buffer; other processes may rename or delete it meanwhile.

    On Windows, the program that opens a file has to allow that; other systems always do.

    Raises
    ------
    OSError
        The file cannot be opened.
    """
    try:
        windows: Any = import_module("_winapi")
    except ImportError:
        return open(path, "rb", buffering=0)
    msvcrt: Any = import_module("msvcrt")

    def opened(name: str, flags: int) -> int:
        try:
            handle = windows.CreateFile(
                name, windows.GENERIC_READ, _SHARE_ALL, windows.NULL, windows.OPEN_EXISTING, 0, windows.NULL
            )
        except OSError as error:
            error.filename = name
            raise
        number: int = msvcrt.open_osfhandle(handle, flags)
        return number

    return open(os.fspath(path), "rb", buffering=0, opener=opened)
