"""Writes the states that this version of the format has: run once for each version, and kept for ever."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from atc_cy import ATCConfig, PanelStream, Stream, dataset
from atc_cy.live import saved

FOLDER = Path(__file__).parent
DATASET = ATCConfig(moving_averages=("EMA", "KAMA"), ema_len=9, kama_len=7)


def table() -> pd.DataFrame:
    """Prices of two symbols; `dataset-v*` has taken those before row 150 of each."""
    dates = pd.date_range("2020-01-01", periods=200, unit="us")
    closes = {name: 100 + np.arange(200) * step % 101 / 8 for name, step in (("A", 37), ("B", 61))}
    frames = [pd.DataFrame({"symbol": name, "date": dates, "close": one}) for name, one in closes.items()]
    return pd.concat(frames, ignore_index=True)


def first_part() -> pd.DataFrame:
    return table()[lambda rows: rows["date"] < rows["date"][150]]


def prices() -> NDArray[np.float64]:
    """Those of `stream-v*` and `panel-v*`, which have taken the first 200.

    They are kept, as NumPy's `exp` has another last bit in another version or on another CPU.
    """
    return np.loadtxt(FOLDER / "prices.txt")


def write(version: int) -> None:
    close = prices()
    config = ATCConfig(cutout=5, La=0.1)
    stream = Stream(config, depth=3)
    stream.extend(close[:200])
    stream.save(FOLDER / f"stream-v{version}")
    panel = PanelStream(["A", 2, "C"], config)
    for price in close[:200]:
        panel.update([price, price, np.nan])
    panel.save(FOLDER / f"panel-v{version}")
    with TemporaryDirectory() as source:
        first_part().to_parquet(Path(source) / "1.parquet", index=False)
        target = FOLDER / f"dataset-v{version}"
        dataset.scan(source, target, DATASET)
        (target / "_lock").unlink()
        shutil.rmtree(FOLDER / "__pycache__", ignore_errors=True)


if __name__ == "__main__":
    write(saved.VERSION)
