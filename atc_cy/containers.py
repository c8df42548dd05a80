"""Any frame in, the same kind out: `atc`.

What a library's objects need is in one class each; the libraries are found among the modules that are loaded,
and so never imported for those who do not use them.
"""

import sys
from abc import ABC, abstractmethod
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .api import price_error, trend
from .config import ATCConfig
from .errors import PriceError
from .frames import as_bars
from .scan import jobs_of, run, thread_count
from .text import find_column

Columns = dict[str, NDArray[Any]]
WIDE = "; for a wide table, each column a symbol, give close=None"


def atc(
    data: Any,
    preset: ATCConfig | str = "default",
    *,
    close: str | None = "close",
    src: Any = None,
    by: str | None = None,
    **overrides: Any,
) -> Any:
    """Adaptive Trend Classification of whatever holds prices; the same kind of container comes back.

    Parameters
    ----------
    data
        One symbol: a Series (pandas, polars), an Array or ChunkedArray (pyarrow), a 1-D NumPy array. A table:
        a DataFrame (pandas, polars), a LazyFrame, a pyarrow Table. Missing prices are no bars.
    preset
        A preset's name, or a config.
    close
        The price's column, of a table; where there is none of just this name, letter case does not count.
        None: the table is wide, each column a symbol.
    src
        What the averages run on, if not the price: a column's name of a table, else of the kind of `data`.
    by
        The column, or the level of a pandas index, that tells the symbol of each row. The rows of a symbol
        are in the order of time; those of several symbols may be mixed.
    **overrides
        Fields of `ATCConfig` that replace the preset's.

    Returns
    -------
    DataFrame, LazyFrame, Table or structured array
        Of the same library, with a row for each row, in the same order and with the same index; a NumPy array
        gives one with named fields. Columns: `EMA_Signal` … `KAMA_Signal`, `EMA_S` … `KAMA_S`,
        `Average_Signal` (as in `compute_atc_signals`; float32 of float32), `direction` (1, -1, NaN), `event`
        (1, -1, 0). Of a wide table, pandas has columns of two levels (symbol, output), the others
        `<symbol>_<output>`.

    Raises
    ------
    TypeError, ValueError
        A bad argument; there is no such column; the rows of a symbol are not in the order of time.
    PriceError
        A row that can be no bar; it names the symbol and the row.
    KernelError
        No kernel can be loaded.
    """
    config = ATCConfig.from_preset(preset) if isinstance(preset, str) else preset
    config = config.override(**overrides) if overrides else config
    polars = sys.modules.get("polars")
    if polars is not None and isinstance(data, polars.LazyFrame):
        return _lazy(data, config, close, src, by)
    container = container_of(data)
    if not container.table:
        if by is not None:
            raise ValueError(f"by={by!r} is for a table, which {type(data).__name__} is not")
        return container.build(
            _one(container.values(data), None if src is None else container.values(src), config)
        )
    if close is None:
        if by is not None or src is not None:
            raise ValueError("close=None says that the table is wide: leave by and src out")
        names = container.names()
        results, failed = _many([(name, container.column(name), None) for name in names], config)
        for name, error in failed.items():
            raise PriceError(f"{name}: {error}", error.row)
        return container.build_wide(names, results)
    prices = container.column(container.find("close", close, WIDE))
    x = None if src is None else container.column(container.find("src", src))
    if by is None:
        return container.build(_one(prices, x, config))
    return container.build(_grouped(prices, x, container.symbols(container.find("by", by)), config))


class _Container(ABC):
    """What `atc` needs of a library's objects."""

    table: bool

    def __init__(self, data: Any) -> None:
        self.data = data

    def names(self) -> list[Any]:
        """Of a table's columns."""
        return list(self.data.columns)

    def find(self, argument: str, name: Any, advice: str = "") -> Any:
        return find_column(argument, name, self.names(), advice)

    @abstractmethod
    def values(self, series: Any) -> Any:
        """A series as `as_bars` takes it."""

    def column(self, name: Any) -> Any:
        return self.values(self.data[name])

    @abstractmethod
    def symbols(self, name: Any) -> tuple[NDArray[np.intp], Sequence[Hashable]]:
        """A number for each row, -1 where the column is missing, and the symbols by number."""

    @abstractmethod
    def build(self, columns: Columns) -> Any: ...

    def build_wide(self, names: list[Any], results: list[Columns]) -> Any:
        return self.build(
            {
                f"{name}_{output}": values
                for name, own in zip(names, results, strict=True)
                for output, values in own.items()
            }
        )


