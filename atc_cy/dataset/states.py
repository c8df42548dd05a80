"""The progress of each range of a dataset and the states of its symbols, which a destination keeps."""

import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..config import checked_integer
from ..engine.resume import State
from ..files.atomic import fsync, replacing
from ..files.damage import damage_reported
from ..files.tables import unit_of
from ..text import shown

if TYPE_CHECKING:
    import pyarrow as pa

STATES = "_states"
"""The folder of a destination that has a file of states for each range."""
COLUMNS = ("record", "time", "close", "average", "way")
"""The columns of a file of states after the symbol, in every version: the fields of a `State`."""
_DONE, _CHECKSUM = b"done", b"checksum"
"""Keys in the metadata of a file of states: its `Progress` as JSON, and a checksum of everything."""


class Failure(NamedTuple):
    """A symbol, or a file, that could not be done to its end; what came before is in the output.

    See Also
    --------
    atc_cy.dataset.Report : Has the failures of a run.

    Examples
    --------
    >>> from pathlib import Path
    >>> from atc_cy import dataset
    >>> _ = Path("BTC.csv").write_text("date,close\\n2026-10-30,100\\n2026-10-31,-1\\n")
    >>> [failure] = dataset.scan("BTC.csv", "signals").failures
    >>> failure.symbol, failure.row
    ('BTC', 3)
    """

    symbol: str | None
    """None if it is about all symbols that the file may hold."""
    file: str
    row: int | None
    """The row of the file, from 0; of a text file the line, from 1. None if it is about the whole file."""
    problem: str

    def __str__(self) -> str:
        place = self.file if self.row is None else f"{self.file}, {unit_of(Path(self.file))} {self.row}"
        return f"{self.symbol or 'all symbols from there on'}: {place}: {self.problem}"


class Progress(NamedTuple):
    """The progress of a range."""

    rows: int = 0
    """How many rows of output were written."""
    read: int = 0
    """How many rows of the source were read."""
    parts: int = 0
    finished: bool = False
    files: dict[str, list[int]] = {}  # noqa: RUF012 - never changed
    """The size and the time of each file when it was read."""
    partial: tuple[str, int, int, int] | None = None
    """The path, size and time of a file that was read in part, and its next row."""
    failures: tuple[Failure, ...] = ()


def states_path(destination: str, number: int) -> Path:
    """The file that has a range's progress and states."""
    return Path(destination) / STATES / f"{number:05d}.parquet"


def read_progress(destination: str, number: int) -> Progress:
    """The progress of a range; errors are those of `read_states`."""
    import pyarrow.parquet as pq

    path = states_path(destination, number)
    if not path.exists():
        return Progress()
    with _damage_named(path):
        return _progress(pq.read_schema(path).metadata[_DONE])


def _progress(done: bytes) -> Progress:
    """The progress from its JSON; a TypeError or ValueError says what does not fit."""
    fields = json.loads(done)
    if not isinstance(fields, list):
        raise TypeError(f"progress: {shown(fields)}")
    progress = Progress(*fields)
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
    checked_integer("size", size, -1)  # -1 means that the file must be read again
    checked_integer("time", modified)


def read_states(destination: str, number: int) -> tuple[Progress, dict[str, State]]:
    """The progress of a range, and the states that it resumes from.

    Raises
    ------
    ValueError
        The file is damaged.
    """
    import pyarrow.parquet as pq

    path = states_path(destination, number)
    if not path.exists():
        return Progress(), {}
    with _damage_named(path):
        table = pq.read_table(path, partitioning=None, page_checksum_verification=True)
        done = table.schema.metadata[_DONE]
        written = table.schema.metadata.get(_CHECKSUM)  # earlier versions have only checksums of pages
        if written is not None and written != _checksum(done, table):
            raise ValueError("its checksum is wrong")
        if not table.schema.equals(_schema()) or any(column.null_count for column in table.columns):
            raise ValueError(f"its columns are {shown(str(table.schema.remove_metadata()))}")
        symbols, *columns = (column.to_pylist() for column in table.columns)
        if len({*symbols}) != len(symbols):
            raise ValueError("a symbol occurs twice")
        states = {symbol: State(*fields) for symbol, *fields in zip(symbols, *columns, strict=True)}
        return _progress(done), states


@contextmanager
def _damage_named(path: Path) -> Iterator[None]:
    """Turn the errors of a damaged file of states into one that names the file and the remedy."""
    try:
        with damage_reported():
            yield
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:  # Arrow's errors derive from these
        text = " ".join(str(error).split())
        raise ValueError(
            f"{path} is damaged ({text:.200}): put a backup back. If the source still has all of its files, "
            "you may remove it instead: an update then computes its symbols again"
        ) from None


def _checksum(done: bytes, table: "pa.Table") -> bytes:
    """The checksum of everything in a file of states; Parquet's checksums of pages leave out the metadata."""
    checksum = zlib.crc32(done)
    for column in table.columns:
        for value in column.to_pylist():
            checksum = zlib.crc32(value if isinstance(value, bytes) else repr(value).encode(), checksum)
    return b"%08x" % checksum


def _schema() -> "pa.Schema":
    """The schema of a file of states."""
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
    done = json.dumps(progress).encode()
    with replacing(states_path(destination, number)) as part:
        pq.write_table(
            table.replace_schema_metadata({_DONE: done, _CHECKSUM: _checksum(done, table)}),
            part,
            compression="none",
            use_dictionary=False,
            write_page_checksum=True,
        )
        fsync(part)
    fsync(Path(destination) / STATES)
