"""What is drawn of one symbol, in numbers: what its data hold, and what is computed of them, bar by bar."""

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
    """What the data hold, row by row."""

    symbol: str
    labels: "pd.Index[Any] | None"
    prices: Bars | None
    candles: Columns
    """`CANDLE`, or nothing."""
    outputs: Columns


class Line(NamedTuple):
    """A moving average, and the signal of its base lane: 1, -1, or 0 before the first crossing."""

    name: str
    average: Floats
    signal: Floats


class View(NamedTuple):
    """What a chart shows, a value a bar; rows that are no bars are left out."""

    labels: "pd.Index[Any]"
    candles: Columns
    """Open, high, low and close; close alone; or nothing, of signals alone."""
    lines: list[Line]
    outputs: Columns
    value: Floats
    """What colours the bars, and what turns the direction: the average, or a type's signal."""
    direction: Floats
    event: NDArray[np.int8]
    lane_signals: Floats
    """[type, lane, bar]; of signals alone there are no types."""
    lane_equities: Floats
    computed: int
    """How many bars were computed, of which these may be a part."""

    def part(self, seen: NDArray[np.bool_]) -> "View":
        """What it shows of some of its bars."""
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
    """What `data`, `close` and `src` of `chart` hold; refuse several symbols and rows out of order."""
    import pandas as pd

    # Outputs, as compute_atc_signals and, of an array, atc return them.
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
        raise ValueError(f"data has {len(symbols)} symbols: give the rows of one")
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
    """The signals that a table has already."""
    names = [f"{name}_Signal" for name in (*MOVING_AVERAGES, "Average")]
    return {name: as_array(table.column(name), name) for name in names if name in table.names()}


def view(given: Given, config: ATCConfig, calibration: str | None, color_from: str) -> View:
    """The numbers of a chart.

    Raises
    ------
    ValueError
        There is nothing to draw; `calibration` or `color_from` is no type that there is; the outputs among
        the data are not those that this config makes of the prices.
    """
    if given.prices is None and calibration is not None:
        raise ValueError(f"calibration={calibration!r} needs prices, and data has none")
    there = _bars_of(given)
    lines: list[Line] = []
    lanes = np.empty((3, 0, 9, int(there.sum())))
    outputs, candles = given.outputs, given.candles
    if given.prices is not None:
        outputs, lanes = _computed(given, given.prices, config)
        lanes = lanes[..., there].astype(np.float64)
        lines = _lines(lanes, config, calibration)
        candles = {**candles, "close": given.prices.close}
    outputs, candles = columns_of(outputs, there), columns_of(candles, there)
    fill_candles(candles)
    value = _value(outputs, config, color_from)
    direction, event = trend(value, config.long_threshold, config.short_threshold)
    labels = labels_of(given.labels, there)
    return View(labels, candles, lines, outputs, value, direction, event, lanes[1], lanes[2], len(labels))


def _bars_of(given: Given) -> NDArray[np.bool_]:
    """Which rows are bars: those that have a price, or a signal where there are no prices."""
    if given.prices is None:
        there: NDArray[np.bool_] = ~np.isnan(given.outputs["Average_Signal"])
    else:
        there = given.prices.present
    if not there.any():
        raise ValueError("data has nothing to draw: there is no price, or no signal, in any row")
    return there


def labels_of(labels: "pd.Index[Any] | None", there: NDArray[np.bool_]) -> "pd.Index[Any]":
    """What the bars are called; times as clocks show them where they are."""
    import pandas as pd

    used: pd.Index[Any] = (pd.RangeIndex(there.size) if labels is None else labels)[there]
    if isinstance(used, pd.PeriodIndex):
        used = used.to_timestamp()
    return used.tz_localize(None) if isinstance(used, pd.DatetimeIndex) else used


def fill_candles(candles: Columns) -> None:
    """Open, high and low are the close where they are missing."""
    for name in CANDLE:
        if name in candles:
            candles[name] = np.where(np.isnan(candles[name]), candles["close"], candles[name])


def columns_of(columns: Columns, there: NDArray[np.bool_]) -> Columns:
    """The rows that are bars, in the one type that charts take."""
    return {name: values[there].astype(np.float64) for name, values in columns.items()}


def _computed(given: Given, prices: Bars, config: ATCConfig) -> tuple[Columns, NDArray[Any]]:
    """The outputs and the lanes of prices; outputs that are there already must be the same."""
    out, lanes = run_lanes(prices, config)
    if not np.array_equal(given.outputs.get("Average_Signal", out[-1]), out[-1], equal_nan=True):
        raise ValueError(
            "data has prices, and an Average_Signal that this config does not give: "
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
    """What colours bars; a signal that is acted on a bar later is shown a bar later, as the average is."""
    known = [name.removesuffix("_Signal") for name in outputs if name.endswith("_Signal")]
    if not isinstance(color_from, str) or color_from not in (*known, "direction"):
        raise ValueError(
            f"color_from={shown(color_from)} is unknown; {suggestion(color_from, (*known, 'direction'))}"
        )
    if color_from in ("Average", "direction"):
        return outputs["Average_Signal"]
    value = outputs[f"{color_from}_Signal"]
    return of_the_bar_before(value) if config.strategy_mode else value
