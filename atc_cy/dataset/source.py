"""The source of a dataset: its files, the symbols that each may hold, and the types of time and price."""

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
    names_symbols,
    unused_src_note,
)
from ..files.damage import damage_reported
from ..files.opening import LISTED, STANDARD_INPUT, is_listed
from ..files.prices import only_symbol
from ..text import find_column, matches, problem_of
from .first_file import keep
from .parquet_columns import clock_of, type_of_times
from .states import Failure
from .whose import PARQUET, Asked, file_symbol, folder_symbol, has_symbols, symbol_column

logger = logging.getLogger("atc_cy")

SEVERAL = "all rows would be those of one symbol: keep the file out of folders that are named after a symbol"
"""What to do with a file of several symbols whose rows would all get the same symbol."""
BYTES_OF_ROW = 30
"""The assumed length of a row in a file other than Parquet, until it has been read."""


class RowGroup(NamedTuple):
    """What is known, without reading it, about a row group of a Parquet file, or about another whole file."""

    first: str | None
    """The first symbol; None if it is not known."""
    last: str | None
    rows: int

    def may_hold(self, after: str | None, last: str | None) -> bool:
        """Whether the group may hold symbols after `after` and up to `last`."""
        above = after is None or self.last is None or self.last > after
        return above and (last is None or self.first is None or self.first <= last)


class SourceFile(NamedTuple):
    """What is known about a file of the source without reading its rows."""

    path: str
    size: int
    modified: int
    symbol: str | None
    groups: tuple[RowGroup, ...]
    """Empty if the file cannot be read."""


class Schema(NamedTuple):
    """The schema of all files, from the first one that can be read."""

    long: bool
    """Whether a column has the symbols."""
    time: str
    """The column of the times."""
    types: bytes
    """The types of time and price: an Arrow schema."""
    clock: bool = False
    """Whether another column has the time of day."""


def paths_of(source: Path) -> list[Path]:
    """The files of a source, in the order of their names, with numbers in names ordered by value.

    Files are left out if a part of their path begins with a dot or an underscore.
    """
    once = (
        "can be read only once, but a dataset reads its files several times: save it as a file, or use "
        "atc-cy compute"
    )
    if not source.exists():
        if source.name == str(STANDARD_INPUT):
            raise ValueError(f"standard input {once}")
        raise FileNotFoundError(f"{source} does not exist")
    if not source.is_file() and not source.is_dir():
        raise ValueError(f"{source} is a pipe or a device, which {once}")
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
        raise FileNotFoundError(f"{source} has no file of prices: {', '.join(LISTED)}, each also with .gz")
    return found


def in_order(path: Path) -> list[tuple[int, str]]:
    """The key by which paths are sorted: their names, with numbers ordered by value."""
    parts = re.split(r"(\d+)", path.as_posix())  # the same order on all systems
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def time_column(names: Sequence[str], first: str, is_found: bool) -> str:
    """The column of times of a Parquet file.

    first: the column of the first file. is_found: whether the user did not name it, so that this file may
    have the times under another name.

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
    """The schema of a source.

    Raises
    ------
    ValueError
        No file can be read, or all that can be read lack the column of symbols that the user has named. The
        message is about the first file.
    """
    import pyarrow as pa

    unreadable: Exception | None = None
    for path in paths:
        try:
            name = path.relative_to(root)
            if asked.is_named and folder_symbol(name, asked) is None:
                has_symbols(path, asked)  # it refuses a file without this column
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
    """What `Schema` is made of."""

    long: bool
    column: str
    """The column of the times."""
    time: Any
    """An Arrow type; so is `price`."""
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
    with damage_reported(), pq.ParquetFile(path) as file:
        schema = file.schema_arrow
        column = find_column("time", time or find_time(schema.names) or DATE_COLUMNS[0], schema.names)
        clock = clock_of(file, column) if time is None else None
        times = type_of_times(file, column, clock)
        name = price_column(schema.names, asked.close)
        price = schema.field(name).type
    if find_parts(schema.names, src, name):
        price = pa.float64()  # sources are computed in this type
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
    """What is known about the files, and a failure for each file of one symbol that cannot be read."""
    files, failures, unused = [], [], _Unused()
    for path in paths:
        name, size, modified = path.relative_to(root), 0, 0
        try:
            hive = folder_symbol(name, asked)
            symbol = hive or _symbol_of(path, name, asked, schema)
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


def _symbol_of(path: Path, name: Path, asked: Asked, schema: Schema) -> str | None:
    """The symbol that a file is named after; None if its columns have the symbols.

    name: the path relative to the source.
    """
    long = schema.long
    if asked.naming > 1:
        try:
            long = has_symbols(path, asked)
        except (OSError, ValueError):
            if asked.is_named:
                raise
            # The file cannot be read; this is reported when it is read for its rows.
    return None if long else file_symbol(name, asked.naming)


class _Unused:
    """Collects the Parquet files with a column `src` that is not used, for a single warning."""

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

    symbol: the symbol of all rows; None if a column has the symbols. hive: the one that its folder is named
    after.
    """
    import pyarrow.parquet as pq

    with damage_reported(), pq.ParquetFile(path) as file:
        names = file.schema_arrow.names
        time_column(names, time, asked.time is None)
        column = symbol_column(names, asked.symbol, asked.naming)
        if symbol is None and column is None:
            raise ValueError(
                f"there is no column {asked.symbol!r}, although the first file has one: keep files with and "
                "without it apart"
            )
        if symbol is not None and hive is None and column is not None:
            raise ValueError(
                f"there is a column {column!r}, although the first file has none: keep files with and "
                "without it apart"
            )
        if symbol is not None and asked.naming > 1:
            _check_one_symbol(file, symbol, None if hive is None else column)
        found = []
        for number in range(file.metadata.num_row_groups):
            first, last = (symbol, symbol) if symbol is not None else _bounds(file, number, str(column))
            found.append(RowGroup(first, last, file.metadata.row_group(number).num_rows))
    return tuple(found), names


def _bounds(file: Any, number: int, column: str) -> tuple[str | None, str | None]:
    """The least and the greatest text of a column in a row group, from its statistics; None if unknown."""
    # Parquet keeps statistics for leaf columns; a struct has several.
    leaves = [file.schema.column(place).path for place in range(len(file.schema))]
    statistics = None
    if column in leaves:
        statistics = file.metadata.row_group(number).column(leaves.index(column)).statistics
    if statistics is None or not statistics.has_min_max or not isinstance(statistics.min, str):
        return None, None  # numbers are ordered differently from their names
    return statistics.min, statistics.max


def _check_one_symbol(file: Any, symbol: str, column: str | None) -> None:
    """Refuse a file of one symbol if the statistics of a column show several symbols.

    column: the column of symbols, if the file's folder is named after a symbol.
    """
    others = [name for name in file.schema_arrow.names if names_symbols(name, text=True)]
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
                f"all rows would be those of {symbol}, but the column {name!r} has several symbols, such as "
                f"{one!r} and {other!r}: name the column, as in symbol={name!r} (--symbol-column {name}), "
                "and keep files with this column apart from others, and out of folders named after a symbol"
            )
