"""The interface through which `atc` reads and builds the objects of a library."""

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
    """Gives access to one object of a library: a table, or a series of prices."""

    table: bool
    """Whether the object is a table."""

    def __init__(self, data: Any) -> None:
        self.data = data

    def names(self) -> list[Any]:
        """The names of the table's columns."""
        return list(self.data.columns)

    def find(self, argument: str, name: Any, advice: str = "") -> Any:
        """The name of a column as the table spells it; an error names `argument` and ends with `advice`."""
        return find_column(argument, name, self.names(), advice)

    @abstractmethod
    def values(self, series: Any) -> Any:
        """Convert a series to a form that `as_bars` accepts."""

    def column(self, name: Any) -> Any:
        """The values of a column, in a form that `as_bars` accepts."""
        return self.values(self.data[name])

    @abstractmethod
    def labels(self, name: Any) -> "pd.Series[Any]":
        """A column of times or symbols as a pandas Series, with one value for each row."""

    def index_times(self) -> "pd.DatetimeIndex | None":
        """The times in the index; None if the index holds no times, or if there is no index."""
        return None

    def check_index(self, by: Collection[Any] = ()) -> None:  # noqa: B027 - most libraries have no index
        """Refuse an index with several symbols in a level that is not in `by`."""

    def symbols(self, names: list[Any]) -> Codes:
        """The codes of the rows' symbols, where a symbol is a value of one column or a tuple of several."""
        return combined_codes([self._symbols(name) for name in names])

    @abstractmethod
    def _symbols(self, name: Any) -> Codes:
        """The codes of the symbols in one column."""

    @abstractmethod
    def build(self, columns: Columns) -> Any:
        """Build a table of these columns, with a row for each row of the data."""

    @abstractmethod
    def append(self, columns: Columns) -> Any:
        """The table with these columns added after its existing columns."""

    @abstractmethod
    def rows(self) -> "pd.DataFrame":
        """The table as a pandas DataFrame, whose index is the row number."""

    @abstractmethod
    def of_rows(self, rows: "pd.DataFrame") -> Any:
        """Convert a pandas DataFrame to a table of this library."""

    @abstractmethod
    def take(self, rows: NDArray[np.intp]) -> Any:
        """The table's rows at these positions, in this order."""

    def build_wide(self, names: list[Any], results: list[Columns]) -> Any:
        """Build a table of the outputs of several symbols; columns are named after symbol and output."""
        return self.build(
            {
                f"{name}_{output}": values
                for name, columns in zip(names, results, strict=True)
                for output, values in columns.items()
            }
        )


def place(row: int) -> str:
    """How a message calls a row of a table."""
    return f"row {row} of the table"
