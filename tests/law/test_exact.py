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
    enum: WIDTH

cdef extern from "<math.h>":
    const double NAN

include "vector.pxi"
include "exact.pxi"


def divisions(Py_ssize_t n, size_t x, double divisor, size_t one, size_t many):
    cdef Py_ssize_t i
    cdef double reciprocal = 1.0 / divisor
    for i in range(n):
        (<double *> one)[i] = divide((<double *> x)[i], divisor, reciprocal, IN_RANGE)
    for i in range(0, n, WIDTH):
        store_vector(
            <double *> many + i,
            divide(load_vector(<double *> x + i), broadcast(divisor), broadcast(reciprocal), IN_RANGE),
        )


def roundings(Py_ssize_t n, size_t x, size_t one, size_t many):
    cdef Py_ssize_t i
    for i in range(n):
        (<double *> one)[i] = round2((<double *> x)[i])
    for i in range(0, n, WIDTH):
        store_vector(<double *> many + i, round2(load_vector(<double *> x + i)))


def selections(Py_ssize_t n, size_t a, size_t b, size_t x, size_t y, size_t out):
    cdef Py_ssize_t i
    cdef Vector u, v, p, q
    cdef double *to = <double *> out
    for i in range(0, n, WIDTH):
        u, v = load_vector(<double *> a + i), load_vector(<double *> b + i)
        p, q = load_vector(<double *> x + i), load_vector(<double *> y + i)
        store_vector(to + i, select_greater(u, v, p, q))
        store_vector(to + n + i, select_at_least(u, v, p, q))
        store_vector(to + 2 * n + i, copy_sign(u, v))
        store_vector(to + 3 * n + i, magnitude(u))
        store_vector(to + 4 * n + i, broadcast(any(greater(u, v))))


def turned(Py_ssize_t n, size_t square, Py_ssize_t m, size_t out):
    transpose(<double *> square, n, <double *> out, m)
"""
"""Arrays come by their addresses: the code of memoryviews would take most of the time to compile."""
SETUP = f"""
import sys
from setuptools import Extension, setup
from Cython.Build import cythonize
cythonize("exact.pyx", include_path=[{str(KERNEL)!r}], compiler_directives={DIRECTIVES})
kinds = [argument.split() for argument in sys.argv[1:]]
setup(
    script_args=["-q", "build_ext", "--inplace"],
    ext_modules=[Extension(f"{{kind}}.exact", ["exact.c"], extra_compile_args=args) for kind, *args in kinds],
)
"""
"""Translates the module once, and compiles it for each argument: the name of a folder, and flags."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exact")
    (folder / "exact.pyx").write_text(MODULE)
    (folder / "setup.py").write_text(SETUP)
    return folder


def build(folder: Path, **kinds: tuple[str, str]) -> None:
    """exact.pxi as modules of their own, compiled for a level as the kernels are, but for the extra flags."""
    arguments = []
    for kind, (level, *extra) in kinds.items():
        (folder / kind).mkdir()
        march = [] if level == "portable" else [f"-march=x86-64-{level}"]
        arguments.append(" ".join([kind, *COMPILE_ARGS, *march, f"-DWIDTH={WIDTHS[level]}", *extra]))
    done = subprocess.run(
        [sys.executable, "setup.py", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def load(folder: Path) -> Any:
    (path,) = (path for path in folder.iterdir() if path.suffix in (".so", ".pyd"))
    spec = importlib.util.spec_from_file_location("exact", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


KINDS = {level: (level, "") for level in LEVELS} | {"plain": (LEVELS[0], "-DPLAIN_VECTORS")}
"""Each level with its intrinsics, and one without."""
FUSED = [level for level in LEVELS if level != "v2"][-1:]  # which has no such operation


@pytest.fixture(scope="module")
def built(folder: Path) -> Path:
    """Where the folders are of all kinds."""
    build(folder, **KINDS, **{f"fused_{level}": (level, "-ffp-contract=fast") for level in FUSED})
    return folder


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def exact(kind: str, built: Path) -> Any:
    """exact.pxi compiled by itself."""
    return load(built / kind)


@pytest.mark.parametrize("level", FUSED)
def test_fused_multiply_adds_are_refused(level: str, built: Path) -> None:
    with pytest.raises(ImportError, match=r"exact.* with fused multiply-adds, .*-ffp-contract=off"):
        load(built / f"fused_{level}")


def test_reordered_operations_are_refused(built: Path) -> None:
    with pytest.raises(AssertionError, match="compile without -ffast-math"):
        build(built, reordered=(LEVELS[-1], "-ffast-math"))


def at(array: NDArray[np.float64]) -> int:
    """The address of an array whose values lie one after another."""
    assert array.flags.c_contiguous
    return array.ctypes.data


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
        exact.divisions(x.size, at(x), divisor, at(one), at(many))
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
    exact.roundings(x.size, at(x), at(one), at(many))
    expected = np.array([reference.round2(float(v)) for v in x])
    for out in (one, many):
        assert np.array_equal(out, expected, equal_nan=True)
        assert np.array_equal(np.signbit(out[1:]), np.signbit(expected[1:]))


def test_selections(exact: Any, kind: str) -> None:
    rng = np.random.default_rng(2)
    special = np.array([0.0, -0.0, 1.0, -1.0, np.nan, np.inf, -np.inf, 5e-324])
    a, b = (own.ravel() for own in np.meshgrid(special, special))
    x, y = rng.normal(0, 1, (2, a.size))
    out = np.empty((5, a.size))
    exact.selections(a.size, at(a), at(b), at(x), at(y), at(out))
    width = WIDTHS[KINDS[kind][0]]
    some = np.repeat((a > b).reshape(-1, width).any(axis=1), width)
    for own, expected in zip(
        out, (np.where(a > b, x, y), np.where(a >= b, x, y), np.copysign(a, b), np.abs(a), some), strict=True
    ):
        assert np.array_equal(own, expected, equal_nan=True)
        assert np.array_equal(np.signbit(own), np.signbit(expected))


def test_a_square_is_turned(exact: Any) -> None:
    square, out = np.arange(72.0).reshape(8, 9), np.full((8, 11), -7.0)
    exact.turned(9, at(square), 11, at(out))
    assert np.array_equal(out[:, :8], square[:, :8].T)
    assert (out[:, 8:] == -7.0).all()
