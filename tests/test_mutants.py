"""The tables of mutants fit the sources: what they change is there. Whether tests notice them takes hours."""

import ast
from collections import Counter
from pathlib import Path

import mutants
import mutation
import pytest


@pytest.mark.parametrize("file", sorted({mutant.file for mutant in mutants.MUTANTS}))
def test_a_kernel_s_mutants(file: str) -> None:
    text = Path(mutants.ROOT, "atc_cy", file).read_text(encoding="utf8")
    own = [mutant for mutant in mutants.MUTANTS if mutant.file == file]
    assert {mutant.name: text.count(mutant.old) for mutant in own if text.count(mutant.old) != 1} == {}
    assert not [mutant.name for mutant in own if mutant.old == mutant.new]


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
