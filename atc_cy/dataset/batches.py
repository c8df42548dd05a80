"""The rows of a source, read piece by piece in bounded memory."""

import logging
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import FileError
from ..files.columns import DATE_COLUMNS
from ..files.prices import only_symbol
from ..files.symbols import codes_of_dictionary
from ..text import find_column
from .first_file import take
from .plan import Piece, Range, Task
from .source import LONG_TEXT, PARQUET

logger = logging.getLogger("atc_cy")

BEFORE_ALL_TIMES = np.iinfo(np.int64).min
"""What stands for a time that is missing."""


class Batch(NamedTuple):
    """Rows of a source, those of a symbol in the order of time."""

    symbols: list[str]
    codes: NDArray[np.intp]
    """Which of the symbols, for each row."""
    time: Any
    """An Arrow array."""
    close: NDArray[Any]
    src: NDArray[Any]
    file: NDArray[np.int32]
    """Which of the range's pieces a row comes from."""
    row: NDArray[np.int64]
    """Where it is in the file."""

    def take(self, rows: NDArray[np.intp]) -> "Batch":
        """Some of the rows."""
        return Batch(
            self.symbols,
            self.codes[rows],
            self.time.take(rows),
            self.close[rows],
            self.src[rows],
            self.file[rows],
            self.row[rows],
        )


def read(task: Task, piece: Piece, number: int, begin: int, most: int) -> Iterator[Batch]:
    """A piece's rows from a row of the file on, at most so many of a Parquet file in a batch.

    number
        The piece's, among those of its range.

    Raises
    ------
    FileError
        The file cannot be read to its end, or is not as the first one.
    """
    path = Path(task.source) / piece.path
    try:
        if path.suffix.lower() == PARQUET:
            found = _read_parquet(task, piece, path, begin, most)
        else:
            found = _read_text(task, piece, path, begin)
        for row, symbols, codes, time, close, src in found:
            if row.size:
                yield Batch(symbols, codes, time, close, src, np.full(row.size, number, np.int32), row)
    except (OSError, ValueError, LookupError, NotImplementedError) as error:  # as Arrow's errors are
        raise FileError(str(error)) from None


def _read_parquet(task: Task, piece: Piece, path: Path, begin: int, most: int) -> Iterator[tuple[Any, ...]]:
    import pyarrow.parquet as pq

    metadata = pq.read_metadata(path)
    names = metadata.schema.to_arrow_schema().names
    time, close = find_column("time", task.time, names), find_column("close", task.close, names)
    src = close if task.src is None else find_column("src", task.src, names)
    symbol = find_column("symbol", task.symbol, names) if piece.symbol is None else close
    columns, encoded = list({time, close, src, symbol}), [] if symbol == close else [symbol]
    sizes = [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)]
    if piece.groups[-1] >= len(sizes):
        raise ValueError("it has changed since it was listed: run again")
    with pq.ParquetFile(
        path, metadata=metadata, read_dictionary=encoded, page_checksum_verification=True
    ) as file:
        for group in piece.groups:
            first = sum(sizes[:group])
            if first + sizes[group] <= begin:
                continue
            for rows in file.iter_batches(most, [group], columns, use_threads=False):
                end, left_out = first + rows.num_rows, min(max(begin - first, 0), rows.num_rows)
                rows, first = rows.slice(left_out), first + left_out
                symbols, codes = [str(piece.symbol)], np.zeros(rows.num_rows, np.intp)
                if piece.symbol is None:
                    symbols, codes = _coded(rows[symbol], first)
                prices = _prices(rows[close], close, task)
                x = prices if src == close else _prices(rows[src], src, task)
                yield np.arange(first, end), symbols, codes, _times(rows[time], time, task), prices, x
                first = end


