"""Where each symbol stands on its last bar is what all of its bars say, whatever holds the prices."""

import sys
from collections.abc import Hashable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atc_cy import ATCConfig, PriceError, atc, direction, events, scan
from atc_cy.datasets import load_ecb_fx, load_stocks

STANDING = ["date", "close", "direction", "bars_since_event", "mean_equity", "stale"]
DAY = pd.Timedelta("1D")


@pytest.fixture(scope="module")
def rates() -> pd.DataFrame:
    """A long table of 41 currencies, some of which have ended."""
    rates = load_ecb_fx()
    return rates[rates["date"] >= "2019-06-01"].reset_index(drop=True)


@pytest.fixture(scope="module")
def wide(rates: pd.DataFrame) -> pd.DataFrame:
    return rates.pivot(index="date", columns="symbol", values="close")


def walk(bars: int, seed: int = 0) -> Any:
    return 100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.02, bars)))


@settings(deadline=None, derandomize=True, max_examples=60)
@given(
    st.integers(1, 400),
    st.integers(0, 99),
    st.floats(0, 0.9),
    st.booleans(),
    st.sampled_from([np.float64, np.float32]),
)
def test_the_last_bar_is_that_of_all_bars(
    rows: int, seed: int, missing: float, strategy_mode: bool, dtype: Any
) -> None:
    """In parts of 64 rows, too, of which some hold no bar and no event."""
    close = walk(rows, seed).astype(dtype)
    close[np.random.default_rng(seed).random(rows) < missing] = np.nan
    prices = pd.Series(close, pd.date_range("2024-01-01", periods=rows, freq="h"))
    config = ATCConfig(strategy_mode=strategy_mode, long_threshold=0.3, short_threshold=-0.2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.modules["atc_cy.engine.many"], "ROWS_OF_SCRATCH", 64)
        row = scan({"A": prices}, config, outputs="last").loc["A"]
    bars = ~np.isnan(close)
    if not bars.any():
        assert row.isna().all()
        return
    result = scan({"A": prices}, config)["A"]
    turns = np.flatnonzero(events(result)[bars])
    assert row["date"] == prices[bars].index[-1]
    assert row["close"] == close[bars][-1]
    assert np.array_equal(row["direction"], direction(result)[bars].iloc[-1], equal_nan=True)
    if turns.size:
        assert row["bars_since_event"] == bars.sum() - 1 - turns[-1]
    else:
        assert row["bars_since_event"] is pd.NA
    equities = result[bars].iloc[-1].filter(like="_S").drop(list(result.filter(like="_Signal")))
    assert row["mean_equity"] == pytest.approx(equities.mean(), rel=1e-6)


def test_every_kind_of_table_gives_the_same(rates: pd.DataFrame, wide: pd.DataFrame) -> None:
    expected = scan({name: wide[name] for name in wide}, outputs="last")
    assert list(expected.columns[-6:]) == STANDING
    assert expected.index.name == "symbol"
    pd.testing.assert_frame_equal(scan(wide, outputs="last"), expected)
    pd.testing.assert_frame_equal(scan(rates, by="symbol", outputs="last"), expected)
    shuffled = rates.sample(frac=1, random_state=1)
    with pytest.raises(ValueError, match="sort=True"):
        scan(shuffled, by="symbol", outputs="last")
    mixed = scan(shuffled, by="symbol", sort=True, outputs="last")
    pd.testing.assert_frame_equal(mixed.sort_index(), expected)
    as_polars = scan(pl.from_pandas(rates), by="symbol", outputs="last")
    assert isinstance(as_polars, pl.DataFrame)
    assert as_polars.equals(scan(pl.from_pandas(wide.reset_index()), outputs="last"))
    as_arrow = scan(pa.Table.from_pandas(rates), by="symbol", outputs="last")
    assert isinstance(as_arrow, pa.Table)
    assert as_arrow.column_names == as_polars.columns == ["symbol", *expected.columns]
    for values in (as_polars.to_pandas(), as_arrow.to_pandas()):
        typed = values.set_index("symbol").astype({"bars_since_event": "Int64", "stale": "boolean"})
        pd.testing.assert_frame_equal(typed, expected, check_index_type=False)


