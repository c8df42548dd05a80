"""Rows of a file or of standard input, as they come, on their way into a watch."""

from codecs import BOM_UTF8
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from ..errors import FeedOrderError, HeaderError
from .bars import Bar
from .lines import End, Line, read_lines
from .rows import Rows, has_price, is_header, is_whole_json
from .skipped import UNFINISHED
from .stop import Stop
from .watch import Watch


def watch_feed(
    watch: Watch,
    path: Path | None,
    *,
    follow: bool,
    stop: Stop,
    take: Callable[[Bar], None] | None = None,
) -> None:
    """Take the bars of a file, of standard input if there is none, until it ends or the watch is stopped.

    A row that cannot be read is reported and left out. A last line without a line end may be unfinished: if
    the watch has a state, it is left to the next run.

    take: takes each row; by default the watch itself.

    Raises
    ------
    OSError
        The file cannot be read.
    ValueError
        Its header lacks a column, or the feed runs backwards.
    """
    name, symbol = ("standard input", "stdin") if path is None else (str(path), path.stem)
    feed = _Feed(watch, take or watch.take, name, symbol)
    for line in read_lines(path, follow, stop):
        if line is None:
            feed.pause()
            continue
        if stop.signal:
            break
        feed.take(line)
    feed.end()


_NO_TEXT = "it is not UTF-8, or is cut off within a character: save the feed as UTF-8"


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
    last line is joined with the first one of the new file if the two make a header, or a row that comes next.
    Otherwise it is a row of its own, which is taken as soon as the new file turns out not to have it again.
    """

    def __init__(self, watch: Watch, take: Callable[[Bar], None], name: str, symbol: str) -> None:
        self._watch, self._take, self._name, self._symbol = watch, take, name, symbol
        self._rows: Rows | None = None
        self._begins = True
        self._left: _Left | None = None
        self._last: dict[str, Bar] = {}
        """Each symbol's last row."""

    def take(self, line: Line) -> None:
        """Take a line."""
        if line.end in (End.REPLACED, End.CUT):
            self._leave(line)
            return
        if not line.raw.removeprefix(BOM_UTF8).strip():
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
        self._take_left()
        self._watch.save()

    def _row(self, line: Line) -> None:
        try:
            bar = self._bar(line)
        except HeaderError as error:
            raise ValueError(f"{self._name}: line {line.number}: {error}") from None
        except ValueError as error:
            self._watch.reject(f"{self._name}: line {line.number}: {error}")
            return
        if bar is not None:
            self._take_bar(bar)

    def _bar(self, line: Line) -> Bar | None:
        """The bar of a row; None where the line is a header or may be unfinished."""
        text = self._text_of(line)
        if text is None:
            return None
        if self._rows is None or (self._begins and is_header(text)):
            self._begin_rows(text)
        assert self._rows is not None
        if self._rows.is_no_row(text):
            return None
        if self._is_unfinished(line) and not is_whole_json(text):
            self._leave_to_next_run(line, text)
            return None
        return self._rows.bar(text, line=line.number)

    def _text_of(self, line: Line) -> str | None:
        """The text of a line; None where it is unfinished, within a character."""
        try:
            return _text(line.raw)
        except UnicodeDecodeError:
            if self._rows is None:
                raise HeaderError(_NO_TEXT) from None
            if not self._is_unfinished(line):
                raise ValueError(_NO_TEXT) from None
            self._leave_to_next_run(line, line.raw.decode(errors="replace"))
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

    def _begin_rows(self, text: str) -> None:
        """See what a file's first line says of its rows."""
        rows = Rows(text, self._symbol)
        if self._rows is not None and self._rows.is_json and rows.is_json:
            self._rows.begin_anew()
        else:
            self._rows = rows

    def _take_bar(self, bar: Bar) -> None:
        self._last[bar.symbol] = bar
        try:
            self._take(bar)
        except FeedOrderError as error:
            raise ValueError(f"{self._name}: line {bar.line}: {error}") from None
        except ValueError as error:  # a price that is not valid, or a row of a bar that has closed
            self._watch.reject(f"{self._name}: line {bar.line}: {error}", bar.symbol)

    def _leave(self, line: Line) -> None:
        """Keep what the file that begins anew has left, unless it had nothing, as the one before."""
        if not (self._begins and not line.raw.strip()):
            self._take_left()
            text = _text_or_none(line.raw)
            if self._rows is None and text and is_whole_json(text):
                self._begin_rows(text)
            self._left = _Left(line, self._bar_of(line.raw), self._watch.seen) if line.raw.strip() else None
        self._begins = True

    def _joined(self, line: Line) -> Line:
        """The first line of a new beginning, joined with what the old file left if that belongs to it."""
        if self._left is None:
            return line
        if self._rows is None:
            return self._joined_header(line, self._left.line)
        left = self._left.line
        joint = _joint(left, line)
        together, alone = self._bar_of(joint.raw), self._bar_of(line.raw)
        if together is None:
            return line
        if alone is not None:
            joined, single = self._comes_next(together), self._comes_next(alone)
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
        if line.raw.startswith(left.raw) or (_is_begin(begun) and _is_begin(first)):
            if not is_whole_json(begun or ""):
                self._left = None
        elif _is_begin(begun) and Rows(begun or "", self._symbol).tried(first or ""):
            self._take_left()
        elif _is_begin(together):
            self._left = None
            return joint
        elif _is_begin(begun):
            self._take_left()
        return line

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
        """Take what the old file had left as a line of its own."""
        left, self._left = self._left, None
        if left is None:
            return
        text = left.line.raw.decode(errors="replace").strip()
        where = f"{self._name}: line {left.line.number}: {text:.80} had no line end when the file began anew"
        if self._rows is None and is_header(text):
            self._begin_rows(text)
        elif left.bar is None:
            self._watch.reject(f"{where}: it is no row, and is left out")
        elif not has_price(left.bar):
            self._watch.reject(f"{where}: it has no price, and is left out", left.bar.symbol)
        else:
            if not is_whole_json(text):
                self._watch.fail(f"{where}: it is taken as a whole row")
            self._take_bar(left.bar._replace(line=left.line.number))

    def _bar_of(self, raw: bytes) -> Bar | None:
        """The bar of a line by the header that is known; None: it is no row."""
        text = _text_or_none(raw)
        return self._rows.tried(text) if self._rows is not None and text and text.strip() else None


def _joint(left: Line, line: Line) -> Line:
    """A line with what was left of it before; a byte order mark has no place within it."""
    return line._replace(raw=left.raw + line.raw.removeprefix(BOM_UTF8))


def _is_begin(text: str | None) -> bool:
    """Whether a line is a whole CSV header or JSON object."""
    return text is not None and is_header(text) and (not text.lstrip().startswith("{") or is_whole_json(text))


def _text_or_none(raw: bytes) -> str | None:
    try:
        return _text(raw)
    except UnicodeDecodeError:
        return None


def _text(raw: bytes) -> str:
    return raw.decode("utf-8-sig").rstrip("\r")
