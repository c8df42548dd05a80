"""The C compiler that setuptools uses, and the flags that it must understand.

The law rounds after every operation. A compiler that ignores a flag with only a warning may fuse two
operations, and numbers change in their last bits. So all flags are tried before anything is built, and the
build ends if the compiler does not understand one.
"""

import os
import platform
import shutil
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from setuptools.errors import CompileError, PlatformError  # isort: skip  (it brings distutils, which is imported next)
from distutils.ccompiler import new_compiler
from distutils.sysconfig import customize_compiler
from distutils.util import get_platform

from ..errors import BuildError

COMPILE_ARGS = [
    "-O3",
    "-ffp-contract=off",  # a fused multiply-add rounds once where the law rounds twice
    "-fno-math-errno",
    "-fno-trapping-math",
    "-fno-tree-vectorize",  # vectors are explicit
    "-g0",
]
HARDENING_ARGS = ["-fstack-protector"] if get_platform() == "linux-x86_64" else []
"""Flags that do not change any number, on the systems where their cost was measured.

Functions that fill an array of characters check the stack at their end. That took 0.3 % more time for a
series and 0.4 % less bar by bar, which is within the noise (300 pairs, `default` at v3).
`-fstack-protector-strong` also guards the kernels' arrays of doubles, and took 1.9 % and 2.7 % more (800
pairs), so it is not used.
"""
LINK_ARGS = ["-s", "-Wl,-z,relro,-z,now"]
"""For Linux: no symbols, and a table of imported functions that is read-only after loading."""
CLANG_CL_ARGS = ["-DCYTHON_UNUSED=__attribute__((__unused__))"]
"""Cython assumes that clang-cl has no attributes, and without this every unused function causes a warning."""
_STRICT = ["-Werror", "-Wno-unused-command-line-argument"]
"""These turn an ignored flag into an error; flags for the linker in CFLAGS are always ignored here."""
_INSTALL = (
    "install one (Debian, Ubuntu: apt install gcc; Fedora: dnf install gcc; macOS: xcode-select --install; "
    "Windows: Visual Studio's build tools for C++ with the component 'C++ Clang tools'), or build on another "
    "machine and install the wheel here"
)


def machine() -> str:
    """The kind of machine to build for, in lower case: x86_64, amd64, arm64, aarch64, …

    A CPython for two kinds at once (macOS) gets extensions for this machine's kind.
    """
    name = get_platform().rpartition("-")[2].lower()
    if name != "universal2":
        return name
    name = platform.machine().lower()
    os.environ.setdefault("ARCHFLAGS", f"-arch {name}")
    return name


def find_compiler() -> Any:
    """The compiler that setuptools would use; BuildError if it does not exist."""
    compiler: Any = new_compiler()
    customize_compiler(compiler)
    use_clang(compiler)
    program = getattr(compiler, "compiler_so", None) or [compiler.cc]
    if shutil.which(program[0]) is None:
        raise BuildError(f"there is no C compiler {program[0]!r} on the PATH: {_INSTALL}")
    return compiler


def use_clang(compiler: Any, plat_name: str | None = None) -> None:
    """Put clang-cl in the place of MSVC, which has neither the vectors nor the flags of the kernels."""
    if compiler.compiler_type != "msvc":
        return
    if not compiler.initialized:
        try:
            compiler.initialize(plat_name)
        except PlatformError as error:
            raise BuildError(f"there is no C compiler ({error}): {_INSTALL}") from None
    clang = _find_clang(Path(compiler.cc))
    if clang is None:
        raise BuildError(f"there is no clang-cl on the PATH or next to {compiler.cc}: {_INSTALL}")
    compiler.cc = clang
    compiler.compile_options = [
        option for option in compiler.compile_options if option != "/GL"
    ] + CLANG_CL_ARGS
    if (plat_name or get_platform()) == "win-arm64":
        compiler.compile_options.append("--target=arm64-pc-windows-msvc")


def _find_clang(msvc: Path) -> str | None:
    """The path of clang-cl: on the PATH, in LLVM's folder, or in that of the Visual Studio with `msvc`."""
    folders = [Path(os.environ.get("PROGRAMFILES", "C:\\Program Files")) / "LLVM" / "bin"]
    for folder in msvc.parents:
        folders += [folder / "Llvm" / "x64" / "bin", folder / "Llvm" / "bin"]
    return shutil.which("clang-cl") or shutil.which("clang-cl", path=os.pathsep.join(map(str, folders)))


def leave_out_folders(compiler: Any) -> None:
    """Leave out the folders of this machine in which extensions would look for the interpreter's libraries.

    Extensions do not need them. On another machine, anyone who can write to such a folder could make an
    extension load their code.
    """
    for name in ("linker_so", "linker_so_cxx"):
        words = getattr(compiler, name, None)
        if words:
            setattr(compiler, name, [word for word in words if not word.startswith(("-Wl,-rpath", "-Wl,-R"))])


def spelled_for(compiler: Any, flags: Sequence[str]) -> list[str]:
    """The flags as this compiler understands them; clang-cl accepts those of clang only with a prefix."""
    return [f"/clang:{flag}" for flag in flags] if compiler.compiler_type == "msvc" else list(flags)


def check_flags(compiler: Any, flags: Sequence[str]) -> None:
    """Raise BuildError if the compiler does not understand one of these flags (from `spelled_for`)."""
    with TemporaryDirectory(prefix="atc_cy_flags_") as folder:
        source = Path(folder) / "flags.c"
        source.write_text("int main(void) { return 0; }\n", encoding="ascii")
        try:
            compiler.compile([str(source)], output_dir=folder, extra_postargs=[*flags, *_STRICT])
        except CompileError as error:
            raise BuildError(
                f"the C compiler does not accept {' '.join(flags)} ({error}; its messages are above). "
                "Without these flags numbers would differ in their last bits: use GCC 12, clang 14, or later "
                "ones (Windows: clang-cl)"
            ) from None
