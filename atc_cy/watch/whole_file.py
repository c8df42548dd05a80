"""Bars of a file that is not read line by line: Excel, JSON arrays, Parquet, Feather, or packed by gzip."""

from collections.abc import Callable
from pathlib import Path

from ..errors import FeedOrderError
from ..files.columns import SRC, find_named
from ..files.format import Format
from ..files.opening import CSV, LINES, kind_of, symbol_of
from ..files.prices import prices_of
from ..files.tables import read_table
from .bars import Bar
from .stop import Stop
from .watch import Watch


def is_lines(path: Path) -> bool:
    """Whether a file is read line by line, as far as its name says."""
    return path.suffix.lower() != ".gz" and kind_of(path) in (None, CSV, LINES)


def watch_file(
    watch: Watch, path: Path, form: Format, column: str, take: Callable[[Bar], None], stop: Stop
) -> None:
    """Take the bars of a file, the oldest first, symbols side by side.

    Raises
    ------
    OSError, ImportError
        The file cannot be read.
    ValueError
        It is no table of prices.
    """
    try:
        table = read_table(path, form)
        src = find_named([name for name in table.names if not isinstance(name, tuple)], SRC)
        file = prices_of(table, column, src=src, form=form)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    for note in file.notes:
        watch.report(f"{path}: {note}")
    for name, problem in file.problems.items():
        watch.reject(f"{path}: {problem}", name or symbol_of(path))
    bars = []
    for name, prices in file.symbols.items():
        instants = prices.series.index.as_unit("ns").asi8.tolist()  # type: ignore[attr-defined]
        sources = [None] * len(instants) if prices.src is None else prices.src.tolist()
        places = prices.series.index if prices.lines is None else prices.lines
        rows = zip(prices.series.index, instants, prices.series.tolist(), sources, places, strict=True)
        bars += [
            Bar(name or symbol_of(path), time.isoformat(), instant, close, src, int(place))
            for time, instant, close, src, place in rows
        ]
    for bar in sorted(bars, key=lambda bar: bar.instant):
        if stop.signal:
            break
        try:
            take(bar)
        except FeedOrderError as error:
            raise ValueError(f"{path}: {table.unit} {bar.line}: {error}") from None
        except ValueError as error:  # a price that is not valid
            watch.reject(f"{path}: {table.unit} {bar.line}: {error}", bar.symbol)
    watch.save()
