"""Makes bars of a higher timeframe of the rows of a feed, and passes closed ones to a watch."""

import math
from collections.abc import Callable
from typing import Any

from ..errors import FeedOrderError
from ..live.resampler import HigherBar, Resampler, UnfitRowsError
from .bars import Bar
from .order import Past, Place
from .sources import joinable, src_of_joined
from .watch import Watch


class Resampled:
    """Takes rows, and passes the bars that they make to a watch.

    A bar that is open when the feed ends is left out. The next run reads the feed from its beginning and
    makes all bars again, so the state of a watch need not have rows.

    Parameters
    ----------
    watch
        Takes the bars.
    make
        Makes the `Resampler` of a symbol.
    zone
        The zone of the bars' days and hours; None for the zone in which the times are written.
    source
        What the averages run on, if the user says so.
    """

    def __init__(
        self, watch: Watch, make: Callable[[], Resampler], zone: str | None = None, source: str | None = None
    ) -> None:
        self._watch, self._make, self._zone, self._source = watch, make, zone, source
        self._symbols: dict[str, tuple[Resampler, Past]] = {}

    def take(self, row: Bar) -> None:
        """Take a row, as `Watch.take` does a bar.

        Raises
        ------
        ValueError
            The row belongs to a bar that has closed.
        PriceError, FeedOrderError
            As from `Watch.take`; the rows do not make bars of the timeframe, or their offsets differ.
        """
        if row.symbol not in self._symbols:
            self._symbols[row.symbol] = self._make(), Past(None)
        resampler, past = self._symbols[row.symbol]
        place, earlier = past.place(row)
        has_close = not math.isnan(row.close)  # the parts of src may be missing in one row of a bar
        if place is Place.BACKWARDS and has_close:
            self._watch.refuse(row, f"a later row, with {earlier}")
        if place is not Place.NEW or not has_close:
            self._watch.skip(row, place, earlier)
            return
        past.add(row)
        try:
            closed = resampler.update(self._time(row), row.close, **joinable(row.parts or {}))
        except UnfitRowsError as error:
            raise FeedOrderError(str(error)) from None
        for bar in closed:
            self._watch.take(self._bar(row, bar))

    def _time(self, row: Bar) -> Any:
        if self._zone is None:
            return row.time
        import pandas as pd

        return pd.Timestamp(row.instant, tz=self._zone)

    def _bar(self, row: Bar, bar: HigherBar) -> Bar:
        """The bar as a feed would have it; its line is that of the row which closed it."""
        src = src_of_joined(self._source, row.parts, bar.values) if row.parts else None
        return Bar(row.symbol, bar.opened.isoformat(), bar.opened.value, bar.close, src, row.line)
