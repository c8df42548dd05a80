"""What a watch reports: lines of text that know how bad it is, and of which symbol they are."""

import logging
from typing import Self


class Report(str):
    """A line.

    Attributes
    ----------
    level
        As in `logging`: INFO, WARNING, or ERROR for what counts as a failure.
    symbol
        Empty: it is of none.
    """

    level: int
    symbol: str

    __slots__ = ("level", "symbol")

    def __new__(cls, text: str, level: int = logging.WARNING, symbol: str = "") -> Self:
        """A line of this level; of text that is one already, its own level is kept."""
        report = super().__new__(cls, text)
        report.level = text.level if isinstance(text, Report) else level
        report.symbol = text.symbol if isinstance(text, Report) else symbol
        return report


def info(text: str, symbol: str = "") -> Report:
    """What a user should know, and nothing is wrong with."""
    return Report(text, logging.INFO, symbol)


def error(text: str, symbol: str = "") -> Report:
    """A failure."""
    return Report(text, logging.ERROR, symbol)
