"""Builds the plug-in of a preset's TOML file: the wheel `atc_cy_preset_<name>`, whose kernel `atc_cy` uses.

The wheel has the preset's extensions, one for each CPU level, the file itself, the licence and a notice, and
an entry point in the group `atc_cy.presets` that names the wheel's package. It serves CPython 3.11 and every
later version; one that was built by a free-threaded CPython serves only that version.
"""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path
from tempfile import TemporaryDirectory

from .._version import __version__
from ..config import Structure
from ..config.installed import PLUGINS
from ..config.preset_file import Preset, name_for
from ..dispatch import Kernel, cpu, import_extension
from ..errors import BuildError
from ..files.atomic import replacing

KERNEL = Path(__file__).parent.parent / "kernel"

_PROJECT = """\
[build-system]
requires = ["setuptools>=77", "cython>=3.3,<3.4"]
build-backend = "setuptools.build_meta"

[project]
name = "{package}"
version = "{version}"
description = "{description}"
license = "MPL-2.0"
license-files = ["LICENSE", "NOTICE"]
requires-python = ">=3.11"
dependencies = ["atc_cy"]

[project.entry-points."{group}"]
{name} = "{package}"

[tool.setuptools]
packages = ["{package}"]
"""
_SETUP = """\
from pathlib import Path

from setuptools import setup

from atc_cy.building.extension import LEVELS, WHEEL_OPTIONS, build_kernels, preset_extensions

build_kernels.kernel = Path("kernel")  # no path of this machine is compiled in
setup(
    ext_modules=preset_extensions(Path("{name}.toml"), "{package}", Path("stubs"), {levels}),
    cmdclass={{"build_ext": build_kernels}},
    options=WHEEL_OPTIONS,
)
"""
_NOTICE = """\
{package}
{line}

This wheel contains kernels, compiled from the source of atc_cy {ours} with the lengths of one preset. They
are under the Mozilla Public License 2.0; the file LICENSE in this folder has its text. Their source is in
atc_cy/kernel, in every wheel and every source distribution of atc_cy. The notice of atc_cy follows; of what
it names, this wheel contains only the kernels.

"""
_BUILD = "import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])"


def build_plugin(path: Path, destination: Path, plugin_version: str = __version__) -> Path:
    """Build the wheel of a preset's file; returns its path.

    The same file, compiler, Cython and `atc_cy` make the same bytes; the times in the wheel are those of
    `SOURCE_DATE_EPOCH`, 1980 if it is not set. If the build fails, it leaves nothing.

    Parameters
    ----------
    path
        The preset's file.
    destination
        The folder of the wheel, created if it does not exist. A wheel of the same name is replaced.
    plugin_version
        The wheel's version, numbers between dots. If two plug-ins have the same structure, the higher version
        is used.

    Raises
    ------
    OSError
        A file cannot be read or written.
    ValueError
        The file is not a preset, or the version is not one.
    ImportError
        Cython or setuptools is missing.
    BuildError
        There is no compiler, no header of Python, or the compiler failed.
    """
    if not re.fullmatch(r"\d+(\.\d+)*", plugin_version):
        raise ValueError(f"version={plugin_version!r} must be numbers between dots, such as 1.2")
    preset = Preset.read(path)
    check_tools()
    with TemporaryDirectory(prefix="atc_cy_build_") as folder:
        project = Path(folder)
        _write_project(project, preset, path.read_text("utf-8"), plugin_version, "LEVELS")
        _run([sys.executable, "-c", _BUILD, "dist"], project)
        (wheel,) = (project / "dist").glob("*.whl")
        destination.mkdir(parents=True, exist_ok=True)
        with replacing(destination / wheel.name) as part:
            shutil.copyfile(wheel, part)
        return destination / wheel.name


def trial_kernel(structure: Structure) -> Kernel:
    """Compile a kernel for this CPU, to measure it; it exists until the process ends.

    Raises
    ------
    ImportError, BuildError
        As from `build_plugin`.
    """
    check_tools()
    preset = Preset(name_for(structure), "A trial", structure)
    with TemporaryDirectory(prefix="atc_cy_build_") as folder:
        project = Path(folder)
        package = _write_project(project, preset, preset.to_toml(), __version__, repr([cpu().level]))
        _run([sys.executable, "setup.py", "build_ext", "--inplace"], project)
        kernel: Kernel = import_extension(project / package, package, f"{preset.name}_{cpu().level}")
        return kernel


def _write_project(project: Path, preset: Preset, text: str, plugin_version: str, levels: str) -> str:
    """The sources of a plug-in; returns the package's name."""
    package = f"atc_cy_preset_{preset.name}"
    fields = {"name": preset.name, "package": package, "version": plugin_version, "group": PLUGINS}
    shutil.copytree(KERNEL, project / "kernel")
    head = _NOTICE.format(package=package, line="=" * len(package), ours=__version__)
    for name, text_of in (("LICENSE", _legal("LICENSE")), ("NOTICE", head + _legal("NOTICE"))):
        (project / name).write_text(text_of, encoding="utf-8", newline="\n")
    (project / package).mkdir()
    (project / package / "__init__.py").write_text(
        f'"""{preset.description}"""\n', encoding="utf-8", newline="\n"
    )
    (project / f"{preset.name}.toml").write_text(text, encoding="utf-8", newline="\n")
    about = _PROJECT.format(**fields, description=preset.description)
    (project / "pyproject.toml").write_text(about, encoding="utf-8", newline="\n")
    (project / "setup.py").write_text(_SETUP.format(**fields, levels=levels), encoding="utf-8", newline="\n")
    return package


def _legal(name: str) -> str:
    """The text of a licence file that a plug-in must carry: from pip's folder, or from the checkout."""
    try:
        text = distribution("atc_cy").read_text(f"licenses/{name}")
    except PackageNotFoundError:
        text = None
    checkout = KERNEL.parent.parent / name
    if text is None and checkout.exists():
        text = checkout.read_text("utf-8")
    if text is None:
        raise BuildError(
            f"atc_cy is installed without its {name}, which a plug-in must carry: install it again "
            "(pip install --force-reinstall --no-deps atc_cy)"
        )
    return text


def check_tools() -> None:
    """Raise an error if a build needs something that is missing; the message says what to install."""
    for name, least in (("cython", "3.3"), ("setuptools", "77")):
        try:
            found = version(name)
        except PackageNotFoundError:
            raise ImportError(f"{name} is missing: pip install 'atc_cy[build]'") from None
        if _numbers(found) < _numbers(least):
            raise ImportError(f"{name} {found} is older than {least}: pip install 'atc_cy[build]'")
    from .compiler import find_compiler  # it needs setuptools, which was checked above

    find_compiler()
    header = Path(sysconfig.get_path("include")) / "Python.h"
    if not header.exists():
        raise BuildError(
            f"there is no {header}: install the headers of Python (Debian, Ubuntu: apt install python3-dev; "
            "Fedora: dnf install python3-devel)"
        )


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]


def _run(command: list[str], folder: Path) -> None:
    environment = {"SOURCE_DATE_EPOCH": "315532800", **os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        end = "\n".join(done.stdout.splitlines()[-30:])
        raise BuildError(f"the build failed with code {done.returncode}; its last lines:\n{end}")
