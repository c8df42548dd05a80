"""Kernels compiled for other machines, and golden cases on those that can be emulated: zero bits may differ.

    python tests/machines/run.py [--kernels generic,default] [--levels v2,portable] [TARGET ...]

One line a cell: the target, the CPU level and the kernel, how it was run, cases, values compared, values that
differ. What is missing here is reported, and skipped. Needs `pip install 'atc_cy[machines]'`.
"""

import os
import subprocess
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

from sources import module_name, write_cases, write_kernel, write_stubs
from support.kernels import LEVELS, PRESETS
from tools import MissingError, from_debian, headers, program, run, windows_headers, zig

from atc_cy.building.compiler import CLANG_CL_ARGS, COMPILE_ARGS, spelled_for

HERE = Path(__file__).parent
DEFINED = ["-DPy_LIMITED_API=0x030B0000", "-DPy_NO_ENABLE_SHARED"]
WARNINGS = ["-Wall", "-Wextra", "-Werror", "-Wno-unused-parameter", "-Wno-missing-field-initializers"]
WARNINGS += ["-Wno-cast-function-type"]  # as Python's own headers want it
X86, PORTABLE = ("v2", "v3", "v4"), ("portable",)


class Runner(NamedTuple):
    """One way to run a target's programs."""

    name: str
    levels: tuple[str, ...]
    command: Callable[[], list[str]]
    """What stands before the program; MissingError if it is not there."""


class Target(NamedTuple):
    """What is compiled for."""

    name: str
    levels: tuple[str, ...]
    compiler: Callable[[], list[str]]
    """It also links, unless there is a linker."""
    headers: Callable[[], Path] = headers
    runners: tuple[Runner, ...] = ()
    """Empty: nothing here runs its programs, so kernels are compiled and no more."""
    linker: Callable[[], list[str]] | None = None
    compiler_type: str = "unix"
    """As setuptools calls it."""

    def compile(self, level: str, source: Path, made: Path) -> list[object]:
        """The command that compiles a kernel as the build does; warnings are errors."""
        command = self.compiler()
        march = [] if level == "portable" else [f"-march=x86-64-{level}"]
        flags = spelled_for(self, [*COMPILE_ARGS, *march])
        if "-target" in command:  # zig's
            flags = [flag.replace("x86-64-", "x86_64_") for flag in flags]
        warnings = ["/W3", "-Werror"] if self.compiler_type == "msvc" else WARNINGS
        return [*command, *flags, *warnings, *DEFINED, f"-I{self.headers()}", "-c", source, "-o", made]

    def link(self, *parts: Path) -> list[object]:
        """The command that links; what it links with is the same at all levels."""
        return [*(self.linker or self.compiler)(), *parts[:-1], "-o", parts[-1]]


def native(name: str) -> Callable[[], list[str]]:
    """A compiler of this machine, if it is an x86-64."""

    def command() -> list[str]:
        if "v2" not in LEVELS:
            raise MissingError("this is no x86-64")
        return [program(name)]

    return command


def of_zig(target: str) -> Callable[[], list[str]]:
    return lambda: [str(zig() / "zig"), "cc", "-target", target]


def clang_cl(target: str) -> list[str]:
    """Clang as clang-cl, for MSVC's ABI: with mingw's headers, and without what needs MSVC's libraries."""
    clang, system = zig() / "lib" / "include", zig() / "lib" / "libc" / "include" / "any-windows-any"
    mode = [
        str(zig() / "zig"),
        "clang",
        "--driver-mode=cl",
        f"--target={target}",
        "/nologo",
        "/O2",
        "/MD",
        "/DNDEBUG",
    ]
    return [
        *mode,
        *CLANG_CL_ARGS,
        "/Zl",
        "/GS-",
        f"/imsvc{clang}",
        f"/imsvc{system}",
        f"/FI{HERE / 'msvc.h'}",
    ]


def emulated(machine: str, *options: str) -> Callable[[], list[str]]:
    return lambda: [from_debian(f"qemu-{machine}-static", "qemu-user-static"), *options]


def wine() -> list[str]:
    os.environ.setdefault("WINEDEBUG", "-all")
    return [from_debian("wine", "wine64")]


THIS_CPU = tuple(level for level in X86 if level in LEVELS)
NATIVE = (Runner("here", THIS_CPU, list),)
OLD = (
    Runner("qemu, Nehalem", ("v2",), emulated("x86_64", "-cpu", "Nehalem")),
    Runner("qemu, Haswell", ("v3",), emulated("x86_64", "-cpu", "Haswell")),
)
ARM = (Runner("qemu", PORTABLE, emulated("aarch64")),)
WINE = (Runner("wine", THIS_CPU, wine),)
TARGETS = [
    Target("linux-x86_64-gcc", X86, native("gcc"), runners=(*NATIVE, *OLD)),
    Target("linux-x86_64-clang", X86, native("clang"), runners=NATIVE),
    Target("linux-x86_64-musl", X86, of_zig("x86_64-linux-musl"), runners=NATIVE),
    Target("linux-aarch64-glibc", PORTABLE, of_zig("aarch64-linux-gnu.2.17")),
    Target("linux-aarch64-musl", PORTABLE, of_zig("aarch64-linux-musl"), runners=ARM),
    Target("windows-x86_64-mingw", X86, of_zig("x86_64-windows-gnu"), windows_headers, WINE),
    Target("windows-arm64-mingw", PORTABLE, of_zig("aarch64-windows-gnu"), windows_headers),
    Target(
        "windows-x86_64-clang-cl",
        X86,
        lambda: clang_cl("x86_64-pc-windows-msvc"),
        windows_headers,
        WINE,
        of_zig("x86_64-windows-gnu"),
        "msvc",
    ),
    Target(
        "windows-arm64-clang-cl",
        PORTABLE,
        lambda: clang_cl("arm64-pc-windows-msvc"),
        windows_headers,
        compiler_type="msvc",
    ),
    Target("macos-x86_64", X86, of_zig("x86_64-macos")),
    Target("macos-arm64", PORTABLE, of_zig("aarch64-macos")),
]


