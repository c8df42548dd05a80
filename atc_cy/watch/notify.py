"""Messages about events, by services that Apprise knows: Telegram, Discord, Slack, e-mail, ntfy, webhooks.

The URL of a service may have a password in it, so no message, log or state shows the URL: they call a service
by its number.
"""

from __future__ import annotations

import importlib
import logging
import math
import os
import string
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..files.lists import read_list
from ..text import suggestion
from .queue import Alert

VARIABLE = "ATC_CY_NOTIFY"
"""The environment variable with URLs that are used if no option gives one."""
MESSAGE = "{symbol} {event} at {price:.10g}, Average Signal {average_signal:+.2f}, {time}"
"""The default template of a message."""
_EXAMPLE: dict[str, Any] = {
    "symbol": "BTC/USDT",
    "time": "2026-10-30",
    "event": "long",
    "price": 1.5,
    "average_signal": 0.5,
    "alert_from": "EMA",
    "id": "0" * 32,
}


class Notify:
    """One service.

    Parameters
    ----------
    number
        The service's number, from 1.
    url
        The URL in Apprise's notation: "tgram://TOKEN/CHAT".
    message
        A template, as `checked_message` takes it.

    Raises
    ------
    ImportError
        Apprise is not installed.
    ValueError
        Apprise does not know such a URL; the error does not show the URL.
    """

    def __init__(self, number: int, url: str, message: str) -> None:
        try:
            apprise: Any = importlib.import_module("apprise")
        except ModuleNotFoundError:
            raise ImportError("--notify needs apprise: pip install 'atc_cy[notify]'") from None
        logger = logging.getLogger("apprise")
        logger.propagate = False  # what it reports may have the URL
        logger.addHandler(logging.NullHandler())
        scheme, separator, _ = url.partition("://")
        kind = scheme if separator and scheme.isalnum() else "no URL"
        self.name = f"--notify {number} ({kind})"
        self._message = message
        self._services = apprise.Apprise()
        if not self._services.add(url):
            raise ValueError(
                f"{self.name} is not a URL that Apprise accepts: write it as Apprise's documentation shows, "
                "such as tgram://TOKEN/CHAT"
            )

    def send(self, alert: Alert) -> str | None:
        """Send a message; returns what went wrong."""
        event = alert.event
        average = math.nan if event.Average_Signal is None else event.Average_Signal
        fields = event._asdict() | {"average_signal": average, "id": alert.id}
        fields["alert_from"] = event.alert_from or ""
        body = self._message.format_map(fields)
        title = f"{event.symbol} {event.event} {fields['alert_from']}".rstrip()
        sent = self._services.notify(body=body, title=title, body_format="text")
        return None if sent else "was not delivered"


def checked_message(text: str) -> str:
    """A template of messages, as Python's `str.format` takes it.

    Raises
    ------
    ValueError
        It names something that events do not have, or is not a template.

    Examples
    --------
    >>> checked_message("{symbol}: {event} at {price:.2f}")
    '{symbol}: {event} at {price:.2f}'
    """
    for _, name, _, _ in string.Formatter().parse(text):
        if name is not None and name not in _EXAMPLE:
            raise ValueError(f"there is no {{{name}}}; {suggestion(name, _EXAMPLE)}")
    text.format_map(_EXAMPLE)
    return text


def notify_urls(given: Sequence[str], file: Path | None) -> list[str]:
    """The URLs of options and of a file's lines; if there are none, those of the environment variable.

    Raises
    ------
    OSError
        The file cannot be read.
    ValueError
        The file has no URL.
    """
    urls = [*given]
    if file is not None:
        urls += read_list(file, "URL")
    return urls or os.environ.get(VARIABLE, "").split()
