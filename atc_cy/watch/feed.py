"""Rows of a file or of standard input, as they come, on their way into a watch."""

import re
from codecs import BOM_UTF8
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from ..errors import FeedOrderError, HeaderError
from ..files.format import FOUND_OUT, Format
from ..files.opening import symbol_of
from ..files.tables import check_form
from .bars import Bar
from .layout import Wanted, of_lines
from .lines import End, Line, LongLineError, read_lines
from .rows import FOUND_BY_NAME, Rows, has_price, is_header, is_whole_json
from .skipped import UNFINISHED
from .stop import Stop
from .values import UndecidedError
from .watch import Watch
from .whole_file import is_lines, watch_files


def watch_feed(
    watch: Watch,
    path: Path | None,
    *,
    follow: bool,
    stop: Stop,
    take: Callable[[Bar], None] | None = None,
    form: Format = FOUND_OUT,
    wanted: Wanted = FOUND_BY_NAME,
) -> None:
    """Take the bars of a file, of standard input if there is none, until it ends or the watch is stopped.

    A row that cannot be read is reported and left out. A last line without a line end may be unfinished: if
    the watch has a state, it is left to the next run. Where a row could be read in two ways, it and those
    after it wait until one decides.

    take: takes each row; by default the watch itself. form, wanted: how the feed is written, as far as its
    user says so, and the columns of prices.

    Raises
    ------
    OSError
        The file cannot be read.
    ValueError
        Its header lacks a column, the feed runs backwards, or a line does not end.
    """
    take = take or watch.take
    if path is not None and not is_lines(path):
        if follow:
            raise ValueError(f"{path}: only CSV and JSON lines can be followed")
        watch_files(watch, [path], form, wanted, take, stop)
        return
    name, symbol = ("standard input", "stdin") if path is None else (str(path), symbol_of(path))
    try:
        check_form(replace(form, skip_lines=0), "CSV or JSON lines")
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
    feed = _Feed(watch, take, name, symbol, form, wanted)
    empty = not follow
    try:
        for line in read_lines(path, follow, stop):
            if line is None:
                feed.pause()
                continue
            empty = empty and not line.raw.strip()
            if stop.signal:
                break
            feed.take(line)
    except LongLineError as error:
        watch.save()  # a pipe does not give again what came before it
        raise ValueError(f"{name}: {error}") from None
    feed.end()
    if empty and not stop.signal:
        raise ValueError(f"{name}: there is no line: give a header, such as date,close, and rows")


_NO_TEXT = "it is not text in UTF-8, or is cut off within a character: save the feed as UTF-8"
_ARRAY = re.compile(r"\s*\[\s*(?:[\[{]|\Z)")
_PACKED = "what is packed, or a workbook, must be a file whose name ends in .gz or .xlsx"


class _Left(NamedTuple):
    """A last line without a line end, of a file that began again."""

    line: Line
    bars: list[Bar]
    """Of a row; there are none if it is no row."""
    seen: int
    """The rows that the watch had seen before, when the file began again."""


