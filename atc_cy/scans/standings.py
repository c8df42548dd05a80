"""The signals of each symbol on its last bar, as a table: what `scan(…, outputs="last")` returns."""

from collections.abc import Container, Hashable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..engine.index import index_times
from ..engine.many import Job
from ..files.time_columns import nanoseconds
from .choices import STALE_STEPS

if TYPE_CHECKING:
    import pandas as pd


class _LastBar(NamedTuple):
    """The time and the price of a symbol's last bar; a field without a value keeps its default."""

    date: "pd.Timestamp | None" = None
    close: float = np.nan
    instant: int | None = None
    """The date in nanoseconds since 1970; a date without an offset counts as UTC."""
    step: float = 0.0
    """The typical time between two bars, in nanoseconds."""


def standings(
    jobs: list[Job], values: NDArray[Any], names: tuple[str, ...], failed: Container[Hashable]
) -> "pd.DataFrame":
    """A table with one row for each symbol: its last outputs, and the other columns that `scan` describes.

    Parameters
    ----------
    jobs
        The computed jobs, whose `turns` have followed the direction.
    values
        The outputs, one row for each job.
    names
        The names of the outputs, which are all outputs of a config.
    failed
        The symbols whose rows are all missing.
    """
    import pandas as pd

    done = [job.name not in failed for job in jobs]
    times = _Times()
    last = [times.last_bar(job) if fine else _LastBar() for job, fine in zip(jobs, done, strict=True)]
    turns = [job.turns if fine else None for job, fine in zip(jobs, done, strict=True)]
    index = pd.Index([job.name for job in jobs], name="symbol", tupleize_cols=False)
    table = pd.DataFrame(values, index, list(names))
    dates = pd.Series([bar.date for bar in last], index, dtype=object)
    table["date"] = dates.astype("datetime64[us]") if dates.isna().all() else dates.infer_objects()
    table["close"] = np.array([bar.close for bar in last], values.dtype)
    table["direction"] = [np.nan if each is None else each.direction for each in turns]
    since = [None if each is None else each.bars_since_event for each in turns]
    table["bars_since_event"] = pd.array(since, dtype="Int64")
    table["mean_equity"] = values[:, [name.endswith("_S") for name in names]].mean(axis=1)
    table["stale"] = pd.array(_stale(last), dtype="boolean")
    return table


class _Times:
    """Reads the times of an index once for all columns of a frame, which share it."""

    def __init__(self) -> None:
        self._index: Any = None
        self._times: pd.DatetimeIndex | None = None
        self._instants = np.empty(0, np.int64)
        self._step = 0.0
        """The typical time between two rows of the index."""

    def last_bar(self, job: Job) -> _LastBar:
        """The last bar of a symbol."""
        close, _, labels = job.bars
        bars = np.flatnonzero(~np.isnan(close))
        if not bars.size:
            return _LastBar()
        if labels is None or not labels.is_(self._index):
            self._read(labels)
        last, price = bars[-1], float(close[bars[-1]])
        if self._times is None:
            return _LastBar(close=price)
        step = self._step if bars.size == close.size else _typical_step(self._instants[bars])
        return _LastBar(self._times[last], price, int(self._instants[last]), step)

    def _read(self, index: "pd.Index[Any] | None") -> None:
        self._index = index
        self._times = None if index is None else index_times(index)
        if self._times is not None:
            self._instants = nanoseconds(self._times)
            self._step = _typical_step(self._instants)


def _typical_step(instants: NDArray[np.int64]) -> float:
    """The median time between two bars, which gaps and jitter hardly affect; 0 for a single bar."""
    return float(np.median(np.diff(instants))) if instants.size > 1 else 0.0


def _stale(last: list[_LastBar]) -> list[bool | None]:
    """Whether each symbol is stale; None if its last bar has no time. The step of a single bar is 0."""
    newest = max((bar.instant for bar in last if bar.instant is not None), default=0)
    return [None if bar.instant is None else newest - bar.instant > STALE_STEPS * bar.step for bar in last]
