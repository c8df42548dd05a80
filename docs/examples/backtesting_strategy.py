"""A backtesting.py strategy: each event turns the position, at the open of the next bar.

``python docs/examples/backtesting_strategy.py`` runs it over 13 years of IBM and tries a few values of La.
"""

from backtesting import Backtest, Strategy
from pandas import DataFrame

from atc_cy import atc
from atc_cy.datasets import load_stocks


class AtcStrategy(Strategy):
    """Long after a long event, short after a short one."""

    La = 0.02
    De = 0.03

    def init(self) -> None:
        signals = atc(self.data.df, La=self.La, De=self.De)  # its column Close
        self.average = self.I(lambda: signals["Average_Signal"], name="Average_Signal")
        self.event = self.I(lambda: signals["event"], name="event", plot=False)

    def next(self) -> None:
        if self.event[-1] == 1:
            self.buy()
        elif self.event[-1] == -1:
            self.sell()


def bars(symbol: str) -> DataFrame:
    """A shipped stock's, in the columns that backtesting.py reads."""
    prices = load_stocks().set_index("date").rename(columns=str.title)
    return prices[prices["Symbol"] == symbol]


def backtest(symbol: str) -> Backtest:
    """An order closes the position before it; the last position is closed on the last bar."""
    return Backtest(bars(symbol), AtcStrategy, commission=0.0005, exclusive_orders=True, finalize_trades=True)


if __name__ == "__main__":
    test = backtest("IBM")
    print(test.run()[["# Trades", "Return [%]", "Sharpe Ratio", "Max. Drawdown [%]"]])
    for La in (0.0, 0.02, 0.1):
        print(f"La={La}: {test.run(La=La)['Return [%]']:+.1f} %")
