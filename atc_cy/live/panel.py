"""Many symbols, live: each has the numbers that a `Stream` would have."""

import math
import struct
from collections.abc import Callable, Hashable, Iterable, Mapping
from threading import Lock
from typing import Any, Self, Unpack

import numpy as np

from ..config import ATCConfig, ConfigFields, checked_integer, public, resolve
from ..dispatch import best_kernel
from ..engine import recording
from ..engine.bars import as_array
from ..engine.recording import measured
from ..errors import PriceError
from ..files.symbols import check_names
from ..text import suggestion
from . import saved
from .checks import alert_arguments, bar_problem, checked_trend, growth_problem, is_bar, names_of
from .last_bar import Floats, LastBars
from .payloads import PAIR

_SYMBOL = struct.Struct("<q8d")
"""A saved symbol: the number of its recent bars, the trend before the last bar, and the trend now."""
_MOST_RECENT = 32
"""How many recent bars a symbol has at most, in version 1; in version 2 it has 1."""

_Take = Callable[[Floats, Floats, Floats], int]
"""A kernel's update, peek or revise of closes and srcs into values; returns the symbol it refused, or -1."""


@public
class PanelStream(LastBars):
    """The indicator on the live feeds of many symbols, bit for bit as a `Stream` for each computes it.

    Parameters
    ----------
    symbols
        The names of the symbols, each once: text, numbers, or anything that can be a key of a dict.
    config
        A config, or a preset's name.
    alert_from
        As in `Stream`.
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
    Stream : One symbol.
    scan : All bars of many symbols at once.

    Notes
    -----
    Each symbol has its own bars, and one that misses some takes no more time than the others. Arrays are read
    fastest, and Series that share an index.

    Threads may share a panel stream: its methods run one after the other.

    Examples
    --------
    >>> stream = atc_cy.PanelStream(["BTC", "ETH"], La=0.05)
    >>> values = stream.update({"BTC": 67_000.0})
    >>> values["Average_Signal"].tolist(), stream.bars.tolist()
    ([0.0, nan], [1, 0])
    """

    _KIND = saved.PANEL_STREAM

    def __init__(
        self,
        symbols: Iterable[Hashable],
        config: ATCConfig | str = "default",
        *,
        alert_from: str = "Average",
        **overrides: Unpack[ConfigFields],
    ) -> None:
        self.config = resolve(config, overrides, function=PanelStream)
        self.alert_from = alert_from
        self._kernel = best_kernel(self.config.structure)
        self._panel = self._kernel.Panel(
            *self.config.kernel_arguments, *alert_arguments(self.config, alert_from)
        )
        self._lock = Lock()
        self._numbers: dict[Hashable, int] = {}
        self._index: Any = None  # the index of the last Series that had all symbols in their order
        self._names = (*self.config.output_names, "direction", "event")
        self.add(symbols)

    def add(self, symbols: Iterable[Hashable]) -> None:
        """Add symbols, which have no bar yet, after the others.

        Parameters
        ----------
        symbols
            Their names.

        Raises
        ------
        TypeError, ValueError
            They are not names, or one exists already.

        Examples
        --------
        >>> stream = atc_cy.PanelStream(["BTC"])
        >>> stream.add(["ETH"])
        >>> stream.symbols
        ['BTC', 'ETH']
        """
        names = names_of(symbols)
        check_names(names, "symbols")
        with self._lock:
            numbers = dict(self._numbers)
            for name in names:
                if name in numbers:
                    raise ValueError(f"symbol {name!r} exists already")
                numbers[name] = len(numbers)
            self._panel.add(len(names))
            self._numbers, self._index = numbers, None

    def drop(self, symbols: Iterable[Hashable]) -> None:
        """Remove symbols; the others keep their order.

        Parameters
        ----------
        symbols
            Their names.

        Raises
        ------
        TypeError, ValueError
            They are not names, or one is unknown.

        Examples
        --------
        >>> stream = atc_cy.PanelStream(["BTC", "ETH"])
        >>> stream.drop(["BTC"])
        >>> stream.symbols
        ['ETH']
        """
        names = names_of(symbols)
        with self._lock:
            gone = set(self._numbers_of(names))
            kept = {name: number for name, number in self._numbers.items() if number not in gone}
            self._panel.keep(tuple(kept.values()))
            self._numbers, self._index = {name: number for number, name in enumerate(kept)}, None

    def update(self, prices: Any, src: Any = None) -> dict[str, Floats]:
        """Add the next bar of some or all symbols.

        Parameters
        ----------
        prices
            Closes, finite and above 0: an array in the order of `symbols`, or a Series or a mapping by name.
            A symbol with NaN, or one that is left out, has no bar now.
        src
            What the moving averages run on, if not the closes; of the same kind.

        Returns
        -------
        dict of numpy.ndarray
            By name, each with one number for each symbol: the outputs (NaN without a bar), "direction" (that
            of the symbol's last bar) and "event" (0 without a bar).

        Raises
        ------
        TypeError, ValueError
            A name is unknown, or the size is wrong.
        PriceError
            A price is not a valid one; the message names the symbol, and nothing changes.

        Examples
        --------
        >>> stream = atc_cy.PanelStream(["BTC", "ETH"])
        >>> values = stream.update([67_000.0, 2_500.0])
        >>> values["event"].tolist(), stream.bars.tolist()
        ([0.0, 0.0], [1, 1])
        """
        return self._measured(self._panel.update, prices, src)

    def peek(self, prices: Any, src: Any = None) -> dict[str, Floats]:
        """What `update` would return with the same arguments; nothing changes.

        Parameters
        ----------
        prices, src
            As in `update`.

        Returns
        -------
        dict of numpy.ndarray
            As from `update`.

        Raises
        ------
        TypeError, ValueError, PriceError
            As from `update`.

        Examples
        --------
        >>> stream = atc_cy.PanelStream(["BTC", "ETH"])
        >>> stream.peek([67_000.0, 2_500.0])["event"].tolist(), stream.bars.tolist()
        ([0.0, 0.0], [0, 0])
        """
        return self._measured(self._panel.peek, prices, src)

    def revise(self, prices: Any, src: Any = None) -> dict[str, Floats]:
        """Replace the prices of the last bars of some or all symbols.

        Parameters
        ----------
        prices, src
            As in `update`.

        Returns
        -------
        dict of numpy.ndarray
            As from `update`.

        Raises
        ------
        TypeError, ValueError, PriceError
            As from `update`.
        IndexError
            A symbol has no bar yet; nothing changes.

        Examples
        --------
        >>> stream = atc_cy.PanelStream(["BTC", "ETH"])
        >>> _ = stream.update([67_000.0, 2_500.0])
        >>> _ = stream.revise({"ETH": 2_501.0})
        >>> stream.bars.tolist()
        [1, 1]
        """
        return self._measured(self._panel.revise, prices, src)

    def to_bytes(self) -> bytes:
        """All symbols as bytes, which `from_bytes` reads; `atc_cy.live.saved` documents the format.

        The payload has for each symbol: the number of its recent bars, 0 or 1; the trend before the last bar
        (previous, direction, event, pending) and now; the close and the src of each recent bar; and the state
        before them.

        Returns
        -------
        bytes

        Raises
        ------
        TypeError
            The name of a symbol is neither text nor an integer.

        Examples
        --------
        >>> data = atc_cy.PanelStream(["BTC", "ETH"]).to_bytes()
        >>> atc_cy.PanelStream.from_bytes(data).symbols
        ['BTC', 'ETH']
        """
        panel, parts, record = self._panel, [], b""
        with self._lock:
            names = self.symbols
            for number, name in enumerate(names):
                if not isinstance(name, str | int):
                    raise TypeError(f"symbol {name!r} cannot be saved: a name must be text or an integer")
                last = panel.last_bar(number)
                recent = 0 if math.isnan(last[0]) else 1
                record = panel.record(number, recent)
                parts.append(_SYMBOL.pack(recent, *panel.trend(number, recent), *panel.trend(number)))
                parts.append(PAIR.pack(*last) * recent)
                parts.append(record)
        header = {"alert_from": self.alert_from, "symbols": names, "record": len(record)}
        return saved.pack(self._KIND, self.config, header, b"".join(parts))

    @classmethod
    def _unpacked(cls, config: ATCConfig, header: dict[str, Any], payload: bytes) -> Self:
        names, record = header["symbols"], checked_integer("record", header["record"])
        if not isinstance(names, list) or not all(isinstance(name, str | int) for name in names):
            raise ValueError("symbols must be a list of text and integers")
        begins, at = [], 0
        for name in names:
            begins.append(at)
            recent = _SYMBOL.unpack_from(payload, at)[0] if len(payload) >= at + _SYMBOL.size else -1
            at += _SYMBOL.size + PAIR.size * recent + record
            if not 0 <= recent <= _MOST_RECENT or record < 0 or at > len(payload):
                raise ValueError(f"{len(payload)} bytes cannot hold {len(names)} symbols, {name!r} for one")
        if at != len(payload):
            raise ValueError(f"{len(payload) - at} bytes are left over")
        stream = cls([], config, alert_from=header["alert_from"])
        if names:  # all records have the same size: check one before taking memory for all
            stream._kernel.Symbol(*config.kernel_arguments).restore(payload[at - record :])
        stream.add(names)
        stream._read(payload, begins, record)
        return stream

    def _read(self, payload: bytes, begins: list[int], record: int) -> None:
        """Restore the symbols from a payload whose sizes were checked."""
        trends, recents = [], []
        for number, begin in enumerate(begins):
            recent, *numbers = _SYMBOL.unpack_from(payload, begin)
            begin += _SYMBOL.size
            end = begin + PAIR.size * recent
            trends.append(checked_trend(tuple(numbers[:4])))
            recents.append([*PAIR.iter_unpack(payload[begin:end])])
            for bar in recents[-1]:
                if not is_bar(*bar):
                    raise ValueError(f"close {bar[0]} and src {bar[1]} are not valid")
            self._panel.restore(number, payload[end : end + record])
        if self.bars[[not bars for bars in recents]].any():
            raise ValueError("a symbol has bars, but its last bar is missing")
        for back in range(max(map(len, recents), default=0), 0, -1):
            now = [bars[-back] if len(bars) >= back else (math.nan, math.nan) for bars in recents]
            if back == 1:
                for number, trend in enumerate(trends):
                    self._panel.set_trend(number, trend)
            closes, srcs = np.array(now).T.copy()
            self._take(self._panel.update, closes, srcs)

    def _numbers_of(self, names: Iterable[Hashable]) -> list[int]:
        try:
            return [self._numbers[name] for name in names]
        except KeyError as error:
            (name,) = error.args
            known = suggestion(name, map(str, self._numbers))
            raise ValueError(f"symbol {name!r} is unknown; {known}") from None

    def _measured(self, take: _Take, prices: Any, src: Any) -> dict[str, Floats]:
        """Call `_take` with the prices of a caller, and count it for `hotpaths`."""
        with self._lock:
            closes = self._by_symbol("prices", prices)
            srcs = closes if src is None else self._by_symbol("src", src)
            present = int(np.count_nonzero(~np.isnan(closes + srcs))) if recording.recorders else 0
            with measured(self._kernel, self.config.structure, present, present):
                return self._take(take, closes, srcs)

    def _take(self, take: _Take, closes: Floats, srcs: Floats) -> dict[str, Floats]:
        """Take a bar of each symbol, and return the values after it."""
        values = self._empty_values()
        refused = take(closes, srcs, values)
        if refused < 0:
            return self._named(values)
        name, close, x = self.symbols[refused], closes[refused], srcs[refused]
        if not is_bar(close, x):
            raise PriceError(f"{name}: {bar_problem(close, x)}", refused)
        if take == self._panel.revise:
            raise IndexError(f"symbol {name!r} has no bar to revise: update takes the first one")
        bars = np.empty(len(self._numbers), np.int64)
        self._panel.bars(bars)
        raise PriceError(f"{name}: {growth_problem(self.config, bars[refused])}", refused)

    def _by_symbol(self, argument: str, values: Any) -> Floats:
        """One number per symbol, in the order of symbols; NaN for a symbol without one."""
        index = values.index if hasattr(values, "iloc") else None
        names: list[Hashable] | None = None
        if isinstance(values, Mapping):
            names, values = [*values], [*values.values()]
        array = np.ascontiguousarray(as_array(values, argument), np.float64)
        if index is not None and not index.is_(self._index):
            names = [*index]
            check_names(names, argument)
        if names is not None and names != self.symbols:
            by_symbol = np.full(len(self._numbers), math.nan)
            by_symbol[self._numbers_of(names)] = array
            return by_symbol
        if array.shape != (len(self._numbers),):
            raise ValueError(
                f"{argument} has the shape {array.shape}: give {len(self._numbers)} numbers, "
                "one for each symbol"
            )
        if index is not None:
            self._index = index
        return array
