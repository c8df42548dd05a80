"""`import atc_cy.pandas` gives pandas' Series and DataFrames the accessor `atc`.

>>> frame.join(frame.atc(by="symbol"))  # doctest: +SKIP
"""

from typing import Any

import pandas as pd

from .frames.tables import atc


@pd.api.extensions.register_series_accessor("atc")
@pd.api.extensions.register_dataframe_accessor("atc")
class AtcAccessor:
    """`data.atc(...)` is `atc_cy.atc(data, ...)`, for a Series or a DataFrame.

    Arguments, result and errors are those of `atc_cy.atc`.

    See Also
    --------
    atc_cy.atc : The function, with all arguments.

    Examples
    --------
    >>> import atc_cy.pandas
    >>> stocks = atc_cy.datasets.load_stocks()
    >>> joined = stocks.join(stocks.atc(by="symbol", La=0.05))
    >>> joined.groupby("symbol")["direction"].last().to_dict()
    {'AAPL': -1.0, 'FB': -1.0, 'GOOG': 1.0, 'IBM': 1.0, 'MSFT': 1.0}
    """

    def __init__(self, data: "pd.Series[Any] | pd.DataFrame") -> None:
        self._data = data

    def __call__(self, *arguments: Any, **options: Any) -> pd.DataFrame:
        frame: pd.DataFrame = atc(self._data, *arguments, **options)
        return frame
