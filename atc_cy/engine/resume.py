"""Symbols that go on from where earlier rows left them: many series, and each one's state."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..config import ATCConfig
from ..dispatch import best_kernel
from .direction import trend
from .recording import measured
from .run import advance, new_symbol


class State(NamedTuple):
    """A symbol after its last row."""

    record: bytes
    """Of the kernel."""
    time: int
    close: float
    average: float
    """The last `Average_Signal` that there was, NaN before the first."""
    way: float
    """The direction."""


class Series(NamedTuple):
    """One symbol's next rows."""

    symbol: str
    begin: int
    """Of its rows among all."""
    time: NDArray[np.int64]
    close: NDArray[Any]
    src: NDArray[Any]
    state: State | None
    """None: there was no row before."""


def carry(
    config: ATCConfig, series: list[Series], rows: int, dtype: Any
) -> tuple[dict[str, Any], list[tuple[State | None, int]]]:
    """The columns that `atc` gives, of all rows; each symbol's state, and how many rows could be taken."""
    out = np.empty((len(config.output_names), rows), dtype)
    way, event = np.empty(rows), np.empty(rows, np.int8)
    results: list[tuple[State | None, int]] = []
    for own, (record, taken) in zip(series, _advance(config, series, out), strict=True):
        state, done = own.state, slice(own.begin, own.begin + taken)
        if taken:
            last = (np.nan, np.nan) if state is None else (state.average, state.way)
            average = out[-1, done]
            way[done], event[done] = trend(average, config.long_threshold, config.short_threshold, last)
            numbers = np.flatnonzero(~np.isnan(average))
            if numbers.size:
                last = float(average[numbers[-1]]), float(way[done][numbers[-1]])
            state = State(record, int(own.time[taken - 1]), float(own.close[taken - 1]), *last)
        results.append((state, taken))
    return {**dict(zip(config.output_names, out, strict=True)), "direction": way, "event": event}, results


def _advance(config: ATCConfig, series: list[Series], out: NDArray[Any]) -> list[tuple[bytes, int]]:
    """Carry each symbol on; returns its state, and how many rows could be taken.

    out: (outputs, rows of all).
    """
    kernel, results = best_kernel(config.structure), []
    fresh = new_symbol(kernel, config)
    with measured(kernel, config.structure, sum(own.close.size for own in series), len(series)):
        for own in series:
            symbol = fresh.copy()
            if own.state is not None:
                symbol.restore(own.state.record)
            taken = advance(symbol, own.close, own.src, out[:, own.begin : own.begin + own.close.size])
            results.append((symbol.record(), taken))
    return results
