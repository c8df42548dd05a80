"""Kernels built to find what they do wrong with memory. Each way finds a planted fault first, then nothing.

    python tests/sanitizers.py                    all of them: some ten minutes
    python tests/sanitizers.py address thread     these
    python tests/sanitizers.py memory --kernels default,generic --level v2

=========  ================================  =========================================================
name       built with                        finds
=========  ================================  =========================================================
address    GCC's AddressSanitizer, and gaps  what is read or written beyond the parts of a state, of a
           between all parts of a state      block's memory, or of what callers give
undefined  GCC's UBSan                       overflows, shifts and conversions that C does not define
leak       GCC's LeakSanitizer               memory that a kernel asks for and nobody gives back
thread     GCC's ThreadSanitizer             what two threads do to one memory at a time
memory     clang's MemorySanitizer           decisions by memory that nobody has written
valgrind   GCC, run by valgrind              the same, of the kernels for old CPUs
=========  ================================  =========================================================

The last two run the golden cases in a program without Python (tests/machines/driver.pxi): all that such a
program is made of has to be built for MemorySanitizer. The others run tests of the suite in a copy of the
package. Linux alone; what is missing here ends the run. pytest does not run this file.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent / "machines"))

from mutants import best_level, copy_project
from sources import module_name, write_cases, write_kernel, write_stubs
from support.places import ROOT

from atc_cy.building.compiler import COMPILE_ARGS

TESTS = (
    "tests/test_fuzzing.py::test_damaged_input[states]",
    "tests/law/test_parity.py",
    "tests/law/test_growth.py",
)
"""Crafted states, streams with peeks and rewinds, panels; golden cases: no kernel that is not built."""
SANITIZED_ARGS = ["-O1", "-g", "-fno-omit-frame-pointer"]
"""Beside the build's, and stronger."""


class Fault(NamedTuple):
    """What is planted: a change of the kernel's source, and a program that runs into it."""

    file: str
    old: str
    new: str
    program: str = ""
    """Python, with a Symbol as `symbol`; empty: the golden cases do."""
    tells: str = ""
    """Part of the report."""


class Sanitizer(NamedTuple):
    """How kernels are built and run so that faults are found."""

    fault: Fault
    compiler: str = "gcc"
    flags: tuple[str, ...] = ()
    library: str = ""
    """Loaded before Python, which is not built for it; empty: the golden cases run without Python."""
    variable: str = ""
    options: str = ""
    tests: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    """What stands before the command."""
    level: str | None = None
    """The only CPU level that can be run."""


TWO_THREADS = """
from threading import Thread
out = [np.empty((13, 200_000)) for _ in range(2)]
long = np.tile(close, 400)[:200_000]
both = [Thread(target=symbol.advance, args=(long, long, own)) for own in out]
[thread.start() for thread in both]
[thread.join() for thread in both]
"""
THREADS = """
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
import numpy as np
from atc_cy import ATCConfig, Stream, scan

def test_threads():
    closes = 100 + np.arange(40 * 3000).reshape(40, 3000) % 37 / 4
    scan(closes, config=ATCConfig(), threads=4)
    stream = Stream(ATCConfig(), depth=3)
    def use(number):
        for price in closes[number, :300].tolist():
            stream.update(price)
            stream.peek(price)
            stream.result
            stream.to_bytes()
            with suppress(IndexError):
                stream.rewind()
        stream.extend(closes[number])
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(use, range(4)))
    assert stream.bars >= 4 * 3000
"""
WARM_UP_BARS = "[symbol.update(price) for price in close]"
SANITIZERS = {
    "address": Sanitizer(
        Fault(
            "state.pxi",
            "    s.rings[s.source_place + source_ring(s.config)] = x\n",
            "    s.rings[s.source_place + source_ring(s.config) + 1] = x\n",
            WARM_UP_BARS,
            "use-after-poison",
        ),
        flags=("-fsanitize=address", "-DWITH_GAPS"),
        library="libasan.so",
        variable="ASAN_OPTIONS",
        options="detect_leaks=0:allocator_may_return_null=1:handle_segv=1",
        tests=TESTS,
    ),
    "undefined": Sanitizer(
        Fault(
            "config.pxi",
            "c.cutout = smaller(cutout, MOST_BARS)",
            "c.cutout = cutout",
            WARM_UP_BARS,
            "signed integer overflow",
        ),
        flags=("-fsanitize=undefined", "-fno-sanitize=alignment"),
        library="libubsan.so",
        variable="UBSAN_OPTIONS",
        options="print_stacktrace=1",
        tests=TESTS,
    ),
    "leak": Sanitizer(
        Fault(
            "symbol.pxi",
            "        free(memory)\n        return 0\n",
            "        return 0\n",
            WARM_UP_BARS,
            "leak of",
        ),
        flags=("-fsanitize=address",),
        library="libasan.so",
        variable="ASAN_OPTIONS",
        options="detect_leaks=1:exitcode=0:allocator_may_return_null=1",
        tests=TESTS,
    ),
    "thread": Sanitizer(
        Fault(
            "symbol.pxi",
            '            raise RuntimeError("another thread is advancing this state")\n',
            "            pass\n",
            TWO_THREADS,
            "data race",
        ),
        flags=("-fsanitize=thread",),
        library="libtsan.so",
        variable="TSAN_OPTIONS",
        options="report_signal_unsafe=0:ignore_noninstrumented_modules=1",
        tests=("tests/test_sanitized.py",),
        before=("setarch", "-R"),
    ),
    "memory": Sanitizer(
        Fault(
            "state.pxi",
            "    memset(slots, 0, symbol_size(c, count))\n",
            "",
            tells="use-of-uninitialized-value",
        ),
        compiler="clang",
        flags=("-fsanitize=memory", "-fsanitize-memory-track-origins"),
        variable="MSAN_OPTIONS",
    ),
    "valgrind": Sanitizer(
        Fault("state.pxi", "    memset(slots, 0, symbol_size(c, count))\n", "", tells="uninitialised value"),
        before=("valgrind", "--quiet", "--error-exitcode=9", "--track-origins=yes"),
        level="v2",
    ),
}
PLANTED = """
import numpy as np
from atc_cy.ext.{module} import Symbol
from atc_cy import ATCConfig
config = ATCConfig(cutout=2**63 - 1)
close = 100 + np.arange(500) % 37 / 4
symbol = Symbol(*config.kernel_arguments)
{program}
"""


