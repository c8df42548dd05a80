"""Bars of files that are not read line by line: Excel, JSON arrays, Parquet, Feather, or packed by gzip."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from ..errors import FeedOrderError
from ..files.columns import find_parts, find_price, unused_src_note
from ..files.format import Format
from ..files.opening import CSV, LINES, kind_of, symbol_of
from ..files.prices import prices_of
from ..files.tables import read_table
from .bars import Bar
from .layout import Wanted
from .sources import averaged
from .stop import Stop
from .watch import Watch


def is_lines(path: Path) -> bool:
    """Whether a file is read line by line, by its name."""
    return path.suffix.lower() != ".gz" and kind_of(path) in (None, CSV, LINES)


class _Row(NamedTuple):
    """A bar, and what messages call its row."""

    bar: Bar
    place: str


def watch_files(
    watch: Watch, paths: Sequence[Path], form: Format, wanted: Wanted, take: Callable[[Bar], None], stop: Stop
) -> None:
    """Take the bars of some files, the oldest first, whatever their symbol.

    Raises
    ------
    OSError, ImportError
        A file cannot be read.
    ValueError
        A file is not a table of prices.
    """
    rows = [row for path in paths for row in _rows(watch, path, form, wanted)]
    for bar, place in sorted(rows, key=lambda row: row.bar.instant):
        if stop.signal:
            break
        try:
            take(bar)
        except FeedOrderError as error:
            raise ValueError(f"{place}: {error}") from None
        except ValueError as error:  # a price that is not valid
            watch.reject(f"{place}: {error}", bar.symbol)
    watch.save()


def _rows(watch: Watch, path: Path, form: Format, wanted: Wanted) -> list[_Row]:
    """The rows of a file; symbols that cannot be read are reported."""
    try:
        table = read_table(path, form)
        src = wanted.src(table.names)
        parts = find_parts(table.names, src, find_price(table.names, wanted.close))
        file = prices_of(table, wanted.close, src=src, candles=False, form=form, others=tuple(parts.values()))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    known = {unused_src_note(name) for name in table.names}  # a watch uses this column by default
    for note in file.notes:
        if note not in known:
            watch.report(f"{path}: {note}")
    for name, problem in file.problems.items():
        watch.reject(f"{path}: {problem}", name or symbol_of(path))
    bars = []
    for name, prices in file.symbols.items():
        instants = prices.series.index.as_unit("ns").asi8.tolist()  # type: ignore[attr-defined]
        sources = [None] * len(instants) if prices.src is None else prices.src.tolist()
        places = prices.series.index if prices.lines is None else prices.lines
        made_of: Iterable[Mapping[str, float] | None] = [
            None if x is None else {averaged(src): x} for x in sources
        ]
        if prices.others is not None:
            columns = [prices.others[name] for name in parts.values()]
            made_of = [dict(zip(parts, values, strict=True)) for values in zip(*columns, strict=True)]
        rows = zip(
            prices.series.index, instants, prices.series.tolist(), sources, places, made_of, strict=True
        )
        bars += [
            Bar(name or symbol_of(path), time.isoformat(), instant, close, x, int(place), values)
            for time, instant, close, x, place, values in rows
        ]
    return [_Row(bar, f"{path}: {table.unit} {bar.line}") for bar in bars]
