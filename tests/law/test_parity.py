"""Oracle, generic kernel and every preset kernel against an independent Pine engine: zero differing bits."""

from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from support.golden import GOLDEN, assert_same_bits, golden
from support.kernels import (
    PRESETS,
    at_all_levels,
    kernel,
    kernels_of,
    lane_names,
    output_names,
    run_bars,
    run_kernel,
    run_oracle,
    run_panel,
)

RUNS = [(case, name) for case in GOLDEN for name in kernels_of(golden(case).config.structure)]


@cache
def oracle(case: str) -> dict[str, NDArray[Any]]:
    config, close, src, _ = golden(case)
    return run_oracle(config, close, src)


def test_the_cases_are_all_there() -> None:
    assert len(GOLDEN) == 27
    for case in GOLDEN:
        config, close, _, expected = golden(case)
        assert set(output_names(config)) <= set(expected)
        assert all(values.shape == close.shape for values in expected.values())
    config, _, _, expected = golden("usd_default_lanes")
    assert set(expected) == set(output_names(config) + lane_names(config))
    assert len(lane_names(config)) == 3 * 54


def test_every_preset_has_a_case() -> None:
    assert {name for _, name in RUNS} == set(at_all_levels("generic", *PRESETS))


@pytest.mark.parametrize("case", GOLDEN)
def test_oracle(case: str) -> None:
    assert_same_bits(oracle(case), golden(case).expected)


@pytest.mark.parametrize(("case", "kernel_name"), RUNS)
def test_kernel(case: str, kernel_name: str) -> None:
    config, close, src, expected = golden(case)
    actual = run_kernel(kernel_name, config, close, src)
    assert_same_bits(actual, expected)
    assert_same_bits(actual, oracle(case))


@pytest.mark.parametrize(("case", "kernel_name"), RUNS)
def test_kernel_float32(case: str, kernel_name: str) -> None:
    """float32 prices are widened exactly, and only the outputs are rounded."""
    config, *prices, _ = golden(case)
    close, src = (values.astype(np.float32) for values in prices)
    wide = run_kernel(kernel_name, config, close.astype(np.float64), src.astype(np.float64))
    rounded = {name: values.astype(np.float32) for name, values in wide.items()}
    assert_same_bits(run_kernel(kernel_name, config, close, src), rounded)


@pytest.mark.parametrize(("case", "kernel_name"), RUNS)
def test_bar_by_bar(case: str, kernel_name: str) -> None:
    """In a panel, beside others of other lengths and starts, and by itself."""
    config, close, src, expected = golden(case)
    expected = {name: expected[name] for name in output_names(config)}
    assert_same_bits(run_bars(kernel_name, config, close, src), expected)
    half = close.size // 2
    cuts = (slice(None), slice(half), slice(half, None), slice(0, 0), slice(1, None))
    closes, srcs = [close[cut] for cut in cuts], [src[cut] for cut in cuts]
    first, *others = run_panel(kernel_name, config, closes, srcs)
    assert_same_bits(first, expected)
    for actual, own_close, own_src in zip(others, closes[1:], srcs[1:], strict=True):
        assert_same_bits(run_kernel(kernel_name, config, own_close, own_src), actual)


@pytest.mark.parametrize("integer", [np.longlong, np.intp, np.int64])
def test_integers_of_eight_bytes_have_two_names(integer: type) -> None:
    """Formats "q" and "l": numpy's int64 is the one on Linux and macOS, the other one on Windows."""
    panel = kernel(at_all_levels("generic")[-1]).Panel(*golden("usd_default").config.kernel_arguments)
    panel.add(2)
    bars = np.full(2, -1, integer)
    panel.bars(bars)
    assert bars.tolist() == [0, 0]
    with pytest.raises(TypeError, match="out must be int64"):
        panel.bars(bars.astype(np.int32))
    with pytest.raises(TypeError, match="out must be int64"):
        panel.bars(bars.astype(np.uint64))
