"""The indicator in NautilusTrader: fed bars by hand, and by the engine."""

import numpy as np
import pandas as pd
import pytest
from nautilus_indicator import BAR_TYPE, AtcIndicator, bars, run
from nautilus_trader.model.data import Bar
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.objects import Price, Quantity

from atc_cy import ATCConfig, compute_atc_signals, events, lookback
from atc_cy.datasets import load_ecb_fx

RATES = load_ecb_fx()
LOOKBACK = lookback(ATCConfig())


def bar(price: float) -> Bar:
    close = Price.from_str(repr(price))
    return Bar(BAR_TYPE, close, close, close, close, Quantity.from_int(1), 0, 0)


@pytest.mark.parametrize("symbol", ["USD", "IDR"])
def test_values_are_those_of_the_batch(symbol: str) -> None:
    """Also where `Price.as_double` is not the price, which it is not for some of IDR."""
    prices = RATES.loc[RATES["symbol"] == symbol, "close"]
    expected = compute_atc_signals(prices)["Average_Signal"]
    given = [bar(price) for price in prices]
    indicator = AtcIndicator()
    for _ in range(2):  # a reset makes it as good as new
        assert not indicator.has_inputs
        assert not indicator.initialized
        values = []
        for number, one in enumerate(given):
            indicator.handle_bar(one)
            values.append(indicator.value)
            assert indicator.initialized == (number >= LOOKBACK)
        assert np.array_equal(values, expected)
        indicator.reset()
        assert np.isnan(indicator.value)


def test_engine() -> None:
    engine, strategy = run()
    try:
        usd = RATES[RATES["symbol"] == "USD"].set_index("date")["close"]
        event = events(compute_atc_signals(usd)).iloc[LOOKBACK:]
        event = event[event != 0]
        opened = engine.cache.positions()
        opened.sort(key=lambda position: position.ts_opened)
        assert [pd.Timestamp(one.ts_opened) for one in opened] == list(event.index)
        sides = {1: OrderSide.BUY, -1: OrderSide.SELL}
        assert [one.entry for one in opened] == [sides[way] for way in event]
        assert len(engine.cache.positions_open()) == 1
        assert strategy.atc.stream.bars == len(bars()) == len(usd)
    finally:
        engine.dispose()
