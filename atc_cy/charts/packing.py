"""Packs the numbers of a page: only the digits that it shows, as differences, compressed, as text.

``web/packed.js`` unpacks them in the browser. A column becomes integers (its values times a power of ten),
then differences of these, since most numbers are close to the one before, then bytes: first the lowest byte
of every number, then the next one. All columns together are compressed by deflate, which every browser knows.
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
"""The largest packed integer: browsers have them up to 2**53; differences and the sign need three bits."""


MOST_DIGITS = 16
"""The largest number of digits after the point."""


class Column(NamedTuple):
    """One number per row; NaN if there is none."""

    name: str
    values: NDArray[Any]
    digits: int | None = 0
    """How many digits after the point are shown. None keeps numbers to the last bit, in eight bytes."""


class Packed(NamedTuple):
    """Packed columns."""

    columns: list[dict[str, Any]]
    """For each column: name, digits, order of differences, bytes per number, runs without a number."""
    planes: bytes
    """The bytes, which are not compressed yet."""

    @property
    def text(self) -> str:
        """The numbers as text."""
        return compressed(self.planes)

    def with_facts(self, facts: Mapping[str, Any]) -> str:
        """The numbers with facts, such as the columns; `openPacked` of ``packed.js`` returns both."""
        written = json.dumps({**facts, "columns": self.columns}, allow_nan=False)
        return compressed(written.encode("ascii") + b"\n" + self.planes)


def pack(columns: list[Column], rows: int) -> Packed:
    """Pack columns, each with this number of rows.

    A column with a number that is too large for a browser's integers is kept as it is, in eight bytes.
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
    """Bytes as text that ``inflate`` of ``packed.js`` reads."""
    return base64.b64encode(zlib.compress(data, 9)).decode("ascii")


def integers(values: NDArray[Any], digits: int) -> Floats:
    """Values times 10**digits, rounded half away from zero as Pine rounds; NaN takes the number before it."""
    exact = np.abs(values.astype(np.float64)) * 10.0**digits
    whole: Floats = np.copysign(np.floor(exact + (0.5 + 1e-10)), values)
    known = np.where(np.isnan(whole), -1, np.arange(whole.size))
    last = np.maximum.accumulate(known) if whole.size else known
    return np.where(last < 0, 0.0, whole[last])


def runs(flags: NDArray[np.bool_]) -> list[int]:
    """Where the runs of True begin and end: first, end, first, end, …"""
    return [int(row) for row in np.flatnonzero(np.diff(flags, prepend=False, append=False))]


def differences(whole: NDArray[np.int64]) -> tuple[int, NDArray[np.int64]]:
    """How often it is best to take differences, 0 to 2 times, and the result."""
    found = [whole]
    for _ in range(2):
        found.append(np.diff(found[-1], prepend=0))
    order = min(range(3), key=lambda order: float(np.log2(1.0 + np.abs(found[order])).sum()))
    return order, found[order]


def as_bytes(numbers: NDArray[np.int64]) -> NDArray[np.uint8]:
    """A row of each number's lowest byte, a row of the next bytes, and so on; the lowest bit is the sign."""
    planes = planes_of(((numbers << 1) ^ (numbers >> 63)).astype("<u8"))
    used = np.flatnonzero(planes.max(axis=1, initial=0))
    return planes[: used[-1] + 1 if used.size else 0]


def planes_of(numbers: NDArray[Any]) -> NDArray[np.uint8]:
    """The bytes of eight-byte numbers: a row of the first byte of each, a row of the second, and so on."""
    return np.ascontiguousarray(numbers.view(np.uint8).reshape(-1, 8).T)


def decimals(prices: Floats) -> int:
    """How many digits after the point to show of prices: at least two, and enough to distinguish them.

    The median price has six significant digits, the lowest one four; at most 16 come after the point.
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
