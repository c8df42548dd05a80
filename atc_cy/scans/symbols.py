"""What `scan` takes: the symbols of arrays, mappings and tables, and results of the same kind."""

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
    """The arguments of `scan` that say how data are read."""

    close: str
    src: Any
    by: str | list[str] | None
    time: str | None
    sort: bool


class Computed(NamedTuple):
    """The outputs of all rows."""

    jobs: list[Job]
    values: NDArray[Any]
    """Those of all jobs in one array, if their symbols have equally many bars."""
    names: tuple[str, ...]
    config: ATCConfig

    def columns(self, job: Job) -> Columns:
        """The outputs of one symbol, by name."""
        return dict(zip(self.names, job.out, strict=True))


class Data(ABC):
    """The symbols of what was given, and how their results are handed back."""

    symbols: list[tuple[Hashable, Any, Any]]
    """The name, the prices, and what the averages run on (None: the prices) of each."""
    groups: Mapping[Hashable, Group] = MappingProxyType({})
    """The rows of the symbols, by name, where these are not in the order in which they were given."""
    tables: Mapping[Hashable, tuple[Adapter, Group]] = MappingProxyType({})
    """The tables of the symbols, by name, and their rows in it; none of those that are a series."""
    close = "close"
    """The price's column of tables."""

    def located(self, name: Hashable, error: PriceError) -> PriceError:
        """The reason why a symbol has failed, with the row as the user knows it."""
        group = self.groups.get(name)
        return error if group is None or error.row < 0 else in_table(group._replace(name=None), error)

    @abstractmethod
    def every(self, done: Computed) -> Any:
        """All rows' outputs."""

    def candles(self, name: Hashable) -> Columns:
        """Open, high and low of a symbol's rows; nothing if it has no table with all of them."""
        if name not in self.tables:
            return {}
        table, group = self.tables[name]
        try:
            found = candles_of(table, table.find("close", self.close))
        except (TypeError, ValueError) as error:
            raise type(error)(f"{name}: {error}") from None
        return {column: values[group.rows] for column, values in found.items()}

    def last(self, table: Any) -> Any:
        """The table of the last bars, which is one of pandas, as the user's library has it."""
        return table


def data_of(data: Any, given: Reading, failed: MutableMapping[Hashable, PriceError] | None) -> Data:
    """The symbols of whatever holds them.

    failed: takes what keeps a symbol of a mapping from being read; None: that is raised.

    Raises
    ------
    TypeError, ValueError
        It is nothing that can be scanned, or an argument does not go with it.
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
    """Refuse arguments that mean nothing for this kind of data."""
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
    """A DataFrame of pandas with a column a symbol."""

    def __init__(self, data: Any) -> None:
        self._data = data
        self.symbols = [(name, prices, None) for name, prices in symbols_of(data)]

    def every(self, done: Computed) -> Any:
        import pandas as pd

        columns = pd.MultiIndex.from_product([self._data.columns, done.names], names=["symbol", "output"])
        rows = done.values.reshape(len(columns), len(self._data)).T
        return with_config(pd.DataFrame(rows, self._data.index, columns), done.config)


class _Mapping(Data):
    """Symbols to series, or to tables of candles."""

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
    """The prices of one symbol and what the averages run on, which are in no table."""
    _refuse(given, "symbols that are series, not tables", "close", "time", "sort")
    if isinstance(given.src, str):
        raise TypeError(f"src={given.src!r} is not a column, since these prices are not a table")
    return _of_library(prices), _of_library(given.src)


def _of_library(series: Any) -> Any:
    """A series as the engine takes it; those of polars and Arrow have types that NumPy does not read."""
    adapter = adapter_or_none(series)
    return series if adapter is None else adapter.values(series)


def _series(rows: Rows, group: Group) -> tuple[Any, Any]:
    """The prices of a symbol's rows in the order of time, on their times if there are any; and src."""
    close, src, labels = rows.bars
    prices: Any = close[group.rows]
    index = rows.times if rows.times is not None else labels
    if index is not None:
        import pandas as pd

        prices = pd.Series(prices, index if rows.order is None else index[group.rows], copy=False)
    return prices, None if src is close else src[group.rows]


class _Long(Data):
    """A table whose rows are of several symbols."""

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
    """A table of polars or pyarrow with a column a symbol."""

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
    """A table of pandas as the one of the adapter's library, with its index as columns."""
    return table if hasattr(adapter.data, "iloc") else adapter.of_rows(table.reset_index())
