"""One watch at a time uses a file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Have a lock that is taken in the block tell what it is of.

    Raises
    ------
    ValueError
        Another process has it.
    """
    try:
        yield
    except BlockingIOError:
        raise ValueError(f"{path}: another process uses this file; end it, or give another file") from None
