"""The short cuts of the kernel's arithmetic, compiled by themselves, against the plain operation."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from support.kernels import LEVELS, PRESETS

from atc_cy import reference
from atc_cy.building.extension import COMPILE_ARGS, DIRECTIVES, KERNEL, WIDTHS

pytestmark = pytest.mark.long  # it compiles
MODULE = """
cdef extern from *:
    '#define WIDTH {width}'

cdef extern from "<math.h>":
    const double NAN

include "vector.pxi"
include "exact.pxi"


def divisions(const double[::1] x, double divisor, double[::1] one, double[::1] many):
    cdef Py_ssize_t i
    cdef double reciprocal = 1.0 / divisor
    for i in range(x.shape[0]):
        one[i] = divide(x[i], divisor, reciprocal, IN_RANGE)
    for i in range(0, x.shape[0], {width}):
        store_vector(
            &many[i], divide(load_vector(&x[i]), broadcast(divisor), broadcast(reciprocal), IN_RANGE)
        )


def roundings(const double[::1] x, double[::1] one, double[::1] many):
    cdef Py_ssize_t i
    for i in range(x.shape[0]):
        one[i] = round2(x[i])
    for i in range(0, x.shape[0], {width}):
        store_vector(&many[i], round2(load_vector(&x[i])))


def selections(const double[::1] a, const double[::1] b, const double[::1] x, const double[::1] y,
               double[:, ::1] out):
    cdef Py_ssize_t i
    cdef Vector u, v
    for i in range(0, a.shape[0], {width}):
        u, v = load_vector(&a[i]), load_vector(&b[i])
        store_vector(&out[0, i], select_greater(u, v, load_vector(&x[i]), load_vector(&y[i])))
        store_vector(&out[1, i], select_at_least(u, v, load_vector(&x[i]), load_vector(&y[i])))
        store_vector(&out[2, i], copy_sign(u, v))
        store_vector(&out[3, i], magnitude(u))
        store_vector(&out[4, i], broadcast(any(greater(u, v))))


def turned(const double[:, ::1] square, double[:, ::1] out):
    transpose(&square[0, 0], square.shape[1], &out[0, 0], out.shape[1])
