"""The program: usage, help, completion, and readers that stop."""

import os
import subprocess
from pathlib import Path

import pytest
from support.commands import PROGRAM, atc_cy
from support.places import ROOT

from atc_cy.files import prices


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "required"),
        (["scan", "--preset", "defualt"], "there is no preset 'defualt'; did you mean 'default'"),
        (["scan", "--top", "0"], "'0' must be a whole number above 0"),
        (["scan", "--min-signal", "2"], "'2' must be a number from 0 to 1"),
        (["scan", "--format", "xml"], "invalid choice"),
        (["compute"], "required"),
        (["scam"], "invalid choice"),
    ],
)
def test_usage(arguments: list[str], words: str) -> None:
    done = atc_cy(*arguments, code=2)
    assert words in done.stderr


@pytest.mark.parametrize(
    "command",
    [
        *("scan", "compute", "sweep", "watch", "fetch", "presets", "hot", "preset", "bench", "doctor"),
        *("datasets", "completion", "chart"),
    ],
)
def test_help_has_an_example(command: str) -> None:
    assert f"Example: atc-cy {command}" in atc_cy(command, "--help").stdout


def test_completion() -> None:
    def completed(*words: str) -> list[str]:
        script = f"""
            source <({PROGRAM} completion bash)
            COMP_WORDS=(atc-cy {" ".join(words)}) COMP_CWORD={len(words)}
            _shtab_atc_cy && printf '%s\n' "${{COMPREPLY[@]}}"
        """
        done = subprocess.run(["bash", "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
        return done.stdout.split()

    assert completed("sc") == ["scan"]
    assert "--min-signal" in completed("scan", "--m")
    assert completed("scan", "--preset", "ka") == ["kama_only"]
    assert completed("compute", "READ") == ["README.md"]


def test_a_reader_that_stops() -> None:
    command = f"{PROGRAM} scan --max-age any --format csv | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("symbol,")
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("scan", "--top", "x"), "atc-cy scan: argument --top: "),
        (("watch", "--nonsense"), "atc-cy watch: unrecognized arguments: --nonsense"),
        (("preset", "build", "--nonsense"), "atc-cy preset build: "),
        ((), "atc-cy: the following arguments are required: COMMAND"),
    ],
)
def test_wrong_arguments_are_two_lines(arguments: tuple[str, ...], words: str) -> None:
    """What is wrong, and where the help is; the whole usage was before it."""
    done = atc_cy(*arguments, code=2)
    problem, remedy = done.stderr.splitlines()
    assert problem.startswith(words)
    assert remedy == f"see {words.partition(':')[0]} --help"
    assert done.stdout == ""


@pytest.mark.skipif(os.name == "nt", reason="a POSIX shell closes the streams")
@pytest.mark.parametrize(
    ("command", "code", "words"),
    [
        ("scan USD >&-", 1, "standard output: it is closed"),
        ("datasets USD >&-", 1, "standard output: it is closed"),
        ("--help >&-", 1, "standard output: it is closed"),
        ("datasets USD -o {0}/usd.csv >&-", 0, ""),
        ("watch - -o {0}/events <&-", 1, "standard input: there is no line"),
        ("compute - -o - <&-", 1, "standard input: line 1: there is no header"),
        ("scan nothing.csv 2>&-", 1, ""),
        ("scan nothing.csv <&- >&- 2>&-", 1, ""),
    ],
)
def test_a_process_without_a_standard_stream(command: str, code: int, words: str, tmp_path: Path) -> None:
    script = f"{PROGRAM} {command.format(tmp_path)}"
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == code, done.stderr
    assert len(done.stderr.splitlines()) == bool(words)
    assert words in done.stderr


UNREAD = ("compute", "nothing.csv", "-o", "-")


def test_debug_shows_where_an_error_comes_from() -> None:
    for arguments in (["--debug", *UNREAD], [*UNREAD, "--debug"]):
        first, *_, last = atc_cy(*arguments, code=1).stderr.splitlines()
        assert first.startswith("Traceback")
        assert last == "atc-cy: nothing.csv: no such file or directory"
    assert len(atc_cy(*UNREAD, code=1).stderr.splitlines()) == 1


def test_too_little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def much(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(prices, "read_price_file", much)
    assert atc_cy("scan", "README.md", code=1).stderr.startswith("atc-cy: there is too little memory")
