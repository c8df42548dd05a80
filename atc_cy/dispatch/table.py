"""The dispatch table: the kernel of each structure, as the compiled extensions themselves declare it."""

import logging
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from .. import ext
from ..config.calls import public
from ..config.installed import EXTENSIONS, Installed, installed, preset_structure
from ..config.preset_file import GENERIC
from ..config.structure import Structure
from ..errors import KernelError
from ..text import html_table
from .loading import NOT_BUILT, cpu, import_extension
from .protocol import Kernel

if TYPE_CHECKING:
    import pandas as pd

logger = logging.getLogger("atc_cy")


class KernelInfo(NamedTuple):
    """One row of the dispatch table, which says which kernel runs which structure.

    See Also
    --------
    kernels : The rows of the table.

    Examples
    --------
    >>> kernel = next(kernel for kernel in atc_cy.kernels() if kernel.preset == "ema_only")
    >>> print(kernel.structure)
    EMA 28, Medium
    >>> kernel.origin
    'atc_cy'
    """

    preset: str | None
    """The preset's name; None for the generic kernel, which runs every other structure."""
    structure: Structure | None
    """The structure that the kernel was compiled for; None for the generic kernel."""
    description: str
    origin: str
    """The package that installed it: "atc_cy", or a plug-in's name and version."""
    cpu_level: str
    """The CPU level that the kernel was compiled for: "v2", "v3", "v4" (of x86-64), or "portable"."""
    reason: str
    """Why this CPU level is used."""
    file: str
    """The file that the extension was loaded from; empty if it was not loaded."""
    source_hash: str
    """The hash of the kernel's source and build; empty if the kernel was not loaded."""
    error: str
    """Why the kernel cannot be used; empty if it can."""


KernelInfo.__module__ = "atc_cy"


class KernelTable(list[KernelInfo]):
    """The rows of the dispatch table; the list prints as a table."""

    def __repr__(self) -> str:
        return self._frame().to_string(index=False, na_rep="")

    def _repr_html_(self) -> str:
        return html_table(f"{len(self)} kernels", self._frame())

    def _frame(self) -> "pd.DataFrame":
        import pandas as pd

        rows = [
            (row.preset or GENERIC, str(row.structure or "any"), row.origin, row.cpu_level, row.error)
            for row in self
        ]
        return pd.DataFrame(rows, columns=["preset", "structure", "origin", "CPU level", "error"])


class _Row(NamedTuple):
    kernel: Kernel | None
    info: KernelInfo


@cache
def _table() -> Mapping[str, _Row]:
    """All kernels by name, the generic one first."""
    table = {GENERIC: _load(None)}
    for name, found in installed().items():
        row = _load(found)
        if found.origin != "atc_cy":
            row = _checked_plugin(row, table)
        table[name] = row
    return table


def _load(entry: Installed | None) -> _Row:
    """Load a preset's kernel, or the generic kernel; the row's `error` says why a kernel cannot be used."""
    preset = entry and entry.preset
    structure = preset and preset.structure
    description = preset.description if preset else "Any structure"
    info = KernelInfo(
        preset and preset.name,
        structure,
        description,
        entry.origin if entry else "atc_cy",
        *("", "", "", "", ""),
    )
    try:
        chosen = cpu()
    except KernelError as error:
        return _Row(None, info._replace(reason=str(error), error=str(error)))
    info = info._replace(cpu_level=chosen.level, reason=chosen.reason)
    folder, package = (entry.folder, entry.package) if entry else (EXTENSIONS, ext.__name__)
    try:
        kernel = import_extension(folder, package, f"{preset.name if preset else GENERIC}_{chosen.level}")
    except ImportError as error:
        return _Row(None, info._replace(error=f"{type(error).__name__}: {error}"))
    if not hasattr(kernel, "VERSION"):
        return _Row(None, info._replace(error=f"{kernel.__file__} is of an earlier atc_cy: {NOT_BUILT}"))
    found = tuple(getattr(kernel, constant, None) for constant in ("PRESET", "STRUCTURE", "CPU_LEVEL"))
    if found != (preset and preset.name, structure, chosen.level):
        return _Row(None, info._replace(error=f"{kernel.__file__} was compiled for {found}"))
    return _Row(kernel, info._replace(file=kernel.__file__, source_hash=kernel.SOURCE_HASH))


