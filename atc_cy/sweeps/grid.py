"""A grid: fields of `ATCConfig`, and the combinations of their values to try."""

import json
import math
import random
from collections.abc import Iterable, Mapping
from itertools import product
from numbers import Real
from typing import Any, NamedTuple

from ..config import ATCConfig, check_fields
from ..config.config import FIELDS
from ..config.names import LENGTH_FIELDS
from ..text import shown, value_from_text

MOST_CONFIGS = 10_000_000
"""The largest number of configs in a grid: more would not fit into memory."""
_MOST_VALUES = 100_000
"""The largest number of values in a range."""
_LIMITS_OTHERS = {
    *("moving_averages", "robustness", "long_threshold", "short_threshold"),
    *LENGTH_FIELDS.values(),
}
"""Fields that interact: whether a value is valid, or how long the indicator warms up, depends on others."""


class Axis(NamedTuple):
    """A field, and its values to try."""

    field: str
    values: tuple[Any, ...]

    @property
    def is_ordered(self) -> bool:
        """Whether the values are increasing numbers, so that neighbours are similar."""
        return all(map(_is_number, self.values)) and all(
            low < high for low, high in zip(self.values[:-1], self.values[1:], strict=True)
        )


class Grid(NamedTuple):
    """The fields, and for each config their values in the same order."""

    fields: tuple[str, ...]
    combinations: list[tuple[Any, ...]]

    def configs(self, base: ATCConfig, **fixed: Any) -> list[ATCConfig]:
        """One config for each combination; `base` has the other fields, and `fixed` replaces some of both."""
        return [
            base.override(**(dict(zip(self.fields, values, strict=True)) | fixed))
            for values in self.combinations
        ]

    def keys(self) -> list[str]:
        """Each combination as JSON, its key in a file of results."""
        return [_as_json(dict(zip(self.fields, values, strict=True))) for values in self.combinations]


def grid_of(grid: Any) -> Grid:
    """The grid that a caller gives: values by field, which are combined, or a list of combinations.

    Raises
    ------
    TypeError
        The values of a field are not a sequence, or a combination is not a mapping.
    ValueError
        There is no combination, or they have different fields.
    """
    if not isinstance(grid, Mapping):
        return _of_rows(grid)
    axes = axes_of(grid)
    if (configs := math.prod(len(axis.values) for axis in axes)) > MOST_CONFIGS:
        raise ValueError(f"grid has {configs} combinations: give at most {MOST_CONFIGS}")
    return Grid(tuple(grid), list(product(*(axis.values for axis in axes))))


def axes_of(grid: Any) -> list[Axis]:
    """The values of each field.

    Raises
    ------
    TypeError
        The values are not given by field, or those of a field are not a sequence.
    ValueError
        There is no field, or no value.
    """
    if not isinstance(grid, Mapping):
        raise TypeError(
            f'grid={shown(grid)} must have values by field to search among them, as in {{"La": [0.02, 0.5]}}'
        )
    for name, values in grid.items():
        if isinstance(values, str) or not isinstance(values, Iterable):
            raise TypeError(f"grid[{name!r}] must be a sequence of values to try, not {shown(values)}")
    check_fields(grid, FIELDS)
    axes = [Axis(name, tuple(_hashable(value) for value in values)) for name, values in grid.items()]
    if not all(axis.values for axis in axes) or not axes:
        raise _empty()
    return axes


def random_grid(axes: list[Axis], count: int, seed: int) -> Grid:
    """`count` different combinations in random order, or all of them if there are fewer.

    A larger count begins with the same combinations.
    """
    generator = random.Random(seed)
    total = math.prod(len(axis.values) for axis in axes)
    places, moved = [], dict[int, int]()
    for first in range(min(count, total)):  # a shuffle of all combinations that stops early
        drawn = generator.randrange(first, total)
        places.append(moved.get(drawn, drawn))
        moved[drawn] = moved.get(first, first)
    return Grid(tuple(axis.field for axis in axes), [_combination(axes, place) for place in places])


def _combination(axes: list[Axis], place: int) -> tuple[Any, ...]:
    """The combination of this number."""
    values = []
    for axis in reversed(axes):
        place, of_axis = divmod(place, len(axis.values))
        values.append(axis.values[of_axis])
    return tuple(reversed(values))


