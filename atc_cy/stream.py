"""One symbol, live: the numbers of a batch, bar by bar."""

import math
import struct
from threading import Lock
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import hotpaths, saving
from .api import PriceError, new_symbol, price_error
from .config import ATCConfig, checked_integer, lookback, suggestion
from .dispatch import Symbol, best_kernel
from .frames import Bars, as_bars

if TYPE_CHECKING:
    import pandas as pd

_PAIR = struct.Struct("<dd")
_TREND = struct.Struct("<dddd")

Trend = tuple[float, float, float, float]
"""The alert's value on the last bar that had one; the direction; the last bar's event; in strategy mode, the
signal of a type that will be acted on at the next bar."""
NO_TREND: Trend = (math.nan, math.nan, 0.0, math.nan)


class Alert:
    """What events are taken from: the average, or the signal of one type.

    A long event is a turn of the direction from -1 to 1, a short event the turn from 1 to -1; see
    `atc_cy.direction`.
    """

    def __init__(self, config: ATCConfig, alert_from: str) -> None:
        choices = ("Average", *config.moving_averages)
        if alert_from not in choices:
            raise ValueError(f"alert_from={alert_from!r} is unknown; {suggestion(alert_from, choices)}")
        self.long, self.short = config.long_threshold, config.short_threshold
        self.column = choices.index(alert_from) - 1
        """Of the outputs; -1 for the average, which comes last."""
        self.late = config.strategy_mode and alert_from != "Average"
        """Whether it is acted on one bar late; the average comes so from the kernel."""

    def next(self, trend: Trend, value: float) -> Trend:
        """The trend after one more bar, on which the alert's output is `value`."""
        previous, direction, _, late = trend
        if self.late:
            value, late = late, value
        if value != value:
            return previous, direction, 0.0, late
        turned = direction
        if value > self.long >= previous:
            turned = 1.0
        elif value < self.short <= previous:
            turned = -1.0
        return value, turned, turned if turned * direction == -1.0 else 0.0, late

    def follow(self, trend: Trend, values: NDArray[np.float64]) -> Trend:
        """The trend after many more bars; not whether the last one is an event."""
        previous, direction, _, late = trend
        if self.late and values.size:
            values, late = np.append(late, values[:-1]), float(values[-1])
        defined = np.append(previous, values)
        defined = defined[~np.isnan(defined)]
        before, after = defined[:-1], defined[1:]
        up = (after > self.long) & (before <= self.long)
        down = (after < self.short) & (before >= self.short)
        crossings = np.flatnonzero(up | down)
        if crossings.size:
            direction = 1.0 if up[crossings[-1]] else -1.0
        return float(defined[-1]) if defined.size else previous, direction, 0.0, late


