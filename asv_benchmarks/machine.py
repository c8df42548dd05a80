"""Where and when figures were measured."""

import os
import platform
import re
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from atc_cy.dispatch import generic_kernel

LIBRARIES = {
    "numpy": "NumPy",
    "pandas": "pandas",
    "TA-Lib": "TA-Lib",
    "newtulipy": "Tulip (newtulipy)",
    "vector-ta": "vector-ta",
    "numba": "Numba",
    "talipp": "talipp",
    "pynesys-pynecore": "PyneCore",
    "vectorbt": "vectorbt",
}
"""What the comparison runs: the name on PyPI, and the usual one."""


def describe(name: str) -> dict[str, Any]:
    """The machine, under a name for readers; its software; and the date."""
    return {
        "name": name,
        "cpu": _cpu(),
        "cpus": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "compiler": _compiler(),
        "date": datetime.now(UTC).date().isoformat(),
        "versions": {shown: found for name, shown in LIBRARIES.items() if (found := _version(name))},
    }


def load() -> float:
    """How many processes wanted a CPU, on average over the last five minutes."""
    return round(os.getloadavg()[1], 1)


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*: (.+)", info.read_text("utf-8")) if info.exists() else None
    return found[1] if found else platform.processor()


def _compiler() -> str:
    """As it signed the kernel that runs."""
    found = re.search(rb"(GCC: \(.*?\)|clang version) ([\d.]+)", Path(generic_kernel().__file__).read_bytes())
    return f"{'GCC' if found[1][:1] == b'G' else 'clang'} {found[2].decode()}" if found else "unknown"


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
