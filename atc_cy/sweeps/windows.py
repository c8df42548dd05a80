"""The bars of each symbol that are traded, and those before, over which the indicator warms up."""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..config import ATCConfig, checked_integer, lookback
from ..engine.bars import Bars, bars_of
from ..engine.index import index_times
from ..engine.many import symbols_of
from ..engine.run import price_error
from ..errors import PriceError
from ..files.time_columns import nanoseconds
from ..files.times import instant
from ..text import shown


class Window(NamedTuple):
    """A symbol up to the last bar that is traded, without rows that have no price."""

    name: Hashable
    """None for a single series."""
    bars: Bars
    rows: NDArray[np.intp]
    """The number of each bar among the rows that were given."""
    first: int
    """The first bar that is traded. Its position is taken at the close before."""

    @property
    def size(self) -> int:
        """How many bars are traded."""
        return self.rows.size - self.first

    def labels(self) -> Any:
        """The labels of all bars: those of the index, or the numbers of the rows."""
        import pandas as pd

        return pd.Index(self.rows) if self.bars.labels is None else self.bars.labels

    def part(self, first: int, stop: int) -> "Window":
        """The same symbol, traded on other bars."""
        close, src, labels = self.bars
        bars = Bars(close[:stop], src[:stop], None if labels is None else labels[:stop])
        return Window(self.name, bars, self.rows[:stop], first)


def windows_of(close: Any, src: Any, config: ATCConfig, start: Any = None, stop: Any = None) -> list[Window]:
    """The window of each symbol.

    start, stop: as `sweep` takes them.

    Raises
    ------
    TypeError, ValueError
        The prices or a time cannot be read, or no bar lies between start and stop.
    PriceError
        A row is not a valid price.
    """
    windows = []
    for name, prices, x in _symbols(close, src):
        window, size = _present(name, prices, x, config)
        first = _place(window, size, "start", start, 0)
        last = _place(window, size, "stop", stop, window.rows.size)
        if first >= last:
            raise _nothing_to_trade(window, start, stop)
        windows.append(window.part(first, last))
    return windows


def _nothing_to_trade(window: Window, start: Any, stop: Any) -> ValueError:
    """The error about bounds that leave no bar to trade."""
    given = {"start": start, "stop": stop}
    bounds = " and ".join(f"{bound}={shown(value)}" for bound, value in given.items() if value is not None)
    labels = window.labels()
    return ValueError(
        f"{_of(window.name)}{bounds} leaves no bar: give bounds between {labels[0]} and {labels[-1]}"
    )


def check_warm_up(windows: list[Window], configs: Iterable[ATCConfig], start: Any, stop: Any) -> int:
    """Refuse a window that begins or ends before all averages of all configs are defined.

    Without `start` and `stop`, all bars are traded. Returns how many bars the configs need.

    Raises
    ------
    ValueError
        There is such a window.
    """
    needed = max(max(lookback(config), config.cutout) for config in configs)
    for window in windows:
        if 0 < window.first < needed:
            raise ValueError(
                f"{_of(window.name)}start={shown(start)} has {window.first} bars before it, but the configs "
                f"need {needed} to warm up: give a later start, or more bars before"
            )
        if stop is not None and window.rows.size <= needed:
            raise ValueError(
                f"{_of(window.name)}stop={shown(stop)} leaves {window.rows.size} bars, but the configs need "
                f"{needed} to warm up: give a later stop"
            )
    return needed


@contextmanager
def rows_as_given(window: Window) -> Iterator[None]:
    """Make an error name the symbol, and the number of the given row."""
    try:
        yield
    except PriceError as error:
        row = int(window.rows[error.row])
        problem = str(error).replace(f"at row {error.row} ", f"at row {row} ", 1)
        raise PriceError(f"{_of(window.name)}{problem}", row) from None


def _of(name: Hashable) -> str:
    return "" if name is None else f"{name}: "


def _symbols(close: Any, src: Any) -> list[tuple[Hashable, Any, Any]]:
    """Name, prices and src of each symbol; the name of a single series is None."""
    if not isinstance(close, Mapping) and not (hasattr(close, "iloc") and hasattr(close, "columns")):
        if isinstance(close, str | bytes) or not isinstance(close, Iterable):
            raise TypeError(
                f"close={shown(close)} must be a series of prices, a DataFrame with one column per symbol, "
                f"or a mapping of symbols to series, not {type(close).__name__}"
            )
        return [(None, close, src)]
    symbols = [(name, prices, src) for name, prices in symbols_of(close)]
    if src is not None and len(symbols) > 1:
        raise ValueError("src is for one symbol: leave it out, or sweep one symbol after the other")
    if not symbols:
        raise ValueError("close has no symbol: give at least one")
    return symbols


def _present(name: Hashable, prices: Any, src: Any, config: ATCConfig) -> tuple[Window, int]:
    """A symbol's valid bars in contiguous arrays, and how many rows were given."""
    bars = bars_of(name, prices, src)
    rows = np.flatnonzero(bars.present)
    if not rows.size:
        raise ValueError(f"{'prices' if name is None else name}: no row has a price: give at least one")
    close, x = (array[rows].astype(np.float64, copy=False) for array in (bars.close, bars.src))
    wrong = np.flatnonzero(~((close > 0.0) & np.isfinite(close) & np.isfinite(x)))
    if wrong.size:
        error = price_error(bars, int(rows[wrong[0]]), config)
        raise PriceError(f"{_of(name)}{error}", error.row)
    labels = None if bars.labels is None else bars.labels[rows]
    return Window(name, Bars(close, x, labels), rows, 0), bars.close.size


def _place(window: Window, size: int, argument: str, value: Any, default: int) -> int:
    """The bar that a row's number or a time means: the first one that is not before it.

    size: how many rows were given.
    """
    if value is None:
        return default
    if hasattr(value, "__index__"):
        row = checked_integer(argument, value)
        if not -size <= row <= size:
            raise ValueError(f"{argument}={row} is out of range: {_of(window.name)}close has {size} rows")
        return int(np.searchsorted(window.rows, row + size if row < 0 else row))
    if isinstance(value, str) and value.isdecimal() and len(value) < 9 and len(value) not in (4, 8):
        raise ValueError(
            f"{argument}={value!r} is not a time: give a date, or the number of a row as an integer"
        )
    try:
        moment = instant(value)
    except ValueError as error:
        raise ValueError(f"{argument}={shown(value)}: {error}: give a time, or the number of a row") from None
    times = None if window.bars.labels is None else index_times(window.bars.labels)
    if times is None:
        raise TypeError(
            f"{argument}={shown(value)} needs times as the index of close: give an index, or a row's number"
        )
    return int(np.searchsorted(nanoseconds(times), moment))
