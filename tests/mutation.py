"""Whether the tests notice Python that is wrong: each mutant must fail one of those that execute its line.

python tests/mutation.py config live             all mutants of these rooms
python tests/mutation.py files/order.py          of one module
python tests/mutation.py files --sample 300      300 of them, drawn at random, always the same
python tests/mutation.py config --list           show the mutants and run nothing

It needs `fork`, and nothing beyond what the tests need. tests/mutants.py does the same for the kernel.

A mutant is one change: an operand of `and` or `or` is left out, a condition always or never holds, `<`
becomes `<=`, `+` becomes `-`, a number grows by one, a call whose result nobody uses is left out, a result is
None, and the like. Texts and annotations stay as they are. The script copies the project into a folder and
runs the tests of the rooms there once, to note which test executes which lines. Then it writes one mutant
after the other into the copy. A fork of the process that has collected the tests gives the changed function
its new code, and runs the tests that execute the changed line, up to the first that fails. If none does, a
process that imports the package anew runs all tests of the room; so it is at once where the change is in what
runs when a module is imported.

The last lines are the mutants that no test noticed. tests/mutation.toml names those that change nothing
that could be noticed, or not in a test of their room, each with the reason. The exit code is 1 if there are
others. A test in tests/test_mutants.py checks that its names are still those of mutants.

Why not mutmut or cosmic-ray: mutmut 3 leaves out decorated functions, properties and what runs at import, and
calls functions through a frame of its own, which breaks tests of where a warning points; cosmic-ray starts
Python anew for each mutant, which takes most of the time here.
"""

import argparse
import ast
import contextlib
import functools
import gc
import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
import tomllib
import traceback
import types
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
EQUIVALENT = ROOT / "tests" / "mutation.toml"
TESTS = {
    "config": ["config", "test_shown.py"],
    "engine": ["engine"],
    "files": [
        "files",
        "cli/test_any_file_commands.py",
        "cli/test_sheets_and_skipped_lines.py",
        "cli/test_time_options.py",
        "dataset/test_dataset_symbols.py",
        "dataset/test_one_reading.py",
        "dataset/test_sources.py",
    ],
    "live": ["live", "test_shown.py"],
}
"""The tests of each room, in `tests`."""
ROOMS = tuple(f"atc_cy.{room}." for room in TESTS)
MEMORY = 4 << 30
"""Bytes that a process may have: a loop that a mutant makes endless may also fill a list."""
PATIENCE = 20
"""Seconds that a mutant's tests may take beyond what they took without it."""
OTHERS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
TYPES = ("annotation", "returns", "decorator_list", "bases")
"""Fields whose nodes stay as they are."""


class Mutant(NamedTuple):
    """One change."""

    name: str
    """Module, function, the old text and the new."""
    module: str
    """In `atc_cy`."""
    start: int
    end: int
    new: str
    """What stands in the place of the module's text between `start` and `end`, in bytes."""
    lines: frozenset[int]
    """A test that executes one of them may notice the change."""
    when_imported: bool
    """Whether the change is in what runs when the module is imported."""


class Place(NamedTuple):
    """Where a node is."""

    parent: ast.AST
    field: str
    statement: ast.stmt
    names: tuple[str, ...]
    when_imported: bool

    @property
    def is_condition(self) -> bool:
        return self.field == "ifs" or (self.field == "test" and isinstance(self.parent, ast.If | ast.IfExp))


