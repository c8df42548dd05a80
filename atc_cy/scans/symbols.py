"""The data that `scan` accepts: arrays, mappings and tables, each with results of the same kind."""

from abc import ABC, abstractmethod
from collections.abc import Hashable, Mapping, MutableMapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..config import ATCConfig
from ..engine.direction import with_config
from ..engine.many import Job, check_columns, symbols_of
from ..errors import PriceError
from ..frames.adapter import Adapter, Columns
from ..frames.groups import Group, in_table, put_back
from ..frames.layout import candles_of, keys_of
from ..frames.tables import Rows, adapter_or_none, is_lazy, rows_of, wide_of
from ..text import shown


class Reading(NamedTuple):
    """The arguments of `scan` that say how to read the data."""

    close: str
    src: Any
    by: str | list[str] | None
    time: str | None
    sort: bool


class Computed(NamedTuple):
    """The outputs of all rows."""

    jobs: list[Job]
    values: NDArray[Any]
    """The outputs of all jobs in one array, if the symbols have the same number of bars."""
    names: tuple[str, ...]
    config: ATCConfig

    def columns(self, job: Job) -> Columns:
        """The outputs of one symbol, by name."""
        return dict(zip(self.names, job.out, strict=True))


class Data(ABC):
    """The symbols of the user's data, and the way to return their results."""

    symbols: list[tuple[Hashable, Any, Any]]
    """The name, the prices and the src of each symbol; src is None if the averages run on the prices."""
    groups: Mapping[Hashable, Group] = MappingProxyType({})
    """The rows of each symbol in the user's table, by name; empty if the rows are not rearranged."""
    tables: Mapping[Hashable, tuple[Adapter, Group]] = MappingProxyType({})
    """The table of each symbol, by name, and the symbol's rows in it. Symbols that are a series have none."""
    close = "close"
    """The column of the price in tables."""

    def located(self, name: Hashable, error: PriceError) -> PriceError:
        """The error of a symbol, changed to name the row of the user's table."""
        group = self.groups.get(name)
        return error if group is None or error.row < 0 else in_table(group._replace(name=None), error)

    @abstractmethod
    def every(self, done: Computed) -> Any:
        """The result with the outputs of all rows."""

    def candles(self, name: Hashable) -> Columns:
        """Open, high and low of a symbol's rows; empty if the symbol has no table with all three columns."""
        if name not in self.tables:
            return {}
        table, group = self.tables[name]
        try:
            found = candles_of(table, table.find("close", self.close))
        except (TypeError, ValueError) as error:
            raise type(error)(f"{name}: {error}") from None
        return {column: values[group.rows] for column, values in found.items()}

    def last(self, table: Any) -> Any:
        """Convert the table of the last bars, a pandas DataFrame, to a table of the user's library."""
        return table


def data_of(data: Any, given: Reading, failed: MutableMapping[Hashable, PriceError] | None) -> Data:
    """The symbols of the data that the user gave to `scan`.

    Parameters
    ----------
    data
        An array, a mapping or a table.
    given
        The arguments that say how to read the data.
    failed
        Receives the error of each symbol of a mapping that cannot be read. None to raise the first error.

    Raises
    ------
    TypeError, ValueError
        The data cannot be scanned, or an argument does not go with it.
    """
    if isinstance(data, np.ndarray):
        _refuse(given, "an array", "close", "src", "by", "time", "sort")
        return _Array(data)
    if isinstance(data, Mapping):
        _refuse(given, "a mapping, whose keys are the symbols", "by")
        return _Mapping(data, given, failed)
    table = None if is_lazy(data) else adapter_or_none(data)
    if table is None or not table.table:
        raise _of_no_kind(data)
    if given.by is not None:
        return _Long(table, given)
    _refuse(given, "a table with one column per symbol; name the column of symbols with by=", "close", "src")
    if hasattr(data, "iloc"):
        _refuse(given, "a DataFrame with one column per symbol, whose times are the index", "time", "sort")
        return _Frame(data)
    return _Wide(table, given)


def _refuse(given: Reading, kind: str, *arguments: str) -> None:
    """Refuse arguments that have no meaning for this kind of data, unless they have their default."""
    for name in arguments:
        value, default = getattr(given, name), {"close": "close", "sort": False}.get(name)
        if value is not default and not (isinstance(value, str) and value == default):
            raise TypeError(f"{name}={shown(value)} does not go with {kind}: leave it out")


def _of_no_kind(data: Any) -> TypeError:
    kind = f"{type(data).__module__.split('.')[0]}.{type(data).__name__}".removeprefix("builtins.")
    advice = "give one symbol as {'BTC': data}, or to compute_atc_signals"
    if is_lazy(data):
        advice = "give data.collect()"
    return TypeError(
        "data must be a NumPy array (symbols, bars), a table of pandas, polars or pyarrow, or a mapping of "
        f"symbols to series or tables, not {kind} ({shown(data)}): {advice}"
    )


class _Array(Data):
    """An array (symbols, bars)."""

    def __init__(self, data: NDArray[Any]) -> None:
        if data.ndim == 1:
            raise ValueError(f"data must have the shape (symbols, bars), not {data.shape}: give data[None]")
        self.symbols = [(name, prices, None) for name, prices in symbols_of(data)]

    def every(self, done: Computed) -> Any:
        return done.values


