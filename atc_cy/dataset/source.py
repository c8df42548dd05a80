"""What a dataset's source has: its files, the symbols that each may hold, the types of time and price."""

import logging
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

from ..files.columns import (
    DATE_COLUMNS,
    find_named,
    find_parts,
    find_price,
    find_symbol,
    find_time,
    find_unused_src,
    folded,
    is_the_price,
    tells_symbols,
    unused_src_note,
)
from ..files.format import Format
from ..files.opening import LISTED, is_listed, symbol_of
from ..files.prices import only_symbol
from ..files.symbols import is_no_symbol
from ..text import find_column, problem_of
from .first_file import keep
from .parquet_columns import clock_of, type_of_times
from .states import Failure

logger = logging.getLogger("atc_cy")

PARQUET = ".parquet"
SEVERAL = "the first file of the dataset has one, which is named after the file: keep the two apart"
"""What to do with a file of several symbols among files of one."""
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
    clock: bool = False
    """Whether another column has the time of day."""
    suffix: str = PARQUET
    """Of the first file."""


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


def symbol_column(names: Sequence[str], wanted: str, naming: int) -> str | None:
    """The column of symbols; None: there is none. naming: as a plan has it."""
    found: str | None = find_named(names, wanted) if naming == 1 else find_symbol(names, wanted)
    return found


def price_column(names: Sequence[str], wanted: str) -> str:
    """The column of prices of a Parquet file.

    Raises
    ------
    ValueError
        There is none, or there are several.
    """
    found: str | None = find_price(names, wanted)
    return find_column("close", wanted, names) if found is None else found


def read_schema(
    root: Path,
    paths: Sequence[Path],
    columns: tuple[str, str | None, str, str | None],
    naming: int,
    form: Format,
) -> Schema:
    """The schema of a source; raises what is wrong with the first file if no file can be read.

    columns: of symbol, time, close and src. naming: as a plan has it. form: of files that are no Parquet.
    """
    import pyarrow as pa

    unreadable: Exception | None = None
    for path in paths:
        try:
            if path.suffix.lower() == PARQUET:
                found = _schema_of_parquet(path, columns, naming)
            else:
                found = _schema_of_text(path, columns, naming, form)
            long = found.long and _hive(path.relative_to(root), columns[0], naming) is None
        except (OSError, ValueError) as error:
            unreadable = unreadable or ValueError(f"{path}: {problem_of(error, path)}")
            continue
        price = found.price if found.price == pa.float32() else pa.float64()
        both = pa.schema([("time", found.time), ("price", price)])
        return Schema(long, found.column, both.serialize().to_pybytes(), found.clock, path.suffix.lower())
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


def _schema_of_text(
    path: Path, columns: tuple[str, str | None, str, str | None], naming: int, form: Format
) -> _First:
    import pyarrow as pa

    symbol, time, close, src = columns
    file = keep(path, close, src, symbol, form)
    if naming == 1 or None in (*file.symbols, *file.problems):
        long, (_, prices) = False, only_symbol(file, None, advice=SEVERAL)
    elif file.symbols:
        long, prices = True, next(iter(file.symbols.values()))
    else:
        name, problem = next(iter(file.problems.items()))
        raise ValueError(f"{name}: {problem}")
    return _First(long, time or DATE_COLUMNS[0], pa.array(prices.series.index).type, pa.float64(), False)


def _schema_of_parquet(path: Path, columns: tuple[str, str | None, str, str | None], naming: int) -> _First:
    import pyarrow as pa
    import pyarrow.parquet as pq

    symbol, time, close, src = columns
    with pq.ParquetFile(path) as file:
        schema = file.schema_arrow
        column = find_column("time", time or find_time(schema.names) or DATE_COLUMNS[0], schema.names)
        clock = clock_of(file, column) if time is None else None
        times = type_of_times(file, column, clock)
    price_name = price_column(schema.names, close)
    price = schema.field(price_name).type
    if find_parts(schema.names, src, price_name):
        price = pa.float64()  # in which sources are computed
    elif (
        src is not None
        and not is_the_price(src, schema.names)
        and schema.field(find_column("src", src, schema.names)).type != price
    ):
        price = pa.float64()
    long = symbol_column(schema.names, symbol, naming) is not None
    return _First(long, column, times, price, clock is not None)


