"""A run over a dataset: the steps of all its ranges, on threads or an executor, and the report."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, Unpack
from uuid import uuid4

from ..config import ATCConfig, ConfigFields, resolve, unknown
from ..engine.many import thread_count
from ..engine.pool import pool
from ..files.columns import SYMBOL
from ..files.format import FOUND_OUT, Format
from ..files.locks import lock
from ..files.tables import need_pyarrow
from ..progress import ProgressFunction, ProgressOption, check_progress, reporting
from .first_file import kept_for_a_run
from .plan import LOCK, REPORT, Range, Task, make_plan, naming_of, ranges_of, write_json
from .source import SourceFile, in_order, list_files, paths_of, read_schema
from .states import STATES, Failure, Progress, read_progress, read_states, states_path
from .step import step, unread
from .whose import PARQUET, Asked


class Report(NamedTuple):
    """What a destination holds after a run.

    See Also
    --------
    atc_cy.dataset.scan : Returns it.

    Examples
    --------
    >>> from atc_cy import dataset
    >>> atc_cy.datasets.load_stocks().to_csv("prices.csv", index=False)
    >>> report = dataset.scan("prices.csv", "signals")
    >>> report.symbols, report.failures
    (5, ())
    """

    rows: int
    symbols: int
    failures: tuple[Failure, ...]
    """Empty: the output is complete."""


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
    progress: ProgressOption = None,
    form: Format | None = None,
    **overrides: Unpack[ConfigFields],
) -> Report:
    """Adaptive Trend Classification of a folder of prices, written to a folder of Parquet files.

    It runs in bounded memory, and can be resumed after any interruption.

    Parameters
    ----------
    source
        A file, or a folder with all that is below it, in any format that `atc-cy scan` reads. Either files
        with a column of symbols, best as Parquet sorted by symbol and time; or files in folders ``symbol=…``;
        or one file for each symbol, named after it. The bars of a symbol may be spread over many files, which
        are read in the order of their names, with numbers in names ordered by value.
    destination
        A folder; it is made if it does not exist.
    config
        A config, or a preset's name.
    symbol, time, close, src
        The columns. By default, the time is the first of date, datetime, timestamp and time that exists, and
        the moving averages run on the closing prices.
    outputs
        The columns to write, of those that `atc` returns; by default all.
    resume
        Whether to continue a run that was stopped, on the same source. Ranges of symbols that had failures
        are computed again.
    update
        The same, and add what is new in the source: files, and rows at the end of files that have grown. The
        result is what one run over all rows would have written.
    threads
        How many threads; by default one for each CPU of this process.
    executor
        Runs the steps instead of threads: a process pool, or that of a cluster, see `atc_cy.dask`. `threads`
        is then how many steps it is given at a time.
    progress
        True shows a bar, in a terminal and in a notebook (extra ``cli``). A function is called in this thread
        from time to time, with the number of rows read and of all rows, as far as it is known.
    form
        How files other than Parquet are written, an `atc_cy.files.format.Format`; what it leaves open is
        detected. Its columns count for all files.
    **overrides
        Fields of `ATCConfig` that replace the config's.

    Returns
    -------
    Report
        The same is in ``_report.json`` of the destination. A symbol or a file that fails does not stop the
        others.

    Raises
    ------
    FileExistsError
        The destination has a dataset already, and neither `resume` nor `update` is True.
    BlockingIOError
        Another run is writing to the destination.
    ImportError
        pyarrow is missing.
    OSError
        The source cannot be read, or the destination cannot be written. The run can be resumed.
    TypeError, ValueError
        A bad argument; arguments that differ from those of the run to continue; or a source that is not as
        described.
    KernelError
        No kernel can be loaded.

    See Also
    --------
    atc_cy.dask.scan : The same on a cluster.
    atc_cy.scan : Many symbols in memory.

    Examples
    --------
    >>> from atc_cy import dataset
    >>> atc_cy.datasets.load_ecb_fx().to_csv("prices.csv", index=False)
    >>> report = dataset.scan("prices.csv", "signals")
    >>> report
    Report(rows=221702, symbols=41, failures=())
    """
    need_pyarrow("datasets")
    config = resolve(config, overrides, function=scan)
    outputs = _checked_outputs(outputs, config)
    threads = thread_count(threads)
    check_progress(progress)
    root, target = Path(source).absolute(), Path(destination).absolute()  # workers may be in other folders
    paths = paths_of(root)
    if root.is_dir() and target.resolve().is_relative_to(root.resolve()):
        raise ValueError(f"{target} is in {root}: name a folder outside of the source")
    root = root if root.is_dir() else root.parent
    form, symbol, time, is_named = form_of(form or FOUND_OUT, symbol, time, paths)
    target.mkdir(parents=True, exist_ok=True)
    with _alone(target), kept_for_a_run():
        naming = naming_of(target)
        asked = Asked(symbol, time, close, src, naming, form, is_named)
        schema = read_schema(root, paths, asked)
        names = str(root), str(target), config, symbol, schema.time, close, src, outputs, uuid4().hex
        task = Task(*names, types=schema.types, clock=time is None, naming=naming, form=form)
        files, failures = list_files(root, paths, asked, schema)
        task, cuts = make_plan(task, files, clock=schema.clock, resume=resume, update=update)
        ranges = ranges_of(files, cuts, {failure.symbol for failure in failures})
        for range_ in ranges:
            read_states(str(target), range_.number)  # nothing is removed if one is damaged
        for range_ in ranges:
            _tidy(target, range_.number, files)
        with reporting(progress, "rows") as report:
            if executor is None:
                with pool(min(threads, len(ranges))) as inner:
                    _run(inner, threads, task, ranges, report)
            else:
                _run(executor, threads, task, ranges, report)
        return _report(target, len(ranges), failures)


def form_of(
    form: Format, symbol: str, time: str | None, paths: Sequence[Path]
) -> tuple[Format, str, str | None, bool]:
    """The form, the columns of symbols and times, and whether the user named the column of symbols.

    Both columns may be named by the form or by an argument.
    """
    for name, given in ("symbol", None if symbol == SYMBOL else symbol), ("time", time):
        other = getattr(form, f"{name}_column")
        if None not in (given, other) and given != other:
            raise ValueError(f"{name}={given!r} and the form's {name}_column={other!r} differ: give only one")
    parquet = next((path for path in paths if path.suffix.lower() == PARQUET), None)
    for name in ("decimal", "date_format", "time_zone"):
        value = getattr(form, name)
        if parquet is not None and value is not None:
            raise ValueError(
                f"{name}={value!r} is for text, but {parquet} is Parquet, which a dataset reads in pieces: "
                "keep text and Parquet apart, or store times and numbers in the Parquet files"
            )
    is_named = form.symbol_column is not None or symbol != SYMBOL
    symbol, time = form.symbol_column or symbol, form.time_column or time
    # A folder's name may be the symbol, and then `symbol_column` would require a column that is missing.
    return replace(form, time_column=time, symbol_column=None), symbol, time, is_named


def _checked_outputs(outputs: tuple[str, ...] | None, config: ATCConfig) -> tuple[str, ...]:
    """The columns to write; by default all."""
    known = (*config.output_names, "direction", "event")
    for name in outputs or ():
        if name not in known:
            raise ValueError(f"outputs has {name!r}; {unknown(name, known)}")
    return known if outputs is None else tuple(outputs)


@contextmanager
def _alone(target: Path) -> Iterator[None]:
    """Keep other runs from writing to the destination within the block."""
    with open(target / LOCK, "wb") as file:
        try:
            lock(file, wait=False)
        except BlockingIOError:
            raise BlockingIOError(
                f"another run is writing to {target}: wait for it, or name another folder"
            ) from None
        yield


def _tidy(target: Path, number: int, files: Sequence[SourceFile]) -> None:
    """Remove what a range has left besides its finished steps; if a symbol failed, the range begins again."""
    progress = read_progress(str(target), number)
    if progress.failures or _rows(_parts(target, number)[: progress.parts]) != progress.rows:
        begun = [progress.partial[0]] if progress.partial else []
        gone = {*progress.files, *begun} - {file.path for file in files}
        if gone:
            raise ValueError(
                f"{target}: range {number} must be computed again, but {min(gone)}, which it has read, "
                "no longer exists: put it back, or name another folder"
            )
        states_path(str(target), number).unlink()
        progress = Progress()
    for path in _parts(target, number)[progress.parts :]:
        path.unlink()
    for path in (*target.glob(f".{number:05d}-*"), *(target / STATES).glob(f".{number:05d}.*")):
        path.unlink()


def _parts(target: Path, number: int) -> list[Path]:
    """The parts of a range's output, in the order in which they were written."""
    return sorted(target.glob(f"{number:05d}-*.parquet"), key=in_order)


