"""Rows of a file or of standard input, as they come, on their way into a watch."""

from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from ..errors import FeedOrderError, HeaderError
from ..files.columns import CLOSE
from ..files.format import FOUND_OUT, Format
from ..files.opening import symbol_of
from .bars import Bar
from .layout import of_lines
from .lines import End, Line, read_lines
from .rows import Rows, has_price, is_header, is_whole_json
from .skipped import NO_PRICE, UNFINISHED
from .stop import Stop
from .values import UndecidedError
from .watch import Watch
from .whole_file import is_lines, watch_file


def watch_feed(
    watch: Watch,
    path: Path | None,
    *,
    follow: bool,
    stop: Stop,
    take: Callable[[Bar], None] | None = None,
    form: Format = FOUND_OUT,
    column: str = CLOSE,
) -> None:
    """Take the bars of a file, of standard input if there is none, until it ends or the watch is stopped.

    A row that cannot be read is reported and left out. A last line without a line end may be unfinished: if
    the watch has a state, it is left to the next run. Where a row could be read in two ways, it and those
    after it wait until one decides.

    take: takes each row; by default the watch itself. form, column: how the feed is written, as far as its
    user says so, and the column of closes.

    Raises
    ------
    OSError
        The file cannot be read.
    ValueError
        Its header lacks a column, or the feed runs backwards.
    """
    take = take or watch.take
    if path is not None and not is_lines(path):
        if follow:
            raise ValueError(f"{path}: only CSV and JSON lines can be followed")
        watch_file(watch, path, form, column, take, stop)
        return
    name, symbol = ("standard input", "stdin") if path is None else (str(path), symbol_of(path))
    feed = _Feed(watch, take, name, symbol, form, column)
    for line in read_lines(path, follow, stop):
        if line is None:
            feed.pause()
            continue
        if stop.signal:
            break
        feed.take(line)
    feed.end()


class _Left(NamedTuple):
    """A last line without a line end, of a file that began anew."""

    line: Line
    bar: Bar | None
    """None: it is no row."""
    seen: int
    """The rows that the watch had seen before, when the file began anew."""


