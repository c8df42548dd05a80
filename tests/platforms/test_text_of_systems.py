"""Text leaves the program the same on every system, and no terminal's encoding can end a command."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.commands import atc_cy
from support.wheels import PACKAGE

from atc_cy.cli.values import _words

pytestmark = pytest.mark.long

SYMBOL = "ÄÖ€…·"


@pytest.fixture
def prices(tmp_path: Path) -> Path:
    """A file of two symbols, one of which no code page has."""
    rows = [
        f"{name},{1_600_000_000 + 86_400 * bar},{100 + bar % 7}"
        for name in ("A", SYMBOL)
        for bar in range(99)
    ]
    path = tmp_path / "prices.csv"
    path.write_bytes(("symbol,date,close\n" + "\n".join(rows) + "\n").encode())
    return path


def run(arguments: list[object], **environment: str) -> "subprocess.CompletedProcess[bytes]":
    command = [sys.executable, "-P", "-m", "atc_cy", *map(str, arguments)]
    return subprocess.run(command, env=os.environ | environment, capture_output=True, check=False)


COMMANDS = [
    ["scan"],
    ["scan", "--format", "csv"],
    ["scan", "--format", "json"],
    ["compute", "-o", "-"],
    ["sweep", "-g", "La=0,0.02"],
    ["watch"],
]


@pytest.mark.parametrize(
    ("encoding", "command"), [*zip(["ascii", "cp1252", "cp437"] * 2, COMMANDS, strict=True)]
)
def test_a_terminal_that_lacks_characters(encoding: str, command: list[str], prices: Path) -> None:
    done = run([*command, prices], PYTHONIOENCODING=encoding)
    assert done.returncode == 0, done.stderr
    assert b"codec" not in done.stderr


def test_errors_on_such_a_terminal(prices: Path) -> None:
    done = run(["compute", prices.with_name(f"{SYMBOL}.csv"), "-o", "-"], PYTHONIOENCODING="ascii")
    assert done.returncode == 1
    assert b"\\xc4\\xd6\\u20ac\\u2026\\xb7.csv" in done.stderr


def test_a_character_is_shown_as_an_escape(prices: Path) -> None:
    table = run(["scan", prices], PYTHONIOENCODING="ascii").stdout
    assert b"\\xc4\\xd6\\u20ac\\u2026\\xb7" in table


@pytest.mark.parametrize("command", [["scan", "--format", "csv"], ["compute", "-o", "-"]], ids=" ".join)
def test_what_is_redirected_is_utf_8(command: list[str], prices: Path) -> None:
    """The commands read nothing else."""
    usual = run([*command, prices])
    plain = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    done = run([*command, prices], **plain)
    assert done.returncode == 0, done.stderr
    assert done.stdout == usual.stdout
    assert SYMBOL.encode() in done.stdout
    assert b"\r" not in done.stdout


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_files_that_are_written_have_the_same_bytes(
    suffix: str, prices: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from atc_cy.cli import main

    here, there = prices.with_name(f"here{suffix}"), prices.with_name(f"there{suffix}")
    assert main(["compute", str(prices), "-o", str(here)]) == 0
    monkeypatch.setattr(os, "linesep", "\r\n")  # as on Windows; pandas looks there
    assert main(["compute", str(prices), "-o", str(there)]) == 0
    assert here.read_bytes() == there.read_bytes()


def test_no_file_is_opened_with_the_system_s_encoding(prices: Path, tmp_path: Path) -> None:
    """Python warns of each that is; one process runs all commands."""
    usage, preset = tmp_path / "usage.jsonl", tmp_path / "mine.toml"
    commands: list[list[object]] = [
        ["scan", prices, "--record", usage],
        ["compute", prices, "-o", tmp_path / "out.csv"],
        ["compute", prices, "-o", tmp_path / "out.jsonl"],
        ["sweep", prices, "-g", "La=0,0.02", "--results", tmp_path / "results.jsonl"],
        ["watch", prices, "--state", tmp_path / "state", "-o", tmp_path / "events"],
        ["hot", usage, "--write", tmp_path],
        ["preset", "new", "mine", "--types", "EMA", "--length", "33", "-o", tmp_path],
        ["preset", "check", preset],
        ["datasets", "USD", "-o", tmp_path / "USD.csv"],
        ["dataset", tmp_path / "USD.csv", "--out", tmp_path / "signals"],
        ["chart", "USD", "-o", tmp_path / "chart.html"],
        ["presets"],
        ["doctor"],
    ]
    script = """
import ast, sys
from atc_cy.cli import main
codes = [main(words) for words in ast.literal_eval(sys.argv[1])]
raise SystemExit(None if {*codes} <= {0, 3} else f"exit codes: {codes}")
"""
    warned = ["-X", "warn_default_encoding", "-W", "always::EncodingWarning"]
    texts = [[*map(str, command)] for command in commands]
    done = subprocess.run(
        [sys.executable, "-P", *warned, "-c", script, repr(texts)], capture_output=True, check=False
    )
    lines = done.stderr.decode().splitlines()
    assert [line for line in lines if "EncodingWarning" in line and str(PACKAGE) in line] == []
    assert done.returncode == 0, lines


def test_names_of_devices_are_no_presets(tmp_path: Path) -> None:
    for name in ("con", "aux", "nul", "prn", "com1", "lpt9"):
        done = atc_cy("preset", "new", name, "-o", tmp_path, code=1)
        assert f"{name!r} cannot name a preset: Windows keeps this name for a device" in done.stderr
    assert list(tmp_path.iterdir()) == []
    atc_cy("preset", "new", "con1", "--types", "EMA", "-o", tmp_path)


def test_a_command_on_windows_keeps_its_backslashes() -> None:
    text = r"""C:\tools\notify.exe "C:\My Files\a.txt" 'x y'"""
    assert _words(text, "\\") == [r"C:\tools\notify.exe", r"C:\My Files\a.txt", "x y"]
    assert _words("a 'b c' d\\ e #f", "/") == ["a", "b c", "d e", "#f"]
