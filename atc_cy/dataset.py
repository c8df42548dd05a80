"""Out of core: a folder of prices in, Parquet out, in bounded memory, and nothing lost.

The symbols are cut into ranges. A range goes forward in steps: one reads the next rows of its symbols,
carries them on from the states that the step before left, writes a part of the output, and then the states.
Whatever ends a run ends it between two steps: a step that was not finished is done again, with the same
result.

What a destination holds::

    _plan.json               what was asked for, and where the symbols are cut
    _report.json             rows, symbols, failures, whether all is complete
    _states/00007.parquet    of range 7: what has been read, and each symbol's state after it
    00007-00002.parquet      of range 7: the output of its third step
"""

import fcntl
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import contextmanager
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote
from uuid import uuid4

from ._version import __version__
from .config import LAW_VERSION, ATCConfig, resolve
from .dataset_step import (
    LONG_TEXT,
    PARQUET,
    PLAN,
    STATES,
    Done,
    Failure,
    Piece,
    Range,
    Task,
    read_done,
    states_path,
    step,
    unread,
)
from .dispatch import best_kernel
from .engine.many import thread_count
from .engine.pool import pool
from .files.atomic import replacing
from .files.columns import DATE_COLUMNS, find_time
from .files.prices import read_prices
from .files.symbols import is_no_symbol
from .text import find_column, suggestion

__all__ = ["Failure", "Report", "scan"]

ROWS_OF_RANGE = 1_000_000
"""Symbols are put together until they have about so many rows."""
BYTES_OF_ROW = 30
"""Of a file that is no Parquet, until it has been read."""
OTHERS = (".csv", ".jsonl", ".ndjson", ".feather")
REPORT, LOCK = "_report.json", "_lock"


class Report(NamedTuple):
    """What a destination holds after a run."""

    rows: int
    symbols: int
    failures: tuple[Failure, ...]
    """Empty: the output is complete."""


class _Group(NamedTuple):
    """A row group of a Parquet file, or all of another file, as far as it is known without reading it."""

    first: str | None
    """The first symbol; None: not known."""
    last: str | None
    rows: int

    def may_hold(self, after: str | None, last: str | None) -> bool:
        """Whether it may hold symbols after the one and up to the other."""
        above = after is None or self.last is None or self.last > after
        return above and (last is None or self.first is None or self.first <= last)


class _File(NamedTuple):
    path: str
    size: int
    modified: int
    symbol: str | None
    groups: tuple[_Group, ...]
    """Empty: it cannot be read."""


def scan(
    source: str | os.PathLike[str],
    destination: str | os.PathLike[str],
    config: ATCConfig | str = "default",
    *,
    symbol: str = "symbol",
    time: str | None = None,
    close: str = "close",
    src: str | None = None,
    outputs: tuple[str, ...] | None = None,
    resume: bool = False,
    update: bool = False,
    threads: int | None = None,
    executor: Executor | None = None,
    progress: Callable[[int, int], None] | None = None,
    **overrides: Any,
) -> Report:
    """Adaptive Trend Classification of a folder of prices, as a folder of Parquet.

    Parameters
    ----------
    source
        A file, or a folder with all that is below it. Parquet files with a column that tells the symbol, best
        sorted by symbol and time; Parquet files in folders ``symbol=…``; or a file a symbol, named after it:
        Parquet without such a column, or any other format that `atc-cy scan` reads. A symbol's bars may be
        spread over many files; these are taken in the order of their names, numbers by their value.
    destination
        A folder; made if it is not there.
    config
        A config, or a preset's name.
    symbol, time, close, src
        The columns. By default the time is the first of date, datetime, timestamp and time that there is, as
        always in files that are no Parquet, and the moving averages run on the closing prices.
    outputs
        Some of the columns that `atc` gives; by default all of them.
    resume
        Go on with a run that was stopped, on the same source; ranges that had failures are done anew.
    update
        The same, and take what is new in the source: files, and rows after the last ones of files that have
        grown. The output is then what one run over all rows would have given.
    threads
        How many; by default as many as there are CPUs for this process.
    executor
        Runs the steps instead of threads: a process pool, or Dask's, see `atc_cy.dask`. `threads` is then how
        many steps it is given at a time.
    progress
        Called in this thread, now and then, with the rows read and the rows in all, as far as they are known.
    **overrides
        Fields of `ATCConfig` that replace the config's.

    Returns
    -------
    Report
        Also in ``_report.json`` of the destination. A symbol, or a file, that fails does not keep the others
        from being done.

    Raises
    ------
    FileExistsError
        The destination has a dataset, and neither `resume` nor `update` was asked for.
    BlockingIOError
        Another run is writing to it.
    ImportError
        pyarrow is missing.
    OSError
        The source cannot be read, or the destination not be written; what is there can be resumed.
    ValueError, TypeError
        A bad argument; other ones than those of the run to go on with; a source that is not as described.
    KernelError
        No kernel can be loaded.
    """
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        raise ImportError("datasets need pyarrow: pip install 'atc_cy[arrow]'") from None
    config = resolve(config, overrides, function=scan)
    known = (*config.output_names, "direction", "event")
    outputs = known if outputs is None else tuple(outputs)
    for name in outputs:
        if name not in known:
            raise ValueError(f"outputs has {name!r}; {suggestion(name, known)}")
    threads = thread_count(threads)
    root, target = Path(source).absolute(), Path(destination).absolute()  # workers may be in other folders
    paths = _paths(root)
    if root.is_dir() and target.resolve().is_relative_to(root.resolve()):
        raise ValueError(f"{target} is in {root}: name a folder outside of the source")
    root = root if root.is_dir() else root.parent
    target.mkdir(parents=True, exist_ok=True)
    with _alone(target):
        schema = _schema(root, paths, symbol, time, close, src)
        columns = symbol, schema.time, close, src
        task = Task(str(root), str(target), config, *columns, outputs, uuid4().hex, schema.types)
        files, failures = _files(task, paths, schema.long)
        task, cuts = _plan(task, files, resume, update)
        ranges = _ranges(files, cuts, {failure.symbol for failure in failures})
        for own in ranges:
            _tidy(target, own.number, {file.path for file in files})
        if executor is None:
            with pool(min(threads, len(ranges))) as inner:
                _run(inner, threads, task, ranges, progress)
        else:
            _run(executor, threads, task, ranges, progress)
        return _report(target, len(ranges), failures)


