"""What a row must have to be a bar."""

import numpy as np
import pandas as pd

from atc_cy.engine.bars import as_bars


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
