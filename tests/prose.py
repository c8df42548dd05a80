"""Whether pages, docstrings and messages are in plain words: proselint's checks, and this project's own list.

python tests/prose.py                           all of them
python tests/prose.py docs/scan.md atc_cy/cli   some pages, modules or folders

`tests/prose.toml` is the list: phrases with what to write in their place, and the checks of proselint that
are off here. The script prints each finding as file:line, the phrase and the remedy; the exit code is 1 if
there is one. It does not read code: blocks and `names` of a page, and strings of fewer than three words.
tests/test_style.py runs the same on each file.
"""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path

from proselint import checks as proselint_checks
from proselint.config import DEFAULT
from proselint.registry.checks import Check, CheckFlags, types
from proselint.tools import LintFile

ROOT = Path(__file__).parents[1]
LIST = Path(__file__).with_suffix(".toml")
CODE = re.compile(
    r"^(?P<fence>`{3,})[^\n]*\n.*?^(?P=fence)$"
    r"|`+[^`]+`+|^ *>>> [^\n]*$"
    r"|\]\([^)]*\)|https?://\S+|<[^>\n]*>"
    r"|^ +\w+(?:, \w+)*$",
    re.MULTILINE | re.DOTALL,
)
"""Blocks, names, examples of docstrings, addresses, tags, and the lines of parameters."""


def files() -> list[Path]:
    """Pages, and the modules of the package and of the documentation."""
    folders = (ROOT.glob("*.md"), (ROOT / "docs").rglob("*.md"), (ROOT / "docs").glob("*.py"))
    return sorted(chain(*folders, (ROOT / "atc_cy").rglob("*.py")))


@cache
def checks() -> list[Check]:
    """One of this project's phrases, and those of proselint that are on."""
    known = tomllib.loads(LIST.read_text("utf-8"))
    phrases = {phrase.replace(" ", r"\s+"): remedy for phrase, remedy in known["instead"].items()}
    one = Check(
        check_type=types.PreferredForms(phrases),
        path=LIST.name,
        message="'{1}': write {0}",
        flags=CheckFlags(allow_quotes=True),
    )
    usual = (check for check in proselint_checks.__register__ if DEFAULT["checks"][check.path.split(".")[0]])
    return [one, *(check for check in usual if not check.path.startswith(tuple(known["off"])))]


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """The prose of a file, each part with its first line."""
    source = path.read_text("utf-8")
    if path.suffix == ".md":
        yield 1, source
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value.split()) >= 3:
            yield node.lineno, node.value


def findings(text: str) -> Iterator[tuple[int, str]]:
    """The line and the remark of what a text should not say."""
    prose = CODE.sub(lambda found: "`code`" + "\n" * found[0].count("\n"), text)
    file = LintFile("text", prose)
    for check in checks():
        for found in check.check_with_flags(file.content):
            if check.flags.allow_quotes or not file.is_quoted_pos(found.span[0]):
                yield file.content.count("\n", 0, found.span[0]), f"{found.check_path}: {found.message}"


def findings_of(path: Path) -> list[str]:
    """What a file should not say, line by line."""
    found = {(first + line - 1, said) for first, text in texts(path) for line, said in findings(text)}
    return [f"{path.relative_to(ROOT)}:{line}: {' '.join(said.split())}" for line, said in sorted(found)]


def main() -> int:
    """Read the files that are named, or all."""
    named = [Path(name).resolve() for name in sys.argv[1:]] or [ROOT]
    chosen = [path for path in files() if any(path.is_relative_to(name) for name in named)]
    found = [line for path in chosen for line in findings_of(path)]
    print(*found, f"{len(chosen)} files, {len(found)} findings", sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
