"""`atc-cy watch --live`: a table of the symbols that is redrawn while bars come."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import RLock
from typing import TYPE_CHECKING, NamedTuple, Self

from ..config import MOVING_AVERAGES
from ..engine.direction import DIRECTIONS
from ..text import printable
from ..watch import Preview, Watch
from .console import BAD
from .tables import cell, colour_of, columns_that_fit, widest

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

HALF = 5
"""How many characters a bar has on each side of 0."""
DRAWN_A_SECOND = 4

_LONG_TIME = re.compile(r"(?<=T)(\d\d:\d\d)(?::00(?:\.0+)?)?(\+00:00|Z)?$")


class Standing(NamedTuple):
    """The values of a symbol's row."""

    symbol: str
    time: str | int | float
    """The time of the last bar, as the feed gave it."""
    close: float
    result: dict[str, float]
    """As from `Stream.result`."""
    since_event: int | None
    """Bars since the last event; None if it is not known."""
    open: Preview | None
    """The preview of the open candle."""


class LiveTable:
    """The table on standard output; lines that are printed meanwhile appear above it.

    A thread draws the table, so that it is up to date even while the watch waits. It only reads the watch.

    Attributes
    ----------
    watch
        The watch that is drawn; None if it has not begun.

    Raises
    ------
    ImportError
        rich is missing.
    """

    watch: Watch | None = None

    def __init__(self) -> None:
        try:
            from rich.console import Console
            from rich.live import Live
        except ImportError:
            raise ImportError("--live needs rich: pip install 'atc_cy[cli]'") from None
        self._console = Console()
        self._open: dict[str, Preview] = {}
        self._last_report = ""
        self._printing = RLock()
        """Held while a line is printed, and while the table stops: otherwise a table may stay behind."""
        self._live = Live(
            console=self._console,
            get_renderable=self._table,
            refresh_per_second=DRAWN_A_SECOND,
            redirect_stdout=False,
            redirect_stderr=sys.stderr.isatty(),  # errors that go to a file stay there
        )

    @property
    def can_be_drawn(self) -> bool:
        """Whether standard output is a terminal on which a cursor can be moved."""
        # Not `is_terminal`, which FORCE_COLOR makes true for a file, too.
        return self._console.file.isatty() and not self._console.is_dumb_terminal

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def show(self, line: str) -> None:
        """Print the line of an event above the table."""
        with self._printing:
            self._console.print(line, markup=False, highlight=False, soft_wrap=True)

    def reporting(self, log: Callable[[str], None]) -> Callable[[str], None]:
        """A function that passes a problem to a log, and remembers it for the line below the table."""

        def report(problem: str) -> None:
            self._last_report = problem
            with self._printing:
                log(problem)

        return report

    def preview(self, preview: Preview) -> None:
        """Take the preview of an open candle."""
        self._open[preview.symbol] = preview

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Remove the table while a command prints."""
        with self._printing:
            self._live.transient = True  # stopping removes the table, which is drawn again below
            self._live.stop()
            self._live.transient = False
        try:
            yield
        finally:
            with self._printing:
                self._live.start()

    def _table(self) -> Table | Text | str:
        if self.watch is None:
            return ""
        standings = standings_of(self.watch, self._open)
        counts = f"{self.watch.bars:,} bars, {self.watch.events:,} events, failures: {self.watch.failed:,}"
        return live_table(standings, self._console, counts, self._last_report)


def standings_of(watch: Watch, previews: dict[str, Preview]) -> list[Standing]:
    """The values of each symbol of a watch; a preview is used until its candle has ended."""
    standings = []
    for symbol, followed in list(watch.symbols.items()):  # a copy, because the watch goes on meanwhile
        stream, event = followed.stream, followed.last_event
        preview = previews.get(symbol)
        if preview is not None and preview.instant <= followed.instant:
            preview = None
        since = None if event is None else stream.bars - event
        standings.append(Standing(symbol, followed.time, stream.last_bar[0], stream.result, since, preview))
    return standings


def live_table(standings: Sequence[Standing], console: Console, counts: str, problem: str) -> Table | Text:
    """The table of all symbols, at most as wide and as high as the console.

    If there are more symbols than lines, those with the latest events are shown.

    counts, problem: the text below the table, such as "3 bars"; the problem may be empty.
    """
    from rich.table import Table
    from rich.text import Text

    most = max(console.height - 8, 1)  # without the header and the lines below
    if len(standings) > most:
        counts += f"; {len(standings) - most:,} more symbols"
        latest = sorted(standings, key=lambda each: (each.since_event is None, each.since_event))
        standings = latest[:most]
    below = Text(counts, "dim")
    if problem:
        below.append(f"\n{printable(problem)}", BAD)
    if not standings:
        return below
    rows = [_cells(standing, ascii_only=console.options.ascii_only) for standing in standings]
    names = [*rows[0]]
    if not any(standing.open for standing in standings):
        names = [name for name in names if name != "open_candle"]  # a feed has no open candles
    headers = [name.replace("_", "\n") for name in names]
    limits = [widest(name, console.width) for name in names]
    widths = [min(max(row[name].cell_len for row in rows), limits[at]) for at, name in enumerate(names)]
    important = ("symbol", "Average", "direction", "bars_since_event", "close", "time", "open_candle")
    order = sorted(range(len(names)), key=lambda at: ([*important, names[at]]).index(names[at]))
    table = Table(box=None, header_style="bold", pad_edge=False, caption=below, caption_justify="left")
    chosen = columns_that_fit(headers, widths, order, console.width) or order[:1]
    types = {at for at, name in enumerate(names) if name in MOVING_AVERAGES}
    if not types <= {*chosen}:
        chosen = [at for at in chosen if at not in types]  # show all types, or none
    for column in chosen:
        left = names[column] in ("symbol", "time", "direction", "open_candle", "Average")
        table.add_column(
            headers[column],
            justify="left" if left else "right",
            no_wrap=True,
            max_width=limits[column],
        )
    for row in rows:
        table.add_row(*(row[names[column]] for column in chosen))
    return table


def _cells(standing: Standing, *, ascii_only: bool) -> dict[str, Text]:
    """The cells of a symbol's row, by column."""
    from rich.text import Text

    result = standing.result
    cells = {
        "symbol": cell("symbol", standing.symbol),
        "time": cell("time", re.sub(_LONG_TIME, _shorter, str(standing.time))),
        "close": cell("close", standing.close),
        "Average": bar(result["Average_Signal"], ascii_only=ascii_only),
        "direction": cell("direction", DIRECTIONS.get(result["direction"])),
        "bars_since_event": cell("bars", standing.since_event),
        "open_candle": _open_cell(standing.open) if standing.open else Text(""),
    }
    types = [name for name in result if name.endswith("_Signal") and name != "Average_Signal"]
    return cells | {name.removesuffix("_Signal"): cell(name, result[name]) for name in types}


