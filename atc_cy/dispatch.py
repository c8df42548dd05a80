"""(structure, CPU level) -> kernel: a table that is read from the compiled extensions themselves."""

import importlib.util
import logging
import os
import re
import struct
import sys
from functools import cache
from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader, FileFinder
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Self

from . import ext
from .config import Structure
from .errors import KernelError
from .preset import GENERIC, PLUGINS, Preset, check_name
from .text import suggestion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

logger = logging.getLogger("atc_cy")

EXTENSIONS = Path(ext.__path__[0])


Trend = tuple[float, float, float, float]
"""What a symbol's direction and event go on from: the alert's output on the last bar that had one, the
direction, the event, and the type's signal that will count at the next bar."""


class Symbol(Protocol):
    """One symbol's run through the law; `atc_cy/kernel/kernel.pyi` documents it."""

    trend: Trend

    @property
    def bars(self) -> int: ...
    @property
    def nbytes(self) -> int: ...
    @property
    def last_bar(self) -> tuple[float, float]: ...
    @property
    def values(self) -> tuple[float, ...]: ...
    @property
    def direction(self) -> float: ...
    @property
    def event(self) -> int: ...
    @property
    def rewindable(self) -> int: ...
    def update(self, close: float, src: float | None = None) -> float | None: ...
    def peek(self, close: float, src: float | None = None) -> tuple[float, ...] | None: ...
    def revise(self, close: float, src: float | None = None) -> float | None: ...
    def rewind(self, bars: int) -> None: ...
    def advance(self, close: Any, src: Any, out: Any, lanes: Any = None, whole: bool = False) -> int: ...
    def copy(self) -> Self: ...
    def assign(self, other: Self) -> None: ...
    def record(self) -> bytes: ...
    def restore(self, record: bytes) -> None: ...


class Panel(Protocol):
    """Many symbols' runs through the law; `atc_cy/kernel/kernel.pyi` documents it."""

    def __len__(self) -> int: ...
    def add(self, count: int) -> None: ...
    def keep(self, numbers: tuple[int, ...]) -> None: ...
    def bars(self, out: Any) -> None: ...
    def update(self, close: Any, src: Any, out: Any) -> int: ...
    def peek(self, close: Any, src: Any, out: Any) -> int: ...
    def revise(self, close: Any, src: Any, out: Any) -> int: ...
    def last_bar(self, number: int) -> tuple[float, float]: ...
    def record(self, number: int, bars: int = 0) -> bytes: ...
    def restore(self, number: int, record: bytes) -> None: ...
    def trend(self, number: int, bars: int = 0) -> Trend: ...
    def set_trend(self, number: int, trend: Trend) -> None: ...


class Kernel(Protocol):
    """A compiled extension; `atc_cy/kernel/kernel.pyi` documents it."""

    CPU_LEVEL: str
    PRESET: str | None
    RECORD_VERSION: int
    SOURCE_HASH: str
    STRUCTURE: tuple[tuple[str, ...], tuple[int, ...], str] | None
    VERSION: str
    __file__: str

    def __hash__(self) -> int: ...
    def averages(
        self, symbol: Any, close: Any, src: Any, growths: Any, which: Any, numbers: Any, out: Any
    ) -> int: ...
    def growth(self, La: float, out: Any) -> None: ...
    def trade_averages(
        self,
        averages: Any,
        changes: Any,
        which: Any,
        thresholds: Any,
        short_position: float,
        fees: float,
        out: Any,
    ) -> None: ...

    Symbol: "Callable[..., Symbol]"
    Panel: "Callable[..., Panel]"


class KernelInfo(NamedTuple):
    """One row of the dispatch table."""

    preset: str | None
    """The preset's name; None for the generic kernel, which runs every other structure."""
    structure: Structure | None
    """What the kernel was compiled for; None for the generic kernel."""
    description: str
    origin: str
    """What brought it: "atc_cy", or a plug-in's name and version."""
    cpu_level: str
    """What the kernel was compiled for: "v2", "v3", "v4" (of x86-64), or "portable"."""
    reason: str
    """Why this level."""
    file: str
    """Where the extension was loaded from; empty if it was not."""
    source_hash: str
    """Of the source and the build; empty if the kernel was not loaded."""
    error: str
    """Why the kernel cannot be used; empty if it can."""


class _Row(NamedTuple):
    kernel: Kernel | None
    info: KernelInfo


