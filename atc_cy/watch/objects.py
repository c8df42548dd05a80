"""Feeds with one JSON object per line: which names are columns, learned from the objects as they come."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..files import json_lines
from ..files.columns import (
    CLOSE,
    SOURCES,
    SYMBOL,
    Columns,
    find_clock,
    find_named,
    find_price,
    find_symbol,
    find_time,
    folded,
)
from ..files.format import Format
from .layout import Wanted


class Objects:
    """The objects of a feed. Its columns are those of all objects so far, as in a file.

    form, wanted: what the user says about how the feed is written, and the columns of prices.
    """

    def __init__(self, form: Format, wanted: Wanted) -> None:
        self._form, self._wanted = form, wanted
        self._names: Sequence[str] = ()
        """The names of the last object."""
        self._known: dict[Any, Mapping[str, Any]] = {}
        """Some objects that together have all names so far, by their lines as messages call these."""
        self.columns = self._columns_of(())
        self.has_bars = False
        """Whether bars were made with these columns, so that the columns must stay."""

    def begin_again(self) -> None:
        """Another file continues the feed with objects: its lines are counted from 1."""
        self._known = {
            f"{line} of the file before" if isinstance(line, int) else line: row
            for line, row in self._known.items()
        }

    def row(self, text: str, line: int) -> Mapping[str, Any]:
        """The object of a line.

        Raises
        ------
        ValueError
            The line is not an object, lacks a column, spells a name in another way than an earlier line, or
            has a column that the earlier bars would have needed.
        """
        row = json_lines.loads(text)
        if not isinstance(row, dict):
            raise ValueError(f"{text:.80} is not a JSON object with time and close")
        names = [*row]
        if names != self._names:
            self._learn(row, line)
            self._names = names
        time, wanted = self.columns.time, self._form.symbol_column
        missing = None
        if time not in row:
            missing = time or self._form.time_column or "time"
        elif self.columns.price is None:
            missing = self._wanted.close
        elif wanted is not None and self.columns.symbol is None:
            missing = wanted
        else:
            missing = self._missing_source()
        if missing is not None:
            raise ValueError(f"there is no {missing!r}; the row has: {', '.join(row)}")
        return row

    def _learn(self, row: Mapping[str, Any], line: int) -> None:
        """Take note of the names of an object."""
        known = {**self._known, line: row}
        try:
            names = json_lines.names_of(known)
        except ValueError as error:
            raise ValueError(str(error).removeprefix(f"line {line}: ")) from None
        columns = self._columns_of(names)
        pairs = zip(columns, self.columns, strict=True)
        late = next((name for name, before in pairs if name != before), None)
        if self.has_bars and late is not None:
            raise ValueError(
                f"it has {late!r}, but the rows before it do not: give it in all rows, or in none"
            )
        if len(names) > len({name for earlier in self._known.values() for name in earlier}):
            self._known = known
        self.columns = columns

    def _missing_source(self) -> str | None:
        """The first column that the source needs and that no object has had yet."""
        src, columns = self._wanted.source, self.columns
        if src is None or folded(src) == folded(self._wanted.close) or columns.src is not None:
            return None
        parts = SOURCES.get(folded(src), [src])
        return next((part for part in parts if columns.parts.get(part) is None), None)

    def _columns_of(self, names: Sequence[str]) -> Columns:
        form = self._form
        time = find_time(names) if form.time_column is None else find_named(names, form.time_column)
        symbol = find_symbol(names, form.symbol_column or SYMBOL)
        price, src = find_price(names, self._wanted.close), self._wanted.src(names)
        column = None if src is None else find_named(names, src)
        parts = (
            {}
            if column is not None
            else {
                part: find_named(names, part) or (price if part == CLOSE else None)
                for part in SOURCES.get(folded(src or ""), ())
            }
        )
        return Columns(time, find_clock(names, time), price, column, parts, symbol, {}, unused_src=None)
