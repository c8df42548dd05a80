"""Charts as TradingView exports them, made from the oracle."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from atc_cy import ATCConfig, events, reference
from atc_cy.config import MOVING_AVERAGES
from atc_cy.files.columns import SOURCES

PLOTS = (
    "Calibration (Main)",
    *(f"Calibration {sign}{step}ρ" for sign in "+-" for step in (1, 2, 3, 4)),
)
TIMES: dict[str, Callable[[pd.DatetimeIndex], Any]] = {
    "ISO": lambda times: times.strftime("%Y-%m-%dT%H:%M:%SZ"),
    "UNIX": lambda times: times.as_unit("s").asi8,
    "ms": lambda times: times.as_unit("ms").asi8,
}


def candles(bars: int, seed: int = 1, start: float = 100.0) -> pd.DataFrame:
    """Hourly candles of a walk, in prices of two decimals."""
    rng = np.random.default_rng(seed)
    close = np.round(start * np.exp(np.cumsum(rng.normal(0, 0.01, bars))), 2)
    frame = pd.DataFrame({"open": np.append(close[:1], close[:-1]), "close": close})
    frame["high"] = np.round(frame.max(axis=1) * (1 + rng.uniform(0, 0.01, bars)), 2)
    frame["low"] = np.round(frame[["open", "close"]].min(axis=1) * (1 - rng.uniform(0, 0.01, bars)), 2)
    return frame[["open", "high", "low", "close"]].set_axis(
        pd.date_range("2024-01-01", periods=bars, freq="h", tz="UTC")
    )


def series_of(frame: pd.DataFrame, source: str) -> NDArray[np.float64]:
    """A source of Pine's, in the law's order of additions."""
    if source in frame:
        return frame[source].to_numpy()
    first, *rest = (frame[name].to_numpy() for name in SOURCES[source])
    total = first
    for each in rest:
        total = total + each
    return np.asarray(total / len(SOURCES[source]))


@cache
def _computed(config: ATCConfig, close: tuple[float, ...], src: tuple[float, ...]) -> dict[str, list[float]]:
    return reference.atc(close, config, src)


def exported(
    frame: pd.DataFrame,
    config: ATCConfig,
    source: str = "close",
    *,
    calibration: str | None = None,
    arrows: bool = False,
    from_output: str = "Average",
) -> pd.DataFrame:
    """The chart's bars and the script's plots, of the whole history."""
    src = series_of(frame, source)
    result = _computed(config, tuple(frame["close"].tolist()), tuple(src.tolist()))
    table = frame.copy()
    if calibration is None:
        for name in MOVING_AVERAGES:
            table[name] = result[name]
    else:
        for plot, suffix in zip(PLOTS, reference.LANE_SUFFIXES, strict=True):
            table[plot] = result[f"{calibration}{suffix}"]
    if arrows:
        outputs = {name: pd.Series(values, frame.index) for name, values in result.items()}
        if config.strategy_mode:
            outputs["Average_Signal"] = outputs["Average_Signal"].shift()
        event = events(outputs, config=config, alert_from=from_output)
        table["Long"], table["Short"] = (event == 1).astype(int), (event == -1).astype(int)
    return table


def write_export(path: Path, table: pd.DataFrame, times: str = "UNIX", decimals: int | None = None) -> Path:
    """Write it as TradingView does; decimals: of the plots, None: as many as a double has."""
    shown = table if decimals is None else table.round(decimals)
    shown = shown.reset_index(names="time")
    shown["time"] = TIMES[times](pd.DatetimeIndex(table.index))
    shown.to_csv(path, index=False)
    return path
