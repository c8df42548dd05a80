"""Sources that are computed, and bars of a higher timeframe that no row sees before they have closed."""

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from atc_cy import PriceError, atc, compute_atc_signals
from atc_cy.config.names import LENGTH_FIELDS
from atc_cy.files.resample import resample_rows
from atc_cy.files.timeframes import openings, read_timeframe

RNG = np.random.default_rng(5)


def candles(rows: int, freq: str = "h", **zone: Any) -> pd.DataFrame:
    """Candles that open at the last close, on times that increase."""
    close = 100 * np.exp(np.cumsum(RNG.normal(0, 0.01, rows)))
    opened = np.append(100.0, close[:-1])
    reach = np.abs(RNG.normal(0, 0.3, (2, rows)))
    columns = {
        "open": opened,
        "high": np.maximum(opened, close) + reach[0],
        "low": np.minimum(opened, close) - reach[1],
        "close": close,
        "volume": RNG.integers(1, 9, rows).astype(float),
    }
    return pd.DataFrame(columns, pd.date_range("2024-03-01", periods=rows, freq=freq, name="date", **zone))


HOURS = candles(1500)
MEANS = {
    "hl2": lambda o, h, l, c: (h + l) / 2,  # noqa: ARG005, E741
    "hlc3": lambda o, h, l, c: (h + l + c) / 3,  # noqa: ARG005, E741
    "ohlc4": lambda o, h, l, c: (o + h + l + c) / 4,  # noqa: E741
    "hlcc4": lambda o, h, l, c: (h + l + c + c) / 4,  # noqa: ARG005, E741
}


@pytest.mark.parametrize("name", MEANS)
def test_a_source_is_added_from_left_to_right(name: str) -> None:
    candle = HOURS[["open", "high", "low", "close"]].to_numpy().tolist()
    expected = compute_atc_signals(HOURS["close"], src=[MEANS[name](*bar) for bar in candle])
    for data in (HOURS, pl.from_pandas(HOURS.reset_index()), pa.Table.from_pandas(HOURS)):
        found = atc(data, src=name)
        for output, values in expected.items():
            assert np.array_equal(np.asarray(found[output]), values, equal_nan=True)
    named = HOURS.assign(**{name: HOURS["open"]})
    assert atc(named, src=name).equals(atc(HOURS, src="open"))


def test_a_source_without_its_columns() -> None:
    with pytest.raises(ValueError, match=r"src='high' is not a column; .*src='hl2' is the mean of high, low"):
        atc(HOURS[["close"]], src="hl2")


@pytest.mark.parametrize(
    ("text", "shown"),
    [("1m", "1m"), ("240m", "4h"), ("1440min", "1D"), ("d", "1D"), ("4H", "4h"), ("1M", "1M")],
)
def test_timeframes(text: str, shown: str) -> None:
    assert str(read_timeframe(text)) == shown


@pytest.mark.parametrize("text", ["", "4", "0h", "h4", "36h", "-1h", "4 hours", "1y"])
def test_what_is_no_timeframe(text: str) -> None:
    with pytest.raises(ValueError, match=f"^higher='{text}' is "):
        atc(HOURS, higher=text)


RULES = {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}


@pytest.mark.parametrize("zone", [None, "UTC", "America/New_York", "Asia/Kolkata", "America/Sao_Paulo"])
@pytest.mark.parametrize(("text", "rule"), [("1D", "1D"), ("1W", "W-MON"), ("1M", "MS"), ("3M", "QS")])
def test_bars_are_those_of_pandas(zone: "str | None", text: str, rule: str) -> None:
    rows = candles(4000, "30min", tz="UTC")  # in Kolkata, a row of an hour would have two days
    rows.index = rows.index.tz_localize(None) if zone is None else rows.index.tz_convert(zone)
    expected = rows.resample(rule, closed="left", label="left").agg(RULES)
    found = resample_rows(rows, read_timeframe(text))
    pd.testing.assert_frame_equal(found, expected, check_freq=False)


def test_two_days_are_counted_from_1970() -> None:
    for zone in (None, "America/New_York"):
        rows = candles(480, tz=zone)
        opened = resample_rows(rows, read_timeframe("2D")).index
        assert [str(day)[:10] for day in opened[1:6]] == [f"2024-03-{day:02}" for day in (2, 4, 6, 8, 10)]
        assert set(opened.hour) == {0}


