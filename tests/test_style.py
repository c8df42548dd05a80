"""The tree is formatted, linted and strictly typed, rooms import whom they may, and none grows too large.

The stubs say what the extensions have. The words are spelled right and plain.
"""

import ast
import io
import subprocess
import sys
import tokenize
import tomllib
from pathlib import Path

import prose
import pytest
from support.kernels import PRESETS, at_all_levels
from support.pages import blocks
from support.places import ROOT


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["ruff", "check", "--preview", "--select", "PLW1514", "atc_cy", "docs", "setup.py"],
        pytest.param(
            ["mypy", "--platform=win32", "--cache-dir=.mypy_cache/win32"],  # nothing that only POSIX has
            marks=pytest.mark.release,
        ),
        ["codespell_lib"],
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_tool(command: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_stubs(tmp_path: Path) -> None:
    """They have what the extensions have. What they import is not examined: that takes long."""
    settings = tmp_path / "mypy.ini"
    settings.write_text("[mypy]\nfollow_imports = skip\n", "utf-8")
    modules = [f"atc_cy.ext.{name}" for name in ("cpu", *at_all_levels("generic", *PRESETS))]
    command = [sys.executable, "-m", "mypy.stubtest", f"--mypy-config-file={settings}", *modules]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_imports() -> None:
    """The contracts of `[tool.importlinter]`; CONTRIBUTING.md has the picture."""
    script = "from importlinter.cli import lint_imports_command; lint_imports_command(['--no-cache'])"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_picture_of_the_house() -> None:
    """CONTRIBUTING.md shows the floors that the contract has."""
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"][
        "contracts"
    ][0]
    (picture,) = blocks(ROOT / "CONTRIBUTING.md", "text")
    assert [line.split("  ")[0] for line in picture.splitlines()] == contract["layers"]


MODULES = sorted((ROOT / "atc_cy").rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_text_files_are_the_same_on_every_system(path: Path) -> None:
    """Whoever reads or writes a whole text names its encoding, and whoever writes one its line end.

    What is compiled at once may have any line end. Ruff's PLW1514 sees a part of it.
    """
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            named = {keyword.arg for keyword in node.keywords}
            if node.func.attr == "read_text":
                assert node.args or "encoding" in named, f"{path}:{node.lineno}"
            if node.func.attr == "write_text":
                needed = {"encoding"} if "building" in path.parts else {"encoding", "newline"}
                assert needed <= named, f"{path}:{node.lineno}"
            if node.func.attr == "to_csv":
                assert "lineterminator" in named, f"{path}:{node.lineno}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_and_functions_are_small(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.count("\n") <= 400
    code = lines_of_code(text)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = [line for line in code if node.lineno <= line <= (node.end_lineno or 0)]
            assert len(lines) <= 60, f"{node.name} has {len(lines)} lines of code"


def lines_of_code(text: str) -> set[int]:
    """The lines that hold more than blanks, comments and docstrings."""
    strings = {
        line
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        for line in range(node.lineno, (node.end_lineno or 0) + 1)
    }
    blank = (tokenize.NL, tokenize.NEWLINE, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT)
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    used = {
        line
        for token in tokens
        if token.type not in blank
        for line in range(token.start[0], token.end[0] + 1)
    }
    return used - strings


@pytest.mark.parametrize("path", prose.files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_words_are_plain(path: Path) -> None:
    """Pages, docstrings and messages: proselint's checks, and the phrases of tests/prose.toml."""
    assert prose.findings_of(path) == []


def test_words_that_are_not_plain_are_seen() -> None:
    """A phrase of the list, quoted or over the end of a line, and one of proselint's; none in code."""
    page = '"It tells"\nwhere it\nstands.\n\n```sh\ntells\n```\n\n`tells` is very unique.\n'
    found = sorted((line, said.split(":")[0]) for line, said in prose.findings(page))
    assert found == [(1, "prose.toml"), (2, "prose.toml"), (9, "uncomparables"), (9, "weasel_words.very")]


def test_docstrings_and_messages_are_read(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(
        '"""A file.\n\nIt tells.\n"""\ntells = "tells"\nfail(f"{tells} was told so")\n', "utf-8"
    )
    found = [(first, line) for first, text in prose.texts(module) for line, _ in prose.findings(text)]
    assert found == [(1, 3), (6, 1)]
