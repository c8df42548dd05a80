"""The structure that a kernel is compiled for: moving averages, lengths and robustness, and their checks."""

import math
import operator
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple, cast

from ..text import shown, suggestion
from .fields import MovingAverage, Robustness
from .names import MOVING_AVERAGES, unknown

OFFSETS = {"Narrow": (1, 2, 3, 4), "Medium": (1, 2, 4, 6), "Wide": (1, 3, 5, 7)}
"""How far the lengths of the eight neighbouring lanes are from the base length, by robustness."""

LONGEST_LANE = 12_000
"""Up to this length, every sum of indices that WMA and LSMA divide by is an exact binary64 number."""

LARGEST_INTEGER = 2**63 - 1
"""The largest number of bars: kernels count in 64 bits."""

LAW_VERSION = 1
"""The version of the law in `atc_cy.reference`: another version has other numbers for the same prices."""


def checked_robustness(robustness: object) -> Robustness:
    if not isinstance(robustness, str) or robustness not in OFFSETS:
        raise ValueError(f"robustness={shown(robustness)} is unknown; {suggestion(robustness, OFFSETS)}")
    return cast(Robustness, robustness)


def checked_types(moving_averages: object) -> tuple[MovingAverage, ...]:
    """The types in the law's order."""
    if isinstance(moving_averages, str) or not isinstance(moving_averages, Iterable):
        raise TypeError(
            f"moving_averages={shown(moving_averages)} must be a sequence of types, "
            f"such as {MOVING_AVERAGES[:2]}"
        )
    given = list(moving_averages)
    for name in given:
        if not isinstance(name, str) or name not in MOVING_AVERAGES:
            raise ValueError(
                f"moving_averages has the unknown type {shown(name)}; {unknown(name, MOVING_AVERAGES)}"
            )
    if not given or len(set(given)) != len(given):
        raise ValueError(f"moving_averages={shown(given)} must name at least one type, each once")
    return tuple(name for name in MOVING_AVERAGES if name in given)


def checked_flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{name}={shown(value)} must be True or False")
    return value


def checked_integer(name: str, value: Any, low: int | None = None, high: int = LARGEST_INTEGER) -> int:
    """An integer as a Python int, from `low` to `high` if `low` is given.

    Raises
    ------
    TypeError
        The value is not an integer.
    ValueError
        It is out of range.
    """
    if isinstance(value, bool) or _kind(value) == "b":  # NumPy 1 allows its truth values as an index
        raise TypeError(f"{name}={shown(value)} must be an integer, not a truth value")
    try:
        integer = operator.index(value)
    except TypeError:
        raise TypeError(f"{name}={shown(value)} must be an integer, not {type(value).__name__}") from None
    if low is not None and not low <= integer <= high:
        raise ValueError(f"{name}={shown(integer)} is out of range: give at least {low} and at most {high}")
    return integer


def checked_length(name: str, value: Any, robustness: str) -> int:
    length = checked_integer(name, value)
    reach = max(OFFSETS[robustness])
    if not -LONGEST_LANE <= length <= 2 * LONGEST_LANE:  # so far off that the lane's length would not help
        raise ValueError(
            f"{name}={shown(length)} is out of range: with robustness={robustness!r} "
            f"it must be at least {reach + 1} and at most {LONGEST_LANE - reach}"
        )
    if length <= reach:
        raise ValueError(
            f"{name}={length} makes a lane of length {length - reach} with "
            f"robustness={robustness!r}: the smallest base length is {reach + 1}"
        )
    if length + reach > LONGEST_LANE:
        raise ValueError(
            f"{name}={length} makes a lane of length {length + reach} with "
            f"robustness={robustness!r}: the largest base length is {LONGEST_LANE - reach}"
        )
    return length


def checked_number(name: str, value: Any, low: float, high: float) -> float:
    """A number as a finite Python float, from `low` to `high`.

    Raises
    ------
    TypeError
        The value is not a number.
    ValueError
        It is out of range.
    """
    if not _is_number(value):
        raise TypeError(f"{name}={shown(value)} must be a number, not {type(value).__name__}")
    try:
        number = float(value)
    except (OverflowError, ValueError):  # an integer beyond the largest double; Decimal's signaling NaN
        number = math.nan
    if not low <= number <= high or math.isinf(number):
        upper = "finite" if math.isinf(high) else f"at most {high:g}"
        least = "" if math.isinf(low) else f"at least {low:g} and "
        given = shown(value if math.isnan(number) else number)
        raise ValueError(f"{name}={given} is out of range: it must be {least}{upper}")
    return number


def _is_number(value: Any) -> bool:
    """Whether it is one real number: of Python, Decimal, Fraction, NumPy, or any type with `__float__`."""
    if isinstance(value, int | float):
        return not isinstance(value, bool)
    if getattr(value, "ndim", 0) != 0:
        return False
    # NumPy's text, truth values and times have a __float__ too.
    return hasattr(value, "__float__") and _kind(value) in "iuf"


def _kind(value: Any) -> str:
    """NumPy's letter for the value's type, found without NumPy, which builds lack; "f" for other values."""
    kind: str = getattr(getattr(value, "dtype", None), "kind", "f")
    return kind


class Structure(NamedTuple):
    """The part of a config that a kernel is compiled for; configs with equal structures share a kernel.

    See Also
    --------
    ATCConfig.structure : The structure of a config.
    KernelInfo : A kernel, with the structure it was compiled for.

    Examples
    --------
    >>> structure = atc_cy.ATCConfig(moving_averages=["EMA"], ema_len=20).structure
    >>> structure.lengths, structure.robustness
    ((20,), 'Medium')
    >>> print(structure)
    EMA 20, Medium
    """

    moving_averages: tuple[MovingAverage, ...]
    """The types, in the law's order."""
    lengths: tuple[int, ...]
    """One base length a type, in bars."""
    robustness: Robustness

    def lane_lengths(self) -> tuple[tuple[int, ...], ...]:
        """The lengths of the lanes, in bars.

        Returns
        -------
        tuple of tuple of int
            Nine lengths for each type: the base length, the four longer ones, the four shorter ones.

        Examples
        --------
        >>> atc_cy.ATCConfig(moving_averages=["EMA"], ema_len=20).structure.lane_lengths()
        ((20, 21, 22, 24, 26, 19, 18, 16, 14),)
        """
        return _lane_lengths(self.lengths, self.robustness)

    def __str__(self) -> str:
        lengths = dict(zip(self.moving_averages, self.lengths, strict=True))
        return f"{' '.join(f'{name} {length}' for name, length in lengths.items())}, {self.robustness}"


Structure.__module__ = "atc_cy"


@lru_cache  # a sweep asks thousands of configs
def _lane_lengths(lengths: tuple[int, ...], robustness: str) -> tuple[tuple[int, ...], ...]:
    offsets = OFFSETS[robustness]
    return tuple((base, *(base + o for o in offsets), *(base - o for o in offsets)) for base in lengths)
