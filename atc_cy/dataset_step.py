"""One step of a range of symbols: read its next rows, carry each symbol on, write a part, then the states."""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .config import ATCConfig
from .engine.bars import Bars
from .engine.resume import Series, State, carry
from .engine.run import price_error
from .errors import FileError
from .files.atomic import fsync, replacing
from .files.prices import read_prices
from .files.symbols import codes_of_dictionary
from .files.tables import unit_of
from .text import find_column

ROWS_OF_STEP = 400_000
"""About how many rows a step takes: what is in memory at a time, on each thread."""
ROWS_OF_GROUP = 100_000
"""In a row group of the output."""
LONG_TEXT = "in a dataset only Parquet holds several: write it as Parquet, or as one file a symbol"
"""What to do with a file of several symbols that is no Parquet."""
PLAN, STATES, PARQUET = "_plan.json", "_states", ".parquet"
BEGUN = [-1, -1]
"""Size and time of a file that was not read to its end, and is other than it was."""
BEFORE_ALL_TIMES = np.iinfo(np.int64).min


class Failure(NamedTuple):
    """A symbol, or a file, that could not be done to its end; what came before is in the output."""

    symbol: str | None
    """None: all symbols that the file may hold."""
    file: str
    row: int | None
    """Of the file, from 0; of a text file the line, from 1, as an editor counts them. None: all of it."""
    problem: str

    def __str__(self) -> str:
        place = self.file if self.row is None else f"{self.file}, {unit_of(Path(self.file))} {self.row}"
        return f"{self.symbol or 'all symbols from there on'}: {place}: {self.problem}"


class Piece(NamedTuple):
    """A file, or the part of it that may hold a range's symbols."""

    path: str
    """Below the source."""
    size: int
    modified: int
    """In nanoseconds since 1970."""
    symbol: str | None
    """Of all rows; None: a column tells."""
    groups: tuple[int, ...]
    """Row groups of a Parquet file; of another one, 0."""
    rows: int
    """About how many."""


class Range(NamedTuple):
    """Symbols above the first and up to the last, in the order of their names; None: no limit."""

    number: int
    first: str | None
    last: str | None
    pieces: tuple[Piece, ...]

    def holds(self, symbol: str) -> bool:
        return (self.first is None or symbol > self.first) and (self.last is None or symbol <= self.last)


class Task(NamedTuple):
    """What every step of a run needs to know."""

    source: str
    destination: str
    config: ATCConfig
    symbol: str
    time: str
    close: str
    src: str | None
    outputs: tuple[str, ...]
    run: str
    """Of this run, as the destination's plan tells it too; a worker left over from another one ends."""
    types: bytes
    """Of time and price, in all files: an Arrow schema."""
    told: str = ""
    """JSON, which each part of the output carries: what the run is."""

    def arrow_types(self) -> tuple[Any, Any]:
        import pyarrow as pa

        time, price = pa.ipc.read_schema(pa.py_buffer(self.types)).types
        return time, price


class Done(NamedTuple):
    """How far a range is."""

    rows: int = 0
    """Of the output."""
    read: int = 0
    """Of the source."""
    parts: int = 0
    finished: bool = False
    files: dict[str, list[int]] = {}  # noqa: RUF012 - never changed
    """Size and time of those that were read, when they were."""
    partial: tuple[str, int, int, int] | None = None
    """Path, size, time of the one that was begun, and the row that comes next."""
    failures: tuple[Failure, ...] = ()


class Rows(NamedTuple):
    """Rows of a source, in the order of their symbols' times."""

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

    def take(self, rows: NDArray[np.intp]) -> "Rows":
        return Rows(
            self.symbols,
            self.codes[rows],
            self.time.take(rows),
            self.close[rows],
            self.src[rows],
            self.file[rows],
            self.row[rows],
        )


def step(task: Task, own: Range) -> Done:
    """Take a range forward; it may be done again, or twice.

    Raises
    ------
    OSError
        The output cannot be written; what was there is whole.
    """
    done, states = read_states(task.destination, own.number)
    failures, files, partial = list(done.failures), dict(done.files), done.partial
    read, finished = 0, True
    batches: list[Rows] = []
    for number, piece in unread(own, done):
        if piece.symbol is not None and piece.symbol in {failure.symbol for failure in failures}:
            continue
        begin = 0
        if partial is not None and partial[:3] == (piece.path, piece.size, piece.modified):
            begin = partial[3]
        elif partial is not None and partial[0] == piece.path:  # it has grown since it was begun
            files.setdefault(piece.path, BEGUN)
        elif partial is not None:
            files.setdefault(partial[0], BEGUN)
        partial = None
        try:
            for rows in _read(task, piece, number, begin):
                following = int(rows.row.max()) + 1
                read += rows.row.size
                rows = _held(rows, own)
                if piece.path in files:
                    rows = _new(rows, own, states, failures)
                batches.append(rows)
                if read >= ROWS_OF_STEP:
                    partial = (piece.path, piece.size, piece.modified, following)
                    break
        except FileError as error:
            failures.append(Failure(piece.symbol, piece.path, None, str(error)))
            if piece.symbol is None:
                break
            continue
        if partial:
            finished = False
            break
        files[piece.path] = [piece.size, piece.modified]
    table = _carry(task, own, batches, states, failures)
    parts = done.parts
    check_run(task)
    if table is not None and table.num_rows:
        _write(task, table, Path(task.destination) / f"{own.number:05d}-{parts:05d}.parquet")
        parts += 1
    rows_done = done.rows + (table.num_rows if table is not None else 0)
    now = Done(rows_done, done.read + read, parts, finished, files, partial, tuple(failures))
    check_run(task)
    _write_states(task.destination, own.number, now, states)
    return now