class Stream(saving.Saved):
    """The indicator on a live feed of one symbol: bit for bit what a batch over the same bars gives.

    Parameters
    ----------
    config
        A config, or the name of a preset.
    depth
        How many bars `rewind` can take back, ≥ 1.
    alert_from
        What `direction` and `event` follow: "Average", or a type such as "EMA". With `strategy_mode` they act
        one bar late.

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

    _KIND = saving.STREAM

    def __init__(
        self, config: ATCConfig | str = "default", *, depth: int = 1, alert_from: str = "Average"
    ) -> None:
        self.config = ATCConfig.from_preset(config) if isinstance(config, str) else config
        if checked_integer("depth", depth) < 1:
            raise ValueError(f"depth={depth} is out of range: give at least 1")
        self.depth = depth
        self.alert_from = alert_from
        self._alert = Alert(self.config, alert_from)
        self._kernel = best_kernel(self.config.structure)
        self._now = new_symbol(self._kernel, self.config)
        self._base = self._now.copy()  # the state before the bars in `_recent`
        self._span = max(16, depth + 1)
        self._middle: Symbol | None = None  # the state after the first `_span` of them, once there are more
        self._base_trend = self._trend = NO_TREND
        self._recent: list[tuple[float, float, Trend]] = []  # close, src, and the trend after the bar
        self._rewindable = 0
        self._lock = Lock()

    @property
    def bars(self) -> int:
        """Bars taken so far."""
        return self._now.bars

    @property
    def initialized(self) -> bool:
        """Whether every lane is defined: more than `lookback(config)` bars, and the cutout's, were taken."""
        return self.bars > max(lookback(self.config), self.config.cutout)

    @property
    def result(self) -> dict[str, float]:
        """The last bar: its outputs by name, then "direction" (1, -1 or NaN) and "event" (1, -1 or 0)."""
        with self._lock:
            return self._result(self._now.values, self._trend)

    @property
    def direction(self) -> float:
        """1 up, -1 down, NaN before the first crossing; see `atc_cy.direction`."""
        return self._trend[1]

    @property
    def event(self) -> int:
        """1 if the last bar is a long event, -1 if it is a short event, otherwise 0."""
        return int(self._trend[2])

    def update(self, price: float, src: float | None = None) -> float:
        """Take the next bar; returns its `Average_Signal`.

        Parameters
        ----------
        price
            The bar's close, above 0 and finite. NaN is no bar: nothing changes, and NaN is returned.
        src
            What the moving averages run on, if not the close; finite. NaN is no bar either.

        Raises
        ------
        PriceError
            The price can be no bar; nothing changes.
        """
        if src is None:
            src = price
        with self._lock:
            if not hotpaths.recorders:
                return self._take(price, src)
            with hotpaths.measured(self._kernel, self.config.structure, 1, 1):
                return self._take(price, src)

    def peek(self, price: float, src: float | None = None) -> dict[str, float]:
        """What `result` would be after `update` with the same arguments; nothing changes.

        Raises
        ------
        PriceError
            As from `update`.
        """
        src = price if src is None else src
        with self._lock:
            other = self._now.copy()
            average = other.update(price, src)
            if average is None:
                raise self._price_error(price, src)
            if math.isnan(price) or math.isnan(src):
                return self._result(self._now.values, self._trend)
            values = other.values
            return self._result(values, self._alert.next(self._trend, values[self._alert.column]))

    def revise(self, price: float, src: float | None = None) -> float:
        """Put another price in the last bar's place, as often as it ticks; returns its `Average_Signal`.

        Raises
        ------
        PriceError
            The price can be no bar (NaN is none either: `rewind` takes a bar back); nothing changes.
        IndexError
            There is no bar.
        """
        src = price if src is None else src
        with self._lock:
            if not self._recent:
                raise IndexError("there is no bar to revise: update takes the first one")
            if not (0.0 < price < math.inf and -math.inf < src < math.inf):
                raise self._price_error(price, src)
            before = self._recent[-2][2] if len(self._recent) > 1 else self._base_trend
            self._recent[-1] = (price, src, before)
            self._replay()
            values = self._now.values
            self._trend = self._alert.next(before, values[self._alert.column])
            self._recent[-1] = (price, src, self._trend)
            return values[-1]

    def rewind(self, bars: int = 1) -> None:
        """Take back the last bars, as if they had never been.

        Raises
        ------
        IndexError
            `bars` is more than `depth`, less what was taken back before, or more than there were.
        """
        with self._lock:
            if not 1 <= checked_integer("bars", bars) <= self._rewindable:
                raise IndexError(
                    f"bars={bars} is out of range: {self._rewindable} can be taken back; "
                    f"depth={self.depth} was chosen at construction"
                )
            del self._recent[-bars:]
            if len(self._recent) <= self._span:
                self._middle = None
            self._rewindable -= bars
            self._trend = self._recent[-1][2] if self._recent else self._base_trend
            self._replay()

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
        bars = as_bars(prices, src)
        bars = Bars(
            bars.close.astype(np.float64, copy=False), bars.src.astype(np.float64, copy=False), bars.labels
        )
        out = np.full((len(self.config.output_names), bars.close.size), np.nan)
        rows = np.flatnonzero(~(np.isnan(bars.close) | np.isnan(bars.src)))
        kept = rows[-self.depth - 1 :]  # what can be revised and taken back goes one by one
        with self._lock:
            now, first = self._now.copy(), int(kept[0]) if kept.size else 0
            with hotpaths.measured(self._kernel, self.config.structure, bars.close.size, 1):
                base, taken = now, now.advance(bars.close[:first], bars.src[:first], out[:, :first])
                if taken == first:
                    base = now.copy()
                    taken += now.advance(bars.close[first:], bars.src[first:], out[:, first:])
            if taken < bars.close.size:
                raise price_error(bars, taken, self.config)
            if rows.size > self.depth:
                self._base_trend = self._trend = self._alert.follow(
                    self._trend, out[self._alert.column, rows[: -self.depth - 1]]
                )
                self._base, self._middle, self._recent = base, None, []
                self._now.assign(base)
            for row in kept:
                self._take(float(bars.close[row]), float(bars.src[row]))
        return out

    def reset(self) -> None:
        """Go back to before the first bar."""
        with self._lock:
            self._now.assign(new_symbol(self._kernel, self.config))
            self._base.assign(self._now)
            self._middle = None
            self._base_trend = self._trend = NO_TREND
            self._recent, self._rewindable = [], 0

    def copy(self) -> Self:
        """Another stream in the same state."""
        with self._lock:
            other = type(self)(self.config, depth=self.depth, alert_from=self.alert_from)
            other._now.assign(self._now)
            other._base.assign(self._base)
            other._middle = self._middle and self._middle.copy()
            other._base_trend, other._trend = self._base_trend, self._trend
            other._recent, other._rewindable = [*self._recent], self._rewindable
        return other

    def to_bytes(self) -> bytes:
        """The whole stream; `atc_cy.saving` documents the format.

        The payload is the record of the state before the recent bars, the trend then (previous, direction,
        event, late), and the close and the src of each recent bar.
        """
        with self._lock:
            header = {
                "alert_from": self.alert_from,
                "depth": self.depth,
                "rewindable": self._rewindable,
                "recent": len(self._recent),
            }
            pairs = b"".join(_PAIR.pack(price, src) for price, src, _ in self._recent)
            payload = self._base.record() + _TREND.pack(*self._base_trend) + pairs
        return saving.pack(self._KIND, self.config, header, payload)

    @classmethod
    def _unpacked(cls, config: ATCConfig, header: dict[str, Any], payload: bytes) -> Self:
        stream = cls(config, depth=header["depth"], alert_from=header["alert_from"])
        tail = len(payload) - _PAIR.size * header["recent"]
        stream._base.restore(payload[: tail - _TREND.size])
        stream._now.assign(stream._base)
        stream._base_trend = stream._trend = _TREND.unpack_from(payload, tail - _TREND.size)
        for price, src in _PAIR.iter_unpack(payload[tail:]):
            stream._take(price, src)
        stream._rewindable = header["rewindable"]
        return stream

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.bars} bars>"

    def _result(self, values: tuple[float, ...], trend: Trend) -> dict[str, float]:
        result = dict(zip(self.config.output_names, values, strict=True))
        return {**result, "direction": trend[1], "event": int(trend[2])}

    def _price_error(self, price: float, src: float) -> PriceError:
        if not 0.0 < price < math.inf:
            return PriceError(f"price={price} can be no bar: give one above 0 and finite, or NaN", self.bars)
        if not -math.inf < src < math.inf:
            return PriceError(f"src={src} can be no bar: give a finite one, or NaN", self.bars)
        return PriceError(
            f"La={self.config.La} is too large for {self.bars} bars: the growth passes the largest double",
            self.bars,
        )

    def _take(self, price: float, src: float) -> float:
        before = self._now.copy() if len(self._recent) == self._span else None
        average = self._now.update(price, src)
        if average is None:
            raise self._price_error(price, src)
        if price == price and src == src:
            column = self._alert.column
            value = average if column < 0 else self._now.values[column]
            self._trend = self._alert.next(self._trend, value)
            self._recent.append((price, src, self._trend))
            if self._rewindable < self.depth:
                self._rewindable += 1
            self._middle = before or self._middle
            if self._middle and len(self._recent) > self._span + self.depth:
                self._base, self._base_trend = self._middle, self._recent[self._span - 1][2]
                self._middle = None
                del self._recent[: self._span]
        return average

    def _replay(self) -> None:
        """Bring the state to the end of the recent bars, from the one before them."""
        self._now.assign(self._middle or self._base)
        for price, src, _ in self._recent[self._span if self._middle else 0 :]:
            self._now.update(price, src)