class _Frame(Data):
    """A DataFrame of pandas with one column for each symbol."""

    def __init__(self, data: Any) -> None:
        self._data = data
        self.symbols = [(name, prices, None) for name, prices in symbols_of(data)]

    def every(self, done: Computed) -> Any:
        import pandas as pd

        columns = pd.MultiIndex.from_product([self._data.columns, done.names], names=["symbol", "output"])
        rows = done.values.reshape(len(columns), len(self._data)).T
        return with_config(pd.DataFrame(rows, self._data.index, columns), done.config)


class _Mapping(Data):
    """A mapping of symbols to series or tables of candles."""

    def __init__(
        self, data: Mapping[Any, Any], given: Reading, failed: MutableMapping[Hashable, PriceError] | None
    ) -> None:
        if given.src is not None and not isinstance(given.src, str | Mapping):
            raise TypeError(
                f"src={shown(given.src)} must be a mapping of symbols to series, or a source's name, not "
                f"{type(given.src).__name__}"
            )
        self.symbols, self.tables, self.close = [], {}, given.close
        for name, prices in symbols_of(data):
            src = given.src.get(name) if isinstance(given.src, Mapping) else given.src
            adapter = adapter_or_none(prices)
            try:
                if adapter is not None and adapter.table:
                    rows = rows_of(adapter, given.close, src, None, given.time, given.sort)
                    (group,) = rows.groups
                    self.tables[name] = adapter, group
                    self.symbols.append((name, *_series(rows, group)))
                else:
                    self.symbols.append((name, *_one(prices, given._replace(src=src))))
            except (TypeError, ValueError) as error:
                if failed is None:
                    raise type(error)(f"{name}: {error}") from None
                failed[name] = PriceError(str(error), -1)
                self.symbols.append((name, None, None))

    def every(self, done: Computed) -> Any:
        import pandas as pd

        frames = {job.name: pd.DataFrame(job.out.T, job.bars.labels, list(done.names)) for job in done.jobs}
        return {name: with_config(frame, done.config) for name, frame in frames.items()}


def _one(prices: Any, given: Reading) -> tuple[Any, Any]:
    """The prices and the src of a symbol that is a series."""
    _refuse(given, "symbols that are series, not tables", "close", "time", "sort")
    if isinstance(given.src, str):
        raise TypeError(f"src={given.src!r} is not a column, since these prices are not a table")
    return _of_library(prices), _of_library(given.src)


def _of_library(series: Any) -> Any:
    """Convert a series to a form that the engine accepts: NumPy cannot read all types of polars and Arrow."""
    adapter = adapter_or_none(series)
    return series if adapter is None else adapter.values(series)


def _series(rows: Rows, group: Group) -> tuple[Any, Any]:
    """The prices of a symbol in the order of time, with its times as their index if it has any; and src."""
    close, src, labels = rows.bars
    prices: Any = close[group.rows]
    index = rows.times if rows.times is not None else labels
    if index is not None:
        import pandas as pd

        prices = pd.Series(prices, index if rows.order is None else index[group.rows], copy=False)
    return prices, None if src is close else src[group.rows]


class _Long(Data):
    """A table that has the rows of several symbols."""

    def __init__(self, table: Adapter, given: Reading) -> None:
        self._table, self._keys, self.close = table, keys_of(given.by), given.close
        rows = rows_of(table, given.close, given.src, given.by, given.time, given.sort)
        self._size = rows.bars.close.size
        self.groups = {group.name: group for group in rows.groups}
        self.tables = {name: (table, group) for name, group in self.groups.items()}
        self.symbols = [(name, *_series(rows, group)) for name, group in self.groups.items()]

    def every(self, done: Computed) -> Any:
        results = [done.columns(job) for job in done.jobs]
        built = self._table.build(put_back([*self.groups.values()], results, self._size))
        return with_config(built, done.config) if hasattr(built, "attrs") else built

    def last(self, table: Any) -> Any:
        import pandas as pd

        if len(self._keys) > 1:
            table.index = pd.MultiIndex.from_tuples(table.index, names=self._keys)
        return _as_its_library(self._table, table)


class _Wide(Data):
    """A table of polars or pyarrow with one column for each symbol."""

    def __init__(self, table: Adapter, given: Reading) -> None:
        check_columns(table.names())
        self._table, wide = table, wide_of(table, given.time, given.sort)
        self.symbols, self.groups = [], {}
        for name, bars in wide.bars.items():
            rows = Rows(bars, wide.times, wide.order, None)
            self.groups[name] = rows.groups[0]
            self.symbols.append((name, *_series(rows, self.groups[name])))

    def every(self, done: Computed) -> Any:
        results = [
            put_back([self.groups[job.name]], [done.columns(job)], job.out.shape[-1]) for job in done.jobs
        ]
        return self._table.build_wide([job.name for job in done.jobs], results)

    def last(self, table: Any) -> Any:
        return _as_its_library(self._table, table)


def _as_its_library(adapter: Adapter, table: Any) -> Any:
    """Convert a pandas DataFrame to the library of an adapter; outside pandas, its index becomes columns."""
    return table if hasattr(adapter.data, "iloc") else adapter.of_rows(table.reset_index())
