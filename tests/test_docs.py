"""The Python in README.md and docs/ runs, and so does every command of the cookbook."""

import os
import re
import site
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

PAGES = [
    path
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
    if "```python" in path.read_text()
]
COOKBOOK = ["hot.md", "kernel.md", "scope.md"]


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_python(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile("\n".join(blocks(page, "python")), page.name, "exec"), {})


def test_lines_of_the_examples() -> None:
    """What glue.md shows is what the examples have, which tests/glue runs."""
    examples = "".join(path.read_text() for path in (ROOT / "docs" / "examples").glob("*.py"))
    shown = blocks(ROOT / "docs" / "glue.md", "py")
    assert len(shown) == 5
    for block in shown:
        assert unindented(block) in unindented(examples)


def unindented(text: str) -> str:
    return "\n".join(line.strip() for line in text.splitlines())


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the programs of a virtual environment are that has all that this one has, and may be changed."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    lines = [f"import site; site.addsitedir({path!r})" for path in site.getsitepackages()]
    (packages / "those_of_the_tests.pth").write_text("\n".join(lines))
    for name, module in (("atc-cy", "atc_cy"), ("pip", "pip")):
        program = folder / "bin" / name
        program.write_text(f'#!/bin/sh\nexec {folder}/bin/python -m {module} "$@"\n')
        program.chmod(0o755)
    return folder / "bin"


@pytest.mark.parametrize("page", COOKBOOK)
def test_commands(page: str, programs: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    for block in blocks(ROOT / "docs" / page, "sh"):
        done = subprocess.run(
            ["bash", "-e", "-u", "-o", "pipefail", "-c", block],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{block}\n{done.stdout}"
