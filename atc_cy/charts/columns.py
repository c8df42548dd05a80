"""The columns of numbers for a page, with as many digits as it shows."""

from typing import TYPE_CHECKING, Any

import numpy as np

from .data import View
from .packing import Column, decimals

if TYPE_CHECKING:
    import pandas as pd


def times_of(labels: "pd.Index[Any]") -> tuple[dict[str, Any], list[Column]]:
    """The labels of bars: the unit of a column of times or numbers and the column, or texts."""
    import pandas as pd

    if isinstance(labels, pd.DatetimeIndex):
        seconds = labels.to_numpy("datetime64[s]").astype(np.int64)
        unit = next(unit for unit in (86_400, 3_600, 60, 1) if not (seconds % unit).any())
        return {"unit": unit}, [Column("time", seconds // unit)]
    if pd.api.types.is_integer_dtype(labels.dtype):
        return {"unit": 0}, [Column("time", labels.to_numpy(np.int64))]
    return {"texts": [str(label) for label in labels]}, []


def bar_columns(view: View) -> list[Column]:
    """The value that colours the bars, direction and event, the outputs, and the prices if there are any."""
    columns = [
        Column("value", view.value, 2),
        Column("direction", view.direction),
        Column("event", view.event),
    ]
    for name, values in view.outputs.items():
        columns.append(Column(name, values, 2 if name.endswith("_Signal") else 3))
    if view.candles:
        digits = decimals(view.candles["close"])
        columns += [Column(name, values, digits) for name, values in view.candles.items()]
    return columns