_NOT_BUILT = (
    "Was atc_cy imported from a source tree that is not built? 'pip install -e .' there builds it; "
    "otherwise reinstall atc_cy"
)


class _Cpu(NamedTuple):
    level: str
    reason: str


def _choose_cpu() -> _Cpu:
    """The CPU level whose kernels are used, and why.

    Raises
    ------
    KernelError
        `ATC_CY_CPU` names a level that is unknown or that this CPU does not have, or there are no kernels.
    """
    try:
        supported = importlib.import_module(f"{ext.__name__}.cpu").supported()
    except ImportError as error:
        raise KernelError(f"no kernel can be loaded ({error}). {_NOT_BUILT}") from None
    forced = os.environ.get("ATC_CY_CPU")
    if not forced:
        if not supported:
            raise KernelError("this CPU is older than x86-64-v2, which the kernels need")
        return _Cpu(supported[-1], "best of this CPU")
    if forced not in supported:
        raise KernelError(f"ATC_CY_CPU={forced!r} cannot run here; {suggestion(forced, supported)}")
    return _Cpu(forced, "forced by ATC_CY_CPU")


CPU = _choose_cpu()


def _load(
    name: str,
    preset: Preset | None,
    folder: Path = EXTENSIONS,
    package: str = ext.__name__,
    origin: str = "atc_cy",
) -> _Row:
    """Load the extension of this name; what keeps it from being used is told in the row's `error`."""
    description = preset.description if preset else "Any structure"
    structure = preset.structure if preset else None
    level = CPU.level
    info = KernelInfo(preset and preset.name, structure, description, origin, *CPU, "", "", "")
    try:
        kernel = import_extension(folder, package, f"{name}_{level}")
    except ImportError as error:
        return _Row(None, info._replace(error=f"{type(error).__name__}: {error}"))
    if not hasattr(kernel, "VERSION"):
        return _Row(None, info._replace(error=f"{kernel.__file__} is of an earlier atc_cy: {_NOT_BUILT}"))
    told = tuple(getattr(kernel, constant, None) for constant in ("PRESET", "STRUCTURE", "CPU_LEVEL"))
    if told != (preset and preset.name, structure, level):
        return _Row(None, info._replace(error=f"{kernel.__file__} was compiled for {told}"))
    return _Row(kernel, info._replace(file=kernel.__file__, source_hash=kernel.SOURCE_HASH))


_importing = Lock()


def import_extension(folder: Path, package: str, name: str) -> Any:
    """Import an extension without the package that it is in, whose code might do anything."""
    module = f"{package}.{name}"
    finder = FileFinder(str(folder), (ExtensionFileLoader, EXTENSION_SUFFIXES))
    with _importing:
        if module in sys.modules:
            return sys.modules[module]
        spec = finder.find_spec(module)
        if spec is None or spec.loader is None or spec.origin is None:
            raise ModuleNotFoundError(f"there is no extension {name!r} in {folder}")
        _check_whole(Path(spec.origin))
        kernel = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(kernel)
        sys.modules[module] = kernel
        return kernel


def _check_whole(path: Path) -> None:
    """Refuse an extension that was cut off: the system's loader does not, and kills the process.

    An ELF file ends with its table of sections, which its header locates.
    """
    with path.open("rb") as file:
        header = file.read(64)
    if header[:6] != b"\x7fELF\x02\x01":  # not a little-endian 64-bit ELF file: not checked
        return
    table, entry, entries = (*struct.unpack_from("<Q", header, 40), *struct.unpack_from("<HH", header, 58))
    if path.stat().st_size < table + entry * entries:
        raise ImportError(f"{path} is cut off: reinstall the package that it belongs to")


@cache
def _table() -> "Mapping[str, _Row]":
    """All kernels by name, the generic one first; each preset left its file beside its extension."""
    presets = [Preset.read(path) for path in sorted(EXTENSIONS.glob("*.toml"))]
    table = {GENERIC: _load(GENERIC, None)}
    table |= {preset.name: _load(preset.name, preset) for preset in presets}
    # Later ones come first: of two plug-ins with one structure, the newer one counts.
    for plugin in sorted(_plugins(), key=lambda plugin: plugin.version, reverse=True):
        _plug_in(plugin, table)
    return table


class _Plugin(NamedTuple):
    """An installed package that brings a preset's kernel."""

    preset: str
    package: str
    distribution: str
    version: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.distribution} {'.'.join(map(str, self.version))}"


