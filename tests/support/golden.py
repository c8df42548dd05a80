"""The golden cases, which an independent Pine engine computed, and the comparison bit for bit."""

import json
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from atc_cy import ATCConfig, Structure
from support.places import ROOT


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
    for values in arrays.values():
        values.setflags(write=False)  # all tests share them
    metadata = json.loads(str(arrays.pop("config")))
    arrays.pop("note")
    close = arrays.pop("close")
    config = ATCConfig.from_structure(
        Structure(
            tuple(metadata["moving_averages"]), tuple(metadata["lengths"].values()), metadata["robustness"]
        ),
        La=metadata["La"],
        De=metadata["De"],
        cutout=metadata["cutout"],
        **{f"{name.lower()}_w": weight for name, weight in metadata["weights"].items()},
    )
    return Golden(config, close, arrays.pop("src", close), arrays)


GOLDEN = sorted(path.stem for path in (ROOT / "tests" / "golden").glob("*.npz"))


def assert_same_bits(actual: dict[str, NDArray[Any]], expected: dict[str, NDArray[Any]]) -> None:
    """Every expected array is there with the very same numbers; NaN stands for na."""
    for name, values in expected.items():
        if actual[name].tobytes() == values.tobytes():  # which is faster than the comparison of values
            continue
        if not np.array_equal(actual[name], values, equal_nan=True):
            differ = ~((actual[name] == values) | (np.isnan(actual[name]) & np.isnan(values)))
            row = np.flatnonzero(differ)[0]
            raise AssertionError(
                f"{name}: {differ.sum()} of {differ.size} differ, first at row {row}: "
                f"{actual[name][row]!r}, not {values[row]!r}"
            )
