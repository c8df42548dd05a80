"""How far each range of a dataset is, and each of its symbols: what a destination keeps to go on from."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from ..config import checked_integer
from ..engine.resume import State
from ..files.atomic import fsync, replacing
from ..files.tables import unit_of
from ..text import shown

STATES = "_states"
"""The folder of a destination that has a file of states for each range."""
COLUMNS = ("record", "time", "close", "average", "way")
"""Of a file of states, after the symbol, as every version has written them: the fields of a `State`."""


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


class Progress(NamedTuple):
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


def states_path(destination: str, number: int) -> Path:
    """The file that has a range's progress and states."""
    return Path(destination) / STATES / f"{number:05d}.parquet"


def read_progress(destination: str, number: int) -> Progress:
    """How far a range is."""
    import pyarrow.parquet as pq

    path = states_path(destination, number)
    if not path.exists():
        return Progress()
    with _damage_told(path):
        return _progress(json.loads((pq.read_schema(path).metadata or {})[b"done"]))


@contextmanager
def _damage_told(path: Path) -> Iterator[None]:
    """Name the file that does not have what `write_states` writes."""
    try:
        yield
    except (AttributeError, KeyError, MemoryError, RecursionError, TypeError, ValueError) as error:
        problem = f"{type(error).__name__}: {shown(str(error))}"
        raise ValueError(f"{path} is damaged ({problem}): name another folder, to begin anew") from None


def _progress(done: Any) -> Progress:
    """What was written of a range; a TypeError or ValueError says what does not fit."""
    if not isinstance(done, list):
        raise TypeError(f"progress: {shown(done)}")
    progress = Progress(*done)
    for count in progress[:3]:
        checked_integer("count", count, 0)
    if not isinstance(progress.finished, bool):
        raise TypeError(f"finished: {shown(progress.finished)}")
    for source, (size, modified) in progress.files.items():
        _check_file(source, size, modified)
    if progress.partial is not None:
        source, size, modified, rows = progress.partial
        _check_file(source, size, modified)
        progress = progress._replace(partial=(source, size, modified, checked_integer("row", rows, 0)))
    failures = tuple(Failure(*failure) for failure in progress.failures)
    for symbol, file, row, problem in failures:
        if not isinstance(symbol, str | None) or not isinstance(file, str) or not isinstance(problem, str):
            raise TypeError(f"failure: {shown(symbol)}, {shown(file)}, {shown(problem)}")
        checked_integer("row", 0 if row is None else row, 0)
    return progress._replace(failures=failures)


def _check_file(source: Any, size: Any, modified: Any) -> None:
    if not isinstance(source, str):
        raise TypeError(f"file: {shown(source)}")
    checked_integer("size", size, -1)  # of a file that is to be read again
    checked_integer("time", modified)


def read_states(destination: str, number: int) -> tuple[Progress, dict[str, State]]:
    """How far a range is, and the states that it resumes from."""
    import pyarrow.parquet as pq

    progress = read_progress(destination, number)
    if progress == Progress():
        return progress, {}
    path = states_path(destination, number)
    with _damage_told(path):
        table = pq.read_table(path, partitioning=None, page_checksum_verification=True)
        if not table.schema.equals(_schema()) or any(column.null_count for column in table.columns):
            raise ValueError(f"its columns are {shown(str(table.schema.remove_metadata()))}")
        symbols, *columns = (column.to_pylist() for column in table.columns)
        if len({*symbols}) != len(symbols):
            raise ValueError("a symbol is there twice")
    return progress, {symbol: State(*fields) for symbol, *fields in zip(symbols, *columns, strict=True)}


def _schema() -> Any:
    """Of a file of states."""
    import pyarrow as pa

    types = (pa.string(), pa.binary(), pa.int64(), pa.float64(), pa.float64(), pa.float64())
    return pa.schema([*zip(("symbol", *COLUMNS), types, strict=True)])


def write_states(destination: str, number: int, progress: Progress, states: dict[str, State]) -> None:
    """Replace a range's progress and states, both or neither."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = list(zip(*states.values(), strict=True)) or [()] * len(COLUMNS)
    given = [list(states), *map(list, columns)]
    arrays = [pa.array(column, type_) for column, type_ in zip(given, _schema().types, strict=True)]
    table = pa.table(arrays, schema=_schema())
    with replacing(states_path(destination, number)) as part:
        pq.write_table(
            table.replace_schema_metadata({"done": json.dumps(progress)}),
            part,
            compression="none",
            use_dictionary=False,
            write_page_checksum=True,
        )
        fsync(part)
    fsync(Path(destination) / STATES)
