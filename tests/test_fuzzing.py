"""A little of what tests/fuzz.py does for hours: damaged input is refused, or read to right numbers."""

import math
from pathlib import Path

import pytest
from fuzz import Found, one_by_one
from fuzzing import KINDS

RUNS = {"states": 500, "feeds": 250, "files": 200, "configs": 150, "plugins": 40, "datasets": 30}


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_input(kind: str, tmp_path: Path) -> None:
    found = Found()
    one_by_one(KINDS[kind](tmp_path), kind, 0, range(RUNS[kind]), math.inf, found)
    assert found.findings == {}
    assert 0 < found.accepted < RUNS[kind]
