"""Source distributions of this checkout."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.places import ROOT


def run(*command: object, cwd: Path, env: "dict[str, str] | None" = None) -> str:
    """What the command printed; it must succeed."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "", **(env or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def listed() -> set[str]:
    """The files that git has, or would have after `git add`."""
    if not (ROOT / ".git").exists():
        pytest.skip("it compares with a checkout of git")
    names = run("git", "ls-files", "-co", "--exclude-standard", cwd=ROOT).splitlines()
    return {name for name in names if (ROOT / name).is_file()}


def checkout(folder: Path) -> Path:
    """A copy of what git has, with the time of now."""
    for name in listed():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    return folder


def distribution(kind: str, source: Path, out: Path, epoch: int = 1_700_000_000) -> Path:
    """Build an `sdist` or a `wheel` as of a time, with the tools that are installed here."""
    environment = {"SOURCE_DATE_EPOCH": str(epoch)}
    run(
        *(sys.executable, "-m", "build", f"--{kind}", "--no-isolation", "-o", out),
        cwd=source,
        env=environment,
    )
    (made,) = out.glob("*.tar.gz" if kind == "sdist" else "*.whl")
    return made
