"""Each metric beside an independent library on the same trades, and `equity` beside `sweep`, bit for bit."""

import json
import math
import warnings
from pathlib import Path
from typing import Any

import empyrical
import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats
from support.golden import golden

from atc_cy import ATCConfig, equity, sweep
from atc_cy.sweeps import ALL_METRICS, METRICS, RULES
from atc_cy.sweeps.luck import deflated_sharpe, expected_best, p_value

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of the libraries that it imports
    import quantstats.stats as quantstats

CLOSE = golden("usd_default").close[:900]
SERIES = pd.Series(CLOSE, pd.date_range("2020-01-01", periods=900))
GRID = {"La": [0.0, 0.5], "ema_len": [20, 28], "long_threshold": [0.1, 0.3]}
pytestmark = pytest.mark.filterwarnings("ignore:cagr, calmar, sharpe")  # days of a week are not trading days
OF_ONE = [name for name in ALL_METRICS if name != "deflated_sharpe"]


def by_others(account: Any, bars_per_year: float) -> dict[str, float]:
    """The metrics of the libraries, of an account's returns and trades."""
    returns, trades = account.curve["return"], account.trades["return"]
    return {
        "total_return": empyrical.cum_returns_final(returns),
        "sharpe": empyrical.sharpe_ratio(returns, annualization=bars_per_year),
        "max_drawdown": empyrical.max_drawdown(returns),
        "buy_and_hold": account.curve["close"].iloc[-1] / account.trades["entry"].iloc[0] - 1.0,
        "win_rate": quantstats.win_rate(trades, prepare_returns=False),
        "profit_factor": quantstats.profit_factor(trades, prepare_returns=False),
        "sortino": quantstats.sortino(returns, periods=bars_per_year),
        "calmar": quantstats.calmar(returns, prepare_returns=False, periods=bars_per_year),
        "cagr": empyrical.annual_return(returns, annualization=bars_per_year),
        "skew": scipy_stats.skew(returns),
        "kurtosis": scipy_stats.kurtosis(returns, fisher=False),
    }


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("costs", [{}, {"fees": 0.001}, {"fees": 0.0004, "slippage": 0.0006}], ids=str)
@pytest.mark.parametrize("start", [None, 300])
def test_each_metric_is_that_of_the_libraries(rule: str, costs: Any, start: int | None) -> None:
    table = sweep(SERIES, GRID, metric=OF_ONE, rule=rule, bars_per_year=365, start=start, **costs)
    for values in table.columns:
        config = ATCConfig(**dict(zip(GRID, values, strict=True)))
        account = equity(SERIES, config, rule=rule, bars_per_year=365, start=start, **costs)
        metrics = table[values]
        assert metrics["total_return"] == account.curve["equity"].iloc[-1] - 1.0
        assert account.metrics.drop("sharpe").equals(metrics.drop("sharpe"))
        expected = by_others(account, 365)
        if start is None:
            expected["buy_and_hold"] = CLOSE[-1] / CLOSE[0] - 1.0
        elif account.trades["opened"].iloc[0] != SERIES.index[299]:
            expected["buy_and_hold"] = CLOSE[-1] / CLOSE[299] - 1.0
        for name, value in expected.items():
            assert metrics[name] == pytest.approx(value, rel=1e-9, abs=1e-12), name
        assert account.metrics["sharpe"] == pytest.approx(metrics["sharpe"], rel=1e-12)
        held = account.curve["position"].tolist()
        moved = sum(abs(now - before) for now, before in zip(held, [0.0, *held[:-1]], strict=True))
        assert metrics["turnover"] == pytest.approx(moved * 365 / len(held))
        assert metrics["trades"] == len(account.trades)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("fees", [0.0, 0.002])
@pytest.mark.parametrize("start", [None, 500])
def test_trades_are_the_curve_in_other_words(rule: str, fees: float, start: int | None) -> None:
    account = equity(SERIES, rule=rule, fees=fees, start=start)
    curve, trades = account.curve, account.trades
    assert (1.0 + trades["return"]).prod() == pytest.approx(curve["equity"].iloc[-1], rel=1e-12)
    assert trades["open"].tolist()[:-1] == [False] * (len(trades) - 1)
    assert trades["bars"].sum() == (curve["position"] != 0).sum()
    assert (SERIES[trades["opened"]].to_numpy() == trades["entry"]).all()
    assert (SERIES[trades["closed"]].to_numpy() == trades["exit"]).all()
    for trade in trades.itertuples():
        bars = curve.loc[trade.opened : trade.closed].iloc[1:] if trade.bars else curve.iloc[:0]
        assert (bars["position"] == trade.position).all()
        if fees == 0.0 and trade.position > 0:  # what a person would write down
            assert trade[7] == pytest.approx(trade.exit / trade.entry - 1.0, abs=1e-12)


