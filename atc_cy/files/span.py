"""Which bars are computed of a symbol's rows: from a first one on, of a higher timeframe, or closed ones."""

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from .resample import resample_rows
from .timeframes import Timeframe, closings, common_step, openings

if TYPE_CHECKING:
    import pandas as pd


class Span(NamedTuple):
    """What is made of the rows of a symbol, in this order."""

    first_bar: int | None = None
    """Rows before this time are left out, in nanoseconds since 1970: equities begin with the first bar."""
    timeframe: Timeframe | None = None
    """The bars to make; None: the rows are bars."""
    origin: timedelta = timedelta(0)
    """How long after midnight a day begins, for `timeframe`."""
    closed_at: int | None = None
    """A bar that closes later is left out, in nanoseconds since 1970."""
    step: Timeframe | None = None
    """How long a row is, for `closed_at`; None: the commonest time between two rows."""

    def bars(self, rows: "pd.DataFrame", price: str) -> "pd.DataFrame":
        """The bars that are computed.

        rows: on a DatetimeIndex that increases. price: the column of prices.

        Raises
        ------
        ValueError
            No row is left, or the rows do not make bars of the timeframe.
        """
        import pandas as pd

        if self.first_bar is not None:
            kept = rows[_nanoseconds(pd.DatetimeIndex(rows.index)) >= self.first_bar]
            if kept.empty and len(rows):
                raise ValueError(f"the last row is of {rows.index[-1]}: there is none from --first-bar on")
            rows = kept
        step = common_step(pd.DatetimeIndex(rows.index))
        if self.timeframe is not None:
            rows = resample_rows(rows, self.timeframe, price, self.origin)
        if self.closed_at is not None:
            rows = rows[_nanoseconds(self._closings(pd.DatetimeIndex(rows.index), step)) <= self.closed_at]
            if rows.empty:
                raise ValueError("no bar has closed yet")
        return rows

    def _closings(self, opened: "pd.DatetimeIndex", step: "pd.Timedelta | None") -> "pd.DatetimeIndex":
        made = self.timeframe or self.step
        if made is not None:
            return openings(opened, made, self.origin, later=1)
        return opened if step is None else closings(opened, step)


def _nanoseconds(times: "pd.DatetimeIndex") -> "pd.Index[int]":
    import pandas as pd

    return pd.Index(times.as_unit("us").asi8) * 1_000
