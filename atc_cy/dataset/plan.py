"""What a run is to do, and how it is cut into ranges of symbols; the destination keeps it for later runs."""

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
"""Symbols are put together until they have about so many rows."""
PLAN, REPORT, LOCK = "_plan.json", "_report.json", "_lock"
NAMING = 2
"""How symbols are named, in files that are in no folder ``symbol=…``.

1, in the first plans, which do not say so: Parquet by a column of exactly that name, if there is one, else by
the file's name; other files by their name. 2: all files by a column, as `atc_cy.files.prices` finds it.
"""
_NOT_IN_FIRST_PLANS = {"clock": False, "form": asdict(FOUND_OUT), "naming": 1, "law": 1, "states": 1}
"""What they would have if they had it."""
_TYPES = {
    **{"config": dict, "source": str, "columns": list, "outputs": list, "clock": bool, "form": dict},
    **{"law": int, "states": int, "fingerprint": str, "naming": int, "cuts": list, "types": str, "run": str},
}
"""Of what a plan has."""
_REMEDY = "put a whole one back, or name another folder"


class Piece(NamedTuple):
    """A file, or the part of it that may hold a range's symbols."""

    path: str
    """Below the source."""
    size: int
    modified: int
    """In nanoseconds since 1970."""
    symbol: str | None
    """Of all rows; None: a column has them."""
    groups: tuple[int, ...]
    """Row groups of a Parquet file; of another one, 0."""
    rows: int
    """About how many."""


class Range(NamedTuple):
    """Symbols above the first and up to the last, in the order of their names; None: no limit."""

    number: int
    first: str | None
    last: str | None
    pieces: tuple[Piece, ...]

    def holds(self, symbol: str) -> bool:
        """Whether a symbol is one of the range."""
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
    """Of this run, as the destination's plan has it too; a worker left over from another one ends."""
    types: bytes
    """Of time and price, in all files: an Arrow schema."""
    clock: bool = False
    """Whether a column ``time`` next to ``date`` may have the time of day: no column of times was named."""
    naming: int = NAMING
    """As the plan has it."""
    metadata: str = ""
    """JSON, which each part of the output carries: what the run is."""
    form: Format = FOUND_OUT
    """How files that are no Parquet are written, as far as their reader is not to find out."""

    def arrow_types(self) -> tuple[Any, Any]:
        """Of time and price."""
        import pyarrow as pa

        time, price = pa.ipc.read_schema(pa.py_buffer(self.types)).types
        return time, price


def _cuts(files: Sequence[SourceFile]) -> list[str]:
    """Symbols up to which there are about so many rows each, in the order of their names."""
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
    """Who names the symbols of a destination; `NAMING` if it has none yet."""
    return int(_read_plan(target)["naming"]) if (target / PLAN).exists() else NAMING


def _read_plan(target: Path) -> dict[str, Any]:
    """The plan of a destination; what the first plans do not have is added.

    Raises
    ------
    ValueError
        It is none: something is missing, or of another type.
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
            raise ValueError(f"{path}: {name} is {plan[name]!r:.80}, and no {kind.__name__}: {_REMEDY}")
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

    clock: whether the first file has the time of day in its own column.

    Raises
    ------
    FileExistsError
        The destination has a dataset that is not to be resumed or updated, or something else.
    ValueError
        It has one of another run: other arguments, another source, other versions.
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
        "form": asdict(replace(task.form, time_column=None)),  # which is one of the columns
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
        task = task._replace(types=_types_of(target, before))  # also where another file is the first now
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
    """Refuse what an atc_cy of another law, or of later states, has written."""
    law, states = before["law"], before["states"]
    if law != versions["law"] or states > versions["states"]:
        theirs, ours = f"law {law}, states {states}", f"law {versions['law']}, states {versions['states']}"
        raise ValueError(
            f"{target} was written by an atc_cy of other versions ({theirs}) than this one ({ours}): "
            "use that one, or name another folder"
        )


def _types_of(target: Path, before: Mapping[str, Any]) -> bytes:
    """The Arrow schema of a plan."""
    import pyarrow as pa

    try:
        types = bytes.fromhex(before["types"])
        pa.ipc.read_schema(pa.py_buffer(types))
    except (OSError, ValueError) as error:  # pyarrow's own derive from these
        raise ValueError(f"{target / PLAN}: types are not an Arrow schema ({error}): {_REMEDY}") from None
    return types


def _check_same(target: Path, before: Mapping[str, Any], plan: Mapping[str, Any]) -> None:
    """Refuse to go on with a run of other arguments."""
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
        raise RuntimeError(f"another run writes to {task.destination} now")


def write_json(path: Path, value: Any) -> None:
    """Replace a file of a destination by this value."""
    with replacing(path) as part:
        part.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8", newline="\n")