def test_all_bars_of_every_kind_of_table(rates: pd.DataFrame, wide: pd.DataFrame) -> None:
    names = list(ATCConfig().output_names)
    expected = atc(rates, by="symbol")[names]
    pd.testing.assert_frame_equal(scan(rates, by="symbol"), expected)
    assert scan(pl.from_pandas(rates), by="symbol").equals(pl.from_pandas(expected))
    assert scan(pa.Table.from_pandas(rates), by="symbol").equals(
        pa.Table.from_pandas(expected, preserve_index=False).replace_schema_metadata(None)
    )
    turned = wide.reset_index()[::-1]
    flat = scan(pl.from_pandas(turned), outputs=("EMA_S",), sort=True)
    assert flat.columns == [f"{name}_EMA_S" for name in wide]
    assert np.array_equal(flat["USD_EMA_S"][::-1], scan(wide)["USD"]["EMA_S"], equal_nan=True)


def test_sources() -> None:
    stocks = load_stocks()
    alone = {
        name: rows.set_index("date").drop(columns="symbol")
        for name, rows in stocks.groupby("symbol", sort=True)
    }
    every = atc(stocks, by="symbol", src="hl2")["Average_Signal"]
    long = scan(stocks, by="symbol", src="hl2")["Average_Signal"]
    pd.testing.assert_series_equal(long, every)
    assert not long.equals(scan(stocks, by="symbol")["Average_Signal"])
    expected = scan(stocks, by="symbol", src="hl2", outputs="last")
    pd.testing.assert_frame_equal(scan(alone, src="hl2", outputs="last"), expected)
    of_polars = {name: pl.from_pandas(rows.reset_index()) for name, rows in alone.items()}
    pd.testing.assert_frame_equal(scan(of_polars, src="hl2", outputs="last"), expected)
    each = {name: (rows["high"] + rows["low"]) / 2 for name, rows in alone.items()}
    series = {name: rows["close"] for name, rows in alone.items()}
    pd.testing.assert_frame_equal(scan(series, src=each, outputs="last"), expected)
    adjusted = scan(alone, close="adj_close", outputs="last")
    assert adjusted.loc["AAPL", "close"] == alone["AAPL"]["adj_close"].iloc[-1]


def test_several_columns_are_a_symbol() -> None:
    frame = pd.DataFrame({"exchange": ["x", "x", "y"] * 30, "symbol": ["A", "B", "A"] * 30})
    frame["close"] = walk(90)
    last = scan(frame, by=["exchange", "symbol"], outputs="last")
    assert last.index.tolist() == [("x", "A"), ("x", "B"), ("y", "A")]
    assert last.index.names == ["exchange", "symbol"]
    assert scan(pl.from_pandas(frame), by=["exchange", "symbol"], outputs="last").columns[:2] == [
        "exchange", "symbol",
    ]  # fmt: skip


def test_series_of_polars_and_arrow() -> None:
    close = [*walk(50).tolist(), None, 101.5]
    expected = scan({"A": close})["A"]
    for series in (pl.Series(close), pa.array(close), pa.chunked_array([close[:9], close[9:]])):
        pd.testing.assert_frame_equal(scan({"A": series})["A"], expected)


def test_a_bad_price_names_symbol_and_row_of_the_table() -> None:
    frame = pd.DataFrame({"symbol": ["A", "B"] * 5, "close": [1.0] * 10})
    frame.loc[7, "close"] = -1.0
    with pytest.raises(PriceError, match=r"^B: row 7 of the table: prices has -1\.0 at row 3") as raised:
        scan(frame, by="symbol")
    assert raised.value.row == 7
    failures: dict[Hashable, PriceError] = {}
    last = scan(frame, by="symbol", outputs="last", failures=failures)
    assert {name: error.row for name, error in failures.items()} == {"B": 7}
    assert last.loc["B"].isna().all()
    assert last.loc["A", "close"] == 1


def test_a_table_of_a_mapping_that_cannot_be_read_is_one_failure() -> None:
    good = pd.DataFrame({"date": ["2024-01-01", "2024-01-02"], "close": [1.0, 2.0]})
    data = {"A": good, "B": good.rename(columns={"close": "last"}), "C": good[::-1]}
    with pytest.raises(ValueError, match=r"^B: close='close' is not a column"):
        scan(data)
    failures: dict[Hashable, PriceError] = {"old": PriceError("of an earlier scan", 1)}
    last = scan(data, outputs="last", failures=failures)
    assert {name: error.row for name, error in failures.items()} == {"old": 1, "B": -1, "C": -1}
    assert last["date"].notna().tolist() == [True, False, False]


