"""`import atc_cy.pandas` gives pandas' Series and DataFrames the accessor `atc`.

>>> frame.join(frame.atc(by="symbol"))  # doctest: +SKIP
"""

from typing import Any

import pandas as pd

from .frames.tables import atc


@pd.api.extensions.register_series_accessor("atc")
@pd.api.extensions.register_dataframe_accessor("atc")
class AtcAccessor:
    """`data.atc(...)` is `atc_cy.atc(data, ...)`."""

    def __init__(self, data: "pd.Series[Any] | pd.DataFrame") -> None:
        self._data = data

    def __call__(self, *arguments: Any, **options: Any) -> pd.DataFrame:
        frame: pd.DataFrame = atc(self._data, *arguments, **options)
        return frame
