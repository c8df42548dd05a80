"""How far long work is: what is shown of it, in a terminal and in a notebook."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from .text import shown

if TYPE_CHECKING:
    from rich.console import Console

ProgressFunction = Callable[[int, int], None]
"""Called with what is done and what there is in all."""
ProgressOption = ProgressFunction | bool | None
"""The argument `progress`: True shows a bar, a function is called, None or False shows nothing."""

_PAUSE = 0.1
"""Seconds between two messages to a notebook, at least."""


def check_progress(progress: Any) -> None:
    """Refuse what is no `ProgressOption`.

    Raises
    ------
    TypeError
        It is something else.
    ImportError
        It is True, and rich is missing.
    """
    if progress is not None and not isinstance(progress, bool) and not callable(progress):
        raise TypeError(f"progress={shown(progress)} must be True, a function of two numbers, or None")
    if progress is True and find_spec("rich") is None:
        raise ImportError("progress=True needs rich: pip install 'atc_cy[cli]', or give a function")


@contextmanager
def reporting(progress: ProgressOption, unit: str) -> Iterator[ProgressFunction | None]:
    """What to call while the block works; None: nobody wants to know.

    A bar stands on standard error if that is a terminal, or in the output of a notebook's cell, and goes when
    the block ends. Elsewhere True shows nothing: a log would keep each line of it.

    unit: of what is counted, such as "bars".
    """
    check_progress(progress)
    if not isinstance(progress, bool):
        yield progress
        return
    if progress:
        from rich.console import Console

        console = Console(stderr=True)
        if console.is_jupyter:
            with _in_notebook(unit) as report:
                yield report
            return
        if console.file.isatty():  # `is_terminal` is true of a file, too, where FORCE_COLOR is set
            with _in_terminal(console, unit) as report:
                yield report
            return
    yield None


@contextmanager
def _in_terminal(console: "Console", unit: str) -> Iterator[ProgressFunction]:
    from rich.progress import Progress

    with Progress(console=console, transient=True) as bar:
        task = bar.add_task(unit, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def _in_notebook(unit: str) -> Iterator[ProgressFunction]:
    """A bar of HTML: rich's own needs ipywidgets there, and shows nothing without them."""
    from IPython.display import HTML, display

    handle = display(HTML(""), display_id=True)
    last = 0.0

    def report(done: int, total: int) -> None:
        nonlocal last
        if (now := time.monotonic()) - last < _PAUSE and done < total:
            return
        last = now
        handle.update(
            HTML(f'<progress value="{done}" max="{total}"></progress> {done:,} of {total:,} {unit}')
        )

    try:
        yield report
    finally:
        handle.update(HTML(""))
