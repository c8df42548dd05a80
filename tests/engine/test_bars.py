"""What a row must have to be a bar."""

import numpy as np

from atc_cy.engine.bars import as_bars


def test_a_row_without_its_price_or_its_src_is_no_bar() -> None:
    close, src = np.array([1.0, np.nan, 3.0, np.nan]), np.array([1.0, 2.0, np.nan, np.nan])
    assert as_bars(close, src).present.tolist() == [True, False, False, False]
    assert as_bars(close, None).present.tolist() == [True, False, True, False]
