"""The first file of a run, if it is no Parquet: read as a whole for its types, and not again for its rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..files.format import Format
from ..files.prices import PriceFile, read_price_file

_kept: dict[tuple[Any, ...], PriceFile] = {}
"""At most one, by path, size, time and columns; a worker in another process has none, and reads the file."""


def keep(path: Path, close: str, src: str | None, symbol: str, form: Format) -> PriceFile:
    """The prices of a file, which the next `take` of it returns.

    Raises
    ------
    OSError, ImportError, ValueError
        As from `read_price_file`.
    """
    key = _key(path, close, src, symbol, form)
    file = read_price_file(path, close, src=src, symbol=symbol, form=form)
    _kept.clear()
    _kept[key] = file
    return file


def take(path: Path, close: str, src: str | None, symbol: str, form: Format) -> PriceFile:
    """The prices of a file, read now unless they were kept; they are kept no longer."""
    return _kept.pop(_key(path, close, src, symbol, form), None) or read_price_file(
        path, close, src=src, symbol=symbol, form=form
    )


@contextmanager
def kept_for_a_run() -> Iterator[None]:
    """Whatever is kept meanwhile is kept no longer than this."""
    try:
        yield
    finally:
        _kept.clear()


def _key(path: Path, close: str, src: str | None, symbol: str, form: Format) -> tuple[Any, ...]:
    status = path.stat()
    return path, status.st_size, status.st_mtime_ns, close, src, symbol, form