def test_hours_are_counted_from_midnight() -> None:
    rows = candles(24 * 20, tz="America/New_York")  # the clocks are set forward on the tenth day
    found = resample_rows(rows, read_timeframe("7h"))
    days = {str(day): list(times.hour) for day, times in found.groupby(found.index.date).groups.items()}
    assert days["2024-03-05"] == [0, 7, 14, 21]
    assert days["2024-03-10"] == [0, 8, 15, 22]
    later = openings(pd.DatetimeIndex(found.index), read_timeframe("7h"), later=1)
    assert (later[:-1] == found.index[1:]).all()


def test_without_a_trade_there_is_no_bar() -> None:
    rows = HOURS.copy()
    rows.iloc[4:8, rows.columns.get_loc("close")] = np.nan
    rows = rows.drop(rows.index[40:48])
    found = resample_rows(rows, read_timeframe("4h"))
    expected = HOURS.resample("4h").agg(RULES).drop(HOURS.index[[4, 40, 44]])
    pd.testing.assert_frame_equal(found, expected, check_freq=False)


@pytest.mark.parametrize(
    ("text", "match"), [("30m", "is lower than that of the rows"), ("90m", "is not a multiple")]
)
def test_rows_that_do_not_make_bars(text: str, match: str) -> None:
    with pytest.raises(ValueError, match=match):
        atc(HOURS, higher=text)


def replay(rows: pd.DataFrame, text: str, src: "str | None", config: dict[str, Any]) -> "list[float]":
    """What each row knows when it closes: of all rows until then, the bars whose end has come."""
    timeframe, known = read_timeframe(text), []
    step = pd.Series(rows.index).diff().mode()[0]
    for row in range(len(rows)):
        bars = resample_rows(rows.iloc[: row + 1], timeframe)
        ends = openings(pd.DatetimeIndex(bars.index), timeframe, later=1)
        bars = bars[ends <= rows.index[row] + step]
        known.append(np.nan if bars.empty else float(atc(bars, src=src, **config)["Average_Signal"].iloc[-1]))
    return known


@pytest.mark.long
@pytest.mark.parametrize(
    ("text", "freq", "rows", "src"),
    [
        ("4h", "h", 330, "high"),
        ("1W", "D", 400, "hlc3"),
        *(("1D", "12h", 200, src) for src in ("open", None)),
    ],
)
def test_a_row_sees_what_a_replay_knows(text: str, freq: str, rows: int, src: "str | None") -> None:
    lower = candles(rows, freq)
    lower = lower.drop(lower.index[[30, 31, 32, 33, 34, 35, 90]])
    short: dict[str, Any] = dict.fromkeys(LENGTH_FIELDS.values(), 7)
    found = atc(lower, src=src, higher=text, **short)
    known = replay(lower, text, src, short)
    assert np.array_equal(found[f"Average_Signal_{text}"], known, equal_nan=True)
    assert np.nanmax(np.abs(known)) > 0
    assert list(found.columns[:15]) == list(atc(lower, src=src, **short).columns)
    assert found.iloc[:, :15].equals(atc(lower, src=src, **short))


def test_higher_bars_of_several_symbols_in_every_library() -> None:
    two = pd.concat({"A": candles(300), "B": candles(200)}, names=["symbol"]).reset_index()
    mixed = two.sample(frac=1, random_state=1)
    expected = pd.concat([atc(two[two.symbol == name].set_index("date"), higher="4h") for name in "AB"])
    for data in (two, mixed, pl.from_pandas(two), pl.from_pandas(two).lazy(), pa.Table.from_pandas(two)):
        found: Any = atc(data, by="symbol", higher="4h", sort=data is mixed)
        found = found.collect() if isinstance(found, pl.LazyFrame) else found
        found = found.sort_index() if data is mixed else found
        for name in expected:
            assert np.array_equal(np.asarray(found[name]), expected[name], equal_nan=True)
    assert expected["event_4h"].dtype == np.int8


def test_higher_bars_that_cannot_be() -> None:
    with pytest.raises(ValueError, match="higher='4h' needs times: give time="):
        atc(HOURS.reset_index(drop=True), higher="4h")
    with pytest.raises(ValueError, match="leave by, src, higher and append out"):
        atc(HOURS[["close"]].rename(columns={"close": "A"}), close=None, higher="4h")
    bad = HOURS.copy()
    bad.iloc[9, bad.columns.get_loc("close")] = -1.0
    with pytest.raises(PriceError, match="row 9"):
        atc(bad, higher="4h")
    assert "Average_Signal_4h" in atc(HOURS["close"], higher="4h")