def _hive(path: Path, symbol: str, naming: int) -> str | None:
    """The symbol that a folder is named after."""
    parts = [part.partition("=") for part in path.parts[:-1]]
    alike = folded if naming > 1 else str
    values = [value for name, mark, value in parts if mark and alike(name) == alike(symbol)]
    if not values:
        return None
    name = unquote(values[-1])
    if is_no_symbol(name):
        raise ValueError(
            f"{path}: the symbol is missing: its folder is named {symbol}={values[-1]}: "
            "name it after the symbol"
        )
    return name


def _stem(path: Path, naming: int) -> str:
    """The symbol that a file is named after."""
    for part in path.parts[:-1]:
        name, mark, _ = part.partition("=")
        if naming > 1 and mark and tells_symbols(name, text=True):
            raise ValueError(
                f"its folder is named {part}: if that is its symbol, name the column, as in symbol={name!r} "
                f"(--symbol-column {name})"
            )
    symbol = symbol_of(path)
    if is_no_symbol(symbol):
        raise ValueError(f"the symbol is missing: the file is named {path.name}: name it after the symbol")
    return symbol


def list_files(
    root: Path, paths: Sequence[Path], columns: tuple[str, str, str, str | None], schema: Schema, naming: int
) -> tuple[list[SourceFile], list[Failure]]:
    """What is known of the files; and those of single symbols, or of no symbol, that cannot be read.

    columns: of symbol, time, close and src. naming: as a plan has it.
    """
    files, failures, unused = [], [], _Unused()
    for path in paths:
        name, size, modified = path.relative_to(root), 0, 0
        try:
            hive = _hive(name, columns[0], naming)
            symbol = hive or (None if schema.long else _stem(name, naming))
        except ValueError as error:
            failures.append(Failure(None, str(name), None, str(error)))
            files.append(SourceFile(str(name), size, modified, None, ()))
            continue
        try:
            status = path.stat()
            size, modified = status.st_size, status.st_mtime_ns
            if path.suffix.lower() == PARQUET:
                groups, names = _groups_of_parquet(path, columns[0], schema.time, naming, symbol, hive)
                unused.see(path, find_unused_src(names, columns[2], columns[3]))
            else:
                groups = _group_of_text(columns[0], schema, symbol, size)
        except (OSError, ValueError) as error:
            if symbol is None:
                raise ValueError(f"{path}: {problem_of(error, path)}") from None
            groups = ()
            failures.append(Failure(symbol, name.as_posix(), None, problem_of(error, path)))
        files.append(SourceFile(name.as_posix(), size, modified, symbol, groups))
    unused.report()
    return files, failures


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


def _group_of_text(column: str, schema: Schema, symbol: str | None, size: int) -> tuple[RowGroup, ...]:
    if symbol is None and schema.suffix == PARQUET:  # what it has can be seen in all of it alone
        raise ValueError(f"there is no column {column!r}, as the first file has: keep the two apart")
    return (RowGroup(symbol, symbol, size // BYTES_OF_ROW),)


def _groups_of_parquet(
    path: Path, wanted: str, time: str, naming: int, symbol: str | None, hive: str | None
) -> tuple[tuple[RowGroup, ...], list[str]]:
    """The row groups of a file, and its columns.

    symbol: that of all its rows; None: a column has them. hive: the one that its folder is named after.
    """
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        names = file.schema_arrow.names
        find_column("time", time, names)
        column = symbol_column(names, wanted, naming)
        if symbol is None and column is None:
            raise ValueError(f"there is no column {wanted!r}, as the first file has: keep the two apart")
        if symbol is not None and hive is None and column is not None:
            raise ValueError(f"it has a column {column!r}, as the first file has not: keep the two apart")
        if symbol is not None and naming > 1:
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