def changes(node: ast.AST, place: Place) -> Iterator[ast.AST]:
    """What may stand in this node's place."""
    if place.is_condition:
        yield from (ast.Constant(True), ast.Constant(False))
    if place.field == "test" and isinstance(place.parent, ast.While) and not isinstance(node, ast.Constant):
        yield ast.Constant(False)
    match node:
        case ast.Compare(ops=[op]) if not (
            place.is_condition
            and isinstance(op, ast.Eq | ast.NotEq | ast.Is | ast.IsNot | ast.In | ast.NotIn)
        ):
            yield ast.Compare(node.left, [OTHERS[type(op)]()], node.comparators)
        case ast.Compare(ops=[first, second]):
            yield ast.Compare(node.left, [OTHERS[type(first)](), second], node.comparators)
            yield ast.Compare(node.left, [first, OTHERS[type(second)]()], node.comparators)
        case ast.BoolOp(values=values):
            for i in range(len(values)):
                rest = [*values[:i], *values[i + 1 :]]
                yield rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)
        case ast.BinOp() if type(node.op) in OTHERS:
            yield ast.BinOp(node.left, OTHERS[type(node.op)](), node.right)
        case ast.AugAssign() if type(node.op) in OTHERS:
            yield ast.AugAssign(node.target, OTHERS[type(node.op)](), node.value)
        case ast.UnaryOp(op=ast.Not() | ast.USub()) if not (place.is_condition):
            yield node.operand
        case ast.Constant(value=bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(value=int() | float() as value):
            yield ast.Constant(value + 1)
        case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant):
            yield ast.Return(ast.Constant(None))
        case ast.Expr(value=ast.Call()):
            yield ast.Pass()
        case ast.Break():
            yield ast.Continue()
        case ast.Continue():
            yield ast.Break()


def is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def stays(node: ast.AST) -> bool:
    """Whether a node is never changed, nor what is in it."""
    match node:
        case ast.JoinedStr():
            return True  # its parts have no places in the text before Python 3.12
        case ast.If(test=ast.Name("TYPE_CHECKING")):
            return True
        case ast.keyword(arg="strict"):
            return True  # of zip: nothing unequal comes there
        case ast.BinOp(left=left, right=right):
            union = any(isinstance(part, ast.Constant) and part.value is None for part in (left, right))
            return union or is_text(left) or is_text(right)  # a type; texts that cannot be subtracted
    return False


def walk(node: ast.AST, place: Place) -> Iterator[tuple[ast.AST, Place]]:
    """Each node that may be changed, and where it is."""
    if stays(node):
        return
    yield node, place
    names, statement = place.names, node if isinstance(node, ast.stmt) else place.statement
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        names = (*names, node.name)
    for field, value in ast.iter_fields(node):
        if field not in TYPES:
            inside = field == "body" and isinstance(node, ast.FunctionDef | ast.Lambda)
            below = Place(node, field, statement, names, place.when_imported and not inside)
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from walk(child, below)


def lines_of(node: ast.AST, statement: ast.stmt) -> frozenset[int]:
    """The lines of a node and of its statement, without what stands below the latter's head."""
    whole = range(node.lineno, node.end_lineno + 1)
    if hasattr(statement, "body"):
        return frozenset({statement.lineno, *whole})
    return frozenset({*whole, *range(statement.lineno, statement.end_lineno + 1)})


def mutants_of(module: str) -> Iterator[Mutant]:
    """All mutants of a module, in the order of its text."""
    text = (ROOT / "atc_cy" / module).read_bytes()
    begins = [0]
    for line in text.splitlines(keepends=True):
        begins.append(begins[-1] + len(line))
    tree = ast.parse(text)
    seen: Counter[str] = Counter()
    for top in tree.body:
        for node, place in walk(top, Place(tree, "body", top, (), True)):
            for new in changes(node, place):
                old, shown = ast.unparse(node), ast.unparse(new)
                name = f"{module} {'.'.join(place.names)}: {old} -> {shown}"
                seen[name] += 1
                if seen[name] > 1:
                    name += f" ({seen[name]})"
                # The lines below keep their numbers.
                empty = "\n" * (node.end_lineno - node.lineno)
                written = f"({shown}{empty})" if isinstance(node, ast.expr) else shown + empty
                yield Mutant(
                    name,
                    module,
                    begins[node.lineno - 1] + node.col_offset,
                    begins[node.end_lineno - 1] + node.end_col_offset,
                    written,
                    lines_of(node, place.statement),
                    place.when_imported,
                )


def changed_text(mutant: Mutant, text: bytes) -> bytes:
    return text[: mutant.start] + mutant.new.encode() + text[mutant.end :]


# What each process does.