def _plugins() -> "Iterator[_Plugin]":
    from importlib.metadata import entry_points

    for point in entry_points(group=PLUGINS):
        distribution = point.dist
        numbers = re.findall(r"\d+", distribution.version) if distribution else []
        name = distribution.name if distribution else point.value
        yield _Plugin(point.name, point.value, name, tuple(map(int, numbers)))


def _plug_in(plugin: _Plugin, table: "dict[str, _Row]") -> None:
    """Put a plug-in's kernel into the table; one that cannot be used is logged, and breaks nothing."""
    try:
        check_name(plugin.preset)
        spec = importlib.util.find_spec(plugin.package) if plugin.package.isidentifier() else None
        if spec is None or not spec.submodule_search_locations:
            raise ImportError(f"there is no package {plugin.package!r}")
        folder = Path(spec.submodule_search_locations[0])
        preset = Preset.read(folder / f"{plugin.preset}.toml")
        if preset.name in table:
            raise ValueError(f"{table[preset.name].info.origin} has a preset {preset.name!r} already")
    except (ImportError, OSError, ValueError) as error:
        logger.warning("the preset plug-in %s cannot be used: %s", plugin, error)
        return
    row = _load(preset.name, preset, folder, plugin.package, str(plugin))
    own = table[GENERIC].kernel
    if row.kernel is not None and own is not None and row.kernel.SOURCE_HASH != own.SOURCE_HASH:
        refusal = (
            f"it was built for kernel {row.kernel.SOURCE_HASH} of atc_cy {row.kernel.VERSION}, and this is "
            f"kernel {own.SOURCE_HASH} of atc_cy {own.VERSION}: build it again, "
            f"'atc-cy preset build {preset.name}.toml'"
        )
        row = _Row(None, row.info._replace(error=refusal))
    if row.kernel is None:
        logger.warning("the preset plug-in %s cannot be used: %s", plugin, row.info.error)
    for other in table.values():
        if row.kernel is not None and other.kernel is not None and other.info.structure == preset.structure:
            logger.warning(
                "the preset plug-in %s has the structure of %r, of %s, which is used",
                *(plugin, other.info.preset, other.info.origin),
            )
    table[preset.name] = row


@cache
def _by_structure() -> "Mapping[Structure, _Row]":
    """The row for each structure: the first one, and a plug-in's only if its kernel can be used."""
    rows: dict[Structure, _Row] = {}
    for row in _table().values():
        if row.info.structure is not None and (row.kernel is not None or row.info.origin == "atc_cy"):
            rows.setdefault(row.info.structure, row)
    return rows


def kernels() -> list[KernelInfo]:
    """The dispatch table: every kernel that was built, the generic one first, also those that do not load."""
    return [row.info for row in _table().values()]


def list_presets() -> list[str]:
    """The names of the presets that are installed."""
    return [name for name in _table() if name != GENERIC]


def preset_structure(preset: str) -> Structure:
    """What the preset fixes: its types, lengths and robustness.

    Raises
    ------
    ValueError
        No such preset is installed.
    """
    structure = _table()[preset].info.structure if isinstance(preset, str) and preset in _table() else None
    if structure is None:
        raise ValueError(f"preset {preset!r} is unknown; {suggestion(preset, list_presets())}")
    return structure


def generic_kernel() -> Kernel:
    """The kernel that runs every structure.

    Raises
    ------
    KernelError
        It cannot be loaded.
    """
    row = _table()[GENERIC]
    if row.kernel is None:
        raise KernelError(f"the generic kernel cannot be loaded ({row.info.error}). {_NOT_BUILT}")
    return row.kernel


def specialized_kernel(structure: Structure) -> Kernel | None:
    """The preset kernel of exactly this structure; None when no preset has it.

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

    A preset kernel that cannot be loaded is logged as a warning, each time.
    """
    try:
        kernel = specialized_kernel(structure)
    except KernelError as error:
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
    own = preset_structure(preset)
    row = _table()[preset]
    problem: ValueError | KernelError
    if structure != own:
        problem = ValueError(f"preset {preset!r} is compiled for {own}, not for {structure}")
    elif row.kernel is None:
        problem = KernelError(f"the kernel of preset {preset!r} cannot be loaded: {row.info.error}")
    else:
        return row.kernel
    if not fallback:
        raise problem
    logger.warning("%s; the generic kernel computes the same", problem)
    return generic_kernel()
