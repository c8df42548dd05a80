"""The id of an event, by which it is recognised when it is computed a second time."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict

from ..config import ATCConfig
from .bars import Event


class Identity:
    """The ids of a watch's events: they follow from the settings, the symbol, and the bar."""

    def __init__(
        self, config: ATCConfig, alert_from: str | Sequence[str], resample: str | None, src: str | None
    ) -> None:
        self._settings = hashlib.sha256(json.dumps([asdict(config), alert_from, resample, src]).encode())

    def of(self, event: Event, instant: int) -> str:
        """The id of an event; instant: that of its bar, in nanoseconds since 1970."""
        digest = self._settings.copy()
        parts = [event.symbol, instant, event.event, *([event.alert_from] if event.alert_from else [])]
        digest.update(json.dumps(parts).encode())
        return digest.hexdigest()[:32]
