"""The plan of a run and its division into ranges of symbols; the destination keeps it for later runs."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from .._version import __version__
from ..config import LAW_VERSION, ATCConfig
from ..dispatch import best_kernel
from ..files.atomic import replacing
from ..files.format import FOUND_OUT, Format
from .source import SourceFile
from .states import STATES

ROWS_OF_RANGE = 1_000_000
"""About how many rows the symbols of a range have together."""
PLAN, REPORT, LOCK = "_plan.json", "_report.json", "_lock"
NAMING = 2
"""How the symbols of files outside of folders ``symbol=…`` are found.

1, for the first plans, which have no such field: a Parquet file has them in a column of exactly that name, if
there is one; otherwise, and for other files, the symbol is the file's name. 2: every file may have them in a
column, as `atc_cy.files.prices` finds it.
"""
_NOT_IN_FIRST_PLANS = {"clock": False, "form": asdict(FOUND_OUT), "naming": 1, "law": 1, "states": 1}
"""Fields that the first plans do not have, with the values that hold for these plans."""
_TYPES = {
    **{"config": dict, "source": str, "columns": list, "outputs": list, "clock": bool, "form": dict},
    **{"law": int, "states": int, "fingerprint": str, "naming": int, "cuts": list, "types": str, "run": str},
}
"""The types of a plan's fields."""
_REMEDY = "put a backup back, or name another folder"


class Piece(NamedTuple):
    """A file, or the part of it that may hold a range's symbols."""

    path: str
    """Relative to the source."""
    size: int
    modified: int
    """In nanoseconds since 1970."""
    symbol: str | None
    """The symbol of all rows; None if a column has the symbols."""
    groups: tuple[int, ...]
    """The row groups of a Parquet file; (0,) for another file."""
    rows: int
    """About how many rows the piece has."""


class Range(NamedTuple):
    """Symbols after `first` and up to `last`, in the order of their names; None means no limit."""

    number: int
    first: str | None
    last: str | None
    pieces: tuple[Piece, ...]

    def holds(self, symbol: str) -> bool:
        """Whether a symbol belongs to the range."""
        return (self.first is None or symbol > self.first) and (self.last is None or symbol <= self.last)


class Task(NamedTuple):
    """What every step of a run needs to know."""

    source: str
    destination: str
    config: ATCConfig
    symbol: str
    time: str
    close: str
    src: str | None
    outputs: tuple[str, ...]
    run: str
    """The id of this run, also in the destination's plan; a worker left over from another run ends."""
    types: bytes
    """The types of time and price in all files: an Arrow schema."""
    clock: bool = False
    """Whether a column ``time`` next to ``date`` may have the time of day: no column of times was named."""
    naming: int = NAMING
    """As `NAMING`, but that of the plan."""
    metadata: str = ""
    """JSON about the run, which each part of the output carries."""
    form: Format = FOUND_OUT
    """How files other than Parquet are written; the reader finds out what it leaves open."""

    def arrow_types(self) -> tuple[Any, Any]:
        """The Arrow types of time and price."""
        import pyarrow as pa

        time, price = pa.ipc.read_schema(pa.py_buffer(self.types)).types
        return time, price


def _cuts(files: Sequence[SourceFile]) -> list[str]:
    """The last symbols of ranges of about `ROWS_OF_RANGE` rows, in the order of their names."""
    ends = [(group.last, group.rows) for file in files for group in file.groups]
    cuts: list[str] = []
    if all(last is not None for last, _ in ends):
        rows = 0
        for last, more in sorted((str(last), more) for last, more in ends):
            rows += more
            if rows >= ROWS_OF_RANGE and cuts[-1:] != [last]:
                cuts.append(last)
                rows = 0
    return cuts


def naming_of(target: Path) -> int:
    """How symbols are found (see `NAMING`) for a destination that may have a plan already."""
    return int(_read_plan(target)["naming"]) if (target / PLAN).exists() else NAMING


