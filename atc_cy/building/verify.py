"""Verifies a preset's kernel: every bit is compared with the generic kernel and the oracle."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..config import ATCConfig, ConfigFields
from ..dispatch import KernelInfo, generic_kernel, kernels, preset_kernel, preset_structure
from ..errors import VerificationError
from ..reference import LANE_SUFFIXES, atc

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..dispatch import Kernel

    Floats = NDArray[np.float64]

ORACLE_BARS = 600
"""How many bars of a case the oracle computes: it is plain Python."""
_RANDOM_CASES = 60
_UNWRITTEN = -7.0
"""A number that no kernel computes, so that outputs which were not written are found."""


class Verification(NamedTuple):
    """What was compared and found equal, bit for bit."""

    kernel: KernelInfo
    series: int
    bars: int
    """The bars compared with the generic kernel: all outputs and lanes in one call, outputs bar by bar."""
    oracle_bars: int
    """The bars compared with the oracle as well."""


class Case(NamedTuple):
    """One series, and the config to compute it with."""

    name: str
    config: ATCConfig
    close: "Floats"
    src: "Floats"


def verify(preset: str, *, seed: int = 0) -> Verification:
    """Compare a preset's kernel with the generic one and the oracle, on shipped prices and random ones.

    Raises
    ------
    ValueError
        No such preset is installed.
    KernelError
        A kernel cannot be loaded.
    VerificationError
        A number differs.
    """
    structure = preset_structure(preset)
    kernel, generic = preset_kernel(preset, structure, fallback=False), generic_kernel()
    bars = oracle_bars = 0
    cases = [*_shipped_cases(preset), *_random_cases(preset, np.random.default_rng(seed))]
    expected = []
    for case in cases:
        whole = outputs_at_once(generic, case)
        _compare(preset, case, outputs_at_once(kernel, case), whole, "the generic kernel")
        expected.append(whole[: len(case.config.output_names)].copy())  # without the many lanes
        bars += case.close.size
    for config in {case.config for case in cases}:
        group = [number for number, case in enumerate(cases) if case.config == config]
        found = _bar_by_bar(kernel, [cases[number] for number in group])
        for number, live in zip(group, found, strict=True):
            _compare(preset, cases[number], live, expected[number], "the generic kernel, not bar by bar")
    for case in (cases[0], *cases[-_RANDOM_CASES // 10 :]):
        config = case.config.override(strategy_mode=False)  # the oracle does not have it
        short = Case(case.name, config, case.close[:ORACLE_BARS], case.src[:ORACLE_BARS])
        _compare(preset, short, outputs_at_once(kernel, short), _oracle(short), "the oracle")
        oracle_bars += short.close.size
    (info,) = (row for row in kernels() if row.preset == preset)
    return Verification(info, len(cases), bars, oracle_bars)


def _shipped_cases(preset: str) -> "Iterator[Case]":
    from ..datasets import load_ecb_fx, load_stocks

    config = ATCConfig.from_preset(preset)
    for frame, column in ((load_ecb_fx(), "close"), (load_stocks(), "adj_close")):
        for symbol, rows in frame.groupby("symbol"):
            close = rows[column].to_numpy(np.float64)
            yield Case(str(symbol), config, close, close)


def _random_cases(preset: str, rng: np.random.Generator) -> "Iterator[Case]":
    """Random walks: calm, wild and flat ones, some with gaps, with a separate src, or with other numbers."""
    for number in range(_RANDOM_CASES):
        n = int(rng.integers(1, 2_000))
        steps = rng.normal(0, rng.choice([1e-6, 0.01, 0.3]), n) * (
            rng.random(n) > rng.choice([0.0, 0.5, 0.98])
        )
        close = 10 ** rng.uniform(-8, 8) * np.exp(np.clip(np.cumsum(steps), -200, 200))
        src = close if rng.random() < 0.5 else rng.normal(0, 10 ** rng.uniform(-200, 200), n)
        close = np.where(rng.random(n) < rng.choice([0.0, 0.2]), np.nan, close)
        numbers: ConfigFields = {
            "La": float(rng.choice([0.0, 0.02, 5.0])),
            "De": float(rng.choice([0.0, 0.03, 60.0])),
            "cutout": int(rng.choice([0, 3, 150])),
            "strategy_mode": bool(rng.random() < 0.5),
        }
        config = ATCConfig.from_preset(preset, **numbers)
        yield Case(f"random series {number}", config, close, np.where(np.isnan(close), np.nan, src))


def outputs_at_once(kernel: "Kernel", case: Case) -> "Floats":
    """All outputs and lanes, from one call."""
    types, n = len(case.config.moving_averages), case.close.size
    values = np.full((2 * types + 1 + 27 * types, n), _UNWRITTEN)
    out, lanes = values[: 2 * types + 1], values[2 * types + 1 :]
    kernel.Symbol(*case.config.kernel_arguments).advance(case.close, case.src, out, lanes)
    return values


def _bar_by_bar(kernel: "Kernel", cases: list[Case]) -> "Iterator[Floats]":
    """All outputs of each case, from a panel that takes one bar of each case at a time."""
    config, bars = cases[0].config, max(case.close.size for case in cases)
    closes, srcs = np.full((2, bars, len(cases)), np.nan)
    for number, case in enumerate(cases):
        closes[: case.close.size, number], srcs[: case.close.size, number] = case.close, case.src
    panel = kernel.Panel(*config.kernel_arguments)
    panel.add(len(cases))
    outputs = len(config.output_names)
    values = np.full((bars, outputs + 2, len(cases)), np.nan)  # NaN stays where a case has no bar
    for close, src, out in zip(closes, srcs, values, strict=True):
        panel.update(close, src, out)
    for number, case in enumerate(cases):
        yield values[: case.close.size, :outputs, number].T


def _oracle(case: Case) -> "Floats":
    """All outputs and lanes, in the order in which a kernel writes them."""
    result = atc(case.close.tolist(), case.config, case.src.tolist())
    types = case.config.moving_averages
    lanes = [f"{kind}{name}{suffix}" for kind in ("", "s", "e") for name in types for suffix in LANE_SUFFIXES]
    return np.array([result[name] for name in (*case.config.output_names, *lanes)])


def _compare(preset: str, case: Case, found: "Floats", expected: "Floats", whose: str) -> None:
    differ = ~((found == expected) | (np.isnan(found) & np.isnan(expected)))
    if differ.any():
        row = int(np.flatnonzero(differ.any(axis=0))[0])
        output = int(np.flatnonzero(differ[:, row])[0])
        raise VerificationError(
            f"preset {preset!r}, {case.name}, row {row}, output {output}: {float(found[output, row])!r}, but "
            f"{float(expected[output, row])!r} from {whose}"
        )
