"""The rows of a source, read piece by piece in bounded memory."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import FileError
from ..files.columns import DATE_COLUMNS, find_parts, is_the_price
from ..files.damage import damage_reported
from ..files.prices import PriceFile, Prices, only_symbol
from ..files.sources import source
from ..text import find_column, problem_of
from .first_file import take
from .parquet_columns import clock_of, instants_of, prices_of, symbols_of, times_of
from .plan import Piece, Range, Task
from .source import SEVERAL, price_column, time_column
from .states import Failure
from .whose import PARQUET, file_symbol, symbol_column

logger = logging.getLogger("atc_cy")


class Batch(NamedTuple):
    """Rows of a source; the rows of each symbol are in the order of time."""

    symbols: list[str]
    codes: NDArray[np.intp]
    """The number of each row's symbol, in `symbols`."""
    time: Any
    """The times of the output, as an Arrow array."""
    instant: NDArray[np.int64]
    """Numbers that grow with time; `BEFORE_ALL_TIMES` for a missing time."""
    close: NDArray[Any]
    src: NDArray[Any]
    file: NDArray[np.int32]
    """The number of the range's piece that a row comes from."""
    row: NDArray[np.int64]
    """The number of the row in its file."""

    def take(self, rows: NDArray[np.intp]) -> "Batch":
        """Some of the rows."""
        return Batch(
            self.symbols,
            self.codes[rows],
            self.time.take(rows),
            self.instant[rows],
            self.close[rows],
            self.src[rows],
            self.file[rows],
            self.row[rows],
        )


def read(task: Task, piece: Piece, number: int, begin: int, most: int) -> Iterator[Batch | Failure]:
    """Read a piece in batches.

    Symbols of a text file whose rows are not in order are failures.

    number
        The number of the piece in its range.
    begin
        The first row of the file to read.
    most
        How many rows of a Parquet file a batch has at most.

    Raises
    ------
    FileError
        The file cannot be read to its end, or differs from the first file.
    """
    path = Path(task.source) / piece.path
    try:
        if path.suffix.lower() == PARQUET:
            found = _read_parquet(task, piece, path, begin, most)
        else:
            found = _read_text(task, piece, path, begin)
        with damage_reported():
            for each in found:
                if isinstance(each, Failure):
                    yield each
                    continue
                row, symbols, codes, time, close, src = each
                if row.size:
                    instants = instants_of(time, int(row[0]))
                    file = np.full(row.size, number, np.int32)
                    yield Batch(symbols, codes, time, instants, close, src, file, row)
    except (OSError, ValueError) as error:
        raise FileError(problem_of(error, path)) from None


def _read_parquet(task: Task, piece: Piece, path: Path, begin: int, most: int) -> Iterator[tuple[Any, ...]]:
    import pyarrow.parquet as pq

    metadata = pq.read_metadata(path)
    names = metadata.schema.to_arrow_schema().names
    time, close = time_column(names, task.time, task.clock), price_column(names, task.close)
    parts = find_parts(names, task.src, close)
    src = close
    if task.src is not None and not parts and not is_the_price(task.src, names):
        src = find_column("src", task.src, names)
    symbol = close if piece.symbol is not None else symbol_column(names, task.symbol, task.naming)
    if symbol is None:
        raise ValueError("the file has changed since this run began: run again")
    encoded = [] if symbol == close else [symbol]
    time_type, price_type = task.arrow_types()
    sizes = [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)]
    if piece.groups[-1] >= len(sizes):
        raise ValueError("the file has changed since this run began: run again")
    with pq.ParquetFile(
        path, metadata=metadata, read_dictionary=encoded, page_checksum_verification=True
    ) as file:
        clock = clock_of(file, time) if task.clock else None
        columns = list({time, close, src, symbol, *parts.values(), *([] if clock is None else [clock])})
        for group in piece.groups:
            first = sum(sizes[:group])
            if first + sizes[group] <= begin:
                continue
            for rows in file.iter_batches(most, [group], columns, use_threads=False):
                end, left_out = first + rows.num_rows, min(max(begin - first, 0), rows.num_rows)
                rows, first = rows.slice(left_out), first + left_out
                symbols, codes = [str(piece.symbol)], np.zeros(rows.num_rows, np.intp)
                if piece.symbol is None:
                    symbols, codes = symbols_of(rows[symbol], first)
                prices = prices_of(rows[close], close, first, price_type)
                x = prices if src == close else prices_of(rows[src], src, first, price_type)
                if parts:
                    x = _computed(task, rows, parts, first)
                clocks = None if clock is None else rows[clock]
                times = times_of(rows[time], clocks, (time, clock), first, time_type)
                yield np.arange(first, end), symbols, codes, times, prices, x
                first = end


