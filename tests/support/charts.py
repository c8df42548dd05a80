"""What the tests of charts draw."""

from typing import Any

import pandas as pd

from atc_cy import ATCConfig, Chart
from atc_cy.datasets import load_stocks

from .golden import golden

CLOSE = golden("usd_default").close.copy()
DAYS = pd.bdate_range("2001-01-01", periods=CLOSE.size)
USD = pd.Series(CLOSE, DAYS, name="USD")
FEW = USD.iloc[:300]
CONFIG = ATCConfig(moving_averages=("EMA", "KAMA"), kama_len=20, cutout=5)


def candles(rows: int = 600) -> pd.DataFrame:
    """Of IBM, from 2000 on."""
    stocks = load_stocks()
    return stocks[stocks["symbol"] == "IBM"].set_index("date").iloc[:rows]


def named(drawn: Chart, name: str, axis: "str | None" = None) -> list[Any]:
    """The traces of a figure that have this name, on this axis."""
    return [trace for trace in drawn.figure.data if trace.name == name and trace.yaxis == axis]
