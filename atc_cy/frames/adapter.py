"""What `atc` needs of a library's objects."""

from abc import ABC, abstractmethod
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..files.symbols import Codes, combined_codes
from ..text import find_column

if TYPE_CHECKING:
    import pandas as pd

Columns = dict[str, NDArray[Any]]


class Adapter(ABC):
    """One object of a library: a table, or a series of prices."""

    table: bool

    def __init__(self, data: Any) -> None:
        self.data = data

    def names(self) -> list[Any]:
        """Of a table's columns."""
        return list(self.data.columns)

    def find(self, argument: str, name: Any, advice: str = "") -> Any:
        """The column of this name; an error names the argument that has it."""
        return find_column(argument, name, self.names(), advice)

    @abstractmethod
    def values(self, series: Any) -> Any:
        """A series as `as_bars` takes it."""

    def column(self, name: Any) -> Any:
        """A column as `as_bars` takes it."""
        return self.values(self.data[name])

    @abstractmethod
    def labels(self, name: Any) -> "pd.Series[Any]":
        """A column of times or of symbols, value by value."""

    def index_times(self) -> "pd.DatetimeIndex | None":
        """The times that the index holds; None: it holds none, or there is no index."""
        return None

    def check_index(self, by: Collection[Any] = ()) -> None:  # noqa: B027 - most libraries have no index
        """Refuse an index that has several symbols, but for the levels given."""

    def symbols(self, names: list[Any]) -> Codes:
        """A number for each row, and the symbols by number: of one column, or of the values of several."""
        return combined_codes([self._symbols(name) for name in names])

    @abstractmethod
    def _symbols(self, name: Any) -> Codes:
        """The same of one column."""

    @abstractmethod
    def build(self, columns: Columns) -> Any:
        """A table of these columns, with a row for each row of the data."""

    @abstractmethod
    def append(self, columns: Columns) -> Any:
        """The data's table, and these columns after its own."""

    @abstractmethod
    def rows(self) -> "pd.DataFrame":
        """The table's columns, as pandas has them; it has no other index than the number of the row."""

    @abstractmethod
    def of_rows(self, rows: "pd.DataFrame") -> Any:
        """A table of the same kind, of other rows."""

    @abstractmethod
    def take(self, rows: NDArray[np.intp]) -> Any:
        """The rows of a table at these places, in this order."""

    def build_wide(self, names: list[Any], results: list[Columns]) -> Any:
        """A table of the columns of several symbols."""
        return self.build(
            {
                f"{name}_{output}": values
                for name, columns in zip(names, results, strict=True)
                for output, values in columns.items()
            }
        )


def place(row: int) -> str:
    """A row as messages about tables call it."""
    return f"row {row} of the table"
