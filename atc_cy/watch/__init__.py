"""`atc-cy watch`: bars go in one by one, events come out."""

from ..errors import FeedOrderError, HeaderError
from ..files.times import instant
from .alerts import Command
from .bars import Bar, Event, Preview
from .feed import watch_feed
from .health import Health
from .layout import Wanted
from .notify import Notify, checked_message, notify_urls
from .output import Output
from .poll import Poll
from .queue import Alert, Channel, Queue
from .resampled import Resampled
from .since import SinceNow
from .state import Followed, StateFile
from .stop import Stop
from .watch import Watch
from .whole_file import watch_files

__all__ = [
    "Alert",
    "Bar",
    "Channel",
    "Command",
    "Event",
    "FeedOrderError",
    "Followed",
    "HeaderError",
    "Health",
    "Notify",
    "Output",
    "Poll",
    "Preview",
    "Queue",
    "Resampled",
    "SinceNow",
    "StateFile",
    "Stop",
    "Wanted",
    "Watch",
    "checked_message",
    "instant",
    "notify_urls",
    "watch_feed",
    "watch_files",
]
