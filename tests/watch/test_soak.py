"""The short version of `python tests/soak.py`: a watch that is killed, on an exchange that fails."""

import os
from pathlib import Path

import pytest
from soak import Soak

pytest.importorskip("ccxt")
pytest.importorskip("apprise")


@pytest.mark.long
@pytest.mark.skipif(os.name == "nt", reason="its receiver is a script of a POSIX shell")
def test_nothing_is_lost_in_a_day(tmp_path: Path) -> None:
    figures = Soak(tmp_path, symbols=6, hours=6, seconds=2, kills=1).run()
    assert figures.events > 10
    assert figures.kills == 1
    assert figures.delisted == 2
