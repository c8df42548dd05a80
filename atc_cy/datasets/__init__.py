"""Real daily prices that ship with the package; NOTICE in this folder names their sources and terms."""

from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def load_ecb_fx() -> "pd.DataFrame":
    """Euro foreign exchange reference rates of the European Central Bank, 1999-01-04 to 2026-10-30.

    Returns
    -------
    pandas.DataFrame
        A row for each currency and day with a rate, sorted by both: `symbol` (41 currency codes), `date`,
        `close` (units of the currency for one euro). Source: ECB statistics.

    See Also
    --------
    atc_cy.datasets.load_stocks : Candles of five stocks.

    Examples
    --------
    >>> fx = atc_cy.datasets.load_ecb_fx()
    >>> fx.iloc[-1].astype(str).tolist()
    ['ZAR', '2026-10-30 00:00:00', '18.6455']
    """
    rates = _read("eurofxref-hist.csv.xz").rename(columns={"Date": "date"})
    rates = rates.loc[:, ~rates.columns.str.startswith("Unnamed")]  # each line ends with a comma
    tidy = rates.melt("date", var_name="symbol", value_name="close").dropna()
    tidy["close"] = tidy["close"].astype("float64")
    return tidy.sort_values(["symbol", "date"], ignore_index=True)[["symbol", "date", "close"]]


def load_stocks() -> "pd.DataFrame":
    """Daily prices of AAPL, FB, GOOG, IBM and MSFT in US dollars, 2000-03-01 to 2013-03-01 (Quandl WIKI).

    Returns
    -------
    pandas.DataFrame
        A row for each symbol and day, sorted by both: `symbol`, `date`, `open`, `high`, `low`, `close`,
        `volume`, `adj_close`. The prices jump where a stock was split; `adj_close` does not.

    See Also
    --------
    atc_cy.datasets.load_ecb_fx : Exchange rates of the euro.

    Examples
    --------
    >>> stocks = atc_cy.datasets.load_stocks()
    >>> stocks.columns.tolist()
    ['symbol', 'date', 'open', 'high', 'low', 'close', 'volume', 'adj_close']
    >>> stocks["symbol"].unique().tolist()
    ['AAPL', 'FB', 'GOOG', 'IBM', 'MSFT']
    """
    prices = _read("stocks.csv.xz")
    prices.columns = prices.columns.str.lower().str.replace(" ", "_")
    tidy = prices.rename(columns={"ticker": "symbol"})
    numbers = ["open", "high", "low", "close", "adj_close"]
    tidy = tidy.astype(dict.fromkeys(numbers, "float64") | {"volume": "int64"})
    return tidy.sort_values(["symbol", "date"], ignore_index=True)


def _read(name: str) -> "pd.DataFrame":
    """A file's columns as text, with dates: pandas' own number reader is not correctly rounded everywhere."""
    import pandas as pd

    with (files(__name__) / name).open("rb") as file:
        frame = pd.read_csv(file, dtype=str, compression="xz")
    return frame.assign(Date=pd.to_datetime(frame["Date"]))
