"""The tables of mutants fit the sources: what they change is there. Whether tests notice them takes hours."""

import ast
import importlib.util
import os
import signal
import time
from collections import Counter
from pathlib import Path

import mutants
import mutation
import pytest


@pytest.mark.parametrize("file", sorted({mutant.file for mutant in mutants.MUTANTS}))
def test_a_kernel_s_mutants(file: str) -> None:
    text = Path(mutants.ROOT, "atc_cy", file).read_text(encoding="utf8")
    one = [mutant for mutant in mutants.MUTANTS if mutant.file == file]
    assert {mutant.name: text.count(mutant.old) for mutant in one if text.count(mutant.old) != 1} == {}
    assert not [mutant.name for mutant in one if mutant.old == mutant.new]


def test_names_of_kernel_mutants_are_different() -> None:
    names = Counter(mutant.name for mutant in mutants.MUTANTS)
    assert len(names) >= 40
    assert not [name for name, times in names.items() if times > 1]


@pytest.fixture(scope="module")
def of_rooms() -> dict[str, mutation.Mutant]:
    return {mutant.name: mutant for mutant in mutation.chosen_mutants([*mutation.TESTS], None)}


def test_each_mutant_of_a_room_is_python(of_rooms: dict[str, mutation.Mutant]) -> None:
    for mutant in [*of_rooms.values()][::25]:
        text = Path(mutation.ROOT, "atc_cy", mutant.module).read_bytes()
        changed = mutation.changed_text(mutant, text)
        assert changed != text
        ast.parse(changed)


def test_what_is_equivalent_is_a_mutant_and_has_a_reason(of_rooms: dict[str, mutation.Mutant]) -> None:
    known = mutation.equivalent()
    assert known.keys() <= of_rooms.keys()
    assert all(known.values())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_what_becomes_of_a_fork() -> None:
    """A fault of the script is not taken for a test that notices a mutant."""
    assert mutation.in_a_fork(lambda to: to.send("tests/a.py::test")) == "tests/a.py::test"
    assert mutation.in_a_fork(lambda to: to.send("")) == ""
    assert mutation.in_a_fork(lambda _: os.kill(os.getpid(), signal.SIGKILL)) == "the process died"
    assert mutation.in_a_fork(lambda _: time.sleep(60), 0.01) == "the time is up"
    with pytest.raises(SystemExit, match="this script has a fault"):
        mutation.in_a_fork(lambda _: 1 / 0)  # type: ignore[func-returns-value, arg-type, return-value]


OLD = """
from functools import cache

def outer(low):
    def inner(value):
        return value > low
    return inner

class Pair:
    @property
    def both(self):
        return 1, 2

@cache
def slow(value):
    return [each for each in (1, 2, 3) if each > value]

three = outer(3)
"""


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("value > low", "value >= low", (True, (1, 2), [2, 3])),
        ("return 1, 2", "return 1, 3", (False, (1, 3), [2, 3])),
        ("each > value", "True", (False, (1, 2), [1, 2, 3])),
        ("value > low", "True", None),  # another closure: it cannot be put in the place of the old one
        ("outer(3)", "outer(2)", None),
    ],
)
def test_an_imported_module_is_changed(
    old: str, new: str, changed: "tuple[object, ...] | None", tmp_path: Path
) -> None:
    path = tmp_path / "atc_cy" / "module.py"
    path.parent.mkdir()
    path.write_text(OLD)
    spec = importlib.util.spec_from_file_location("atc_cy.config.module_of_a_test", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found = (module.three(3), module.Pair().both, module.slow(1))
    assert found == (False, (1, 2), [2, 3])
    imported = mutation.Imported()
    path.write_text(OLD.replace(old, new))
    assert imported.change(path, OLD.encode()) == (changed is not None)
    imported.forget()
    assert (module.three(3), module.Pair().both, module.slow(1)) == (changed or found)
