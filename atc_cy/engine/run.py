"""The only place that drives a kernel over bars: it counts calls, and turns a stop into a PriceError."""

from functools import lru_cache
from typing import Any

import numpy as np

from ..config import ATCConfig
from ..dispatch import Kernel, Symbol
from ..errors import PriceError
from . import recording
from .bars import Bars

ROWS_OF_CALL = 50_000
"""How many rows a kernel takes at once: some milliseconds."""


@lru_cache(maxsize=256)
def _start(kernel: Kernel, config: ATCConfig, live: tuple[Any, ...]) -> Symbol:
    return kernel.Symbol(*config.kernel_arguments, *live)


def new_symbol(kernel: Kernel, config: ATCConfig, *live: Any) -> Symbol:
    """A symbol before its first bar. A copy is faster than a new one, and shares what the config fixes.

    live: the arguments of a kernel's `Symbol` after those of the config.
    """
    return _start(kernel, config, live).copy()


def advance(symbol: Symbol, close: Any, src: Any, out: Any, lanes: Any = None, *, whole: bool = False) -> int:
    """Advance a symbol over some rows; returns how many were accepted before a row that is not valid.

    Callers count the call themselves; `compute` does it for one symbol. Ctrl-C ends a long call after some
    milliseconds, unless `whole` is true.
    """
    rows = close.size
    if whole or rows <= ROWS_OF_CALL:
        return symbol.advance(close, src, out, lanes, whole)
    accepted = 0
    for first in range(0, rows, ROWS_OF_CALL):  # Python checks for signals only between two calls
        part = slice(first, min(first + ROWS_OF_CALL, rows))
        accepted += symbol.advance(close[part], src[part], _part(out, part), _part(lanes, part))
        if accepted < part.stop:
            break
    return accepted


def _part(values: Any, rows: slice) -> Any:
    return None if values is None else values[:, rows]


def compute(
    kernel: Kernel,
    config: ATCConfig,
    symbol: Symbol,
    bars: Bars,
    out: Any,
    lanes: Any = None,
    *,
    whole: bool = False,
) -> None:
    """Advance a symbol over all its bars.

    `out` and `lanes` take the outputs and, if they are wanted, the lanes: one row for each, one column per
    bar. If `whole` is true and a row is not valid, nothing changes.

    Raises
    ------
    PriceError
        A row is not valid.
    """
    close, src, _ = bars
    if recording.recorders:
        with recording.measured(kernel, config.structure, close.size, 1):
            accepted = advance(symbol, close, src, out, lanes, whole=whole)
    else:
        accepted = advance(symbol, close, src, out, lanes, whole=whole)
    if accepted < close.size:
        raise price_error(bars, accepted, config)


def price_error(bars: Bars, row: int, config: ATCConfig) -> PriceError:
    """The error about the row at which a kernel stopped."""
    close, src = bars.close[row], bars.src[row]
    if not 0 < close < np.inf:
        problem = f"prices has {close} at row {bars.label(row)}: a price must be above 0 and finite"
    elif not np.isfinite(src):
        problem = f"src has {src} at row {bars.label(row)}: it must be finite"
    else:
        problem = (
            f"La={config.La} is too large for {bars.close.size} rows: at row {bars.label(row)} the growth "
            "exceeds the largest double"
        )
        return PriceError(problem, row)
    return PriceError(f"{problem}, or NaN if there is none", row)