def check_run(task: Task) -> None:
    if json.loads((Path(task.destination) / PLAN).read_text())["run"] != task.run:
        raise RuntimeError(f"another run writes to {task.destination} now")


def unread(own: Range, done: Done) -> list[tuple[int, Piece]]:
    """What is still to be read, with its number: first what was begun."""
    left = [
        (number, piece)
        for number, piece in enumerate(own.pieces)
        if done.files.get(piece.path) != [piece.size, piece.modified]
    ]
    return sorted(left, key=lambda item: done.partial is None or item[1].path != done.partial[0])


def _read(task: Task, piece: Piece, number: int, begin: int) -> Iterator[Rows]:
    """The piece's rows from a row of the file on."""
    path = Path(task.source) / piece.path
    read = _read_parquet if path.suffix.lower() == PARQUET else _read_whole
    try:
        for row, symbols, codes, time, close, src in read(task, piece, path, begin):
            if row.size:
                yield Rows(symbols, codes, time, close, src, np.full(row.size, number, np.int32), row)
    except (OSError, ValueError, LookupError, NotImplementedError) as error:  # as Arrow's errors are
        raise FileError(str(error)) from None


def _read_parquet(task: Task, piece: Piece, path: Path, begin: int) -> Iterator[tuple[Any, ...]]:
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
            for rows in file.iter_batches(ROWS_OF_STEP, [group], columns, use_threads=False):
                end, left_out = first + rows.num_rows, min(max(begin - first, 0), rows.num_rows)
                rows, first = rows.slice(left_out), first + left_out
                symbols, codes = [str(piece.symbol)], np.zeros(rows.num_rows, np.intp)
                if piece.symbol is None:
                    symbols, codes = _coded(rows[symbol], first)
                prices = _prices(rows[close], close, task)
                x = prices if src == close else _prices(rows[src], src, task)
                yield np.arange(first, end), symbols, codes, _times(rows[time], time, task), prices, x
                first = end


def _read_whole(task: Task, piece: Piece, path: Path, begin: int) -> Iterator[tuple[Any, ...]]:
    """A file of another format, which has one symbol."""
    import pyarrow as pa

    if begin:  # it comes as a whole, so nothing is left of it
        return
    own = read_prices(path, task.close, src=task.src, advice=LONG_TEXT)
    x = own.series if own.src is None else own.src
    time = _times(pa.array(own.series.index), "date", task)
    close, src = (prices.to_numpy(task.arrow_types()[1].to_pandas_dtype()) for prices in (own.series, x))
    row = np.asarray(own.lines, np.int64)
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
        return np.array([math.nan if own is None else float(own) for own in column.to_pylist()])
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


def _held(rows: Rows, own: Range) -> Rows:
    """Those of the range's symbols."""
    held = np.array([own.holds(symbol) for symbol in rows.symbols])
    return rows if held.all() else rows.take(np.flatnonzero(held[rows.codes]))


def _new(rows: Rows, own: Range, states: dict[str, State], failures: list[Failure]) -> Rows:
    """Those of a file that has grown that were not there before."""
    time = comparable(rows.time)
    known = [states.get(symbol) for symbol in rows.symbols]
    last = np.array([BEFORE_ALL_TIMES if state is None else state.time for state in known])[rows.codes]
    for row in np.flatnonzero((time == last) & (time > BEFORE_ALL_TIMES)):
        state, price = known[rows.codes[row]], rows.close[row]
        if state is not None and not np.array_equal(price, state.close, equal_nan=True):
            problem = f"its price is {price}, and was {state.close} before: history has changed, begin anew"
            failures.append(_failure(rows, own, int(row), problem))
    return rows.take(np.flatnonzero((time > last) | (time == BEFORE_ALL_TIMES)))


def _together(batches: list[Rows]) -> Rows:
    """All rows, those of a symbol side by side."""
    import pyarrow as pa

    numbers: dict[str, int] = {}
    codes = []
    for own in batches:
        places = [numbers.setdefault(symbol, len(numbers)) for symbol in own.symbols]
        codes.append(np.array(places, np.intp)[own.codes])
    close, file, row = (np.concatenate([own[place] for own in batches]) for place in (3, 5, 6))
    alike = all(own.src is own.close for own in batches)
    src = close if alike else np.concatenate([own.src for own in batches])
    time = pa.concat_arrays([own.time for own in batches])
    rows = Rows(list(numbers), np.concatenate(codes), time, close, src, file, row)
    runs = rows.codes[np.flatnonzero(np.diff(rows.codes, prepend=-1))]
    return rows if np.unique(runs).size == runs.size else rows.take(np.argsort(rows.codes, kind="stable"))


