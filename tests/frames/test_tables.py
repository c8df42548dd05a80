"""Missing and doubled symbols, prices of every type, and tables that get new columns."""

from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from support.places import ROOT

from atc_cy import PanelStream, atc, chart, compute_atc_signals, scan
from atc_cy.datasets import load_ecb_fx

CLOSE = np.array([1.5, 1.25, 1.75, 1.5])
EXPECTED = compute_atc_signals(CLOSE)["EMA_S"].to_numpy()
DECIMALS = [Decimal(str(price)) for price in CLOSE]


@pytest.mark.parametrize(
    "data",
    [
        pd.Series(DECIMALS),
        pd.Series(DECIMALS, dtype=pd.ArrowDtype(pa.decimal128(9, 2))),
        pd.array(pd.arrays.SparseArray(CLOSE)),
        pd.Series(pd.arrays.SparseArray(CLOSE)),
        pl.Series(DECIMALS),
        pa.array(DECIMALS),
        pd.Series(CLOSE, dtype=object),
    ],
    ids=lambda data: type(data).__module__.partition(".")[0] + " " + str(getattr(data, "dtype", "")),
)
def test_prices_of_every_type(data: Any) -> None:
    assert np.array_equal(np.asarray(atc(data)["EMA_S"]), EXPECTED)


def test_a_price_that_is_none() -> None:
    with_none = compute_atc_signals([1.5, None, 1.25, 1.75, 1.5])["EMA_S"]
    assert np.array_equal(with_none.dropna(), EXPECTED)
    assert np.isnan(with_none[1])
    for wrong in (None, "1.5", [1.5, "1.5"], ["null"]):
        with pytest.raises(TypeError, match="prices must be numeric"):
            compute_atc_signals(wrong)  # type: ignore[arg-type]


def test_src_as_values() -> None:
    frame = pd.DataFrame({"close": CLOSE, "other": CLOSE[::-1]}, list("abcd"))
    expected = atc(frame, src="other")
    assert atc(frame, src=frame["other"]).equals(expected)
    assert atc(frame, src=CLOSE[::-1]).equals(expected)
    assert atc(pl.DataFrame({"close": CLOSE}), src=pl.Series(CLOSE[::-1]))["EMA_S"].to_list() == list(
        expected["EMA_S"]
    )
    for other in (frame["other"][::-1], frame["other"][:-1]):
        with pytest.raises(ValueError, match="src has another index than data"):
            atc(frame, src=other)
    with pytest.raises(ValueError, match=r"src has an index, and data has none.*src.to_numpy\(\)"):
        atc(pl.DataFrame({"close": CLOSE}), src=frame["other"])


def test_src_as_values_at_the_same_times() -> None:
    """In another unit, or as another clock shows them."""
    days = pd.date_range("2024-01-01", periods=CLOSE.size, tz="UTC").as_unit("us")
    frame = pd.DataFrame({"close": CLOSE, "other": CLOSE[::-1]}, days)
    for same in (days.as_unit("ns"), days.tz_convert("Europe/Berlin")):
        assert atc(frame, src=frame["other"].set_axis(same)).equals(atc(frame, src="other"))


def test_new_columns_in_the_table() -> None:
    rates = load_ecb_fx()
    signals = atc(rates, by="symbol")
    dated = atc(rates.set_index("date"), by="symbol", append=True)
    assert len(dated) == len(rates)
    assert list(dated.columns) == ["symbol", "close", *signals.columns]
    assert np.array_equal(dated["EMA_S"], signals["EMA_S"])
    for table in (pl.from_pandas(rates), pl.from_pandas(rates).lazy(), pa.Table.from_pandas(rates)):
        got = atc(table, by="symbol", append=True)
        got = got.collect() if isinstance(got, pl.LazyFrame) else got
        assert np.array_equal(np.asarray(got["EMA_S"]), signals["EMA_S"])
        assert list(got.schema.names() if hasattr(got.schema, "keys") else got.schema.names) == [
            *rates.columns,
            *signals.columns,
        ]
    rates.attrs["source"] = "ECB"
    assert atc(rates, by="symbol", append=True).attrs["source"] == "ECB"
    with pytest.raises(ValueError, match="data has a column 'EMA_Signal' already"):
        atc(dated, by="symbol", append=True)
    with pytest.raises(ValueError, match="append=True is for a table"):
        atc(rates["close"].head(), append=True)


def test_symbols_are_compared_by_value() -> None:
    twice = pa.DictionaryArray.from_arrays(pa.array([0, 1, 0, 1]), pa.array(["A", "A"]))
    table = pa.table({"symbol": twice, "close": CLOSE})
    for data in (table, table.to_pandas(types_mapper=pd.ArrowDtype)):
        assert np.array_equal(np.asarray(atc(data, by="symbol")["EMA_S"]), EXPECTED)


