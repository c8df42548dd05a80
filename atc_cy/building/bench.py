"""The speed of a preset's kernel compared with the generic one, on prices that atc_cy ships."""

from time import thread_time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..config import ATCConfig, Structure, checked_robustness, checked_types
from ..dispatch import generic_kernel, list_presets, preset_structure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..dispatch import Kernel

BARS = 2_000
ROUNDS = 41
_LEAST_SECONDS = 0.002
"""The shortest time of a measurement: shorter runs are repeated."""


class Comparison(NamedTuple):
    """The CPU time of a preset's kernel and of the generic one, in nanoseconds per bar."""

    preset: str | None
    """The preset of the kernel."""
    live: bool
    """Whether the bars came one by one, or all in one call."""
    preset_ns: float
    generic_ns: float
    ratio: float
    """The generic kernel's time divided by the preset's: the median of pairs measured one after the other."""
    low: float
    high: float
    """The quartiles of the ratio."""


def compare(kernel: "Kernel", *, live: bool, rounds: int = ROUNDS) -> Comparison:
    """Measure a preset's kernel and the generic one, on ECB reference rates.

    Raises
    ------
    KernelError
        The generic kernel cannot be loaded.
    """
    assert kernel.STRUCTURE is not None
    types, lengths, robustness = kernel.STRUCTURE
    structure = Structure(checked_types(types), lengths, checked_robustness(robustness))
    config = ATCConfig.from_structure(structure)
    close = _close()
    pairs = np.array(
        [
            [_nanoseconds(each, config, close, live) for each in (kernel, generic_kernel())]
            for _ in range(rounds + 1)
        ][1:]  # the first one warms up
    )
    low, ratio, high = np.quantile(pairs[:, 1] / pairs[:, 0], (0.25, 0.5, 0.75))
    preset_ns, generic_ns = np.median(pairs, axis=0)
    return Comparison(kernel.PRESET, live, *map(float, (preset_ns, generic_ns, ratio, low, high)))


def nearest_preset(structure: Structure) -> str:
    """The installed preset that shares most types with a structure, then the one with the nearest lengths."""

    def distance(preset: str) -> tuple[float, float]:
        other = preset_structure(preset)
        ours, theirs = (dict(zip(s.moving_averages, s.lengths, strict=True)) for s in (structure, other))
        shared = ours.keys() & theirs.keys()
        apart = sum(abs(np.log(ours[name] / theirs[name])) for name in shared)
        return -len(shared) / len(ours.keys() | theirs.keys()), apart

    return min(list_presets(), key=distance)


def _close() -> "NDArray[np.float64]":
    from ..datasets import load_ecb_fx

    rates = load_ecb_fx()
    return rates["close"][rates["symbol"] == "USD"].to_numpy()[-BARS:]


def _nanoseconds(kernel: "Kernel", config: ATCConfig, close: "NDArray[np.float64]", live: bool) -> float:
    out, prices = np.empty((len(config.output_names), close.size)), close.tolist()
    runs, start = 0, thread_time()
    while True:
        symbol = kernel.Symbol(*config.kernel_arguments)
        if live:
            for price in prices:
                symbol.update(price)
        else:
            symbol.advance(close, close, out)
        runs += 1
        seconds = thread_time() - start
        if seconds > _LEAST_SECONDS:
            return seconds / runs / close.size * 1e9
