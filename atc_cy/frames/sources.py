"""The source that the moving averages of a table run on."""

from typing import Any

from numpy.typing import NDArray

from ..engine.bars import as_array
from ..files.columns import SOURCES, folded, is_the_price
from ..files.sources import source
from ..text import matches
from .adapter import Adapter


def is_computed(table: Adapter, src: str) -> bool:
    """Whether `src` is a source to be computed, such as hl2; a column with this name has priority."""
    return folded(src) in SOURCES and not matches(src, table.names())


def candle(table: Adapter, src: str, prices: Any) -> dict[str, NDArray[Any]]:
    """The columns that a source is computed from; `prices` is the close if no column is named close."""
    parts = SOURCES[folded(src)]
    advice = f"; src={src!r} is the mean of {', '.join(parts)}"

    def column(part: str) -> Any:
        if is_the_price(part, table.names()):
            return prices
        return table.column(table.find("src", part, advice))

    return {part: as_array(column(part), part) for part in parts}


def src_column(table: Adapter, src: Any, prices: Any) -> Any:
    """The values of a column or of a computed source; `prices` is the close if no column is named close."""
    if isinstance(src, str) and is_computed(table, src):
        return source(src, candle(table, src, prices).__getitem__)
    if isinstance(src, str) and is_the_price(src, table.names()):
        return prices
    return table.column(table.find("src", src))
