"""What the build imports, and where it is found."""

import subprocess
import sys

from support.places import ROOT

from atc_cy import buildtools
from atc_cy.building import extension

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


def test_the_earlier_import_path() -> None:
    for name in buildtools.__all__:
        assert getattr(buildtools, name) is getattr(extension, name)
