"""A grid: fields of `ATCConfig`, and the combinations of their values to try."""

import json
import math
from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any, NamedTuple

from ..config import ATCConfig, check_fields
from ..text import shown

MOST_CONFIGS = 10_000_000
"""In a grid: more would take more memory than there is, before the first one is traded."""


class Grid(NamedTuple):
    """The fields, and for each config their values in the same order."""

    fields: tuple[str, ...]
    combinations: list[tuple[Any, ...]]

    def configs(self, base: ATCConfig, **fixed: Any) -> list[ATCConfig]:
        """A config a combination; `base` gives the other fields, and `fixed` replaces those of the grid."""
        return [
            base.override(**(dict(zip(self.fields, values, strict=True)) | fixed))
            for values in self.combinations
        ]

    def keys(self) -> list[str]:
        """Each combination as JSON, by which a file of results knows it."""
        return [
            json.dumps(dict(zip(self.fields, values, strict=True)), sort_keys=True, default=_python_number)
            for values in self.combinations
        ]


def grid_of(grid: Any) -> Grid:
    """The grid that a caller means: values by field, of which all combinations are, or combinations.

    Raises
    ------
    TypeError
        A value is no sequence, or a combination is no mapping.
    ValueError
        There is no combination, or they have different fields.
    """
    fields, combinations = _of_values(grid) if isinstance(grid, Mapping) else _of_rows(grid)
    if not fields or not combinations:
        raise ValueError("grid is empty: give at least one field with a value")
    return Grid(fields, combinations)


def _of_values(grid: Mapping[str, Any]) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    for name, values in grid.items():
        if isinstance(values, str) or not isinstance(values, Iterable):
            raise TypeError(f"grid[{name!r}] must be a sequence of values to try, not {shown(values)}")
    check_fields(grid, ATCConfig.__dataclass_fields__)
    axes = [[_hashable(value) for value in values] for values in grid.values()]
    if (configs := math.prod(map(len, axes))) > MOST_CONFIGS:
        raise ValueError(f"grid has {configs} combinations: give at most {MOST_CONFIGS}")
    return tuple(grid), list(product(*axes))


def _of_rows(grid: Any) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
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
    fields = tuple(rows[0]) if rows else ()
    check_fields(fields, ATCConfig.__dataclass_fields__)
    return fields, [tuple(_hashable(row[name]) for name in fields) for row in rows]


def _hashable(value: Any) -> Any:
    """A value as the label of a column can hold it."""
    return tuple(value) if isinstance(value, list) else value


def _python_number(value: Any) -> Any:
    """A number of NumPy, or a Decimal or Fraction, as JSON takes it."""
    return value.item() if hasattr(value, "item") else float(value)
