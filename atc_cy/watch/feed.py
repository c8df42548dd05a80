"""Reads the rows of a file or of standard input as they come, and passes them to a watch."""

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
    """Take the bars of a file, or of standard input if `path` is None, until it ends or the watch is stopped.

    A row that cannot be read is reported and left out. A last line without a line end may be unfinished: if
    the watch has a state, it is left to the next run. A row that could be read in two ways waits, with the
    rows after it, until a later row decides.

    take: takes each row; by default the watch itself. form, wanted: what the user says about how the feed is
    written, and the columns of prices.

    Raises
    ------
    OSError
        The file cannot be read.
    ValueError
        The header lacks a column, the feed runs backwards, or a line does not end.
    """
    take = take or watch.take
    if path is not None and not is_lines(path):
        if follow:
            raise ValueError(f"{path}: only CSV and JSON lines can be followed: leave out --follow")
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
        watch.save()  # a pipe does not repeat what came before this line
        raise ValueError(f"{name}: {error}") from None
    feed.end()
    if empty and not stop.signal:
        raise ValueError(f"{name}: it is empty: give a header, such as date,close, and rows")


_NO_TEXT = "it is not text in UTF-8, or is cut off within a character: save the feed as UTF-8"
_ARRAY = re.compile(r"\s*\[\s*(?:[\[{]|\Z)")
_PACKED = "the name of a packed file must end in .gz, and that of a workbook in .xlsx"


class _Left(NamedTuple):
    """The last line of a file that began again, if the line has no line end."""

    line: Line
    bars: list[Bar]
    """The bars of the line; empty if it is not a row."""
    seen: int
    """How many rows the watch had seen before when the file began again."""


class _Feed:
    """A feed's rows.

    If a followed file begins again, three things of the old file are kept: its header, for a new file without
    one; its bars, which the watch knows by their time; and its last line, if that has no line end. The last
    line is joined with the first line of the new file if the two make a header, or a row that comes next.
    Otherwise it is a separate row, which is taken once it is clear that the new file does not repeat it.
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
        """The lines so far, until the layout is found."""
        self._waiting: deque[tuple[Line, str]] = deque()
        """The first row that could be read in two ways, and the rows after it."""
        self._undecided = ""
        """The message about the first of these rows."""
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
        """Act on a pause: no more lines have come yet."""
        if not self._begins:
            self._take_left()
        self._watch.save()

    def end(self) -> None:
        """Act on the end: no more lines will come."""
        if self._head:
            self._find_layout(complete=True)
        self._take_left()
        self._refuse_waiting()
        self._watch.save()

    def _line(self, line: Line) -> None:
        """Take a line that is before the rows, or a row."""
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
        """Refuse a first line that cannot begin a feed, whatever follows."""
        problem = ""
        if _ARRAY.match(text):
            problem = "it begins a JSON array: give one object per line, or a file whose name ends in .json"
        elif "\0" in text:
            problem = "it has NUL characters, as UTF-16 without a byte order mark has: save the feed as UTF-8"
        if problem:
            raise ValueError(f"{self._name}: line {line.number}: {problem}")

    def _text_of(self, line: Line) -> str | None:
        """The text of a line; None if it is not text, or ends within a character."""
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
        """Whether the next run may find more of this line."""
        return line.end is End.FEED_END and self._watch.is_resumable

    def _leave_to_next_run(self, line: Line, text: str) -> None:
        self._watch.skipped.add(UNFINISHED)
        self._watch.report(
            f"{self._name}: line {line.number}: {text:.80} has no line end, so more of it may come: "
            "it is left to the next run"
        )

    def _is_header(self, text: str) -> bool:
        return is_header(text, self._form, self._wanted)

    def _begin_rows(self, text: str) -> None:
        """Begin the rows below a file's first line."""
        self._head = []
        if self._rows is not None and self._rows.goes_on(text):
            self._rows.begin_again()
            return
        self._refuse_waiting()
        self._rows = self._begun(text)

    def _begun(self, text: str) -> Rows:
        return Rows(text, self._symbol, self._form, self._wanted)

    def _find_layout(self, *, complete: bool) -> None:
        """If the lines so far show how the feed is laid out, take its rows."""
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
        """Take a row and the rows that have waited for it, or let it wait."""
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
        """Refuse rows that could be read in two ways: no row will come that decides."""
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
        """Keep the unfinished last line of a file that begins again, if it has one."""
        if not (self._begins and not line.raw.strip()):
            self._take_left()
            text = _text_or_none(line.raw)
            if self._rows is None and text and is_whole_json(text):
                self._begin_rows(text)
            self._left = _Left(line, self._bars_of(line.raw), self._watch.seen) if line.raw.strip() else None
        self._begins = True

    def _joined(self, line: Line) -> Line:
        """The first line after a file began again, joined with the old file's last line if both are one."""
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
            # The rest of a row can be a row by itself, with another time or symbol. If both readings could
            # come next, a file that was cut continues its row; a new file seldom begins within a row.
            if not (joined or left.end is End.CUT) or (single and not (joined and left.end is End.CUT)):
                return line
        self._left = None
        return joint

    def _comes_next(self, bar: Bar) -> bool:
        """Whether a row is later than its symbol's last one, with a time of as many characters."""
        last = self._last.get(bar.symbol)
        return last is not None and bar.instant > last.instant and len(str(bar.time)) == len(str(last.time))

    def _joined_header(self, line: Line, left: Line) -> Line:
        """What `_joined` returns if no header has come yet."""
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
        """Check whether a line of the new file repeats the old file's last line, or comes after it."""
        assert self._left is not None
        text = _text_or_none(line.raw)
        if self._rows is not None and text and not self._left.bars:
            self._rows.learn(text, line=line.number)  # it may decide how the old file's line is read
            self._left = self._left._replace(bars=self._bars_of(self._left.line.raw))
        before, now = self._left.bars, self._bars_of(line.raw)
        # Many rows may begin like an unfinished one: it is repeated if rows before it were repeated.
        if line.raw.startswith(self._left.line.raw) and (before or self._watch.seen > self._left.seen):
            self._left = None
        elif before and now and before[0].symbol == now[0].symbol and before[0].instant < now[0].instant:
            self._take_left()

    def _take_left(self) -> None:
        """Take the old file's last line as a separate line."""
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
        """The bars of a line, read with the known header; empty if it is not a row."""
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
    """The old file's last line and this line as one, without a byte order mark between them."""
    return line._replace(raw=left.raw + line.raw.removeprefix(BOM_UTF8))


def _text_or_none(raw: bytes) -> str | None:
    try:
        return _text(raw)
    except UnicodeDecodeError:
        return None


def _text(raw: bytes) -> str:
    return raw.decode("utf-8-sig").rstrip("\r")
