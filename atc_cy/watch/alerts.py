"""The command that a watch runs for each event."""

import json
import os
import subprocess
from collections.abc import Sequence
from typing import NamedTuple

from ..text import problem_of
from .bars import Event

STANDARD_ERROR = 2


class Command(NamedTuple):
    """What is run for each event, without a shell."""

    arguments: Sequence[str]
    timeout: float
    """Seconds after which it is killed."""

    def run(self, event: Event) -> str | None:
        """Run it; returns what went wrong.

        Its output goes to standard error, so that it cannot be taken for events. It is in a session of its
        own: a Ctrl-C that ends the watch lets it come to its end.
        """
        average = "" if event.Average_Signal is None else repr(event.Average_Signal)
        told = {
            "ATC_SYMBOL": event.symbol,
            "ATC_TIME": str(event.time),
            "ATC_EVENT": event.event,
            "ATC_PRICE": repr(event.price),
            "ATC_AVERAGE_SIGNAL": average,
        }
        try:
            done = subprocess.run(
                self.arguments,
                input=json.dumps(event._asdict()).encode() + b"\n",
                stdout=STANDARD_ERROR,
                env=os.environ | told,
                timeout=self.timeout,
                start_new_session=True,  # POSIX's way, and Windows':
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"was killed after {self.timeout:g} seconds"
        except OSError as error:
            return f"cannot be run: {problem_of(error, self.arguments[0])}"
        if done.returncode < 0:
            return f"was ended by signal {-done.returncode}"
        return f"ended with code {done.returncode}" if done.returncode else None
