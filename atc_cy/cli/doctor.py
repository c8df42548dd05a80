"""`atc-cy doctor`: reports what is installed, and whether it computes the numbers of the law."""

from __future__ import annotations

import argparse
import platform
import sys
import sysconfig
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from .._version import __version__
from ..config.preset_file import GENERIC
from ..dispatch import KernelInfo, kernels
from ..dispatch.checksums import altered
from ..errors import VerificationError
from .common import FAILED, OK
from .console import mark, say
from .options import Commands

OPTIONAL = ("rich", "polars", "pyarrow", "ccxt", "plotly", "dask", "cython")
"""The packages of extras that are reported."""


def add_command(commands: Commands) -> None:
    """Add the command."""
    summary = "Report versions, CPU level and kernels, and check that each kernel computes the right numbers."
    commands.add("doctor", _doctor, summary, "atc-cy doctor")


def _doctor(_: argparse.Namespace) -> int:
    say(f"atc_cy {__version__} in {Path(__file__).parent.parent}")
    say(f"Python {platform.python_version()} on {platform.platform()}")
    found = {name: _version(name) for name in ("numpy", "pandas", *OPTIONAL)}
    say(", ".join(f"{name} {version or 'is not installed'}" for name, version in found.items()))
    damaged = altered()  # before any is loaded, which might end the process
    for path in damaged:
        mark(False, f"{path} has changed since it was installed, its checksum is wrong: install it again")
    if damaged:
        return FAILED
    table = kernels()
    if not table[0].cpu_level:
        mark(False, f"No kernel can be used: {table[0].reason}")
        return FAILED
    say(f"CPU level {table[0].cpu_level}, {table[0].reason}")
    gil_is_on = _gil_is_on()
    wrong = [_name_of(row) for row in table if not _is_right(row)]
    if not gil_is_on:
        wrong.insert(0, "the GIL")
    if wrong:
        mark(False, f"Not all is right: {', '.join(wrong)}")
        return FAILED
    mark(True, f"All is right: {len(table)} kernels compute what the law says")
    return OK


def _name_of(row: KernelInfo) -> str:
    """What the report calls a kernel."""
    return row.preset or GENERIC


def _gil_is_on() -> bool:
    """Whether the kernels have the GIL that they need; on a free-threaded CPython, prints what is found."""
    if not sysconfig.get_config_var("Py_GIL_DISABLED"):
        return True
    is_on: bool = getattr(sys, "_is_gil_enabled", lambda: True)()
    if is_on:
        mark(True, "This CPython is free-threaded. The kernels need its GIL and have switched it on.")
    else:
        mark(
            False,
            "This CPython is free-threaded, and its GIL is off, which the kernels need: unset PYTHON_GIL, "
            "and start it without -X gil",
        )
    return is_on


def _is_right(row: KernelInfo) -> bool:
    """Whether a kernel can be loaded and is verified; prints what was found."""
    from ..building.verify import verify

    right, found = False, row.error
    if not row.error and row.preset is None:
        right, found = True, row.file
    elif not row.error:
        try:
            done = verify(row.preset or "")
        except VerificationError as error:
            found = str(error)
        else:
            right, found = True, f"{done.bars + done.oracle_bars} bars compared, every bit right"
    mark(right, f"{_name_of(row)}, of {row.origin}: {found}")
    return right


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
