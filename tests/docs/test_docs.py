"""What README.md and docs/ show runs: page by page, each block of Python and of commands in its turn.

A block of ```text after one of commands is what they print, in part. ```console has commands that are not run
here, because they fetch, compile or wait for too long.
"""

import ast
import os
import re
import shlex
import site
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support.commands import atc_cy as atc_cy_here
from support.golden import GOLDEN
from support.kernels import LEVELS
from support.pages import blocks, in_turn
from support.places import ROOT

import atc_cy
from atc_cy.cli.options import Commands, Parser
from atc_cy.datasets import load_ecb_fx, load_stocks

CHANGES_THE_CHECKOUT = ROOT / "docs" / "shipped-preset.md"
"""tests/building/test_build.py runs it."""
LONG = {
    ROOT / "docs" / f"{name}.md"
    for name in ("chart", "commands", "kernel", "scan", "scope", "settings", "sweep")
}
"""Pages that run many commands."""
COMPILES = ROOT / "docs" / "hot.md"
"""Its commands use what it installs into the environment of `programs`."""
PAGES = [
    pytest.param(
        page,
        marks=pytest.mark.release if page == COMPILES else pytest.mark.long if page in LONG else [],
    )
    for page in [ROOT / "README.md", *sorted({*(ROOT / "docs").rglob("*.md")} - {CHANGES_THE_CHECKOUT})]
]
INSTALLS_THE_CHECKOUT = re.compile(r"pip install (-e )?'\.\[")
"""How a block begins that makes the environment which the tests run in: the gate runs those of README.md."""
AFTER_INSTALLING = re.compile(r"&& (atc-cy [^#\n]*)")
"""What such a block runs then."""
PLAIN = re.compile(r"(?:atc-cy [^|&;<>()$`\\*?~#\n]*(?:#.*)?\n?)+")
"""A block of nothing but atc-cy, with words that a shell leaves as they are."""

RESULT = re.compile(r"  # (-?\d+(?:\.\d+)?)(?:$|[:,; ])")
"""The end of a line that shows an expression's value."""


def test_lines_of_the_examples() -> None:
    """What glue.md shows is what the examples have, which tests/glue runs."""
    examples = "".join(path.read_text() for path in (ROOT / "docs" / "examples").glob("*.py"))
    shown = blocks(ROOT / "docs" / "glue.md", "py")
    assert len(shown) == 5
    for block in shown:
        assert unindented(block) in unindented(examples)


def test_the_command_that_contributors_are_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (block,) = blocks(ROOT / "CONTRIBUTING.md", "py")
    names = {"__name__": "atc_cy.cli.bars", "__package__": "atc_cy.cli"}
    exec(compile(block, "CONTRIBUTING.md", "exec"), names)
    parser = Parser()
    add_command: Any = names["add_command"]
    add_command(Commands(parser.add_subparsers()))
    prices = tmp_path / "USD.csv"
    prices.write_text("symbol,date,close\nUSD,2024-01-01,1.1\nUSD,2024-01-02,1.2\n")
    options = parser.parse_args(["bars", str(prices)])
    assert options.run(options) == 0
    assert capsys.readouterr().out == "USD 2\n"


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


def run_commands(block: str, programs: Path) -> str:
    """Run a block; what it prints."""
    done = subprocess.run(
        ["bash", "-e", "-u", "-o", "pipefail", "-c", block],
        env={**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{block}\n{done.stdout}"
    return done.stdout


def run_here(block: str) -> str:
    """Run a plain block within this process, which is faster; what it prints."""
    done = [atc_cy_here(*shlex.split(line, comments=True)[1:]) for line in block.splitlines()]
    return "".join(each.stdout + each.stderr for each in done)


def assert_shown(shown: str, printed: str) -> None:
    """The lines of a block of text are printed in this order; what comes after … is left out."""
    lines = iter(" ".join(line.split()) for line in printed.splitlines())
    for line in shown.splitlines():
        start, left_out, _ = " ".join(line.split()).partition("…")
        assert any(each.startswith(start) if left_out else each == start for each in lines), (
            f"{line}\n{printed}"
        )


def run_python(block: str, name: str, names: dict[str, Any]) -> None:
    """Run a block; where an expression's comment begins with a number, that is its value, rounded."""
    lines = block.splitlines()
    for statement in ast.parse(block).body:
        module = ast.Module([statement], [])
        said = RESULT.search(lines[(statement.end_lineno or 1) - 1])
        if isinstance(statement, ast.Expr) and said is not None:
            value = eval(compile(ast.Expression(statement.value), name, "eval"), names)
            decimals = len(said[1].partition(".")[2])
            assert f"{value:.{decimals}f}" == said[1], f"{name}: {lines[statement.lineno - 1]} is {value}"
        else:
            exec(compile(module, name, "exec"), names)


def test_a_wrong_result_in_a_comment_is_seen() -> None:
    run_python("x = 2\nx + 1  # 3.0: the sum", "page", {})
    with pytest.raises(AssertionError, match="is 3"):
        run_python("x = 2\nx + 1  # 4", "page", {})


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_page(page: Path, programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ATC_CY_LEVELS", LEVELS[-1])  # what a page compiles is compiled once
    names: dict[str, Any] = {}
    printed = None  # by the block before, if that was one of commands
    for language, block in in_turn(page, "python|sh|console|toml|text"):
        if language == "text" and printed is not None:
            assert_shown(block, printed)
        printed = None
        if language == "python":
            run_python(block, page.name, names)
        elif language == "sh":
            if INSTALLS_THE_CHECKOUT.match(block):
                block = "\n".join(AFTER_INSTALLING.findall(block))
            here = page != COMPILES and PLAIN.fullmatch(block)
            printed = run_here(block) if here else run_commands(block, programs)


def test_the_reference_has_every_public_name() -> None:
    pages = "".join(page.read_text() for page in (ROOT / "docs" / "api").glob("*.md"))
    shown = set(re.findall(r"^::: atc_cy\.(?:\w+\.)?(\w+)$", pages, re.MULTILINE))
    assert set(atc_cy.__all__) - {"__version__"} <= shown


def test_text_that_is_not_printed_is_seen() -> None:
    assert_shown("a  b …\nc  d\n", "title\na b c\n-\nc d\n")
    for wrong in ("a  c …\n", "c  d\na  b …\n", "c\n"):
        with pytest.raises(AssertionError):
            assert_shown(wrong, "title\na b c\n-\nc d\n")


def test_counts_of_cases_and_symbols() -> None:
    exact = (ROOT / "README.md").read_text("utf-8").partition("## How exact")[2]
    assert re.findall(r"(\d+) cases", exact) == [str(len(GOLDEN))] * 2
    shipped = [str(load()["symbol"].nunique()) for load in (load_ecb_fx, load_stocks)]
    for name in ("README.md", "docs/tutorial.md", "docs/commands.md"):
        text = (ROOT / name).read_text("utf-8")
        assert [*re.findall(r"(\d+) currencies and (\d+) stocks", text)] == [tuple(shipped)], name
