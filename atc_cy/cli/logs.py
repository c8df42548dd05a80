"""The log of a command that runs for a long time: lines on standard error, with levels and times."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime

from .console import log, warn

LEVELS = ("debug", "info", "warning", "error")
FORMATS = ("plain", "text", "json")
"""The formats: lines like those of other commands; lines with time and level; one JSON object per line."""


class _Handler(logging.Handler):
    def __init__(self, form: str) -> None:
        super().__init__()
        self._form = form

    def emit(self, record: logging.LogRecord) -> None:
        """Print a line."""
        text, symbol = record.getMessage(), getattr(record, "symbol", "")
        if self._form == "plain":
            warn(text)
            return
        time = f"{datetime.fromtimestamp(record.created, UTC):%Y-%m-%dT%H:%M:%S}.{int(record.msecs):03d}Z"
        if self._form == "text":
            log(f"{time} {record.levelname:<7} {text}")
            return
        fields = {"time": time, "level": record.levelname.lower(), "logger": record.name, "message": text}
        log(json.dumps(fields | ({"symbol": symbol} if symbol else {})))


def logging_to_stderr(name: str, level: str, form: str) -> Callable[[str], None]:
    """A function that takes the lines of a watch, and passes them to a logger such as "atc_cy.watch".

    A `atc_cy.watch.reports.Report` has a level; other text is a warning.
    """
    from ..watch.reports import Report

    logger = logging.getLogger(name)
    logger.setLevel(level.upper())
    logger.propagate = False
    logger.handlers = [_Handler(form)]

    def take(text: str) -> None:
        report = Report(text)
        logger.log(report.level, "%s", report, extra={"symbol": report.symbol})

    return take
