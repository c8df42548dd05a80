"""Where there is a time, it is checked, in every library and wherever it stands."""

import datetime
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from atc_cy import atc, compute_atc_signals, scan, sweep
from atc_cy.datasets import load_ecb_fx

DAYS = pd.date_range("2024-01-01", periods=120)
CLOSE = 100 + 9 * np.cos(np.arange(120) / 7) + np.arange(120) % 3
EXPECTED = compute_atc_signals(CLOSE)["EMA_S"].to_numpy()
DATES = [day.date() for day in DAYS]

INDEXES: dict[str, Callable[[], "pd.Index[Any]"]] = {
    "datetime": lambda: DAYS,
    "period": lambda: DAYS.to_period("D"),
    "arrow timestamp": lambda: DAYS.astype("timestamp[us][pyarrow]"),
    "arrow date": lambda: pd.Index(pd.array(DATES, dtype=pd.ArrowDtype(pa.date32()))),
    "objects": lambda: pd.Index(DATES, dtype=object),
    "text": lambda: pd.Index([str(day) for day in DATES]),
    "arrow text": lambda: pd.Index([str(day) for day in DATES], dtype=pd.ArrowDtype(pa.string())),
    "weeks": lambda: pd.Index([day.strftime("%G-W%V-%u") for day in DATES]),
    "categories": lambda: pd.CategoricalIndex([str(day) for day in DATES]),
    "intervals": lambda: pd.IntervalIndex.from_breaks(
        pd.date_range("2024-01-01", periods=121), closed="left"
    ),
    "time since": lambda: pd.to_timedelta(np.arange(120), "h"),
    "epochs": lambda: pd.Index(DAYS.as_unit("ms").asi8),
    "epochs that are named": lambda: pd.Index(DAYS.as_unit("s").asi8 * 1.0, name="bar_time"),
    "level": lambda: pd.MultiIndex.from_arrays([["A"] * 120, DAYS], names=["symbol", "date"]),
}


@pytest.mark.parametrize("kind", INDEXES)
def test_an_index_of_times(kind: str) -> None:
    frame = pd.DataFrame({"close": CLOSE}, INDEXES[kind]())
    backwards, doubled = frame[::-1], frame.iloc[[*range(120), 119]]
    assert np.array_equal(atc(frame)["EMA_S"], EXPECTED)
    for function in (atc, lambda data: compute_atc_signals(data["close"])):
        with pytest.raises(ValueError, match=r"row 1.* must increase in time, .* follows .*row 0"):
            function(backwards)
        with pytest.raises(ValueError, match=r"row 120.* occurs twice, first in row 119"):
            function(doubled)
    assert np.array_equal(atc(backwards, sort=True)["EMA_S"], EXPECTED[::-1])
    with pytest.raises(ValueError, match="occurs twice"):
        atc(doubled, sort=True)


COLUMNS: dict[str, Callable[[list[datetime.date], Any], Any]] = {
    "pandas": lambda days, close: pd.DataFrame({"date": days, "close": close}),
    "pandas text": lambda days, close: pd.DataFrame({"Date": [str(day) for day in days], "close": close}),
    "pandas, by its type": lambda days, close: pd.DataFrame({"opened": pd.to_datetime(days), "close": close}),
    "polars": lambda days, close: pl.DataFrame({"date": days, "close": close}),
    "polars text": lambda days, close: pl.DataFrame({"date": [str(day) for day in days], "close": close}),
    "pyarrow": lambda days, close: pa.table({"date": days, "close": close}),
    "by how it is written": lambda days, close: pl.DataFrame(
        {"when": [str(day) for day in days], "venue": "X", "close": close}
    ),
    "by its name and numbers": lambda days, close: pd.DataFrame(
        {"open_time": pd.to_datetime(days).as_unit("ms").asi8, "close": close, "count": 200_000_000}
    ),
    "epochs": lambda days, close: pl.DataFrame(
        {"time": [(day - datetime.date(1970, 1, 1)).days * 86400 for day in days], "close": close}
    ),
}


@pytest.mark.parametrize("kind", COLUMNS)
def test_a_column_of_times(kind: str) -> None:
    make = COLUMNS[kind]
    assert np.array_equal(np.asarray(atc(make(DATES, CLOSE))["EMA_S"]), EXPECTED)
    with pytest.raises(ValueError, match="row 1 of the table: the rows must increase in time"):
        atc(make(DATES[::-1], CLOSE[::-1]))
    with pytest.raises(ValueError, match="occurs twice, first in row 0 of the table"):
        atc(make([DATES[0], *DATES[:-1]], CLOSE), sort=True)
    backwards = atc(make(DATES[::-1], CLOSE[::-1]), sort=True)
    assert np.array_equal(np.asarray(backwards["EMA_S"]), EXPECTED[::-1])


