"""Many symbols: whose the prices are, where the outputs go, and how many threads there are."""

import os
import threading
import time
from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from atc_cy import PriceError, scan
from atc_cy.engine import many
from atc_cy.engine.many import check_columns, jobs_of, symbols_of, thread_count

ONE, TWO = np.array([1.0]), np.array([1.0, 2.0])


def test_as_many_threads_as_cpus_for_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    assert thread_count(3) == 3
    assert thread_count(1) == 1
    with pytest.raises(ValueError, match="threads=0 is out of range: give at least 1"):
        thread_count(0)
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {1, 2, 5, process}, raising=False)
    assert thread_count(None) == 4  # of process 0, this one
    monkeypatch.delattr(os, "sched_getaffinity")
    for cpus, expected in ((7, 7), (None, 1)):
        monkeypatch.setattr(os, "cpu_count", lambda cpus=cpus: cpus)
        assert thread_count(None) == expected


@pytest.mark.parametrize("data", [{"A": ONE, "B": TWO}, pd.DataFrame({"A": [1.0], "B": [2.0]})])
def test_symbols_by_name(data: Any) -> None:
    found = [*symbols_of(data)]
    assert [name for name, _ in found] == ["A", "B"]
    assert [float(prices[0]) for _, prices in found] == [1.0, float(data["B"][0])]


def test_symbols_by_number() -> None:
    assert [(number, prices.tolist()) for number, prices in symbols_of(np.eye(2))] == [
        (0, [1, 0]),
        (1, [0, 1]),
    ]


