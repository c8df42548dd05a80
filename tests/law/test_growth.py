"""The growth factor: correctly rounded, by another way than the kernel's."""

import math
from decimal import Decimal, localcontext
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from support.kernels import LEVELS, PRESETS, at_all_levels, kernel

from atc_cy import reference


def kernel_growth(La: float, bars: int, name: str = f"generic_{LEVELS[-1]}") -> list[float]:
    out = np.empty(bars)
    kernel(name).growth(La, out)
    return out.tolist()


def test_oracle_against_many_digits() -> None:
    rng = np.random.default_rng(0)
    for z in (0.0, 1.0, 2.0, 5e-324, 2.0**-53, 2.0**-52, 709.78, -3.5, *rng.uniform(0, 700, 200)):
        with localcontext(prec=400, Emax=10**6, Emin=-(10**6)) as context:
            exact = context.power(Decimal(math.e), Decimal(float(z)))
        assert reference.growth(float(z)) == float(str(exact))
    assert reference.growth(1.0) == math.e
    with pytest.raises(OverflowError):
        reference.growth(710.0)


@pytest.mark.parametrize("La", [0.0, 0.005, 0.02, 0.1, 0.5, 1 / 3, 7.0, 1e-300, 70.9])
def test_bar_after_bar(La: float) -> None:
    bars = 10_000
    expected = [(La / 1000) * k for k in range(0, bars, 37)]
    assert kernel_growth(La, bars)[::37] == [reference.growth(z) for z in expected]


def test_far_out() -> None:
    """After a million bars the recurrence has not drifted by one bit."""
    bars = 1_000_000
    growth = kernel_growth(0.5, bars)
    for k in range(bars - 1, bars - 500, -1):
        assert growth[k] == reference.growth((0.5 / 1000) * k)


def test_single_steps() -> None:
    """E**(La / 1000) itself, over all magnitudes: the 256-bit path."""
    rng = np.random.default_rng(3)
    for La in (*(10.0 ** rng.uniform(-20, 5.85, 3000)), *rng.uniform(0, 709_000, 1000)):
        assert kernel_growth(float(La), 2)[1] == reference.growth(float(La) / 1000)


def test_near_ties() -> None:
    """Beside 1, E**z comes so near to the middle between two doubles that the recurrence cannot decide."""
    La = 1000 * 2.0**-53
    assert La / 1000 == 2.0**-53
    assert kernel_growth(La, 2000) == [reference.growth(2.0**-53 * k) for k in range(2000)]


def test_at_the_end_of_the_doubles() -> None:
    La = 709.78
    assert kernel_growth(La, 1001)[1000] == reference.growth((La / 1000) * 1000)
    assert kernel_growth(La, 1002)[1001] == math.inf
    last, beyond = 709.782712893384, 709.7827128933841
    for z in (last, beyond, 709.78271289338, 709.7827128935):
        La = z * 1000
        try:
            expected = reference.growth(La / 1000)
        except OverflowError:
            expected = math.inf
        assert kernel_growth(La, 2)[1] == expected
    assert kernel_growth(1e300, 2) == [1.0, math.inf]


@pytest.mark.parametrize("name", at_all_levels("generic", *PRESETS))
def test_the_same_in_every_kernel(name: str) -> None:
    assert kernel_growth(0.02, 5000, name) == kernel_growth(0.02, 5000)


@pytest.mark.parametrize("out", [np.array(1.0), np.empty((2, 2)), np.empty(3, np.float32), np.empty(3, int)])
def test_only_one_row_of_doubles_is_filled(out: NDArray[Any]) -> None:
    with pytest.raises((TypeError, ValueError), match="out must be"):
        kernel(f"generic_{LEVELS[-1]}").growth(0.5, out)
