"""The C of kernels, with the driver or without it, and the golden cases as a file that the driver reads."""

import re
from pathlib import Path

import numpy as np
from Cython.Compiler import Errors
from Cython.Compiler.Main import CompilationOptions
from Cython.Compiler.Main import compile as translate
from support.golden import GOLDEN, golden
from support.kernels import lane_names, output_names
from support.places import ROOT

from atc_cy import Preset, reference
from atc_cy.building.extension import DIRECTIVES, KERNEL, stub
from atc_cy.config import MOVING_AVERAGES


def module_name(name: str, level: str) -> str:
    return name if name == "cpu" else f"{name}_{level}"


def write_kernel(
    folder: Path, name: str, level: str, *, driver: bool = True, kernel_source: Path = KERNEL
) -> Path:
    """The C of a kernel at a CPU level; "cpu" is the test of the CPU, which has no driver."""
    if name == "cpu":
        text = 'include "cpu.pxi"\n'
    else:
        preset = None if name == "generic" else Preset.read(ROOT / "presets" / f"{name}.toml")
        text = stub(preset, level) + ('include "driver.pxi"\n' if driver else "")
    source = folder / f"{module_name(name, level)}.pyx"
    source.write_text(text, encoding="utf-8")
    Errors.LEVEL = 2  # without the hint that IF is deprecated
    options = CompilationOptions(
        include_path=[str(kernel_source), str(Path(__file__).parent)],
        compiler_directives=DIRECTIVES,
        language_level=3,
    )
    if translate(str(source), options).num_errors:
        raise SystemExit(f"{source} could not be translated")
    return source.with_suffix(".c")


def write_stubs(path: Path, headers: Path, kernel: Path) -> None:
    """C that defines all of Python's names, so that the driver can be linked; it never calls them."""
    names: set[str] = set()
    for text in (kernel, *headers.rglob("*.h")):
        names.update(re.findall(r"\b_?Py\w+", text.read_text(encoding="utf-8", errors="replace")))
    lines = ["void abort(void);", "int _fltused;"]  # which Windows' own libraries have
    # Data are read from some of them, so they are aligned as data.
    lines += [
        f"__attribute__((aligned(16))) void {name}(void) {{ abort(); }}"
        for name in sorted(names)
        if not name.startswith("PyInit_")
    ]
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")


def write_cases(path: Path) -> None:
    """The golden cases; the lanes that a file does not have are the oracle's."""
    with path.open("wb") as file:

        def integers(*values: int) -> None:
            file.write(np.array(values, "<i8").tobytes())

        def floats(*values: object) -> None:
            for value in values:
                file.write(np.asarray(value, "<f8").tobytes())

        integers(len(GOLDEN))
        for name in GOLDEN:
            config, close, src, expected = golden(name)
            types, lane_lengths, weights, La, De, cutout, _ = config.kernel_arguments
            oracle = reference.atc(close.tolist(), config, src.tolist())
            integers(len(types), cutout)
            floats(La / 1000.0, 1.0 - De / 100.0)
            integers(*map(MOVING_AVERAGES.index, types), *(length for row in lane_lengths for length in row))
            floats(weights)
            integers(close.size)
            floats(close, src, *(expected[output] for output in output_names(config)))
            floats(*(expected.get(lane, oracle[lane]) for lane in lane_names(config)))