"""
SETUP = """
from setuptools import Extension, setup
from Cython.Build import cythonize
module = Extension("exact_{level}", ["exact_{level}.pyx"], extra_compile_args={arguments})
setup(ext_modules=cythonize(module, include_path=[{kernel!r}], compiler_directives={directives}))
"""


def compiled(folder: Path, level: str, *extra: str) -> Any:
    """exact.pxi as a module of its own, compiled as the kernels are, but for the extra flags."""
    march = [] if level == "portable" else [f"-march=x86-64-{level}"]
    arguments = [*COMPILE_ARGS, *march, *extra]
    text = SETUP.format(level=level, arguments=arguments, kernel=str(KERNEL), directives=DIRECTIVES)
    (folder / f"exact_{level}.pyx").write_text(MODULE.format(width=WIDTHS[level]))
    (folder / "setup.py").write_text(text)
    done = subprocess.run(
        [sys.executable, "setup.py", "-q", "build_ext", "--inplace"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (path,) = (path for path in folder.iterdir() if path.suffix in (".so", ".pyd"))
    spec = importlib.util.spec_from_file_location(f"exact_{level}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module", params=[*((level, False) for level in LEVELS), (LEVELS[0], True)], ids=str)
def exact(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """exact.pxi compiled by itself; plain: without intrinsics."""
    level, plain = request.param
    return compiled(tmp_path_factory.mktemp(level), level, *(["-DPLAIN_VECTORS"] if plain else []))


@pytest.mark.parametrize("level", [level for level in LEVELS if level != "v2"])  # which has no such operation
def test_fused_multiply_adds_are_refused(level: str, tmp_path: Path) -> None:
    with pytest.raises(ImportError, match=r"exact_.* with fused multiply-adds, .*-ffp-contract=off"):
        compiled(tmp_path, level, "-ffp-contract=fast")


def test_reordered_operations_are_refused(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="compile without -ffast-math"):
        compiled(tmp_path, LEVELS[-1], "-ffast-math")


def vectors(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same values, ending with a few ones, in memory that a vector of any level can be read from."""
    n = -(-x.size // 8) * 8
    memory = np.ones(n + 8)
    start = -memory.ctypes.data // 8 % 8
    memory[start : start + x.size] = x
    return memory[start : start + n]


def divisors() -> list[int]:
    """Every divisor of every preset, 100, and the largest that the longest lanes bring."""
    lengths = {n for preset in PRESETS.values() for row in preset.structure.lane_lengths() for n in row}
    lengths |= {1, 2, 3, 4095, 4096, 11_999, 12_000}
    sums = {n * (n + 1) // 2 for n in lengths}
    denominators = {n * n * (n * n - 1) // 12 for n in lengths if n > 1}
    return sorted(lengths | sums | denominators | {100, 2**51 - 1, 2**51})


def operands(divisor: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Random ones, those whose quotient is next to the middle between two doubles, and extreme ones."""
    n = 500
    random = rng.uniform(1, 2, n) * 2.0 ** rng.integers(-600, 600, n)
    odd = [2 * int(m) + 1 for m in rng.integers(2**52, 2**53, n, dtype=np.int64)]  # 54 bits: a middle
    ties = np.array([float(divisor * middle) for middle in odd])
    for _ in range(3):
        ties = np.concatenate([ties, np.nextafter(ties[:n], 0), np.nextafter(ties[:n], np.inf)])
    multiples = rng.integers(0, 2**52 // divisor + 2, n) * float(divisor)
    extreme = np.array([0.0, 1.0, 2.0**-600, 2.0**600, np.nextafter(1, 2), np.nextafter(1, 0)])
    every = np.concatenate([random, ties, multiples, extreme])
    return np.concatenate([every, -every])


def test_division_by_an_integer(exact: Any) -> None:
    rng = np.random.default_rng(0)
    for divisor in divisors():
        x = vectors(operands(divisor, rng))
        one, many = np.empty_like(x), vectors(np.empty_like(x))
        exact.divisions(x, divisor, one, many)
        assert np.array_equal(one, x / divisor), divisor
        assert np.array_equal(many, x / divisor), divisor


def test_round2(exact: Any) -> None:
    rng = np.random.default_rng(1)
    halves = (np.arange(-200, 201) + 0.5) / 200
    near = np.concatenate([halves + delta for delta in (0, 1e-12, -1e-12, 0.99e-12, 1.01e-12, -1.01e-12)])
    steps = [halves]
    for _ in range(50):
        steps += [np.nextafter(steps[-1], 2), np.nextafter(steps[-1], -2)]
    x = np.concatenate([rng.uniform(-1, 1, 20_000), near, *steps, np.arange(-100, 101) / 100, [0.0, -0.0]])
    x = vectors(x[np.abs(x) <= 1])
    x[0] = np.nan
    one, many = np.empty_like(x), vectors(np.empty_like(x))
    exact.roundings(x, one, many)
    expected = np.array([reference.round2(float(v)) for v in x])
    for out in (one, many):
        assert np.array_equal(out, expected, equal_nan=True)
        assert np.array_equal(np.signbit(out[1:]), np.signbit(expected[1:]))


def test_selections(exact: Any) -> None:
    rng = np.random.default_rng(2)
    special = np.array([0.0, -0.0, 1.0, -1.0, np.nan, np.inf, -np.inf, 5e-324])
    a, b = (own.ravel() for own in np.meshgrid(special, special))
    x, y = rng.normal(0, 1, (2, a.size))
    out = np.empty((5, a.size))
    exact.selections(a, b, x, y, out)
    width = WIDTHS["portable" if "portable" in LEVELS else exact.__name__[-2:]]
    some = np.repeat((a > b).reshape(-1, width).any(axis=1), width)
    for own, expected in zip(
        out, (np.where(a > b, x, y), np.where(a >= b, x, y), np.copysign(a, b), np.abs(a), some), strict=True
    ):
        assert np.array_equal(own, expected, equal_nan=True)
        assert np.array_equal(np.signbit(own), np.signbit(expected))


def test_a_square_is_turned(exact: Any) -> None:
    square, out = np.arange(72.0).reshape(8, 9), np.full((8, 11), -7.0)
    exact.turned(square, out)
    assert np.array_equal(out[:, :8], square[:, :8].T)
    assert (out[:, 8:] == -7.0).all()
