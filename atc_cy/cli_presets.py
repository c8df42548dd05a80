"""The commands from a recorded workload to a compiled kernel: `hot`, `preset` and `bench`."""

from __future__ import annotations

import argparse
import platform
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import hotpaths
from ._version import __version__
from .building.bench import Comparison, compare, nearest_preset
from .building.verify import verify
from .building.wheel import build_plugin, trial_kernel
from .cli_prices import FAILED, FINE, complain, installed_preset
from .cli_tables import FORMATS, print_table
from .config import MOVING_AVERAGES, OFFSETS, ATCConfig, Structure
from .config.preset_file import GENERIC, Preset, Problem, check_name, name_for, problems
from .dispatch import Kernel, kernels, list_presets, preset_kernel, preset_structure
from .errors import VerificationError

if TYPE_CHECKING:
    pass


OPTIONAL = ("rich", "polars", "pyarrow", "ccxt", "plotly", "kaleido", "dask", "cython")
"""What extras bring."""


def add_commands(command: Callable[..., argparse.ArgumentParser]) -> None:
    """Add them."""
    table = argparse.ArgumentParser(add_help=False)
    table.add_argument("--format", choices=FORMATS, default="table")

    summary = "The structures that a workload runs, by share of time, and what a preset would save."
    hot = command("hot", _hot, summary, "atc-cy hot usage.jsonl --top 5 --write presets", table)
    hot.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help="what --record, ATC_CY_RECORD or atc_cy.hotpaths.record wrote; or a log of configs: one JSON "
        "object, or row of a CSV file, of keyword arguments a line",
    )
    hot.add_argument(
        "--try",
        action="store_true",
        dest="try_",
        help="compile each structure now, some ten seconds each, and measure itself instead of the nearest "
        "preset; needs what 'atc-cy preset build' needs",
    )
    hot.add_argument("--top", type=int, metavar="N", help="only the N hottest")
    hot.add_argument(
        "--write", type=Path, metavar="DIR", help="a preset file there for each one that has no preset yet"
    )

    summary = "From a file to an installed kernel: new, check, build, verify."
    group = command("preset", None, summary, "atc-cy preset build mine.toml -o dist")
    steps = group.add_subparsers(required=True, metavar="STEP")

    def step(name: str, run: Any, summary: str, example: str) -> argparse.ArgumentParser:
        added = steps.add_parser(name, help=summary, description=summary, epilog=f"Example: {example}")
        added.set_defaults(run=run)
        return added

    example = "atc-cy preset new mine --types EMA KAMA --length 20"
    new = step("new", _new, "Write a preset file to begin with.", example)
    new.add_argument("name", metavar="NAME", help="lower-case letters, digits and underscores")
    structure = new.add_argument_group("the structure, which the file can be edited to change")
    structure.add_argument("--config", type=Path, metavar="TOML", help="that of a config, or else:")
    structure.add_argument("--types", nargs="+", choices=MOVING_AVERAGES, default=MOVING_AVERAGES)
    structure.add_argument("--length", type=int, default=28, metavar="N", help="of each type; by default: 28")
    structure.add_argument("--robustness", choices=tuple(OFFSETS), default="Medium")
    new.add_argument("-o", "--output", type=Path, default=Path(), metavar="DIR")

    check = step("check", _check, "All that is wrong with preset files.", "atc-cy preset check mine.toml")
    build = step(
        "build",
        _build,
        "Compile preset files, each to a wheel that makes any atc_cy use its kernel. Needs a C compiler and "
        "pip install 'atc_cy[build]'; where the wheel is installed, neither is needed.",
        "atc-cy preset build mine.toml -o dist",
    )
    for added in (check, build):
        added.add_argument("files", nargs="+", type=Path, metavar="FILE")
    build.add_argument("-o", "--output", type=Path, default=Path("dist"), metavar="DIR")
    build.add_argument(
        "--plugin-version",
        default=__version__,
        metavar="VERSION",
        help=f"of the wheels, numbers between dots; by default: atc_cy's, {__version__}. Of two with "
        "one structure the higher one counts",
    )

    summary = "Compare a preset's kernel with the generic one and the oracle, bit for bit."
    step("verify", _verify, summary, "atc-cy preset verify default").add_argument(
        "preset", type=installed_preset, metavar="NAME"
    )

    summary = "How fast preset kernels are on this machine, beside the generic one."
    bench = command("bench", _bench, summary, "atc-cy bench default", table)
    bench.add_argument(
        "presets",
        nargs="*",
        type=installed_preset,
        metavar="PRESET",
        help="by default: each one that is installed",
    )

    summary = "Versions, CPU level and kernels, and whether each kernel computes what the law says."
    command("doctor", _doctor, summary, "atc-cy doctor")