class _Feed:
    """A feed's rows.

    Where a followed file begins anew, three things of the old one are kept: its header, for a new file that
    has none; its bars, which the watch knows by their time; and its last line, if that has no line end. The
    last line is joined with the first one of the new file if the two make a row. Otherwise it is a row of its
    own, which is taken as soon as the new file turns out not to have it again.
    """

    def __init__(
        self,
        watch: Watch,
        take: Callable[[Bar], None],
        name: str,
        symbol: str,
        form: Format,
        column: str,
    ) -> None:
        self._watch, self._take, self._name, self._symbol = watch, take, name, symbol
        self._form, self._column = form, column
        self._rows: Rows | None = None
        self._head: list[Line] = []
        """Lines that stand before the rows, as far as can be seen."""
        self._waiting: deque[tuple[Line, str]] = deque()
        """Rows from the first one that could be read in two ways on, each with the problem."""
        self._begins = True
        self._left: _Left | None = None

    def take(self, line: Line) -> None:
        """Take a line."""
        if line.end in (End.REPLACED, End.CUT):
            self._take_left()
            self._left = _Left(line, self._bar_of(line.raw), self._watch.seen) if line.raw.strip() else None
            self._begins = True
            return
        if not line.raw.removeprefix(b"\xef\xbb\xbf").strip():
            return
        if self._begins:
            line = self._joined(line)
        if self._left is not None:
            self._compare_left(line)
        self._row(line)
        self._begins = False

    def pause(self) -> None:
        """There is nothing more yet."""
        if not self._begins:
            self._take_left()
        self._watch.save()

    def end(self) -> None:
        """There is nothing more."""
        if self._head:
            try:
                self._find_layout(complete=True)
            except HeaderError as error:
                raise ValueError(f"{self._name}: line {self._head[0].number}: {error}") from None
        if self._waiting:
            line, problem = self._waiting[0]
            raise ValueError(f"{self._name}: line {line.number}: {problem}")
        self._take_left()
        self._watch.save()

    def _row(self, line: Line) -> None:
        if self._waiting and self._rows is not None:
            self._rows.learn(_text(line.raw))
        self._waiting.append((line, ""))
        while self._waiting:
            line, _ = self._waiting.popleft()
            try:
                bars = self._bars(line)
            except HeaderError as error:
                number = self._head[0].number if self._head else line.number
                raise ValueError(f"{self._name}: line {number}: {error}") from None
            except UndecidedError as error:
                self._waiting.appendleft((line, str(error)))
                return
            except ValueError as error:
                self._watch.reject(f"{self._name}: line {line.number}: {error}")
                continue
            for bar in bars:
                if has_price(bar):
                    self._take_bar(bar)
                else:
                    self._watch.skipped.add(NO_PRICE, bar.symbol)

    def _bars(self, line: Line) -> list[Bar]:
        """The bars of a row; none where the line is a header, or may be unfinished."""
        try:
            text = _text(line.raw)
        except UnicodeDecodeError as error:
            if self._rows is not None:
                raise
            raise HeaderError(
                f"it is no text in UTF-8 ({error.reason}): save it so; what is packed, or a workbook, must "
                "be a file whose name ends in .gz or .xlsx"
            ) from None
        begins = self._begins and is_header(text, self._form, self._column)
        if not self._head and begins:
            self._rows = Rows(text, self._symbol, self._form, self._column)
        if self._rows is None:
            self._head.append(line)
            self._find_layout(complete=False)
            return []
        if self._rows.is_header(text):
            return []
        if line.end is End.FEED_END and self._watch.is_resumable and not is_whole_json(text):
            self._watch.skipped.add(UNFINISHED)
            self._watch.report(
                f"{self._name}: line {line.number}: {text:.80} has no line end, so that more of it may come: "
                "it is left to the next run"
            )
            return []
        return self._rows.bars(text, line=line.number)

    def _find_layout(self, *, complete: bool) -> None:
        """See whether the lines so far show how the feed is laid out; then its rows are taken."""
        lines = [_text(line.raw) for line in self._head]
        layout = of_lines(lines, self._form, self._column, complete=complete)
        if layout is None:
            return
        head, self._head = self._head, []
        first = lines[layout.rows - 1] if layout.rows else ""
        self._rows = Rows(first, self._symbol, self._form, self._column, layout)
        for line in head[layout.rows :]:
            self._row(line)

    def _take_bar(self, bar: Bar) -> None:
        try:
            self._take(bar)
        except FeedOrderError as error:
            raise ValueError(f"{self._name}: line {bar.line}: {error}") from None
        except ValueError as error:  # a price that is not valid, or a row of a bar that has closed
            self._watch.reject(f"{self._name}: line {bar.line}: {error}", bar.symbol)

    def _joined(self, line: Line) -> Line:
        """The first line of a new beginning, joined with what the old file left if the two make a row."""
        if self._left is None or self._rows is None:
            return line
        left = self._left.line
        together = line._replace(raw=left.raw + line.raw)
        if self._bar_of(together.raw) is None:
            return line
        if left.end is End.REPLACED and self._bar_of(line.raw) is not None:
            return line  # a row by itself: another file seldom begins in the middle of one
        self._left = None
        return together

    def _compare_left(self, line: Line) -> None:
        """See whether a later line of the new file has what the old one had left."""
        assert self._left is not None
        before, now = self._left.bar, self._bar_of(line.raw)
        # The beginning of a row may be that of many rows: it is there again if rows before it are.
        if line.raw.startswith(self._left.line.raw) and (before or self._watch.seen > self._left.seen):
            self._left = None
        elif before and now and before.symbol == now.symbol and before.instant < now.instant:
            self._take_left()

    def _take_left(self) -> None:
        """Take what the old file had left as a row of its own."""
        left, self._left = self._left, None
        if left is None:
            return
        text = left.line.raw.decode(errors="replace").strip()
        where = f"{self._name}: line {left.line.number}: {text:.80} had no line end when the file began anew"
        if left.bar is None:
            self._watch.reject(f"{where}: it is no row, and is left out")
        elif has_price(left.bar):
            self._watch.report(f"{where}: it is taken as a whole row")
            self._take_bar(left.bar._replace(line=left.line.number))

    def _bar_of(self, raw: bytes) -> Bar | None:
        """The bar of a line by the header that is known; None: it is no row."""
        try:
            text = _text(raw)
        except ValueError:
            return None
        return self._rows.tried(text) if self._rows is not None and text else None


def _text(raw: bytes) -> str:
    return raw.decode("utf-8-sig").strip()