def test_a_turn_charges_each_trade_its_own_costs() -> None:
    """Of a turn, the old trade pays for its end, and the new one for its beginning."""
    free, paid = equity(SERIES), equity(SERIES, fees=0.001)
    assert (free.trades["position"].diff().dropna().abs() == 2.0).all()
    # 0.1 % for the beginning and, but for the open one, for the end; later bars earn on what is left.
    costs = (1.0 + paid.trades["return"]) / (1.0 + free.trades["return"]) - 1.0
    assert costs[~free.trades["open"]].between(-0.0021, -0.0019).all()
    assert costs[free.trades["open"]].between(-0.0011, -0.0009).all()


def test_a_window_is_the_rest_of_the_whole() -> None:
    whole, part = equity(SERIES, fees=0.001), equity(SERIES, fees=0.001, start=400, stop=700)
    assert part.curve["position"].equals(whole.curve["position"][400:700])
    assert part.curve["return"][1:].equals(whole.curve["return"][401:700])
    entered = abs(part.curve["position"].iloc[0])
    change = CLOSE[400] / CLOSE[399] - 1.0
    assert part.curve["return"].iloc[0] == pytest.approx(
        part.curve["position"].iloc[0] * change - 0.001 * entered
    )
    assert equity(SERIES[:700], start=400).curve.equals(equity(SERIES, start=400, stop=700).curve)
    assert equity(SERIES, start=0).curve.equals(equity(SERIES).curve)


def test_rows_without_a_price_have_no_row() -> None:
    gap = SERIES.copy()
    gap[100:150] = np.nan
    account = equity(gap)
    assert account.curve.index.equals(gap.dropna().index)
    numbers = equity(gap.to_numpy())
    assert numbers.curve.index.tolist() == [*range(100), *range(150, 900)]
    assert numbers.trades["opened"].max() > 150
    values = sweep(gap, {"La": [0.02]})[(0.02,)]
    assert values["total_return"] == account.curve["equity"].iloc[-1] - 1.0


def test_a_flat_price_has_no_ratios() -> None:
    metrics = equity(np.full(100, 7.0)).metrics
    for name in ("sharpe", "win_rate", "profit_factor", "sortino", "calmar", "skew", "kurtosis"):
        assert math.isnan(metrics[name]), name
    assert metrics[["total_return", "buy_and_hold", "cagr", "turnover"]].tolist() == [0.0] * 4
    assert metrics["p_value"] == 1.0
    assert equity(CLOSE, fees=1.0).metrics["total_return"] <= 0.0  # no warning of a division by 0


def test_an_account_that_lost_all_ends(tmp_path: Path) -> None:
    """A short position loses more than all if the price more than doubles within a bar."""
    rng = np.random.default_rng(1)
    close = 100 * np.exp(np.cumsum(rng.normal(-0.002, 0.01, 500)))
    free = equity(close).curve
    bar = int(np.flatnonzero(free["position"] == -1.0)[200])
    close[bar:] *= 3.0
    close[bar + 60 :] *= 3.0
    for costs in ({}, {"fees": 0.001}):
        account = equity(close, **costs)  # type: ignore[arg-type]
        curve, trades = account.curve, account.trades
        assert curve["return"][bar] == -1.0
        assert (curve[bar:]["equity"] == 0.0).all()
        assert (curve[bar + 1 :][["position", "return"]] == 0.0).all(axis=None)
        assert curve[:bar].equals(equity(close[:bar], **costs).curve)  # type: ignore[arg-type]
        assert trades.iloc[-1][["position", "closed", "return", "open"]].tolist() == [-1.0, bar, -1.0, False]
        metrics = account.metrics
        assert metrics[["total_return", "max_drawdown", "cagr", "calmar"]].tolist() == [-1.0] * 4
        assert metrics["sharpe"] == pytest.approx(empyrical.sharpe_ratio(curve["return"]))
        file = tmp_path / f"{len(costs)}.jsonl"
        tables = [
            sweep(close, {"La": [0.02, 0.0]}, metric=OF_ONE, **given)  # type: ignore[arg-type]
            for given in (costs, costs | {"results": file}, costs | {"results": file})
        ]
        assert tables[0].equals(tables[1])
        assert tables[0].equals(tables[2])
        assert tables[0][(0.02,)].equals(metrics[OF_ONE])
        assert sweep(close, {"La": [0.02]}, start=300, **costs).loc["total_return"].item() == -1.0  # type: ignore[arg-type]


def test_what_an_earlier_version_wrote_of_an_account_below_0_does_not_count(tmp_path: Path) -> None:
    file = tmp_path / "done.jsonl"
    table = sweep(CLOSE, {"La": [0.5]}, results=file)
    (row,) = [json.loads(line) for line in file.read_text().splitlines()]
    file.write_text(json.dumps(row | {"metrics": [-4.5, 0.1, -3.9, 1.0, 9.0]}) + "\n")
    assert sweep(CLOSE, {"La": [0.5]}, results=file).equals(table)


