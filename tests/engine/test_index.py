"""What an index holds: times that increase, and the rows of one symbol."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from atc_cy.engine.index import check_index, check_one_symbol, index_times

DAYS = pd.date_range("2024-01-01", periods=2)
PAIRS = pd.MultiIndex.from_product([["A", "B"], DAYS], names=["pair", "date"])


@pytest.mark.parametrize(
    "index",
    [
        DAYS,
        DAYS.tz_localize("UTC"),
        DAYS.to_period("D"),
        pd.Index(["2024-01-01", "2024-01-02"]),
        pd.Index([1704067200, 1704153600], name="Date"),
        pd.Index([1704067200, 1704153600]),
        pd.MultiIndex.from_arrays([["A", "A"], DAYS]),
        pd.IntervalIndex.from_breaks(pd.date_range("2024-01-01", periods=3)),
        DAYS - pd.Timestamp(0),
    ],
    ids=str,
)
def test_times(index: pd.Index) -> None:
    found = index_times(index)
    assert found is not None
    assert [*found.tz_localize(None)] == [*DAYS]
    check_index(index)
    with pytest.raises(ValueError, match=r"^prices: row 1: the rows must increase in time"):
        check_index(index[::-1])
    with pytest.raises(ValueError, match=r"^it: row 1: the time .* occurs twice"):
        check_index(index[[0, 0]], "it")


@pytest.mark.parametrize(
    "index",
    [
        pd.RangeIndex(2),
        pd.RangeIndex(1, -1, -1, name="date"),
        pd.RangeIndex(1, -1, -1, name="symbol"),
        pd.Index([3, 1]),
        pd.Index([1704153600, 1704067200], name="volume"),
        pd.Index(["x", "y"]),
        pd.MultiIndex.from_arrays([["A", "A"], [2, 1]]),
        pd.IntervalIndex.from_breaks([1, 2, 3]),
    ],
    ids=str,
)
def test_labels_that_are_no_times(index: pd.Index) -> None:
    assert index_times(index) is None
    check_index(index)


def test_what_is_named_for_times_is_read_as_times() -> None:
    found = index_times(pd.Index([2023, 2024], name="Date"))
    assert found is not None
    assert found.year.tolist() == [2023, 2024]


def test_a_time_that_is_missing() -> None:
    with pytest.raises(ValueError, match="row 1: there is no time"):
        index_times(pd.DatetimeIndex([DAYS[0], pd.NaT]))
    with pytest.raises(ValueError, match="row 1: time='x' must be ISO 8601"):
        index_times(pd.Index([DAYS[0].isoformat(), "x"]))


def level(values: list[Any], name: str | None = None) -> pd.MultiIndex:
    return pd.MultiIndex.from_arrays(
        [values, pd.date_range("2024-01-01", periods=len(values))], names=[name, None]
    )


@pytest.mark.parametrize(
    ("index", "where"),
    [
        (level(["A", "B"]), "the level 0 of the index .* such as 'A' and 'B': give the prices of one$"),
        (level([1, 2, 1]), "the level 0 of the index has several symbols, such as .*1.* and .*2"),
        (level([1, 2], "symbol"), "the level 'symbol' of .* or the table to atc with by='symbol'$"),
        (level(["A", "B"], "pair"), "the level 'pair' of .* or the table to atc with by='pair'$"),
        (pd.Index(["A", "B"], name="ticker"), "^the index has several symbols, .* by='ticker'$"),
        (pd.Index(["A", "B", "A"]), "^the index .* such as 'A' and 'B': give the prices of one$"),
        (pd.Index([1, 2], name="symbol"), "^the index has several symbols, .* by='symbol'$"),
        (level(["A", "B", "C"]), "the level 0 of the index .* such as 'A' and 'B': "),
        (level(["A", "B"]).swaplevel(), "the level 1 of the index .* such as 'A' and 'B': "),
        (PAIRS, "the level 'pair' of the index has several symbols"),
    ],
)
def test_rows_of_several_symbols(index: pd.Index, where: str) -> None:
    for check in (check_one_symbol, check_index):
        with pytest.raises(ValueError, match=where):
            check(index)


@pytest.mark.parametrize(
    "index",
    [
        level(["A", "A"]),
        pd.MultiIndex.from_arrays([["2024-01-01", "2024-01-02"], [1, 1]]),
        level([1, 2]),
        level([1, 1, 1], "symbol"),
        pd.Index(["A", "B"]),
        pd.Index(["A", "A"], name="symbol"),
        pd.Index([1, 2, 1]),
        pd.Index(np.arange(3.0), name="ticker"),
    ],
    ids=str,
)
def test_rows_of_one_symbol(index: pd.Index) -> None:
    check_one_symbol(index)
    check_index(index)