def _doctor(_: argparse.Namespace) -> int:
    print(f"atc_cy {__version__} in {Path(__file__).parent}")
    print(f"Python {platform.python_version()} on {platform.platform()}")
    found = {name: _version(name) for name in ("numpy", "pandas", *OPTIONAL)}
    print(", ".join(f"{name} {version or 'is not installed'}" for name, version in found.items()))
    table = kernels()
    if not table[0].cpu_level:
        print(f"No kernel can be used: {table[0].reason}")
        return FAILED
    print(f"CPU level {table[0].cpu_level}, {table[0].reason}")
    wrong = False
    for row in table:
        name = row.preset or GENERIC
        if row.error:
            wrong = True
            print(f"{name}, of {row.origin}: {row.error}")
        elif row.preset is None:
            print(f"{name}, of {row.origin}: {row.file}")
        else:
            try:
                done = verify(row.preset)
            except VerificationError as error:
                wrong = True
                print(f"{name}, of {row.origin}: {error}")
            else:
                print(
                    f"{name}, of {row.origin}: {done.bars + done.oracle_bars} bars compared, every bit right"
                )
    return FAILED if wrong else FINE


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _kernel(preset: str) -> Kernel:
    return preset_kernel(preset, preset_structure(preset), fallback=False)


def _hot(options: argparse.Namespace) -> int:
    import pandas as pd

    if options.top is not None and options.top < 1:
        raise ValueError(f"--top {options.top} must be a whole number above 0")
    usages = hotpaths.read(options.file)
    if not usages:
        raise ValueError(f"{options.file} has no line")
    seconds, calls, bars = (
        sum(getattr(usage, name) for usage in usages) for name in ("seconds", "calls", "bars")
    )
    presets = {row.structure: row.preset for row in kernels() if not row.error}
    measured: dict[tuple[str | Structure, bool], Comparison] = {}
    rows = []
    written = []
    for usage in usages[: options.top]:
        preset, comparison, saves = presets.get(usage.structure), None, None
        if preset is None:
            live = 0 < usage.bars < 1.5 * usage.symbols
            what = usage.structure if options.try_ else nearest_preset(usage.structure)
            if (what, live) not in measured:
                kernel = trial_kernel(what) if isinstance(what, Structure) else _kernel(what)
                measured[what, live] = compare(kernel, live=live)
            comparison = measured[what, live]
            if seconds:
                saves = round(usage.seconds * (1 - 1 / comparison.ratio), 6)
        rows.append(
            {
                "structure": str(usage.structure),
                "of_time": round(usage.seconds / seconds, 3) if seconds else None,
                "of_calls": round(usage.calls / calls, 3) if calls else None,
                "of_bars": round(usage.bars / bars, 3) if bars else None,
                "seconds": round(usage.seconds, 6) if seconds else None,
                "calls": usage.calls,
                "bars": usage.bars,
                "ran_on": usage.kernel,
                "preset": preset,
                "faster": comparison and round(comparison.ratio, 3),
                "saves_seconds": saves,
                "measured_on": comparison and comparison.preset,
            }
        )
        if comparison is not None and options.write is not None:
            written.append(_write(options.write, usage, comparison, options.file, seconds))
    print_table(pd.DataFrame(rows), options.format, f"Structures in {options.file}")
    if options.format == "table" and measured:
        how = "compiled for it" if options.try_ else "of the nearest installed preset"
        print(f"faster: what its own kernel would be, measured now with the one {how}")
    for path in written:
        complain(f"wrote {path}")
    return FINE


