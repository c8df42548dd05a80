"""Columns of Parquet files as Arrow arrays, read batch by batch, by the rules for all files."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..files.clock import digits_of, is_another_day, is_timestamp, is_whole, time_of_day, with_time_of_day
from ..files.columns import find_clock
from ..files.dates import has_day_and_month
from ..files.numbers import is_missing, numbers
from ..files.symbols import codes_of_dictionary, is_no_symbol
from ..files.time_columns import read_times
from ..files.times import instant

if TYPE_CHECKING:
    import pandas as pd

BEFORE_ALL_TIMES = np.iinfo(np.int64).min
"""The number that means a missing time."""
_ROWS_SEEN = 100
"""How many rows are looked at to see how times are written, and whether a column has the time of day."""


def symbols_of(column: Any, first: int) -> tuple[list[str], NDArray[np.intp]]:
    """The symbols, and the number of each row's symbol. first: the number of the first row.

    Raises
    ------
    ValueError
        A row has no symbol.
    """
    import pyarrow as pa

    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    texts = column.dictionary.cast(pa.string()).to_pylist()
    values = column.dictionary.to_pylist()  # NaN is a missing symbol, but the text "nan" may be a symbol
    names = [None if is_no_symbol(value) else text for value, text in zip(values, texts, strict=True)]
    codes, found = codes_of_dictionary(
        column.indices.fill_null(-1).to_numpy(), names, lambda row: f"row {first + row}"
    )
    return found, codes


def prices_of(column: Any, name: str, first: int, wanted: Any) -> NDArray[Any]:
    """Prices as a NumPy array, NaN where one is missing.

    Parameters
    ----------
    column
        An Arrow array of numbers, Decimal or text.
    name
        The name of the column, for messages.
    first
        The number of the first row.
    wanted
        The Arrow type of the prices of all files.

    Raises
    ------
    ValueError
        A row is not a number, or the column has a wider type than in the first file.
    """
    import pandas as pd
    import pyarrow as pa

    if wanted == pa.float32() and column.type != wanted:
        raise ValueError(
            f"the column {name!r} is {column.type}, but {wanted} in the first file: give all files one type"
        )
    if pa.types.is_floating(column.type):
        prices: NDArray[Any] = column.cast(wanted).to_numpy(zero_copy_only=False)
        return prices
    if pa.types.is_integer(column.type) and not column.null_count:
        series = pd.Series(column.to_numpy(zero_copy_only=False))
    else:
        series = pd.Series(column.to_pylist(), dtype=object)
    return numbers(series, lambda row: f"row {first + row}", name)


def clock_of(file: Any, time: str) -> str | None:
    """The column of a Parquet file with the time of day, next to dates in the column `time`; else None.

    Raises
    ------
    ValueError
        The column has something else, or times of day without colons.
    """
    clock: str | None = find_clock(file.schema_arrow.names, time)
    if clock is None:
        return None
    for rows in file.iter_batches(_ROWS_SEEN, columns=[time, clock], use_threads=False):
        pairs = zip(rows[time].to_pylist(), rows[clock].to_pylist(), strict=True)
        seen = [(date, value) for date, value in pairs if not is_missing(value)]
        if not seen:
            continue
        if is_timestamp(clock) and not any(time_of_day(value) for _, value in seen):
            return None
        if not all(is_whole(value) for _, value in seen):
            return clock
        for date, value in seen:
            if is_another_day(date, value):
                raise ValueError(f"{value!r} is not a time of day in column {clock!r}: {_remedy(time)}")
        return None
    return None


def _remedy(time: str) -> str:
    return f"write the two as one column of times, or name the column to use, as in time={time!r}"


def type_of_times(file: Any, time: str, clock: str | None) -> Any:
    """The Arrow type that the times of a Parquet file have after they are read.

    Raises
    ------
    ValueError
        The first rows do not have times.
    """
    import pyarrow as pa

    type_ = file.schema_arrow.field(time).type
    if _is_time(type_) and clock is None:
        return type_
    columns = [time] if clock is None else [time, clock]
    rows = next(file.iter_batches(_ROWS_SEEN, columns=columns, use_threads=False), None)
    if rows is None:
        return pa.timestamp("us")
    read = _read(rows[time], None if clock is None else rows[clock], (time, clock), 0)
    return pa.timestamp("us") if read is None else read.type


def times_of(column: Any, clock: Any, names: tuple[str, str | None], first: int, wanted: Any) -> Any:
    """Times as an Arrow array of the type that all files have; null if one is missing.

    Parameters
    ----------
    column
        An Arrow array: timestamps, dates, text, or numbers as `atc_cy.files.times` reads them.
    clock
        The times of day as an Arrow array; None if `column` has them.
    names
        The names of both columns, for messages.
    first
        The number of the first row.
    wanted
        The Arrow type.

    Raises
    ------
    ValueError
        A row is not a time, or the first file has times of another type.
    """
    import pyarrow as pa

    if clock is None and column.type == wanted:
        return column
    found = column
    if clock is not None or (pa.types.is_timestamp(wanted) and not pa.types.is_timestamp(column.type)):
        found = _read(column, clock, names, first)
        if found is None:
            return pa.nulls(len(column), wanted)
    whole = pa.types.is_integer(found.type) and pa.types.is_integer(wanted)
    both = pa.types.is_timestamp(found.type) and pa.types.is_timestamp(wanted)
    if not (found.type == wanted or whole or (both and (found.type.tz is None) == (wanted.tz is None))):
        remedy = "give text a zone, as in --time-zone UTC, so that all times have one"
        remedy = remedy if both else "give all files one type of times"
        raise ValueError(f"the column {names[0]!r} is {found.type}, but {wanted} in the first file: {remedy}")
    return found.cast(wanted)


def _is_time(type_: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_timestamp(type_) or pa.types.is_date(type_) or pa.types.is_integer(type_))


def _read(column: Any, clock: Any, names: tuple[str, str | None], first: int) -> Any:
    """Read times of text, of numbers, or with the time of day in a second column; None if all are missing."""
    import pyarrow as pa

    series, rows = _present(column)
    if not rows.size:
        return None

    def place(row: int) -> str:
        return f"row {first + rows[row]}"

    _check_dates(series, place, names[0])
    if clock is not None:
        series = _with_clock(series, clock.take(pa.array(rows)), place, names)
    read = pa.array(read_times(series, place))
    places = np.full(len(column), -1)
    places[rows] = np.arange(rows.size)
    return read.take(pa.array(places, mask=places < 0))


def _check_dates(series: "pd.Series[Any]", place: Callable[[int], str], name: str) -> None:
    """Refuse dates like 03/04/2024: only the whole file could show which part is the day."""
    for row, value in enumerate(series if series.dtype.kind in "OUS" else ()):
        if isinstance(value, str) and has_day_and_month(value.strip()):
            raise ValueError(
                f"{place(row)}: the date {value!r} in column {name!r} may begin with its day or its month, "
                "and a dataset does not find out which: write it as 2026-10-30"
            )


def _present(column: Any) -> tuple["pd.Series[Any]", NDArray[np.intp]]:
    """The values that are not missing, and their rows."""
    import pandas as pd
    import pyarrow as pa

    if pa.types.is_floating(column.type):
        values = column.to_numpy(zero_copy_only=False)
        rows = np.flatnonzero(~np.isnan(values))
        return pd.Series(values[rows]), rows
    if pa.types.is_integer(column.type) or pa.types.is_timestamp(column.type):
        rows = np.flatnonzero(column.is_valid().to_numpy(zero_copy_only=False))
        return column.drop_null().to_pandas(), rows
    objects = pd.Series(column.to_pylist(), dtype=object)
    rows = np.flatnonzero([not is_missing(value) for value in objects])
    return objects.iloc[rows], rows


def _with_clock(
    dates: "pd.Series[Any]", clock: Any, place: Callable[[int], str], names: tuple[str, str | None]
) -> "pd.Series[Any]":
    import pandas as pd

    values = pd.Series(clock.to_pylist(), dtype=object)
    for row, value in enumerate(values):
        if digits_of(value) is not None:  # only the whole file could show whether 930 has seconds
            raise ValueError(
                f"{place(row)}: the time of day {value!r} in column {names[1]!r} is written without colons, "
                f"which a dataset does not read: write it as 09:30, {_remedy(names[0])}"
            )
    return with_time_of_day(dates, values, place, names[1])


def instants_of(times: Any, first: int) -> NDArray[np.int64]:
    """Numbers that grow with the times of an Arrow array; `BEFORE_ALL_TIMES` for a missing time.

    If times are whole numbers, the results are nanoseconds, since the unit may differ from row to row.

    Raises
    ------
    ValueError
        A row is not a time.
    """
    import pyarrow as pa

    if not pa.types.is_integer(times.type):
        return numbers_of(times)
    series, rows = _present(times)
    read = read_times(series, lambda row: f"row {first + rows[row]}")
    instants = np.full(len(times), BEFORE_ALL_TIMES)
    try:
        instants[rows] = read.as_unit("ns").asi8
    except ValueError:  # a time does not fit into 64 bits: find the first such row
        row = next(row for row, time in enumerate(read) if not 1678 <= time.year <= 2261)
        raise ValueError(
            f"row {first + rows[row]}: the time {series.iloc[row]} would be {read[row]}: whole numbers must "
            "be times between the years 1678 and 2261"
        ) from None
    return instants


def numbers_of(times: Any) -> NDArray[np.int64]:
    """The whole numbers that Arrow stores for times, as states keep them."""
    import pyarrow as pa

    whole = times
    if pa.types.is_temporal(times.type) and times.type.bit_width == 32:
        whole = times.cast(pa.int32())
    numbers: NDArray[np.int64] = whole.cast(pa.int64()).fill_null(BEFORE_ALL_TIMES).to_numpy()
    return numbers


def instant_of_state(number: int, wanted: Any) -> int:
    """The number that `instants_of` returns for the time that a state keeps.

    Raises
    ------
    ValueError
        The number is not a time; earlier versions compared any whole numbers.
    """
    import pyarrow as pa

    return instant(number) if pa.types.is_integer(wanted) else number
