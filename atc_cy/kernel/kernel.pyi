"""What every compiled kernel has; copied beside each of them when it is built."""

from typing import Any, Self

from typing_extensions import disjoint_base

__all__ = [
    "CPU_LEVEL",
    "PRESET",
    "RECORD_VERSION",
    "SOURCE_HASH",
    "STRUCTURE",
    "VERSION",
    "Panel",
    "Symbol",
    "averages",
    "growth",
    "trade_averages",
]

CPU_LEVEL: str
"""What the kernel was compiled for: "v2", "v3", "v4" (of x86-64), or "portable"."""

PRESET: str | None
"""The preset that the kernel was compiled for; None in the generic one."""

STRUCTURE: tuple[tuple[str, ...], tuple[int, ...], str] | None
"""Types, base lengths and robustness that were compiled in; None in the generic kernel."""

VERSION: str
"""Of the atc_cy that the kernel was built by."""

SOURCE_HASH: str
"""Of the kernel's source and the way it was built: equal in all kernels that fit together."""

RECORD_VERSION: int
"""Of the records that `Symbol.record` writes. `restore` reads this version and those before it."""

def growth(La: float, out: Any) -> None:
    """Fill `out`, a writable float64 buffer, with the growth factors of the bars from the cutout on.

    Infinity stands for a growth beyond the largest double.
    """

def averages(symbol: Symbol, close: Any, src: Any, growths: Any, which: Any, numbers: Any, out: Any) -> int:
    """One symbol's `Average_Signal` under many configs of one structure; the GIL is released meanwhile.

    What the configs share, the moving averages, is computed once. All buffers are C-contiguous.

    Parameters
    ----------
    symbol
        A new one, of La = 0; its cutout and strategy_mode are those of all configs.
    close, src
        (m,) prices, each a valid bar, float64.
    growths
        (kinds, m) growth factors, float64, each row as from `growth`: a row a value of La.
    which
        (n,) the row of `growths` that each config uses, int64.
    numbers
        (n, 1 + types) the De and the weights of each config, float64.
    out
        (n, m), float64.

    Returns
    -------
    int
        How many rows were taken: fewer than m if one is not a valid bar.

    Raises
    ------
    TypeError, ValueError
        A buffer has another type or size; the symbol is not new, or its La is not 0.
    RuntimeError
        Another thread is advancing the symbol.
    """

def trade_averages(
    averages: Any, changes: Any, which: Any, thresholds: Any, short_position: float, fees: float, out: Any
) -> None:
    """What following the direction of averages would have brought; the GIL is released meanwhile.

    All buffers are C-contiguous.

    Parameters
    ----------
    averages
        (m, n) averages of n bars, float64, as from `averages`; NaN is no signal.
    changes
        (n,) relative changes of the price since the bar before, float64.
    which
        (k,) the row of `averages` that each account follows, int64.
    thresholds
        (2, k) the long and the short threshold of each account, float64.
    short_position
        What is held while the direction is -1: -1.0, or 0.0.
    fees
        Part of the traded value that a change of position by 1 costs.
    out
        (6, k), float64: the total return; the mean of the returns; the sum of their squared deviations; the
        deepest fall of the equity below its highest value, as a negative part of that; the bars after which a
        position is held; how often one was opened.

    Raises
    ------
    TypeError, ValueError
        A buffer has another type or size.
    """

