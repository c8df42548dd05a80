"""One symbol, live: the numbers of a batch, bar by bar."""

from threading import Lock
from typing import TYPE_CHECKING, Any, Self, Unpack

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..config import ATCConfig, ConfigFields, checked_integer, public, resolve
from ..dispatch import Symbol, best_kernel
from ..engine import recording
from ..engine.bars import Bars, as_bars
from ..engine.recording import measured
from ..engine.run import compute, new_symbol
from ..errors import PriceError
from . import saved
from .checks import (
    alert_arguments,
    as_numbers,
    bar_problem,
    growth_problem,
    is_bar,
    refuse_no_numbers,
)
from .last_bar import LastBar
from .payloads import check_stream_payload, restore_stream, stream_payload

if TYPE_CHECKING:
    import pandas as pd

MOST_DEPTH = 100_000
"""The largest number of bars that a stream can be asked to take back."""


@public
class Stream(LastBar):
    """The indicator on a live feed of one symbol, bit for bit as a batch over the same bars computes it.

    Parameters
    ----------
    config
        A config, or a preset's name.
    depth
        How many bars `rewind` can take back, 1 to 100,000.
    alert_from
        What `direction` and `event` follow: "Average", or a type such as "EMA". With `strategy_mode` they
        come one bar late.
    **overrides
        Fields of `ATCConfig` that replace the config's.

    Raises
    ------
    TypeError, ValueError
        A bad argument.
    KernelError
        No kernel can be loaded.

    See Also
    --------
    PanelStream : Many symbols.
    Resampler : Bars of a higher timeframe, for a stream.
    compute_atc_signals : The same numbers of all bars at once.

    Notes
    -----
    Threads may share a stream: its methods run one after the other.

    Examples
    --------
    >>> usd = atc_cy.datasets.load_ecb_fx().query("symbol == 'USD'").set_index("date")["close"]
    >>> stream = atc_cy.Stream("default", La=0.05)
    >>> _ = stream.extend(usd[:-1])
    >>> round(stream.update(usd.iloc[-1]), 2)
    -0.34
    >>> stream.direction, stream.event, stream.bars == len(usd)
    (-1.0, 0, True)
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
        # One more bar than `rewind` may take back is kept, so that `revise` still has a bar afterwards.
        self._live = (self.depth + 1, *alert)
        self._symbol = new_symbol(self._kernel, self.config, *self._live)
        self._spare = 0  # 1 once that additional bar was needed
        self._update = self._symbol.update  # looking it up at each bar takes time
        self._lock = Lock()

    def update(self, price: float, src: float | None = None) -> float:
        """Add the next bar, and return its `Average_Signal`.

        Parameters
        ----------
        price
            The close of the bar, finite and above 0. NaN or None is not a bar: nothing changes.
        src
            What the moving averages run on, if not the close: a finite number. NaN is not a bar either.

        Returns
        -------
        float
            -1 to 1; NaN if there is no bar, and before the cutout. `result` has all outputs.

        Raises
        ------
        TypeError
            The price is not a number. True and False are not numbers here.
        PriceError
            The price is not a valid one; nothing changes.

        Examples
        --------
        >>> usd = atc_cy.datasets.load_ecb_fx().query("symbol == 'USD'").set_index("date")["close"]
        >>> stream = atc_cy.Stream()
        >>> _ = stream.extend(usd)
        >>> round(stream.update(1.12), 2)
        -0.17
        >>> stream.update(float("nan"))
        nan
        """
        if type(price) is not float or src is not None:
            refuse_no_numbers(price, src)
        try:  # a call of the kernel needs no lock, except while another thread is in `extend`
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

        Parameters
        ----------
        price, src
            As in `update`.

        Returns
        -------
        dict of float
            As `result`.

        Raises
        ------
        TypeError, PriceError
            As from `update`.

        Examples
        --------
        >>> usd = atc_cy.datasets.load_ecb_fx().query("symbol == 'USD'").set_index("date")["close"]
        >>> stream = atc_cy.Stream()
        >>> _ = stream.extend(usd)
        >>> round(stream.peek(1.12)["Average_Signal"], 2), stream.bars == len(usd)
        (-0.17, True)
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
        """Replace the price of the last bar, as often as it ticks, and return its new `Average_Signal`.

        Parameters
        ----------
        price, src
            As in `update`, but not NaN: `rewind` takes a bar back.

        Returns
        -------
        float
            As from `update`.

        Raises
        ------
        TypeError, PriceError
            As from `update`; nothing changes.
        IndexError
            There is no bar yet.

        Examples
        --------
        >>> usd = atc_cy.datasets.load_ecb_fx().query("symbol == 'USD'").set_index("date")["close"]
        >>> stream = atc_cy.Stream()
        >>> _ = stream.extend(usd)
        >>> round(stream.revise(1.12), 2), stream.bars == len(usd)
        (-0.17, True)
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
        """Take back the last bars, as if they had never been added.

        Parameters
        ----------
        bars
            How many, ≥ 1.

        Raises
        ------
        IndexError
            `bars` is more than there are, or more than `depth` minus the bars that were taken back before.

        Examples
        --------
        >>> stream = atc_cy.Stream(depth=10)
        >>> _ = stream.extend([1.0, 1.1, 1.2])
        >>> stream.rewind(2)
        >>> stream.bars
        1
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
        """Add many bars, as fast as a batch computes them.

        Parameters
        ----------
        prices, src
            As in `compute_atc_signals`; rows with NaN are not bars.

        Returns
        -------
        numpy.ndarray
            (outputs, rows): the outputs in the order of `config.output_names`; NaN in rows that are not bars.

        Raises
        ------
        TypeError, ValueError, PriceError
            As from `compute_atc_signals`; nothing changes.

        Examples
        --------
        >>> usd = atc_cy.datasets.load_ecb_fx().query("symbol == 'USD'").set_index("date")["close"]
        >>> stream = atc_cy.Stream()
        >>> stream.extend(usd).shape == (len(stream.config.output_names), len(usd))
        True
        """
        close, x, labels = as_bars(prices, src)
        close, x = close.astype(np.float64, copy=False), x.astype(np.float64, copy=False)
        out = np.empty((len(self.config.output_names), close.size))
        with self._lock:
            compute(self._kernel, self.config, self._symbol, Bars(close, x, labels), out, whole=True)
        return out

    def reset(self) -> None:
        """Forget all bars; the settings stay.

        Examples
        --------
        >>> stream = atc_cy.Stream()
        >>> _ = stream.extend([1.0, 1.1, 1.2])
        >>> stream.reset()
        >>> stream.bars
        0
        """
        with self._lock:
            self._symbol.assign(new_symbol(self._kernel, self.config, *self._live))
            self._spare = 0

    def copy(self) -> Self:
        """Another stream with the same bars and settings; each then changes on its own.

        Returns
        -------
        Stream

        Examples
        --------
        >>> stream = atc_cy.Stream()
        >>> _ = stream.extend([1.0, 1.1, 1.2])
        >>> what_if = stream.copy()
        >>> _ = what_if.update(2.0)
        >>> stream.bars, what_if.bars
        (3, 4)
        """
        other = type(self)(self.config, depth=self.depth, alert_from=self.alert_from)
        with self._lock:
            other._symbol.assign(self._symbol)
            other._spare = self._spare
        return other

    def to_bytes(self) -> bytes:
        """The stream as bytes, which `from_bytes` reads; `atc_cy.live.saved` documents the format.

        The payload has the state before the recent bars, the trend then (previous, direction, event,
        pending), and the close and the src of each recent bar.

        Returns
        -------
        bytes

        Examples
        --------
        >>> stream = atc_cy.Stream()
        >>> _ = stream.extend([1.0, 1.1, 1.2])
        >>> atc_cy.Stream.from_bytes(stream.to_bytes()).bars
        3
        """
        with self._lock:
            symbol = self._symbol.copy()
            rewindable = self._rewindable(symbol)
        recent, payload = stream_payload(symbol)
        header = {
            "alert_from": self.alert_from,
            "depth": self.depth,
            "rewindable": rewindable,
            "recent": recent,
        }
        return saved.pack(self._KIND, self.config, header, payload)

    @classmethod
    def _unpacked(cls, config: ATCConfig, header: dict[str, Any], payload: bytes) -> Self:
        depth, recent, rewindable = (
            checked_integer(name, header[name]) for name in ("depth", "recent", "rewindable")
        )
        check_stream_payload(payload, recent, rewindable, depth)
        stream = cls(config, depth=depth, alert_from=header["alert_from"])
        stream._spare = restore_stream(stream._symbol, payload, recent, rewindable)
        return stream

    def _rewindable(self, symbol: Symbol) -> int:
        """How many bars can be taken back from the stream's symbol, or from a copy."""
        return min(symbol.rewindable - self._spare, self.depth)

    def _price_error(self, price: float, src: float | None) -> PriceError:
        price, src, bars = float(price), float(price if src is None else src), self.bars
        if is_bar(price, src):
            return PriceError(growth_problem(self.config, bars), bars)
        return PriceError(bar_problem(price, src), bars)