@contextmanager
def _alone(target: Path) -> Iterator[None]:
    """No other run writes to the destination meanwhile."""
    with open(target / LOCK, "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BlockingIOError(
                f"another run is writing to {target}: wait for it, or name another folder"
            ) from None
        yield


def _paths(source: Path) -> list[Path]:
    """The files of a source, in the order of their names, numbers by their value.

    Left out are those in whose path something begins with a dot or an underscore.
    """
    if not source.exists():
        raise FileNotFoundError(f"{source} does not exist")
    if source.is_file():
        return [source]
    found = [
        path
        for path in sorted(source.rglob("*"), key=_order)
        if path.suffix.lower() in (PARQUET, *OTHERS)
        and not path.is_dir()
        and not any(part.startswith((".", "_")) for part in path.relative_to(source).parts)
    ]
    if not found:
        raise FileNotFoundError(f"{source} has no file of prices: {', '.join((PARQUET, *OTHERS))}")
    return found


def _order(path: Path) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", str(path))]


class _Schema(NamedTuple):
    """What the first file that can be read tells of all."""

    long: bool
    """Whether a column tells the symbols."""
    time: str
    """Its column."""
    types: bytes
    """As in `Task`."""


def _schema(
    root: Path, paths: list[Path], symbol: str, time: str | None, close: str, src: str | None
) -> _Schema:
    import pyarrow as pa
    import pyarrow.parquet as pq

    unreadable: Exception | None = None
    for path in paths:
        long, own = False, "date"
        try:
            if path.suffix.lower() == PARQUET:
                schema = pq.read_schema(path)
                lower = [column.lower() for column in schema.names]
                usual = find_time(schema.names) or DATE_COLUMNS[0]
                own = find_column("time", time or usual, schema.names)
                price = find_column("close", close, schema.names)
                types = [schema.field(own).type, schema.field(price).type]
                if src is not None and schema.field(find_column("src", src, schema.names)).type != types[1]:
                    types[1] = pa.float64()
                long = symbol.lower() in lower and _hive(path.relative_to(root), symbol) is None
            elif time is not None:
                raise ValueError(f"time={time!r} is for Parquet; here it is {' or '.join(DATE_COLUMNS)}")
            else:
                prices = read_prices(path, close, advice=LONG_TEXT)
                types = [pa.array(prices.series.index).type, pa.float64()]
            if not (pa.types.is_temporal(types[0]) or pa.types.is_integer(types[0])):
                raise ValueError(
                    f"its times in {own!r} are {types[0]}, no timestamps, dates or whole numbers"
                )
        except (OSError, ValueError) as error:
            unreadable = unreadable or ValueError(f"{path}: {error}")
            continue
        if types[1] != pa.float32():
            types[1] = pa.float64()
        both = pa.schema(list(zip(("time", "price"), types, strict=True)))
        return _Schema(long, own, both.serialize().to_pybytes())
    raise unreadable or FileNotFoundError("there is no file")


