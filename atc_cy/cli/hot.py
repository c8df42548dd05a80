"""`atc-cy hot`: which structures a workload runs, and what presets would save."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..config import Structure
from ..config.preset_file import Preset, name_for
from .common import OK
from .console import say, warn
from .options import Commands, table_options
from .preset import write_new
from .values import whole

if TYPE_CHECKING:
    from ..building.bench import Comparison
    from ..hotpaths import Usage


def add_command(commands: Commands) -> None:
    """Add the command."""
    summary = (
        "Rank the settings that --record has recorded by their share of time, and estimate what a "
        "preset for each would save."
    )
    hot = commands.add(
        "hot", _hot, summary, "atc-cy hot usage.jsonl --top 5 --write presets", table_options()
    )
    hot.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help="what --record, ATC_CY_RECORD or atc_cy.hotpaths.record wrote; or a log of configs: JSON "
        "lines or CSV, each line with keyword arguments of ATCConfig",
    )
    hot.add_argument(
        "--try",
        action="store_true",
        dest="try_",
        help="compile each structure, which takes some ten seconds, and measure it instead of the "
        "nearest preset; needs a C compiler, as 'atc-cy preset build' does",
    )
    hot.add_argument("--top", type=whole, metavar="N", help="only the N with the largest share")
    hot.add_argument(
        "--write",
        type=Path,
        metavar="DIR",
        help="write a preset file to DIR for each structure that has no preset yet",
    )


_FIRST = ("structure", "of_time", "ran_on", "faster", "saves_seconds", "seconds", "calls", "bars")
"""The columns that a narrow terminal keeps longest."""


class _Measured:
    """Measures, once each, how much faster a structure is with a compiled preset, at once or bar by bar."""

    def __init__(self, compile_: bool) -> None:
        self._compile = compile_
        self._known: dict[tuple[str | Structure, bool], Comparison] = {}

    def __len__(self) -> int:
        return len(self._known)

    def of(self, usage: Usage) -> Comparison:
        """The comparison of a kernel that is compiled for the structure now, or of the nearest preset's."""
        from ..building.bench import compare, nearest_preset
        from ..building.wheel import trial_kernel
        from ..dispatch import preset_kernel, preset_structure

        live = 0 < usage.bars < 1.5 * usage.symbols
        what = usage.structure if self._compile else nearest_preset(usage.structure)
        if (what, live) not in self._known:
            if isinstance(what, Structure):
                kernel = trial_kernel(what)
            else:
                kernel = preset_kernel(what, preset_structure(what), fallback=False)
            self._known[what, live] = compare(kernel, live=live)
        return self._known[what, live]


class _Total:
    """The totals of all structures of a workload."""

    def __init__(self, usages: list[Usage]) -> None:
        self.seconds = sum(usage.seconds for usage in usages)
        self.calls = sum(usage.calls for usage in usages)
        self.bars = sum(usage.bars for usage in usages)


def _hot(options: argparse.Namespace) -> int:
    import pandas as pd

    from .. import hotpaths
    from ..dispatch import kernels
    from .tables import print_table

    if options.top is not None and options.top < 1:
        raise ValueError(f"--top {options.top} must be a whole number above 0")
    usages = hotpaths.read(options.file)
    if not usages:
        raise ValueError(f"{options.file} is empty")
    total = _Total(usages)
    presets = {row.structure: row.preset for row in kernels() if not row.error}
    measured = _Measured(options.try_)
    rows, written = [], []
    for usage in usages[: options.top]:
        preset = presets.get(usage.structure)
        comparison = None if preset is not None else measured.of(usage)
        rows.append(_row(usage, total, preset, comparison))
        if comparison is not None and options.write is not None:
            written.append(_write(options.write, usage, comparison, options.file, total.seconds))
    print_table(pd.DataFrame(rows), options.format, f"Structures in {options.file}", first=_FIRST)
    if options.format == "table" and measured:
        how = "compiled for it" if options.try_ else "of the nearest installed preset"
        say(f"faster: how much faster its own kernel would be, measured now with the one {how}")
    for path in written:
        warn(f"wrote {path}")
    return OK


def _row(usage: Usage, total: _Total, preset: str | None, comparison: Comparison | None) -> dict[str, Any]:
    """A structure's row of the table."""
    seconds = total.seconds
    saves = None
    if comparison is not None and seconds:
        saves = round(usage.seconds * (1 - 1 / comparison.ratio), 6)
    return {
        "structure": str(usage.structure),
        "of_time": round(usage.seconds / seconds, 3) if seconds else None,
        "of_calls": round(usage.calls / total.calls, 3) if total.calls else None,
        "of_bars": round(usage.bars / total.bars, 3) if total.bars else None,
        "seconds": round(usage.seconds, 6) if seconds else None,
        "calls": usage.calls,
        "bars": usage.bars,
        "ran_on": usage.kernel,
        "preset": preset,
        "faster": comparison and round(comparison.ratio, 3),
        "saves_seconds": saves,
        "measured_on": comparison and comparison.preset,
    }


def _write(folder: Path, usage: Usage, comparison: Comparison, source: Path, seconds: float) -> Path:
    """A preset file for a structure, with the evidence."""
    share = f", {usage.seconds / seconds:.1%} of the time ({usage.seconds:.3g} s)" if seconds else ""
    name = name_for(usage.structure)
    measured = "its kernel" if comparison.preset == name else f"the nearest preset, {comparison.preset!r},"
    comment = (
        f"From {source.name}: {usage.calls} calls, {usage.bars} bars{share}.\n"
        f"On the machine that wrote this, {measured} was {comparison.ratio:.3f} times as fast as\n"
        f"the generic kernel (quartiles {comparison.low:.3f} to {comparison.high:.3f})."
    )
    return write_new(folder, Preset(name, f"Hot in {source.name}", usage.structure), comment)