def _shorter(time: re.Match[str]) -> str:
    """A time without seconds that are 0; UTC is written as Z."""
    clock, offset = time.groups()
    return f"{clock}{'Z' if offset else ''}"


def _open_cell(preview: Preview) -> Text:
    """The preview of the open candle; bold if it would be an event."""
    from rich.text import Text

    close, average = cell("close", preview.close), cell("Average_Signal", preview.Average_Signal)
    text = Text(" ").join([close, average, cell("direction", preview.direction)])
    if preview.is_event:
        text.stylize("bold")
    return text


def bar(value: float, *, ascii_only: bool = False) -> Text:
    """A signal, -1 to 1, as a bar to the left or to the right of 0, and as a number.

    >>> bar(0.5).plain, bar(-1).plain, bar(0.5, ascii_only=True).plain
    ('     │██▌   +0.50', '█████│      -1.00', '     |##    +0.50')
    """
    from rich.text import Text

    number = cell("Average_Signal", value)
    if not number:
        return number
    full, line = ("#", "|") if ascii_only else ("█", "│")
    halves = round(abs(value) * 2 * HALF)
    blocks = full * (halves // 2)
    if halves % 2 and not ascii_only:
        blocks = f"{blocks}▌" if value > 0 else f"▐{blocks}"
    left, right = ("", blocks) if value > 0 else (blocks, "")
    drawn = Text(f"{left:>{HALF}}{line}{right:<{HALF}} ", colour_of(value))
    return drawn + number
