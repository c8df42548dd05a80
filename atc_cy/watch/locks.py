"""One watch at a time uses a file."""

import fcntl
from pathlib import Path
from typing import BinaryIO


def lock(file: BinaryIO, path: Path) -> None:
    """Keep other watches from a file until it is closed.

    Raises
    ------
    ValueError
        Another process has locked it.
    """
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ValueError(f"{path}: another process uses this file; end it, or give another file") from None
