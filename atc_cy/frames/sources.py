"""What the moving averages of a table run on."""

from typing import Any

from numpy.typing import NDArray

from ..engine.bars import as_array
from ..files.columns import SOURCES
from ..files.sources import source
from ..text import matches
from .adapter import Adapter


def is_computed(table: Adapter, src: str) -> bool:
    """Whether it names a source that is computed; a column of this very name wins."""
    return src in SOURCES and not matches(src, table.names())


def candle(table: Adapter, src: str) -> dict[str, NDArray[Any]]:
    """The columns that a source is computed from."""
    advice = f"; src={src!r} is the mean of {', '.join(SOURCES[src])}"
    return {part: as_array(table.column(table.find("src", part, advice)), part) for part in SOURCES[src]}


def src_column(table: Adapter, src: Any) -> Any:
    """The values of a column, or of a source that is computed."""
    if isinstance(src, str) and is_computed(table, src):
        return source(src, candle(table, src).__getitem__)
    return table.column(table.find("src", src))
