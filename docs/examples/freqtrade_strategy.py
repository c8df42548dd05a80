"""A freqtrade strategy: a long event opens a trade, a turn of the direction closes it.

``python docs/examples/freqtrade_strategy.py`` prints what it says of IBM's last candles; in
``user_data/strategies`` it is there for ``freqtrade backtesting --strategy AtcStrategy`` and hyperopt.
"""

from typing import Any

from freqtrade.strategy import DecimalParameter, IStrategy
from pandas import DataFrame

from atc_cy import ATCConfig, atc, direction, events, lookback
from atc_cy.datasets import load_stocks

CONFIG = ATCConfig()


class AtcStrategy(IStrategy):
    """Long only, which every market allows."""

    INTERFACE_VERSION = 3
    timeframe = "1d"
    # The equities remember every candle since the first, and a bot gets the latest alone. With these, it has
    # the direction of the whole history on 97 of 100 days of the shipped stocks; with lookback alone, on 93.
    startup_candle_count = CONFIG.cutout + 2 * lookback(CONFIG)
    stoploss = -0.99

    # They act on finished indicators, which hyperopt computes once.
    long_threshold = DecimalParameter(0.0, 0.5, default=CONFIG.long_threshold, decimals=2, space="buy")
    short_threshold = DecimalParameter(-0.5, 0.0, default=CONFIG.short_threshold, decimals=2, space="sell")

    def populate_indicators(self, dataframe: DataFrame, metadata: dict[str, Any]) -> DataFrame:
        traded = dataframe["close"].where(dataframe["volume"] > 0)  # a candle filled in is no bar
        return dataframe.join(atc(traded, CONFIG)[list(CONFIG.output_names)])

    def populate_entry_trend(self, dataframe: DataFrame, metadata: dict[str, Any]) -> DataFrame:
        event = events(dataframe, **self.thresholds)
        dataframe.loc[event == 1, "enter_long"] = 1
        dataframe.loc[event == -1, "enter_short"] = 1  # left aside unless can_short
        return dataframe

    def populate_exit_trend(self, dataframe: DataFrame, metadata: dict[str, Any]) -> DataFrame:
        trend = direction(dataframe, **self.thresholds)
        dataframe.loc[trend == -1, "exit_long"] = 1
        dataframe.loc[trend == 1, "exit_short"] = 1
        return dataframe

    @property
    def thresholds(self) -> dict[str, float]:
        return {"long_threshold": self.long_threshold.value, "short_threshold": self.short_threshold.value}


class AtcLongShort(AtcStrategy):
    """Both ways: needs ``"trading_mode": "futures"``, as freqtrade loads no such strategy in spot mode."""

    can_short = True


def candles(symbol: str) -> DataFrame:
    """A shipped stock's, in freqtrade's columns."""
    prices = load_stocks()
    prices = prices.loc[prices["symbol"] == symbol, ["date", "open", "high", "low", "close", "volume"]]
    prices["date"] = prices["date"].dt.tz_localize("UTC")
    return prices.reset_index(drop=True)


if __name__ == "__main__":
    strategy = AtcStrategy({})
    signals = strategy.analyze_ticker(candles("IBM"), {"pair": "IBM/USD"})
    print(signals[["date", "close", "Average_Signal", "enter_long", "exit_long"]].tail(10))
    print(f"{signals['enter_long'].sum():.0f} entries in {len(signals)} candles")