@pytest.mark.parametrize(
    ("data", "arguments", "error", "words"),
    [
        (np.ones((2, 3)), {"by": "symbol"}, TypeError, "by='symbol' does not go with an array"),
        (np.ones((2, 3)), {"src": "hl2"}, TypeError, "src='hl2' does not go with an array"),
        ({"A": [1.0]}, {"by": "symbol"}, TypeError, "by='symbol' does not go with a mapping"),
        ({"A": [1.0]}, {"time": "date"}, TypeError, "A: time='date' does not go with symbols that are"),
        ({"A": [1.0]}, {"src": "hl2"}, TypeError, "A: src='hl2' is not a column, since these prices are no"),
        ({"A": [1.0]}, {"src": [1.0]}, TypeError, r"src=\[1.0\] must be a mapping of symbols to series"),
        (pd.DataFrame({"A": [1.0]}), {"src": "hl2"}, TypeError, "src='hl2' does not go with a table .* by="),
        (pd.DataFrame({"A": [1.0]}), {"sort": True}, TypeError, "sort=True does not go with a DataFrame"),
        (pl.DataFrame({"A": [1.0]}), {"close": "A"}, TypeError, "close='A' does not go with a table"),
        (pl.DataFrame({"A": [1.0]}), {"time": "when"}, ValueError, "time='when' is not a column"),
        (pl.DataFrame({"symbol": ["A"], "x": [1.0]}), {}, ValueError, "give it to scan or atc with by="),
        (pl.DataFrame({"A": [1.0]}), {"by": "A"}, ValueError, "close='close' is not a column"),
        (pl.LazyFrame({"A": [1.0]}), {"by": "A"}, TypeError, r"give data\.collect\(\)"),
        (pl.Series([1.0]), {}, TypeError, "give one symbol as {'BTC': data}"),
    ],
)  # fmt: skip
def test_arguments_that_do_not_go_with_the_data(
    data: Any, arguments: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        scan(data, **arguments)


def ending(*behind: int, step: str = "1D", bars: int = 10, zone: str | None = None) -> dict[str, Any]:
    """Symbols whose last bars are so many days older than the newest of all."""
    newest = pd.Timestamp("2024-06-28", tz=zone)
    return {
        f"{days} days": pd.Series(walk(bars), pd.date_range(end=newest - days * DAY, periods=bars, freq=step))
        for days in behind
    }


def stale(data: dict[str, Any]) -> list[Any]:
    return scan(data, outputs="last")["stale"].tolist()


def test_stale_is_more_than_five_of_its_own_steps() -> None:
    assert stale(ending(0, 5, 6)) == [False, False, True]
    assert stale(ending(0) | ending(35, 36, step="7D")) == [False, False, True]
    assert stale(ending(0) | ending(1, step="1h") | ending(2, bars=1)) == [False, True, True]
    # Neither weekends nor one long gap are typical.
    weekdays = pd.bdate_range(end="2024-06-21", periods=50)
    gap = weekdays[:25].union(weekdays[30:])
    assert stale(ending(0) | {"weekdays": pd.Series(walk(50), weekdays)}) == [False, True]
    assert stale(ending(0) | {"gap": pd.Series(walk(45), gap)}) == [False, True]


def test_stale_of_zones_and_of_no_times() -> None:
    zones = ending(0, zone="America/New_York") | ending(6, zone="Asia/Tokyo")
    assert stale(zones) == [False, True]
    without = ending(7) | {"0 h": ending(0, zone="UTC")["0 days"], "none": walk(9), "empty": [np.nan]}
    assert stale(without) == [True, False, pd.NA, pd.NA]
    assert scan({"A": walk(9)}, outputs="last")["date"].dtype.kind == "M"


def test_a_missing_last_price_is_no_bar() -> None:
    """As of a wide table in which one symbol has ended."""
    days = pd.date_range("2024-01-01", periods=40)
    frame = pd.DataFrame({"A": walk(40), "B": walk(40)}, days)
    frame.iloc[33:, 1] = np.nan
    last = scan(frame, outputs="last")
    assert last["date"].tolist() == [days[39], days[32]]
    assert last["stale"].tolist() == [False, True]


def test_times_of_python_are_dates() -> None:
    times = [datetime(2024, 1, day, tzinfo=UTC) for day in (1, 2, 3)]
    frame = pl.DataFrame({"symbol": ["A"] * 3, "when": times, "close": [1.0, 2.0, 3.0]})
    assert scan(frame, by="symbol", outputs="last")["date"].to_list() == times[2:]