def call(command: Sequence[object], **settings: object) -> "subprocess.CompletedProcess[str]":
    words = [str(word) for word in command]
    return subprocess.run(words, capture_output=True, text=True, errors="replace", check=False, **settings)  # type: ignore[call-overload,no-any-return]


def build(folder: Path, own: Sanitizer, kernel: str, level: str, sources: Path) -> Path:
    """An extension, or where Python is not wanted a program."""
    folder.mkdir(parents=True, exist_ok=True)
    source = write_kernel(folder, kernel, level, driver=not own.library, kernel_source=sources)
    command = [own.compiler, *COMPILE_ARGS, *SANITIZED_ARGS, *own.flags, f"-march=x86-64-{level}"]
    command += ["-DPy_LIMITED_API=0x030B0000", f"-I{sysconfig.get_path('include')}", str(source)]
    if own.library:
        built, more = folder / f"{module_name(kernel, level)}.abi3.so", ["-fPIC", "-shared"]
    else:
        built, more = folder / kernel, [str(folder / "stubs.o")]
        write_stubs(folder / "stubs.c", Path(sysconfig.get_path("include")), source)
        call([own.compiler, "-w", "-c", folder / "stubs.c", "-o", folder / "stubs.o"])
    done = call([*command, *more, "-o", built])
    if done.returncode:
        raise SystemExit(f"{kernel} could not be built:\n{done.stderr[-3000:]}")
    return built


def planted(folder: Path, fault: Fault) -> Path:
    """The kernel's source with the fault."""
    sources = folder / "planted"
    shutil.copytree(ROOT / "atc_cy" / "kernel", sources)
    text = (sources / fault.file).read_text("utf-8")
    if text.count(fault.old) != 1:
        raise SystemExit(f"the fault's old text occurs {text.count(fault.old)} times in {fault.file}")
    (sources / fault.file).write_text(text.replace(fault.old, fault.new), "utf-8")
    return sources


