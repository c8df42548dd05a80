"""Strict type checkers accept a right program, and find what is wrong in another one."""

import json
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from support.places import ROOT

PROGRAMS = ROOT / "tests" / "typed"


def wrong_lines() -> set[tuple[str, int]]:
    """The lines of calls that are wrong: all after the blank line that follows the prices."""
    lines = (PROGRAMS / "wrong.py").read_text("utf-8").splitlines()
    first = lines.index('close = frame["close"]') + 1
    return {("wrong.py", number) for number, line in enumerate(lines, 1) if number > first and line}


@pytest.mark.skipif(find_spec("mypy") is None, reason="mypy is not installed")
def test_mypy() -> None:
    """The package, too, has no error. One run examines all: another one would take as long."""
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "atc_cy", str(PROGRAMS)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    found = [line.split(":") for line in done.stdout.splitlines() if ": error:" in line]
    assert {(Path(path).name, int(line)) for path, line, *_ in found} == wrong_lines(), (
        done.stdout + done.stderr
    )


@pytest.mark.skipif(find_spec("pyright") is None, reason="pyright is not installed")
def test_pyright(tmp_path: Path) -> None:
    # Copies: what lies outside of its project a checker may leave out.
    for program in PROGRAMS.glob("*.py"):
        shutil.copy(program, tmp_path)
    settings = {"typeCheckingMode": "strict", "extraPaths": [str(ROOT)], "include": ["*.py"]}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings), "utf-8")
    command = ["pyright", "--pythonpath", sys.executable, "--outputjson", "-p", str(tmp_path)]
    done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, check=False)
    report = json.loads(done.stdout)
    assert report["summary"]["filesAnalyzed"] == 2, done.stdout
    found = report["generalDiagnostics"]
    assert {(Path(one["file"]).name, one["range"]["start"]["line"] + 1) for one in found} == wrong_lines()
