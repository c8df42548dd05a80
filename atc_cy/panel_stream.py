"""Many symbols, live: each has the numbers of its own `Stream`, computed side by side."""

import math
import struct
from collections.abc import Hashable, Iterable, Mapping, Sequence
from threading import Lock
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from . import hotpaths, saving
from .api import PriceError
from .config import ATCConfig, suggestion
from .dispatch import Kernel, best_kernel
from .stream import Alert

SPAN = 32
"""The most bars that `revise` goes through again for a panel: the state before them is kept."""

_BAR_COUNT = struct.Struct("<q")

Floats = NDArray[np.float64]


class _Group:
    """Symbols that have had equally many bars, in panels that go in step.

    Parameters
    ----------
    members
        The symbols' numbers.
    records
        The state of each before its recent bars.
    closes, srcs
        (bars, members): the recent bars, at most SPAN.
    """

    def __init__(
        self,
        kernel: Kernel,
        config: ATCConfig,
        members: NDArray[np.intp],
        records: Sequence[bytes],
        closes: Floats,
        srcs: Floats,
    ) -> None:
        self.kernel = kernel
        width = kernel.PANEL_WIDTH
        place = np.arange(-(-members.size // width) * width)
        # Places left over in the last panel have its first symbol, unheard.
        origin = np.where(place < members.size, place, place // width * width).reshape(-1, width)
        self.places = members[origin]
        self.heard = (place < members.size).reshape(-1, width)
        fresh = kernel.Panel(*config.kernel_arguments)
        panels = [fresh.copy() for _ in self.places]
        for panel, first in zip(panels, range(0, members.size, width), strict=True):
            panel.restore(tuple(records[first : first + width]))
        # A panel's base is its state before its recent bars: the first `recent` rows of closes and srcs.
        self.base = panels
        self.now = tuple(panel.copy() for panel in panels)
        bars = len(closes)
        self.recent = np.full(len(panels), bars)
        self.closes, self.srcs = np.empty((2, len(panels), SPAN, width))
        self.closes[:, :bars] = closes[:, origin].swapaxes(0, 1)
        self.srcs[:, :bars] = srcs[:, origin].swapaxes(0, 1)
        self.out = np.full((len(config.output_names), len(panels), width), np.nan)
        if bars:
            self._advance(self.now, self.closes[:, :bars], self.srcs[:, :bars], self.out)

    @property
    def bars(self) -> int:
        return self.now[0].bars

    @property
    def members(self) -> NDArray[np.intp]:
        return self.places[self.heard]

    def values(self) -> Floats:
        """The outputs of the last bar, one column a member."""
        return self.out.reshape(len(self.out), -1) if self.heard.all() else self.out[:, self.heard]

    def take(self, closes: Floats, srcs: Floats) -> bool:
        """One more bar of all; by the number of the symbol. Whether the growth allowed it."""
        before, panel = self.bars, np.arange(len(self.now))
        # Some bases follow at every bar, so that no bar has to wait for all of them.
        due = np.flatnonzero((self.recent == SPAN) | ((panel - before) % SPAN == 0))
        follow = [(i, self.now[i].copy()) for i in due]
        close, src = closes[self.places], srcs[self.places]
        self.kernel.update_panels(self.now, close, src, self.out)
        if self.bars == before:
            return False
        self.recent[due] = 0
        for i, base in follow:
            self.base[i] = base
        self.closes[panel, self.recent], self.srcs[panel, self.recent] = close, src
        self.recent += 1
        return True

    def peek(self, peeked: NDArray[np.bool_], closes: Floats, srcs: Floats) -> Floats:
        """What `values` would be if some symbols had a bar; the others' are of no use."""
        out = self.out.copy()
        for i in np.flatnonzero((peeked[self.places] & self.heard).any(axis=1)):
            places, own = self.places[i], out[:, i].copy()
            self._advance((self.now[i].copy(),), closes[places], srcs[places], own)
            out[:, i] = own
        return out[:, self.heard]

    def revise(self, revised: NDArray[np.bool_], closes: Floats, srcs: Floats) -> None:
        """Other prices for the last bar of some symbols."""
        wanted = revised[self.places] & self.heard
        panels = np.flatnonzero(wanted.any(axis=1))
        self._settle(panels)
        self.closes[:, 0][wanted] = closes[self.places[wanted]]
        self.srcs[:, 0][wanted] = srcs[self.places[wanted]]
        now, out = tuple(self.now[i] for i in panels), self.out.take(panels, axis=1)
        for i, panel in zip(panels, now, strict=True):
            panel.assign(self.base[i])
        self._advance(now, self.closes[panels, 0], self.srcs[panels, 0], out)
        self.out[:, panels] = out

    def records(self, chosen: NDArray[np.bool_]) -> tuple[list[bytes], Floats, Floats]:
        """What a group of the symbols at these places is made from: the last bar and the states before it."""
        self._settle(np.flatnonzero(chosen.any(axis=1)))
        records = [self.base[panel].record(int(place)) for panel, place in np.argwhere(chosen)]
        bars = min(self.bars, 1)
        return (
            records,
            self.closes[:, :bars].swapaxes(0, 1)[:, chosen],
            self.srcs[:, :bars].swapaxes(0, 1)[:, chosen],
        )

    def remove(self, chosen: NDArray[np.bool_]) -> None:
        """Hear the symbols at these places no more."""
        self.heard &= ~chosen
        kept: NDArray[np.bool_] = np.any(self.heard, axis=1)
        self.base = [panel for panel, keep in zip(self.base, kept, strict=True) if keep]
        self.now = tuple(panel for panel, keep in zip(self.now, kept, strict=True) if keep)
        self.recent, self.closes, self.srcs = self.recent[kept], self.closes[kept], self.srcs[kept]
        self.places, self.heard = self.places[kept], self.heard[kept]
        self.out = self.out.compress(kept, axis=1)
        first = self.places[np.arange(len(self.places)), self.heard.argmax(axis=1)]
        self.places = np.where(self.heard, self.places, first[:, np.newaxis])

    def join(self, other: "_Group") -> None:
        """Take in the panels of a group that has had equally many bars."""
        self.base, self.now = self.base + other.base, self.now + other.now
        for name in ("places", "heard", "recent", "closes", "srcs"):
            setattr(self, name, np.concatenate([getattr(self, name), getattr(other, name)]))
        self.out = np.concatenate([self.out, other.out], axis=1)

    def _settle(self, panels: NDArray[np.intp]) -> None:
        """Bring the bases of these panels to just before the last bar."""
        for i in panels:
            earlier = self.recent[i] - 1
            if earlier > 0:
                self._advance(
                    (self.base[i],), self.closes[i, :earlier], self.srcs[i, :earlier], self.out[:, i].copy()
                )
                self.closes[i, 0], self.srcs[i, 0] = self.closes[i, earlier], self.srcs[i, earlier]
                self.recent[i] = 1

    def _advance(self, panels: tuple[Any, ...], closes: Floats, srcs: Floats, out: Floats) -> None:
        closes, srcs = np.ascontiguousarray(closes), np.ascontiguousarray(srcs)
        self.kernel.update_panels(panels, closes, srcs, out)


class PanelStream(saving.Saved):
    """The indicator on the live feeds of many symbols: for each, bit for bit what its own `Stream` gives.

    Parameters
    ----------
    symbols
        Their names, each once.
    config
        A config, or the name of a preset.
    alert_from
        As in `Stream`.

    Raises
    ------
    TypeError, ValueError
        A bad argument.
    KernelError
        No kernel can be loaded.

    Notes
    -----
    Symbols that have had equally many bars go side by side. One that misses a bar changes its place, which
    costs as much as some twenty bars: it is fast where most symbols have a bar at the same time.

    Threads may share a panel stream: its methods run one after the other.
    """

    _KIND = saving.PANEL_STREAM

    def __init__(
        self,
        symbols: Iterable[Hashable],
        config: ATCConfig | str = "default",
        *,
        alert_from: str = "Average",
    ) -> None:
        self.config = ATCConfig.from_preset(config) if isinstance(config, str) else config
        self.alert_from = alert_from
        self._alert = Alert(self.config, alert_from)
        self._kernel = best_kernel(self.config.structure)
        self._fresh = self._kernel.Symbol(*self.config.kernel_arguments).record()
        self._lock = Lock()
        self._symbols: list[Hashable] = []
        self._groups: list[_Group] = []
        self._values: Floats = np.zeros((len(self.config.output_names), 0))
        # A row each: previous, direction, event, late, as in a `Trend`; now, and before the last bar.
        self._trend: Floats = np.zeros((4, 0))
        self._before: Floats = np.zeros((4, 0))
        self.add(symbols)

    @property
    def symbols(self) -> list[Hashable]:
        """The names, in the order of all arrays."""
        return [*self._symbols]

    @property
    def bars(self) -> NDArray[np.int64]:
        """Bars taken so far, of each symbol."""
        bars = np.zeros(len(self._symbols), np.int64)
        for group in self._groups:
            bars[group.members] = group.bars
        return bars

    @property
    def result(self) -> dict[str, Floats]:
        """The last bar of each symbol, as in `Stream.result`: the outputs by name, "direction", "event"."""
        with self._lock:
            return self._named(self._values, self._trend)

    def add(self, symbols: Iterable[Hashable]) -> None:
        """Add symbols that have had no bar, at the end.

        Raises
        ------
        ValueError
            A name is there already.
        """
        names = [symbols] if isinstance(symbols, str) else [*symbols]
        with self._lock:
            known = set(self._symbols)
            for name in names:
                if name in known:
                    raise ValueError(f"symbol {name!r} is there already")
                known.add(name)
            if not names:
                return
            members = np.arange(len(self._symbols), len(known))
            none = np.empty((0, len(names)))
            fresh = _Group(self._kernel, self.config, members, [self._fresh] * len(names), none, none)
            self._symbols += names
            self._groups.append(fresh)
            start = np.tile(np.array([[math.nan], [math.nan], [0.0], [math.nan]]), len(names))
            self._trend, self._before = np.hstack([self._trend, start]), np.hstack([self._before, start])
            self._values = np.hstack([self._values, np.full((len(self._values), len(names)), math.nan)])
            self._join_groups()

    def drop(self, symbols: Iterable[Hashable]) -> None:
        """Forget symbols; the others keep their order.

        Raises
        ------
        ValueError
            A name is not there.
        """
        names = [symbols] if isinstance(symbols, str) else [*symbols]
        with self._lock:
            gone = np.zeros(len(self._symbols), np.bool_)
            for name in names:
                gone[self._number(name)] = True
            number = np.cumsum(~gone) - 1
            for group in self._groups:
                group.remove(gone[group.places] & group.heard)
            self._groups = [group for group in self._groups if group.heard.size]
            for group in self._groups:
                group.places = number[group.places]
            self._symbols = [name for name, drop in zip(self._symbols, gone, strict=True) if not drop]
            self._values, self._trend = self._values[:, ~gone], self._trend[:, ~gone]
            self._before = self._before[:, ~gone]

    def update(self, prices: Any, src: Any = None) -> dict[str, Floats]:
        """Take the next bar of some symbols.

        Parameters
        ----------
        prices
            Closes, above 0 and finite: an array in the order of `symbols`, or a Series or mapping by name.
            NaN, or a name that is absent, is no bar.
        src
            What the moving averages run on, if not the closes; of the same kind.

        Returns
        -------
        dict of numpy.ndarray
            One number a symbol: the outputs by name (NaN without a bar), then "direction" (as it stands) and
            "event" (0 without a bar).

        Raises
        ------
        TypeError, ValueError
            A name is unknown, or the size is wrong.
        PriceError
            A price can be no bar; it names the symbol, and nothing changes.
        """
        closes, srcs, has = self._checked(prices, src)
        with self._lock:
            groups: list[_Group] = []
            for group in self._groups:
                groups += self._split(group, has)
            self._groups = groups
            for group in groups:
                members = group.members
                if not has[members[0]]:
                    continue
                with hotpaths.measured(self._kernel, self.config.structure, members.size, members.size):
                    taken = group.take(closes, srcs)
                if not taken:
                    raise PriceError(
                        f"La={self.config.La} is too large for {group.bars} bars: "
                        "the growth passes the largest double",
                        group.bars,
                    )
                own: slice | NDArray[np.intp] = members
                if (np.diff(members) == 1).all():  # an assignment to a slice is many times as fast
                    own = slice(members[0], members[-1] + 1)
                self._values[:, own] = group.values()
                self._before[:, own] = self._trend[:, own]
                self._trend[:, own] = self._next(self._trend[:, own], self._values[:, own])
            self._join_groups()
            return self._named(self._values, self._trend, has)

    def peek(self, prices: Any, src: Any = None) -> dict[str, Floats]:
        """What `update` would return with the same arguments; nothing changes.

        Raises
        ------
        TypeError, ValueError, PriceError
            As from `update`.
        """
        closes, srcs, has = self._checked(prices, src)
        closes, srcs = np.where(has, closes, 1.0), np.where(has, srcs, 1.0)
        with self._lock:
            values, trend = self._values.copy(), self._trend.copy()
            for group in self._groups:
                if has[group.members].any():
                    values[:, group.members] = group.peek(has, closes, srcs)
            trend[:, has] = self._next(trend[:, has], values[:, has])
            return self._named(values, trend, has)

    def revise(self, prices: Any, src: Any = None) -> dict[str, Floats]:
        """Put other prices in the place of the last bar's, of those symbols that have one.

        Arguments and result are those of `update`, and so are the errors.

        Raises
        ------
        IndexError
            A symbol has had no bar; nothing changes.
        """
        closes, srcs, has = self._checked(prices, src)
        with self._lock:
            for group in self._groups:
                early = group.members[has[group.members]]
                if group.bars == 0 and early.size:
                    raise IndexError(f"symbol {self._symbols[early[0]]!r} has no bar to revise")
            for group in self._groups:
                if has[group.members].any():
                    group.revise(has, closes, srcs)
                    self._values[:, group.members] = group.values()
            self._trend[:, has] = self._next(self._before[:, has], self._values[:, has])
            return self._named(self._values, self._trend, has)

    def to_bytes(self) -> bytes:
        """All symbols; `atc_cy.saving` documents the format.

        The payload has for each symbol: the number of its recent bars, the trend before the last bar
        (previous, direction, event, late) and now, the close and the src of each recent bar, and the record
        of the state before them.

        Raises
        ------
        TypeError
            A symbol's name is neither text nor an integer.
        """
        for name in self._symbols:
            if not isinstance(name, str | int):
                raise TypeError(f"symbol {name!r} cannot be saved: a name must be text or an integer")
        with self._lock:
            parts: dict[int, bytes] = {}
            for group in self._groups:
                records, *recent = group.records(group.heard)
                pairs = np.stack(recent, axis=-1)  # [bar, member, close or src]
                for i, (number, record) in enumerate(zip(group.members, records, strict=True)):
                    trends = self._before[:, number], self._trend[:, number]
                    numbers = np.concatenate([*trends, pairs[:, i].ravel()]).astype("<f8")
                    parts[int(number)] = _BAR_COUNT.pack(len(pairs)) + numbers.tobytes() + record
            header = {"alert_from": self.alert_from, "symbols": self._symbols, "record": len(self._fresh)}
            payload = b"".join(parts[number] for number in range(len(self._symbols)))
        return saving.pack(self._KIND, self.config, header, payload)

    @classmethod
    def _unpacked(cls, config: ATCConfig, header: dict[str, Any], payload: bytes) -> Self:
        stream = cls(header["symbols"], config, alert_from=header["alert_from"])
        stream._read(payload, header["record"])
        return stream

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self._symbols)} symbols>"

    def _read(self, payload: bytes, record: int) -> None:
        """Take over the symbols of a payload."""
        alike: dict[tuple[bytes, int], list[tuple[int, bytes, Floats]]] = {}
        at = 0
        for number in range(len(self._symbols)):
            (count,) = _BAR_COUNT.unpack_from(payload, at)
            trends = np.frombuffer(payload, "<f8", 8, at + 8)
            pairs = np.frombuffer(payload, "<f8", 2 * count, at + 72).reshape(count, 2)
            begin = at + 72 + 16 * count
            at = begin + record
            own = payload[begin:at]
            self._before[:, number], self._trend[:, number] = trends[:4], trends[4:]
            alike.setdefault((own[:8], count), []).append((number, own, pairs))
        if at != len(payload):
            raise ValueError(f"{len(payload) - at} bytes are left over")
        self._groups = []
        for found in alike.values():
            numbers = np.array([number for number, _, _ in found])
            recent = np.stack([pairs for _, _, pairs in found], axis=1)  # [bar, member, close or src]
            records = [own for _, own, _ in found]
            group = _Group(self._kernel, self.config, numbers, records, recent[..., 0], recent[..., 1])
            self._groups.append(group)
            self._values[:, numbers] = group.values()
        self._join_groups()

    def _split(self, group: _Group, has: NDArray[np.bool_]) -> list[_Group]:
        """Groups of which all members have a bar now, or none."""
        present = has[group.places] & group.heard
        absent = ~has[group.places] & group.heard
        if not present.any() or not absent.any():
            return [group]
        chosen = absent if absent.sum() <= present.sum() else present
        members = group.places[chosen]
        moved = group.records(chosen)
        group.remove(chosen)
        return [group, _Group(self._kernel, self.config, members, *moved)]

    def _join_groups(self) -> None:
        """Bring together what has had equally many bars; close the gaps once half of the places are empty."""
        joined: dict[int, _Group] = {}
        for group in self._groups:
            if group.bars in joined:
                joined[group.bars].join(group)
            else:
                joined[group.bars] = group
        for bars, group in joined.items():
            if 2 * group.heard.sum() < group.heard.size and group.heard.sum() > self._kernel.PANEL_WIDTH:
                joined[bars] = _Group(self._kernel, self.config, group.members, *group.records(group.heard))
        self._groups = [*joined.values()]

    def _next(self, trend: Floats, values: Floats) -> Floats:
        """`Alert.next` for many symbols."""
        alert = self._alert
        previous, direction, _, late = trend
        value = values[alert.column]
        if alert.late:
            value, late = late, value
        up = (value > alert.long) & (previous <= alert.long)
        down = (value < alert.short) & (previous >= alert.short)
        turned = np.where(up, 1.0, np.where(down, -1.0, direction))
        event = np.where(turned * direction == -1.0, turned, 0.0)
        return np.stack([np.where(np.isnan(value), previous, value), turned, event, late])

    def _named(
        self, values: Floats, trend: Floats, has: NDArray[np.bool_] | None = None
    ) -> dict[str, Floats]:
        if has is None:
            values, event = values.copy(), trend[2].copy()
        else:
            values, event = np.where(has, values, math.nan), np.where(has, trend[2], 0.0)
        result = dict(zip(self.config.output_names, values, strict=True))
        return {**result, "direction": trend[1].copy(), "event": event}

    def _number(self, name: Hashable) -> int:
        if name not in self._symbols:
            raise ValueError(
                f"symbol {name!r} is unknown; {suggestion(name, [str(s) for s in self._symbols])}"
            )
        return self._symbols.index(name)

    def _checked(self, prices: Any, src: Any) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        """Closes, srcs, and who has a bar."""
        closes = self._by_symbol("prices", prices)
        srcs = closes if src is None else self._by_symbol("src", src)
        bad = (closes <= 0.0) | np.isinf(closes) | np.isinf(srcs)
        if bad.any():
            first = int(bad.argmax())
            name, close, x = self._symbols[first], closes[first], srcs[first]
            what = f"price={close}" if close <= 0.0 or math.isinf(close) else f"src={x}"
            raise PriceError(f"{name}: {what} can be no bar: give a price above 0 and finite, or NaN", first)
        return closes, srcs, ~(np.isnan(closes) | np.isnan(srcs))

    def _by_symbol(self, argument: str, values: Any) -> Floats:
        names = values.index if hasattr(values, "index") and hasattr(values, "to_numpy") else None
        if isinstance(values, Mapping):
            names, values = [*values], [*values.values()]
        array = np.asarray(values, np.float64)
        if names is None:
            if array.shape != (len(self._symbols),):
                raise ValueError(
                    f"{argument} has the shape {array.shape}: give {len(self._symbols)} numbers, one a symbol"
                )
            return array
        if len(names) == len(self._symbols) and all(
            a == b for a, b in zip(names, self._symbols, strict=True)
        ):
            return array
        by_symbol = np.full(len(self._symbols), math.nan)
        by_symbol[[self._number(name) for name in names]] = array
        return by_symbol
