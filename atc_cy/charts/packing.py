"""Numbers as a page holds them: the digits that it shows, as differences, compressed, as text.

``web/packed.js`` opens them in the browser. A column becomes integers (its values times a power of ten), then
differences of these, since a number is mostly close to the one before it, then bytes: first the lowest of
every number, then the next. All columns together are compressed by deflate, which every browser opens.
"""

import base64
import json
import zlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LARGEST = 2**49
"""A browser has integers up to 2**53; differences, taken twice, and the sign need three bits more."""


MOST_DIGITS = 16
"""After the point."""


class Column(NamedTuple):
    """One number a row; NaN where there is none."""

    name: str
    values: NDArray[Any]
    digits: int | None = 0
    """How many are shown after the point. None keeps a number as it is, to the last bit, in eight bytes."""


class Packed(NamedTuple):
    """Columns as a page holds them."""

    columns: list[dict[str, Any]]
    """Of each column: name, digits, order of differences, bytes a number, runs without a number."""
    planes: bytes
    """Not compressed yet."""

    @property
    def text(self) -> str:
        """The numbers."""
        return compressed(self.planes)

    def with_facts(self, facts: Mapping[str, Any]) -> str:
        """The numbers with facts, such as the columns; `openPacked` of ``packed.js`` returns both."""
        written = json.dumps({**facts, "columns": self.columns}, allow_nan=False)
        return compressed(written.encode("ascii") + b"\n" + self.planes)


def pack(columns: list[Column], rows: int) -> Packed:
    """Pack columns of so many rows.

    A column with a number that has too many digits for a browser's integers is kept as it is, in eight bytes.
    """
    facts: list[dict[str, Any]] = []
    parts = []
    for name, values, digits in columns:
        if len(values) != rows:
            raise ValueError(f"{name} has {len(values)} numbers for {rows} rows")
        whole, missing = integers(values, digits or 0), runs(np.isnan(values))
        if digits is None or np.abs(whole).max(initial=0) > LARGEST:
            facts.append({"name": name, "digits": None, "bytes": 8})
            parts.append(planes_of(values.astype("<f8")).tobytes())
            continue
        order, numbers = differences(whole.astype(np.int64))
        planes = as_bytes(numbers)
        facts.append(
            {"name": name, "digits": digits, "order": order, "bytes": len(planes), "missing": missing}
        )
        parts.append(planes.tobytes())
    return Packed(facts, b"".join(parts))


def compressed(data: bytes) -> str:
    """Bytes as text that ``inflate`` of ``packed.js`` opens."""
    return base64.b64encode(zlib.compress(data, 9)).decode("ascii")


def integers(values: NDArray[Any], digits: int) -> Floats:
    """Values times 10**digits, rounded half away from zero as Pine rounds; NaN takes the number before it."""
    exact = np.abs(values.astype(np.float64)) * 10.0**digits
    whole: Floats = np.copysign(np.floor(exact + (0.5 + 1e-10)), values)
    there = np.where(np.isnan(whole), -1, np.arange(whole.size))
    last = np.maximum.accumulate(there) if whole.size else there
    return np.where(last < 0, 0.0, whole[last])


def runs(there: NDArray[np.bool_]) -> list[int]:
    """Where the runs of True begin and end: first, end, first, end, …"""
    return [int(row) for row in np.flatnonzero(np.diff(there, prepend=False, append=False))]


def differences(whole: NDArray[np.int64]) -> tuple[int, NDArray[np.int64]]:
    """How often it is best to take differences, none to two times, and what is left then."""
    found = [whole]
    for _ in range(2):
        found.append(np.diff(found[-1], prepend=0))
    order = min(range(3), key=lambda order: float(np.log2(1.0 + np.abs(found[order])).sum()))
    return order, found[order]


def as_bytes(numbers: NDArray[np.int64]) -> NDArray[np.uint8]:
    """A row of their lowest bytes, one of the next, and so on; the lowest bit is the sign."""
    planes = planes_of(((numbers << 1) ^ (numbers >> 63)).astype("<u8"))
    used = np.flatnonzero(planes.max(axis=1, initial=0))
    return planes[: used[-1] + 1 if used.size else 0]


def planes_of(numbers: NDArray[Any]) -> NDArray[np.uint8]:
    """The bytes of numbers of eight: a row of the first one of each, one of the second, and so on."""
    return np.ascontiguousarray(numbers.view(np.uint8).reshape(-1, 8).T)


def decimals(prices: Floats) -> int:
    """How many digits after the point prices have: two at least, and as many as it takes to tell them apart.

    That is six significant digits of a usual price, and four of the lowest one; 16 after the point at most.
    """
    sizes = np.abs(prices[prices != 0.0])
    if not sizes.size:
        return 2
    usual, lowest = np.floor(np.log10([np.median(sizes), sizes.min()]))
    most = int(np.clip(max(5 - usual, 3 - lowest), 2, MOST_DIGITS))
    for digits in range(2, most):
        exact = prices * 10.0**digits
        if np.abs(exact - np.rint(exact)).max() < 1e-6:
            return digits
    return most
