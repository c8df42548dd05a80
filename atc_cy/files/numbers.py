"""The one reader of numbers, and the one rule for missing values.

A number in text is written as in JSON or CSV: ``1``, ``-0.5``, ``1e3``. ``inf`` is read as well, so that an
error about a price can name it. Python's ``1_0`` is not a number here. `atc_cy.files.marks` has the rule for
the decimal commas, thousands separators and currency signs of files.
"""

import math
import re
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .marks import Marks, plain

if TYPE_CHECKING:
    import pandas as pd

MISSING = frozenset(
    [
        *("", ".", "-", "null", "none", "nan", "-nan", "nat", "na", "n/a", "<na>"),
        *("#na", "#n/a", "#n/a n/a", "1.#ind", "-1.#ind", "1.#qnan", "-1.#qnan"),  # of spreadsheets
    ]
)
"""Text that means a missing value, in lower case."""

_NUMBER = re.compile(
    r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?inf(?:inity)?", re.ASCII | re.IGNORECASE
)
_PLAIN = re.compile(r"(?:[-+0-9.eE]*|nan)(?:,(?:[-+0-9.eE]*|nan))*+", re.ASCII)
"""Cells joined by commas, of characters from which `float` reads only the numbers described above."""


def is_missing(value: Any) -> bool:
    """Whether there is no value: None, NaN, NaT, pandas' NA, empty text, or a word such as ``null``."""
    if value is None:
        return True
    if isinstance(value, str):
        return value.strip().lower() in MISSING
    if isinstance(value, Decimal):
        return value.is_nan()
    if isinstance(value, np.ndarray):
        return False
    try:
        return bool(value != value)
    except TypeError:  # pandas' NA is neither equal to itself nor different
        return True
    except ValueError:  # another array
        return False


def is_number_or_missing(text: str) -> bool:
    """Whether text is a number, or means a missing one."""
    return is_missing(text) or any(plain(text, mark) is not None for mark in ".,")


def number(value: Any, name: str = "value") -> float:
    """One number as a float; NaN if it is missing.

    Raises
    ------
    ValueError
        The value is not a number; the message begins with `name`.

    Examples
    --------
    >>> number("1.5"), number(Decimal("0.1")), number("null")
    (1.5, 0.1, nan)
    """
    if is_missing(value):
        return math.nan
    if isinstance(value, str):
        text = value.strip()
        if _NUMBER.fullmatch(text):
            return float(text)
    elif isinstance(value, int | float | Decimal | np.integer | np.floating) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            pass
    raise ValueError(f"{name}={value!r} is not a number")


def numbers(
    values: "pd.Series[Any]", place: Callable[[int], str], column: str, marks: Marks | None = None
) -> NDArray[np.float64]:
    """A column's numbers, NaN where one is missing.

    Parameters
    ----------
    values
        Numbers of any type, text, Decimal, None.
    place
        How a message calls the row of this position, such as "line 7".
    column
        The column's name, for messages.
    marks
        The decimal mark of a file, whose text may have thousands separators and currency signs.

    Raises
    ------
    ValueError
        A value is not a number, or its comma could be a decimal mark as well as a thousands separator.
    """
    if values.dtype.kind in "iuf":
        return values.to_numpy(np.float64, na_value=np.nan)
    given = values.to_numpy(object)
    at_once = _plain_numbers(given, marks)
    if at_once is not None:
        return at_once
    mark = "." if marks is None else marks.mark()
    result = np.empty(len(given))
    for row, value in enumerate(given):
        try:
            result[row] = number(value) if marks is None else _marked(value, mark)
        except ValueError:
            why = "" if marks is None else marks.reason()
            raise ValueError(f"{place(row)}: {value!r} in column {column!r} is not a number{why}") from None
    return result


def _plain_numbers(given: NDArray[Any], marks: Marks | None) -> NDArray[np.float64] | None:
    """The numbers of a column of text that Python reads at once; None if each cell must be looked at."""
    try:
        joined = ",".join(given)
    except TypeError:  # not all of it is text
        return None
    if _PLAIN.fullmatch(joined) is None or not (marks is None or marks.is_plain(joined)):
        return None
    try:
        return np.array([text or "nan" for text in given], np.float64)
    except ValueError:  # one of them is not a number
        return None


def _marked(value: Any, mark: str) -> float:
    """A number of a file whose numbers have this decimal mark."""
    if not isinstance(value, str) or is_missing(value):
        return number(value)
    written = plain(value, mark)
    if written is None and "." in value:
        raise ValueError
    return number(value if written is None else written)