def test_a_dictionary_with_values_that_no_row_has() -> None:
    table = pa.table({"symbol": pa.array(["A", "B", "A"]).dictionary_encode(), "close": CLOSE[:3]})
    filtered = table.filter(pa.array([True, False, True]))
    assert atc(filtered, by="symbol").num_rows == 2
    assert chart(filtered) is not None
    twice = pa.DictionaryArray.from_arrays(pa.array([0, 1, 0, 1]), pa.array(["A", "A"]))
    assert atc(pa.table({"symbol": twice, "close": CLOSE})).num_rows == 4


@pytest.mark.parametrize("name", [None, np.nan, " "])
def test_a_symbol_of_a_wide_table_that_is_missing(name: Any) -> None:
    with pytest.raises(ValueError, match="data: the symbol at place 1 is missing"):
        atc(pd.DataFrame({"A": CLOSE, name: CLOSE}), close=None)


@pytest.mark.parametrize(
    ("src", "error", "match"),
    [
        ("hl", TypeError, "src='hl' is not a column, since data is not a table"),
        (5.0, TypeError, "src must be a Series, .* not float"),
        (pl.col("close"), TypeError, "src must be a Series, .* not Expr"),
    ],
)
def test_a_src_that_is_none(src: Any, error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        atc(pd.Series(CLOSE), src=src)


@pytest.mark.parametrize("missing", [None, "", " "])
def test_a_missing_symbol(missing: Any) -> None:
    names = ["A", missing, "A", "A"]
    coded = pa.DictionaryArray.from_arrays(pa.array([0, 1, 0, 0]), pa.array(["A", missing]))
    for data in (
        pd.DataFrame({"symbol": names, "close": CLOSE}),
        pl.DataFrame({"symbol": names, "close": CLOSE}),
        pa.table({"symbol": names, "close": CLOSE}),
        pa.table({"symbol": coded, "close": CLOSE}),
        pa.table({"symbol": coded, "close": CLOSE}).to_pandas(types_mapper=pd.ArrowDtype),
    ):
        with pytest.raises(ValueError, match="the symbol is missing in row 1 of the table"):
            atc(data, by="symbol")
    with pytest.raises(ValueError, match="the symbol at place 1 is missing"):
        PanelStream(["A", missing])


def test_a_doubled_symbol() -> None:
    panel = PanelStream(["A", "B"])
    with pytest.raises(ValueError, match="prices: symbol 'A' occurs twice, at places 0 and 1"):
        panel.update(pd.Series([1.0, 2.0], ["A", "A"]))
    assert panel.bars.tolist() == [0, 0]
    with pytest.raises(ValueError, match="data: symbol 'A' occurs twice"):
        scan(pd.DataFrame(np.ones((3, 2)), columns=["A", "A"]))


def test_a_symbol_without_prices_is_one_failure() -> None:
    failures: dict[Any, Any] = {}
    data = {
        "good": CLOSE,
        "empty": [],
        "none": None,
        "text": "1.5",
        "texts": ["a"],
        "date": pd.Series([1.0, 2.0], pd.DatetimeIndex(["2020-01-02", "2020-01-01"])),
    }
    result = scan(data, failures=failures)
    assert np.array_equal(result["good"]["EMA_S"], EXPECTED)
    assert set(failures) == {"empty", "none", "text", "texts", "date"}
    assert {error.row for error in failures.values()} == {-1}
    assert result["date"].isna().all(axis=None)
    last = scan(data, outputs="last", failures={})
    assert last.notna().any(axis=1).tolist() == [True, False, False, False, False, False]
    with pytest.raises(TypeError, match="none: prices must be numeric, not None"):
        scan({"good": CLOSE, "none": None})


def test_expressions_of_polars_run_by_group(monkeypatch: pytest.MonkeyPatch) -> None:
    """`map_batches` gives all groups as one in polars before 1.32.3: it is not used, whatever the version."""
    import atc_cy.polars  # noqa: F401

    monkeypatch.delattr(pl, "map_batches")
    frame = pl.DataFrame({"symbol": ["A"] * 4 + ["B"] * 4, "close": [*CLOSE, *CLOSE]})
    over = frame.with_columns(pl.col("close").atc().over("symbol").alias("atc")).unnest("atc")  # type: ignore[attr-defined]
    grouped = frame.group_by("symbol", maintain_order=True).agg(pl.col("close").atc().alias("atc"))  # type: ignore[attr-defined]
    for table in (over, grouped.explode("atc").unnest("atc")):
        assert np.array_equal(table["EMA_S"], [*EXPECTED, *EXPECTED])


def test_the_floor_of_polars() -> None:
    assert '"polars>=1.32.3"' in (ROOT / "pyproject.toml").read_text()
