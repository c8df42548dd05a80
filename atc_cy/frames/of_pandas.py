"""The adapter of pandas' Series and DataFrames."""

from collections.abc import Collection, Hashable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..engine.index import check_one_symbol, index_times
from ..files.symbols import Codes, symbol_codes
from .adapter import Adapter, Columns, place


class OfPandas(Adapter):
    """Gives access to a Series or a DataFrame."""

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.table = data.ndim == 2

    def find(self, argument: str, name: Any, advice: str = "") -> Any:
        levels = self.data.index.names if argument in ("by", "time") and isinstance(name, Hashable) else ()
        if name in levels and name not in self.data.columns:
            return name
        return super().find(argument, name, advice)

    def values(self, series: Any) -> Any:
        return series

    def column(self, name: Any) -> Any:
        column = self.data[name]
        if column.ndim != 1:
            raise ValueError(f"there are {column.shape[1]} columns {name!r}: give each a different name")
        return column

    def labels(self, name: Any) -> "pd.Series[Any]":
        if name in self.data.columns:
            return pd.Series(self.column(name)).reset_index(drop=True)
        level: pd.Index[Any] = self.data.index.get_level_values(name)
        return level.to_series(index=pd.RangeIndex(len(level)))

    def index_times(self) -> "pd.DatetimeIndex | None":
        return index_times(self.data.index)

    def check_index(self, by: Collection[Any] = ()) -> None:
        index = self.data.index
        named = [level for level in by if level in index.names and level not in self.data.columns]
        if len(named) < index.nlevels:
            check_one_symbol(index.droplevel(named))

    def _symbols(self, name: Any) -> Codes:
        return symbol_codes(self.labels(name), place)

    def build(self, columns: Columns) -> Any:
        return pd.DataFrame(columns, self.data.index, copy=False)

    def append(self, columns: Columns) -> Any:
        whole = pd.concat([self.data, self.build(columns)], axis=1)
        whole.attrs = dict(self.data.attrs)
        return whole

    def rows(self) -> "pd.DataFrame":
        rows: pd.DataFrame = self.data.reset_index(drop=True)
        return rows

    def of_rows(self, rows: "pd.DataFrame") -> Any:
        return rows

    def take(self, rows: NDArray[np.intp]) -> Any:
        return self.data.iloc[rows]

    def build_wide(self, names: list[Any], results: list[Columns]) -> Any:
        frames = [pd.DataFrame(columns, self.data.index, copy=False) for columns in results]
        return pd.concat(frames, axis=1, keys=names, names=["symbol", "output"])
