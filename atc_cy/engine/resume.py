"""Many symbols, each resumed from its state after earlier rows."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..config import ATCConfig
from ..dispatch import best_kernel
from .crossing import trend
from .recording import measured
from .run import advance, new_symbol


class State(NamedTuple):
    """A symbol after its last row."""

    record: bytes
    """The state's bytes, from the kernel."""
    time: int
    close: float
    average: float
    """The last `Average_Signal` that is not NaN; NaN before the first one."""
    direction: float


class Series(NamedTuple):
    """One symbol's next rows."""

    symbol: str
    begin: int
    """The number of its first row among all rows."""
    time: NDArray[np.int64]
    close: NDArray[Any]
    src: NDArray[Any]
    state: State | None
    """None if there was no row before."""


def resume(
    config: ATCConfig, series: list[Series], rows: int, dtype: Any
) -> tuple[dict[str, Any], list[tuple[State | None, int]]]:
    """The columns of `atc` for all rows; and for each symbol its state, and how many rows were accepted."""
    out = np.empty((len(config.output_names), rows), dtype)
    direction, event = np.empty(rows), np.empty(rows, np.int8)
    results: list[tuple[State | None, int]] = []
    for piece, (record, accepted) in zip(series, _advance(config, series, out), strict=True):
        state, done = piece.state, slice(piece.begin, piece.begin + accepted)
        if accepted:
            last = (np.nan, np.nan) if state is None else (state.average, state.direction)
            average = out[-1, done]
            direction[done], event[done] = trend(average, config.long_threshold, config.short_threshold, last)
            numbers = np.flatnonzero(~np.isnan(average))
            if numbers.size:
                last = float(average[numbers[-1]]), float(direction[done][numbers[-1]])
            state = State(record, int(piece.time[accepted - 1]), float(piece.close[accepted - 1]), *last)
        results.append((state, accepted))
    return {
        **dict(zip(config.output_names, out, strict=True)),
        "direction": direction,
        "event": event,
    }, results


def _advance(config: ATCConfig, series: list[Series], out: NDArray[Any]) -> list[tuple[bytes, int]]:
    """Advance each symbol; returns its state, and how many rows were accepted.

    out: takes the outputs; its shape is (outputs, rows of all symbols).
    """
    kernel, results = best_kernel(config.structure), []
    fresh = new_symbol(kernel, config)
    with measured(kernel, config.structure, sum(piece.close.size for piece in series), len(series)):
        for piece in series:
            symbol = fresh.copy()
            if piece.state is not None:
                symbol.restore(piece.state.record)
            rows = out[:, piece.begin : piece.begin + piece.close.size]
            accepted = advance(symbol, piece.close, piece.src, rows)
            results.append((symbol.record(), accepted))
    return results
