"""A watch's state, opened in Python."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..config import ATCConfig, public
from ..live.stream import Stream
from .journal import Journal
from .queue import Alert
from .state import unpack_state

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class WatchState:
    """What `atc-cy watch --state` has saved."""

    __module__ = "atc_cy"

    config: ATCConfig
    """What the numbers were computed with."""
    alert_from: tuple[str, ...]
    """Whose crossings are events."""
    source: str | None
    """Such as "binance 1h"; None for a feed."""
    resample: str | None
    """The higher timeframe that bars are made of; None: rows are bars."""
    streams: dict[str, Stream]
    """By symbol: where each stands after its last bar. They are copies: to update them changes no file."""
    bars: pd.DataFrame
    """A row a symbol: the ``time`` of its last bar as the feed gave it, the same as ``instant`` in UTC, its
    ``close`` and ``src``."""
    waiting: pd.DataFrame
    """A row an alert that has not been sent, in their order: its ``channel``, such as exec or "notify 1",
    ``symbol``, ``time``, ``event``, ``price``, ``since`` when it waits, and ``id``."""
    given_up: pd.DataFrame
    """The same of the latest alerts that were given up, with the last ``problem``."""


@public
def watch_state(path: str | os.PathLike[str]) -> WatchState:
    """The state of a watch: its symbols, their streams and last bars, and the alerts that wait.

    The file is read and left as it is; a watch may go on meanwhile.

    Parameters
    ----------
    path
        What was given as ``--state``.

    Returns
    -------
    WatchState
        Of when the state was saved last; alerts that were sent since then do not wait any more.

    Raises
    ------
    OSError
        The file cannot be read.
    StateError
        It is no state of a watch, or is damaged.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from atc_cy.cli import main
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "BTC.csv").write_text("time,close\\n2026-10-30,100\\n2026-10-31,101.5\\n")
    >>> main(["watch", f"{folder}/BTC.csv", "--state", f"{folder}/state", "-o", f"{folder}/events"])
    0
    >>> state = watch_state(folder / "state")
    >>> state.bars["close"].to_dict()
    {'BTC': 101.5}
    >>> state.streams["BTC"].bars
    2
    """
    import pandas as pd

    file = Path(path)
    data = file.read_bytes()
    origin, content = unpack_state(file, data, None)
    journal = Journal(file)
    journal.load(data, content.acts)
    symbols = content.symbols
    rows = [
        (each.time, pd.Timestamp(each.instant, tz="UTC"), *each.stream.last_bar) for each in symbols.values()
    ]
    fields = ["channel", "symbol", "time", "event", "price", "since", "id"]
    alerts = content.alerts
    waiting = [
        (channel, *_row(alert)) for channel, alert in alerts.waiting if not journal.has(channel, alert.id)
    ]
    given_up = [(one.channel, *_row(one.alert), one.problem) for one in alerts.given_up]
    alert_from = origin.alert_from
    return WatchState(
        origin.config,
        (alert_from,) if isinstance(alert_from, str) else tuple(alert_from),
        content.source,
        origin.resample,
        {symbol: followed.stream for symbol, followed in symbols.items()},
        pd.DataFrame(rows, [*symbols], ["time", "instant", "close", "src"]),
        pd.DataFrame(waiting, columns=fields),
        pd.DataFrame(given_up, columns=[*fields, "problem"]),
    )


def _row(alert: Alert) -> tuple[Any, ...]:
    """The cells of an alert."""
    import pandas as pd

    event = alert.event
    since = pd.Timestamp(alert.since, unit="s", tz="UTC")
    return event.symbol, event.time, event.event, event.price, since, alert.id