def test_the_deflated_sharpe_ratio_of_the_paper() -> None:
    """Bailey and López de Prado's example: 2.5 a year, 100 trials, and 0.9004 that it is no luck."""
    assert expected_best(math.sqrt(0.5 / 250), 100) == pytest.approx(0.1132, abs=5e-5)
    others = np.random.default_rng(2).normal(size=99)
    sharpe = np.append(others, 0.0)
    for _ in range(50):  # until the variance of all is 1/2, with 2.5 among them
        sharpe[:99] *= math.sqrt(0.5 / sharpe.var(ddof=1))
        sharpe[99] = 2.5
    assert sharpe.var(ddof=1) == pytest.approx(0.5, rel=1e-6)
    (deflated,) = deflated_sharpe(sharpe, np.full(100, -3.0), np.full(100, 10.0), 1250, 250.0)[99:]
    assert deflated == pytest.approx(0.9004, abs=5e-5)


def test_the_deflated_sharpe_ratio_of_a_sweep() -> None:
    names = ("sharpe", "skew", "kurtosis", "deflated_sharpe")
    table = sweep(CLOSE, GRID, metric=names, bars_per_year=365).T
    per_bar = table["sharpe"] / math.sqrt(365)
    by_luck = expected_best(per_bar.std(), len(table))
    shape = 1.0 - table["skew"] * per_bar + (table["kurtosis"] - 1.0) / 4.0 * per_bar**2
    expected = scipy_stats.norm.cdf((per_bar - by_luck) * math.sqrt(899) / np.sqrt(shape))
    assert table["deflated_sharpe"].to_numpy() == pytest.approx(expected, rel=1e-12)
    # Of one trial alone it is the probabilistic one. quantstats corrects the moments for the sample's bias.
    (one,) = sweep(CLOSE, {"La": [0.5]}, metric="deflated_sharpe").iloc[0]
    returns = equity(CLOSE, La=0.5).curve["return"]
    returns.index = SERIES.index
    assert one == pytest.approx(quantstats.probabilistic_sharpe_ratio(returns), abs=1e-3)
    flat = sweep(np.full(100, 7.0), {"La": [0.0, 1.0]}, metric="deflated_sharpe")
    assert flat.isna().all(axis=None)


def test_the_deflated_sharpe_ratio_of_each_symbol_is_its_own() -> None:
    both = sweep({"A": CLOSE, "B": CLOSE[::-1]}, GRID, metric="deflated_sharpe")
    for name, close in (("A", CLOSE), ("B", CLOSE[::-1])):
        assert np.array_equal(both[name], sweep(close, GRID, metric="deflated_sharpe"))


def test_permutations() -> None:
    rng = np.random.default_rng(8)
    changes = rng.normal(0, 0.01, 400)
    foresight, chance = np.sign(changes), rng.choice([-1.0, 1.0], 400)
    assert p_value(foresight, changes, 0) == 1 / 1001
    assert p_value(np.ones(400), changes, 0) == 1.0  # in any order it earns the same
    assert 0.01 < p_value(chance, changes, 0) < 1.0
    assert p_value(chance, changes, 0) == p_value(chance, changes, 0) != p_value(chance, changes, 1)
    random = [p_value(rng.choice([-1.0, 1.0], 100), changes[:100], 0) for _ in range(100)]
    assert scipy_stats.kstest(random, "uniform").pvalue > 0.01
    seeds = [sweep(CLOSE, {"La": [0.0, 0.5]}, metric="p_value", seed=seed, threads=2) for seed in (0, 0, 2)]
    assert seeds[0].equals(seeds[1])
    assert not seeds[0].equals(seeds[2])


def test_more_metrics_leave_the_default_ones_as_they_are() -> None:
    basic = sweep(CLOSE, GRID, fees=0.001)
    assert sweep(CLOSE, GRID, fees=0.001, metric=ALL_METRICS).loc[list(METRICS)].equals(basic)
    assert list(basic.index) == list(METRICS)
    assert sweep(CLOSE, GRID, fees=0.0006, slippage=0.0004).equals(basic)


def test_bad_arguments_of_equity() -> None:
    with pytest.raises(ValueError, match=r"close must be the prices of one symbol, such as data\['BTC'\]"):
        equity(SERIES.to_frame("A"))
    with pytest.raises(ValueError, match=r"slippage=-1.0 is out of range"):
        equity(SERIES, slippage=-1)
    with pytest.raises(ValueError, match=r"seed=-1 is out of range"):
        equity(SERIES, seed=-1)
    with pytest.raises(ValueError, match=r"at row \d+ .*the growth"):
        equity(SERIES, La=1e5)