def functions_in(code: types.CodeType) -> Iterator[types.CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield constant
            yield from functions_in(constant)


def by_place(code: types.CodeType) -> dict[tuple[str, int, int], types.CodeType]:
    """The functions in a module's code: by name, line, and which of that name in that line."""
    found: dict[tuple[str, int, int], types.CodeType] = {}
    seen: Counter[tuple[str, int]] = Counter()
    for own in functions_in(code):
        place = (own.co_qualname, own.co_firstlineno)
        found[*place, seen[place]] = own
        seen[place] += 1
    return found


class Imported:
    """The functions of the package, as they were imported."""

    def __init__(self) -> None:
        things = gc.get_objects()
        self.caches = [own for own in things if isinstance(own, functools._lru_cache_wrapper)]
        self.caches = [own for own in self.caches if own.__module__.startswith(ROOMS)]
        self.functions = [own for own in things if isinstance(own, types.FunctionType)]
        self.functions = [own for own in self.functions if "/atc_cy/" in own.__code__.co_filename]

    def change(self, path: Path, original: bytes) -> bool:
        """Give the changed function its new code; False if that is not possible."""
        old = by_place(compile(original, str(path), "exec"))
        new = by_place(compile(path.read_bytes(), str(path), "exec"))
        codes = {own: new[place] for place, own in old.items() if place in new and own != new[place]}
        found = [own for own in self.functions if own.__code__ in codes]
        if any(own.__code__.co_freevars != codes[own.__code__].co_freevars for own in found):
            return False
        for own in found:
            own.__code__ = codes[own.__code__]
        return bool(found)

    def forget(self) -> None:
        """Empty the caches, so that what filled them is executed again."""
        for cache in self.caches:
            cache.cache_clear()


def run_item(item: pytest.Item, following: pytest.Item | None) -> bool:
    """Whether a test passes."""
    before = item.session.testsfailed
    try:
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
    except (KeyboardInterrupt, pytest.exit.Exception):
        return False
    return item.session.testsfailed == before


class Trace:
    """Which lines of the rooms each test executes."""

    def __init__(self, folder: Path, modules: Iterable[str]) -> None:
        self.files = {str(folder / "atc_cy" / module): module for module in modules}
        self.lines: set[tuple[str, int]] = set()

    def call(self, frame: types.FrameType, _event: str, _arg: object) -> Callable[..., Any] | None:
        module = self.files.get(frame.f_code.co_filename)
        if module is None:
            return None
        add = self.lines.add
        add((module, frame.f_lineno))

        def line(frame: types.FrameType, _event: str, _arg: object) -> Callable[..., Any]:
            add((module, frame.f_lineno))
            return line

        return line

    def of(self, run: Callable[[], bool]) -> tuple[bool, float, frozenset[tuple[str, int]]]:
        self.lines.clear()
        sys.settrace(self.call)
        threading.settrace(self.call)
        begun = time.perf_counter()
        try:
            passed = run()
        finally:
            sys.settrace(None)
            threading.settrace(None)
        return passed, time.perf_counter() - begun, frozenset(self.lines)


def in_a_fork(work: Callable[[Connection], None], seconds: float | None = None) -> Any:
    """What a fork sends; a sentence if it took too long, or its process ended before."""
    here, there = multiprocessing.Pipe(duplex=False)
    import resource  # not on Windows, where nothing forks

    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        child = os.fork()  # libraries have threads, but none that holds a lock
    if child == 0:
        code = BROKEN
        try:
            os.setsid()
            resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
            here.close()
            work(there)
            code = 0
        except:
            say(traceback.format_exc())
            raise
        finally:
            os._exit(code)
    there.close()
    found, in_time = None, False
    try:
        in_time = here.poll(seconds)
        if in_time:
            with contextlib.suppress(EOFError):
                found = here.recv()
    finally:
        here.close()
        if not in_time or found is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child, signal.SIGKILL)
        status = os.waitpid(child, 0)[1]
    if found is None and os.waitstatus_to_exitcode(status) == BROKEN:
        raise SystemExit("this script has a fault: see above")
    return found if found is not None else "the process died" if in_time else "the time is up"


BROKEN = 70
"""The exit code of a fork in which this script fails, not a test."""