def _read_plan(target: Path) -> dict[str, Any]:
    """Read the plan of a destination; fields that the first plans do not have are added.

    Raises
    ------
    ValueError
        The file is not a plan: a field is missing, or has another type.
    """
    path = target / PLAN
    try:
        plan = json.loads(path.read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is not JSON ({error}): {_REMEDY}") from None
    if not isinstance(plan, dict):
        raise ValueError(f"{path} is not the plan of a dataset, but {plan!r:.80}: {_REMEDY}")
    plan = {**_NOT_IN_FIRST_PLANS, **plan}
    for name, kind in _TYPES.items():
        if name not in plan:
            raise ValueError(f"{path} has no {name!r}: {_REMEDY}")
        if type(plan[name]) is not kind:
            raise ValueError(f"{path}: {name} is {plan[name]!r:.80}, and not {kind.__name__}: {_REMEDY}")
    if not 1 <= plan["naming"] <= NAMING:
        raise ValueError(f"{path}: naming is {plan['naming']}, and not 1 to {NAMING}: {_REMEDY}")
    cuts = plan["cuts"]
    if not all(isinstance(cut, str) for cut in cuts) or cuts != sorted({*cuts}):
        raise ValueError(f"{path}: cuts are not symbols in the order of their names: {_REMEDY}")
    return plan


def make_plan(
    task: Task, files: Sequence[SourceFile], *, clock: bool, resume: bool, update: bool
) -> tuple[Task, list[str]]:
    """The task with the metadata of its output, and the cuts; the destination keeps both for later runs.

    clock: whether the first file has the time of day in a second column.

    Raises
    ------
    FileExistsError
        The destination has a dataset, but neither `resume` nor `update` is true; or it has other files.
    ValueError
        The destination has the dataset of a run with other arguments, another source or other versions.
    """
    target = Path(task.destination)
    config = asdict(task.config) | {"moving_averages": list(task.config.moving_averages)}
    versions = {"law": LAW_VERSION, "states": best_kernel(task.config.structure).RECORD_VERSION}
    plan: dict[str, Any] = {
        "config": config,
        "source": str(Path(task.source).resolve()),
        "columns": [task.symbol, task.time, task.close, task.src],
        "outputs": list(task.outputs),
        "clock": clock,
        "form": asdict(replace(task.form, time_column=None)),  # it is one of the columns
    }
    listing = repr([(file.path, file.size, file.modified) for file in files])
    fingerprint, cuts = hashlib.sha256(listing.encode()).hexdigest()[:16], _cuts(files)
    if (target / PLAN).exists():
        if not (resume or update):
            raise FileExistsError(f"{target} has a dataset: resume it, update it, or name another folder")
        before = _read_plan(target)
        _check_versions(target, before, versions)
        _check_same(target, before, plan)
        if not update and before["fingerprint"] != fingerprint:
            raise ValueError(
                f"{task.source} has changed since {target} was begun: update it, do not resume it"
            )
        cuts = before["cuts"]
        task = task._replace(types=_types_of(target, before))  # even if another file is the first one now
    elif any(path.name != LOCK and not path.name.startswith(".") for path in target.iterdir()):
        raise FileExistsError(f"{target} is not empty, and not a dataset: name another folder")
    (target / REPORT).unlink(missing_ok=True)
    plan |= {**versions, "fingerprint": fingerprint, "naming": task.naming}
    plan |= {"cuts": cuts, "types": task.types.hex(), "run": task.run}
    write_json(target / PLAN, plan)
    (target / STATES).mkdir(exist_ok=True)
    metadata = {name: value for name, value in plan.items() if name not in ("cuts", "types", "run")}
    return task._replace(metadata=json.dumps({"version": __version__, **metadata})), cuts


def _check_versions(target: Path, before: Mapping[str, Any], versions: Mapping[str, int]) -> None:
    """Refuse a dataset that an atc_cy with another law, or with later states, has written."""
    law, states = before["law"], before["states"]
    if law != versions["law"] or states > versions["states"]:
        theirs, ours = f"law {law}, states {states}", f"law {versions['law']}, states {versions['states']}"
        raise ValueError(
            f"{target} was written by an atc_cy of other versions ({theirs}) than this one ({ours}): "
            "use that atc_cy, or name another folder"
        )


def _types_of(target: Path, before: Mapping[str, Any]) -> bytes:
    """The Arrow schema of a plan."""
    import pyarrow as pa

    try:
        types = bytes.fromhex(before["types"])
        pa.ipc.read_schema(pa.py_buffer(types))
    except (OSError, ValueError) as error:  # pyarrow's errors derive from these
        raise ValueError(f"{target / PLAN}: types are not an Arrow schema ({error}): {_REMEDY}") from None
    return types


def _check_same(target: Path, before: Mapping[str, Any], plan: Mapping[str, Any]) -> None:
    """Refuse to continue a run with other arguments."""
    before = {**before, "form": {**asdict(FOUND_OUT), **before["form"]}}
    for name, value in plan.items():
        former = before[name]
        if former != value:
            raise ValueError(
                f"{target} was written with another {name}, {former} and not {value}: name another folder"
            )


def ranges_of(
    files: Sequence[SourceFile], cuts: Sequence[str], failed: Collection[str | None]
) -> list[Range]:
    """The ranges between the cuts, each with the pieces that may hold its symbols and can be read."""
    ranges = []
    for number, (after, last) in enumerate(pairwise([None, *cuts, None])):
        pieces = []
        for file in files:
            held = [i for i, group in enumerate(file.groups) if group.may_hold(after, last)]
            if held and not (file.symbol is not None and file.symbol in failed):
                rows = sum(file.groups[i].rows for i in held)
                pieces.append(Piece(file.path, file.size, file.modified, file.symbol, tuple(held), rows))
        ranges.append(Range(number, after, last, tuple(pieces)))
    return ranges


def check_run(task: Task) -> None:
    """Raise if the destination belongs to a later run."""
    if _read_plan(Path(task.destination))["run"] != task.run:
        raise RuntimeError(f"another run writes to {task.destination} now, so this one ends")


def write_json(path: Path, value: Any) -> None:
    """Write a value as JSON in the place of a file."""
    with replacing(path) as part:
        part.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8", newline="\n")
