"""One symbol, live: the numbers of a batch, bar by bar."""

import struct
from threading import Lock
from typing import TYPE_CHECKING, Any, Self, Unpack

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..config import ATCConfig, ConfigFields, checked_integer, lookback, public, resolve
from ..dispatch import Symbol, best_kernel
from ..engine import recording
from ..engine.bars import Bars, as_bars
from ..engine.direction import DIRECTIONS
from ..engine.recording import measured
from ..engine.run import compute, new_symbol
from ..errors import PriceError
from ..text import html_table, price_text
from . import saved
from .checks import (
    alert_arguments,
    as_numbers,
    bar_problem,
    checked_trend,
    growth_problem,
    is_bar,
    refuse_no_numbers,
)

if TYPE_CHECKING:
    import pandas as pd

MOST_DEPTH = 100_000
"""Most bars that a stream can be asked to take back."""
_PAIR = struct.Struct("<dd")
_TREND = struct.Struct("<dddd")


@public
class Stream(saved.Saveable):
    """The indicator on a live feed of one symbol: bit for bit what a batch over the same bars gives.

    Parameters
    ----------
    config
        A config, or the name of a preset.
    depth
        How many bars `rewind` can take back, 1 to 100,000.
    alert_from
        What `direction` and `event` follow: "Average", or a type such as "EMA". With `strategy_mode` they act
        one bar late.
    **overrides
        Fields of `ATCConfig` that replace the config's.

    Raises
    ------
    TypeError, ValueError
        A bad argument.
    KernelError
        No kernel can be loaded.

    Notes
    -----
    Threads may share a stream: its methods run one after the other.
    """

    _KIND = saved.STREAM

    def __init__(
        self,
        config: ATCConfig | str = "default",
        *,
        depth: int = 1,
        alert_from: str = "Average",
        **overrides: Unpack[ConfigFields],
    ) -> None:
        self.config = resolve(config, overrides, function=Stream)
        self.depth = checked_integer("depth", depth)
        if not 1 <= self.depth <= MOST_DEPTH:
            raise ValueError(f"depth={depth} is out of range: give 1 to {MOST_DEPTH}")
        self.alert_from = alert_from
        alert = alert_arguments(self.config, alert_from)
        self._names = (*self.config.output_names, "direction", "event")
        self._kernel = best_kernel(self.config.structure)
        # It keeps one bar more than `rewind` may take back, so that `revise` finds one after it.
        self._live = (self.depth + 1, *alert)
        self._symbol = new_symbol(self._kernel, self.config, *self._live)
        self._spare = 0  # 1 once there was that bar
        self._update = self._symbol.update  # looking it up at each bar takes time
        self._lock = Lock()

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

        A state does not keep them: they are computed when they are asked for, of a copy that takes the last
        bar again. So they take a few microseconds, and `update` takes no more time than without them.
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

    def update(self, price: float, src: float | None = None) -> float:
        """Take the next bar; returns its `Average_Signal`.

        Parameters
        ----------
        price
            The bar's close, above 0 and finite. NaN or None is no bar: nothing changes, and NaN is returned.
        src
            What the moving averages run on, if not the close; finite. NaN is no bar either.

        Raises
        ------
        TypeError
            The price is not a number; True and False are none.
        PriceError
            The price is not a valid one; nothing changes.
        """
        if type(price) is not float or src is not None:
            refuse_no_numbers(price, src)
        try:  # A call into the kernel is alone without the lock, as long as no other thread is in `extend`.
            if recording.recorders:
                with measured(self._kernel, self.config.structure, 1, 1):
                    average = self._update(price, src)
            else:
                average = self._update(price, src)
        except TypeError:
            return self.update(*as_numbers(price, src))
        except RuntimeError:
            with self._lock, measured(self._kernel, self.config.structure, 1, 1):
                average = self._update(price, src)
        if average is None:
            raise self._price_error(price, src)
        return average

    def peek(self, price: float, src: float | None = None) -> dict[str, float]:
        """What `result` would be after `update` with the same arguments; nothing changes.

        Raises
        ------
        TypeError, PriceError
            As from `update`.
        """
        refuse_no_numbers(price, src)
        try:
            with self._lock, measured(self._kernel, self.config.structure, 1, 1):
                shown = self._symbol.peek(price, src)
        except TypeError:
            return self.peek(*as_numbers(price, src))
        if shown is None:
            raise self._price_error(price, src)
        return self._named(shown)

    def revise(self, price: float, src: float | None = None) -> float:
        """Put another price in the last bar's place, as often as it ticks; returns its `Average_Signal`.

        Raises
        ------
        PriceError
            The price is not a valid one (nor is NaN: `rewind` takes a bar back); nothing changes.
        IndexError
            There is no bar.
        """
        refuse_no_numbers(price, src)
        try:
            with self._lock, measured(self._kernel, self.config.structure, 1, 1):
                if not self._symbol.rewindable:
                    raise IndexError("there is no bar to revise: update takes the first one")
                average = self._symbol.revise(price, src)
        except TypeError:
            return self.revise(*as_numbers(price, src))
        if average is None:
            raise self._price_error(price, src)
        return average

    def rewind(self, bars: int = 1) -> None:
        """Take back the last bars, as if they had never been.

        Raises
        ------
        IndexError
            `bars` is more than `depth`, less what was taken back before, or more than there were.
        """
        with self._lock:
            most = self._rewindable(self._symbol)
            if not 1 <= checked_integer("bars", bars) <= most:
                raise IndexError(
                    f"bars={bars} is out of range: {most} can be taken back; "
                    f"depth={self.depth} was chosen at construction"
                )
            self._spare |= self._symbol.rewindable > self.depth
            self._symbol.rewind(bars)

    def extend(
        self, prices: "ArrayLike | pd.Series[Any]", src: "ArrayLike | pd.Series[Any] | None" = None
    ) -> NDArray[Any]:
        """Take many bars, as fast as a batch.

        Parameters
        ----------
        prices, src
            As in `compute_atc_signals`; rows with NaN are no bars.

        Returns
        -------
        numpy.ndarray
            (outputs, rows): the outputs in the order of `config.output_names`, NaN in rows that are no bars.

        Raises
        ------
        TypeError, ValueError, PriceError
            As from `compute_atc_signals`; nothing changes.
        """
        close, x, labels = as_bars(prices, src)
        close, x = close.astype(np.float64, copy=False), x.astype(np.float64, copy=False)
        out = np.empty((len(self.config.output_names), close.size))
        with self._lock:
            compute(self._kernel, self.config, self._symbol, Bars(close, x, labels), out, whole=True)
        return out

    def reset(self) -> None:
        """Go back to before the first bar."""
        with self._lock:
            self._symbol.assign(new_symbol(self._kernel, self.config, *self._live))
            self._spare = 0

    def copy(self) -> Self:
        """Another stream in the same state."""
        other = type(self)(self.config, depth=self.depth, alert_from=self.alert_from)
        with self._lock:
            other._symbol.assign(self._symbol)
            other._spare = self._spare
        return other

    def to_bytes(self) -> bytes:
        """The whole stream; `atc_cy.live.saved` documents the format.

        The payload is the record of the state before the recent bars, the trend then (previous, direction,
        event, pending), and the close and the src of each recent bar.
        """
        with self._lock:
            symbol = self._symbol.copy()
            rewindable = self._rewindable(symbol)
        pairs = []
        while symbol.rewindable:
            pairs.append(_PAIR.pack(*symbol.last_bar))
            symbol.rewind(1)
        header = {
            "alert_from": self.alert_from,
            "depth": self.depth,
            "rewindable": rewindable,
            "recent": len(pairs),
        }
        payload = symbol.record() + _TREND.pack(*symbol.trend) + b"".join(reversed(pairs))
        return saved.pack(self._KIND, self.config, header, payload)

    @classmethod
    def _unpacked(cls, config: ATCConfig, header: dict[str, Any], payload: bytes) -> Self:
        depth, recent, rewindable = (
            checked_integer(name, header[name]) for name in ("depth", "recent", "rewindable")
        )
        trend = len(payload) - _PAIR.size * recent - _TREND.size
        if trend < 0 or not 0 <= rewindable <= min(recent, depth):
            raise ValueError(
                f"{len(payload)} bytes, recent={recent}, rewindable={rewindable}, depth={depth}: one is wrong"
            )
        stream = cls(config, depth=depth, alert_from=header["alert_from"])
        symbol = stream._symbol
        symbol.restore(payload[:trend])
        symbol.trend = checked_trend(_TREND.unpack_from(payload, trend))
        # The earlier ones, which version 1 has, only lead to the bars that `revise` and `rewind` need.
        early = max(recent - rewindable - 1, 0)
        for number, (price, src) in enumerate(_PAIR.iter_unpack(payload[trend + _TREND.size :])):
            if number == early > 0:
                now = symbol.trend
                symbol.restore(symbol.record())
                symbol.trend = now
            if not is_bar(price, src) or symbol.update(price, src) is None:
                raise ValueError(f"close {price} and src {src} are not valid")
        stream._spare = recent - early - rewindable
        return stream

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

    def _rewindable(self, symbol: Symbol) -> int:
        """How many bars can be taken back, of the stream's symbol or a copy."""
        return min(symbol.rewindable - self._spare, self.depth)

    def _named(self, shown: tuple[float, ...]) -> dict[str, float]:
        named = dict(zip(self._names, shown, strict=True))
        named["event"] = int(shown[-1])
        return named

    def _price_error(self, price: float, src: float | None) -> PriceError:
        price, src, bars = float(price), float(price if src is None else src), self.bars
        if is_bar(price, src):
            return PriceError(growth_problem(self.config, bars), bars)
        return PriceError(bar_problem(price, src), bars)
