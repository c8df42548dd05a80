"""What is not on every system is not needed: the package runs by Windows' rules, as far as Linux has them.

`tests/support/windows/sitecustomize.py` takes away what Windows does not have, and refuses what it refuses.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.places import ROOT
from support.wheels import PACKAGE

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(sys.platform != "linux", reason="the rules need Linux' folder /proc"),
]

RULES = ROOT / "tests" / "support" / "windows"


def run(arguments: list[object], folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run Python by Windows' rules."""
    path = os.pathsep.join([str(RULES), str(PACKAGE.parent)])
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_rules_are_those_of_windows(tmp_path: Path) -> None:
    script = """
import os, select, signal
for module in ("fcntl", "resource", "pwd", "termios"):
    try:
        __import__(module)
    except ModuleNotFoundError:
        continue
    print(module)
print(*(name for name in ("fork", "register_at_fork", "sched_getaffinity", "pread") if hasattr(os, name)))
print(hasattr(signal, "SIGHUP"))
def refused(act, *arguments):
    try:
        act(*arguments)
    except OSError as error:
        return type(error).__name__
    return "is done"
open("c", "w").close()
with open("a", "w") as a, open("b", "w") as b:
    print(refused(os.replace, "a", "b"), refused(os.remove, "b"), refused(select.select, [a], [], [], 0))
    print(refused(os.fsync, os.open(".", os.O_RDONLY)), refused(os.fsync, os.open("c", os.O_RDONLY)))
print(refused(os.replace, "a", "b"), refused(os.remove, "b"))
"""
    done = run(["-c", script], tmp_path)
    assert done.stdout.split("\n") == [
        "",
        "False",
        "PermissionError PermissionError OSError",
        "PermissionError OSError",
        "is done is done",
        "",
    ], done.stderr


ACTS = {
    "import": "import atc_cy, atc_cy.dataset, atc_cy.hotpaths, atc_cy.watch",
    "scan": "import atc_cy; print(atc_cy.scan({'a': PRICES, 'b': PRICES}, outputs='last').shape)",
    "sweep": "import atc_cy; print(len(atc_cy.sweep(PRICES, {'La': [0.0, 0.02]}).columns))",
    "stream": """
import atc_cy
stream = atc_cy.Stream()
stream.extend(PRICES)
for _ in range(2):  # the second time the file exists already
    stream.save("state")
assert atc_cy.Stream.load("state").to_bytes() == stream.to_bytes()
""",
    "record": """
import atc_cy, atc_cy.hotpaths
for _ in range(2):
    with atc_cy.hotpaths.record("usage.jsonl"):
        atc_cy.compute_atc_signals(PRICES)
assert sum(usage.calls for usage in atc_cy.hotpaths.read("usage.jsonl")) == 2
""",
    "dataset": """
import atc_cy.dataset
for _ in range(2):
    report = atc_cy.dataset.scan("prices.csv", "signals", update=True)
    assert (report.rows, report.failures) == (500, ())
""",
    "compute": """
from atc_cy.cli import main
for _ in range(2):
    assert main(["compute", "prices.csv", "-o", "signals.csv"]) == 0
assert open("signals.csv", "rb").read().count(b"\\n") == 501
""",
    "watch": """
from atc_cy.cli import main
for _ in range(2):
    assert main(["watch", "prices.csv", "--state", "state", "-o", "events.jsonl"]) == 0
import os
assert sorted(os.listdir()) == ["events.jsonl", "prices.csv", "state"]
""",
    "chart": """
import sys
from atc_cy.cli import main
assert main(["chart", "prices.csv", "-o", "chart.html"]) == 0
""",
}  # fmt: skip


def test_nothing_of_posix_is_needed(tmp_path: Path) -> None:
    """One process runs every script of `ACTS`, each in its own folder."""
    script = "import math, os; PRICES = [100 + 10 * math.sin(bar / 9) for bar in range(500)]\n"
    days = "\n".join(f"{1_600_000_000 + 86_400 * bar},{100 + bar % 13}" for bar in range(500))
    for act, text in ACTS.items():
        (tmp_path / act).mkdir()
        (tmp_path / act / "prices.csv").write_bytes(f"date,close\n{days}\n".encode())
        script += f"os.chdir({str(tmp_path / act)!r})\n{text}\nprint({act!r}, 'is done')\n"
    done = run(["-c", script], tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


FILES = ("alert_queue", "operations", "watch_follow", "watch_torn")
"""Tests of files that a watch follows, replaces and keeps open."""
WATCHES = (
    *("a_command_comes_to_its_end_after_ctrl_c", "a_command_for_each_event", "a_command_that_does_not_end"),
    *("a_damaged_state", "a_file_that_grows", "a_live_feed_that_is_not_given_again", "a_reader_that_stops"),
    *("a_wait_ends_with_a_signal", "an_output_is_added_to", "an_output_that_became_shorter"),
    *("ctrl_c_is_heard_while_nothing_comes", "files_that_are_in_use", "json_lines_as_they_come"),
)
"""Those of test_watch.py that meet files, processes and signals of the system. The others are about rows."""


def test_the_tests_of_watch_pass() -> None:
    """The same tests; where they rotate a feed they do as programs do on Windows."""
    tests = [f"tests/watch/test_{name}.py" for name in FILES]
    tests += [f"tests/watch/test_watch.py::test_{name}" for name in WATCHES]
    done = run(["-P", "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests], ROOT)
    assert done.returncode == 0, done.stdout[-4000:]
    assert "passed" in done.stdout
