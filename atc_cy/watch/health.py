"""The health file of a watch: its state, for a program that checks whether it still works."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._version import __version__
from ..files.atomic import write
from ..text import problem_of
from .reports import Report

if TYPE_CHECKING:
    from .watch import Watch

LONGEST = 10.0
"""Seconds after which the file is written at a pause even if nothing has changed."""


class Health:
    """A JSON file that is replaced whole whenever the watch pauses.

    path
        The file.
    report
        Called with what is reported, after it was noted.
    """

    def __init__(self, path: Path, report: Callable[[str], None]) -> None:
        self._path, self._report = path, report
        self._started = time.time()
        self._errors: dict[str, dict[str, str]] = {}
        """The last problem of each symbol; under "" the last one without a symbol."""
        self._content: Any = None
        self._written = float("-inf")
        self._broken = False

    def report(self, text: str) -> None:
        """Note a problem, and pass it on."""
        report = Report(text)
        if report.level >= logging.WARNING:
            self._errors[report.symbol] = {"error": str(report), "error_time": _iso(time.time())}
        self._report(report)

    def write(self, watch: Watch, *, must: bool = False) -> None:
        """Write the file if something has changed, or some time has passed.

        must: write in any case, and raise an error instead of reporting it.

        Raises
        ------
        OSError, ValueError
            The file cannot be written.
        """
        content = self._of(watch)
        now = time.monotonic()
        if not must and content == self._content and now < self._written + LONGEST:
            return
        text = json.dumps({"written": _iso(time.time()), **content}, indent=1) + "\n"
        try:
            write(self._path, text.encode())
        except OSError as error:
            if must:
                raise
            if not self._broken:  # the watch goes on without the file; this is reported once
                self.report(f"--health: {problem_of(error)}")
            self._broken = True
        else:
            self._broken = False
        self._content, self._written = content, now

    def _of(self, watch: Watch) -> dict[str, Any]:
        symbols: dict[str, dict[str, Any]] = {
            symbol: {"last_bar": followed.time, "close": followed.stream.last_bar[0]}
            for symbol, followed in list(watch.symbols.items())
        }
        for symbol, problem in list(self._errors.items()):
            if symbol:
                symbols.setdefault(symbol, {"last_bar": None}).update(problem)
        return {
            "version": __version__,
            "pid": os.getpid(),
            "started": _iso(self._started),
            "last_poll": None if watch.last_poll is None else _iso(watch.last_poll),
            "next_poll": None if watch.next_poll is None else _iso(watch.next_poll),
            "bars": watch.bars,
            "events": watch.events,
            "failures": watch.failed,
            "alerts": watch.alerts.counts(),
            **self._errors.get("", {}),
            "symbols": symbols,
        }


def _iso(moment: float) -> str:
    """A time in seconds since 1970 as text."""
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%SZ}"
