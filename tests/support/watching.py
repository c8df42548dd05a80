"""What the tests of watches share: a watch in this process, and the events that a batch has."""

import csv
import json
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from atc_cy import ATCConfig, compute_atc_signals, events
from atc_cy.cli import main
from atc_cy.watch import Followed, Output, StateFile, Stop, Watch, watch_feed

CASES = Path(__file__).parent.parent / "watch" / "cases"


class Run:
    """What a watch did."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._folder, self._capsys = folder, capsys
        self.code = 0
        self.events: list[dict[str, Any]] = []
        self.reports: list[str] = []

    def __call__(self, feed: "Path | str | bytes", *arguments: object) -> "Run":
        """Run `atc-cy watch` on a file, or on the text of one."""
        if not isinstance(feed, Path):
            path = self._folder / "feed.csv"
            path.write_bytes(feed.encode() if isinstance(feed, str) else feed)
            feed = path
        self.code = main(["watch", str(feed), "--format", "json", *map(str, arguments)])
        printed = self._capsys.readouterr()
        self.events = [json.loads(line) for line in printed.out.splitlines()]
        self.reports = [line.removeprefix("atc-cy: ") for line in printed.err.splitlines()]
        return self


class Script(Stop):
    """Runs one act whenever the feed has run dry, and stops the watch after the last one."""

    def __init__(self, acts: Sequence[Callable[[], Any]], rest: int) -> None:
        self._acts = [act for given in acts for act in (given, *[lambda: None] * rest)] + [lambda: None] * 3

    def wait(self, seconds: float) -> None:
        del seconds
        if self._acts:
            self._acts.pop(0)()
        else:
            self.signal = 15


class Follower:
    """Follows a file in this process.

    Whenever the feed has run dry, the next one of `acts` is run; after the last one the watch is stopped.
    """

    def __init__(self, state: Path) -> None:
        self.state = state
        self.reports: list[str] = []
        self.symbols: dict[str, Followed] = {}
        self.bars = self.failed = self.seen = 0

    def __call__(self, feed: Path, *acts: Callable[[], Any], rest: int = 3) -> "Follower":
        """Follow it until the acts are done; it is looked at `rest` times more after each one."""
        with (
            closing(Output(self.state.with_name("out"), "json")) as output,
            closing(StateFile(self.state)) as state,
        ):
            watch = Watch(ATCConfig(), "Average", output, state=state, report=self.reports.append)
            watch_feed(watch, feed, follow=True, stop=Script(acts, rest))
            self.symbols, self.bars, self.failed, self.seen = (
                watch.symbols,
                watch.bars,
                watch.failed,
                watch.seen,
            )
        return self

    def has_taken(self, closes: Any, symbol: str = "feed") -> bool:
        """Whether a symbol stands where a batch over these closes stands."""
        stream = self.symbols[symbol].stream
        prices = np.asarray(closes, float)
        average = np.asarray(compute_atc_signals(prices)["Average_Signal"])[-1]
        same = stream.result["Average_Signal"] == average and stream.last_bar[0] == prices[-1]
        return stream.bars == prices.size and bool(same)


def rotate(new: Path, path: Path) -> None:
    """Put a file in the place of one that is followed, as a program that rotates logs does on this system."""
    try:
        new.replace(path)
    except PermissionError:  # Windows replaces no open file; it renames one that allows it
        path.rename(path.with_name("rotated"))
        new.rename(path)
        path.with_name("rotated").unlink()


def closes_of(path: Path) -> list[float]:
    """The column close of a CSV file."""
    return [float(row["close"]) for row in rows_of(path)]


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    return list(csv.DictReader(path.read_text().splitlines()))


def batch_events(closes: Any, src: Any = None) -> list[tuple[str, float]]:
    """Event and price of each event of a batch."""
    prices = np.asarray(closes, float)
    turns = events(compute_atc_signals(prices, src))
    return [("long" if turns[bar] > 0 else "short", prices[bar]) for bar in np.flatnonzero(turns)]