def _failure(rows: Rows, own: Range, row: int, problem: str) -> Failure:
    path = own.pieces[rows.file[row]].path
    return Failure(rows.symbols[rows.codes[row]], path, int(rows.row[row]), problem)


def _carry(
    task: Task, own: Range, batches: list[Rows], states: dict[str, State], failures: list[Failure]
) -> Any:
    """The output of all batches, as an Arrow table; states and failures are brought forward."""
    import pyarrow as pa

    batches = [rows for rows in batches if rows.row.size]
    if not batches:
        return None
    rows = _together(batches)
    series = list(_series(rows, own, states, failures))
    columns, results = carry(task.config, series, rows.row.size, rows.close.dtype)
    kept = np.zeros(rows.row.size, np.bool_)
    for each, (state, taken) in zip(series, results, strict=True):
        kept[each.begin : each.begin + taken] = True
        if state is not None:
            states[each.symbol] = state
        if taken < each.close.size:
            problem = price_error(Bars(each.close, each.src, None), taken, task.config)
            text = str(problem).replace(f" at row {taken}", "", 1)  # which counts within the step
            failures.append(_failure(rows, own, each.begin + taken, text))
    columns[task.symbol] = pa.DictionaryArray.from_arrays(rows.codes.astype(np.int32), rows.symbols)
    columns[task.time] = rows.time
    table = pa.table({name: columns[name] for name in (task.symbol, task.time, *task.outputs)})
    return table if kept.all() else table.filter(pa.array(kept))


def _series(rows: Rows, own: Range, states: dict[str, State], failures: list[Failure]) -> Iterator[Series]:
    """Each symbol's rows, up to one whose time does not come after the one before."""
    time = comparable(rows.time)
    begins = np.flatnonzero(np.diff(rows.codes, prepend=-1))
    late = np.flatnonzero(time[1:] <= time[:-1]) + 1
    failed = {failure.symbol for failure in failures}
    for begin, limit in zip(begins.tolist(), [*begins[1:].tolist(), time.size], strict=True):
        symbol = rows.symbols[rows.codes[begin]]
        if symbol in failed:
            continue
        state, end = states.get(symbol), limit
        if time[begin] <= (BEFORE_ALL_TIMES if state is None else state.time):
            end = begin
        elif (after := np.searchsorted(late, begin, "right")) < late.size:
            end = min(int(late[after]), limit)
        if end < limit:
            moment = rows.time[end].as_py()
            problem = (
                "its time is missing" if moment is None else f"its time {moment} does not come after the last"
            )
            failures.append(_failure(rows, own, end, problem))
        if begin < end:
            yield Series(symbol, begin, time[begin:end], rows.close[begin:end], rows.src[begin:end], state)


def _write(task: Task, table: Any, path: Path) -> None:
    """A part of the output, whole or not at all."""
    import pyarrow.parquet as pq

    table = table.replace_schema_metadata({"atc_cy": task.told})
    with replacing(path) as part:
        pq.write_table(
            table, part, ROWS_OF_GROUP, use_dictionary=[task.symbol], write_page_checksum=True, version="2.6"
        )
        fsync(part)
    fsync(path.parent)


def _write_states(destination: str, number: int, done: Done, states: dict[str, State]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = list(zip(*states.values(), strict=True)) or [()] * len(State._fields)
    types = (pa.binary(), pa.int64(), pa.float64(), pa.float64(), pa.float64())
    arrays = [pa.array(list(own), type_) for own, type_ in zip(columns, types, strict=True)]
    table = pa.table([pa.array(list(states), pa.string()), *arrays], ["symbol", *State._fields])
    with replacing(states_path(destination, number)) as part:
        pq.write_table(
            table.replace_schema_metadata({"done": json.dumps(done)}),
            part,
            compression="none",
            use_dictionary=False,
            write_page_checksum=True,
        )
        fsync(part)
    fsync(Path(destination) / STATES)


def states_path(destination: str, number: int) -> Path:
    return Path(destination) / STATES / f"{number:05d}.parquet"


def read_done(destination: str, number: int) -> Done:
    """How far a range is."""
    import pyarrow.parquet as pq

    path = states_path(destination, number)
    if not path.exists():
        return Done()
    done = Done(*json.loads(pq.read_schema(path).metadata[b"done"]))
    failures = tuple(Failure(*failure) for failure in done.failures)
    if done.partial is not None:
        path_, size, modified, rows = done.partial
        done = done._replace(partial=(path_, size, modified, rows))
    return done._replace(failures=failures)


def read_states(destination: str, number: int) -> tuple[Done, dict[str, State]]:
    import pyarrow.parquet as pq

    done = read_done(destination, number)
    if done == Done():
        return done, {}
    table = pq.read_table(
        states_path(destination, number), partitioning=None, page_checksum_verification=True
    )
    symbols, *columns = (column.to_pylist() for column in table.columns)
    return done, {symbol: State(*own) for symbol, *own in zip(symbols, *columns, strict=True)}
