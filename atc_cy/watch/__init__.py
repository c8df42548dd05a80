"""`atc-cy watch`: bars go in one by one, events come out."""

from ..errors import FeedOrderError, HeaderError
from ..files.times import instant
from .alerts import Command
from .bars import Bar, Event, Preview
from .feed import watch_feed
from .layout import Wanted
from .output import Output
from .poll import Poll
from .resampled import Resampled
from .state import Followed, StateFile
from .stop import Stop
from .watch import Watch
from .whole_file import watch_files

__all__ = [
    "Bar",
    "Command",
    "Event",
    "FeedOrderError",
    "Followed",
    "HeaderError",
    "Output",
    "Poll",
    "Preview",
    "Resampled",
    "StateFile",
    "Stop",
    "Wanted",
    "Watch",
    "instant",
    "watch_feed",
    "watch_files",
]
