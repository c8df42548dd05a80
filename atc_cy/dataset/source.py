"""What a dataset's source has: its files, the symbols that each may hold, the types of time and price."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

from ..files.clock import is_whole
from ..files.columns import DATE_COLUMNS, find_clock, find_named, find_time
from ..files.format import Format
from ..files.numbers import is_missing
from ..files.opening import LISTED, is_listed, symbol_of
from ..files.prices import only_symbol
from ..files.symbols import is_no_symbol
from ..text import find_column
from .first_file import keep
from .states import Failure

PARQUET = ".parquet"
LONG_TEXT = "in a dataset only Parquet holds several: write it as Parquet, or as one file a symbol"
"""What to do with a file of several symbols that is no Parquet."""
_ROWS_SEEN = 100
BYTES_OF_ROW = 30
"""Of a file that is no Parquet, until it has been read."""


class RowGroup(NamedTuple):
    """A row group of a Parquet file, or all of another file, as far as it is known without reading it."""

    first: str | None
    """The first symbol; None: not known."""
    last: str | None
    rows: int

    def may_hold(self, after: str | None, last: str | None) -> bool:
        """Whether it may hold symbols after the one and up to the other."""
        above = after is None or self.last is None or self.last > after
        return above and (last is None or self.first is None or self.first <= last)


class SourceFile(NamedTuple):
    """A file of the source, as far as it is known without reading its rows."""

    path: str
    size: int
    modified: int
    symbol: str | None
    groups: tuple[RowGroup, ...]
    """Empty: it cannot be read."""


class Schema(NamedTuple):
    """What the first file that can be read says of all files."""

    long: bool
    """Whether a column has the symbols."""
    time: str
    """The column of the times."""
    types: bytes
    """Of time and price, in all files: an Arrow schema."""


def paths_of(source: Path) -> list[Path]:
    """The files of a source, in the order of their names, numbers by their value.

    Left out are those in whose path something begins with a dot or an underscore.
    """
    if not source.exists():
        raise FileNotFoundError(f"{source} does not exist")
    if source.is_file():
        return [source]
    found = [
        path
        for path in sorted(source.rglob("*"), key=in_order)
        if is_listed(path)
        and not path.is_dir()
        and not any(part.startswith((".", "_")) for part in path.relative_to(source).parts)
    ]
    if not found:
        raise FileNotFoundError(f"{source} has no file of prices: {', '.join(LISTED)}, also with .gz")
    return found


def in_order(path: Path) -> list[tuple[int, str]]:
    """What to sort paths by: their names, numbers by their value."""
    parts = re.split(r"(\d+)", path.as_posix())  # the same order on all systems
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def read_schema(
    root: Path,
    paths: Sequence[Path],
    symbol: str,
    time: str | None,
    close: str,
    src: str | None,
    form: Format,
) -> Schema:
    """The schema of a source; raises what is wrong with the first file if no file can be read."""
    import pyarrow as pa

    unreadable: Exception | None = None
    for path in paths:
        try:
            if path.suffix.lower() == PARQUET:
                long, column, types = _schema_of_parquet(path, symbol, time, close, src)
                long = long and _hive(path.relative_to(root), symbol) is None
            else:
                long, column = False, time or DATE_COLUMNS[0]
                _, prices = only_symbol(keep(path, close, src, form), None, advice=LONG_TEXT)
                types = pa.array(prices.series.index).type, pa.float64()
            if not (pa.types.is_temporal(types[0]) or pa.types.is_integer(types[0])):
                raise ValueError(
                    f"its times in {column!r} are {types[0]}, no timestamps, dates or whole numbers"
                )
        except (OSError, ValueError) as error:
            unreadable = unreadable or ValueError(f"{path}: {error}")
            continue
        price = types[1] if types[1] == pa.float32() else pa.float64()
        both = pa.schema([("time", types[0]), ("price", price)])
        return Schema(long, column, both.serialize().to_pybytes())
    raise unreadable or FileNotFoundError("there is no file")


def _schema_of_parquet(
    path: Path, symbol: str, time: str | None, close: str, src: str | None
) -> tuple[bool, str, tuple[Any, Any]]:
    """Whether it has a column of symbols; its column of times; the Arrow types of time and price."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pq.read_schema(path)
    usual = find_time(schema.names) or DATE_COLUMNS[0]
    column = find_column("time", time or usual, schema.names)
    if time is None and (clock := find_clock(schema.names, column)) is not None:
        _refuse_clock(path, column, clock)
    price = schema.field(find_column("close", close, schema.names)).type
    if src is not None and schema.field(find_column("src", src, schema.names)).type != price:
        price = pa.float64()
    long = find_named(schema.names, symbol) is not None
    return long, column, (schema.field(column).type, price)


