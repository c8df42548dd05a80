"""Damaged files: the errors of the libraries that read Parquet, Feather and Excel become one error."""

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from zipfile import BadZipFile

# The errors that these libraries raise for damaged bytes: a parser raises SyntaxError, and Arrow raises
# MemoryError if a length was changed.
_RAISED = (
    *(ArithmeticError, AssertionError, AttributeError, BadZipFile, EOFError, LookupError, MemoryError),
    *(RuntimeError, SyntaxError, TypeError, struct.error, zlib.error),
)


@contextmanager
def damage_reported() -> Iterator[None]:
    """Turn what a library raises for a damaged file into a ValueError; ValueError and OSError stay.

    Examples
    --------
    >>> with damage_reported():
    ...     {}["pandas_type"]
    Traceback (most recent call last):
    ValueError: the file is damaged, or not in this format (KeyError: 'pandas_type')
    """
    try:
        yield
    except _RAISED as error:
        problem = " ".join(str(error).split())
        what = f"{type(error).__name__}: {problem[:200]}" if problem else type(error).__name__
        raise ValueError(f"the file is damaged, or not in this format ({what})") from None