def test_date_and_time_in_two_columns() -> None:
    hours = [f"{hour:02}:00" for hour in range(24)] * 5
    frame = pd.DataFrame({"date": np.repeat(DATES[:5], 24), "time": hours, "close": CLOSE})
    assert np.array_equal(atc(frame)["EMA_S"], EXPECTED)
    with pytest.raises(ValueError, match="must increase in time"):
        atc(frame[::-1])


def test_a_column_that_is_named() -> None:
    frame = pd.DataFrame({"date": "soon", "seen": DAYS, "close": CLOSE})
    assert np.array_equal(atc(frame, time="seen")["EMA_S"], EXPECTED)
    with pytest.raises(
        ValueError, match=r"column 'date': row 0 of the table: .*name the column of times with time="
    ):
        atc(frame)


def test_dates_that_are_not_read_are_not_passed_by() -> None:
    days = [f"0{number // 9 + 1}.0{number % 9 + 1}.2024" for number in range(80)]
    for data in (pd.Series(CLOSE[:80], days), pd.DataFrame({"Day": days, "close": CLOSE[:80]})):
        with pytest.raises(ValueError, match=r"row 1.*: the day of '01.02.2024' could be its month"):
            atc(data)


def test_dates_whose_days_are_seen_from_the_column() -> None:
    days = [day.strftime("%d.%m.%Y") for day in DATES]
    for data in (pd.Series(CLOSE, days), pd.DataFrame({"Day": days, "close": CLOSE})):
        assert np.array_equal(atc(data)["EMA_S"], EXPECTED)


def test_two_columns_of_times() -> None:
    frame = pd.DataFrame({"seen": DAYS, "sold": DAYS[::-1], "close": CLOSE})
    with pytest.raises(ValueError, match=r"the columns 'seen' and 'sold' both hold times: name .* time="):
        atc(frame)
    assert np.array_equal(atc(frame, time="seen")["EMA_S"], EXPECTED)
    assert np.array_equal(atc(frame.rename(columns={"seen": "date"}))["EMA_S"], EXPECTED)
    contracts = pd.DataFrame({"contract": ["2024-03"] * 60 + ["2024-06"] * 60, "date": DAYS, "close": CLOSE})
    assert np.array_equal(atc(contracts, by="contract")["EMA_S"][:60], EXPECTED[:60])


def test_rows_without_any_time_are_taken_as_they_come() -> None:
    for labels in ([f"bar {row}" for row in range(120)], range(120, 0, -1), np.arange(120) / 7):
        assert np.array_equal(atc(pd.DataFrame({"close": CLOSE}, labels))["EMA_S"], EXPECTED)


def test_the_order_is_that_of_each_symbol() -> None:
    frame = pd.DataFrame(
        {"date": [*DAYS, *DAYS], "symbol": ["A"] * 120 + ["B"] * 120, "close": [*CLOSE, *CLOSE]}
    )
    both = np.concatenate([EXPECTED, EXPECTED])
    assert np.array_equal(atc(frame, by="symbol")["EMA_S"], both)
    mixed = frame.sample(frac=1, random_state=1)
    with pytest.raises(ValueError, match=r"^[AB]: row \d+ of the table: the rows must increase in time"):
        atc(mixed, by="symbol")
    assert np.array_equal(atc(mixed, by="symbol", sort=True)["EMA_S"].sort_index(), both)


RATES = load_ecb_fx()


@pytest.mark.parametrize(
    "data",
    [
        RATES,
        RATES.set_index("date"),
        RATES.set_index(["symbol", "date"]),
        pl.from_pandas(RATES),
        pa.Table.from_pandas(RATES),
        RATES.drop(columns="date").rename(columns={"symbol": "Symbol"}),
        pl.from_pandas(RATES.drop(columns="date").rename(columns={"symbol": "Ticker"})),
        RATES.set_index("date").rename(columns={"symbol": "pair"}),
    ],
    ids=["columns", "index", "levels", "polars", "pyarrow", "no time", "ticker", "pair"],
)
def test_several_symbols_without_by(data: Any) -> None:
    with pytest.raises(ValueError, match=r"symbols, such as 'AUD' and 'BGN': give (by=|the prices of one)"):
        atc(data)