def _refuse_clock(path: Path, date: str, clock: str) -> None:
    """Refuse a column with the time of day beside one of dates: the rows of a dataset have one of times."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        batches = file.iter_batches(_ROWS_SEEN, columns=[clock], use_threads=False)
        values: list[Any] = next((batch[0].to_pylist() for batch in batches), [])
    if not all(is_missing(value) or is_whole(value) for value in values):
        raise ValueError(
            f"{clock!r} has the time of day of {date!r}: write the two as one column of times, or name the "
            f"column that is to be used, as in time={date!r}"
        )


def _hive(path: Path, symbol: str) -> str | None:
    """The symbol that a folder is named after."""
    values = [part.partition("=")[2] for part in path.parts[:-1] if part.startswith(f"{symbol}=")]
    if not values:
        return None
    name = unquote(values[-1])
    if is_no_symbol(name):
        raise ValueError(
            f"{path}: the symbol is missing: its folder is named {symbol}={values[-1]}: "
            "name it after the symbol"
        )
    return name


def list_files(
    root: Path, paths: Sequence[Path], symbol_column: str, schema: Schema
) -> tuple[list[SourceFile], list[Failure]]:
    """What is known of the files; and those of single symbols, or of no symbol, that cannot be read."""
    files, failures = [], []
    for path in paths:
        name, size, modified = path.relative_to(root), 0, 0
        try:
            hive = _hive(name, symbol_column)
        except ValueError as error:
            failures.append(Failure(None, str(name), None, str(error)))
            files.append(SourceFile(str(name), size, modified, None, ()))
            continue
        symbol = hive or (None if schema.long else symbol_of(path))
        try:
            status = path.stat()
            size, modified = status.st_size, status.st_mtime_ns
            groups = _groups(path, symbol_column, schema.time, symbol, size, hive is not None)
        except (OSError, ValueError) as error:
            if symbol is None:
                raise ValueError(f"{path}: {error}") from None
            groups = ()
            failures.append(Failure(symbol, name.as_posix(), None, str(error)))
        files.append(SourceFile(name.as_posix(), size, modified, symbol, groups))
    return files, failures


def _groups(
    path: Path, column: str, time: str, symbol: str | None, size: int, hive: bool
) -> tuple[RowGroup, ...]:
    """The row groups of a file; `symbol` is that of all its rows, None: `column` has them."""
    import pyarrow.parquet as pq

    if path.suffix.lower() != PARQUET:
        if symbol is None:
            raise ValueError(f"there is no column {column!r}, as the first file has: keep the two apart")
        return (RowGroup(symbol, symbol, size // BYTES_OF_ROW),)
    with pq.ParquetFile(path) as file:
        names = file.schema_arrow.names
        find_column("time", time, names)
        if symbol is not None and not hive and find_named(names, column) is not None:
            raise ValueError(f"it has a column {column!r}, as the first file has not: keep the two apart")
        # Statistics are of leaves: a struct has several.
        leaves = [file.schema.column(place).path for place in range(len(file.schema))]
        place = None if symbol is not None else leaves.index(find_column("symbol", column, names))
        found = []
        for number in range(file.metadata.num_row_groups):
            group = file.metadata.row_group(number)
            statistics = None if place is None else group.column(place).statistics
            first = last = symbol
            if statistics is not None and statistics.has_min_max and isinstance(statistics.min, str):
                first, last = statistics.min, statistics.max  # numbers have another order than their names
            found.append(RowGroup(first, last, group.num_rows))
    return tuple(found)
