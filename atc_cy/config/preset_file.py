"""Presets: structures with a name, each in a TOML file that becomes a kernel."""

import keyword
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, Self

from .names import MOVING_AVERAGES, unknown
from .structure import Structure, checked_length, checked_robustness, checked_types

KEYS = ("description", "moving_averages", "robustness", "lengths")
GENERIC = "generic"
"""The name of the kernel for all structures without a preset."""
RESERVED = (GENERIC, "cpu")
"""The names of extensions that do not belong to presets."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_DEVICE = re.compile(r"con|prn|aux|nul|(com|lpt)[0-9]")
"""Names that Windows keeps for devices, whatever ending a file has."""
_LARGEST_FILE = 64 * 1024
_LONGEST_DESCRIPTION = 200


class Problem(NamedTuple):
    """A problem of a preset's file."""

    line: int | None
    """None if the problem is with the file as a whole."""
    text: str

    def __str__(self) -> str:
        return self.text if self.line is None else f"line {self.line}: {self.text}"


class Preset(NamedTuple):
    """A structure with a name, for which a kernel is compiled; a TOML file describes it.

    See Also
    --------
    list_presets : The names of the presets that are installed.

    Examples
    --------
    >>> structure = atc_cy.ATCConfig(moving_averages=["EMA"], ema_len=20).structure
    >>> preset = atc_cy.Preset("my_ema", "EMA of 20 bars", structure)
    >>> preset.to_toml().splitlines()[-2:]
    ['[lengths]', 'EMA = 20']
    """

    name: str
    description: str
    structure: Structure

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """Read a preset from its file.

        Parameters
        ----------
        path
            A TOML file; its name without the ending is the name of the preset.

        Returns
        -------
        Preset

        Raises
        ------
        OSError
            The file cannot be read.
        ValueError
            The name or the content is not that of a preset; the message names the file and all problems.

        Examples
        --------
        >>> from pathlib import Path
        >>> structure = atc_cy.ATCConfig(moving_averages=["EMA"], ema_len=20).structure
        >>> preset = atc_cy.Preset("my_ema", "EMA of 20 bars", structure)
        >>> _ = Path("my_ema.toml").write_text(preset.to_toml())
        >>> atc_cy.Preset.read("my_ema.toml") == preset
        True
        """
        table, problems = _examine(Path(path))
        if problems:
            raise ValueError("; ".join(f"{path}: {problem}" for problem in problems))
        types = checked_types(table["moving_averages"])
        lengths = tuple(table["lengths"][name] for name in types)
        return cls(Path(path).stem, table["description"], Structure(types, lengths, table["robustness"]))

    def to_toml(self, comment: str = "") -> str:
        """The text of the preset's file.

        Parameters
        ----------
        comment
            What the text begins with; it may have several lines.

        Returns
        -------
        str
            TOML, which `read` reads from a file with the preset's name.

        Examples
        --------
        >>> structure = atc_cy.ATCConfig(moving_averages=["EMA"], ema_len=20).structure
        >>> text = atc_cy.Preset("my_ema", "EMA of 20 bars", structure).to_toml("Recorded in October")
        >>> print(text.splitlines()[0])
        # Recorded in October
        """
        types = ", ".join(f'"{name}"' for name in self.structure.moving_averages)
        lengths = zip(self.structure.moving_averages, self.structure.lengths, strict=True)
        return "\n".join(
            [
                *(f"# {line}".rstrip() for line in comment.splitlines()),
                f'description = "{self.description}"',
                f"moving_averages = [{types}]",
                f'robustness = "{self.structure.robustness}"',
                "",
                "[lengths]",
                *(f"{name} = {length}" for name, length in lengths),
                "",
            ]
        )


Preset.__module__ = "atc_cy"


def problems(path: str | Path) -> list[Problem]:
    """All problems of a preset file, in the order of its lines.

    Raises
    ------
    OSError
        The file cannot be read.
    """
    return sorted(_examine(Path(path))[1], key=lambda problem: problem.line or 0)


