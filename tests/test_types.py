"""Strict type checkers accept a right program, and find what is wrong in another one."""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from support.places import ROOT

PROGRAMS = ROOT / "tests" / "typed"


def wrong_lines(text: str) -> set[int]:
    """The lines of calls that are wrong: all after the blank line that follows the prices."""
    lines = text.splitlines()
    first = lines.index('close = frame["close"]') + 1
    return {number for number, line in enumerate(lines, 1) if number > first and line}


def found_by_mypy(program: Path, tmp_path: Path) -> set[int]:
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--config-file=",
        f"--cache-dir={tmp_path}",
        program.name,
    ]
    done = subprocess.run(
        command, cwd=program.parent, capture_output=True, text=True, check=False, env={"MYPYPATH": str(ROOT)}
    )
    lines = [line.split(":") for line in done.stdout.splitlines() if line.startswith(program.name)]
    return {int(line[1]) for line in lines if line[2].strip() == "error"}


def found_by_pyright(program: Path, tmp_path: Path) -> set[int]:
    # A copy: what lies outside of its project a checker may leave out.
    (tmp_path / program.name).write_text(program.read_text("utf-8"), "utf-8")
    settings = {"typeCheckingMode": "strict", "extraPaths": [str(ROOT)], "include": [program.name]}
    project = tmp_path / "pyrightconfig.json"
    project.write_text(json.dumps(settings))
    command = [
        sys.executable,
        "-m",
        "pyright",
        "--pythonpath",
        sys.executable,
        "--outputjson",
        "-p",
        str(project),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    report = json.loads(done.stdout)
    assert report["summary"]["filesAnalyzed"] == 1, done.stdout
    return {finding["range"]["start"]["line"] + 1 for finding in report["generalDiagnostics"]}


CHECKERS = {"mypy": found_by_mypy, "pyright": found_by_pyright}


@pytest.mark.parametrize("checker", CHECKERS)
def test_programs(tmp_path: Path, checker: str) -> None:
    if find_spec(checker) is None:
        pytest.skip(f"{checker} is not installed")
    find = CHECKERS[checker]
    assert find(PROGRAMS / "right.py", tmp_path) == set()
    wrong = PROGRAMS / "wrong.py"
    assert find(wrong, tmp_path) == wrong_lines(wrong.read_text("utf-8"))
