"""What is drawn of one symbol: its prices, candles and outputs, row by row."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..config import MOVING_AVERAGES
from ..engine.bars import Bars, as_array, as_bars
from ..engine.direction import check_rows
from ..files.columns import CANDLE, SYMBOL, find_named
from ..frames.adapter import Adapter, Columns
from ..frames.order import rows_in_order, table_times
from ..frames.tables import adapter_of, as_bars_of_rows, src_values
from ..text import shown

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
    candles = _candles(table) if str(column).lower() == "close" else {}
    return Given(str(symbols[0]), labels, prices, candles, outputs)


def _outputs(table: Adapter) -> Columns:
    """The signals that a table has already."""
    names = [f"{name}_Signal" for name in (*MOVING_AVERAGES, "Average")]
    return {name: as_array(table.column(name), name) for name in names if name in table.names()}


def _candles(table: Adapter) -> Columns:
    """Open, high and low; nothing if one of them is missing."""
    found = {name: find_named(table.names(), name) for name in CANDLE}
    if None in found.values():
        return {}
    return {name: as_array(table.column(column), name) for name, column in found.items()}