TWO = pd.DataFrame(
    {"symbol": ["A"] * 60 + ["B"] * 60, "id": [7] * 60 + [8] * 60, "date": DAYS, "close": CLOSE}
)


@pytest.mark.parametrize(
    ("levels", "dtype"),
    [
        ("symbol", "object"),
        ("symbol", "category"),
        ("symbol", "string[pyarrow]"),
        ("symbol", pd.ArrowDtype(pa.string())),
        (["symbol", "date"], pd.ArrowDtype(pa.string())),
        (["id", "date"], "int64"),
    ],
)
@pytest.mark.parametrize("name", [None, "symbol"])
def test_several_symbols_in_an_index(levels: Any, dtype: Any, name: "str | None") -> None:
    column = levels if isinstance(levels, str) else levels[0]
    closes = TWO.astype({column: dtype}).set_index(levels)["close"]
    closes.index = closes.index.rename(name if isinstance(levels, str) else [name, "date"])
    for call in (
        compute_atc_signals,
        atc,
        lambda data: atc(data.to_frame()),
        lambda data: scan({"X": data}),
        lambda data: scan(data.to_frame("X")),
        lambda data: sweep(data, {"La": [0.0]}),
    ):
        with pytest.raises(ValueError, match=r"index has several symbols, such as ('A' and 'B'|7 and 8)"):
            call(closes)
    assert np.array_equal(compute_atc_signals(closes[:60])["EMA_S"], EXPECTED[:60])


def test_by_another_column_than_that_of_the_symbols() -> None:
    frame = TWO.assign(exchange="X", key=["X:" + name for name in TWO["symbol"]])
    for data in (frame, pl.from_pandas(frame), pa.Table.from_pandas(frame)):
        with pytest.raises(
            ValueError, match=r"by='exchange': 'X' has several symbols, such as 'A' and 'B'.*by="
        ):
            atc(data, by="exchange")
        apart = np.asarray(atc(data, by="symbol")["EMA_S"])
        for by in ("key", ["exchange", "symbol"]):
            assert np.array_equal(np.asarray(atc(data, by=by)["EMA_S"]), apart)


@pytest.mark.parametrize("call", [scan, lambda data: sweep(data, {"La": [0.0]})])
@pytest.mark.parametrize("name", ["timestamp", "open_time", "date"])
def test_a_column_of_times_is_no_symbol(call: Callable[[Any], Any], name: str) -> None:
    times = DAYS.strftime("%Y%m%d").astype(int) if name == "date" else DAYS.as_unit("ms").asi8
    wide = pd.DataFrame({name: times, "A": CLOSE, "B": CLOSE})
    for data in (wide, {column: wide[column] for column in wide}, wide.astype(float)):
        with pytest.raises(ValueError, match=f"{name!r} holds times.*: make them the index"):
            call(data)
    assert f"{name}_EMA_S" not in atc(pl.from_pandas(wide), close=None).columns
    with pytest.raises(ValueError, match="must increase in time"):
        atc(wide[::-1], close=None)


def test_a_wide_table_with_a_column_of_times() -> None:
    wide = pl.DataFrame({"date": DATES, "A": CLOSE, "B": CLOSE})
    assert "date_EMA_S" not in atc(wide, close=None).columns
    with pytest.raises(ValueError, match="must increase in time"):
        atc(wide[::-1], close=None)


@pytest.mark.parametrize(
    "call", [scan, lambda data: sweep(data, {"La": [0.0]}), lambda data: atc(data, close=None)]
)
def test_a_candle_is_not_five_symbols(call: Callable[[Any], Any]) -> None:
    candles = pd.DataFrame(dict.fromkeys(["Open", "High", "Low", "Close", "Volume"], CLOSE), DAYS)
    with pytest.raises(ValueError, match=r"Open, High, Low, Close, Volume.* of one symbol.*: give"):
        call(candles)
    with pytest.raises(ValueError, match=r"open, high, low.* of one symbol"):
        call(candles.rename(columns=str.lower)[["open", "high", "low"]])
    downloaded = pd.concat({"Close": pd.DataFrame({"A": CLOSE}), "Open": pd.DataFrame({"A": CLOSE})}, axis=1)
    with pytest.raises(ValueError, match="of one symbol"):
        call(downloaded)


@pytest.mark.parametrize("call", [scan, lambda data: sweep(data, {"La": [0.0]})])
def test_a_long_table_is_not_wide(call: Callable[[Any], Any]) -> None:
    with pytest.raises(ValueError, match="data is a long table, with a column 'symbol'"):
        call(RATES)