def check_name(name: str) -> None:
    """Raise ValueError if a preset cannot have this name."""
    if not _NAME.fullmatch(name) or name in RESERVED or keyword.iskeyword(name):
        shown = name if len(name) <= 80 else f"{name[:77]}..."
        raise ValueError(
            f"{shown!r} cannot name a preset: use up to 64 lower-case letters, digits and underscores, "
            f"a letter first, and neither a Python keyword nor {' or '.join(map(repr, RESERVED))}"
        )
    if _DEVICE.fullmatch(name):
        raise ValueError(
            f"{name!r} cannot name a preset: Windows keeps this name for a device: choose another one"
        )


def name_for(structure: Structure) -> str:
    """A name that describes the structure: ema20_kama30_narrow."""
    lengths = zip(structure.moving_averages, structure.lengths, strict=True)
    return "_".join([*(f"{name}{length}" for name, length in lengths), structure.robustness]).lower()


def _examine(path: Path) -> tuple[dict[str, Any], list[Problem]]:
    """The file's table and its problems; if there are none, the table is a valid preset."""
    import tomllib

    found: list[Problem] = []
    with path.open("rb") as file:
        data = file.read(_LARGEST_FILE + 1)
    if len(data) > _LARGEST_FILE:
        return {}, [Problem(None, f"the file is not a preset: it has more than {_LARGEST_FILE} bytes")]
    try:
        text = data.decode()
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # tomllib's errors and undecodable bytes are ValueErrors
        line = re.search(r"at line (\d+)", str(error))
        return {}, [Problem(int(line[1]) if line else None, f"not valid TOML: {error}")]
    lines = _lines(text)

    def check(where: tuple[str, ...], function: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return function(*arguments)
        except (TypeError, ValueError) as error:
            found.append(Problem(lines.get(where), str(error)))
            return None

    check((), check_name, path.stem)
    for key in table:
        if key not in KEYS:
            found.append(Problem(lines.get((key,)), f"there is no setting {key!r}; {unknown(key, KEYS)}"))
    for key in KEYS[:-1]:
        if key not in table:
            found.append(Problem(None, f"{key} is missing"))
    if "description" in table:
        check(("description",), _check_description, table["description"])
    types = robustness = None
    if "moving_averages" in table:
        types = check(("moving_averages",), checked_types, table["moving_averages"])
    if "robustness" in table:
        robustness = check(("robustness",), checked_robustness, table["robustness"])
    lengths = table.get("lengths", {})
    if not isinstance(lengths, dict):
        found.append(Problem(lines.get(("lengths",)), "lengths must be a table: [lengths], then EMA = 28"))
        return table, found
    for name, length in lengths.items():
        where = ("lengths", name)
        if name not in (types or MOVING_AVERAGES):
            found.append(
                Problem(lines.get(where), f"[lengths] has {name!r}, which moving_averages does not list")
            )
        else:
            # If the robustness is not valid, allow what the narrowest one allows.
            check(where, checked_length, f"[lengths] {name}", length, robustness or "Narrow")
    for name in types or ():
        if name not in lengths:
            found.append(
                Problem(lines.get(("lengths",)), f"[lengths] has no {name}: give a length for each type")
            )
    return table, found


def _check_description(description: object) -> None:
    if not isinstance(description, str) or not description.strip():
        raise ValueError(f"description={description!r} must be text")
    if (
        len(description) > _LONGEST_DESCRIPTION
        or not description.isprintable()
        or set(description) & set('"\\')
    ):
        raise ValueError(
            f"description must be one line of at most {_LONGEST_DESCRIPTION} printable characters, "
            "without double quotes and backslashes"
        )


def _lines(text: str) -> dict[tuple[str, ...], int]:
    """The line of each key that begins a line; the key of a table includes the table's name."""
    lines: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[\s*[\"']?([\w-]+)[\"']?\s*\]", line):
            table = (header[1],)
            lines.setdefault(table, number)
        elif key := re.match(r"\s*[\"']?([\w-]+)[\"']?\s*=", line):
            lines.setdefault((*table, key[1]), number)
    return lines
