"""Presets to extensions; everything else is in pyproject.toml."""

import sys
from pathlib import Path
from types import ModuleType

from setuptools import setup

ROOT = Path(__file__).parent

# The package's own __init__ needs NumPy, which the build does without.
package = ModuleType("atc_cy")
package.__path__ = [str(ROOT / "atc_cy")]
sys.modules["atc_cy"] = package

from atc_cy.building.archive import same_sdist  # noqa: E402
from atc_cy.building.extension import WHEEL_OPTIONS, build_kernels, kernel_extensions  # noqa: E402

setup(
    ext_modules=kernel_extensions(ROOT / "presets", Path("build/kernels")),
    cmdclass={"build_ext": build_kernels, "sdist": same_sdist},
    options=WHEEL_OPTIONS,
)
