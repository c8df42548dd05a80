"""One watch at a time uses a file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Make the error of a lock that is taken in the block name the file.

    Raises
    ------
    ValueError
        Another process has locked the file.
    """
    try:
        yield
    except BlockingIOError:
        raise ValueError(
            f"{path}: another process uses this file: end that process, or give another file"
        ) from None
