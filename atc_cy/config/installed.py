"""The presets that are installed: those of atc_cy, and those of plug-ins. No kernel is loaded for this."""

import importlib.util
import logging
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from .. import ext
from ..errors import KernelError
from ..text import problem_of, shown, suggestion
from .calls import public
from .preset_file import Preset, check_name
from .structure import Structure

logger = logging.getLogger("atc_cy")

PLUGINS = "atc_cy.presets"
"""The group of entry points by which plug-ins register their packages."""
EXTENSIONS = Path(ext.__path__[0])


def check_unpacked() -> None:
    """Refuse a package in a zip file: the system loads compiled code only from plain files.

    Raises
    ------
    KernelError
        The package is in a zip file.
    """
    archive = next((folder for folder in EXTENSIONS.parents if folder.is_file()), None)
    if archive is not None:
        raise KernelError(
            f"atc_cy was imported from {archive}, but the kernels in it cannot be loaded from there: "
            f"install it, 'pip install {archive.name}' if it is a wheel, "
            "or unpack it and put its folder on the path"
        )


class Installed(NamedTuple):
    """A preset, and the place of its kernel."""

    preset: Preset
    folder: Path
    package: str
    origin: str
    """The package that installed it: "atc_cy", or a plug-in's name and version."""


class _Plugin(NamedTuple):
    """An installed package with a preset's kernel."""

    preset: str
    package: str
    distribution: str
    version: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.distribution} {'.'.join(map(str, self.version))}"


@cache
def installed() -> Mapping[str, Installed]:
    """All presets by name; the file of each preset is next to its extension.

    A plug-in that cannot be used is logged, and left out.

    Raises
    ------
    KernelError
        The package is in a zip file.
    """
    check_unpacked()
    presets = (Preset.read(path) for path in sorted(EXTENSIONS.glob("*.toml")))
    found = {preset.name: Installed(preset, EXTENSIONS, ext.__name__, "atc_cy") for preset in presets}
    # Newer plug-ins come first: if two have the same structure, the newer one is used.
    for plugin in sorted(_plugins(), key=lambda plugin: plugin.version, reverse=True):
        try:
            added = _read_plugin(plugin)
            if added.preset.name in found:
                raise ValueError(
                    f"{found[added.preset.name].origin} has a preset {added.preset.name!r} already"
                )
        except (ImportError, OSError, ValueError) as error:
            logger.warning("the preset plug-in %s cannot be used: %s", plugin, problem_of(error))
        else:
            found[added.preset.name] = added
    return found


_DAMAGED = (ImportError, OSError, TypeError, AttributeError, LookupError, ValueError)
"""What importlib raises for missing or damaged files of a package; it depends on the version of Python."""


def _entry_points() -> Iterable[Any]:
    """The entry points of plug-ins. A package whose entry points cannot be read is logged and left out."""
    from importlib.metadata import distributions, entry_points

    try:
        return entry_points(group=PLUGINS)
    except _DAMAGED:  # some package is damaged: look at each separately
        found: dict[str, Any] = {}
    for package in distributions():
        try:
            points = package.entry_points.select(group=PLUGINS)
        except _DAMAGED as error:
            logger.warning(
                "the entry points of a package in %s cannot be read, so it is left out: %s; install it again",
                package.locate_file(""),
                shown(str(error)),
            )
        else:
            found = {point.name: point for point in points} | found  # the first one on the path is used
    return found.values()


def _plugins() -> Iterator[_Plugin]:
    for point in _entry_points():
        name, numbers = point.value, tuple[int, ...]()
        try:
            if point.dist is not None:
                with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
                    name = point.dist.name or name
                    numbers = tuple(map(int, re.findall(r"\d+", point.dist.version)))
        except _DAMAGED as error:
            logger.warning(
                "the preset plug-in %s is not used, because it is partly removed or damaged: %s; install it "
                "again, or remove the rest of it",
                shown(name),
                shown(str(error)),
            )
        else:
            yield _Plugin(point.name, point.value, name, numbers)


def _read_plugin(plugin: _Plugin) -> Installed:
    check_name(plugin.preset)
    spec = importlib.util.find_spec(plugin.package) if plugin.package.isidentifier() else None
    if spec is None or not spec.submodule_search_locations:
        raise ImportError(f"there is no package {plugin.package!r}")
    folder = Path(spec.submodule_search_locations[0])
    return Installed(Preset.read(folder / f"{plugin.preset}.toml"), folder, plugin.package, str(plugin))


@public
def list_presets() -> list[str]:
    """The names of the presets that are installed, those of plug-ins included.

    Returns
    -------
    list of str
        The presets that come with atc_cy first.

    Raises
    ------
    KernelError
        atc_cy was imported from a zip file.

    See Also
    --------
    ATCConfig.from_preset : The config of a preset.
    kernels : The kernels of all presets.

    Examples
    --------
    >>> "default" in atc_cy.list_presets()
    True
    """
    return [*installed()]


def preset_structure(preset: str) -> Structure:
    """The structure of a preset: its types, lengths and robustness.

    Raises
    ------
    ValueError
        No such preset is installed.
    """
    if not isinstance(preset, str) or preset not in installed():
        raise ValueError(f"preset {preset!r} is unknown; {suggestion(preset, list_presets())}")
    return installed()[preset].preset.structure