def _computed(task: Task, rows: Any, parts: dict[str, str], first: int) -> NDArray[Any]:
    """The source that the averages run on, computed from the columns of a candle."""
    _, type_ = task.arrow_types()
    return source(str(task.src), lambda part: prices_of(rows[parts[part]], parts[part], first, type_))


def _read_text(task: Task, piece: Piece, path: Path, begin: int) -> Iterator[tuple[Any, ...] | Failure]:
    """Read a file of another format, as a whole."""
    import pyarrow as pa

    if begin:  # it was read as a whole, so nothing is left
        return
    file = take(path, task.close, task.src, task.symbol, task.form)
    logger.info("%s: %s", path, file.reading)
    for note in file.notes:
        logger.warning("%s: %s", path, note)
    if piece.symbol is not None:
        found = {piece.symbol: _prices_of(file, task, piece.symbol)}
    else:
        unnamed = None in (*file.symbols, *file.problems)
        of_file = file_symbol(Path(piece.path), task.naming) if unnamed else None
        found = {str(name or of_file): prices for name, prices in file.symbols.items()}
        for name, problem in file.problems.items():
            yield Failure(name or of_file, piece.path, None, problem)
    if not found:
        return
    time_type, price_type = task.arrow_types()
    number, names = price_type.to_pandas_dtype(), (DATE_COLUMNS[0], None)
    every = list(found.values())  # in one batch: a step may end after any batch
    times = [times_of(pa.array(one.series.index), None, names, 0, time_type) for one in every]
    close = np.concatenate([one.series.to_numpy(number) for one in every])
    sources = [one.src.to_numpy(number) for one in every if one.src is not None]
    src = np.concatenate(sources) if sources else close
    row = np.concatenate([np.asarray(one.lines, np.int64) for one in every])
    codes = np.repeat(np.arange(len(every)), [one.series.size for one in every])
    yield row, list(found), codes, pa.concat_arrays(times), close, src


def _prices_of(file: PriceFile, task: Task, symbol: str) -> Prices:
    """The prices of a file that has one symbol, and is named after it, or is in a folder that is."""
    name, prices = only_symbol(file, None, advice=SEVERAL)
    if task.naming > 1 and name not in (None, symbol):
        raise ValueError(
            f"all its rows would be those of {symbol}, but its column of symbols has {name!r}: keep files "
            "with such a column apart from others, and out of folders that are named after a symbol"
        )
    return prices


def time_problem(rows: Batch, row: int) -> str:
    """The message about a row whose time is not after that of its symbol's row before."""
    time = rows.time[row]
    try:
        moment = time.as_py()
    except OverflowError:  # Python's calendar ends with the year 9999
        moment = f"{time.value} {time.type.unit} after 1970"
    if moment is None:
        return "the time is missing"
    return f"the time {moment} is not after that of the symbol's row before: sort the rows by time"


def of_range(rows: Batch, range_: Range) -> Batch:
    """The rows of the range's symbols."""
    held = np.array([range_.holds(symbol) for symbol in rows.symbols])
    return rows if held.all() else rows.take(np.flatnonzero(held[rows.codes]))


def joined(batches: list[Batch]) -> Batch:
    """The rows of all batches, grouped by symbol."""
    import pyarrow as pa

    numbers: dict[str, int] = {}
    codes = []
    for batch in batches:
        places = [numbers.setdefault(symbol, len(numbers)) for symbol in batch.symbols]
        codes.append(np.array(places, np.intp)[batch.codes])
    instant, close, file, row = (
        np.concatenate([getattr(batch, name) for batch in batches])
        for name in ("instant", "close", "file", "row")
    )
    alike = all(batch.src is batch.close for batch in batches)
    src = close if alike else np.concatenate([batch.src for batch in batches])
    time = pa.concat_arrays([batch.time for batch in batches])
    rows = Batch(list(numbers), np.concatenate(codes), time, instant, close, src, file, row)
    runs = rows.codes[np.flatnonzero(np.diff(rows.codes, prepend=-1))]
    return rows if np.unique(runs).size == runs.size else rows.take(np.argsort(rows.codes, kind="stable"))
