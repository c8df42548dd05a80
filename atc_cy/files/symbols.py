"""The one rule for symbols: each row has one, and a list of symbols has each of them once."""

from collections.abc import Callable, Hashable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .columns import names_symbols
from .numbers import is_number_or_missing

if TYPE_CHECKING:
    import pandas as pd

HIVE_MISSING = "__HIVE_DEFAULT_PARTITION__"
"""What libraries that write folders ``symbol=…`` put in the place of a missing symbol."""

Codes = tuple[NDArray[np.intp], list[Any]]
"""A number for each row, and the list of symbols that these numbers index."""


def is_no_symbol(name: Any) -> bool:
    """Whether a value means that the symbol is missing; text such as ``NA`` and ``null`` can be a symbol."""
    if isinstance(name, str):
        return not name.strip() or name == HIVE_MISSING
    try:
        return name is None or bool(name != name)
    except TypeError:  # pandas' NA
        return True


def is_text(dtype: Any) -> bool:
    """Whether a column or an index of this type of pandas holds text, or objects."""
    categories = getattr(dtype, "categories", None)
    return is_text(categories.dtype) if categories is not None else dtype.kind in "OUS"


def check_one_value(name: Any, column: "pd.Series[Any]", advice: str) -> None:
    """Refuse a column that is named for symbols and has several of them.

    Raises
    ------
    ValueError
        The column has several symbols; the message ends with the advice.
    """
    if names_symbols(name, is_text(column.dtype)) and (names := list(column.astype(object).unique()[:2]))[1:]:
        raise ValueError(_several(name, names[0], names[1], advice))


class OneSymbol:
    """Checks that text columns which are named for symbols, but not used as such, have only one symbol.

    Numbers are not taken as symbols: a column named ``market`` may hold something else.
    """

    def __init__(self) -> None:
        self._found: dict[Any, str] = {}

    def check(self, name: Any, value: Any) -> None:
        """Check the value of a row.

        Raises
        ------
        ValueError
            An earlier row of this column has another symbol.
        """
        if not isinstance(value, str) or is_number_or_missing(value):
            return
        first = self._found.setdefault(name, value)
        if first.strip() != value.strip():
            raise ValueError(
                _several(name, first, value, f"give --symbol-column {name}, or only the rows of one symbol")
            )


def _several(name: Any, first: Any, second: Any, advice: str) -> str:
    return f"the column {name!r} has several symbols, such as {first!r} and {second!r}: {advice}"


def check_names(names: Iterable[Hashable], argument: str) -> None:
    """Refuse a missing name, and one that occurs twice.

    Raises
    ------
    ValueError
        There is such a name; the message has its places.
    """
    seen: dict[Hashable, int] = {}
    for place, name in enumerate(names):
        if is_no_symbol(name):
            raise ValueError(f"{argument}: the symbol at place {place} is missing ({name!r})")
        if name in seen:
            raise ValueError(f"{argument}: symbol {name!r} occurs twice, at places {seen[name]} and {place}")
        seen[name] = place


def symbol_codes(values: "pd.Series[Any]", place: Callable[[int], str]) -> Codes:
    """A number for each row, which is the same for equal symbols, and the list of symbols.

    Parameters
    ----------
    values
        The symbol of each row.
    place
        How a message calls the row of this position, such as "line 7".

    Raises
    ------
    ValueError
        A row has no symbol, or one that is not a name, such as a list.
    """
    import pandas as pd

    plain: Any = values.astype(object)  # compare values: a stored dictionary may have one twice, or a null
    try:
        codes, names = pd.factorize(plain)
    except TypeError:
        row, name = next((row, name) for row, name in enumerate(plain) if not _is_hashable(name))
        raise ValueError(f"{place(row)}: the symbol {name!r} is not a name: give text or a number") from None
    return checked_codes(codes, list(names), place)


def _is_hashable(name: Any) -> bool:
    try:
        hash(name)
    except TypeError:
        return False
    return True


def checked_codes(codes: NDArray[Any], names: list[Any], place: Callable[[int], str]) -> Codes:
    """Return the codes and names if every row has a symbol.

    Raises
    ------
    ValueError
        A number is negative, or is that of a missing symbol.
    """
    without = [code for code, name in enumerate(names) if is_no_symbol(name)]
    missing = np.flatnonzero((codes < 0) | np.isin(codes, without)) if without else np.flatnonzero(codes < 0)
    if missing.size:
        raise ValueError(f"the symbol is missing in {place(int(missing[0]))}")
    return codes.astype(np.intp, copy=False), names


def codes_of_dictionary(indices: NDArray[Any], values: list[Any], place: Callable[[int], str]) -> Codes:
    """The codes of rows that are encoded by a dictionary; equal values are one symbol.

    indices: a place in `values` for each row, -1 if it has no symbol.
    """
    numbers: dict[Any, int] = {}
    by_value = [-1 if is_no_symbol(value) else numbers.setdefault(value, len(numbers)) for value in values]
    codes, names = checked_codes(np.array([*by_value, -1], np.intp)[indices], list(numbers), place)
    used, codes = np.unique(codes, return_inverse=True)  # a filtered column keeps its whole dictionary
    return codes, [names[code] for code in used]


def combined_codes(columns: list[Codes]) -> Codes:
    """The codes of rows whose symbol is made of several columns: tuples of their values."""
    if len(columns) == 1:
        return columns[0]
    (codes, names), rest = columns[0], combined_codes(columns[1:])
    pairs, numbers = np.unique(codes * len(rest[1]) + rest[0], return_inverse=True)
    tails = [name if isinstance(name, tuple) else (name,) for name in rest[1]]
    heads = [names[pair // len(tails)] for pair in pairs]
    return numbers, [(head, *tails[pair % len(tails)]) for head, pair in zip(heads, pairs, strict=True)]
