"""The numbers that a chart of one symbol shows, bar by bar: those of its data, and computed ones."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..config import MOVING_AVERAGES, ATCConfig
from ..engine.bars import Bars, as_array, as_bars
from ..engine.crossing import of_the_bar_before, trend
from ..engine.direction import check_rows
from ..files.columns import CANDLE, SYMBOL, find_named
from ..frames.adapter import Adapter, Columns
from ..frames.layout import candles_of
from ..frames.order import rows_in_order, table_times
from ..frames.tables import adapter_of, as_bars_of_rows, src_values
from ..lanes import column_of, lane_labels, run_lanes
from ..text import shown, suggestion
from .packing import Floats

if TYPE_CHECKING:
    import pandas as pd


class Given(NamedTuple):
    """The content of the data, row by row."""

    symbol: str
    labels: "pd.Index[Any] | None"
    prices: Bars | None
    candles: Columns
    """The columns of `CANDLE`, or nothing."""
    outputs: Columns


class Line(NamedTuple):
    """A moving average, and the signal of its base lane: 1, -1, or 0 before the first crossing."""

    name: str
    average: Floats
    signal: Floats


class View(NamedTuple):
    """What a chart shows, one value per bar; rows that are not bars are left out."""

    labels: "pd.Index[Any]"
    candles: Columns
    """Open, high, low and close; only close; or nothing, if the data are signals without prices."""
    lines: list[Line]
    outputs: Columns
    value: Floats
    """The value that colours the bars and turns the direction: the average, or a type's signal."""
    direction: Floats
    event: NDArray[np.int8]
    lane_signals: Floats
    """An array [type, lane, bar]; it has no types if the data are signals without prices."""
    lane_equities: Floats
    computed: int
    """How many bars were computed; the view may have only some of them."""

    def part(self, seen: NDArray[np.bool_]) -> "View":
        """The view of some of the bars."""
        return View(
            self.labels[seen],
            columns_of(self.candles, seen),
            [Line(name, average[seen], signal[seen]) for name, average, signal in self.lines],
            columns_of(self.outputs, seen),
            self.value[seen],
            self.direction[seen],
            self.event[seen],
            self.lane_signals[..., seen],
            self.lane_equities[..., seen],
            self.computed,
        )


def read(data: Any, close: str, src: Any) -> Given:
    """Read `data`, `close` and `src` of `chart`; refuse several symbols and rows out of order."""
    import pandas as pd

    # A mapping or a structured array of outputs, as compute_atc_signals and atc return them.
    if isinstance(data, Mapping):
        for name, values in data.items():
            if isinstance(values, str) or not isinstance(values, Iterable):
                raise TypeError(
                    f"data[{name!r}]={shown(values)} must be a series: give what compute_atc_signals returned"
                )
        data = pd.DataFrame(dict(data))
    elif isinstance(data, np.ndarray) and data.dtype.names:
        data = pd.DataFrame(data)
    table = adapter_of(data)
    labels = data.index if isinstance(data, pd.Series | pd.DataFrame) else None
    if not table.table:
        name = getattr(data, "name", None)
        prices = as_bars(table.values(data), None if src is None else table.values(src))
        return Given("" if name in (None, close) else str(name), labels, prices, {}, {})
    column = find_named(table.names(), SYMBOL)
    symbols = [""] if column is None else table.symbols([column])[1]
    if len(symbols) != 1:
        raise ValueError(f"data has {len(symbols)} symbols: give the rows of one symbol")
    table.check_index()
    times = table_times(table)
    rows_in_order(times, None, sort=False)
    if times is not None and not isinstance(labels, pd.DatetimeIndex | pd.PeriodIndex):
        labels = times
    outputs = _outputs(table)
    if isinstance(data, pd.DataFrame) and "Average_Signal" in outputs:
        check_rows(data)
    if "Average_Signal" in outputs and find_named(table.names(), str(close)) is None:
        return Given(str(symbols[0]), labels, None, {}, outputs)
    column = table.find("close", close)
    closes = table.column(column)
    prices = as_bars_of_rows(closes, src_values(table, src, closes))._replace(labels=labels)
    return Given(str(symbols[0]), labels, prices, candles_of(table, column), outputs)


def _outputs(table: Adapter) -> Columns:
    """The signals that a table has."""
    names = [f"{name}_Signal" for name in (*MOVING_AVERAGES, "Average")]
    return {name: as_array(table.column(name), name) for name in names if name in table.names()}


