"""What the build imports, and where it is found."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.places import ROOT

from atc_cy.building.extension import LEVELS as EVERY_LEVEL
from atc_cy.config.installed import EXTENSIONS

AS_SETUP_DOES = """
import sys
from types import ModuleType

package = ModuleType("atc_cy")
package.__path__ = [sys.argv[1]]
sys.modules["atc_cy"] = package
sys.modules |= dict.fromkeys(["numpy", "pandas", "pyarrow", "atc_cy.ext.cpu"])

import atc_cy.building.extension

print(*sorted(name for name in sys.modules if name.startswith("atc_cy.")))
"""


def test_the_build_needs_nothing_compiled_and_no_numpy() -> None:
    done = subprocess.run(
        [sys.executable, "-c", AS_SETUP_DOES, ROOT / "atc_cy"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "atc_cy.building.extension" in done.stdout
    assert "atc_cy.dispatch" not in done.stdout


ABIS = """
import sys
import sysconfig

sysconfig.get_config_vars()["Py_GIL_DISABLED"] = int(sys.argv[1] == "free-threaded")
sys.implementation.name = "pypy" if sys.argv[1] == "pypy" else "cpython"

from pathlib import Path

from atc_cy.building import extension

for each in extension.preset_extensions(None, "somewhere", Path("nowhere")):
    print(each.py_limited_api, each.define_macros)
print(extension.WHEEL_OPTIONS)
"""


@pytest.mark.parametrize("interpreter", ["cpython", "free-threaded", "pypy"])
def test_the_stable_abi_is_used_where_it_is(interpreter: str) -> None:
    """A free-threaded CPython before 3.15 has none: its headers end a build that asks for it."""
    command = [sys.executable, "-c", ABIS, interpreter]
    lines = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    stable = interpreter == "cpython"
    assert set(lines[:-1]) == {"True [('Py_LIMITED_API', '0x30b0000')]" if stable else "False []"}
    assert lines[-1] == ("{'bdist_wheel': {'py_limited_api': 'cp311'}}" if stable else "{}")


@pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("readelf") is None, reason="it reads ELF files with readelf"
)
@pytest.mark.parametrize("path", sorted(EXTENSIONS.glob("*.so")), ids=lambda path: path.name)
def test_an_extension_looks_in_no_folder_and_is_closed_after_loading(path: Path) -> None:
    """An interpreter that was built by hand has its own folder of libraries put into all that it links."""
    done = subprocess.run(["readelf", "-dlW", path], capture_output=True, text=True, check=True)
    assert re.search("RPATH|RUNPATH", done.stdout) is None
    assert "BIND_NOW" in done.stdout
    assert "GNU_RELRO" in done.stdout
    assert re.search(r"GNU_STACK .* RWE", done.stdout) is None


LEVELS = "from atc_cy.building.extension import LEVELS; print(*LEVELS)"


def levels(named: str) -> subprocess.CompletedProcess[str]:
    """What is built when the environment variable names these levels."""
    environment = {**os.environ, "ATC_CY_LEVELS": named}
    command = [sys.executable, "-c", LEVELS]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.skipif(EVERY_LEVEL == ["portable"], reason="other CPUs have one level")
@pytest.mark.parametrize(("named", "built"), [("", "v2 v3 v4"), ("v3", "v3"), ("v4, v2", "v2 v4")])
def test_fewer_levels_can_be_built(named: str, built: str) -> None:
    assert levels(named).stdout.strip() == built


def test_an_unknown_level_ends_the_build() -> None:
    done = levels("v33")
    assert done.returncode != 0
    assert "ATC_CY_LEVELS names an unknown CPU level 'v33'" in done.stderr
    assert f"known: {', '.join(EVERY_LEVEL)}" in done.stderr