def _write(folder: Path, usage: hotpaths.Usage, comparison: Comparison, source: Path, seconds: float) -> Path:
    """A preset file for a structure, with the evidence."""
    share = f", {usage.seconds / seconds:.1%} of the time ({usage.seconds:.3g} s)" if seconds else ""
    name = name_for(usage.structure)
    measured = "its kernel" if comparison.preset == name else f"the nearest preset, {comparison.preset!r},"
    comment = (
        f"From {source.name}: {usage.calls} calls, {usage.bars} bars{share}.\n"
        f"On the machine that wrote this, {measured} was {comparison.ratio:.3f} times as fast as\n"
        f"the generic kernel (quartiles {comparison.low:.3f} to {comparison.high:.3f})."
    )
    return _write_new(folder, Preset(name, f"Hot in {source.name}", usage.structure), comment)


def _write_new(folder: Path, preset: Preset, comment: str = "") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{preset.name}.toml"
    try:
        with path.open("x") as file:
            file.write(preset.to_toml(comment))
    except FileExistsError:
        raise ValueError(f"{path} is there already: it is not overwritten") from None
    return path


def _new(options: argparse.Namespace) -> int:
    check_name(options.name)
    if options.config:
        structure = ATCConfig.from_toml(options.config).structure
    else:
        types = tuple(name for name in MOVING_AVERAGES if name in options.types)
        wanted = Structure(types, (options.length,) * len(types), options.robustness)
        structure = ATCConfig.from_structure(wanted).structure
    comment = "One line a type; lengths are in bars. 'atc-cy preset check' tells what is wrong."
    print(_write_new(options.output, Preset(options.name, f"Preset {options.name}", structure), comment))
    return FINE


def _problems(path: Path) -> list[Problem]:
    """What keeps a file from being built: what is wrong with it, or a shipped preset of the same name."""
    found = problems(path)
    shipped = {row.preset: row for row in kernels() if row.origin == "atc_cy"}
    if path.stem in shipped:
        found.append(Problem(None, f"atc_cy ships a preset {path.stem!r}: choose another name"))
    elif not found:
        own = Preset.read(path).structure
        found += [
            Problem(None, f"the shipped preset {name!r} has this structure: it is compiled already")
            for name, row in shipped.items()
            if row.structure == own
        ]
    return found


def _check(options: argparse.Namespace) -> int:
    wrong = False
    for path in options.files:
        found = _problems(path)
        wrong |= bool(found)
        for problem in found:
            print(f"{path}:{problem.line or 1}: {problem.text}")
        if not found:
            print(f"{path}: {Preset.read(path).structure}")
    return FAILED if wrong else FINE


def _build(options: argparse.Namespace) -> int:
    for path in options.files:  # all are checked before the first one is compiled
        if found := _problems(path):
            raise ValueError("; ".join(f"{path}: {problem}" for problem in found))
    for path in options.files:
        print(build_plugin(path, options.output, options.plugin_version))
    return FINE


def _verify(options: argparse.Namespace) -> int:
    done = verify(options.preset)
    print(
        f"preset {done.kernel.preset!r} of {done.kernel.origin}, CPU level {done.kernel.cpu_level} "
        f"({done.kernel.file}):\n"
        f"{done.bars} bars of {done.series} series are those of the generic kernel, at once and bar by bar, "
        f"and {done.oracle_bars} of them those of the oracle: every bit of every output"
    )
    return FINE


def _bench(options: argparse.Namespace) -> int:
    import pandas as pd

    comparisons = [
        compare(_kernel(preset), live=live)
        for preset in options.presets or list_presets()
        for live in (False, True)
    ]
    rows = [
        {
            "preset": own.preset,
            "bars": "one by one" if own.live else "at once",
            "preset_ns": round(own.preset_ns, 1),
            "generic_ns": round(own.generic_ns, 1),
            "faster": round(own.ratio, 3),
            "quartiles": f"{own.low:.3f} - {own.high:.3f}",
        }
        for own in comparisons
    ]
    print_table(pd.DataFrame(rows), options.format, "CPU time a bar, all outputs")
    return FINE
