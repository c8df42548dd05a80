"""A feed in which a line does not end: one error, and what came before it is kept."""

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from support.exchange import walk
from support.watching import Run

import atc_cy.watch.lines
from atc_cy import watch_state

ROWS = "time,close\n" + "".join(f"{1_700_000_040 + 60 * n},{x}\n" for n, x in enumerate(walk(1, 300)))
PROBLEM = "line 302: it has more than 4 MiB and no line end: give each row its own line"


@pytest.mark.parametrize("endless", [b"x", b"\0", b'{"time":' + 99 * b" "])
def test_from_a_pipe(endless: bytes, tmp_path: Path) -> None:
    command = [sys.executable, "-P", "-m", "atc_cy", "watch", "-", "--state", "state", "-o", "out"]
    with subprocess.Popen(command, cwd=tmp_path, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        try:
            process.stdin.write(ROWS.encode())
            while True:
                process.stdin.write(endless * (1 << 14))
        except BrokenPipeError:
            with suppress(BrokenPipeError):
                process.stdin.close()
        assert process.stderr.read().decode().splitlines() == [f"atc-cy: standard input: {PROBLEM}"]
    assert process.returncode == 1
    assert watch_state(tmp_path / "state").streams["stdin"].bars == 300
    assert len((tmp_path / "out").read_text().splitlines()) > 10


def test_from_a_file(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line is as long as it may be, and a byte longer."""
    monkeypatch.setattr(atc_cy.watch.lines, "LONGEST_LINE", 1 << 20)
    row = json.dumps({"time": "2030-01-01", "close": 1.0, "note": ""})
    long = row[:-2] + "x" * ((1 << 20) - len(row)) + row[-2:]
    assert run(f"{long}\n{row[:-2]}").code == 3  # the second one ends within a text
    assert run(f"{long}").code == 0
    assert run(f"{long} ").code == 1
    assert run.reports == [
        f"{tmp_path}{os.sep}feed.csv: {PROBLEM.replace('302', '1').replace('4 MiB', '1 MiB')}"
    ]
