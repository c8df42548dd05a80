"""Watches in this process."""

from pathlib import Path

import pytest
from support.watching import Follower, Run


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(tmp_path, capsys)


@pytest.fixture
def follow(tmp_path: Path) -> Follower:
    return Follower(tmp_path / "state")
