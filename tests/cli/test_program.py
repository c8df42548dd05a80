"""The program: usage, help, completion, and readers that stop."""

import subprocess

import pytest
from support.commands import PROGRAM, atc_cy
from support.places import ROOT


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
