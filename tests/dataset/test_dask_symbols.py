"""Symbols of a Dask frame, by the rules of every table."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from dask import dataframe

import atc_cy
import atc_cy.dask

CLOSE = 100 * np.exp(np.cumsum(np.random.default_rng(5).normal(0, 0.02, 60)))


def computed(rows: pd.DataFrame, partitions: int) -> Any:
    frame = dataframe.from_pandas(rows, npartitions=partitions, sort=False)
    return atc_cy.dask.atc(frame, by="symbol").compute(scheduler="sync")


@pytest.mark.parametrize("partitions", [1, 3])
@pytest.mark.parametrize("symbol", [None, np.nan, "", " ", "__HIVE_DEFAULT_PARTITION__"])
def test_a_row_without_a_symbol(symbol: Any, partitions: int) -> None:
    rows = pd.DataFrame({"symbol": ["A"] * 59 + [symbol], "close": CLOSE})
    with pytest.raises(ValueError, match=r"the symbol is missing in row \d+ of a partition"):
        computed(rows, partitions)


def test_symbols_are_compared_by_value() -> None:
    """The number 1 and the text "1" are two symbols, also where a partition ends between them."""
    rows = pd.DataFrame({"symbol": pd.Series([1] * 30 + ["1"] * 30, dtype=object), "close": CLOSE})
    wanted = atc_cy.atc(rows, by="symbol")
    with dask_without_text():
        for partitions in (1, 2, 3):
            pd.testing.assert_frame_equal(computed(rows, partitions), wanted, check_exact=True)


def dask_without_text() -> Any:
    """Columns of objects stay what they are."""
    import dask

    return dask.config.set({"dataframe.convert-string": False})


@pytest.mark.parametrize("partitions", [1, 2])
def test_symbols_are_kept_apart(partitions: int) -> None:
    """A `by` that puts two symbols together is refused, also where a partition ends between them."""
    rows = pd.DataFrame({"sector": "S", "symbol": ["A"] * 30 + ["B"] * 30, "close": CLOSE})
    frame = dataframe.from_pandas(rows, npartitions=partitions, sort=False)
    lazy = atc_cy.dask.atc(frame, by="sector")
    with pytest.raises(ValueError, match="by='sector': 'S' has several symbols, such as 'A' and 'B'"):
        lazy.compute(scheduler="sync")
    frame = dataframe.from_pandas(rows.assign(symbol="A"), npartitions=partitions, sort=False)
    assert len(atc_cy.dask.atc(frame, by="sector").compute(scheduler="sync")) == 60


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_a_source_that_is_computed(kind: Any) -> None:
    rows = pd.DataFrame({"symbol": "A", "High": CLOSE * 1.01, "low": CLOSE * 0.98, "close": CLOSE})
    rows = rows.astype(dict.fromkeys(("High", "low", "close"), kind))
    frame = dataframe.from_pandas(rows, npartitions=3, sort=False)
    lazy = atc_cy.dask.atc(frame, by="symbol", src="hl2")
    found = lazy.compute(scheduler="sync")
    pd.testing.assert_frame_equal(found, atc_cy.atc(rows, by="symbol", src="hl2"), check_exact=True)
    assert lazy.dtypes.equals(found.dtypes)
    with pytest.raises(ValueError, match=r"there is no column 'open', which --source ohlc4 needs"):
        atc_cy.dask.atc(frame, by="symbol", src="ohlc4")
