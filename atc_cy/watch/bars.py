"""The bars that go into a watch, and the previews and events that come out."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from ..text import price_text


class Bar(NamedTuple):
    """One row of a feed."""

    symbol: str
    time: str | int | float
    """As the feed gave it."""
    instant: int
    """The time in nanoseconds since 1970."""
    close: float
    src: float | None
    line: int = 0
    """The feed's line of this row, from 1; 0 if it did not come from a line."""
    parts: Mapping[str, float] | None = None
    """The values that src is computed from, by the names of columns in `SOURCES`; or src under its name."""

    @property
    def where(self) -> str:
        """What messages call the bar."""
        return f"line {self.line}: {self.symbol} {self.time}" if self.line else f"{self.symbol} {self.time}"


class Preview(NamedTuple):
    """The result if an open candle ended now."""

    symbol: str
    time: str | int | float
    instant: int
    """The time in nanoseconds since 1970."""
    close: float
    Average_Signal: float
    direction: str | None
    """"long" or "short"; None if there is none yet."""
    is_event: bool

    def __str__(self) -> str:
        turned = ", an event" if self.is_event else ""
        return (
            f"{self.symbol} {self.time}: open at {price_text(self.close)}, "
            f"Average Signal {self.Average_Signal:+.2f}, {self.direction or 'no direction'}{turned}"
        )


class Event(NamedTuple):
    """A crossing of a symbol's signal."""

    symbol: str
    time: str | int | float
    event: str
    """"long" or "short"."""
    price: float
    Average_Signal: float | None
    alert_from: str | None = None
    """The signal that crossed; None if the watch follows only one."""

    def fields(self) -> dict[str, Any]:
        """The fields by name, as JSON lines have them."""
        fields = self._asdict()
        if self.alert_from is None:
            del fields["alert_from"]
        return fields