def combination_of(axes: list[Axis], key: str) -> tuple[Any, ...]:
    """The combination that a key stands for.

    Raises
    ------
    ValueError
        The key is not a combination of these values.
    """
    try:
        row = json.loads(key)
        return tuple(
            {_as_json(value): value for value in axis.values}[_as_json(row[axis.field])] for axis in axes
        )
    except (ValueError, TypeError, LookupError):
        raise ValueError(f"the config {shown(key)} is not in the grid") from None


def corners(axes: list[Axis]) -> Grid:
    """Combinations with the extreme values of each field, and all combinations of fields that interact.

    If any combination of the grid is not valid, one of these is not valid either.
    """
    ends = {
        axis.field: (axis.values[0], axis.values[-1]) if axis.is_ordered else axis.values for axis in axes
    }
    together = [values if field in _LIMITS_OTHERS else values[:1] for field, values in ends.items()]
    alone = {
        tuple(value if other == field else values[0] for other, values in ends.items())
        for field in ends
        for value in ends[field]
    }
    return Grid(tuple(ends), [*dict.fromkeys([*product(*together), *alone])])


def values_from_text(field: str, text: str) -> list[Any]:
    """The values of a field as the command line writes them: "0,0.02", or "first:last:count".

    >>> values_from_text("ema_len", "10:30:3"), values_from_text("La", "0:0.1:3")
    ([10, 20, 30], [0.0, 0.05, 0.1])

    Raises
    ------
    ValueError
        The text is not a range, or a range of integers has other numbers in it.
    """
    if ":" not in text:
        return [value_from_text(field, value) for value in text.split(",")]
    if text.count(":") != 2:
        raise ValueError(f"{field}={text} must be first:last:count, three numbers, or values between commas")
    first, last, count = (value_from_text(field, value) for value in text.split(":"))
    numbers = _is_number(first) and _is_number(last)
    if not isinstance(count, int) or not 1 <= count <= _MOST_VALUES or not numbers:
        raise ValueError(f"{field}={text} must be first:last:count, three numbers")
    if not isinstance(ATCConfig.__dataclass_fields__[field].default, int):
        import numpy as np

        values: list[Any] = np.linspace(first, last, count).tolist()
        return values
    span, steps = last - first, max(count - 1, 1)
    if not isinstance(span, int) or span % steps:
        raise ValueError(
            f"{field}={text} must have only whole numbers: {_whole_counts(span)}, or list all values with "
            "commas between them"
        )
    return [first + step * span // steps for step in range(count)]


def _whole_counts(span: int | float) -> str:
    """The remedy for a range of integers: counts that are possible."""
    if not isinstance(span, int):
        return "give whole numbers for first and last"
    counts = [steps + 1 for steps in range(1, min(abs(span), _MOST_VALUES) + 1) if span % steps == 0]
    return f"give a count such as {' or '.join(map(str, counts[-3:]))}"


def _of_rows(grid: Any) -> Grid:
    listed = isinstance(grid, Iterable) and not isinstance(grid, str) and getattr(grid, "ndim", 1) != 0
    rows = [*grid] if listed else [grid]
    for number, row in enumerate(rows):
        if not isinstance(row, Mapping):
            raise TypeError(
                f"grid's row {number} is {shown(row)}: give a mapping of fields to values, as in "
                '{"La": [0.02, 0.5]}, or a list of mappings, as in [{"La": 0.02}, {"La": 0.5}]'
            )
        if row.keys() != rows[0].keys():
            raise ValueError(
                f"grid's row {number} has other fields than the first: {sorted(row.keys() ^ rows[0].keys())}"
            )
    if not rows or not rows[0]:
        raise _empty()
    fields = tuple(rows[0])
    check_fields(fields, FIELDS)
    return Grid(fields, [tuple(_hashable(row[name]) for name in fields) for row in rows])


def _empty() -> ValueError:
    return ValueError("grid is empty: give at least one field with a value")


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _as_json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=_python_number)


def _hashable(value: Any) -> Any:
    """A value that can be the label of a column."""
    return tuple(value) if isinstance(value, list) else value


def _python_number(value: Any) -> Any:
    """A number of NumPy, or a Decimal or Fraction, as a Python number for JSON."""
    return value.item() if hasattr(value, "item") else float(value)
