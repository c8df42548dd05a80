"""Loads compiled extensions, and chooses the CPU level when it is first needed."""

import importlib.util
import os
import struct
import sys
from functools import cache
from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader, FileFinder
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

from .. import ext
from ..config.installed import check_unpacked
from ..errors import KernelError
from ..text import shown, suggestion

NOT_BUILT = (
    "Was atc_cy imported from a source tree that is not built? 'pip install -e .' there builds it; "
    "otherwise reinstall atc_cy"
)


class Cpu(NamedTuple):
    """The CPU level whose kernels are used, and why."""

    level: str
    reason: str


@cache
def cpu() -> Cpu:
    """Choose the CPU level whose kernels are used.

    Raises
    ------
    KernelError
        `ATC_CY_CPU` names a level that is unknown or that this CPU does not have, or there are no kernels.
    """
    check_unpacked()
    try:
        supported = import_extension(Path(ext.__path__[0]), ext.__name__, "cpu").supported()
    except ImportError as error:
        raise KernelError(f"no kernel can be loaded ({error}). {NOT_BUILT}") from None
    forced = os.environ.get("ATC_CY_CPU")
    if not forced:
        if not supported:
            raise KernelError("this CPU is older than x86-64-v2, which the kernels need")
        return Cpu(supported[-1], "best of this CPU")
    if forced not in supported:
        raise KernelError(f"ATC_CY_CPU={forced!r} cannot run here; {suggestion(forced, supported)}")
    return Cpu(forced, "forced by ATC_CY_CPU")


_importing = Lock()
_DAMAGED = (
    *(ArithmeticError, AssertionError, AttributeError, LookupError, MemoryError, NameError, RuntimeError),
    *(SyntaxError, SystemError, TypeError, ValueError),
)
"""The exceptions that an extension with damaged data can raise while it is imported."""


def import_extension(folder: Path, package: str, name: str) -> Any:
    """Import an extension without importing its package, whose code might do anything."""
    module = f"{package}.{name}"
    finder = FileFinder(str(folder), (ExtensionFileLoader, EXTENSION_SUFFIXES))
    with _importing:
        if module in sys.modules:
            return sys.modules[module]
        spec = finder.find_spec(module)
        if spec is None or spec.loader is None or spec.origin is None:
            raise ModuleNotFoundError(f"there is no extension {name!r} in {folder}")
        _check_whole(Path(spec.origin))
        try:
            kernel = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(kernel)
        except _DAMAGED as error:
            problem = f"{type(error).__name__}: {shown(str(error))}"
            raise ImportError(
                f"{spec.origin} is damaged ({problem}): reinstall the package that it belongs to"
            ) from None
        sys.modules[module] = kernel
        return kernel


def _check_whole(path: Path) -> None:
    """Refuse an extension file that was cut off, because loading it would crash the process.

    An ELF file ends with its table of sections, and its header has the offset and size of this table.
    """
    with path.open("rb") as file:
        header = file.read(64)
    if header[:6] != b"\x7fELF\x02\x01":  # only little-endian 64-bit ELF files are checked
        return
    table, entry, entries = (*struct.unpack_from("<Q", header, 40), *struct.unpack_from("<HH", header, 58))
    if path.stat().st_size < table + entry * entries:
        raise ImportError(f"{path} is cut off: reinstall the package that it belongs to")
