"""`rank`, which sorts and filters symbols by the ranking rule."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..config import checked_integer, checked_number, public
from ..engine.bars import as_array
from ..engine.direction import DIRECTIONS
from ..files.time_columns import nanoseconds
from ..files.timeframes import read_duration
from ..frames.adapter import Adapter
from ..frames.tables import adapter_of
from ..text import shown, suggestion
from .choices import RULE, SORT_KEYS

if TYPE_CHECKING:
    import pandas as pd

Table = TypeVar("Table")
_NUMBERS = {name: number for number, name in DIRECTIONS.items()}


@public
def rank(
    table: Table,
    sort: str | Sequence[str] = (),
    *,
    direction: str | None = None,
    fresh: int | None = None,
    min_signal: float = 0.0,
    max_age: str | timedelta | None = None,
) -> Table:
    """Sort and filter the table of a scan: the symbols that are selected, in order.

    The strongest signal comes first, by `|Average_Signal|`. Many symbols have 1.00; equal ones are ordered by
    the larger `mean_equity`, then by the more recent turn, `bars_since_event`, then by the name of the
    symbol. Missing values come last, and rows that are equal in all of this keep their order. `atc-cy scan`
    sorts by the same rule.

    Parameters
    ----------
    table
        What `scan(…, outputs="last")` returned, of pandas, polars or pyarrow.
    sort
        One or more keys to sort by before this rule: "strength", "equity", "fresh" and "symbol" are the four
        of the rule; "signal" is `Average_Signal`, the most long first; "newest" is `date`, the latest first.
    direction
        "long" or "short": only symbols with this direction.
    fresh
        Only symbols that turned at most this many bars ago; 0 for those that turned on their last bar.
    min_signal
        Only symbols whose `|Average_Signal|` is at least this, 0 to 1; 0 also keeps symbols without a signal.
    max_age
        "stale" leaves out stale symbols: their last bar is older than the newest bar of the scan by more than
        five times their typical time between bars (the median). A length of time, such as "36h", "10D" or a
        timedelta, leaves out symbols whose last bar is older than the newest of the table by more than that.
        Symbols without times are kept.

    Returns
    -------
    DataFrame or Table
        Of the same library, with the same columns.

    Raises
    ------
    TypeError, ValueError
        A bad argument, or a missing column.

    See Also
    --------
    scan : Returns the table, with ``outputs="last"``.

    Examples
    --------
    >>> last = atc_cy.scan(atc_cy.datasets.load_ecb_fx(), by="symbol", outputs="last")
    >>> atc_cy.rank(last, direction="long", max_age="stale").index[:3].tolist()
    ['TRY', 'ILS', 'BRL']
    """
    rows = _adapter(table)
    keys = _checked_keys(sort)
    kept = ~too_old(table, max_age)
    if direction is not None:
        if not isinstance(direction, str) or direction not in _NUMBERS:
            raise ValueError(f"direction={shown(direction)} must be 'long' or 'short'")
        kept &= _numbers(rows, "direction") == _NUMBERS[direction]
    if fresh is not None:
        kept &= _numbers(rows, "bars_since_event") <= checked_integer("fresh", fresh, 0)
    if checked_number("min_signal", min_signal, 0, 1) > 0:
        kept &= np.abs(_numbers(rows, "Average_Signal")) >= min_signal
    # lexsort sorts by its last key first. It is stable, and puts NaN last.
    order = np.lexsort([_values(rows, key) for key in reversed(keys)])
    ranked: Table = rows.take(order[kept[order]])
    return ranked


def too_old(table: Any, max_age: str | timedelta | None) -> NDArray[np.bool_]:
    """Whether `rank` leaves out each row because of its age."""
    rows = _adapter(table)
    if max_age == "stale":
        return _labels(rows, "stale").isin([True]).to_numpy(bool)
    dates = _instants(rows)
    if max_age is None or np.isnan(dates).all():
        return np.zeros(dates.size, bool)
    old: NDArray[np.bool_] = np.nanmax(dates) - dates > _age(max_age).total_seconds() * 1e6
    return old


def _adapter(table: Any) -> Adapter:
    rows = adapter_of(table, "table")
    if not rows.table:
        raise TypeError(
            f"table must be a table, such as scan(…, outputs='last') returned, not {shown(table)}"
        )
    return rows


def _age(max_age: str | timedelta) -> timedelta:
    if isinstance(max_age, str):
        return read_duration(max_age, "max_age")
    if not isinstance(max_age, timedelta):
        raise TypeError(f"max_age={shown(max_age)} must be 'stale', a length of time, such as '10D', or None")
    if max_age < timedelta(0):
        raise ValueError(f"max_age={shown(max_age)} must not be below 0")
    return max_age


def _checked_keys(sort: str | Sequence[str]) -> list[str]:
    """The keys in `sort`, followed by the other keys of the ranking rule."""
    if not isinstance(sort, str | Sequence):
        raise TypeError(
            f"sort={shown(sort)} must be a key, or a sequence of keys, such as ('fresh', 'equity')"
        )
    given = [sort] if isinstance(sort, str) else list(sort)
    for key in given:
        if key not in SORT_KEYS:
            raise ValueError(f"sort has {shown(key)}, which is not a key; {suggestion(key, SORT_KEYS)}")
    return [*given, *(key for key in RULE if key not in given)]


def _values(rows: Adapter, key: str) -> NDArray[Any]:
    """The values by which a key sorts the rows; the lowest value comes first."""
    if key == "symbol":
        return _places_of_symbols(rows)
    if key == "newest":
        return -_instants(rows)
    if key == "strength":
        return -np.abs(_numbers(rows, "Average_Signal"))
    if key == "fresh":
        return _numbers(rows, "bars_since_event")
    return -_numbers(rows, {"signal": "Average_Signal", "equity": "mean_equity"}[key])


def _places_of_symbols(rows: Adapter) -> NDArray[Any]:
    """The place of each row's symbol in the sorted list of symbols.

    All places are 0, so that rows keep their order, if there is neither a column named symbol nor an index.
    """
    if "symbol" in rows.names():
        names = list(rows.labels("symbol"))
    else:
        names = list(rows.data.index) if hasattr(rows.data, "iloc") else [""] * len(rows.data)
    places: NDArray[Any] = np.unique(np.array([str(name) for name in names], object), return_inverse=True)[1]
    return places


def _labels(rows: Adapter, name: str) -> "pd.Series[Any]":
    return rows.labels(rows.find("table", name, "; give what scan(…, outputs='last') returned"))


def _numbers(rows: Adapter, name: str) -> NDArray[np.float64]:
    column = rows.find("table", name, "; give what scan(…, outputs='last') returned")
    return as_array(rows.column(column), name).astype(np.float64)


def _instants(rows: Adapter) -> NDArray[np.float64]:
    """The time of each last bar in microseconds since 1970, which a float can hold; NaN without a time."""
    import pandas as pd

    dates = pd.DatetimeIndex(pd.to_datetime(_labels(rows, "date"), utc=True))
    return np.where(dates.isna(), np.nan, nanoseconds(dates) / 1_000)