def _checked_plugin(row: _Row, table: Mapping[str, _Row]) -> _Row:
    """Log the problems of a plug-in's row, and drop its kernel if the kernel was built for another atc_cy."""
    generic, origin = table[GENERIC].kernel, row.info.origin
    if row.kernel is not None and generic is not None and row.kernel.SOURCE_HASH != generic.SOURCE_HASH:
        refusal = (
            f"it was built for kernel {row.kernel.SOURCE_HASH} of atc_cy {row.kernel.VERSION}, and this is "
            f"kernel {generic.SOURCE_HASH} of atc_cy {generic.VERSION}: build it again, "
            f"'atc-cy preset build {row.info.preset}.toml'"
        )
        row = _Row(None, row.info._replace(error=refusal))
    if row.kernel is None:
        logger.warning("the preset plug-in %s cannot be used: %s", origin, row.info.error)
        return row
    for other in table.values():
        if other.kernel is not None and other.info.structure == row.info.structure:
            logger.warning(
                "the preset plug-in %s has the structure of %r, of %s, which is used",
                *(origin, other.info.preset, other.info.origin),
            )
    return row


@cache
def _by_structure() -> "Mapping[Structure, _Row]":
    """The first row for each structure; a plug-in's row is left out if its kernel cannot be used."""
    rows: dict[Structure, _Row] = {}
    for row in _table().values():
        if row.info.structure is not None and (row.kernel is not None or row.info.origin == "atc_cy"):
            rows.setdefault(row.info.structure, row)
    return rows


@public
def kernels() -> list[KernelInfo]:
    """The dispatch table: all kernels that are installed, also those that cannot be loaded.

    Returns
    -------
    list of KernelInfo
        The generic kernel first. The list prints as a table.

    See Also
    --------
    list_presets : The names of the presets alone.
    is_config_specializable : Whether a preset's kernel runs a config.

    Examples
    --------
    >>> generic, *presets = atc_cy.kernels()
    >>> generic.preset is None, generic.error
    (True, '')
    >>> sorted(kernel.preset for kernel in presets) == sorted(atc_cy.list_presets())
    True
    """
    return KernelTable(row.info for row in _table().values())


def generic_kernel() -> Kernel:
    """The kernel that runs every structure.

    Raises
    ------
    KernelError
        The kernel cannot be loaded.
    """
    row = _table()[GENERIC]
    if row.kernel is None:
        cpu()  # raises the real error if no CPU level can be used
        raise KernelError(f"the generic kernel cannot be loaded ({row.info.error}). {NOT_BUILT}")
    return row.kernel


def specialized_kernel(structure: Structure) -> Kernel | None:
    """The preset kernel of exactly this structure; None if no preset has it.

    Raises
    ------
    KernelError
        A preset has this structure, but its kernel cannot be loaded.
    """
    row = _by_structure().get(structure)
    if row is None:
        return None
    if row.kernel is None:
        raise KernelError(f"the kernel of preset {row.info.preset!r} cannot be loaded: {row.info.error}")
    return row.kernel


def best_kernel(structure: Structure) -> Kernel:
    """The preset kernel of this structure, otherwise the generic one.

    Each call logs a warning if the preset kernel cannot be loaded.
    """
    try:
        kernel = specialized_kernel(structure)
    except KernelError as error:
        cpu()  # raises the real error if no CPU level can be used
        logger.warning("%s; the generic kernel computes the same", error)
        kernel = None
    return kernel or generic_kernel()


def preset_kernel(preset: str, structure: Structure, *, fallback: bool) -> Kernel:
    """The kernel of this preset if it is compiled for `structure`; otherwise the generic one, if allowed.

    Raises
    ------
    ValueError
        The structure is not the preset's, and `fallback` is false.
    KernelError
        The preset's kernel cannot be loaded, and `fallback` is false.
    """
    compiled = preset_structure(preset)
    row = _table()[preset]
    problem: ValueError | KernelError
    if structure != compiled:
        problem = ValueError(f"preset {preset!r} is compiled for {compiled}, not for {structure}")
    elif row.kernel is None:
        problem = KernelError(f"the kernel of preset {preset!r} cannot be loaded: {row.info.error}")
    else:
        return row.kernel
    if not fallback:
        raise problem
    logger.warning("%s; the generic kernel computes the same", problem)
    return generic_kernel()