class Warm:
    """A pytest plug-in: in place of running the tests once, it runs them on mutants, in forks."""

    def __init__(
        self, folder: Path, mutants: Sequence[Mutant], report: Callable[[Mutant, str], None]
    ) -> None:
        self.folder, self.mutants, self.report = folder, mutants, report
        self.baseline: list[tuple[bool, float, frozenset[tuple[str, int]]]] = []

    def trace_all(self, imported: Imported, items: Sequence[pytest.Item], modules: Iterable[str]) -> None:
        def work(to: Connection) -> None:
            trace = Trace(self.folder, modules)
            found = []
            for i, item in enumerate(items):
                following = items[i + 1] if i + 1 < len(items) else None
                imported.forget()
                found.append(trace.of(lambda item=item, following=following: run_item(item, following)))
            to.send(found)

        self.baseline = in_a_fork(work)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = session.items
        imported = Imported()
        gc.freeze()  # what a fork does not touch, it need not copy
        self.trace_all(imported, items, {mutant.module for mutant in self.mutants})
        broken = [item.nodeid for item, (passed, *_) in zip(items, self.baseline, strict=True) if not passed]
        if broken:
            say(f"without any mutant these fail, and are left out: {', '.join(broken)}")
        by_line = defaultdict(set)
        for i, (passed, _, lines) in enumerate(self.baseline):
            for line in lines if passed else ():
                by_line[line].add(i)
        for mutant in self.mutants:
            chosen = set().union(*(by_line.get((mutant.module, line), set()) for line in mutant.lines))
            room = f"tests/{mutant.module.split('/')[0]}/"
            order = sorted(chosen, key=lambda i: (not items[i].nodeid.startswith(room), self.baseline[i][1]))
            self.report(
                mutant,
                self.attempt(
                    imported, mutant, [items[i] for i in order], sum(self.baseline[i][1] for i in order)
                ),
            )
        return True

    def attempt(
        self, imported: Imported, mutant: Mutant, items: Sequence[pytest.Item], seconds: float
    ) -> str:
        """What noticed a mutant; empty if nothing did."""
        if not items:
            return IMPORT_ANEW  # a decorator of a module, or a line that no test executes
        path = self.folder / "atc_cy" / mutant.module
        original = path.read_bytes()
        path.write_bytes(changed_text(mutant, original))
        clear(self.folder / "temporary")

        def work(to: Connection) -> None:
            if not imported.change(path, original):
                to.send(IMPORT_ANEW)
                return
            imported.forget()
            for i, item in enumerate(items):
                if not run_item(item, items[i + 1] if i + 1 < len(items) else None):
                    to.send(item.nodeid)
                    return
            to.send("")

        try:
            return in_a_fork(work, PATIENCE + 3 * seconds)
        finally:
            path.write_bytes(original)


IMPORT_ANEW = "the package has to be imported anew"