def view(given: Given, config: ATCConfig, calibration: str | None, color_from: str) -> View:
    """The numbers of a chart.

    Raises
    ------
    ValueError
        There is nothing to draw; `calibration` or `color_from` is not a type of the config; or the outputs in
        the data differ from those that this config computes.
    """
    if given.prices is None and calibration is not None:
        raise ValueError(f"calibration={calibration!r} needs prices, but data has none: give prices too")
    present = _bars_of(given)
    lines: list[Line] = []
    lanes = np.empty((3, 0, 9, int(present.sum())))
    outputs, candles = given.outputs, given.candles
    if given.prices is not None:
        outputs, lanes = _computed(given, given.prices, config)
        lanes = lanes[..., present].astype(np.float64)
        lines = _lines(lanes, config, calibration)
        candles = {**candles, "close": given.prices.close}
    outputs, candles = columns_of(outputs, present), columns_of(candles, present)
    fill_candles(candles)
    value = _value(outputs, config, color_from)
    direction, event = trend(value, config.long_threshold, config.short_threshold)
    labels = labels_of(given.labels, present)
    return View(labels, candles, lines, outputs, value, direction, event, lanes[1], lanes[2], len(labels))


def _bars_of(given: Given) -> NDArray[np.bool_]:
    """Whether each row is a bar: it has a price, or a signal if the data have no prices."""
    if given.prices is None:
        present: NDArray[np.bool_] = ~np.isnan(given.outputs["Average_Signal"])
    else:
        present = given.prices.present
    if not present.any():
        raise ValueError("data has nothing to draw: no row has a price, or a signal")
    return present


def labels_of(labels: "pd.Index[Any] | None", present: NDArray[np.bool_]) -> "pd.Index[Any]":
    """The labels of the bars; times are those that clocks in their zone show."""
    import pandas as pd

    used: pd.Index[Any] = (pd.RangeIndex(present.size) if labels is None else labels)[present]
    if isinstance(used, pd.PeriodIndex):
        used = used.to_timestamp()
    return used.tz_localize(None) if isinstance(used, pd.DatetimeIndex) else used


def fill_candles(candles: Columns) -> None:
    """Replace a missing open, high or low by the close."""
    for name in CANDLE:
        if name in candles:
            candles[name] = np.where(np.isnan(candles[name]), candles["close"], candles[name])


def columns_of(columns: Columns, present: NDArray[np.bool_]) -> Columns:
    """The rows that are bars, in the one type that charts take."""
    return {name: values[present].astype(np.float64) for name, values in columns.items()}


def _computed(given: Given, prices: Bars, config: ATCConfig) -> tuple[Columns, NDArray[Any]]:
    """The outputs and the lanes of prices; outputs that the data have must be the same."""
    out, lanes = run_lanes(prices, config)
    if not np.array_equal(given.outputs.get("Average_Signal", out[-1]), out[-1], equal_nan=True):
        raise ValueError(
            "data has an Average_Signal that differs from what this config gives for its prices: "
            "give the config and the fields that it was computed with, or leave the column out"
        )
    return dict(zip(config.output_names, out, strict=True)), lanes


def _lines(lanes: Floats, config: ATCConfig, calibration: str | None) -> list[Line]:
    """Each type's lane of the base length; or the nine lanes of one type."""
    if calibration is None:
        names, (averages, signals, _) = [str(name) for name in config.moving_averages], lanes[:, :, 0]
    else:
        names = lane_labels(config)
        averages, signals, _ = lanes[:, column_of("calibration", calibration, config)]
    return [Line(*line) for line in zip(names, averages, signals, strict=True)]


def _value(outputs: Columns, config: ATCConfig, color_from: str) -> Floats:
    """The value that colours bars; strategy mode delays a type's signal by one bar, like the average."""
    known = [name.removesuffix("_Signal") for name in outputs if name.endswith("_Signal")]
    if not isinstance(color_from, str) or color_from not in (*known, "direction"):
        raise ValueError(
            f"color_from={shown(color_from)} is unknown; {suggestion(color_from, (*known, 'direction'))}"
        )
    if color_from in ("Average", "direction"):
        return outputs["Average_Signal"]
    value = outputs[f"{color_from}_Signal"]
    return of_the_bar_before(value) if config.strategy_mode else value
