"""The prices of callers, checked and converted to arrays that a kernel reads in place."""

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..files.numbers import number
from ..text import shown
from .index import check_index

if TYPE_CHECKING:
    import pandas as pd

Prices = NDArray[np.float64] | NDArray[np.float32]
_TRUTH = {bool, np.bool_}
"""The types of truth values, which NumPy reads as 1 and 0 in a list of numbers."""


class Bars(NamedTuple):
    """The prices that a kernel runs on, and the labels of its outputs."""

    close: Prices
    src: Prices
    labels: "pd.Index[Any] | None"
    """The input's index; None if it had none."""

    @property
    def present(self) -> NDArray[np.bool_]:
        """Whether each row is a bar: it is if it has a price and a src."""
        present: NDArray[np.bool_] = ~(np.isnan(self.close) | np.isnan(self.src))
        return present

    def label(self, row: int) -> str:
        """What an error message calls a row."""
        return str(row) if self.labels is None else f"{row} (label {self.labels[row]})"


def as_bars(
    prices: "ArrayLike | pd.Series[Any]",
    src: "ArrayLike | pd.Series[Any] | None",
    checked: "pd.Index[Any] | None" = None,
) -> Bars:
    """Check prices and src, and convert them to arrays of one type, which are copies only if necessary.

    src: what the moving averages run on; None for the prices. checked: an index that was checked before.

    Raises
    ------
    TypeError
        A value is not numeric.
    ValueError
        An argument is empty or not one-dimensional, `src` does not fit `prices`, or the index holds times (of
        any type) that do not increase.
    """
    close = as_array(prices, "prices")
    index: pd.Index[Any] | None = getattr(prices, "index", None)
    if callable(index):  # a list's method
        index = None
    if close.size == 0:
        raise ValueError("prices is empty: give at least one price")
    if index is not None and not index.is_(checked):
        check_index(index)
    if src is None:
        return Bars(close, close, index)
    x = as_array(src, "src")
    if x.shape != close.shape:
        raise ValueError(f"src has {x.size} values and prices has {close.size}: give one for each price")
    src_index = getattr(src, "index", None)
    if index is not None and src_index is not None and not callable(src_index):
        _check_same(index, src_index)
    if x.dtype != close.dtype:
        close, x = close.astype(np.float64, copy=False), x.astype(np.float64, copy=False)
    return Bars(close, x, index)


def bars_of(symbol: Hashable, prices: Any, src: Any, checked: "pd.Index[Any] | None" = None) -> Bars:
    """What `as_bars` returns for one symbol of many; errors begin with its name, unless it is None."""
    try:
        return as_bars(prices, src, checked)
    except (TypeError, ValueError) as error:
        raise type(error)(str(error) if symbol is None else f"{symbol}: {error}") from None


def as_array(values: Any, name: str) -> Prices:
    """A one-dimensional array of native float64 or float32; None becomes NaN, and Decimal a number."""
    if values is None or isinstance(values, str | bytes):
        raise TypeError(f"{name} must be numeric, not {values!r}: give a series of numbers")
    if getattr(getattr(values, "dtype", None), "fill_value", None) is not None:  # pandas: sparse
        values = np.asarray(values)
    if _is_decimal(getattr(values, "dtype", None)):
        values = values.to_numpy(object)
    if getattr(getattr(values, "dtype", None), "na_value", None) is not None:  # pandas: nullable, Arrow
        if values.dtype.kind not in "iuf":
            raise TypeError(f"{name} must be numeric, not {values.dtype}")
        single = values.dtype.kind == "f" and values.dtype.itemsize == 4
        array = values.to_numpy(dtype=np.float32 if single else np.float64, na_value=np.nan)
    elif isinstance(values, np.ma.MaskedArray):
        if values.dtype.kind == "f" and values.dtype.itemsize > 8:
            array = values.data  # refused below, as without a mask
        elif values.dtype.kind in "iuf":
            array = np.ma.filled(values.astype(np.float64), np.nan)
        else:
            array = np.asarray(values.tolist(), object)
    else:
        try:
            array = np.asarray(values)
        except ValueError:
            raise ValueError(f"{name} must be one-dimensional: its elements differ in length") from None
    if array.ndim == 0 and array.dtype.kind == "O":  # an object that NumPy does not know
        kind = type(values).__name__
        raise TypeError(f"{name} must be a series of numbers, not {shown(values)}, which is a {kind}")
    if array.ndim != 1:
        raise ValueError(
            f"{name} must be one-dimensional, not of shape {array.shape}: give one column of a DataFrame"
        )
    if array.dtype.kind in "USO" or (isinstance(values, Sequence) and _TRUTH & set(map(type, values))):
        array = _of_objects(array if array.dtype.kind == "O" else np.asarray(values, object), name)
    if array.dtype.kind not in "iuf" or array.dtype.itemsize > 8:
        raise TypeError(f"{name} must be numeric (float64, float32 or integers), not {array.dtype}")
    wanted = np.float32 if array.dtype.kind == "f" and array.dtype.itemsize == 4 else np.float64
    return array if array.dtype == wanted and array.flags.aligned else np.require(array, wanted, ["ALIGNED"])


def _is_decimal(dtype: Any) -> bool:
    return "decimal" in str(getattr(dtype, "pyarrow_dtype", ""))


def _of_objects(values: NDArray[Any], name: str) -> Prices:
    """Convert int, float and Decimal; None and pandas' NA become NaN. Text is not a number here."""
    result = np.empty(values.size)
    for row, value in enumerate(values):
        try:
            if isinstance(value, str):
                raise ValueError
            result[row] = number(value)
        except ValueError:
            raise TypeError(
                f"{name} must be numeric, but row {row} is {value!r}, {type(value).__name__}: "
                "give numbers, as pandas.to_numeric does"
            ) from None
    return result


def _check_same(index: "pd.Index[Any]", src_index: "pd.Index[Any]") -> None:
    row = first_difference(index, src_index)
    if row is not None:
        raise ValueError(
            f"src has another index than prices: row {row} is {src_index[row]}, not {index[row]}; "
            "align them, as in src.reindex(prices.index)"
        )


def first_difference(index: "pd.Index[Any]", other: "pd.Index[Any]") -> int | None:
    """The first row whose labels differ in two indexes of the same length; None if none does.

    The labels are compared, not the types. For `equals`, the same times in another time zone differ; before
    pandas 3, so do those in another unit.
    """
    if index.equals(other):
        return None
    return next((row for row, (a, b) in enumerate(zip(index, other, strict=True)) if a != b), None)