def _rows(parts: Sequence[Path]) -> int:
    """How many rows some parts have."""
    import pyarrow.parquet as pq

    return sum(pq.read_metadata(path).num_rows for path in parts)


def _run(
    executor: Executor,
    at_once: int,
    task: Task,
    ranges: list[Range],
    progress: ProgressFunction | None,
) -> None:
    """Compute all ranges; the steps of a range follow each other, so the longest ranges go first."""
    reached = {range_.number: read_progress(task.destination, range_.number) for range_ in ranges}
    ready = [range_ for range_ in ranges if unread(range_, reached[range_.number])]
    total = {range_.number: sum(piece.rows for piece in range_.pieces) for range_ in ranges}
    running: dict[Future[Progress], Range] = {}

    def left(range_: Range) -> int:
        return total[range_.number] - reached[range_.number].read

    def report() -> None:
        if progress:
            far = sum(min(rows, reached[number].read) for number, rows in total.items())
            progress(far, sum(total.values()))

    try:
        while ready or running:
            report()
            ready.sort(key=left)
            while ready and len(running) < at_once:
                range_ = ready.pop()
                running[executor.submit(step, task, range_)] = range_
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                range_ = running.pop(future)
                reached[range_.number] = future.result()
                if not reached[range_.number].finished:
                    ready.append(range_)
        report()
    finally:
        for future in running:
            future.cancel()
        wait(running)  # nothing is written any more when this returns


def _report(target: Path, ranges: int, failures: Sequence[Failure]) -> Report:
    """Report what the destination holds now, and write it as `REPORT`; failures: those of files."""
    import pyarrow.parquet as pq

    found, rows, symbols = list(failures), 0, 0
    for number in range(ranges):
        progress = read_progress(str(target), number)
        rows += progress.rows
        found += progress.failures
        if _rows(_parts(target, number)) != progress.rows:
            problem = (
                "parts of the output are missing, or from another run: update the dataset to compute the "
                "range again"
            )
            found.append(Failure(None, f"{number:05d}-*.parquet", None, problem))
        if states_path(str(target), number).exists():
            symbols += pq.read_metadata(states_path(str(target), number)).num_rows
    report = {"complete": not found, "rows": rows, "symbols": symbols}
    write_json(target / REPORT, report | {"failures": [failure._asdict() for failure in found]})
    return Report(rows, symbols, tuple(found))
