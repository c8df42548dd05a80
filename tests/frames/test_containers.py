"""Any frame in, the same kind out, with the numbers of `compute_atc_signals`."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import atc_cy.pandas
import atc_cy.polars
from atc_cy import ATCConfig, PriceError, atc, compute_atc_signals, direction, events

N = 400
RNG = np.random.default_rng(0)
CLOSES = 100 * np.exp(np.cumsum(RNG.normal(0, 0.01, (3, N)), axis=1))
CLOSES[1, 50:60] = np.nan
SRCS = CLOSES * RNG.uniform(0.9, 1.1, (3, N))
DAYS = pd.date_range("2020-01-01", periods=N, tz="Europe/Madrid", name="day")
SYMBOLS = ["BTC", "ETH", "XRP"]
NAMES = [*ATCConfig().output_names, "direction", "event"]


def expected(close: Any, src: Any = None, **parameters: Any) -> dict[str, Any]:
    result = compute_atc_signals(close, src, **parameters)
    return {**result, "direction": direction(result), "event": events(result)}


EXPECTED = [expected(close) for close in CLOSES]


def assert_columns(frame: Any, wanted: dict[str, Any], rows: Any = slice(None), prefix: str = "") -> None:
    for name, values in wanted.items():
        assert np.array_equal(
            np.asarray(frame[f"{prefix}{name}"])[rows], np.asarray(values), equal_nan=True
        ), name


def long_table() -> tuple["pd.DataFrame", "list[np.ndarray[Any, Any]]"]:
    """The rows of three symbols, mixed; and those of each."""
    table = pd.DataFrame(
        {
            "symbol": np.repeat(SYMBOLS, N),
            "day": np.tile(DAYS, 3),
            "close": CLOSES.ravel(),
            "hl2": SRCS.ravel(),
        }
    )
    order = np.argsort(np.concatenate([np.sort(RNG.random(N)) for _ in SYMBOLS]))
    table = table.iloc[order]
    return table, [np.flatnonzero(table["symbol"] == symbol) for symbol in SYMBOLS]


@pytest.mark.parametrize(
    "make",
    [
        np.array,
        lambda close: close[::-1][::-1],
        lambda close: np.repeat(close, 2)[::2],
        pl.Series,
        lambda close: pl.Series("x", close).fill_nan(None),
        lambda close: pa.array(close, from_pandas=True),
        lambda close: pa.chunked_array([close[:100], close[100:]]),
        lambda close: pd.Series(close, DAYS),
        lambda close: pd.Series(close, DAYS, dtype="Float64"),
        lambda close: pd.Series(close, DAYS, dtype="double[pyarrow]"),
    ],
)
def test_one_series(make: Any) -> None:
    for close, wanted in zip(CLOSES, EXPECTED, strict=True):
        close.flags.writeable = False
        data = make(close)
        result = atc(data)
        names = result.column_names if isinstance(result, pa.Table) else getattr(result, "columns", None)
        assert list(result.dtype.names if names is None else names) == NAMES
        assert len(result) == N
        assert_columns(result, wanted)
        if isinstance(data, pd.Series):
            assert isinstance(result, pd.DataFrame)
            assert result.index is data.index
            assert result["event"].dtype == np.int8
    assert {pl.Series: pl.DataFrame, np.ndarray: np.ndarray}.get(type(data), type(result)) is type(result)


def test_numbers_structure_and_src() -> None:
    config = ATCConfig(moving_averages=("EMA", "KAMA"), ema_len=20, long_threshold=0.3)
    result = atc(CLOSES[0], config, src=SRCS[0], La=0.5)
    wanted = compute_atc_signals(CLOSES[0], SRCS[0], moving_averages=["EMA", "KAMA"], ema_len=20, La=0.5)
    assert_columns(result, wanted)
    assert_columns(result, {"direction": direction(wanted, long_threshold=0.3)})
    assert_columns(
        atc(pl.Series(CLOSES[0]), "short", src=pl.Series(SRCS[0])), expected_of("short", CLOSES[0], SRCS[0])
    )


def expected_of(preset: str, close: Any, src: Any) -> dict[str, Any]:
    return dict(atc_cy.compute_atc_signals_specialized(close, preset, src=src))


@pytest.mark.parametrize("single", [False, True])
def test_float32(single: bool) -> None:
    kind = np.float32 if single else np.float64
    for data in (CLOSES[0].astype(kind), pl.Series(CLOSES[0].astype(kind)), pa.array(CLOSES[0].astype(kind))):
        assert np.asarray(atc(data)["EMA_S"]).dtype == kind
        assert_columns(atc(data), compute_atc_signals(CLOSES[0].astype(kind)))


def tables(table: "pd.DataFrame") -> list[Any]:
    categorical = table.assign(symbol=table["symbol"].astype("category"))
    polars = pl.from_pandas(table)
    return [
        table,
        categorical,
        table.convert_dtypes(dtype_backend="pyarrow"),
        table.set_index(["symbol", "day"]),
        table.set_index("day"),
        polars,
        polars.with_columns(pl.col("symbol").cast(pl.Categorical)),
        polars.lazy(),
        pa.Table.from_pandas(table, preserve_index=False),
    ]


@pytest.mark.parametrize("number", range(9))
def test_long_tables(number: int) -> None:
    table, rows = long_table()
    data = tables(table)[number]
    for src, srcs in ((None, [None] * 3), ("hl2", SRCS)):
        result = atc(data, by="symbol", src=src)
        if isinstance(data, pl.LazyFrame):
            assert isinstance(result, pl.LazyFrame)
            schema, result = result.collect_schema(), result.collect()
            assert schema == result.schema
        assert len(result) == 3 * N
        if isinstance(data, pd.DataFrame):
            assert result.index is data.index
        for close, x, one in zip(CLOSES, srcs, rows, strict=True):
            assert_columns(result, expected(close, x), one)


def test_one_symbol_of_a_table() -> None:
    table = pd.DataFrame({"Close": CLOSES[1], "HL2": SRCS[1]}, DAYS)
    for data in (table, pl.from_pandas(table), pa.Table.from_pandas(table), pl.from_pandas(table).lazy()):
        got = atc(data)
        assert_columns(got.collect() if isinstance(got, pl.LazyFrame) else got, EXPECTED[1])
        got = atc(data, src="HL2")
        got = got.collect() if isinstance(got, pl.LazyFrame) else got
        assert_columns(got, expected(CLOSES[1], SRCS[1]))


def test_wide_tables() -> None:
    table = pd.DataFrame(CLOSES.T, DAYS, SYMBOLS)
    result = atc(table, close=None)
    assert result.columns.names == ["symbol", "output"]
    assert result.index.equals(DAYS)
    for symbol, wanted in zip(SYMBOLS, EXPECTED, strict=True):
        assert_columns(result[symbol], wanted)
    polars = pl.from_pandas(table)
    lazy = atc(polars.lazy(), close=None)
    assert lazy.collect_schema() == lazy.collect().schema
    for got in (
        atc(polars, close=None),
        atc(pa.Table.from_pandas(table, preserve_index=False), close=None),
        lazy.collect(),
    ):
        for symbol, wanted in zip(SYMBOLS, EXPECTED, strict=True):
            assert_columns(got, wanted, prefix=f"{symbol}_")


def test_accessors() -> None:
    table, rows = long_table()
    assert_columns(pd.Series(CLOSES[0], DAYS).atc("default", La=0.02), EXPECTED[0])
    joined = table.join(table.atc(by="symbol"))
    polars = pl.from_pandas(table)
    expression = pl.col("close").atc().over("symbol").alias("atc")
    results = [
        joined,
        polars.atc(by="symbol"),
        polars.lazy().atc(by="symbol").collect(),
        polars.select(expression).unnest("atc"),
        polars.lazy().with_columns(expression).collect().unnest("atc"),
        polars.lazy().select(expression.struct.unnest()).collect(),
    ]
    for result in results:
        for one, wanted in zip(rows, EXPECTED, strict=True):
            assert_columns(result, wanted, one)
    with_src = pl.col("close").atc("default", src=pl.col("hl2"), De=1.0).over("symbol").struct["EMA_S"]
    got = polars.select(with_src)["EMA_S"].to_numpy()[rows[2]]
    assert np.array_equal(got, compute_atc_signals(CLOSES[2], SRCS[2], De=1.0)["EMA_S"])


@pytest.mark.parametrize("engine", ["in-memory", "streaming"])
def test_what_comes_later_does_not_reach_inside(engine: Any) -> None:
    lazy = pl.LazyFrame({"close": CLOSES[0], "copy": CLOSES[0]})
    last = EXPECTED[0]["EMA_S"].to_numpy()[-5:]
    with_column = lazy.with_columns(pl.col("close").atc().alias("atc"))
    for query in (
        atc(lazy).tail(5),
        atc(lazy).select("EMA_S").slice(N - 5, 5),
        atc(lazy).with_row_index().filter(pl.col("index") >= N - 5),
        with_column.tail(5).select(pl.col("atc").struct["EMA_S"]),
    ):
        assert np.array_equal(query.collect(engine=engine)["EMA_S"], last)
    some = with_column.filter(pl.col("copy") > 100).collect(engine=engine)["atc"].struct["EMA_S"]
    assert np.array_equal(some, EXPECTED[0]["EMA_S"][CLOSES[0] > 100])


def test_bad_arguments() -> None:
    table, rows = long_table()
    with pytest.raises(ValueError, match=r"close='price' is not a column.*known: close, day.*close=None"):
        atc(table, close="price", by="symbol")
    with pytest.raises(ValueError, match=r"by='symbl' is not a column; did you mean 'symbol'"):
        atc(table, by="symbl")
    with pytest.raises(ValueError, match="by='symbol' is for a table, which ndarray is not"):
        atc(CLOSES[0], by="symbol")
    with pytest.raises(TypeError, match="pandas, polars, pyarrow or NumPy, not list"):
        atc([1.0])
    with pytest.raises(TypeError, match="no parameter 'ema_length'"):
        atc(CLOSES[0], ema_length=3)
    with pytest.raises(TypeError, match="must be numeric"):
        atc(pl.Series(["a"]))
    with pytest.raises(TypeError, match="must be numeric"):
        atc(pa.array(["a"]))
    with pytest.raises(ValueError, match=r"there are 2 columns 'close'"):
        atc(pd.concat([table["close"], table["close"]], axis=1))
    with pytest.raises(ValueError, match="leave by, src, higher and append out"):
        atc(table, close=None, by="symbol")
    with pytest.raises(ValueError, match="the symbol is missing in row 7"):
        atc(
            pl.from_pandas(table)
            .with_row_index()
            .with_columns(symbol=pl.when(pl.col("index") == 7).then(None).otherwise("symbol")),
            by="symbol",
        )
    with pytest.raises(ValueError, match="empty"):
        atc(table[:0], by="symbol")
    row = int(rows[2][30])
    broken = table.reset_index(drop=True)
    broken.loc[row, "close"] = -1.0
    with pytest.raises(PriceError, match=rf"XRP, row {row} of the table: prices has -1.0") as raised:
        atc(broken, by="symbol")
    assert raised.value.row == row
    backwards = table[table["symbol"] != "ETH"].set_index("day")
    with pytest.raises(ValueError, match=r"(BTC|XRP): row \d+ of the table: the rows must increase in time"):
        atc(backwards[::-1], by="symbol")
    with pytest.raises(PriceError, match=r"prices has -1.0 at row 1"):
        atc(np.array([1.0, -1.0]))


def test_only_what_the_caller_brought_is_imported(tmp_path: Path) -> None:
    script = (
        "import sys, numpy as np, atc_cy; atc_cy.atc(np.linspace(1, 2, 50));"
        "print([name for name in ('pandas', 'polars', 'pyarrow') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stdout.strip() == "[]"


def test_prices_are_not_copied() -> None:
    """Of an array, a polars Series and an Arrow array, the kernel reads the memory itself."""
    from atc_cy.frames.tables import adapter_of

    for data in (CLOSES[0], pl.Series(CLOSES[0]), pa.array(CLOSES[0]), pd.Series(CLOSES[0])):
        container = adapter_of(data)
        before = np.asarray(data)
        assert np.shares_memory(np.asarray(container.values(data)), before)
