"""What a dataset's source has: its files, the symbols that each may hold, the types of time and price."""

import logging
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ..files.columns import (
    DATE_COLUMNS,
    find_parts,
    find_price,
    find_time,
    find_unused_src,
    is_the_price,
    tells_symbols,
    unused_src_note,
)
from ..files.damage import damage_told
from ..files.opening import LISTED, STANDARD_INPUT, is_listed
from ..files.prices import only_symbol
from ..text import find_column, matches, problem_of
from .first_file import keep
from .parquet_columns import clock_of, type_of_times
from .states import Failure
from .whose import PARQUET, Asked, file_symbol, folder_symbol, has_symbols, symbol_column

logger = logging.getLogger("atc_cy")

SEVERAL = "all its rows would be those of one: keep it out of folders that are named after a symbol"
"""What to do with a file of several symbols that is taken for one of one."""
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
    """Whether a column of it has the symbols."""
    time: str
    """The column of the times."""
    types: bytes
    """Of time and price, in all files: an Arrow schema."""
    clock: bool = False
    """Whether another column has the time of day."""


def paths_of(source: Path) -> list[Path]:
    """The files of a source, in the order of their names, numbers by their value.

    Left out are those in whose path something begins with a dot or an underscore.
    """
    once = "can be read once, and a dataset's files are read again: save it as a file, or use atc-cy compute"
    if not source.exists():
        if source.name == str(STANDARD_INPUT):
            raise ValueError(f"standard input {once}")
        raise FileNotFoundError(f"{source} does not exist")
    if not source.is_file() and not source.is_dir():
        raise ValueError(f"{source} is a pipe, or the like, which {once}")
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


def time_column(names: Sequence[str], first: str, is_found: bool) -> str:
    """The column of times of a Parquet file: that of the first file's or, if none was named, of another name.

    Raises
    ------
    ValueError
        There is none, or there are several.
    """
    other = find_time(names) if is_found and not matches(first, names) else None
    column: str = find_column("time", first if other is None else other, names)
    return column


def price_column(names: Sequence[str], wanted: str) -> str:
    """The column of prices of a Parquet file.

    Raises
    ------
    ValueError
        There is none, or there are several.
    """
    found: str | None = find_price(names, wanted)
    return find_column("close", wanted, names) if found is None else found


def read_schema(root: Path, paths: Sequence[Path], asked: Asked) -> Schema:
    """The schema of a source; raises what is wrong with the first file if no file can be read.

    Raises
    ------
    ValueError
        No file can be read, or the first that can lacks the column of symbols that the user has named.
    """
    import pyarrow as pa

    unreadable: Exception | None = None
    for path in paths:
        try:
            name = path.relative_to(root)
            if asked.is_named and folder_symbol(name, asked) is None:
                has_symbols(path, asked)  # which refuses a file without this column
            read = _schema_of_parquet if path.suffix.lower() == PARQUET else _schema_of_text
            found = read(path, asked)
            long = found.long and folder_symbol(name, asked) is None
        except (OSError, ValueError) as error:
            unreadable = unreadable or ValueError(f"{path}: {problem_of(error, path)}")
            continue
        price = found.price if found.price == pa.float32() else pa.float64()
        both = pa.schema([("time", found.time), ("price", price)])
        return Schema(long, found.column, both.serialize().to_pybytes(), found.clock)
    raise unreadable or FileNotFoundError("there is no file")


class _First(NamedTuple):
    """What a file says of all."""

    long: bool
    column: str
    """Of the times."""
    time: Any
    """The type of Arrow's, as the next one."""
    price: Any
    clock: bool


def _schema_of_text(path: Path, asked: Asked) -> _First:
    import pyarrow as pa

    file = keep(path, asked.close, asked.src, asked.symbol, asked.form)
    if asked.naming == 1 or None in (*file.symbols, *file.problems):
        long, (_, prices) = False, only_symbol(file, None, advice=SEVERAL)
    elif file.symbols:
        long, prices = True, next(iter(file.symbols.values()))
    else:
        name, problem = next(iter(file.problems.items()))
        raise ValueError(f"{name}: {problem}")
    return _First(
        long, asked.time or DATE_COLUMNS[0], pa.array(prices.series.index).type, pa.float64(), False
    )


def _schema_of_parquet(path: Path, asked: Asked) -> _First:
    import pyarrow as pa
    import pyarrow.parquet as pq

    time, src = asked.time, asked.src
    with damage_told(), pq.ParquetFile(path) as file:
        schema = file.schema_arrow
        column = find_column("time", time or find_time(schema.names) or DATE_COLUMNS[0], schema.names)
        clock = clock_of(file, column) if time is None else None
        times = type_of_times(file, column, clock)
        name = price_column(schema.names, asked.close)
        price = schema.field(name).type
    if find_parts(schema.names, src, name):
        price = pa.float64()  # in which sources are computed
    elif (
        src is not None
        and not is_the_price(src, schema.names)
        and schema.field(find_column("src", src, schema.names)).type != price
    ):
        price = pa.float64()
    long = symbol_column(schema.names, asked.symbol, asked.naming) is not None
    return _First(long, column, times, price, clock is not None)


