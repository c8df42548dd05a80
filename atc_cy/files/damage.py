"""Damaged files: what the libraries raise that read Parquet, Feather and Excel becomes one error."""

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from zipfile import BadZipFile

# Theirs say what is wrong with the bytes, or trip over it. A parser's error is a SyntaxError, Arrow's lack of
# memory comes of a length that was changed.
_RAISED = (
    *(ArithmeticError, AssertionError, AttributeError, BadZipFile, EOFError, LookupError, MemoryError),
    *(RuntimeError, SyntaxError, TypeError, struct.error, zlib.error),
)


@contextmanager
def damage_told() -> Iterator[None]:
    """Turn what a library raises for a damaged file into a ValueError; ValueError and OSError stay.

    Examples
    --------
    >>> with damage_told():
    ...     {}["pandas_type"]
    Traceback (most recent call last):
    ValueError: it is damaged, or not of this format (KeyError: 'pandas_type')
    """
    try:
        yield
    except _RAISED as error:
        problem = " ".join(str(error).split())
        what = f"{type(error).__name__}: {problem[:200]}" if problem else type(error).__name__
        raise ValueError(f"it is damaged, or not of this format ({what})") from None