class Run:
    """One sanitizer, in a folder of its own."""

    def __init__(self, folder: Path, name: str, kernels: Sequence[str], level: str) -> None:
        self.folder, self.name, self.own = folder, name, SANITIZERS[name]
        self.kernels, self.level = kernels, self.own.level or level
        self.logs, self.cases = folder / "logs", folder.parent / "cases"
        self.logs.mkdir(parents=True)

    def environment(self) -> dict[str, str]:
        own = self.own
        variables = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(self.folder / "copy")}
        if own.variable:
            variables[own.variable] = ":".join(filter(None, [own.options, f"log_path={self.logs / 'log'}"]))
        if own.library:
            variables["PYTHONMALLOC"] = "malloc"  # so that each object's memory is seen
            variables["LD_PRELOAD"] = call([own.compiler, f"-print-file-name={own.library}"]).stdout.strip()
        return variables

    def reports(self) -> list[str]:
        """What the sanitizer wrote since the last time that is of the kernels."""
        found = []
        for path in sorted(self.logs.iterdir()):
            text = path.read_text("utf-8", "replace")
            path.unlink()
            found += [part for part in parts_of(text) if is_ours(part, self.name)]
        return found

    def golden_cases(self, program: Path) -> tuple[str, list[str]]:
        done = call([*self.own.before, program, self.cases], env=self.environment())
        found = self.reports()
        if done.returncode and not found:
            found = [f"exit code {done.returncode}\n{done.stderr}"]
        cases, values, differ = (done.stdout.split() or ["0"] * 3)[:3]
        if not found and (differ != "0" or cases == "0"):
            found = [f"{cases} golden cases, {differ} values differ"]
        return f"{cases} golden cases, {values} values", found

    def tests(self) -> tuple[str, list[str]]:
        command = [
            *self.own.before,
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "--tb=short",
        ]
        done = call([*command, *self.own.tests], env=self.environment(), cwd=self.folder / "copy")
        found = self.reports()
        if done.returncode and not found:
            found = [f"exit code {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"]
        return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else "", found

    def finds_the_fault(self) -> bool:
        fault, sources = self.own.fault, planted(self.folder, self.own.fault)
        built = build(self.folder / "faulty", self.own, "generic", self.level, sources)
        if not self.own.library:
            return any(fault.tells in report for report in self.golden_cases(built)[1])
        copied = shutil.copy(built, self.folder / "copy" / "atc_cy" / "ext")
        script = PLANTED.format(module=module_name("generic", self.level), program=fault.program)
        command = [*self.own.before, sys.executable, "-c", script]
        done = call(command, env=self.environment(), cwd=self.folder / "copy")
        Path(copied).unlink()
        found = any(fault.tells in report for report in self.reports())
        if not found:
            print(done.stdout[-2000:], done.stderr[-2000:])
        return found

    def __call__(self) -> bool:
        """Whether the planted fault was found, and nothing else."""
        if self.own.library:
            presets = [name for name in self.kernels if name != "generic"]
            copy_project(self.folder / "copy", self.level, presets)
            (self.folder / "copy" / "tests" / "test_sanitized.py").write_text(THREADS)
            if self.name == "thread":  # `scan` asks the extension itself for the levels of this CPU
                for extension in (ROOT / "atc_cy" / "ext").glob("cpu.*.so"):
                    shutil.copy(extension, self.folder / "copy" / "atc_cy" / "ext")
        else:
            self.cases.exists() or write_cases(self.cases)
        start = time.monotonic()
        if not self.finds_the_fault():
            print(f"{self.name}: the planted fault was NOT found", flush=True)
            return False
        print(f"{self.name}: the planted fault was found", flush=True)
        kernel_source, passed = ROOT / "atc_cy" / "kernel", True
        for kernel in self.kernels:
            built = build(self.folder / "built", self.own, kernel, self.level, kernel_source)
            if self.own.library:
                shutil.copy(built, self.folder / "copy" / "atc_cy" / "ext")
                companion = ROOT / "presets" / f"{kernel}.toml"
                if companion.exists():
                    shutil.copy(companion, self.folder / "copy" / "atc_cy" / "ext")
            else:
                passed &= self.tell(kernel, *self.golden_cases(built))
        if self.own.library:
            passed &= self.tell(", ".join(self.kernels), *self.tests())
        print(f"{self.name}: {time.monotonic() - start:.0f} seconds", flush=True)
        return passed

    def tell(self, kernels: str, told: str, found: Sequence[str]) -> bool:
        print(f"{self.name}, {self.level}, {kernels}: {told}; {len(found)} reports", flush=True)
        for report in found[:5]:
            print(report[:3000])
        return not found


def parts_of(text: str) -> list[str]:
    """A file of reports, report by report."""
    return [
        part
        for part in re.split(
            r"(?m)^(?===\d+==ERROR|WARNING: |Direct leak|Indirect leak|.*: runtime error: )", text
        )
        if re.match(
            r"==\d+==ERROR|==\d+==WARNING|WARNING: |Direct leak|Indirect leak|.*: runtime error: ", part
        )
    ]


def is_ours(report: str, name: str) -> bool:
    """Whether a kernel is to blame: a leak's memory was asked for by one, not by Python on the way to it."""
    if name != "leak":
        return True
    for line in report.splitlines():
        if "_PyEval_" in line:
            return False
        if re.search(r"(generic|_v\d)[\w.]*\.(abi3\.so|c)\b", line):
            return True
    return False


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="of: " + ", ".join(SANITIZERS))
    parser.add_argument("--kernels", default="generic,default", help="presets, and generic")
    parser.add_argument("--level", default=best_level(), help="the CPU level (default: the best of this CPU)")
    options = parser.parse_args()
    if unknown := set(options.names) - set(SANITIZERS):
        parser.error(f"there is no sanitizer {min(unknown)}; there are {', '.join(SANITIZERS)}")
    failed, kernels = [], options.kernels.split(",")
    with tempfile.TemporaryDirectory(prefix="sanitizers-") as folder:
        for name in options.names or SANITIZERS:
            if not Run(Path(folder) / name, name, kernels, options.level)():
                failed.append(name)
    if failed:
        raise SystemExit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
