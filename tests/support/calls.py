"""Counting how often functions of the package are called."""

import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import atc_cy

PACKAGE = str(Path(atc_cy.__file__).parent)


def calls(run: Callable[[], Any]) -> "Counter[str]":
    """Run it; returns how often each function of `atc_cy` was called in this thread, by its name."""
    counted: Counter[str] = Counter()

    def profile(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(PACKAGE):
            counted[frame.f_code.co_name] += 1

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        run()
    finally:
        sys.setprofile(before)
    return counted
