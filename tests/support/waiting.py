"""Waiting for what another process does."""

import time
from collections.abc import Callable
from typing import Any

PATIENCE = 30.0
"""Seconds after which something that should happen at once is said not to happen."""


def until(happened: Callable[[], Any]) -> None:
    """Wait until it has happened."""
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.01)
