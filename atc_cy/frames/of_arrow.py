"""The adapter of pyarrow's Arrays, ChunkedArrays and Tables."""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from ..files.symbols import Codes, codes_of_dictionary
from .adapter import Adapter, Columns, place


class OfArrow(Adapter):
    """Gives access to an Array, a ChunkedArray or a Table."""

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.table = hasattr(data, "column_names")

    def names(self) -> list[Any]:
        return list(self.data.column_names)

    def values(self, series: Any) -> Any:
        if not isinstance(series, pa.Array | pa.ChunkedArray):
            return series
        if isinstance(series, pa.ChunkedArray):
            series = series.combine_chunks()
        if pa.types.is_decimal(series.type):  # Arrow's cast is not always correctly rounded
            return np.array(series.to_pylist(), object)
        if not (
            pa.types.is_integer(series.type)
            or pa.types.is_floating(series.type)
            or pa.types.is_null(series.type)
        ):
            raise TypeError(f"prices must be numeric, not {series.type}")
        wanted = pa.float32() if series.type == pa.float32() else pa.float64()
        return series.cast(wanted).to_numpy(zero_copy_only=False)

    def labels(self, name: Any) -> "pd.Series[Any]":
        column = self.data[name]
        if pa.types.is_dictionary(column.type):  # pandas refuses one in which a value occurs twice
            column = column.cast(column.type.value_type)
        labels: pd.Series[Any] = column.to_pandas(integer_object_nulls=True)
        return labels

    def _symbols(self, name: Any) -> Codes:
        coded = self.data[name].combine_chunks()
        if not pa.types.is_dictionary(coded.type):
            coded = coded.dictionary_encode()
        return codes_of_dictionary(
            coded.indices.fill_null(-1).to_numpy(), coded.dictionary.to_pylist(), place
        )

    def build(self, columns: Columns) -> Any:
        return pa.table(columns)

    def rows(self) -> "pd.DataFrame":
        rows: pd.DataFrame = self.data.to_pandas(ignore_metadata=True)
        return rows

    def of_rows(self, rows: "pd.DataFrame") -> Any:
        return pa.Table.from_pandas(rows, preserve_index=False).replace_schema_metadata(None)

    def take(self, rows: NDArray[np.intp]) -> Any:
        return self.data.take(rows)

    def append(self, columns: Columns) -> Any:
        table = self.data
        for name, values in columns.items():
            table = table.append_column(name, pa.array(values))
        return table
