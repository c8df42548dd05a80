"""The ranking rule is a total and stable order; what is stale or missing has its place."""

from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atc_cy import rank, scan
from atc_cy.datasets import load_ecb_fx
from atc_cy.scans.choices import SORT_KEYS
from atc_cy.scans.ranking import too_old

DAYS = pd.date_range("2024-01-01", periods=9)
signals = st.sampled_from([1.0, -1.0, 0.5, -0.5, 0.0, np.nan])
rows = st.tuples(
    signals,
    st.sampled_from([0.25, 1.0, 3.0, np.nan]),
    st.sampled_from([0, 1, 7, None]),
    st.sampled_from([1.0, -1.0, np.nan]),
    st.sampled_from([*DAYS, pd.NaT]),
    st.sampled_from([True, False, None]),
)
tables = st.lists(rows, max_size=12)


def table_of(values: list[Any]) -> pd.DataFrame:
    columns = ["Average_Signal", "mean_equity", "bars_since_event", "direction", "date", "stale"]
    types = {"bars_since_event": "Int64", "stale": "boolean", "date": "datetime64[us]"}
    types |= dict.fromkeys(("Average_Signal", "mean_equity", "direction"), "float64")
    frame = pd.DataFrame(values, columns=columns, dtype=object).astype(types)
    return frame.set_index(pd.Index([f"S{place}" for place in range(len(values))], name="symbol"))


def by_the_rule(row: Any) -> tuple[float, float, float, str]:
    """The rule as a sentence would have it: strongest, then richest, then freshest, then by name."""
    values = (-abs(row.Average_Signal), -row.mean_equity, row.bars_since_event)
    strength, equity, fresh = (np.inf if pd.isna(value) else value for value in values)
    return strength, equity, fresh, row.Index


@settings(deadline=None, derandomize=True)
@given(tables, st.randoms(use_true_random=False))
def test_the_order_is_total(values: list[Any], random: Any) -> None:
    """Whatever the order of the symbols before, it is one order, that of the rule; nothing is lost."""
    table = table_of(values)
    expected = [row.Index for row in sorted(table.itertuples(), key=by_the_rule)]
    shuffled = table.iloc[random.sample(range(len(table)), len(table))]
    ranked = rank(shuffled)
    assert ranked.index.tolist() == expected
    pd.testing.assert_frame_equal(rank(ranked), ranked)
    pd.testing.assert_frame_equal(ranked.sort_index(), table.sort_index())


@settings(deadline=None, derandomize=True)
@given(tables)
def test_rows_that_are_equal_keep_their_order(values: list[Any]) -> None:
    table = table_of(values)
    table.index = pd.Index(["same"] * len(table), name="symbol")
    table["place"] = np.arange(len(table))
    ranked = rank(table)
    equal = ranked.groupby(["Average_Signal", "mean_equity", "bars_since_event"], dropna=False, sort=False)[
        "place"
    ]
    assert all(places.is_monotonic_increasing for _, places in equal) or ranked.empty


@settings(deadline=None, derandomize=True)
@given(tables, st.sampled_from(SORT_KEYS))
def test_a_key_comes_before_the_rule(values: list[Any], key: str) -> None:
    ranked = rank(table_of(values), key)
    column = {
        "strength": -ranked["Average_Signal"].abs(),
        "equity": -ranked["mean_equity"],
        "fresh": ranked["bars_since_event"],
        "symbol": ranked.index.to_series(),
        "signal": -ranked["Average_Signal"],
        "newest": -ranked["date"].astype("int64").where(ranked["date"].notna()),
    }[key]
    missing = column.isna().to_numpy()
    assert not (missing[:-1] & ~missing[1:]).any()
    assert column[~missing].is_monotonic_increasing
    for _, rows in ranked.groupby(column.to_numpy(), dropna=False):
        assert rank(rows).index.tolist() == rows.index.tolist()


