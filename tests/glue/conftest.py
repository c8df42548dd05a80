"""The examples can be imported, and what the libraries say of each other is let pass."""

import os
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
sys.path.insert(0, str(EXAMPLES))
os.environ.setdefault("NUMBA_DISABLE_JIT", "1")  # vectorbt's numbers are the same, and nothing is compiled


def pytest_configure(config: pytest.Config) -> None:
    for warning in (
        # What pandas will drop, called by code of these libraries, …
        r"ignore::DeprecationWarning:(backtesting|freqtrade|vectorbt)\.",
        # … and by compiled code, which counts as the example that calls it.
        r"ignore:Timestamp.utcnow is deprecated:DeprecationWarning:(nautilus_indicator|__main__)$",
    ):
        config.addinivalue_line("filterwarnings", warning)
