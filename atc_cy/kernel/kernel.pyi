"""What every compiled kernel has; copied beside each of them when it is built."""

from typing import Any, Self

from typing_extensions import disjoint_base

__all__ = ["PRESET", "SOURCE_HASH", "STRUCTURE", "Symbol", "growth"]

PRESET: str | None
"""The preset that the kernel was compiled for; None in the generic one."""

STRUCTURE: tuple[tuple[str, ...], tuple[int, ...], str] | None
"""Types, base lengths and robustness that were compiled in; None in the generic kernel."""

SOURCE_HASH: str
"""Of the kernel's source and the way it was built: equal in all kernels of one build."""

def growth(La: float, out: Any) -> None:
    """Fill `out`, a writable float64 buffer, with the growth factors of the bars from the cutout on.

    Infinity stands for a growth beyond the largest double.
    """

@disjoint_base
class Symbol:
    """One symbol on its way through the law: a state that takes bar after bar.

    Parameters
    ----------
    moving_averages
        The types, in the law's order.
    lane_lengths
        Nine lengths a type, in bars.
    weights
        One starting weight a type.
    La, De, cutout
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
    ) -> Self: ...
    @property
    def bars(self) -> int:
        """Bars taken so far; a row with a missing price is none."""

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
