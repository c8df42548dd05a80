"""Symbols that go on from where earlier rows left them: many series, and each one's state."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import hotpaths
from .api import new_symbol, trend
from .config import ATCConfig
from .dispatch import Kernel, best_kernel


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

    out: (outputs, rows of all). Symbols with equally many bars behind them go side by side as far as the
    shortest goes, since a state is told only where all stand at the same bar; the rest of the rows, and those
    of symbols with gaps, go alone.
    """
    kernel = best_kernel(config.structure)
    results = [(b"" if own.state is None else own.state.record, 0) for own in series]
    with hotpaths.measured(kernel, config.structure, sum(own.close.size for own in series), len(series)):
        spoilt = _side_by_side(kernel, config, series, out, results)
        fresh = new_symbol(kernel, config)
        for number, own in enumerate(series):
            record, taken = results[number]
            if taken < own.close.size and number not in spoilt:
                symbol = fresh.copy()
                if record:
                    symbol.restore(record)
                rest = slice(own.begin + taken, own.begin + own.close.size)
                taken += symbol.advance(own.close[taken:], own.src[taken:], out[:, rest])
                results[number] = symbol.record(), taken
    return results


def _side_by_side(
    kernel: Kernel,
    config: ATCConfig,
    series: list[Series],
    out: NDArray[Any],
    results: list[tuple[bytes, int]],
) -> set[int]:
    """Bring `results` forward as far as many symbols can go at once; returns those that cannot go on."""
    fresh, places, width = kernel.Panel(*config.kernel_arguments), tuple(range(len(out))), kernel.PANEL_WIDTH
    alike: dict[bytes, list[int]] = {}
    for number, own in enumerate(series):
        if not (np.isnan(own.close).any() or np.isnan(own.src).any()):
            alike.setdefault(results[number][0][:8], []).append(number)  # a record begins with its bars
    spoilt = set()
    for begun, numbers in alike.items():
        numbers.sort(key=lambda number: series[number].close.size)
        for first in range(0, len(numbers) - width // 2 + 1, width):
            group = [series[number] for number in numbers[first : first + width]]
            bars = group[0].close.size
            panel = fresh.copy()
            if begun:
                panel.restore(tuple(own.state.record for own in group if own.state is not None))
            closes, srcs = tuple(own.close[:bars] for own in group), tuple(own.src[:bars] for own in group)
            outs = tuple(out[:, own.begin : own.begin + bars] for own in group)
            taken = panel.advance(closes, srcs, outs, places, 2**40)
            for place, number in enumerate(numbers[first : first + width]):
                results[number] = panel.record(place), taken[place]
                if taken[place] < bars:
                    spoilt.add(number)
    return spoilt
