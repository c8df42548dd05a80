"""The first or the last time of rows, as a user gives it: in the zone of the rows; a date means all day."""

from datetime import UTC
from typing import TYPE_CHECKING, Any, NamedTuple

from .times import DAY, Moment, date_orders, is_date, is_no_date, read_time

if TYPE_CHECKING:
    import pandas as pd


class Bound(NamedTuple):
    """The first or the last time of rows."""

    moment: Moment
    is_date: bool
    """Whether it is a day, without a time of day."""

    @property
    def needs_zone(self) -> bool:
        """Whether the bound is in the zone of the rows, because it has no offset."""
        return self.moment.offset is None and not self.moment.epoch

    def first(self, times: "pd.DatetimeIndex") -> int:
        """The first instant that the bound lets in, in nanoseconds since 1970.

        times: of the rows, in their zone.
        """
        return self._instant(times, self.moment.instant, later=False)

    def last(self, times: "pd.DatetimeIndex") -> int:
        """The last instant that the bound lets in; of a date, the last one of that day."""
        if not self.is_date:
            return self._instant(times, self.moment.instant, later=True)
        return self._instant(times, self.moment.instant + DAY, later=False) - 1

    def _instant(self, times: "pd.DatetimeIndex", written: int, *, later: bool) -> int:
        """The bound's instant.

        later: which of two instants is meant where clocks show the time twice or, when set forward, never.
        """
        import pandas as pd

        if times.tz is None or times.tz is UTC or not self.needs_zone:
            return written
        wall = pd.Timestamp(written // 1_000, unit="us")
        shifted: Any = wall.tz_localize(
            times.tz, ambiguous=not later, nonexistent="shift_backward" if later else "shift_forward"
        )
        return int(shifted.as_unit("us").asm8.astype("int64")) * 1_000 + written % 1_000


def read_bound(text: str) -> Bound:
    """Read a bound as a user writes it.

    Raises
    ------
    ValueError
        The text is not a time.

    Examples
    --------
    >>> read_bound("2024-03-02").is_date, read_bound("2024-03-02T00:00").is_date
    (True, False)
    """
    if date_orders(text):
        raise ValueError(f"time={text} may be a date in another order: write it like 2026-10-30T16:00")
    bound = Bound(read_time(text), is_date(text))
    if bound.moment.epoch and (bound.is_date or is_no_date(text)):  # seconds of 1970 are not meant
        raise ValueError(f"time={text} is not a date that exists: write it like 2026-10-30")
    return bound
