"""Threads where there is work for them and the interpreter has any left, otherwise this thread."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
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
    """An executor with so many threads; `Inline` for one, and where no thread can be had.

    A thread that outlives the main thread cannot start others: the interpreter is shutting down.
    """
    if threads > 1:
        executor = ThreadPoolExecutor(threads)
        try:
            executor.submit(int).result()
        except RuntimeError:
            executor.shutdown(cancel_futures=True)
        else:
            with executor:
                yield executor
            return
    yield Inline()
