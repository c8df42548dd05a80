"""The decimal mark of a file's numbers, a point or a comma, and how such numbers become plain ones.

A number may have a currency sign and thousands separators: ``$1,234.50``, ``1.234,50 €``, ``1 234,50``,
``1'234.50``, ``1,23,456``. A file has one decimal mark. It is the comma if a number such as ``98,83`` or
``1.234,50`` shows it. The comma of ``1,234`` could be a decimal mark or a thousands separator: it is refused
unless another number decides. So is the point of ``1.234`` if another price is whole, such as ``998``. If all
prices have three decimals, as exchange rates do, the point is the decimal mark, unless another number shows
that it is the comma.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

_CURRENCIES = "$€£¥₹₩₽₺₿฿₫₪₴₦¢"
_SPACES = " \u00a0\u2007\u2009\u202f"
_APOSTROPHES = "'\u2019\u02bc"
_CURRENCY = re.compile(rf"[{_SPACES}]*[{_CURRENCIES}][{_SPACES}]*")
_BODY = re.compile(rf"[+-]?\d[\d.,{_SPACES}{_APOSTROPHES}]*|[+-]?[.,]\d+")
_GROUPED = {
    mark: re.compile(
        rf"[+-]?[1-9]\d{{0,2}}(?:(?P<group>[{other}{_SPACES}{_APOSTROPHES}])\d{{2,3}}(?:(?P=group)\d{{2,3}})*"
        rf"(?<=\d{{3}}))(?:[{mark}]\d*)?"
    )
    for mark, other in ((".", ","), (",", "."))
}
_UNGROUPED = {
    mark: re.compile(rf"[+-]?(?:\d+(?:[{mark}]\d*)?|[{mark}]\d+)(?:[eE][+-]?\d+)?") for mark in ".,"
}
_MAYBE_GROUPED = re.compile(r"(?:(?:[^.,]*|[+-]?[1-9]\d{0,2}\.\d{3})(?:,|\Z))*+", re.ASCII)
"""Cells joined by commas, none of which shows that its point is a decimal mark."""
_WHOLE = re.compile(r"[+-]?[1-9]\d*", re.ASCII)
_UNIT = re.compile(rf"[{_SPACES}]*[%kKmMbBtT]\Z")
"""The sign after numbers such as 0,45% and 12.3K."""
_DIGIT = re.compile(r"\d")

Columns = Sequence[tuple[Any, Iterable[Any]]]
"""The names of columns, and their cells."""


class Evidence(NamedTuple):
    """A number that shows the decimal mark, and where it is."""

    mark: str
    text: str
    row: int
    column: Any


def plain(text: str, mark: str) -> str | None:
    """A number without currency sign and thousands separators, with a decimal point; None if it is not one.

    >>> plain("$1,234.50", "."), plain("1 234,50", ","), plain("1.234", ",")
    ('1234.50', '1234.50', '1234')
    """
    bare = _bare(text)
    if _UNGROUPED[mark].fullmatch(bare) is None:
        found = _GROUPED[mark].fullmatch(bare)
        if found is None:
            return None
        bare = bare.replace(found["group"], "")
    return bare.replace(",", ".")


def _bare(text: str) -> str:
    return _CURRENCY.sub("", text.strip(), count=1)


def says(text: Any) -> str:
    """The decimal mark that a cell shows: '.' or ','; '?,' or '?.' if its comma or point could be either.

    >>> says("98,83"), says("1,234.50"), says("1,234"), says("1.234"), says("998")
    (',', '.', '?,', '?.', '')
    """
    if not isinstance(text, str) or ("," not in text and "." not in text):
        return ""
    bare = _bare(text)
    if _BODY.fullmatch(bare) is None:
        return ""
    fits = [mark for mark in ".," if plain(bare, mark) is not None]
    if len(fits) == 2:
        return "?," if "," in bare else "?."
    return fits[0] if fits else ""


class Seen:
    """What the numbers so far show about the decimal mark: the first price that decides, or other columns."""

    def __init__(self) -> None:
        self._price: Evidence | None = None
        self._unclear: dict[str, Evidence] = {}
        """The first price of each kind that does not decide: '?,', '?.', and 'whole'."""
        self._others: dict[Any, dict[str, Evidence] | None] = {}
        """What other columns show, by name; None for a column that has something else than numbers."""

    def price(self, text: Any, row: int, column: Any) -> bool:
        """Take note of a price; returns whether a price has decided."""
        if self._price is None and isinstance(text, str):
            said = says(text) or ("whole" if _WHOLE.fullmatch(_bare(text)) else "")
            if said in (".", ","):
                self._price = Evidence(said, text, row, column)
            elif said:
                self._unclear.setdefault(said, Evidence("", text, row, column))
        return self._price is not None

    def other(self, text: Any, row: int, column: Any) -> bool:
        """Take note of another cell; returns whether its column has nothing but numbers so far."""
        found = self._others.setdefault(column, {})
        if found is None or not isinstance(text, str):
            return found is not None
        number = _UNIT.sub("", text)
        said = says(number)
        if said in (".", ","):
            found.setdefault(said, Evidence(said, text, row, column))
        elif not said and _DIGIT.search(text) and plain(number, ".") is None:
            self._others[column] = None
            return False
        return True

    def decided(self) -> Evidence | None:
        """A number that decides; None if there is none. Then the mark is the point, unless there is doubt."""
        marks = self._of_others()
        return self._price or (next(iter(marks.values())) if len(marks) == 1 else None)

    def doubt(self) -> Evidence | None:
        """The first price whose mark could be either, if no number decides."""
        if self.decided() is not None:
            return None
        point = self._unclear.get("?.") if "whole" in self._unclear or self._of_others() else None
        return self._unclear.get("?,") or point

    def assumed(self) -> Evidence | None:
        """The first of the prices whose points count as decimal marks as all have three decimals, or None."""
        return None if self.decided() is not None or self.doubt() is not None else self._unclear.get("?.")

    def _of_others(self) -> dict[str, Evidence]:
        every = [found for found in self._others.values() if found is not None]
        return {mark: evidence for found in every for mark, evidence in found.items()}


def unclear(text: str, column: Any) -> str:
    """The message about a number whose comma or point could be either."""
    mark = "comma" if "," in text else "point"
    return (
        f"the {mark} of {text!r} in column {column!r} may be a decimal mark or a thousands separator: "
        "give --decimal , or --decimal ."
    )


class Marks:
    """The decimal mark of a file's numbers.

    Parameters
    ----------
    given
        The mark that the user gives; None to find out.
    columns
        Returns the columns of prices, and other ones that may have numbers; it is called when needed.
    place
        How a message calls the row of this position, such as "line 7".
    """

    def __init__(
        self,
        given: str | None,
        columns: Callable[[], tuple[Columns, Columns]],
        place: Callable[[int], str],
    ) -> None:
        self._given, self._columns, self._place = given, columns, place
        self._found: Evidence | None = None
        self.notes: tuple[str, ...] = ()
        """Notes for the user, complete after the first call of `mark`."""

    def is_plain(self, joined: str) -> bool:
        """Whether Python's reading of cells is right. joined: the cells, with commas between them."""
        if self._given is not None:
            return self._given == "." or "." not in joined
        return "." not in joined or _MAYBE_GROUPED.fullmatch(joined) is None or self.mark() == "."

    def mark(self) -> str:
        """The decimal mark.

        Raises
        ------
        ValueError
            A price has a comma or a point that could be either, and no other number decides.
        """
        if self._given is not None:
            return self._given
        if self._found is None:
            self._found = self._decide()
        return self._found.mark

    @property
    def used(self) -> str:
        """The mark that was used; a point if Python could read all numbers."""
        return self._given or ("." if self._found is None else self._found.mark)

    def reason(self) -> str:
        """What a message adds about a number that does not fit the mark."""
        if self._given is not None:
            return f" with --decimal {self._given}"
        if self._found is None or not self._found.text:
            return ""
        seen = f"{self._found.text!r} in {self._place(self._found.row)}"
        return f" with the decimal mark '{self._found.mark}', which {seen} shows: give --decimal"

    def _decide(self) -> Evidence:
        seen = Seen()
        prices, others = self._columns()
        for name, column in prices:
            for row, text in enumerate(column):
                if seen.price(text, row, name):
                    break
        for name, column in () if seen.decided() else others:
            for row, text in enumerate(column):
                if not seen.other(text, row, name):
                    break
        doubt = seen.doubt()
        if doubt is not None:
            raise ValueError(f"{self._place(doubt.row)}: {unclear(doubt.text, doubt.column)}")
        assumed = seen.assumed()
        if assumed is not None:
            self.notes = (
                f"all prices have three decimals, as {assumed.text!r} in {self._place(assumed.row)}: give "
                "--decimal , if the point is a thousands separator",
            )
        return seen.decided() or Evidence(".", "", 0, None)
