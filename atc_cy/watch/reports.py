"""The lines of text that a watch reports, each with its level and its symbol."""

import logging
from typing import Self


class Report(str):
    """A line.

    Attributes
    ----------
    level
        A level of `logging`: INFO, WARNING, or ERROR for a failure.
    symbol
        The symbol that the line is about; empty if there is none.
    """

    level: int
    symbol: str

    __slots__ = ("level", "symbol")

    def __new__(cls, text: str, level: int = logging.WARNING, symbol: str = "") -> Self:
        """A line with a level and a symbol; text that is a `Report` already keeps its level and symbol."""
        report = super().__new__(cls, text)
        report.level = text.level if isinstance(text, Report) else level
        report.symbol = text.symbol if isinstance(text, Report) else symbol
        return report


def info(text: str, symbol: str = "") -> Report:
    """A line that the user should know, although nothing is wrong."""
    return Report(text, logging.INFO, symbol)


def error(text: str, symbol: str = "") -> Report:
    """A line about a failure."""
    return Report(text, logging.ERROR, symbol)