def clear(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()


def say(text: str) -> None:
    print(text, file=SHOWN, flush=True)


SHOWN = sys.stdout
"""What pytest does not capture."""


def options_of_pytest(folder: Path, tests: Iterable[str]) -> list[str]:
    return [
        *("-x", "-p", "no:cacheprovider", "-p", "no:terminal"),
        *("-o", "tmp_path_retention_policy=none"),
        f"--basetemp={folder / 'temporary'}",
        *(f"tests/{room}" for room in tests),
    ]


def enter(folder: Path) -> None:
    """The process's modules are the copy's from now on."""
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    os.environ["PYTHONPATH"] = str(folder)
    sys.dont_write_bytecode = True


def attempt_cold(folder: Path, mutant: Mutant, tests: Sequence[str]) -> str:
    """What noticed a mutant of what runs when its module is imported; empty if nothing did."""
    path = folder / "atc_cy" / mutant.module
    original = path.read_bytes()
    path.write_bytes(changed_text(mutant, original))
    shutil.rmtree(path.parent / "__pycache__", ignore_errors=True)

    class First:
        failed = ""

        def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
            if report.failed:
                self.failed = report.nodeid

        def pytest_collectreport(self, report: pytest.CollectReport) -> None:
            if report.failed:
                self.failed = f"{report.nodeid} cannot be imported"

    def work(to: Connection) -> None:
        enter(folder)
        first = First()
        code = pytest.main(options_of_pytest(folder, tests), plugins=[first])
        if not first.failed and code:
            raise SystemExit(f"the tests did not run: pytest ended with {code!r}")
        to.send(first.failed)

    try:
        return in_a_fork(work, 600)
    finally:
        path.write_bytes(original)


def preload() -> None:
    """What takes long to import, and no mutant changes."""
    for name in (
        "numpy",
        "pandas",
        "pyarrow",
        "pyarrow.parquet",
        "pyarrow.feather",
        "openpyxl",
        "rich.console",
    ):
        __import__(name)


def copy_project(folder: Path) -> None:
    ignored = shutil.ignore_patterns(".git", "build", "site", ".hypothesis", ".*_cache", "temporary")
    shutil.copytree(ROOT, folder, ignore=ignored)


def chosen_mutants(words: Sequence[str], sample: int | None) -> list[Mutant]:
    mutants = []
    for word in words:
        path = ROOT / "atc_cy" / word
        modules = [path] if path.is_file() else sorted(path.glob("*.py"))
        if not modules or word.split("/")[0] not in TESTS:
            raise SystemExit(f"{word} is no room or module of {', '.join(TESTS)}")
        for module in modules:
            mutants += mutants_of(module.relative_to(ROOT / "atc_cy").as_posix())
    if sample and sample < len(mutants):
        chosen = random.Random(0).sample(range(len(mutants)), sample)
        mutants = [mutants[i] for i in sorted(chosen)]
    return mutants


def equivalent() -> dict[str, str]:
    """The mutants that need no test, and why."""
    groups = tomllib.loads(EQUIVALENT.read_text(encoding="utf8"))["equivalent"]
    return {name: group["reason"] for group in groups for name in group["mutants"]}


def attempt_all(folder: Path, mutants: Sequence[Mutant]) -> dict[str, str]:
    """What noticed each mutant."""
    results: dict[str, str] = {}
    known = equivalent()
    copy_project(folder)

    for room in dict.fromkeys(mutant.module.split("/")[0] for mutant in mutants):
        own = [mutant for mutant in mutants if mutant.module.startswith(f"{room}/")]

        def work(to: Connection, own: Sequence[Mutant] = own, room: str = room) -> None:
            enter(folder)
            found = {}

            def report(mutant: Mutant, killer: str) -> None:
                found[mutant.name] = killer
                if killer not in ("", IMPORT_ANEW):
                    say(f"{mutant.name}: {killer}")

            warm = Warm(folder, [mutant for mutant in own if not mutant.when_imported], report)
            code = pytest.main(options_of_pytest(folder, TESTS[room]), plugins=[warm])
            if code:
                raise SystemExit(f"the tests did not run: pytest ended with {code!r}")
            to.send(found)

        found = in_a_fork(work)
        if not isinstance(found, dict):
            raise SystemExit(f"{room}: {found}")
        results |= found
        for mutant in own:
            # What no test noticed may have done its harm before the fork, when the package was imported.
            left = mutant.when_imported or results[mutant.name] in ("", IMPORT_ANEW)
            if left and mutant.name not in known:
                results[mutant.name] = attempt_cold(folder, mutant, TESTS[room])
                say(f"{mutant.name}: {results[mutant.name] or 'SURVIVED'}")
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("rooms", nargs="+", help=f"of {', '.join(TESTS)}, or modules in them")
    parser.add_argument("--sample", type=int, metavar="N", help="try N of the mutants only")
    parser.add_argument("--list", action="store_true", help="show the mutants and run nothing")
    options = parser.parse_args()
    mutants = chosen_mutants(options.rooms, options.sample)
    if options.list:
        print(*(mutant.name for mutant in mutants), sep="\n")
        return
    preload()
    with tempfile.TemporaryDirectory(prefix="mutation-") as temporary:
        results = attempt_all(Path(temporary).resolve() / "project", mutants)
    survived = [name for name, killer in results.items() if not killer]
    known = equivalent()
    print()
    for name in survived:
        print(f"{name}: {'equivalent' if name in known else 'SURVIVED'}")
    for room in dict.fromkeys(name.split("/")[0] for name in results):
        of_room = [name for name in results if name.startswith(f"{room}/")]
        left = [name for name in survived if name in of_room]
        same = sum(name in known for name in left)
        print(
            f"{room}: {len(of_room)} mutants, {len(of_room) - len(left)} killed, "
            f"{len(left) - same} survived, {same} equivalent"
        )
    if set(survived) - set(known):
        raise SystemExit(1)


if __name__ == "__main__":
    SHOWN = os.fdopen(os.dup(1), "w")
    main()
