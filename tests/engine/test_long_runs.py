"""More rows than a kernel takes at once: none is lost, or named wrongly, where two calls meet."""

import numpy as np
import pytest

from atc_cy import PriceError, compute_atc_signals
from atc_cy.engine.run import ROWS_OF_CALL

ROWS = 2 * ROWS_OF_CALL + 3
CLOSE = 100 + np.sin(np.arange(ROWS) / 50)


@pytest.mark.parametrize("rows", [ROWS_OF_CALL - 1, ROWS_OF_CALL, ROWS_OF_CALL + 1, 2 * ROWS_OF_CALL, ROWS])
def test_all_rows_have_values(rows: int) -> None:
    whole = compute_atc_signals(CLOSE, ema_len=9, moving_averages=("EMA",))["Average_Signal"]
    part = compute_atc_signals(CLOSE[:rows], ema_len=9, moving_averages=("EMA",))["Average_Signal"]
    assert np.array_equal(part, whole[:rows], equal_nan=True)
    assert not np.isnan(part[100:]).any()


@pytest.mark.parametrize("row", [0, ROWS_OF_CALL - 1, ROWS_OF_CALL, ROWS_OF_CALL + 1, ROWS - 1])
def test_the_row_that_is_no_price_is_named(row: int) -> None:
    close = CLOSE.copy()
    close[row] = -1.0
    close[row + 2 :] = 0.0  # the first one is told
    with pytest.raises(PriceError, match=rf"prices has -1\.0 at row {row}: a price must be") as raised:
        compute_atc_signals(close, moving_averages=("EMA",))
    assert raised.value.row == row