def _hive(path: Path, symbol: str) -> str | None:
    """The symbol that a folder's name tells."""
    values = [part.partition("=")[2] for part in path.parts[:-1] if part.startswith(f"{symbol}=")]
    if not values:
        return None
    name = unquote(values[-1])
    if is_no_symbol(name):
        raise ValueError(f"{path}: the symbol is missing: its folder is named {symbol}={values[-1]}")
    return name


def _files(task: Task, paths: list[Path], long: bool) -> tuple[list[_File], list[Failure]]:
    """What is known of the files; and those of single symbols that cannot be read."""
    files, failures = [], []
    for path in paths:
        name, size, modified = path.relative_to(task.source), 0, 0
        hive = _hive(name, task.symbol)
        symbol = hive or (None if long else path.stem)
        try:
            status = path.stat()
            size, modified = status.st_size, status.st_mtime_ns
            groups = _groups(path, task, symbol, size, hive is not None)
        except (OSError, ValueError) as error:
            if symbol is None:
                raise ValueError(f"{path}: {error}") from None
            groups = ()
            failures.append(Failure(symbol, str(name), None, str(error)))
        files.append(_File(str(name), size, modified, symbol, groups))
    return files, failures


def _groups(path: Path, task: Task, symbol: str | None, size: int, hive: bool) -> tuple[_Group, ...]:
    import pyarrow.parquet as pq

    if path.suffix.lower() != PARQUET:
        if symbol is None:
            raise ValueError(f"there is no column {task.symbol!r}, as the first file has: keep the two apart")
        return (_Group(symbol, symbol, size // BYTES_OF_ROW),)
    with pq.ParquetFile(path) as file:
        names = file.schema_arrow.names
        find_column("time", task.time, names)
        if symbol is not None and not hive and task.symbol.lower() in [name.lower() for name in names]:
            raise ValueError(
                f"it has a column {task.symbol!r}, as the first file has not: keep the two apart"
            )
        # Statistics are of leaves: a struct has several.
        leaves = [file.schema.column(place).path for place in range(len(file.schema))]
        place = None if symbol is not None else leaves.index(find_column("symbol", task.symbol, names))
        found = []
        for number in range(file.metadata.num_row_groups):
            group = file.metadata.row_group(number)
            statistics = None if place is None else group.column(place).statistics
            first = last = symbol
            if statistics is not None and statistics.has_min_max and isinstance(statistics.min, str):
                first, last = statistics.min, statistics.max  # numbers have another order than their names
            found.append(_Group(first, last, group.num_rows))
    return tuple(found)


def _cuts(files: list[_File]) -> list[str]:
    """Symbols up to which there are about so many rows each, in the order of their names."""
    ends = [(group.last, group.rows) for file in files for group in file.groups]
    cuts: list[str] = []
    if all(last is not None for last, _ in ends):
        rows = 0
        for last, more in sorted((str(last), more) for last, more in ends):
            rows += more
            if rows >= ROWS_OF_RANGE and cuts[-1:] != [last]:
                cuts.append(last)
                rows = 0
    return cuts


def _plan(task: Task, files: list[_File], resume: bool, update: bool) -> tuple[Task, list[str]]:
    """The task with what its output tells of it, and the cuts; both are kept for later runs."""
    target = Path(task.destination)
    config = asdict(task.config) | {"moving_averages": list(task.config.moving_averages)}
    versions = {"law": LAW_VERSION, "states": best_kernel(task.config.structure).RECORD_VERSION}
    plan: dict[str, Any] = {
        "config": config,
        "source": str(Path(task.source).resolve()),
        "columns": [task.symbol, task.time, task.close, task.src],
        "outputs": list(task.outputs),
    }
    listing = repr([(file.path, file.size, file.modified) for file in files])
    fingerprint, cuts = hashlib.sha256(listing.encode()).hexdigest()[:16], _cuts(files)
    if (target / PLAN).exists():
        if not (resume or update):
            raise FileExistsError(f"{target} has a dataset: resume it, update it, or name another folder")
        before = json.loads((target / PLAN).read_text())
        _check_versions(target, before, versions)
        for name, value in plan.items():
            if before[name] != value:
                problem = f"{target} was written with another {name}, {before[name]} and not {value}"
                raise ValueError(f"{problem}: name another folder")
        if not update and before["fingerprint"] != fingerprint:
            raise ValueError(
                f"{task.source} has changed since {target} was begun: update it, do not resume it"
            )
        cuts = before["cuts"]
        task = task._replace(types=bytes.fromhex(before["types"]))  # also where another file is the first now
    elif any(path.name != LOCK and not path.name.startswith(".") for path in target.iterdir()):
        raise FileExistsError(f"{target} is not empty, and no dataset: name another folder")
    (target / REPORT).unlink(missing_ok=True)
    plan |= {**versions, "fingerprint": fingerprint, "cuts": cuts, "types": task.types.hex(), "run": task.run}
    _write_json(target / PLAN, plan)
    (target / STATES).mkdir(exist_ok=True)
    told = {name: own for name, own in plan.items() if name not in ("cuts", "types", "run")}
    return task._replace(told=json.dumps({"version": __version__, **told})), cuts


def _check_versions(target: Path, before: dict[str, Any], versions: dict[str, int]) -> None:
    """Refuse what an atc_cy of another law, or of later states, has written; the first plans tell neither."""
    law, states = (before.get(name, 1) for name in ("law", "states"))
    if law != versions["law"] or states > versions["states"]:
        theirs, ours = f"law {law}, states {states}", f"law {versions['law']}, states {versions['states']}"
        raise ValueError(
            f"{target} was written by an atc_cy of other versions ({theirs}) than this one ({ours}): "
            "use that one, or name another folder"
        )


def _ranges(files: list[_File], cuts: list[str], failed: set[str | None]) -> list[Range]:
    ranges = []
    for number, (after, last) in enumerate(pairwise([None, *cuts, None])):
        pieces = []
        for file in files:
            held = [i for i, group in enumerate(file.groups) if group.may_hold(after, last)]
            if held and not (file.symbol is not None and file.symbol in failed):
                rows = sum(file.groups[i].rows for i in held)
                pieces.append(Piece(file.path, file.size, file.modified, file.symbol, tuple(held), rows))
        ranges.append(Range(number, after, last, tuple(pieces)))
    return ranges


def _parts(target: Path, number: int) -> list[Path]:
    return sorted(target.glob(f"{number:05d}-*.parquet"), key=_order)


def _rows(parts: list[Path]) -> int:
    import pyarrow.parquet as pq

    return sum(pq.read_metadata(path).num_rows for path in parts)


def _tidy(target: Path, number: int, there: set[str]) -> None:
    """Remove what a range has left besides its finished steps; all, if one failed: it is begun anew."""
    done = read_done(str(target), number)
    if done.failures or _rows(_parts(target, number)[: done.parts]) != done.rows:
        gone = {*done.files, *([done.partial[0]] if done.partial else [])} - there
        if gone:
            raise ValueError(
                f"{target}: range {number} must be begun anew, and {min(gone)}, which it has read, is gone: "
                "put it back, or name another folder"
            )
        states_path(str(target), number).unlink()
        done = Done()
    for path in _parts(target, number)[done.parts :]:
        path.unlink()
    for path in (*target.glob(f".{number:05d}-*"), *(target / STATES).glob(f".{number:05d}.*")):
        path.unlink()


def _run(
    executor: Executor,
    at_once: int,
    task: Task,
    ranges: list[Range],
    progress: Callable[[int, int], None] | None,
) -> None:
    """Take all ranges forward until they are done; a range is a chain, so the longest ones go first."""
    done = {own.number: read_done(task.destination, own.number) for own in ranges}
    ready = [own for own in ranges if unread(own, done[own.number])]
    total = {own.number: sum(piece.rows for piece in own.pieces) for own in ranges}
    running: dict[Future[Done], Range] = {}

    def left(own: Range) -> int:
        return total[own.number] - done[own.number].read

    def tell() -> None:
        if progress:
            far = sum(min(total[own.number], done[own.number].read) for own in ranges)
            progress(far, sum(total.values()))

    try:
        while ready or running:
            tell()
            ready.sort(key=left)
            while ready and len(running) < at_once:
                own = ready.pop()
                running[executor.submit(step, task, own)] = own
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                own = running.pop(future)
                done[own.number] = future.result()
                if not done[own.number].finished:
                    ready.append(own)
        tell()
    finally:
        for future in running:
            future.cancel()
        wait(running)  # nothing is written any more when this returns


def _report(target: Path, ranges: int, failures: list[Failure]) -> Report:
    import pyarrow.parquet as pq

    rows = symbols = 0
    for number in range(ranges):
        done = read_done(str(target), number)
        rows += done.rows
        failures = failures + list(done.failures)
        if _rows(_parts(target, number)) != done.rows:
            problem = (
                "parts of the output are gone, or not of this run: update it to have the range begun anew"
            )
            failures.append(Failure(None, f"{number:05d}-*.parquet", None, problem))
        if states_path(str(target), number).exists():
            symbols += pq.read_metadata(states_path(str(target), number)).num_rows
    report = Report(rows, symbols, tuple(failures))
    told = {"complete": not failures, "rows": rows, "symbols": symbols}
    _write_json(target / REPORT, told | {"failures": [failure._asdict() for failure in failures]})
    return report


def _write_json(path: Path, value: Any) -> None:
    with replacing(path) as part:
        part.write_text(json.dumps(value, indent=1) + "\n")
