"""A NautilusTrader indicator around `Stream`, and a strategy that turns the position at each event.

``python docs/examples/nautilus_indicator.py`` runs it in a BacktestEngine over the daily rates of EUR/USD.
"""

from math import nan

from nautilus_trader.backtest.config import BacktestEngineConfig
from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.config import LoggingConfig
from nautilus_trader.indicators import Indicator
from nautilus_trader.model.currencies import USD
from nautilus_trader.model.data import Bar, BarType
from nautilus_trader.model.enums import AccountType, OmsType, OrderSide
from nautilus_trader.model.identifiers import Venue
from nautilus_trader.model.objects import Money
from nautilus_trader.persistence.wranglers import BarDataWrangler
from nautilus_trader.test_kit.providers import TestInstrumentProvider
from nautilus_trader.trading.strategy import Strategy
from pandas import DataFrame

from atc_cy import ATCConfig, Stream
from atc_cy.datasets import load_ecb_fx


class AtcIndicator(Indicator):
    """`value` is the Average_Signal, `stream` has the rest."""

    def __init__(self, config: ATCConfig | str = "default") -> None:
        super().__init__(params=[config])
        self.stream = Stream(config)
        self.value = nan

    def handle_bar(self, bar: Bar) -> None:
        # as_double misses some prices by one unit in the last place.
        self.update_raw(float(bar.close.as_decimal()))

    def update_raw(self, price: float) -> None:
        self.value = self.stream.update(price)
        self._set_has_inputs(True)
        self._set_initialized(self.stream.initialized)

    def _reset(self) -> None:
        self.stream.reset()
        self.value = nan


INSTRUMENT = TestInstrumentProvider.default_fx_ccy("EUR/USD", Venue("ECB"))
BAR_TYPE = BarType.from_str(f"{INSTRUMENT.id}-1-DAY-LAST-EXTERNAL")


class AtcStrategy(Strategy):
    """Long after a long event, short after a short one."""

    def __init__(self) -> None:
        super().__init__()
        self.atc = AtcIndicator()

    def on_start(self) -> None:
        self.register_indicator_for_bars(BAR_TYPE, self.atc)
        self.subscribe_bars(BAR_TYPE)

    def on_bar(self, bar: Bar) -> None:
        if self.atc.initialized and self.atc.stream.event:
            self.close_all_positions(INSTRUMENT.id)
            side = OrderSide.BUY if self.atc.stream.event == 1 else OrderSide.SELL
            quantity = INSTRUMENT.make_qty(10_000)
            self.submit_order(self.order_factory.market(INSTRUMENT.id, side, quantity))

    def on_reset(self) -> None:
        self.atc.reset()


def bars() -> list[Bar]:
    """One a day; a reference rate is a bar's four prices at once."""
    rates = load_ecb_fx()
    usd = rates[rates["symbol"] == "USD"].set_index("date")["close"]
    return BarDataWrangler(BAR_TYPE, INSTRUMENT).process(
        DataFrame({"open": usd, "high": usd, "low": usd, "close": usd})
    )


def run() -> tuple[BacktestEngine, AtcStrategy]:
    """The engine after its run, to be disposed of, and the strategy in it."""
    engine = BacktestEngine(BacktestEngineConfig(logging=LoggingConfig(bypass_logging=True)))
    engine.add_venue(Venue("ECB"), OmsType.HEDGING, AccountType.MARGIN, [Money(100_000, USD)])
    engine.add_instrument(INSTRUMENT)
    engine.add_data(bars())
    strategy = AtcStrategy()
    engine.add_strategy(strategy)
    engine.run()
    return engine, strategy


if __name__ == "__main__":
    engine, strategy = run()
    positions = engine.trader.generate_positions_report()
    print(positions[["entry", "ts_opened", "avg_px_open", "realized_pnl"]].tail())
    print(f"{strategy.atc} is at {strategy.atc.value} after {strategy.atc.stream.bars} bars")
    engine.dispose()