@settings(deadline=None, derandomize=True)
@given(tables)
def test_what_is_asked_for_is_what_is_kept(values: list[Any]) -> None:
    table = table_of(values)
    fresh, short, strong, lively = (
        rank(table, **asked).index
        for asked in ({"fresh": 1}, {"direction": "short"}, {"min_signal": 0.5}, {"max_age": "stale"})
    )
    ages = ("2D", "48h", timedelta(days=2), pd.Timedelta("2D"))
    young = [rank(table, max_age=age).index for age in ages]
    for symbol, row in table.iterrows():
        assert (symbol in fresh) == (not pd.isna(row["bars_since_event"]) and row["bars_since_event"] <= 1)
        assert (symbol in short) == (row["direction"] == -1)
        assert (symbol in strong) == (abs(row["Average_Signal"]) >= 0.5)
        assert (symbol in lively) == (pd.isna(row["stale"]) or not row["stale"])
        old = not pd.isna(row["date"]) and table["date"].max() - row["date"] > timedelta(days=2)
        assert [symbol in kept for kept in young] == [not old] * len(ages)
    assert too_old(table, None).sum() == 0


def test_every_library_has_the_same_order() -> None:
    rates = load_ecb_fx()
    rates = rates[rates["date"] >= "2021-01-01"]
    expected = rank(scan(rates, by="symbol", outputs="last"), max_age="stale", sort="fresh")
    assert "RUB" not in expected.index
    of_polars = rank(scan(pl.from_pandas(rates), by="symbol", outputs="last"), max_age="stale", sort="fresh")
    assert isinstance(of_polars, pl.DataFrame)
    of_arrow = rank(
        scan(pa.Table.from_pandas(rates), by="symbol", outputs="last"), ("fresh",), max_age="stale"
    )
    assert isinstance(of_arrow, pa.Table)
    assert expected.index.tolist() == of_polars["symbol"].to_list() == of_arrow["symbol"].to_pylist()


def test_ages_of_zones_are_those_of_instants() -> None:
    noon = pd.Timestamp("2024-06-28 12:00", tz="UTC")
    table = table_of([(1.0, 1.0, 0, 1.0, DAYS[0], False)] * 3)
    hour = timedelta(hours=1)
    dates = [noon, (noon - 3 * hour).tz_convert("Asia/Tokyo"), (noon - hour).tz_localize(None)]
    table["date"] = pd.Series(dates, table.index, dtype=object)
    assert rank(table, "newest").index.tolist() == ["S0", "S2", "S1"]
    assert rank(table, max_age="2h").index.tolist() == ["S0", "S2"]


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"sort": "freshest"}, ValueError, "sort has 'freshest', which is not a key; did you mean 'fresh'"),
        ({"sort": 7}, TypeError, "sort=7 must be a key"),
        ({"sort": [7]}, ValueError, "sort has 7, which is not a key"),
        ({"direction": "up"}, ValueError, "direction='up' must be 'long' or 'short'"),
        ({"direction": []}, ValueError, r"direction=\[\] must be 'long' or 'short'"),
        ({"fresh": -1}, ValueError, "fresh=-1"),
        ({"fresh": 0.5}, TypeError, "fresh=0.5"),
        ({"min_signal": 2}, ValueError, "min_signal=2"),
        ({"min_signal": "x"}, TypeError, "min_signal='x'"),
        ({"max_age": "10"}, ValueError, "max_age='10' is not a length of time: give a number and a unit"),
        ({"max_age": 10}, TypeError, "max_age=10 must be 'stale', a length of time"),
        ({"max_age": timedelta(-1)}, ValueError, "must not be below 0"),
    ],
)
def test_bad_arguments(arguments: dict[str, Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        rank(table_of([(1.0, 1.0, 0, 1.0, DAYS[0], False)]), **arguments)


def test_no_symbols() -> None:
    one = scan(pl.DataFrame({"A": [1.0, 2.0]}), outputs="last")
    for table in (scan({}, outputs="last"), one.clear(), one.to_arrow().slice(0, 0)):
        assert len(rank(table, max_age="stale", fresh=0, direction="long")) == 0
        assert len(rank(table, "newest", max_age="1D")) == 0


def test_another_table() -> None:
    with pytest.raises(ValueError, match=r"not a column.*give what scan\(…, outputs='last'\) returned"):
        rank(pd.DataFrame({"A": [1.0]}))
    with pytest.raises(TypeError, match="table must be"):
        rank([1.0])
    with pytest.raises(TypeError, match="table must be a table"):
        rank(np.ones(3))
