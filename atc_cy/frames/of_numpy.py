"""The adapter of NumPy's arrays."""

from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from .adapter import Adapter, Columns

if TYPE_CHECKING:
    import pandas as pd


class OfNumpy(Adapter):
    """Gives access to a 1-D array, which is a series of prices."""

    table = False

    def values(self, series: Any) -> Any:
        return series

    def labels(self, name: Any) -> "pd.Series[Any]":
        self._refuse(name)

    def _symbols(self, name: Any) -> NoReturn:
        self._refuse(name)

    def rows(self) -> "pd.DataFrame":
        self._refuse("rows")

    def of_rows(self, rows: "pd.DataFrame") -> NoReturn:
        self._refuse(rows)

    def take(self, rows: NDArray[np.intp]) -> NoReturn:
        self._refuse(rows)

    def append(self, columns: Columns) -> NoReturn:
        self._refuse(columns)

    def _refuse(self, asked: Any) -> NoReturn:
        raise NotImplementedError(f"an array is not a table, and has no {asked!r}")

    def build(self, columns: Columns) -> Any:
        rows = np.empty(self.data.shape, [(name, values.dtype) for name, values in columns.items()])
        for name, values in columns.items():
            rows[name] = values
        return rows
