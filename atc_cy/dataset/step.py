"""One step of a range of symbols: read its next rows, resume each symbol, write a part, then the states."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..engine.bars import Bars
from ..engine.resume import Series, State, resume
from ..engine.run import price_error
from ..errors import FileError
from ..files.atomic import fsync, replacing
from .batches import Batch, joined, of_range, read, time_problem
from .parquet_columns import BEFORE_ALL_TIMES, instant_of_state, numbers_of
from .plan import Piece, Range, Task, check_run
from .states import Failure, Progress, read_states, write_states

ROWS_OF_STEP = 400_000
"""About how many rows a step reads; each thread has so many in memory."""
ROWS_OF_GROUP = 100_000
"""How many rows a row group of the output has."""
BEGUN = [-1, -1]
"""The size and time that are noted for a file that was read in part and has changed since."""


class _Read(NamedTuple):
    """What a step has read of its range."""

    batches: list[Batch]
    rows: int
    """How many rows of the source were read."""
    finished: bool
    """Whether nothing is left to read."""
    files: dict[str, list[int]]
    partial: tuple[str, int, int, int] | None
    """As in `Progress`; so is `files`."""


def step(task: Task, range_: Range) -> Progress:
    """Compute the next step of a range; a step may be repeated with the same result.

    Raises
    ------
    OSError
        The output cannot be written; earlier output stays whole.
    RuntimeError
        A later run writes to the destination.
    """
    before, states = read_states(task.destination, range_.number)
    failures, parts, rows = list(before.failures), before.parts, before.rows
    found = _read_next(task, range_, before, states, failures)
    table = _resume(task, range_, found.batches, states, failures)
    check_run(task)
    if table is not None and table.num_rows:
        _write(task, table, Path(task.destination) / f"{range_.number:05d}-{parts:05d}.parquet")
        parts, rows = parts + 1, rows + table.num_rows
    after = Progress(
        rows, before.read + found.rows, parts, found.finished, found.files, found.partial, tuple(failures)
    )
    check_run(task)
    write_states(task.destination, range_.number, after, states)
    return after


def unread(range_: Range, progress: Progress) -> list[tuple[int, Piece]]:
    """The pieces that are still to be read, with their numbers; one that was read in part comes first."""
    left = [
        (number, piece)
        for number, piece in enumerate(range_.pieces)
        if progress.files.get(piece.path) != [piece.size, piece.modified]
    ]
    return sorted(left, key=lambda item: progress.partial is None or item[1].path != progress.partial[0])


def _read_next(
    task: Task, range_: Range, progress: Progress, states: dict[str, State], failures: list[Failure]
) -> _Read:
    """Read the next rows of a range; files that cannot be read and prices that changed become failures."""
    files, partial = dict(progress.files), progress.partial
    batches: list[Batch] = []
    count = 0
    for number, piece in unread(range_, progress):
        if piece.symbol is not None and piece.symbol in {failure.symbol for failure in failures}:
            continue
        begin = 0
        if partial is not None and partial[:3] == (piece.path, piece.size, piece.modified):
            begin = partial[3]
        elif partial is not None:  # the file has changed since it was read in part, or is gone
            files.setdefault(partial[0], BEGUN)
        partial = None
        try:
            for rows in read(task, piece, number, begin, ROWS_OF_STEP):
                if isinstance(rows, Failure):
                    if range_.holds(str(rows.symbol)):
                        failures.append(rows)
                    continue
                following = int(rows.row.max()) + 1
                count += rows.row.size
                rows = of_range(rows, range_)
                if piece.path in files:
                    rows = _new(task, rows, range_, states, failures)
                batches.append(rows)
                if count >= ROWS_OF_STEP:
                    begun = piece.path, piece.size, piece.modified, following
                    return _Read(batches, count, False, files, begun)
        except FileError as error:
            failures.append(Failure(piece.symbol, piece.path, None, str(error)))
            if piece.symbol is None:
                break
            continue
        files[piece.path] = [piece.size, piece.modified]
    return _Read(batches, count, True, files, partial)


def _new(task: Task, rows: Batch, range_: Range, states: dict[str, State], failures: list[Failure]) -> Batch:
    """The new rows of a file that has grown."""
    time = rows.instant
    known = [states.get(symbol) for symbol in rows.symbols]
    last = np.array([_last_instant(task, state) for state in known])[rows.codes]
    for row in np.flatnonzero((time == last) & (time > BEFORE_ALL_TIMES)):
        state, price = known[rows.codes[row]], rows.close[row]
        if state is not None and not np.array_equal(price, state.close, equal_nan=True):
            problem = (
                f"the price is {price}, but was {state.close} before: the past has changed, compute the "
                "dataset again from the beginning"
            )
            failures.append(failure_of(rows, range_, int(row), problem))
    return rows.take(np.flatnonzero((time > last) | (time == BEFORE_ALL_TIMES)))


def _last_instant(task: Task, state: State | None) -> int:
    """The instant of a symbol's last row; the state of an earlier version may have something else."""
    if state is None:
        return BEFORE_ALL_TIMES
    try:
        return instant_of_state(state.time, task.arrow_types()[0])
    except ValueError as error:
        raise FileError(
            f"{task.destination}: the last row that was read: {error}: compute the dataset again from the "
            "beginning"
        ) from None


