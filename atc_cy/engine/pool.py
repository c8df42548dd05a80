"""A pool of threads, or this thread alone if there is little work or no thread can be started."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import Any


class Inline(Executor):
    """An executor that does each task at once, in the thread that submits it."""

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        """Do the task; returns its future, which is done."""
        future: Future[Any] = Future()
        try:
            future.set_result(function(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - the future raises it, as that of a pool does
            future.set_exception(error)
        return future


@contextmanager
def pool(threads: int) -> Iterator[Executor]:
    """An executor with up to this many threads; `Inline` for one, or if no thread can be started.

    The system may have no more threads, and a thread that outlives the main thread cannot start others,
    because the interpreter is shutting down.
    """
    if threads > 1:
        threads = _startable(threads)
    if threads > 1:
        with ThreadPoolExecutor(threads) as executor:
            yield executor
    else:
        yield Inline()


def _startable(threads: int) -> int:
    """How many threads can run at the same time, up to the given number."""
    go = Event()
    with ThreadPoolExecutor(threads) as executor:
        try:
            for started in range(threads):
                try:
                    executor.submit(go.wait)
                except RuntimeError:
                    return started
        finally:
            go.set()
    return threads
