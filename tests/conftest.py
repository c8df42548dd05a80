"""Failed asserts in tests/support show their values, as those of the tests do."""

import pytest

pytest.register_assert_rewrite("support")

from support.golden import GOLDEN, Golden, assert_same_bits, golden  # noqa: E402
from support.kernels import (  # noqa: E402
    LEVELS,
    PRESETS,
    at_all_levels,
    kernel,
    kernels_of,
    lane_names,
    new_symbol,
    output_names,
    run_bars,
    run_kernel,
    run_oracle,
    run_panel,
)
from support.places import ROOT  # noqa: E402

__all__ = [
    "GOLDEN",
    "LEVELS",
    "PRESETS",
    "ROOT",
    "Golden",
    "assert_same_bits",
    "at_all_levels",
    "golden",
    "kernel",
    "kernels_of",
    "lane_names",
    "new_symbol",
    "output_names",
    "run_bars",
    "run_kernel",
    "run_oracle",
    "run_panel",
]