@disjoint_base
class Symbol:
    """One symbol: a state that takes bar after bar.

    Parameters
    ----------
    moving_averages
        The types, in the law's order.
    lane_lengths
        Nine lengths a type, in bars.
    weights
        One starting weight a type.
    La, De, cutout, strategy_mode
        As in `atc_cy.ATCConfig`.
    depth
        How many of the last bars `rewind` can take back.
    alert
        The output that `direction` and `event` follow: a type's number, or -1 for the average.
    long_threshold, short_threshold
        Where that output turns the direction.

    Raises
    ------
    ValueError
        The kernel was compiled for another structure.
    """

    def __new__(
        cls,
        moving_averages: tuple[str, ...],
        lane_lengths: tuple[tuple[int, ...], ...],
        weights: tuple[float, ...],
        La: float,
        De: float,
        cutout: int,
        strategy_mode: bool,
        depth: int = 0,
        alert: int = -1,
        long_threshold: float = 0.1,
        short_threshold: float = -0.1,
    ) -> Self: ...
    @property
    def bars(self) -> int:
        """Bars taken so far; a row with a missing price is none."""

    @property
    def nbytes(self) -> int:
        """The memory of the state and of what `rewind` needs, in bytes."""

    @property
    def last_bar(self) -> tuple[float, float]:
        """The close and the src of the last bar; NaN before the first."""

    @property
    def values(self) -> tuple[float, ...]:
        """The outputs of the last bar, in the order of `advance`.

        NaN before the first bar. A record does not have the last average that was given out late
        (`strategy_mode`): after `restore` it is NaN until the next bar.
        """

    @property
    def direction(self) -> float:
        """1 after the alert's output crossed over the long threshold, -1 after it crossed under the short.

        NaN before. With strategy_mode a type's signal counts one bar late, as the average does. Followed only
        where `depth` is at least 1.
        """

    @property
    def event(self) -> int:
        """1 if the direction turned from -1 to 1 on the last bar, -1 if from 1 to -1, otherwise 0."""

    @property
    def trend(self) -> tuple[float, float, float, float]:
        """What `direction` and `event` go on from; can be set.

        The alert's output on the last bar that had one, the direction, the event, and the type's signal that
        will count at the next bar.
        """

    @trend.setter
    def trend(self, trend: tuple[float, float, float, float]) -> None: ...
    @property
    def rewindable(self) -> int:
        """How many bars `rewind` can take back now, at most `depth`."""

    def update(self, close: float, src: float | None = None) -> float | None:
        """Take one more bar; returns its average, NaN if a price is NaN, None if it is not a valid bar.

        src is the close if None. Nothing changes unless a number that is not NaN, or NaN before the cutout,
        is returned.
        """

    def peek(self, close: float, src: float | None = None) -> tuple[float, ...] | None:
        """The outputs, direction and event that `update` would lead to; nothing changes.

        None if it is not a valid bar. If a price is NaN: what the last bar gave.
        """

    def revise(self, close: float, src: float | None = None) -> float | None:
        """`update` in place of the last bar, which must be `rewindable`; returns the average.

        None if it is not a valid bar, or a price is NaN: nothing changes then.

        Raises
        ------
        IndexError
            There is no bar that can be taken back.
        """

    def rewind(self, bars: int) -> None:
        """Take back the last bars.

        Raises
        ------
        IndexError
            `bars` is more than `rewindable`.
        """

    def advance(self, close: Any, src: Any, out: Any, lanes: Any = None, whole: bool = False) -> int:
        """Take more rows and write what they give; the GIL is released meanwhile.

        All arguments are buffers of one type, float64 or float32, with any strides.

        Parameters
        ----------
        close, src
            n prices each. NaN in either: no bar.
        out
            (2 * types + 1, n): the type signals, the type equities, the average. Or None: only the state is
            wanted.
        lanes
            (27 * types, n), if wanted: the averages of all lanes, their signals, their equities.
        whole
            Whether nothing is taken if a row is not a valid bar; `out` may have been written all the same.

        Returns
        -------
        int
            Rows that can be taken. Fewer than n when the next row is not a valid bar: its close is not above
            0 and finite, its src is not finite, or its growth is beyond the largest double. The state is then
            the one before that row, or with `whole` the one before the call.

        Raises
        ------
        TypeError, ValueError
            A buffer has another type or shape.
        RuntimeError
            Another thread is advancing this symbol.
        """

    def copy(self) -> Self:
        """Another one, in the same state; much faster than a new one.

        Raises
        ------
        RuntimeError
            Another thread is advancing this one.
        """

    def assign(self, other: Symbol) -> None:
        """Take over the state of another one.

        Raises
        ------
        ValueError
            It has another structure or depth.
        RuntimeError
            Another thread is advancing one of the two.
        """

    def record(self) -> bytes:
        """The state: the same bytes at every CPU level, from a preset's kernel or the generic one."""

    def restore(self, record: bytes) -> None:
        """Take over a state from `record`, of a symbol that was made with the same arguments.

        No bar can be taken back then, and the trend is that of before the first bar.

        Raises
        ------
        ValueError
            The record is not of this structure, or holds what no state can be.
        """

@disjoint_base
class Panel:
    """Many symbols of one config, each with its own bars.

    The arguments are those of `Symbol`, without depth: `revise` can replace the last bar of each.
    """

    def __new__(
        cls,
        moving_averages: tuple[str, ...],
        lane_lengths: tuple[tuple[int, ...], ...],
        weights: tuple[float, ...],
        La: float,
        De: float,
        cutout: int,
        strategy_mode: bool,
        alert: int = -1,
        long_threshold: float = 0.1,
        short_threshold: float = -0.1,
    ) -> Self: ...
    def __len__(self) -> int:
        """The number of symbols."""

    def add(self, count: int) -> None:
        """Add symbols that have had no bar, at the end."""

    def keep(self, numbers: tuple[int, ...]) -> None:
        """Keep the symbols of these numbers, which ascend, and forget the others."""

    def bars(self, out: Any) -> None:
        """Write the bars that each symbol has had to `out`, (n,) int64."""

    def values(self, out: Any) -> None:
        """Write what each symbol's last bar gave to `out`, as `update` does."""

    def update(self, close: Any, src: Any, out: Any) -> int:
        """Take the next bar of some symbols; the GIL is released meanwhile.

        Parameters
        ----------
        close, src
            (n,) float64, C-contiguous: a price a symbol, or NaN in either where there is no bar.
        out
            (2 * types + 3, n) float64, C-contiguous: where the outputs, the direction and the event of each
            symbol are written. Without a bar, the outputs are NaN and the event is 0.

        Returns
        -------
        int
            -1; or the number of the first symbol whose price is not valid, or whose growth would be beyond
            the largest double: nothing changes then.

        Raises
        ------
        TypeError, ValueError
            A buffer has another type or size.
        RuntimeError
            Another thread is advancing this panel.
        """

    def peek(self, close: Any, src: Any, out: Any) -> int:
        """What `update` would write; nothing else changes."""

    def revise(self, close: Any, src: Any, out: Any) -> int:
        """`update` in place of the last bar of some symbols.

        Returns
        -------
        int
            -1; or the number of the first symbol whose price is not valid, or that has no bar to replace:
            nothing changes then.
        """

    def last_bar(self, number: int) -> tuple[float, float]:
        """The close and the src of a symbol's last bar; NaN before the first."""

    def record(self, number: int, bars: int = 0) -> bytes:
        """The state of one symbol, as from `Symbol.record`; with bars=1 the state before its last bar."""

    def restore(self, number: int, record: bytes) -> None:
        """As `Symbol.restore`, of one symbol."""

    def trend(self, number: int, bars: int = 0) -> tuple[float, float, float, float]:
        """As `Symbol.trend`, of one symbol; with bars=1 the one before its last bar."""

    def set_trend(self, number: int, trend: tuple[float, float, float, float]) -> None:
        """As setting `Symbol.trend`, of one symbol."""
