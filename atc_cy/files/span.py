"""Which bars are made of a symbol's rows: from a first one on, of a higher timeframe, or only closed ones."""

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .bounds import Bound
from .resample import check_divides, resample_rows
from .time_columns import nanoseconds
from .timeframes import Timeframe, closings, common_step, is_of_days, openings, row_ends

if TYPE_CHECKING:
    import pandas as pd


class Span(NamedTuple):
    """The bars to make of the rows of a symbol. The fields apply in this order."""

    first_bar: Bound | None = None
    """Rows before this time are left out: equities begin with the first bar."""
    timeframe: Timeframe | None = None
    """The timeframe of the bars; None if the rows are the bars."""
    origin: timedelta = timedelta(0)
    """How long after midnight a day begins, for `timeframe`."""
    closed_at: int | None = None
    """Bars that close later are left out, in nanoseconds since 1970."""
    step: Timeframe | None = None
    """The length of a row, for `closed_at`; None for the commonest time between two rows."""
    until: Bound | None = None
    """Later rows are left out of the bars of `timeframe`, which are as they were at this time."""
    since: Bound | None = None
    """The first bar to show; earlier ones are computed too."""

    def needs_clock(self, times: "pd.DatetimeIndex", codes: NDArray[np.intp]) -> bool:
        """Whether days, or bounds without an offset, depend on the clock of the rows, which must be one then.

        times: the times of the rows. codes: the number of each row's symbol.
        """
        bounds = (self.first_bar, self.since, self.until)
        if self.timeframe is not None or any(bound is not None and bound.needs_zone for bound in bounds):
            return True
        if self.closed_at is None:
            return False
        if self.step is not None:
            return self.step.seconds is None
        symbols = np.split(np.argsort(codes, kind="stable"), np.cumsum(np.bincount(codes))[:-1])
        return any(is_of_days(common_step(times.take(rows))) for rows in symbols)

    def bars(self, rows: "pd.DataFrame", price: str) -> "pd.DataFrame":
        """Make the bars of one symbol's rows.

        rows: on a DatetimeIndex that increases. price: the column of prices.

        Raises
        ------
        ValueError
            No row is left, or the timeframe's bars cannot be made of the rows.
        """
        import pandas as pd

        if self.first_bar is not None:
            times = pd.DatetimeIndex(rows.index)
            kept = rows[nanoseconds(times) >= self.first_bar.first(times)]
            if kept.empty and len(rows):
                raise ValueError(
                    f"no row is left from --first-bar on, the last one is of {rows.index[-1]}: give an "
                    "earlier time"
                )
            rows = kept
        step = common_step(pd.DatetimeIndex(rows.index))
        if self.timeframe is not None:
            check_divides(pd.DatetimeIndex(rows.index), self.timeframe, self.origin)
            rows, closed_at = self._until(rows)
            rows = resample_rows(rows, self.timeframe, price, self.origin)
        else:
            closed_at = self.closed_at
        if closed_at is not None and len(rows):
            rows = rows[nanoseconds(self._closings(pd.DatetimeIndex(rows.index), step)) <= closed_at]
            if rows.empty:
                raise ValueError("no bar has closed yet: wait, or leave out --closed-only")
        return rows

    def _until(self, rows: "pd.DataFrame") -> "tuple[pd.DataFrame, int | None]":
        """The rows up to `until`, and the time by which bars must have closed, if any."""
        import pandas as pd

        times = pd.DatetimeIndex(rows.index)
        if self.until is None:
            return rows, self.closed_at
        count = int((nanoseconds(times) <= self.until.last(times)).sum())
        if self.closed_at is None or count in (0, len(rows)):
            return rows[:count], self.closed_at
        return rows[:count], min(self.closed_at, int(nanoseconds(row_ends(times)[count - 1 : count])[0]))

    def _closings(self, opened: "pd.DatetimeIndex", step: "pd.Timedelta | None") -> "pd.DatetimeIndex":
        if self.timeframe is not None:
            return openings(opened, self.timeframe, self.origin, later=1)
        length = self.step or step
        return opened if length is None else closings(opened, length)
