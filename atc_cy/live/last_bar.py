"""The properties of streams that describe the last bar of a symbol, or of each symbol."""

from collections.abc import Hashable
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..config import ATCConfig, lookback
from ..dispatch import Kernel, Panel, Symbol
from ..engine.bars import Bars
from ..engine.direction import DIRECTIONS
from ..engine.run import compute
from ..text import html_table, price_text
from .saved import Saveable

Floats = NDArray[np.float64]


class LastBar(Saveable):
    """The properties of a stream of one symbol."""

    config: ATCConfig
    _kernel: Kernel
    _symbol: Symbol
    _lock: Lock
    _names: tuple[str, ...]
    """The names in `result`."""

    @property
    def bars(self) -> int:
        """How many bars there are so far."""
        with self._lock:
            return self._symbol.bars

    @property
    def last_bar(self) -> tuple[float, float]:
        """The close and the src of the last bar; NaN before the first one."""
        with self._lock:
            return self._symbol.last_bar

    @property
    def initialized(self) -> bool:
        """Whether every lane is defined: `bars` is above `lookback(config)` and the cutout."""
        return self.bars > max(lookback(self.config), self.config.cutout)

    @property
    def result(self) -> dict[str, float]:
        """The last bar: its outputs by name, then "direction" (1, -1 or NaN) and "event" (1, -1 or 0)."""
        with self._lock:
            symbol = self._symbol
            return self._named((*symbol.values, symbol.direction, symbol.event))

    @property
    def averages(self) -> dict[str, float]:
        """The moving averages of the last bar at the base lengths, by type; NaN where one is not defined.

        A state does not keep them. They are computed when this property is read, by a copy that takes the
        last bar again, which takes a few microseconds. So they do not slow down `update`.
        """
        types = len(self.config.moving_averages)
        out, lanes = np.empty((2 * types + 1, 1)), np.full((27 * types, 1), np.nan)
        with self._lock:
            symbol = self._symbol.copy()
        if symbol.bars:
            close, src = symbol.last_bar
            symbol.rewind(1)
            bar = Bars(np.array([close]), np.array([src]), None)
            compute(self._kernel, self.config, symbol, bar, out, lanes)
        base = lanes.reshape(3, types, 9)[0, :, 0].tolist()
        return dict(zip(map(str, self.config.moving_averages), base, strict=True))

    @property
    def direction(self) -> float:
        """1 up, -1 down, NaN before the first crossing; see `atc_cy.direction`."""
        with self._lock:
            return self._symbol.direction

    @property
    def event(self) -> int:
        """1 if the last bar is a long event, -1 if it is a short event, otherwise 0."""
        with self._lock:
            return self._symbol.event

    def _named(self, shown: tuple[float, ...]) -> dict[str, float]:
        named = dict(zip(self._names, shown, strict=True))
        named["event"] = int(shown[-1])
        return named

    def __repr__(self) -> str:
        with self._lock:
            symbol = self._symbol.copy()
        text = f"{type(self).__name__} of {symbol.bars} bars, {self.config!r}"
        if symbol.bars:
            average = dict(zip(self._names, symbol.values, strict=False))["Average_Signal"]
            text += f": close {price_text(symbol.last_bar[0])}, Average Signal {average:+.2f}"
            text += f", {DIRECTIONS.get(symbol.direction, 'no direction')}"
        return f"<{text}>"

    def _repr_html_(self) -> str:
        """Signals and equities of the last bar, for a notebook."""
        import pandas as pd

        result = self.result
        signals = {name: result[f"{name}_Signal"] for name in (*self.config.moving_averages, "Average")}
        equities = {name: result[f"{name}_S"] for name in self.config.moving_averages}
        return html_table(repr(self), pd.DataFrame({"Signal": signals, "Equity": equities}, [*signals]))


class LastBars(Saveable):
    """The properties of a stream of many symbols."""

    config: ATCConfig
    _panel: Panel
    _lock: Lock
    _numbers: dict[Hashable, int]
    """The numbers of the symbols, by name."""
    _names: tuple[str, ...]
    """The names in `result`."""

    @property
    def symbols(self) -> list[Hashable]:
        """The names, in the order of all arrays."""
        return [*self._numbers]

    @property
    def bars(self) -> NDArray[np.int64]:
        """How many bars each symbol has so far."""
        with self._lock:
            bars = np.empty(len(self._numbers), np.int64)
            self._panel.bars(bars)
        return bars

    @property
    def result(self) -> dict[str, Floats]:
        """The last bar of each symbol, as in `Stream.result`: the outputs by name, "direction", "event"."""
        with self._lock:
            values = self._empty_values()
            self._panel.values(values)
            return self._named(values)

    def _empty_values(self) -> Floats:
        return np.empty((len(self._names), len(self._numbers)))

    def _named(self, values: Floats) -> dict[str, Floats]:
        return dict(zip(self._names, values, strict=True))

    def __repr__(self) -> str:
        pointing = self.result["direction"].tolist()
        counts = ", ".join(f"{pointing.count(number)} {name}" for number, name in DIRECTIONS.items())
        return f"<{type(self).__name__} of {len(pointing)} symbols, {self.config!r}: {counts}>"

    def _repr_html_(self) -> str:
        """The signals of each symbol, for a notebook."""
        import pandas as pd

        names, result = self.symbols, self.result
        columns: dict[str, Any] = {"bars": self.bars} | {
            name: values for name, values in result.items() if name.endswith("_Signal")
        }
        columns["direction"] = [DIRECTIONS.get(number) for number in result["direction"].tolist()]
        return html_table(repr(self), pd.DataFrame(columns, pd.Index(names, dtype=object)))