class _Pandas(_Container):
    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.table = data.ndim == 2

    def find(self, argument: str, name: Any, advice: str = "") -> Any:
        if argument == "by" and name in self.data.index.names:
            return name
        return super().find(argument, name, advice)

    def values(self, series: Any) -> Any:
        return series

    def column(self, name: Any) -> Any:
        column = self.data[name]
        if column.ndim != 1:
            raise ValueError(f"there are {column.shape[1]} columns {name!r}: give each a name of its own")
        return column

    def symbols(self, name: Any) -> tuple[NDArray[np.intp], Sequence[Hashable]]:
        import pandas as pd

        of_index = name not in self.data.columns
        return pd.factorize(self.data.index.get_level_values(name) if of_index else self.data[name])

    def build(self, columns: Columns) -> Any:
        import pandas as pd

        return pd.DataFrame(columns, self.data.index, copy=False)

    def build_wide(self, names: list[Any], results: list[Columns]) -> Any:
        import pandas as pd

        frames = [pd.DataFrame(columns, self.data.index, copy=False) for columns in results]
        return pd.concat(frames, axis=1, keys=names, names=["symbol", "output"])


class _Polars(_Container):
    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.table = hasattr(data, "columns")

    def values(self, series: Any) -> Any:
        import polars as pl

        if (
            isinstance(series, pl.Series)
            and not series.dtype.is_numeric()
            and series.null_count() < len(series)
        ):
            raise TypeError(f"{series.name!r} must be numeric, not {series.dtype}")
        single = isinstance(series, pl.Series) and series.dtype == pl.Float32
        return series.cast(pl.Float32 if single else pl.Float64).to_numpy()

    def symbols(self, name: Any) -> tuple[NDArray[np.intp], Sequence[Hashable]]:
        import polars as pl

        column = self.data[name]
        names = column.drop_nulls().unique(maintain_order=True)
        numbers = pl.Series(range(len(names)), dtype=pl.Int64)
        codes = column.replace_strict(names, numbers, default=-1, return_dtype=pl.Int64)
        return codes.fill_null(-1).to_numpy(), names.to_list()

    def build(self, columns: Columns) -> Any:
        import polars as pl

        return pl.DataFrame(columns)


class _Arrow(_Container):
    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.table = hasattr(data, "column_names")

    def names(self) -> list[Any]:
        return list(self.data.column_names)

    def values(self, series: Any) -> Any:
        import pyarrow as pa

        if isinstance(series, pa.ChunkedArray):
            series = series.combine_chunks()
        if not (
            pa.types.is_integer(series.type)
            or pa.types.is_floating(series.type)
            or pa.types.is_null(series.type)
        ):
            raise TypeError(f"prices must be numeric, not {series.type}")
        wanted = pa.float32() if series.type == pa.float32() else pa.float64()
        return series.cast(wanted).to_numpy(zero_copy_only=False)

    def symbols(self, name: Any) -> tuple[NDArray[np.intp], Sequence[Hashable]]:
        coded = self.data[name].combine_chunks().dictionary_encode()
        return coded.indices.fill_null(-1).to_numpy(), coded.dictionary.to_pylist()

    def build(self, columns: Columns) -> Any:
        import pyarrow as pa

        return pa.table(columns)


class _Numpy(_Container):
    table = False

    def values(self, series: Any) -> Any:
        return series

    def symbols(self, name: Any) -> tuple[NDArray[np.intp], Sequence[Hashable]]:
        raise NotImplementedError  # an array is no table

    def build(self, columns: Columns) -> Any:
        rows = np.empty(self.data.shape, [(name, values.dtype) for name, values in columns.items()])
        for name, values in columns.items():
            rows[name] = values
        return rows


