"""The kernels that must be there, and each way to run one."""

import importlib
import math
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atc_cy import ATCConfig, Preset, Structure, reference
from support.places import ROOT

LEVELS: list[str] = importlib.import_module("atc_cy.ext.cpu").supported()
"""The CPU levels that this machine can run: kernels of others cannot be tested here."""
PRESETS = {path.stem: Preset.read(path) for path in sorted((ROOT / "presets").glob("*.toml"))}


@cache
def kernel(name: str) -> Any:
    """A compiled kernel; one that is missing or broken fails the test that asks for it."""
    return importlib.import_module(f"atc_cy.ext.{name}")


def at_all_levels(*names: str) -> list[str]:
    return [f"{name}_{level}" for name in names for level in LEVELS]


def kernels_of(structure: Structure) -> list[str]:
    """The names of the kernels that run this structure."""
    presets = (name for name, preset in PRESETS.items() if preset.structure == structure)
    return at_all_levels("generic", *presets)


def output_names(config: ATCConfig) -> list[str]:
    types = config.moving_averages
    return [*(f"{name}_Signal" for name in types), *(f"{name}_S" for name in types), "Average_Signal"]


def lane_names(config: ATCConfig) -> list[str]:
    return [
        f"{prefix}{name}{suffix}"
        for prefix in ("", "s", "e")
        for name in config.moving_averages
        for suffix in reference.LANE_SUFFIXES
    ]


def new_symbol(kernel_name: str, config: ATCConfig) -> Any:
    return kernel(kernel_name).Symbol(*config.kernel_arguments)


def run_kernel(
    kernel_name: str,
    config: ATCConfig,
    close: NDArray[Any],
    src: NDArray[Any] | None = None,
    splits: Sequence[int] = (),
) -> dict[str, NDArray[Any]]:
    """All outputs and lanes by name; `splits` are the rows at which one call of `advance` ends."""
    names = output_names(config) + lane_names(config)
    types = len(config.moving_averages)
    values = np.full((len(names), close.size), -7.0, close.dtype)  # a value that nothing computes
    out, lanes = values[: 2 * types + 1], values[2 * types + 1 :]
    src = close if src is None else src
    symbol = new_symbol(kernel_name, config)
    for first, last in zip((0, *splits), (*splits, close.size), strict=True):
        rows = slice(first, last)
        assert symbol.advance(close[rows], src[rows], out[:, rows], lanes[:, rows]) == last - first
    return dict(zip(names, values, strict=True))


def run_panel(
    kernel_name: str,
    config: ATCConfig,
    closes: Sequence[NDArray[np.float64]],
    srcs: Sequence[NDArray[np.float64]] | None = None,
) -> list[dict[str, NDArray[np.float64]]]:
    """All outputs of each symbol, bar by bar in one panel, in which each misses some bars of the others."""
    names, symbols = output_names(config), np.arange(len(closes))
    sizes = np.array([close.size for close in closes])
    prices = np.full((2, len(closes), sizes.max() + 1), np.nan)
    for symbol, size in enumerate(sizes):
        prices[:, symbol, :size] = closes[symbol], (srcs or closes)[symbol]
    values = np.full((len(closes), len(names), sizes.max() + 1), np.nan)
    panel = kernel(kernel_name).Panel(*config.kernel_arguments)
    panel.add(len(closes))
    rng, rows, out = (
        np.random.default_rng(0),
        np.zeros(len(closes), np.intp),
        np.empty((len(names) + 2, len(closes))),
    )
    while (rows < sizes).any():
        now = (rows < sizes) & (rng.random(len(closes)) < 0.9)
        close, src = np.where(now, prices[:, symbols, rows], np.nan).copy("C")
        has = ~(np.isnan(close) | np.isnan(src))
        out.fill(-7.0)  # a value that nothing computes
        assert panel.update(close, src, out) == -1
        assert np.isnan(out[:-2, ~has]).all()
        assert (out[-1, ~has] == 0.0).all()
        values[symbols[has], :, rows[has]] = out[:-2, has].T
        rows += now
    return [dict(zip(names, one[:, :size], strict=True)) for one, size in zip(values, sizes, strict=True)]


def run_bars(
    kernel_name: str, config: ATCConfig, close: NDArray[np.float64], src: NDArray[np.float64] | None = None
) -> dict[str, NDArray[np.float64]]:
    """All outputs, bar by bar of one symbol."""
    symbol, names = new_symbol(kernel_name, config), output_names(config)
    values = np.full((close.size, len(names)), np.nan)
    bars = zip(close.tolist(), (close if src is None else src).tolist(), strict=True)
    for row, (price, x) in enumerate(bars):
        average = symbol.update(price, x)
        if not np.isnan([price, x]).any():
            values[row] = symbol.values
        assert average == values[row, -1] or (math.isnan(average) and math.isnan(values[row, -1]))
    return dict(zip(names, values.T, strict=True))


def run_oracle(
    config: ATCConfig, close: NDArray[Any], src: NDArray[Any] | None = None
) -> dict[str, NDArray[Any]]:
    """The oracle's outputs and lanes, in the type of `close`."""
    result = reference.atc(close.tolist(), config, None if src is None else src.tolist())
    return {name: np.array(values).astype(close.dtype) for name, values in result.items()}
