"""The package in an emulated CPython on AArch64: it is imported, scans, and computes the golden cases.

    python tests/machines/arm_python.py [PRESET ...]

It has the generic kernel and those of the presets; without any, of all.

CPython comes from Debian's packages for arm64, NumPy and pandas from PyPI's wheels, the kernels from zig.
Needs `pip install 'atc_cy[machines]'`.
"""

import os
import shutil
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1]))

from sources import write_kernel
from support.kernels import PRESETS
from support.places import ROOT
from tools import MissingError, apt, from_debian, headers, run, zig

from atc_cy.building.compiler import COMPILE_ARGS

DEBIAN = ("python3.11", "python3.11-minimal", "libpython3.11-minimal", "libpython3.11-stdlib", "libc6")
DEBIAN += ("libgcc-s1", "libstdc++6", "zlib1g", "libexpat1", "libssl3", "libffi8", "libbz2-1.0", "liblzma5")
DEBIAN += ("libuuid1", "libcrypt1", "libsqlite3-0")
PYPI = ("numpy", "pandas", "python-dateutil", "six", "pytz")
CHECK = """
import platform
import sys

import numpy as np

from atc_cy.cli import main
from support.golden import GOLDEN, golden
from support.kernels import kernels_of, run_bars, run_kernel

assert main(["scan", "--top", "3", "--format", "csv"]) == 0
values = differ = 0
for case in GOLDEN:
    config, close, src, expected = golden(case)
    for name in kernels_of(config.structure):
        for outputs in (run_kernel(name, config, close, src), run_bars(name, config, close, src)):
            for output in expected.keys() & outputs.keys():
                a, b = outputs[output], expected[output]
                values += a.size
                differ += int((~((a == b) | (np.isnan(a) & np.isnan(b)))).sum())
kind = "failed" if differ else "passed"
print(f"{kind}: CPython {platform.python_version()} on {platform.machine()}, {len(GOLDEN)} golden cases, "
      f"{values} values compared, {differ} differ")
sys.exit(differ != 0)
"""


def write_package(folder: Path, presets: Sequence[str]) -> None:
    """The checkout's package and tests, with these presets and their kernels for AArch64."""
    for name in ("atc_cy", "tests"):
        ignored = shutil.ignore_patterns("*.so", "*.toml", "__pycache__")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for target in (folder / "presets", folder / "atc_cy" / "ext"):
        target.mkdir(exist_ok=True)
        for name in presets:
            shutil.copy(ROOT / "presets" / f"{name}.toml", target)
    for name in ("cpu", "generic", *presets):
        source = write_kernel(folder, name, "portable")
        module = folder / "atc_cy" / "ext" / f"{source.stem}.abi3.so"
        command = [zig() / "zig", "cc", "-target", "aarch64-linux-gnu.2.17", "-shared", "-fPIC", "-s"]
        flags = [*COMPILE_ARGS, "-DPy_LIMITED_API=0x030B0000", f"-I{headers()}"]
        run(*command, *flags, source, "-o", module)


def write_system(folder: Path) -> None:
    """CPython for arm64 and the libraries that it needs, unpacked."""
    with apt(folder, "deb", "-o", "APT::Architecture=arm64", "-o", "Dir::State::status=/dev/null") as command:
        run("sh", "-ec", 'cd "$0" && exec "$@"', folder, *command, "download", *DEBIAN)
    for package in folder.glob("*.deb"):
        run("dpkg", "-x", package, folder)


def write_libraries(folder: Path) -> None:
    """NumPy, pandas and what they need, for CPython 3.11 on AArch64."""
    where = [word for version in ("2_17", "2_28") for word in ("--platform", f"manylinux_{version}_aarch64")]
    options = ["--no-deps", "--only-binary", ":all:", "--python-version", "3.11", *where]
    run(sys.executable, "-m", "pip", "download", "-q", "-d", folder, *options, *PYPI)
    for wheel in folder.glob("*.whl"):
        zipfile.ZipFile(wheel).extractall(folder)


def main() -> int:
    with TemporaryDirectory() as name:
        package, system, libraries = (Path(name) / part for part in ("package", "system", "libraries"))
        for folder in (package, system, libraries):
            folder.mkdir()
        try:
            emulator = from_debian("qemu-aarch64-static", "qemu-user-static")
            from_debian("dpkg", "dpkg")
            write_system(system)
            write_libraries(libraries)
            write_package(package, sys.argv[1:] or [*PRESETS])
        except MissingError as error:
            print(f"skipped: CPython on AArch64: {error}")
            return 0
        (package / "check.py").write_text(CHECK, encoding="utf-8")
        # OpenBLAS is told the CPU of this machine on some.
        for variable in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
            os.environ.pop(variable, None)
        path = os.pathsep.join(map(str, (package, package / "tests", libraries)))
        python = (emulator, "-L", system, system / "usr" / "bin" / "python3.11")
        print(run(*python, package / "check.py", PYTHONPATH=path).splitlines()[-1])
    return 0


if __name__ == "__main__":
    sys.exit(main())
