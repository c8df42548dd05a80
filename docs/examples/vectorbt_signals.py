"""An indicator of vectorbt, for one parameter or many, and portfolios of its signals.

``python docs/examples/vectorbt_signals.py`` trades EUR/USD under a grid and prints total returns beside those
of `atc_cy.sweep`, whose columns have the same names.
"""

import numpy as np
import pandas as pd
import vectorbt as vbt
from numpy.typing import NDArray

from atc_cy import atc, sweep
from atc_cy.datasets import load_ecb_fx

OUTPUTS = ["Average_Signal", "direction", "event"]


def apply(close: NDArray[np.float64], La: float, De: float) -> tuple[NDArray[np.float64], ...]:
    """The outputs of each column, which is a symbol."""
    signals = [atc(prices, La=La, De=De) for prices in close.T]
    return tuple(np.column_stack([own[name] for own in signals]) for name in OUTPUTS)


ATC = vbt.IndicatorFactory(
    class_name="ATC",
    short_name="atc",
    input_names=["close"],
    param_names=["La", "De"],
    output_names=OUTPUTS,
).from_apply_func(apply, La=0.02, De=0.03)


def long_only(close: pd.Series, indicator: ATC, fees: float = 0.0) -> vbt.Portfolio:
    """What `sweep(rule="long_only")` trades: bought while the direction is 1, at the bar's close."""
    return vbt.Portfolio.from_signals(
        close, indicator.direction == 1, indicator.direction == -1, fees=fees, freq="1D"
    )


def long_short(close: pd.Series, indicator: ATC) -> vbt.Portfolio:
    """What `sweep` trades: at each bar's close, all of the equity is put the direction's way."""
    way = indicator.direction.fillna(0.0)
    return vbt.Portfolio.from_orders(close, way, size_type="targetpercent", freq="1D")


if __name__ == "__main__":
    rates = load_ecb_fx()
    usd = rates[rates["symbol"] == "USD"].set_index("date")["close"]
    grid = {"La": [0.0, 0.02, 0.1], "De": [0.0, 0.03]}

    indicator = ATC.run(usd, **grid, param_product=True)
    columns = {
        "long_only": long_only(usd, indicator).total_return(),
        "of sweep": sweep(usd, grid, rule="long_only").loc["total_return"],
        "long_short": long_short(usd, indicator).total_return(),
        "of sweep ": sweep(usd, grid).loc["total_return"],
    }
    print(pd.DataFrame(columns))