@pytest.mark.parametrize(
    ("data", "error", "words"),
    [
        (TWO, ValueError, r"data must have the shape \(symbols, bars\), not \(2,\)"),
        ([TWO], TypeError, "data must be an array, a DataFrame or a mapping, not list"),
        (pd.Series(TWO), TypeError, "not Series"),
        (pa.table({"A": TWO}), TypeError, "not Table"),
        (pd.DataFrame({"open": TWO, "close": TWO}), ValueError, "has the columns open, close of one symbol"),
        ({"high": TWO, "close": TWO}, ValueError, "has the columns high, close of one symbol"),
        (pd.DataFrame({"Symbol": ["A"], "x": [1.0]}), ValueError, "is a long table, with a column 'Symbol'"),
        ({"A": TWO, None: TWO}, ValueError, r"data: the symbol at place 1 is missing \(None\)"),
        ({pd.NA: TWO}, ValueError, "data: the symbol at place 0 is missing"),
        (
            pd.DataFrame([TWO], columns=["A", "A"]),
            ValueError,
            "data: symbol 'A' occurs twice, at places 0 and 1",
        ),
        ({"when": pd.Series(["2024-01-01"])}, ValueError, "data: 'when' holds times, which are not prices"),
        (pd.DataFrame({"date": [1704067200]}), ValueError, "data: 'date' holds times, which are not prices"),
    ],
)
def test_what_are_no_symbols(data: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        [*symbols_of(data)]


def test_what_is_no_series_is_left_to_the_check_of_prices() -> None:
    data = {"A": pd.DataFrame({"x": ["2024-01-01"]}), "B": TWO}
    assert [name for name, _ in symbols_of(data)] == ["A", "B"]
    check_columns(["A", 1, ("close", "A")])


def test_one_array_for_symbols_of_one_length() -> None:
    jobs, values = jobs_of([("A", TWO, None), ("B", TWO + 1, TWO)], 3)
    assert values.shape == (2, 3, 2)
    assert [np.shares_memory(job.out, values[number]) for number, job in enumerate(jobs)] == [True, True]
    assert [job.bars.src.tolist() for job in jobs] == [[1, 2], [1, 2]]
    jobs, values = jobs_of([("A", TWO, None), ("B", ONE, None)], 3)
    assert values.shape == (0, 3, 0)
    assert [job.out.shape for job in jobs] == [(3, 2), (3, 1)]
    jobs, values = jobs_of([("A", TWO, None), ("B", ONE, None)], 3, last=True)
    assert np.isnan(values).all()
    assert [job.out.shape for job in jobs] == [(3,), (3,)]
    assert jobs_of([], 3)[1].dtype == np.float64


def test_all_symbols_have_one_type() -> None:
    single = TWO.astype(np.float32)
    for other, expected in ((single, np.float32), (TWO, np.float64)):
        jobs, values = jobs_of([("A", single, single), ("B", other, None)], 3)
        assert values.dtype == expected
        assert (
            {job.bars.close.dtype for job in jobs} == {job.bars.src.dtype for job in jobs} == {values.dtype}
        )


def test_outputs_into_memory_that_is_there() -> None:
    symbols = [("A", TWO, None), ("B", TWO, None)]
    out = np.empty((2, 3, 2))
    assert jobs_of(symbols, 3, out=out)[1] is out
    read_only = out.copy()
    read_only.flags.writeable = False
    for wrong in (read_only, out.astype(np.float32), np.empty((2, 2, 3))):
        with pytest.raises(ValueError, match=r"writeable array of the shape \(2, 3, 2\) and float64, not "):
            jobs_of(symbols, 3, out=wrong)


def test_a_symbol_that_has_failed_has_no_bars() -> None:
    days = pd.date_range("2024-01-01", periods=2)
    good, text = pd.Series(TWO, days), pd.Series(["x", "y"], days)
    turned = pd.Series(TWO, days[::-1])
    symbols: list[tuple[Hashable, Any, Any]] = [
        ("A", good, None),
        ("B", text, None),
        ("C", good, None),
        ("D", [1.0, "x"], None),
        ("E", turned, None),
    ]
    with pytest.raises(TypeError, match=r"^B: prices must be numeric"):
        jobs_of(symbols, 3)
    failed: dict[Hashable, PriceError] = {"C": PriceError("before", 1)}
    jobs, _ = jobs_of(symbols, 3, failed=failed)
    assert [job.bars.present.tolist() for job in jobs] == [
        [True, True],
        [False] * 2,
        [False] * 2,
        [],
        [False] * 2,
    ]
    assert [*failed] == ["C", "B", "D", "E"]
    assert [error.row for error in failed.values()] == [1, -1, -1, -1]
    assert str(failed["B"]).startswith("prices must be numeric")
    assert "the rows must increase in time" in str(failed["E"])
    assert jobs[1].bars.labels is days or jobs[1].bars.labels.equals(days)  # type: ignore[union-attr]
    assert jobs[3].bars.labels is None


def test_an_index_that_is_refused_is_refused_for_each_symbol() -> None:
    index = pd.date_range("2024-01-01", periods=2)[::-1]
    failed: dict[Hashable, PriceError] = {}
    jobs_of([(name, pd.Series(TWO, index), None) for name in "AB"], 3, failed=failed)
    assert [*failed] == ["A", "B"]


@pytest.fixture
def symbols_done(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The thread of each symbol that was computed; each takes a while."""
    threads: list[int] = []
    real = many.advance

    def slow(*arguments: Any) -> int:
        time.sleep(0.02)
        threads.append(threading.get_ident())
        return real(*arguments)

    monkeypatch.setattr(many, "advance", slow)
    return threads


DATA = dict.fromkeys("ABCDEFGHIJKL", TWO)


def test_one_thread_reports_each_symbol(symbols_done: list[int]) -> None:
    reported: list[tuple[int, int, int]] = []
    scan(DATA, "ema_only", threads=1, progress=lambda *done: reported.append((len(symbols_done), *done)))
    assert reported == [(number, 2 * number, 24) for number in range(13)]
    assert {*symbols_done} == {threading.get_ident()}


def test_threads_do_the_work_and_this_one_reports_it(
    symbols_done: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    reported: list[tuple[int, int]] = []
    scan(DATA, "ema_only", threads=2, progress=lambda *done: reported.append(done))
    assert reported == [(2 * number, 24) for number in range(13)]
    assert threading.get_ident() not in symbols_done
    real = many.advance
    monkeypatch.setattr(many, "advance", lambda *arguments: time.sleep(0.15) or real(*arguments))
    reported.clear()
    scan({"A": TWO, "B": TWO}, "ema_only", threads=2, progress=lambda *done: reported.append(done))
    assert reported == [(0, 4), (2, 4), (4, 4)]


def test_threads_end_where_progress_fails(symbols_done: list[int]) -> None:
    def fail(done: int, _: int) -> None:
        if done:
            raise RuntimeError("no more")

    with pytest.raises(RuntimeError, match="no more"):
        scan(DATA, "ema_only", threads=2, progress=fail)
    assert len(symbols_done) < 12
