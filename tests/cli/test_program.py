"""The program: usage, help, completion, and readers that stop."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from support.commands import PROGRAM, atc_cy
from support.places import ROOT

from atc_cy.cli.options import SHARED
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


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (
            ("sweep", "USD", "--gird", "ema_len=10,20"),
            "atc-cy sweep: unrecognized arguments: --gird; did you mean --grid?",
        ),
        (("sweep", "USD", "--top", "3"), "atc-cy sweep: the following arguments are required: -g/--grid"),
        (
            ("compute", "USD", "--outputt=a.csv"),
            "atc-cy compute: unrecognized arguments: --outputt; did you mean --output?",
        ),
        (("scan", "--topp", "5"), "atc-cy scan: unrecognized arguments: --topp; did you mean --top?"),
        (
            ("scan", "--sine=2026-01-01", "--Resampel", "4h"),
            "atc-cy scan: unrecognized arguments: --sine=2026-01-01 --Resampel; did you mean --since or "
            "--resample?",
        ),
        (("watch", "--nonsense"), "atc-cy watch: unrecognized arguments: --nonsense"),
        (("presets", "default"), "atc-cy presets: unrecognized arguments: default"),
        (("watch", "--untill", "2026"), "atc-cy watch: unrecognized arguments: --untill"),
    ],
)
def test_an_option_that_is_mistyped(arguments: tuple[str, ...], problem: str) -> None:
    """The near options of this command are suggested, but not those that it refuses."""
    assert atc_cy(*arguments, code=2).stderr.splitlines()[0] == problem


def test_a_command_that_is_mistyped() -> None:
    assert "'scna'; did you mean 'scan'? known: bench, chart" in atc_cy("scna", code=2).stderr
    assert (
        "'csvv'; did you mean 'csv'? known: csv, json, table"
        in atc_cy(*("scan", "--format", "csvv"), code=2).stderr
    )


def titles(command: str) -> list[str]:
    """The titles of the groups of options in a command's help."""
    return re.findall(r"^(\w.*):$", atc_cy(command, "--help").stdout, re.MULTILINE)


def test_the_help_of_a_command_begins_with_what_everyone_needs() -> None:
    found = titles("scan")
    assert [title.partition(" (")[0] for title in found] == [
        "positional arguments",
        "options",
        "which symbols are shown, and in which order",
        "a page with a chart of each symbol, instead of the table",
        "time",
        "which bars are shown",
        "settings",
        "lengths and weights of the moving averages",
        "how FILE is read",
        "freqtrade's candles, instead of FILE",
        "candles of an exchange",
        "a dataset, as with 'atc-cy dataset'",
        "other options",
    ]
    text = atc_cy("scan", "--help").stdout
    assert text.startswith("usage: atc-cy scan [options] [FILE ...]\n\nShow ")
    assert atc_cy("sweep", "--help").stdout.startswith(
        "usage: atc-cy sweep [options] -g FIELD=VALUES [FILE ...]\n"
    )
    assert atc_cy("presets", "--help").stdout.startswith("usage: atc-cy presets [-h] ")


@pytest.mark.parametrize("command", ["scan", "chart", "sweep", "compute", "watch", "dataset", "fetch"])
def test_groups_that_commands_share_come_last_and_in_one_order(command: str) -> None:
    shared = [title for title in titles(command) if title in SHARED]
    assert shared == [title for title in SHARED if title in shared]
    assert titles(command)[-len(shared) :] == shared


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
        ("watch - -o {0}/events <&-", 1, "standard input: it is empty"),
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
