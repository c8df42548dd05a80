"""The indicator in vectorbt, and its portfolios beside `sweep`.

Positions and counts are the same; returns are sums and products that vectorbt takes in its own order, and so
agree but for rounding.
"""

import numpy as np
import pytest
from vectorbt_signals import ATC, long_only, long_short

from atc_cy import compute_atc_signals, direction, events, sweep
from atc_cy.datasets import load_ecb_fx

WIDE = load_ecb_fx().pivot(index="date", columns="symbol", values="close")[["USD", "JPY"]]
USD = WIDE["USD"].dropna()
GRID = {"La": [0.0, 0.02, 0.1], "De": [0.0, 0.03]}


@pytest.fixture(scope="module")
def indicator() -> ATC:
    return ATC.run(USD, **GRID, param_product=True)


def test_one_parameter() -> None:
    result, indicator = compute_atc_signals(USD), ATC.run(USD)
    assert np.array_equal(indicator.Average_Signal, result["Average_Signal"])
    assert np.array_equal(indicator.direction, direction(result), equal_nan=True)
    assert np.array_equal(indicator.event, events(result))


def test_many_parameters_and_symbols() -> None:
    indicator = ATC.run(WIDE, La=[0.0, 0.1])
    assert list(indicator.event.columns.names) == ["atc_La", "symbol"]
    for La, symbol in indicator.event.columns:
        result = compute_atc_signals(WIDE[symbol], La=La)
        assert np.array_equal(indicator.event[La, symbol], events(result))


def test_long_only(indicator: ATC) -> None:
    portfolio, table = long_only(USD, indicator), sweep(USD, GRID, rule="long_only")
    assert portfolio.wrapper.columns.equals(table.columns)
    assert np.array_equal(portfolio.assets() > 0, indicator.direction == 1)
    assert np.array_equal(portfolio.trades.count(), table.loc["trades"])
    np.testing.assert_allclose(portfolio.total_return(), table.loc["total_return"], rtol=0, atol=1e-12)
    np.testing.assert_allclose(portfolio.max_drawdown(), table.loc["max_drawdown"], rtol=0, atol=1e-12)


def test_long_only_with_fees(indicator: ATC) -> None:
    """For its cash it buys cash / (1 + fees), where `sweep` subtracts the fees from the next return."""
    fees = 0.0005
    portfolio, table = long_only(USD, indicator, fees), sweep(USD, GRID, rule="long_only", fees=fees)
    assert np.array_equal(portfolio.trades.count(), table.loc["trades"])
    ratio = (1 + portfolio.total_return()) / (1 + table.loc["total_return"])
    change = USD.pct_change().abs().max()
    assert (np.abs(np.log(ratio)) < table.loc["trades"] * fees * (change + fees)).all()


def test_long_short(indicator: ATC) -> None:
    portfolio, table = long_short(USD, indicator), sweep(USD, GRID)
    assert np.array_equal(np.sign(portfolio.assets()), indicator.direction.fillna(0.0))
    assert np.array_equal(portfolio.positions.count(), table.loc["trades"])
    np.testing.assert_allclose(portfolio.total_return(), table.loc["total_return"], rtol=0, atol=1e-12)
