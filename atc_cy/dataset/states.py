"""How far each range of a dataset is, and each of its symbols: what a destination keeps to go on from."""

import json
from pathlib import Path
from typing import NamedTuple

from ..engine.resume import State
from ..files.atomic import fsync, replacing
from ..files.tables import unit_of

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
    progress = Progress(*json.loads(pq.read_schema(path).metadata[b"done"]))
    failures = tuple(Failure(*failure) for failure in progress.failures)
    if progress.partial is not None:
        source, size, modified, rows = progress.partial
        progress = progress._replace(partial=(source, size, modified, rows))
    return progress._replace(failures=failures)


def read_states(destination: str, number: int) -> tuple[Progress, dict[str, State]]:
    """How far a range is, and the states that it resumes from."""
    import pyarrow.parquet as pq

    progress = read_progress(destination, number)
    if progress == Progress():
        return progress, {}
    table = pq.read_table(
        states_path(destination, number), partitioning=None, page_checksum_verification=True
    )
    symbols, *columns = (column.to_pylist() for column in table.columns)
    return progress, {symbol: State(*fields) for symbol, *fields in zip(symbols, *columns, strict=True)}


def write_states(destination: str, number: int, progress: Progress, states: dict[str, State]) -> None:
    """Replace a range's progress and states, both or neither."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = list(zip(*states.values(), strict=True)) or [()] * len(COLUMNS)
    types = (pa.binary(), pa.int64(), pa.float64(), pa.float64(), pa.float64())
    arrays = [pa.array(list(column), type_) for column, type_ in zip(columns, types, strict=True)]
    table = pa.table([pa.array(list(states), pa.string()), *arrays], ["symbol", *COLUMNS])
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
