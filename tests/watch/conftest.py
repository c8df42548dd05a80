"""What the tests of watches begin with."""

from pathlib import Path

import pytest
from support.watching import Follower, Run


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a watch in this process."""
    return Run(tmp_path, capsys)


@pytest.fixture
def follow(tmp_path: Path) -> Follower:
    """Follows a file in this process."""
    return Follower(tmp_path / "state")


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    """Where a feed can be written."""
    return tmp_path / "feed.csv"