def list_files(
    root: Path, paths: Sequence[Path], asked: Asked, schema: Schema
) -> tuple[list[SourceFile], list[Failure]]:
    """What is known of the files; and those of single symbols, or of no symbol, that cannot be read."""
    files, failures, unused = [], [], _Unused()
    for path in paths:
        name, size, modified = path.relative_to(root), 0, 0
        try:
            hive = folder_symbol(name, asked)
            symbol = hive or _own_symbol(path, name, asked, schema)
        except ValueError as error:
            failures.append(Failure(None, str(name), None, str(error)))
            files.append(SourceFile(str(name), size, modified, None, ()))
            continue
        try:
            status = path.stat()
            size, modified = status.st_size, status.st_mtime_ns
            if path.suffix.lower() == PARQUET:
                groups, names = _groups_of_parquet(path, asked, schema.time, symbol, hive)
                unused.see(path, find_unused_src(names, asked.close, asked.src))
            else:
                groups = (RowGroup(symbol, symbol, size // BYTES_OF_ROW),)
        except (OSError, ValueError) as error:
            if symbol is None:
                raise ValueError(f"{path}: {problem_of(error, path)}") from None
            groups = ()
            failures.append(Failure(symbol, name.as_posix(), None, problem_of(error, path)))
        files.append(SourceFile(name.as_posix(), size, modified, symbol, groups))
    unused.report()
    return files, failures


def _own_symbol(path: Path, name: Path, asked: Asked, schema: Schema) -> str | None:
    """The symbol that a file is named after; None: its columns have the symbols. name: below the source."""
    long = schema.long
    if asked.naming > 1:
        try:
            long = has_symbols(path, asked)
        except (OSError, ValueError):
            if asked.is_named:
                raise
            # It cannot be read, which is reported where it is to be.
    return None if long else file_symbol(name, asked.naming)


class _Unused:
    """Files of Parquet with a column `src` that is not used: one warning for all."""

    def __init__(self) -> None:
        self._found: list[tuple[Path, Any]] = []

    def see(self, path: Path, name: Any | None) -> None:
        if name is not None:
            self._found.append((path, name))

    def report(self) -> None:
        if self._found:
            (path, name), more = self._found[0], len(self._found) - 1
            others = f" (and {more} more)" if more else ""
            logger.warning("%s%s: %s", path, others, unused_src_note(name))


def _groups_of_parquet(
    path: Path, asked: Asked, time: str, symbol: str | None, hive: str | None
) -> tuple[tuple[RowGroup, ...], list[str]]:
    """The row groups of a file, and its columns.

    symbol: that of all its rows; None: a column has them. hive: the one that its folder is named after.
    """
    import pyarrow.parquet as pq

    with damage_told(), pq.ParquetFile(path) as file:
        names = file.schema_arrow.names
        time_column(names, time, asked.time is None)
        column = symbol_column(names, asked.symbol, asked.naming)
        if symbol is None and column is None:
            raise ValueError(
                f"there is no column {asked.symbol!r}, as the first file has: keep the two apart"
            )
        if symbol is not None and hive is None and column is not None:
            raise ValueError(f"it has a column {column!r}, as the first file has not: keep the two apart")
        if symbol is not None and asked.naming > 1:
            _check_one_symbol(file, symbol, None if hive is None else column)
        found = []
        for number in range(file.metadata.num_row_groups):
            first, last = (symbol, symbol) if symbol is not None else _bounds(file, number, str(column))
            found.append(RowGroup(first, last, file.metadata.row_group(number).num_rows))
    return tuple(found), names


def _bounds(file: Any, number: int, column: str) -> tuple[str | None, str | None]:
    """The least and the greatest text of a column in a row group, by its statistics; None: not known."""
    # Statistics are of leaves: a struct has several.
    leaves = [file.schema.column(place).path for place in range(len(file.schema))]
    statistics = None
    if column in leaves:
        statistics = file.metadata.row_group(number).column(leaves.index(column)).statistics
    if statistics is None or not statistics.has_min_max or not isinstance(statistics.min, str):
        return None, None  # numbers have another order than their names
    return statistics.min, statistics.max


def _check_one_symbol(file: Any, symbol: str, column: str | None) -> None:
    """Refuse several symbols in a column of a file whose rows are taken to be of one, as far as is known.

    column: that of the symbols, in a folder that is named after one.
    """
    others = [name for name in file.schema_arrow.names if tells_symbols(name, text=True)]
    for name in {*others, *([] if column is None else [column])}:
        bounds = {
            text.strip()
            for number in range(file.metadata.num_row_groups)
            for text in _bounds(file, number, name)
            if text is not None
        } | ({symbol} if name == column else set())
        if len(bounds) > 1:
            one, other = sorted(bounds)[:2]
            raise ValueError(
                f"all its rows would be those of {symbol}, but its column {name!r} has several symbols, such "
                f"as {one!r} and {other!r}: name the column, as in symbol={name!r} (--symbol-column {name}), "
                "and keep files with it apart from others and out of folders that are named after a symbol"
            )
