"""What the tests of datasets share: prices in every layout, and what a run over them must give."""

import importlib
import sys
from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from atc_cy import compute_atc_signals, direction, events

KEY = ["symbol", "date"]


def prices(symbols: int = 11, bars: int = 420, seed: int = 0) -> pd.DataFrame:
    """A long table; the symbols differ in length, and one has gaps."""
    rng, frames = np.random.default_rng(seed), []
    for number in range(symbols):
        size = bars if number % 3 else bars - 9 * number
        close = 100 * np.exp(np.cumsum(rng.normal(0, 0.02, size)))
        if number == 4:
            close[50:60] = np.nan
        dates = pd.date_range("2020-01-01", periods=size, freq="h", unit="us")
        frames.append(pd.DataFrame({"symbol": f"S{number:02d}", "date": dates, "close": close}))
    return pd.concat(frames, ignore_index=True)


PRICES = prices()


def expected(frame: pd.DataFrame, src: str | None = None, **parameters: Any) -> pd.DataFrame:
    """What one call per symbol gives."""
    frames = []
    for _, one in frame.groupby("symbol"):
        result = compute_atc_signals(one["close"], None if src is None else one[src], **parameters)
        limits = {
            name: parameters[name] for name in ("long_threshold", "short_threshold") if name in parameters
        }
        trend = {"direction": direction(result, **limits), "event": events(result, **limits)}
        frames.append(pd.concat([one[KEY], pd.DataFrame({**result, **trend})], axis=1))
    return pd.concat(frames).sort_values(KEY, ignore_index=True)


def written(destination: Path, key: list[str] | None = None) -> pd.DataFrame:
    """The output; its parts one after the other if `key` is empty."""
    table = pq.ParquetDataset(destination).read().to_pandas().astype({"symbol": str})
    key = KEY if key is None else key
    return table.sort_values(key, ignore_index=True) if key else table


def assert_equal(destination: Path, wanted: pd.DataFrame) -> None:
    found = written(destination)
    assert list(found) == list(wanted)
    for name in wanted:
        both = found[name].to_numpy(), wanted[name].to_numpy()
        assert np.array_equal(*both, equal_nan=name not in KEY), name


def write(path: Path, frame: pd.DataFrame, rows: int = 300, **options: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    table = pa.Table.from_pandas(frame, preserve_index=False)
    pq.write_table(table, path, row_group_size=rows, **options)
    return path


def long(folder: Path, frame: pd.DataFrame) -> None:
    """By symbol, then time; cut into files anywhere."""
    for first in range(0, len(frame), 1_000):
        write(folder / f"{first:06d}.parquet", frame[first : first + 1_000])


def days(folder: Path, frame: pd.DataFrame) -> None:
    for day, one in frame.groupby(frame["date"].dt.floor("3D")):
        write(folder / f"{day:%Y-%m-%d}.parquet", one)


def mixed(folder: Path, frame: pd.DataFrame) -> None:
    """By time, then symbol; the symbols as a category."""
    write(folder / "all.parquet", frame.sort_values(["date", "symbol"]).astype({"symbol": "category"}))


def hive(folder: Path, frame: pd.DataFrame) -> None:
    for (symbol, month), one in frame.groupby(["symbol", frame["date"].dt.month]):
        path = folder / f"symbol={symbol}" / f"{month}.parquet"
        write(path, one.drop(columns="symbol"))


def single(folder: Path, frame: pd.DataFrame) -> None:
    for symbol, one in frame.groupby("symbol"):
        write(folder / f"{symbol}.parquet", one.drop(columns="symbol"))


def text(folder: Path, frame: pd.DataFrame) -> None:
    folder.mkdir()
    for number, (symbol, one) in enumerate(frame.groupby("symbol")):
        if number % 2:
            one.drop(columns="symbol").to_csv(folder / f"{symbol}.csv", index=False)
        else:
            one.drop(columns="symbol").to_feather(folder / f"{symbol}.feather")


LAYOUTS = [long, days, mixed, hive, single, text]

SMALL = {"atc_cy.dataset.step": ("ROWS_OF_STEP", 350), "atc_cy.dataset.plan": ("ROWS_OF_RANGE", 1_200)}
"""Many ranges and many steps from few rows: the module that has each number, its name, and the number."""


def make_small(change: Callable[[Any, str, int], object] = setattr) -> None:
    """Cut what follows in this process into many ranges and steps."""
    for module, (name, rows) in SMALL.items():
        change(importlib.import_module(module), name, rows)


class Inline(Executor):
    """Runs a step when it is handed in; only the first few, if so many are given."""

    def __init__(self, steps: int = sys.maxsize) -> None:
        self.left = steps

    def submit(self, run: Callable[..., Any], /, *arguments: Any, **_: Any) -> "Future[Any]":
        if not self.left:
            raise InterruptedError
        self.left -= 1
        future: Future[Any] = Future()
        future.set_result(run(*arguments))
        return future
