"""The order of time: what is found out of order, and what turning or sorting the rows mends."""

from itertools import pairwise, product

import numpy as np
import pandas as pd
import pytest

from atc_cy.files.order import Disorder, disorder, disorder_text, is_newest_first, sorted_rows

SMALL = [
    (times, codes)
    for size in range(5)
    for times in product(range(3), repeat=size)
    for codes in (None, *product(range(2), repeat=size))
]
"""All orders of up to four rows, at three times, of one symbol or two."""


def neighbours(times: tuple[int, ...], codes: "tuple[int, ...] | None") -> list[tuple[int, int]]:
    """The pairs of rows that follow each other in a symbol, the first symbol's first."""
    pairs = []
    for symbol in sorted(set(codes or (0,))):
        rows = [row for row in range(len(times)) if codes is None or codes[row] == symbol]
        pairs += pairwise(rows)
    return pairs


def expected(times: tuple[int, ...], codes: "tuple[int, ...] | None") -> Disorder | None:
    """The first pair that goes back in time; if none does, the first of one time."""
    pairs = neighbours(times, codes)
    for twice in (False, True):
        for a, b in pairs:
            if times[b] == times[a] if twice else times[b] < times[a]:
                return Disorder(a, b, twice)
    return None


def test_disorder_of_all_small_tables() -> None:
    for times, codes in SMALL:
        instants = np.array(times, np.int64)
        symbols = None if codes is None else np.array(codes, np.intp)
        assert disorder(instants, symbols) == expected(times, codes), (times, codes)
        falling = {times[b] < times[a] for a, b in neighbours(times, codes)}
        turned = is_newest_first(instants, symbols)
        # Times that come twice are refused later: turning the rows round does not make them worse.
        rising = any(times[b] > times[a] for a, b in neighbours(times, codes))
        assert turned == (True in falling and not rising), (times, codes)


def test_sorting_keeps_rows_of_equal_times_as_they_were() -> None:
    for times, codes in SMALL:
        instants = np.array(times, np.int64)
        symbols = None if codes is None else np.array(codes, np.intp)
        keys = [(0 if codes is None else codes[row], times[row], row) for row in range(len(times))]
        assert sorted_rows(instants, symbols).tolist() == [row for *_, row in sorted(keys)]


@pytest.mark.parametrize("options", [False, True])
def test_what_is_said_of_it(options: bool) -> None:
    times = pd.DatetimeIndex(["2024-01-02", "2024-01-01", "2024-01-01"])
    back = disorder_text(Disorder(0, 1, False), times, "line {}".format, "turn them", options=options)
    assert back == (
        "line 1: the rows must increase in time, but 2024-01-01 00:00:00 follows 2024-01-02 00:00:00 "
        "(line 0): turn them"
    )
    twice = disorder_text(Disorder(1, 2, True), times, "line {}".format, options=options)
    assert twice.startswith("line 2: the time 2024-01-01 00:00:00 occurs twice, first in line 1: ")
    assert ("--symbol-column" in twice, "--time-zone" in twice) == (options, options)
    assert "--" not in disorder_text(Disorder(1, 2, True), times, "line {}".format)
