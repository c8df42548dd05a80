"""The strategy in freqtrade: loaded by its resolver, on candles from its files, traded by its backtest."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import EXAMPLES
from freqtrade.data.history import get_datahandler, load_pair_history
from freqtrade.enums import CandleType, RunMode
from freqtrade.optimize.backtesting import Backtesting
from freqtrade.resolvers import StrategyResolver
from freqtrade_strategy import CONFIG, AtcStrategy, candles

from atc_cy import compute_atc_signals, direction, events, get_array_fn, lookback
from atc_cy.datasets import load_stocks

PAIR = "IBM/USD"


@pytest.fixture
def config(tmp_path: Path) -> dict[str, Any]:
    """A backtest without a network: ccxt has the markets of this exchange in its code, and takes others."""
    get_datahandler(tmp_path, "feather").ohlcv_store(PAIR, "1d", candles("IBM"), CandleType.SPOT)
    market = {
        "id": "IBM",
        "symbol": PAIR,
        "base": "IBM",
        "quote": "USD",
        "type": "spot",
        "spot": True,
        "active": True,
        "precision": {"amount": 1e-8, "price": 1e-8},
        "limits": {"amount": {}, "cost": {}, "price": {}},
    }
    side = {"price_side": "same", "use_order_book": True}
    return {
        "runmode": RunMode.BACKTEST,
        "strategy": "AtcStrategy",
        "strategy_path": str(EXAMPLES),
        "user_data_dir": tmp_path,
        "datadir": tmp_path,
        "dataformat_ohlcv": "feather",
        "dataformat_trades": "feather",
        "exportdirectory": tmp_path,
        "export": "none",
        "stake_currency": "USD",
        "stake_amount": "unlimited",
        "tradable_balance_ratio": 1.0,
        "dry_run_wallet": 1000,
        "max_open_trades": 1,
        "fee": 0.0005,
        "pairlists": [{"method": "StaticPairList"}],
        "entry_pricing": side,
        "exit_pricing": side,
        "exchange": {
            "name": "coincheck",
            "pair_whitelist": [PAIR],
            "ccxt_config": {"markets": {PAIR: market}, "timeframes": {"1d": "1d"}},
        },
    }


def analyzed(config: dict[str, Any], **thresholds: float) -> pd.DataFrame:
    """All columns, on the candles as freqtrade reads them: with weekends filled in."""
    strategy = StrategyResolver.load_strategy(config)
    for name, value in thresholds.items():
        getattr(strategy, name).value = value
    frame = load_pair_history(PAIR, "1d", config["datadir"])
    frames = strategy.advise_all_indicators({PAIR: frame})
    return strategy.ft_advise_signals(frames[PAIR], {"pair": PAIR}).set_index("date")


def test_columns_are_those_of_the_days_with_trades(config: dict[str, Any]) -> None:
    frame, prices = analyzed(config), candles("IBM").set_index("date")["close"]
    assert len(frame) > 1.4 * len(prices)
    for name, values in compute_atc_signals(prices).items():
        expected = values.reindex(frame.index)
        assert np.array_equal(frame[name], expected, equal_nan=True)


@pytest.mark.parametrize("thresholds", [{}, {"long_threshold": 0.35, "short_threshold": -0.2}])
def test_signals(config: dict[str, Any], thresholds: dict[str, float]) -> None:
    frame, prices = analyzed(config, **thresholds), candles("IBM").set_index("date")["close"]
    result = compute_atc_signals(prices)
    event, trend = events(result, **thresholds), direction(result, **thresholds)
    for column, signs, sign in [
        ("enter_long", event, 1),
        ("enter_short", event, -1),
        ("exit_long", trend, -1),
        ("exit_short", trend, 1),
    ]:
        assert list(frame.index[frame[column] == 1]) == list(prices.index[signs == sign])
        assert (signs == sign).sum() > 100


def test_backtest(config: dict[str, Any]) -> None:
    backtesting = Backtesting(config)
    backtesting.start()
    trades = backtesting.all_bt_content["AtcStrategy"]["results"]

    prices = candles("IBM").set_index("date")["close"]
    event, day = events(compute_atc_signals(prices)), pd.Timedelta(days=1)
    first = prices.index[0] + backtesting.strategy.startup_candle_count * day
    event = event[(event.index >= first) & (event.index < event.index[-1])]
    opened = event.index[event == 1]
    closed = event.index[(event == -1) & (event.index > opened[0])]
    assert list(trades["open_date"]) == list(opened + day)
    assert list(trades["close_date"])[: len(closed)] == list(closed + day)
    assert set(trades["exit_reason"][: len(closed)]) == {"exit_signal"}
    assert len(trades) - len(closed) <= 1


def test_what_hyperopt_finds(config: dict[str, Any]) -> None:
    strategy = StrategyResolver.load_strategy(config)
    strategy.ft_bot_start()
    assert {name for name, _ in strategy.enumerate_parameters()} == {"long_threshold", "short_threshold"}


def test_short_needs_futures(config: dict[str, Any]) -> None:
    config["strategy"] = "AtcLongShort"
    with pytest.raises(ImportError, match="cannot run in spot markets"):
        StrategyResolver.load_strategy(config)
    assert StrategyResolver.load_strategy({**config, "trading_mode": "futures"}).can_short


def test_how_near_a_bot_is() -> None:
    """On how many days the direction from so many candles alone is that of twice as many, or more."""
    compute = get_array_fn(CONFIG)

    def share(candles: int) -> float:
        same = []
        for _, prices in load_stocks().groupby("symbol")["adj_close"]:
            whole = direction(compute_atc_signals(prices)).to_numpy()
            for end in range(2 * candles, len(prices) + 1):
                average = pd.Series(compute(prices.to_numpy()[end - candles : end])[-1])
                same.append(direction({"Average_Signal": average}, config=CONFIG).iloc[-1] == whole[end - 1])
        return float(np.mean(same))

    assert round(share(lookback(CONFIG)), 2) == 0.93
    assert round(share(AtcStrategy.startup_candle_count), 2) == 0.97
