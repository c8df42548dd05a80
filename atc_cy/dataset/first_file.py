"""The first file of a run, if it is not Parquet: it is read once, for its types and for its rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..files.format import Format
from ..files.prices import PriceFile, read_price_file

_kept: dict[tuple[Any, ...], PriceFile] = {}
"""At most one file, by path, size, time and columns; a worker in another process has none, and reads it."""


def keep(path: Path, close: str, src: str | None, symbol: str, form: Format) -> PriceFile:
    """Read the prices of a file, and keep them for the next `take`.

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
    """The prices of a file: those that were kept, or read now. They are not kept any longer."""
    return _kept.pop(_key(path, close, src, symbol, form), None) or read_price_file(
        path, close, src=src, symbol=symbol, form=form
    )


@contextmanager
def kept_for_a_run() -> Iterator[None]:
    """Discard what is kept when the block ends."""
    try:
        yield
    finally:
        _kept.clear()


def _key(path: Path, close: str, src: str | None, symbol: str, form: Format) -> tuple[Any, ...]:
    status = path.stat()
    return path, status.st_size, status.st_mtime_ns, close, src, symbol, form
