"""What every compiled kernel has; copied beside each of them when it is built."""

from typing import Any, Self

from typing_extensions import disjoint_base

__all__ = [
    "CPU_LEVEL",
    "PANEL_WIDTH",
    "PRESET",
    "SOURCE_HASH",
    "STRUCTURE",
    "VERSION",
    "Panel",
    "Symbol",
    "averages",
    "growth",
    "trade_averages",
    "update_panels",
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

def growth(La: float, out: Any) -> None:
    """Fill `out`, a writable float64 buffer, with the growth factors of the bars from the cutout on.

    Infinity stands for a growth beyond the largest double.
    """

def averages(
    symbol: Symbol, panels: tuple[Panel, ...], close: Any, src: Any, growths: Any, which: Any, out: Any
) -> int:
    """One symbol's `Average_Signal` under many configs of one structure; the GIL is released meanwhile.

    What the configs share, the moving averages, is computed once. All buffers are C-contiguous.

    Parameters
    ----------
    symbol
        A new one, of La = 0; its cutout and strategy_mode are those of all.
    panels
        n new ones of the same structure, cutout and strategy_mode: each place is a config, see
        `Panel.set_numbers`.
    close, src
        m prices that can be a bar, float64.
    growths
        (m, kinds) growth factors, float64, as from `growth`: a column a value of La.
    which
        (n, PANEL_WIDTH) columns of `growths`, int64.
    out
        (n, PANEL_WIDTH, m), float64.

    Returns
    -------
    int
        How many rows were taken: fewer than m if one can be no bar.

    Raises
    ------
    TypeError, ValueError
        A buffer has another type or size; a state is not new, or differs in structure.
    RuntimeError
        Another thread is advancing one of the states.
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

PANEL_WIDTH: int
"""The most symbols that a `Panel` carries side by side."""

def update_panels(panels: tuple[Panel, ...], closes: Any, srcs: Any, out: Any) -> None:
    """Take some bars into every symbol of many panels; the GIL is released meanwhile.

    Parameters
    ----------
    panels
        n panels of one structure.
    closes, srcs
        (n, bars, PANEL_WIDTH) prices that can be a bar, C-contiguous float64, also for places left over.
    out
        (2 * types + 1, n, PANEL_WIDTH), C-contiguous float64: what the last bar gave.

    Raises
    ------
    ValueError
        A buffer has another type or size, or the panels differ in structure.
    RuntimeError
        Another thread is advancing one of the panels.
    """

@disjoint_base
class Run:
    """Symbols on their way through the law: a state that takes bar after bar.

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
    ) -> Self: ...
    @property
    def bars(self) -> int:
        """Bars taken so far; a row with a missing price is none."""

    def copy(self) -> Self:
        """Another one, in the same state; much faster than a new one.

        Raises
        ------
        RuntimeError
            Another thread is advancing this one.
        """

@disjoint_base
class Symbol(Run):
    """One symbol."""

    def update(self, close: float, src: float) -> float | None:
        """Take one more bar; returns its average, NaN if a price is NaN, None if it can be no bar."""

    @property
    def values(self) -> tuple[float, ...]:
        """The outputs of the last bar that `update` took, in the order of `advance`."""

    def assign(self, other: Symbol) -> None:
        """Take over the state of another one.

        Raises
        ------
        ValueError
            It has another structure.
        RuntimeError
            Another thread is advancing one of the two.
        """

    def record(self) -> bytes:
        """The state: the same bytes at every CPU level, from a preset's kernel or the generic one."""

    def restore(self, record: bytes) -> None:
        """Take over a state from `record`, of a symbol that was made with the same arguments.

        Raises
        ------
        ValueError
            The record has another size than this structure's.
        """

    def advance(self, close: Any, src: Any, out: Any, lanes: Any = None) -> int:
        """Take more rows and write what they give; the GIL is released meanwhile.

        All arguments are buffers of one type, float64 or float32, with any strides.

        Parameters
        ----------
        close, src
            n prices each. NaN in either: no bar.
        out
            (2 * types + 1, n): the type signals, the type equities, the average.
        lanes
            (27 * types, n), if wanted: the averages of all lanes, their signals, their equities.

        Returns
        -------
        int
            Rows taken. Fewer than n when the next row cannot be a bar: its close is not above 0 and
            finite, its src is not finite, or its growth is beyond the largest double. The state is then
            the one before that row.

        Raises
        ------
        TypeError, ValueError
            A buffer has another type or shape.
        RuntimeError
            Another thread is advancing this symbol.
        """

@disjoint_base
class Panel(Run):
    """Up to `PANEL_WIDTH` symbols side by side."""

    def assign(self, other: Panel) -> None:
        """Take over the state of another one; errors are those of `Symbol.assign`."""

    def set_numbers(self, place: int, De: float, weights: tuple[float, ...]) -> None:
        """Give one place other numbers, for `averages`; before the first bar.

        Raises
        ------
        ValueError
            There is no such place, or the weights are not one a type.
        """

    def record(self, place: int) -> bytes:
        """The state of the symbol at this place, as from `Symbol.record`."""

    def restore(self, records: tuple[bytes, ...]) -> None:
        """Take over states from `record`, of equally many bars; places left over follow the first.

        Raises
        ------
        ValueError
            There are none or too many, a size is not this structure's, or the bars differ.
        """

    @property
    def finished(self) -> bool:
        """Whether the last call took all rows that there were."""

    def advance(
        self,
        closes: tuple[Any, ...],
        srcs: tuple[Any, ...],
        outs: tuple[Any, ...],
        outputs: tuple[int, ...],
        bars: int,
    ) -> tuple[int, ...]:
        """Take the next rows of each symbol and write what they give; the GIL is released meanwhile.

        Call it again with the same buffers until it is `finished`: the symbols go in step, bar by bar, so
        one that has ended cannot go on. All buffers are of one type, float64 or float32, with any strides.

        Parameters
        ----------
        closes, srcs
            n prices of each symbol. NaN in either: no bar.
        outs
            For each symbol (columns, n), or (columns,) to get the last bar's values alone.
        outputs
            2 * types + 1 places: the column of each output (as in `Symbol.advance`), or -1 to leave it out.
        bars
            Stop after about so many.

        Returns
        -------
        tuple
            For each symbol the rows taken so far, as from `Symbol.advance`.

        Raises
        ------
        TypeError, ValueError
            A buffer has another type or shape.
        RuntimeError
            Another thread is advancing this panel.
        """
