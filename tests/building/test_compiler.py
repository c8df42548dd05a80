"""The compiler that setuptools uses, and flags that it might drop."""

import shutil
from distutils.ccompiler import new_compiler
from distutils.sysconfig import customize_compiler
from pathlib import Path
from typing import Any

import pytest

from atc_cy.building import compiler as room
from atc_cy.building.compiler import (
    CLANG_CL_ARGS,
    COMPILE_ARGS,
    check_flags,
    find_compiler,
    spelled_for,
    use_clang,
)
from atc_cy.errors import BuildError


class ClangCL:
    """What setuptools has for MSVC, with clang-cl in its place, as far as flags are concerned."""

    compiler_type = "msvc"

    def __init__(self) -> None:
        self.unix = new_compiler()
        customize_compiler(self.unix)
        program = ["clang", "--driver-mode=cl", "--target=x86_64-pc-windows-msvc"]
        self.unix.set_executable("compiler_so", program)

    def compile(self, sources: list[str], output_dir: str, extra_postargs: list[str]) -> Any:
        return self.unix.compile(sources, output_dir=output_dir, extra_postargs=extra_postargs)


def test_the_compiler_of_setuptools_takes_every_flag() -> None:
    check_flags(find_compiler(), COMPILE_ARGS)


@pytest.mark.parametrize("flag", ["-ffp-contract=never", "-fno-such-flag"])
def test_a_flag_that_is_not_understood_ends_the_build(flag: str) -> None:
    with pytest.raises(BuildError, match=f"does not accept {flag} .*differ in their last bits: use GCC"):
        check_flags(find_compiler(), [flag])


def test_a_flag_that_is_dropped_with_a_warning_ends_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "cc"
    program.write_text(
        "#!/bin/sh\n"
        'case "$*" in *-Werror*) strict=1;; esac\n'
        'case "$*" in *-ffp-contract=off*) echo "warning: unknown argument" >&2; exit ${strict:-0};; esac\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("CC", str(program))
    check_flags(find_compiler(), ["-O3"])
    with pytest.raises(BuildError, match="does not accept -O3 -ffp-contract=off"):
        check_flags(find_compiler(), ["-O3", "-ffp-contract=off"])


@pytest.mark.skipif(shutil.which("clang") is None, reason="clang is missing")
def test_clang_cl_takes_flags_behind_its_prefix_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CFLAGS", "")
    compiler, flags = ClangCL(), [*COMPILE_ARGS, "-march=x86-64-v3"]
    assert "/clang:-ffp-contract=off" in spelled_for(compiler, flags)
    check_flags(compiler, spelled_for(compiler, flags))
    with pytest.raises(BuildError):
        check_flags(compiler, flags)


class Msvc:
    """What setuptools has for MSVC."""

    compiler_type = "msvc"
    initialized = False

    def __init__(self, cc: Path) -> None:
        self.cc = str(cc)

    def initialize(self, plat_name: str | None) -> None:
        self.plat_name, self.initialized = plat_name, True
        self.compile_options = ["/nologo", "/O2", "/GL"]


def test_clang_cl_takes_the_place_of_msvc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    tools = tmp_path / "VC" / "Tools"
    msvc = Msvc(tools / "MSVC" / "14.44" / "bin" / "HostX64" / "x64" / "cl.exe")
    with pytest.raises(
        BuildError, match=r"no clang-cl on the PATH or next to .*cl\.exe: .*C\+\+ Clang tools"
    ):
        use_clang(msvc)
    clang = tools / "Llvm" / "x64" / "bin" / "clang-cl"
    clang.parent.mkdir(parents=True)
    clang.touch(0o755)
    use_clang(msvc, "win-arm64")
    assert msvc.cc == str(clang)
    assert msvc.compile_options == ["/nologo", "/O2", *CLANG_CL_ARGS, "--target=arm64-pc-windows-msvc"]


def test_a_cpython_for_two_machines_builds_for_this_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ARCHFLAGS", raising=False)
    monkeypatch.setattr(room, "get_platform", lambda: "macosx-10.13-universal2")
    monkeypatch.setattr(room.platform, "machine", lambda: "arm64")
    assert room.machine() == "arm64"
    assert room.os.environ["ARCHFLAGS"] == "-arch arm64"
    monkeypatch.setattr(room, "get_platform", lambda: "win-amd64")
    assert room.machine() == "amd64"