class Cells:
    """What was found, printed as it comes."""

    def __init__(self) -> None:
        self.passed = self.failed = self.skipped = 0
        self._lock = Lock()

    def passes(self, *words: object) -> None:
        self._print("passed", *words)

    def fails(self, *words: object) -> None:
        self._print("failed", *words)

    def skips(self, *words: object) -> None:
        self._print("skipped", *words)

    def _print(self, kind: str, *words: object) -> None:
        with self._lock:
            setattr(self, kind, getattr(self, kind) + 1)
            print(f"{kind}:", *words, flush=True)


def available(cells: Cells, target: Target) -> Target | None:
    """The target with the runners that are there, or None; what is missing is reported."""
    runners = []
    try:
        target.compiler()
        target.headers()
    except MissingError as error:
        cells.skips(f"{target.name}: {error}")
        return None
    for runner in target.runners:
        try:
            runner.command()
            runners.append(runner)
        except MissingError as error:
            cells.skips(f"{target.name}, {runner.name}: {error}")
    return target._replace(runners=tuple(runners))


def build_and_run(cells: Cells, folder: Path, target: Target, level: str, kernel: str) -> None:
    """The cells of one kernel at one level."""
    cell, made = f"{target.name} {level} {kernel}", folder / f"{target.name}-{level}-{kernel}"
    compiled, linked = made.with_suffix(".o"), made.with_suffix(".exe")
    try:
        run(*target.compile(level, folder / f"{module_name(kernel, level)}.c", compiled))
        cells.passes(f"{cell}: compiled without a warning")
        if kernel != "cpu" and target.runners:
            run(*target.link(compiled, folder / "stubs.c", linked))
    except SystemExit as error:
        cells.fails(f"{cell}: {error}")
        return
    for runner in target.runners if kernel != "cpu" else ():
        if level in runner.levels:
            run_cases(cells, f"{cell}, {runner.name}:", [*runner.command(), linked, folder / "cases"])


def run_cases(cells: Cells, cell: str, command: list[str | Path]) -> None:
    """Run a driver, and look at the numbers that it prints."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    numbers = done.stdout.split()
    if done.returncode or len(numbers) != 4:
        cells.fails(cell, f"exit code {done.returncode}", done.stdout, done.stderr)
        return
    count, values, differ, contracted = map(int, numbers)
    report = cells.fails if differ or contracted or not count else cells.passes
    report(cell, f"{count} golden cases, {values} values compared, {differ} differ")


def main() -> int:
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--kernels", default="generic,default", help="of: generic, " + ", ".join(PRESETS))
    parser.add_argument(
        "targets", nargs="*", metavar="TARGET", help="of: " + ", ".join(t.name for t in TARGETS)
    )
    parser.add_argument(
        "--levels", default=",".join((*X86, *PORTABLE)), help="of CPUs (default: %(default)s)"
    )
    options = parser.parse_args()
    names = [target.name for target in TARGETS]
    if unknown := set(options.targets) - set(names):
        parser.error(f"there is no target {min(unknown)}; there are {', '.join(names)}")
    cells = Cells()
    levels = options.levels.split(",")
    chosen = (
        target._replace(levels=tuple(level for level in target.levels if level in levels))
        for target in TARGETS
        if target.name in (options.targets or names)
    )
    targets = [found for target in chosen if (found := available(cells, target))]
    kernels = ["cpu", *options.kernels.split(",")]
    with TemporaryDirectory() as name, ThreadPoolExecutor(2) as pool:
        folder = Path(name)
        os.environ.setdefault("WINEPREFIX", str(folder / "wine"))
        written = pool.submit(write_cases, folder / "cases")
        for kernel in kernels:
            for level in sorted({level for target in targets for level in target.levels}):
                write_kernel(folder, kernel, level)
        write_stubs(folder / "stubs.c", headers(), folder / f"{module_name(kernels[-1], level)}.c")
        written.result()
        jobs = [
            pool.submit(build_and_run, cells, folder, target, level, kernel)
            for target in targets
            for level in target.levels
            for kernel in (kernels if target.runners else kernels[:2])
        ]
        for job in jobs:
            job.result()
        if any(WINE[0] in target.runners for target in targets):
            run(program("wineserver"), "--wait")
    print(f"{cells.passed} passed, {cells.failed} failed, {cells.skipped} skipped")
    return cells.failed != 0 or cells.passed == 0


if __name__ == "__main__":
    sys.exit(main())
