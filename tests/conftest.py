"""What all tests share: the golden cases, the kernels that must be there, and one way to run one."""

import importlib
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from atc_cy import ATCConfig, Preset, Structure, reference

ROOT = Path(__file__).parent.parent
LEVELS: list[str] = importlib.import_module("atc_cy.ext.cpu").supported()
"""The CPU levels that this machine can run: kernels of others cannot be tested here."""
PRESETS = {path.stem: Preset.read(path) for path in sorted((ROOT / "presets").glob("*.toml"))}


class Golden(NamedTuple):
    """One case of an independent Pine engine."""

    config: ATCConfig
    close: NDArray[np.float64]
    src: NDArray[np.float64]
    expected: dict[str, NDArray[Any]]


@cache
def golden(name: str) -> Golden:
    with np.load(ROOT / "tests" / "golden" / f"{name}.npz") as file:
        arrays = dict(file)
    told = json.loads(str(arrays.pop("config")))
    arrays.pop("note")
    close = arrays.pop("close")
    config = ATCConfig.from_structure(
        Structure(tuple(told["moving_averages"]), tuple(told["lengths"].values()), told["robustness"]),
        La=told["La"],
        De=told["De"],
        cutout=told["cutout"],
        **{f"{name.lower()}_w": weight for name, weight in told["weights"].items()},
    )
    return Golden(config, close, arrays.pop("src", close), arrays)


GOLDEN = sorted(path.stem for path in (ROOT / "tests" / "golden").glob("*.npz"))


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
    closes: Sequence[NDArray[Any]],
    srcs: Sequence[NDArray[Any]] | None = None,
    bars: int = 2**40,
) -> list[dict[str, NDArray[Any]]]:
    """All outputs of each symbol, as many side by side as go; `bars`: most that one call takes."""
    names = output_names(config)
    srcs = srcs or closes
    width = kernel(kernel_name).PANEL_WIDTH
    results = []
    for first in range(0, len(closes), width):
        group = slice(first, first + width)
        panel = kernel(kernel_name).Panel(*config.kernel_arguments)
        outs = tuple(np.full((len(names), close.size), -7.0, close.dtype) for close in closes[group])
        places = tuple(range(len(names)))
        while not panel.finished:
            taken = panel.advance(tuple(closes[group]), tuple(srcs[group]), outs, places, bars)
        assert taken == tuple(close.size for close in closes[group])
        results += [dict(zip(names, out, strict=True)) for out in outs]
    return results


def run_oracle(
    config: ATCConfig, close: NDArray[Any], src: NDArray[Any] | None = None
) -> dict[str, NDArray[Any]]:
    """The oracle's outputs and lanes, in the type of `close`."""
    result = reference.atc(close.tolist(), config, None if src is None else src.tolist())
    return {name: np.array(values).astype(close.dtype) for name, values in result.items()}


def assert_same_bits(actual: dict[str, NDArray[Any]], expected: dict[str, NDArray[Any]]) -> None:
    """Every expected array is there with the very same numbers; NaN stands for na."""
    for name, values in expected.items():
        if not np.array_equal(actual[name], values, equal_nan=True):
            differ = ~((actual[name] == values) | (np.isnan(actual[name]) & np.isnan(values)))
            row = np.flatnonzero(differ)[0]
            raise AssertionError(
                f"{name}: {differ.sum()} of {differ.size} differ, first at row {row}: "
                f"{actual[name][row]!r}, not {values[row]!r}"
            )