def _read_text(task: Task, piece: Piece, path: Path, begin: int) -> Iterator[tuple[Any, ...]]:
    """A file of another format, which has one symbol."""
    import pyarrow as pa

    if begin:  # it comes as a whole, so nothing is left of it
        return
    file = take(path, task.close, task.src, task.form)
    logger.info("%s: %s", path, file.reading)
    for note in file.notes:
        logger.warning("%s: %s", path, note)
    _, found = only_symbol(file, None, advice=LONG_TEXT)
    time = _times(pa.array(found.series.index), DATE_COLUMNS[0], task)
    kind = task.arrow_types()[1].to_pandas_dtype()
    close = found.series.to_numpy(kind)
    src = close if found.src is None else found.src.to_numpy(kind)
    row = np.asarray(found.lines, np.int64)
    yield row, [str(piece.symbol)], np.zeros(row.size, np.intp), time, close, src


def _coded(column: Any, first: int) -> tuple[list[str], NDArray[np.intp]]:
    """The symbols, and each row's number among them."""
    import pyarrow as pa

    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    values = column.dictionary.cast(pa.string()).to_pylist()
    codes, names = codes_of_dictionary(
        column.indices.fill_null(-1).to_numpy(), values, lambda row: f"row {first + row}"
    )
    return names, codes


def _prices(column: Any, name: str, task: Task) -> NDArray[Any]:
    import pyarrow as pa

    if pa.types.is_decimal(column.type):  # value by value: Arrow's cast is not correctly rounded everywhere
        return np.array([math.nan if value is None else float(value) for value in column.to_pylist()])
    if not (pa.types.is_floating(column.type) or pa.types.is_integer(column.type)):
        raise ValueError(f"the column {name!r} is {column.type}, not numbers")
    wanted = task.arrow_types()[1]
    if wanted == pa.float32() and column.type != wanted:
        raise ValueError(f"the column {name!r} is {column.type}, and {wanted} in the first file")
    prices: NDArray[Any] = column.cast(wanted).to_numpy(zero_copy_only=False)
    return prices


def _times(column: Any, name: str, task: Task) -> Any:
    """In the type that all files have; only the unit of a timestamp may differ."""
    import pyarrow as pa

    wanted = task.arrow_types()[0]
    both = pa.types.is_timestamp(column.type) and pa.types.is_timestamp(wanted)
    if column.type != wanted and not (both and column.type.tz == wanted.tz):
        raise ValueError(f"the column {name!r} is {column.type}, and {wanted} in the first file")
    return column.cast(wanted)


def comparable(time: Any) -> NDArray[np.int64]:
    """Times that can be compared; before all others where there is none."""
    import pyarrow as pa

    whole = time
    if pa.types.is_temporal(time.type) and time.type.bit_width == 32:
        whole = time.cast(pa.int32())
    numbers: NDArray[np.int64] = whole.cast(pa.int64()).fill_null(BEFORE_ALL_TIMES).to_numpy()
    return numbers


def of_range(rows: Batch, range_: Range) -> Batch:
    """Those of the range's symbols."""
    held = np.array([range_.holds(symbol) for symbol in rows.symbols])
    return rows if held.all() else rows.take(np.flatnonzero(held[rows.codes]))


def joined(batches: list[Batch]) -> Batch:
    """All rows, those of a symbol side by side."""
    import pyarrow as pa

    numbers: dict[str, int] = {}
    codes = []
    for batch in batches:
        places = [numbers.setdefault(symbol, len(numbers)) for symbol in batch.symbols]
        codes.append(np.array(places, np.intp)[batch.codes])
    close, file, row = (np.concatenate([batch[place] for batch in batches]) for place in (3, 5, 6))
    alike = all(batch.src is batch.close for batch in batches)
    src = close if alike else np.concatenate([batch.src for batch in batches])
    time = pa.concat_arrays([batch.time for batch in batches])
    rows = Batch(list(numbers), np.concatenate(codes), time, close, src, file, row)
    runs = rows.codes[np.flatnonzero(np.diff(rows.codes, prepend=-1))]
    return rows if np.unique(runs).size == runs.size else rows.take(np.argsort(rows.codes, kind="stable"))
