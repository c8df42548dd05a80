"""`atc-cy preset`: the steps from a preset's file to an installed kernel."""

from __future__ import annotations

import argparse
from pathlib import Path

from .._version import __version__
from ..config import MOVING_AVERAGES, OFFSETS, ATCConfig, Structure
from ..config.preset_file import Preset, Problem, check_name, problems
from .common import FAILED, OK
from .console import say
from .options import Commands
from .values import installed_preset, whole


def add_command(commands: Commands) -> None:
    """Add the command, with its steps."""
    summary = "Make a preset: write its file, check it, build its kernel, verify that."
    group = commands.add("preset", None, summary, "atc-cy preset build mine.toml -o dist")
    steps = Commands(group.add_subparsers(required=True, metavar="STEP"))
    _add_new(steps)
    _add_check_and_build(steps)
    summary = "Compare a preset's kernel with the generic one and the oracle, bit for bit."
    steps.add("verify", _verify, summary, "atc-cy preset verify default").add_argument(
        "preset", type=installed_preset, metavar="NAME"
    )


def _add_new(steps: Commands) -> None:
    example = "atc-cy preset new mine --types EMA KAMA --length 20"
    new = steps.add("new", _new, "Write a preset file to start from.", example)
    new.add_argument(
        "name", metavar="NAME", help="the name of the preset: lower-case letters, digits and underscores"
    )
    structure = new.add_argument_group("the structure (you can edit the file afterwards)")
    structure.add_argument(
        "--config", type=Path, metavar="TOML", help="take the structure of this config; otherwise give:"
    )
    structure.add_argument("--types", nargs="+", choices=MOVING_AVERAGES, default=MOVING_AVERAGES)
    structure.add_argument(
        "--length", type=whole, default=28, metavar="N", help="the base length of each type; default: 28"
    )
    structure.add_argument("--robustness", choices=tuple(OFFSETS), default="Medium")
    new.add_argument("-o", "--output", type=Path, default=Path(), metavar="DIR")


def _add_check_and_build(steps: Commands) -> None:
    check = steps.add(
        "check", _check, "Report all problems of preset files.", "atc-cy preset check mine.toml"
    )
    build = steps.add(
        "build",
        _build,
        "Compile preset files, each to a wheel; atc_cy uses its kernel wherever the wheel is "
        "installed. Building needs a C compiler and pip install 'atc_cy[build]'; installing needs "
        "neither.",
        "atc-cy preset build mine.toml -o dist",
    )
    for added in (check, build):
        added.add_argument("files", nargs="+", type=Path, metavar="FILE")
    build.add_argument("-o", "--output", type=Path, default=Path("dist"), metavar="DIR")
    build.add_argument(
        "--plugin-version",
        default=__version__,
        metavar="VERSION",
        help=f"the version of the wheels, numbers separated by dots; default: that of atc_cy, {__version__}. "
        "Of two wheels with the same structure, the one with the higher version is used",
    )


def write_new(folder: Path, preset: Preset, comment: str = "") -> Path:
    """Write a preset file that does not exist yet."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{preset.name}.toml"
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(preset.to_toml(comment))
    except FileExistsError:
        raise ValueError(f"{path} exists already, and is not overwritten: choose another name") from None
    return path


def _new(options: argparse.Namespace) -> int:
    check_name(options.name)
    if options.config:
        structure = ATCConfig.load(options.config).structure
    else:
        types = tuple(name for name in MOVING_AVERAGES if name in options.types)
        wanted = Structure(types, (options.length,) * len(types), options.robustness)
        structure = ATCConfig.from_structure(wanted).structure
    comment = "One line for each type; lengths are in bars. 'atc-cy preset check' reports what is wrong."
    say(str(write_new(options.output, Preset(options.name, f"Preset {options.name}", structure), comment)))
    return OK


def _problems(path: Path) -> list[Problem]:
    """The problems that keep a file from being built, one of which is a shipped preset of the same name."""
    from ..dispatch import kernels

    found = problems(path)
    shipped = {row.preset: row for row in kernels() if row.origin == "atc_cy"}
    if path.stem in shipped:
        found.append(Problem(None, f"atc_cy ships a preset {path.stem!r}: choose another name"))
    elif not found:
        structure = Preset.read(path).structure
        found += [
            Problem(None, f"the shipped preset {name!r} has this structure: it is compiled already")
            for name, row in shipped.items()
            if row.structure == structure
        ]
    return found


def _check(options: argparse.Namespace) -> int:
    wrong = False
    for path in options.files:
        found = _problems(path)
        wrong |= bool(found)
        for problem in found:
            say(f"{path}:{problem.line or 1}: {problem.text}")
        if not found:
            say(f"{path}: {Preset.read(path).structure}")
    return FAILED if wrong else OK


def _build(options: argparse.Namespace) -> int:
    from ..building.wheel import build_plugin

    for path in options.files:  # all are checked before the first one is compiled
        if found := _problems(path):
            raise ValueError("; ".join(f"{path}: {problem}" for problem in found))
    for path in options.files:
        say(str(build_plugin(path, options.output, options.plugin_version)))
    return OK


def _verify(options: argparse.Namespace) -> int:
    from ..building.verify import verify

    done = verify(options.preset)
    say(
        f"preset {done.kernel.preset!r} of {done.kernel.origin}, CPU level {done.kernel.cpu_level} "
        f"({done.kernel.file}):\n"
        f"{done.bars} bars of {done.series} series equal those of the generic kernel, at once and bar by "
        f"bar, and {done.oracle_bars} of them equal those of the oracle, in every bit of every output"
    )
    return OK
