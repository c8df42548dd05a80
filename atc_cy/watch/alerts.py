"""The command that a watch runs for each event."""

import json
import os
import subprocess
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from ..text import problem_of
from .notify import VARIABLE
from .queue import Alert

STANDARD_ERROR = 2


@dataclass(frozen=True)
class Command:
    """A command that is run for each event, without a shell."""

    arguments: Sequence[str]
    timeout: float
    """Seconds after which the command is killed."""
    around: Callable[[], AbstractContextManager[None]] = nullcontext
    """A context to run the command in, such as a table that makes room for what the command prints."""

    @property
    def name(self) -> str:
        """What messages call the command."""
        return f"--exec {self.arguments[0]}"

    def send(self, alert: Alert) -> str | None:
        """Run the command; returns what went wrong.

        Its output goes to standard error, so that it does not mix with events. It runs in a separate session,
        so that it can finish after a Ctrl-C that ends the watch.
        """
        with self.around():
            return self._run(alert)

    def _run(self, alert: Alert) -> str | None:
        event = alert.event
        average = "" if event.Average_Signal is None else repr(event.Average_Signal)
        given = {
            "ATC_ALERT_ID": alert.id,
            "ATC_SYMBOL": event.symbol,
            "ATC_TIME": str(event.time),
            "ATC_EVENT": event.event,
            "ATC_PRICE": repr(event.price),
            "ATC_AVERAGE_SIGNAL": average,
            **({} if event.alert_from is None else {"ATC_ALERT_FROM": event.alert_from}),
        }
        environment = {name: value for name, value in os.environ.items() if name != VARIABLE} | given
        try:
            done = subprocess.run(
                self.arguments,
                input=json.dumps(event.fields()).encode() + b"\n",
                stdout=STANDARD_ERROR,
                env=environment,
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
