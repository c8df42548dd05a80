"""A destination whose plan or states are damaged: one clear error, and nothing of it is lost."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from atc_cy import dataset
from atc_cy.dataset.states import read_states

BAD = [None, True, -1, 2**70, "", "x", ["x", 1], {}]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    write(tmp_path / "in", 1, 0)
    dataset.scan(tmp_path / "in", tmp_path / "out")
    return tmp_path / "in"


def write(source: Path, number: int, begin: int) -> None:
    dates = pd.date_range("2020-01-01", periods=300, tz="UTC")[begin : begin + 200]
    closes = 100 + np.sin(np.arange(begin, begin + len(dates)) / 9)
    table = pd.DataFrame({"symbol": "A", "date": dates, "close": closes})
    table.to_parquet(source / f"{number}.parquet")


def content(target: Path) -> dict[str, bytes]:
    files = [path for path in target.rglob("*") if path.is_file() and path.name != "_report.json"]
    return {str(path): path.read_bytes() for path in files}


def test_each_part_of_a_plan_is_checked(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "out"
    path = target / "_plan.json"
    plan = json.loads(path.read_text())
    optional = {"clock", "form", "naming", "law", "states"}  # the first plans do not have them
    crafted: list[Any] = [{**plan, name: bad} for name in plan for bad in BAD if plan[name] != bad]
    crafted += [{name: plan[name] for name in plan if name != left} for left in {*plan} - optional]
    for value in [*crafted, *BAD]:
        path.write_text(json.dumps(value))
        before = content(target)
        try:
            dataset.scan(source, target, update=True)
        except ValueError as error:
            problem = str(error)
        else:  # it says the same, or what only another run has to compare
            changed = {name for name in plan if value[name] != plan[name]}
            assert changed <= {"states", "form", "run", "fingerprint"}, value
            continue
        assert str(target) in problem
        assert "\n" not in problem
        assert content(target) == before


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, '"\udcff"'])
def test_a_plan_that_is_no_json(text: str, source: Path, tmp_path: Path) -> None:
    (tmp_path / "out" / "_plan.json").write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(ValueError, match=r"_plan\.json is not JSON .*: put a backup back"):
        dataset.scan(source, tmp_path / "out", update=True)


def test_damaged_states(source: Path, tmp_path: Path) -> None:
    """A bit that has changed: it is noticed, or says nothing of the states."""
    path = tmp_path / "out" / "_states" / "00000.parquet"
    whole, states = path.read_bytes(), read_states(str(tmp_path / "out"), 0)
    assert source.exists()
    tried = refused = 0
    for place in range(0, len(whole), 41):
        changed = bytearray(whole)
        changed[place] ^= 1 << place % 8
        path.write_bytes(changed)
        tried += 1
        try:
            assert read_states(str(tmp_path / "out"), 0) == states
        except ValueError as error:
            refused += f"{path} is damaged (" in str(error)
    assert refused > 0.8 * tried


def test_an_update_checks_what_it_builds_on(source: Path, tmp_path: Path) -> None:
    """Nothing is computed from damaged states, and nothing removed, also where nothing is new."""
    target = tmp_path / "out"
    path = target / "_states" / "00000.parquet"
    table = pq.read_table(path, partitioning=None)
    metadata = table.schema.metadata
    done = metadata[b"done"].replace(b"[200, 200", b"[200, 100")
    assert done != metadata[b"done"]
    pq.write_table(table.replace_schema_metadata({**metadata, b"done": done}), path)
    for more in (False, True):
        if more:
            write(source, 2, 200)
        before = content(target)
        with pytest.raises(ValueError, match=r"00000\.parquet is damaged \(its checksum is wrong\): put"):
            dataset.scan(source, target, update=True)
        for name, data in content(target).items():
            assert data == before[name] or name.endswith("_plan.json")  # which has the run's number
    path.unlink()
    assert dataset.scan(source, target, update=True) == (300, 1, ())
