"""The prices of a source's symbols, all in memory, for a page of charts."""

import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..config import ATCConfig
from ..errors import FileError
from ..files.format import FOUND_OUT, Format
from ..files.tables import need_pyarrow
from ..files.time_columns import read_times
from .batches import Batch, joined, read, time_problem
from .first_file import kept_for_a_run
from .parquet_columns import BEFORE_ALL_TIMES
from .plan import NAMING, Task, ranges_of
from .run import form_of
from .source import list_files, paths_of, read_schema
from .states import Failure
from .step import ROWS_OF_STEP, failure_of
from .whose import Asked

if TYPE_CHECKING:
    import pandas as pd


class Symbol(NamedTuple):
    """The prices of a symbol on their times, and the series that the averages run on, if it differs."""

    close: "pd.Series[float]"
    src: "pd.Series[float] | None"


def read_series(
    source: str | os.PathLike[str],
    *,
    symbol: str = "symbol",
    time: str | None = None,
    close: str = "close",
    src: str | None = None,
    form: Format | None = None,
) -> tuple[dict[str, Symbol], list[Failure]]:
    """The symbols of a source, and the failures; arguments and errors are those of `scan`.

    A symbol with a failure is left out.
    """
    need_pyarrow("datasets")
    root = Path(source).absolute()
    paths = paths_of(root)
    root = root if root.is_dir() else root.parent
    form, symbol, time, is_named = form_of(form or FOUND_OUT, symbol, time, paths)
    asked = Asked(symbol, time, close, src, NAMING, form, is_named)
    with kept_for_a_run():
        schema = read_schema(root, paths, asked)
        files, failures = list_files(root, paths, asked, schema)
        names = str(root), "", ATCConfig(), symbol, schema.time, close, src, (), ""
        task = Task(*names, types=schema.types, clock=time is None, form=form)
        (every,) = ranges_of(files, [], {failure.symbol for failure in failures})
        batches: list[Batch] = []
        for number, piece in enumerate(every.pieces):
            try:
                for rows in read(task, piece, number, 0, ROWS_OF_STEP):
                    if isinstance(rows, Failure):
                        failures.append(rows)
                    else:
                        batches.append(rows)
            except FileError as error:
                failures.append(Failure(piece.symbol, piece.path, None, str(error)))
    if not batches:
        return {}, failures
    rows = joined(batches)
    failed = {failure.symbol for failure in failures}
    late = np.append(False, (rows.instant[1:] <= rows.instant[:-1]) & (rows.codes[1:] == rows.codes[:-1]))
    for row in np.flatnonzero(late | (rows.instant == BEFORE_ALL_TIMES)).tolist():
        name = rows.symbols[rows.codes[row]]
        if name not in failed:
            failed.add(name)
            failures.append(failure_of(rows, every, row, time_problem(rows, row)))
    kept = np.array([name not in failed for name in rows.symbols])[rows.codes]
    return dict(_symbols(rows if kept.all() else rows.take(np.flatnonzero(kept)))), failures


def _symbols(rows: Batch) -> Iterator[tuple[str, Symbol]]:
    """The prices of each symbol; its rows must follow each other."""
    import pandas as pd

    times = read_times(rows.time.to_pandas(), lambda row: f"row {row}")
    begins = np.flatnonzero(np.diff(rows.codes, prepend=-1))
    for begin, end in pairwise([*begins.tolist(), rows.codes.size]):
        index, same = times[begin:end], rows.src is rows.close
        src = None if same else pd.Series(rows.src[begin:end], index)
        yield rows.symbols[rows.codes[begin]], Symbol(pd.Series(rows.close[begin:end], index), src)
