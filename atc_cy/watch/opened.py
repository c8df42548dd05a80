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
    """What `atc-cy watch --state` has saved.

    See Also
    --------
    watch_state : Reads it.

    Examples
    --------
    >>> from pathlib import Path
    >>> from atc_cy.cli import main
    >>> _ = Path("BTC.csv").write_text("time,close\\n2026-10-30,100\\n2026-10-31,101.5\\n")
    >>> main(["watch", "BTC.csv", "--state", "btc.state", "--output", "events.jsonl"])
    0
    >>> state = atc_cy.watch_state("btc.state")
    >>> state.config, state.alert_from, len(state.waiting)
    (ATCConfig(), ('Average',), 0)
    """

    __module__ = "atc_cy"

    config: ATCConfig
    """The config that the numbers were computed with."""
    alert_from: tuple[str, ...]
    """The signals whose crossings are events."""
    source: str | None
    """Such as "binance 1h"; None for a feed."""
    resample: str | None
    """The higher timeframe of the bars; None if each row is a bar."""
    streams: dict[str, Stream]
    """The stream of each symbol after its last bar. Updating these copies does not change the file."""
    bars: pd.DataFrame
    """One row per symbol: the ``time`` of its last bar as the feed gave it, the same as ``instant`` in UTC,
    its ``close`` and ``src``."""
    waiting: pd.DataFrame
    """One row per alert that has not been sent, in their order: its ``channel``, such as exec or "notify 1",
    ``symbol``, ``time``, ``event``, ``price``, ``since`` when it waits, and ``id``."""
    given_up: pd.DataFrame
    """One row for each of the latest alerts that were given up: these columns, and the last ``problem``."""


@public
def watch_state(path: str | os.PathLike[str]) -> WatchState:
    """Read the state that a watch saved: its symbols, their streams and last bars, and the alerts that wait.

    The file does not change, and the watch may go on meanwhile.

    Parameters
    ----------
    path
        The file that was given as ``--state``.

    Returns
    -------
    WatchState
        As of the last time the watch saved it, without the alerts that were sent since then.

    Raises
    ------
    OSError
        The file cannot be read.
    StateError
        The file is not a state of a watch, or is damaged.

    See Also
    --------
    Stream : What the state has of each symbol.

    Examples
    --------
    >>> from pathlib import Path
    >>> from atc_cy.cli import main
    >>> _ = Path("BTC.csv").write_text("time,close\\n2026-10-30,100\\n2026-10-31,101.5\\n")
    >>> main(["watch", "BTC.csv", "--state", "btc.state", "--output", "events.jsonl"])
    0
    >>> state = atc_cy.watch_state("btc.state")
    >>> state.bars["close"].to_dict(), state.streams["BTC"].bars
    ({'BTC': 101.5}, 2)
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
