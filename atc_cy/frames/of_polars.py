"""The adapter of polars' Series and DataFrames, and what `atc` returns for a LazyFrame."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
from numpy.typing import NDArray

from ..config import ATCConfig
from ..files.symbols import Codes, checked_codes
from .adapter import Adapter, Columns, place


class OfPolars(Adapter):
    """Gives access to a Series or a DataFrame."""

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.table = hasattr(data, "columns")

    def values(self, series: Any) -> Any:
        if not isinstance(series, pl.Series):
            return series
        if not series.dtype.is_numeric() and series.null_count() < len(series):
            raise TypeError(f"{series.name!r} must be numeric, not {series.dtype}")
        if series.dtype.is_decimal():  # polars' cast is not always correctly rounded
            return np.array(series.to_list(), object)
        return series.cast(pl.Float32 if series.dtype == pl.Float32 else pl.Float64).to_numpy()

    def labels(self, name: Any) -> "pd.Series[Any]":
        column = self.data[name]
        if column.dtype in (pl.Date, pl.Datetime) or (column.dtype.is_integer() and not column.null_count()):
            labels = pd.Series(column.to_numpy())
            zone = getattr(column.dtype, "time_zone", None)
            return labels if zone is None else labels.dt.tz_localize("UTC").dt.tz_convert(zone)
        return pd.Series(column.to_list(), dtype=object)

    def _symbols(self, name: Any) -> Codes:
        column = self.data[name]
        names = column.drop_nulls().unique(maintain_order=True)
        numbers = pl.Series(range(len(names)), dtype=pl.Int64)
        codes = column.replace_strict(names, numbers, default=-1, return_dtype=pl.Int64)
        return checked_codes(codes.fill_null(-1).to_numpy(), names.to_list(), place)

    def build(self, columns: Columns) -> Any:
        return pl.DataFrame(columns)

    def rows(self) -> "pd.DataFrame":
        numeric = {column.name for column in self.data if column.dtype.is_numeric()}
        return pd.DataFrame(
            {
                name: self.data[name].to_numpy() if name in numeric else self.labels(name)
                for name in self.names()
            }
        )

    def of_rows(self, rows: "pd.DataFrame") -> Any:
        return pl.DataFrame({str(name): _series(rows[name]) for name in rows})

    def take(self, rows: NDArray[np.intp]) -> Any:
        return self.data[rows.tolist()]

    def append(self, columns: Columns) -> Any:
        return self.data.hstack(pl.DataFrame(columns))


def _series(column: "pd.Series[Any]") -> Any:
    zone = getattr(column.dtype, "tz", None)
    nullable = {"Int64": pl.Int64, "boolean": pl.Boolean}.get(str(column.dtype))
    if nullable is not None:
        return pl.Series(column.astype(object).where(column.notna(), None).to_list(), dtype=nullable)
    if zone is None:
        return column.to_numpy() if column.dtype.kind != "O" else column.to_list()
    instants = pl.Series(column.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy())
    return instants.dt.replace_time_zone("UTC").dt.convert_time_zone(str(zone))


def lazily(
    frame: Any,
    compute: Callable[[Any], Any],
    config: ATCConfig,
    prices: list[Any],
    wide: bool,
    append: bool,
    higher: str | None = None,
) -> Any:
    """A LazyFrame that computes its columns when it is collected.

    Parameters
    ----------
    frame
        The LazyFrame with the prices.
    compute
        Returns the result for the collected rows.
    config
        Its outputs are columns of the result.
    prices
        The columns of prices: one, or in a wide table one for each symbol.
    wide
        Whether the table is wide.
    append
        Whether the result has the columns of `frame`, too.
    higher
        The timeframe whose outputs the result has, too; None for no other timeframe.
    """
    types = frame.collect_schema()
    number = pl.Float32 if all(types[name] == pl.Float32 for name in prices) else pl.Float64
    schema: dict[str, Any] = dict(types) if append else {}
    forms = [f"{name}_{{}}" for name in prices] if wide else ["{}"]
    if higher is not None:
        forms.append(f"{{}}_{higher}")
    for form in forms:
        schema |= {form.format(name): number for name in config.output_names}
        schema |= {form.format("direction"): pl.Float64, form.format("event"): pl.Int8}
    return frame.map_batches(
        compute,
        schema=schema,
        predicate_pushdown=False,  # outputs depend on all earlier bars, even if a later step drops those
        projection_pushdown=False,
        slice_pushdown=False,
    )
