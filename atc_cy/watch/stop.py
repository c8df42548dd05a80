"""How a watch is stopped: between two bars, by a signal."""

import os
import select
import signal
from types import FrameType
from typing import BinaryIO, Self


class Stop:
    """Takes note of SIGINT and SIGTERM: a watch ends between two bars. The second one ends it at once."""

    signal: int | None = None

    def __enter__(self) -> Self:
        self._reading, self._writing = os.pipe()
        os.set_blocking(self._writing, False)
        # Written to as soon as a signal is there: also a wait that is just about to begin then ends.
        self._wakeup = signal.set_wakeup_fd(self._writing)
        self._handlers = {
            number: signal.signal(number, self._note) for number in (signal.SIGINT, signal.SIGTERM)
        }
        return self

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self.signal = number
        self._restore()

    def _restore(self) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def __exit__(self, *_: object) -> None:
        self._restore()
        signal.set_wakeup_fd(self._wakeup)
        os.close(self._reading)
        os.close(self._writing)

    def wait(self, seconds: float, file: BinaryIO | None = None) -> bool:
        """Wait until the file can be read, a signal comes or the time is over; returns whether it can."""
        files = [self._reading] if file is None else [self._reading, file.fileno()]
        ready, _, _ = select.select(files, [], [], seconds)
        return file is not None and file.fileno() in ready
