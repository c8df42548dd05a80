"""What a row must have to be a bar."""

from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from atc_cy.engine.bars import as_array, as_bars


def test_a_row_without_its_price_or_its_src_is_no_bar() -> None:
    close, src = np.array([1.0, np.nan, 3.0, np.nan]), np.array([1.0, 2.0, np.nan, np.nan])
    assert as_bars(close, src).present.tolist() == [True, False, False, False]
    assert as_bars(close, None).present.tolist() == [True, False, True, False]


def test_a_list_beside_a_series_has_no_index() -> None:
    series = pd.Series([1.0, 2.0], pd.date_range("2024-01-01", periods=2))
    for bars in (as_bars(series, [3.0, 4.0]), as_bars([1.0, 2.0], series)):
        assert bars.close.tolist() == [1.0, 2.0]
    assert as_bars(series, [3.0, 4.0]).src.tolist() == [3.0, 4.0]
    assert as_bars([1.0, 2.0], series).labels is None


@pytest.mark.parametrize("values", [["1", "2"], [True, False], [1 + 2j, 3.0]])
def test_a_masked_array_of_what_is_no_number_is_refused(values: list[Any]) -> None:
    """NumPy would make numbers of it without a word."""
    with pytest.raises(TypeError, match="prices must be numeric, but row 0 is"):
        as_array(np.ma.masked_array(values), "prices")


def test_a_masked_array_without_numbers_may_hold_decimals_and_none() -> None:
    values = np.ma.masked_array([Decimal("1.5"), None, 2.0], [False, False, True], object)
    np.testing.assert_array_equal(as_array(values, "prices"), [1.5, np.nan, np.nan])
