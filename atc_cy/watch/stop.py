"""How a watch is stopped: between two bars, by a signal."""

import select
import signal
import socket
from contextlib import suppress
from types import FrameType
from typing import Self

_POSSIBLE = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
SIGNALS = tuple(getattr(signal, name) for name in _POSSIBLE if hasattr(signal, name))
"""The signals of this system that ask a process to end.

POSIX has SIGHUP, when the terminal is closed; Windows has SIGBREAK, for Ctrl-Break and CTRL_BREAK_EVENT.
"""


class Stop:
    """Takes note of a signal, so that a watch ends between two bars. A second signal ends it at once."""

    signal: int | None = None
    _writing: socket.socket | None = None

    def __enter__(self) -> Self:
        # Sockets, because Windows can wait for nothing else with a timeout.
        self._reading, self._writing = socket.socketpair()
        for end in (self._reading, self._writing):
            end.setblocking(False)
        # Python writes to it as soon as a signal comes, so that a wait which is about to begin ends, too.
        self._wakeup = signal.set_wakeup_fd(self._writing.fileno())
        self._handlers = {}
        for number in SIGNALS:
            handler = signal.getsignal(number)
            if handler == signal.SIG_IGN and number not in (signal.SIGINT, signal.SIGTERM):
                continue  # nohup ignores the signal
            self._handlers[number] = signal.signal(number, self._note)
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
        self._reading.close()
        if self._writing is not None:
            self._writing.close()

    def wake(self) -> None:
        """End a wait, from any thread."""
        if self._writing is not None:
            with suppress(OSError):  # the socket is full, so that the wait ends anyway, or closed
                self._writing.send(b"\0")

    def wait(self, seconds: float) -> None:
        """Wait until a signal comes, another thread calls `wake`, or the time is over."""
        ready, _, _ = select.select([self._reading], [], [], seconds)
        if ready and self.signal is None:
            self._reading.recv(4096)