def container_of(data: Any) -> _Container:
    kinds: dict[str, tuple[type[_Container], tuple[str, ...]]] = {
        "pandas": (_Pandas, ("Series", "DataFrame")),
        "polars": (_Polars, ("Series", "DataFrame")),
        "pyarrow": (_Arrow, ("Array", "ChunkedArray", "Table")),
        "numpy": (_Numpy, ("ndarray",)),
    }
    for name, (kind, types) in kinds.items():
        module: Any = sys.modules.get(name)
        if module is not None and isinstance(data, tuple(getattr(module, own) for own in types)):
            return kind(data)
    raise TypeError(
        "data must be a Series, a frame, a Table or an array of pandas, polars, pyarrow or NumPy, "
        f"not {type(data).__name__}"
    )


def _lazy(frame: Any, config: ATCConfig, close: str | None, src: str | None, by: str | None) -> Any:
    """The same on a LazyFrame, when it is collected."""
    import polars as pl

    types = frame.collect_schema()
    container = _Polars(pl.DataFrame(schema=types))
    names = [container.find("close", close, WIDE)] if close is not None else container.names()
    number = pl.Float32 if all(types[name] == pl.Float32 for name in names) else pl.Float64
    schema: dict[str, Any] = {}
    for prefix in [""] if close is not None else [f"{name}_" for name in names]:
        schema |= {f"{prefix}{name}": number for name in config.output_names}
        schema |= {f"{prefix}direction": pl.Float64, f"{prefix}event": pl.Int8}
    return frame.map_batches(
        lambda rows: atc(rows, config, close=close, src=src, by=by),
        schema=schema,
        predicate_pushdown=False,  # a bar needs all that are before it, whatever is wanted of it later
        projection_pushdown=False,
        slice_pushdown=False,
    )


def _one(close: Any, src: Any, config: ATCConfig) -> Columns:
    bars = as_bars(close, src)
    results, failed = _many([(None, bars.close, bars.src)], config)
    for error in failed.values():
        raise price_error(bars, error.row, config)
    return results[0]


def _grouped(
    close: Any, src: Any, symbols: tuple[NDArray[np.intp], Sequence[Hashable]], config: ATCConfig
) -> Columns:
    """The rows of each symbol by themselves, put back where they were."""
    numbers, names = symbols
    if (numbers < 0).any():
        raise ValueError(f"the symbol is missing in row {int(np.argmax(numbers < 0))}")
    order = np.argsort(numbers, kind="stable")
    rows = np.split(order, np.cumsum(np.bincount(numbers, minlength=len(names)))[:-1]) if len(names) else []
    groups = [
        (name, _rows(close, own), None if src is None else _rows(src, own))
        for name, own in zip(names, rows, strict=True)
    ]
    results, failed = _many(groups, config)
    for number, name in enumerate(names):
        if name in failed:
            row = int(rows[number][failed[name].row])
            raise PriceError(f"{name}, row {row} of the table: {failed[name]}", row)
    if not results:
        raise ValueError("the table is empty: give at least one row")
    columns = {name: np.empty(numbers.size, values.dtype) for name, values in results[0].items()}
    for own, result in zip(rows, results, strict=True):
        for name, values in result.items():
            columns[name][own] = values
    return columns


def _rows(values: Any, rows: NDArray[np.intp]) -> Any:
    return values.iloc[rows] if hasattr(values, "iloc") else values[rows]


def _many(
    symbols: list[tuple[Hashable, Any, Any]], config: ATCConfig
) -> tuple[list[Columns], dict[Hashable, PriceError]]:
    """The columns of each symbol, given its name, prices and src; and what keeps a symbol from being done."""
    jobs, _ = jobs_of(symbols, len(config.output_names))
    failed: dict[Hashable, PriceError] = {}
    run(jobs, config, config.output_names, thread_count(None), None, failed)
    results = []
    for job in jobs:
        columns: Columns = dict(zip(config.output_names, job.out, strict=True))
        average = columns["Average_Signal"]
        columns["direction"], columns["event"] = trend(average, config.long_threshold, config.short_threshold)
        results.append(columns)
    return results, failed
