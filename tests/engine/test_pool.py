"""Work that needs no pool runs without one, and so does all work where no pool can be had."""

import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import atc_cy
from atc_cy.engine.pool import Inline, pool

CLOSE = np.arange(1.0, 400.0)

AFTER_MAIN = """
import sys, threading, time
import numpy as np, pandas as pd
import atc_cy

prices = pd.DataFrame({name: 100 + np.arange(50.0) for name in "ABC"})
source, out = sys.argv[1:]

def work():
    threading.main_thread().join()
    time.sleep(0.5)
    for name, call in {
        "compute": lambda: atc_cy.compute_atc_signals(prices["A"]),
        "atc": lambda: atc_cy.atc(prices, close=None),
        "scan": lambda: atc_cy.scan(prices, threads=4),
        "sweep": lambda: atc_cy.sweep(prices, {"La": [0.1, 0.2]}, threads=4),
        "dataset": lambda: atc_cy.dataset.scan(source, out, threads=4),
    }.items():
        try:
            call()
            print(name, "works", flush=True)
        except BaseException as error:
            print(name, type(error).__name__, error, flush=True)

atc_cy.dataset.scan
threading.Thread(target=work).start()
"""


def test_a_thread_that_outlives_the_main_thread(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    times = pd.date_range("2020-01-01", periods=399)
    pd.DataFrame({"date": times, "close": CLOSE}).to_parquet(source / "A.parquet")
    done = subprocess.run(
        [sys.executable, "-c", AFTER_MAIN, str(source), str(tmp_path / "out")],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    names = ["compute", "atc", "scan", "sweep", "dataset"]
    assert done.stdout.splitlines() == [f"{name} works" for name in names], done.stderr


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The threads that were started."""
    threads: list[Any] = []
    start = threading.Thread.start

    def counted(self: threading.Thread) -> None:
        threads.append(self)
        start(self)

    monkeypatch.setattr(threading.Thread, "start", counted)
    return threads


def test_what_needs_no_pool_starts_none(started: list[Any]) -> None:
    frame = pd.DataFrame({"symbol": "A", "close": CLOSE})
    atc_cy.atc(frame, by="symbol")
    atc_cy.scan({"A": CLOSE}, threads=8)
    atc_cy.scan({"A": CLOSE, "B": CLOSE}, threads=1)
    atc_cy.sweep(CLOSE, {"La": [0.1, 0.2]}, threads=1)
    atc_cy.sweep(CLOSE, {"La": [0.1]}, threads=8)
    assert started == []


def test_the_numbers_are_the_same_where_no_thread_can_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    data = {name: CLOSE + number for number, name in enumerate("ABCD")}
    scanned = atc_cy.scan(data, threads=4)
    swept = atc_cy.sweep(data, {"La": [0.1, 0.2]}, threads=4)

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    inline = atc_cy.scan(data, threads=4)
    for name, frame in scanned.items():
        pd.testing.assert_frame_equal(inline[name], frame)
    pd.testing.assert_frame_equal(atc_cy.sweep(data, {"La": [0.1, 0.2]}, threads=4), swept)


def allow_threads(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    """Let the system start so many more threads at the same time."""
    start, begun = threading.Thread.start, threading.active_count()

    def at_most(self: threading.Thread) -> None:
        if threading.active_count() >= begun + most:
            raise RuntimeError("can't start new thread")
        start(self)

    monkeypatch.setattr(threading.Thread, "start", at_most)


@pytest.mark.parametrize("most", [1, 2, 3])
def test_the_numbers_are_the_same_where_few_threads_can_be_had(
    monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    data = {name: CLOSE + number for number, name in enumerate("ABCDEF")}
    scanned, swept = atc_cy.scan(data, threads=4), atc_cy.sweep(data, {"La": [0.1, 0.2]}, threads=4)
    allow_threads(monkeypatch, most)
    for name, frame in atc_cy.scan(data, threads=4).items():
        pd.testing.assert_frame_equal(frame, scanned[name])
    pd.testing.assert_frame_equal(atc_cy.sweep(data, {"La": [0.1, 0.2]}, threads=4), swept)


@pytest.mark.parametrize(("most", "threads"), [(0, 0), (1, 0), (2, 2), (3, 3), (4, 3)])
def test_a_pool_has_as_many_threads_as_there_can_be(
    monkeypatch: pytest.MonkeyPatch, most: int, threads: int
) -> None:
    allow_threads(monkeypatch, most)
    with pool(3) as executor:
        assert getattr(executor, "_max_workers", 0) == threads
    with pool(2) as executor:
        assert isinstance(executor, Inline) == (most < 2)


def test_inline() -> None:
    with pool(1) as executor:
        assert isinstance(executor, Inline)
        assert executor.submit(divmod, 7, 2).result() == (3, 1)
        with pytest.raises(ZeroDivisionError):
            executor.submit(divmod, 7, 0).result()
        with pytest.raises(KeyboardInterrupt):  # Ctrl-C is not kept for later
            executor.submit(_interrupted)


def _interrupted() -> None:
    raise KeyboardInterrupt