class _Feed:
    """A feed's rows.

    Where a followed file begins again, three things of the old one are kept: its header, for a new file that
    has none; its bars, which the watch knows by their time; and its last line, if that has no line end. The
    last line is joined with the first one of the new file if the two make a header, or a row that comes next.
    Otherwise it is a separate row, which is taken as soon as the new file turns out not to have it again.
    """

    def __init__(
        self,
        watch: Watch,
        take: Callable[[Bar], None],
        name: str,
        symbol: str,
        form: Format,
        wanted: Wanted,
    ) -> None:
        self._watch, self._take, self._name, self._symbol = watch, take, name, symbol
        self._form, self._wanted, self._skip = replace(form, skip_lines=0), wanted, form.skip_lines
        self._rows: Rows | None = None
        self._head: list[tuple[Line, str]] = []
        """Lines before the rows, as far as can be seen."""
        self._waiting: deque[tuple[Line, str]] = deque()
        """Rows from the first one that could be read in two ways on."""
        self._undecided = ""
        """The two ways."""
        self._begins = True
        self._left: _Left | None = None
        self._last: dict[str, Bar] = {}
        """Each symbol's last row."""

    def take(self, line: Line) -> None:
        """Take a line."""
        if line.end in (End.REPLACED, End.CUT):
            self._leave(line)
            return
        if line.number <= self._skip or not line.raw.removeprefix(BOM_UTF8).strip():
            return
        if self._begins:
            line = self._joined(line)
        if self._left is not None:
            self._compare_left(line)
        self._line(line)
        self._begins = False

    def pause(self) -> None:
        """There is nothing more yet."""
        if not self._begins:
            self._take_left()
        self._watch.save()

    def end(self) -> None:
        """There is nothing more."""
        if self._head:
            self._find_layout(complete=True)
        self._take_left()
        self._refuse_waiting()
        self._watch.save()

    def _line(self, line: Line) -> None:
        """Take a line before the rows, or one of them."""
        text = self._text_of(line)
        if text is None:
            return
        if not self._head and self._begins and self._is_header(text):
            self._begin_rows(text)
        if self._rows is None:
            if not self._head:
                self._check_first(line, text)
            self._head.append((line, text))
            self._find_layout(complete=False)
        else:
            self._row(self._rows, line, text)

    def _check_first(self, line: Line, text: str) -> None:
        """Refuse what no later line makes a feed."""
        problem = ""
        if _ARRAY.match(text):
            problem = "it begins a JSON array: give one object per line, or a file whose name ends in .json"
        elif "\0" in text:
            problem = "it has NULs, as UTF-16 without a byte order mark: save the feed as UTF-8"
        if problem:
            raise ValueError(f"{self._name}: line {line.number}: {problem}")

    def _text_of(self, line: Line) -> str | None:
        """The text of a line; None where it has none, or is unfinished, within a character."""
        try:
            return _text(line.raw)
        except UnicodeDecodeError:
            where = f"{self._name}: line {line.number}: {_NO_TEXT}"
        if self._rows is None:
            raise ValueError(f"{where}; {_PACKED}")
        if self._is_unfinished(line):
            self._leave_to_next_run(line, line.raw.decode(errors="replace"))
        else:
            self._watch.reject(where)
        return None

    def _is_unfinished(self, line: Line) -> bool:
        """Whether another run may find more of a line."""
        return line.end is End.FEED_END and self._watch.is_resumable

    def _leave_to_next_run(self, line: Line, text: str) -> None:
        self._watch.skipped.add(UNFINISHED)
        self._watch.report(
            f"{self._name}: line {line.number}: {text:.80} has no line end, so that more of it may come: "
            "it is left to the next run"
        )

    def _is_header(self, text: str) -> bool:
        return is_header(text, self._form, self._wanted)

    def _begin_rows(self, text: str) -> None:
        """See what a file's first line says of its rows."""
        self._head = []
        if self._rows is not None and self._rows.goes_on(text):
            self._rows.begin_anew()
            return
        self._refuse_waiting()
        self._rows = self._begun(text)

    def _begun(self, text: str) -> Rows:
        return Rows(text, self._symbol, self._form, self._wanted)

    def _find_layout(self, *, complete: bool) -> None:
        """See whether the lines so far show how the feed is laid out; then its rows are taken."""
        lines = [text for _, text in self._head]
        try:
            layout = of_lines(lines, self._form, self._wanted, complete=complete)
        except HeaderError as error:
            raise ValueError(f"{self._name}: line {self._head[0][0].number}: {error}") from None
        if layout is None:
            return
        above = "\n".join(lines[: layout.rows])
        self._rows = Rows(above, self._symbol, self._form, self._wanted, layout)
        head, self._head = self._head, []
        for line, text in head[layout.rows :]:
            self._row(self._rows, line, text)

    def _row(self, rows: Rows, line: Line, text: str) -> None:
        """Take a row, and those that have waited for it; or have it wait."""
        if rows.is_no_row(text):
            return
        if self._is_unfinished(line) and not is_whole_json(text):
            self._leave_to_next_run(line, text)
            return
        if self._waiting:
            rows.learn(text, line=line.number)
        self._waiting.append((line, text))
        while self._waiting:
            line, text = self._waiting[0]
            bars: list[Bar] = []
            try:
                bars = rows.bars(text, line=line.number)
            except HeaderError as error:
                raise ValueError(f"{self._name}: line {line.number}: {error}") from None
            except UndecidedError as error:
                self._undecided = f"{self._name}: line {line.number}: {error}"
                return
            except ValueError as error:
                self._watch.reject(f"{self._name}: line {line.number}: {error}")
            self._waiting.popleft()
            for bar in bars:
                self._take_bar(bar)

    def _refuse_waiting(self) -> None:
        """Refuse rows that could be read in two ways, since none that decides will come."""
        if self._waiting:
            raise ValueError(self._undecided)

    def _take_bar(self, bar: Bar) -> None:
        self._last[bar.symbol] = bar
        try:
            self._take(bar)
        except FeedOrderError as error:
            raise ValueError(f"{self._name}: line {bar.line}: {error}") from None
        except ValueError as error:  # a price that is not valid, or a row of a bar that has closed
            self._watch.reject(f"{self._name}: line {bar.line}: {error}", bar.symbol)

    def _leave(self, line: Line) -> None:
        """Keep what the file that begins again has left, unless it had nothing, as the one before."""
        if not (self._begins and not line.raw.strip()):
            self._take_left()
            text = _text_or_none(line.raw)
            if self._rows is None and text and is_whole_json(text):
                self._begin_rows(text)
            self._left = _Left(line, self._bars_of(line.raw), self._watch.seen) if line.raw.strip() else None
        self._begins = True

    def _joined(self, line: Line) -> Line:
        """The first line of a new beginning, joined with what the old file left if that belongs to it."""
        if self._left is None:
            return line
        if self._rows is None:
            return self._joined_header(line, self._left.line)
        left = self._left.line
        joint = _joint(left, line)
        together, alone = self._bars_of(joint.raw), self._bars_of(line.raw)
        if not together:
            return line
        if alone:
            joined, single = self._comes_next(together[0]), self._comes_next(alone[0])
            # The rest of a row can be a row by itself, of another time or symbol. Where both could come next,
            # the same file goes on with its row; another file seldom begins in the middle of one.
            if not (joined or left.end is End.CUT) or (single and not (joined and left.end is End.CUT)):
                return line
        self._left = None
        return joint

    def _comes_next(self, bar: Bar) -> bool:
        """Whether a row is later than its symbol's last one, with a time that is written as long."""
        last = self._last.get(bar.symbol)
        return last is not None and bar.instant > last.instant and len(str(bar.time)) == len(str(last.time))

    def _joined_header(self, line: Line, left: Line) -> Line:
        """The same, where no header has come yet."""
        joint = _joint(left, line)
        begun, first, together = (_text_or_none(whole.raw) for whole in (left, line, joint))
        if line.raw.startswith(left.raw) or (self._is_begin(begun) and self._is_begin(first)):
            if not is_whole_json(begun or ""):
                self._left = None
        elif self._is_begin(begun) and self._begun(begun or "").tried(first or ""):
            self._take_left()
        elif self._is_begin(together):
            self._left = None
            return joint
        elif self._is_begin(begun):
            self._take_left()
        return line

    def _compare_left(self, line: Line) -> None:
        """See whether a later line of the new file has what the old one had left."""
        assert self._left is not None
        text = _text_or_none(line.raw)
        if self._rows is not None and text and not self._left.bars:
            self._rows.learn(text, line=line.number)  # it may decide how the old file's line is read
            self._left = self._left._replace(bars=self._bars_of(self._left.line.raw))
        before, now = self._left.bars, self._bars_of(line.raw)
        # The beginning of a row may be that of many rows: it is there again if rows before it are.
        if line.raw.startswith(self._left.line.raw) and (before or self._watch.seen > self._left.seen):
            self._left = None
        elif before and now and before[0].symbol == now[0].symbol and before[0].instant < now[0].instant:
            self._take_left()

    def _take_left(self) -> None:
        """Take what the old file had left as a separate line."""
        left, self._left = self._left, None
        if left is None:
            return
        text = _text_or_none(left.line.raw) or left.line.raw.decode(errors="replace")
        where = f"{self._name}: line {left.line.number}: {text:.80} had no line end when the file began again"
        if self._rows is None and self._is_header(text):
            self._begin_rows(text)
        elif self._rows is None or not left.bars:
            self._watch.reject(f"{where}: it is not a row, and is left out")
        elif not any(map(has_price, left.bars)):
            self._watch.reject(f"{where}: it has no price, and is left out", left.bars[0].symbol)
        else:
            if not is_whole_json(text):
                self._watch.fail(f"{where}: it is taken as a whole row")
            self._row(self._rows, left.line, text)

    def _bars_of(self, raw: bytes) -> list[Bar]:
        """The bars of a line by the header that is known; none if it is no row."""
        text = _text_or_none(raw)
        return self._rows.tried(text) if self._rows is not None and text and text.strip() else []

    def _is_begin(self, text: str | None) -> bool:
        """Whether a line is a whole CSV header or JSON object."""
        return (
            text is not None
            and self._is_header(text)
            and (not text.lstrip().startswith("{") or is_whole_json(text))
        )


def _joint(left: Line, line: Line) -> Line:
    """A line with what was left of it before; a byte order mark has no place within it."""
    return line._replace(raw=left.raw + line.raw.removeprefix(BOM_UTF8))


def _text_or_none(raw: bytes) -> str | None:
    try:
        return _text(raw)
    except UnicodeDecodeError:
        return None


def _text(raw: bytes) -> str:
    return raw.decode("utf-8-sig").rstrip("\r")