def failure_of(rows: Batch, range_: Range, row: int, problem: str) -> Failure:
    path = range_.pieces[rows.file[row]].path
    return Failure(rows.symbols[rows.codes[row]], path, int(rows.row[row]), problem)


def _resume(
    task: Task, range_: Range, batches: list[Batch], states: dict[str, State], failures: list[Failure]
) -> Any:
    """The output of all batches, as an Arrow table; updates `states` and `failures`."""
    import pyarrow as pa

    batches = [rows for rows in batches if rows.row.size]
    if not batches:
        return None
    rows = joined(batches)
    series = list(_series(task, rows, range_, states, failures))
    columns, results = resume(task.config, series, rows.row.size, rows.close.dtype)
    kept = np.zeros(rows.row.size, np.bool_)
    for each, (state, accepted) in zip(series, results, strict=True):
        kept[each.begin : each.begin + accepted] = True
        if state is not None:
            states[each.symbol] = state
        if accepted < each.close.size:
            problem = price_error(Bars(each.close, each.src, None), accepted, task.config)
            text = str(problem).replace(f" at row {accepted}", "", 1)  # this row is counted within the step
            failures.append(failure_of(rows, range_, each.begin + accepted, text))
    columns[task.symbol] = pa.DictionaryArray.from_arrays(rows.codes.astype(np.int32), rows.symbols)
    columns[task.time] = rows.time
    table = pa.table({name: columns[name] for name in (task.symbol, task.time, *task.outputs)})
    return table if kept.all() else table.filter(pa.array(kept))


def _series(
    task: Task, rows: Batch, range_: Range, states: dict[str, State], failures: list[Failure]
) -> Iterator[Series]:
    """Each symbol's rows, up to the first one whose time is not after that of the row before."""
    time, kept = rows.instant, numbers_of(rows.time)
    begins = np.flatnonzero(np.diff(rows.codes, prepend=-1))
    out_of_order = np.flatnonzero(time[1:] <= time[:-1]) + 1
    failed = {failure.symbol for failure in failures}
    alike = {symbol.strip(): symbol for symbol in states}
    for begin, limit in zip(begins.tolist(), [*begins[1:].tolist(), time.size], strict=True):
        symbol = rows.symbols[rows.codes[begin]]
        if symbol in failed:
            continue
        if (other := alike.setdefault(symbol.strip(), symbol)) != symbol and task.naming > 1:
            problem = f"the symbol {symbol!r} differs from {other!r} only in outer spaces: write both alike"
            failures.append(failure_of(rows, range_, begin, problem))
            continue
        state, end = states.get(symbol), limit
        try:
            last = _last_instant(task, state)
        except FileError as error:
            failures.append(failure_of(rows, range_, begin, str(error)))
            continue
        if time[begin] <= last:
            end = begin
        elif (after := np.searchsorted(out_of_order, begin, "right")) < out_of_order.size:
            end = min(int(out_of_order[after]), limit)
        if end < limit:
            failures.append(failure_of(rows, range_, end, time_problem(rows, end)))
        if begin < end:
            yield Series(symbol, begin, kept[begin:end], rows.close[begin:end], rows.src[begin:end], state)


def _write(task: Task, table: Any, path: Path) -> None:
    """Write a part of the output, completely or not at all."""
    import pyarrow.parquet as pq

    table = table.replace_schema_metadata({"atc_cy": task.metadata})
    with replacing(path) as part:
        pq.write_table(
            table, part, ROWS_OF_GROUP, use_dictionary=[task.symbol], write_page_checksum=True, version="2.6"
        )
        fsync(part)
    fsync(path.parent)
